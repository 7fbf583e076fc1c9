/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROCTOR_MANAGER_H
#define PROCTOR_MANAGER_H

/* The connection to a service, and what concerns all of its processes. */

#include <proctor/proctor-types.h>

G_BEGIN_DECLS

#define PROCTOR_TYPE_MANAGER (proctor_manager_get_type())

/**
 * ProctorManager:
 *
 * A connection to a proctor service: to the one of a bus, or to a private one that lives and dies
 * with the manager (an embedded one). Everything begins here.
 *
 * Each call comes as a function that blocks, and as a pair `_async()` and `_finish()`. Every one
 * takes a #GCancellable, and gives %G_IO_ERROR_CANCELLED when that is triggered. A blocking call
 * never runs the main context of its caller. All other errors are in the domain %PROCTOR_ERROR. The
 * calls may be used from any thread.
 *
 * When the service goes, #ProctorManager:connected becomes %FALSE, and every call and wait that is
 * under way fails with %PROCTOR_ERROR_DISCONNECTED. On a bus, #ProctorManager:connected becomes
 * %TRUE again when a service is there again, and the next call reaches it; an embedded service does
 * not come back.
 *
 * Each #ProctorProcess that there is is then looked for at the new service, by its number, and
 * works on if it is the same process there, with its PID and its start; the manager is subscribed
 * then. Any other one has ended with the service that it belonged to: its result is
 * %PROCTOR_RESULT_LOST unless it was known before, and calls about it give
 * %PROCTOR_ERROR_NO_SUCH_PROCESS. A #ProctorActivityFunc ends with the service that it reported to,
 * and has to be set again.
 *
 * Notifications and signals are emitted on the main context that was the thread-default one when
 * the manager was made. If that is not run, no more than some thousand of the manager's signals are
 * kept for it, the newest ones.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
G_DECLARE_FINAL_TYPE(ProctorManager, proctor_manager, PROCTOR, MANAGER, GObject)

/**
 * ProctorManager:bus-type:
 *
 * The bus, for proctor_manager_new_for_bus().
 *
 * Since: 0.1
 */

/**
 * ProctorManager:address:
 *
 * The D-Bus address of the message bus, for proctor_manager_new_for_address().
 *
 * Since: 0.1
 */

/**
 * ProctorManager::process-started:
 * @self: the manager
 * @process: the process
 *
 * A process was started or adopted, by whomever. Comes when the manager is subscribed, see
 * proctor_manager_subscribe().
 *
 * Since: 0.1
 */

/**
 * ProctorManager::process-exited:
 * @self: the manager
 * @process: the process
 * @exit_code: 0 to 255 as it returned it, or -N if signal N ended it
 * @result: how it ended
 *
 * A process has ended. Comes for each process when the manager is subscribed, see
 * proctor_manager_subscribe(), and else for none; use #ProctorProcess::exited for one's own.
 *
 * Since: 0.1
 */

/**
 * ProctorManager::process-hung:
 * @self: the manager
 * @process: the process
 * @idle_usec: microseconds since its last sign of life
 * @evidence: the kind of that sign: `report`, ..., or `start` if there was none
 * @action: `stop` if the process is now ended, `none` if not
 *
 * The watchdog found that a process hangs. Comes when the manager is subscribed.
 *
 * Since: 0.1
 */

