/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From just before a program asks for a start of /bin/true until it holds the exit code: one at a
 * time, and with 64 in flight. The floors run in the same rounds: posix_spawn in this process, and
 * the trivial service driven by the same GDBus calls over the same transport. */

#include "benches.h"
#include "drive.h"
#include "harness.h"

#define IN_FLIGHT 64

typedef struct StartCase {
        const char *name;
        Way *way;
        Series *one;  /* start to exit known */
        Series *many; /* time a start, with IN_FLIGHT in flight */
} StartCase;

enum {
        CASE_SPAWN,
        CASE_GSUBPROCESS,
        CASE_FLOOR_PAIR,
        CASE_PROCTORD_PAIR,
        CASE_LIBRARY_PAIR,
        CASE_FLOOR_BUS,
        CASE_PROCTORD_BUS,
        CASE_LIBRARY_BUS,
        CASE_MAX,
};

static void open_cases(StartCase *cases) {
        cases[CASE_SPAWN] = (StartCase){"posix_spawn, in process", way_spawn_new()};
        cases[CASE_GSUBPROCESS] = (StartCase){"GSubprocess, in process", way_gsubprocess_new()};
        cases[CASE_FLOOR_PAIR] = (StartCase){"trivial service, pair, GDBus",
                                             way_floor_new(TRANSPORT_PAIR)};
        cases[CASE_PROCTORD_PAIR] = (StartCase){"proctord, pair, GDBus",
                                                way_proctord_new(TRANSPORT_PAIR, NULL)};
        cases[CASE_LIBRARY_PAIR] = (StartCase){"libproctor, embedded",
                                               way_library_new(TRANSPORT_PAIR)};
        cases[CASE_FLOOR_BUS] = (StartCase){"trivial service, dbus-daemon, GDBus",
                                            way_floor_new(TRANSPORT_BUS)};
        cases[CASE_PROCTORD_BUS] = (StartCase){"proctord, dbus-daemon, GDBus",
                                               way_proctord_new(TRANSPORT_BUS, NULL)};
        cases[CASE_LIBRARY_BUS] = (StartCase){"libproctor, dbus-daemon",
                                              way_library_new(TRANSPORT_BUS)};
}

/* Before anything is timed: the exit code is that of the program, whatever it is. */
static void check_case(StartCase *c) {
        char *const exit_7[] = {(char *)"/bin/sh", (char *)"-c", (char *)"exit 7", NULL};
        double took[IN_FLIGHT];

        drive_run(c->way, exit_7, 7, 3, 1, took);
        drive_run(c->way, drive_true, 0, IN_FLIGHT, IN_FLIGHT, took);
}

static void run_round(StartCase *cases, unsigned n_one, unsigned n_many) {
        g_autofree double *took = g_new0(double, MAX(n_one, n_many));

        for (int i = 0; i < CASE_MAX; i++) {
                drive_run(cases[i].way, drive_true, 0, n_one, 1, took);
                series_add_round(cases[i].one, took, n_one);
        }
        for (int i = 0; i < CASE_MAX; i++) {
                double whole = drive_run(cases[i].way, drive_true, 0, n_many, IN_FLIGHT, took);

                series_add_figure(cases[i].many, whole / n_many);
        }
}

static void compare(Bench *b, StartCase *c) {
        bench_ratio(b, c[CASE_LIBRARY_PAIR].one, c[CASE_FLOOR_PAIR].one, 1.15);
        bench_ratio(b, c[CASE_LIBRARY_BUS].one, c[CASE_FLOOR_BUS].one, 1.15);
        bench_ratio(b, c[CASE_LIBRARY_PAIR].many, c[CASE_FLOOR_PAIR].many, 1.15);
        bench_ratio(b, c[CASE_LIBRARY_BUS].many, c[CASE_FLOOR_BUS].many, 1.15);
        bench_ratio(b, c[CASE_LIBRARY_PAIR].one, c[CASE_SPAWN].one, 1.5);
        bench_ratio(b, c[CASE_LIBRARY_BUS].one, c[CASE_SPAWN].one, 1.9);
        bench_ratio(b, c[CASE_LIBRARY_PAIR].many, c[CASE_SPAWN].many, 1.8);
        bench_ratio(b, c[CASE_LIBRARY_BUS].many, c[CASE_SPAWN].many, 1.8);
        bench_ratio(b, c[CASE_LIBRARY_PAIR].one, c[CASE_GSUBPROCESS].one, 1);
        bench_ratio(b, c[CASE_LIBRARY_PAIR].many, c[CASE_GSUBPROCESS].many, 1);
        bench_ratio(b, c[CASE_PROCTORD_PAIR].one, c[CASE_FLOOR_PAIR].one, 0);
        bench_ratio(b, c[CASE_PROCTORD_BUS].one, c[CASE_FLOOR_BUS].one, 0);
        bench_ratio(b, c[CASE_PROCTORD_PAIR].many, c[CASE_FLOOR_PAIR].many, 0);
        bench_ratio(b, c[CASE_PROCTORD_BUS].many, c[CASE_FLOOR_BUS].many, 0);
        bench_ratio(b, c[CASE_FLOOR_PAIR].one, c[CASE_SPAWN].one, 0);
        bench_ratio(b, c[CASE_FLOOR_BUS].one, c[CASE_SPAWN].one, 0);
        bench_ratio(b, c[CASE_FLOOR_PAIR].many, c[CASE_SPAWN].many, 0);
        bench_ratio(b, c[CASE_FLOOR_BUS].many, c[CASE_SPAWN].many, 0);
}

unsigned bench_start(void) {
        Bench *b = bench_new("start", "/bin/true, from the request until its exit code is known");
        unsigned n_one = (unsigned)bench_count(200, 10), n_many = (unsigned)bench_count(512, 64);
        StartCase cases[CASE_MAX] = {};
        int rounds = bench_rounds(9);

        open_cases(cases);
        for (int i = 0; i < CASE_MAX; i++) {
                check_case(&cases[i]);
                cases[i].one = bench_series(b, "us", "%s, one at a time", cases[i].name);
        }
        for (int i = 0; i < CASE_MAX; i++)
                cases[i].many = bench_series(b, "us", "%s, 64 in flight", cases[i].name);
        for (int i = 0; i < rounds; i++) {
                bench_round_begin(b);
                run_round(cases, n_one, n_many);
                bench_round_end(b);
        }
        compare(b, cases);
        bench_note(b, "one at a time: each start to its exit known; 64 in flight: time for all, "
                      "divided by their number");
        for (int i = 0; i < CASE_MAX; i++)
                way_free(cases[i].way);
        return bench_finish(b);
}
