/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Opens the one connection of the service. These may block: they belong to the start. */

#include <systemd/sd-bus.h>

int connect_session(sd_bus **ret);
int connect_system(sd_bus **ret);
int connect_address(const char *address, sd_bus **ret);

/* fd is one end of a socket pair, whose other end is the client; it is taken over, in any case. */
int connect_private(int fd, sd_bus **ret);

/* Whether the bus starts the service when somebody calls it. Waits for the answer. Negative errno. */
int connect_can_activate(sd_bus *bus);
