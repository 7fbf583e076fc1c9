/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Signals on their way, see the header. */

#include "bus/announcement.h"

#include "base/log.h"
#include "bus/bus-cleanup.h"

void announcement_send(Face *face, const Peer *peer, const Announcement *what) {
        g_autoptr(sd_bus_message) m = NULL;
        int r;

        r = sd_bus_message_new_signal(face->bus, &m, what->path, what->interface, what->member);
        if (r >= 0 && peer->name)
                r = sd_bus_message_set_destination(m, peer->name);
        if (r >= 0)
                r = what->body(m, face, what->object, what->detail);
        if (r >= 0)
                r = sd_bus_send(face->bus, m, NULL);
        if (r < 0)
                log_debug("cannot send %s: %s", what->member, g_strerror(-r));
}

void announcement_publish(Face *face, AnnouncementSees sees, const Announcement *what) {
        GHashTableIter iter;
        void *value;

        if (face->peers.n_subscribed == 0)
                return;
        g_hash_table_iter_init(&iter, face->peers.by_origin);
        while (g_hash_table_iter_next(&iter, NULL, &value)) {
                const Peer *peer = value;

                if (peer->subscribed && sees(face, peer, what->object))
                        announcement_send(face, peer, what);
        }
}
