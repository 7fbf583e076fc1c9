/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Waits through the supervisor: modes, duplicates, expiry, cancelling, and trees that cannot be ended. */

#include "util/fake-world.h"

static void wait_after_exit_is_met_at_once(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process = fake_process(&world, NULL);
        fake_exit(fake_tree(process), 7, 0);
        fake_run(&world, USEC_PER_HOUR - USEC_PER_SEC);
        assert_null(fake_wait(&world, WAIT_FINISHED, WAIT_MODE_ALL, 0, 1, process)->waiter);
        assert_null(fake_wait(&world, WAIT_EMPTIED, WAIT_MODE_ALL, 0, 1, process)->waiter);
        fake_world_done(&world);
}

static void many_waiters_are_each_answered_once(void **state) {
        FakeWait *waits[300];
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process = fake_process(&world, NULL);
        for (unsigned i = 0; i < G_N_ELEMENTS(waits); i++)
                waits[i] = fake_wait(&world, i % 2 ? WAIT_FINISHED : WAIT_EMPTIED, i % 3,
                                     USEC_INFINITY, 1, process);
        fake_exit(fake_tree(process), 0, USEC_PER_SEC);
        fake_run(&world, 2 * USEC_PER_SEC);
        for (unsigned i = 0; i < G_N_ELEMENTS(waits); i++) {
                assert_int_equal(waits[i]->n_answers, 1);
                assert_int_equal(waits[i]->outcome, WAIT_MET);
        }
        fake_world_done(&world);
}

static void modes_are_met_when_they_say(void **state) {
        FakeWait *all, *any, *failure, *late_failure;
        Process *a, *b, *c;
        FakeWorld world;

        fake_world_init(&world, NULL);
        a = fake_process(&world, NULL);
        b = fake_process(&world, NULL);
        c = fake_process(&world, NULL);
        all = fake_wait(&world, WAIT_FINISHED, WAIT_MODE_ALL, USEC_INFINITY, 3, a, b, c);
        any = fake_wait(&world, WAIT_FINISHED, WAIT_MODE_ANY, USEC_INFINITY, 3, a, b, c);
        failure = fake_wait(&world, WAIT_FINISHED, WAIT_MODE_FIRST_FAILURE, USEC_INFINITY, 3, a, b,
                            c);
        late_failure = fake_wait(&world, WAIT_FINISHED, WAIT_MODE_FIRST_FAILURE, USEC_INFINITY, 2,
                                 a, c);
        fake_exit(fake_tree(a), 0, 1000);
        fake_exit(fake_tree(b), 1, 2000);
        fake_exit(fake_tree(c), 0, 3000);
        fake_run(&world, 1500);
        assert_int_equal(any->n_answers, 1);
        assert_int_equal(failure->n_answers, 0);
        fake_run(&world, 1000);
        assert_int_equal(failure->n_answers, 1);
        assert_int_equal(all->n_answers, 0);
        assert_int_equal(late_failure->n_answers, 0);
        fake_run(&world, 1000);
        assert_int_equal(all->n_answers, 1);
        assert_int_equal(late_failure->n_answers, 1); /* all have finished, none failed */
        assert_null(fake_wait(&world, WAIT_FINISHED, WAIT_MODE_FIRST_FAILURE, 0, 2, a, b)->waiter);
        fake_world_done(&world);
}

static void one_failure_that_is_known_already_meets_first_failure(void **state) {
        Process *a, *b;
        FakeWorld world;

        fake_world_init(&world, NULL);
        a = fake_process(&world, NULL);
        b = fake_process(&world, NULL);
        fake_exit(fake_tree(a), 3, 0);
        fake_run(&world, 1000);
        assert_null(fake_wait(&world, WAIT_FINISHED, WAIT_MODE_FIRST_FAILURE, 0, 2, a, b)->waiter);
        assert_null(fake_wait(&world, WAIT_FINISHED, WAIT_MODE_ANY, 0, 2, b, a)->waiter);
        fake_world_done(&world);
}

static void a_process_named_twice_is_waited_for_once(void **state) {
        FakeWait *all, *any, *mixed;
        Process *a, *b;
        FakeWorld world;

        fake_world_init(&world, NULL);
        a = fake_process(&world, NULL);
        b = fake_process(&world, NULL);
        all = fake_wait(&world, WAIT_FINISHED, WAIT_MODE_ALL, USEC_INFINITY, 3, a, a, a);
        assert_int_equal(a->waiters->len, 1); /* what one caller can make it hold is bounded */
        any = fake_wait(&world, WAIT_FINISHED, WAIT_MODE_ANY, USEC_INFINITY, 4, a, b, a, b);
        mixed = fake_wait(&world, WAIT_FINISHED, WAIT_MODE_ALL, USEC_INFINITY, 4, a, b, a, b);
        assert_int_equal(a->waiters->len, 3);
        fake_exit(fake_tree(a), 0, 1000);
        fake_exit(fake_tree(b), 0, 2000);
        fake_run(&world, 1500);
        assert_int_equal(all->n_answers, 1);
        assert_int_equal(any->n_answers, 1);
        assert_int_equal(mixed->n_answers, 0);
        fake_run(&world, 1000);
        assert_int_equal(mixed->n_answers, 1);
        fake_world_done(&world);
}

