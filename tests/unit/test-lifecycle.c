/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From a start to the day a process is forgotten: the order of what is told, exits that come early,
 * limits, how long a finished one is kept, callers that leave, adoption. */

#include <errno.h>

#include "util/fake-world.h"

static void the_order_is_reply_added_changed_exited_waiters_removed(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process = fake_process(&world, NULL);
        fake_wait(&world, WAIT_FINISHED, WAIT_MODE_ALL, USEC_INFINITY, 1, process);
        fake_exit(fake_tree(process), 3, 1000);
        fake_run(&world, USEC_PER_SEC);
        assert_int_equal(supervisor_collect(world.supervisor, FAKE_GRANT, process), 0);
        fake_expect(&world, "reply 1; added 1; changed 1 finished; exited 1 3 exit-code; "
                            "waiter met; removed 1");
        fake_world_done(&world);
}

static void an_exit_seen_early_is_kept_until_the_start_is_settled(void **state) {
        FakeWorld world;

        fake_world_init(&world, NULL);
        world.nature.start_hangs = true;
        assert_int_equal(fake_start(&world, NULL, FAKE_CALLER, NULL), 0);
        fake_exit(fake_last_tree(&world), 0, 0);
        fake_run(&world, 500);
        fake_expect(&world, "");
        fake_settle(fake_last_tree(&world), 0);
        fake_run(&world, 500);
        fake_expect(&world, "reply 1; added 1; changed 1 finished; exited 1 0 success");
        fake_world_done(&world);
}

/* As an exec on a dead mount does. What cannot be ended keeps its place until it is. */
static void a_start_that_hangs_is_answered_in_time(void **state) {
        SupervisorSettings settings = supervisor_settings_default();
        const char *limit = NULL;
        ProcessConfig config;
        FakeWorld world;

        settings.limits.running = 1;
        fake_world_init(&world, &settings);
        process_config_init(&config);
        config.start_timeout = 20 * USEC_PER_SEC;
        config.runtime_max = USEC_PER_SEC; /* of a program that runs */
        world.nature.start_hangs = true;
        world.nature.dies_of_kill = USEC_INFINITY;
        assert_int_equal(fake_start(&world, &config, FAKE_CALLER, NULL), 0);
        fake_run(&world, 20 * USEC_PER_SEC - USEC_PER_MSEC);
        fake_expect(&world, "");
        fake_run(&world, USEC_PER_MSEC);
        fake_expect(&world, "signal 1 SIGKILL all; failed exec");
        fake_run(&world, 100 * USEC_PER_SEC); /* the ladder tries again for a while */
        fake_forget_log(&world);
        assert_true(world.armed == USEC_INFINITY);
        assert_int_equal(fake_start(&world, NULL, FAKE_CALLER, &limit), CORE_E_LIMIT);
        assert_string_equal(limit, "running processes of one user");

        fake_last_tree(&world)->nature.fails_at = "exec";
        fake_settle(fake_last_tree(&world), 0);
        fake_run(&world, 1000);
        fake_expect(&world, "");
        assert_int_equal(supervisor_stats(world.supervisor, UID_ANY).spawn_failures, 1);
        world.nature.start_hangs = false;
        assert_int_equal(fake_start(&world, NULL, FAKE_CALLER, &limit), 0);
        fake_run(&world, 1000);
        fake_expect(&world, "reply 2; added 2");
        fake_world_done(&world);
}

static void a_start_that_comes_too_late_is_none(void **state) {
        ProcessConfig config;
        FakeWorld world;

        fake_world_init(&world, NULL);
        process_config_init(&config);
        config.start_timeout = 20 * USEC_PER_SEC;
        world.nature.start_hangs = true;
        world.nature.dies_of_kill = USEC_INFINITY;
        assert_int_equal(fake_start(&world, &config, FAKE_CALLER, NULL), 0);
        fake_run(&world, 20 * USEC_PER_SEC);
        fake_expect(&world, "signal 1 SIGKILL all; failed exec");
        fake_settle(fake_last_tree(&world), 0);
        fake_run(&world, 1000);
        fake_expect(&world, "");
        assert_true(fake_last_tree(&world)->released);
        assert_int_equal(supervisor_count(world.supervisor, UID_ANY), 0);
        fake_world_done(&world);
}

