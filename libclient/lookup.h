/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBCLIENT_LOOKUP_H
#define LIBCLIENT_LOOKUP_H

/* Calls whose result is a ProctorProcess with its properties, or several of them. */

#include "activity.h"
#include "call.h"

/* A method of the root object that answers with the path of a process. */
Call *lookup_call(ProctorManager *manager, const char *interface, const char *method,
                  GVariant *parameters);

/* Has a function be asked about the process that is found; the source may be NULL. */
void lookup_set_activity(Call *call, ActivitySource *source);

/* NULL and an error if this cannot be the path of a process. */
Call *lookup_path_call(ProctorManager *manager, const char *path, GError **error);

/* A method that adopts a process. NULL and an error if it cannot even be asked for. */
Call *lookup_adopt_call(ProctorManager *manager, const char *interface, const char *method,
                        guint pid, int pidfd, ProctorProcessConfig *config, GError **error);

/* All processes, as a GPtrArray. */
Call *lookup_list_call(ProctorManager *manager);

#endif
