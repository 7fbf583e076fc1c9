/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Starts: what a failed one says, that many quick ones are all told right, the order of events, and
 * that nothing is left behind. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "world.h"

static char scratch[] = "/tmp/proctor-sys-XXXXXX";

static char *scratch_file(const char *name, const char *content, mode_t mode) {
        char *path = g_build_filename(scratch, name, NULL);

        assert_true(g_file_set_contents(path, content, -1, NULL));
        assert_int_equal(chmod(path, mode), 0);
        return path;
}

typedef struct FailureCase {
        const char *program;
        const char *directory;
        const char *expected; /* %s is the program */
} FailureCase;

static void check_failure(World *world, const FailureCase *c) {
        const char *argv[] = {c->program, NULL};
        g_autoptr(Spec) spec = world_spec(argv);
        g_autofree char *expected = NULL;
        Run run = {0};

        spec->working_directory = g_strdup(c->directory);
        run_start(&run, world, spec);
        world_wait(world, &run.emptied);
        expected = strstr(c->expected, "%s")
                           ? g_strconcat("exec '", c->program, c->expected + 8, NULL)
                           : g_strdup(c->expected);
        assert_string_equal(run.order, "F");
        assert_string_equal(run.failure, expected);
        run_done(&run);
}

static void failures_name_their_step(SpawnMode mode) {
        SysConfig config = {.containment = CONTAINMENT_PROCESS_GROUP, .spawn_mode = mode};
        g_autofree char *plain = scratch_file("plain", "#!/bin/sh\n", 0644);
        g_autofree char *text = scratch_file("text", "echo no shell is asked\n", 0755);
        g_autofree char *orphan = scratch_file("orphan", "#!/no/such/interpreter\n", 0755);
        g_autofree char *below = g_build_filename(plain, "x", NULL);
        const FailureCase cases[] = {
                {"/no/such/program", NULL, "exec '%s': ENOENT"},
                {"no-such-program-anywhere", NULL, "exec '%s': ENOENT"},
                {"/", NULL, "exec '%s': EACCES"},
                {plain, NULL, "exec '%s': EACCES"},
                {below, NULL, "exec '%s': ENOTDIR"},
                {text, NULL, "exec '%s': ENOEXEC"},
                {orphan, NULL, "exec '%s': ENOENT"},
                {"/bin/true", "/no/such/directory", "chdir '/no/such/directory': ENOENT"},
                {"/bin/true", "/bin/true", "chdir '/bin/true': ENOTDIR"},
        };
        World world;

        world_init(&world, &config);
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                check_failure(&world, &cases[i]);
        world_done(&world);
}

static void failures_name_their_step_in_shared_memory(void **state) {
        failures_name_their_step(SPAWN_SHARED);
}

static void failures_name_their_step_in_a_copy(void **state) {
        failures_name_their_step(SPAWN_COPY);
}

typedef struct ExitCase {
        const char *script;
        int code;
} ExitCase;

static const ExitCase exit_cases[] = {
        {"exit 0", 0},      {"exit 1", 1},        {"exit 255", 255},
        {"kill -9 $$", -9}, {"kill -15 $$", -15}, {"kill -6 $$", -6},
};

static void exits_are_told_exactly(void **state) {
        World world;

        world_init(&world, NULL);
        for (size_t i = 0; i < G_N_ELEMENTS(exit_cases); i++) {
                Run run = {0};

                run_shell(&run, &world, exit_cases[i].script);
                world_wait(&world, &run.emptied);
                assert_string_equal(run.order, "SXE");
                assert_true(run.status.known);
                assert_int_equal(run.status.code, exit_cases[i].code);
                assert_true(run.status.peak_bytes > 0 && run.status.peak_bytes < UINT64_MAX);
                run_done(&run);
        }
        world_done(&world);
}

static bool all_emptied(void *data) {
        const Run *runs = data;

        for (int i = 0; i < 1000; i++)
                if (!runs[i].emptied)
                        return false;
        return true;
}

static void a_thousand_quick_starts_lose_nothing(void **state) {
        static const char *const commands[3][4] = {
                {"true", NULL}, {"false", NULL}, {"sh", "-c", "kill -9 $$", NULL}};
        static const int codes[] = {0, 1, -9};
        g_autofree Run *runs = g_new0(Run, 1000);
        World world;

        world_init(&world, NULL);
        for (int i = 0; i < 1000; i++) {
                g_autoptr(Spec) spec = world_spec(commands[i % 3]);

                runs[i].releases_at_end = true;
                run_start(&runs[i], &world, spec);
                /* The spec may go when the start is settled. */
                while (!runs[i].started && !runs[i].failed)
                        g_main_context_iteration(world.context, TRUE);
        }
        assert_true(world_wait_until(&world, all_emptied, runs));
        for (int i = 0; i < 1000; i++) {
                assert_string_equal(runs[i].order, "SXE");
                assert_int_equal(runs[i].status.code, codes[i % 3]);
        }
        world_done(&world);
}

static void a_release_while_starting_ends_it(void **state) {
        World world;

        world_init(&world, NULL);
        for (int i = 0; i < 50; i++) {
                g_autoptr(Spec) spec = world_spec((const char *const[]){"sleep", "1000", NULL});
                Run run = {0};

                run_start(&run, &world, spec);
                run_done(&run);
                assert_string_equal(run.order, "");
        }
        world_done(&world);
}

