/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the service knows of time in which a process could not run: stopped by a signal, under each
 * containment, and frozen; and that it hears of its own. */

#include "world.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sys/tree.h"

#define STOP_USEC (100 * USEC_PER_MSEC)

static usec_t now_usec(void) {
        return (usec_t)g_get_monotonic_time();
}

static bool is_stopped(void *data) {
        const Halt *halt = ((Run *)data)->tree->halt;

        return halt && halt->since != 0;
}

static bool is_continued(void *data) {
        return !is_stopped(data);
}

static bool is_over(void *data) {
        return now_usec() >= *(usec_t *)data;
}

static void let_pass(World *world, usec_t duration) {
        usec_t until = now_usec() + duration;

        assert_true(world_wait_until(world, is_over, &until));
}

static usec_t held(Run *run, usec_t since) {
        return run->world->hands.held(run->world->hands.world, run->tree, since);
}

/* Stops and continues it; ret_most: how long it was stopped at the most. */
static void stop_for_a_while(Run *run, usec_t *ret_most) {
        usec_t began = now_usec();

        assert_int_equal(kill(run->pid, SIGSTOP), 0);
        assert_true(world_wait_until(run->world, is_stopped, run));
        let_pass(run->world, STOP_USEC);
        assert_int_equal(kill(run->pid, SIGCONT), 0);
        assert_true(world_wait_until(run->world, is_continued, run));
        *ret_most = now_usec() - began;
}

static void expect_stops_counted(const SysConfig *config) {
        static const char *const argv[] = {"sleep", "1000", NULL};
        usec_t began = now_usec(), most, told;
        World world;
        Run run = {0};

        world_init(&world, config);
        run_command(&run, &world, argv);
        world_wait(&world, &run.started);
        assert_int_equal(held(&run, began), 0);
        stop_for_a_while(&run, &most);
        told = held(&run, began);
        assert_true(told >= STOP_USEC);
        assert_true(told <= most);
        assert_int_equal(held(&run, began), 0); /* once */

        stop_for_a_while(&run, &most);
        assert_int_equal(held(&run, now_usec()), 0); /* it was before that */
        stop_for_a_while(&run, &most);
        assert_int_equal(kill(run.pid, SIGSTOP), 0);
        assert_true(world_wait_until(&world, is_stopped, &run));
        told = now_usec();
        let_pass(&world, STOP_USEC);
        assert_true(held(&run, told) >= STOP_USEC); /* it still is */
        run_done(&run);
        world_done(&world);
}

static void a_group_s_stops_are_counted(void **state) {
        expect_stops_counted(&(SysConfig){.containment = CONTAINMENT_PROCESS_GROUP});
}

static void a_cgroup_s_stops_are_counted(void **state) {
        expect_stops_counted(&(SysConfig){.containment = CONTAINMENT_CGROUP});
}

static void a_subreaper_s_stops_are_counted(void **state) {
        expect_stops_counted(&(SysConfig){.containment = CONTAINMENT_SUBREAPER});
}

static void a_subreaper_s_stops_in_a_copy_are_counted(void **state) {
        expect_stops_counted(
                &(SysConfig){.containment = CONTAINMENT_SUBREAPER, .spawn_mode = SPAWN_COPY});
}

static void all_that_are_stopped_at_once_are_counted(void **state) {
        static const char *const argv[] = {"sleep", "1000", NULL};
        World world;
        Run runs[20] = {0};

        world_init(&world, &(SysConfig){.containment = CONTAINMENT_PROCESS_GROUP});
        for (unsigned i = 0; i < G_N_ELEMENTS(runs); i++) {
                run_command(&runs[i], &world, argv);
                world_wait(&world, &runs[i].started);
        }
        for (unsigned i = 0; i < G_N_ELEMENTS(runs); i++)
                assert_int_equal(kill(runs[i].pid, SIGSTOP), 0);
        for (unsigned i = 0; i < G_N_ELEMENTS(runs); i++)
                assert_true(world_wait_until(&world, is_stopped, &runs[i]));
        for (unsigned i = 0; i < G_N_ELEMENTS(runs); i++)
                run_done(&runs[i]);
        world_done(&world);
}

