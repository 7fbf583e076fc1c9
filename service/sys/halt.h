/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* For how long a process was stopped by signals: an account that whoever waits for it keeps, the
 * service for its own children and a helper for its one (then in memory that both have), and that
 * the service reads when a verdict depends on it. Times are CLOCK_MONOTONIC, in microseconds. */

#include <stdbool.h>
#include <stdint.h>

#include "base/time-util.h"
#include "sys/raw.h"

/* The newest stops that are over, so that those before a report can be told from those after it. */
#define HALT_PAST 8

typedef struct Halt {
        uint64_t since; /* it is stopped, from then on; 0: it is not */
        uint64_t total; /* of the stops that are over */
        unsigned n_past;
        struct HaltPast {
                uint64_t ended, total; /* up to its end */
        } past[HALT_PAST];
} Halt;

RAW_INLINE void halt_note(Halt *halt, bool stopped, uint64_t now) {
        struct HaltPast *past = &halt->past[halt->n_past % HALT_PAST];

        if (stopped == (halt->since != 0))
                return;
        if (!stopped) {
                halt->total += now - halt->since;
                past->ended = now;
                past->total = halt->total;
                halt->n_past++;
        }
        halt->since = stopped ? now : 0;
}

/* What has come to the account since it was last asked, or since then if that was later. */
static inline usec_t halt_take(const Halt *halt, usec_t *counted, usec_t since, usec_t now) {
        usec_t total = halt->total + (halt->since != 0 ? usec_sub(now, halt->since) : 0);
        usec_t before = *counted, added;

        *counted = total;
        for (unsigned i = 0; i < HALT_PAST; i++)
                if (halt->past[i].ended <= since && halt->past[i].total > before)
                        before = halt->past[i].total;
        added = usec_sub(total, before);
        return added < usec_sub(now, since) ? added : usec_sub(now, since);
}
