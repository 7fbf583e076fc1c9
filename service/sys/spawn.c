/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The clone, its stacks and the handshake with the child. What the child does is in child.c; how a
 * spec becomes its plan is in plan.c. */

#include "sys/spawn.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "sys/pidfd.h"
#include "sys/raw.h"
#include "sys/spawn-internal.h"

/* Room for a path, the walk of a helper over a tree, and signal frames that never come. Pages that
 * are not touched cost nothing. */
#define STACK_SIZE       (128 * 1024)
#define GUARD_SIZE       (64 * 1024)
#define STACKS_KEPT      64
#define HANDSHAKE_SLICE  (20 * 1000 * 1000L) /* ns */
#define HANDSHAKE_SLICES 50

static SpawnStack *stack_free(SpawnStack *stack) {
        if (!stack)
                return NULL;
        munmap(stack->base - GUARD_SIZE, stack->size + GUARD_SIZE);
        g_free(stack);
        return NULL;
}

int spawner_take_stack(Spawner *spawner, SpawnStack **ret) {
        SpawnStack *stack = spawner->stacks;
        char *memory;

        if (stack) {
                spawner->stacks = stack->next;
                spawner->n_stacks--;
                *ret = stack;
                return 0;
        }
        /* Helpers have words there that the service reads: in a copy too. */
        memory = mmap(NULL, STACK_SIZE + GUARD_SIZE, PROT_NONE,
                      (spawner->mode == SPAWN_SHARED ? MAP_PRIVATE : MAP_SHARED) | MAP_ANONYMOUS |
                              MAP_NORESERVE,
                      -1, 0);
        if (memory == MAP_FAILED)
                return -errno;
        if (mprotect(memory + GUARD_SIZE, STACK_SIZE, PROT_READ | PROT_WRITE) < 0) {
                munmap(memory, STACK_SIZE + GUARD_SIZE);
                return -errno;
        }
        stack = g_new0(SpawnStack, 1);
        stack->base = memory + GUARD_SIZE;
        stack->size = STACK_SIZE;
        *ret = stack;
        return 0;
}

void spawner_give_stack(Spawner *spawner, SpawnStack *stack) {
        if (!stack)
                return;
        if (spawner->n_stacks >= STACKS_KEPT) {
                stack_free(stack);
                return;
        }
        stack->next = spawner->stacks;
        spawner->stacks = stack;
        spawner->n_stacks++;
}

/* Bit N-1 for each signal N that the service ignores: the child puts these back. */
static uint64_t read_ignored(void) {
        uint64_t ignored = 0;

        for (int signo = 1; signo <= 64; signo++) {
                uint64_t action[4] = {0};

                if (raw4(SYS_rt_sigaction, signo, NULL, action, 8) >= 0 &&
                    action[0] == (uint64_t)(uintptr_t)SIG_IGN)
                        ignored |= UINT64_C(1) << (signo - 1);
        }
        return ignored;
}

int spawner_new(const SpawnerConfig *config, Spawner **ret) {
        _cleanup_close_ int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY);
        Spawner *spawner;

        if (null_fd < 0)
                return -errno;
        spawner = g_new0(Spawner, 1);
        spawner->mode = RAW_SHARED_MEMORY ? config->mode : SPAWN_COPY;
        spawner->environment = environment_wash(config->environment);
        spawner->ignored_signals = read_ignored();
        spawner->null_fd = steal_fd(&null_fd);
        spawner->is_root = geteuid() == 0;
        if (config->nofile_limit) {
                spawner->has_nofile_limit = true;
                spawner->nofile_limit = *config->nofile_limit;
        }
        *ret = spawner;
        return 0;
}

Spawner *spawner_free(Spawner *spawner) {
        if (!spawner)
                return NULL;
        while (spawner->stacks) {
                SpawnStack *stack = spawner->stacks;

                spawner->stacks = stack->next;
                stack_free(stack);
        }
        safe_close(spawner->null_fd);
        g_strfreev(spawner->environment);
        g_free(spawner);
        return NULL;
}

SpawnMode spawner_mode(const Spawner *spawner) {
        return spawner->mode;
}

/* Waits until the child has a table of its own. It gets there with no step that can block, so a
 * child that does not is stopped or starved; one that died is seen by its pidfd. */
int spawner_wait_detached(uint32_t *detached, int pidfd) {
        for (int i = 0; i < HANDSHAKE_SLICES; i++) {
                if (__atomic_load_n(detached, __ATOMIC_ACQUIRE))
                        return 0;
                raw_futex_wait(detached, 0, HANDSHAKE_SLICE);
                if (__atomic_load_n(detached, __ATOMIC_ACQUIRE))
                        return 0;
                if (pidfd_is_dead(pidfd))
                        return 0;
                /* Only a stop signal keeps it: it is undone, the process is not known yet. */
                (void)pidfd_signal(pidfd, SIGCONT);
        }
        return -ETIMEDOUT;
}

