/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Who is at the other end: the connections that have called, with their uid as the bus says it,
 * whether they are subscribed, and how many of their calls wait.
 *
 * On a bus a new sender's first messages are held back until the bus has said who it is, without
 * blocking anybody, and then worked off in their order. A peer lives until the bus says that its name
 * has gone: one match is for all names, because a bus lets a connection have only so many (512 on the
 * system bus); the service hears of every name that goes as long as it has a peer, and of none else. On a private connection there is one peer, known from the socket. */

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-bus.h>

#include "bus/backlog.h"

typedef struct Face Face;
typedef struct Peer Peer;

typedef enum PeerState {
        PEER_ASKING,    /* the bus was asked for its uid; its messages wait */
        PEER_REPLAYING, /* they are on their way through the queue again */
        PEER_KNOWN,
        _PEER_STATE_MAX,
} PeerState;

struct Peer {
        Face *face;
        char *name;      /* unique name; NULL on a private connection */
        uint64_t origin; /* number of this connection, never used again */
        uid_t uid;       /* valid from PEER_REPLAYING on; until then (uid_t) −1 */
        PeerState state;
        bool subscribed;
        unsigned n_waiting;   /* calls of it that are held */
        unsigned n_questions; /* of it that somebody else is asked about */
        Backlog queued;       /* held back, or being replayed */
        sd_bus_slot *ask_slot;
};

typedef struct Peers {
        GHashTable *by_name;   /* name → Peer, owned */
        GHashTable *by_origin; /* &Peer.origin → Peer */
        Peer *only;            /* on a private connection */
        uint64_t last_origin;
        unsigned n_subscribed;
        sd_bus_slot *left_slot; /* the match for names that go; there while there are peers */
} Peers;

/* What the held-back messages of one unknown peer may weigh; more are refused. */
#define PEER_BACKLOG_MAX ((size_t)4 * 1024 * 1024)

void peers_init(Peers *peers);
void peers_done(Peers *peers);

/* The bus itself has gone, and everybody with it. */
void peers_all_left(Face *face);

/* A private connection: its one peer. */
void peers_set_only(Face *face, uid_t uid);

/* For every incoming method call, before it is looked at: makes the peer known. 0: go on; 1: the
 * message was kept for later, or refused. */
int peers_admit(Face *face, sd_bus_message *m);

/* Of a message that was admitted. */
Peer *peers_sender(Face *face, sd_bus_message *m);
Peer *peers_by_origin(Face *face, uint64_t origin);

void peer_subscribe(Peer *peer, bool subscribed);