static void a_failed_start_is_told_to_the_caller_alone(void **state) {
        FakeWorld world;
        Stats stats;

        fake_world_init(&world, NULL);
        world.nature.fails_at = "exec";
        assert_int_equal(fake_start(&world, NULL, FAKE_CALLER, NULL), 0);
        fake_run(&world, USEC_PER_SEC);
        fake_expect(&world, "failed exec");
        stats = supervisor_stats(world.supervisor, UID_ANY);
        assert_int_equal(stats.spawn_failures, 1);
        assert_int_equal(stats.started, 0);
        assert_int_equal(supervisor_count(world.supervisor, UID_ANY), 0);
        assert_true(world.armed == USEC_INFINITY);
        fake_world_done(&world);
}

static void a_start_that_cannot_begin_says_so_at_once(void **state) {
        FakeWorld world;

        fake_world_init(&world, NULL);
        world.start_error = -EMFILE;
        assert_int_equal(fake_start(&world, NULL, FAKE_CALLER, NULL), -EMFILE);
        fake_run(&world, USEC_PER_SEC);
        fake_expect(&world, "");
        world.start_error = 0;
        fake_process(&world, NULL);
        fake_world_done(&world);
}

static void results_tell_how_it_ended(void **state) {
        static const struct {
                int code;
                const char *told;
        } cases[] = {
                {0, "changed 1 finished; exited 1 0 success"},
                {255, "changed 1 finished; exited 1 255 exit-code"},
                {-9, "changed 1 finished; exited 1 -9 signal"},
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
                FakeWorld world;
                Process *process;

                fake_world_init(&world, NULL);
                process = fake_process(&world, NULL);
                fake_forget_log(&world);
                fake_exit(fake_tree(process), cases[i].code, 0);
                fake_run(&world, 10);
                fake_expect(&world, cases[i].told);
                fake_world_done(&world);
        }
}

static void limits_are_named_and_given_back(void **state) {
        SupervisorSettings settings = supervisor_settings_default();
        Caller other = {.uid = 1001, .origin = 2}, root = {.uid = 0, .origin = 3};
        const char *limit = NULL;
        FakeWorld world;

        settings.limits.running = 2;
        settings.max_live = 4;
        fake_world_init(&world, &settings);
        world.nature.start_hangs = true; /* those that start count too */
        assert_int_equal(fake_start(&world, NULL, FAKE_CALLER, &limit), 0);
        assert_int_equal(fake_start(&world, NULL, FAKE_CALLER, &limit), 0);
        assert_int_equal(fake_start(&world, NULL, FAKE_CALLER, &limit), CORE_E_LIMIT);
        assert_string_equal(limit, "running processes of one user");
        assert_int_equal(fake_start(&world, NULL, other, &limit), 0);
        assert_int_equal(fake_start(&world, NULL, root, &limit), 0);
        assert_int_equal(fake_start(&world, NULL, root, &limit), CORE_E_LIMIT);
        assert_string_equal(limit, "descriptors of the service");
        for (unsigned i = 0; i < 4; i++) {
                Tree *tree = world.trees->pdata[i];

                fake_settle(tree, 0);
                fake_exit(tree, 0, 10);
        }
        fake_run(&world, 1000);
        assert_int_equal(supervisor_count_running(world.supervisor, UID_ANY), 0);
        world.nature.start_hangs = false;
        assert_int_equal(fake_start(&world, NULL, FAKE_CALLER, &limit), 0);
        fake_run(&world, 1000);
        fake_world_done(&world);
}

