/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every entry has a source of its own for what is pending for it, so that a callback that was due
 * earlier (that of the start) runs before a later end is told. All of it is bounded if the context
 * is never run: the sources by the number of objects, the manager's events by a limit. */

#include "events.h"

#include "crew.h"
#include "enums-internal.h"
#include "manager-internal.h"
#include "process-internal.h"
#include "roster.h"

#define EVENTS_MAX 4096

typedef enum EventKind {
        EVENT_STARTED,
        EVENT_EXITED,
        EVENT_HUNG,
} EventKind;

typedef struct Event {
        EventKind kind;
        const char *service; /* who told it */
        char *path;
        guint32 pid;
        char *name;
        int exit_code;
        gint32 result;
        guint64 idle;
        char *evidence;
        char *action;
} Event;

static void event_free(gpointer data) {
        Event *event = data;

        g_free(event->path);
        g_free(event->name);
        g_free(event->evidence);
        g_free(event->action);
        g_free(event);
}

static gboolean events_emit_entry(gpointer data) {
        Entry *entry = data;

        link_lock(entry->link);
        guint64 changed = entry->changed;
        gboolean exited = entry->exited_pending, hung = entry->hung_pending;
        guint64 idle = entry->hung_idle;
        g_autofree char *evidence = g_steal_pointer(&entry->hung_evidence);
        g_autofree char *action = g_steal_pointer(&entry->hung_action);
        entry->changed = 0;
        entry->exited_pending = entry->hung_pending = FALSE;
        g_clear_pointer(&entry->emitter, g_source_unref);
        link_unlock(entry->link);

        g_autoptr(ProctorProcess) process = g_weak_ref_get(&entry->object);
        if (!process)
                return G_SOURCE_REMOVE;
        if (hung)
                process_emit_hung(process, idle, evidence, action);
        process_notify(process, changed);
        if (exited)
                process_emit_exited(process);
        return G_SOURCE_REMOVE;
}

void events_schedule(Entry *entry) {
        if (entry->n_objects == 0) {
                entry->changed = 0;
                entry->exited_pending = entry->hung_pending = FALSE;
                return;
        }
        if (entry->emitter)
                return;
        entry->emitter = g_idle_source_new();
        g_source_set_priority(entry->emitter, G_PRIORITY_DEFAULT);
        g_source_set_static_name(entry->emitter, "[proctor] process");
        g_source_set_callback(entry->emitter, events_emit_entry, entry_ref(entry), entry_unref);
        g_source_attach(entry->emitter, entry->link->context);
}

/* Under the mutex: the process as the event tells it, in case that nothing else has. */
static Entry *event_use_entry(Link *link, Event *event) {
        Entry *entry = entry_use_told(link, event->path, event->pid, event->service);

        if (entry->facts.pid == 0)
                entry->facts.pid = event->pid;
        if (!entry->facts.name)
                entry->facts.name = g_strdup(event->name);
        if (event->kind == EVENT_EXITED)
                entry_finish(entry, event->exit_code, (ProctorResult)event->result);
        return entry;
}

static void event_emit(ProctorManager *manager, Event *event) {
        Link *link = manager_get_link(manager);

        link_lock(link);
        Entry *entry = event_use_entry(link, event);
        link_unlock(link);

        g_autoptr(ProctorProcess) process = process_for_entry(manager, entry);
        entry_release(entry);
        switch (event->kind) {
        case EVENT_STARTED:
                manager_emit_started(manager, process);
                break;
        case EVENT_EXITED:
                manager_emit_exited(manager, process, event->exit_code, event->result);
                break;
        case EVENT_HUNG:
                manager_emit_hung(manager, process, event->idle, event->evidence, event->action);
                break;
        }
}

static gboolean events_emit(gpointer data) {
        Link *link = data;
        g_autoptr(ProctorManager) manager = g_weak_ref_get(&link->manager);

        link_lock(link);
        GQueue events = link->events;
        gboolean connected_changed = link->connected_changed;
        g_queue_init(&link->events);
        link->connected_changed = FALSE;
        g_clear_pointer(&link->events_source, g_source_unref);
        link_unlock(link);

        if (manager && connected_changed)
                manager_notify_connected(manager);
        for (Event *event; (event = g_queue_pop_head(&events));) {
                if (manager)
                        event_emit(manager, event);
                event_free(event);
        }
        return G_SOURCE_REMOVE;
}

static void events_schedule_manager(Link *link) {
        if (link->events_source)
                return;
        link->events_source = g_idle_source_new();
        g_source_set_priority(link->events_source, G_PRIORITY_DEFAULT);
        g_source_set_static_name(link->events_source, "[proctor] manager");
        g_source_set_callback(link->events_source, events_emit, link_ref(link),
                              (GDestroyNotify)link_unref);
        g_source_attach(link->events_source, link->context);
}

void events_note_connected(Link *link) {
        link->connected_changed = TRUE;
        events_schedule_manager(link);
}

void events_clear(Link *link) {
        g_queue_clear_full(&link->events, event_free);
        if (link->events_source)
                g_source_destroy(link->events_source);
        g_clear_pointer(&link->events_source, g_source_unref);
}

static void events_push(Link *link, Event *event) {
        g_queue_push_tail(&link->events, event);
        if (link->events.length > EVENTS_MAX)
                event_free(g_queue_pop_head(&link->events));
        events_schedule_manager(link);
}

