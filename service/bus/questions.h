/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Calls that wait until somebody else has answered: polkit, or the user database. The message is kept,
 * and when the answer is there it is dispatched again, as if it had just come: objects are looked up
 * again, and the answer is found by the message and by exactly what was asked. No pointer to an object
 * lives across the wait. A question ends with the connection that it is about. */

#include <systemd/sd-bus.h>

#include "bus/face.h"
#include "core/account.h"

typedef enum Verdict {
        VERDICT_NONE, /* not asked yet */
        VERDICT_YES,
        VERDICT_NO,
        VERDICT_CHALLENGE, /* yes, if somebody proves who he is, and that was not wished for */
        VERDICT_FAILED,    /* polkit is not there, does not answer, or talks nonsense */
        _VERDICT_MAX,
} Verdict;

typedef struct Question Question;

void questions_init(Face *face);
void questions_done(Face *face);

/* A message is dispatched: the first time or again. What was kept for the one before goes. */
void questions_turn(Face *face, sd_bus_message *m);

/* What polkit has said about this message, this action and these details (key, value, …, NULL). */
Verdict questions_verdict(Face *face, sd_bus_message *m, const char *action,
                          const char *const *details);

/* Asks polkit about the sender of m. 1, which the handler returns; or an error that is set. */
int questions_ask(Face *face, sd_bus_message *m, const char *action, const char *const *details,
                  sd_bus_error *error);

/* The user of that name or number. 0: *ret is he, until the handler returns; 1 and errors as above. */
int questions_account(Face *face, sd_bus_message *m, const char *user, Account **ret,
                      sd_bus_error *error);

/* The peer has left. */
void questions_drop_all(Face *face, Peer *peer);
