/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor logs: what the service has captured of a process's output, as it was written. A terminal
 * gets it with everything escaped that could do more than print. */

#include <stdio.h>
#include <unistd.h>

#include "cli.h"
#include "format.h"
#include "target.h"

#define CHUNK_BYTES 65536

typedef struct LogsArguments {
        bool follow, stderr_only, stdout_only;
} LogsArguments;

static const Option options[] = {
        {"follow", 'f', OPTION_FLAG, offsetof(LogsArguments, follow), NULL,
         "go on with what comes, until the process and its output end; of standard output alone, "
         "or with --stderr of standard error"},
        {"stdout", 0, OPTION_FLAG, offsetof(LogsArguments, stdout_only), NULL,
         "standard output alone"},
        {"stderr", 0, OPTION_FLAG, offsetof(LogsArguments, stderr_only), NULL,
         "standard error alone"},
        {0},
};

static void write_bytes(const char *data, size_t length, FILE *stream) {
        const char *end = data + length;

        if (isatty(fileno(stream)) != 1) {
                fwrite(data, 1, length, stream);
                return;
        }
        while (data < end) {
                const char *stop = data;
                g_autofree char *text = NULL, *clean = NULL;

                while (stop < end && *stop != '\n' && *stop != '\0')
                        stop++;
                text = g_strndup(data, (size_t)(stop - data));
                clean = format_text(text);
                fputs(clean, stream);
                if (stop < end)
                        fputs(*stop == '\n' ? "\n" : "\\x00", stream);
                data = stop + 1;
        }
}

static bool copy_kept(ProctorProcess *process, const char *name, FILE *stream, GError **error) {
        guint64 offset = 0;

        for (;;) {
                g_autoptr(GBytes) bytes = proctor_process_read_output(
                        process, name, &offset, CHUNK_BYTES, NULL, NULL, error);
                size_t length;
                const char *data = bytes ? g_bytes_get_data(bytes, &length) : NULL;

                if (!bytes)
                        return false;
                if (!data || length == 0)
                        return true;
                write_bytes(data, length, stream);
        }
}

static bool follow(ProctorProcess *process, const char *name, FILE *stream, GError **error) {
        g_autoptr(GInputStream) input = proctor_process_open_output(process, name, NULL, error);
        g_autofree char *buffer = g_malloc(CHUNK_BYTES);
        gssize n;

        while (input && (n = g_input_stream_read(input, buffer, CHUNK_BYTES, NULL, error)) != 0) {
                if (n < 0)
                        return false;
                write_bytes(buffer, (size_t)n, stream);
                if (fflush(stream) != 0)
                        return true; /* said at the end */
        }
        return input;
}

static int show(const Cli *cli, const LogsArguments *arguments, ProctorProcess *process) {
        g_autoptr(GError) error = NULL;
        bool good = true;

        if (arguments->follow)
                good = follow(process, arguments->stderr_only ? "stderr" : "stdout", stdout,
                              &error);
        if (good && !arguments->follow && !arguments->stderr_only)
                good = copy_kept(process, "stdout", stdout, &error);
        if (good && !arguments->follow && !arguments->stdout_only)
                good = copy_kept(process, "stderr", arguments->stderr_only ? stdout : stderr,
                                 &error);
        return good ? CLI_EXIT_OK : cli_fail(cli, error);
}

static int run(Cli *cli, void *data, char **operands) {
        const LogsArguments *arguments = data;
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorManager) manager = NULL;
        g_autoptr(GPtrArray) processes = NULL;

        if (arguments->stdout_only && arguments->stderr_only)
                error = g_error_new(CLI_ERROR, CLI_ERROR_USAGE,
                                    "--stdout and --stderr cannot be used together");
        else if (cli->json)
                error = g_error_new(CLI_ERROR, CLI_ERROR_USAGE,
                                    "logs has no JSON form: it copies bytes");
        else if (operands[0] && operands[1])
                error = g_error_new(CLI_ERROR, CLI_ERROR_USAGE, "logs takes one process");
        else
                processes = targets_open(cli, operands, &manager, &error);
        return processes ? show(cli, arguments, processes->pdata[0]) : cli_fail(cli, error);
}

const Verb verb_logs = {
        .name = "logs",
        .synopsis = "[OPTIONS] TARGET",
        .summary = "show the captured output of a process",
        .description =
                "Copies what the service has kept of the output of a process, running or finished: "
                "the newest bytes of its standard output to standard output, then those of its "
                "standard error to standard error. On a terminal, what could do more than print is "
                "escaped. A TARGET is an id, pid:PID or a name, see 'proctor help targets'.",
        .exit_codes =
                "0 done, 1 the output is not captured or it failed, 2 wrong usage, 3 there is "
                "no such process, 4 there is no service",
        .options = options,
        .arguments_size = sizeof(LogsArguments),
        .run = run,
};
