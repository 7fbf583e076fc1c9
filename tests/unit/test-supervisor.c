/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Verbs about the whole through the supervisor: stops with their timings, two callers of one stop,
 * signals, the end of the service with all that can be under way then. */

#include <signal.h>

#include "util/fake-world.h"

static void a_stop_asks_waits_and_forces_on_time(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        world.nature.dies_of_stop = USEC_INFINITY;
        process = fake_process(&world, NULL);
        fake_forget_log(&world);
        world.stamps = true;
        world.epoch = world.now.monotonic;
        fake_stop(&world, process, STOP_ASK);
        fake_wait(&world, WAIT_EMPTIED, WAIT_MODE_ALL, USEC_INFINITY, 1, process);
        fake_run(&world, 10 * USEC_PER_SEC);
        fake_expect(&world, "0.0ms changed 1 stopping; 0.0ms signal 1 SIGTERM all; "
                            "0.0ms signal 1 SIGCONT all; 2000.0ms signal 1 SIGKILL all; "
                            "2001.0ms changed 1 finished; 2001.0ms exited 1 -9 stopped; "
                            "2001.0ms waiter met");
        fake_world_done(&world);
}

static void force_kills_at_once_and_makes_an_ask_forceful(void **state) {
        FakeWorld world;
        Process *a, *b;

        fake_world_init(&world, NULL);
        world.nature.dies_of_stop = USEC_INFINITY;
        a = fake_process(&world, NULL);
        b = fake_process(&world, NULL);
        fake_forget_log(&world);
        fake_stop(&world, a, STOP_FORCE);
        fake_run(&world, 100000);
        fake_expect(&world, "changed 1 stopping; signal 1 SIGKILL all; changed 1 finished; "
                            "exited 1 -9 stopped");
        fake_stop(&world, b, STOP_ASK);
        fake_run(&world, USEC_PER_SEC);
        fake_stop(&world, b, STOP_FORCE);
        fake_run(&world, 100000);
        fake_expect(&world, "changed 2 stopping; signal 2 SIGTERM all; signal 2 SIGCONT all; "
                            "signal 2 SIGKILL all; changed 2 finished; exited 2 -9 stopped");
        fake_world_done(&world);
}

static void two_stops_are_one_stop_with_two_answers(void **state) {
        FakeWait *first, *second;
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        world.nature.dies_of_stop = 50 * USEC_PER_MSEC;
        process = fake_process(&world, NULL);
        fake_forget_log(&world);
        fake_stop(&world, process, STOP_ASK);
        first = fake_wait(&world, WAIT_EMPTIED, WAIT_MODE_ALL, USEC_INFINITY, 1, process);
        fake_run(&world, 10 * USEC_PER_MSEC);
        fake_stop(&world, process, STOP_ASK);
        second = fake_wait(&world, WAIT_EMPTIED, WAIT_MODE_ALL, USEC_INFINITY, 1, process);
        fake_run(&world, USEC_PER_SEC);
        fake_expect(&world, "changed 1 stopping; signal 1 SIGTERM all; signal 1 SIGCONT all; "
                            "changed 1 finished; exited 1 -15 stopped; waiter met; waiter met");
        assert_true(first->answered_at == second->answered_at);
        fake_stop(&world, process, STOP_FORCE); /* harmless */
        fake_expect(&world, "");
        fake_world_done(&world);
}

static void the_rest_of_a_tree_ends_too(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        world.nature.leaves_something = true;
        world.nature.rest_dies_of_stop = USEC_INFINITY;
        process = fake_process(&world, NULL);
        fake_forget_log(&world);
        world.stamps = true;
        world.epoch = world.now.monotonic;
        fake_exit(fake_tree(process), 0, 0);
        fake_run(&world, 10 * USEC_PER_SEC);
        fake_expect(&world, "0.0ms changed 1 finished; 0.0ms exited 1 0 success; "
                            "500.0ms signal 1 SIGTERM all; 500.0ms signal 1 SIGCONT all; "
                            "2500.0ms signal 1 SIGKILL all");
        assert_true(process->emptied);
        fake_world_done(&world);
}

