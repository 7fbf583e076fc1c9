/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The watchdog through the supervisor: verdicts on time, never early and late by at most one check
 * interval; excuses; policies that change; its switch; and no wake-up without need. */

#include "util/fake-world.h"

#define SEC USEC_PER_SEC

static Process *watched(FakeWorld *world, usec_t timeout, usec_t buffer, usec_t max_hang,
                        bool auto_kill) {
        ProcessConfig config = fake_policy(timeout, buffer, max_hang, auto_kill);

        return fake_process(world, &config);
}

static void set_interval(FakeWorld *world, usec_t interval) {
        WatchdogDefaults defaults = *supervisor_watchdog_defaults(world->supervisor);

        defaults.check_interval = interval;
        supervisor_set_watchdog_defaults(world->supervisor, FAKE_GRANT, &defaults, &world->now);
}

static void a_hung_one_is_told_slow_then_hung_then_stopped(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process = fake_process(&world, NULL); /* 30 s, 5 s, 60 s, AutoKill */
        fake_forget_log(&world);
        fake_run(&world, 30 * SEC - 200);
        fake_expect(&world, "");
        fake_run(&world, 30 * SEC);
        fake_expect(&world, "changed 1 slow; changed 1 hung; hung 1 stop; changed 1 stopping; "
                            "signal 1 SIGTERM all; signal 1 SIGCONT all; changed 1 finished; "
                            "exited 1 -15 hang");
        assert_int_equal(process->result, RESULT_HANG);
        assert_int_equal(supervisor_stats(world.supervisor, 1000).kills, 1);
        fake_world_done(&world);
}

/* All that ends well: verdicts of many policies and phases against their deadlines. */
static void verdicts_are_never_early_and_late_by_one_interval_at_most(void **state) {
        g_autoptr(GRand) rand = check_rand(__func__);

        for (unsigned i = 0; i < 400; i++) {
                usec_t interval = (usec_t)g_rand_int_range(rand, 1000, 3 * SEC);
                usec_t timeout = (usec_t)g_rand_int_range(rand, 1000, 20 * SEC);
                usec_t buffer = (usec_t)g_rand_int_range(rand, 0, 5 * SEC);
                usec_t last, due;
                FakeWorld world;
                Process *process;

                fake_world_init(&world, NULL);
                set_interval(&world, interval);
                fake_run(&world, (usec_t)g_rand_int_range(rand, 0, 5 * SEC));
                process = watched(&world, timeout, buffer, USEC_INFINITY, g_rand_boolean(rand));
                last = process->started.monotonic;
                for (unsigned k = (unsigned)g_rand_int_range(rand, 0, 4); k > 0; k--) {
                        fake_run(&world, (usec_t)g_rand_int_range(rand, 0, (int)timeout));
                        fake_report(&world, process);
                        last = world.now.monotonic;
                }
                due = last + timeout + buffer;
                fake_run(&world, timeout + buffer + 2 * interval);
                assert_int_equal(world.n_hung, 1);
                assert_true(world.last_hung_at > due);
                assert_true(world.last_hung_at <= due + interval + 1);
                assert_true(world.last_idle_told == world.last_hung_at - last);
                fake_world_done(&world);
        }
}

static void twenty_that_ignore_the_stop_end_within_one_stop_timeout(void **state) {
        FakeWorld world;

        fake_world_init(&world, NULL);
        world.nature.dies_of_stop = USEC_INFINITY;
        for (unsigned i = 0; i < 20; i++) {
                watched(&world, 5 * SEC, SEC, USEC_INFINITY, true);
                fake_run(&world, 10 * USEC_PER_MSEC);
        }
        fake_run(&world, 20 * SEC);
        assert_int_equal(world.n_exited, 20);
        for (unsigned i = 0; i < 20; i++) {
                Tree *tree = world.trees->pdata[i], *first = world.trees->pdata[0];

                assert_true(tree->killed_at - tree->told_at == 2 * SEC);
                assert_true(tree->killed_at - first->killed_at <= 2 * SEC);
        }
        fake_world_done(&world);
}

