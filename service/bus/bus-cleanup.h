/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* g_autoptr for what libsystemd gives. */

#include <glib.h>
#include <systemd/sd-bus.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sd_bus, sd_bus_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sd_bus_message, sd_bus_message_unref)
