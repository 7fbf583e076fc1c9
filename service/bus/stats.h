/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* GetStats as a message: a{sv}, see the interface. */

#include <systemd/sd-bus.h>

#include "core/supervisor.h"

int stats_append(sd_bus_message *m, Supervisor *supervisor, uid_t scope);
