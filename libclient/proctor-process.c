/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The object of a process: a view of its entry, which outlives a connection. It holds the manager,
 * so that a process is never without the connection that leads to it. */

#include <proctor/proctor-process-end.h>
#include <proctor/proctor-process-terminal.h>

#include "enums-internal.h"
#include "manager-internal.h"
#include "process-internal.h"

struct _ProctorProcess {
        GObject parent;
        ProctorManager *manager;
        Entry *entry;
};

G_DEFINE_FINAL_TYPE(ProctorProcess, proctor_process, G_TYPE_OBJECT)

enum { SIGNAL_EXITED, SIGNAL_HUNG, N_SIGNALS };

static guint signals[N_SIGNALS];
static GParamSpec *properties[_PROCESS_PROP_MAX];

static void proctor_process_finalize(GObject *object) {
        ProctorProcess *self = PROCTOR_PROCESS(object);

        if (self->entry) {
                g_autoptr(Link) link = link_ref(self->entry->link);

                link_lock(link);
                self->entry->n_objects--;
                entry_release_locked(self->entry);
                link_unlock(link);
        }
        g_clear_object(&self->manager);
        G_OBJECT_CLASS(proctor_process_parent_class)->finalize(object);
}

static void process_get_origin(const Facts *facts, guint property, GValue *value) {
        if (property == PROCESS_PROP_GROUP_ID)
                g_value_set_uint64(value, facts->group_id);
}

/* What is read from the facts as it is, by its property. */
static void process_get_fact(Facts *facts, guint property, GValue *value) {
        switch ((ProcessProperty)property) {
        case PROCESS_PROP_PID:
                g_value_set_uint(value, facts->pid);
                break;
        case PROCESS_PROP_OWNER:
                g_value_set_uint(value, facts->uid);
                break;
        case PROCESS_PROP_START_TIME:
                g_value_set_uint64(value, facts->start_time);
                break;
        case PROCESS_PROP_START_TIME_MONOTONIC:
                g_value_set_uint64(value, facts->start_time_monotonic);
                break;
        case PROCESS_PROP_RUNTIME_MAX:
                g_value_set_uint64(value, facts->runtime_max);
                break;
        case PROCESS_PROP_STATE:
                g_value_set_enum(value, facts->state);
                break;
        case PROCESS_PROP_EXIT_CODE:
                g_value_set_int(value, facts->exit_code);
                break;
        case PROCESS_PROP_RESULT:
                g_value_set_enum(value, facts->result);
                break;
        case PROCESS_PROP_EXIT_TIME:
                g_value_set_uint64(value, facts->exit_time);
                break;
        case PROCESS_PROP_EXIT_TIME_MONOTONIC:
                g_value_set_uint64(value, facts->exit_time_monotonic);
                break;
        case PROCESS_PROP_HEALTH:
                g_value_set_enum(value, facts->health);
                break;
        case PROCESS_PROP_WATCHED:
                g_value_set_boolean(value, facts->watched);
                break;
        case PROCESS_PROP_TIMEOUT:
                g_value_set_uint64(value, facts->timeout);
                break;
        case PROCESS_PROP_EXTRA_BUFFER:
                g_value_set_uint64(value, facts->extra_buffer);
                break;
        case PROCESS_PROP_MAX_HANG_TIME:
                g_value_set_uint64(value, facts->max_hang_time);
                break;
        case PROCESS_PROP_STOP_TIMEOUT:
                g_value_set_uint64(value, facts->stop_timeout);
                break;
        case PROCESS_PROP_AUTO_KILL:
                g_value_set_boolean(value, facts->auto_kill);
                break;
        case PROCESS_PROP_READY:
                g_value_set_boolean(value, facts->ready);
                break;
        default:
                process_get_origin(facts, property, value);
        }
}

