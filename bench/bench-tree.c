/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each kind of containment costs: a start, a stop of one process, and a stop of a tree of 500
 * whose last death is seen from outside (every member holds a FIFO open; its end of file is the
 * proof). The floor starts with posix_spawn and signals through a pidfd, inside this process. */

#include "benches.h"
#include "crowd.h"
#include "drive.h"
#include "floor-spawn.h"
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TREE             500
#define TREE_TIMEOUT_SEC 30
#define PROCESS_NAME     "org.proctor1.Process"
/* Longer than what the kernel still does for the start before (a grace period of RCU). */
#define REST_USEC 30000
#define RESTED    20
/* Of pidfd_send_signal(), since Linux 6.9; not in every header. */
#define SIGNAL_PROCESS_GROUP (1U << 2)

typedef struct Kind {
        const char *name;
        Way *way; /* NULL: not on this machine */
        Series *start, *rested, *stop, *tree_plain, *tree_escaped;
} Kind;

typedef struct FloorSeries {
        Series *start, *rested, *stop, *tree;
} FloorSeries;

/* --- a tree, seen from outside ---------------------------------------------------------------- */

typedef struct Tree {
        char *fifo;
        char *count;
        char *argv[6];
        int fd;
} Tree;

static void tree_init(Tree *t, unsigned n, const char *shape) {
        t->fifo = g_build_filename(world_directory(), WORLD_FIFO, NULL);
        t->count = g_strdup_printf("%u", n);
        memcpy(t->argv,
               (char *[]){arg_options.payload, (char *)"tree", t->count, t->fifo, (char *)shape,
                          NULL},
               sizeof(t->argv));
        if (mkfifo(t->fifo, 0600) < 0)
                bench_wrong("mkfifo '%s': %s", t->fifo, g_strerror(errno));
        t->fd = open(t->fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        if (t->fd < 0)
                bench_wrong("open '%s': %s", t->fifo, g_strerror(errno));
}

/* Reads n bytes, one of each member; or, with n 0, to the end of the file. */
static void tree_read(Tree *t, unsigned n, const char *what) {
        unsigned seen = 0;
        char buf[1024];

        for (;;) {
                ssize_t l;

                if (poll(&(struct pollfd){.fd = t->fd, .events = POLLIN}, 1,
                         TREE_TIMEOUT_SEC * 1000) <= 0)
                        bench_wrong("%s: %u of the tree of %s", what, seen, t->count);
                l = read(t->fd, buf, sizeof(buf));
                if (l == 0 && n == 0)
                        return;
                if (l > 0)
                        seen += (unsigned)l;
                if (n > 0 && seen == n)
                        return;
        }
}

static void tree_done(Tree *t) {
        close(t->fd);
        unlink(t->fifo);
        g_free(t->fifo);
        g_free(t->count);
}

/* --- the floor -------------------------------------------------------------------------------- */

static pid_t floor_start(char *const *argv) {
        int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        pid_t pid;

        if (floor_spawn(argv, null_fd, &pid) < 0)
                bench_wrong("cannot start '%s'", argv[0]);
        close(null_fd);
        return pid;
}

static double floor_stop_one(void) {
        char *const argv[] = {arg_options.payload, (char *)"pause", NULL};
        pid_t pid = floor_start(argv);
        int pidfd = pidfd_open(pid, 0);
        double began = bench_now_usec();

        pidfd_send_signal(pidfd, SIGTERM, NULL, 0);
        waitpid(pid, NULL, 0);
        close(pidfd);
        return bench_now_usec() - began;
}

static double floor_stop_tree(unsigned n) {
        double began, took = -1;
        int pidfd;
        pid_t pid;
        Tree t;

        tree_init(&t, n, "plain");
        pid = floor_start(t.argv);
        pidfd = pidfd_open(pid, 0);
        tree_read(&t, n + 1, "floor: start");
        began = bench_now_usec();
        if (pidfd_send_signal(pidfd, SIGTERM, NULL, SIGNAL_PROCESS_GROUP) >= 0) {
                tree_read(&t, 0, "floor: end");
                took = bench_now_usec() - began;
        } else
                pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
        waitpid(pid, NULL, 0);
        close(pidfd);
        tree_done(&t);
        return took;
}

/* One start now and then, as most callers make them. What a start waits for in the kernel may have been
 * waited for by the one before, if that is not long ago. */
static void run_rested(Way *way, Series *s, unsigned n, double *took) {
        for (unsigned i = 0; i < n; i++) {
                g_usleep(REST_USEC);
                drive_run(way, drive_true, 0, 1, 1, took + i);
        }
        series_add_round(s, took, n);
}

static void run_floor(FloorSeries *f, Way *way, unsigned n, unsigned tree, double *took) {
        double whole;

        drive_run(way, drive_true, 0, n, 1, took);
        series_add_round(f->start, took, n);
        run_rested(way, f->rested, MIN(n, RESTED), took);
        for (unsigned i = 0; i < n; i++)
                took[i] = floor_stop_one();
        series_add_round(f->stop, took, n);
        whole = floor_stop_tree(tree);
        if (whole >= 0)
                series_add_figure(f->tree, whole / 1e3);
}

/* --- a kind ----------------------------------------------------------------------------------- */

static double stop(Kind *k, const char *path) {
        Server *s = way_get_server(k->way);
        GDBusConnection *c = way_get_connection(k->way);
        double began = bench_now_usec(), took;
        g_autoptr(GVariant) reply = proctord_call(s, c, path, PROCESS_NAME, "Stop",
                                                  g_variant_new("(b)", FALSE));
        const char *result;
        int exit_code;

        took = bench_now_usec() - began;
        g_variant_get(reply, "(i&s)", &exit_code, &result);
        if (exit_code != -SIGTERM || strcmp(result, "stopped") != 0)
                bench_wrong("%s: stopped with %d, '%s'", k->name, exit_code, result);
        return took;
}

static double stop_one(Kind *k) {
        char *const argv[] = {arg_options.payload, (char *)"pause", NULL};
        g_autofree char *path = proctord_start(way_get_server(k->way), way_get_connection(k->way),
                                               argv, NULL, NULL);

        return stop(k, path);
}

/* The answer has to mean what it says: when it comes, the end of the file is there. */
static double stop_tree(Kind *k, unsigned n, const char *shape) {
        g_autofree char *path = NULL;
        double took;
        Tree t;

        tree_init(&t, n, shape);
        path = proctord_start(way_get_server(k->way), way_get_connection(k->way), t.argv, NULL,
                              NULL);
        tree_read(&t, n + 1, k->name);
        took = stop(k, path);
        if (poll(&(struct pollfd){.fd = t.fd, .events = POLLIN}, 1, 0) != 1)
                bench_wrong("%s: Stop answered while members of a %s tree lived", k->name, shape);
        tree_read(&t, 0, k->name);
        tree_done(&t);
        return took;
}

static bool can_end_escaped(const Kind *k) {
        return strcmp(k->name, "process-group") != 0;
}

static void run_kind(Kind *k, unsigned n, unsigned tree, double *took) {
        drive_run(k->way, drive_true, 0, n, 1, took);
        series_add_round(k->start, took, n);
        run_rested(k->way, k->rested, MIN(n, RESTED), took);
        for (unsigned i = 0; i < n; i++)
                took[i] = stop_one(k);
        series_add_round(k->stop, took, n);
        series_add_figure(k->tree_plain, stop_tree(k, tree, "plain") / 1e3);
        if (can_end_escaped(k))
                series_add_figure(k->tree_escaped, stop_tree(k, tree, "setsid") / 1e3);
}

/* --- all -------------------------------------------------------------------------------------- */

/* Forced to a kind that the machine cannot do, the service does not come up; it must never come up
 * with another one. */
static bool is_available(const char *kind, const char *option) {
        Server *s = server_start(SERVER_PROCTORD, TRANSPORT_PAIR, option);
        g_autoptr(GDBusConnection) c = server_try_gdbus(s, NULL);
        g_autoptr(GVariant) word = NULL;
        g_autofree char *path = NULL;

        if (c) {
                path = proctord_start(s, c, drive_true, NULL, NULL);
                word = proctord_get(s, c, path, PROCESS_NAME, "Containment");
                if (strcmp(g_variant_get_string(word, NULL), kind) != 0)
                        bench_wrong("%s gave '%s'", option, g_variant_get_string(word, NULL));
                g_dbus_connection_close_sync(c, NULL, NULL);
        }
        server_stop(s);
        return c != NULL;
}

static void open_kind(Bench *b, Kind *k, unsigned tree) {
        g_autofree char *option = g_strdup_printf("--containment=%s", k->name);

        if (!is_available(k->name, option)) {
                bench_note(b, "%s: not on this machine", k->name);
                return;
        }
        k->way = way_proctord_new(TRANSPORT_PAIR, option);
        k->start = bench_series(b, "us", "start, %s", k->name);
        k->rested = bench_series(b, "us", "start after a rest, %s", k->name);
        k->stop = bench_series(b, "us", "stop of one, %s", k->name);
        k->tree_plain = bench_series(b, "ms", "stop of a tree of %u, %s", tree, k->name);
        if (can_end_escaped(k))
                k->tree_escaped = bench_series(b, "ms", "stop of %u, each setsid, %s", tree,
                                               k->name);
}

static void compare(Bench *b, FloorSeries *floor, Kind *group, Kind *k, double goal) {
        if (!k->way)
                return;
        bench_ratio(b, k->start, floor->start, 0);
        bench_ratio(b, k->rested, floor->rested, 0);
        bench_ratio(b, k->stop, floor->stop, 0);
        if (group->way && group != k) {
                bench_ratio(b, k->start, group->start, goal);
                bench_ratio(b, k->rested, group->rested, goal);
                bench_ratio(b, k->stop, group->stop, 0);
        }
        if (arg_options.quick)
                return;
        bench_goal(b, k->tree_plain, GOAL_OF_MEDIAN, 100);
        if (k->tree_escaped)
                bench_goal(b, k->tree_escaped, GOAL_OF_MEDIAN, 100);
}

unsigned bench_tree(void) {
        Bench *b = bench_new("tree", "containment: a start, a stop, and the stop of a whole tree");
        unsigned n = (unsigned)bench_count(60, 3);
        unsigned tree = arg_options.quick ? 10 : TREE;
        g_autofree double *took = g_new0(double, n);
        Kind kinds[] = {{.name = "process-group"}, {.name = "cgroup"}, {.name = "subreaper"}};
        FloorSeries floor = {
                .start = bench_series(b, "us", "start, posix_spawn in process"),
                .rested = bench_series(b, "us", "start after a rest, posix_spawn in process"),
                .stop = bench_series(b, "us", "stop of one, signal and wait in process"),
                .tree = bench_series(b, "ms", "stop of a tree of %u, signal to its group", tree),
        };
        Way *floor_way = way_spawn_new();
        int rounds = bench_rounds(7);

        for (size_t k = 0; k < G_N_ELEMENTS(kinds); k++)
                open_kind(b, &kinds[k], tree);
        for (int i = 0; i < rounds; i++) {
                bench_round_begin(b);
                run_floor(&floor, floor_way, n, tree, took);
                for (size_t k = 0; k < G_N_ELEMENTS(kinds); k++)
                        if (kinds[k].way)
                                run_kind(&kinds[k], n, tree, took);
                bench_round_end(b);
        }
        compare(b, &floor, &kinds[0], &kinds[0], 0);
        compare(b, &floor, &kinds[0], &kinds[1], 1.35);
        compare(b, &floor, &kinds[0], &kinds[2], 2);
        for (size_t k = 0; k < G_N_ELEMENTS(kinds); k++)
                way_free(kinds[k].way);
        way_free(floor_way);
        return bench_finish(b);
}
