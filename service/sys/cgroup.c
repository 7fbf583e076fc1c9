/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A tree is a cgroup of its own: nothing that a program can do gets out of it, and one write ends all
 * of it. One descriptor per tree is held, the pidfd; its files are opened when they are needed, and
 * the end of leftovers is told by one inotify for all trees.
 *
 * A cgroup is removed as soon as the kernel lets it go, which is also the cheapest way to learn that
 * nobody is left in it. */

#include "sys/cgroup.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/inotify.h>

#include "base/cleanup.h"
#include "sys/containment.h"
#include "sys/controllers.h"
#include "sys/pidfd.h"
#include "sys/sys-internal.h"

struct CgroupWorld {
        CgroupBase *base;
        int inotify_fd;
        Watch watch;
        GHashTable *trees; /* by inotify watch */
};

static void look(Tree *tree);

static void on_inotify(void *userdata, uint32_t events) {
        CgroupWorld *world = userdata;
        char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
        ssize_t n = read(world->inotify_fd, buffer, sizeof buffer);

        for (ssize_t at = 0; at < n;) {
                struct inotify_event event = *(struct inotify_event *)(buffer + at);
                Tree *tree = g_hash_table_lookup(world->trees, GINT_TO_POINTER(event.wd));

                at += (ssize_t)(sizeof event + event.len);
                if (!tree || tree->empty)
                        continue;
                tree_pin(tree);
                look(tree);
                tree_unpin(tree);
        }
}

int cgroup_world_new(Loop *loop, const char *directory, CgroupWorld **ret) {
        CgroupWorld *world = g_new0(CgroupWorld, 1);
        int r;

        world->inotify_fd = -EBADF;
        r = cgroup_base_new(directory, &world->base);
        if (r >= 0) {
                world->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
                r = world->inotify_fd < 0 ? -errno : pidfd_park(&world->inotify_fd);
        }
        if (r >= 0)
                r = loop_watch(loop, &world->watch, world->inotify_fd, EPOLLIN, on_inotify, world);
        if (r < 0) {
                cgroup_world_free(world);
                return r;
        }
        world->trees = g_hash_table_new(NULL, NULL);
        *ret = world;
        return 0;
}

CgroupWorld *cgroup_world_free(CgroupWorld *world) {
        if (!world)
                return NULL;
        loop_unwatch(&world->watch);
        safe_close(world->inotify_fd);
        cgroup_base_free(world->base);
        g_clear_pointer(&world->trees, g_hash_table_unref);
        g_free(world);
        return NULL;
}

int cgroup_world_provide(CgroupWorld *world, unsigned wanted, Controller *ret_lacking) {
        return controllers_provide(world->base, wanted, ret_lacking);
}

const CgroupBase *cgroup_world_base(const CgroupWorld *world) {
        return world->base;
}

static CgroupWorld *world_of(Tree *tree) {
        return tree->sys->cgroups;
}

static int start(Tree *tree) {
        CgroupWorld *world = world_of(tree);
        _cleanup_close_ int fd = -EBADF;
        int r = cgroup_create(world->base, &tree->state.cgroup, &fd);

        if (r >= 0)
                r = controllers_apply(world->base, tree->state.cgroup, tree->spawn->control);
        if (r < 0)
                return r;
        tree->spawn->plan.cgroup_fd = fd;
        return tree_clone(tree);
}

static void take_exit(Tree *tree) {
        ExitStatus status;
        int r = tree_reap(tree, REAP_FORGET, &status);

        if (r == -EAGAIN)
                return;
        if (r < 0)
                status = (ExitStatus){.known = false, .peak_bytes = UINT64_MAX};
        tree_set_exited(tree, &status);
}

static void unwatch(Tree *tree) {
        CgroupWorld *world = world_of(tree);

        if (tree->state.cgroup_watch == 0)
                return;
        inotify_rm_watch(world->inotify_fd, tree->state.cgroup_watch);
        g_hash_table_remove(world->trees, GINT_TO_POINTER(tree->state.cgroup_watch));
        tree->state.cgroup_watch = 0;
}

static int watch(Tree *tree) {
        CgroupWorld *world = world_of(tree);
        g_autofree char *path = NULL;
        int wd;

        if (tree->state.cgroup_watch != 0)
                return 0;
        path = cgroup_events_path(world->base, tree->state.cgroup);
        wd = inotify_add_watch(world->inotify_fd, path, IN_MODIFY);
        if (wd < 0)
                return -errno;
        tree->state.cgroup_watch = wd;
        g_hash_table_insert(world->trees, GINT_TO_POINTER(wd), tree);
        return 0;
}

/* True once it is gone. */
static bool try_remove(Tree *tree) {
        if (tree->state.cgroup != 0 && cgroup_remove(world_of(tree)->base, tree->state.cgroup) < 0)
                return false;
        unwatch(tree);
        tree->state.cgroup = 0;
        return true;
}

