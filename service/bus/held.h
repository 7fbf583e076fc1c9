/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Held replies: calls that are answered later. One belongs to the peer that called and ends with it:
 * its wait is cancelled, what it asked to be done goes on. */

#include <systemd/sd-bus.h>

#include "bus/face.h"
#include "bus/peers.h"

typedef struct Held Held;

/* Answers the call (sd_bus_reply_…). processes are those of the wait, or NULL. */
typedef int (*HeldReply)(Held *held, WaitOutcome outcome);

struct Held {
        Face *face;
        Peer *peer; /* NULL: it has left, nobody is answered */
        sd_bus_message *m;
        Waiter *waiter;            /* NULL for a start, and when it is over */
        WaitOutcome outcome;       /* of one that is over */
        struct NewsItem *deferred; /* … and is answered in its turn; or NULL */
        GPtrArray *processes;
        HeldReply reply;
        bool counted;       /* among those of its connection that wait */
        const Group *group; /* of a wait for a group, which does not go before it is answered */
        Grant *grant;       /* for what the reply function does; or NULL */
};

/* The peer has as many calls that wait as it may have. */
bool held_is_full(const Face *face, const Peer *peer);

/* Keeps m until held_settle(). */
Held *held_new(Face *face, Peer *peer, sd_bus_message *m);
Held *held_free(Held *held);

/* For a call that something else answers: it counts as one that waits, and is freed by whoever answers
 * it. NULL with an error that is set: too many wait. */
Held *held_begin(Face *face, sd_bus_message *m, sd_bus_error *error);

/* Waits for the end of a group's run, as held_wait() for processes. */
int held_wait_group(Face *face, sd_bus_message *m, Group *group, usec_t timeout, HeldReply reply,
                    sd_bus_error *error);

/* Waits for processes (a reference is taken) and answers with reply: at once if they are there
 * already, later if not. grant is kept for reply; or NULL. Returns what a handler returns. */
int held_wait(Face *face, sd_bus_message *m, GPtrArray *processes, WaitFor wait_for, WaitMode mode,
              usec_t timeout, HeldReply reply, const Grant *grant, sd_bus_error *error);

/* The group is about to go: whoever is to be answered about it is answered now. */
void held_settle_group(Face *face, const Group *group);

/* The peer has left. */
void held_drop_all(Face *face, Peer *peer);
