/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BENCH_HARNESS_H
#define BENCH_HARNESS_H

/* What every benchmark shares: series of figures taken in alternating rounds, their statistics,
 * ratios of two series pair by pair (round by round, so that both saw the same machine), goals, a
 * note on what else used the CPU meanwhile, and tables for people or JSON for programs.
 *
 * A wrong result is never a figure: bench_wrong() ends the run. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct BenchOptions {
        char *proctord;
        char *floor_service;
        char *payload;
        int rounds;
        int count;
        gboolean quick;
        gboolean json;
        gboolean check;
        double margin;
} BenchOptions;

extern BenchOptions arg_options;

typedef struct Bench Bench;
typedef struct Series Series;

/* One benchmark: a title, its series, ratios, goals and notes. bench_finish() prints it and frees
 * it, and returns how many goals were missed. */
Bench *bench_new(const char *name, const char *title);
unsigned bench_finish(Bench *b);
void bench_note(Bench *b, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* How many rounds and how many repetitions in each; --quick and --rounds have the last word. */
int bench_rounds(int usual);
int bench_count(int usual, int quick);

/* Begins and ends a round over all cases: measures what others took of the CPU meanwhile. */
void bench_round_begin(Bench *b);
void bench_round_end(Bench *b);

/* Series of figures in one unit. A round adds its samples (its figure is their median), or one
 * figure. Owned by the bench. */
Series *bench_series(Bench *b, const char *unit, const char *format, ...) G_GNUC_PRINTF(3, 4);
void series_add_round(Series *s, const double *samples, size_t n);
void series_add_figure(Series *s, double figure);
double series_median(const Series *s);

/* The figure of a series over that of another, round by round; goal 0: shown without one. */
void bench_ratio(Bench *b, Series *s, Series *against, double goal);
/* An absolute goal: the median, or the worst of all samples, is at most that. */
typedef enum GoalOf {
        GOAL_OF_MEDIAN,
        GOAL_OF_WORST,
} GoalOf;
void bench_goal(Bench *b, Series *s, GoalOf of, double limit);

/* Statistics of n values; the values are sorted in place. */
double stat_percentile(double *values, size_t n, double percent);
double stat_median(double *values, size_t n);

double bench_now_usec(void);

/* CPU of this process and of the processes that belong to the run, which is not noise. */
void bench_noise_own(int pid);
void bench_noise_disown(int pid);

void bench_wrong(const char *format, ...) G_GNUC_PRINTF(1, 2) G_GNUC_NORETURN;

#endif
