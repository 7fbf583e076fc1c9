/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROCTOR_MANAGER_GROUPS_H
#define PROCTOR_MANAGER_GROUPS_H

/* How a manager comes to groups. */

#include <proctor/proctor-group-config.h>
#include <proctor/proctor-group.h>
#include <proctor/proctor-manager.h>

G_BEGIN_DECLS

/**
 * proctor_manager_create_group:
 * @self: a manager
 * @name: unique among the caller's groups: 1 to 128 bytes of UTF-8 without control characters
 * @config: (nullable): how it behaves, or %NULL
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Makes an empty group, and subscribes the manager. If the call is cancelled, no group is left
 * behind. Blocks, without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_NAME_TAKEN if the caller has a group of that name;
 * %PROCTOR_ERROR_INVALID_ARGUMENT for a bad name or option; %PROCTOR_ERROR_LIMITS_EXCEEDED if the
 * user has too many groups; %PROCTOR_ERROR_SHUTTING_DOWN if the service is ending;
 * %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if @cancellable was
 * triggered.
 *
 * Returns: (transfer full): the group, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorGroup *proctor_manager_create_group(ProctorManager *self, const char *name,
                                           ProctorGroupConfig *config, GCancellable *cancellable,
                                           GError **error);

/**
 * proctor_manager_create_group_async:
 * @self: a manager
 * @name: unique among the caller's groups: 1 to 128 bytes of UTF-8 without control characters
 * @config: (nullable): how it behaves, or %NULL
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_create_group() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_create_group_async(ProctorManager *self, const char *name,
                                        ProctorGroupConfig *config, GCancellable *cancellable,
                                        GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_create_group_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_create_group_async().
 *
 * Returns: (transfer full): the group, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorGroup *proctor_manager_create_group_finish(ProctorManager *self, GAsyncResult *result,
                                                  GError **error);

/**
 * proctor_manager_get_group:
 * @self: a manager
 * @name: the name of a group of the caller
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Finds a group by its name, and subscribes the manager. Blocks, without running the main context
 * of the caller.
 *
 * Errors: %PROCTOR_ERROR_NO_SUCH_GROUP if there is none; %PROCTOR_ERROR_DISCONNECTED if the service
 * has gone, %G_IO_ERROR_CANCELLED if @cancellable was triggered.
 *
 * Returns: (transfer full): the group, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorGroup *proctor_manager_get_group(ProctorManager *self, const char *name,
                                        GCancellable *cancellable, GError **error);

/**
 * proctor_manager_get_group_async:
 * @self: a manager
 * @name: the name of a group of the caller
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_get_group() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_get_group_async(ProctorManager *self, const char *name,
                                     GCancellable *cancellable, GAsyncReadyCallback callback,
                                     gpointer user_data);

/**
 * proctor_manager_get_group_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_get_group_async().
 *
 * Returns: (transfer full): the group, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorGroup *proctor_manager_get_group_finish(ProctorManager *self, GAsyncResult *result,
                                               GError **error);

/**
 * proctor_manager_list_groups:
 * @self: a manager
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Finds all groups that the caller may see, in the order in which they were made, and subscribes
 * the manager. Blocks, without running the main context of the caller.
 *
 * Errors: %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if
 * @cancellable was triggered.
 *
 * Returns: (transfer container) (element-type ProctorGroup): the groups, which the array holds; or
 *   %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GPtrArray *proctor_manager_list_groups(ProctorManager *self, GCancellable *cancellable,
                                       GError **error);

/**
 * proctor_manager_list_groups_async:
 * @self: a manager
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_manager_list_groups() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_manager_list_groups_async(ProctorManager *self, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer user_data);

/**
 * proctor_manager_list_groups_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_manager_list_groups_async().
 *
 * Returns: (transfer container) (element-type ProctorGroup): the groups, which the array holds; or
 *   %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GPtrArray *proctor_manager_list_groups_finish(ProctorManager *self, GAsyncResult *result,
                                              GError **error);

G_END_DECLS

#endif
