/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Captured output: pieces by offset, the last lines as text, and streams to read along. */

#include <proctor/proctor-process-output.h>

#include <gio/gunixinputstream.h>
#include <string.h>

#include "call.h"
#include "dbus/proctor-names.h"
#include "error-internal.h"
#include "process-internal.h"
#include "triple.h"

typedef struct Piece {
        GBytes *bytes;
        guint64 next;
        gboolean eof;
} Piece;

static void piece_free(gpointer data) {
        Piece *piece = data;

        if (piece->bytes)
                g_bytes_unref(piece->bytes);
        g_free(piece);
}

/* Gives the bytes away. */
static GBytes *piece_take(Piece *piece, guint64 *next, gboolean *eof) {
        GBytes *bytes = g_steal_pointer(&piece->bytes);

        if (next)
                *next = piece->next;
        if (eof)
                *eof = piece->eof;
        piece_free(piece);
        return bytes;
}

static gpointer output_piece_handler(Call *call, GVariant *body, GError **error) {
        g_autoptr(GVariant) data = NULL;
        Piece *piece = g_new0(Piece, 1);

        g_variant_get(body, "(@aytb)", &data, &piece->next, &piece->eof);
        piece->bytes = g_variant_get_data_as_bytes(data);
        return piece;
}

static Call *output_call(ProctorProcess *self, const char *method, GVariant *parameters,
                         const GVariantType *reply_type, CallHandler handler) {
        Entry *entry = process_get_entry(self);

        return call_new_for_entry(proctor_process_get_manager(self), CALL_SHORT, entry,
                                  PROCTOR_PROCESS_INTERFACE, method, parameters, reply_type,
                                  handler);
}

static Call *read_call(ProctorProcess *self, const char *stream, guint64 offset, guint max) {
        Call *call = output_call(self, "ReadOutput", g_variant_new("(stu)", stream, offset, max),
                                 G_VARIANT_TYPE("(aytb)"), output_piece_handler);

        call->outcome.free_result = piece_free;
        return call;
}

GBytes *proctor_process_read_output(ProctorProcess *self, const char *stream, guint64 *offset,
                                    guint max, gboolean *eof, GCancellable *cancellable,
                                    GError **error) {
        Piece *piece;

        g_return_val_if_fail(PROCTOR_IS_PROCESS(self), NULL);
        g_return_val_if_fail(stream && offset, NULL);

        piece = call_run(read_call(self, stream, *offset, max), cancellable, error);
        return piece ? piece_take(piece, offset, eof) : NULL;
}

void proctor_process_read_output_async(ProctorProcess *self, const char *stream, guint64 offset,
                                       guint max, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer user_data) {
        g_return_if_fail(PROCTOR_IS_PROCESS(self));
        g_return_if_fail(stream);

        call_run_async(read_call(self, stream, offset, max), self,
                       proctor_process_read_output_async, cancellable, callback, user_data);
}

GBytes *proctor_process_read_output_finish(ProctorProcess *self, GAsyncResult *result,
                                           guint64 *next, gboolean *eof, GError **error) {
        Piece *piece = call_finish(self, proctor_process_read_output_async, result, error);

        return piece ? piece_take(piece, next, eof) : NULL;
}

/* The last lines. The service is asked where the stream ends, and then for the bytes before that. */

typedef struct Last {
        char *path;
        char *service;
        char *stream;
        guint n_lines;
        guint64 offset;
} Last;

static void last_free(gpointer data) {
        Last *last = data;

        g_free(last->path);
        g_free(last->service);
        g_free(last->stream);
        g_free(last);
}

/* Where the last lines begin; 0: all of them. A line break at the very end only ends the last one. */
static const char *last_lines(const char *text, gsize length, guint n_lines) {
        const char *line = n_lines > 0 ? text + length : text;

        for (; n_lines > 0 && line > text; n_lines--) {
                const char *before = memrchr(text, '\n', (gsize)(line - text) - 1);

                line = before ? before + 1 : text;
        }
        return line;
}