static void starts_per_second_and_bytes_are_limited(void **state) {
        SupervisorSettings settings = supervisor_settings_default();
        const char *limit = NULL;
        FakeWorld world;

        settings.limits.starts_per_sec = 1;
        settings.limits.starts_burst = 3;
        settings.limits.argument_bytes = strlen("fake") + strlen("argument") + 2;
        fake_world_init(&world, &settings);
        for (unsigned i = 0; i < 3; i++)
                assert_int_equal(fake_start(&world, NULL, FAKE_CALLER, &limit), 0);
        assert_int_equal(fake_start(&world, NULL, FAKE_CALLER, &limit), CORE_E_LIMIT);
        assert_string_equal(limit, "starts per second of one user");
        fake_run(&world, USEC_PER_SEC);
        assert_int_equal(fake_start(&world, NULL, FAKE_CALLER, &limit), 0);
        fake_run(&world, 1000);
        fake_world_done(&world);

        settings.limits.argument_bytes--;
        fake_world_init(&world, &settings);
        assert_int_equal(fake_start(&world, NULL, FAKE_CALLER, &limit), CORE_E_LIMIT);
        assert_string_equal(limit, "bytes of arguments and environment");
        fake_world_done(&world);
}

static Process *finished(FakeWorld *world) {
        Process *process = fake_process(world, NULL);

        fake_exit(fake_tree(process), 0, 0);
        fake_run(world, 10);
        return process;
}

static void the_oldest_finished_are_forgotten_beyond_the_number(void **state) {
        SupervisorSettings settings = supervisor_settings_default();
        FakeWorld world;

        settings.finished_max = 3;
        fake_world_init(&world, &settings);
        for (unsigned i = 0; i < 5; i++)
                finished(&world);
        assert_int_equal(supervisor_count(world.supervisor, UID_ANY), 3);
        assert_null(supervisor_find(world.supervisor, 2));
        assert_non_null(supervisor_find(world.supervisor, 3));
        fake_world_done(&world);
}

static void the_oldest_finished_are_forgotten_beyond_their_texts(void **state) {
        FakeWorld world;

        fake_world_init(&world, NULL);
        for (unsigned i = 0; i < 20; i++) {
                ProcessConfig config;
                Process *process;

                process_config_init(&config);
                config.name = g_strnfill(FINISHED_BYTES_MAX / 10, 'x');
                process = fake_process(&world, &config);
                fake_exit(fake_tree(process), 0, 0);
                fake_run(&world, 10);
        }
        assert_int_equal(supervisor_count(world.supervisor, UID_ANY), 9);
        assert_null(supervisor_find(world.supervisor, 11));
        assert_non_null(supervisor_find(world.supervisor, 12));
        for (unsigned i = 0; i < 5; i++)
                finished(&world);
        assert_in_range(supervisor_count(world.supervisor, UID_ANY), 13, 14);
        fake_world_done(&world);
}

static void one_that_is_waited_for_does_not_keep_the_others(void **state) {
        SupervisorSettings settings = supervisor_settings_default();
        ProcessConfig config;
        FakeWorld world;
        Process *first;
        FakeWait *wait;

        settings.finished_max = 3;
        fake_world_init(&world, &settings);
        process_config_init(&config);
        config.stop_timeout = USEC_INFINITY;
        world.nature.leaves_something = true;
        world.nature.rest_dies_of_stop = USEC_INFINITY;
        first = fake_process(&world, &config);
        fake_stop(&world, first, STOP_ASK);
        wait = fake_wait(&world, WAIT_EMPTIED, WAIT_MODE_ALL, USEC_INFINITY, 1, first);
        fake_run(&world, 10000);
        assert_false(process_is_running(first));
        world.nature = NATURE_OBEDIENT;
        for (unsigned i = 0; i < 20; i++)
                finished(&world);
        assert_int_equal(supervisor_count(world.supervisor, UID_ANY), 3);
        assert_ptr_equal(supervisor_find(world.supervisor, 1), first);
        assert_int_equal(wait->n_answers, 0);
        fake_world_done(&world);
}

