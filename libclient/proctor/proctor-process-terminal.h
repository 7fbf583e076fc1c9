/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROCTOR_PROCESS_TERMINAL_H
#define PROCTOR_PROCESS_TERMINAL_H

/* The terminal of a process that the service made for it, see
 * proctor_process_config_set_terminal(): to attach to it, and to set its size. What it shows is the
 * captured stream `stdout`. */

#include <gio/gio.h>
#include <proctor/proctor-process.h>

G_BEGIN_DECLS

/**
 * ProctorProcess:terminal:
 *
 * Whether it has a terminal of its own.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_terminal:
 * @self: a process
 *
 * Whether it was started with a controlling terminal: one that the service made, or one that came
 * with the description of the process.
 *
 * Returns: whether; %FALSE if it is not known yet
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_get_terminal(ProctorProcess *self);

/**
 * ProctorProcess:terminal-rows:
 *
 * Height of its terminal.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_terminal_rows:
 * @self: a process
 *
 * Lines of the terminal that the service made, as they were set over the service last.
 *
 * Returns: 1 to 65535; 0 if it made none
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint proctor_process_get_terminal_rows(ProctorProcess *self);

/**
 * ProctorProcess:terminal-columns:
 *
 * Width of its terminal.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_terminal_columns:
 * @self: a process
 *
 * Characters of a line of the terminal that the service made, as they were set over the service
 * last.
 *
 * Returns: 1 to 65535; 0 if it made none
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint proctor_process_get_terminal_columns(ProctorProcess *self);

/**
 * proctor_process_resize_terminal:
 * @self: a process
 * @rows: lines, 1 to 65535
 * @columns: characters of a line, 1 to 65535
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Sets the size of the terminal that the service made. The programs in its foreground get SIGWINCH if
 * that is a new one. Blocks, without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_NOT_SUPPORTED if it has no terminal of the service;
 * %PROCTOR_ERROR_NOT_RUNNING if it has finished; %PROCTOR_ERROR_INVALID_ARGUMENT for a size out of
 * range; %PROCTOR_ERROR_NO_SUCH_PROCESS if the process is not known any more,
 * %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was
 * triggered.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_resize_terminal(ProctorProcess *self, guint rows, guint columns,
                                         GCancellable *cancellable, GError **error);

/**
 * proctor_process_resize_terminal_async:
 * @self: a process
 * @rows: lines, 1 to 65535
 * @columns: characters of a line, 1 to 65535
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_process_resize_terminal() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_resize_terminal_async(ProctorProcess *self, guint rows, guint columns,
                                           GCancellable *cancellable, GAsyncReadyCallback callback,
                                           gpointer user_data);

/**
 * proctor_process_resize_terminal_finish:
 * @self: a process
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_process_resize_terminal_async().
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_resize_terminal_finish(ProctorProcess *self, GAsyncResult *result,
                                                GError **error);

/**
 * proctor_process_open_terminal:
 * @self: a process
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Attaches to the terminal that the service made. The input stream gives what is kept of what it has
 * shown, then what comes, until the end; what is written to the output stream is typed. Who reads
 * slowly loses the oldest bytes that he has not read. A process that does not read its terminal
 * blocks who types, once some buffers are full. Closing the stream does not touch the process; what
 * was typed before still arrives. Blocks, without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_NOT_SUPPORTED if it has no terminal of the service, or the connection passes
 * no descriptors; %PROCTOR_ERROR_NOT_RUNNING if it has finished; %PROCTOR_ERROR_LIMITS_EXCEEDED if 16
 * are attached; %PROCTOR_ERROR_NO_SUCH_PROCESS if the process is not known any more,
 * %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was
 * triggered.
 *
 * Returns: (transfer full): a stream that is a #GSocketConnection, whose streams can be polled; or
 *   %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GIOStream *proctor_process_open_terminal(ProctorProcess *self, GCancellable *cancellable,
                                         GError **error);

/**
 * proctor_process_open_terminal_async:
 * @self: a process
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_process_open_terminal() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_open_terminal_async(ProctorProcess *self, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_process_open_terminal_finish:
 * @self: a process
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_process_open_terminal_async().
 *
 * Returns: (transfer full): a stream that is a #GSocketConnection, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GIOStream *proctor_process_open_terminal_finish(ProctorProcess *self, GAsyncResult *result,
                                                GError **error);

G_END_DECLS

#endif
