/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBCLIENT_PROCESS_INTERNAL_H
#define LIBCLIENT_PROCESS_INTERNAL_H

/* What the rest of the library asks of a ProctorProcess. */

#include <proctor/proctor-process.h>

#include "entry.h"

/* The object of an entry: the one there is, or a new one. A reference; without the mutex. */
ProctorProcess *process_for_entry(ProctorManager *manager, Entry *entry);

Entry *process_get_entry(ProctorProcess *self);

/* On the manager's main context. */
void process_notify(ProctorProcess *self, guint64 changed);
void process_emit_exited(ProctorProcess *self);
void process_emit_hung(ProctorProcess *self, guint64 idle_usec, const char *evidence,
                       const char *action);

#endif
