/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The wire form of a dossier. */

#include <systemd/sd-bus.h>

#include "core/dossier.h"

/* Appends an a{sv}; an empty one for NULL. */
int dossier_append(sd_bus_message *m, const Dossier *dossier);