static void a_wait_expires_at_its_time_and_touches_nothing(void **state) {
        FakeWait *wait, *other;
        Process *process;
        FakeWorld world;
        usec_t began;

        fake_world_init(&world, NULL);
        process = fake_process(&world, NULL);
        began = world.now.monotonic;
        fake_forget_log(&world);
        wait = fake_wait(&world, WAIT_FINISHED, WAIT_MODE_ALL, 123457, 1, process);
        other = fake_wait(&world, WAIT_FINISHED, WAIT_MODE_ALL, USEC_INFINITY, 1, process);
        fake_run(&world, USEC_PER_SEC);
        assert_int_equal(wait->outcome, WAIT_EXPIRED);
        assert_true(wait->answered_at == began + 123457);
        fake_expect(&world, "waiter expired");
        fake_exit(fake_tree(process), 0, 0);
        fake_run(&world, 10);
        assert_int_equal(wait->n_answers, 1);
        assert_int_equal(other->n_answers, 1);
        fake_world_done(&world);
}

static void a_cancelled_wait_says_nothing_and_leaves_no_trace(void **state) {
        FakeWait *wait;
        Process *a, *b;
        FakeWorld world;

        fake_world_init(&world, NULL);
        a = fake_process(&world, NULL);
        b = fake_process(&world, NULL);
        wait = fake_wait(&world, WAIT_FINISHED, WAIT_MODE_ALL, USEC_PER_SEC, 3, a, b, a);
        wait->waiter = waiter_cancel(wait->waiter);
        assert_null(waiter_cancel(NULL));
        assert_int_equal(a->waiters->len, 0);
        assert_int_equal(b->waiters->len, 0);
        fake_exit(fake_tree(a), 0, 0);
        fake_run(&world, 2 * USEC_PER_SEC);
        assert_int_equal(wait->n_answers, 0);
        assert_true(process_is_running(b));
        fake_world_done(&world);
}

static void a_tree_that_cannot_be_ended_is_stuck_after_the_bound(void **state) {
        FakeWait *wait, *again;
        Process *process;
        FakeWorld world;
        usec_t began;

        fake_world_init(&world, NULL);
        world.nature.dies_of_stop = world.nature.dies_of_kill = USEC_INFINITY;
        process = fake_process(&world, NULL);
        began = world.now.monotonic;
        fake_stop(&world, process, STOP_ASK);
        wait = fake_wait(&world, WAIT_EMPTIED, WAIT_MODE_ALL, USEC_INFINITY, 1, process);
        fake_run(&world, 20 * USEC_PER_SEC);
        assert_int_equal(wait->outcome, WAIT_STUCK);
        assert_int_equal(wait->n_answers, 1);
        assert_true(wait->answered_at == began + 2 * USEC_PER_SEC + LADDER_BOUND_USEC);
        assert_true(process_is_running(process));
        /* the service goes on watching it: another stop forces again, and its end is seen */
        fake_stop(&world, process, STOP_ASK);
        again = fake_wait(&world, WAIT_EMPTIED, WAIT_MODE_ALL, USEC_INFINITY, 1, process);
        fake_exit(fake_tree(process), -9, USEC_PER_SEC);
        fake_run(&world, 2 * USEC_PER_SEC);
        assert_int_equal(again->outcome, WAIT_MET);
        assert_int_equal(again->n_answers, 1);
        assert_true(process->emptied);
        fake_world_done(&world);
}

static void one_that_ended_after_all_is_not_stuck(void **state) {
        Process *slow, *stuck;
        FakeWorld world;
        FakeWait *both;

        fake_world_init(&world, NULL);
        world.nature.dies_of_stop = world.nature.dies_of_kill = USEC_INFINITY;
        stuck = fake_process(&world, NULL);
        slow = fake_process(&world, NULL);
        both = fake_wait(&world, WAIT_EMPTIED, WAIT_MODE_ALL, USEC_INFINITY, 2, stuck, slow);
        fake_stop(&world, stuck, STOP_FORCE);
        fake_run(&world, 3 * USEC_PER_SEC);
        fake_stop(&world, slow, STOP_FORCE);
        fake_run(&world, 3 * USEC_PER_SEC); /* the first was given up by now */
        assert_int_equal(both->n_answers, 0);
        fake_exit(fake_tree(stuck), -9, 0);
        fake_exit(fake_tree(slow), -9, 1000);
        fake_run(&world, 2000);
        assert_int_equal(both->n_answers, 1);
        assert_int_equal(both->outcome, WAIT_MET);
        fake_world_done(&world);
}

static void waiting_for_nothing_is_met(void **state) {
        FakeWorld world;

        fake_world_init(&world, NULL);
        assert_null(fake_wait(&world, WAIT_EMPTIED, WAIT_MODE_ALL, USEC_INFINITY, 0)->waiter);
        fake_world_done(&world);
}

TEST_MAIN(TEST(wait_after_exit_is_met_at_once), TEST(many_waiters_are_each_answered_once),
          TEST(modes_are_met_when_they_say),
          TEST(one_failure_that_is_known_already_meets_first_failure),
          TEST(a_process_named_twice_is_waited_for_once),
          TEST(a_wait_expires_at_its_time_and_touches_nothing),
          TEST(a_cancelled_wait_says_nothing_and_leaves_no_trace),
          TEST(a_tree_that_cannot_be_ended_is_stuck_after_the_bound),
          TEST(one_that_ended_after_all_is_not_stuck), TEST(waiting_for_nothing_is_met))