static void without_auto_kill_it_is_announced_once_and_left_alone(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process = watched(&world, SEC, SEC, USEC_INFINITY, false);
        fake_forget_log(&world);
        fake_run(&world, 100 * SEC);
        fake_expect(&world, "changed 1 slow; changed 1 hung; hung 1 none");
        assert_int_equal(fake_tree(process)->told_at, 0);
        /* it comes back, and hangs again: that is told again */
        fake_report(&world, process);
        fake_run(&world, SEC);
        fake_expect(&world, "changed 1 active");
        fake_run(&world, 100 * SEC);
        fake_expect(&world, "changed 1 slow; changed 1 hung; hung 1 none");
        assert_int_equal(supervisor_stats(world.supervisor, 1000).kills, 0);
        fake_world_done(&world);
}

static void max_hang_time_bounds_every_hang(void **state) {
        FakeWorld world;
        Process *process;
        usec_t due;

        fake_world_init(&world, NULL);
        process = watched(&world, SEC, SEC, 10 * SEC, false);
        due = process->started.monotonic + 10 * SEC;
        fake_forget_log(&world);
        fake_run(&world, 20 * SEC);
        fake_expect(&world, "changed 1 slow; changed 1 hung; hung 1 none; changed 1 stopping; "
                            "signal 1 SIGKILL all; changed 1 finished; exited 1 -9 hang");
        assert_true(process->exited.monotonic > due);
        assert_true(process->exited.monotonic <= due + SEC + 2 * USEC_PER_MSEC);
        fake_world_done(&world);
}

static void max_hang_time_overtakes_a_long_stop_timeout(void **state) {
        ProcessConfig config = fake_policy(SEC, SEC, 10 * SEC, true);
        FakeWorld world;

        fake_world_init(&world, NULL);
        config.stop_timeout = USEC_PER_HOUR;
        world.nature.dies_of_stop = USEC_INFINITY;
        fake_process(&world, &config);
        fake_forget_log(&world);
        fake_run(&world, 20 * SEC);
        fake_expect(&world, "changed 1 slow; changed 1 hung; hung 1 stop; changed 1 stopping; "
                            "signal 1 SIGTERM all; signal 1 SIGCONT all; signal 1 SIGKILL all; "
                            "changed 1 finished; exited 1 -9 hang");
        assert_int_equal(supervisor_stats(world.supervisor, 1000).kills, 1);
        fake_world_done(&world);
}

static void a_hang_beyond_the_larger_is_killed_without_asking(void **state) {
        FakeWorld world;

        fake_world_init(&world, NULL);
        watched(&world, SEC, SEC, 0, true);
        fake_forget_log(&world);
        fake_run(&world, 20 * SEC);
        fake_expect(&world, "changed 1 slow; changed 1 hung; hung 1 stop; changed 1 stopping; "
                            "signal 1 SIGKILL all; changed 1 finished; exited 1 -9 hang");
        fake_world_done(&world);
}

/* A process that is held when the verdict comes is excused; let go, it has its time again. */
static void who_is_stopped_traced_or_frozen_is_excused(void **state) {
        FakeWorld world;
        Process *process;
        usec_t freed;

        fake_world_init(&world, NULL);
        process = watched(&world, 2 * SEC, SEC, 4 * SEC, true);
        fake_tree(process)->nature.is_held = true;
        fake_run(&world, 100 * SEC);
        assert_int_equal(world.n_hung, 0);
        assert_true(process_is_running(process));
        assert_true(supervisor_stats(world.supervisor, 1000).suppressed > 0);
        fake_tree(process)->nature.is_held = false;
        freed = world.now.monotonic;
        fake_run(&world, 100 * SEC);
        assert_int_equal(world.n_hung, 1);
        assert_true(world.last_hung_at <= freed + 3 * SEC + 2 * SEC);
        fake_world_done(&world);
}

/* A tree can have thousands of members, and a hundred can be due at once. */
static void a_verdict_does_not_read_the_whole_tree(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process = watched(&world, 2 * SEC, SEC, 4 * SEC, true);
        fake_run(&world, 100 * SEC);
        assert_int_equal(process->result, RESULT_HANG);
        assert_true(fake_last_tree(&world)->n_looks > 0);
        assert_int_equal(fake_last_tree(&world)->n_probes, 0);
        fake_world_done(&world);
}

static void time_in_which_it_was_stopped_does_not_count(void **state) {
        FakeWorld world;
        Process *process;
        usec_t began;

        fake_world_init(&world, NULL);
        process = watched(&world, 10 * SEC, SEC, 60 * SEC, true);
        began = process->started.monotonic;
        fake_run(&world, 2 * SEC);
        fake_halt(fake_tree(process), true);
        fake_run(&world, 5 * SEC);
        fake_halt(fake_tree(process), false); /* well before anybody looks */
        fake_run(&world, 100 * SEC);
        assert_int_equal(world.n_hung, 1);
        assert_true(world.last_hung_at > began + 16 * SEC);
        assert_true(world.last_hung_at <= began + 17 * SEC + USEC_PER_MSEC);
        assert_int_equal(supervisor_stats(world.supervisor, 1000).suppressed, 1);
        fake_world_done(&world);
}

