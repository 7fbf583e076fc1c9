/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of groups, the reading of their properties and signals, and the waits for the end of a
 * run: these hold no call of the bus, but are kept here until the signal Finished comes. */

#include "crew.h"

#include <string.h>

#include "deadline.h"
#include "enums-internal.h"
#include "error-internal.h"
#include "group-internal.h"

/* More than a run of the largest group has. */
#define EVENTS_MAX 4096

static const struct {
        const char *name;
        const char *type;
        GroupProperty property;
} fact_table[] = {
        {"Name", "s", GROUP_PROP_NAME},
        {"Owner", "u", GROUP_PROP_OWNER},
        {"OnMemberFailure", "s", GROUP_PROP_ON_MEMBER_FAILURE},
        {"MaxParallel", "u", GROUP_PROP_MAX_PARALLEL},
        {"KeyMember", "s", GROUP_PROP_KEY_MEMBER},
        {"Members", "as", GROUP_PROP_MEMBERS},
        {"NRunning", "u", GROUP_PROP_N_RUNNING},
        {"State", "s", GROUP_PROP_STATE},
        {"Result", "s", GROUP_PROP_RESULT},
        {"ExitCode", "i", GROUP_PROP_EXIT_CODE},
        {"FailedMember", "s", GROUP_PROP_FAILED_MEMBER},
};

#define BIT(property) (G_GUINT64_CONSTANT(1) << (property))

void crew_event_free(gpointer data) {
        CrewEvent *event = data;

        g_free(event->member);
        g_free(event->error);
        g_clear_pointer(&event->members, g_variant_unref);
        g_free(event);
}

void crew_answer_free(gpointer data) {
        CrewAnswer *answer = data;

        g_variant_unref(answer->members);
        g_free(answer);
}

Crew *crew_ref(Crew *crew) {
        g_atomic_ref_count_inc(&crew->n_ref);
        return crew;
}

void crew_unref(gpointer data) {
        Crew *crew = data;

        if (!crew || !g_atomic_ref_count_dec(&crew->n_ref))
                return;
        for (guint id = 0; id < _GROUP_PROP_MAX; id++)
                g_clear_pointer(&crew->facts[id], g_variant_unref);
        g_queue_clear_full(&crew->events, crew_event_free);
        g_clear_pointer(&crew->emitter, g_source_unref);
        g_weak_ref_clear(&crew->object);
        g_free(crew->name);
        g_free(crew->key_member);
        g_free(crew->path);
        link_unref(crew->link);
        g_free(crew);
}

gboolean crew_parse_path(const char *path, guint64 *ret_id) {
        const char *number;

        if (!g_str_has_prefix(path, PROCTOR_GROUP_PATH_PREFIX))
                return FALSE;
        number = path + strlen(PROCTOR_GROUP_PATH_PREFIX);
        return g_ascii_isdigit(*number) && (*number != '0' || !number[1]) &&
               g_ascii_string_to_unsigned(number, 10, 0, G_MAXUINT64, ret_id, NULL);
}

Crew *crew_find(Link *link, const char *path) {
        Crew *crew = path ? g_hash_table_lookup(link->crews, path) : NULL;

        return crew && !crew->lost ? crew : NULL;
}

Crew *crew_new(Link *link, const char *path) {
        Crew *crew = g_new0(Crew, 1);
        Crew *other = g_hash_table_lookup(link->crews, path);

        if (other)
                other->gone = other->gone || other->lost;
        g_atomic_ref_count_init(&crew->n_ref);
        crew->link = link_ref(link);
        crew->path = g_strdup(path);
        crew->service = link->owner;
        crew_parse_path(path, &crew->id);
        g_weak_ref_init(&crew->object, NULL);
        g_hash_table_replace(link->crews, crew->path, crew);
        return crew;
}

void crew_leave(Crew *crew) {
        link_lock(crew->link);
        if (g_hash_table_lookup(crew->link->crews, crew->path) == crew)
                g_hash_table_remove(crew->link->crews, crew->path);
        if (crew->emitter)
                g_source_destroy(crew->emitter);
        g_clear_pointer(&crew->emitter, g_source_unref);
        link_unlock(crew->link);
}

static GError *crew_error_gone(void) {
        return g_error_new_literal(PROCTOR_ERROR, PROCTOR_ERROR_NO_SUCH_GROUP,
                                   "There is no such group any more");
}

