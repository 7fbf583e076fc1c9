/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The trap of cgroup.kill: it counts, and some kernels kill at birth a child that is cloned into a
 * cgroup whose count differs from that of its parent's. The table is printed as this kernel has it; what
 * is held is that the way which proctor falls back to then, a child that moves itself before exec,
 * always lives. */

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>

#include <setjmp.h>

#include <cmocka.h>

#define SKIPPED 77

typedef enum Way {
        WAY_CLONE_INTO,
        WAY_MOVE_ITSELF,
        _WAY_MAX,
} Way;

typedef struct Rooms {
        char *base, *parent, *target;
} Rooms;

static char *find_mount(void) {
        g_autofree char *mounts = NULL;
        g_auto(GStrv) lines = NULL;

        g_file_get_contents("/proc/self/mountinfo", &mounts, NULL, NULL);
        lines = g_strsplit(mounts ? mounts : "", "\n", -1);
        for (char **line = lines; *line; line++) {
                g_auto(GStrv) words = g_strsplit(*line, " ", -1);

                if (strstr(*line, " - cgroup2 ") && g_strv_length(words) > 4)
                        return g_strdup(words[4]);
        }
        return NULL;
}

static bool put(const char *directory, const char *file, const char *value) {
        g_autofree char *path = g_build_filename(directory, file, NULL);
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        bool ok = fd >= 0 && write(fd, value, strlen(value)) > 0;

        if (fd >= 0)
                close(fd);
        return ok;
}

static bool make_rooms(Rooms *rooms) {
        g_autofree char *mount = find_mount();

        if (!mount)
                return false;
        rooms->base = g_strdup_printf("%s/proctor-kill-counter-%d", mount, (int)getpid());
        rooms->parent = g_build_filename(rooms->base, "parent", NULL);
        rooms->target = g_build_filename(rooms->base, "target", NULL);
        return mkdir(rooms->base, 0755) == 0 && mkdir(rooms->parent, 0755) == 0 &&
               mkdir(rooms->target, 0755) == 0;
}

static void drop_rooms(Rooms *rooms) {
        const char *const all[] = {rooms->target, rooms->parent, rooms->base};

        for (unsigned i = 0; i < G_N_ELEMENTS(all); i++)
                if (all[i])
                        rmdir(all[i]);
        g_free(rooms->base);
        g_free(rooms->parent);
        g_free(rooms->target);
}

/* The child of a parent that is in its room already; 0 if it could not be made. */
static pid_t bear(const Rooms *rooms, Way way) {
        struct clone_args args = {.exit_signal = SIGCHLD};
        int target = open(rooms->target, O_PATH | O_DIRECTORY | O_CLOEXEC);
        pid_t pid;

        if (way == WAY_CLONE_INTO) {
                args.flags = CLONE_INTO_CGROUP;
                args.cgroup = (uint64_t)target;
                pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
        } else
                pid = fork();
        if (pid == 0)
                _exit(way == WAY_MOVE_ITSELF && !put(rooms->target, "cgroup.procs", "0") ? 2 : 0);
        return pid > 0 ? pid : 0;
}

/* Whether a child that is born in that way lives until it ends by itself. */
static bool lives(bool parent_killed, bool target_killed, Way way) {
        Rooms rooms = {0};
        int status = 0;
        pid_t pid;

        assert_true(make_rooms(&rooms));
        assert_true(!parent_killed || put(rooms.parent, "cgroup.kill", "1"));
        assert_true(!target_killed || put(rooms.target, "cgroup.kill", "1"));
        pid = fork();
        if (pid == 0) {
                pid_t child = put(rooms.parent, "cgroup.procs", "0") ? bear(&rooms, way) : 0;

                if (child == 0 || waitpid(child, &status, 0) != child)
                        _exit(2);
                _exit(WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        drop_rooms(&rooms);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
        return WEXITSTATUS(status) == 0;
}

static void a_child_that_moves_itself_always_lives(void **state) {
        printf("%-14s %-14s %-12s %s\n", "parent's", "target", "clone into", "moves itself");
        for (unsigned i = 0; i < 4; i++) {
                bool parent_killed = i & 2, target_killed = i & 1;
                bool into = lives(parent_killed, target_killed, WAY_CLONE_INTO);
                bool moved = lives(parent_killed, target_killed, WAY_MOVE_ITSELF);

                printf("%-14s %-14s %-12s %s\n", parent_killed ? "killed once" : "never killed",
                       target_killed ? "killed once" : "never killed", into ? "lives" : "KILLED",
                       moved ? "lives" : "KILLED");
                assert_true(moved);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_child_that_moves_itself_always_lives),
        };
        Rooms rooms = {0};
        bool usable = make_rooms(&rooms) && put(rooms.target, "cgroup.kill", "1");
        int error = errno;

        drop_rooms(&rooms);
        if (!usable) {
                printf("SKIP kill-counter: no writable cgroup v2: %s\n", strerror(error));
                return SKIPPED;
        }
        return cmocka_run_group_tests(tests, NULL, NULL);
}
