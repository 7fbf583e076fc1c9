/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Takes over a running process: who it is, is read by number while a pidfd is held, and believed if
 * the pidfd says afterwards that the process was there all the time.
 *
 * Its tree is what descends from it at the moment when it is ended. Whoever left it before cannot be
 * told from a stranger, and its process group may have others in it: neither is touched. */

#include "sys/adopt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sys/containment.h"
#include "sys/pidfd.h"
#include "sys/procfs.h"
#include "sys/sys-internal.h"

#define MEMBERS_MAX     512
#define STOP_PASSES_MAX 4

static bool is_reaped(int pidfd) {
        return pidfd_signal(pidfd, 0) == -ESRCH;
}

/* To end an ancestor with its tree would be to end the service. */
static bool is_ancestor_of_service(pid_t pid) {
        pid_t at = getpid();
        ProcStat stat;

        while (at > 1) {
                if (at == pid)
                        return true;
                if (procfs_read_stat(at, &stat) < 0)
                        return false;
                at = stat.ppid;
        }
        return false;
}

static int hold(pid_t pid, int given, int *ret) {
        pid_t named;
        int r, fd;

        if (given < 0) {
                r = pidfd_open_process(pid, &fd);
                if (r < 0)
                        /* of a thread */
                        return r == -EINVAL || r == -ENOENT ? -EPERM : r;
                *ret = fd;
                (void)pidfd_park(ret);
                return 0;
        }
        r = pidfd_get_pid(given, &named);
        if (r < 0)
                return r == -EBADF ? -EINVAL : r;
        if (named != pid)
                return -EINVAL;
        fd = fcntl(given, F_DUPFD_CLOEXEC, PIDFD_PARKED_MIN);
        if (fd < 0)
                return -errno;
        *ret = fd;
        return 0;
}

static int check(pid_t pid, int pidfd, uid_t uid, ProcStat *ret_stat) {
        ProcStatus status;
        int r;

        if (pid == 1 || is_ancestor_of_service(pid))
                return -EPERM;
        r = procfs_read_status(pid, &status);
        if (r >= 0)
                r = procfs_read_stat(pid, ret_stat);
        if (r < 0)
                return r;
        if (pidfd_is_dead(pidfd) || ret_stat->state == 'Z' || ret_stat->state == 'X')
                return -ESRCH;
        if (status.tgid != pid || ret_stat->kernel_thread)
                return -EPERM;
        for (int i = 0; i < 3; i++)
                if (status.uids[i] != uid)
                        return -EPERM;
        /* Also whether the service itself may: a service of one user is not root. */
        return pidfd_signal(pidfd, 0);
}

int adopt(Sys *sys, pid_t pid, int pidfd, uid_t uid, const HandsEvents *events, void *userdata,
          Tree **ret, char ***ret_command) {
        _cleanup_close_ int held = -EBADF;
        g_auto(GStrv) command = NULL;
        ProcStat stat;
        Tree *tree;
        int r;

        if (pid <= 0)
                return -ESRCH;
        if (sys->n_descriptors >= sys->descriptors_max)
                return -EMFILE;
        r = hold(pid, pidfd, &held);
        if (r < 0)
                return r;
        command = procfs_read_command(pid);
        r = check(pid, held, uid, &stat);
        if (r < 0)
                return r;
        tree = tree_new(sys, &containment_adopted, events, userdata);
        sys_charge_descriptors(sys, 1);
        tree->adopted = tree->settled = true;
        tree->pid = pid;
        tree->pidfd = steal_fd(&held);
        tree->state.sees_exit = stat.permitted;
        r = tree_watch_exit(tree, tree->pidfd);
        if (r < 0) {
                tree_discard(tree);
                return r;
        }
        *ret_command = g_steal_pointer(&command);
        *ret = tree;
        return 0;
}

static int start_nothing(Tree *tree) {
        return -EOPNOTSUPP;
}

/* How somebody else's child has ended: as long as it is a zombie its own line in /proc says so, and
 * after that the kernel, if it is new enough. Otherwise nobody can know. */
static void take_exit(Tree *tree) {
        ExitStatus status = {.known = false, .peak_bytes = UINT64_MAX};
        int wait_status;
        ProcStat stat;

        if (tree->state.sees_exit && procfs_read_stat(tree->pid, &stat) >= 0 && stat.state == 'Z' &&
            !is_reaped(tree->pidfd)) {
                exit_status_from_wait(stat.wait_status, &status);
                status.cpu_nsec = stat.cpu_nsec;
        } else if (pidfd_exit_info(tree->pidfd, &wait_status) >= 0) {
                exit_status_from_wait(wait_status, &status);
        }
        tree->reaped = true; /* by whom it may concern; not by the service */
        tree_set_exited(tree, &status);
}