/* detached NULL: with a memory and a table of its own from the first. */
static int clone_shared(SpawnStack *stack, int cgroup_fd, void (*function)(void *), void *argument,
                        uint32_t *detached, pid_t *ret_pid, int *ret_pidfd) {
        _cleanup_close_ int pidfd = -EBADF;
        struct clone_args args = {
                .flags = CLONE_PIDFD | CLONE_CLEAR_SIGHAND |
                         (detached ? CLONE_VM | CLONE_FILES : 0),
                .pidfd = (uint64_t)(uintptr_t)&pidfd,
                .exit_signal = SIGCHLD,
                .stack = (uint64_t)(uintptr_t)stack->base,
                .stack_size = stack->size,
        };
        long r;

        if (cgroup_fd >= 0) {
                args.flags |= CLONE_INTO_CGROUP;
                args.cgroup = (uint64_t)cgroup_fd;
        }
        r = raw_clone3(&args, function, argument);
        if (r < 0)
                return (int)r;
        if (detached && spawner_wait_detached(detached, pidfd) < 0) {
                (void)pidfd_signal(pidfd, SIGKILL);
                (void)pidfd_wait_dead(pidfd, -1);
        }
        *ret_pid = (pid_t)r;
        *ret_pidfd = steal_fd(&pidfd);
        return 0;
}

/* No assembly for this machine, or no clone3: a copy, in which syscall() and errno are the child's
 * own. */
static int clone_copy(void (*function)(void *), void *argument, pid_t *ret_pid, int *ret_pidfd) {
        int pidfd = -EBADF;
        long r;

#if defined(__s390__) || defined(__CRIS__)
        r = raw5(SYS_clone, NULL, CLONE_PIDFD | SIGCHLD, &pidfd, NULL, 0);
#else
        r = raw5(SYS_clone, CLONE_PIDFD | SIGCHLD, NULL, &pidfd, NULL, 0);
#endif
        if (r == 0)
                function(argument);
        if (r < 0)
                return (int)r;
        *ret_pid = (pid_t)r;
        *ret_pidfd = pidfd;
        return 0;
}

int spawner_clone(Spawner *spawner, SpawnStack *stack, int cgroup_fd, void (*function)(void *),
                  void *argument, uint32_t *detached, pid_t *ret_pid, int *ret_pidfd) {
        uint64_t all = UINT64_MAX, saved = 0;
        int r;

        /* Raw, because libc's keeps two signals out of it. */
        raw4(SYS_rt_sigprocmask, SIG_BLOCK, &all, &saved, 8);
        r = spawner->mode == SPAWN_SHARED ? clone_shared(stack, cgroup_fd, function, argument,
                                                         detached, ret_pid, ret_pidfd)
                                          : clone_copy(function, argument, ret_pid, ret_pidfd);
        raw4(SYS_rt_sigprocmask, SIG_SETMASK, &saved, NULL, 8);
        return r;
}

static int clone_planned(Spawn *spawn, pid_t *ret_pid, int *ret_pidfd) {
        ChildPlan *plan = &spawn->plan;

        return spawner_clone(spawn->spawner, spawn->stack,
                             plan->enters_cgroup ? -EBADF : plan->cgroup_fd, child_main, plan,
                             plan->has_own_memory ? NULL : &plan->detached, ret_pid, ret_pidfd);
}

static bool died_at_birth(const Spawn *spawn, int pidfd) {
        const ChildPlan *plan = &spawn->plan;

        return plan->cgroup_fd >= 0 && !plan->enters_cgroup &&
               !__atomic_load_n(&plan->detached, __ATOMIC_ACQUIRE) && pidfd_is_dead(pidfd);
}

int spawn_clone(Spawn *spawn, pid_t *ret_pid, int *ret_pidfd) {
        ExitStatus status;
        int pidfd, r;

        spawn_seal(spawn);
        r = spawner_take_stack(spawn->spawner, &spawn->stack);
        if (r >= 0)
                r = clone_planned(spawn, ret_pid, &pidfd);
        if (r >= 0 && died_at_birth(spawn, pidfd)) {
                (void)pidfd_reap(pidfd, REAP_FORGET, &status);
                safe_close(pidfd);
                spawn->spawner->births_fail = spawn->plan.enters_cgroup = true;
                r = clone_planned(spawn, ret_pid, &pidfd);
        }
        if (r >= 0)
                *ret_pidfd = pidfd;
        return r;
}

int spawn_read_status(Spawn *spawn, ChildReport *ret_report) {
        ChildReport report;
        ssize_t n = read(spawn->status_fd, &report, sizeof report);

        if (n < 0)
                return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        if (n == 0)
                return 2;
        if (n != sizeof report || report.step < 0 || report.step >= _CHILD_STEP_MAX)
                return -EBADMSG;
        *ret_report = report;
        return 1;
}
