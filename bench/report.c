/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prints a bench: a table for people, or one JSON object on one line for programs. Both carry what
 * is needed to judge the figures: the number of rounds, their spread, and what else the machine was
 * doing. */

#include "report.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

#define NOISY_PERCENT 10.0

typedef struct NoiseSummary {
        double others_median, others_max;
        double steal_median, steal_max;
        guint noisy, rounds;
} NoiseSummary;

static void summarize_noise(const Bench *b, NoiseSummary *ret) {
        g_autoptr(GArray) others = g_array_new(FALSE, FALSE, sizeof(double));
        g_autoptr(GArray) steal = g_array_new(FALSE, FALSE, sizeof(double));

        *ret = (NoiseSummary){.rounds = b->noise->len};
        for (guint i = 0; i < b->noise->len; i++) {
                const Noise *n = &g_array_index(b->noise, Noise, i);

                g_array_append_val(others, n->others_percent);
                g_array_append_val(steal, n->steal_percent);
                ret->noisy += n->others_percent > NOISY_PERCENT || n->steal_percent > NOISY_PERCENT;
        }
        ret->others_median = array_percentile(others, 50);
        ret->others_max = array_percentile(others, 100);
        ret->steal_median = array_percentile(steal, 50);
        ret->steal_max = array_percentile(steal, 100);
}

static const char *verdict(double figure, double limit) {
        if (arg_options.quick)
                return "";
        return goal_met(figure, limit) ? "met" : "MISSED";
}

/* --- for people ------------------------------------------------------------------------------- */

static void format_number(char *buf, size_t size, double v) {
        if (v >= 1000)
                snprintf(buf, size, "%.0f", v);
        else if (v >= 100)
                snprintf(buf, size, "%.1f", v);
        else
                snprintf(buf, size, "%.2f", v);
}

static void print_series(const Series *s) {
        char median[32], low[32], high[32], p99[32], least[32], worst[32];

        format_number(median, sizeof(median), series_median(s));
        format_number(low, sizeof(low), array_percentile(s->figures, 0));
        format_number(high, sizeof(high), array_percentile(s->figures, 100));
        format_number(least, sizeof(least), array_percentile(s->samples, 0));
        format_number(p99, sizeof(p99), array_percentile(s->samples, 99));
        format_number(worst, sizeof(worst), array_percentile(s->samples, 100));
        printf("  %-54s %9s %-5s %8s-%-8s %9s %9s %9s %6u\n", s->name, median, s->unit, low, high,
               least, p99, worst, s->samples->len);
}

static void print_goals(const Bench *b) {
        if (b->ratios->len + b->goals->len == 0)
                return;
        printf("\n  %-54s %7s  %-13s %7s\n", "ratio, pair by pair", "median", "min-max", "goal");
        for (guint i = 0; i < b->ratios->len; i++) {
                const Ratio *r = &g_array_index(b->ratios, Ratio, i);
                char spread[32], goal[32] = "";

                if (r->n == 0)
                        continue;
                snprintf(spread, sizeof(spread), "%.2f-%.2f", r->min, r->max);
                if (r->goal > 0)
                        snprintf(goal, sizeof(goal), "%.2f", r->goal);
                printf("  %-54s %7.2f  %-13s %7s %s\n    against %s\n", r->series->name, r->median,
                       spread, goal, r->goal > 0 ? verdict(r->median, r->goal) : "",
                       r->against->name);
        }
        for (guint i = 0; i < b->goals->len; i++) {
                const Goal *g = &g_array_index(b->goals, Goal, i);

                printf("  %-54s %7.2f  %-13s %7.2f %s\n", g->series->name, g->figure,
                       g->of == GOAL_OF_WORST ? "(worst)" : g->series->unit, g->limit,
                       verdict(g->figure, g->limit));
        }
}

void report_table(Bench *b) {
        NoiseSummary n;

        printf("\n%s: %s\n\n", b->name, b->title);
        printf("  %-54s %9s %-5s %17s %9s %9s %9s %6s\n", "case", "median", "", "rounds min-max",
               "least", "p99", "worst", "n");
        for (guint i = 0; i < b->series->len; i++)
                print_series(b->series->pdata[i]);
        print_goals(b);

        summarize_noise(b, &n);
        printf("\n  %u rounds; CPU that others took: median %.0f %%, worst %.0f %%; stolen by the "
               "host: median %.0f %%,\n  worst %.0f %%; rounds above %.0f %% of either: %u\n",
               n.rounds, n.others_median, n.others_max, n.steal_median, n.steal_max, NOISY_PERCENT,
               n.noisy);
        for (guint i = 0; i < b->notes->len; i++)
                printf("  note: %s\n", (char *)b->notes->pdata[i]);
        fflush(stdout);
}

