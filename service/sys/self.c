/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Undoes what whoever started the service may have left on it. What is inherited by every child is
 * cheaper to put right here, once, than in each start. */

#include "sys/self.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

#define IOPRIO_WHO_PROCESS 1

static int open_streams(void) {
        for (;;) {
                int fd = open("/dev/null", O_RDWR | O_NOCTTY);

                if (fd < 0)
                        return -errno;
                if (fd > 2) {
                        close(fd);
                        return 0;
                }
        }
}

/* From 3 on nothing of the service's descriptors may cross an exec, whoever opened them. */
static void mark_descriptors(void) {
        (void)syscall(SYS_close_range, 3, ~0U, 1 << 2 /* CLOSE_RANGE_CLOEXEC */);
}

static void reset_signals(void) {
        struct sigaction by_default = {.sa_handler = SIG_DFL}, ignore = {.sa_handler = SIG_IGN};
        sigset_t none;

        for (int signo = 1; signo < NSIG; signo++)
                (void)sigaction(signo, &by_default, NULL);
        (void)sigaction(SIGPIPE, &ignore, NULL);
        sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void write_oom_score(void) {
        _cleanup_close_ int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
        char now[16] = "";

        if (fd < 0 || read(fd, now, sizeof now - 1) < 0 || strcmp(now, "0\n") == 0)
                return;
        (void)!pwrite(fd, "0", 1, 0);
}

/* Each as far as it is permitted: a service that was started nice stays so without privileges. */
static void reset_scheduling(void) {
        struct sched_param normal = {.sched_priority = 0};
        cpu_set_t all;

        (void)sched_setscheduler(0, SCHED_OTHER, &normal);
        (void)setpriority(PRIO_PROCESS, 0, 0);
        memset(&all, 0xff, sizeof all);
        (void)sched_setaffinity(0, sizeof all, &all);
        (void)prctl(PR_SET_TIMERSLACK, 0, 0, 0, 0);
        (void)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, 0);
}

int self_prepare(Self *ret) {
        struct rlimit limit;
        int r = open_streams();

        if (r < 0)
                return r;
        mark_descriptors();
        reset_signals();
        reset_scheduling();
        write_oom_score();
        umask(0077);
        if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
                return -errno;
        ret->nofile_limit = limit;
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
        return 0;
}
