/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From pipes to lines. A line is written when it has ended, when it is too long to be kept, or when
 * its writer has ended. A terminal gets it with everything escaped that could do more than print;
 * elsewhere the bytes are as they were. */

#include "up-output.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "format.h"
#include "json.h"
#include "style.h"
#include "table.h"

#define MAX_LINE_BYTES 8192
#define READ_BYTES     65536
#define MAX_NAME_WIDTH 24
#define N_STREAMS      2

static const char *const stream_names[N_STREAMS] = {"stdout", "stderr"};

typedef struct Stream {
        UpOutput *output;
        UpMember *member;
        unsigned kind; /* of N_STREAMS */
        int fd;        /* -1 at its end */
        unsigned source;
        GByteArray *partial; /* a line that has not ended */
        char *prefix;
} Stream;

struct UpOutput {
        const Cli *cli;
        GPtrArray *streams; /* of Stream */
        Writer *writer;
        UpOutputFunc func;
        UpOutputDoneFunc done;
        void *data;
        bool waiting; /* for room */
        bool finishing;
        bool terminal[N_STREAMS];
};

static void stream_free(void *data) {
        Stream *stream = data;

        g_clear_handle_id(&stream->source, g_source_remove);
        if (stream->fd >= 0)
                close(stream->fd);
        g_byte_array_unref(stream->partial);
        g_free(stream->prefix);
        g_free(stream);
}

static int target_of(const Stream *stream) {
        return stream->kind == 0 ? STDOUT_FILENO : STDERR_FILENO;
}

static void append_escaped(GString *to, const char *line, size_t length) {
        const char *end = line + length;

        while (line < end) {
                const char *stop = line;
                g_autofree char *text = NULL, *clean = NULL;

                while (stop < end && *stop != '\0' && *stop != '\t')
                        stop++;
                text = g_strndup(line, (size_t)(stop - line));
                clean = format_text(text);
                g_string_append(to, clean);
                if (stop < end)
                        g_string_append(to, *stop == '\t' ? "\t" : "\\x00");
                line = stop + 1;
        }
}

static void append_json(GString *to, JsonBuilder *builder) {
        char *text = NULL;
        size_t length;
        FILE *memory = open_memstream(&text, &length);

        if (!memory)
                return;
        json_print_line(builder, memory);
        fclose(memory);
        g_string_append_len(to, text, (gssize)length);
        free(text);
}

static void append_json_line(GString *to, const Stream *stream, const char *line, size_t length) {
        g_autoptr(JsonBuilder) builder = json_builder_new();
        g_autofree char *text = g_utf8_make_valid(line, (gssize)length);

        json_builder_begin_object(builder);
        json_add_string(builder, "Event", "output");
        json_add_string(builder, "Member", stream->member->name);
        json_add_string(builder, "Stream", stream_names[stream->kind]);
        json_add_string(builder, "Text", text);
        json_builder_end_object(builder);
        append_json(to, builder);
}

static void append_line(GString *to, const Stream *stream, const char *line, size_t length) {
        if (stream->output->cli->json) {
                append_json_line(to, stream, line, length);
                return;
        }
        g_string_append(to, stream->prefix);
        if (stream->output->terminal[stream->kind])
                append_escaped(to, line, length - (length > 0 && line[length - 1] == '\r'));
        else
                g_string_append_len(to, line, (gssize)length);
        g_string_append_c(to, '\n');
}

static void write_text(UpOutput *output, int fd, GString *text) {
        if (text->len > 0)
                writer_take(output->writer, fd, g_string_free_to_bytes(text));
        else
                g_string_free(text, TRUE);
}

/* Where a line that is too long is broken: not within a character, if it has any. */
static size_t break_of(const GByteArray *partial) {
        size_t length = MAX_LINE_BYTES;

        while (length > MAX_LINE_BYTES - 4 && (partial->data[length] & 0xc0) == 0x80)
                length--;
        return (partial->data[length] & 0xc0) == 0x80 ? MAX_LINE_BYTES : length;
}

