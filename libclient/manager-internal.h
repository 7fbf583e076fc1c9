/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBCLIENT_MANAGER_INTERNAL_H
#define LIBCLIENT_MANAGER_INTERNAL_H

/* What the rest of the library asks of a ProctorManager. */

#include <proctor/proctor-manager.h>
#include <proctor/proctor-process.h>

#include "link.h"

/* Valid as long as the manager is. */
Link *manager_get_link(ProctorManager *self);

/* On the manager's main context. */
void manager_notify_connected(ProctorManager *self);
void manager_emit_started(ProctorManager *self, ProctorProcess *process);
void manager_emit_exited(ProctorManager *self, ProctorProcess *process, int exit_code,
                         gint32 result);
void manager_emit_hung(ProctorManager *self, ProctorProcess *process, guint64 idle_usec,
                       const char *evidence, const char *action);

#endif
