/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROCTOR_GROUP_H
#define PROCTOR_GROUP_H

/* Processes that are started and ended together. */

#include <proctor/proctor-types.h>

G_BEGIN_DECLS

#define PROCTOR_TYPE_GROUP (proctor_group_get_type())

/**
 * ProctorGroup:
 *
 * Processes that are started and ended together. A member is a plan, a #ProctorProcessConfig under
 * a name; each start of it makes a process of its own. Got from a #ProctorManager, which gives the
 * same object for the same group as long as anybody holds it. Dropping it neither ends nor removes
 * the group: see proctor_group_shutdown().
 *
 * What the functions without a #GCancellable tell is what the library knows at that moment: they
 * cost no call, may be used on any thread, and never block. Each of these is also a property.
 * Changes are notified, and the signals are emitted, on the main context that was the
 * thread-default one when the manager was made, as long as the manager is subscribed: it is so from
 * the moment on that it has a group, until proctor_manager_unsubscribe().
 *
 * When there is another service, a group is found again by its number and name, or is not known any
 * more: then calls give %PROCTOR_ERROR_NO_SUCH_GROUP, and a run has the result %PROCTOR_RESULT_LOST.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
G_DECLARE_FINAL_TYPE(ProctorGroup, proctor_group, PROCTOR, GROUP, GObject)

/**
 * ProctorGroup::member-exited:
 * @self: the group
 * @member: the name of the member
 * @exit_code: 0 to 255 as it returned it, or -N if signal N ended it
 * @result: how it ended
 *
 * A process of a member has ended.
 *
 * Since: 0.1
 */

/**
 * ProctorGroup::member-failed:
 * @self: the group
 * @member: the name of the member
 * @reason: why, in a sentence
 *
 * A member could not be started.
 *
 * Since: 0.1
 */

/**
 * ProctorGroup::finished:
 * @self: the group
 * @members: of type `a{s(is)}`, member to exit code and result, for each that has finished
 *
 * The run has ended: nothing of the group waits for its turn, starts or runs any more.
 *
 * Since: 0.1
 */

/**
 * ProctorGroup:manager:
 *
 * The manager that this object belongs to. It lives as long as the group object does.
 *
 * Since: 0.1
 */

/**
 * proctor_group_get_manager:
 * @self: a group
 *
 * The manager that this object belongs to. It lives as long as the group object does.
 *
 * Returns: (transfer none): the manager
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorManager *proctor_group_get_manager(ProctorGroup *self);

/**
 * ProctorGroup:object-path:
 *
 * D-Bus object of the group.
 *
 * Since: 0.1
 */

/**
 * proctor_group_get_object_path:
 * @self: a group
 *
 * D-Bus object of the group.
 *
 * Returns: (transfer none): the path
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_group_get_object_path(ProctorGroup *self);

/**
 * ProctorGroup:id:
 *
 * Number of the group: grows, and is never reused while the state of the service lives.
 *
 * Since: 0.1
 */

/**
 * proctor_group_get_id:
 * @self: a group
 *
 * Number of the group: grows, and is never reused while the state of the service lives.
 *
 * Returns: the number
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_group_get_id(ProctorGroup *self);

/**
 * ProctorGroup:name:
 *
 * Its name, unique among the groups of its owner.
 *
 * Since: 0.1
 */

/**
 * proctor_group_get_name:
 * @self: a group
 *
 * Its name, unique among the groups of its owner.
 *
 * Returns: (transfer none): the name
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_group_get_name(ProctorGroup *self);

/**
 * ProctorGroup:owner:
 *
 * Uid of the user that the group belongs to.
 *
 * Since: 0.1
 */

/**
 * proctor_group_get_owner:
 * @self: a group
 *
 * Uid of the user that the group belongs to.
 *
 * Returns: the uid
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint proctor_group_get_owner(ProctorGroup *self);

/**
 * ProctorGroup:on-member-failure:
 *
 * What happens when a member ends with another result than success.
 *
 * Since: 0.1
 */

/**
 * proctor_group_get_on_member_failure:
 * @self: a group
 *
 * What happens when a member ends with another result than success.
 *
 * Returns: what happens
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorMemberFailure proctor_group_get_on_member_failure(ProctorGroup *self);

/**
 * ProctorGroup:max-parallel:
 *
 * How many members may run at the same time.
 *
 * Since: 0.1
 */

/**
 * proctor_group_get_max_parallel:
 * @self: a group
 *
 * How many members may run at the same time.
 *
 * Returns: how many; 0: as many as there are
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint proctor_group_get_max_parallel(ProctorGroup *self);

/**
 * ProctorGroup:key-member:
 *
 * The member whose end ends the run: the others are stopped, and its result is that of the group.
 *
 * Since: 0.1
 */

/**
 * proctor_group_get_key_member:
 * @self: a group
 *
 * The member whose end ends the run: the others are stopped, and its result is that of the group.
 *
 * Returns: (transfer none): its name; empty: none
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_group_get_key_member(ProctorGroup *self);

/**
 * ProctorGroup:members:
 *
 * The names of the members, in the order in which they were added.
 *
 * Since: 0.1
 */

/**
 * proctor_group_dup_members:
 * @self: a group
 *
 * The names of the members, in the order in which they were added.
 *
 * Returns: (transfer full) (array zero-terminated=1): the names
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
char **proctor_group_dup_members(ProctorGroup *self);

/**
 * ProctorGroup:n-running:
 *
 * Number of members that have a process which has not finished, as it was at the last
 * proctor_group_refresh().
 *
 * Since: 0.1
 */

/**
 * proctor_group_get_n_running:
 * @self: a group
 *
 * Number of members that have a process which has not finished, as it was at the last
 * proctor_group_refresh().
 *
 * Returns: the number
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint proctor_group_get_n_running(ProctorGroup *self);

/**
 * ProctorGroup:state:
 *
 * Whether the group runs.
 *
 * Since: 0.1
 */

/**
 * proctor_group_get_state:
 * @self: a group
 *
 * Whether the group runs.
 *
 * Returns: the state
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorGroupState proctor_group_get_state(ProctorGroup *self);

/**
 * ProctorGroup:result:
 *
 * How its last run ended: the result of the key member if that ended in this run, else that of the
 * first member that failed, else success.
 *
 * Since: 0.1
 */

/**
 * proctor_group_get_result:
 * @self: a group
 *
 * How its last run ended: the result of the key member if that ended in this run, else that of the
 * first member that failed, else success.
 *
 * Returns: the result; %PROCTOR_RESULT_NONE before the first run and while it runs
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorResult proctor_group_get_result(ProctorGroup *self);

/**
 * ProctorGroup:exit-code:
 *
 * The exit code that belongs to the result.
 *
 * Since: 0.1
 */

/**
 * proctor_group_get_exit_code:
 * @self: a group
 *
 * The exit code that belongs to the result.
 *
 * Returns: 0 to 255, or -N if signal N ended that member
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
int proctor_group_get_exit_code(ProctorGroup *self);

/**
 * ProctorGroup:failed-member:
 *
 * The member that failed first in the last run.
 *
 * Since: 0.1
 */

/**
 * proctor_group_dup_failed_member:
 * @self: a group
 *
 * The member that failed first in the last run.
 *
 * Returns: (transfer full): its name; empty: none
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
char *proctor_group_dup_failed_member(ProctorGroup *self);

G_END_DECLS

#endif