static void a_rest_that_leaves_by_itself_is_not_touched(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        world.nature.leaves_something = true;
        world.nature.rest_ends_after = LADDER_GRACE_USEC - 1;
        process = fake_process(&world, NULL);
        fake_forget_log(&world);
        fake_exit(fake_tree(process), 0, 0);
        fake_run(&world, 10 * USEC_PER_SEC);
        fake_expect(&world, "changed 1 finished; exited 1 0 success");
        fake_world_done(&world);
}

static void kill_mode_process_leaves_the_rest_alone_until_a_stop(void **state) {
        ProcessConfig config;
        FakeWorld world;
        Process *left, *stopped;
        FakeWait *wait;

        fake_world_init(&world, NULL);
        process_config_init(&config);
        config.kill_mode = KILL_MODE_PROCESS;
        world.nature.leaves_something = true;
        left = fake_process(&world, &config);
        stopped = fake_process(&world, &config);
        fake_forget_log(&world);
        fake_exit(fake_tree(left), 0, 0);
        fake_exit(fake_tree(stopped), 0, 0);
        fake_run(&world, 10 * USEC_PER_SEC);
        fake_expect(&world, "changed 1 finished; exited 1 0 success; changed 2 finished; "
                            "exited 2 0 success");
        fake_stop(&world, stopped, STOP_ASK);
        wait = fake_wait(&world, WAIT_EMPTIED, WAIT_MODE_ALL, USEC_INFINITY, 1, stopped);
        fake_run(&world, USEC_PER_SEC);
        fake_expect(&world, "signal 2 SIGTERM all; signal 2 SIGCONT all; waiter met");
        assert_int_equal(wait->outcome, WAIT_MET);
        assert_int_equal(stopped->result, RESULT_SUCCESS);
        supervisor_collect(world.supervisor, FAKE_GRANT, left);
        fake_expect(&world, "removed 1; abandon 1");
        fake_world_done(&world);
}

/* All of them, and a wait until nothing is left. */
static FakeWait *stop_all(FakeWorld *world, StopMode mode) {
        g_autoptr(GPtrArray) live = supervisor_stop_all(world->supervisor, FAKE_GRANT,
                                                        FAKE_CALLER.uid, mode, &world->now);
        Process *first = live->len > 0 ? live->pdata[0] : NULL;

        assert_int_equal(live->len, 1);
        return fake_wait(world, WAIT_EMPTIED, WAIT_MODE_ALL, USEC_INFINITY, 1, first);
}

static void a_start_that_is_stopped_meanwhile_is_ended_when_it_is_settled(void **state) {
        FakeWorld world;
        FakeWait *wait;

        fake_world_init(&world, NULL);
        fake_start(&world, NULL, FAKE_CALLER, NULL);
        wait = stop_all(&world, STOP_ASK);
        assert_int_equal(wait->n_answers, 0);
        fake_run(&world, USEC_PER_SEC);
        fake_expect(&world, "signal 1 SIGTERM all; signal 1 SIGCONT all; reply 1; added 1; "
                            "changed 1 finished; exited 1 -15 stopped; waiter met");
        fake_world_done(&world);
}

static void a_start_that_is_killed_fails_and_is_waited_for(void **state) {
        FakeWorld world;
        FakeWait *wait;

        fake_world_init(&world, NULL);
        world.nature.start_hangs = true;
        fake_start(&world, NULL, FAKE_CALLER, NULL);
        wait = stop_all(&world, STOP_ASK);
        fake_run(&world, USEC_PER_SEC);
        assert_int_equal(wait->n_answers, 0);
        fake_run(&world, 2 * USEC_PER_SEC);
        fake_expect(&world, "signal 1 SIGTERM all; signal 1 SIGCONT all; signal 1 SIGKILL all; "
                            "failed start; waiter met");
        assert_int_equal(wait->outcome, WAIT_MET);
        fake_world_done(&world);
}

static void a_start_that_not_even_a_kill_ends_is_given_up(void **state) {
        FakeWorld world;
        FakeWait *wait;

        fake_world_init(&world, NULL);
        world.nature.start_hangs = true;
        world.nature.dies_of_kill = USEC_INFINITY;
        fake_start(&world, NULL, FAKE_CALLER, NULL);
        wait = stop_all(&world, STOP_FORCE);
        fake_run(&world, 10 * USEC_PER_SEC);
        assert_int_equal(wait->outcome, WAIT_STUCK);
        assert_int_equal(world.n_failures, 0);
        fake_settle(fake_last_tree(&world), 0); /* it comes to itself after all */
        fake_run(&world, USEC_PER_SEC);
        assert_int_equal(world.n_replies, 1);
        fake_world_done(&world);
}

