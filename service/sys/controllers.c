/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Controllers, see the header. */

#include "sys/controllers.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sys/procfs.h"

/* Where the service lives while its trees have controllers. */
#define OWN_NAME "proctor-service"

/* Somebody may be born while the others are moved. */
#define N_ROUNDS 8

static bool is_named(int at, const char *file, Controller controller) {
        const char *name = controller_to_string(controller);
        g_auto(GStrv) words = NULL;
        char text[512];

        if (cgroup_read_at(at, file, text, sizeof text) < 0)
                return false;
        words = g_strsplit_set(text, " \n", -1);
        return g_strv_contains((const char *const *)words, name);
}

/* As systemd marks it, the system's for root and the user's for users. */
static bool is_delegated(int fd) {
        static const char *const names[] = {"trusted.delegate", "user.delegate"};
        char value;

        for (unsigned i = 0; i < G_N_ELEMENTS(names); i++)
                if (fgetxattr(fd, names[i], &value, 1) == 1 && value == '1')
                        return true;
        return false;
}

/* Who lives there, a new strv of PIDs; NULL: it cannot be read. */
static char **read_members(int at) {
        char text[4096];

        if (cgroup_read_at(at, "cgroup.procs", text, sizeof text) < 0)
                return NULL;
        return g_strsplit(g_strchomp(text), "\n", -1);
}

/* The manager of a user can mark nothing: it lets its services have the cgroups that are its user's.
 * There the service moves nobody but itself and its children. */
static bool is_ours_alone(int at) {
        g_auto(GStrv) pids = read_members(at);
        ProcStat stat;

        for (char **pid = pids; pid && *pid; pid++) {
                pid_t number = (pid_t)g_ascii_strtoll(*pid, NULL, 10);

                if (number != getpid() &&
                    (procfs_read_stat(number, &stat) < 0 || stat.ppid != getpid()))
                        return false;
        }
        return pids && geteuid() != 0;
}

/* How many were there; or negative errno. */
static int move_all(int from, int to) {
        g_auto(GStrv) pids = read_members(from);
        int r, n = 0;

        if (!pids)
                return -EIO;
        for (char **pid = pids; *pid; pid++) {
                n++;
                r = cgroup_write_at(to, "cgroup.procs", *pid);
                if (r < 0 && r != -ESRCH)
                        return r;
        }
        return n;
}

static int make_room(CgroupBase *base) {
        _cleanup_close_ int own = -EBADF;
        int r = 1;

        if (base->moved)
                return -EBUSY;
        if (!is_delegated(base->parent_fd) && !is_ours_alone(base->parent_fd))
                return -EPERM;
        if (mkdirat(base->parent_fd, OWN_NAME, 0755) < 0 && errno != EEXIST)
                return -errno;
        own = openat(base->parent_fd, OWN_NAME, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (own < 0)
                return -errno;
        base->moved = true;
        for (unsigned i = 0; i < N_ROUNDS && r > 0; i++)
                r = move_all(base->parent_fd, own);
        return r > 0 ? -EBUSY : r;
}

static int switch_in(int at, char sign, Controller controller) {
        char text[32];

        snprintf(text, sizeof text, "%c%s", sign, controller_to_string(controller));
        return cgroup_write_at(at, "cgroup.subtree_control", text);
}

/* All but the root, which has no type. */
static bool needs_room(int fd) {
        char text[32];

        return faccessat(fd, "cgroup.type", F_OK, 0) >= 0 &&
               cgroup_read_at(fd, "cgroup.procs", text, sizeof text) >= 0 && *text;
}

/* That there is room is not left to the kernel to say: it switches pids and cpu on beside processes,
 * and then no process can be in any of the children. */
static int switch_on(CgroupBase *base, Controller controller) {
        int r = 0;

        if (is_named(base->parent_fd, "cgroup.subtree_control", controller))
                return 0;
        if (needs_room(base->parent_fd))
                r = make_room(base);
        if (r >= 0)
                r = switch_in(base->parent_fd, '+', controller);
        if (r >= 0)
                base->switched |= 1u << controller;
        return r;
}

static int enable(CgroupBase *base, Controller controller) {
        int r;

        if (!is_named(base->parent_fd, "cgroup.controllers", controller))
                return -EOPNOTSUPP;
        r = switch_on(base, controller);
        return r < 0 ? r : switch_in(base->instance_fd, '+', controller);
}

int controllers_provide(CgroupBase *base, unsigned wanted, Controller *ret_lacking) {
        for (Controller i = 0; i < _CONTROLLER_MAX; i++) {
                if (!(wanted & ~base->controllers & 1u << i))
                        continue;
                if (enable(base, i) < 0) {
                        *ret_lacking = i;
                        return -EOPNOTSUPP;
                }
                base->controllers |= 1u << i;
        }
        return 0;
}

int controllers_apply(CgroupBase *base, uint64_t number, const uint64_t values[_CONTROLLER_MAX]) {
        static const char *const files[_CONTROLLER_MAX] = {
                [CONTROLLER_MEMORY] = "memory.max",
                [CONTROLLER_PIDS] = "pids.max",
                [CONTROLLER_CPU] = "cpu.weight",
        };
        int r = 0;

        for (unsigned i = 0; r >= 0 && i < _CONTROLLER_MAX; i++) {
                char text[32];

                if (values[i] == 0)
                        continue;
                snprintf(text, sizeof text, "%" PRIu64, values[i]);
                r = cgroup_write(base, number, files[i], text);
        }
        /* Half a tree is of no use to anybody. */
        if (r >= 0 && values[CONTROLLER_MEMORY] != 0)
                r = cgroup_write(base, number, "memory.oom.group", "1");
        return r;
}

void controllers_give_back(CgroupBase *base) {
        for (Controller i = 0; i < _CONTROLLER_MAX; i++)
                if (base->switched & 1u << i)
                        (void)switch_in(base->parent_fd, '-', i);
        base->controllers = base->switched = 0;
        if (base->moved && cgroup_write_at(base->parent_fd, "cgroup.procs", "0") >= 0)
                (void)unlinkat(base->parent_fd, OWN_NAME, AT_REMOVEDIR);
        base->moved = false;
}