static void events_take_exited(Entry *entry, GVariant *body) {
        const char *result;
        int exit_code;

        if (!entry || !g_variant_is_of_type(body, G_VARIANT_TYPE("(is)")))
                return;
        g_variant_get(body, "(i&s)", &exit_code, &result);
        entry_finish(entry, exit_code, (ProctorResult)result_from_word(result));
}

static void events_take_hung(Entry *entry, GVariant *body) {
        if (!entry || !g_variant_is_of_type(body, G_VARIANT_TYPE("(tss)")))
                return;
        g_free(entry->hung_evidence);
        g_free(entry->hung_action);
        g_variant_get(body, "(tss)", &entry->hung_idle, &entry->hung_evidence, &entry->hung_action);
        entry->hung_pending = TRUE;
        events_schedule(entry);
}

static void events_take_changes(Link *link, const char *path, GVariant *body) {
        Entry *entry = entry_find(link, path);
        Crew *crew = crew_find(link, path);
        const char *interface;

        if (!(entry || crew) || !g_variant_is_of_type(body, G_VARIANT_TYPE("(sa{sv}as)")))
                return;

        g_autoptr(GVariant) changed = NULL;
        g_variant_get(body, "(&s@a{sv}as)", &interface, &changed, NULL);
        if (entry && g_str_equal(interface, PROCTOR_PROCESS_INTERFACE))
                entry_apply(entry, changed);
        if (crew && g_str_equal(interface, PROCTOR_GROUP_INTERFACE))
                crew_apply(crew, changed);
}

static void events_take_manager(Link *link, const char *member, GVariant *body) {
        g_autofree Event *event = g_new0(Event, 1);
        g_autofree char *result = NULL;

        if (g_str_equal(member, "ProcessStarted") &&
            g_variant_is_of_type(body, G_VARIANT_TYPE("(ous)"))) {
                event->kind = EVENT_STARTED;
                g_variant_get(body, "(ous)", &event->path, &event->pid, &event->name);
        } else if (g_str_equal(member, "ProcessExited") &&
                   g_variant_is_of_type(body, G_VARIANT_TYPE("(ousis)"))) {
                event->kind = EVENT_EXITED;
                g_variant_get(body, "(ousis)", &event->path, &event->pid, &event->name,
                              &event->exit_code, &result);
                event->result = result_from_word(result);
        } else if (g_str_equal(member, "ProcessHung") &&
                   g_variant_is_of_type(body, G_VARIANT_TYPE("(oustss)"))) {
                event->kind = EVENT_HUNG;
                g_variant_get(body, "(oustss)", &event->path, &event->pid, &event->name,
                              &event->idle, &event->evidence, &event->action);
        } else {
                return;
        }
        event->service = link->owner;
        events_push(link, g_steal_pointer(&event));
}

/* What comes and goes concerns lists, and who waits for a group: a handle learns the rest from its
 * own object. */
static void events_take_objects(Link *link, const char *member, GVariant *body) {
        g_autofree const char **removed = NULL;
        const char *path;

        if (g_str_equal(member, "InterfacesAdded") && roster_is_wanted(link) &&
            g_variant_is_of_type(body, G_VARIANT_TYPE("(oa{sa{sv}})"))) {
                g_autoptr(GVariant) interfaces = NULL, all = NULL;

                g_variant_get(body, "(&o@a{sa{sv}})", &path, &interfaces);
                all = g_variant_lookup_value(interfaces, PROCTOR_PROCESS_INTERFACE,
                                             G_VARIANT_TYPE_VARDICT);
                if (all && entry_parse_path(path, NULL))
                        entry_release_locked(entry_use_loaded(link, path, all));
        } else if (g_str_equal(member, "InterfacesRemoved") &&
                   g_variant_is_of_type(body, G_VARIANT_TYPE("(oas)"))) {
                g_variant_get(body, "(&o^a&s)", &path, &removed);

                Entry *entry = entry_find(link, path);
                if (entry && g_strv_contains(removed, PROCTOR_PROCESS_INTERFACE))
                        roster_note_forgotten(entry);

                Crew *crew = crew_find(link, path);
                if (crew && g_strv_contains(removed, PROCTOR_GROUP_INTERFACE))
                        crew_take_removed(crew);
        }
}

void events_take_signal(Link *link, GDBusMessage *message) {
        const char *interface = g_dbus_message_get_interface(message);
        const char *member = g_dbus_message_get_member(message);
        const char *path = g_dbus_message_get_path(message);
        GVariant *body = g_dbus_message_get_body(message);

        if (!member || !path || !body)
                return;
        if (g_str_equal(interface, PROCTOR_PROCESS_INTERFACE)) {
                if (g_str_equal(member, "Exited"))
                        events_take_exited(entry_find(link, path), body);
                else if (g_str_equal(member, "Hung"))
                        events_take_hung(entry_find(link, path), body);
        } else if (g_str_equal(interface, PROCTOR_GROUP_INTERFACE)) {
                crew_take_signal(link, path, member, body);
        } else if (g_str_equal(interface, PROCTOR_MANAGER_INTERFACE)) {
                events_take_manager(link, member, body);
        } else if (g_str_equal(interface, "org.freedesktop.DBus.Properties") &&
                   g_str_equal(member, "PropertiesChanged")) {
                events_take_changes(link, path, body);
        } else if (g_str_equal(interface, "org.freedesktop.DBus.ObjectManager") &&
                   g_str_equal(path, PROCTOR_ROOT_PATH)) {
                events_take_objects(link, member, body);
        }
}
