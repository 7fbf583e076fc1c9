/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* SIGCHLD tells of stops, but many signals become one: so at each that is of a stop all children are
 * asked, and then, lest a child that is stopped and continued in a circle keeps the service busy, no
 * other is read for a moment. At an exit, which the pidfd tells as well, nothing is done. */

#include "sys/halts.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "sys/cgroup-base.h"
#include "sys/pidfd.h"
#include "sys/sys-internal.h"

/* Between two times that all children are asked. */
#define PAUSE_USEC (50 * USEC_PER_MSEC)

struct Halts {
        Sys *sys;
        void (*on_resumed)(void *userdata, usec_t since);
        void *userdata;
        sigset_t before; /* the mask as it was */
        int child_fd, own_fd, freeze_fd;
        Watch child_watch, own_watch, freeze_watch;
        Timer timer;
};

static usec_t now_usec(void) {
        return (usec_t)g_get_monotonic_time();
}

/* All that there is to know, in order: a stop that was undone before anybody looked is not told. */
static void ask(Tree *tree) {
        for (int i = 0; i < 4; i++) {
                siginfo_t info = {0};

                if (syscall(SYS_waitid, P_PIDFD, tree->pidfd, &info,
                            WSTOPPED | WCONTINUED | WNOHANG | __WALL, NULL) < 0 ||
                    info.si_pid == 0)
                        return;
                if (!tree->own_halt)
                        tree->halt = tree->own_halt = g_new0(Halt, 1);
                halt_note(tree->halt, info.si_code != CLD_CONTINUED, now_usec());
        }
}

static void ask_all(Halts *halts) {
        Tree *tree;

        LIST_FOREACH(tree, &halts->sys->trees, link) {
                /* who is another's child is that one's to ask */
                if (tree->halt == tree->own_halt && !tree->adopted && !tree->exited)
                        ask(tree);
        }
}

static void on_child(void *userdata, uint32_t events);

static int watch_children(Halts *halts) {
        return loop_watch(halts->sys->loop, &halts->child_watch, halts->child_fd, EPOLLIN, on_child,
                          halts);
}

static void on_timer(void *userdata) {
        Halts *halts = userdata;

        (void)watch_children(halts);
        ask_all(halts);
}

static void on_child(void *userdata, uint32_t events) {
        struct signalfd_siginfo info;
        Halts *halts = userdata;

        if (read(halts->child_fd, &info, sizeof info) != (ssize_t)sizeof info ||
            info.ssi_code == CLD_EXITED || info.ssi_code == CLD_KILLED ||
            info.ssi_code == CLD_DUMPED)
                return;
        ask_all(halts);
        loop_unwatch(&halts->child_watch);
        loop_set_timer(halts->sys->loop, &halts->timer, usec_add(now_usec(), PAUSE_USEC), on_timer,
                       halts);
}

static void resume(Halts *halts) {
        if (halts->on_resumed)
                halts->on_resumed(halts->userdata, loop_paused_since(halts->sys->loop));
}

static void on_own(void *userdata, uint32_t events) {
        struct signalfd_siginfo info;
        Halts *halts = userdata;

        if (read(halts->own_fd, &info, sizeof info) == (ssize_t)sizeof info)
                resume(halts);
}

/* Who can read this is not frozen any more. Reading is what ends the event. */
static void on_freeze(void *userdata, uint32_t events) {
        char buffer[1024];
        Halts *halts = userdata;

        if (pread(halts->freeze_fd, buffer, sizeof buffer, 0) > 0)
                resume(halts);
}

static int open_signal(Halts *halts, int signo, int *ret) {
        sigset_t mask;
        int fd;

        sigemptyset(&mask);
        sigaddset(&mask, signo);
        if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
                return -errno;
        fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
        if (fd < 0)
                return -errno;
        *ret = fd;
        return pidfd_park(ret);
}

/* The file is polled: an inotify event of it comes later, from a queue of the kernel, and by then
 * this service may have slept once more, so that nobody knows any more how long it was away. Where
 * there is no cgroup v2 this is not known. */
static int watch_freezes(Halts *halts) {
        g_autofree char *directory = NULL, *path = NULL;
        char buffer[1024];
        int r;

        if (cgroup_find_own(&directory) < 0)
                return 0;
        path = g_build_filename(directory, "cgroup.events", NULL);
        halts->freeze_fd = open(path, O_RDONLY | O_CLOEXEC);
        if (halts->freeze_fd < 0 || pread(halts->freeze_fd, buffer, sizeof buffer, 0) < 0) {
                halts->freeze_fd = safe_close(halts->freeze_fd);
                return 0;
        }
        r = pidfd_park(&halts->freeze_fd);
        if (r < 0)
                return r;
        return loop_watch(halts->sys->loop, &halts->freeze_watch, halts->freeze_fd, EPOLLPRI,
                          on_freeze, halts);
}

int halts_new(Sys *sys, void (*on_resumed)(void *userdata, usec_t since), void *userdata,
              Halts **ret) {
        Halts *halts = g_new0(Halts, 1);
        int r;

        halts->sys = sys;
        halts->on_resumed = on_resumed;
        halts->userdata = userdata;
        halts->child_fd = halts->own_fd = halts->freeze_fd = -EBADF;
        (void)sigprocmask(SIG_SETMASK, NULL, &halts->before);
        r = open_signal(halts, SIGCHLD, &halts->child_fd);
        if (r >= 0)
                r = open_signal(halts, SIGCONT, &halts->own_fd);
        if (r >= 0)
                r = watch_children(halts);
        if (r >= 0)
                r = loop_watch(sys->loop, &halts->own_watch, halts->own_fd, EPOLLIN, on_own, halts);
        if (r >= 0)
                r = watch_freezes(halts);
        if (r < 0) {
                halts_free(halts);
                return r;
        }
        *ret = halts;
        return 0;
}

Halts *halts_free(Halts *halts) {
        if (!halts)
                return NULL;
        loop_unset_timer(&halts->timer);
        loop_unwatch(&halts->child_watch);
        loop_unwatch(&halts->own_watch);
        loop_unwatch(&halts->freeze_watch);
        safe_close(halts->child_fd);
        safe_close(halts->own_fd);
        safe_close(halts->freeze_fd);
        (void)sigprocmask(SIG_SETMASK, &halts->before, NULL);
        g_free(halts);
        return NULL;
}

usec_t halts_held(Tree *tree, usec_t since, usec_t now) {
        usec_t held = 0, frozen;

        if (tree->halt)
                held = halt_take(tree->halt, &tree->halt_counted, since, now);
        if (!tree->containment->frozen)
                return held;
        /* nothing says when it was; so it counts once, in the first look after it */
        frozen = tree->containment->frozen(tree);
        held = usec_add(held, usec_sub(frozen, tree->frozen_counted));
        tree->frozen_counted = frozen;
        return MIN(held, usec_sub(now, since));
}