/* Stopped and continued at random, with reports between: the watchdog's idle time is the time in
 * which the process could have run, and a process that could for long enough is found. */
static void one_life_with_stops(GRand *rand) {
        usec_t interval = (usec_t)g_rand_int_range(rand, 1000, SEC), timeout, buffer, ran = 0,
               free_at;
        FakeWorld world;
        Process *process;
        bool stopped = false;

        fake_world_init(&world, NULL);
        set_interval(&world, interval);
        timeout = (usec_t)g_rand_int_range(rand, SEC, 10 * SEC);
        buffer = (usec_t)g_rand_int_range(rand, 0, 3 * SEC);
        process = watched(&world, timeout, buffer, USEC_INFINITY, false);
        free_at = process->started.monotonic;
        ran = world.now.monotonic - free_at;
        for (unsigned i = 0; i < 40 && world.n_hung == 0; i++) {
                usec_t before = world.now.monotonic, step;

                step = (usec_t)g_rand_int_range(rand, 1, 3 * SEC);
                fake_run(&world, step);
                if (world.n_hung > 0) {
                        assert_false(stopped);
                        assert_true(ran + world.last_hung_at - before > timeout + buffer);
                        assert_true(world.last_hung_at <=
                                    free_at + timeout + buffer + interval + 1);
                        break;
                }
                if (!stopped)
                        ran += step;
                if (g_rand_int_range(rand, 0, 6) == 0 && !stopped) {
                        fake_report(&world, process);
                        ran = 0;
                        free_at = world.now.monotonic;
                } else if (g_rand_int_range(rand, 0, 3) == 0) {
                        stopped = !stopped;
                        fake_halt(fake_tree(process), stopped);
                        free_at = world.now.monotonic;
                }
        }
        if (world.n_hung == 0 && !stopped) {
                fake_run(&world, timeout + buffer + interval + 1);
                assert_int_equal(world.n_hung, 1);
        }
        fake_world_done(&world);
}

static void idle_time_is_time_in_which_it_could_run(void **state) {
        g_autoptr(GRand) rand = check_rand(__func__);

        for (unsigned i = 0; i < 1000; i++)
                one_life_with_stops(rand);
}

static void who_is_well_is_not_looked_at(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process = watched(&world, 10 * SEC, SEC, 60 * SEC, true);
        for (unsigned i = 0; i < 100; i++) {
                fake_run(&world, 5 * SEC);
                fake_report(&world, process);
        }
        assert_int_equal(fake_tree(process)->n_looks, 0);
        fake_world_done(&world);
}

static void the_service_itself_stopped_does_not_count_however_short(void **state) {
        FakeWorld world;
        Process *process;
        usec_t began, slept;

        fake_world_init(&world, NULL);
        process = watched(&world, 10 * SEC, SEC, 60 * SEC, true);
        began = process->started.monotonic;
        fake_run(&world, 2 * SEC);
        slept = world.now.monotonic;
        fake_stall(&world, 5 * SEC); /* over before anything was due */
        supervisor_resume(world.supervisor, slept, &world.now);
        fake_run(&world, 100 * SEC);
        assert_int_equal(world.n_hung, 1);
        assert_true(world.last_hung_at > began + 16 * SEC);
        assert_true(world.last_hung_at <= began + 17 * SEC + USEC_PER_MSEC);
        fake_world_done(&world);
}

static void the_same_time_is_excused_once(void **state) {
        FakeWorld world;
        Process *process;
        usec_t began, slept;

        fake_world_init(&world, NULL);
        process = watched(&world, 10 * SEC, SEC, 60 * SEC, true);
        began = process->started.monotonic;
        fake_run(&world, 2 * SEC);
        slept = world.now.monotonic;
        fake_halt(fake_tree(process), true); /* both, as when a container is frozen */
        fake_stall(&world, 5 * SEC);
        fake_halt(fake_tree(process), false);
        supervisor_resume(world.supervisor, slept, &world.now);
        fake_run(&world, 100 * SEC);
        assert_int_equal(world.n_hung, 1);
        assert_true(world.last_hung_at <= began + 17 * SEC + USEC_PER_MSEC);
        fake_world_done(&world);
}

