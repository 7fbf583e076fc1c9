/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* From the options to a manager. */

#include "cli.h"

/* Whether the options name a bus. */
bool connect_names_bus(const Cli *cli);

/* More than one option names it: their names, for an error; NULL if not. */
const char *connect_conflict(const Cli *cli);

/* The bus is that of the whole machine, this one or another, and not of this login. */
bool connect_is_system(const Cli *cli);

/* The service that every verb but run talks to: that of the options, otherwise of the session bus,
 * and where there is none, of the system bus. */
ProctorManager *connect_to_bus(const Cli *cli, GError **error);

/* The same without blocking; for run, where no option means a private service. */
void connect_async(const Cli *cli, GCancellable *cancellable, GAsyncReadyCallback callback,
                   void *user_data);
ProctorManager *connect_finish(const Cli *cli, GAsyncResult *result, GError **error);