/* --- for programs ----------------------------------------------------------------------------- */

static void set_string(JsonBuilder *j, const char *name, const char *value) {
        json_builder_set_member_name(j, name);
        json_builder_add_string_value(j, value);
}

static void set_number(JsonBuilder *j, const char *name, double value) {
        json_builder_set_member_name(j, name);
        json_builder_add_double_value(j, round(value * 1000) / 1000);
}

static void set_int(JsonBuilder *j, const char *name, gint64 value) {
        json_builder_set_member_name(j, name);
        json_builder_add_int_value(j, value);
}

static void set_goal(JsonBuilder *j, double figure, double limit) {
        set_number(j, "goal", limit);
        json_builder_set_member_name(j, "met");
        json_builder_add_boolean_value(j, goal_met(figure, limit));
}

static void json_series(JsonBuilder *j, const Bench *b) {
        json_builder_set_member_name(j, "series");
        json_builder_begin_array(j);
        for (guint i = 0; i < b->series->len; i++) {
                const Series *s = b->series->pdata[i];

                json_builder_begin_object(j);
                set_string(j, "name", s->name);
                set_string(j, "unit", s->unit);
                set_number(j, "median", series_median(s));
                set_number(j, "rounds_min", array_percentile(s->figures, 0));
                set_number(j, "rounds_max", array_percentile(s->figures, 100));
                set_number(j, "min", array_percentile(s->samples, 0));
                set_number(j, "p50", array_percentile(s->samples, 50));
                set_number(j, "p99", array_percentile(s->samples, 99));
                set_number(j, "max", array_percentile(s->samples, 100));
                set_int(j, "n", s->samples->len);
                json_builder_end_object(j);
        }
        json_builder_end_array(j);
}

static void json_goals(JsonBuilder *j, const Bench *b) {
        json_builder_set_member_name(j, "ratios");
        json_builder_begin_array(j);
        for (guint i = 0; i < b->ratios->len; i++) {
                const Ratio *r = &g_array_index(b->ratios, Ratio, i);

                json_builder_begin_object(j);
                set_string(j, "name", r->series->name);
                set_string(j, "against", r->against->name);
                set_number(j, "median", r->median);
                set_number(j, "min", r->min);
                set_number(j, "max", r->max);
                set_int(j, "pairs", r->n);
                if (r->goal > 0)
                        set_goal(j, r->median, r->goal);
                json_builder_end_object(j);
        }
        json_builder_end_array(j);

        json_builder_set_member_name(j, "limits");
        json_builder_begin_array(j);
        for (guint i = 0; i < b->goals->len; i++) {
                const Goal *g = &g_array_index(b->goals, Goal, i);

                json_builder_begin_object(j);
                set_string(j, "name", g->series->name);
                set_string(j, "of", g->of == GOAL_OF_WORST ? "worst" : "median");
                set_number(j, "figure", g->figure);
                set_goal(j, g->figure, g->limit);
                json_builder_end_object(j);
        }
        json_builder_end_array(j);
}

static void json_machine(JsonBuilder *j, const Bench *b) {
        g_autoptr(GDateTime) now = g_date_time_new_now_utc();
        g_autofree char *date = g_date_time_format_iso8601(now);
        struct utsname u;
        NoiseSummary n;

        summarize_noise(b, &n);
        set_string(j, "date", date);
        set_int(j, "cpus", sysconf(_SC_NPROCESSORS_ONLN));
        if (uname(&u) == 0)
                set_string(j, "kernel", u.release);
        set_int(j, "rounds", n.rounds);
        set_int(j, "noisy_rounds", n.noisy);
        set_number(j, "others_percent", n.others_median);
        set_number(j, "steal_percent", n.steal_median);
}

void report_json(Bench *b) {
        g_autoptr(JsonBuilder) j = json_builder_new();
        g_autoptr(JsonNode) root = NULL;
        g_autofree char *text = NULL;

        json_builder_begin_object(j);
        set_string(j, "bench", b->name);
        set_string(j, "title", b->title);
        json_machine(j, b);
        json_series(j, b);
        json_goals(j, b);
        json_builder_set_member_name(j, "notes");
        json_builder_begin_array(j);
        for (guint i = 0; i < b->notes->len; i++)
                json_builder_add_string_value(j, b->notes->pdata[i]);
        json_builder_end_array(j);
        json_builder_end_object(j);

        root = json_builder_get_root(j);
        text = json_to_string(root, FALSE);
        puts(text);
        fflush(stdout);
}
