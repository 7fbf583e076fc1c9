/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* On a session bus and on a private connection everything belongs to the service's user, and he and
 * root are the only ones who are served. On the system bus every user is served, and each has what is
 * his own; what is another's does not exist for him. Root sees and controls everything, but what is
 * about "the caller's processes" is about root's own for him too. An unknown identity is refused. */

#include "bus/access.h"

#include "bus/bus-error.h"
#include "core/group.h"

static const char *const refusals[_ACCESS_ACTION_MAX] = {
        [ACCESS_START] = "Starting is not permitted",
        [ACCESS_CONTROL] = "The process belongs to another user",
        [ACCESS_INSPECT] = "The process belongs to another user",
        [ACCESS_CONFIGURE] = "Only an administrator may configure the watchdog",
        [ACCESS_RAISE_LIMITS] =
                "Only an administrator may give a process a higher priority or higher "
                "limits than the service has",
};

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
        if (!peer || peer->uid == UID_ANY)
                return false;
        return face->kind == FACE_SYSTEM || peer->uid == face->uid || peer->uid == 0;
}

static bool is_permitted(const Face *face, const Peer *peer, AccessAction action,
                         const Process *object) {
        if (face->kind != FACE_SYSTEM || peer->uid == 0)
                return true;
        switch (action) {
        case ACCESS_START:
                return true;
        case ACCESS_INSPECT:
                /* who asked for it has written its command, and was promised to hear of its end */
                return !object || object->owner == peer->uid || object->asker == peer->uid;
        case ACCESS_CONTROL:
                return !object || object->owner == peer->uid;
        default:
                return false;
        }
}

static Caller caller_of(const Face *face, const Peer *peer) {
        return (Caller){
                .uid = face->kind == FACE_SYSTEM ? peer->uid : face->uid,
                .origin = peer->origin,
        };
}

static uid_t scope_of(const Face *face, const Peer *peer) {
        return face->kind != FACE_SYSTEM || peer->uid == 0 ? UID_ANY : peer->uid;
}

int access_authorize(Face *face, sd_bus_message *m, AccessAction action, const Process *object,
                     const Grant **ret, sd_bus_error *error) {
        Peer *peer = peers_sender(face, m);

        if (!is_served(face, peer))
                return bus_fail(error, SD_BUS_ERROR_ACCESS_DENIED,
                                "This service serves its own user and root alone");
        if (!is_permitted(face, peer, action, object))
                return bus_fail(error, SD_BUS_ERROR_ACCESS_DENIED, "%s", refusals[action]);
        if (!face->grant)
                face->grant = g_new(Grant, 1);
        *face->grant = (Grant){
                .peer = peer,
                .caller = caller_of(face, peer),
                .scope = scope_of(face, peer),
        };
        *ret = face->grant;
        return 0;
}

bool access_peer_sees(const Face *face, const Peer *peer, const Process *process) {
        return is_served(face, peer) &&
               (!process || is_permitted(face, peer, ACCESS_INSPECT, process));
}

bool access_serves(Face *face, sd_bus_message *m) {
        return is_served(face, peers_sender(face, m));
}

bool access_sees(Face *face, sd_bus_message *m, const Process *process) {
        return m && access_peer_sees(face, peers_sender(face, m), process);
}

static bool is_permitted_group(const Face *face, const Peer *peer, const Group *group) {
        return face->kind != FACE_SYSTEM || peer->uid == 0 || group->owner == peer->uid;
}

int access_authorize_group(Face *face, sd_bus_message *m, AccessAction action, const Group *object,
                           const Grant **ret, sd_bus_error *error) {
        int r = access_authorize(face, m, action, NULL, ret, error);

        if (r == 0 && !is_permitted_group(face, grant_peer(*ret), object))
                return bus_fail(error, SD_BUS_ERROR_ACCESS_DENIED,
                                "The group belongs to another user");
        return r;
}

bool access_peer_sees_group(const Face *face, const Peer *peer, const Group *group) {
        return is_served(face, peer) && is_permitted_group(face, peer, group);
}

bool access_sees_group(Face *face, sd_bus_message *m, const Group *group) {
        return m && access_peer_sees_group(face, peers_sender(face, m), group);
}
