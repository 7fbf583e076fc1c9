/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a process says of itself: readiness and who waits for it, heartbeats, the wish for more time,
 * trouble; and CPU time as a sign of life. */

#include "util/fake-world.h"

#define SEC USEC_PER_SEC

static void say(FakeWorld *world, Process *process, const char *text) {
        Tree *tree = fake_tree(process);

        tree->events->notify(tree->userdata, text, strlen(text));
        fake_run(world, 0);
}

static ProcessConfig config_with(Readiness readiness, unsigned sources) {
        ProcessConfig config = fake_policy(10 * SEC, SEC, USEC_INFINITY, true);

        config.readiness = readiness;
        config.start_timeout = 20 * SEC;
        config.sources = 1u << ACTIVITY_REPORT | sources;
        return config;
}

static Process *start_unready(FakeWorld *world, ProcessConfig config) {
        Process *process;

        config.readiness = READINESS_NOTIFY;
        process = fake_process(world, &config);
        assert_int_equal(world->n_replies + world->n_failures, 0);
        assert_false(process->ready);
        fake_forget_log(world);
        return process;
}

static void start_is_answered_when_it_says_ready(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process = start_unready(&world, config_with(READINESS_NOTIFY, 0));
        fake_run(&world, 5 * SEC);
        say(&world, process, "STATUS=loading");
        assert_int_equal(world.n_replies, 0);
        say(&world, process, "READY=1\nSTATUS=serving");
        fake_expect(&world, "reply 1");
        assert_true(process->ready);
        assert_string_equal(process->status_text, "serving");
        say(&world, process, "READY=1");
        fake_expect(&world, "");
        assert_int_equal(world.n_failures, 0);
        fake_world_done(&world);
}

static void start_fails_when_it_ends_before(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process = start_unready(&world, config_with(READINESS_NOTIFY, 0));
        fake_exit(fake_tree(process), 0, SEC);
        fake_run(&world, SEC);
        fake_expect(&world, "failed ready; changed 1 finished; exited 1 0 success");
        assert_false(process->ready);
        fake_run(&world, 60 * SEC);
        assert_int_equal(world.n_replies + world.n_failures, 1);
        fake_world_done(&world);
}

static void start_fails_when_its_time_is_up(void **state) {
        FakeWorld world;

        fake_world_init(&world, NULL);
        start_unready(&world, config_with(READINESS_NOTIFY, 0));
        fake_run(&world, 20 * SEC - USEC_PER_MSEC);
        fake_expect(&world, "");
        fake_run(&world, SEC);
        fake_expect(&world, "failed ready; changed 1 stopping; signal 1 SIGTERM all; "
                            "signal 1 SIGCONT all; changed 1 finished; exited 1 -15 start-timeout");
        fake_world_done(&world);
}

static void more_time_puts_the_start_timeout_off(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process = start_unready(&world, config_with(READINESS_NOTIFY, 0));
        fake_run(&world, 19 * SEC);
        say(&world, process, "EXTEND_TIMEOUT_USEC=10000000");
        fake_run(&world, 9 * SEC);
        fake_expect(&world, "");
        say(&world, process, "EXTEND_TIMEOUT_USEC=1000"); /* never shorter */
        fake_run(&world, USEC_PER_MSEC * 900);
        fake_expect(&world, "");
        fake_run(&world, 2 * SEC);
        assert_int_equal(world.n_failures, 1);
        assert_int_equal(process->result, RESULT_START_TIMEOUT);
        fake_world_done(&world);
}

static void an_endless_extension_saturates(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process = start_unready(&world, config_with(READINESS_NOTIFY, 0));
        say(&world, process, "EXTEND_TIMEOUT_USEC=18446744073709551615");
        fake_run(&world, 1000 * SEC);
        fake_expect(&world, "");
        say(&world, process, "READY=1");
        fake_expect(&world, "reply 1");
        fake_world_done(&world);
}

