/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The terminal of a process: its size, and streams to and from it. */

#include <proctor/proctor-process-terminal.h>

#include "call.h"
#include "dbus/proctor-names.h"
#include "error-internal.h"
#include "process-internal.h"
#include "triple.h"

static Call *terminal_call(ProctorProcess *self, const char *method, GVariant *parameters,
                           const GVariantType *reply_type, CallHandler handler) {
        return call_new_for_entry(proctor_process_get_manager(self), CALL_SHORT,
                                  process_get_entry(self), PROCTOR_PROCESS_INTERFACE, method,
                                  parameters, reply_type, handler);
}

/* A number that the bus cannot carry is out of range as 0 is. */
static guint16 terminal_length(guint length) {
        return length <= G_MAXUINT16 ? (guint16)length : 0;
}

static Call *resize_call(ProctorProcess *self, guint rows, guint columns) {
        return terminal_call(self, "ResizeTerminal",
                             g_variant_new("(qq)", terminal_length(rows), terminal_length(columns)),
                             NULL, call_ok);
}

DEFINE_PROCESS_TRIPLE(resize_terminal, gboolean, resize_call(self, rows, columns), guint rows,
                      guint columns)

static gpointer terminal_stream_handler(Call *call, GVariant *body, GError **error) {
        g_autoptr(GSocket) socket = NULL;
        gint32 handle;
        int fd;

        g_variant_get(body, "(h)", &handle);
        fd = call->fds ? g_unix_fd_list_get(call->fds, handle, error) : -1;
        if (fd < 0) {
                if (!call->fds)
                        g_propagate_error(error, error_protocol("a descriptor"));
                return NULL;
        }
        socket = g_socket_new_from_fd(fd, error);
        if (!socket) {
                close(fd);
                return NULL;
        }
        return g_socket_connection_factory_create_connection(socket);
}

static Call *open_call(ProctorProcess *self) {
        Call *call = terminal_call(self, "OpenTerminal", NULL, G_VARIANT_TYPE("(h)"),
                                   terminal_stream_handler);

        call->outcome.free_result = g_object_unref;
        return call;
}

typedef GIOStream *StreamPointer;
#define TRIPLE_RESULT_StreamPointer(answer) (answer)

DEFINE_PROCESS_TRIPLE(open_terminal, StreamPointer, open_call(self))