static bool is_populated(Tree *tree) {
        uint64_t populated = 1;
        char text[256];

        if (tree->state.cgroup == 0)
                return false;
        if (cgroup_read(world_of(tree)->base, tree->state.cgroup, "cgroup.events", text,
                        sizeof text) < 0)
                return true;
        return !cgroup_get_key(text, "populated", &populated) || populated != 0;
}

static void look(Tree *tree) {
        int r;

        if (!tree->exited)
                return;
        if (try_remove(tree)) {
                tree_set_empty(tree);
                return;
        }
        if (tree->killed)
                (void)cgroup_kill(world_of(tree)->base, tree->state.cgroup);
        r = watch(tree);
        /* What happened before the watch was there is not told by it. */
        if (try_remove(tree))
                tree_set_empty(tree);
        else if (r < 0 || !is_populated(tree))
                tree_look_later(tree);
}

typedef struct MemberSignal {
        Tree *tree;
        int signo;
        int result;
} MemberSignal;

static int signal_member(pid_t pid, void *userdata) {
        MemberSignal *member = userdata;
        Tree *tree = member->tree;
        _cleanup_close_ int pidfd = -EBADF;
        int r;

        if (pid == tree->pid && !tree->exited)
                r = pidfd_signal(tree->pidfd, member->signo);
        else if (pidfd_open_process(pid, &pidfd) >= 0 &&
                 cgroup_contains(world_of(tree)->base, tree->state.cgroup, pid))
                r = pidfd_signal(pidfd, member->signo);
        else
                return 0;
        if (r >= 0)
                member->result = 0;
        return 0;
}

static int signal_all(Tree *tree, int signo) {
        MemberSignal member = {.tree = tree, .signo = signo, .result = -ESRCH};
        CgroupBase *base = world_of(tree)->base;
        int r;

        if (tree->state.cgroup == 0)
                return -ESRCH;
        if (signo != SIGKILL) {
                (void)cgroup_foreach(base, tree->state.cgroup, signal_member, &member);
                return member.result;
        }
        r = cgroup_kill(base, tree->state.cgroup);
        if (r < 0 && !tree->exited)
                r = pidfd_signal(tree->pidfd, SIGKILL);
        return r >= 0 && tree->exited && !is_populated(tree) ? -ESRCH : r;
}

static int foreach_member(Tree *tree, int (*visit)(pid_t pid, void *userdata), void *userdata) {
        if (tree->state.cgroup == 0)
                return 0;
        return cgroup_foreach(world_of(tree)->base, tree->state.cgroup, visit, userdata);
}

static bool read_number(Tree *tree, const char *file, uint64_t *ret) {
        char text[64];

        if (cgroup_read(world_of(tree)->base, tree->state.cgroup, file, text, sizeof text) < 0)
                return false;
        *ret = g_ascii_strtoull(text, NULL, 10);
        return true;
}

static bool read_cpu(Tree *tree, uint64_t *ret_nsec) {
        uint64_t usec;
        char text[1024];

        if (cgroup_read(world_of(tree)->base, tree->state.cgroup, "cpu.stat", text, sizeof text) <
                    0 ||
            !cgroup_get_key(text, "usage_usec", &usec))
                return false;
        *ret_nsec = usec * NSEC_PER_USEC;
        return true;
}

static ProbeFields probe(Tree *tree, ProbeFields wanted, TreeProbe *probe) {
        ProbeFields known = 0;

        if (tree->state.cgroup == 0)
                return 0;
        if (wanted & PROBE_CPU && read_cpu(tree, &probe->cpu_nsec))
                known |= PROBE_CPU;
        if (wanted & PROBE_MEMORY && read_number(tree, "memory.current", &probe->memory_bytes))
                known |= PROBE_MEMORY;
        if (wanted & PROBE_PEAK && read_number(tree, "memory.peak", &probe->peak_bytes))
                known |= PROBE_PEAK;
        if (wanted & PROBE_TASKS && read_number(tree, "pids.current", &probe->n_tasks))
                known |= PROBE_TASKS;
        return known;
}

/* Kernels before 6.18 do not say. */
static bool is_frozen(Tree *tree) {
        uint64_t value = 0;
        char text[256];

        return tree->state.cgroup != 0 &&
               cgroup_read(world_of(tree)->base, tree->state.cgroup, "cgroup.events", text,
                           sizeof text) >= 0 &&
               cgroup_get_key(text, "frozen", &value) && value != 0;
}

static usec_t frozen(Tree *tree) {
        uint64_t value = 0;
        char text[256];

        if (tree->state.cgroup != 0 && cgroup_read(world_of(tree)->base, tree->state.cgroup,
                                                   "cgroup.stat.local", text, sizeof text) >= 0)
                (void)cgroup_get_key(text, "frozen_usec", &value);
        return value;
}

static void done(Tree *tree) {
        if (tree->state.cgroup != 0 && !try_remove(tree))
                unwatch(tree);
}

const Containment containment_cgroup = {
        .name = "cgroup",
        .start = start,
        .take_exit = take_exit,
        .look = look,
        .signal_all = signal_all,
        .foreach = foreach_member,
        .probe = probe,
        .is_frozen = is_frozen,
        .frozen = frozen,
        .done = done,
};
