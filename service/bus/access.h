/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Who may do what: the one place that decides it. Every handler that does or tells something asks
 * here first, and what it asks of the supervisor takes the caller from the grant it was given. */

#include <systemd/sd-bus.h>

#include "bus/face.h"

typedef enum AccessAction {
        ACCESS_START,     /* start or adopt for oneself */
        ACCESS_CONTROL,   /* end, signal, change, forget a process */
        ACCESS_INSPECT,   /* look, wait, be told */
        ACCESS_CONFIGURE, /* the watchdog's defaults */
        ACCESS_RAISE_LIMITS,
        ACCESS_RUN_AS, /* start as another user; see access_authorize_run_as() */
        ACCESS_RUN_AS_ROOT,
        _ACCESS_ACTION_MAX,
} AccessAction;

/* 0 and a grant, or what the handler returns at once: an error that is set, or 1 when the question has
 * to be put to somebody else: then the message is kept, and comes again with the answer. object is
 * NULL for what concerns none. The grant is good until the handler returns. */
int access_authorize(Face *face, sd_bus_message *m, AccessAction action, const Process *object,
                     const Grant **ret, sd_bus_error *error);

Peer *grant_peer(const Grant *grant);
const Caller *grant_caller(const Grant *grant);
/* Whose processes he may name, UID_ANY: everybody's. Those that are "the caller's" are his uid's. */
uid_t grant_scope(const Grant *grant);

/* For what is done later, when something that the call asked for has come about. */
Grant *grant_keep(const Grant *grant);
Grant *grant_free(Grant *grant);

/* The same for a start as somebody else than the caller. */
int access_authorize_run_as(Face *face, sd_bus_message *m, const Account *account, const Spec *spec,
                            const Grant **ret, sd_bus_error *error);

/* For every incoming call whose sender is known, before it is dispatched: refuses those who are
 * nobody to this service, and asks about objects that are not the caller's own, whether they exist or
 * not, so that nobody learns from a question that there is something to ask about. 0: go on; 1: it was
 * answered, or comes again. */
int access_admit(Face *face, sd_bus_message *m);

/* The id of the action at polkit; NULL if it is never asked about that. */
const char *access_action_id(AccessAction action);

/* Whether the object exists for the sender of m. */
bool access_sees(Face *face, sd_bus_message *m, const Process *process);

/* The same for one who is told on his own; process NULL: what is about none. */
bool access_peer_sees(const Face *face, const Peer *peer, const Process *process);

/* The same about groups. */
int access_authorize_group(Face *face, sd_bus_message *m, AccessAction action, const Group *object,
                           const Grant **ret, sd_bus_error *error);
bool access_sees_group(Face *face, sd_bus_message *m, const Group *group);
bool access_peer_sees_group(const Face *face, const Peer *peer, const Group *group);
