/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The life of a tree (tree.h), and the one place that tells core about it. Knows no containment. */

#include "sys/tree.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sys/pidfd.h"
#include "sys/procfs.h"
#include "sys/sys-internal.h"

#define PAUSE_MIN USEC_PER_MSEC
#define PAUSE_MAX (50 * USEC_PER_MSEC)
/* Of leftovers that nobody has told to end: daemons that may stay for long. */
#define PAUSE_MAX_IDLE (500 * USEC_PER_MSEC)

Tree *tree_new(Sys *sys, const Containment *containment, const HandsEvents *events,
               void *userdata) {
        Tree *tree = g_new0(Tree, 1);

        tree->sys = sys;
        tree->containment = containment;
        tree->events = *events;
        tree->userdata = userdata;
        tree->pidfd = -EBADF;
        LIST_INSERT_HEAD(&sys->trees, tree, link);
        sys->n_trees++;
        return tree;
}

static void finish_outputs(Tree *tree) {
        for (unsigned i = 0; i < _OUTPUT_STREAM_MAX; i++)
                if (tree->outputs[i])
                        output_finish(tree->outputs[i]);
}

/* What a process wrote before it ended is there before its end is told. */
static void drain_outputs(Tree *tree) {
        for (unsigned i = 0; i < _OUTPUT_STREAM_MAX; i++)
                if (tree->outputs[i])
                        output_drain(tree->outputs[i]);
}

static void end_notify(Tree *tree) {
        if (tree->notify)
                sys_discharge_descriptors(tree->sys, 1);
        tree->notify = notify_free(tree->notify);
}

static void end_terminal(Tree *tree) {
        if (tree->terminal)
                sys_discharge_descriptors(tree->sys, 1);
        tree->terminal = terminal_free(tree->terminal);
}

static void tree_free(Tree *tree) {
        end_notify(tree);
        end_terminal(tree);
        loop_unset_timer(&tree->timer);
        loop_unwatch(&tree->exit_watch);
        loop_unwatch(&tree->status_watch);
        tree->containment->done(tree);
        spawn_free(tree->spawn);
        finish_outputs(tree);
        for (unsigned i = 0; i < _OUTPUT_STREAM_MAX; i++) {
                if (tree->outputs[i])
                        sys_discharge_descriptors(tree->sys, 1);
                output_unref(tree->outputs[i]);
        }
        guard_unmark(tree->sys->guard, tree->pidfd);
        if (tree->pidfd >= 0)
                sys_discharge_descriptors(tree->sys, 1);
        safe_close(tree->pidfd);
        g_free(tree->own_halt);
        LIST_REMOVE(tree, link);
        tree->sys->n_trees--;
        g_free(tree);
}

void tree_pin(Tree *tree) {
        tree->pins++;
}

void tree_unpin(Tree *tree) {
        assert(tree->pins > 0);
        if (--tree->pins == 0 && tree->released && tree->exited && tree->empty)
                tree_free(tree);
}

/* Tells core what is due, in the order of hands.h. */
static void tell(Tree *tree) {
        if (!tree->settled || tree->failed)
                return;
        if (tree->exited && !tree->exited_told) {
                tree->exited_told = true;
                if (!tree->released)
                        tree->events.exited(tree->userdata, &tree->status);
        }
        if (tree->exited && tree->empty && !tree->emptied_told) {
                tree->emptied_told = true;
                if (!tree->released)
                        tree->events.emptied(tree->userdata);
        }
}

static void end_status(Tree *tree) {
        loop_unwatch(&tree->status_watch);
        if (tree->spawn)
                tree->spawn->status_fd = safe_close(tree->spawn->status_fd);
}

static const char *failure_object(const Tree *tree, ChildStep step) {
        if (step == CHILD_STEP_TERMINAL)
                return "Stdin";
        if (step == CHILD_STEP_EXEC)
                return tree->spawn->argv[0];
        return step == CHILD_STEP_CHDIR ? tree->spawn->plan.working_directory : NULL;
}

static void settle_failed(Tree *tree, ChildStep step, int error) {
        StartFailure failure = {
                .step = child_step_to_string(step),
                .object = failure_object(tree, step),
                .error = error,
        };

        end_status(tree);
        tree->settled = tree->failed = true;
        if (!tree->released)
                tree->events.start_failed(tree->userdata, &failure);
}

