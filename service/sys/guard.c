/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The guard's life is guard_main(), in raw code: when it acts, the service is dead, and whatever
 * memory they share stands as it fell. It trusts only what cannot be half written. */

#include "sys/guard.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/cleanup.h"
#include "sys/pidfd.h"
#include "sys/raw.h"

#define MARKS_MAX  (1U << 20)
#define ROUNDS_MAX 3000
#define ROUND_NSEC (10 * 1000 * 1000L)

/* Where the guard of cgroups has its descriptors. */
enum { INSTANCE_FD, PARENT_FD, SERVICE_FD, N_OWN_FDS };

typedef struct GuardPlan {
        uint32_t detached;
        bool shares_descriptors;
        int sources[N_OWN_FDS];
        char name[64];        /* of the instance in its parent; empty: a guard of groups */
        const uint8_t *marks; /* by descriptor: 1 if it is to be ended; of cgroups: by Controller */
        size_t n_marks;
        char words[_CONTROLLER_MAX][16]; /* that switch a controller off */
        size_t lengths[_CONTROLLER_MAX];
        char buffer[4096]; /* of directory entries */
} GuardPlan;

struct Guard {
        Loop *loop;
        Spawner *spawner;
        SpawnStack *stack;
        uint8_t *marks;
        size_t n_marks;
        pid_t pid;
        int pidfd;
        int service_fd;
        Watch watch;
        const CgroupBase *base;
        GuardPlan plan;
};

typedef struct Dirent {
        uint64_t ino;
        int64_t off;
        unsigned short reclen;
        unsigned char type;
        char name[];
} Dirent;

/* Each descriptor of the service that is not needed here is closed: a connection of a dead service
 * must not look alive. */
RAW_CODE static void keep_own(const GuardPlan *plan) {
        raw3(SYS_close_range, 1U << 30, UINT_MAX,
             plan->shares_descriptors ? CLOSE_RANGE_UNSHARE : 0);
        for (int i = 0; i < N_OWN_FDS; i++) {
                RAW_LOOP();
                raw3(SYS_dup3, plan->sources[i], i, O_CLOEXEC);
        }
        raw3(SYS_close_range, N_OWN_FDS, UINT_MAX, 0);
}

RAW_CODE static void wait_for_death(int service_fd) {
        struct pollfd p = {.fd = service_fd, .events = POLLIN};

        while (!(p.revents & POLLIN)) {
                RAW_LOOP();
                raw5(SYS_ppoll, &p, 1, NULL, NULL, 8);
        }
}

RAW_CODE static void pause_for(long nsec) {
        long time[2] = {0, nsec};

        raw4(SYS_clock_nanosleep, 1 /* CLOCK_MONOTONIC */, 0, time, NULL);
}

RAW_CODE static void remove_children(GuardPlan *plan) {
        raw3(SYS_lseek, INSTANCE_FD, 0, 0);
        for (;;) {
                long n = raw3(SYS_getdents64, INSTANCE_FD, plan->buffer, sizeof plan->buffer);

                RAW_LOOP();
                if (n <= 0)
                        return;
                for (long at = 0; at < n;) {
                        const Dirent *entry = (const Dirent *)(plan->buffer + at);

                        RAW_LOOP();
                        if (entry->type == DT_DIR && entry->name[0] == 'p')
                                raw3(SYS_unlinkat, INSTANCE_FD, entry->name, AT_REMOVEDIR);
                        at += entry->reclen;
                }
        }
}

RAW_CODE static void write_to(int at, const char *file, const char *text, size_t length) {
        long fd = raw4(SYS_openat, at, file, O_WRONLY | O_CLOEXEC, 0);

        if (fd < 0)
                return;
        raw3(SYS_write, fd, text, length);
        raw1(SYS_close, fd);
}

/* Of those that have just been killed first: as long as they have one it cannot be taken from their
 * parent. The next service is let in then, whatever is left of this one. */
RAW_CODE static void switch_off(const GuardPlan *plan) {
        for (int i = 0; i < _CONTROLLER_MAX; i++) {
                RAW_LOOP();
                if (!plan->marks[i])
                        continue;
                write_to(INSTANCE_FD, "cgroup.subtree_control", plan->words[i], plan->lengths[i]);
                write_to(PARENT_FD, "cgroup.subtree_control", plan->words[i], plan->lengths[i]);
        }
}

/* Until the place itself is gone: a child that was on its way into its cgroup when the service died
 * finds nothing to enter then, and ends. */
RAW_CODE static void end_cgroups(GuardPlan *plan) {
        for (int i = 0; i < ROUNDS_MAX; i++) {
                long r;

                RAW_LOOP();
                write_to(INSTANCE_FD, "cgroup.kill", "1", 1);
                if (i == 0)
                        switch_off(plan);
                remove_children(plan);
                r = raw3(SYS_unlinkat, PARENT_FD, plan->name, AT_REMOVEDIR);
                if (r >= 0 || r == -ENOENT) /* a service manager tidies up too */
                        return;
                pause_for(i < 20 ? ROUND_NSEC / 10 : ROUND_NSEC);
        }
}

