/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* On a session bus and on a private connection everything belongs to the service's user, and he and
 * root are the only ones who are served. An unknown identity is refused. */

#include "bus/access.h"

#include "bus/bus-error.h"

struct Grant {
        Peer *peer;
        Caller caller;
        uid_t scope;
};

Peer *grant_peer(const Grant *grant) {
        return grant->peer;
}

const Caller *grant_caller(const Grant *grant) {
        return &grant->caller;
}

uid_t grant_scope(const Grant *grant) {
        return grant->scope;
}

Grant *grant_keep(const Grant *grant) {
        Grant *copy = g_memdup2(grant, sizeof *grant);

        copy->peer = NULL; /* may have left by then */
        return copy;
}

Grant *grant_free(Grant *grant) {
        g_free(grant);
        return NULL;
}

static bool is_served(const Face *face, const Peer *peer) {
        return peer && peer->uid != UID_ANY && (peer->uid == face->uid || peer->uid == 0);
}

int access_authorize(Face *face, sd_bus_message *m, AccessAction action, const Process *object,
                     const Grant **ret, sd_bus_error *error) {
        Peer *peer = peers_sender(face, m);

        if (!is_served(face, peer))
                return bus_fail(error, SD_BUS_ERROR_ACCESS_DENIED,
                                "This service serves its own user and root alone");
        if (!face->grant)
                face->grant = g_new(Grant, 1);
        *face->grant = (Grant){
                .peer = peer,
                .caller = {.uid = face->uid, .origin = peer->origin},
                .scope = UID_ANY,
        };
        *ret = face->grant;
        return 0;
}

bool access_peer_sees(const Face *face, const Peer *peer, const Process *process) {
        return is_served(face, peer);
}

bool access_sees(Face *face, sd_bus_message *m, const Process *process) {
        return m && access_peer_sees(face, peers_sender(face, m), process);
}