static void a_signal_while_starting_reaches_the_program(void **state) {
        World world;
        Run run = {0};
        g_autoptr(Spec) spec = world_spec((const char *const[]){"sleep", "1000", NULL});

        world_init(&world, NULL);
        run_start(&run, &world, spec);
        assert_int_equal(world.hands.signal(world.hands.world, run.tree, SIGTERM, TREE_MAIN), 0);
        world_wait(&world, &run.emptied);
        assert_string_equal(run.order, "SXE");
        assert_int_equal(run.status.code, -SIGTERM);
        assert_int_equal(world.hands.signal(world.hands.world, run.tree, SIGTERM, TREE_MAIN),
                         -ESRCH);
        assert_int_equal(world.hands.signal(world.hands.world, run.tree, SIGTERM, TREE_GROUP),
                         -ESRCH);
        assert_int_equal(world.hands.signal(world.hands.world, run.tree, SIGKILL, TREE_ALL),
                         -ESRCH);
        run_done(&run);
        world_done(&world);
}

/* Descriptors end: the start says so, and nothing is left of it. */
static void no_descriptors_is_a_clean_error(void **state) {
        static const HandsEvents no_events = {0};
        struct rlimit saved, tight;
        World world;
        int fds, failed = 0;

        world_init(&world, NULL);
        fds = world_fd_count();
        assert_int_equal(getrlimit(RLIMIT_NOFILE, &saved), 0);
        for (unsigned limit = 3; limit < 40; limit++) {
                g_autoptr(Spec) spec = world_spec((const char *const[]){"true", NULL});
                Run run = {0};
                int r;

                tight = (struct rlimit){limit, saved.rlim_max};
                assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
                r = world.hands.start(world.hands.world, spec, getuid(), &no_events, &run,
                                      &run.tree);
                assert_int_equal(setrlimit(RLIMIT_NOFILE, &saved), 0);
                if (r >= 0) {
                        run.world = &world;
                        run_done(&run);
                        break;
                }
                assert_int_equal(r, -EMFILE);
                assert_int_equal(world_fd_count(), fds);
                failed++;
        }
        assert_true(failed > 0);
        world_done(&world);
}

static int own_oom_score(void) {
        g_autofree char *text = NULL;

        assert_true(g_file_get_contents("/proc/self/oom_score_adj", &text, NULL, NULL));
        return atoi(text);
}

static void expect_oom_score(World *world, int given, const char *script) {
        g_autoptr(Spec) spec = world_spec((const char *const[]){"sh", "-c", script, NULL});
        Run run = {0};

        if (given != 0)
                spec->flags |= SPEC_HAS_OOM_SCORE_ADJUST;
        spec->oom_score_adjust = given;
        run_start(&run, world, spec);
        world_wait(world, &run.emptied);
        assert_string_equal(run.order, "SXE");
        assert_int_equal(run.status.code, 0);
        run_done(&run);
}

/* The kernel gives it to whoever shares the memory of one who writes it: to the service, with a child
 * that has not exec'd. */
static void a_score_for_the_oom_killer_is_the_processs_alone(void **state) {
        g_autofree char *same = g_strdup_printf("exec test $(cat /proc/self/oom_score_adj) = %d",
                                                own_oom_score());
        int before = own_oom_score();

        for (int kind = 0; kind < _CONTAINMENT_KIND_MAX; kind++)
                for (int mode = 0; mode < _SPAWN_MODE_MAX; mode++) {
                        SysConfig config = {.containment = (ContainmentKind)kind,
                                            .spawn_mode = (SpawnMode)mode};
                        World world;

                        world_init(&world, &config);
                        expect_oom_score(&world, 987,
                                         "exec test $(cat /proc/self/oom_score_adj) = 987");
                        assert_int_equal(own_oom_score(), before);
                        expect_oom_score(&world, 0, same);
                        world_done(&world);
                }
}

static void deadline_is_never_early_and_comes_once(void **state) {
        World world;
        usec_t at;

        world_init(&world, NULL);
        at = (usec_t)g_get_monotonic_time() + 30 * USEC_PER_MSEC;
        world.hands.arm(world.hands.world, at);
        while (world.deadline_seen == 0)
                g_main_context_iteration(world.context, TRUE);
        assert_true(world.deadline_seen >= at);
        world.deadline_seen = 0;
        assert_false(g_main_context_iteration(world.context, FALSE));
        world.hands.arm(world.hands.world, at);
        world.hands.arm(world.hands.world, USEC_INFINITY);
        assert_false(g_main_context_iteration(world.context, FALSE));
        assert_int_equal(world.deadline_seen, 0);
        world_done(&world);
}

static int set_up(void **state) {
        return g_mkdtemp(scratch) ? 0 : -1;
}

static int tear_down(void **state) {
        static const char *const names[] = {"plain", "text", "orphan"};

        for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
                g_autofree char *path = g_build_filename(scratch, names[i], NULL);

                unlink(path);
        }
        return rmdir(scratch);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(failures_name_their_step_in_shared_memory),
                cmocka_unit_test(failures_name_their_step_in_a_copy),
                cmocka_unit_test(exits_are_told_exactly),
                cmocka_unit_test(a_thousand_quick_starts_lose_nothing),
                cmocka_unit_test(a_release_while_starting_ends_it),
                cmocka_unit_test(a_signal_while_starting_reaches_the_program),
                cmocka_unit_test(no_descriptors_is_a_clean_error),
                cmocka_unit_test(a_score_for_the_oom_killer_is_the_processs_alone),
                cmocka_unit_test(deadline_is_never_early_and_comes_once),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
