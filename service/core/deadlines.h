/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Many deadlines behind one timer: a binary heap of entries that live in their owners. Moving or
 * removing one costs O(log n); the nearest is at hand at once. */

#include "base/time-util.h"

typedef struct Deadline Deadline;
typedef struct Deadlines Deadlines;

typedef void (*DeadlineFunc)(Deadline *deadline, const Now *now);

struct Deadline {
        usec_t at;      /* USEC_INFINITY while it is not set */
        unsigned index; /* in the heap, counted from 1; 0: not in it */
        DeadlineFunc fire;
};

#define DEADLINE_INIT(func) ((Deadline){.at = USEC_INFINITY, .fire = (func)})

Deadlines *deadlines_new(void);
Deadlines *deadlines_free(Deadlines *deadlines);

/* Sets or moves a deadline; USEC_INFINITY takes it away. */
void deadlines_set(Deadlines *deadlines, Deadline *deadline, usec_t at);

/* When the nearest is due; USEC_INFINITY if there is none. */
usec_t deadlines_next(const Deadlines *deadlines);

/* Fires all that are due, each taken away first; what they set anew for the past fires too. */
void deadlines_run(Deadlines *deadlines, const Now *now);
