/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor start: starts a process in the service of a bus and leaves it there. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "connect.h"
#include "console.h"
#include "format.h"
#include "json.h"
#include "launch.h"
#include "start.h"

const Option start_options[] = {
        {"stdin", 0, OPTION_STRING, offsetof(StartArguments, streams[0]), "FILE|null",
         "read standard input from FILE; otherwise null, which has none"},
        {"stdout", 0, OPTION_STRING, offsetof(StartArguments, streams[1]), "FILE|null|journal",
         "append standard output to FILE (./null is one), drop it, or send it to the system's "
         "journal; otherwise it is captured, see 'proctor logs'"},
        {"stderr", 0, OPTION_STRING, offsetof(StartArguments, streams[2]), "FILE|null|journal",
         "the same for standard error"},
        {"user", 0, OPTION_STRING, offsetof(StartArguments, user), "USER",
         "on a system bus, run as this user, in his home directory and with a clean environment"},
        {0},
};

static int open_stream(const char *path, int flags, GError **error) {
        int fd = open(path, flags | O_CLOEXEC | O_NOCTTY, 0666);

        if (fd < 0)
                g_set_error(error, CLI_ERROR, CLI_ERROR_FAILED, "cannot open '%s': %s", path,
                            strerror(errno));
        return fd;
}

/* The words of systemd's StandardOutput=, which is what users know. */
static bool is_word(const char *text, bool is_input) {
        return strcmp(text, "null") == 0 || (!is_input && strcmp(text, "journal") == 0);
}

static bool set_streams(ProctorProcessConfig *config, const char *const *streams, GError **error) {
        static void (*const take[])(ProctorProcessConfig *, int) = {
                proctor_process_config_take_stdin_fd,
                proctor_process_config_take_stdout_fd,
                proctor_process_config_take_stderr_fd,
        };
        static void (*const set[])(ProctorProcessConfig *, const char *) = {
                proctor_process_config_set_stdin,
                proctor_process_config_set_stdout,
                proctor_process_config_set_stderr,
        };

        for (size_t i = 0; i < G_N_ELEMENTS(take); i++) {
                int fd;

                if (!streams[i])
                        continue;
                if (is_word(streams[i], i == 0)) {
                        set[i](config, streams[i]);
                        continue;
                }
                fd = open_stream(streams[i], i == 0 ? O_RDONLY : O_WRONLY | O_APPEND | O_CREAT,
                                 error);
                if (fd < 0)
                        return false;
                take[i](config, fd);
        }
        return true;
}

/* As large as the one that it will be attached to, probably. */
static bool set_terminal(ProctorProcessConfig *config, const StartArguments *arguments,
                         GError **error) {
        guint rows, columns;

        if (!arguments->launch.tty)
                return true;
        for (size_t i = 0; i < G_N_ELEMENTS(arguments->streams); i++)
                if (arguments->streams[i]) {
                        g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE,
                                    "--tty is for all three standard streams: it cannot be used "
                                    "with --stdin, --stdout or --stderr");
                        return false;
                }
        proctor_process_config_set_terminal(config, TRUE);
        if (console_get_size(&rows, &columns))
                proctor_process_config_set_terminal_size(config, rows, columns);
        return true;
}

static void report(const Cli *cli, ProctorProcess *process) {
        g_autoptr(JsonBuilder) builder = json_builder_new();
        const char *name = proctor_process_get_name(process);
        g_autofree char *clean = format_text(name ? name : "");

        if (cli->json) {
                json_begin_process(builder, process);
                json_builder_end_object(builder);
                json_print_builder(builder, stdout);
        } else if (cli->quiet) {
                printf("%" G_GUINT64_FORMAT "\n", proctor_process_get_id(process));
        } else {
                printf("Started '%s' as %" G_GUINT64_FORMAT " (PID %u)\n", clean,
                       proctor_process_get_id(process), proctor_process_get_pid(process));
        }
}

ProctorProcessConfig *start_config_new(const Cli *cli, const StartArguments *arguments,
                                       char **command, GError **error) {
        LaunchBase base = cli->host || arguments->user ? LAUNCH_BASE_USER : LAUNCH_BASE_CALLER;
        g_autoptr(ProctorProcessConfig)
                config = launch_config_new(cli, &arguments->launch, base, command, error);

        if (config && arguments->user)
                proctor_process_config_set_option(config, "User",
                                                  g_variant_new_string(arguments->user));
        if (!config || !set_terminal(config, arguments, error) ||
            !set_streams(config, arguments->streams, error))
                return NULL;
        return g_steal_pointer(&config);
}

static int run(Cli *cli, void *data, char **operands) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorProcessConfig) config = start_config_new(cli, data, operands, &error);
        g_autoptr(ProctorManager) manager = config ? connect_to_bus(cli, &error) : NULL;
        g_autoptr(ProctorProcess)
                process = manager ? proctor_manager_start(manager, config, NULL, &error) : NULL;

        if (!process)
                return cli_fail(cli, error);
        report(cli, process);
        return CLI_EXIT_OK;
}

const Verb verb_start = {
        .name = "start",
        .synopsis = "[OPTIONS] [--] COMMAND [ARGUMENT...]",
        .summary = "start a process and leave it to the service",
        .description = "Starts a process in the service of a bus, in the current directory, with "
                       "the current environment, in a session of its own, and returns as soon as "
                       "the program runs. The id that is shown names it from then on; with --quiet "
                       "it is all that is shown. No shell reads the command.\n\nOn another "
                       "machine (--host) and as another user (--user) it begins in the home "
                       "directory of its user, with a clean environment.",
        .exit_codes = "0 it was started; 125 it was not; 126 the program was found and cannot be "
                      "executed; 127 there is no such program",
        .options = start_options,
        .shared = launch_options,
        .arguments_size = sizeof(StartArguments),
        .operands = VERB_OPERANDS_COMMAND,
        .exits = VERB_EXITS_PROGRAM,
        .run = run,
};
