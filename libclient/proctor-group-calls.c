/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be done with a group, and how a manager comes to one. A wait for the end of a run looks
 * once, and is then kept until the group tells that the run has ended: so any number of them leave
 * room for other calls. */

#include <proctor/proctor-group-calls.h>
#include <proctor/proctor-manager-groups.h>

#include "config-internal.h"
#include "deadline.h"
#include "error-internal.h"
#include "group-internal.h"
#include "manager-internal.h"
#include "triple.h"

#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"

static Call *group_call(ProctorGroup *self, CallKind kind, const char *method, GVariant *parameters,
                        const char *reply_type, CallHandler handler) {
        Crew *crew = group_get_crew(self);
        Call *call = crew_call(proctor_group_get_manager(self), kind, crew, PROCTOR_GROUP_INTERFACE,
                               method, parameters, reply_type, handler);

        call_set_data(call, crew_ref(crew), crew_unref);
        return call;
}

#define DEFINE_GROUP_TRIPLE(name, Result, expression, ...)                                         \
        DEFINE_TRIPLE(ProctorGroup, PROCTOR_IS_GROUP, proctor_group, name, Result,                 \
                      expression __VA_OPT__(, ) __VA_ARGS__)

/* What is no UTF-8 is no name and no signal either; the service says so. */
static GVariant *group_text(const char *text) {
        g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);

        return g_variant_new("(s)", valid);
}

/* plans */

static Call *group_add_call(ProctorGroup *self, const char *member, ProctorProcessConfig *config,
                            GError **error) {
        g_autoptr(GUnixFDList) fds = g_unix_fd_list_new();
        g_autofree char *valid = g_utf8_make_valid(member ? member : "", -1);
        const char *const *command = proctor_process_config_get_command(config);
        GVariant *options = process_config_options(config, fds, -1, error);

        if (!options)
                return NULL;

        Call *call = group_call(self, CALL_SHORT, "AddProcess",
                                g_variant_new("(s^as@a{sv})", valid, command, options), NULL,
                                call_ok);
        call_set_fd_list(call, fds);
        return call;
}

DEFINE_GROUP_TRIPLE(add_process, gboolean, group_add_call(self, member, config, &failure),
                    const char *member, ProctorProcessConfig *config)
DEFINE_GROUP_TRIPLE(remove_process, gboolean,
                    group_call(self, CALL_SHORT, "RemoveProcess", group_text(member), NULL,
                               call_ok),
                    const char *member)

/* start_all */

typedef struct Started {
        GVariant *started;
        GVariant *failed;
} Started;

static void started_free(gpointer data) {
        Started *started = data;

        g_variant_unref(started->started);
        g_variant_unref(started->failed);
        g_free(started);
}

static gpointer group_started(Call *call, GVariant *body, GError **error) {
        Started *started = g_new0(Started, 1);

        started->started = g_variant_get_child_value(body, 0);
        started->failed = g_variant_get_child_value(body, 1);
        return started;
}

static Call *group_start_call(ProctorGroup *self) {
        Call *call = group_call(self, CALL_HELD, "StartAll", NULL, "(a{s(ou)}a{ss})",
                                group_started);

        call->outcome.free_result = started_free;
        return call;
}

static gboolean group_take_started(gpointer answer, GVariant **ret_started, GVariant **ret_failed) {
        Started *started = answer;

        if (!started)
                return FALSE;
        if (ret_started)
                *ret_started = g_variant_ref(started->started);
        if (ret_failed)
                *ret_failed = g_variant_ref(started->failed);
        started_free(started);
        return TRUE;
}

gboolean proctor_group_start_all(ProctorGroup *self, GVariant **started, GVariant **failed,
                                 GCancellable *cancellable, GError **error) {
        g_return_val_if_fail(PROCTOR_IS_GROUP(self), FALSE);

        return group_take_started(call_run(group_start_call(self), cancellable, error), started,
                                  failed);
}

void proctor_group_start_all_async(ProctorGroup *self, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data) {
        g_return_if_fail(PROCTOR_IS_GROUP(self));

        call_run_async(group_start_call(self), self, proctor_group_start_all_async, cancellable,
                       callback, user_data);
}