/* An object that is not there is told of a group here, and not of a process. */
gpointer crew_on_error(Call *call, GError **error) {
        if (g_error_matches(*error, PROCTOR_ERROR, PROCTOR_ERROR_NO_SUCH_PROCESS)) {
                g_clear_error(error);
                *error = crew_error_gone();
        }
        return NULL;
}

void crew_guard(Crew *crew, Call *call) {
        link_lock(crew->link);
        if (crew->lost)
                call->failure = crew->gone ? crew_error_gone() : error_disconnected();
        link_unlock(crew->link);
        call->on_error = crew_on_error;
}

Call *crew_call(ProctorManager *manager, CallKind kind, Crew *crew, const char *interface,
                const char *method, GVariant *parameters, const char *reply_type,
                CallHandler handler) {
        link_lock(crew->link);
        const char *service = crew->service;
        link_unlock(crew->link);

        Call *call = call_new(manager, kind, service, crew->path, interface, method, parameters,
                              reply_type ? G_VARIANT_TYPE(reply_type) : NULL, handler);
        crew_guard(crew, call);
        return call;
}

/* properties and signals */

static gboolean crew_emit(gpointer data) {
        Crew *crew = data;

        link_lock(crew->link);
        GQueue events = crew->events;
        guint64 changed = crew->changed;
        g_queue_init(&crew->events);
        crew->changed = 0;
        g_clear_pointer(&crew->emitter, g_source_unref);
        link_unlock(crew->link);

        g_autoptr(ProctorGroup) group = g_weak_ref_get(&crew->object);
        if (group)
                group_notify(group, changed);
        for (CrewEvent *event; (event = g_queue_pop_head(&events));) {
                if (group)
                        group_emit(group, event);
                crew_event_free(event);
        }
        return G_SOURCE_REMOVE;
}

static void crew_schedule(Crew *crew) {
        if (crew->emitter)
                return;
        crew->emitter = g_idle_source_new();
        g_source_set_priority(crew->emitter, G_PRIORITY_DEFAULT);
        g_source_set_static_name(crew->emitter, "[proctor] group");
        g_source_set_callback(crew->emitter, crew_emit, crew_ref(crew), crew_unref);
        g_source_attach(crew->emitter, crew->link->context);
}

static void crew_set_fact(Crew *crew, GroupProperty property, GVariant *value) {
        GVariant *old = crew->facts[property];

        if (old && g_variant_equal(old, value))
                return;
        g_clear_pointer(&crew->facts[property], g_variant_unref);
        crew->facts[property] = g_variant_ref_sink(value);
        crew->changed |= BIT(property);
        if (property == GROUP_PROP_NAME && !crew->name)
                crew->name = g_variant_dup_string(value, NULL);
        if (property == GROUP_PROP_KEY_MEMBER && !crew->key_member)
                crew->key_member = g_variant_dup_string(value, NULL);
        crew_schedule(crew);
}

void crew_apply(Crew *crew, GVariant *properties) {
        for (guint row = 0; row < G_N_ELEMENTS(fact_table); row++) {
                g_autoptr(GVariant) value = g_variant_lookup_value(
                        properties, fact_table[row].name, G_VARIANT_TYPE(fact_table[row].type));

                if (value)
                        crew_set_fact(crew, fact_table[row].property, value);
        }
}

static void crew_push(Crew *crew, CrewEvent *event) {
        g_queue_push_tail(&crew->events, event);
        if (crew->events.length > EVENTS_MAX)
                crew_event_free(g_queue_pop_head(&crew->events));
        crew_schedule(crew);
}

static void crew_take_finished(Crew *crew, GVariant *body) {
        CrewEvent *event = g_new0(CrewEvent, 1);

        event->members = g_variant_get_child_value(body, 0);
        while (crew->waits) {
                Call *call = crew->waits->data;
                CrewAnswer *answer = g_new0(CrewAnswer, 1);

                answer->members = g_variant_ref(event->members);
                answer->complete = TRUE;
                crew_unpark(crew, call);
                call_settle_locked(call, answer, NULL);
                outcome_unref(call);
        }
        crew_push(crew, event);
}

static void crew_take_member(Crew *crew, const char *member, GVariant *body) {
        CrewEvent *event = g_new0(CrewEvent, 1);

        if (g_str_equal(member, "MemberExited")) {
                const char *result;

                g_variant_get(body, "(si&s)", &event->member, &event->exit_code, &result);
                event->result = result_from_word(result);
        } else {
                event->failed = TRUE;
                g_variant_get(body, "(ss)", &event->member, &event->error);
        }
        crew_push(crew, event);
}

