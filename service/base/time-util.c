/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the clocks: the one place where a number of time is born. */

#include "base/time-util.h"

#include <time.h>

static usec_t clock_read(clockid_t clock) {
        struct timespec ts;

        clock_gettime(clock, &ts); /* cannot fail for these clocks and a valid pointer */
        return (usec_t)ts.tv_sec * USEC_PER_SEC + (usec_t)ts.tv_nsec / NSEC_PER_USEC;
}

Now now_read(void) {
        return (Now){
                .monotonic = clock_read(CLOCK_MONOTONIC),
                .realtime = clock_read(CLOCK_REALTIME),
        };
}
