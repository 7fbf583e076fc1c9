/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Who makes the one thread work lets the others go first. A user whose calls have lasted more than a
 * moment of late has his next ones kept, in their order, and one of them worked on after the other,
 * with what others have sent meanwhile in between: who sends thousands at once waits for them himself.
 * And what a single call takes beyond a moment is paid back: the next ones wait four times as long, so
 * that who asks for the expensive again and again has a fifth of the service, whatever he asks for.
 * Signs of life go before all. On the system bus alone, where users do not answer to each other; never
 * root's. */

#include <systemd/sd-bus.h>

#include "bus/face.h"

/* What the calls of one user that wait for their turn may weigh; more are refused. */
#define PACE_BACKLOG_MAX ((size_t)16 * 1024 * 1024)

/* What one call, or many together, may take of the processor for nothing. */
#define PACE_FREE_USEC (2 * USEC_PER_MSEC)

/* What they have taken together is forgotten so many times slower than it was taken. */
#define PACE_FORGET 4

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