/* RuntimeMax is a hard limit: not for its process to put off. */
static void more_time_does_not_move_the_runtime_limit(void **state) {
        ProcessConfig config = config_with(READINESS_EXEC, 1u << ACTIVITY_NOTIFY);
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        config.runtime_max = 10 * SEC;
        process = start_unready(&world, config);
        say(&world, process, "EXTEND_TIMEOUT_USEC=60000000\nWATCHDOG=1");
        fake_run(&world, 11 * SEC);
        assert_int_equal(process->stop_cause, RESULT_RUNTIME_LIMIT);
        fake_world_done(&world);
}

static void the_watchdog_waits_for_readiness(void **state) {
        ProcessConfig config = config_with(READINESS_NOTIFY, 1u << ACTIVITY_NOTIFY);
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        config.start_timeout = USEC_INFINITY;
        process = start_unready(&world, config);
        fake_run(&world, 1000 * SEC);
        fake_expect(&world, "");
        say(&world, process, "READY=1");
        fake_forget_log(&world);
        fake_run(&world, 10 * SEC);
        fake_expect(&world, ""); /* idle time begins with readiness */
        fake_run(&world, 3 * SEC);
        assert_int_equal(process->result, RESULT_HANG);
        fake_world_done(&world);
}

static void a_stop_before_readiness_answers_the_start(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process = start_unready(&world, config_with(READINESS_NOTIFY, 0));
        fake_stop(&world, process, STOP_ASK);
        fake_run(&world, SEC);
        fake_expect(&world, "changed 1 stopping; signal 1 SIGTERM all; signal 1 SIGCONT all; "
                            "failed ready; changed 1 finished; exited 1 -15 stopped");
        fake_world_done(&world);
}

static void a_caller_who_leaves_leaves_the_process(void **state) {
        for (int bound = 0; bound < 2; bound++) {
                ProcessConfig config = config_with(READINESS_NOTIFY, 0);
                FakeWorld world;
                Process *process;

                fake_world_init(&world, NULL);
                config.bind_to_caller = bound;
                process = start_unready(&world, config);
                supervisor_origin_gone(world.supervisor, FAKE_CALLER.origin, &world.now);
                fake_run(&world, SEC);
                if (bound) {
                        assert_int_equal(process->result, RESULT_OWNER_LOST);
                        assert_int_equal(world.n_failures, 1);
                } else {
                        say(&world, process, "READY=1");
                        fake_expect(&world, "reply 1"); /* the bus drops it */
                }
                fake_world_done(&world);
        }
}

static void the_end_of_the_service_is_told_before_readiness(void **state) {
        FakeWorld world;

        fake_world_init(&world, NULL);
        start_unready(&world, config_with(READINESS_NOTIFY, 0));
        supervisor_end(world.supervisor, &world.now);
        fake_run(&world, 60 * SEC);
        fake_expect(&world, "failed start; changed 1 stopping; signal 1 SIGTERM all; "
                            "signal 1 SIGCONT all; changed 1 finished; exited 1 -15 stopped; idle");
        fake_world_done(&world);
}

/* The test of leaks is this test under the address sanitizer. */
static void an_open_start_goes_with_the_supervisor(void **state) {
        FakeWorld world;

        fake_world_init(&world, NULL);
        start_unready(&world, config_with(READINESS_NOTIFY, 0));
        fake_world_done(&world);
        assert_int_equal(world.n_replies + world.n_failures, 0);
}

static void heartbeats_keep_it_alive_and_only_where_they_count(void **state) {
        for (int counts = 0; counts < 2; counts++) {
                ProcessConfig config = config_with(READINESS_EXEC,
                                                   counts ? 1u << ACTIVITY_NOTIFY : 0);
                FakeWorld world;
                Process *process;

                fake_world_init(&world, NULL);
                process = fake_process(&world, &config);
                for (unsigned i = 0; i < 5; i++) {
                        fake_run(&world, 5 * SEC);
                        if (process_is_running(process))
                                say(&world, process, "WATCHDOG=1");
                }
                if (!counts) {
                        assert_int_equal(process->result, RESULT_HANG);
                        assert_int_equal(process->last_source, ACTIVITY_START);
                        fake_world_done(&world);
                        continue;
                }
                assert_true(process_is_running(process));
                assert_int_equal(process->last_source, ACTIVITY_NOTIFY);
                fake_run(&world, 13 * SEC);
                assert_int_equal(process->result, RESULT_HANG);
                assert_int_equal(process->last_source, ACTIVITY_NOTIFY);
                fake_world_done(&world);
        }
}

