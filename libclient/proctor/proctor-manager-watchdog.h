/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROCTOR_MANAGER_WATCHDOG_H
#define PROCTOR_MANAGER_WATCHDOG_H

/* The watchdog of a service: its switch, its settings, and what it watches. */

#include <proctor/proctor-manager.h>

G_BEGIN_DECLS

/**
 * proctor_manager_start_watchdog:
 * @self: a manager
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Switches the watchdog of the service on. Harmless if it is on. Blocks, without running the main
 * context of the caller.
 *
 * Errors: %PROCTOR_ERROR_ACCESS_DENIED if the caller may not configure the watchdog;
 * %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was
 * triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_manager_start_watchdog(ProctorManager *self, GCancellable *cancellable,
                                        GError **error);

/**
 * proctor_manager_start_watchdog_async:
 * @self: a manager
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_start_watchdog() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_start_watchdog_async(ProctorManager *self, GCancellable *cancellable,
                                          GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_start_watchdog_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_start_watchdog_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_manager_start_watchdog_finish(ProctorManager *self, GAsyncResult *result,
                                               GError **error);

/**
 * proctor_manager_stop_watchdog:
 * @self: a manager
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Switches the watchdog of the service off: no process is judged. Harmless if it is off. Blocks,
 * without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_ACCESS_DENIED if the caller may not configure the watchdog;
 * %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was
 * triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_manager_stop_watchdog(ProctorManager *self, GCancellable *cancellable,
                                       GError **error);

/**
 * proctor_manager_stop_watchdog_async:
 * @self: a manager
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_stop_watchdog() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_stop_watchdog_async(ProctorManager *self, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_stop_watchdog_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_stop_watchdog_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_manager_stop_watchdog_finish(ProctorManager *self, GAsyncResult *result,
                                              GError **error);

/**
 * proctor_manager_get_watchdog_config:
 * @self: a manager
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Reads the settings of the watchdog. This subscribes the connection, see
 * proctor_manager_subscribe(). Blocks, without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if
 * @cancellable was triggered.
 *
 * Returns: (transfer full): the settings, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorWatchdogConfig *proctor_manager_get_watchdog_config(ProctorManager *self,
                                                           GCancellable *cancellable,
                                                           GError **error);

/**
 * proctor_manager_get_watchdog_config_async:
 * @self: a manager
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_get_watchdog_config() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_get_watchdog_config_async(ProctorManager *self, GCancellable *cancellable,
                                               GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_get_watchdog_config_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_get_watchdog_config_async().
 *
 * Returns: (transfer full): the settings, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorWatchdogConfig *proctor_manager_get_watchdog_config_finish(ProctorManager *self,
                                                                  GAsyncResult *result,
                                                                  GError **error);

/**
 * proctor_manager_set_watchdog_config:
 * @self: a manager
 * @config: settings
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Writes those settings that are set in @config, one after the other; when one is refused, those
 * before it hold. Blocks, without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_ACCESS_DENIED if the caller may not configure the watchdog;
 * %PROCTOR_ERROR_INVALID_ARGUMENT if a value is out of range, the message names it;
 * %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was
 * triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_manager_set_watchdog_config(ProctorManager *self, ProctorWatchdogConfig *config,
                                             GCancellable *cancellable, GError **error);

/**
 * proctor_manager_set_watchdog_config_async:
 * @self: a manager
 * @config: settings
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_set_watchdog_config() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_set_watchdog_config_async(ProctorManager *self, ProctorWatchdogConfig *config,
                                               GCancellable *cancellable,
                                               GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_set_watchdog_config_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_set_watchdog_config_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_manager_set_watchdog_config_finish(ProctorManager *self, GAsyncResult *result,
                                                    GError **error);

/**
 * proctor_manager_register_process:
 * @self: a manager
 * @pid: PID of a process that was started elsewhere
 * @config: (nullable): how it is to be watched and stopped
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * The same as proctor_manager_adopt() without a descriptor; a process that was unregistered is
 * watched again. Blocks, without running the main context of the caller.
 *
 * Errors: as for proctor_manager_adopt(); %PROCTOR_ERROR_DISCONNECTED if the service has gone,
 * %G_IO_ERROR_CANCELLED if @cancellable was triggered.
 *
 * Returns: (transfer full): the process, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorProcess *proctor_manager_register_process(ProctorManager *self, guint pid,
                                                 ProctorProcessConfig *config,
                                                 GCancellable *cancellable, GError **error);

/**
 * proctor_manager_register_process_async:
 * @self: a manager
 * @pid: PID of a process that was started elsewhere
 * @config: (nullable): how it is to be watched and stopped
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_register_process() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_register_process_async(ProctorManager *self, guint pid,
                                            ProctorProcessConfig *config, GCancellable *cancellable,
                                            GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_register_process_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_register_process_async().
 *
 * Returns: (transfer full): the process, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorProcess *proctor_manager_register_process_finish(ProctorManager *self, GAsyncResult *result,
                                                        GError **error);

/**
 * proctor_manager_unregister_process:
 * @self: a manager
 * @pid: PID of a running process
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Ends the watching of a process, which stays managed. Blocks, without running the main context of
 * the caller.
 *
 * Errors: %PROCTOR_ERROR_NO_SUCH_PROCESS if there is none; %PROCTOR_ERROR_DISCONNECTED if the
 * service has gone, %G_IO_ERROR_CANCELLED if @cancellable was triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_manager_unregister_process(ProctorManager *self, guint pid,
                                            GCancellable *cancellable, GError **error);

/**
 * proctor_manager_unregister_process_async:
 * @self: a manager
 * @pid: PID of a running process
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_unregister_process() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_unregister_process_async(ProctorManager *self, guint pid,
                                              GCancellable *cancellable,
                                              GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_unregister_process_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_unregister_process_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_manager_unregister_process_finish(ProctorManager *self, GAsyncResult *result,
                                                   GError **error);

/**
 * proctor_manager_update_activity:
 * @self: a manager
 * @pid: PID of a running process
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Tells the service that a process is alive. Blocks, without running the main context of the
 * caller.
 *
 * Errors: %PROCTOR_ERROR_NO_SUCH_PROCESS if there is none; %PROCTOR_ERROR_DISCONNECTED if the
 * service has gone, %G_IO_ERROR_CANCELLED if @cancellable was triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_manager_update_activity(ProctorManager *self, guint pid, GCancellable *cancellable,
                                         GError **error);

/**
 * proctor_manager_update_activity_async:
 * @self: a manager
 * @pid: PID of a running process
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_update_activity() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_update_activity_async(ProctorManager *self, guint pid,
                                           GCancellable *cancellable, GAsyncReadyCallback callback,
                                           gpointer user_data);

/**
 * proctor_manager_update_activity_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_update_activity_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_manager_update_activity_finish(ProctorManager *self, GAsyncResult *result,
                                                GError **error);

/**
 * proctor_manager_is_registered:
 * @self: a manager
 * @pid: a PID
 * @registered: (out): whether it is that of a running process that is watched
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Asks whether a process is watched. Blocks, without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if
 * @cancellable was triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_manager_is_registered(ProctorManager *self, guint pid, gboolean *registered,
                                       GCancellable *cancellable, GError **error);

/**
 * proctor_manager_is_registered_async:
 * @self: a manager
 * @pid: a PID
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_is_registered() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_is_registered_async(ProctorManager *self, guint pid, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_is_registered_finish:
 * @self: a manager
 * @result: what the callback was given
 * @registered: (out): whether it is that of a running process that is watched
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_is_registered_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_manager_is_registered_finish(ProctorManager *self, GAsyncResult *result,
                                              gboolean *registered, GError **error);

G_END_DECLS

#endif