static void forget_dead_members(Tree *tree) {
        unsigned n = 0;

        for (unsigned i = 0; i < tree->state.n_members; i++) {
                int pidfd = tree->state.members[i];

                if (pidfd_is_dead(pidfd)) {
                        safe_close(pidfd);
                        sys_discharge_descriptors(tree->sys, 1);
                } else {
                        tree->state.members[n++] = pidfd;
                }
        }
        tree->state.n_members = n;
}

static void look(Tree *tree) {
        forget_dead_members(tree);
        if (tree->state.n_members == 0)
                tree_set_empty(tree);
        else
                tree_look_later(tree);
}

typedef struct Pass {
        Tree *tree;
        int signo;
        bool keep;
        int n_seen;
} Pass;

/* What is told to end is held, so that its end can be seen. */
static void keep_member(Tree *tree, int pidfd) {
        int copy;

        if (tree->state.n_members >= MEMBERS_MAX || sys_charge_descriptors(tree->sys, 1) < 0)
                return;
        copy = fcntl(pidfd, F_DUPFD_CLOEXEC, PIDFD_PARKED_MIN);
        if (copy < 0) {
                sys_discharge_descriptors(tree->sys, 1);
                return;
        }
        if (!tree->state.members)
                tree->state.members = g_new(int, MEMBERS_MAX);
        tree->state.members[tree->state.n_members++] = copy;
}

static WalkNext signal_one(int pid, int pidfd, const WalkStat *stat, void *userdata) {
        Pass *pass = userdata;

        if (pid == getpid())
                return WALK_SKIP;
        if (stat->state == 'Z' || stat->state == 'X')
                return WALK_ON;
        pass->n_seen++;
        if (pidfd_signal(pidfd, pass->signo) >= 0 && pass->keep)
                keep_member(pass->tree, pidfd);
        return WALK_ON;
}

/* As a helper does it for its tree: first nobody makes children any more, then all end. */
static void end_descendants(Tree *tree) {
        Pass pass = {.tree = tree, .signo = SIGSTOP};
        Walk *walk = sys_walk(tree->sys);
        int seen = -1;

        (void)pidfd_signal(tree->pidfd, SIGSTOP);
        for (int i = 0; i < STOP_PASSES_MAX && pass.n_seen > seen; i++) {
                seen = i == 0 ? -1 : pass.n_seen;
                pass.n_seen = 0;
                walk_descendants(walk, tree->pid, tree->pidfd, signal_one, &pass);
        }
        pass.signo = SIGKILL;
        pass.keep = true;
        walk_descendants(walk, tree->pid, tree->pidfd, signal_one, &pass);
}

static int signal_all(Tree *tree, int signo) {
        Pass pass = {.tree = tree, .signo = signo};
        int r;

        if (tree->exited) {
                forget_dead_members(tree);
                return tree->state.n_members == 0 ? -ESRCH : 0;
        }
        if (signo == SIGKILL)
                end_descendants(tree);
        else
                walk_descendants(sys_walk(tree->sys), tree->pid, tree->pidfd, signal_one, &pass);
        r = pidfd_signal(tree->pidfd, signo);
        return r == -ESRCH && pass.n_seen > 0 ? 0 : r;
}

static int foreach_member(Tree *tree, int (*visit)(pid_t pid, void *userdata), void *userdata) {
        pid_t pid;
        int r = 0;

        for (unsigned i = 0; r == 0 && tree->exited && i < tree->state.n_members; i++)
                if (pidfd_get_pid(tree->state.members[i], &pid) >= 0)
                        r = visit(pid, userdata);
        if (tree->exited || r != 0)
                return r;
        r = visit(tree->pid, userdata);
        if (r == 0)
                tree_foreach_below(tree, tree->pid, tree->pidfd, visit, userdata);
        return r;
}

static void done(Tree *tree) {
        for (unsigned i = 0; i < tree->state.n_members; i++) {
                safe_close(tree->state.members[i]);
                sys_discharge_descriptors(tree->sys, 1);
        }
        g_free(tree->state.members);
}

/* What holds is a walk over descendants, no better than a process group. */
const Containment containment_adopted = {
        .name = "process-group",
        .start = start_nothing,
        .take_exit = take_exit,
        .look = look,
        .signal_all = signal_all,
        .foreach = foreach_member,
        .done = done,
};