/**
 * proctor_manager_new_for_bus: (constructor)
 * @bus_type: the bus: %G_BUS_TYPE_SESSION or %G_BUS_TYPE_SYSTEM
 * @cancellable: (nullable): ends the call early
 * @error: return location for an error
 *
 * Connects to the service of a bus, which the bus starts if it can, over a connection of its own.
 * Blocks, without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_UNAVAILABLE if there is no such service and none can be started;
 * %G_IO_ERROR_CANCELLED if @cancellable was triggered.
 *
 * Returns: (transfer full): the manager, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorManager *proctor_manager_new_for_bus(GBusType bus_type, GCancellable *cancellable,
                                            GError **error);

/**
 * proctor_manager_new_for_bus_async:
 * @bus_type: the bus: %G_BUS_TYPE_SESSION or %G_BUS_TYPE_SYSTEM
 * @cancellable: (nullable): ends the call early
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_new_for_bus() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_new_for_bus_async(GBusType bus_type, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_new_for_bus_finish: (constructor)
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_new_for_bus_async().
 *
 * Returns: (transfer full): the manager, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorManager *proctor_manager_new_for_bus_finish(GAsyncResult *result, GError **error);

/**
 * proctor_manager_new_for_address: (constructor)
 * @address: a D-Bus address of a message bus
 * @cancellable: (nullable): ends the call early
 * @error: return location for an error
 *
 * Connects to the service of the bus at an address, over a connection of its own. Blocks, without
 * running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_UNAVAILABLE if there is no such service and none can be started;
 * %G_IO_ERROR_CANCELLED if @cancellable was triggered.
 *
 * Returns: (transfer full): the manager, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorManager *proctor_manager_new_for_address(const char *address, GCancellable *cancellable,
                                                GError **error);

/**
 * proctor_manager_new_for_address_async:
 * @address: a D-Bus address of a message bus
 * @cancellable: (nullable): ends the call early
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_new_for_address() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_new_for_address_async(const char *address, GCancellable *cancellable,
                                           GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_new_for_address_finish: (constructor)
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_new_for_address_async().
 *
 * Returns: (transfer full): the manager, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorManager *proctor_manager_new_for_address_finish(GAsyncResult *result, GError **error);

/**
 * proctor_manager_new_for_host: (constructor)
 * @host: a destination as ssh(1) takes it: `[USER@]HOST`, or `ssh://[USER@]HOST[:PORT]`
 * @cancellable: (nullable): ends the call early
 * @error: return location for an error
 *
 * Connects to the service of the system bus of another machine, over ssh(1) with
 * systemd-stdio-bridge at the other end, as that machine's user. ssh may ask for a password at the
 * terminal of the program. Blocks, without running the main context of the caller.
 *
 * File descriptors do not pass: calls that give or get one (standard streams as descriptors,
 * proctor_process_open_output(), adopting a process) fail with %PROCTOR_ERROR_NOT_SUPPORTED, and
 * output is read by value with proctor_process_read_output().
 *
 * Errors: %PROCTOR_ERROR_UNAVAILABLE if ssh cannot be started, the host or its bus cannot be
 * reached, or there is no such service; %G_IO_ERROR_CANCELLED if @cancellable was triggered.
 *
 * Returns: (transfer full): the manager, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorManager *proctor_manager_new_for_host(const char *host, GCancellable *cancellable,
                                             GError **error);

/**
 * proctor_manager_new_for_host_async:
 * @host: a destination as ssh(1) takes it
 * @cancellable: (nullable): ends the call early
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_new_for_host() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_new_for_host_async(const char *host, GCancellable *cancellable,
                                        GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_new_for_host_finish: (constructor)
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_new_for_host_async().
 *
 * Returns: (transfer full): the manager, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorManager *proctor_manager_new_for_host_finish(GAsyncResult *result, GError **error);

/**
 * proctor_manager_new_for_connection: (constructor)
 * @connection: a connection to a message bus, or directly to a service
 * @cancellable: (nullable): ends the call early
 * @error: return location for an error
 *
 * Uses a connection that there is. It is not closed with the manager. Blocks, without running the
 * main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_UNAVAILABLE if there is no such service and none can be started;
 * %G_IO_ERROR_CANCELLED if @cancellable was triggered.
 *
 * Returns: (transfer full): the manager, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorManager *proctor_manager_new_for_connection(GDBusConnection *connection,
                                                   GCancellable *cancellable, GError **error);

/**
 * proctor_manager_new_for_connection_async:
 * @connection: a connection to a message bus, or directly to a service
 * @cancellable: (nullable): ends the call early
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_new_for_connection() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_new_for_connection_async(GDBusConnection *connection,
                                              GCancellable *cancellable,
                                              GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_new_for_connection_finish: (constructor)
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_new_for_connection_async().
 *
 * Returns: (transfer full): the manager, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorManager *proctor_manager_new_for_connection_finish(GAsyncResult *result, GError **error);

/**
 * proctor_manager_new_embedded: (constructor)
 * @cancellable: (nullable): ends the call early
 * @error: return location for an error
 *
 * Starts a private service over a pair of sockets: it serves this manager and nobody else, needs
 * no bus, and when the manager is closed or disposed of, or this program ends in any way, it ends
 * everything that it started and exits. The service's program is the installed one, or what the
 * environment variable `PROCTOR_DAEMON` names unless the program runs with raised privileges. It
 * logs to this program's standard error, and errors alone unless its log level is changed. Blocks,
 * without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_UNAVAILABLE if the service could not be started; %G_IO_ERROR_CANCELLED if
 * @cancellable was triggered.
 *
 * Returns: (transfer full): the manager, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorManager *proctor_manager_new_embedded(GCancellable *cancellable, GError **error);

/**
 * proctor_manager_new_embedded_async:
 * @cancellable: (nullable): ends the call early
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_new_embedded() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_new_embedded_async(GCancellable *cancellable, GAsyncReadyCallback callback,
                                        gpointer user_data);

/**
 * proctor_manager_new_embedded_finish: (constructor)
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_new_embedded_async().
 *
 * Returns: (transfer full): the manager, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorManager *proctor_manager_new_embedded_finish(GAsyncResult *result, GError **error);

/**
 * proctor_manager_close:
 * @self: a manager
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Ends the use of the service: pending calls and waits fail. An embedded service ends everything
 * that it started; the call returns when it has gone, with all of that. A connection of the
 * manager's own to a bus is closed. Closing again is harmless. Blocks, without running the main
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
gboolean proctor_manager_close(ProctorManager *self, GCancellable *cancellable, GError **error);

/**
 * proctor_manager_close_async:
 * @self: a manager
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_close() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_close_async(ProctorManager *self, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_close_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_close_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_manager_close_finish(ProctorManager *self, GAsyncResult *result, GError **error);

/**
 * ProctorManager:connection:
 *
 * The connection that is used.
 *
 * Since: 0.1
 */

