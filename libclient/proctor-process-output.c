/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Captured output: pieces by offset, and streams to read along. */

#include <proctor/proctor-process-output.h>

#include <gio/gunixinputstream.h>

#include "call.h"
#include "dbus/proctor-names.h"
#include "error-internal.h"
#include "process-internal.h"

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
