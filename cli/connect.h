/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* From the options to a manager. */

#include "cli.h"

/* Whether the options name a bus. */
bool connect_names_bus(const Cli *cli);

/* The service that every verb but run talks to: that of the session bus, or the one that the options name. */
ProctorManager *connect_to_bus(const Cli *cli, GError **error);

/* The same without blocking; for run, where no option means a private service. */
void connect_async(const Cli *cli, GCancellable *cancellable, GAsyncReadyCallback callback,
                   void *user_data);
ProctorManager *connect_finish(const Cli *cli, GAsyncResult *result, GError **error);