static void take_bytes(Stream *stream, const char *data, size_t length) {
        GString *text = g_string_new(NULL);
        GByteArray *partial = stream->partial;

        while (length > 0) {
                const char *newline = memchr(data, '\n', length);
                size_t n = newline ? (size_t)(newline - data) : length;

                /* one more than is kept shows whether it is too long */
                n = MIN(n, MAX_LINE_BYTES + 1 - partial->len);
                g_byte_array_append(partial, (const guint8 *)data, (guint)n);
                data += n;
                length -= n;
                if (partial->len > MAX_LINE_BYTES) {
                        size_t cut = break_of(partial);

                        append_line(text, stream, (const char *)partial->data, cut);
                        g_byte_array_remove_range(partial, 0, (guint)cut);
                } else if (length > 0 && *data == '\n') {
                        append_line(text, stream, (const char *)partial->data, partial->len);
                        g_byte_array_set_size(partial, 0);
                        data++;
                        length--;
                }
        }
        write_text(stream->output, stream->output->cli->json ? STDOUT_FILENO : target_of(stream),
                   text);
}

/* Returns false when there is nothing (more) now. */
static bool read_some(Stream *stream) {
        g_autofree char *buffer = g_malloc(READ_BYTES);
        ssize_t n = read(stream->fd, buffer, READ_BYTES);

        if (n > 0) {
                take_bytes(stream, buffer, (size_t)n);
                stream->output->func(stream->member, stream->output->data);
                return true;
        }
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return errno == EINTR;
        close(stream->fd);
        stream->fd = -1;
        return false;
}

static void pause_all(UpOutput *output);

static gboolean on_readable(int fd, GIOCondition condition, void *data) {
        Stream *stream = data;

        read_some(stream);
        if (stream->fd < 0) {
                stream->source = 0;
                return G_SOURCE_REMOVE;
        }
        if (!writer_is_full(stream->output->writer))
                return G_SOURCE_CONTINUE;
        stream->source = 0;
        pause_all(stream->output);
        return G_SOURCE_REMOVE;
}

static void pause_all(UpOutput *output) {
        output->waiting = true;
        for (unsigned i = 0; i < output->streams->len; i++) {
                Stream *stream = output->streams->pdata[i];

                g_clear_handle_id(&stream->source, g_source_remove);
        }
}

static void resume_all(UpOutput *output) {
        output->waiting = false;
        for (unsigned i = 0; i < output->streams->len; i++) {
                Stream *stream = output->streams->pdata[i];

                if (stream->fd >= 0 && stream->source == 0)
                        stream->source = g_unix_fd_add(stream->fd, G_IO_IN | G_IO_HUP, on_readable,
                                                       stream);
        }
}

static void on_writer(int errno_code, void *data) {
        UpOutput *output = data;

        if (errno_code == 0 && output->waiting && !output->finishing)
                resume_all(output);
        if (errno_code != 0 || (output->finishing && writer_is_done(output->writer)))
                output->done(errno_code, output->data);
}

/* Colours tell members apart on a terminal; their names do everywhere. */
static char *prefix_of(const char *name, unsigned width, unsigned n, unsigned kind) {
        static const char *const colours[] = {"36", "33", "32", "35", "34", "96", "93", "92", "95"};
        g_autofree char *clean = format_text(name);
        g_autofree char *cut = table_ellipsize(clean, width);
        unsigned padding = width - MIN(width, table_text_width(cut));
        char mark = kind == 0 ? '|' : '!';

        if (!style_is_on(kind == 0 ? stdout : stderr))
                return g_strdup_printf("%s%*s %c ", cut, (int)padding, "", mark);
        return g_strdup_printf("\033[%sm%s%*s %s%c\033[0m ", colours[n % G_N_ELEMENTS(colours)],
                               cut, (int)padding, "", kind == 0 ? "" : "\033[31m", mark);
}

static unsigned widest_name(const UpFile *file) {
        unsigned width = 0;

        for (unsigned i = 0; i < file->members->len; i++) {
                const UpMember *member = file->members->pdata[i];
                g_autofree char *clean = format_text(member->name);

                width = MAX(width, table_text_width(clean));
        }
        return MIN(width, MAX_NAME_WIDTH);
}

