/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* When a service that nobody uses leaves: after the whole time without use, never before, and asking
 * only at the times that it names decides as asking all the time. What the supervisor counts as
 * something to lose. */

#include "core/group.h"
#include "core/idle.h"

#include "util/fake-world.h"

static bool decide(Idle *idle, bool in_use, uint64_t uses, usec_t now) {
        usec_t at;

        return idle_decide(idle, in_use, uses, now, &at);
}

static void it_leaves_after_the_whole_time_without_use(void **state) {
        usec_t at;
        Idle idle;

        idle_init(&idle, 100);
        assert_false(idle_decide(&idle, false, 0, 1000, &at));
        assert_true(at == 1100);
        assert_false(idle_decide(&idle, false, 0, 1099, &at));
        assert_true(at == 1100);
        assert_true(idle_decide(&idle, false, 0, 1100, &at));
}

static void use_makes_the_time_begin_anew(void **state) {
        usec_t at;
        Idle idle;

        idle_init(&idle, 100);
        assert_false(decide(&idle, false, 0, 1000));
        assert_false(idle_decide(&idle, true, 0, 1050, &at));
        assert_true(at == USEC_INFINITY); /* the end of the use wakes the loop */
        assert_false(decide(&idle, true, 0, 5000));
        assert_false(idle_decide(&idle, false, 0, 6000, &at));
        assert_true(at == 6100);
}

static void use_that_nobody_saw_counts_too(void **state) {
        usec_t at;
        Idle idle;

        idle_init(&idle, 100);
        assert_false(decide(&idle, false, 7, 1000));
        assert_false(idle_decide(&idle, false, 8, 1100, &at));
        assert_true(at == 1200);
        assert_true(decide(&idle, false, 8, 1200));
}

static void without_a_time_it_never_leaves(void **state) {
        usec_t at;
        Idle idle;

        idle_init(&idle, USEC_INFINITY);
        assert_false(idle_decide(&idle, false, 0, 0, &at));
        assert_true(at == USEC_INFINITY);
        assert_false(decide(&idle, false, 0, USEC_INFINITY - 1));
}

static void asking_at_the_named_times_is_enough(void **state) {
        g_autoptr(GRand) rand = check_rand("idle");

        for (unsigned round = 0; round < 1000; round++) {
                Idle eager, lazy;
                usec_t at = 0;
                uint64_t uses = 0;
                bool in_use = false;
                bool left = false;

                idle_init(&eager, (usec_t)g_rand_int_range(rand, 1, 50));
                idle_init(&lazy, eager.after);
                for (usec_t now = 0; now < 300 && !left; now++) {
                        bool event = g_rand_int_range(rand, 0, 20) == 0;

                        if (event && g_rand_boolean(rand))
                                in_use = !in_use;
                        else if (event)
                                uses++;
                        left = decide(&eager, in_use, uses, now);
                        if (event || now >= at)
                                assert_int_equal(idle_decide(&lazy, in_use, uses, now, &at), left);
                        else
                                assert_false(left);
                }
        }
}

static void a_process_or_its_result_is_something_to_lose(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        assert_true(supervisor_is_unused(world.supervisor));
        assert_int_equal(fake_start(&world, NULL, FAKE_CALLER, NULL), 0);
        assert_false(supervisor_is_unused(world.supervisor)); /* before it runs */
        fake_run(&world, USEC_PER_SEC);
        process = supervisor_find(world.supervisor, 1);
        assert_false(supervisor_is_unused(world.supervisor));
        fake_exit(fake_tree(process), 0, 0);
        fake_run(&world, USEC_PER_SEC);
        assert_int_equal(process->state, STATE_FINISHED);
        assert_false(supervisor_is_unused(world.supervisor)); /* somebody may ask */
        fake_run(&world, 2 * USEC_PER_HOUR);
        assert_true(supervisor_is_unused(world.supervisor));
        fake_world_done(&world);
}

static void a_group_is_something_to_lose(void **state) {
        GroupConfig config = {.name = g_strdup("plan")};
        const char *limit;
        FakeWorld world;
        Group *group;

        fake_world_init(&world, NULL);
        assert_int_equal(
                group_create(world.supervisor, FAKE_GRANT, &config, &FAKE_CALLER, &group, &limit),
                0);
        assert_false(supervisor_is_unused(world.supervisor));
        supervisor_cleanup_groups(world.supervisor, FAKE_GRANT, UID_ANY);
        assert_true(supervisor_is_unused(world.supervisor));
        fake_world_done(&world);
}

static void a_watchdog_that_was_set_is_something_to_lose(void **state) {
        WatchdogDefaults before, changed;
        FakeWorld world;

        fake_world_init(&world, NULL);
        before = *supervisor_watchdog_defaults(world.supervisor);
        changed = before;
        changed.policy.timeout += USEC_PER_SEC;
        supervisor_set_watchdog_defaults(world.supervisor, FAKE_GRANT, &changed, &world.now);
        assert_false(supervisor_is_unused(world.supervisor));
        supervisor_set_watchdog_defaults(world.supervisor, FAKE_GRANT, &before, &world.now);
        assert_true(supervisor_is_unused(world.supervisor));
        supervisor_watchdog_activate(world.supervisor, FAKE_GRANT, false, &world.now);
        assert_false(supervisor_is_unused(world.supervisor));
        fake_world_done(&world);
}

TEST_MAIN(TEST(it_leaves_after_the_whole_time_without_use), TEST(use_makes_the_time_begin_anew),
          TEST(use_that_nobody_saw_counts_too), TEST(without_a_time_it_never_leaves),
          TEST(asking_at_the_named_times_is_enough),
          TEST(a_process_or_its_result_is_something_to_lose), TEST(a_group_is_something_to_lose),
          TEST(a_watchdog_that_was_set_is_something_to_lose))