RAW_CODE static void end_groups(const GuardPlan *plan) {
        for (size_t fd = 0; fd < plan->n_marks; fd++) {
                RAW_LOOP();
                if (!plan->marks[fd])
                        continue;
                raw4(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 1U << 2 /* process group */);
                raw4(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
        }
}

RAW_CODE static void guard_main(void *argument) {
        GuardPlan *plan = argument;
        int service_fd = plan->sources[SERVICE_FD];

        raw0(SYS_setsid);
        raw5(SYS_prctl, PR_SET_NAME, "proctor-guard", 0, 0, 0);
        if (plan->name[0]) {
                keep_own(plan);
                service_fd = SERVICE_FD;
        }
        __atomic_store_n(&plan->detached, 1, __ATOMIC_RELEASE);
        raw_futex_wake(&plan->detached);
        wait_for_death(service_fd);
        if (plan->name[0])
                end_cgroups(plan);
        else
                end_groups(plan);
        raw_exit(0);
}

static void on_death(void *userdata, uint32_t events);

static int begin(Guard *guard) {
        int r;

        guard->plan.detached = 0;
        r = spawner_clone(guard->spawner, guard->stack, -EBADF, guard_main, &guard->plan,
                          &guard->plan.detached, &guard->pid, &guard->pidfd);
        if (r < 0)
                return r;
        (void)pidfd_park(&guard->pidfd);
        return loop_watch(guard->loop, &guard->watch, guard->pidfd, EPOLLIN, on_death, guard);
}

static void end(Guard *guard) {
        ExitStatus status;

        loop_unwatch(&guard->watch);
        if (guard->pidfd >= 0) {
                (void)pidfd_signal(guard->pidfd, SIGKILL);
                (void)pidfd_wait_dead(guard->pidfd, -1);
                (void)pidfd_reap(guard->pidfd, REAP_FORGET, &status);
        }
        guard->pidfd = safe_close(guard->pidfd);
}

/* Somebody has killed it: it is there again at once. */
static void on_death(void *userdata, uint32_t events) {
        Guard *guard = userdata;

        end(guard);
        (void)begin(guard);
}

static int map_marks(Guard *guard, size_t n) {
        void *marks = mmap(NULL, n, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

        if (marks == MAP_FAILED)
                return -errno;
        guard->marks = marks;
        guard->plan.marks = marks;
        guard->n_marks = guard->plan.n_marks = n;
        return 0;
}

static void plan_words(GuardPlan *plan) {
        for (Controller i = 0; i < _CONTROLLER_MAX; i++)
                plan->lengths[i] = (size_t)g_snprintf(plan->words[i], sizeof plan->words[i], "-%s",
                                                      controller_to_string(i));
}

int guard_new(Loop *loop, Spawner *spawner, const CgroupBase *base, Guard **ret) {
        Guard *guard = g_new0(Guard, 1);
        int r;

        guard->loop = loop;
        guard->spawner = spawner;
        guard->pidfd = guard->service_fd = -EBADF;
        guard->plan.shares_descriptors = spawner_mode(spawner) == SPAWN_SHARED;
        r = pidfd_open_process(getpid(), &guard->service_fd);
        if (r >= 0)
                r = pidfd_park(&guard->service_fd);
        if (r >= 0 && base) {
                guard->plan.sources[INSTANCE_FD] = base->instance_fd;
                guard->plan.sources[PARENT_FD] = base->parent_fd;
                g_strlcpy(guard->plan.name, base->name, sizeof guard->plan.name);
                plan_words(&guard->plan);
        }
        if (r >= 0)
                r = map_marks(guard, base ? _CONTROLLER_MAX : MARKS_MAX);
        guard->plan.sources[SERVICE_FD] = guard->service_fd;
        if (r >= 0)
                r = spawner_take_stack(spawner, &guard->stack);
        if (r >= 0)
                r = begin(guard);
        if (r < 0) {
                guard_free(guard);
                return r;
        }
        *ret = guard;
        return 0;
}

Guard *guard_free(Guard *guard) {
        if (!guard)
                return NULL;
        end(guard);
        spawner_give_stack(guard->spawner, guard->stack);
        if (guard->marks)
                munmap(guard->marks, guard->n_marks);
        safe_close(guard->service_fd);
        g_free(guard);
        return NULL;
}

void guard_set_controllers(Guard *guard, unsigned switched) {
        for (unsigned i = 0; guard && i < _CONTROLLER_MAX; i++)
                __atomic_store_n(&guard->marks[i], switched >> i & 1u, __ATOMIC_RELEASE);
}

static bool marks_groups(const Guard *guard) {
        return guard && guard->marks && !guard->plan.name[0];
}

void guard_mark(Guard *guard, int pidfd) {
        if (marks_groups(guard) && pidfd >= 0 && (unsigned)pidfd < MARKS_MAX)
                __atomic_store_n(&guard->marks[pidfd], 1, __ATOMIC_RELEASE);
}

void guard_unmark(Guard *guard, int pidfd) {
        if (marks_groups(guard) && pidfd >= 0 && (unsigned)pidfd < MARKS_MAX)
                __atomic_store_n(&guard->marks[pidfd], 0, __ATOMIC_RELEASE);
}