static void signals_go_to_what_runs(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process = fake_process(&world, NULL);
        fake_forget_log(&world);
        assert_int_equal(
                supervisor_signal(world.supervisor, FAKE_GRANT, process, SIGUSR1, TREE_GROUP), 0);
        fake_run(&world, USEC_PER_SEC);
        fake_expect(&world, "signal 1 SIGUSR1 group; changed 1 finished; exited 1 -10 signal");
        assert_int_equal(
                supervisor_signal(world.supervisor, FAKE_GRANT, process, SIGTERM, TREE_GROUP),
                CORE_E_NOT_RUNNING);
        fake_world_done(&world);
}

static void runtime_max_ends_whatever_the_activity(void **state) {
        ProcessConfig config;
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process_config_init(&config);
        config.runtime_max = 3 * USEC_PER_SEC;
        process = fake_process(&world, &config);
        world.epoch = process->started.monotonic;
        supervisor_watchdog_activate(world.supervisor, FAKE_GRANT, false, &world.now);
        fake_forget_log(&world);
        world.stamps = true;
        for (unsigned i = 0; i < 40; i++) {
                fake_report(&world, process);
                fake_run(&world, 100 * USEC_PER_MSEC);
        }
        fake_expect(&world, "3000.0ms changed 1 stopping; 3000.0ms signal 1 SIGTERM all; "
                            "3000.0ms signal 1 SIGCONT all; 3001.0ms changed 1 finished; "
                            "3001.0ms exited 1 -15 runtime-limit");
        fake_world_done(&world);
}

static void the_first_cause_stays_the_cause(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        world.nature.dies_of_stop = USEC_PER_SEC;
        process = fake_process(&world, NULL);
        process->config.runtime_max = 100 * USEC_PER_MSEC;
        fake_stop(&world, process, STOP_ASK);
        fake_run(&world, 5 * USEC_PER_SEC);
        assert_int_equal(process->result, RESULT_STOPPED);
        fake_world_done(&world);
}

static void an_end_with_nothing_is_idle_at_once_and_once(void **state) {
        const char *limit = NULL;
        FakeWorld world;

        fake_world_init(&world, NULL);
        supervisor_end(world.supervisor, &world.now);
        supervisor_end(world.supervisor, &world.now);
        fake_expect(&world, "idle");
        assert_int_equal(fake_start(&world, NULL, FAKE_CALLER, &limit), CORE_E_SHUTTING_DOWN);
        fake_world_done(&world);
}

static void an_end_stops_all_in_parallel_and_cancels_starts(void **state) {
        ProcessConfig patient;
        FakeWorld world;
        Process *a;

        fake_world_init(&world, NULL);
        process_config_init(&patient);
        patient.stop_timeout = USEC_PER_HOUR;
        world.nature.dies_of_stop = USEC_INFINITY;
        a = fake_process(&world, &patient);
        fake_process(&world, NULL);
        fake_stop(&world, a, STOP_ASK); /* an hour to go: the end is shorter */
        world.nature.start_hangs = true;
        assert_int_equal(fake_start(&world, NULL, FAKE_CALLER, NULL), 0);
        fake_forget_log(&world);
        world.stamps = true;
        world.epoch = world.now.monotonic;
        supervisor_end(world.supervisor, &world.now);
        fake_run(&world, 30 * USEC_PER_SEC);
        fake_expect(&world, "0.0ms failed start; 0.0ms changed 2 stopping; "
                            "0.0ms signal 2 SIGTERM all; 0.0ms signal 2 SIGCONT all; "
                            "2000.0ms signal 2 SIGKILL all; 2001.0ms changed 2 finished; "
                            "2001.0ms exited 2 -9 stopped; 10000.0ms signal 1 SIGKILL all; "
                            "10001.0ms changed 1 finished; 10001.0ms exited 1 -9 stopped; "
                            "10001.0ms idle");
        fake_world_done(&world);
}

static void an_end_with_only_a_hung_start_is_idle_at_once(void **state) {
        FakeWorld world;

        fake_world_init(&world, NULL);
        world.nature.start_hangs = true;
        assert_int_equal(fake_start(&world, NULL, FAKE_CALLER, NULL), 0);
        supervisor_end(world.supervisor, &world.now);
        fake_expect(&world, "failed start; idle");
        assert_int_equal(world.n_idle, 1);
        fake_world_done(&world);
}