static void proctor_process_get_property(GObject *object, guint id, GValue *value,
                                         GParamSpec *pspec) {
        ProctorProcess *self = PROCTOR_PROCESS(object);

        switch ((ProcessProperty)id) {
        case PROCESS_PROP_MANAGER:
                g_value_set_object(value, self->manager);
                break;
        case PROCESS_PROP_OBJECT_PATH:
                g_value_set_string(value, self->entry->path);
                break;
        case PROCESS_PROP_ID:
                g_value_set_uint64(value, self->entry->id);
                break;
        case PROCESS_PROP_NAME:
                g_value_set_string(value, proctor_process_get_name(self));
                break;
        case PROCESS_PROP_COMMAND:
                g_value_set_boxed(value, proctor_process_get_command(self));
                break;
        case PROCESS_PROP_WORKING_DIRECTORY:
                g_value_set_string(value, proctor_process_get_working_directory(self));
                break;
        case PROCESS_PROP_CONTAINMENT:
                g_value_set_string(value, proctor_process_get_containment(self));
                break;
        case PROCESS_PROP_KILL_MODE:
                g_value_set_string(value, proctor_process_get_kill_mode(self));
                break;
        case PROCESS_PROP_STOP_SIGNAL:
                g_value_set_string(value, proctor_process_get_stop_signal(self));
                break;
        case PROCESS_PROP_HANG_SIGNAL_TIMEOUT:
                g_value_set_uint64(value, proctor_process_get_hang_signal_timeout(self));
                break;
        case PROCESS_PROP_HANG_SIGNAL:
                g_value_set_string(value, proctor_process_get_hang_signal(self));
                break;
        case PROCESS_PROP_ACTIVITY_SOURCES:
                g_value_set_boxed(value, proctor_process_get_activity_sources(self));
                break;
        case PROCESS_PROP_STATUS_TEXT:
                g_value_take_string(value, proctor_process_dup_status_text(self));
                break;
        case PROCESS_PROP_TERMINAL:
                g_value_set_boolean(value, proctor_process_get_terminal(self));
                break;
        case PROCESS_PROP_TERMINAL_ROWS:
                g_value_set_uint(value, proctor_process_get_terminal_rows(self));
                break;
        case PROCESS_PROP_TERMINAL_COLUMNS:
                g_value_set_uint(value, proctor_process_get_terminal_columns(self));
                break;
        default:
                link_lock(self->entry->link);
                process_get_fact(&self->entry->facts, id, value);
                link_unlock(self->entry->link);
                break;
        }
}

#define READABLE (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static void process_add_string(ProcessProperty id, const char *name, const char *blurb) {
        properties[id] = g_param_spec_string(name, NULL, blurb, NULL, READABLE);
}

static void process_add_usec(ProcessProperty id, const char *name, const char *blurb) {
        properties[id] = g_param_spec_uint64(name, NULL, blurb, 0, G_MAXUINT64, 0, READABLE);
}

static void process_add_boolean(ProcessProperty id, const char *name, const char *blurb) {
        properties[id] = g_param_spec_boolean(name, NULL, blurb, FALSE, READABLE);
}

static void process_add_strv(ProcessProperty id, const char *name, const char *blurb) {
        properties[id] = g_param_spec_boxed(name, NULL, blurb, G_TYPE_STRV, READABLE);
}

static void process_add_facts(void) {
        properties[PROCESS_PROP_MANAGER] = g_param_spec_object("manager", NULL, "Its manager",
                                                               PROCTOR_TYPE_MANAGER, READABLE);
        process_add_string(PROCESS_PROP_OBJECT_PATH, "object-path", "Its D-Bus object");
        process_add_usec(PROCESS_PROP_ID, "id", "Its number");
        properties[PROCESS_PROP_PID] = g_param_spec_uint("pid", NULL, "PID of its main process", 0,
                                                         G_MAXUINT, 0, READABLE);
        process_add_string(PROCESS_PROP_NAME, "name", "Its name, for people");
        process_add_strv(PROCESS_PROP_COMMAND, "command", "Program and arguments");
        process_add_string(PROCESS_PROP_WORKING_DIRECTORY, "working-directory",
                           "Where it was started");
        properties[PROCESS_PROP_OWNER] = g_param_spec_uint("owner", NULL, "Uid of its user", 0,
                                                           G_MAXUINT, G_MAXUINT, READABLE);
        process_add_string(PROCESS_PROP_CONTAINMENT, "containment", "What ends its whole tree");
        process_add_usec(PROCESS_PROP_GROUP_ID, "group-id", "Number of the group that started it");
        process_add_string(PROCESS_PROP_KILL_MODE, "kill-mode", "What becomes of what it leaves");
        process_add_usec(PROCESS_PROP_START_TIME, "start-time", "Realtime of its start");
        process_add_usec(PROCESS_PROP_START_TIME_MONOTONIC, "start-time-monotonic",
                         "Time of its start");
        process_add_usec(PROCESS_PROP_RUNTIME_MAX, "runtime-max", "Limit of its whole run");
        process_add_string(PROCESS_PROP_STOP_SIGNAL, "stop-signal", "What asks it to end");
        process_add_string(PROCESS_PROP_HANG_SIGNAL, "hang-signal",
                           "What makes it dump when it hangs");
        process_add_usec(PROCESS_PROP_HANG_SIGNAL_TIMEOUT, "hang-signal-timeout",
                         "From the hang signal to the stop signal");
        process_add_strv(PROCESS_PROP_ACTIVITY_SOURCES, "activity-sources",
                         "What is a sign of life");
        process_add_boolean(PROCESS_PROP_TERMINAL, "terminal", "Whether it has a terminal");
}

