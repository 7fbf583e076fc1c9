/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Peers, see the header. The uid comes from the bus alone; a peer that the bus does not know (any
 * more) is refused, and an unknown uid is never 0. */

#include "bus/peers.h"

#include <errno.h>

#include "base/log.h"
#include "bus/face.h"
#include "bus/held.h"
#include "bus/pace.h"
#include "bus/questions.h"

#define BUS_DRIVER "org.freedesktop.DBus"

static void peer_free(void *data) {
        Peer *peer = data;

        peer_subscribe(peer, false);
        held_drop_all(peer->face, peer);
        questions_drop_all(peer->face, peer);
        pace_drop(peer->face, peer);
        if (peer->origin != 0)
                g_hash_table_remove(peer->face->peers.by_origin, &peer->origin);
        backlog_clear(&peer->queued);
        sd_bus_slot_unref(peer->ask_slot);
        g_free(peer->name);
        g_free(peer);
}

void peers_init(Peers *peers) {
        peers->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, peer_free);
        peers->by_origin = g_hash_table_new(g_int64_hash, g_int64_equal);
}

void peers_done(Peers *peers) {
        g_hash_table_unref(peers->by_name);
        if (peers->only)
                peer_free(peers->only);
        g_hash_table_unref(peers->by_origin);
        sd_bus_slot_unref(peers->left_slot);
        *peers = (Peers){};
}

static Peer *peer_new(Face *face, const char *name) {
        Peers *peers = &face->peers;
        Peer *peer = g_new0(Peer, 1);

        peer->face = face;
        peer->name = g_strdup(name);
        peer->origin = ++peers->last_origin;
        peer->uid = UID_ANY;
        g_hash_table_insert(peers->by_origin, &peer->origin, peer);
        return peer;
}

void peers_set_only(Face *face, uid_t uid) {
        Peer *peer = peer_new(face, NULL);

        peer->uid = uid;
        peer->state = PEER_KNOWN;
        face->peers.only = peer;
}

static void peer_left(Peer *peer) {
        Face *face = peer->face;
        uint64_t origin = peer->origin;
        Now now = now_read();

        g_hash_table_remove(face->peers.by_name, peer->name);
        if (g_hash_table_size(face->peers.by_name) == 0)
                face->peers.left_slot = sd_bus_slot_unref(face->peers.left_slot);
        supervisor_origin_gone(face->supervisor, origin, &now);
}

void peers_all_left(Face *face) {
        GHashTableIter iter;
        void *peer;

        for (;;) {
                g_hash_table_iter_init(&iter, face->peers.by_name);
                if (!g_hash_table_iter_next(&iter, NULL, &peer))
                        return;
                peer_left(peer);
        }
}

static int on_name_left(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *name, *old_owner, *new_owner;
        Face *face = userdata;
        Peer *peer;

        if (sd_bus_message_read(m, "sss", &name, &old_owner, &new_owner) < 0 || *new_owner)
                return 0;
        peer = g_hash_table_lookup(face->peers.by_name, name);
        if (peer)
                peer_left(peer);
        return 0;
}

static void refuse_queued(Peer *peer, const char *error, const char *text) {
        sd_bus_message *m;

        while ((m = backlog_pop(&peer->queued))) {
                sd_bus_reply_method_errorf(m, error, "%s", text);
                sd_bus_message_unref(m);
        }
}

static void refuse_unknown(Peer *peer) {
        refuse_queued(peer, SD_BUS_ERROR_ACCESS_DENIED, "The bus does not say who is calling");
}

/* One of those whom the bus was asked about. */
static Peer *find_asking(Face *face) {
        GHashTableIter iter;
        void *value;

        g_hash_table_iter_init(&iter, face->peers.by_name);
        while (g_hash_table_iter_next(&iter, NULL, &value))
                if (((Peer *)value)->state == PEER_ASKING)
                        return value;
        return NULL;
}

static int on_match_answer(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        /* Without the match nobody would tell when somebody leaves: then nobody is served. The
         * questions for their uids, sent after the match, are answered after it. */
        Face *face = userdata;
        Peer *peer;

        if (!sd_bus_message_is_method_error(m, NULL))
                return 0;
        log_warning("cannot watch callers: %s", sd_bus_message_get_error(m)->message);
        while ((peer = find_asking(face))) {
                peer->ask_slot = sd_bus_slot_unref(peer->ask_slot);
                refuse_queued(peer, SD_BUS_ERROR_LIMITS_EXCEEDED,
                              "Limit reached: what the bus lets the service watch");
                peer_left(peer);
        }
        return 0;
}

