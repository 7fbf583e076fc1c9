/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor run: stands for a program in the foreground. The program has our standard streams and
 * gets our signals; its end is ours.
 *
 *   connect → start → wait → (sweep what it left behind) → close
 *
 * Each arrow is a callback in the main loop, because signals must be answered at every moment. */

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "cli.h"
#include "connect.h"
#include "duration.h"
#include "format.h"
#include "forward.h"
#include "json.h"
#include "launch.h"
#include "outcome.h"
#include "tty.h"

/* The service ends what is left behind after half a second: what is still there then did not go by
 * itself. */
#define LEFT_GRACE_MSEC 450
#define LEFT_LOOK_MSEC  30
#define HINT_MSEC       1000
#define PATIENCE_MSEC   1000

typedef struct Run {
        const Cli *cli;
        const LaunchArguments *arguments;
        ProctorProcessConfig *config;
        ProctorManager *manager;
        ProctorProcess *process;
        Tty *tty; /* --tty; or NULL */
        GMainLoop *loop;
        GCancellable *connecting; /* of what happens before the program runs */
        GError *error;
        int exit_code;
        bool pending[NSIG]; /* arrived before there was somebody to get them */
        bool passed[NSIG];
        unsigned patience; /* a source: the start is given up unless it is done by then */
        int cancelled_by;  /* the signal that kept the program from being started */
        unsigned n_interrupts;
        unsigned hint;
        bool ended, closing;
        gint64 ended_at;
        guint64 n_left;
        guint64 idle_usec;
} Run;

static void run_close(Run *run);

