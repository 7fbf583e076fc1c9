/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Held replies, see the header. */

#include "bus/held.h"

#include <errno.h>

#include "base/log.h"
#include "bus/access.h"
#include "bus/bus-error.h"
#include "bus/news.h"
#include "core/group.h"

Held *held_new(Face *face, Peer *peer, sd_bus_message *m) {
        Held *held = g_new0(Held, 1);

        held->face = face;
        held->peer = peer;
        held->m = sd_bus_message_ref(m);
        g_hash_table_add(face->held, held);
        return held;
}

bool held_is_full(const Face *face, const Peer *peer) {
        return peer->n_waiting >= face->limits.held;
}

Held *held_free(Held *held) {
        if (!held)
                return NULL;
        g_hash_table_remove(held->face->held, held);
        if (held->peer && held->counted)
                held->peer->n_waiting--;
        if (held->processes)
                g_ptr_array_unref(held->processes);
        grant_free(held->grant);
        sd_bus_message_unref(held->m);
        g_free(held);
        return NULL;
}

static void count(Held *held) {
        held->counted = true;
        held->peer->n_waiting++;
}

static bool too_many(const Face *face, const Peer *peer, sd_bus_error *error) {
        if (!held_is_full(face, peer))
                return false;
        bus_fail_limit(error, "calls of one connection that wait");
        return true;
}

Held *held_begin(Face *face, sd_bus_message *m, sd_bus_error *error) {
        Peer *peer = peers_sender(face, m);
        Held *held;

        if (too_many(face, peer, error))
                return NULL;
        held = held_new(face, peer, m);
        count(held);
        return held;
}

static void settle(Held *held, WaitOutcome outcome) {
        int r = held->reply(held, outcome);

        if (r < 0)
                log_debug("cannot answer a call: %s", g_strerror(-r));
        held_free(held);
}

static void on_turn(void *userdata) {
        Held *held = userdata;

        held->deferred = NULL;
        if (held->peer)
                settle(held, held->outcome);
        else
                held_free(held);
}

/* Thousands can have waited for the same. */
static void on_waiter(Waiter *waiter, WaitOutcome outcome, void *userdata) {
        Held *held = userdata;

        held->waiter = NULL;
        held->outcome = outcome;
        if (news_allow(held->face, held->peer->uid, 1, 0))
                settle(held, outcome);
        else
                held->deferred = news_defer(held->face, held->peer->uid, on_turn, held);
}

void held_settle_group(Face *face, const Group *group) {
        g_autoptr(GPtrArray) all = g_ptr_array_new();
        GHashTableIter iter;
        void *key;

        g_hash_table_iter_init(&iter, face->held);
        while (g_hash_table_iter_next(&iter, &key, NULL))
                if (((Held *)key)->group == group && ((Held *)key)->deferred)
                        g_ptr_array_add(all, key);
        for (unsigned i = 0; i < all->len; i++) {
                Held *held = all->pdata[i];

                news_cancel(held->deferred);
                on_turn(held);
        }
}

int held_wait(Face *face, sd_bus_message *m, GPtrArray *processes, WaitFor wait_for, WaitMode mode,
              usec_t timeout, HeldReply reply, const Grant *grant, sd_bus_error *error) {
        Peer *peer = peers_sender(face, m);
        bool met = wait_is_met(processes, wait_for, mode);
        Now now = now_read();
        Held *held;

        if (!met && timeout > 0 && too_many(face, peer, error))
                return -EBUSY;
        held = held_new(face, peer, m);
        held->processes = g_ptr_array_ref(processes);
        held->reply = reply;
        held->grant = grant ? grant_keep(grant) : NULL;
        count(held);
        if (met || timeout == 0) {
                settle(held, met ? WAIT_MET : WAIT_EXPIRED);
                return 1;
        }
        held->waiter = supervisor_wait(face->supervisor, processes, wait_for, mode, timeout, &now,
                                       on_waiter, held);
        return 1;
}

int held_wait_group(Face *face, sd_bus_message *m, Group *group, usec_t timeout, HeldReply reply,
                    sd_bus_error *error) {
        bool met = group->state != GROUP_STATE_RUNNING;
        Now now = now_read();
        Held *held;

        if (!met && timeout > 0 && too_many(face, peers_sender(face, m), error))
                return -EBUSY;
        held = held_new(face, peers_sender(face, m), m);
        held->group = group;
        held->reply = reply;
        count(held);
        if (met || timeout == 0)
                settle(held, met ? WAIT_MET : WAIT_EXPIRED);
        else
                held->waiter = group_wait(group, timeout, &now, on_waiter, held);
        return 1;
}

void held_drop_all(Face *face, Peer *peer) {
        GHashTableIter iter;
        void *key;

        g_hash_table_iter_init(&iter, face->held);
        while (g_hash_table_iter_next(&iter, &key, NULL)) {
                Held *held = key;

                if (held->peer != peer)
                        continue;
                held->peer = NULL;
                if (!held->waiter)
                        continue; /* a start goes on, and is answered to nobody */
                waiter_cancel(held->waiter);
                g_hash_table_iter_remove(&iter);
                held_free(held);
        }
}