static void a_finished_one_is_forgotten_at_its_age_and_never_before(void **state) {
        SupervisorSettings settings = supervisor_settings_default();
        Process *first, *second;
        FakeWorld world;
        usec_t end;

        settings.finished_age = 10 * USEC_PER_SEC;
        fake_world_init(&world, &settings);
        first = finished(&world);
        end = first->exited.monotonic + settings.finished_age;
        fake_run(&world, USEC_PER_SEC);
        second = finished(&world);
        fake_run(&world, end - 1 - world.now.monotonic);
        assert_null(fake_wait(&world, WAIT_FINISHED, WAIT_MODE_ALL, 0, 1, first)->waiter);
        assert_ptr_equal(supervisor_find(world.supervisor, 1), first);
        fake_run(&world, 1);
        assert_null(supervisor_find(world.supervisor, 1));
        assert_ptr_equal(supervisor_find(world.supervisor, 2), second);
        fake_run(&world, 2 * USEC_PER_SEC);
        assert_int_equal(supervisor_count(world.supervisor, UID_ANY), 0);
        assert_true(world.armed == USEC_INFINITY);
        fake_world_done(&world);
}

static void what_runs_or_is_waited_for_cannot_be_collected(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process = fake_process(&world, NULL);
        assert_int_equal(supervisor_collect(world.supervisor, FAKE_GRANT, process),
                         CORE_E_STILL_ALIVE);
        assert_int_equal(supervisor_cleanup(world.supervisor, FAKE_GRANT, UID_ANY), 0);
        fake_stop(&world, process, STOP_ASK);
        assert_int_equal(supervisor_collect(world.supervisor, FAKE_GRANT, process),
                         CORE_E_STILL_ALIVE);
        fake_run(&world, USEC_PER_SEC);
        assert_int_equal(supervisor_cleanup(world.supervisor, FAKE_GRANT, 1001), 0);
        assert_int_equal(supervisor_cleanup(world.supervisor, FAKE_GRANT, 1000), 1);
        fake_world_done(&world);
}

static void cleanup_leaves_what_could_not_be_ended(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        world.nature.leaves_something = true;
        world.nature.rest_dies_of_stop = world.nature.rest_dies_of_kill = USEC_INFINITY;
        process = fake_process(&world, NULL);
        fake_stop(&world, process, STOP_FORCE);
        fake_run(&world, 1 * USEC_PER_SEC);
        assert_false(process_is_running(process));
        assert_int_equal(supervisor_cleanup(world.supervisor, FAKE_GRANT, UID_ANY),
                         0); /* being ended */
        fake_run(&world, 10 * USEC_PER_SEC);
        assert_int_equal(supervisor_cleanup(world.supervisor, FAKE_GRANT, UID_ANY),
                         0); /* given up */
        fake_empty(fake_tree(process), 0);
        fake_run(&world, 10);
        assert_int_equal(supervisor_cleanup(world.supervisor, FAKE_GRANT, UID_ANY), 1);
        fake_world_done(&world);
}

static void what_is_bound_ends_with_its_caller(void **state) {
        ProcessConfig config;
        Process *bound, *free_one;
        FakeWorld world;

        fake_world_init(&world, NULL);
        free_one = fake_process(&world, NULL);
        process_config_init(&config);
        config.bind_to_caller = true;
        bound = fake_process(&world, &config);
        fake_forget_log(&world);
        supervisor_origin_gone(world.supervisor, 99, &world.now);
        supervisor_origin_gone(world.supervisor, 1, &world.now);
        fake_run(&world, USEC_PER_SEC);
        fake_expect(&world, "changed 2 stopping; signal 2 SIGTERM all; signal 2 SIGCONT all; "
                            "changed 2 finished; exited 2 -15 owner-lost");
        assert_true(process_is_running(free_one));
        assert_int_equal(bound->result, RESULT_OWNER_LOST);
        supervisor_origin_gone(world.supervisor, 1, &world.now);
        fake_world_done(&world);
}

