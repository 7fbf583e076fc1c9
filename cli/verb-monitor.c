/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor monitor: what happens to processes, one line for each event, as it comes. The list model of
 * the library says who comes and goes, each process what becomes of it. */

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "cli.h"
#include "connect.h"
#include "desktop.h"
#include "duration.h"
#include "format.h"
#include "forward.h"
#include "json.h"
#include "style.h"
#include "target.h"

/* On a process whose end was told, or is no news. */
#define EXITED_KEY "proctor-monitor-exited"

typedef struct MonitorArguments {
        bool notify;
} MonitorArguments;

static const Option options[] = {
        {"notify", 0, OPTION_FLAG, offsetof(MonitorArguments, notify), NULL,
         "show a notification on the desktop when a process hangs or fails"},
        {0},
};

typedef enum Event {
        EVENT_STARTED,
        EVENT_READY,
        EVENT_ACTIVE,
        EVENT_SLOW,
        EVENT_HUNG,
        EVENT_STOPPING,
        EVENT_EXITED,
        EVENT_REMOVED,
} Event;

static const char *const words[] = {
        [EVENT_STARTED] = "started", [EVENT_READY] = "ready",     [EVENT_ACTIVE] = "active",
        [EVENT_SLOW] = "slow",       [EVENT_HUNG] = "hung",       [EVENT_STOPPING] = "stopping",
        [EVENT_EXITED] = "exited",   [EVENT_REMOVED] = "removed",
};

typedef struct Hang {
        guint64 idle_usec;
        const char *evidence;
        const char *action;
} Hang;

typedef struct Monitor {
        const Cli *cli;
        char **filter;
        Desktop *desktop; /* NULL: without notifications */
        ProctorManager *manager;
        ProctorProcessList *list;
        GPtrArray *watched; /* what the list had after its last change */
        GMainLoop *loop;
        GError *error;
        int exit_code;
} Monitor;

static void unwatch(Monitor *monitor, ProctorProcess *process) {
        g_signal_handlers_disconnect_by_data(process, monitor);
}

