/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A signal about an object, to those whom it concerns. Signals are unicast, never broadcast: a command
 * line is a secret, and nobody pays for news that nobody wants. */

#include <systemd/sd-bus.h>

#include "bus/face.h"

#define PROPERTIES_INTERFACE     "org.freedesktop.DBus.Properties"
#define OBJECT_MANAGER_INTERFACE "org.freedesktop.DBus.ObjectManager"

typedef struct Announcement {
        const char *path;
        const char *interface;
        const char *member;
        /* Appends the body of the signal. */
        int (*body)(sd_bus_message *m, Face *face, void *object, const void *detail);
        void *object; /* Process or Group; NULL: it is about none */
        const void *detail;
        size_t bytes; /* of long texts in it */
} Announcement;

/* Whether the object exists for that peer. */
typedef bool (*AnnouncementSees)(const Face *face, const Peer *peer, const void *object);

/* To one peer, whether it is subscribed or not. owner is that of the object; 0: it is about none. */
void announcement_send(Face *face, uid_t owner, const Peer *peer, const Announcement *what);

/* To all subscribed peers that may see the object. */
void announcement_publish(Face *face, uid_t owner, AnnouncementSees sees, const Announcement *what);
