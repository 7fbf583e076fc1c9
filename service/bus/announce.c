/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the supervisor tells becomes signals: one function for each signal, sent to each peer whom it
 * concerns, never broadcast. Subscribed peers get all about what they may see; the connection that
 * started a process gets its Exited and Hung in any case. */

#include "bus/announce.h"

#include <inttypes.h>

#include "base/log.h"
#include "bus/access.h"
#include "bus/announce-group.h"
#include "bus/announcement.h"
#include "bus/listing.h"
#include "bus/look.h"
#include "bus/news.h"
#include "bus/objects.h"
#include "bus/vtable.h"
#include "dbus/proctor-names.h"

static bool sees(const Face *face, const Peer *peer, const void *process) {
        return access_peer_sees(face, peer, process);
}

static void publish(Face *face, const Announcement *what) {
        const Process *process = what->object;

        announcement_publish(face, process ? process->owner : 0, sees, what);
}

/* For Exited and Hung of a process: its starter too, if he is not subscribed. */
static void publish_and_tell_starter(Face *face, const Announcement *what) {
        const Process *process = what->object;
        const Peer *starter = peers_by_origin(face, process->origin);

        if (starter && !starter->subscribed)
                announcement_send(face, process->owner, starter, what);
        publish(face, what);
}

static int body_started(sd_bus_message *m, Face *face, void *object, const void *detail) {
        Process *process = object;
        g_autofree char *path = face_process_path(process);

        return sd_bus_message_append(m, "ous", path, (uint32_t)process->pid, process_name(process));
}

static int body_added(sd_bus_message *m, Face *face, void *object, const void *detail) {
        g_autofree char *path = face_process_path(object);

        return vtable_append_object(face->bus, m, process_vtable, path, PROCTOR_PROCESS_INTERFACE,
                                    object);
}

static void on_added(void *userdata, Process *process) {
        Face *face = userdata;
        Announcement added = {PROCTOR_ROOT_PATH, OBJECT_MANAGER_INTERFACE,
                              "InterfacesAdded", body_added,
                              process,           NULL};
        Announcement started = {PROCTOR_ROOT_PATH, PROCTOR_MANAGER_INTERFACE,
                                "ProcessStarted",  body_started,
                                process,           NULL};

        added.bytes = process_text_bytes(process);
        publish(face, &added);
        publish(face, &started);
}

static int body_removed(sd_bus_message *m, Face *face, void *object, const void *path) {
        return sd_bus_message_append(m, "oas", path, 1, PROCTOR_PROCESS_INTERFACE);
}

static void on_removed(void *userdata, Process *process) {
        g_autofree char *path = face_process_path(process);
        Announcement removed = {PROCTOR_ROOT_PATH,
                                OBJECT_MANAGER_INTERFACE,
                                "InterfacesRemoved",
                                body_removed,
                                process,
                                path};

        look_forget(userdata, process);
        listing_note(userdata, process);
        publish(userdata, &removed);
}

static int body_changed(sd_bus_message *m, Face *face, void *object, const void *names) {
        g_autofree char *path = face_process_path(object);
        int r;

        r = sd_bus_message_append(m, "s", PROCTOR_PROCESS_INTERFACE);
        if (r >= 0)
                r = vtable_append_properties(face->bus, m, process_vtable, path,
                                             PROCTOR_PROCESS_INTERFACE, object, names);
        return r < 0 ? r : sd_bus_message_append(m, "as", 0);
}

/* Of the properties that have changed; free the array alone. */
static GPtrArray *names_of(const Process *process, ProcessChange changes) {
        static const char *const of_policy[] = {"TimeoutUSec", "ExtraBufferUSec", "MaxHangTimeUSec",
                                                "StopTimeoutUSec", "AutoKill"};
        static const char *const of_exit[] = {"ExitCode", "Result", "ExitTimestamp",
                                              "ExitTimestampMonotonic", "Watched"};
        GPtrArray *names = g_ptr_array_new();

        if (changes & CHANGE_STATE) {
                g_ptr_array_add(names, (void *)"State");
                for (unsigned i = 0; !process_is_running(process) && i < G_N_ELEMENTS(of_exit); i++)
                        g_ptr_array_add(names, (void *)of_exit[i]);
        }
        if (changes & CHANGE_HEALTH)
                g_ptr_array_add(names, (void *)"Health");
        if (changes & CHANGE_STATUS) {
                g_ptr_array_add(names, (void *)"Ready");
                g_ptr_array_add(names, (void *)"StatusText");
                g_ptr_array_add(names, (void *)"StatusErrno");
        }
        if (changes & CHANGE_TERMINAL)
                g_ptr_array_add(names, (void *)"TerminalSize");
        if (changes & CHANGE_WATCHED)
                g_ptr_array_add(names, (void *)"Watched");
        for (unsigned i = 0; changes & CHANGE_POLICY && i < G_N_ELEMENTS(of_policy); i++)
                g_ptr_array_add(names, (void *)of_policy[i]);
        g_ptr_array_add(names, NULL);
        return names;
}

static void tell_changes(Face *face, Process *process, ProcessChange changes) {
        g_autoptr(GPtrArray) names = NULL;
        g_autofree char *path = NULL;
        Announcement changed = {
                NULL, PROPERTIES_INTERFACE, "PropertiesChanged", body_changed, process, NULL};

        if (face->peers.n_subscribed == 0)
                return;
        names = names_of(process, changes);
        changed.path = path = face_process_path(process);
        changed.detail = names->pdata;
        publish(face, &changed);
}

