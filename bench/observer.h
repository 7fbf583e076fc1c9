/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BENCH_OBSERVER_H
#define BENCH_OBSERVER_H

/* Sees processes die from outside, by pidfds in a thread of its own, so that no report of the
 * service is needed and none is trusted. Times are bench_now_usec(). */

#include <sys/types.h>

typedef struct Observer Observer;

/* Watches these processes, which must be alive or unreaped. When for so long none of them dies, that
 * ends the run. */
Observer *observer_new(const pid_t *pids, unsigned n, unsigned timeout_sec);
/* Waits until all are dead; frees. ret_died: n times. */
void observer_finish(Observer *o, double *ret_died);

#endif