static void a_hang_after_work_is_found_within_a_part_of_the_timeout(void **state) {
        g_autoptr(GRand) rand = check_rand(__func__);

        for (unsigned i = 0; i < 100; i++) {
                ProcessConfig config = fake_policy(8 * SEC, SEC, USEC_INFINITY, false);
                usec_t ended;
                FakeWorld world;
                Process *process;

                fake_world_init(&world, NULL);
                set_interval(&world, SEC / 2);
                config.sources = 1u << ACTIVITY_CPU;
                process = fake_process(&world, &config);
                for (unsigned k = (unsigned)g_rand_int_range(rand, 1, 30); k > 0; k--) {
                        fake_run(&world, (usec_t)g_rand_int_range(rand, 1, 6 * SEC));
                        fake_tree(process)->nature.probe.cpu_nsec++;
                }
                assert_int_equal(world.n_hung, 0);
                ended = world.now.monotonic;
                fake_run(&world, 30 * SEC);
                assert_int_equal(world.n_hung, 1);
                assert_true(world.last_hung_at > ended + 9 * SEC);
                assert_true(world.last_hung_at <= ended + 9 * SEC + SEC + SEC);
                fake_world_done(&world);
        }
}

static void being_stopped_does_not_save_from_a_stop_under_way(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        world.nature.dies_of_stop = USEC_INFINITY;
        process = watched(&world, SEC, SEC, 5 * SEC, true);
        fake_run(&world, 3 * SEC);
        assert_int_equal(process->state, STATE_STOPPING);
        fake_tree(process)->nature.is_held = true;
        fake_run(&world, 3 * SEC);
        assert_false(process_is_running(process));
        fake_world_done(&world);
}

static void time_in_which_the_service_did_not_run_does_not_count(void **state) {
        static const usec_t intervals[] = {100 * USEC_PER_MSEC, SEC, 20 * SEC};

        for (unsigned i = 0; i < G_N_ELEMENTS(intervals); i++) {
                FakeWorld world;
                Process *process;
                usec_t began;

                fake_world_init(&world, NULL);
                set_interval(&world, intervals[i]);
                process = watched(&world, 10 * SEC, SEC, 60 * SEC, true);
                began = process->started.monotonic;
                fake_run(&world, 9 * SEC);
                fake_stall(&world, 40 * SEC);
                fake_run(&world, USEC_PER_MSEC);
                assert_int_equal(world.n_hung, 0);
                assert_true(supervisor_stats(world.supervisor, 1000).suppressed > 0);
                fake_run(&world, 100 * SEC);
                assert_int_equal(world.n_hung, 1);
                /* up to the first deadline that it slept through nobody can tell */
                assert_true(world.last_hung_at > began + 11 * SEC + 30 * SEC - intervals[i]);
                fake_world_done(&world);
        }
}

static void a_late_look_excuses_everybody_whatever_the_interval(void **state) {
        FakeWorld world;

        fake_world_init(&world, NULL);
        set_interval(&world, 20 * SEC);
        watched(&world, 10 * SEC, SEC, 60 * SEC, true);
        watched(&world, 30 * SEC, SEC, 60 * SEC, true);
        fake_run(&world, usec_sub(world.armed, world.now.monotonic) - 1);
        fake_stall(&world, 19 * SEC); /* up to here the second was watched for 20 s */
        fake_run(&world, 2 * SEC);
        assert_int_equal(world.n_hung, 1);
        fake_run(&world, 40 * SEC);
        assert_int_equal(world.n_hung, 2);
        fake_world_done(&world);
}

static void a_report_between_the_two_looks_saves(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process = watched(&world, SEC, SEC, 10 * SEC, true);
        while (!process->second_look)
                fake_run(&world, USEC_PER_MSEC);
        fake_report(&world, process); /* had been waiting in the queue of the bus */
        fake_run(&world, SEC);
        assert_int_equal(world.n_hung, 0);
        assert_int_equal(process->health, HEALTH_ACTIVE);
        fake_world_done(&world);
}

static void settings_that_are_set_again_and_again_put_no_verdict_off(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process = watched(&world, SEC, SEC, 10 * SEC, true);
        for (unsigned i = 0; i < 400; i++) { /* every 10 ms for 4 s */
                WatchdogPolicy policy = {.extra_buffer = SEC};

                fake_run(&world, 10 * USEC_PER_MSEC);
                set_interval(&world, SEC);
                supervisor_set_policy(world.supervisor, FAKE_GRANT, process, &policy,
                                      POLICY_EXTRA_BUFFER, &world.now);
        }
        assert_int_equal(world.n_hung, 1);
        assert_true(world.last_hung_at <= process->started.monotonic + 3 * SEC);
        fake_world_done(&world);
}

