/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The last resort: a tree is the process group that its main process leads. Whoever leaves the group
 * is out of reach, and the containment's name says so.
 *
 * The group's number stays taken while it has members. Where the kernel can signal a group through
 * its leader's pidfd, that is exact even after the leader is gone; elsewhere the leader is kept as a
 * zombie until the group is empty, so that the number cannot become somebody else's. */

#include <errno.h>

#include "sys/containment.h"
#include "sys/pidfd.h"
#include "sys/procfs.h"
#include "sys/sys-internal.h"

/* From this pause on, members that only wait to be reaped by somebody else no longer count. */
#define PATIENCE (4 * USEC_PER_MSEC)

typedef struct GroupVisit {
        Tree *tree;
        int (*visit)(pid_t pid, void *userdata);
        void *userdata;
} GroupVisit;

static int visit_if_member(pid_t pid, void *userdata) {
        GroupVisit *group = userdata;
        ProcStat stat;

        if (procfs_read_stat(pid, &stat) < 0 || stat.pgrp != group->tree->pid)
                return 0;
        return stat.state == 'Z' || stat.state == 'X' ? 0 : group->visit(pid, group->userdata);
}

static int foreach_member(Tree *tree, int (*visit)(pid_t pid, void *userdata), void *userdata) {
        GroupVisit group = {.tree = tree, .visit = visit, .userdata = userdata};

        return procfs_foreach(visit_if_member, &group);
}

static int stop_at_first(pid_t pid, void *userdata) {
        return 1;
}

static bool has_members(Tree *tree) {
        int r = pidfd_signal_group(tree->pidfd, 0);

        if (r == -ESRCH)
                return false;
        if (r != -EOPNOTSUPP && tree->pause < PATIENCE)
                return true;
        return foreach_member(tree, stop_at_first, NULL) > 0;
}

static void take_exit(Tree *tree) {
        bool exact = pidfd_signal_group(tree->pidfd, 0) != -EOPNOTSUPP;
        ExitStatus status;
        int r = tree_reap(tree, exact ? REAP_FORGET : REAP_KEEP, &status);

        if (r == -EAGAIN)
                return;
        if (r < 0)
                status = (ExitStatus){.known = false, .peak_bytes = UINT64_MAX};
        tree_set_exited(tree, &status);
}

static void look(Tree *tree) {
        if (!has_members(tree)) {
                if (!tree->reaped)
                        (void)tree_reap(tree, REAP_FORGET, &(ExitStatus){0});
                tree_set_empty(tree);
                return;
        }
        if (tree->killed)
                (void)tree_signal_group(tree, SIGKILL);
        tree_look_later(tree);
}

static int signal_all(Tree *tree, int signo) {
        int r = tree_signal_group(tree, signo);

        /* The main process is in no group of its own before setsid(). */
        return r == -ESRCH && !tree->exited ? pidfd_signal(tree->pidfd, signo) : r;
}

static void done(Tree *tree) {
}

const Containment containment_process_group = {
        .name = "process-group",
        .start = tree_clone,
        .take_exit = take_exit,
        .look = look,
        .signal_all = signal_all,
        .foreach = foreach_member,
        .done = done,
};