/* What was cut begins somewhere in a line: with the next one, or at least with a character. */
static const char *last_beginning(const char *text, const char *end) {
        const char *newline = memchr(text, '\n', (gsize)(end - text));

        if (newline && newline + 1 < end)
                return newline + 1;
        while (text < end && (*text & 0xc0) == 0x80)
                text++;
        return text;
}

static char *last_text(GBytes *bytes, gboolean is_cut, guint n_lines) {
        gsize length;
        const char *text = g_bytes_get_data(bytes, &length);

        if (!text)
                return g_strdup("");
        const char *end = text + length;
        if (is_cut)
                text = last_beginning(text, end);
        text = last_lines(text, (gsize)(end - text), n_lines);
        return g_utf8_make_valid(text, end - text);
}

static gpointer last_piece_handler(Call *call, GVariant *body, GError **error) {
        Last *last = call->data;
        Piece *piece = output_piece_handler(call, body, error);
        gsize length = g_bytes_get_size(piece->bytes);
        char *text = last_text(piece->bytes, piece->next > length, last->n_lines);

        piece_free(piece);
        return text;
}

static gpointer last_end_handler(Call *call, GVariant *body, GError **error) {
        Last *last = call->data;
        guint64 end;

        g_variant_get(body, "(@aytb)", NULL, &end, NULL);
        return call_chain(
                call, last->service, last->path, PROCTOR_PROCESS_INTERFACE, "ReadOutput",
                g_variant_new("(stu)", last->stream,
                              end > PROCTOR_LAST_OUTPUT_MAX ? end - PROCTOR_LAST_OUTPUT_MAX : 0,
                              PROCTOR_LAST_OUTPUT_MAX),
                G_VARIANT_TYPE("(aytb)"), last_piece_handler, error);
}

static Call *last_call(ProctorProcess *self, const char *stream, guint n_lines) {
        Entry *entry = process_get_entry(self);
        Last *last = g_new0(Last, 1);
        Call *call = output_call(self, "ReadOutput", g_variant_new("(stu)", stream, G_MAXUINT64, 0),
                                 G_VARIANT_TYPE("(aytb)"), last_end_handler);

        last->path = g_strdup(entry->path);
        last->service = g_strdup(entry->service);
        last->stream = g_strdup(stream);
        last->n_lines = n_lines;
        call_set_data(call, last, last_free);
        call->outcome.free_result = g_free;
        return call;
}

DEFINE_PROCESS_TRIPLE(read_last_output, TextPointer, last_call(self, stream, n_lines),
                      const char *stream, guint n_lines)

static gpointer output_stream_handler(Call *call, GVariant *body, GError **error) {
        gint32 handle;
        int fd;

        g_variant_get(body, "(h)", &handle);
        fd = call->fds ? g_unix_fd_list_get(call->fds, handle, error) : -1;
        if (fd < 0) {
                if (!call->fds)
                        g_propagate_error(error, error_protocol("a descriptor"));
                return NULL;
        }
        return g_unix_input_stream_new(fd, TRUE);
}

static Call *open_call(ProctorProcess *self, const char *stream) {
        Call *call = output_call(self, "OpenOutput", g_variant_new("(s)", stream),
                                 G_VARIANT_TYPE("(h)"), output_stream_handler);

        call->outcome.free_result = g_object_unref;
        return call;
}

GInputStream *proctor_process_open_output(ProctorProcess *self, const char *stream,
                                          GCancellable *cancellable, GError **error) {
        g_return_val_if_fail(PROCTOR_IS_PROCESS(self), NULL);
        g_return_val_if_fail(stream, NULL);

        return call_run(open_call(self, stream), cancellable, error);
}

void proctor_process_open_output_async(ProctorProcess *self, const char *stream,
                                       GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data) {
        g_return_if_fail(PROCTOR_IS_PROCESS(self));
        g_return_if_fail(stream);

        call_run_async(open_call(self, stream), self, proctor_process_open_output_async,
                       cancellable, callback, user_data);
}

GInputStream *proctor_process_open_output_finish(ProctorProcess *self, GAsyncResult *result,
                                                 GError **error) {
        return call_finish(self, proctor_process_open_output_async, result, error);
}
