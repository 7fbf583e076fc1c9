/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* An sd-bus connection as a source of a GLib main loop, by its descriptor alone: no second event
 * loop, and no state between prepare and check. */

#include <glib.h>
#include <stdbool.h>
#include <systemd/sd-bus.h>

/* Messages that one turn of the loop works off at most; the rest come with the next turn, so that a
 * flood delays nobody else. */
#define BUS_SOURCE_BATCH 32

/* Something that was sent is not written yet: what is sent now comes after it. */
bool bus_is_behind(sd_bus *bus);

/* Messages that wait to be written from which on nothing is read. */
#define BUS_SOURCE_BACKLOG 1024

/* Called once when the connection is lost, with the negative errno that said so. */
typedef void (*BusSourceLost)(void *userdata, int error);

/* Called after each message that was worked off. */
typedef void (*BusSourceWorked)(void *userdata);

/* Not attached yet; the bus must be open and stay with the same descriptor. A reference on the bus is
 * taken. */
GSource *bus_source_new(sd_bus *bus, BusSourceLost lost, void *userdata);

/* func gets the same userdata. */
void bus_source_set_worked(GSource *source, BusSourceWorked func);
