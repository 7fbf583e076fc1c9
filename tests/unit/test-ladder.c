/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The ladder of a stop: ask, wait, force, give up; to the microsecond, and never milder. */

#include "core/ladder.h"

#include "util/check.h"

#define T0      1000000
#define TIMEOUT 300000

static void asking_is_followed_by_force_and_by_giving_up(void **state) {
        Ladder ladder = LADDER_INIT;
        usec_t forced_at = T0 + TIMEOUT, end = forced_at + LADDER_BOUND_USEC;
        unsigned repeats = 0;

        assert_true(ladder_next(&ladder) == USEC_INFINITY);
        assert_int_equal(ladder_begin(&ladder, STOP_ASK, TIMEOUT, T0), LADDER_DO_ASK);
        assert_true(ladder_next(&ladder) == forced_at);
        assert_int_equal(ladder_tick(&ladder, TIMEOUT, forced_at - 1), LADDER_DO_NOTHING);
        assert_int_equal(ladder_tick(&ladder, TIMEOUT, forced_at), LADDER_DO_FORCE);
        for (usec_t now = ladder_next(&ladder); now < end; now = ladder_next(&ladder)) {
                assert_int_equal(ladder_tick(&ladder, TIMEOUT, now), LADDER_DO_FORCE);
                assert_true(ladder_next(&ladder) > now);
                repeats++;
        }
        assert_true(repeats >= LADDER_BOUND_USEC / LADDER_REPEAT_USEC - 1);
        assert_true(ladder_next(&ladder) == end);
        assert_int_equal(ladder_tick(&ladder, TIMEOUT, end), LADDER_DO_GIVE_UP);
        assert_int_equal(ladder.step, LADDER_GIVEN_UP);
        assert_true(ladder_next(&ladder) == USEC_INFINITY);
        assert_int_equal(ladder_tick(&ladder, TIMEOUT, end + 1000), LADDER_DO_NOTHING);
}

static void a_stop_timeout_of_never_only_asks(void **state) {
        Ladder ladder = LADDER_INIT;

        assert_int_equal(ladder_begin(&ladder, STOP_ASK, USEC_INFINITY, T0), LADDER_DO_ASK);
        assert_true(ladder_next(&ladder) == USEC_INFINITY);
        assert_int_equal(ladder_tick(&ladder, USEC_INFINITY, USEC_INFINITY - 1), LADDER_DO_NOTHING);
        assert_int_equal(ladder_begin(&ladder, STOP_FORCE, USEC_INFINITY, T0 + 9), LADDER_DO_FORCE);
}

static void more_time_is_given_within_a_bound(void **state) {
        Ladder ladder = LADDER_INIT;

        ladder_extend(&ladder, T0 + 5 * TIMEOUT); /* nobody asked: nothing to extend */
        assert_true(ladder_next(&ladder) == USEC_INFINITY);
        assert_int_equal(ladder_begin(&ladder, STOP_ASK, TIMEOUT, T0), LADDER_DO_ASK);
        ladder_extend(&ladder, T0 + 5 * TIMEOUT);
        assert_true(ladder_next(&ladder) == T0 + 5 * TIMEOUT);
        ladder_extend(&ladder, T0 + TIMEOUT); /* never shorter */
        assert_true(ladder_next(&ladder) == T0 + 5 * TIMEOUT);
        ladder_extend(&ladder, USEC_INFINITY);
        assert_true(ladder_next(&ladder) == T0 + LADDER_EXTENDED_USEC);
}

static void a_stop_timeout_of_nothing_forces_at_once(void **state) {
        Ladder ladder = LADDER_INIT;

        assert_int_equal(ladder_begin(&ladder, STOP_ASK, 0, T0), LADDER_DO_ASK);
        assert_true(ladder_next(&ladder) == T0);
        assert_int_equal(ladder_tick(&ladder, 0, T0), LADDER_DO_FORCE);
}

static void a_dump_comes_before_the_question(void **state) {
        Ladder ladder = LADDER_INIT;

        assert_int_equal(ladder_begin(&ladder, STOP_DUMP, 50, T0), LADDER_DO_DUMP);
        assert_int_equal(ladder.step, LADDER_DUMPING);
        assert_true(ladder_next(&ladder) == T0 + 50);
        ladder_extend(&ladder, T0 + 5 * TIMEOUT); /* of its end, which it was not asked for yet */
        ladder_linger(&ladder, T0 + 10);          /* others may dump still */
        assert_true(ladder_next(&ladder) == T0 + 50);
        assert_int_equal(ladder_tick(&ladder, TIMEOUT, T0 + 49), LADDER_DO_NOTHING);
        assert_int_equal(ladder_tick(&ladder, TIMEOUT, T0 + 50), LADDER_DO_ASK);
        assert_true(ladder_next(&ladder) == T0 + 50 + TIMEOUT);
        assert_int_equal(ladder_tick(&ladder, TIMEOUT, T0 + 50 + TIMEOUT), LADDER_DO_FORCE);
}

