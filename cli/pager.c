/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The pager is a child at the other end of our standard output. While it runs, Ctrl-C is its to
 * handle, and that its user leaves before the end is no failure of ours. */

#include "pager.h"

#include <gio/gunixoutputstream.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "table.h"

static GSubprocess *arg_pager;

/* "" and "cat" mean none. */
static char **pager_command(void) {
        const char *text = g_getenv("PROCTOR_PAGER");
        char **words = NULL;

        if (!text)
                text = g_getenv("PAGER");
        if (!text)
                text = "less";
        if (strcmp(text, "cat") == 0 || !g_shell_parse_argv(text, NULL, &words, NULL))
                return NULL;
        return words;
}

static bool is_wanted(const Cli *cli) {
        const char *term = g_getenv("TERM");

        return !cli->no_pager && !cli->json && !arg_pager && term && strcmp(term, "dumb") != 0 &&
               isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
}

static GSubprocess *spawn(char **command) {
        g_autoptr(GSubprocessLauncher)
                launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDIN_PIPE);

        /* leave if it fits, show colours, cut no line, keep the screen */
        g_subprocess_launcher_setenv(launcher, "LESS", "FRXMK", FALSE);
        g_subprocess_launcher_setenv(launcher, "LESSCHARSET", "utf-8", FALSE);
        /* no shell, no editor: it may run as root for somebody who may only look */
        g_subprocess_launcher_setenv(launcher, "LESSSECURE", "1", FALSE);
        return g_subprocess_launcher_spawnv(launcher, (const char *const *)command, NULL);
}

void pager_open(const Cli *cli) {
        g_auto(GStrv) command = is_wanted(cli) ? pager_command() : NULL;
        g_autofree char *width = NULL;
        int fd;

        if (!command || !command[0])
                return;
        width = g_strdup_printf("%u", table_terminal_width());
        arg_pager = spawn(command);
        if (!arg_pager)
                return;
        g_setenv("COLUMNS", width, FALSE);
        signal(SIGINT, SIG_IGN);
        signal(SIGPIPE, SIG_IGN);
        fflush(stdout);
        fd = g_unix_output_stream_get_fd(
                G_UNIX_OUTPUT_STREAM(g_subprocess_get_stdin_pipe(arg_pager)));
        dup2(fd, STDOUT_FILENO);
        g_output_stream_close(g_subprocess_get_stdin_pipe(arg_pager), NULL, NULL);
}

bool pager_is_open(void) {
        return arg_pager;
}

bool pager_close(void) {
        if (!arg_pager)
                return false;
        fclose(stdout);
        g_subprocess_wait(arg_pager, NULL, NULL);
        g_clear_object(&arg_pager);
        return true;
}