static int on_uid_answer(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Peer *peer = userdata;
        uint32_t uid;

        if (sd_bus_message_is_method_error(m, NULL) || sd_bus_message_read(m, "u", &uid) < 0 ||
            uid == UID_ANY) {
                refuse_unknown(peer);
                peer_left(peer);
                return 0;
        }
        peer->uid = uid;
        peer->state = PEER_REPLAYING;
        for (GList *l = peer->queued.messages.head; l; l = l->next)
                if (sd_bus_enqueue_for_read(peer->face->bus, ((Kept *)l->data)->m) < 0) {
                        refuse_unknown(peer);
                        break;
                }
        if (backlog_is_empty(&peer->queued))
                peer->state = PEER_KNOWN;
        return 0;
}

static int watch(Face *face) {
        if (face->peers.left_slot)
                return 0;
        return sd_bus_add_match_async(face->bus, &face->peers.left_slot,
                                      "type='signal',sender='" BUS_DRIVER
                                      "',path='/org/freedesktop/DBus',interface='" BUS_DRIVER
                                      "',member='NameOwnerChanged',arg2=''",
                                      on_name_left, on_match_answer, face);
}

static int ask(Peer *peer) {
        int r = watch(peer->face);

        if (r < 0)
                return r;
        return sd_bus_call_method_async(
                peer->face->bus, &peer->ask_slot, BUS_DRIVER, "/org/freedesktop/DBus", BUS_DRIVER,
                "GetConnectionUnixUser", on_uid_answer, peer, "s", peer->name);
}

static bool is_full(const Peer *peer, sd_bus_message *m) {
        if (!backlog_is_full(&peer->queued, PEER_BACKLOG_MAX))
                return false;
        sd_bus_reply_method_errorf(m, SD_BUS_ERROR_LIMITS_EXCEEDED,
                                   "Limit reached: calls of a new connection");
        return true;
}

static int keep(Peer *peer, sd_bus_message *m) {
        if (!is_full(peer, m))
                backlog_push(&peer->queued, m);
        return 1;
}

static int replay(Peer *peer, sd_bus_message *m) {
        if (backlog_begins_with(&peer->queued, m)) {
                sd_bus_message_unref(backlog_pop(&peer->queued));
                if (backlog_is_empty(&peer->queued))
                        peer->state = PEER_KNOWN;
                return 0;
        }
        /* It was read before the first ones were put back: it goes behind them. */
        if (is_full(peer, m))
                return 1;
        if (sd_bus_enqueue_for_read(peer->face->bus, m) < 0)
                return -ENOBUFS;
        backlog_push(&peer->queued, m);
        return 1;
}

int peers_admit(Face *face, sd_bus_message *m) {
        const char *name = sd_bus_message_get_sender(m);
        Peer *peer;
        int r;

        if (face->peers.only)
                return 0;
        if (!name)
                return -EBADMSG;
        peer = g_hash_table_lookup(face->peers.by_name, name);
        if (!peer) {
                peer = peer_new(face, name);
                g_hash_table_insert(face->peers.by_name, peer->name, peer);
                r = ask(peer);
                if (r < 0) {
                        g_hash_table_remove(face->peers.by_name, name);
                        return r;
                }
        }
        switch (peer->state) {
        case PEER_ASKING:
                return keep(peer, m);
        case PEER_REPLAYING:
                return replay(peer, m);
        default:
                return 0;
        }
}

Peer *peers_sender(Face *face, sd_bus_message *m) {
        const char *name = sd_bus_message_get_sender(m);

        if (face->peers.only)
                return face->peers.only;
        return name ? g_hash_table_lookup(face->peers.by_name, name) : NULL;
}

Peer *peers_by_origin(Face *face, uint64_t origin) {
        return g_hash_table_lookup(face->peers.by_origin, &origin);
}

void peer_subscribe(Peer *peer, bool subscribed) {
        if (peer->subscribed == subscribed)
                return;
        peer->subscribed = subscribed;
        if (subscribed)
                peer->face->peers.n_subscribed++;
        else
                peer->face->peers.n_subscribed--;
}
