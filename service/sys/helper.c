/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The helper's side of helper.h, in raw code. */

#include "sys/helper.h"

#include <limits.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "sys/raw.h"

#define SLICE_NSEC      (20 * 1000 * 1000L)
#define STOP_PASSES_MAX 6
#define ROUND_NSEC      (2 * 1000 * 1000L)
#define ROUND_NSEC_MAX  (20 * 1000 * 1000L)
#define PF_FORKNOEXEC   0x00000040

RAW_CODE static long wait_child(int type, int id, int flags, siginfo_t *info,
                                struct rusage *usage) {
        info->si_pid = 0;
        return raw5(SYS_waitid, type, id, info, flags | WEXITED | WNOHANG | __WALL, usage);
}

RAW_CODE static bool is_orphaned(const Helper *helper) {
        return raw0(SYS_getppid) != helper->service_pid;
}

RAW_CODE static void become_subreaper(const Helper *helper) {
        static const uint64_t by_default[4];

        raw0(SYS_setsid);
        raw5(SYS_prctl, PR_SET_NAME, "proctor-tree", 0, 0, 0);
        raw4(SYS_rt_sigaction, SIGCHLD, by_default, NULL, 8);
        raw5(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        raw5(SYS_prctl, PR_SET_PDEATHSIG, HELPER_SIGNAL_ORPHAN, 0, 0, 0);
        if (is_orphaned(helper))
                raw_exit(1);
}

RAW_CODE static long clone_main(Helper *helper) {
        struct clone_args args;
        long r;

        if (!helper->shares) {
                r = raw5(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0);
                if (r == 0)
                        child_main(helper->plan);
                return r;
        }
        for (size_t i = 0; i < sizeof args / sizeof(uint64_t); i++) {
                RAW_LOOP();
                ((uint64_t *)&args)[i] = 0;
        }
        args.flags = CLONE_PIDFD | CLONE_CLEAR_SIGHAND;
        if (!helper->plan->has_own_memory)
                args.flags |= CLONE_VM | CLONE_FILES;
        args.pidfd = (uint64_t)(uintptr_t)&helper->main_pidfd;
        args.exit_signal = SIGCHLD;
        args.stack = (uint64_t)(uintptr_t)helper->main_stack;
        args.stack_size = helper->main_stack_size;
        return raw_clone3(&args, child_main, helper->plan);
}

/* As the service does it for its own children (spawn.c). */
RAW_CODE static void wait_for_main(Helper *helper) {
        uint32_t *detached = &helper->plan->detached;
        siginfo_t info;

        while (!__atomic_load_n(detached, __ATOMIC_ACQUIRE)) {
                RAW_LOOP();
                raw_futex_wait(detached, 0, SLICE_NSEC);
                wait_child(P_PID, helper->clone_result, WNOWAIT, &info, NULL);
                if (info.si_pid != 0)
                        return;
        }
}

/* An own table with nothing in it but the way to call the service. */
RAW_CODE static void leave_descriptors(const Helper *helper) {
        raw3(SYS_close_range, helper->notify_fd + 1, UINT_MAX,
             helper->shares ? CLOSE_RANGE_UNSHARE : 0);
        if (helper->notify_fd > 0)
                raw3(SYS_close_range, 0, helper->notify_fd - 1, 0);
}

RAW_CODE static void wait_until_accepted(Helper *helper) {
        while (!__atomic_load_n(&helper->accepted, __ATOMIC_ACQUIRE) && !is_orphaned(helper)) {
                RAW_LOOP();
                raw_futex_wait(&helper->accepted, 0, SLICE_NSEC);
        }
}

RAW_CODE static void begin(Helper *helper) {
        become_subreaper(helper);
        helper->clone_result = (int)clone_main(helper);
        if (helper->clone_result > 0 && helper->shares && !helper->plan->has_own_memory)
                wait_for_main(helper);
        leave_descriptors(helper);
        __atomic_store_n(&helper->detached, 1, __ATOMIC_RELEASE);
        raw_futex_wake(&helper->detached);
        if (helper->clone_result < 0)
                raw_exit(0);
        if (!helper->shares)
                wait_until_accepted(helper);
}

RAW_CODE static void note_main(Helper *helper, const siginfo_t *info) {
        WalkStat stat;
        siginfo_t again;

        if (info->si_code != CLD_EXITED &&
            walk_read_stat(helper->walk, helper->clone_result, &stat) >= 0)
                helper->never_execed = stat.flags & PF_FORKNOEXEC;
        wait_child(P_PID, info->si_pid, 0, &again, &helper->usage);
        helper->exit_kind = info->si_code;
        helper->exit_value = info->si_status;
        __atomic_store_n(&helper->main_exited, 1, __ATOMIC_RELEASE);
}

RAW_CODE static long now_nsec(void) {
        long now[2] = {0, 0};

        raw2(SYS_clock_gettime, 1 /* CLOCK_MONOTONIC */, now);
        return now[0] * 1000000000L + now[1];
}

/* Who stops and continues the main process in a circle has it counted as often as it is seen. */
RAW_CODE static void note_stops(Helper *helper) {
        siginfo_t info;

        for (int i = 0; i < 4; i++) {
                RAW_LOOP();
                info.si_pid = 0;
                raw5(SYS_waitid, P_PID, helper->clone_result, &info,
                     WSTOPPED | WCONTINUED | WNOHANG | __WALL, NULL);
                if (info.si_pid == 0)
                        return;
                halt_note(&helper->halt, info.si_code != CLD_CONTINUED,
                          (uint64_t)now_nsec() / 1000);
        }
}

/* Reaps all that has ended. Ends the helper when nobody is left. */
RAW_CODE static void reap(Helper *helper) {
        siginfo_t info;

        for (;;) {
                RAW_LOOP();
                if (wait_child(P_ALL, 0, WNOWAIT, &info, NULL) == -ECHILD)
                        raw_exit(0);
                if (info.si_pid == 0)
                        return;
                if (info.si_pid == helper->clone_result)
                        note_main(helper, &info);
                else
                        wait_child(P_PID, info.si_pid, 0, &info, NULL);
        }
}

/* The main process has ended and others have not: the service must not wait for them to hear it. */
RAW_CODE static void tell(Helper *helper) {
        Helper *first = __atomic_load_n(&helper->news->first, __ATOMIC_ACQUIRE);
        uint64_t one = 1;

        do {
                RAW_LOOP();
                helper->next = first;
        } while (!__atomic_compare_exchange_n(&helper->news->first, &first, helper, false,
                                              __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
        raw3(SYS_write, helper->notify_fd, &one, sizeof one);
}

typedef struct Pass {
        int signo;
        int n_seen;
} Pass;

RAW_CODE static WalkNext signal_one(int pid, int pidfd, const WalkStat *stat, void *userdata) {
        Pass *pass = userdata;

        if (stat->state == 'Z' || stat->state == 'X')
                return WALK_ON;
        pass->n_seen++;
        raw4(SYS_pidfd_send_signal, pidfd, pass->signo, NULL, 0);
        return WALK_ON;
}

/* Whoever has a stop signal makes no more children, even before it has stopped: fork looks for
 * signals. So when a pass finds no more than the one before, the next one ends them all; and who was
 * missed is there in the next round. */
RAW_CODE static void end_tree(Helper *helper) {
        int self = (int)raw0(SYS_getpid), seen = -1;
        Pass pass;

        for (int i = 0; i < STOP_PASSES_MAX; i++) {
                RAW_LOOP();
                pass.signo = SIGSTOP;
                pass.n_seen = 0;
                walk_descendants(helper->walk, self, -1, signal_one, &pass);
                if (pass.n_seen <= seen)
                        break;
                seen = pass.n_seen;
        }
        pass.signo = SIGKILL;
        walk_descendants(helper->walk, self, -1, signal_one, &pass);
}

/* nsec 0: until something comes. */
RAW_CODE static void sleep_until_news(long nsec) {
        uint64_t set = UINT64_C(1) << (SIGCHLD - 1) | UINT64_C(1) << (HELPER_SIGNAL_REQUEST - 1) |
                       UINT64_C(1) << (HELPER_SIGNAL_ORPHAN - 1);
        long timeout[2] = {nsec / 1000000000L, nsec % 1000000000L};

        raw4(SYS_rt_sigtimedwait, &set, NULL, nsec > 0 ? timeout : NULL, 8);
}

/* A bomb of a thousand gets a thousand times the processor that its helper does, unless the helper
 * may go before them all. */
RAW_CODE static void hurry(void) {
        int priority = 1;

        raw3(SYS_sched_setscheduler, 0, SCHED_FIFO, &priority);
}

/* Those that were told to end need the processor for it more than the next round does: it waits for
 * as long as the last one took, within bounds. Returns when that is over. */
RAW_CODE static long end_round(Helper *helper) {
        long begin = now_nsec(), pause;

        end_tree(helper);
        pause = now_nsec() - begin;
        reap(helper);
        return now_nsec() + (pause < ROUND_NSEC       ? ROUND_NSEC
                             : pause > ROUND_NSEC_MAX ? ROUND_NSEC_MAX
                                                      : pause);
}

RAW_CODE void helper_main(void *argument) {
        Helper *helper = argument;
        bool told = false, ending = false;
        long next = 0;

        begin(helper);
        for (;;) {
                long now;

                RAW_LOOP();
                if (!helper->main_exited)
                        note_stops(helper);
                reap(helper);
                if (helper->main_exited && !told) {
                        told = true;
                        tell(helper);
                }
                if (is_orphaned(helper) || __atomic_load_n(&helper->request_kill, __ATOMIC_ACQUIRE))
                        ending = true;
                if (ending && next == 0)
                        hurry();
                now = now_nsec();
                if (ending && now >= next) {
                        next = end_round(helper);
                        continue;
                }
                sleep_until_news(ending ? next - now : 0);
        }
}