/**
 * proctor_manager_get_connection:
 * @self: a manager
 *
 * The connection that is used.
 *
 * Returns: (transfer none): the connection
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GDBusConnection *proctor_manager_get_connection(ProctorManager *self);

/**
 * ProctorManager:connected:
 *
 * Whether the service is there.
 *
 * Since: 0.1
 */

/**
 * proctor_manager_get_connected:
 * @self: a manager
 *
 * Whether the service is there.
 *
 * Returns: whether
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_manager_get_connected(ProctorManager *self);

/**
 * ProctorManager:embedded:
 *
 * Whether the service is a private one of this manager.
 *
 * Since: 0.1
 */

/**
 * proctor_manager_get_embedded:
 * @self: a manager
 *
 * Whether the service is a private one of this manager.
 *
 * Returns: whether
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_manager_get_embedded(ProctorManager *self);

/**
 * ProctorManager:version:
 *
 * Version of the service, as it was when the manager was made.
 *
 * Since: 0.1
 */

/**
 * proctor_manager_get_version:
 * @self: a manager
 *
 * Version of the service, as it was when the manager was made.
 *
 * Returns: (transfer none): the version
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_manager_get_version(ProctorManager *self);

/**
 * ProctorManager:features:
 *
 * What the service can do on this machine, as words, when the manager was made.
 *
 * Since: 0.1
 */

/**
 * proctor_manager_get_features:
 * @self: a manager
 *
 * What the service can do on this machine, as words, when the manager was made.
 *
 * Returns: (transfer none) (array zero-terminated=1): the words
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *const *proctor_manager_get_features(ProctorManager *self);

/**
 * ProctorManager:service-pid:
 *
 * PID of the private service of an embedded manager.
 *
 * Since: 0.1
 */

/**
 * proctor_manager_get_service_pid:
 * @self: a manager
 *
 * PID of the private service of an embedded manager.
 *
 * Returns: the PID, or 0 if the manager is not embedded or its service has gone
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint proctor_manager_get_service_pid(ProctorManager *self);

G_END_DECLS

#endif
