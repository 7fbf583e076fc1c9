/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor attach: our terminal for that of a process in the service, until it ends or a key leaves
 * it. */

#include <glib-unix.h>
#include <signal.h>
#include <string.h>

#include "cli.h"
#include "console.h"
#include "format.h"
#include "forward.h"
#include "relay.h"
#include "target.h"

/* From the end of the terminal to that of the process, if it is one. */
#define END_PATIENCE_USEC 500000
#define ESCAPE_DEFAULT    ']' /* with Ctrl, as that of telnet */

typedef struct AttachArguments {
        const char *escape;
} AttachArguments;

static const Option options[] = {
        {"escape", 'e', OPTION_STRING, offsetof(AttachArguments, escape), "KEY",
         "leave with Ctrl-KEY, a letter or one of @ [ \\ ] ^ _; none: with no key; otherwise "
         "Ctrl-]"},
        {0},
};

typedef struct Attach {
        ProctorProcess *process;
        GMainLoop *loop;
        bool left;
        int ended_by; /* signal */
} Attach;

static bool parse_escape(const char *text, int *ret, GError **error) {
        *ret = ESCAPE_DEFAULT & 0x1f;
        if (!text)
                return true;
        if (strcmp(text, "none") == 0) {
                *ret = RELAY_NO_ESCAPE;
                return true;
        }
        if (strlen(text) == 1 && (g_ascii_isalpha(*text) || strchr("@[\\]^_", *text))) {
                *ret = *text & 0x1f;
                return true;
        }
        g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE,
                    "--escape=%s: expected a letter, one of @ [ \\ ] ^ _, or none", text);
        return false;
}

static void on_resized(GObject *source, GAsyncResult *result, void *data) {
        /* It has ended meanwhile, or the service has, which is told otherwise. */
        (void)proctor_process_resize_terminal_finish(PROCTOR_PROCESS(source), result, NULL);
}

static void follow_size(Attach *attach) {
        guint rows, columns;

        if (console_get_size(&rows, &columns))
                proctor_process_resize_terminal_async(attach->process, rows, columns, NULL,
                                                      on_resized, NULL);
}

static void on_signal(int signo, void *data) {
        Attach *attach = data;

        if (forward_is_end(signo)) { /* kept until the loop runs */
                attach->ended_by = signo;
                g_main_loop_quit(attach->loop);
        } else if (signo == SIGWINCH) {
                follow_size(attach);
        } else if (signo == SIGTSTP) {
                console_restore();
                raise(SIGSTOP);
                if (console_is_there())
                        (void)console_set_raw(NULL);
                follow_size(attach);
        }
}

static void on_end(RelayEnd end, void *data) {
        Attach *attach = data;

        attach->left = end == RELAY_END_LEFT;
        g_main_loop_quit(attach->loop);
}

/* Until one of the ends. */
static bool show(Attach *attach, GIOStream *stream, int escape, GError **error) {
        GSocket *socket = g_socket_connection_get_socket(G_SOCKET_CONNECTION(stream));
        g_autoptr(Relay) relay = NULL;

        if (console_is_there() && !console_set_raw(error))
                return false;
        follow_size(attach);
        relay = relay_new(g_socket_get_fd(socket), escape, on_end, attach);
        g_main_loop_run(attach->loop);
        console_restore();
        return true;
}

static int conclude(const Cli *cli, Attach *attach) {
        g_autofree char *who = format_process(attach->process), *how = NULL;
        g_autoptr(GError) error = NULL;
        ProctorResult result;
        int exit_code;

        if (attach->ended_by > 0)
                return CLI_EXIT_SIGNAL_BASE + attach->ended_by;
        if (attach->left) {
                cli_note(cli, "left %s, which goes on", who);
                return CLI_EXIT_OK;
        }
        if (proctor_process_wait(attach->process, END_PATIENCE_USEC, &exit_code, &result, NULL,
                                 &error)) {
                how = format_result(exit_code, result);
                cli_note(cli, "%s: %s", who, how);
        } else if (g_error_matches(error, PROCTOR_ERROR, PROCTOR_ERROR_TIMEOUT)) {
                cli_note(cli, "%s has closed its terminal, and goes on", who);
        } else {
                return cli_fail(cli, error);
        }
        return CLI_EXIT_OK;
}

static ProctorProcess *find(const Cli *cli, char **operands, GError **error) {
        g_autoptr(ProctorManager) manager = NULL;
        g_autoptr(GPtrArray) processes = NULL;

        if (cli->json)
                g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE, "attach has no JSON form");
        else if (operands[0] && operands[1])
                g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE, "attach takes one process");
        else
                processes = targets_open(cli, operands, &manager, error);
        return processes ? g_object_ref(processes->pdata[0]) : NULL;
}

static int run(Cli *cli, void *data, char **operands) {
        const AttachArguments *arguments = data;
        g_autoptr(ProctorProcess) process = NULL;
        g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
        g_autoptr(GIOStream) stream = NULL;
        g_autoptr(GError) error = NULL;
        Attach attach = {.loop = loop};
        int escape;

        if (parse_escape(arguments->escape, &escape, &error) &&
            forward_watch(on_signal, &attach, &error) > 0) /* before there are threads */
                process = attach.process = find(cli, operands, &error);
        stream = process ? proctor_process_open_terminal(process, NULL, &error) : NULL;
        if (!stream || !show(&attach, stream, escape, &error))
                return cli_fail(cli, error);
        return conclude(cli, &attach);
}

const Verb verb_attach = {
        .name = "attach",
        .synopsis = "[OPTIONS] TARGET",
        .summary = "work on the terminal of a process",
        .description =
                "Shows the terminal of a process that was started with --tty, from what is kept "
                "of it on, and types into it what is typed here. Every key goes there but one: "
                "Ctrl-] leaves it, and the process goes on. Several may be attached at once. The "
                "process's terminal takes the size of this one. A TARGET is an id, pid:PID or a "
                "name, see 'proctor help targets'.",
        .exit_codes =
                "0 the process has ended or was left; 128+N if signal N ended the tool; 1 the "
                "process has no terminal or it failed, 2 wrong usage, 3 there is no such process, "
                "4 there is no service",
        .options = options,
        .arguments_size = sizeof(AttachArguments),
        .run = run,
};