static void settle_started(Tree *tree) {
        uint64_t held = tree->held_signals;

        end_status(tree);
        tree->settled = true;
        /* exec has given the memory back. */
        tree->spawn = spawn_free(tree->spawn);
        for (int signo = 1; held != 0 && signo <= 64; signo++)
                if (held >> (signo - 1) & 1)
                        (void)pidfd_signal(tree->pidfd, signo);
        if (!tree->released)
                tree->events.started(tree->userdata, tree->pid);
}

/* What the status pipe has to say. Its end means exec, or a death before it. */
static void read_status(Tree *tree) {
        ChildReport report;
        int r = spawn_read_status(tree->spawn, &report);

        if (r == 0)
                return;
        if (r == 1)
                settle_failed(tree, (ChildStep)report.step, report.error);
        else if (r < 0)
                settle_failed(tree, CHILD_STEP_EXEC, -r);
        else if (tree->exited && tree->status.known && tree->never_execed)
                settle_failed(tree, CHILD_STEP_EXEC, EINTR);
        else if (!tree->exited && pidfd_is_dead(tree->pidfd))
                /* The exit is on its way and knows more. */
                loop_unwatch(&tree->status_watch);
        else
                settle_started(tree);
}

static void on_status(void *userdata, uint32_t events) {
        Tree *tree = userdata;

        tree_pin(tree);
        read_status(tree);
        tell(tree);
        tree_unpin(tree);
}

void tree_set_exited(Tree *tree, const ExitStatus *status) {
        assert(!tree->exited);
        tree_pin(tree);
        tree->status = *status;
        tree->exited = true;
        loop_unwatch(&tree->exit_watch);
        if (!tree->settled)
                read_status(tree);
        drain_outputs(tree);
        if (tree->notify)
                notify_drain(tree->notify);
        if (tree->settled)
                tree->spawn = spawn_free(tree->spawn);
        tell(tree);
        if (!tree->empty)
                tree->containment->look(tree);
        tree_unpin(tree);
}

void tree_set_empty(Tree *tree) {
        if (tree->empty)
                return;
        tree_pin(tree);
        tree->empty = true;
        loop_unset_timer(&tree->timer);
        end_notify(tree);
        finish_outputs(tree); /* who holds the pipe still has got away, and is not waited for */
        end_terminal(tree);
        tell(tree);
        tree_unpin(tree);
}

static void on_timer(void *userdata) {
        Tree *tree = userdata;

        tree_pin(tree);
        if (!tree->empty)
                tree->containment->look(tree);
        tree_unpin(tree);
}

void tree_look_later(Tree *tree) {
        usec_t max = tree->killed ? PAUSE_MAX : PAUSE_MAX_IDLE;

        tree->pause = CLAMP(tree->pause * 2, PAUSE_MIN, max);
        loop_set_timer(tree->sys->loop, &tree->timer,
                       usec_add((usec_t)g_get_monotonic_time(), tree->pause), on_timer, tree);
}

static void on_exit_watch(void *userdata, uint32_t events) {
        Tree *tree = userdata;

        tree_pin(tree);
        tree->containment->take_exit(tree);
        tree_unpin(tree);
}

int tree_watch_exit(Tree *tree, int fd) {
        return loop_watch(tree->sys->loop, &tree->exit_watch, fd, EPOLLIN, on_exit_watch, tree);
}

int tree_reap(Tree *tree, ReapMode mode, ExitStatus *ret) {
        int r;

        if (!tree->settled) {
                ProcStat stat;

                r = pidfd_reap(tree->pidfd, REAP_KEEP, ret);
                if (r < 0)
                        return r;
                if (ret->code < 0 && procfs_read_stat(tree->pid, &stat) >= 0)
                        tree->never_execed = stat.never_execed;
        }
        r = pidfd_reap(tree->pidfd, mode, ret);
        tree->reaped = r >= 0 && mode == REAP_FORGET;
        return r;
}

int tree_clone(Tree *tree) {
        int r = spawn_clone(tree->spawn, &tree->pid, &tree->pidfd);

        if (r < 0)
                return r;
        spawn_close_child_ends(tree->spawn);
        sys_charge_descriptors(tree->sys, 1);
        (void)pidfd_park(&tree->pidfd);
        guard_mark(tree->sys->guard, tree->pidfd);
        r = tree_watch_exit(tree, tree->pidfd);
        if (r < 0) {
                (void)pidfd_signal(tree->pidfd, SIGKILL);
                (void)pidfd_wait_dead(tree->pidfd, -1);
                (void)tree_reap(tree, REAP_FORGET, &tree->status);
        }
        return r;
}

