/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor logs: what the service has captured of a process's output, as it was written. A terminal
 * gets it with everything escaped that could do more than print. */

#include <errno.h>
#include <gio/gunixinputstream.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "format.h"
#include "target.h"

#define CHUNK_BYTES    65536
#define ASK_AGAIN_USEC (G_USEC_PER_SEC / 5)

typedef struct LogsArguments {
        bool follow, stderr_only, stdout_only;
        OptionNumber lines;
} LogsArguments;

/* A captured stream on its way to one of ours. */
typedef struct Log {
        const char *name;
        FILE *to;
        GByteArray *kept;    /* what was there when it was looked at, */
        guint64 end;         /* up to this offset; */
        guint64 begin;       /* from here on it is wanted */
        GInputStream *input; /* to follow; NULL: not, or at its end */
        guint64 skip;        /* bytes of it that are not wanted */
        bool whole_lines;    /* it is to begin with a line */
        bool skip_line;      /* the rest of a line is not wanted, either */
        bool ended;          /* nothing comes any more */
} Log;

typedef struct Logs {
        Log logs[2];
        unsigned n;
} Logs;

static void logs_clear(Logs *logs) {
        for (unsigned i = 0; i < logs->n; i++) {
                g_clear_pointer(&logs->logs[i].kept, g_byte_array_unref);
                g_clear_object(&logs->logs[i].input);
        }
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Logs, logs_clear)

