/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROCTOR_GROUP_CALLS_H
#define PROCTOR_GROUP_CALLS_H

/* What can be done with a group: plans, and all of its members at once. */

#include <proctor/proctor-group.h>
#include <proctor/proctor-process-config.h>

G_BEGIN_DECLS

/**
 * proctor_group_add_process:
 * @self: a group
 * @member: its name in the group: 1 to 128 bytes of UTF-8 without control characters
 * @config: what to start, and how
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Adds a plan; nothing runs yet. What is added to a group that was started runs at the next
 * proctor_group_start_all(). Descriptors of @config are kept with the plan until it is removed, and
 * each start gets copies of them. One that is bound to its caller is bound to who calls
 * proctor_group_start_all(). Blocks, without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_NAME_TAKEN if the group has a member of that name;
 * %PROCTOR_ERROR_INVALID_ARGUMENT for a bad name, command or option, which the message names;
 * %PROCTOR_ERROR_LIMITS_EXCEEDED naming the limit; %PROCTOR_ERROR_SHUTTING_DOWN while the group or
 * the service is ending; %PROCTOR_ERROR_NO_SUCH_GROUP if the group is not known any more;
 * %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was
 * triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_group_add_process(ProctorGroup *self, const char *member,
                                   ProctorProcessConfig *config, GCancellable *cancellable,
                                   GError **error);

/**
 * proctor_group_add_process_async:
 * @self: a group
 * @member: its name in the group: 1 to 128 bytes of UTF-8 without control characters
 * @config: what to start, and how
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_group_add_process() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_group_add_process_async(ProctorGroup *self, const char *member,
                                     ProctorProcessConfig *config, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_group_add_process_finish:
 * @self: a group
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_group_add_process_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_group_add_process_finish(ProctorGroup *self, GAsyncResult *result, GError **error);

/**
 * proctor_group_remove_process:
 * @self: a group
 * @member: the name of a member
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Removes a plan. Processes that it has started and that have finished are kept as any other.
 * Blocks, without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_NO_SUCH_MEMBER; %PROCTOR_ERROR_STILL_ALIVE if the member waits for its
 * turn, is being started, or runs; %PROCTOR_ERROR_NO_SUCH_GROUP if the group is not known any more;
 * %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was
 * triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_group_remove_process(ProctorGroup *self, const char *member,
                                      GCancellable *cancellable, GError **error);

/**
 * proctor_group_remove_process_async:
 * @self: a group
 * @member: the name of a member
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_group_remove_process() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_group_remove_process_async(ProctorGroup *self, const char *member,
                                        GCancellable *cancellable, GAsyncReadyCallback callback,
                                        gpointer user_data);

/**
 * proctor_group_remove_process_finish:
 * @self: a group
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_group_remove_process_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_group_remove_process_finish(ProctorGroup *self, GAsyncResult *result,
                                             GError **error);

/**
 * proctor_group_start_all:
 * @self: a group
 * @started: (out) (optional) (transfer full): of type `a{s(ou)}`: member to object path and PID of
 *   its process, see proctor_manager_get_process_by_path()
 * @failed: (out) (optional) (transfer full): of type `a{ss}`: member to the reason
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Starts every member that is not running, in the order in which they were added. Returns when each
 * of these starts is settled. A start that fails stops no other and is no error. Members that have
 * to wait for the end of others, see #ProctorGroup:max-parallel, are in neither answer.
 *
 * Cancelling the call leaves the starts alone. Blocks, without running the main context of the
 * caller.
 *
 * Errors: %PROCTOR_ERROR_SHUTTING_DOWN while the group or the service is ending;
 * %PROCTOR_ERROR_LIMITS_EXCEEDED if the connection has too many calls waiting;
 * %PROCTOR_ERROR_NO_SUCH_GROUP if the group is not known any more; %PROCTOR_ERROR_DISCONNECTED if
 * the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_group_start_all(ProctorGroup *self, GVariant **started, GVariant **failed,
                                 GCancellable *cancellable, GError **error);

/**
 * proctor_group_start_all_async:
 * @self: a group
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_group_start_all() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_group_start_all_async(ProctorGroup *self, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_group_start_all_finish:
 * @self: a group
 * @result: what the callback was given
 * @started: (out) (optional) (transfer full): of type `a{s(ou)}`: member to object path and PID of
 *   its process, see proctor_manager_get_process_by_path()
 * @failed: (out) (optional) (transfer full): of type `a{ss}`: member to the reason
 * @error: return location for an error
 *
 * Gets the outcome of proctor_group_start_all_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_group_start_all_finish(ProctorGroup *self, GAsyncResult *result,
                                        GVariant **started, GVariant **failed, GError **error);

/**
 * proctor_group_stop_all:
 * @self: a group
 * @mode: how they are stopped
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Stops every member, in parallel, each within its own stop timeout; starts that are under way are
 * stopped too, and members that wait for their turn are not started. Returns when nothing of their
 * trees is left. A member that ends by itself meanwhile is no error. Blocks, without running the
 * main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_STILL_ALIVE if something could not be ended, the message names the PIDs;
 * %PROCTOR_ERROR_NO_SUCH_GROUP if the group is not known any more; %PROCTOR_ERROR_DISCONNECTED if
 * the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was triggered.
 *
 * Returns: (transfer full): of type `a{s(is)}`, member to exit code and result, for each that ran;
 *   or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GVariant *proctor_group_stop_all(ProctorGroup *self, ProctorStopMode mode,
                                 GCancellable *cancellable, GError **error);

/**
 * proctor_group_stop_all_async:
 * @self: a group
 * @mode: how they are stopped
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_group_stop_all() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_group_stop_all_async(ProctorGroup *self, ProctorStopMode mode,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data);

/**
 * proctor_group_stop_all_finish:
 * @self: a group
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_group_stop_all_async().
 *
 * Returns: (transfer full): of type `a{s(is)}`, member to exit code and result, for each that ran;
 *   or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GVariant *proctor_group_stop_all_finish(ProctorGroup *self, GAsyncResult *result, GError **error);

/**
 * proctor_group_wait_for_all:
 * @self: a group
 * @timeout_usec: microseconds to wait at most; %PROCTOR_INFINITY for ever, 0 only looks
 * @complete: (out) (optional): whether nothing of the group waits for its turn, starts or runs any
 *   more
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Waits until the group does not run; at once if that is so. A member that was not started, or
 * could not be, is not waited for. When the time is over it is no error. Any number of these may
 * wait at the same time: they hold no call of the bus. Blocks, without running the main context of
 * the caller.
 *
 * Errors: %PROCTOR_ERROR_NO_SUCH_GROUP if the group is not known any more;
 * %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was
 * triggered.
 *
 * Returns: (transfer full): of type `a{s(is)}`, member to exit code and result, for each that has
 *   finished; or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GVariant *proctor_group_wait_for_all(ProctorGroup *self, guint64 timeout_usec, gboolean *complete,
                                     GCancellable *cancellable, GError **error);

/**
 * proctor_group_wait_for_all_async:
 * @self: a group
 * @timeout_usec: microseconds to wait at most; %PROCTOR_INFINITY for ever, 0 only looks
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_group_wait_for_all() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_group_wait_for_all_async(ProctorGroup *self, guint64 timeout_usec,
                                      GCancellable *cancellable, GAsyncReadyCallback callback,
                                      gpointer user_data);

/**
 * proctor_group_wait_for_all_finish:
 * @self: a group
 * @result: what the callback was given
 * @complete: (out) (optional): whether nothing of the group waits for its turn, starts or runs any
 *   more
 * @error: return location for an error
 *
 * Gets the outcome of proctor_group_wait_for_all_async().
 *
 * Returns: (transfer full): of type `a{s(is)}`, member to exit code and result, for each that has
 *   finished; or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GVariant *proctor_group_wait_for_all_finish(ProctorGroup *self, GAsyncResult *result,
                                            gboolean *complete, GError **error);

/**
 * proctor_group_send_signal:
 * @self: a group
 * @signal_name: as for proctor_process_send_signal()
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Sends a signal to every member that runs. Blocks, without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_INVALID_ARGUMENT if there is no such signal; %PROCTOR_ERROR_NO_SUCH_GROUP
 * if the group is not known any more; %PROCTOR_ERROR_DISCONNECTED if the service has gone,
 * %G_IO_ERROR_CANCELLED if @cancellable was triggered.
 *
 * Returns: (transfer full): of type `a{sb}`, member to whether the signal was delivered; or %NULL
 *   with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GVariant *proctor_group_send_signal(ProctorGroup *self, const char *signal_name,
                                    GCancellable *cancellable, GError **error);

/**
 * proctor_group_send_signal_async:
 * @self: a group
 * @signal_name: as for proctor_process_send_signal()
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_group_send_signal() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_group_send_signal_async(ProctorGroup *self, const char *signal_name,
                                     GCancellable *cancellable, GAsyncReadyCallback callback,
                                     gpointer user_data);

/**
 * proctor_group_send_signal_finish:
 * @self: a group
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_group_send_signal_async().
 *
 * Returns: (transfer full): of type `a{sb}`, member to whether the signal was delivered; or %NULL
 *   with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GVariant *proctor_group_send_signal_finish(ProctorGroup *self, GAsyncResult *result,
                                           GError **error);

/**
 * proctor_group_get_status:
 * @self: a group
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Asks what is known of each member: `Process` (`o`, `/` if there is none), `PID` (`u`), `State`
 * (`s`: `added`, `queued`, `starting`, `running`, `stopping`, `finished` or `failed`), `ExitCode`
 * (`i`), `Result` (`s`), `Health` (`s`) and `Error` (`s`: why its last start failed). Blocks,
 * without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_NO_SUCH_GROUP if the group is not known any more;
 * %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was
 * triggered.
 *
 * Returns: (transfer full): of type `a{sa{sv}}`, member to these; or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GVariant *proctor_group_get_status(ProctorGroup *self, GCancellable *cancellable, GError **error);

/**
 * proctor_group_get_status_async:
 * @self: a group
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_group_get_status() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_group_get_status_async(ProctorGroup *self, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_group_get_status_finish:
 * @self: a group
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_group_get_status_async().
 *
 * Returns: (transfer full): of type `a{sa{sv}}`, member to these; or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GVariant *proctor_group_get_status_finish(ProctorGroup *self, GAsyncResult *result, GError **error);

/**
 * proctor_group_refresh:
 * @self: a group
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Asks for the properties of the group, and subscribes the manager. Blocks, without running the
 * main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_NO_SUCH_GROUP if the group is not known any more;
 * %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was
 * triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_group_refresh(ProctorGroup *self, GCancellable *cancellable, GError **error);

/**
 * proctor_group_refresh_async:
 * @self: a group
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_group_refresh() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_group_refresh_async(ProctorGroup *self, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_group_refresh_finish:
 * @self: a group
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_group_refresh_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_group_refresh_finish(ProctorGroup *self, GAsyncResult *result, GError **error);

/**
 * proctor_group_shutdown:
 * @self: a group
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Stops the members, nobody else, and removes the group with the processes that it has started.
 * Returns when nothing of them is left. Cancelling the call does not end that. Blocks, without
 * running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_STILL_ALIVE if something could not be ended, the message names the PIDs:
 * then the group stays; %PROCTOR_ERROR_NO_SUCH_GROUP if the group is not known any more;
 * %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was
 * triggered.
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_group_shutdown(ProctorGroup *self, GCancellable *cancellable, GError **error);

/**
 * proctor_group_shutdown_async:
 * @self: a group
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_group_shutdown() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_group_shutdown_async(ProctorGroup *self, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_group_shutdown_finish:
 * @self: a group
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_group_shutdown_async().
 *
 * Returns: %TRUE on success, %FALSE with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_group_shutdown_finish(ProctorGroup *self, GAsyncResult *result, GError **error);

G_END_DECLS

#endif