gboolean proctor_group_start_all_finish(ProctorGroup *self, GAsyncResult *result,
                                        GVariant **started, GVariant **failed, GError **error) {
        return group_take_started(call_finish(self, proctor_group_start_all_async, result, error),
                                  started, failed);
}

/* calls that answer with a dictionary, which goes on as it is */

static gpointer group_dictionary(Call *call, GVariant *body, GError **error) {
        return g_variant_get_child_value(body, 0);
}

static Call *group_dictionary_call(ProctorGroup *self, CallKind kind, const char *method,
                                   GVariant *parameters, const char *reply_type) {
        Call *call = group_call(self, kind, method, parameters, reply_type, group_dictionary);

        call->outcome.free_result = (GDestroyNotify)g_variant_unref;
        return call;
}

DEFINE_GROUP_TRIPLE(stop_all, VariantPointer,
                    group_dictionary_call(self, CALL_HELD, "StopAll",
                                          g_variant_new("(b)", mode == PROCTOR_STOP_MODE_FORCE),
                                          "(a{s(is)})"),
                    ProctorStopMode mode)
DEFINE_GROUP_TRIPLE(send_signal, VariantPointer,
                    group_dictionary_call(self, CALL_SHORT, "SendSignal", group_text(signal_name),
                                          "(a{sb})"),
                    const char *signal_name)
DEFINE_GROUP_TRIPLE(get_status, VariantPointer,
                    group_dictionary_call(self, CALL_SHORT, "GetStatus", NULL, "(a{sa{sv}})"))
DEFINE_GROUP_TRIPLE(shutdown, gboolean,
                    group_call(self, CALL_HELD, "Shutdown", NULL, NULL, call_ok))

static gpointer group_refreshed(Call *call, GVariant *body, GError **error) {
        g_autoptr(GVariant) all = g_variant_get_child_value(body, 0);

        link_lock(call->link);
        link_note_subscribed(call->link);
        crew_apply(call->data, all);
        link_unlock(call->link);
        return CALL_OK;
}

static Call *group_refresh_call(ProctorGroup *self) {
        Crew *crew = group_get_crew(self);
        Call *call = crew_call(
                proctor_group_get_manager(self), CALL_SHORT, crew, PROPERTIES_INTERFACE, "GetAll",
                g_variant_new("(s)", PROCTOR_GROUP_INTERFACE), "(a{sv})", group_refreshed);

        call_set_data(call, crew_ref(crew), crew_unref);
        return call;
}

DEFINE_GROUP_TRIPLE(refresh, gboolean, group_refresh_call(self))

/* wait_for_all */

typedef struct GroupWait {
        Crew *crew;
        gint64 deadline;
} GroupWait;

static void group_wait_free(gpointer data) {
        GroupWait *wait = data;

        crew_unref(wait->crew);
        g_free(wait);
}

static gpointer group_wait_answer(Call *call, GVariant *body, GError **error) {
        CrewAnswer *answer = g_new0(CrewAnswer, 1);

        g_variant_get(body, "(@a{s(is)}b)", &answer->members, &answer->complete);
        return answer;
}

static const char *group_wait_service(GroupWait *wait) {
        link_lock(wait->crew->link);
        const char *service = wait->crew->service;
        link_unlock(wait->crew->link);
        return service;
}

/* The time is over: what has finished by now is the answer. */
static gboolean group_wait_late(gpointer data) {
        Call *call = data;
        GroupWait *wait = call->data;

        link_lock(call->link);
        gboolean parked = crew_unpark(wait->crew, call);
        link_unlock(call->link);
        if (!parked)
                return G_SOURCE_REMOVE;
        call_resume(call, group_wait_service(wait), wait->crew->path, PROCTOR_GROUP_INTERFACE,
                    "WaitForAll", g_variant_new("(t)", (guint64)0), G_VARIANT_TYPE("(a{s(is)}b)"),
                    group_wait_answer);
        outcome_unref(call);
        return G_SOURCE_REMOVE;
}