static void a_dump_gives_way_to_whoever_stops_and_begins_no_second_time(void **state) {
        Ladder ladder = LADDER_INIT;

        ladder_begin(&ladder, STOP_DUMP, 50, T0);
        assert_int_equal(ladder_begin(&ladder, STOP_DUMP, 50, T0 + 10), LADDER_DO_NOTHING);
        assert_true(ladder_next(&ladder) == T0 + 50);
        assert_int_equal(ladder_begin(&ladder, STOP_ASK, TIMEOUT, T0 + 20), LADDER_DO_ASK);
        assert_true(ladder_next(&ladder) == T0 + 20 + TIMEOUT);
        assert_int_equal(ladder_begin(&ladder, STOP_DUMP, 50, T0 + 30), LADDER_DO_NOTHING);
        assert_true(ladder_next(&ladder) == T0 + 20 + TIMEOUT);
        ladder = LADDER_INIT;
        ladder_begin(&ladder, STOP_DUMP, 50, T0);
        assert_int_equal(ladder_begin(&ladder, STOP_FORCE, TIMEOUT, T0 + 20), LADDER_DO_FORCE);
        assert_int_equal(ladder_begin(&ladder, STOP_DUMP, 50, T0 + 30), LADDER_DO_NOTHING);
}

static void lingering_is_asked_after_the_grace(void **state) {
        Ladder ladder = LADDER_INIT;

        ladder_linger(&ladder, T0);
        assert_int_equal(ladder.step, LADDER_LINGERING);
        assert_true(ladder_next(&ladder) == T0 + LADDER_GRACE_USEC);
        assert_int_equal(ladder_tick(&ladder, TIMEOUT, T0 + LADDER_GRACE_USEC - 1),
                         LADDER_DO_NOTHING);
        assert_int_equal(ladder_tick(&ladder, TIMEOUT, T0 + LADDER_GRACE_USEC), LADDER_DO_ASK);
        assert_true(ladder_next(&ladder) == T0 + LADDER_GRACE_USEC + TIMEOUT);
}

static void lingering_does_not_soften_a_stop(void **state) {
        Ladder ladder = LADDER_INIT;

        ladder_begin(&ladder, STOP_FORCE, TIMEOUT, T0);
        ladder_linger(&ladder, T0 + 1);
        assert_int_equal(ladder.step, LADDER_FORCED);
        ladder = LADDER_INIT;
        ladder_begin(&ladder, STOP_ASK, TIMEOUT, T0);
        ladder_linger(&ladder, T0 + 1);
        assert_true(ladder_next(&ladder) == T0 + TIMEOUT);
}

static void a_second_begin_never_is_milder_nor_starts_anew(void **state) {
        Ladder ladder = LADDER_INIT;

        ladder_begin(&ladder, STOP_ASK, TIMEOUT, T0);
        assert_int_equal(ladder_begin(&ladder, STOP_ASK, TIMEOUT, T0 + 50), LADDER_DO_NOTHING);
        assert_true(ladder_next(&ladder) == T0 + TIMEOUT);
        assert_int_equal(ladder_begin(&ladder, STOP_FORCE, TIMEOUT, T0 + 60), LADDER_DO_FORCE);
        assert_true(ladder.deadline == T0 + 60 + LADDER_BOUND_USEC);
        assert_int_equal(ladder_begin(&ladder, STOP_ASK, TIMEOUT, T0 + 70), LADDER_DO_NOTHING);
        assert_int_equal(ladder_begin(&ladder, STOP_FORCE, TIMEOUT, T0 + 80), LADDER_DO_NOTHING);
        assert_true(ladder.deadline == T0 + 60 + LADDER_BOUND_USEC);
}

static void after_giving_up_a_stop_forces_again(void **state) {
        for (StopMode mode = STOP_ASK; mode < _STOP_MODE_MAX; mode++) {
                Ladder ladder = LADDER_INIT;

                ladder_begin(&ladder, STOP_FORCE, TIMEOUT, T0);
                ladder_tick(&ladder, TIMEOUT, T0 + LADDER_BOUND_USEC);
                assert_int_equal(ladder.step, LADDER_GIVEN_UP);
                assert_int_equal(ladder_begin(&ladder, mode, TIMEOUT, T0 * 20), LADDER_DO_FORCE);
                assert_true(ladder.deadline == T0 * 20 + LADDER_BOUND_USEC);
        }
}

static void a_late_tick_makes_one_step_at_a_time(void **state) {
        Ladder ladder = LADDER_INIT;

        ladder_begin(&ladder, STOP_ASK, TIMEOUT, T0);
        assert_int_equal(ladder_tick(&ladder, TIMEOUT, T0 + 3600 * USEC_PER_SEC), LADDER_DO_FORCE);
        assert_true(ladder_next(&ladder) > T0 + 3600 * USEC_PER_SEC);
}

TEST_MAIN(TEST(asking_is_followed_by_force_and_by_giving_up),
          TEST(a_stop_timeout_of_never_only_asks), TEST(more_time_is_given_within_a_bound),
          TEST(a_stop_timeout_of_nothing_forces_at_once), TEST(a_dump_comes_before_the_question),
          TEST(a_dump_gives_way_to_whoever_stops_and_begins_no_second_time),
          TEST(lingering_is_asked_after_the_grace), TEST(lingering_does_not_soften_a_stop),
          TEST(a_second_begin_never_is_milder_nor_starts_anew),
          TEST(after_giving_up_a_stop_forces_again), TEST(a_late_tick_makes_one_step_at_a_time))
