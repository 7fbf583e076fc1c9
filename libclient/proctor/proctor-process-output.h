/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROCTOR_PROCESS_OUTPUT_H
#define PROCTOR_PROCESS_OUTPUT_H

/* Captured output of a process. Standard output and error are captured unless the configuration
 * sends them elsewhere; the service keeps the newest bytes of each, also after the end. A stream is
 * named `stdout` or `stderr`. */

#include <gio/gio.h>
#include <proctor/proctor-process.h>

G_BEGIN_DECLS

/**
 * proctor_process_read_output:
 * @self: a process
 * @stream: `stdout` or `stderr`
 * @offset: (inout): where to read, counted from the first byte of the stream; set to the offset
 *   after what was read. One that is no longer kept is moved up to the oldest byte that is: the
 *   bytes read then begin at the new offset less their length
 * @max: bytes to read at most; a call gives 1 MiB at the most
 * @eof: (out) (optional): whether nothing will come after that
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Reads captured output, of a running process or a finished one. Empty if there is nothing (yet).
 * Blocks, without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_NOT_SUPPORTED if that stream is not captured;
 * %PROCTOR_ERROR_INVALID_ARGUMENT if there is no such stream; %PROCTOR_ERROR_NO_SUCH_PROCESS if the
 * process is not known any more, %PROCTOR_ERROR_DISCONNECTED if the service has gone,
 * %G_IO_ERROR_CANCELLED if @cancellable was triggered. @offset is not changed then.
 *
 * Returns: (transfer full): the bytes, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GBytes *proctor_process_read_output(ProctorProcess *self, const char *stream, guint64 *offset,
                                    guint max, gboolean *eof, GCancellable *cancellable,
                                    GError **error);

/**
 * proctor_process_read_output_async:
 * @self: a process
 * @stream: `stdout` or `stderr`
 * @offset: where to read, counted from the first byte of the stream
 * @max: bytes to read at most
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_process_read_output() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_read_output_async(ProctorProcess *self, const char *stream, guint64 offset,
                                       guint max, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_process_read_output_finish:
 * @self: a process
 * @result: what the callback was given
 * @next: (out) (optional): the offset after what was read
 * @eof: (out) (optional): whether nothing will come after that
 * @error: return location for an error
 *
 * Gets the outcome of proctor_process_read_output_async().
 *
 * Returns: (transfer full): the bytes, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GBytes *proctor_process_read_output_finish(ProctorProcess *self, GAsyncResult *result,
                                           guint64 *next, gboolean *eof, GError **error);

/**
 * PROCTOR_LAST_OUTPUT_MAX:
 *
 * Bytes of a stream that proctor_process_read_last_output() looks at, at the most.
 *
 * Since: 0.1
 */
#define PROCTOR_LAST_OUTPUT_MAX 65536

/**
 * proctor_process_read_last_output:
 * @self: a process
 * @stream: `stdout` or `stderr`
 * @n_lines: lines at most; 0 for all within %PROCTOR_LAST_OUTPUT_MAX bytes
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * The last lines of captured output as text for people, of a running process or a finished one: why
 * it ended is usually there. The text is valid UTF-8, in which U+FFFD stands for every byte that was
 * not; it may contain control characters. Of more than %PROCTOR_LAST_OUTPUT_MAX bytes the last ones
 * are taken, from the beginning of a line on if there is one. A last line that is not ended counts as
 * one. Empty if there was no output. Blocks, without running the main context of the caller.
 *
 * Errors: as proctor_process_read_output().
 *
 * Returns: (transfer full): the text, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
char *proctor_process_read_last_output(ProctorProcess *self, const char *stream, guint n_lines,
                                       GCancellable *cancellable, GError **error);

/**
 * proctor_process_read_last_output_async:
 * @self: a process
 * @stream: `stdout` or `stderr`
 * @n_lines: lines at most; 0 for all within %PROCTOR_LAST_OUTPUT_MAX bytes
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_process_read_last_output() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_read_last_output_async(ProctorProcess *self, const char *stream, guint n_lines,
                                            GCancellable *cancellable, GAsyncReadyCallback callback,
                                            gpointer user_data);

/**
 * proctor_process_read_last_output_finish:
 * @self: a process
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_process_read_last_output_async().
 *
 * Returns: (transfer full): the text, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
char *proctor_process_read_last_output_finish(ProctorProcess *self, GAsyncResult *result,
                                              GError **error);

/**
 * proctor_process_open_output:
 * @self: a process
 * @stream: `stdout` or `stderr`
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Opens captured output to read along: first what is kept, then what comes, until the end. Who
 * reads slowly loses the oldest bytes that he has not read, and never blocks the process. The
 * stream is a pipe of this program: it can be polled, and closing it ends the reading. Blocks,
 * without running the main context of the caller.
 *
 * Errors: as proctor_process_read_output(), and %PROCTOR_ERROR_NOT_SUPPORTED if the connection
 * passes no descriptors; %PROCTOR_ERROR_LIMITS_EXCEEDED if the stream has 16 readers.
 *
 * Returns: (transfer full): a stream that is a #GPollableInputStream, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GInputStream *proctor_process_open_output(ProctorProcess *self, const char *stream,
                                          GCancellable *cancellable, GError **error);

/**
 * proctor_process_open_output_async:
 * @self: a process
 * @stream: `stdout` or `stderr`
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_process_open_output() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_open_output_async(ProctorProcess *self, const char *stream,
                                       GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data);

/**
 * proctor_process_open_output_finish:
 * @self: a process
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_process_open_output_async().
 *
 * Returns: (transfer full): a stream that is a #GPollableInputStream, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GInputStream *proctor_process_open_output_finish(ProctorProcess *self, GAsyncResult *result,
                                                 GError **error);

G_END_DECLS

#endif
