/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROCTOR_PROCESS_CALLS_H
#define PROCTOR_PROCESS_CALLS_H

/* What can be done with one process, each as a blocking call and as an asynchronous one. */

#include <proctor/proctor-process.h>

G_BEGIN_DECLS

/**
 * proctor_process_wait:
 * @self: a process
 * @timeout_usec: microseconds to wait at most; %PROCTOR_INFINITY for ever, 0 only looks
 * @exit_code: (out) (optional): 0 to 255 as it returned it, or -N if signal N ended it
 * @ret_result: (out) (optional): how it ended
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Waits until the main process has ended; at once if it has, however long ago. Any number of waits
 * may be under way: they hold no call of the connection. Cancelling a wait does not touch the
 * process. Blocks, without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_TIMEOUT if it has not ended by then; %PROCTOR_ERROR_NO_SUCH_PROCESS if it
 * is not known any more, %PROCTOR_ERROR_DISCONNECTED if the service has gone,
 * %G_IO_ERROR_CANCELLED if @cancellable was triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_wait(ProctorProcess *self, guint64 timeout_usec, int *exit_code,
                              ProctorResult *ret_result, GCancellable *cancellable, GError **error);

/**
 * proctor_process_wait_async:
 * @self: a process
 * @timeout_usec: microseconds to wait at most; %PROCTOR_INFINITY for ever, 0 only looks
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_process_wait() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_wait_async(ProctorProcess *self, guint64 timeout_usec,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data);

/**
 * proctor_process_wait_finish:
 * @self: a process
 * @result: what the callback was given
 * @exit_code: (out) (optional): 0 to 255 as it returned it, or -N if signal N ended it
 * @ret_result: (out) (optional): how it ended
 * @error: return location for an error
 *
 * Gets the outcome of proctor_process_wait_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_wait_finish(ProctorProcess *self, GAsyncResult *result, int *exit_code,
                                     ProctorResult *ret_result, GError **error);

/**
 * proctor_process_stop:
 * @self: a process
 * @mode: whether to ask first
 * @exit_code: (out) (optional): 0 to 255 as it returned it, or -N if signal N ended it
 * @ret_result: (out) (optional): how it ended
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Ends the process and all that it started, and returns when nothing of its tree is left. Of a
 * finished process: what its tree left behind is ended, and the code is its own. Cancelling does
 * not take the stop back. Blocks, without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_STILL_ALIVE if something could not be ended, the message names the PIDs;
 * %PROCTOR_ERROR_LIMITS_EXCEEDED if too many calls of this connection are under way;
 * %PROCTOR_ERROR_NO_SUCH_PROCESS if it is not known any more, %PROCTOR_ERROR_DISCONNECTED if the
 * service has gone, %G_IO_ERROR_CANCELLED if @cancellable was triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_stop(ProctorProcess *self, ProctorStopMode mode, int *exit_code,
                              ProctorResult *ret_result, GCancellable *cancellable, GError **error);

/**
 * proctor_process_stop_async:
 * @self: a process
 * @mode: whether to ask first
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_process_stop() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_stop_async(ProctorProcess *self, ProctorStopMode mode,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data);

/**
 * proctor_process_stop_finish:
 * @self: a process
 * @result: what the callback was given
 * @exit_code: (out) (optional): 0 to 255 as it returned it, or -N if signal N ended it
 * @ret_result: (out) (optional): how it ended
 * @error: return location for an error
 *
 * Gets the outcome of proctor_process_stop_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_stop_finish(ProctorProcess *self, GAsyncResult *result, int *exit_code,
                                     ProctorResult *ret_result, GError **error);

/**
 * proctor_process_send_signal:
 * @self: a process
 * @signal_name: `timeout` (SIGTERM), `interrupt` (SIGINT), `force` (SIGKILL), or a signal by
 *   name, with or without SIG, or by number
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Sends a signal to the process group of the process; `force` goes to its whole tree. Blocks,
 * without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_NOT_RUNNING if it has finished; %PROCTOR_ERROR_INVALID_ARGUMENT if there
 * is no such signal; %PROCTOR_ERROR_NO_SUCH_PROCESS if it is not known any more,
 * %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was
 * triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_send_signal(ProctorProcess *self, const char *signal_name,
                                     GCancellable *cancellable, GError **error);

/**
 * proctor_process_send_signal_async:
 * @self: a process
 * @signal_name: `timeout` (SIGTERM), `interrupt` (SIGINT), `force` (SIGKILL), or a signal by
 *   name, with or without SIG, or by number
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_process_send_signal() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_send_signal_async(ProctorProcess *self, const char *signal_name,
                                       GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data);

/**
 * proctor_process_send_signal_finish:
 * @self: a process
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_process_send_signal_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_send_signal_finish(ProctorProcess *self, GAsyncResult *result,
                                            GError **error);

/**
 * proctor_process_report_activity:
 * @self: a process
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Tells the service that the process is alive, and waits until it has heard. Harmless once the
 * process has finished. Blocks, without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_NO_SUCH_PROCESS if it is not known any more, %PROCTOR_ERROR_DISCONNECTED
 * if the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_report_activity(ProctorProcess *self, GCancellable *cancellable,
                                         GError **error);

/**
 * proctor_process_report_activity_async:
 * @self: a process
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_process_report_activity() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_report_activity_async(ProctorProcess *self, GCancellable *cancellable,
                                           GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_process_report_activity_finish:
 * @self: a process
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_process_report_activity_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_report_activity_finish(ProctorProcess *self, GAsyncResult *result,
                                                GError **error);

/**
 * proctor_process_touch:
 * @self: a process
 *
 * Tells the service that the process is alive, as proctor_process_report_activity() does, without
 * waiting for an answer: it costs one message, does not block, and tells of no error.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_touch(ProctorProcess *self);

/**
 * proctor_process_collect:
 * @self: a process
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Makes the service forget this finished process: its object there and its result go. What this
 * object knows stays. Blocks, without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_STILL_ALIVE while it runs; %PROCTOR_ERROR_NO_SUCH_PROCESS if it is not
 * known any more, %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if
 * @cancellable was triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_collect(ProctorProcess *self, GCancellable *cancellable, GError **error);

/**
 * proctor_process_collect_async:
 * @self: a process
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_process_collect() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_collect_async(ProctorProcess *self, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_process_collect_finish:
 * @self: a process
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_process_collect_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_collect_finish(ProctorProcess *self, GAsyncResult *result, GError **error);

/**
 * proctor_process_refresh:
 * @self: a process
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Reads all properties from the service. As every reading of all properties does, this subscribes
 * the connection, see proctor_manager_subscribe(). Blocks, without running the main context of the
 * caller.
 *
 * Errors: %PROCTOR_ERROR_NO_SUCH_PROCESS if it is not known any more, %PROCTOR_ERROR_DISCONNECTED
 * if the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_refresh(ProctorProcess *self, GCancellable *cancellable, GError **error);

/**
 * proctor_process_refresh_async:
 * @self: a process
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_process_refresh() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_refresh_async(ProctorProcess *self, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_process_refresh_finish:
 * @self: a process
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_process_refresh_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_refresh_finish(ProctorProcess *self, GAsyncResult *result, GError **error);

/**
 * proctor_process_query_usage:
 * @self: a process
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Reads the figures that move all the time: CPU time, memory, tasks, last activity. As every
 * reading of all properties does, this subscribes the connection, see proctor_manager_subscribe().
 * Blocks, without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_NO_SUCH_PROCESS if it is not known any more, %PROCTOR_ERROR_DISCONNECTED
 * if the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was triggered.
 *
 * Returns: (transfer full): the figures, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorUsage *proctor_process_query_usage(ProctorProcess *self, GCancellable *cancellable,
                                          GError **error);

/**
 * proctor_process_query_usage_async:
 * @self: a process
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_process_query_usage() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_query_usage_async(ProctorProcess *self, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_process_query_usage_finish:
 * @self: a process
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_process_query_usage_async().
 *
 * Returns: (transfer full): the figures, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorUsage *proctor_process_query_usage_finish(ProctorProcess *self, GAsyncResult *result,
                                                 GError **error);

/**
 * proctor_process_get_dossier:
 * @self: a process
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Gets what the tasks of the process are doing (state, wait channel, system call, open descriptors,
 * use) and the end of its captured output: of a running one as they are now, of one that hung as they
 * were before the watchdog's first signal. The keys of the dictionary are described at
 * `org.proctor1.Process.GetDossier`; what is not known has no key, and the dictionary of a process
 * that finished without ever hanging is empty. Blocks, without running the main context of the
 * caller.
 *
 * Errors: %PROCTOR_ERROR_NO_SUCH_PROCESS if it is not known any more, %PROCTOR_ERROR_NOT_SUPPORTED
 * if the service is older than this call, %PROCTOR_ERROR_DISCONNECTED if the service has gone,
 * %G_IO_ERROR_CANCELLED if @cancellable was triggered.
 *
 * Returns: (transfer full): the dictionary, of type `a{sv}`, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GVariant *proctor_process_get_dossier(ProctorProcess *self, GCancellable *cancellable,
                                      GError **error);

/**
 * proctor_process_get_dossier_async:
 * @self: a process
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_process_get_dossier() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_get_dossier_async(ProctorProcess *self, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_process_get_dossier_finish:
 * @self: a process
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_process_get_dossier_async().
 *
 * Returns: (transfer full): the dictionary, of type `a{sv}`, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GVariant *proctor_process_get_dossier_finish(ProctorProcess *self, GAsyncResult *result,
                                             GError **error);

/**
 * proctor_process_set_activity_callback:
 * @self: a process
 * @func: (nullable) (scope notified): a function that tells when the process was last active, or
 *   %NULL for none
 * @user_data: what to give to it
 * @destroy: (nullable): frees @user_data when it is needed no more; called on any thread
 *
 * Sets a function that the library asks about activity, on the thread-default main context of this
 * call, in place of an earlier one: for a process that was not started with one. The library asks
 * as long as the process runs, whether or not anybody else holds @self. See #ProctorActivityFunc.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_set_activity_callback(ProctorProcess *self, ProctorActivityFunc func,
                                           gpointer user_data, GDestroyNotify destroy);

G_END_DECLS

#endif
