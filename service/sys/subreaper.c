/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A tree is what has one helper process above it (helper.h). Needs no privileges and no cgroup.
 * Whatever a program does to get away, setsid and a double fork included, its orphans come to the
 * helper, and to no other tree's.
 *
 * Somebody who kills the helper does not free the tree: it falls to the service, which ends all
 * children that it does not know. */

#include "sys/subreaper.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "sys/containment.h"
#include "sys/helper.h"
#include "sys/pidfd.h"
#include "sys/procfs.h"
#include "sys/raw.h"
#include "sys/sys-internal.h"

struct SubreaperWorld {
        Sys *sys;
        int notify_fd; /* not parked: helpers keep it, and copy a table up to it */
        Watch watch;
        HelperNews *news;
};

/* The service's side of one helper. */
struct TreeHelper {
        Tree *tree;
        Helper *shared; /* at the top of the stack */
        SpawnStack *stack;
        pid_t pid;
        int pidfd;
        Watch watch;
        bool gone;
        bool lost; /* gone before its tree was */
        bool charged;
};

static bool wait_status_is_there(const Helper *helper) {
        return __atomic_load_n(&helper->main_exited, __ATOMIC_ACQUIRE);
}

static void set_exited(Tree *tree) {
        const Helper *helper = tree->state.helper->shared;
        ExitStatus status = {
                .code = helper->exit_kind == CLD_EXITED ? helper->exit_value : -helper->exit_value,
                .core_dumped = helper->exit_kind == CLD_DUMPED,
                .known = true,
                .cpu_nsec = ((uint64_t)helper->usage.ru_utime.tv_sec +
                             (uint64_t)helper->usage.ru_stime.tv_sec) *
                                    NSEC_PER_SEC +
                            ((uint64_t)helper->usage.ru_utime.tv_usec +
                             (uint64_t)helper->usage.ru_stime.tv_usec) *
                                    NSEC_PER_USEC,
                .peak_bytes = (uint64_t)helper->usage.ru_maxrss * 1024,
        };

        tree->never_execed = helper->never_execed;
        tree->reaped = true;
        tree_set_exited(tree, &status);
}

/* Of helpers whose main process has ended before the rest of the tree. None of them is freed here:
 * news are taken before any helper's end is. */
static void take_news(SubreaperWorld *world) {
        Helper *helper = __atomic_exchange_n(&world->news->first, NULL, __ATOMIC_ACQ_REL), *next;

        for (; helper; helper = next) {
                Tree *tree = helper->tree;

                next = helper->next;
                if (!tree->exited)
                        set_exited(tree);
        }
}

static void on_news(void *userdata, uint32_t events) {
        SubreaperWorld *world = userdata;
        uint64_t count;

        (void)!read(world->notify_fd, &count, sizeof count);
        take_news(world);
}

static void look(Tree *tree);

static void on_helper_end(void *userdata, uint32_t events) {
        TreeHelper *own = userdata;
        Tree *tree = own->tree;
        ExitStatus status = {0};

        take_news(tree->sys->subreapers);
        if (pidfd_reap(own->pidfd, REAP_FORGET, &status) == -EAGAIN)
                return;
        loop_unwatch(&own->watch);
        own->gone = true;
        own->lost = status.code != 0;
        tree_pin(tree);
        if (!tree->exited && wait_status_is_there(own->shared))
                set_exited(tree);
        else
                look(tree);
        tree_unpin(tree);
}

bool subreaper_is_usable(void) {
        char path[64];

        snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
        return access(path, R_OK) >= 0;
}

