/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor logs: captured output, what is kept of it and, if asked, what comes. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "format.h"
#include "json.h"
#include "target.h"

/* One call's worth, and how long to wait when there was nothing. */
#define PIECE_BYTES (256 * 1024)
#define PAUSE_USEC  100000

typedef struct LogsArguments {
        const char *lines;
        bool follow, from_stderr, raw;
} LogsArguments;

static const Option options[] = {
        {"follow", 'f', OPTION_FLAG, offsetof(LogsArguments, follow), NULL,
         "go on with what comes, until the process and all that\nwrites for it has ended"},
        {"stderr", 0, OPTION_FLAG, offsetof(LogsArguments, from_stderr), NULL,
         "its standard error instead of its standard output"},
        {"lines", 'n', OPTION_STRING, offsetof(LogsArguments, lines), "N",
         "the last N lines of what is kept"},
        {"raw", 0, OPTION_FLAG, offsetof(LogsArguments, raw), NULL,
         "control characters as they are, on a terminal too"},
        {0},
};

typedef struct Log {
        const char *stream;
        GByteArray *bytes; /* what was read and not printed yet */
        guint64 next;
        gboolean eof;
        bool escape;
} Log;

static bool read_piece(Log *log, ProctorProcess *process, GError **error) {
        g_autoptr(GBytes) piece = proctor_process_read_output(process, log->stream, &log->next,
                                                              PIECE_BYTES, &log->eof, NULL, error);

        if (!piece)
                return false;
        g_byte_array_append(log->bytes, g_bytes_get_data(piece, NULL),
                            (guint)g_bytes_get_size(piece));
        return true;
}

/* All that is kept now. */
static bool read_kept(Log *log, ProctorProcess *process, GError **error) {
        guint before;

        do {
                before = log->bytes->len;
                if (!read_piece(log, process, error))
                        return false;
        } while (log->bytes->len > before && !log->eof);
        return true;
}

/* Leaves the last lines; what comes after the last line end is a line too. */
static void keep_lines(GByteArray *bytes, guint64 lines) {
        guint at = bytes->len;

        if (at > 0 && bytes->data[at - 1] == '\n')
                at--;
        while (at > 0) {
                if (bytes->data[at - 1] == '\n' && --lines == 0)
                        break;
                at--;
        }
        g_byte_array_remove_range(bytes, 0, lines == 0 ? at : 0);
}

/* A terminal gets text: what could move its cursor or change its state is shown as what it is. */
static void print_escaped(const GByteArray *bytes) {
        for (guint i = 0; i < bytes->len; i++) {
                guint8 c = bytes->data[i];

                if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
                        printf("\\x%02x", c);
                else
                        putchar(c);
        }
}

static void print(Log *log) {
        if (log->escape)
                print_escaped(log->bytes);
        else
                fwrite(log->bytes->data, 1, log->bytes->len, stdout);
        fflush(stdout);
        g_byte_array_set_size(log->bytes, 0);
}

static void print_json(const Log *log, ProctorProcess *process) {
        g_autoptr(JsonBuilder) builder = json_builder_new();
        g_autofree char *text = g_utf8_make_valid((const char *)log->bytes->data,
                                                  (gssize)log->bytes->len);

        json_begin_process(builder, process);
        json_add_string(builder, "Stream", log->stream);
        json_add_uint(builder, "Next", log->next);
        json_add_bool(builder, "Eof", log->eof);
        json_add_string(builder, "Text", text);
        json_builder_end_object(builder);
        json_print_builder(builder, stdout);
}

static bool follow(Log *log, ProctorProcess *process, GError **error) {
        while (!log->eof && !ferror(stdout)) {
                if (!read_piece(log, process, error))
                        return false;
                if (log->bytes->len > 0)
                        print(log);
                else if (!log->eof)
                        g_usleep(PAUSE_USEC);
        }
        return true;
}

static bool check(const LogsArguments *arguments, const Cli *cli, guint64 *ret_lines,
                  GError **error) {
        *ret_lines = 0;
        if (arguments->lines &&
            !g_ascii_string_to_unsigned(arguments->lines, 10, 1, G_MAXUINT32, ret_lines, NULL)) {
                g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE,
                            "--lines=%s: a number from 1 on is expected", arguments->lines);
                return false;
        }
        if (cli->json && arguments->follow) {
                g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE,
                            "--json and --follow cannot be used together");
                return false;
        }
        return true;
}

static bool show(const LogsArguments *arguments, const Cli *cli, guint64 lines,
                 ProctorProcess *process, GError **error) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        Log log = {
                .stream = arguments->from_stderr ? "stderr" : "stdout",
                .bytes = bytes,
                .escape = !arguments->raw && isatty(STDOUT_FILENO),
        };

        if (!read_kept(&log, process, error))
                return false;
        if (lines > 0)
                keep_lines(bytes, lines);
        if (cli->json)
                print_json(&log, process);
        else
                print(&log);
        return !arguments->follow || follow(&log, process, error);
}

static int run(Cli *cli, void *data, char **operands) {
        const LogsArguments *arguments = data;
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorManager) manager = NULL;
        g_autoptr(GPtrArray) processes = NULL;
        guint64 lines;

        if (!check(arguments, cli, &lines, &error))
                return cli_fail(cli, error);
        processes = targets_open(cli, operands, &manager, &error);
        if (processes && processes->len > 1)
                error = g_error_new(CLI_ERROR, CLI_ERROR_USAGE, "logs shows one process at a time");
        if (!error)
                show(arguments, cli, lines, processes->pdata[0], &error);
        return error ? cli_fail(cli, error) : CLI_EXIT_OK;
}

const Verb verb_logs = {
        .name = "logs",
        .synopsis = "[OPTIONS] TARGET",
        .summary = "show captured output",
        .description = "Shows what a process wrote, as far as it is kept (64 KiB a stream unless "
                       "it was started with another limit), also after its end. On a terminal, "
                       "control characters are shown as escapes. A TARGET is an id, pid:PID or a "
                       "name, see 'proctor help targets'.",
        .exit_codes = "0; 1 if that stream is not captured, or on another error; 2 for a bad "
                      "command line; 3 if there is no such process; 4 if there is no service.",
        .options = options,
        .arguments_size = sizeof(LogsArguments),
        .run = run,
};