static void output_counts_where_it_is_asked_for(void **state) {
        for (int counts = 0; counts < 2; counts++) {
                ProcessConfig config = config_with(READINESS_EXEC,
                                                   counts ? 1u << ACTIVITY_OUTPUT : 0);
                FakeWorld world;
                Process *process;

                fake_world_init(&world, NULL);
                process = fake_process(&world, &config);
                for (unsigned i = 0; i < 5; i++) {
                        fake_run(&world, 5 * SEC);
                        if (process_is_running(process))
                                fake_tree(process)->events->output(process);
                }
                assert_true(process_is_running(process) == counts);
                assert_int_equal(process->last_source, counts ? ACTIVITY_OUTPUT : ACTIVITY_START);
                fake_world_done(&world);
        }
}

static void it_can_set_its_own_timeout(void **state) {
        ProcessConfig config = config_with(READINESS_EXEC, 1u << ACTIVITY_NOTIFY);
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process = fake_process(&world, &config);
        say(&world, process, "WATCHDOG_USEC=100000000");
        assert_true(supervisor_policy(world.supervisor, process).timeout == 100 * SEC);
        fake_run(&world, 90 * SEC);
        assert_true(process_is_running(process));
        say(&world, process, "WATCHDOG_USEC=1"); /* not below what anybody may set */
        assert_true(supervisor_policy(world.supervisor, process).timeout == TIMEOUT_MIN);
        fake_world_done(&world);
}

static void a_timeout_of_one_that_does_not_use_heartbeats_stays(void **state) {
        ProcessConfig config = config_with(READINESS_EXEC, 0);
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process = fake_process(&world, &config);
        say(&world, process, "WATCHDOG_USEC=100000000");
        assert_true(supervisor_policy(world.supervisor, process).timeout == 10 * SEC);
        fake_world_done(&world);
}

static void trouble_is_a_hang_at_once(void **state) {
        for (int kills = 0; kills < 2; kills++) {
                ProcessConfig config = config_with(READINESS_EXEC, 1u << ACTIVITY_NOTIFY);
                FakeWorld world;
                Process *process;

                fake_world_init(&world, NULL);
                config.policy.auto_kill = kills;
                process = fake_process(&world, &config);
                fake_forget_log(&world);
                say(&world, process, "WATCHDOG=trigger");
                say(&world, process, "WATCHDOG=trigger"); /* told once */
                assert_int_equal(world.n_hung, 1);
                fake_run(&world, SEC);
                assert_true(process_is_running(process) == !kills);
                if (kills)
                        assert_int_equal(process->result, RESULT_HANG);
                fake_world_done(&world);
        }
}

static void trouble_of_one_that_is_not_watched_is_nothing(void **state) {
        ProcessConfig config = config_with(READINESS_EXEC, 1u << ACTIVITY_NOTIFY);
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process = fake_process(&world, &config);
        assert_int_equal(supervisor_watch(world.supervisor, FAKE_GRANT, process, false, &world.now),
                         0);
        say(&world, process, "WATCHDOG=trigger");
        assert_int_equal(world.n_hung, 0);
        fake_world_done(&world);
}

static void more_time_puts_a_stop_off_but_not_the_end_of_the_service(void **state) {
        for (int ends = 0; ends < 2; ends++) {
                ProcessConfig config = config_with(READINESS_EXEC, 1u << ACTIVITY_NOTIFY);
                FakeWorld world;
                Process *process;

                fake_world_init(&world, NULL);
                world.nature.dies_of_stop = USEC_INFINITY;
                config.stop_timeout = 2 * SEC;
                process = fake_process(&world, &config);
                if (ends)
                        supervisor_end(world.supervisor, &world.now);
                else
                        fake_stop(&world, process, STOP_ASK);
                say(&world, process, "STOPPING=1\nEXTEND_TIMEOUT_USEC=60000000\nERRNO=5");
                assert_int_equal(process->status_errno, 5);
                assert_true(process->stopping_itself);
                fake_run(&world, 50 * SEC);
                assert_true(process_is_running(process) == !ends);
                fake_stop(&world, process, STOP_FORCE); /* no wish delays force */
                fake_run(&world, SEC);
                assert_false(process_is_running(process));
                fake_world_done(&world);
        }
}