static void a_flood_of_reports_is_told_active_soon(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process = watched(&world, SEC, SEC, 10 * SEC, false);
        while (!process->second_look)
                fake_run(&world, USEC_PER_MSEC);
        fake_forget_log(&world);
        for (unsigned i = 0; i < 500; i++) { /* every 2 ms for one interval */
                fake_report(&world, process);
                fake_run(&world, 2 * USEC_PER_MSEC);
        }
        fake_expect(&world, "changed 1 active");
        fake_world_done(&world);
}

static void off_judges_nobody_and_on_begins_anew(void **state) {
        FakeWorld world;
        Process *process;
        usec_t on;

        fake_world_init(&world, NULL);
        process = watched(&world, 5 * SEC, SEC, 60 * SEC, true);
        fake_forget_log(&world);
        supervisor_watchdog_activate(world.supervisor, FAKE_GRANT, false, &world.now);
        supervisor_watchdog_activate(world.supervisor, FAKE_GRANT, false, &world.now);
        fake_run(&world, 100 * SEC);
        fake_expect(&world, "watchdog");
        assert_int_equal(world.n_ticks, 0);
        supervisor_watchdog_activate(world.supervisor, FAKE_GRANT, true, &world.now);
        on = world.now.monotonic;
        fake_run(&world, 6 * SEC);
        assert_true(process_is_running(process));
        fake_run(&world, 2 * SEC);
        assert_int_equal(world.n_hung, 1);
        assert_true(world.last_hung_at > on + 6 * SEC);
        fake_world_done(&world);
}

static void an_unregistered_one_is_not_judged_before_it_is_again(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process = watched(&world, 2 * SEC, SEC, 60 * SEC, true);
        fake_forget_log(&world);
        assert_int_equal(supervisor_watch(world.supervisor, FAKE_GRANT, process, false, &world.now),
                         0);
        assert_false(supervisor_watches(world.supervisor, process));
        fake_run(&world, 100 * SEC);
        fake_expect(&world, "changed 1 unwatched");
        assert_int_equal(supervisor_watch(world.supervisor, FAKE_GRANT, process, true, &world.now),
                         0);
        fake_run(&world, 2 * SEC);
        fake_expect(&world, "changed 1 watched");
        fake_run(&world, 3 * SEC);
        assert_int_equal(process->result, RESULT_HANG);
        assert_int_equal(supervisor_watch(world.supervisor, FAKE_GRANT, process, true, &world.now),
                         CORE_E_NOT_RUNNING);
        fake_world_done(&world);
}

static void an_own_policy_wins_and_can_be_changed_while_it_runs(void **state) {
        WatchdogPolicy never = {.timeout = USEC_INFINITY}, soon = {.timeout = SEC};
        FakeWorld world;
        Process *own, *other;

        fake_world_init(&world, NULL);
        own = watched(&world, 100 * SEC, SEC, 200 * SEC, true);
        other = fake_process(&world, NULL);
        fake_forget_log(&world);
        fake_run(&world, 50 * SEC);
        assert_int_equal(other->result, RESULT_HANG);
        assert_int_equal(own->health, HEALTH_ACTIVE);
        assert_int_equal(supervisor_set_policy(world.supervisor, FAKE_GRANT, own, &never,
                                               POLICY_TIMEOUT, &world.now),
                         0);
        assert_false(supervisor_watches(world.supervisor, own));
        fake_run(&world, 1000 * SEC);
        assert_true(process_is_running(own));
        assert_int_equal(supervisor_set_policy(world.supervisor, FAKE_GRANT, own, &soon,
                                               POLICY_TIMEOUT, &world.now),
                         0);
        fake_run(&world, SEC + USEC_PER_MSEC);
        assert_int_equal(own->result, RESULT_HANG);
        assert_int_equal(supervisor_set_policy(world.supervisor, FAKE_GRANT, own, &soon,
                                               POLICY_TIMEOUT, &world.now),
                         CORE_E_NOT_RUNNING);
        fake_world_done(&world);
}

