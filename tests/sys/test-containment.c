/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Containment kind against shape of tree: who is left when a tree was ended. Counted from outside, by
 * the lock that every member of a tree holds on a file and by the PIDs that stand in it. */

#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sys/pidfd.h"

typedef struct Shape {
        const char *name;
        const char *n;
        unsigned n_members; /* with the leader; what has to be there before it is ended */
} Shape;

static const Shape shapes[] = {
        {"plain", NULL, 4},        {"group", NULL, 2},        {"session", NULL, 2},
        {"daemon", NULL, 2},       {"leader-exits", NULL, 2}, {"leader-deaf", NULL, 2},
        {"members-deaf", NULL, 3}, {"stopped", NULL, 3},      {"traced", NULL, 2},
        {"chain", NULL, 12},       {"wide", "500", 501},      {"bomb", "1500", 1400},
        {"relay", NULL, 20},
};

static unsigned arg_survivors[_CONTAINMENT_KIND_MAX][G_N_ELEMENTS(shapes)];
static unsigned arg_msec[_CONTAINMENT_KIND_MAX][G_N_ELEMENTS(shapes)];
static bool arg_ran[_CONTAINMENT_KIND_MAX];

typedef struct Roll {
        char path[64];
        unsigned n_expected;
} Roll;

static void roll_open(Roll *roll) {
        int fd;

        *roll = (Roll){.path = "/tmp/proctor-roll-XXXXXX"};
        fd = mkstemp(roll->path);
        assert_true(fd >= 0);
        close(fd);
}

static GArray *roll_read(const Roll *roll) {
        GArray *pids = g_array_new(FALSE, FALSE, sizeof(pid_t));
        FILE *file = fopen(roll->path, "re");
        int pid;

        assert_non_null(file);
        while (fscanf(file, "%d", &pid) == 1)
                g_array_append_val(pids, pid);
        fclose(file);
        return pids;
}

static bool roll_is_full(void *data) {
        const Roll *roll = data;
        g_autoptr(GArray) pids = roll_read(roll);

        return pids->len >= roll->n_expected;
}

static int roll_open_again(const Roll *roll) {
        int fd = open(roll->path, O_RDWR | O_CLOEXEC);

        assert_true(fd >= 0);
        return fd;
}

/* Nobody is left if nobody holds the lock. */
static bool roll_is_free(const Roll *roll) {
        _cleanup_close_ int fd = roll_open_again(roll);

        return flock(fd, LOCK_EX | LOCK_NB) == 0;
}

/* Whether that PID has our file open: it is a member, and not a stranger with its number. */
static bool has_open(pid_t pid, const struct stat *file) {
        g_autofree char *path = g_strdup_printf("/proc/%d/fd", (int)pid);
        g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
        const char *name;

        while (directory && (name = g_dir_read_name(directory))) {
                g_autofree char *entry = g_build_filename(path, name, NULL);
                struct stat st;

                if (stat(entry, &st) >= 0 && st.st_ino == file->st_ino && st.st_dev == file->st_dev)
                        return true;
        }
        return false;
}

/* Counts who is left, and ends him: the test must not leave strays either. Who is not on the roll yet
 * cannot get on it any more. */
static unsigned roll_end_survivors(const Roll *roll) {
        _cleanup_close_ int fd = roll_open_again(roll);
        g_autoptr(GArray) pids = roll_read(roll);
        struct stat file;
        unsigned n = 0;

        assert_int_equal(fstat(fd, &file), 0);
        assert_int_equal(unlink(roll->path), 0);
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
                return 0;
        for (guint i = 0; i < pids->len; i++) {
                pid_t pid = g_array_index(pids, pid_t, i);
                _cleanup_close_ int pidfd = -EBADF;

                if (pidfd_open_process(pid, &pidfd) >= 0 && has_open(pid, &file) &&
                    pidfd_signal(pidfd, SIGKILL) >= 0)
                        n++;
        }
        while (flock(fd, LOCK_EX | LOCK_NB) < 0)
                g_usleep(1000);
        return n;
}

static void roll_close(Roll *roll) {
        unlink(roll->path);
}

static void start_shape(Run *run, World *world, const Shape *shape, Roll *roll) {
        const char *argv[] = {world_helper("helper-tree"), shape->name,
                              shape->n ? shape->n : roll->path, shape->n ? roll->path : NULL, NULL};

        roll->n_expected = shape->n_members;
        run_command(run, world, argv);
        assert_true(run->started);
        assert_true(world_wait_until(world, roll_is_full, roll));
}

static int kill_all(World *world, Run *run) {
        return world->hands.signal(world->hands.world, run->tree, SIGKILL, TREE_ALL);
}

/* A bomb whose members nobody ends takes the machine with it: a small one says the same. */
static Shape shape_for(ContainmentKind kind, size_t i) {
        Shape shape = shapes[i];

        if (kind == CONTAINMENT_PROCESS_GROUP && strcmp(shape.name, "bomb") == 0) {
                shape.n = "20";
                shape.n_members = 20;
        }
        return shape;
}

