/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROCTOR_GROUP_CONFIG_H
#define PROCTOR_GROUP_CONFIG_H

/* How a group behaves: the options of CreateGroup. */

#include <proctor/proctor-types.h>

G_BEGIN_DECLS

#define PROCTOR_TYPE_GROUP_CONFIG (proctor_group_config_get_type())

/**
 * ProctorGroupConfig:
 *
 * How a group behaves, for proctor_manager_create_group(). What is not set is left to the service,
 * which checks the values. The object is not safe to be used by several threads at once.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
G_DECLARE_FINAL_TYPE(ProctorGroupConfig, proctor_group_config, PROCTOR, GROUP_CONFIG, GObject)

/**
 * proctor_group_config_new:
 *
 * Describes a group of which nothing is set.
 *
 * Returns: (transfer full): the description
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorGroupConfig *proctor_group_config_new(void);

/**
 * ProctorGroupConfig:on-member-failure:
 *
 * What happens when a member ends with another result than success.
 *
 * Since: 0.1
 */

/**
 * proctor_group_config_get_on_member_failure:
 * @self: a description
 *
 * What happens when a member ends with another result than success.
 *
 * Returns: what happens; %PROCTOR_MEMBER_FAILURE_CONTINUE if it is not set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorMemberFailure proctor_group_config_get_on_member_failure(ProctorGroupConfig *self);

/**
 * proctor_group_config_set_on_member_failure:
 * @self: a description
 * @on_member_failure: what happens
 *
 * Sets it: what happens when a member ends with another result than success.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_group_config_set_on_member_failure(ProctorGroupConfig *self,
                                                ProctorMemberFailure on_member_failure);

/**
 * ProctorGroupConfig:max-parallel:
 *
 * How many members may run at the same time.
 *
 * Since: 0.1
 */

/**
 * proctor_group_config_get_max_parallel:
 * @self: a description
 *
 * How many members may run at the same time.
 *
 * Returns: how many; 0: as many as there are
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint proctor_group_config_get_max_parallel(ProctorGroupConfig *self);

/**
 * proctor_group_config_set_max_parallel:
 * @self: a description
 * @max_parallel: how many; 0: as many as there are
 *
 * Sets it: how many members may run at the same time.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_group_config_set_max_parallel(ProctorGroupConfig *self, guint max_parallel);

/**
 * ProctorGroupConfig:key-member:
 *
 * The member whose end ends the run: the others are stopped, and its result is that of the group.
 *
 * Since: 0.1
 */

/**
 * proctor_group_config_get_key_member:
 * @self: a description
 *
 * The member whose end ends the run: the others are stopped, and its result is that of the group.
 *
 * Returns: (transfer none) (nullable): its name; %NULL: none
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_group_config_get_key_member(ProctorGroupConfig *self);

/**
 * proctor_group_config_set_key_member:
 * @self: a description
 * @key_member: (nullable): the name of a member that is or will be added, or %NULL
 *
 * Sets it: the member whose end ends the run: the others are stopped, and its result is that of the
 * group.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_group_config_set_key_member(ProctorGroupConfig *self, const char *key_member);

G_END_DECLS

#endif
