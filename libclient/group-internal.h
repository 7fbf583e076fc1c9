/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBCLIENT_GROUP_INTERNAL_H
#define LIBCLIENT_GROUP_INTERNAL_H

/* What the rest of the library asks of a ProctorGroup. */

#include <proctor/proctor-group-config.h>
#include <proctor/proctor-group.h>

#include "crew.h"

/* The object of the group at a path, with these properties. A reference; without the mutex. */
ProctorGroup *group_for_path(ProctorManager *manager, const char *path, GVariant *properties);

Crew *group_get_crew(ProctorGroup *self);

/* With the mutex held. */
ProctorGroupState group_state(Crew *crew);

/* On the manager's main context. */
void group_notify(ProctorGroup *self, guint64 changed);
void group_emit(ProctorGroup *self, CrewEvent *event);

/* The options of CreateGroup, a floating a{sv}. */
GVariant *group_config_options(ProctorGroupConfig *self);

#endif