static void process_add_changing(void) {
        properties[PROCESS_PROP_STATE] = g_param_spec_enum("state", NULL, "Where it is in its life",
                                                           PROCTOR_TYPE_STATE, 0, READABLE);
        properties[PROCESS_PROP_EXIT_CODE] = g_param_spec_int("exit-code", NULL, "How it ended",
                                                              G_MININT, G_MAXINT, 0, READABLE);
        properties[PROCESS_PROP_RESULT] = g_param_spec_enum("result", NULL, "How it ended",
                                                            PROCTOR_TYPE_RESULT, 0, READABLE);
        process_add_usec(PROCESS_PROP_EXIT_TIME, "exit-time", "Realtime of its end");
        process_add_usec(PROCESS_PROP_EXIT_TIME_MONOTONIC, "exit-time-monotonic",
                         "Time of its end");
        properties[PROCESS_PROP_HEALTH] = g_param_spec_enum(
                "health", NULL, "What the watchdog thinks", PROCTOR_TYPE_HEALTH, 0, READABLE);
        process_add_boolean(PROCESS_PROP_WATCHED, "watched", "Whether the watchdog judges it");
        process_add_usec(PROCESS_PROP_TIMEOUT, "timeout", "Idle time from which it is slow");
        process_add_usec(PROCESS_PROP_EXTRA_BUFFER, "extra-buffer",
                         "Idle time on top until it is hung");
        process_add_usec(PROCESS_PROP_MAX_HANG_TIME, "max-hang-time",
                         "Idle time until it is killed");
        process_add_usec(PROCESS_PROP_STOP_TIMEOUT, "stop-timeout",
                         "From the stop signal to SIGKILL");
        process_add_boolean(PROCESS_PROP_AUTO_KILL, "auto-kill",
                            "Whether it is stopped when it hangs");
        process_add_boolean(PROCESS_PROP_READY, "ready", "Whether it is ready");
        process_add_string(PROCESS_PROP_STATUS_TEXT, "status-text", "What it says of itself");
        properties[PROCESS_PROP_TERMINAL_ROWS] = g_param_spec_uint(
                "terminal-rows", NULL, "Lines of its terminal", 0, G_MAXUINT16, 0, READABLE);
        properties[PROCESS_PROP_TERMINAL_COLUMNS] = g_param_spec_uint(
                "terminal-columns", NULL, "Characters of a line", 0, G_MAXUINT16, 0, READABLE);
}

static void proctor_process_class_init(ProctorProcessClass *class) {
        GObjectClass *object_class = G_OBJECT_CLASS(class);

        object_class->finalize = proctor_process_finalize;
        object_class->get_property = proctor_process_get_property;
        process_add_facts();
        process_add_changing();
        g_object_class_install_properties(object_class, _PROCESS_PROP_MAX, properties);

        signals[SIGNAL_EXITED] = g_signal_new("exited", PROCTOR_TYPE_PROCESS, G_SIGNAL_RUN_LAST, 0,
                                              NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT,
                                              PROCTOR_TYPE_RESULT);
        signals[SIGNAL_HUNG] = g_signal_new("hung", PROCTOR_TYPE_PROCESS, G_SIGNAL_RUN_LAST, 0,
                                            NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_UINT64,
                                            G_TYPE_STRING, G_TYPE_STRING);
}

static void proctor_process_init(ProctorProcess *self) {
}

ProctorProcess *process_for_entry(ProctorManager *manager, Entry *entry) {
        link_lock(entry->link);
        ProctorProcess *self = g_weak_ref_get(&entry->object);
        if (!self) {
                self = g_object_new(PROCTOR_TYPE_PROCESS, NULL);
                self->manager = g_object_ref(manager);
                self->entry = entry;
                entry_use_again(entry);
                entry->n_objects++;
                g_weak_ref_set(&entry->object, self);
        }
        link_unlock(entry->link);
        return self;
}

Entry *process_get_entry(ProctorProcess *self) {
        return self->entry;
}

