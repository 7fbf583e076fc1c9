/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BENCH_INSPECT_H
#define BENCH_INSPECT_H

/* What a service uses, read from /proc from outside: itself, and the helpers that it keeps (its
 * children that are not what it was asked to start). */

#include <stdint.h>
#include <sys/types.h>

typedef struct Usage {
        unsigned processes, threads;
        uint64_t switches; /* context switches, voluntary or not: each is a wake-up */
        uint64_t run_nsec; /* CPU time, as the scheduler counts it */
        double rss_kib;
        double private_kib; /* private and dirty: what would not be there without it */
} Usage;

void inspect_process(pid_t pid, Usage *ret);
/* Sums the helpers of a service: descendants that do not run the payload. Looks at every process
 * of the machine. */
void inspect_helpers(pid_t service, Usage *ret);

#endif