void crew_take_signal(Link *link, const char *path, const char *member, GVariant *body) {
        static const char *const types[][2] = {
                {"MemberExited", "(sis)"}, {"MemberFailed", "(ss)"}, {"Finished", "(a{s(is)})"}};
        Crew *crew = crew_find(link, path);

        for (guint i = 0; crew && i < G_N_ELEMENTS(types); i++) {
                if (!g_str_equal(member, types[i][0]) ||
                    !g_variant_is_of_type(body, G_VARIANT_TYPE(types[i][1])))
                        continue;
                if (g_str_equal(member, "Finished"))
                        crew_take_finished(crew, body);
                else
                        crew_take_member(crew, member, body);
                return;
        }
}

/* waits */

gboolean crew_unpark(Crew *crew, Call *call) {
        GSList *node = g_slist_find(crew->waits, call);

        if (!node)
                return FALSE;
        crew->waits = g_slist_delete_link(crew->waits, node);
        if (call->timer)
                g_source_destroy(call->timer);
        g_clear_pointer(&call->timer, g_source_unref);
        link_release_subscription(crew->link);
        return TRUE;
}

gpointer crew_park(Crew *crew, Call *call, gint64 deadline, GSourceFunc late) {
        link_lock(crew->link);
        /* Nobody listens any more, or nothing more will be heard: then the call settles itself. */
        gboolean parked = !call->outcome.settled && !crew->lost && !crew->link->closed;
        if (parked) {
                crew->waits = g_slist_prepend(crew->waits, outcome_ref(&call->outcome));
                link_hold_subscription(crew->link);
                if (deadline != G_MAXINT64) {
                        call->timer = deadline_source_new(deadline);
                        g_source_set_callback(call->timer, late, outcome_ref(&call->outcome),
                                              outcome_unref);
                        g_source_attach(call->timer, crew->link->worker);
                }
        }
        link_unlock(crew->link);
        return parked ? CALL_GOES_ON : NULL;
}

static void crew_fail_waits(Crew *crew, GError *(*error)(void)) {
        while (crew->waits) {
                Call *call = crew->waits->data;

                crew_unpark(crew, call);
                call_settle_locked(call, NULL, error());
                outcome_unref(call);
        }
}

/* A run that was ended by the end of the group has told so before. */
void crew_take_removed(Crew *crew) {
        crew_fail_waits(crew, crew_error_gone);
}

/* when the service goes */

void crew_lose_all(Link *link) {
        GHashTableIter iter;
        gpointer each;

        g_hash_table_iter_init(&iter, link->crews);
        while (g_hash_table_iter_next(&iter, NULL, &each)) {
                Crew *crew = each;

                crew->lost = TRUE;
                crew_fail_waits(crew, error_disconnected);
        }
}

gboolean crew_any_lost(Link *link) {
        GHashTableIter iter;
        gpointer each;

        g_hash_table_iter_init(&iter, link->crews);
        while (g_hash_table_iter_next(&iter, NULL, &each))
                if (((Crew *)each)->lost && !((Crew *)each)->gone)
                        return TRUE;
        return FALSE;
}

void crew_reunite(Link *link, const char *path, GVariant *properties) {
        Crew *crew = g_hash_table_lookup(link->crews, path);
        const char *name = NULL;

        g_variant_lookup(properties, "Name", "&s", &name);
        if (!crew || !crew->lost || crew->gone || g_strcmp0(name, crew->name) != 0)
                return;
        crew->lost = FALSE;
        crew->service = link->owner;
        crew_apply(crew, properties);
}

void crew_forget_lost(Link *link) {
        GHashTableIter iter;
        gpointer each;

        g_hash_table_iter_init(&iter, link->crews);
        while (g_hash_table_iter_next(&iter, NULL, &each)) {
                Crew *crew = each;

                if (!crew->lost || crew->gone)
                        continue;
                crew->gone = TRUE;
                if (group_state(crew) != PROCTOR_GROUP_STATE_RUNNING)
                        continue;
                crew_set_fact(crew, GROUP_PROP_STATE, g_variant_new_string("finished"));
                crew_set_fact(crew, GROUP_PROP_RESULT, g_variant_new_string("lost"));
        }
}
