/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a start gets dearer with what lives already. Two services run at the same time, one with
 * a handful of live processes and one with ten thousand, and take turns: the machine is as crowded
 * for the one as for the other, so what differs is the service's own. Before the crowd comes, both
 * are measured on the empty machine. */

#include "benches.h"
#include "crowd.h"
#include "drive.h"
#include "harness.h"
#include "inspect.h"

#include <string.h>
#include <sys/resource.h>

#define FEW  10
#define MANY 10000

typedef struct Side {
        Way *way;
        Series *took, *cpu;
} Side;

static void name_series(Bench *b, Side *s, const char *name) {
        s->took = bench_series(b, "us", "%s", name);
        s->cpu = bench_series(b, "us", "%s, CPU of the service", name);
}

static void run_side(Side *s, unsigned n, double *took) {
        Usage before, after;
        pid_t pid = way_get_server(s->way)->pid;

        inspect_process(pid, &before);
        drive_run(s->way, drive_true, 0, n, 1, took);
        inspect_process(pid, &after);
        series_add_round(s->took, took, n);
        series_add_figure(s->cpu, (double)(after.run_nsec - before.run_nsec) / 1e3 / n);
}

static void run_rounds(Bench *b, Side *first, Side *second, int rounds, unsigned n) {
        g_autofree double *took = g_new0(double, n);

        for (int i = 0; i < rounds; i++) {
                bench_round_begin(b);
                run_side(first, n, took);
                run_side(second, n, took);
                bench_round_end(b);
        }
}

static void hold(Side *s, unsigned n) {
        crowd_start(way_get_server(s->way), way_get_connection(s->way), n);
}

static void end(Bench *b, Side *s, const char *name, unsigned n) {
        double began = bench_now_usec();

        crowd_end(way_get_server(s->way), way_get_connection(s->way));
        series_add_figure(bench_series(b, "ms", "Shutdown of %u live, %s", n, name),
                          (bench_now_usec() - began) / 1e3);
        way_free(s->way);
}

static double read_number(const char *path) {
        g_autofree char *text = NULL;

        return g_file_get_contents(path, &text, NULL, NULL) ? g_ascii_strtod(text, NULL) : 0;
}

static bool has_helpers(const Side *s) {
        Server *server = way_get_server(s->way);
        g_autofree char *path = proctord_start(server, way_get_connection(s->way), drive_true, NULL,
                                               NULL);
        g_autoptr(GVariant) word = proctord_get(server, way_get_connection(s->way), path,
                                                "org.proctor1.Process", "Containment");

        return strcmp(g_variant_get_string(word, NULL), "subreaper") == 0;
}

/* What fits: a process and a descriptor for each, of which the service takes four in five at the
 * most; two of both where each has a helper. */
static unsigned what_fits(unsigned wanted, bool helpers) {
        double share = helpers ? 2.5 : 1.25;
        double pids = read_number("/proc/sys/kernel/pid_max");
        struct rlimit files;

        if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_max != RLIM_INFINITY)
                wanted = (unsigned)MIN(wanted, ((double)files.rlim_max - 200) / share);
        return pids > 0 ? (unsigned)MIN(wanted, (pids - 2000) / share) : wanted;
}

unsigned bench_scale(void) {
        Bench *b = bench_new("scale", "/bin/true to its exit, beside processes that live");
        unsigned many, n = (unsigned)bench_count(100, 5);
        int rounds = bench_rounds(7);
        Side few_side = {.way = way_proctord_new(TRANSPORT_PAIR, NULL)};
        Side many_side = {.way = way_proctord_new(TRANSPORT_PAIR, NULL)};
        Side floor = {.way = way_floor_new(TRANSPORT_PAIR)};
        double began;

        hold(&few_side, FEW);
        name_series(b, &floor, "trivial service, none live");
        name_series(b, &few_side, "proctord with 10 live, no others");
        run_rounds(b, &floor, &few_side, rounds, n);
        bench_ratio(b, few_side.took, floor.took, 0);
        bench_ratio(b, few_side.cpu, floor.cpu, 0);
        way_free(floor.way);

        many = what_fits(arg_options.quick ? 60 : MANY, has_helpers(&many_side));
        began = bench_now_usec();
        hold(&many_side, many);
        series_add_figure(bench_series(b, "us", "each of the starts that brought %u up", many),
                          (bench_now_usec() - began) / many);
        name_series(b, &few_side, "proctord with 10 live, others beside it");
        name_series(b, &many_side, "proctord with the crowd live");
        run_rounds(b, &few_side, &many_side, rounds, n);
        bench_ratio(b, many_side.took, few_side.took, 1.2);
        bench_ratio(b, many_side.cpu, few_side.cpu, 1.2);
        bench_note(b, "the crowd: %u", many);

        end(b, &few_side, "the small one", FEW);
        end(b, &many_side, "the crowd", many);
        return bench_finish(b);
}
