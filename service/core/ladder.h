/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How a tree is ended: dump, ask, wait, force, give up. Pure: it says what to do and when to come back.
 *
 *             begin(ask)             stop timeout              bound
 *   RESTING ────────────▶ ASKED ───────────────────▶ FORCED ─────────▶ GIVEN_UP
 *      │││                ▲   ▲                        ▲                   │
 *      ││└─ linger ─▶ LINGERING                        │                   │
 *      ││       grace ────┘   │                        │                   │
 *      │└─ begin(dump) ─▶ DUMPING ─ begin(force) ──────│                   │
 *      │    its timeout, or begin(ask)                 │                   │
 *      └───────────────────────── begin(force) ────────┴───────────────────┘
 *
 * LINGERING: the main process left by itself and something of its tree is still there; when the
 * grace is over it is asked. DUMPING: it was told to write down what it was doing, and that goes on
 * although the main process may have left meanwhile. While FORCED the kill is repeated now and then, for containment that
 * can race with a fork. */

#include "base/time-util.h"

typedef enum LadderStep {
        LADDER_RESTING,
        LADDER_LINGERING,
        LADDER_DUMPING,
        LADDER_ASKED,
        LADDER_FORCED,
        LADDER_GIVEN_UP,
        _LADDER_STEP_MAX,
} LadderStep;

typedef enum LadderAction {
        LADDER_DO_NOTHING,
        LADDER_DO_DUMP,
        LADDER_DO_ASK,
        LADDER_DO_FORCE,
        LADDER_DO_GIVE_UP,
        _LADDER_ACTION_MAX,
} LadderAction;

typedef enum StopMode {
        STOP_DUMP,  /* a signal to dump first, then as STOP_ASK */
        STOP_ASK,   /* stop signal first */
        STOP_FORCE, /* SIGKILL at once */
        _STOP_MODE_MAX,
} StopMode;

/* How long the main process's leftovers may live on by themselves. */
#define LADDER_GRACE_USEC (500 * USEC_PER_MSEC)
/* From the first SIGKILL until it is said that a tree cannot be ended. */
#define LADDER_BOUND_USEC (5 * USEC_PER_SEC)
/* From the question to SIGKILL, for a process that asks for more time. */
#define LADDER_EXTENDED_USEC (90 * USEC_PER_SEC)
/* Between repeated kills. */
#define LADDER_REPEAT_USEC (100 * USEC_PER_MSEC)

typedef struct Ladder {
        LadderStep step;
        usec_t deadline; /* of this step; USEC_INFINITY: none */
        usec_t repeat;   /* LADDER_FORCED: next kill */
        usec_t latest;   /* LADDER_ASKED: no later, however much time it asks for */
} Ladder;

#define LADDER_INIT ((Ladder){.deadline = USEC_INFINITY, .repeat = USEC_INFINITY})

/* Begins a stop, or makes one that is under way more forceful; never milder. The timeout is of the
 * first step: with STOP_DUMP until it is asked, with STOP_ASK until it is forced. */
LadderAction ladder_begin(Ladder *ladder, StopMode mode, usec_t timeout, usec_t now);

/* The process asks for more time to end by itself; LADDER_EXTENDED_USEC in all at the most, if its
 * stop timeout is not longer anyway. */
void ladder_extend(Ladder *ladder, usec_t until);

/* The main process has left by itself, its tree has not. */
void ladder_linger(Ladder *ladder, usec_t now);

/* What is due now; to be called at or after ladder_next(). */
LadderAction ladder_tick(Ladder *ladder, usec_t stop_timeout, usec_t now);

/* When ladder_tick() is to be called. */
usec_t ladder_next(const Ladder *ladder);