static void on_changed(void *userdata, Process *process, ProcessChange changes) {
        Face *face = userdata;

        if (changes & CHANGE_STATE)
                look_forget(face, process);
        listing_note(face, process);
        if (!news_wait(face, process->owner))
                tell_changes(face, process, changes);
        else if (changes & CHANGE_STATE)
                tell_changes(face, process, changes | news_catch_up(face, process));
        else
                news_put_off(face, process, changes);
}

void announce_changes(Face *face, uint64_t id, ProcessChange changes) {
        Process *process = supervisor_find(face->supervisor, id);

        if (process)
                tell_changes(face, process, changes);
}

void announce_again(Face *face, const Peer *peer, uint64_t id) {
        g_autofree char *path = g_strdup_printf(PROCTOR_PROCESS_PATH_PREFIX "%" PRIu64, id);
        Process *process = supervisor_find(face->supervisor, id);
        Announcement removed = {PROCTOR_ROOT_PATH,
                                OBJECT_MANAGER_INTERFACE,
                                "InterfacesRemoved",
                                body_removed,
                                NULL,
                                path};
        Announcement changed = {
                path, PROPERTIES_INTERFACE, "PropertiesChanged", body_changed, process, NULL};
        g_autoptr(GPtrArray) names = NULL;

        if (!process) {
                announcement_send(face, peer->uid, peer, &removed);
                return;
        }
        names = names_of(process, CHANGE_STATE | CHANGE_HEALTH | CHANGE_WATCHED | CHANGE_POLICY |
                                          CHANGE_STATUS | CHANGE_TERMINAL);
        changed.detail = names->pdata;
        announcement_send(face, process->owner, peer, &changed);
}

static int body_exited(sd_bus_message *m, Face *face, void *object, const void *detail) {
        Process *process = object;
        return sd_bus_message_append(m, "is", (int32_t)process->exit_code,
                                     result_to_string(process->result));
}

static int body_process_exited(sd_bus_message *m, Face *face, void *object, const void *detail) {
        Process *process = object;
        g_autofree char *path = face_process_path(process);

        return sd_bus_message_append(m, "ousis", path, (uint32_t)process->pid,
                                     process_name(process), (int32_t)process->exit_code,
                                     result_to_string(process->result));
}

static void on_exited(void *userdata, Process *process) {
        g_autofree char *path = face_process_path(process);
        Announcement exited = {path, PROCTOR_PROCESS_INTERFACE, "Exited", body_exited, process,
                               NULL};
        Announcement process_exited = {PROCTOR_ROOT_PATH, PROCTOR_MANAGER_INTERFACE,
                                       "ProcessExited",   body_process_exited,
                                       process,           NULL};

        publish_and_tell_starter(userdata, &exited);
        publish(userdata, &process_exited);
}

typedef struct Hang {
        usec_t idle;
        const char *action;
} Hang;

static int body_hung(sd_bus_message *m, Face *face, void *object, const void *detail) {
        Process *process = object;
        const Hang *hang = detail;

        return sd_bus_message_append(m, "tss", hang->idle,
                                     activity_source_to_string(process->last_source), hang->action);
}

static int body_process_hung(sd_bus_message *m, Face *face, void *object, const void *detail) {
        Process *process = object;
        g_autofree char *path = face_process_path(process);
        const Hang *hang = detail;

        return sd_bus_message_append(m, "oustss", path, (uint32_t)process->pid,
                                     process_name(process), hang->idle,
                                     activity_source_to_string(process->last_source), hang->action);
}

static void on_hung(void *userdata, Process *process, usec_t idle, bool stops) {
        Hang hang = {.idle = idle, .action = stops ? PROCTOR_ACTION_STOP : PROCTOR_ACTION_NONE};
        g_autofree char *path = face_process_path(process);
        Announcement hung = {path, PROCTOR_PROCESS_INTERFACE, "Hung", body_hung, process, &hang};
        Announcement process_hung = {PROCTOR_ROOT_PATH, PROCTOR_MANAGER_INTERFACE,
                                     "ProcessHung",     body_process_hung,
                                     process,           &hang};

        log_warning("process %" G_GUINT64_FORMAT " (%s, PID %d) hangs: idle %.3f s, %s",
                    process->id, process_name(process), (int)process->pid,
                    (double)idle / USEC_PER_SEC, stops ? "stopping it" : "left alone");
        publish_and_tell_starter(userdata, &hung);
        publish(userdata, &process_hung);
}

static int body_watchdog(sd_bus_message *m, Face *face, void *object, const void *detail) {
        int r;

        r = sd_bus_message_append(m, "s", PROCTOR_WATCHDOG_INTERFACE);
        if (r >= 0)
                r = vtable_append_properties(face->bus, m, watchdog_vtable, PROCTOR_ROOT_PATH,
                                             PROCTOR_WATCHDOG_INTERFACE, face, NULL);
        return r < 0 ? r : sd_bus_message_append(m, "as", 0);
}

static void on_watchdog_changed(void *userdata) {
        Announcement changed = {PROCTOR_ROOT_PATH,
                                PROPERTIES_INTERFACE,
                                "PropertiesChanged",
                                body_watchdog,
                                NULL,
                                NULL};

        publish(userdata, &changed);
}

static void on_idle(void *userdata) {
        Face *face = userdata;

        face->idle(face->idle_userdata);
}

const SupervisorEvents face_events = {
        .added = on_added,
        .changed = on_changed,
        .exited = on_exited,
        .hung = on_hung,
        .removed = on_removed,
        .watchdog_changed = on_watchdog_changed,
        .group_added = announce_group_added,
        .group_changed = announce_group_changed,
        .member_exited = announce_member_exited,
        .member_failed = announce_member_failed,
        .group_finished = announce_group_finished,
        .group_removed = announce_group_removed,
        .idle = on_idle,
};
