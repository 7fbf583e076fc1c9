/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rounds, statistics, ratios and goals; how they are printed is in report.c. A ratio is the median
 * of the rounds' own ratios: both cases of a pair ran within one round, so what the machine did to
 * the one it did to the other. */

#include "harness.h"
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static GArray *own_pids;

static void free_series(gpointer p) {
        Series *s = p;

        g_free(s->name);
        g_free(s->unit);
        g_array_unref(s->figures);
        g_array_unref(s->samples);
        g_free(s);
}

double bench_now_usec(void) {
        struct timespec ts;

        clock_gettime(CLOCK_MONOTONIC, &ts);
        return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

int bench_rounds(int usual) {
        if (arg_options.rounds > 0)
                return arg_options.rounds;
        return arg_options.quick ? 1 : usual;
}

int bench_count(int usual, int quick) {
        if (arg_options.quick)
                return quick;
        return arg_options.count > 0 ? arg_options.count : usual;
}

/* --- statistics ------------------------------------------------------------------------------- */

static int compare_doubles(const void *a, const void *b) {
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

double stat_percentile(double *values, size_t n, double percent) {
        double at;
        size_t low;

        if (n == 0)
                return 0;
        qsort(values, n, sizeof(double), compare_doubles);
        at = percent / 100 * (double)(n - 1);
        low = (size_t)at;
        if (low + 1 >= n)
                return values[n - 1];
        return values[low] + (at - (double)low) * (values[low + 1] - values[low]);
}

double stat_median(double *values, size_t n) {
        return stat_percentile(values, n, 50);
}

double array_percentile(GArray *a, double percent) {
        g_autofree double *copy = NULL;

        if (a->len == 0)
                return 0;
        copy = g_memdup2(a->data, a->len * sizeof(double));
        return stat_percentile(copy, a->len, percent);
}

/* --- a bench and its series ------------------------------------------------------------------- */

Bench *bench_new(const char *name, const char *title) {
        Bench *b = g_new0(Bench, 1);

        b->name = name;
        b->title = title;
        b->series = g_ptr_array_new_with_free_func(free_series);
        b->ratios = g_array_new(FALSE, FALSE, sizeof(Ratio));
        b->goals = g_array_new(FALSE, FALSE, sizeof(Goal));
        b->notes = g_ptr_array_new_with_free_func(g_free);
        b->noise = g_array_new(FALSE, FALSE, sizeof(Noise));
        return b;
}

static void bench_free(Bench *b) {
        g_ptr_array_unref(b->series);
        g_array_unref(b->ratios);
        g_array_unref(b->goals);
        g_ptr_array_unref(b->notes);
        g_array_unref(b->noise);
        g_free(b);
}

void bench_note(Bench *b, const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        g_ptr_array_add(b->notes, g_strdup_vprintf(format, ap));
        va_end(ap);
}

Series *bench_series(Bench *b, const char *unit, const char *format, ...) {
        Series *s = g_new0(Series, 1);
        va_list ap;

        va_start(ap, format);
        s->name = g_strdup_vprintf(format, ap);
        va_end(ap);
        s->unit = g_strdup(unit);
        s->figures = g_array_new(FALSE, FALSE, sizeof(double));
        s->samples = g_array_new(FALSE, FALSE, sizeof(double));
        g_ptr_array_add(b->series, s);
        return s;
}

void series_add_round(Series *s, const double *samples, size_t n) {
        g_autofree double *copy = g_memdup2(samples, n * sizeof(double));
        double figure = stat_median(copy, n);

        g_array_append_val(s->figures, figure);
        g_array_append_vals(s->samples, samples, (guint)n);
}

void series_add_figure(Series *s, double figure) {
        series_add_round(s, &figure, 1);
}

double series_median(const Series *s) {
        return array_percentile(s->figures, 50);
}

/* --- ratios and goals ------------------------------------------------------------------------- */

void bench_ratio(Bench *b, Series *s, Series *against, double goal) {
        guint n = MIN(s->figures->len, against->figures->len);
        g_autoptr(GArray) pairs = g_array_new(FALSE, FALSE, sizeof(double));
        Ratio ratio = {.series = s, .against = against, .goal = goal};

        for (guint i = 0; i < n; i++) {
                double floor = g_array_index(against->figures, double, i);
                double pair = floor > 0 ? g_array_index(s->figures, double, i) / floor : 0;

                if (floor > 0)
                        g_array_append_val(pairs, pair);
        }
        ratio.median = array_percentile(pairs, 50);
        ratio.min = array_percentile(pairs, 0);
        ratio.max = array_percentile(pairs, 100);
        ratio.n = pairs->len;
        g_array_append_val(b->ratios, ratio);
}

void bench_goal(Bench *b, Series *s, GoalOf of, double limit) {
        Goal goal = {.series = s, .of = of, .limit = limit};

        goal.figure = of == GOAL_OF_WORST ? array_percentile(s->samples, 100) : series_median(s);
        g_array_append_val(b->goals, goal);
}

/* The margin widens every goal, so that a gate can hold on a machine that others use too. Quick
 * figures mean nothing, and miss nothing. */
bool goal_met(double figure, double limit) {
        if (arg_options.quick)
                return true;
        return figure <= limit * arg_options.margin;
}

unsigned bench_finish(Bench *b) {
        unsigned missed = 0;

        if (arg_options.json)
                report_json(b);
        else
                report_table(b);
        for (guint i = 0; i < b->ratios->len; i++) {
                Ratio *r = &g_array_index(b->ratios, Ratio, i);

                missed += r->n > 0 && r->goal > 0 && !goal_met(r->median, r->goal);
        }
        for (guint i = 0; i < b->goals->len; i++) {
                Goal *g = &g_array_index(b->goals, Goal, i);

                missed += !goal_met(g->figure, g->limit);
        }
        bench_free(b);
        return missed;
}

/* --- noise ------------------------------------------------------------------------------------ */

static GArray *get_own(void) {
        if (!own_pids)
                own_pids = g_array_new(FALSE, FALSE, sizeof(int));
        return own_pids;
}

void bench_noise_own(int pid) {
        g_array_append_val(get_own(), pid);
}

void bench_noise_disown(int pid) {
        GArray *own = get_own();

        for (guint i = 0; i < own->len; i++)
                if (g_array_index(own, int, i) == pid) {
                        g_array_remove_index_fast(own, i);
                        return;
                }
}

void bench_round_begin(Bench *b) {
        noise_mark(get_own(), &b->mark);
}

void bench_round_end(Bench *b) {
        Noise n;

        noise_since(get_own(), &b->mark, &n);
        g_array_append_val(b->noise, n);
}

void bench_wrong(const char *format, ...) {
        va_list ap;

        fflush(stdout);
        fputs("bench: WRONG RESULT: ", stderr);
        va_start(ap, format);
        vfprintf(stderr, format, ap);
        va_end(ap);
        fputc('\n', stderr);
        exit(3);
}