static const Option options[] = {
        {"follow", 'f', OPTION_FLAG, offsetof(LogsArguments, follow), NULL,
         "go on with what comes, until the process and its output end"},
        {"lines", 'n', OPTION_NUMBER, offsetof(LogsArguments, lines), "N",
         "begin with the last N lines of each stream instead of all that is kept"},
        {"stdout", 0, OPTION_FLAG, offsetof(LogsArguments, stdout_only), NULL,
         "standard output alone"},
        {"stderr", 0, OPTION_FLAG, offsetof(LogsArguments, stderr_only), NULL,
         "standard error alone, on standard output"},
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

/* Reads all that is kept. */
static bool read_kept(Log *log, ProctorProcess *process, GError **error) {
        log->kept = g_byte_array_new();
        for (;;) {
                g_autoptr(GBytes) bytes = proctor_process_read_output(
                        process, log->name, &log->end, CHUNK_BYTES, NULL, NULL, error);
                size_t length;
                const guint8 *data = bytes ? g_bytes_get_data(bytes, &length) : NULL;

                if (!bytes)
                        return false;
                if (!data || length == 0)
                        return true;
                g_byte_array_append(log->kept, data, (guint)length);
        }
}

/* Where the last lines of what is kept begin. A line that is not ended counts as one. */
static size_t find_last_lines(const GByteArray *kept, unsigned n_lines) {
        size_t position = kept->len;

        for (; n_lines > 0 && position > 0; n_lines--) {
                const guint8 *newline = memrchr(kept->data, '\n', position - 1);

                position = newline ? (size_t)(newline - kept->data) + 1 : 0;
        }
        return position;
}

static bool look(Log *log, ProctorProcess *process, const OptionNumber *lines, GError **error) {
        if (!read_kept(log, process, error))
                return false;
        log->begin = log->end - log->kept->len;
        log->whole_lines = lines->set;
        if (lines->set)
                log->begin += find_last_lines(log->kept, lines->value);
        return true;
}

static void write_kept(const Log *log) {
        size_t length = (size_t)(log->end - log->begin);

        if (length > 0)
                write_bytes((const char *)log->kept->data + log->kept->len - length, length,
                            log->to);
}

/* A stream that is followed begins with the oldest byte that is kept at that moment. If more came
 * meanwhile than could be kept, that is known only roughly, and we begin with a line. */
static bool open_log(Log *log, ProctorProcess *process, GError **error) {
        g_autoptr(GBytes) first = NULL;
        guint64 oldest = 0;

        log->input = proctor_process_open_output(process, log->name, NULL, error);
        first = log->input ? proctor_process_read_output(process, log->name, &oldest, 1, NULL, NULL,
                                                         error)
                           : NULL;
        if (!first)
                return false;
        oldest -= g_bytes_get_size(first);
        log->skip = log->begin > oldest ? log->begin - oldest : 0;
        log->skip_line = log->whole_lines && oldest > log->end - log->kept->len;
        return true;
}

static void write_followed(Log *log, const char *data, size_t length) {
        size_t skipped = (size_t)MIN(log->skip, length);

        log->skip -= skipped;
        data += skipped;
        length -= skipped;
        if (log->skip_line && length > 0) {
                const char *newline = memchr(data, '\n', length);

                if (!newline)
                        return;
                log->skip_line = false;
                length -= (size_t)(newline + 1 - data);
                data = newline + 1;
        }
        write_bytes(data, length, log->to);
}

static bool read_followed(Log *log, GError **error) {
        g_autofree char *buffer = g_malloc(CHUNK_BYTES);
        gssize n = g_input_stream_read(log->input, buffer, CHUNK_BYTES, NULL, error);

        if (n > 0)
                write_followed(log, buffer, (size_t)n);
        else
                g_clear_object(&log->input);
        return n >= 0;
}

/* Copies what comes until every stream has ended. False with an error, or if it cannot be written. */
static bool follow(Logs *logs, GError **error) {
        for (;;) {
                struct pollfd fds[G_N_ELEMENTS(logs->logs)];
                bool going = false;

                for (unsigned i = 0; i < logs->n; i++) {
                        GInputStream *input = logs->logs[i].input;

                        fds[i].fd = input ? g_unix_input_stream_get_fd(G_UNIX_INPUT_STREAM(input))
                                          : -1;
                        fds[i].events = POLLIN;
                        going = going || input;
                }
                if (!going)
                        return true;
                if (poll(fds, logs->n, -1) < 0 && errno != EINTR) {
                        g_set_error(error, CLI_ERROR, CLI_ERROR_FAILED,
                                    "cannot wait for output: %s", g_strerror(errno));
                        return false;
                }
                for (unsigned i = 0; i < logs->n; i++) {
                        if (fds[i].fd >= 0 && fds[i].revents != 0 &&
                            !read_followed(&logs->logs[i], error))
                                return false;
                        if (fflush(logs->logs[i].to) != 0)
                                return false;
                }
        }
}

/* A pipe ends in the same way when the service ends: that is told apart by asking it. */
static bool is_end(const Log *log, ProctorProcess *process, GError **error) {
        guint64 offset = G_MAXUINT64;
        g_autoptr(GBytes) bytes = proctor_process_read_output(process, log->name, &offset, 0, NULL,
                                                              NULL, error);

        return bytes;
}

/* The next bytes of a stream that cannot be had as a descriptor. */
static bool read_by_value(Log *log, ProctorProcess *process, bool *ret_came, GError **error) {
        gboolean eof = FALSE;
        g_autoptr(GBytes) bytes = proctor_process_read_output(process, log->name, &log->end,
                                                              CHUNK_BYTES, &eof, NULL, error);
        size_t length = 0;
        const char *data = bytes ? g_bytes_get_data(bytes, &length) : NULL;

        if (!bytes)
                return false;
        if (length > 0)
                write_bytes(data, length, log->to);
        *ret_came = *ret_came || length > 0;
        log->ended = eof;
        return true;
}

/* From another machine no descriptor comes: it is asked again and again. */
static bool follow_by_value(Logs *logs, ProctorProcess *process, GError **error) {
        for (;;) {
                bool came = false, going = false;

                for (unsigned i = 0; i < logs->n; i++) {
                        Log *log = &logs->logs[i];

                        if (!log->ended && !read_by_value(log, process, &came, error))
                                return false;
                        if (fflush(log->to) != 0)
                                return true; /* said at the end */
                        going = going || !log->ended;
                }
                if (!going)
                        return true;
                if (!came)
                        g_usleep(ASK_AGAIN_USEC);
        }
}

static bool follow_all(Logs *logs, ProctorProcess *process, GError **error) {
        GError *local = NULL;

        for (unsigned i = 0; i < logs->n; i++)
                if (!open_log(&logs->logs[i], process, error))
                        return false;
        if (follow(logs, &local))
                return is_end(&logs->logs[0], process, error);
        if (!local)
                return true; /* said at the end */
        g_propagate_error(error, local);
        return false;
}

static bool is_missing(const GError *error) {
        return g_error_matches(error, PROCTOR_ERROR, PROCTOR_ERROR_NOT_SUPPORTED);
}

/* The streams that are wanted. Where that is both, one that is not captured is left out. */
static bool add_logs(Logs *logs, const LogsArguments *arguments, ProctorProcess *process,
                     GError **error) {
        bool both = !arguments->stdout_only && !arguments->stderr_only;
        Log wanted[] = {
                {.name = "stdout", .to = stdout},
                {.name = "stderr", .to = both ? stderr : stdout},
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(wanted); i++) {
                Log *log = &logs->logs[logs->n];
                GError *local = NULL;

                if (i == 0 ? arguments->stderr_only : arguments->stdout_only)
                        continue;
                *log = wanted[i];
                if (look(log, process, &arguments->lines, &local)) {
                        logs->n++;
                        continue;
                }
                g_byte_array_unref(log->kept);
                if (!both || !is_missing(local) || (i == 1 && logs->n == 0)) {
                        g_propagate_error(error, local);
                        return false;
                }
                g_error_free(local);
        }
        return true;
}

static int show(const Cli *cli, const LogsArguments *arguments, ProctorProcess *process) {
        g_autoptr(GError) error = NULL;
        g_auto(Logs) logs = {0};

        if (!add_logs(&logs, arguments, process, &error))
                return cli_fail(cli, error);
        if (arguments->follow && !cli->host)
                return follow_all(&logs, process, &error) ? CLI_EXIT_OK : cli_fail(cli, error);
        for (unsigned i = 0; i < logs.n; i++)
                write_kept(&logs.logs[i]);
        if (arguments->follow && !follow_by_value(&logs, process, &error))
                return cli_fail(cli, error);
        return CLI_EXIT_OK;
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
                "standard error to standard error; with --follow both as they come. On a terminal, "
                "what could do more than print is "
                "escaped. A TARGET is an id, pid:PID or a name, see 'proctor help targets'.",
        .exit_codes =
                "0 done, 1 the output is not captured or it failed, 2 wrong usage, 3 there is "
                "no such process, 4 there is no service",
        .options = options,
        .arguments_size = sizeof(LogsArguments),
        .run = run,
};
