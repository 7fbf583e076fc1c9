/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Signals on their way, see the header. */

#include "bus/announcement.h"

#include "base/log.h"
#include "bus/bus-cleanup.h"
#include "bus/news.h"

static int build(Face *face, const Peer *peer, const Announcement *what, sd_bus_message **ret) {
        g_autoptr(sd_bus_message) m = NULL;
        int r;

        r = sd_bus_message_new_signal(face->bus, &m, what->path, what->interface, what->member);
        if (r >= 0 && peer && peer->name)
                r = sd_bus_message_set_destination(m, peer->name);
        if (r >= 0)
                r = what->body(m, face, what->object, what->detail);
        if (r >= 0)
                *ret = g_steal_pointer(&m);
        return r;
}

static int tell(Face *face, uid_t owner, GArray *origins, const Announcement *what) {
        const Peer *first = peers_by_origin(face, g_array_index(origins, uint64_t, 0));
        bool at_once = news_allow(face, owner, origins->len, what->bytes);
        g_autoptr(sd_bus_message) m = NULL;
        int r = build(face, at_once ? first : NULL, what, &m);

        if (r >= 0)
                r = at_once ? sd_bus_send(face->bus, m, NULL) : news_send(face, owner, m, origins);
        for (unsigned i = 1; r >= 0 && at_once && i < origins->len; i++)
                news_deliver(face, m, g_array_index(origins, uint64_t, i));
        return r;
}

static void tell_all(Face *face, uid_t owner, GArray *origins, const Announcement *what) {
        int r = origins->len == 0 ? 0 : tell(face, owner, origins, what);

        if (r < 0)
                log_debug("cannot send %s: %s", what->member, g_strerror(-r));
}

void announcement_send(Face *face, uid_t owner, const Peer *peer, const Announcement *what) {
        g_autoptr(GArray) origins = g_array_new(FALSE, FALSE, sizeof(uint64_t));

        g_array_append_val(origins, peer->origin);
        tell_all(face, owner, origins, what);
}

void announcement_publish(Face *face, uid_t owner, AnnouncementSees sees,
                          const Announcement *what) {
        g_autoptr(GArray) origins = NULL;
        GHashTableIter iter;
        void *value;

        if (face->peers.n_subscribed == 0)
                return;
        origins = g_array_new(FALSE, FALSE, sizeof(uint64_t));
        g_hash_table_iter_init(&iter, face->peers.by_origin);
        while (g_hash_table_iter_next(&iter, NULL, &value)) {
                const Peer *peer = value;

                if (peer->subscribed && sees(face, peer, what->object))
                        g_array_append_val(origins, peer->origin);
        }
        tell_all(face, owner, origins, what);
}
