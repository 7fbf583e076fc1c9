/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One epoll over pidfds, in one thread. A pidfd that is not opened in time belongs to a process
 * that has been reaped, which the caller excludes. */

#include "observer.h"

#include "harness.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <unistd.h>

struct Observer {
        unsigned n, dead;
        int epoll_fd;
        int *pidfds;
        double *died;
        GThread *thread;
        int timeout_msec;
};

static gpointer observe(gpointer data) {
        Observer *o = data;
        struct epoll_event events[64];

        while (o->dead < o->n) {
                int n = epoll_wait(o->epoll_fd, events, G_N_ELEMENTS(events), o->timeout_msec);
                double now = bench_now_usec();

                if (n == 0)
                        bench_wrong("%u of %u do not die", o->n - o->dead, o->n);

                for (int i = 0; i < n; i++) {
                        unsigned at = events[i].data.u32;

                        o->died[at] = now;
                        o->dead++;
                        epoll_ctl(o->epoll_fd, EPOLL_CTL_DEL, o->pidfds[at], NULL);
                }
        }
        return NULL;
}

Observer *observer_new(const pid_t *pids, unsigned n, unsigned timeout_sec) {
        Observer *o = g_new0(Observer, 1);

        o->n = n;
        o->timeout_msec = (int)timeout_sec * 1000;
        o->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        o->pidfds = g_new0(int, n);
        o->died = g_new0(double, n);
        for (unsigned i = 0; i < n; i++) {
                o->pidfds[i] = pidfd_open(pids[i], 0);
                if (o->pidfds[i] < 0 || epoll_ctl(o->epoll_fd, EPOLL_CTL_ADD, o->pidfds[i],
                                                  &(struct epoll_event){EPOLLIN, {.u32 = i}}) < 0)
                        bench_wrong("cannot observe %d: %s", pids[i], g_strerror(errno));
        }
        o->thread = g_thread_new("observer", observe, o);
        return o;
}

void observer_finish(Observer *o, double *ret_died) {
        g_thread_join(o->thread);
        for (unsigned i = 0; i < o->n; i++) {
                ret_died[i] = o->died[i];
                close(o->pidfds[i]);
        }
        close(o->epoll_fd);
        g_free(o->pidfds);
        g_free(o->died);
        g_free(o);
}
