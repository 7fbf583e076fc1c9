/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROCTOR_PROCESS_LIST_H
#define PROCTOR_PROCESS_LIST_H

/* The processes of a service as a list model, for a view that shows them. */

#include <proctor/proctor-types.h>

G_BEGIN_DECLS

#define PROCTOR_TYPE_PROCESS_LIST (proctor_process_list_get_type())

/**
 * ProctorProcessList:
 *
 * A #GListModel of the #ProctorProcess that a service has, in the order of their numbers, which
 * follows what the service tells: a process that is started or adopted, by whomever, comes to the
 * end; one that has finished (of %PROCTOR_LIST_SCOPE_LIVE) or was forgotten goes. Each change is
 * told by #GListModel::items-changed as it was, and each item notifies its own properties. The list
 * has what its user may see of the service.
 *
 * The list is used, and changes, on the main context that was the thread-default one when its
 * manager was made, and on no other thread; that context has to be run.
 *
 * The manager is subscribed by it, see proctor_manager_subscribe(), and stays so as long as there
 * is a list. While the service is away the list stays as it was; when there is a service again, the
 * processes that it does not know go. When the manager is closed, or its embedded service has gone,
 * the list becomes empty.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
G_DECLARE_FINAL_TYPE(ProctorProcessList, proctor_process_list, PROCTOR, PROCESS_LIST, GObject)

/**
 * ProctorProcessList:n-items:
 *
 * How many processes it has; as g_list_model_get_n_items().
 *
 * Since: 0.1
 */

/**
 * proctor_process_list_new: (constructor)
 * @manager: a manager
 * @scope: which of its processes
 * @cancellable: (nullable): ends the call early, and only the call
 * @error: return location for an error
 *
 * Makes a list, with the processes that there are. Blocks, without running the main context of the
 * caller.
 *
 * Errors: %PROCTOR_ERROR_DISCONNECTED if the service has gone, %G_IO_ERROR_CANCELLED if
 * @cancellable was triggered.
 *
 * Returns: (transfer full): the list, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorProcessList *proctor_process_list_new(ProctorManager *manager, ProctorListScope scope,
                                             GCancellable *cancellable, GError **error);

/**
 * proctor_process_list_new_async:
 * @manager: a manager
 * @scope: which of its processes
 * @cancellable: (nullable): ends the call early, and only the call
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: (closure callback): what to give to it
 *
 * Does what proctor_process_list_new() does, without blocking.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_list_new_async(ProctorManager *manager, ProctorListScope scope,
                                    GCancellable *cancellable, GAsyncReadyCallback callback,
                                    gpointer user_data);

/**
 * proctor_process_list_new_finish: (constructor)
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the outcome of proctor_process_list_new_async().
 *
 * Returns: (transfer full): the list, or %NULL with @error set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorProcessList *proctor_process_list_new_finish(GAsyncResult *result, GError **error);

/**
 * ProctorProcessList:manager:
 *
 * The manager whose processes they are. It lives as long as the list does.
 *
 * Since: 0.1
 */

/**
 * proctor_process_list_get_manager:
 * @self: a list
 *
 * The manager whose processes they are. It lives as long as the list does.
 *
 * Returns: (transfer none): the manager
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorManager *proctor_process_list_get_manager(ProctorProcessList *self);

/**
 * ProctorProcessList:scope:
 *
 * Which processes it has.
 *
 * Since: 0.1
 */

/**
 * proctor_process_list_get_scope:
 * @self: a list
 *
 * Which processes it has.
 *
 * Returns: the scope
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorListScope proctor_process_list_get_scope(ProctorProcessList *self);

G_END_DECLS

#endif
