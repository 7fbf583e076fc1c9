/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Time as microseconds that saturate: adding to infinity stays infinity, and nothing wraps. */

#include <stdint.h>

typedef uint64_t usec_t;

#define USEC_INFINITY   ((usec_t)UINT64_MAX)
#define USEC_PER_MSEC   ((usec_t)1000)
#define USEC_PER_SEC    ((usec_t)1000000)
#define USEC_PER_MINUTE (60 * USEC_PER_SEC)
#define USEC_PER_HOUR   (60 * USEC_PER_MINUTE)
#define NSEC_PER_USEC   ((uint64_t)1000)
#define NSEC_PER_SEC    ((uint64_t)1000000000)

static inline usec_t usec_add(usec_t a, usec_t b) {
        return a > USEC_INFINITY - b ? USEC_INFINITY : a + b;
}

/* a − b, not below 0; infinity stays infinity. */
static inline usec_t usec_sub(usec_t a, usec_t b) {
        if (a == USEC_INFINITY)
                return USEC_INFINITY;
        return a > b ? a - b : 0;
}

/* The two clocks at one moment. What decides takes this as an argument. */
typedef struct Now {
        usec_t monotonic;
        usec_t realtime;
} Now;

/* Reads both clocks. For those who feed core, never for core itself. */
Now now_read(void);