/* What a program says does not undo the verdict on it. */
static void heartbeats_of_one_that_is_being_stopped_change_nothing(void **state) {
        ProcessConfig config = config_with(READINESS_EXEC, 1u << ACTIVITY_NOTIFY);
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        world.nature.dies_of_stop = USEC_INFINITY;
        process = fake_process(&world, &config);
        fake_run(&world, 12 * SEC + 500 * USEC_PER_MSEC);
        assert_int_equal(process->state, STATE_STOPPING);
        for (unsigned i = 0; i < 20 && process_is_running(process); i++) {
                say(&world, process, "WATCHDOG=1");
                fake_run(&world, 200 * USEC_PER_MSEC);
        }
        assert_int_equal(process->result, RESULT_HANG);
        fake_world_done(&world);
}

static void cpu_time_is_a_sign_of_life_where_it_is_asked_for(void **state) {
        for (int counts = 0; counts < 2; counts++) {
                ProcessConfig config = config_with(READINESS_EXEC, counts ? 1u << ACTIVITY_CPU : 0);
                FakeWorld world;
                Process *process;

                fake_world_init(&world, NULL);
                process = fake_process(&world, &config);
                for (unsigned i = 0; i < 100 && process_is_running(process); i++) {
                        fake_tree(process)->nature.probe.cpu_nsec += 1000000;
                        fake_run(&world, SEC);
                }
                assert_true(process_is_running(process) == counts);
                if (counts) {
                        assert_int_equal(process->last_source, ACTIVITY_CPU);
                        fake_run(&world, 25 * SEC); /* it was last looked at up to a timeout ago */
                        assert_int_equal(process->result, RESULT_HANG);
                }
                fake_world_done(&world);
        }
}

/* A member of the tree that ends takes its CPU time along; the rest still works. */
static void cpu_time_that_shrinks_is_a_sign_of_life_too(void **state) {
        ProcessConfig config = config_with(READINESS_EXEC, 1u << ACTIVITY_CPU);
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process = fake_process(&world, &config);
        fake_tree(process)->nature.probe.cpu_nsec = UINT64_C(1000) * 1000000000;
        fake_run(&world, 5 * SEC);
        assert_int_equal(process->last_source, ACTIVITY_CPU);
        fake_tree(process)->nature.probe.cpu_nsec = 0;
        for (unsigned i = 0; i < 100 && process_is_running(process); i++) {
                fake_tree(process)->nature.probe.cpu_nsec += 1000000;
                fake_run(&world, SEC);
        }
        assert_true(process_is_running(process));
        fake_world_done(&world);
}

TEST_MAIN(TEST(start_is_answered_when_it_says_ready), TEST(start_fails_when_it_ends_before),
          TEST(start_fails_when_its_time_is_up), TEST(more_time_puts_the_start_timeout_off),
          TEST(an_endless_extension_saturates), TEST(more_time_does_not_move_the_runtime_limit),
          TEST(the_watchdog_waits_for_readiness), TEST(a_stop_before_readiness_answers_the_start),
          TEST(a_caller_who_leaves_leaves_the_process),
          TEST(the_end_of_the_service_is_told_before_readiness),
          TEST(an_open_start_goes_with_the_supervisor),
          TEST(heartbeats_keep_it_alive_and_only_where_they_count),
          TEST(output_counts_where_it_is_asked_for), TEST(it_can_set_its_own_timeout),
          TEST(a_timeout_of_one_that_does_not_use_heartbeats_stays),
          TEST(trouble_is_a_hang_at_once), TEST(trouble_of_one_that_is_not_watched_is_nothing),
          TEST(more_time_puts_a_stop_off_but_not_the_end_of_the_service),
          TEST(heartbeats_of_one_that_is_being_stopped_change_nothing),
          TEST(cpu_time_is_a_sign_of_life_where_it_is_asked_for),
          TEST(cpu_time_that_shrinks_is_a_sign_of_life_too))