static void on_output(void *userdata) {
        Tree *tree = userdata;

        if (tree->settled && !tree->released && !tree->exited)
                tree->events.output(tree->userdata);
}

static void on_notify(void *userdata, const char *text, size_t length) {
        Tree *tree = userdata;

        tree_pin(tree);
        /* Who speaks has been executed, even if the loop has not looked at that yet. */
        if (!tree->settled)
                read_status(tree);
        if (tree->settled && !tree->failed && !tree->released && !tree->exited_told)
                tree->events.notify(tree->userdata, text, length);
        tree_unpin(tree);
}

static int listen(Tree *tree, const Spec *spec, uid_t uid) {
        Sys *sys = tree->sys;
        int r;

        if (!(spec->flags & SPEC_NOTIFY))
                return 0;
        r = sys_charge_descriptors(sys, 1);
        if (r < 0)
                return r;
        r = notify_new(sys->loop, uid, sys->notify_per_sec, on_notify, tree, &tree->notify);
        if (r < 0)
                sys_discharge_descriptors(sys, 1);
        return r;
}

static int capture(Tree *tree, OutputStream stream, const Spec *spec, uid_t uid, int *ret_end) {
        Sys *sys = tree->sys;
        int r = sys_charge_descriptors(sys, 1);

        if (r < 0)
                return r;
        r = output_new(sys->loop, sys_output_budget(sys, uid), spec->output_limit, on_output, tree,
                       ret_end, &tree->outputs[stream]);
        if (r < 0) {
                sys_discharge_descriptors(sys, 1);
                return r;
        }
        /* Or its user could not open /dev/stdout. */
        if (spec->account && fchown(*ret_end, spec->account->uid, spec->account->gid) < 0)
                return -errno;
        return 0;
}

static int make_terminal(Tree *tree, const Spec *spec, uid_t uid, int *ret_end) {
        Sys *sys = tree->sys;
        int r = sys_charge_descriptors(sys, 2);

        if (r < 0)
                return r;
        r = terminal_new(sys->loop, sys_output_budget(sys, uid), spec->output_limit, on_output,
                         tree, spec->terminal_size, uid, ret_end, &tree->outputs[OUTPUT_STDOUT],
                         &tree->terminal);
        if (r < 0)
                sys_discharge_descriptors(sys, 2);
        return r;
}

int tree_resize_terminal(Tree *tree, TerminalSize size) {
        return tree->terminal ? terminal_resize(tree->terminal, size) : -ENOTTY;
}

int tree_open_terminal(Tree *tree, int *ret_fd) {
        return tree->terminal ? terminal_open(tree->terminal, ret_fd) : -ENOTTY;
}

int tree_start(Tree *tree, const Spec *spec, uid_t uid) {
        _cleanup_close_ int captured_stdout = -EBADF, captured_stderr = -EBADF;
        _cleanup_close_ int terminal = -EBADF;
        Sys *sys = tree->sys;
        int r = 0;

        if (sys->n_descriptors >= sys->descriptors_max)
                return -EMFILE;
        if (spec->stdio[1].kind == STDIO_CAPTURE)
                r = capture(tree, OUTPUT_STDOUT, spec, uid, &captured_stdout);
        if (r >= 0 && spec->stdio[2].kind == STDIO_CAPTURE)
                r = capture(tree, OUTPUT_STDERR, spec, uid, &captured_stderr);
        if (r >= 0 && spec->stdio[0].kind == STDIO_TERMINAL)
                r = make_terminal(tree, spec, uid, &terminal);
        if (r >= 0)
                r = listen(tree, spec, uid);
        if (r < 0)
                return r;
        r = spawn_new(sys->spawner, spec,
                      &(SpawnExtras){
                              .captured = {captured_stdout, captured_stderr},
                              .terminal = terminal,
                              .notify_address = tree->notify ? notify_address(tree->notify) : NULL,
                              .watchdog_usec = spec->watchdog_usec,
                      },
                      &tree->spawn);
        if (r < 0)
                return r;
        r = loop_watch(sys->loop, &tree->status_watch, tree->spawn->status_fd, EPOLLIN, on_status,
                       tree);
        if (r < 0)
                return r;
        return tree->containment->start(tree);
}

