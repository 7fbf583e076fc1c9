/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Who makes the one thread work long lets the others go first. What a call takes beyond a moment is
 * paid back: the next calls of the same user wait, in their order, four times as long. A user who asks
 * for the expensive again and again has a fifth of the service then, whatever he asks for; cheap calls
 * are never put off, and signs of life go before all. On the system bus alone, where users do not answer to each other; never root's. */

#include <systemd/sd-bus.h>

#include "bus/face.h"

/* Calls of one user that may wait for their turn; more are refused. */
#define PACE_WAITING_MAX 1024

/* What one call may take of the processor for nothing. */
#define PACE_FREE_USEC (2 * USEC_PER_MSEC)

void pace_init(Face *face);
void pace_done(Face *face);

/* For each call that came, whose sender is known. 0: go on; 1: it was kept for later, or refused. */
int pace_admit(Face *face, sd_bus_message *m);

/* His calls wait until it is said that they need not any more. */
void pace_hold(Face *face, uid_t uid, bool hold);

/* A message was worked off. */
void pace_worked(Face *face);

/* The peer has left, its calls that wait are forgotten. */
void pace_drop(Face *face, const Peer *peer);
