/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How late the watchdog is: from the deadline of a process that gives no sign of life until it is
 * dead, as an outside observer sees it; for one process, and for a hundred that are due at the same
 * moment. Never early, or the run ends. The floor sends the same signal from a sleep to the same
 * moment, inside this process. */

#include "benches.h"
#include "crowd.h"
#include "drive.h"
#include "floor-spawn.h"
#include "harness.h"
#include "observer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MANY       100
#define AHEAD_USEC 700000
#define FINE_USEC  10000
/* The observer may know of a death before the service does. */
#define RESULT_USEC     (UINT64_C(5) * G_USEC_PER_SEC)
#define DEFAULT_USEC    1000000
#define OBSERVER_SEC    20
#define PROCESS_NAME    "org.proctor1.Process"
#define PROPERTIES_NAME "org.freedesktop.DBus.Properties"

typedef struct Late {
        Series *all, *last;
} Late;

static Late late_series(Bench *b, const char *who, unsigned n) {
        Late l = {.all = bench_series(b, "ms", "%s, %u due at once", who, n)};

        l.last = n > 1 ? bench_series(b, "ms", "%s, the last of %u", who, n) : l.all;
        return l;
}

static void add_round(Late *l, double deadline, double *died, unsigned n) {
        for (unsigned i = 0; i < n; i++) {
                died[i] = (died[i] - deadline) / 1e3;
                if (died[i] < 0)
                        bench_wrong("dead %.3f ms before its deadline", -died[i]);
        }
        series_add_round(l->all, died, n);
        if (l->last != l->all)
                series_add_figure(l->last, stat_percentile(died, n, 100));
}

/* --- the floor -------------------------------------------------------------------------------- */

