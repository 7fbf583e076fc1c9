/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How often a service wakes, and what CPU it takes, while a thousand watched processes live whose
 * deadlines are far: it has nothing to do, and is to do nothing. Counted by the scheduler, from
 * outside, over all of its threads and helpers. */

#include "benches.h"
#include "crowd.h"
#include "harness.h"
#include "inspect.h"

#include <unistd.h>

#define LIVE       1000
#define WATCH_SEC  10
#define SETTLE_SEC 2

static void measure(pid_t pid, unsigned seconds, double *ret_switches, double *ret_msec) {
        Usage before[2], after[2];

        inspect_process(pid, &before[0]);
        inspect_helpers(pid, &before[1]);
        sleep(seconds);
        inspect_process(pid, &after[0]);
        inspect_helpers(pid, &after[1]);
        *ret_switches = *ret_msec = 0;
        for (int i = 0; i < 2; i++) {
                *ret_switches += (double)(after[i].switches - before[i].switches);
                *ret_msec += (double)(after[i].run_nsec - before[i].run_nsec) / 1e6;
        }
}

static void run_transport(Bench *b, Transport transport, const char *name) {
        unsigned live = (unsigned)bench_count(LIVE, 20);
        unsigned seconds = (unsigned)bench_count(WATCH_SEC, 1);
        Series *wakeups = bench_series(b, "", "wake-ups in %u s, %u live, %s", seconds, live, name);
        Series *cpu = bench_series(b, "ms", "CPU in %u s, %u live, %s", seconds, live, name);
        Server *s = server_start(SERVER_PROCTORD, transport, NULL);
        g_autoptr(GDBusConnection) c = server_connect_gdbus(s);
        double switches, msec;

        crowd_start(s, c, live);
        sleep(arg_options.quick ? 0 : SETTLE_SEC);
        for (int i = 0; i < bench_rounds(1); i++) {
                bench_round_begin(b);
                measure(s->pid, seconds, &switches, &msec);
                bench_round_end(b);
                series_add_figure(wakeups, switches);
                series_add_figure(cpu, msec);
        }
        if (!arg_options.quick)
                bench_goal(b, wakeups, GOAL_OF_WORST, 0);
        crowd_end(s, c);
        g_dbus_connection_close_sync(c, NULL, NULL);
        server_stop(s);
}

unsigned bench_idle(void) {
        Bench *b = bench_new("idle", "wake-ups with far deadlines");

        run_transport(b, TRANSPORT_PAIR, "pair");
        run_transport(b, TRANSPORT_BUS, "dbus-daemon");
        return bench_finish(b);
}