static gpointer group_wait_looked(Call *call, GVariant *body, GError **error) {
        GroupWait *wait = call->data;
        gboolean complete;

        g_variant_get(body, "(@a{s(is)}b)", NULL, &complete);
        if (complete || wait->deadline <= g_get_monotonic_time())
                return group_wait_answer(call, body, error);

        gpointer kept = crew_park(wait->crew, call, wait->deadline, group_wait_late);
        if (!kept)
                g_propagate_error(error, error_disconnected());
        return kept;
}

static gpointer group_wait_subscribed(Call *call, GVariant *body, GError **error) {
        GroupWait *wait = call->data;

        link_lock(call->link);
        link_note_subscribed(call->link);
        link_unlock(call->link);
        return call_chain(call, group_wait_service(wait), wait->crew->path, PROCTOR_GROUP_INTERFACE,
                          "WaitForAll", g_variant_new("(t)", (guint64)0),
                          G_VARIANT_TYPE("(a{s(is)}b)"), group_wait_looked, error);
}

static void group_wait_withdrawn(Call *call) {
        GroupWait *wait = call->data;

        /* Never the last one: who withdraws it holds one, too. */
        if (crew_unpark(wait->crew, call))
                outcome_unref(call);
}

static Call *group_wait_call(ProctorGroup *self, guint64 timeout_usec) {
        Crew *crew = group_get_crew(self);
        GroupWait *wait = g_new0(GroupWait, 1);
        Call *call;

        link_lock(crew->link);
        gboolean subscribed = crew->link->subscription != 0;
        link_unlock(crew->link);
        /* Subscribed first, and then asked: nothing can fall between. */
        if (subscribed || timeout_usec == 0) {
                call = group_call(self, CALL_SHORT, "WaitForAll", g_variant_new("(t)", (guint64)0),
                                  "(a{s(is)}b)", group_wait_looked);
        } else {
                call = call_new(proctor_group_get_manager(self), CALL_SHORT, NULL,
                                PROCTOR_ROOT_PATH, PROCTOR_MANAGER_INTERFACE, "Subscribe", NULL,
                                NULL, group_wait_subscribed);
                crew_guard(crew, call);
        }
        g_clear_pointer(&call->data, crew_unref);
        wait->crew = crew_ref(crew);
        wait->deadline = deadline_after(timeout_usec);
        call->timeout_usec = PROCTOR_INFINITY;
        call->withdrawn = group_wait_withdrawn;
        call->outcome.free_result = crew_answer_free;
        call_set_data(call, wait, group_wait_free);
        return call;
}

static GVariant *group_take_answer(gpointer data, gboolean *ret_complete) {
        CrewAnswer *answer = data;

        if (!answer)
                return NULL;

        GVariant *members = g_variant_ref(answer->members);
        if (ret_complete)
                *ret_complete = answer->complete;
        crew_answer_free(answer);
        return members;
}

GVariant *proctor_group_wait_for_all(ProctorGroup *self, guint64 timeout_usec, gboolean *complete,
                                     GCancellable *cancellable, GError **error) {
        g_return_val_if_fail(PROCTOR_IS_GROUP(self), NULL);

        return group_take_answer(call_run(group_wait_call(self, timeout_usec), cancellable, error),
                                 complete);
}

void proctor_group_wait_for_all_async(ProctorGroup *self, guint64 timeout_usec,
                                      GCancellable *cancellable, GAsyncReadyCallback callback,
                                      gpointer user_data) {
        g_return_if_fail(PROCTOR_IS_GROUP(self));

        call_run_async(group_wait_call(self, timeout_usec), self, proctor_group_wait_for_all_async,
                       cancellable, callback, user_data);
}

GVariant *proctor_group_wait_for_all_finish(ProctorGroup *self, GAsyncResult *result,
                                            gboolean *complete, GError **error) {
        return group_take_answer(call_finish(self, proctor_group_wait_for_all_async, result, error),
                                 complete);
}

/* the manager */

static gpointer groups_loaded(Call *call, GVariant *body, GError **error) {
        g_autoptr(GVariant) all = g_variant_get_child_value(body, 0);

        link_lock(call->link);
        link_note_subscribed(call->link);
        link_unlock(call->link);
        return group_for_path(call->manager, call->data, all);
}