static void a_new_default_is_told_for_those_who_follow_it(void **state) {
        WatchdogDefaults defaults;
        Process *follows, *finished;
        FakeWorld world;

        fake_world_init(&world, NULL);
        follows = fake_process(&world, NULL);
        watched(&world, 100 * SEC, SEC, 200 * SEC, true);
        finished = fake_process(&world, NULL);
        fake_exit(fake_tree(finished), 0, 0);
        fake_run(&world, 10);
        fake_forget_log(&world);
        defaults = *supervisor_watchdog_defaults(world.supervisor);
        defaults.policy.timeout = USEC_INFINITY;
        supervisor_set_watchdog_defaults(world.supervisor, FAKE_GRANT, &defaults, &world.now);
        fake_expect(&world, "watchdog; changed 1 unwatched; changed 1 policy");
        assert_false(supervisor_watches(world.supervisor, follows));
        /* of a finished one the policy is history */
        assert_true(supervisor_policy(world.supervisor, finished).timeout == 30 * SEC);
        defaults.check_interval = 2 * SEC;
        supervisor_set_watchdog_defaults(world.supervisor, FAKE_GRANT, &defaults, &world.now);
        fake_expect(&world, "watchdog");
        fake_world_done(&world);
}

static void far_deadlines_wake_nobody_and_reports_move_no_timer(void **state) {
        FakeWorld world;
        usec_t armed;

        fake_world_init(&world, NULL);
        for (unsigned i = 0; i < 1000; i++)
                watched(&world, USEC_PER_HOUR, SEC, USEC_INFINITY, true);
        world.n_ticks = 0;
        armed = world.armed;
        for (unsigned i = 0; i < 10; i++) {
                fake_run(&world, SEC);
                for (unsigned k = 0; k < 1000; k++)
                        fake_report(&world, supervisor_find(world.supervisor, k + 1));
                assert_true(world.armed == armed);
        }
        assert_int_equal(world.n_ticks, 0);
        fake_world_done(&world);
}

static void a_report_by_nobody_or_of_the_finished_changes_nothing(void **state) {
        FakeWorld world;
        Process *process;
        Now activity;

        fake_world_init(&world, NULL);
        process = fake_process(&world, NULL);
        assert_int_equal(process->last_source, ACTIVITY_START);
        fake_report(&world, process);
        assert_int_equal(process->last_source, ACTIVITY_REPORT);
        fake_exit(fake_tree(process), 0, 0);
        fake_run(&world, 1000);
        activity = process->last_activity;
        fake_report(&world, process);
        assert_true(activity.monotonic == process->last_activity.monotonic);
        fake_world_done(&world);
}

TEST_MAIN(TEST(a_hung_one_is_told_slow_then_hung_then_stopped),
          TEST(verdicts_are_never_early_and_late_by_one_interval_at_most),
          TEST(twenty_that_ignore_the_stop_end_within_one_stop_timeout),
          TEST(without_auto_kill_it_is_announced_once_and_left_alone),
          TEST(max_hang_time_bounds_every_hang), TEST(max_hang_time_overtakes_a_long_stop_timeout),
          TEST(a_hang_beyond_the_larger_is_killed_without_asking),
          TEST(who_is_stopped_traced_or_frozen_is_excused),
          TEST(a_verdict_does_not_read_the_whole_tree),
          TEST(time_in_which_it_was_stopped_does_not_count),
          TEST(idle_time_is_time_in_which_it_could_run), TEST(who_is_well_is_not_looked_at),
          TEST(the_service_itself_stopped_does_not_count_however_short),
          TEST(the_same_time_is_excused_once),
          TEST(a_hang_after_work_is_found_within_a_part_of_the_timeout),
          TEST(being_stopped_does_not_save_from_a_stop_under_way),
          TEST(time_in_which_the_service_did_not_run_does_not_count),
          TEST(a_late_look_excuses_everybody_whatever_the_interval),
          TEST(a_report_between_the_two_looks_saves),
          TEST(settings_that_are_set_again_and_again_put_no_verdict_off),
          TEST(a_flood_of_reports_is_told_active_soon), TEST(off_judges_nobody_and_on_begins_anew),
          TEST(an_unregistered_one_is_not_judged_before_it_is_again),
          TEST(an_own_policy_wins_and_can_be_changed_while_it_runs),
          TEST(a_new_default_is_told_for_those_who_follow_it),
          TEST(far_deadlines_wake_nobody_and_reports_move_no_timer),
          TEST(a_report_by_nobody_or_of_the_finished_changes_nothing))
