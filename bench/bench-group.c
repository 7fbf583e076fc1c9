/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A group: all members started by one call, against the same number of posix_spawn in this process,
 * from the first until the last has executed; and the stop of all by one call, from the call until an
 * observer has seen the last one dead, against the same signal to each. */

#include "benches.h"
#include "crowd.h"
#include "drive.h"
#include "floor-spawn.h"
#include "harness.h"
#include "observer.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEMBERS      1000
#define OBSERVER_SEC 30
#define MANAGER_PATH "/org/proctor1"
#define MANAGER_NAME "org.proctor1.Manager"
#define GROUP_NAME   "org.proctor1.Group"

typedef struct Sides {
        Series *start, *stop;
} Sides;

static double last_of(const double *died, unsigned n) {
        double last = 0;

        for (unsigned i = 0; i < n; i++)
                last = MAX(last, died[i]);
        return last;
}

/* --- the floor -------------------------------------------------------------------------------- */

/* posix_spawn returns when the program runs, as a start is answered when it does. */
static void run_floor(Sides *s, unsigned n) {
        char *const argv[] = {arg_options.payload, (char *)"pause", NULL};
        int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        g_autofree pid_t *pids = g_new0(pid_t, n);
        g_autofree double *died = g_new0(double, n);
        double began = bench_now_usec();
        Observer *o;

        for (unsigned i = 0; i < n; i++)
                if (floor_spawn(argv, null_fd, &pids[i]) < 0)
                        bench_wrong("cannot start '%s'", argv[0]);
        series_add_figure(s->start, (bench_now_usec() - began) / n);
        close(null_fd);
        o = observer_new(pids, n, OBSERVER_SEC);
        began = bench_now_usec();
        for (unsigned i = 0; i < n; i++)
                kill(pids[i], SIGTERM);
        observer_finish(o, died);
        series_add_figure(s->stop, (last_of(died, n) - began) / 1e3);
        for (unsigned i = 0; i < n; i++)
                waitpid(pids[i], NULL, 0);
}

/* --- proctord --------------------------------------------------------------------------------- */

static char *create_group(Server *s, GDBusConnection *c, unsigned n) {
        const char *argv[] = {arg_options.payload, "pause", NULL};
        g_autoptr(GVariant) reply = proctord_call(s, c, MANAGER_PATH, MANAGER_NAME, "CreateGroup",
                                                  g_variant_new("(sa{sv})", "crowd", NULL));
        char *path;

        g_variant_get(reply, "(o)", &path);
        for (unsigned i = 0; i < n; i++) {
                g_autofree char *name = g_strdup_printf("m%u", i);

                g_variant_unref(
                        proctord_call(s, c, path, GROUP_NAME, "AddProcess",
                                      g_variant_new("(s^as@a{sv})", name, argv, drive_options())));
        }
        return path;
}

/* Reads the answer of StartAll. */
static void take_pids(GVariant *reply, pid_t *ret_pids, unsigned n) {
        g_autoptr(GVariant) started = g_variant_get_child_value(reply, 0);
        GVariantIter iter;
        guint32 pid;
        unsigned i = 0;

        if (g_variant_n_children(started) != n)
                bench_wrong("%zu of %u members were started", g_variant_n_children(started), n);
        g_variant_iter_init(&iter, started);
        while (g_variant_iter_next(&iter, "{&s(&ou)}", NULL, NULL, &pid))
                ret_pids[i++] = (pid_t)pid;
}

static void check_stopped(GVariant *reply, unsigned n) {
        g_autoptr(GVariant) ended = g_variant_get_child_value(reply, 0);
        const char *name, *result;
        GVariantIter iter;
        int exit_code;

        if (g_variant_n_children(ended) != n)
                bench_wrong("StopAll told of %zu of %u members", g_variant_n_children(ended), n);
        g_variant_iter_init(&iter, ended);
        while (g_variant_iter_next(&iter, "{&s(i&s)}", &name, &exit_code, &result))
                if (exit_code != -SIGTERM || strcmp(result, "stopped") != 0)
                        bench_wrong("%s: stopped with %d, '%s'", name, exit_code, result);
}

/* The answer has to mean what it says: nobody has such a PID any more. */
static void check_dead(const pid_t *pids, unsigned n) {
        for (unsigned i = 0; i < n; i++)
                if (kill(pids[i], 0) == 0)
                        bench_wrong("StopAll answered while member %u lived", i);
}

static void run_group(Server *server, GDBusConnection *c, Sides *s, unsigned n) {
        g_autofree char *path = create_group(server, c, n);
        g_autoptr(GVariant) started = NULL, stopped = NULL;
        g_autofree pid_t *pids = g_new0(pid_t, n);
        g_autofree double *died = g_new0(double, n);
        double began = bench_now_usec(), answered;
        Observer *o;

        started = proctord_call(server, c, path, GROUP_NAME, "StartAll", NULL);
        series_add_figure(s->start, (bench_now_usec() - began) / n);
        take_pids(started, pids, n);
        o = observer_new(pids, n, OBSERVER_SEC);
        began = bench_now_usec();
        stopped = proctord_call(server, c, path, GROUP_NAME, "StopAll",
                                g_variant_new("(b)", FALSE));
        answered = bench_now_usec();
        check_dead(pids, n);
        observer_finish(o, died);
        series_add_figure(s->stop, (MAX(answered, last_of(died, n)) - began) / 1e3);
        check_stopped(stopped, n);
        crowd_end(server, c);
}

unsigned bench_group(void) {
        Bench *b = bench_new("group", "a start of all members by one call, and their stop");
        unsigned n = (unsigned)bench_count(MEMBERS, 20);
        Sides floor = {bench_series(b, "us", "start of one of %u, posix_spawn in process", n),
                       bench_series(b, "ms", "stop of %u, signals in process", n)};
        Sides group = {bench_series(b, "us", "start of one of %u, StartAll", n),
                       bench_series(b, "ms", "stop of %u, StopAll", n)};
        Server *s = server_start(SERVER_PROCTORD, TRANSPORT_PAIR, NULL);
        g_autoptr(GDBusConnection) c = server_connect_gdbus(s);
        int rounds = bench_rounds(7);

        for (int i = 0; i < rounds; i++) {
                bench_round_begin(b);
                run_floor(&floor, n);
                run_group(s, c, &group, n);
                bench_round_end(b);
        }
        /* 0.9 of what the floor starts in the same time */
        bench_ratio(b, group.start, floor.start, 1 / 0.9);
        bench_ratio(b, group.stop, floor.stop, 0);
        bench_note(b, "StartAll: until its one answer, divided by the members; the stop: until the "
                      "last is dead, and for StopAll its answer is there");
        g_dbus_connection_close_sync(c, NULL, NULL);
        server_stop(s);
        return bench_finish(b);
}
