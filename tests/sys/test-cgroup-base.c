/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whose cgroups a service touches when it starts: what a dead service of its kind left, and nobody
 * else's. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sys/cgroup-base.h"
#include "world.h"

/* A folder below one's own, as another service would be given. */
static CgroupBase *make_place(void) {
        CgroupBase *place = NULL;

        if (cgroup_base_new(NULL, &place) < 0)
                skip();
        return place;
}

static int make_beside(CgroupBase *place, const char *name) {
        int fd;

        assert_int_equal(mkdirat(place->instance_fd, name, 0755), 0);
        fd = openat(place->instance_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(fd >= 0);
        return fd;
}

/* A process that lives in that folder until it is ended. */
static pid_t live_in(int directory) {
        _cleanup_close_ int procs = openat(directory, "cgroup.procs", O_WRONLY | O_CLOEXEC);
        pid_t pid = fork();

        if (pid == 0) {
                close_range(0, ~0U, 0);
                for (;;)
                        pause();
        }
        assert_true(pid > 0);
        assert_true(dprintf(procs, "%d", (int)pid) > 0);
        return pid;
}

static bool is_alive(pid_t pid) {
        siginfo_t info = {0};

        assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | WNOHANG), 0);
        return info.si_pid == 0;
}

/* Starts a service beside a process in a folder of that name; whether it lives on. */
static bool survives_a_start(const char *name, bool locked) {
        g_autoptr(CgroupBase) place = make_place();
        CgroupBase *service = NULL;
        int directory = make_beside(place, name);
        pid_t pid = live_in(directory);
        bool alive;

        if (locked)
                assert_int_equal(flock(directory, LOCK_EX | LOCK_NB), 0);
        assert_int_equal(cgroup_base_new(place->path, &service), 0);
        if (!locked) /* what was killed is gone in a moment */
                for (int i = 0; i < 100 && is_alive(pid); i++)
                        g_usleep(1000);
        alive = is_alive(pid);
        if (alive)
                assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        close(directory);
        cgroup_base_free(service);
        return alive;
}

static void what_a_dead_service_left_is_ended(void **state) {
        assert_false(survives_a_start("proctor-4711-0123abcd", false));
}

static void what_a_living_service_has_is_not(void **state) {
        assert_true(survives_a_start("proctor-4711-0123abcd", true));
}

static void a_cgroup_of_a_similar_name_is_a_strangers(void **state) {
        static const char *const names[] = {
                "proctor-web",          "proctor-4711",           "proctor-web-0123abcd",
                "proctor-4711-0123abc", "proctor-4711-0123abcde", "proctor-4711-0123ABCD",
                "proctor-web.service",  "proctor--0123abcd",      "xproctor-4711-0123abcd",
        };

        for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
                assert_true(survives_a_start(names[i], false));
}

static int sum(pid_t pid, void *userdata) {
        *(pid_t *)userdata += pid;
        return 0;
}

/* A process that made a cgroup of its own below the one it was given is still of the tree. */
static void members_of_nested_cgroups_are_found(void **state) {
        g_autoptr(CgroupBase) place = make_place();
        _cleanup_close_ int directory = -EBADF, procs = -EBADF, nested = -EBADF;
        g_autofree char *name = NULL;
        uint64_t number;
        pid_t upper, lower, found = 0;

        assert_int_equal(cgroup_create(place, &number, &directory), 0);
        procs = openat(directory, "cgroup.procs", O_WRONLY | O_CLOEXEC);
        assert_int_equal(cgroup_foreach(place, number, sum, &found), 0);
        assert_int_equal(found, 0);
        name = g_strdup_printf("p%u/inner", (unsigned)number);
        nested = make_beside(place, name);
        lower = live_in(nested);
        assert_int_equal(cgroup_foreach(place, number, sum, &found), 0);
        assert_int_equal(found, lower);
        upper = fork();
        if (upper == 0) {
                close_range(0, ~0U, 0);
                for (;;)
                        pause();
        }
        assert_true(dprintf(procs, "%d", (int)upper) > 0);
        found = 0;
        assert_int_equal(cgroup_foreach(place, number, sum, &found), 0);
        assert_int_equal(found, lower + upper);
        assert_int_equal(cgroup_kill(place, number), 0);
        assert_int_equal(waitpid(lower, NULL, 0), lower);
        assert_int_equal(waitpid(upper, NULL, 0), upper);
        assert_int_equal(cgroup_remove(place, number), 0);
}

static void enter(int directory) {
        _cleanup_close_ int procs = openat(directory, "cgroup.procs", O_WRONLY | O_CLOEXEC);

        assert_int_equal(write(procs, "0", 1), 1);
}

/* Some kernels end at birth what is then cloned into another cgroup (test-kill-counter.c). */
static void a_service_in_a_cgroup_that_was_killed_starts_programs(void **state) {
        static const char *const argv[] = {"sh", "-c", "grep -q /p[0-9]*$ /proc/self/cgroup", NULL};
        SysConfig config = {.containment = CONTAINMENT_CGROUP};
        g_autoptr(CgroupBase) place = make_place();
        _cleanup_close_ int killed = make_beside(place, "killed"), file = -EBADF;
        World world;

        file = openat(killed, "cgroup.kill", O_WRONLY | O_CLOEXEC);
        assert_int_equal(write(file, "1", 1), 1);
        enter(killed);
        world_init(&world, &config);
        for (int i = 0; i < 3; i++) {
                Run run = {0};

                run_command(&run, &world, argv);
                world_wait(&world, &run.emptied);
                assert_string_equal(run.order, "SXE");
                assert_int_equal(run.status.code, 0);
                run_done(&run);
        }
        world_done(&world);
        enter(place->parent_fd);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_a_dead_service_left_is_ended),
                cmocka_unit_test(what_a_living_service_has_is_not),
                cmocka_unit_test(a_cgroup_of_a_similar_name_is_a_strangers),
                cmocka_unit_test(members_of_nested_cgroups_are_found),
                cmocka_unit_test(a_service_in_a_cgroup_that_was_killed_starts_programs),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