static void end_shape(World *world, ContainmentKind kind, size_t i) {
        bool honest = kind == CONTAINMENT_PROCESS_GROUP;
        bool leader_exits = strcmp(shapes[i].name, "leader-exits") == 0;
        Shape shape = shape_for(kind, i);
        Run run = {0};
        Roll roll;
        usec_t begin;

        roll_open(&roll);
        start_shape(&run, world, &shape, &roll);
        if (leader_exits)
                world_wait(world, &run.exited);
        begin = (usec_t)g_get_monotonic_time();
        (void)kill_all(world, &run);
        world_wait(world, &run.emptied);
        arg_msec[kind][i] = (unsigned)(((usec_t)g_get_monotonic_time() - begin) / USEC_PER_MSEC);
        /* When it says that nobody is left, that is so. */
        assert_true(honest || roll_is_free(&roll));
        arg_survivors[kind][i] = roll_end_survivors(&roll);
        assert_string_equal(run.order, "SXE");
        assert_int_equal(run.status.code, leader_exits ? 7 : -SIGKILL);
        assert_true(honest || arg_survivors[kind][i] == 0);
        run_done(&run);
}

static void ends_every_shape(ContainmentKind kind, SpawnMode mode) {
        SysConfig config = {.containment = kind, .spawn_mode = mode};
        World world;

        world_init(&world, &config);
        arg_ran[kind] = true;
        for (size_t i = 0; i < G_N_ELEMENTS(shapes); i++)
                end_shape(&world, kind, i);
        world_done(&world);
}

static void cgroup_ends_every_shape(void **state) {
        ends_every_shape(CONTAINMENT_CGROUP, SPAWN_SHARED);
}

static void subreaper_ends_every_shape(void **state) {
        ends_every_shape(CONTAINMENT_SUBREAPER, SPAWN_SHARED);
}

static void subreaper_in_a_copy_ends_every_shape(void **state) {
        ends_every_shape(CONTAINMENT_SUBREAPER, SPAWN_COPY);
}

static void process_group_says_who_is_left(void **state) {
        ends_every_shape(CONTAINMENT_PROCESS_GROUP, SPAWN_SHARED);
}

static void stopping_one_tree_leaves_the_other(ContainmentKind kind) {
        static const Shape shape = {"daemon", NULL, 2};
        SysConfig config = {.containment = kind};
        Run a = {0}, b = {0};
        Roll roll_a, roll_b;
        g_autoptr(GArray) before = NULL;
        World world;

        world_init(&world, &config);
        roll_open(&roll_a);
        roll_open(&roll_b);
        start_shape(&a, &world, &shape, &roll_a);
        start_shape(&b, &world, &shape, &roll_b);
        assert_int_equal(kill_all(&world, &a), 0);
        world_wait(&world, &a.emptied);
        assert_true(roll_is_free(&roll_a));
        assert_false(roll_is_free(&roll_b));
        assert_string_equal(b.order, "S");
        before = roll_read(&roll_b);
        for (guint i = 0; i < before->len; i++) {
                _cleanup_close_ int pidfd = -EBADF;

                assert_int_equal(pidfd_open_process(g_array_index(before, pid_t, i), &pidfd), 0);
                assert_false(pidfd_is_dead(pidfd));
        }
        assert_int_equal(kill_all(&world, &b), 0);
        world_wait(&world, &b.emptied);
        assert_true(roll_is_free(&roll_b));
        run_done(&a);
        run_done(&b);
        roll_close(&roll_a);
        roll_close(&roll_b);
        world_done(&world);
}

static void cgroup_knows_whose_an_orphan_is(void **state) {
        stopping_one_tree_leaves_the_other(CONTAINMENT_CGROUP);
}

static void subreaper_knows_whose_an_orphan_is(void **state) {
        stopping_one_tree_leaves_the_other(CONTAINMENT_SUBREAPER);
}

/* The leader's exit is told at once, though others live on; and a release ends them. */
static void exit_is_told_before_the_rest_is_gone(ContainmentKind kind) {
        static const Shape shape = {"leader-exits", NULL, 2};
        SysConfig config = {.containment = kind};
        g_autofree char *left = NULL;
        TreeProbe probe;
        Run run = {0};
        Roll roll;
        World world;

        world_init(&world, &config);
        roll_open(&roll);
        start_shape(&run, &world, &shape, &roll);
        world_wait(&world, &run.exited);
        assert_string_equal(run.order, "SX");
        assert_int_equal(run.status.code, 7);
        assert_false(roll_is_free(&roll));
        left = world.hands.survivors(world.hands.world, run.tree);
        assert_non_null(left);
        assert_non_null(strstr(left, "(helper-tree): "));
        assert_int_equal(world.hands.probe(world.hands.world, run.tree, PROBE_ALL, &probe), 0);
        assert_true(probe.n_tasks >= 1);
        run_done(&run);
        world_done(&world);
        if (kind != CONTAINMENT_PROCESS_GROUP)
                assert_true(roll_is_free(&roll));
        roll_end_survivors(&roll);
        roll_close(&roll);
}