static bool add_stream(UpOutput *output, UpMember *member, unsigned kind, char *prefix,
                       GError **error) {
        static void (*const take[])(ProctorProcessConfig *, int) = {
                proctor_process_config_take_stdout_fd,
                proctor_process_config_take_stderr_fd,
        };
        Stream *stream = g_new0(Stream, 1);
        int fds[2] = {-1, -1};

        stream->output = output;
        stream->member = member;
        stream->kind = kind;
        stream->partial = g_byte_array_new();
        stream->prefix = prefix;
        stream->fd = -1;
        g_ptr_array_add(output->streams, stream);
        if (pipe2(fds, O_CLOEXEC) < 0 || fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0) {
                g_set_error(error, CLI_ERROR, CLI_ERROR_FAILED, "cannot make a pipe: %s",
                            strerror(errno));
                return false;
        }
        stream->fd = fds[0];
        take[kind](member->config, fds[1]);
        return true;
}

UpOutput *up_output_new(const Cli *cli, const UpFile *file, UpOutputFunc func,
                        UpOutputDoneFunc done, void *data, GError **error) {
        UpOutput *output = g_new0(UpOutput, 1);
        unsigned width = widest_name(file);

        output->cli = cli;
        output->streams = g_ptr_array_new_with_free_func(stream_free);
        output->func = func;
        output->done = done;
        output->data = data;
        output->terminal[0] = isatty(STDOUT_FILENO) == 1;
        output->terminal[1] = isatty(STDERR_FILENO) == 1;
        for (unsigned i = 0; i < file->members->len; i++)
                for (unsigned kind = 0; kind < N_STREAMS; kind++) {
                        UpMember *member = file->members->pdata[i];

                        if (!add_stream(output, member, kind,
                                        prefix_of(member->name, width, i, kind), error)) {
                                up_output_free(output);
                                return NULL;
                        }
                }
        output->writer = writer_new(on_writer, output);
        resume_all(output);
        return output;
}

void up_output_flush(UpOutput *output, const UpMember *member) {
        for (unsigned i = 0; i < output->streams->len; i++) {
                Stream *stream = output->streams->pdata[i];

                if (member && stream->member != member)
                        continue;
                /* one that is not of our making may write without end */
                for (unsigned n = 0; stream->fd >= 0 && n < 16 && read_some(stream); n++)
                        ;
                if (stream->fd < 0)
                        g_clear_handle_id(&stream->source, g_source_remove);
                if (stream->partial->len > 0)
                        take_bytes(stream, "\n", 1);
        }
}

static void say(UpOutput *output, const char *format, va_list ap) G_GNUC_PRINTF(2, 0);

static void say(UpOutput *output, const char *format, va_list ap) {
        g_autofree char *text = g_strdup_vprintf(format, ap);
        g_autofree char *clean = format_text(text);
        GString *line = g_string_new(NULL);

        g_string_printf(line, "proctor: %s\n", clean);
        write_text(output, STDERR_FILENO, line);
}

void up_output_note(UpOutput *output, const char *format, ...) {
        va_list ap;

        if (output->cli->quiet || output->cli->json)
                return;
        va_start(ap, format);
        say(output, format, ap);
        va_end(ap);
}

void up_output_error(UpOutput *output, const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        say(output, format, ap);
        va_end(ap);
}

void up_output_event(UpOutput *output, JsonBuilder *builder) {
        GString *line = g_string_new(NULL);

        if (output->cli->json)
                append_json(line, builder);
        write_text(output, STDOUT_FILENO, line);
}

void up_output_finish(UpOutput *output) {
        output->finishing = true;
        pause_all(output);
        writer_finish(output->writer);
}

UpOutput *up_output_free(UpOutput *output) {
        if (!output)
                return NULL;
        writer_free(output->writer);
        g_ptr_array_unref(output->streams);
        g_free(output);
        return NULL;
}