static void run_floor(Late *l, unsigned n) {
        g_autofree pid_t *pids = g_new0(pid_t, n);
        g_autofree int *pidfds = g_new0(int, n);
        g_autofree double *died = g_new0(double, n);
        char *const argv[] = {arg_options.payload, (char *)"pause", NULL};
        int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        struct timespec at;
        Observer *o;

        for (unsigned i = 0; i < n; i++) {
                if (floor_spawn(argv, null_fd, &pids[i]) < 0)
                        bench_wrong("cannot start '%s'", argv[0]);
                pidfds[i] = pidfd_open(pids[i], 0);
        }
        close(null_fd);
        o = observer_new(pids, n, OBSERVER_SEC);
        clock_gettime(CLOCK_MONOTONIC, &at);
        at.tv_sec += 1;
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
                ;
        for (unsigned i = 0; i < n; i++)
                pidfd_send_signal(pidfds[i], SIGTERM, NULL, 0);
        observer_finish(o, died);
        for (unsigned i = 0; i < n; i++) {
                waitpid(pids[i], NULL, 0);
                close(pidfds[i]);
        }
        add_round(l, (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3, died, n);
}

/* --- proctord --------------------------------------------------------------------------------- */

static void set_property(Server *s, GDBusConnection *c, const char *path, const char *interface,
                         const char *name, uint64_t usec) {
        g_variant_unref(
                proctord_call(s, c, path, PROPERTIES_NAME, "Set",
                              g_variant_new("(ssv)", interface, name, g_variant_new_uint64(usec))));
}

static char *start_watched(Server *s, GDBusConnection *c, pid_t *ret_pid) {
        char *const argv[] = {arg_options.payload, (char *)"pause", NULL};
        GVariantBuilder options;

        g_variant_builder_init(&options, G_VARIANT_TYPE_VARDICT);
        g_variant_builder_add(&options, "{sv}", "TimeoutUSec",
                              g_variant_new_uint64(CROWD_TIMEOUT_USEC));
        g_variant_builder_add(&options, "{sv}", "ExtraBufferUSec", g_variant_new_uint64(0));
        return proctord_start(s, c, argv, g_variant_builder_end(&options), ret_pid);
}

/* Moves the timeout so that the deadline is that very moment. */
static void set_deadline(Server *s, GDBusConnection *c, const char *path, uint64_t deadline) {
        g_autoptr(GVariant)
                last = proctord_get(s, c, path, PROCESS_NAME, "LastActivityTimestampMonotonic");

        set_property(s, c, path, PROCESS_NAME, "TimeoutUSec",
                     deadline - g_variant_get_uint64(last));
}

static void check_result(Server *s, GDBusConnection *c, const char *path) {
        g_autoptr(GVariant) reply = proctord_call(s, c, path, PROCESS_NAME, "Wait",
                                                  g_variant_new("(t)", RESULT_USEC));
        const char *result;

        g_variant_get(reply, "(i&s)", NULL, &result);
        if (strcmp(result, "hang") != 0)
                bench_wrong("the result of a hung process is '%s'", result);
}

static void run_proctord(Server *s, GDBusConnection *c, Late *l, unsigned n) {
        g_autofree pid_t *pids = g_new0(pid_t, n);
        g_autofree double *died = g_new0(double, n);
        g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
        uint64_t deadline;
        Observer *o;

        for (unsigned i = 0; i < n; i++)
                g_ptr_array_add(paths, start_watched(s, c, &pids[i]));
        deadline = (uint64_t)bench_now_usec() + AHEAD_USEC;
        for (unsigned i = 0; i < n; i++)
                set_deadline(s, c, paths->pdata[i], deadline);
        if ((double)deadline < bench_now_usec())
                bench_wrong("the deadlines took too long to set");
        o = observer_new(pids, n, OBSERVER_SEC);
        observer_finish(o, died);
        add_round(l, (double)deadline, died, n);
        for (unsigned i = 0; i < n; i++)
                check_result(s, c, paths->pdata[i]);
        crowd_end(s, c);
}

typedef struct Check {
        const char *name;
        uint64_t interval_usec;
        Late one, many;
} Check;

unsigned bench_hang(void) {
        Bench *b = bench_new("hang", "from the deadline until the hung process is dead");
        Server *s = server_start(SERVER_PROCTORD, TRANSPORT_PAIR, "--log-level=ERROR");
        g_autoptr(GDBusConnection) c = server_connect_gdbus(s);
        unsigned many = (unsigned)bench_count(MANY, 5);
        Late floor[2] = {late_series(b, "signal at a moment", 1),
                         late_series(b, "signal at a moment", many)};
        Check checks[] = {{.name = "CheckInterval 10 ms", .interval_usec = FINE_USEC},
                          {.name = "CheckInterval 1 s", .interval_usec = DEFAULT_USEC}};
        int rounds = bench_rounds(5);

        for (size_t k = 0; k < G_N_ELEMENTS(checks); k++) {
                checks[k].one = late_series(b, checks[k].name, 1);
                checks[k].many = late_series(b, checks[k].name, many);
        }
        for (int i = 0; i < rounds; i++) {
                bench_round_begin(b);
                run_floor(&floor[0], 1);
                run_floor(&floor[1], many);
                for (size_t k = 0; k < G_N_ELEMENTS(checks); k++) {
                        set_property(s, c, "/org/proctor1", "org.proctor1.Watchdog",
                                     "CheckIntervalUSec", checks[k].interval_usec);
                        run_proctord(s, c, &checks[k].one, 1);
                        run_proctord(s, c, &checks[k].many, many);
                }
                bench_round_end(b);
        }
        /* What the interval allows, and what a machine takes to kill. */
        bench_goal(b, checks[0].one.all, GOAL_OF_MEDIAN, 10 + 2);
        bench_goal(b, checks[0].many.last, GOAL_OF_MEDIAN, 10 + 10);
        bench_goal(b, checks[1].one.all, GOAL_OF_MEDIAN, 1000 + 2);
        bench_goal(b, checks[1].many.last, GOAL_OF_MEDIAN, 1000 + 10);
        bench_note(b, "never early: an early death ends the run");
        g_dbus_connection_close_sync(c, NULL, NULL);
        server_stop(s);
        return bench_finish(b);
}