int subreaper_world_new(Sys *sys, SubreaperWorld **ret) {
        SubreaperWorld *world;
        void *news;
        int fd;

        if (!subreaper_is_usable() || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
                return -EOPNOTSUPP;
        news = mmap(NULL, sizeof(HelperNews), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                    -1, 0);
        if (news == MAP_FAILED)
                return -errno;
        fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        world = g_new0(SubreaperWorld, 1);
        world->sys = sys;
        world->news = news;
        world->notify_fd = fd < 0 ? -errno : fd;
        if (fd >= 0)
                fd = loop_watch(sys->loop, &world->watch, fd, EPOLLIN, on_news, world);
        if (fd < 0) {
                subreaper_world_free(world);
                return fd;
        }
        *ret = world;
        return 0;
}

SubreaperWorld *subreaper_world_free(SubreaperWorld *world) {
        if (!world)
                return NULL;
        loop_unwatch(&world->watch);
        safe_close(world->notify_fd);
        munmap(world->news, sizeof(HelperNews));
        g_free(world);
        (void)prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
        return NULL;
}

static Helper *prepare_helper(Tree *tree, SpawnStack *stack, SpawnStack *ret_rest) {
        size_t size = (sizeof(Helper) + 63) / 64 * 64;
        Helper *helper = (Helper *)(stack->base + stack->size - size);

        *helper = (Helper){
                .shares = spawner_mode(tree->sys->spawner) == SPAWN_SHARED,
                .main_pidfd = -EBADF,
                .service_pid = getpid(),
                .notify_fd = tree->sys->subreapers->notify_fd,
                .news = tree->sys->subreapers->news,
                .tree = tree,
                .plan = &tree->spawn->plan,
                .main_stack = tree->spawn->stack->base,
                .main_stack_size = tree->spawn->stack->size,
                .walk = (Walk *)stack->base,
        };
        *ret_rest = (SpawnStack){.base = stack->base, .size = stack->size - size};
        return helper;
}

/* The main process's pidfd: with shared descriptors it is there, else it is opened while the helper
 * waits with reaping. */
static int take_main(Tree *tree) {
        Helper *helper = tree->state.helper->shared;
        int r = 0;

        if (!helper->shares)
                r = spawner_wait_detached(&helper->detached, tree->state.helper->pidfd);
        if (r >= 0 && helper->clone_result < 0)
                r = helper->clone_result;
        if (r >= 0 && !helper->detached)
                r = -EAGAIN;
        if (r >= 0 && !helper->shares)
                r = pidfd_open_process(helper->clone_result, &helper->main_pidfd);
        tree->pidfd = helper->main_pidfd;
        tree->pid = helper->clone_result;
        __atomic_store_n(&helper->accepted, 1, __ATOMIC_RELEASE);
        raw_futex_wake(&helper->accepted);
        return r;
}

/* Undoes a start of which something may run already. */
static void abandon(Tree *tree) {
        TreeHelper *own = tree->state.helper;
        ExitStatus status;

        __atomic_store_n(&own->shared->request_kill, 1, __ATOMIC_RELEASE);
        (void)pidfd_signal(own->pidfd, HELPER_SIGNAL_REQUEST);
        (void)pidfd_wait_dead(own->pidfd, -1);
        (void)pidfd_reap(own->pidfd, REAP_FORGET, &status);
        loop_unwatch(&own->watch);
        own->gone = true;
}

static int start_helper(Tree *tree) {
        TreeHelper *own = tree->state.helper;
        Sys *sys = tree->sys;
        SpawnStack rest;
        int r;

        spawn_seal(tree->spawn);
        r = spawner_take_stack(sys->spawner, &tree->spawn->stack);
        if (r >= 0)
                r = spawner_take_stack(sys->spawner, &own->stack);
        if (r < 0)
                return r;
        own->shared = prepare_helper(tree, own->stack, &rest);
        tree->halt = &own->shared->halt;
        return spawner_clone(sys->spawner, &rest, -EBADF, helper_main, own->shared,
                             &own->shared->detached, &own->pid, &own->pidfd);
}

static int start(Tree *tree) {
        TreeHelper *own = tree->state.helper = g_new0(TreeHelper, 1);
        Sys *sys = tree->sys;
        int r;

        own->tree = tree;
        own->pidfd = -EBADF;
        own->gone = true;
        r = start_helper(tree);
        if (r < 0)
                return r;
        own->gone = false;
        r = take_main(tree);
        if (tree->pidfd >= 0)
                sys_charge_descriptors(sys, 1);
        sys_charge_descriptors(sys, 1);
        own->charged = true;
        spawn_close_child_ends(tree->spawn);
        if (r >= 0) {
                (void)pidfd_park(&tree->pidfd);
                (void)pidfd_park(&own->pidfd);
                r = loop_watch(sys->loop, &own->watch, own->pidfd, EPOLLIN, on_helper_end, own);
        }
        if (r < 0)
                abandon(tree);
        return r;
}

/* The helper's pidfd is watched in its own right; the main process is seen through it. */
static void take_exit(Tree *tree) {
        TreeHelper *own = tree->state.helper;

        if (!own->gone)
                take_news(tree->sys->subreapers);
        if (!tree->exited && wait_status_is_there(own->shared))
                set_exited(tree);
}

/* Living helpers by their PID, main processes that fell to the service by its negative. */
static GHashTable *known_children(Sys *sys) {
        GHashTable *known = g_hash_table_new(NULL, NULL);
        Tree *tree;

        LIST_FOREACH(tree, &sys->trees, link) {
                TreeHelper *own = tree->state.helper;

                if (own && !own->gone)
                        g_hash_table_add(known, GINT_TO_POINTER(own->pid));
                else if (own && !tree->exited)
                        g_hash_table_add(known, GINT_TO_POINTER(-tree->pid));
        }
        return known;
}

typedef struct Sweep {
        GHashTable *known;
        int signo;
        int n_running, n_left;
} Sweep;

static WalkNext sweep_one(int pid, int pidfd, const WalkStat *stat, void *userdata) {
        Sweep *sweep = userdata;
        ExitStatus status;

        if (g_hash_table_contains(sweep->known, GINT_TO_POINTER(pid)))
                return WALK_SKIP;
        (void)pidfd_signal(pidfd, sweep->signo);
        if (stat->state != 'T' && stat->state != 't' && stat->state != 'Z')
                sweep->n_running++;
        /* A main process is left to its tree, which wants its status. */
        if (g_hash_table_contains(sweep->known, GINT_TO_POINTER(-pid)) ||
            pidfd_reap(pidfd, REAP_FORGET, &status) < 0)
                sweep->n_left++;
        return WALK_ON;
}

/* Ends what has come to the service from helpers that are lost; returns how many are left. To tell
 * whose they were is not needed: all of it ends. */
static int sweep(Tree *tree) {
        g_autoptr(GHashTable) known = known_children(tree->sys);
        Sweep pass = {.known = known};

        for (int i = 0; i < 4; i++) {
                pass.signo = SIGSTOP;
                pass.n_running = pass.n_left = 0;
                walk_descendants(sys_walk(tree->sys), getpid(), -1, sweep_one, &pass);
                if (pass.n_running == 0)
                        break;
        }
        pass.signo = SIGKILL;
        pass.n_left = 0;
        walk_descendants(sys_walk(tree->sys), getpid(), -1, sweep_one, &pass);
        return pass.n_left;
}

/* A main process that nobody has written a status down for. */
static void reap_lost(Tree *tree) {
        ExitStatus status = {.known = false, .peak_bytes = UINT64_MAX};
        int r = tree_reap(tree, REAP_FORGET, &status), wait_status;

        if (r == -EAGAIN)
                return;
        if (r < 0 && pidfd_exit_info(tree->pidfd, &wait_status) >= 0)
                exit_status_from_wait(wait_status, &status);
        tree_set_exited(tree, &status);
}

/* As long as the helper lives, it knows; when it has ended in order, nobody is left. */
static void look(Tree *tree) {
        TreeHelper *own = tree->state.helper;
        int n_left;

        if (!own->gone || tree->empty)
                return;
        if (!own->lost) {
                tree_set_empty(tree);
                return;
        }
        n_left = sweep(tree);
        if (!tree->exited) {
                tree_look_later(tree);
                /* Says look() again when it has something to say. */
                reap_lost(tree);
        } else if (n_left == 0)
                tree_set_empty(tree);
        else
                tree_look_later(tree);
}

static int foreach_member(Tree *tree, int (*visit)(pid_t pid, void *userdata), void *userdata) {
        if (tree->state.helper->gone)
                return tree->exited ? 0 : visit(tree->pid, userdata);
        tree_foreach_below(tree, tree->state.helper->pid, -1, visit, userdata);
        return 0;
}

typedef struct MemberSignal {
        int signo;
        int result;
} MemberSignal;

static WalkNext signal_one(int pid, int pidfd, const WalkStat *stat, void *userdata) {
        MemberSignal *member = userdata;

        if (stat->state != 'Z' && stat->state != 'X' && pidfd_signal(pidfd, member->signo) >= 0)
                member->result = 0;
        return WALK_ON;
}

static int signal_all(Tree *tree, int signo) {
        MemberSignal member = {.signo = signo, .result = -ESRCH};
        TreeHelper *own = tree->state.helper;

        if (own->gone)
                return tree->empty ? -ESRCH : 0;
        if (signo != SIGKILL) {
                walk_descendants(sys_walk(tree->sys), own->pid, -1, signal_one, &member);
                return member.result;
        }
        __atomic_store_n(&own->shared->request_kill, 1, __ATOMIC_RELEASE);
        (void)pidfd_signal(own->pidfd, HELPER_SIGNAL_REQUEST);
        (void)pidfd_signal(own->pidfd, SIGCONT);
        return 0;
}

static void done(Tree *tree) {
        TreeHelper *own = tree->state.helper;

        if (!own)
                return;
        tree->state.helper = NULL;
        tree->halt = tree->own_halt;
        loop_unwatch(&own->watch);
        if (own->charged)
                sys_discharge_descriptors(tree->sys, 1);
        safe_close(own->pidfd);
        /* One that still lives (the service ends before it) keeps what it runs on. */
        if (own->gone)
                spawner_give_stack(tree->sys->spawner, own->stack);
        g_free(own);
}

const Containment containment_subreaper = {
        .name = "subreaper",
        .start = start,
        .take_exit = take_exit,
        .look = look,
        .signal_all = signal_all,
        .foreach = foreach_member,
        .done = done,
};
