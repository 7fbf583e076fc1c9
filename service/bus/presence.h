/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Keeps the service present on its bus: the source in the loop, and, where that is wanted, a new
 * connection with the same objects and the name again when the old one is lost. What the service
 * manages goes on meanwhile. */

#include <systemd/sd-bus.h>

#include "bus/face.h"

typedef struct Presence Presence;

typedef struct PresenceConfig {
        Face *face;
        int (*reconnect)(sd_bus **ret); /* must not wait; NULL: lost is called, and that was it */
        void (*lost)(void *userdata, int error);
        void *userdata;
} PresenceConfig;

/* On an open connection whose name is taken or will be by the caller; the connection is taken over. */
Presence *presence_new(const PresenceConfig *config, sd_bus *bus);

/* Sends what is still to be sent. */
Presence *presence_free(Presence *presence);

/* Does not come back any more. */
void presence_end(Presence *presence);
