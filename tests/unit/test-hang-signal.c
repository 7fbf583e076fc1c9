/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The signal to dump, through the supervisor: when it comes, what ends the time for it, and that a
 * hang stays a hang and stays bounded. */

#include <signal.h>

#include "util/fake-world.h"

#define SEC USEC_PER_SEC

static ProcessConfig dumping(usec_t dump_timeout, usec_t max_hang) {
        ProcessConfig config = fake_policy(SEC, SEC, max_hang, true);

        config.hang_signal = SIGQUIT;
        config.hang_signal_timeout = dump_timeout;
        return config;
}

/* Runs until the watchdog has spoken. */
static Process *hung(FakeWorld *world, ProcessConfig *config) {
        Process *process = fake_process(world, config);

        fake_forget_log(world);
        while (world->n_hung == 0)
                fake_run(world, USEC_PER_MSEC);
        return process;
}

static void it_comes_first_and_the_result_stays_hang(void **state) {
        ProcessConfig config = dumping(5 * SEC, 60 * SEC);
        FakeWorld world;

        fake_world_init(&world, NULL);
        world.looks = true;
        hung(&world, &config);
        fake_run(&world, SEC);
        fake_expect(&world, "changed 1 slow; inspect 1; changed 1 hung; hung 1 stop; "
                            "changed 1 stopping; signal 1 SIGQUIT all; signal 1 SIGCONT all; "
                            "changed 1 finished; exited 1 -3 hang");
        fake_world_done(&world);
}

static void who_does_not_end_by_it_is_stopped_as_ever(void **state) {
        ProcessConfig config = dumping(5 * SEC, 60 * SEC);
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        world.nature.dies_of_stop = USEC_INFINITY;
        process = hung(&world, &config);
        fake_forget_log(&world);
        fake_run(&world, 4 * SEC);
        fake_expect(&world, "");
        fake_run(&world, SEC + USEC_PER_MSEC);
        fake_expect(&world, "signal 1 SIGTERM all; signal 1 SIGCONT all");
        fake_run(&world, 2 * SEC);
        fake_expect(&world, "signal 1 SIGKILL all; changed 1 finished; exited 1 -9 hang");
        assert_int_equal(process->result, RESULT_HANG);
        fake_world_done(&world);
}

static void max_hang_time_bounds_it(void **state) {
        ProcessConfig config = dumping(USEC_PER_HOUR, 4 * SEC);
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        world.nature.dies_of_stop = USEC_INFINITY;
        process = hung(&world, &config);
        fake_forget_log(&world);
        fake_run(&world, 4 * SEC);
        fake_expect(&world, "signal 1 SIGKILL all; changed 1 finished; exited 1 -9 hang");
        assert_true(process->exited.monotonic <= process->started.monotonic + 6 * SEC);
        fake_world_done(&world);

        /* beyond it there is no time for a dump at all */
        config = dumping(USEC_PER_HOUR, 0);
        fake_world_init(&world, NULL);
        hung(&world, &config);
        fake_run(&world, SEC);
        fake_expect(&world, "changed 1 slow; changed 1 hung; hung 1 stop; changed 1 stopping; "
                            "signal 1 SIGKILL all; changed 1 finished; exited 1 -9 hang");
        fake_world_done(&world);
}

static void a_stop_by_somebody_goes_on_to_the_stop_signal(void **state) {
        ProcessConfig config = dumping(5 * SEC, 60 * SEC);
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        world.nature.dies_of_stop = USEC_INFINITY;
        process = hung(&world, &config);
        fake_forget_log(&world);
        fake_stop(&world, process, STOP_ASK);
        fake_expect(&world, "signal 1 SIGTERM all; signal 1 SIGCONT all");
        fake_run(&world, 2 * SEC + USEC_PER_MSEC);
        assert_int_equal(process->result, RESULT_HANG); /* the first cause */
        fake_world_done(&world);
}