void tree_discard(Tree *tree) {
        tree_free(tree);
}

typedef struct GroupSignal {
        const Tree *tree;
        int signo;
        int result;
} GroupSignal;

static int signal_if_in_group(pid_t pid, void *userdata) {
        _cleanup_close_ int pidfd = -EBADF;
        GroupSignal *group = userdata;
        ProcStat stat;

        if (pidfd_open_process(pid, &pidfd) < 0 || procfs_read_stat(pid, &stat) < 0)
                return 0;
        if (stat.pgrp == group->tree->pid && stat.state != 'Z' &&
            pidfd_signal(pidfd, group->signo) >= 0)
                group->result = 0;
        return 0;
}

int tree_signal_group(Tree *tree, int signo) {
        GroupSignal group = {.tree = tree, .signo = signo, .result = -ESRCH};
        int r = pidfd_signal_group(tree->pidfd, signo);

        if (r != -EOPNOTSUPP)
                return r;
        (void)tree->containment->foreach(tree, signal_if_in_group, &group);
        return group.result;
}

/* Between clone and exec a signal would hit what is not yet the program: it is kept until then.
 * Only SIGKILL, which nothing can be done with, goes through. */
static int signal_while_starting(Tree *tree, int signo) {
        if (signo == SIGKILL) {
                tree->killed = true;
                (void)pidfd_signal(tree->pidfd, SIGKILL);
                (void)tree->containment->signal_all(tree, SIGKILL);
                return 0;
        }
        if (signo >= 1 && signo <= 64)
                tree->held_signals |= UINT64_C(1) << (signo - 1);
        return 0;
}

/* Whoever was only waited for is looked after now. */
static int end_all(Tree *tree) {
        int r;

        tree->killed = true;
        r = tree->containment->signal_all(tree, SIGKILL);
        if (tree->exited && !tree->empty) {
                tree->pause = 0;
                tree_look_later(tree);
        }
        return r;
}

int tree_signal(Tree *tree, int signo, TreeScope scope) {
        if (tree->failed || (tree->exited && tree->empty))
                return -ESRCH;
        if (!tree->settled)
                return signal_while_starting(tree, signo);
        switch (scope) {
        case TREE_MAIN:
                return tree->exited ? -ESRCH : pidfd_signal(tree->pidfd, signo);
        case TREE_GROUP:
                /* Of a group that the service has not made nobody can say who is in it: the
                 * caller, or the service itself. */
                if (tree->adopted)
                        return tree->exited ? -ESRCH : pidfd_signal(tree->pidfd, signo);
                return tree_signal_group(tree, signo);
        case TREE_ALL:
                return signo == SIGKILL ? end_all(tree)
                                        : tree->containment->signal_all(tree, signo);
        default:
                return -EINVAL;
        }
}

typedef struct MemberVisit {
        int (*visit)(pid_t pid, void *userdata);
        void *userdata;
} MemberVisit;

static WalkNext visit_one(int pid, int pidfd, const WalkStat *stat, void *userdata) {
        MemberVisit *member = userdata;

        if (stat->state == 'Z' || stat->state == 'X')
                return WALK_ON;
        return member->visit(pid, member->userdata) == 0 ? WALK_ON : WALK_END;
}

void tree_foreach_below(Tree *tree, pid_t pid, int pidfd, int (*visit)(pid_t pid, void *userdata),
                        void *userdata) {
        MemberVisit member = {.visit = visit, .userdata = userdata};

        walk_descendants(sys_walk(tree->sys), pid, pidfd, visit_one, &member);
}

void tree_release(Tree *tree) {
        tree_pin(tree);
        tree->released = true;
        if (!tree->exited || !tree->empty) {
                /* First of all its descendants, while they can be told from others by it. */
                if (tree->adopted)
                        (void)end_all(tree);
                if (!tree->exited)
                        (void)pidfd_signal(tree->pidfd, SIGKILL);
                if (!tree->adopted)
                        (void)end_all(tree);
        }
        tree_unpin(tree);
}

void tree_abandon(Tree *tree) {
        tree_pin(tree);
        tree->released = true;
        tree_unpin(tree);
}