static void monitor_clear(Monitor *monitor) {
        for (unsigned i = 0; monitor->watched && i < monitor->watched->len; i++)
                unwatch(monitor, monitor->watched->pdata[i]);
        g_clear_pointer(&monitor->watched, g_ptr_array_unref);
        if (monitor->list)
                g_signal_handlers_disconnect_by_data(monitor->list, monitor);
        if (monitor->manager)
                g_signal_handlers_disconnect_by_data(monitor->manager, monitor);
        g_clear_object(&monitor->list);
        g_clear_object(&monitor->manager);
        g_clear_pointer(&monitor->desktop, desktop_free);
        g_clear_pointer(&monitor->loop, g_main_loop_unref);
        g_clear_error(&monitor->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Monitor, monitor_clear)

static void quit(Monitor *monitor, int exit_code) {
        monitor->exit_code = exit_code;
        g_main_loop_quit(monitor->loop);
}

static char *dup_status_text(ProctorProcess *process) {
        char *text = proctor_process_dup_status_text(process);

        return text ? text : g_strdup("");
}

static void add_detail(JsonBuilder *builder, Event event, ProctorProcess *process,
                       const Hang *hang) {
        g_autofree char *status = dup_status_text(process);

        switch (event) {
        case EVENT_STARTED:
                json_add_command(builder, process);
                break;
        case EVENT_READY:
                json_add_string(builder, "StatusText", status);
                break;
        case EVENT_HUNG:
                json_add_usec(builder, "IdleUSec", hang->idle_usec);
                json_add_string(builder, "Evidence", hang->evidence);
                json_add_string(builder, "Action", hang->action);
                break;
        case EVENT_EXITED:
                json_add_outcome(builder, process);
                break;
        default:
                break;
        }
}

static void print_json(Event event, ProctorProcess *process, const Hang *hang) {
        g_autoptr(JsonBuilder) builder = json_builder_new();

        json_builder_begin_object(builder);
        json_add_string(builder, "Event", words[event]);
        json_add_usec(builder, "Timestamp", (guint64)g_get_real_time());
        json_add_identity(builder, process);
        add_detail(builder, event, process, hang);
        json_builder_end_object(builder);
        json_print_line(builder, stdout);
}

/* What follows the name; escaped. */
static char *describe(Event event, ProctorProcess *process, const Hang *hang) {
        g_autofree char *text = NULL, *more = NULL;

        switch (event) {
        case EVENT_STARTED:
                text = format_command(proctor_process_get_command(process));
                return g_strdup_printf("PID %u: %s", proctor_process_get_pid(process), text);
        case EVENT_READY:
                more = dup_status_text(process);
                return format_text(more);
        case EVENT_HUNG:
                text = duration_to_rounded_string(hang->idle_usec);
                more = format_text(hang->evidence);
                return g_strdup_printf("no sign of life for %s (the last: %s)%s", text, more,
                                       g_str_equal(hang->action, "stop") ? ", is ended" : "");
        case EVENT_EXITED:
                text = format_result(proctor_process_get_exit_code(process),
                                     proctor_process_get_result(process));
                more = format_runtime(process);
                return g_strdup_printf("%s%s%s", text, *more ? ", after " : "", more);
        default:
                return g_strdup("");
        }
}

static Style style_of_event(Event event, ProctorProcess *process) {
        switch (event) {
        case EVENT_SLOW:
                return STYLE_WARNING;
        case EVENT_HUNG:
                return STYLE_BAD;
        case EVENT_EXITED:
                return style_of_result(proctor_process_get_result(process));
        default:
                return STYLE_NONE;
        }
}

static void print_text(Event event, ProctorProcess *process, const Hang *hang) {
        g_autoptr(GDateTime) now = g_date_time_new_now_local();
        g_autofree char *time = g_date_time_format(now, "%H:%M:%S");
        g_autofree char *padded = g_strdup_printf("%-8s", words[event]);
        g_autofree char *word = style_apply(style_of_event(event, process), padded);
        g_autofree char *who = format_process(process);
        g_autofree char *what = describe(event, process, hang);

        printf("%s  %s  %s%s%s\n", time, word, who, *what ? "  " : "", what);
}

/* What somebody who looks elsewhere should know of. */
static void tell_desktop(Monitor *monitor, Event event, ProctorProcess *process, const Hang *hang) {
        bool failed = event == EVENT_EXITED &&
                      style_of_result(proctor_process_get_result(process)) == STYLE_BAD;
        g_autofree char *who = NULL, *what = NULL, *title = NULL;

        if (!monitor->desktop || (event != EVENT_HUNG && !failed))
                return;
        who = format_process(process);
        what = describe(event, process, hang);
        title = g_strdup_printf("%s %s", who, failed ? "failed" : "hangs");
        desktop_notify(monitor->desktop, title, what);
}

static void tell(Monitor *monitor, Event event, ProctorProcess *process, const Hang *hang) {
        if (!targets_match(monitor->filter, process))
                return;
        if (monitor->cli->json)
                print_json(event, process, hang);
        else
                print_text(event, process, hang);
        tell_desktop(monitor, event, process, hang);
        if (fflush(stdout) != 0)
                quit(monitor, CLI_EXIT_FAILED);
}

static void on_ready(ProctorProcess *process, GParamSpec *pspec, void *data) {
        if (proctor_process_get_ready(process))
                tell(data, EVENT_READY, process, NULL);
}

/* That it hangs is told by a signal of its own, which says why. */
static void on_health(ProctorProcess *process, GParamSpec *pspec, void *data) {
        ProctorHealth health = proctor_process_get_health(process);

        if (health != PROCTOR_HEALTH_HUNG)
                tell(data, health == PROCTOR_HEALTH_SLOW ? EVENT_SLOW : EVENT_ACTIVE, process,
                     NULL);
}

static void on_state(ProctorProcess *process, GParamSpec *pspec, void *data) {
        if (proctor_process_get_state(process) == PROCTOR_STATE_STOPPING)
                tell(data, EVENT_STOPPING, process, NULL);
}

static void on_hung(ProctorProcess *process, guint64 idle_usec, const char *evidence,
                    const char *action, void *data) {
        const Hang hang = {idle_usec, evidence, action};

        tell(data, EVENT_HUNG, process, &hang);
}

/* Whether an end was signalled to us, was before we listened, or both: it is told once. */
static void tell_exited(Monitor *monitor, ProctorProcess *process) {
        if (g_object_get_data(G_OBJECT(process), EXITED_KEY))
                return;
        g_object_set_data(G_OBJECT(process), EXITED_KEY, monitor);
        tell(monitor, EVENT_EXITED, process, NULL);
}

static bool has_finished(ProctorProcess *process) {
        return proctor_process_get_state(process) == PROCTOR_STATE_FINISHED;
}

static void on_exited(ProctorProcess *process, int exit_code, ProctorResult result, void *data) {
        tell_exited(data, process);
}

static void watch(Monitor *monitor, ProctorProcess *process) {
        g_ptr_array_add(monitor->watched, g_object_ref(process));
        g_signal_connect(process, "notify::ready", G_CALLBACK(on_ready), monitor);
        g_signal_connect(process, "notify::health", G_CALLBACK(on_health), monitor);
        g_signal_connect(process, "notify::state", G_CALLBACK(on_state), monitor);
        g_signal_connect(process, "hung", G_CALLBACK(on_hung), monitor);
        g_signal_connect(process, "exited", G_CALLBACK(on_exited), monitor);
}

static void on_removed(Monitor *monitor, ProctorProcess *process) {
        unwatch(monitor, process);
        if (!proctor_manager_get_connected(monitor->manager))
                return;
        if (has_finished(process))
                tell_exited(monitor, process);
        tell(monitor, EVENT_REMOVED, process, NULL);
}

static void on_added(Monitor *monitor, ProctorProcess *process) {
        watch(monitor, process);
        tell(monitor, EVENT_STARTED, process, NULL);
        if (has_finished(process))
                tell_exited(monitor, process);
}

static void on_items_changed(GListModel *list, unsigned position, unsigned removed, unsigned added,
                             void *data) {
        Monitor *monitor = data;

        for (unsigned i = 0; i < removed; i++) {
                g_autoptr(ProctorProcess) process = g_object_ref(monitor->watched->pdata[position]);

                g_ptr_array_remove_index(monitor->watched, position);
                on_removed(monitor, process);
        }
        for (unsigned i = 0; i < added; i++) {
                g_autoptr(ProctorProcess) process = g_list_model_get_item(list, position + i);

                on_added(monitor, process);
        }
}

static void on_connected(ProctorManager *manager, GParamSpec *pspec, void *data) {
        Monitor *monitor = data;

        if (proctor_manager_get_connected(manager) || monitor->error)
                return;
        monitor->error = g_error_new(PROCTOR_ERROR, PROCTOR_ERROR_DISCONNECTED,
                                     "the service has gone");
        g_main_loop_quit(monitor->loop);
}

static void on_signal(int signo, void *data) {
        if (forward_is_end(signo))
                quit(data, signo == SIGINT ? CLI_EXIT_OK : CLI_EXIT_SIGNAL_BASE + signo);
        else if (signo == SIGTSTP)
                raise(SIGSTOP);
}

/* Whoever read our output has gone, and nobody will say so before there is an event to be told. */
static gboolean on_reader_gone(int fd, GIOCondition condition, void *data) {
        quit(data, CLI_EXIT_OK);
        return G_SOURCE_REMOVE;
}

static bool begin(Monitor *monitor, const MonitorArguments *arguments, GError **error) {
        GListModel *list;

        if (forward_watch(on_signal, monitor, error) == 0)
                return false;
        if (arguments->notify) {
                monitor->desktop = desktop_new(error);
                if (!monitor->desktop)
                        return false;
        }
        monitor->manager = connect_to_bus(monitor->cli, error);
        monitor->list = monitor->manager
                                ? proctor_process_list_new(monitor->manager, PROCTOR_LIST_SCOPE_ALL,
                                                           NULL, error)
                                : NULL;
        if (!monitor->list)
                return false;
        list = G_LIST_MODEL(monitor->list);
        for (unsigned i = 0; i < g_list_model_get_n_items(list); i++) {
                g_autoptr(ProctorProcess) process = g_list_model_get_item(list, i);

                watch(monitor, process);
                if (has_finished(process))
                        g_object_set_data(G_OBJECT(process), EXITED_KEY, monitor);
        }
        g_signal_connect(list, "items-changed", G_CALLBACK(on_items_changed), monitor);
        g_signal_connect(monitor->manager, "notify::connected", G_CALLBACK(on_connected), monitor);
        g_unix_fd_add(STDOUT_FILENO, G_IO_ERR, on_reader_gone, monitor);
        return true;
}

/* From now on nothing is missed. */
static void print_listening(const Cli *cli) {
        g_autoptr(JsonBuilder) builder = json_builder_new();

        if (!cli->json) {
                cli_note(cli, "waiting for events; Ctrl-C ends it");
                return;
        }
        json_builder_begin_object(builder);
        json_add_string(builder, "Event", "listening");
        json_add_usec(builder, "Timestamp", (guint64)g_get_real_time());
        json_builder_end_object(builder);
        json_print_line(builder, stdout);
        fflush(stdout);
}

static int run(Cli *cli, void *data, char **operands) {
        g_auto(Monitor) monitor = {
                .cli = cli,
                .filter = operands,
                .watched = g_ptr_array_new_with_free_func(g_object_unref),
                .loop = g_main_loop_new(NULL, FALSE),
        };

        if (!begin(&monitor, data, &monitor.error))
                return cli_fail(cli, monitor.error);
        print_listening(cli);
        g_main_loop_run(monitor.loop);
        return monitor.error ? cli_fail(cli, monitor.error) : monitor.exit_code;
}

const Verb verb_monitor = {
        .name = "monitor",
        .synopsis = "[OPTIONS] [TARGET...]",
        .summary = "show what happens to processes, as it happens",
        .description =
                "Shows a line for each event, until it is interrupted: started, ready, slow, hung, "
                "active (after slow or hung), stopping, exited, removed. A TARGET is an id, "
                "pid:PID "
                "or a name; with targets only events of these are shown, also of processes that "
                "are started later.",
        .exit_codes = "0 interrupted by SIGINT (Ctrl-C), 1 failed, 2 wrong usage, 4 there is no "
                      "service or it has gone, 128+N ended by another signal N",
        .options = options,
        .arguments_size = sizeof(MonitorArguments),
        .run = run,
};
