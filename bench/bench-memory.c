/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory of the service: resident when it is empty, its own (private and dirty) for each process
 * that lives and for each finished one that it keeps, and what its helpers take. */

#include "benches.h"
#include "crowd.h"
#include "drive.h"
#include "harness.h"
#include "inspect.h"

#define FEW  10
#define MANY 2000

static void measure_empty(Bench *b, Transport transport, const char *name) {
        Series *floor = bench_series(b, "MiB", "resident, empty, trivial service, %s", name);
        Series *rss = bench_series(b, "MiB", "resident, empty, proctord, %s", name);
        Series *own = bench_series(b, "MiB", "its own, empty, proctord, %s", name);
        Server *s[2];
        GDBusConnection *c[2];
        Usage u;

        for (int i = 0; i < 2; i++) {
                s[i] = server_start(i == 0 ? SERVER_FLOOR : SERVER_PROCTORD, transport, NULL);
                c[i] = server_connect_gdbus(s[i]);
        }
        /* One answer, so that it is up. */
        g_variant_unref(
                proctord_get(s[1], c[1], "/org/proctor1", "org.proctor1.Manager", "Version"));
        inspect_process(s[0]->pid, &u);
        series_add_figure(floor, u.rss_kib / 1024);
        inspect_process(s[1]->pid, &u);
        series_add_figure(rss, u.rss_kib / 1024);
        series_add_figure(own, u.private_kib / 1024);
        bench_ratio(b, rss, floor, 0);
        bench_goal(b, rss, GOAL_OF_WORST, 6);
        for (int i = 0; i < 2; i++) {
                g_dbus_connection_close_sync(c[i], NULL, NULL);
                g_object_unref(c[i]);
                server_stop(s[i]);
        }
}

static void measure_live(Bench *b, unsigned many) {
        Series *own = bench_series(b, "KiB", "its own, for each live process");
        Series *helpers = bench_series(b, "KiB", "its helpers', for each live process");
        Way *way = way_proctord_new(TRANSPORT_PAIR, NULL);
        Server *s = way_get_server(way);
        Usage few, full, few_helpers, helpers_now;

        crowd_start(s, way_get_connection(way), FEW);
        inspect_process(s->pid, &few);
        inspect_helpers(s->pid, &few_helpers);
        crowd_start(s, way_get_connection(way), many - FEW);
        inspect_process(s->pid, &full);
        inspect_helpers(s->pid, &helpers_now);
        series_add_figure(own, (full.private_kib - few.private_kib) / (many - FEW));
        series_add_figure(helpers,
                          (helpers_now.private_kib - few_helpers.private_kib) / (many - FEW));
        bench_note(b, "%u helpers for %u live processes; %u thread(s) in the service",
                   helpers_now.processes, many, full.threads);
        if (!arg_options.quick)
                bench_goal(b, own, GOAL_OF_WORST, 4);
        crowd_end(s, way_get_connection(way));
        way_free(way);
}

static double own_kib(const Server *s) {
        Usage u;

        inspect_process(s->pid, &u);
        return u.private_kib;
}

/* What is forgotten goes back to the heap, not always to the system; so a leak shows only when the
 * same is done again; the first time of that still fills holes. */
static void measure_finished(Bench *b, unsigned many) {
        Series *kept = bench_series(b, "KiB", "its own, for each finished process kept");
        Series *left = bench_series(b, "KiB", "still its own, for each, when they are forgotten");
        Series *leaked = bench_series(b, "KiB", "growth, for each, when all that is repeated");
        Way *way = way_proctord_new(TRANSPORT_PAIR, NULL);
        Server *s = way_get_server(way);
        g_autofree double *took = g_new0(double, many);
        double few, full, forgotten, settled = 0;

        drive_run(way, drive_true, 0, FEW, 1, took);
        few = own_kib(s);
        drive_run(way, drive_true, 0, many, 64, took);
        full = own_kib(s);
        crowd_end(s, way_get_connection(way));
        forgotten = own_kib(s);
        for (int i = 0; i < 2; i++) {
                settled = own_kib(s);
                drive_run(way, drive_true, 0, many, 64, took);
                crowd_end(s, way_get_connection(way));
        }
        series_add_figure(kept, (full - few) / many);
        series_add_figure(left, (forgotten - few) / many);
        series_add_figure(leaked, (own_kib(s) - settled) / many);
        if (!arg_options.quick)
                bench_goal(b, leaked, GOAL_OF_WORST, 0.05);
        way_free(way);
}

unsigned bench_memory(void) {
        Bench *b = bench_new("memory", "memory of the service");
        unsigned many = (unsigned)bench_count(MANY, 50);

        measure_empty(b, TRANSPORT_PAIR, "pair");
        measure_empty(b, TRANSPORT_BUS, "dbus-daemon");
        measure_live(b, many);
        measure_finished(b, many);
        return bench_finish(b);
}