/* Cancelled, and made all the same: nobody knows of it. */
static void groups_forget(Call *call, const char *service, const char *path) {
        call_run_detached(call_new(call->manager, CALL_HELD, service, path, PROCTOR_GROUP_INTERFACE,
                                   "Shutdown", NULL, NULL, call_ok));
}

static void groups_unwanted(Call *call, gpointer result) {
        Crew *crew = group_get_crew(result);

        groups_forget(call, crew->service, crew->path);
}

static gpointer groups_found(Call *call, GVariant *body, GError **error) {
        char *path;
        guint64 id;

        g_variant_get(body, "(o)", &path);
        call_set_data(call, path, g_free);
        if (!crew_parse_path(path, &id)) {
                g_propagate_error(error, error_protocol("the question for a group"));
                return NULL;
        }
        /* To the one that has answered, whoever has the name by now. */
        g_autofree char *sender = g_strdup(call->link->on_bus ? call->sender : NULL);
        gpointer next = call_chain(call, sender, path, PROPERTIES_INTERFACE, "GetAll",
                                   g_variant_new("(s)", PROCTOR_GROUP_INTERFACE),
                                   G_VARIANT_TYPE("(a{sv})"), groups_loaded, error);
        if (!next && call->unwanted)
                groups_forget(call, sender, path);
        return next;
}

static Call *groups_call(ProctorManager *self, const char *method, GVariant *parameters) {
        Call *call = call_new(self, CALL_SHORT, NULL, PROCTOR_ROOT_PATH, PROCTOR_MANAGER_INTERFACE,
                              method, parameters, G_VARIANT_TYPE("(o)"), groups_found);

        call->on_error = crew_on_error;
        call->outcome.free_result = g_object_unref;
        return call;
}

static Call *groups_create_call(ProctorManager *self, const char *name,
                                ProctorGroupConfig *config) {
        g_autofree char *valid = g_utf8_make_valid(name ? name : "", -1);
        Call *call = groups_call(self, "CreateGroup",
                                 g_variant_new("(s@a{sv})", valid, group_config_options(config)));

        call->unwanted = groups_unwanted;
        return call;
}

DEFINE_MANAGER_TRIPLE(create_group, GroupPointer, groups_create_call(self, name, config),
                      const char *name, ProctorGroupConfig *config)
DEFINE_MANAGER_TRIPLE(get_group, GroupPointer, groups_call(self, "GetGroup", group_text(name)),
                      const char *name)

static int groups_compare(gconstpointer a, gconstpointer b) {
        guint64 one = proctor_group_get_id(*(ProctorGroup *const *)a);
        guint64 other = proctor_group_get_id(*(ProctorGroup *const *)b);

        return one < other ? -1 : one > other;
}

static gpointer groups_listed(Call *call, GVariant *body, GError **error) {
        GPtrArray *groups = g_ptr_array_new_with_free_func(g_object_unref);
        g_autoptr(GVariantIter) objects = NULL;
        const char *path;
        GVariant *interfaces;
        guint64 id;

        link_lock(call->link);
        link_note_subscribed(call->link);
        link_unlock(call->link);
        g_variant_get(body, "(a{oa{sa{sv}}})", &objects);
        while (g_variant_iter_loop(objects, "{&o@a{sa{sv}}}", &path, &interfaces)) {
                g_autoptr(GVariant) all = g_variant_lookup_value(
                        interfaces, PROCTOR_GROUP_INTERFACE, G_VARIANT_TYPE_VARDICT);

                if (all && crew_parse_path(path, &id))
                        g_ptr_array_add(groups, group_for_path(call->manager, path, all));
        }
        g_ptr_array_sort(groups, groups_compare);
        return groups;
}

static Call *groups_list_call(ProctorManager *self) {
        Call *call = call_new(self, CALL_SHORT, NULL, PROCTOR_ROOT_PATH,
                              "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL,
                              G_VARIANT_TYPE("(a{oa{sa{sv}}})"), groups_listed);

        call->outcome.free_result = (GDestroyNotify)g_ptr_array_unref;
        return call;
}

DEFINE_MANAGER_TRIPLE(list_groups, ArrayPointer, groups_list_call(self))
