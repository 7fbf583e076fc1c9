/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

/* The inside of a bench, for the two files that fill and print it. */

#include "harness.h"
#include "noise.h"

struct Series {
        char *name;
        char *unit;
        GArray *figures; /* double, one a round */
        GArray *samples; /* double, all of all rounds */
};

typedef struct Ratio {
        Series *series, *against;
        double median, min, max, goal;
        guint n;
} Ratio;

typedef struct Goal {
        Series *series;
        GoalOf of;
        double figure, limit;
} Goal;

struct Bench {
        const char *name, *title;
        GPtrArray *series; /* Series */
        GArray *ratios;    /* Ratio */
        GArray *goals;     /* Goal */
        GPtrArray *notes;  /* char* */
        GArray *noise;     /* Noise, one a round */
        NoiseMark mark;
};

double array_percentile(GArray *a, double percent);
bool goal_met(double figure, double limit);

void report_table(Bench *b);
void report_json(Bench *b);

#endif
