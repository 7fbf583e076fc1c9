/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROCTOR_MANAGER_CALLS_H
#define PROCTOR_MANAGER_CALLS_H

/* What can be done with the processes of a service, each as a blocking call and as an asynchronous
 * one. */

#include <proctor/proctor-manager.h>

G_BEGIN_DECLS

/**
 * proctor_manager_start:
 * @self: a manager
 * @config: what to start
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Starts a process, and returns when exec has succeeded. A program that ends at once is a process
 * that ran, not an error. A wait that follows cannot come too late. A start that is cancelled
 * leaves no process behind: if it is too late to prevent it, it is ended and forgotten. Blocks,
 * without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_SPAWN_FAILED if a step before or at exec failed, the message says which,
 * on what, and why; %PROCTOR_ERROR_INVALID_ARGUMENT for an empty command or a bad option;
 * %PROCTOR_ERROR_LIMITS_EXCEEDED; %PROCTOR_ERROR_ACCESS_DENIED; %PROCTOR_ERROR_NOT_SUPPORTED;
 * %PROCTOR_ERROR_SHUTTING_DOWN; %PROCTOR_ERROR_DISCONNECTED if the service has gone,
 * %G_IO_ERROR_CANCELLED if @cancellable was triggered.
 *
 * Returns: (transfer full): the process, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorProcess *proctor_manager_start(ProctorManager *self, ProctorProcessConfig *config,
                                      GCancellable *cancellable, GError **error);

/**
 * proctor_manager_start_async:
 * @self: a manager
 * @config: what to start
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_start() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_start_async(ProctorManager *self, ProctorProcessConfig *config,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data);

/**
 * proctor_manager_start_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_start_async().
 *
 * Returns: (transfer full): the process, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorProcess *proctor_manager_start_finish(ProctorManager *self, GAsyncResult *result,
                                             GError **error);

/**
 * proctor_manager_adopt:
 * @self: a manager
 * @pid: PID of a process that was started elsewhere
 * @pidfd: a descriptor of that process, see pidfd_open(2), which stays the caller's; or -1, and
 *   one is opened by the PID
 * @config: (nullable): how it is to be watched and stopped
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Watches a process that was started elsewhere, and can end it; see AdoptProcess of
 * org.proctor1.Manager for what is taken. A process that is managed already is given as it is.
 * Blocks, without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_NO_SUCH_PROCESS if there is none; %PROCTOR_ERROR_ACCESS_DENIED if it is
 * refused; %PROCTOR_ERROR_INVALID_ARGUMENT for an option that is not for adopted processes;
 * %PROCTOR_ERROR_LIMITS_EXCEEDED; %PROCTOR_ERROR_NOT_SUPPORTED; %PROCTOR_ERROR_DISCONNECTED if the
 * service has gone, %G_IO_ERROR_CANCELLED if @cancellable was triggered.
 *
 * Returns: (transfer full): the process, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorProcess *proctor_manager_adopt(ProctorManager *self, guint pid, int pidfd,
                                      ProctorProcessConfig *config, GCancellable *cancellable,
                                      GError **error);

/**
 * proctor_manager_adopt_async:
 * @self: a manager
 * @pid: PID of a process that was started elsewhere
 * @pidfd: a descriptor of that process, see pidfd_open(2), which stays the caller's; or -1, and
 *   one is opened by the PID
 * @config: (nullable): how it is to be watched and stopped
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_adopt() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_adopt_async(ProctorManager *self, guint pid, int pidfd,
                                 ProctorProcessConfig *config, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_adopt_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_adopt_async().
 *
 * Returns: (transfer full): the process, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorProcess *proctor_manager_adopt_finish(ProctorManager *self, GAsyncResult *result,
                                             GError **error);

/**
 * proctor_manager_get_process:
 * @self: a manager
 * @pid: a PID
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Finds the newest known process, running or finished, that has or had that PID, with its
 * properties. Blocks, without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_NO_SUCH_PROCESS if there is none; %PROCTOR_ERROR_DISCONNECTED if the
 * service has gone, %G_IO_ERROR_CANCELLED if @cancellable was triggered.
 *
 * Returns: (transfer full): the process, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorProcess *proctor_manager_get_process(ProctorManager *self, guint pid,
                                            GCancellable *cancellable, GError **error);

/**
 * proctor_manager_get_process_async:
 * @self: a manager
 * @pid: a PID
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_get_process() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_get_process_async(ProctorManager *self, guint pid, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_get_process_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_get_process_async().
 *
 * Returns: (transfer full): the process, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorProcess *proctor_manager_get_process_finish(ProctorManager *self, GAsyncResult *result,
                                                   GError **error);

/**
 * proctor_manager_get_process_by_id:
 * @self: a manager
 * @id: number of a process, see proctor_process_get_id()
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Finds a process by its number, with its properties. Blocks, without running the main context of
 * the caller.
 *
 * Errors: %PROCTOR_ERROR_NO_SUCH_PROCESS if there is none; %PROCTOR_ERROR_DISCONNECTED if the
 * service has gone, %G_IO_ERROR_CANCELLED if @cancellable was triggered.
 *
 * Returns: (transfer full): the process, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorProcess *proctor_manager_get_process_by_id(ProctorManager *self, guint64 id,
                                                  GCancellable *cancellable, GError **error);

/**
 * proctor_manager_get_process_by_id_async:
 * @self: a manager
 * @id: number of a process, see proctor_process_get_id()
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_get_process_by_id() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_get_process_by_id_async(ProctorManager *self, guint64 id,
                                             GCancellable *cancellable,
                                             GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_get_process_by_id_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_get_process_by_id_async().
 *
 * Returns: (transfer full): the process, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorProcess *proctor_manager_get_process_by_id_finish(ProctorManager *self, GAsyncResult *result,
                                                         GError **error);

/**
 * proctor_manager_get_process_by_path:
 * @self: a manager
 * @object_path: D-Bus object of a process, see proctor_process_get_object_path()
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Finds a process by its object, with its properties. Blocks, without running the main context of
 * the caller.
 *
 * Errors: %PROCTOR_ERROR_NO_SUCH_PROCESS if there is none; %PROCTOR_ERROR_INVALID_ARGUMENT if it
 * is not the path of a process; %PROCTOR_ERROR_DISCONNECTED if the service has gone,
 * %G_IO_ERROR_CANCELLED if @cancellable was triggered.
 *
 * Returns: (transfer full): the process, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorProcess *proctor_manager_get_process_by_path(ProctorManager *self, const char *object_path,
                                                    GCancellable *cancellable, GError **error);

/**
 * proctor_manager_get_process_by_path_async:
 * @self: a manager
 * @object_path: D-Bus object of a process, see proctor_process_get_object_path()
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_get_process_by_path() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_get_process_by_path_async(ProctorManager *self, const char *object_path,
                                               GCancellable *cancellable,
                                               GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_get_process_by_path_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_get_process_by_path_async().
 *
 * Returns: (transfer full): the process, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorProcess *proctor_manager_get_process_by_path_finish(ProctorManager *self,
                                                           GAsyncResult *result, GError **error);

/**
 * proctor_manager_list:
 * @self: a manager
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Gets every process that the caller may see, running and finished, with its properties, in one
 * call. This subscribes the connection, see proctor_manager_subscribe(). Blocks, without running
 * the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if
 * @cancellable was triggered.
 *
 * Returns: (transfer container) (element-type ProctorProcess): the processes, in the order of
 *   their start, or %NULL with @error set; unref it with g_ptr_array_unref(), which drops
 *   the processes as well
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GPtrArray *proctor_manager_list(ProctorManager *self, GCancellable *cancellable, GError **error);

/**
 * proctor_manager_list_async:
 * @self: a manager
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_list() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_list_async(ProctorManager *self, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_list_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_list_async().
 *
 * Returns: (transfer container) (element-type ProctorProcess): the processes, in the order of
 *   their start, or %NULL with @error set; unref it with g_ptr_array_unref(), which drops
 *   the processes as well
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GPtrArray *proctor_manager_list_finish(ProctorManager *self, GAsyncResult *result, GError **error);

/**
 * proctor_manager_wait_many:
 * @self: a manager
 * @processes: (element-type ProctorProcess): processes of this manager
 * @mode: what to wait for
 * @timeout_usec: microseconds to wait at most; %PROCTOR_INFINITY for ever, 0 only looks
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Waits for several processes, and gives those that have finished when @mode is met or the time is
 * over, which is no error here. Blocks, without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_INVALID_ARGUMENT if @processes is empty; %PROCTOR_ERROR_NO_SUCH_PROCESS
 * if one is not known any more; %PROCTOR_ERROR_DISCONNECTED if the service has gone,
 * %G_IO_ERROR_CANCELLED if @cancellable was triggered.
 *
 * Returns: (transfer container) (element-type ProctorProcess): those that have finished, in the
 *   order of @processes, or %NULL with @error set; unref it with g_ptr_array_unref(),
 *   which drops the processes as well
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GPtrArray *proctor_manager_wait_many(ProctorManager *self, GPtrArray *processes,
                                     ProctorWaitMode mode, guint64 timeout_usec,
                                     GCancellable *cancellable, GError **error);

/**
 * proctor_manager_wait_many_async:
 * @self: a manager
 * @processes: (element-type ProctorProcess): processes of this manager
 * @mode: what to wait for
 * @timeout_usec: microseconds to wait at most; %PROCTOR_INFINITY for ever, 0 only looks
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_wait_many() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_wait_many_async(ProctorManager *self, GPtrArray *processes,
                                     ProctorWaitMode mode, guint64 timeout_usec,
                                     GCancellable *cancellable, GAsyncReadyCallback callback,
                                     gpointer user_data);

/**
 * proctor_manager_wait_many_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_wait_many_async().
 *
 * Returns: (transfer container) (element-type ProctorProcess): those that have finished, in the
 *   order of @processes, or %NULL with @error set; unref it with g_ptr_array_unref(),
 *   which drops the processes as well
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GPtrArray *proctor_manager_wait_many_finish(ProctorManager *self, GAsyncResult *result,
                                            GError **error);

G_END_DECLS

#endif