static char *freezer_of(pid_t pid) {
        static const char *const mounts[] = {"/sys/fs/cgroup/unified", "/sys/fs/cgroup"};
        g_autofree char *path = g_strdup_printf("/proc/%d/cgroup", (int)pid), *text = NULL;
        char *line;

        assert_true(g_file_get_contents(path, &text, NULL, NULL));
        line = strstr(text, "0::");
        assert_non_null(line);
        line[strcspn(line, "\n")] = 0;
        for (unsigned i = 0; i < G_N_ELEMENTS(mounts); i++) {
                g_autofree char *file = g_build_filename(mounts[i], line + 3, "cgroup.freeze",
                                                         NULL);

                if (access(file, W_OK) == 0)
                        return g_steal_pointer(&file);
        }
        return NULL;
}

static void write_file(const char *path, const char *text) {
        _cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

        assert_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

typedef struct Freeze {
        Run *run;
        bool wanted;
} Freeze;

static bool is_frozen_as_wanted(void *data) {
        Freeze *freeze = data;
        const Hands *hands = &freeze->run->world->hands;

        return hands->is_held(hands->world, freeze->run->tree) == freeze->wanted;
}

static void a_freeze_is_counted(void **state) {
        static const char *const argv[] = {"sleep", "1000", NULL};
        g_autofree char *freezer = NULL, *directory = NULL, *stat = NULL, *text = NULL;
        usec_t began = now_usec();
        World world;
        Run run = {0};

        world_init(&world, &(SysConfig){.containment = CONTAINMENT_CGROUP});
        run_command(&run, &world, argv);
        world_wait(&world, &run.started);
        freezer = freezer_of(run.pid);
        assert_non_null(freezer);
        directory = g_path_get_dirname(freezer);
        stat = g_build_filename(directory, "cgroup.stat.local", NULL);
        write_file(freezer, "1");
        assert_true(world_wait_until(&world, is_frozen_as_wanted, &(Freeze){&run, true}));
        let_pass(&world, STOP_USEC);
        write_file(freezer, "0");
        assert_true(world_wait_until(&world, is_frozen_as_wanted, &(Freeze){&run, false}));
        if (g_file_get_contents(stat, &text, NULL, NULL) && strstr(text, "frozen_usec")) {
                assert_true(held(&run, began) >= STOP_USEC);
                assert_int_equal(held(&run, began), 0); /* once */
        } else
                print_message("this kernel does not say for how long a cgroup was frozen\n");
        run_done(&run);
        world_done(&world);
}

static bool arg_resumed;
static usec_t arg_since;

static void on_resumed(void *userdata, usec_t since) {
        arg_since = since;
        arg_resumed = true;
}

static void being_continued_itself_is_told(void **state) {
        usec_t before = now_usec();
        World world;

        world_init(&world, &(SysConfig){.containment = CONTAINMENT_PROCESS_GROUP,
                                        .on_resumed = on_resumed});
        arg_resumed = false;
        let_pass(&world, 1);
        assert_false(arg_resumed);
        assert_int_equal(kill(getpid(), SIGCONT), 0);
        world_wait(&world, &arg_resumed);
        assert_true(arg_since >= before && arg_since <= now_usec());
        world_done(&world);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_group_s_stops_are_counted),
                cmocka_unit_test(a_cgroup_s_stops_are_counted),
                cmocka_unit_test(a_subreaper_s_stops_are_counted),
                cmocka_unit_test(a_subreaper_s_stops_in_a_copy_are_counted),
                cmocka_unit_test(all_that_are_stopped_at_once_are_counted),
                cmocka_unit_test(a_freeze_is_counted),
                cmocka_unit_test(being_continued_itself_is_told),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