static void a_caller_that_leaves_before_the_start_settled_ends_it(void **state) {
        ProcessConfig config;
        FakeWorld world;

        fake_world_init(&world, NULL);
        process_config_init(&config);
        config.bind_to_caller = true;
        world.nature.start_hangs = true;
        assert_int_equal(fake_start(&world, &config, FAKE_CALLER, NULL), 0);
        supervisor_origin_gone(world.supervisor, 1, &world.now);
        fake_settle(fake_last_tree(&world), 100);
        fake_run(&world, USEC_PER_SEC);
        fake_expect(&world, "reply 1; added 1; changed 1 stopping; signal 1 SIGTERM all; "
                            "signal 1 SIGCONT all; changed 1 finished; exited 1 -15 owner-lost");
        fake_world_done(&world);
}

static Process *adopt(FakeWorld *world, pid_t pid, ProcessConfig *config, int expected) {
        Caller caller = FAKE_CALLER;
        const char *limit = NULL;
        ProcessConfig standard;
        Process *process = NULL;

        process_config_init(&standard);
        assert_int_equal(supervisor_adopt(world->supervisor, FAKE_GRANT, pid, -1,
                                          config ?: &standard, &caller, &world->now, &process,
                                          &limit),
                         expected);
        return process;
}

static void an_adopted_one_lives_and_ends_as_others(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        world.start_error = -EPERM;
        assert_null(adopt(&world, 4000, NULL, -EPERM));
        world.start_error = 0;
        process = adopt(&world, 4000, NULL, 0);
        assert_string_equal(process->command[0], "adopted");
        assert_ptr_equal(adopt(&world, 4000, NULL, 0), process);
        assert_ptr_equal(supervisor_find_pid(world.supervisor, 4000, 1000), process);
        fake_exit(fake_tree(process), 0, 0); /* nobody knows with what */
        fake_run(&world, 1000);
        fake_expect(&world, "added 2; changed 2 finished; exited 2 0 lost");
        /* the PID is used again: another process */
        assert_ptr_not_equal(adopt(&world, 4000, NULL, 0), process);
        fake_world_done(&world);
}

static void ids_grow_and_never_come_back(void **state) {
        FakeWorld world;
        uint64_t last = 0;

        fake_world_init(&world, NULL);
        for (unsigned i = 0; i < 10; i++) {
                Process *process = finished(&world);

                assert_true(process->id > last);
                last = process->id;
                supervisor_collect(world.supervisor, FAKE_GRANT, process);
        }
        fake_world_done(&world);
}

TEST_MAIN(TEST(the_order_is_reply_added_changed_exited_waiters_removed),
          TEST(an_exit_seen_early_is_kept_until_the_start_is_settled),
          TEST(a_start_that_hangs_is_answered_in_time), TEST(a_start_that_comes_too_late_is_none),
          TEST(a_failed_start_is_told_to_the_caller_alone),
          TEST(a_start_that_cannot_begin_says_so_at_once), TEST(results_tell_how_it_ended),
          TEST(limits_are_named_and_given_back), TEST(starts_per_second_and_bytes_are_limited),
          TEST(the_oldest_finished_are_forgotten_beyond_the_number),
          TEST(the_oldest_finished_are_forgotten_beyond_their_texts),
          TEST(one_that_is_waited_for_does_not_keep_the_others),
          TEST(a_finished_one_is_forgotten_at_its_age_and_never_before),
          TEST(what_runs_or_is_waited_for_cannot_be_collected),
          TEST(cleanup_leaves_what_could_not_be_ended), TEST(what_is_bound_ends_with_its_caller),
          TEST(a_caller_that_leaves_before_the_start_settled_ends_it),
          TEST(an_adopted_one_lives_and_ends_as_others), TEST(ids_grow_and_never_come_back))
