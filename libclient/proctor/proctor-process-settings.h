/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROCTOR_PROCESS_SETTINGS_H
#define PROCTOR_PROCESS_SETTINGS_H

/* Settings of a process that can be changed while it runs. Each holds from the moment on at which
 * the service has answered. */

#include <proctor/proctor-process.h>

G_BEGIN_DECLS

/**
 * proctor_process_set_timeout:
 * @self: a process
 * @usec: microseconds, at least 1 ms; %PROCTOR_INFINITY: it is not watched
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Sets the idle time from which the process is slow. Blocks, without running the main context of
 * the caller.
 *
 * Errors: %PROCTOR_ERROR_INVALID_ARGUMENT for a value out of range; %PROCTOR_ERROR_NOT_RUNNING
 * once it has finished; %PROCTOR_ERROR_NO_SUCH_PROCESS if it is not known any more,
 * %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was
 * triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_set_timeout(ProctorProcess *self, guint64 usec, GCancellable *cancellable,
                                     GError **error);

/**
 * proctor_process_set_timeout_async:
 * @self: a process
 * @usec: microseconds, at least 1 ms; %PROCTOR_INFINITY: it is not watched
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_process_set_timeout() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_set_timeout_async(ProctorProcess *self, guint64 usec,
                                       GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data);

/**
 * proctor_process_set_timeout_finish:
 * @self: a process
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_process_set_timeout_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_set_timeout_finish(ProctorProcess *self, GAsyncResult *result,
                                            GError **error);

/**
 * proctor_process_set_extra_buffer:
 * @self: a process
 * @usec: microseconds
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Sets the idle time on top of the timeout from which the process is hung. Blocks, without running
 * the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_INVALID_ARGUMENT for a value out of range; %PROCTOR_ERROR_NOT_RUNNING
 * once it has finished; %PROCTOR_ERROR_NO_SUCH_PROCESS if it is not known any more,
 * %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was
 * triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_set_extra_buffer(ProctorProcess *self, guint64 usec,
                                          GCancellable *cancellable, GError **error);

/**
 * proctor_process_set_extra_buffer_async:
 * @self: a process
 * @usec: microseconds
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_process_set_extra_buffer() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_set_extra_buffer_async(ProctorProcess *self, guint64 usec,
                                            GCancellable *cancellable, GAsyncReadyCallback callback,
                                            gpointer user_data);

/**
 * proctor_process_set_extra_buffer_finish:
 * @self: a process
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_process_set_extra_buffer_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_set_extra_buffer_finish(ProctorProcess *self, GAsyncResult *result,
                                                 GError **error);

/**
 * proctor_process_set_max_hang_time:
 * @self: a process
 * @usec: microseconds; %PROCTOR_INFINITY: never
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Sets the idle time from which the process is killed at once when it is hung. Blocks, without
 * running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_INVALID_ARGUMENT for a value out of range; %PROCTOR_ERROR_NOT_RUNNING
 * once it has finished; %PROCTOR_ERROR_NO_SUCH_PROCESS if it is not known any more,
 * %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was
 * triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_set_max_hang_time(ProctorProcess *self, guint64 usec,
                                           GCancellable *cancellable, GError **error);

/**
 * proctor_process_set_max_hang_time_async:
 * @self: a process
 * @usec: microseconds; %PROCTOR_INFINITY: never
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_process_set_max_hang_time() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_set_max_hang_time_async(ProctorProcess *self, guint64 usec,
                                             GCancellable *cancellable,
                                             GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_process_set_max_hang_time_finish:
 * @self: a process
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_process_set_max_hang_time_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_set_max_hang_time_finish(ProctorProcess *self, GAsyncResult *result,
                                                  GError **error);

/**
 * proctor_process_set_stop_timeout:
 * @self: a process
 * @usec: microseconds; %PROCTOR_INFINITY: SIGKILL does not follow
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Sets the time from the stop signal to SIGKILL, for the next stop. Blocks, without running the
 * main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_INVALID_ARGUMENT for a value out of range; %PROCTOR_ERROR_NOT_RUNNING
 * once it has finished; %PROCTOR_ERROR_NO_SUCH_PROCESS if it is not known any more,
 * %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was
 * triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_set_stop_timeout(ProctorProcess *self, guint64 usec,
                                          GCancellable *cancellable, GError **error);

/**
 * proctor_process_set_stop_timeout_async:
 * @self: a process
 * @usec: microseconds; %PROCTOR_INFINITY: SIGKILL does not follow
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_process_set_stop_timeout() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_set_stop_timeout_async(ProctorProcess *self, guint64 usec,
                                            GCancellable *cancellable, GAsyncReadyCallback callback,
                                            gpointer user_data);

/**
 * proctor_process_set_stop_timeout_finish:
 * @self: a process
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_process_set_stop_timeout_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_set_stop_timeout_finish(ProctorProcess *self, GAsyncResult *result,
                                                 GError **error);

/**
 * proctor_process_set_auto_kill:
 * @self: a process
 * @auto_kill: whether
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Sets whether the process is stopped when it is hung. Blocks, without running the main context of
 * the caller.
 *
 * Errors: %PROCTOR_ERROR_INVALID_ARGUMENT for a value out of range; %PROCTOR_ERROR_NOT_RUNNING
 * once it has finished; %PROCTOR_ERROR_NO_SUCH_PROCESS if it is not known any more,
 * %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was
 * triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_set_auto_kill(ProctorProcess *self, gboolean auto_kill,
                                       GCancellable *cancellable, GError **error);

/**
 * proctor_process_set_auto_kill_async:
 * @self: a process
 * @auto_kill: whether
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_process_set_auto_kill() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_set_auto_kill_async(ProctorProcess *self, gboolean auto_kill,
                                         GCancellable *cancellable, GAsyncReadyCallback callback,
                                         gpointer user_data);

/**
 * proctor_process_set_auto_kill_finish:
 * @self: a process
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_process_set_auto_kill_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_set_auto_kill_finish(ProctorProcess *self, GAsyncResult *result,
                                              GError **error);

G_END_DECLS

#endif