static void cgroup_tells_the_exit_first(void **state) {
        exit_is_told_before_the_rest_is_gone(CONTAINMENT_CGROUP);
}

static void subreaper_tells_the_exit_first(void **state) {
        exit_is_told_before_the_rest_is_gone(CONTAINMENT_SUBREAPER);
}

static void process_group_tells_the_exit_first(void **state) {
        exit_is_told_before_the_rest_is_gone(CONTAINMENT_PROCESS_GROUP);
}

static bool is_free(void *data) {
        return roll_is_free(data);
}

/* A service in a process of its own, killed with -9: its trees end without it. */
static void killing_the_service_ends(ContainmentKind kind) {
        static const Shape shape = {"daemon", NULL, 2};
        SysConfig config = {.containment = kind};
        _cleanup_close_ int pidfd = -EBADF;
        World world;
        Roll roll;
        siginfo_t info;
        pid_t pid;

        world_init(&world, &config);
        world_done(&world);
        roll_open(&roll);
        roll.n_expected = shape.n_members;
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                Run run = {0};

                prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
                world_init(&world, &config);
                start_shape(&run, &world, &shape, &roll);
                for (;;)
                        g_main_context_iteration(world.context, TRUE);
        }
        world.context = g_main_context_new();
        assert_true(world_wait_until(&world, roll_is_full, &roll));
        assert_int_equal(pidfd_open_process(pid, &pidfd), 0);
        assert_int_equal(pidfd_signal(pidfd, SIGKILL), 0);
        assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED), 0);
        if (kind != CONTAINMENT_PROCESS_GROUP)
                assert_true(world_wait_until(&world, is_free, &roll));
        roll_end_survivors(&roll);
        roll_close(&roll);
        g_main_context_unref(world.context);
}

static void killing_the_service_ends_its_cgroups(void **state) {
        killing_the_service_ends(CONTAINMENT_CGROUP);
}

static void killing_the_service_ends_its_subreapers_trees(void **state) {
        killing_the_service_ends(CONTAINMENT_SUBREAPER);
}

/* The parent of the main process, which is the helper. */
static pid_t helper_of(pid_t pid) {
        g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int)pid), *text = NULL;
        int ppid = 0;

        assert_true(g_file_get_contents(path, &text, NULL, NULL));
        assert_int_equal(sscanf(strrchr(text, ')') + 1, " %*c %d", &ppid), 1);
        return ppid;
}

static void killing_a_helper_frees_nobody(void **state) {
        static const Shape shape = {"daemon", NULL, 2};
        SysConfig config = {.containment = CONTAINMENT_SUBREAPER};
        int pidfd = -EBADF;
        Run run = {0}, other = {0};
        Roll roll;
        World world;

        world_init(&world, &config);
        roll_open(&roll);
        run_shell(&other, &world, "sleep 1000 & wait");
        start_shape(&run, &world, &shape, &roll);
        assert_int_equal(pidfd_open_process(helper_of(run.pid), &pidfd), 0);
        assert_int_equal(pidfd_signal(pidfd, SIGKILL), 0);
        safe_close(pidfd);
        world_wait(&world, &run.emptied);
        assert_true(roll_is_free(&roll));
        assert_string_equal(run.order, "SXE");
        assert_true(run.status.known);
        assert_int_equal(run.status.code, -SIGKILL);
        assert_string_equal(other.order, "S");
        run_done(&run);
        run_done(&other);
        roll_close(&roll);
        world_done(&world);
}

static int print_matrix(void **state) {
        for (int kind = 0; kind < _CONTAINMENT_KIND_MAX; kind++) {
                if (!arg_ran[kind])
                        continue;
                print_message("%-14s %14s %10s %6s\n", containment_kind_to_string(kind), "shape",
                              "survivors", "ms");
                for (size_t i = 0; i < G_N_ELEMENTS(shapes); i++)
                        print_message("%-14s %14s %10u %6u\n", "", shapes[i].name,
                                      arg_survivors[kind][i], arg_msec[kind][i]);
        }
        return 0;
}

int main(int argc, char **argv) {
        if (argc > 1)
                cmocka_set_test_filter(argv[1]);
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(subreaper_in_a_copy_ends_every_shape),
                cmocka_unit_test(subreaper_ends_every_shape),
                cmocka_unit_test(cgroup_ends_every_shape),
                cmocka_unit_test(process_group_says_who_is_left),
                cmocka_unit_test(cgroup_knows_whose_an_orphan_is),
                cmocka_unit_test(subreaper_knows_whose_an_orphan_is),
                cmocka_unit_test(cgroup_tells_the_exit_first),
                cmocka_unit_test(subreaper_tells_the_exit_first),
                cmocka_unit_test(process_group_tells_the_exit_first),
                cmocka_unit_test(killing_the_service_ends_its_cgroups),
                cmocka_unit_test(killing_the_service_ends_its_subreapers_trees),
                cmocka_unit_test(killing_a_helper_frees_nobody),
        };

        return cmocka_run_group_tests(tests, NULL, print_matrix);
}