static void run_clear(Run *run) {
        g_clear_handle_id(&run->hint, g_source_remove);
        g_clear_handle_id(&run->patience, g_source_remove);
        g_clear_pointer(&run->tty, tty_free);
        g_clear_object(&run->config);
        g_clear_object(&run->process);
        g_clear_object(&run->manager);
        g_clear_object(&run->connecting);
        g_clear_error(&run->error);
        g_clear_pointer(&run->loop, g_main_loop_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

static char *program_name(const Run *run) {
        const char *name = proctor_process_config_get_name(run->config);

        return format_text(name ? name : "unknown");
}

static gboolean on_hint(void *data) {
        Run *run = data;
        g_autofree char *name = program_name(run);

        run->hint = 0;
        if (!run->ended && isatty(STDERR_FILENO) == 1)
                cli_note(run->cli, "'%s' got SIGINT and still runs; Ctrl-C again ends it by force",
                         name);
        return G_SOURCE_REMOVE;
}

static void on_forced(GObject *source, GAsyncResult *result, void *data) {
        Run *run = data;
        g_autoptr(GError) error = NULL;

        if (!proctor_process_stop_finish(PROCTOR_PROCESS(source), result, NULL, NULL, &error) &&
            !run->closing)
                cli_fail(run->cli, error);
}

static void on_signal_sent(GObject *source, GAsyncResult *result, void *data) {
        Run *run = data;
        g_autoptr(GError) error = NULL;

        if (proctor_process_send_signal_finish(PROCTOR_PROCESS(source), result, &error) ||
            run->ended || g_error_matches(error, PROCTOR_ERROR, PROCTOR_ERROR_NOT_RUNNING))
                return;
        cli_fail(run->cli, error);
}

static void suspend_self(Run *run) {
        if (run->tty)
                tty_leave(run->tty);
        raise(SIGSTOP);
        if (run->tty && !run->ended)
                (void)tty_enter(run->tty, NULL);
}

static void on_suspended(GObject *source, GAsyncResult *result, void *data) {
        on_signal_sent(source, result, data);
        suspend_self(data);
}

static void pass_signal(Run *run, int signo) {
        g_autofree char *name = format_signal(signo);

        run->passed[signo] = true;
        proctor_process_send_signal_async(run->process, name, NULL, on_signal_sent, run);
}

/* The program is in a session without a terminal, where SIGTSTP stops nobody. */
static void suspend(Run *run) {
        if (run->ended)
                suspend_self(run);
        else
                proctor_process_send_signal_async(run->process, "SIGSTOP", NULL, on_suspended, run);
}

static void interrupt(Run *run) {
        run->n_interrupts++;
        if (run->n_interrupts > 2 || run->closing) {
                run->exit_code = CLI_EXIT_SIGNAL_BASE + SIGINT;
                g_main_loop_quit(run->loop);
        } else if (run->n_interrupts == 2 || run->ended) {
                proctor_process_stop_async(run->process, PROCTOR_STOP_MODE_FORCE, NULL, on_forced,
                                           run);
        } else {
                pass_signal(run, SIGINT);
                run->hint = g_timeout_add(HINT_MSEC, on_hint, run);
        }
}

/* An exec can hang, on a mount whose server is gone. */
static gboolean on_no_start(void *data) {
        Run *run = data;

        run->patience = 0;
        if (!run->process)
                g_cancellable_cancel(run->connecting);
        return G_SOURCE_REMOVE;
}

/* Before the program runs there is nobody to get a signal. It is kept: the program may run already
 * although we have not heard of it yet, and has a right to handle it. */
static void on_signal(int signo, void *data) {
        Run *run = data;

        if (!run->process) {
                run->pending[signo] = true;
                if (signo == SIGCONT || signo == SIGTSTP) /* the later one holds */
                        run->pending[signo == SIGCONT ? SIGTSTP : SIGCONT] = false;
                if (!forward_is_end(signo))
                        return;
                run->cancelled_by = signo;
                if (!run->manager)
                        g_cancellable_cancel(run->connecting);
                else if (run->patience == 0)
                        run->patience = g_timeout_add(PATIENCE_MSEC, on_no_start, run);
        } else if (signo == SIGTSTP) {
                suspend(run);
        } else if (signo == SIGWINCH && run->tty) {
                tty_follow_size(run->tty);
        } else if (signo == SIGINT) {
                interrupt(run);
        } else if (!run->ended) {
                pass_signal(run, signo);
        }
}

/* It was too late to cancel the start. */
static void deliver_pending(Run *run) {
        run->cancelled_by = 0;
        for (int signo = 1; signo < NSIG; signo++)
                if (run->pending[signo])
                        on_signal(signo, run);
}

static void on_hung(ProctorProcess *process, guint64 idle_usec, const char *evidence,
                    const char *action, void *data) {
        Run *run = data;
        g_autofree char *name = program_name(run);
        g_autofree char *idle = duration_to_rounded_string(idle_usec);

        run->idle_usec = idle_usec;
        if (g_strcmp0(action, "none") == 0)
                cli_note(run->cli, "'%s' hangs: no sign of life for %s", name, idle);
}

static void run_fail(Run *run, GError *error) {
        run->error = error;
        run_close(run);
}

static void on_closed(GObject *source, GAsyncResult *result, void *data) {
        Run *run = data;

        /* What the service could not end is its to report; the program's end is known. */
        proctor_manager_close_finish(PROCTOR_MANAGER(source), result, NULL);
        g_main_loop_quit(run->loop);
}

static void run_close(Run *run) {
        run->closing = true;
        if (run->manager)
                proctor_manager_close_async(run->manager, NULL, on_closed, run);
        else
                g_main_loop_quit(run->loop);
}

/* Nothing of the program is to be found afterwards, as if it had been run without us. */
static void on_collected(GObject *source, GAsyncResult *result, void *data) {
        proctor_process_collect_finish(PROCTOR_PROCESS(source), result, NULL);
        run_close(data);
}

static void on_refreshed(GObject *source, GAsyncResult *result, void *data) {
        Run *run = data;

        /* What it reads is for a person; without it less can be said. */
        proctor_process_refresh_finish(PROCTOR_PROCESS(source), result, NULL);
        if (proctor_manager_get_embedded(run->manager))
                run_close(run);
        else
                proctor_process_collect_async(run->process, NULL, on_collected, run);
}

static void run_finish(Run *run) {
        proctor_process_refresh_async(run->process, NULL, on_refreshed, run);
}

static void on_swept(GObject *source, GAsyncResult *result, void *data) {
        Run *run = data;
        g_autoptr(GError) error = NULL;

        if (!proctor_process_stop_finish(PROCTOR_PROCESS(source), result, NULL, NULL, &error)) {
                run->n_left = 0; /* the error names them */
                cli_fail(run->cli, error);
        }
        run_finish(run);
}

static gboolean look_for_left(void *data);

static void on_usage(GObject *source, GAsyncResult *result, void *data) {
        Run *run = data;
        g_autoptr(ProctorUsage)
                usage = proctor_process_query_usage_finish(PROCTOR_PROCESS(source), result, NULL);
        guint64 n = usage ? proctor_usage_get_n_tasks(usage) : 0;

        if (n == 0) {
                run_finish(run);
        } else if (g_get_monotonic_time() - run->ended_at < LEFT_GRACE_MSEC * 1000) {
                g_timeout_add(LEFT_LOOK_MSEC, look_for_left, run);
        } else {
                run->n_left = n;
                proctor_process_stop_async(run->process, PROCTOR_STOP_MODE_ASK, NULL, on_swept,
                                           run);
        }
}

static gboolean look_for_left(void *data) {
        Run *run = data;

        proctor_process_query_usage_async(run->process, NULL, on_usage, run);
        return G_SOURCE_REMOVE;
}

static void on_ended(GObject *source, GAsyncResult *result, void *data) {
        Run *run = data;
        g_autoptr(GError) error = NULL;
        ProctorResult how;
        int code;

        if (!proctor_process_wait_finish(PROCTOR_PROCESS(source), result, &code, &how, &error)) {
                run_fail(run, g_steal_pointer(&error));
                return;
        }
        run->ended = true;
        run->ended_at = g_get_monotonic_time();
        run->exit_code = outcome_exit_code(code, how);
        if (launch_ends_tree(run->arguments))
                look_for_left(run);
        else
                run_finish(run);
}

static void on_started(GObject *source, GAsyncResult *result, void *data) {
        Run *run = data;
        g_autoptr(GError) error = NULL;

        run->process = proctor_manager_start_finish(PROCTOR_MANAGER(source), result, &error);
        proctor_process_config_close_fds(run->config);
        if (!run->process) {
                run_fail(run, g_steal_pointer(&error));
                return;
        }
        if (run->tty && !tty_enter(run->tty, &error)) {
                run_fail(run, g_steal_pointer(&error));
                return;
        }
        g_signal_connect(run->process, "hung", G_CALLBACK(on_hung), run);
        proctor_process_wait_async(run->process, PROCTOR_INFINITY, NULL, on_ended, run);
        deliver_pending(run);
}

static void on_connected(GObject *source, GAsyncResult *result, void *data) {
        Run *run = data;
        g_autoptr(GError) error = NULL;

        run->manager = connect_finish(run->cli, result, &error);
        if (!run->manager)
                run_fail(run, g_steal_pointer(&error));
        else
                proctor_manager_start_async(run->manager, run->config, run->connecting, on_started,
                                            run);
}

/* The program is in a session of its own, so nothing would keep it from reading a terminal that
 * belongs to the shell while we are in the background. */
static bool is_background(void) {
        pid_t foreground = tcgetpgrp(STDIN_FILENO);

        return foreground > 0 && foreground != getpgrp();
}

static bool prepare(Run *run, char **command, GError **error) {
        bool on_bus = connect_names_bus(run->cli);

        if (run->cli->host) {
                g_set_error_literal(error, CLI_ERROR, CLI_ERROR_USAGE,
                                    "run gives this program's standard streams away, which cannot "
                                    "go to another machine; use start, logs -f and wait there");
                return false;
        }
        if (!on_bus && !launch_ends_tree(run->arguments)) {
                g_set_error_literal(error, CLI_ERROR, CLI_ERROR_USAGE,
                                    "--kill-mode=process needs a bus, as --session: the private "
                                    "service ends with all that it started");
                return false;
        }
        run->config = launch_config_new(run->cli, run->arguments,
                                        on_bus ? LAUNCH_BASE_CALLER : LAUNCH_BASE_SERVICE, command,
                                        error);
        if (!run->config || forward_watch(on_signal, run, error) == 0)
                return false;
        proctor_process_config_set_bind_to_caller(run->config, on_bus);
        if (run->arguments->tty) {
                run->tty = tty_new(run->config, error);
                return run->tty;
        }
        if (is_background())
                proctor_process_config_set_stdin(run->config, "null");
        else
                proctor_process_config_inherit_stdin(run->config);
        proctor_process_config_inherit_stdout(run->config);
        proctor_process_config_inherit_stderr(run->config);
        return true;
}

/* Whoever sent the signal through us or by a key, and a pipe that was closed early, need no news of
 * it. */
static bool is_expected(const Run *run) {
        int signo = -proctor_process_get_exit_code(run->process);

        if (run->arguments->tty && (signo == SIGINT || signo == SIGQUIT))
                return true;
        return proctor_process_get_result(run->process) == PROCTOR_RESULT_SIGNAL && signo > 0 &&
               signo < NSIG && (run->passed[signo] || signo == SIGPIPE);
}

static void summarize(const Run *run) {
        g_autofree char *name = program_name(run);
        g_autofree char *end = is_expected(run) ? NULL
                                                : outcome_sentence(run->process, run->idle_usec);
        g_autofree char *left = NULL;

        if (run->n_left > 0)
                left = g_strdup_printf("left %" G_GUINT64_FORMAT " task%s behind, which %s ended",
                                       run->n_left, run->n_left == 1 ? "" : "s",
                                       run->n_left == 1 ? "was" : "were");
        if (end || left)
                cli_note(run->cli, "'%s' %s%s%s", name, end ? end : "", end && left ? "; it " : "",
                         left ? left : "");
        if (run->cli->json) {
                g_autoptr(JsonBuilder) builder = json_builder_new();

                json_add_process(builder, run->process, NULL);
                json_print_builder(builder, stderr);
        }
}

static int conclude(const Run *run) {
        if (run->cancelled_by > 0)
                return CLI_EXIT_SIGNAL_BASE + run->cancelled_by;
        if (run->error)
                return cli_fail(run->cli, run->error);
        if (run->ended)
                summarize(run);
        return run->exit_code;
}

static int run(Cli *cli, void *data, char **operands) {
        g_auto(Run) run = {
                .cli = cli,
                .arguments = data,
                .loop = g_main_loop_new(NULL, FALSE),
                .connecting = g_cancellable_new(),
                .exit_code = CLI_EXIT_PROCTOR_FAILED,
        };

        if (!prepare(&run, operands, &run.error))
                return cli_fail(cli, run.error);
        connect_async(cli, run.connecting, on_connected, &run);
        g_main_loop_run(run.loop);
        g_clear_pointer(&run.tty, tty_free); /* what is said now is said on our terminal */
        return conclude(&run);
}

const Verb verb_run = {
        .name = "run",
        .synopsis = "[OPTIONS] [--] COMMAND [ARGUMENT...]",
        .summary = "run a program in the foreground, watched",
        .description =
                "Runs a program with this one's standard streams, directory and environment, "
                "waits for its end, and returns what it returned. What it leaves behind is "
                "ended. If proctor itself is killed, the program ends too. No shell reads the "
                "command.\n"
                "\n"
                "Without an option that names a bus a private service does it, which needs none "
                "and is gone afterwards.\n"
                "\n"
                "The output of the program goes straight to where it went before, so it is no "
                "sign of life here: watch a program that does not report with "
                "--activity=notify or --activity=cpu; otherwise --timeout bounds its whole run.\n"
                "\n"
                "Signals: SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH and "
                "SIGCONT are passed on to the program's process group; a second SIGINT (Ctrl-C) "
                "ends its tree by force. Ctrl-Z stops the program and this one; fg continues "
                "both.\n"
                "\n"
                "Terminal: the program is in a session of its own. It can read and write the "
                "terminal through its standard streams, but has no controlling terminal: no "
                "/dev/tty and no job control of its own. In the background it reads /dev/null "
                "instead of a terminal. With --tty it has a terminal of its own, which is shown "
                "on this one: every key goes to it (Ctrl-C and Ctrl-Z, too), and it has the size "
                "of this one.",
        .exit_codes = "that of the program; 128+N if signal N ended it; 124 if it hung or ran for "
                      "longer than --max-runtime, 137 if that took SIGKILL; 125 if proctor failed; "
                      "126 if the program was found and cannot be executed; 127 if there is none",
        .shared = launch_options,
        .arguments_size = sizeof(LaunchArguments),
        .operands = VERB_OPERANDS_COMMAND,
        .exits = VERB_EXITS_PROGRAM,
        .run = run,
};