static void an_end_does_not_wait_for_what_cannot_be_ended(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        world.nature.dies_of_stop = world.nature.dies_of_kill = USEC_INFINITY;
        process = fake_process(&world, NULL);
        fake_process(&world, NULL)->config.stop_timeout = 4 * USEC_PER_SEC;
        supervisor_end(world.supervisor, &world.now);
        fake_run(&world, 2 * USEC_PER_SEC + LADDER_BOUND_USEC);
        assert_int_equal(world.n_idle, 0);
        /* its tree was let go: what is asked of it now is refused, not passed on */
        assert_int_equal(
                supervisor_signal(world.supervisor, FAKE_GRANT, process, SIGTERM, TREE_GROUP),
                CORE_E_NOT_RUNNING);
        fake_run(&world, 2 * USEC_PER_SEC);
        assert_int_equal(world.n_idle, 1);
        fake_world_done(&world);
}

static void an_end_abandons_leftovers_that_were_to_stay(void **state) {
        ProcessConfig config;
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process_config_init(&config);
        config.kill_mode = KILL_MODE_PROCESS;
        world.nature.leaves_something = true;
        process = fake_process(&world, &config);
        fake_exit(fake_tree(process), 0, 0);
        fake_run(&world, 10);
        fake_forget_log(&world);
        supervisor_end(world.supervisor, &world.now);
        fake_expect(&world, "abandon 1; idle");
        fake_world_done(&world);
}

static void an_end_answers_those_who_wait_for_a_stop(void **state) {
        for (KillMode mode = 0; mode < _KILL_MODE_MAX; mode++) {
                ProcessConfig config;
                FakeWorld world;
                Process *process;
                FakeWait *wait;

                fake_world_init(&world, NULL);
                process_config_init(&config);
                config.kill_mode = mode;
                world.nature.leaves_something = true;
                world.nature.rest_dies_of_stop = USEC_INFINITY;
                process = fake_process(&world, &config);
                fake_stop(&world, process, STOP_ASK);
                wait = fake_wait(&world, WAIT_EMPTIED, WAIT_MODE_ALL, USEC_INFINITY, 1, process);
                supervisor_end(world.supervisor, &world.now);
                fake_run(&world, 30 * USEC_PER_SEC);
                assert_int_equal(wait->n_answers, 1);
                assert_int_equal(wait->outcome, WAIT_MET);
                assert_int_equal(world.n_idle, 1);
                fake_world_done(&world);
        }
}

static void freed_in_the_middle_nothing_is_left(void **state) {
        FakeWorld world;

        fake_world_init(&world, NULL);
        fake_process(&world, NULL);
        world.nature.start_hangs = true;
        assert_int_equal(fake_start(&world, NULL, FAKE_CALLER, NULL), 0);
        fake_world_done(&world);
        assert_null(supervisor_free(NULL));
}

TEST_MAIN(TEST(a_stop_asks_waits_and_forces_on_time),
          TEST(force_kills_at_once_and_makes_an_ask_forceful),
          TEST(two_stops_are_one_stop_with_two_answers), TEST(the_rest_of_a_tree_ends_too),
          TEST(a_rest_that_leaves_by_itself_is_not_touched),
          TEST(kill_mode_process_leaves_the_rest_alone_until_a_stop),
          TEST(a_start_that_is_stopped_meanwhile_is_ended_when_it_is_settled),
          TEST(a_start_that_is_killed_fails_and_is_waited_for),
          TEST(a_start_that_not_even_a_kill_ends_is_given_up), TEST(signals_go_to_what_runs),
          TEST(runtime_max_ends_whatever_the_activity), TEST(the_first_cause_stays_the_cause),
          TEST(an_end_with_nothing_is_idle_at_once_and_once),
          TEST(an_end_stops_all_in_parallel_and_cancels_starts),
          TEST(an_end_with_only_a_hung_start_is_idle_at_once),
          TEST(an_end_does_not_wait_for_what_cannot_be_ended),
          TEST(an_end_abandons_leftovers_that_were_to_stay),
          TEST(an_end_answers_those_who_wait_for_a_stop), TEST(freed_in_the_middle_nothing_is_left))