void process_notify(ProctorProcess *self, guint64 changed) {
        g_object_freeze_notify(G_OBJECT(self));
        for (guint id = PROCESS_PROP_0 + 1; id < _PROCESS_PROP_MAX; id++)
                if (changed & (G_GUINT64_CONSTANT(1) << id))
                        g_object_notify_by_pspec(G_OBJECT(self), properties[id]);
        g_object_thaw_notify(G_OBJECT(self));
}

void process_emit_exited(ProctorProcess *self) {
        g_signal_emit(self, signals[SIGNAL_EXITED], 0, proctor_process_get_exit_code(self),
                      proctor_process_get_result(self));
}

void process_emit_hung(ProctorProcess *self, guint64 idle_usec, const char *evidence,
                       const char *action) {
        g_signal_emit(self, signals[SIGNAL_HUNG], 0, idle_usec, evidence, action);
}

ProctorManager *proctor_process_get_manager(ProctorProcess *self) {
        g_return_val_if_fail(PROCTOR_IS_PROCESS(self), NULL);

        return self->manager;
}

guint64 proctor_process_get_id(ProctorProcess *self) {
        g_return_val_if_fail(PROCTOR_IS_PROCESS(self), 0);

        return self->entry->id;
}

const char *proctor_process_get_object_path(ProctorProcess *self) {
        g_return_val_if_fail(PROCTOR_IS_PROCESS(self), NULL);

        return self->entry->path;
}

/* Texts and lists are set once, so that what is returned stays valid. */
#define DEFINE_GETTER(type, function, field, fallback)                                             \
        type proctor_process_get_##function(ProctorProcess *self) {                                \
                g_return_val_if_fail(PROCTOR_IS_PROCESS(self), fallback);                          \
                                                                                                   \
                link_lock(self->entry->link);                                                      \
                type value = (type)self->entry->facts.field;                                       \
                link_unlock(self->entry->link);                                                    \
                return value;                                                                      \
        }

DEFINE_GETTER(guint, pid, pid, 0)
DEFINE_GETTER(const char *, name, name, NULL)
DEFINE_GETTER(const char *const *, command, command, NULL)
DEFINE_GETTER(const char *, working_directory, working_directory, NULL)
DEFINE_GETTER(guint, owner, uid, G_MAXUINT)
DEFINE_GETTER(const char *, containment, containment, NULL)
DEFINE_GETTER(guint64, group_id, group_id, 0)
DEFINE_GETTER(const char *, kill_mode, kill_mode, NULL)
DEFINE_GETTER(guint64, start_time, start_time, 0)
DEFINE_GETTER(guint64, start_time_monotonic, start_time_monotonic, 0)
DEFINE_GETTER(guint64, runtime_max, runtime_max, PROCTOR_INFINITY)
DEFINE_GETTER(const char *, stop_signal, stop_signal, NULL)
DEFINE_GETTER(const char *, hang_signal, hang_signal, NULL)
DEFINE_GETTER(guint64, hang_signal_timeout, hang_signal_timeout, 0)
DEFINE_GETTER(const char *const *, activity_sources, activity_sources, NULL)
DEFINE_GETTER(ProctorState, state, state, PROCTOR_STATE_FINISHED)
DEFINE_GETTER(int, exit_code, exit_code, 0)
DEFINE_GETTER(ProctorResult, result, result, PROCTOR_RESULT_NONE)
DEFINE_GETTER(guint64, exit_time, exit_time, 0)
DEFINE_GETTER(guint64, exit_time_monotonic, exit_time_monotonic, 0)
DEFINE_GETTER(ProctorHealth, health, health, PROCTOR_HEALTH_ACTIVE)
DEFINE_GETTER(gboolean, watched, watched, FALSE)
DEFINE_GETTER(gboolean, terminal, terminal, FALSE)
DEFINE_GETTER(guint, terminal_rows, terminal_rows, 0)
DEFINE_GETTER(guint, terminal_columns, terminal_columns, 0)
DEFINE_GETTER(guint64, timeout, timeout, 0)
DEFINE_GETTER(guint64, extra_buffer, extra_buffer, 0)
DEFINE_GETTER(guint64, max_hang_time, max_hang_time, 0)
DEFINE_GETTER(guint64, stop_timeout, stop_timeout, 0)
DEFINE_GETTER(gboolean, auto_kill, auto_kill, FALSE)
DEFINE_GETTER(gboolean, ready, ready, FALSE)

char *proctor_process_dup_status_text(ProctorProcess *self) {
        g_return_val_if_fail(PROCTOR_IS_PROCESS(self), NULL);

        link_lock(self->entry->link);
        char *text = g_strdup(self->entry->facts.status_text);
        link_unlock(self->entry->link);
        return text;
}
