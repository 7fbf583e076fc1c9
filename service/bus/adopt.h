/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Adoption on the bus: Manager.AdoptProcess and Watchdog.RegisterProcess are the same call. */

#include <systemd/sd-bus.h>

/* userdata: Face */
int adopt_handler(sd_bus_message *m, void *userdata, sd_bus_error *error);
