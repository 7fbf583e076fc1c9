/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROCTOR_MANAGER_BULK_H
#define PROCTOR_MANAGER_BULK_H

/* Calls that concern all processes of the caller at once, and subscriptions. */

#include <proctor/proctor-manager.h>

G_BEGIN_DECLS

/**
 * proctor_manager_send_signal_to_all:
 * @self: a manager
 * @signal_name: as for proctor_process_send_signal()
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Sends a signal to every running process of the caller. Blocks, without running the main context
 * of the caller.
 *
 * Errors: %PROCTOR_ERROR_INVALID_ARGUMENT if there is no such signal; %PROCTOR_ERROR_DISCONNECTED
 * if the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was triggered.
 *
 * Returns: (transfer full): a dictionary of type `a{ub}`, PID to whether the signal was
 *   delivered; or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GVariant *proctor_manager_send_signal_to_all(ProctorManager *self, const char *signal_name,
                                             GCancellable *cancellable, GError **error);

/**
 * proctor_manager_send_signal_to_all_async:
 * @self: a manager
 * @signal_name: as for proctor_process_send_signal()
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_send_signal_to_all() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_send_signal_to_all_async(ProctorManager *self, const char *signal_name,
                                              GCancellable *cancellable,
                                              GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_send_signal_to_all_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_send_signal_to_all_async().
 *
 * Returns: (transfer full): a dictionary of type `a{ub}`, PID to whether the signal was
 *   delivered; or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GVariant *proctor_manager_send_signal_to_all_finish(ProctorManager *self, GAsyncResult *result,
                                                    GError **error);

/**
 * proctor_manager_stop_all:
 * @self: a manager
 * @mode: whether to ask first
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Ends every process of the caller in parallel, and returns when nothing of their trees is left. A
 * process that ends by itself meanwhile is no error. Blocks, without running the main context of
 * the caller.
 *
 * Errors: %PROCTOR_ERROR_STILL_ALIVE if something could not be ended, the message names the PIDs;
 * %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was
 * triggered.
 *
 * Returns: (transfer full): a dictionary of type `a{u(is)}`, PID to exit code and result; or
 *   %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GVariant *proctor_manager_stop_all(ProctorManager *self, ProctorStopMode mode,
                                   GCancellable *cancellable, GError **error);

/**
 * proctor_manager_stop_all_async:
 * @self: a manager
 * @mode: whether to ask first
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_stop_all() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_stop_all_async(ProctorManager *self, ProctorStopMode mode,
                                    GCancellable *cancellable, GAsyncReadyCallback callback,
                                    gpointer user_data);

/**
 * proctor_manager_stop_all_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_stop_all_async().
 *
 * Returns: (transfer full): a dictionary of type `a{u(is)}`, PID to exit code and result; or
 *   %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GVariant *proctor_manager_stop_all_finish(ProctorManager *self, GAsyncResult *result,
                                          GError **error);

/**
 * proctor_manager_cleanup_finished:
 * @self: a manager
 * @n_forgotten: (out) (optional): how many were forgotten
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Makes the service forget the caller's finished processes. Blocks, without running the main
 * context of the caller.
 *
 * Errors: %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if
 * @cancellable was triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_manager_cleanup_finished(ProctorManager *self, guint *n_forgotten,
                                          GCancellable *cancellable, GError **error);

/**
 * proctor_manager_cleanup_finished_async:
 * @self: a manager
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_cleanup_finished() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_cleanup_finished_async(ProctorManager *self, GCancellable *cancellable,
                                            GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_cleanup_finished_finish:
 * @self: a manager
 * @result: what the callback was given
 * @n_forgotten: (out) (optional): how many were forgotten
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_cleanup_finished_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_manager_cleanup_finished_finish(ProctorManager *self, GAsyncResult *result,
                                                 guint *n_forgotten, GError **error);

/**
 * proctor_manager_get_stats:
 * @self: a manager
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Gets the statistics of the service, see GetStats of org.proctor1.Manager, and
 * proctor_stats_lookup(). Blocks, without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if
 * @cancellable was triggered.
 *
 * Returns: (transfer full): a dictionary of type `a{sv}`; or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GVariant *proctor_manager_get_stats(ProctorManager *self, GCancellable *cancellable,
                                    GError **error);

/**
 * proctor_manager_get_stats_async:
 * @self: a manager
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_get_stats() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_get_stats_async(ProctorManager *self, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_get_stats_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_get_stats_async().
 *
 * Returns: (transfer full): a dictionary of type `a{sv}`; or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GVariant *proctor_manager_get_stats_finish(ProctorManager *self, GAsyncResult *result,
                                           GError **error);

/**
 * proctor_stats_lookup:
 * @stats: what proctor_manager_get_stats() gave
 * @path: a key, or a key within a key: `Started`, `Results/hang`, `Watchdog/Kills`
 * @value: (out) (optional): the number
 *
 * Looks up one number in the statistics; a boolean gives 0 or 1.
 *
 * Returns: whether there is such a number; a state or result that did not occur may be missing
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_stats_lookup(GVariant *stats, const char *path, guint64 *value);

/**
 * proctor_manager_subscribe:
 * @self: a manager
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Has the service send everything about all processes that the caller may see: the signals of the
 * manager, and changes of the properties of all processes. Not needed to wait for a process, or
 * for the end of one that this manager started. Harmless if the connection is subscribed. Blocks,
 * without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if
 * @cancellable was triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_manager_subscribe(ProctorManager *self, GCancellable *cancellable, GError **error);

/**
 * proctor_manager_subscribe_async:
 * @self: a manager
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_subscribe() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_subscribe_async(ProctorManager *self, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_subscribe_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_subscribe_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_manager_subscribe_finish(ProctorManager *self, GAsyncResult *result,
                                          GError **error);

/**
 * proctor_manager_unsubscribe:
 * @self: a manager
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Ends the subscription, whatever began it. While a wait for a process that this manager did not
 * start is under way, it is ended after that. Harmless if there is none. Blocks, without running
 * the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if
 * @cancellable was triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_manager_unsubscribe(ProctorManager *self, GCancellable *cancellable,
                                     GError **error);

/**
 * proctor_manager_unsubscribe_async:
 * @self: a manager
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_unsubscribe() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_unsubscribe_async(ProctorManager *self, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_unsubscribe_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_unsubscribe_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_manager_unsubscribe_finish(ProctorManager *self, GAsyncResult *result,
                                            GError **error);

/**
 * proctor_manager_shutdown:
 * @self: a manager
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Stops all of the caller's processes in parallel and makes the service forget them; returns when
 * nothing of them is left. The manager stays usable. Blocks, without running the main context of
 * the caller.
 *
 * Errors: %PROCTOR_ERROR_STILL_ALIVE if something could not be ended, the message names the PIDs;
 * %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was
 * triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_manager_shutdown(ProctorManager *self, GCancellable *cancellable, GError **error);

/**
 * proctor_manager_shutdown_async:
 * @self: a manager
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_shutdown() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_shutdown_async(ProctorManager *self, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_shutdown_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_shutdown_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_manager_shutdown_finish(ProctorManager *self, GAsyncResult *result,
                                         GError **error);

G_END_DECLS

#endif
