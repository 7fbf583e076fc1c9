/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The two ways without a service, inside this process: posix_spawn with waits by pidfd, which is
 * the floor under everything, and GSubprocess, which is what a GLib program would use instead. */

#include "drive.h"
#include "floor-spawn.h"
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- posix_spawn ------------------------------------------------------------------------------ */

typedef struct SpawnWay {
        Way way;
        int null_fd;
} SpawnWay;

static void spawn_way_free(Way *w) {
        SpawnWay *s = (SpawnWay *)w;

        close(s->null_fd);
        g_free(s);
}

static pid_t spawn_one(SpawnWay *s, char *const *argv) {
        pid_t pid;
        int r = floor_spawn(argv, s->null_fd, &pid);

        if (r < 0)
                bench_wrong("posix_spawn '%s': %s", argv[0], g_strerror(-r));
        return pid;
}

static void check_status(int status, int expected) {
        if (!WIFEXITED(status) || WEXITSTATUS(status) != expected)
                bench_wrong("wait status %x, not exit code %d", status, expected);
}

static void spawn_run_one_by_one(SpawnWay *s, char *const *argv, int expected, unsigned n,
                                 double *ret_took_usec) {
        for (unsigned i = 0; i < n; i++) {
                double began = bench_now_usec();
                pid_t pid = spawn_one(s, argv);
                int status = -1;

                waitpid(pid, &status, 0);
                ret_took_usec[i] = bench_now_usec() - began;
                check_status(status, expected);
        }
}

typedef struct Running {
        pid_t pid;
        int pidfd;
        double began_usec;
} Running;

static void spawn_begin(SpawnWay *s, char *const *argv, int epoll_fd, Running *running,
                        unsigned i) {
        running[i].began_usec = bench_now_usec();
        running[i].pid = spawn_one(s, argv);
        running[i].pidfd = pidfd_open(running[i].pid, 0);
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, running[i].pidfd,
                  &(struct epoll_event){EPOLLIN, {.u32 = i}});
}

static void spawn_run_many(SpawnWay *s, char *const *argv, int expected, unsigned n, unsigned k,
                           double *ret_took_usec) {
        g_autofree Running *running = g_new0(Running, n);
        int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        unsigned begun = 0, done = 0;

        while (begun < MIN(k, n))
                spawn_begin(s, argv, epoll_fd, running, begun++);
        while (done < n) {
                struct epoll_event e;
                int status = -1;

                if (epoll_wait(epoll_fd, &e, 1, -1) <= 0)
                        continue;
                waitpid(running[e.data.u32].pid, &status, 0);
                epoll_ctl(epoll_fd, EPOLL_CTL_DEL, running[e.data.u32].pidfd, NULL);
                close(running[e.data.u32].pidfd);
                ret_took_usec[e.data.u32] = bench_now_usec() - running[e.data.u32].began_usec;
                check_status(status, expected);
                done++;
                if (begun < n)
                        spawn_begin(s, argv, epoll_fd, running, begun++);
        }
        close(epoll_fd);
}

static double spawn_way_run(Way *w, char *const *argv, int expected, unsigned n, unsigned k,
                            double *ret_took_usec) {
        SpawnWay *s = (SpawnWay *)w;
        double start = bench_now_usec();

        if (k == 1)
                spawn_run_one_by_one(s, argv, expected, n, ret_took_usec);
        else
                spawn_run_many(s, argv, expected, n, k, ret_took_usec);
        return bench_now_usec() - start;
}

Way *way_spawn_new(void) {
        SpawnWay *s = g_new0(SpawnWay, 1);

        s->way.run = spawn_way_run;
        s->way.free = spawn_way_free;
        s->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (s->null_fd < 0)
                bench_wrong("/dev/null: %s", g_strerror(errno));
        return &s->way;
}

/* --- GSubprocess ------------------------------------------------------------------------------ */

typedef struct Wait {
        Drive *drive;
        unsigned i;
} Wait;

static void on_waited(GObject *source, GAsyncResult *result, gpointer userdata) {
        g_autoptr(GSubprocess) process = G_SUBPROCESS(source);
        g_autofree Wait *wait = userdata;
        g_autoptr(GError) error = NULL;

        if (!g_subprocess_wait_finish(process, result, &error))
                bench_wrong("GSubprocess: %s", error->message);
        if (!g_subprocess_get_if_exited(process))
                bench_wrong("GSubprocess: it did not exit");
        drive_done(wait->drive, wait->i, g_subprocess_get_exit_status(process));
}

static void gsubprocess_begin(Drive *d, unsigned i) {
        g_autoptr(GError) error = NULL;
        Wait *wait = g_new(Wait, 1);
        GSubprocess *process = g_subprocess_newv(
                (const char *const *)d->argv,
                G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error);

        if (!process)
                bench_wrong("GSubprocess: %s", error->message);
        *wait = (Wait){d, i};
        g_subprocess_wait_async(process, NULL, on_waited, wait);
}

static void gsubprocess_free(Way *w) {
        g_free(w);
}

Way *way_gsubprocess_new(void) {
        Way *w = g_new0(Way, 1);

        w->begin = gsubprocess_begin;
        w->free = gsubprocess_free;
        return w;
}
