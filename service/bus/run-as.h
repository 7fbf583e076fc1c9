/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The option User: a start as somebody else than the caller. */

#include <systemd/sd-bus.h>

#include "bus/face.h"
#include "bus/options.h"

/* Makes the spec one of the user that the options name, if they name one: 0. Otherwise what the
 * handler returns: an error that is set, or 1 when the user must be looked up or polkit be asked. */
int run_as(Face *face, sd_bus_message *m, Options *options, sd_bus_error *error);
