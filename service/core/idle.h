/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* When a service that nobody uses leaves. It is asked again after everything that happens, and at the
 * time that it names; what counts as use is the askers' affair. */

#include <stdbool.h>

#include "base/time-util.h"

typedef struct Idle {
        usec_t after; /* idle time to leave after; infinity: never */
        usec_t since; /* infinity: it is in use */
        uint64_t seen;
} Idle;

void idle_init(Idle *idle, usec_t after);

/* Whether to leave now. `uses` counts up with every use that may have begun and ended since the last
 * time. If not, ret_at is when to ask again if nothing happens; infinity: no time by itself. */
bool idle_decide(Idle *idle, bool in_use, uint64_t uses, usec_t now, usec_t *ret_at);