static void other_stops_do_not_use_it(void **state) {
        ProcessConfig config = dumping(5 * SEC, 60 * SEC);
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        config.runtime_max = SEC / 2;
        fake_process(&world, &config);
        fake_forget_log(&world);
        fake_run(&world, SEC);
        fake_expect(&world, "changed 1 stopping; signal 1 SIGTERM all; signal 1 SIGCONT all; "
                            "changed 1 finished; exited 1 -15 runtime-limit");
        config = dumping(5 * SEC, 60 * SEC);
        process = fake_process(&world, &config);
        fake_forget_log(&world);
        fake_stop(&world, process, STOP_ASK);
        fake_expect(&world, "changed 2 stopping; signal 2 SIGTERM all; signal 2 SIGCONT all");
        fake_run(&world, SEC);
        fake_world_done(&world);
}

/* A wrapper may be gone at once while the program that it started writes. */
static void the_rest_of_the_tree_keeps_its_time_when_the_main_process_is_gone(void **state) {
        ProcessConfig config = dumping(5 * SEC, 60 * SEC);
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        world.nature.leaves_something = true;
        process = hung(&world, &config);
        fake_run(&world, SEC);
        assert_int_equal(process->exit_code, -SIGQUIT);
        assert_int_equal(supervisor_cleanup(world.supervisor, FAKE_GRANT, UID_ANY), 0);
        fake_forget_log(&world);
        fake_run(&world, 3 * SEC);
        fake_expect(&world, "");
        fake_run(&world, 2 * SEC);
        fake_expect(&world, "signal 1 SIGTERM all; signal 1 SIGCONT all");
        assert_true(process->emptied);
        fake_world_done(&world);
}

/* Whatever the times: the dump comes when the verdict falls, the question after the dump's time, the
 * kill after the question's or when the hang has lasted too long, whichever is first. */
static void every_rung_has_its_time(void **state) {
        g_autoptr(GRand) rand = check_rand(__func__);

        for (unsigned i = 0; i < 400; i++) {
                usec_t interval = SEC, late = interval + 2 * USEC_PER_MSEC, asked, forced, bound;
                usec_t dump = (usec_t)g_rand_int_range(rand, 0, 8 * SEC);
                usec_t max_hang = (usec_t)g_rand_int_range(rand, 5 * SEC, 20 * SEC);
                ProcessConfig config = dumping(dump, max_hang);
                FakeWorld world;
                Process *process;
                Tree *tree;

                fake_world_init(&world, NULL);
                world.mute = true;
                world.nature.dies_of_stop = USEC_INFINITY;
                config.stop_timeout = (usec_t)g_rand_int_range(rand, 0, 8 * SEC);
                process = hung(&world, &config);
                tree = fake_tree(process);
                assert_int_equal(process->ladder.step, LADDER_DUMPING);
                assert_true(tree->told_at == world.last_hung_at);
                bound = process->baseline + max_hang;
                asked = tree->told_at + dump;
                forced = MIN(asked + config.stop_timeout, MAX(bound, tree->told_at));
                while (process_is_running(process)) {
                        if (process->ladder.step == LADDER_DUMPING)
                                assert_true(world.now.monotonic <= asked + USEC_PER_MSEC);
                        else if (process->ladder.step == LADDER_ASKED)
                                assert_true(world.now.monotonic >= asked);
                        fake_run(&world, 10 * USEC_PER_MSEC);
                }
                assert_true(tree->killed_at >= forced);
                assert_true(tree->killed_at <= forced + late);
                assert_int_equal(process->result, RESULT_HANG);
                fake_world_done(&world);
        }
}

TEST_MAIN(TEST(it_comes_first_and_the_result_stays_hang),
          TEST(who_does_not_end_by_it_is_stopped_as_ever), TEST(max_hang_time_bounds_it),
          TEST(a_stop_by_somebody_goes_on_to_the_stop_signal), TEST(other_stops_do_not_use_it),
          TEST(the_rest_of_the_tree_keeps_its_time_when_the_main_process_is_gone),
          TEST(every_rung_has_its_time))
