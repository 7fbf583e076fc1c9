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

/* How many were there; or negative errno. */
static int move_all(int from, int to) {
        g_auto(GStrv) pids = NULL;
        char text[4096];
        int r, n = 0;

        r = cgroup_read_at(from, "cgroup.procs", text, sizeof text);
        if (r < 0)
                return r;
        pids = g_strsplit(text, "\n", -1);
        for (char **pid = pids; *pid; pid++) {
                if (!**pid)
                        continue;
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
        if (!is_delegated(base->parent_fd))
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
