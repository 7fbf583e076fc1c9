/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BENCH_NOISE_H
#define BENCH_NOISE_H

/* How much of the machine's CPU others took during a stretch of time: other programs (all that was
 * busy less this run's own processes) and the host (steal). Figures of a stretch with much of
 * either deserve no trust. */

#include <glib.h>

typedef struct NoiseMark {
        double busy_sec;
        double steal_sec;
        double own_sec;
        double at_sec;
} NoiseMark;

typedef struct Noise {
        double others_percent;
        double steal_percent;
} Noise;

/* own: array of int, the PIDs whose CPU time, with that of their reaped children, is the run's. */
void noise_mark(GArray *own, NoiseMark *ret);
void noise_since(GArray *own, const NoiseMark *mark, Noise *ret);

#endif
