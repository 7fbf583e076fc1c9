/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The first process of a PID namespace gets every orphan of it, and no signal that it has not asked
 * for (pid_namespaces(7)). This is the least that such a one has to do: collect, pass on, and end as
 * the one process ends that all of it is for.
 *
 * That process is the leader of a group of its own, in the terminal's foreground, so that a signal
 * of the terminal reaches it once, and not again from here. */

#include "init.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* Ends with the main process, when that is among those that have ended. */
static void collect(pid_t main_pid) {
        siginfo_t info = {0};

        while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) == 0 && info.si_pid != 0) {
                if (info.si_pid == main_pid)
                        _exit(info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status);
                info.si_pid = 0;
        }
}

static void serve(pid_t main_pid, const sigset_t *signals) {
        /* it is not collected before its end is seen here, so the number is its own; a failure
         * leaves signals undelivered, and nothing else */
        int pidfd = pidfd_open(main_pid, 0);

        for (;;) {
                int signo = sigwaitinfo(signals, NULL);

                if (signo == SIGCHLD)
                        collect(main_pid);
                else if (signo > 0)
                        (void)pidfd_send_signal(pidfd, signo, NULL, 0);
        }
}

/* In the foreground if there is a terminal; taking it from the background would stop the taker. */
static void lead_group(const sigset_t *before) {
        (void)setpgid(0, 0);
        if (isatty(STDIN_FILENO))
                (void)tcsetpgrp(STDIN_FILENO, getpid());
        sigprocmask(SIG_SETMASK, before, NULL);
}

int init_take_over(void) {
        sigset_t signals, before;
        pid_t pid;

        if (getpid() != 1)
                return 0;
        sigfillset(&signals);
        sigprocmask(SIG_BLOCK, &signals, &before);
        pid = fork();
        if (pid > 0)
                serve(pid, &signals);
        if (pid == 0) {
                lead_group(&before);
                return 0;
        }
        sigprocmask(SIG_SETMASK, &before, NULL); /* cannot fail, and leaves errno alone */
        return -errno;
}
