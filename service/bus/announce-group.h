/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the supervisor tells about groups, as signals to the subscribed peers that may see them. */

#include "core/supervisor.h"

/* userdata: Face */
void announce_group_added(void *userdata, Group *group);
void announce_group_changed(void *userdata, Group *group, GroupChange changes);
void announce_member_exited(void *userdata, Group *group, const Member *member);
void announce_member_failed(void *userdata, Group *group, const Member *member);
void announce_group_finished(void *userdata, Group *group);
void announce_group_removed(void *userdata, Group *group);
