/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The rule of the watchdog: the eight cells of its table, the boundaries to the microsecond, what
 * never means, and, with random timelines, that asking only when it says so loses nothing. */

#include "core/watchdog.h"

#include "util/check.h"

#define TIMEOUT 1000
#define BUFFER  200
#define MAX_AT  3000
#define LAST    5000 /* the last sign of life */

static WatchdogPolicy policy_with(bool auto_kill) {
        return (WatchdogPolicy){TIMEOUT, BUFFER, MAX_AT, auto_kill};
}

static WatchdogVerdict at(const WatchdogPolicy *policy, usec_t idle, WatchdogAction done) {
        return watchdog_decide(policy, LAST, done, LAST + idle);
}

static void the_eight_cells_with_their_boundaries(void **state) {
        static const struct {
                usec_t idle;
                Health health;
                WatchdogAction killing, sparing; /* with AutoKill, and without */
                usec_t next;                     /* after the last sign of life */
        } cells[] = {
                {0, HEALTH_ACTIVE, WATCHDOG_NOTHING, WATCHDOG_NOTHING, 1001},
                {1000, HEALTH_ACTIVE, WATCHDOG_NOTHING, WATCHDOG_NOTHING, 1001},
                {1001, HEALTH_SLOW, WATCHDOG_NOTHING, WATCHDOG_NOTHING, 1201},
                {1200, HEALTH_SLOW, WATCHDOG_NOTHING, WATCHDOG_NOTHING, 1201},
                {1201, HEALTH_HUNG, WATCHDOG_STOP, WATCHDOG_ANNOUNCE, 3001},
                {3000, HEALTH_HUNG, WATCHDOG_STOP, WATCHDOG_ANNOUNCE, 3001},
                {3001, HEALTH_HUNG, WATCHDOG_KILL, WATCHDOG_KILL, 0},
                {900000, HEALTH_HUNG, WATCHDOG_KILL, WATCHDOG_KILL, 0},
        };

        for (unsigned i = 0; i < 2 * G_N_ELEMENTS(cells); i++) {
                WatchdogPolicy policy = policy_with(i % 2);
                WatchdogVerdict v = at(&policy, cells[i / 2].idle, WATCHDOG_NOTHING);

                assert_int_equal(v.health, cells[i / 2].health);
                assert_int_equal(v.action, i % 2 ? cells[i / 2].killing : cells[i / 2].sparing);
                assert_true(v.idle == cells[i / 2].idle);
                assert_true(v.next ==
                            (cells[i / 2].next ? LAST + cells[i / 2].next : USEC_INFINITY));
        }
}

static void what_was_done_is_not_done_again(void **state) {
        WatchdogPolicy killing = policy_with(true), sparing = policy_with(false);

        assert_int_equal(at(&sparing, 1201, WATCHDOG_ANNOUNCE).action, WATCHDOG_NOTHING);
        assert_int_equal(at(&killing, 1201, WATCHDOG_STOP).action, WATCHDOG_NOTHING);
        assert_int_equal(at(&sparing, 3001, WATCHDOG_ANNOUNCE).action, WATCHDOG_KILL);
        assert_int_equal(at(&killing, 3001, WATCHDOG_STOP).action, WATCHDOG_KILL);
        assert_int_equal(at(&killing, 3001, WATCHDOG_KILL).action, WATCHDOG_NOTHING);
        /* AutoKill was switched on while it hung; switched off, nothing milder follows */
        assert_int_equal(at(&killing, 1201, WATCHDOG_ANNOUNCE).action, WATCHDOG_STOP);
        assert_int_equal(at(&sparing, 1201, WATCHDOG_STOP).action, WATCHDOG_NOTHING);
}

static void a_timeout_of_never_is_not_watched(void **state) {
        WatchdogPolicy policy = {USEC_INFINITY, 0, 0, true};
        WatchdogVerdict v = at(&policy, 1000000, WATCHDOG_NOTHING);

        assert_int_equal(v.health, HEALTH_ACTIVE);
        assert_int_equal(v.action, WATCHDOG_NOTHING);
        assert_true(v.next == USEC_INFINITY);
}

static void a_hang_time_of_never_never_kills(void **state) {
        WatchdogPolicy policy = {TIMEOUT, BUFFER, USEC_INFINITY, false};
        WatchdogVerdict v = watchdog_decide(&policy, 0, WATCHDOG_ANNOUNCE, USEC_INFINITY - 1);

        assert_int_equal(v.health, HEALTH_HUNG);
        assert_int_equal(v.action, WATCHDOG_NOTHING);
        assert_true(v.next == USEC_INFINITY);
}

static void a_buffer_of_never_is_slow_for_ever(void **state) {
        WatchdogPolicy policy = {TIMEOUT, USEC_INFINITY, 10, true};
        WatchdogVerdict v = watchdog_decide(&policy, 0, WATCHDOG_NOTHING, USEC_INFINITY - 1);

        assert_int_equal(v.health, HEALTH_SLOW);
        assert_int_equal(v.action, WATCHDOG_NOTHING);
        assert_true(v.next == USEC_INFINITY);
}

static void a_hang_time_below_the_timeout_kills_when_hung(void **state) {
        WatchdogPolicy policy = {TIMEOUT, BUFFER, 5, false};

        assert_int_equal(at(&policy, 1200, WATCHDOG_NOTHING).action, WATCHDOG_NOTHING);
        assert_int_equal(at(&policy, 1201, WATCHDOG_NOTHING).action, WATCHDOG_KILL);
        assert_true(at(&policy, 1200, WATCHDOG_NOTHING).next == LAST + 1201);
}

static void sums_do_not_wrap(void **state) {
        WatchdogPolicy policy = {USEC_INFINITY - 1, USEC_INFINITY - 1, 0, true};
        WatchdogVerdict v = watchdog_decide(&policy, 100, WATCHDOG_NOTHING, 1000);

        assert_int_equal(v.health, HEALTH_ACTIVE);
        assert_int_equal(v.action, WATCHDOG_NOTHING);
        assert_true(v.next == USEC_INFINITY);
}

static void a_sign_of_life_from_the_future_is_one_of_now(void **state) {
        WatchdogPolicy policy = policy_with(true);
        WatchdogVerdict v = watchdog_decide(&policy, 9000, WATCHDOG_NOTHING, 8000);

        assert_int_equal(v.health, HEALTH_ACTIVE);
        assert_true(v.idle == 0);
        assert_true(v.next == 9000 + TIMEOUT + 1);
}

static void the_grid_is_never_early_and_late_by_less_than_half_an_interval(void **state) {
        g_autoptr(GRand) rand = check_rand(__func__);

        for (unsigned i = 0; i < 20000; i++) {
                usec_t interval = (usec_t)g_rand_int_range(rand, 1, 5000000);
                usec_t deadline = ((usec_t)g_rand_int(rand) << 16) + g_rand_int(rand) % 65536;
                usec_t on_grid = watchdog_grid(deadline, interval);

                assert_true(on_grid >= deadline);
                assert_true(on_grid - deadline < MAX(interval / 2, 1));
                assert_true(watchdog_grid(on_grid, interval) == on_grid);
        }
        assert_true(watchdog_grid(USEC_INFINITY, 1000) == USEC_INFINITY);
        assert_true(watchdog_grid(USEC_INFINITY - 1, 1000) == USEC_INFINITY);
        assert_true(watchdog_grid(7, 0) == 7);
}

/* One process under the rule: what was told of it, with the times. */
typedef struct Life {
        WatchdogAction done;
        Health health;
        bool asks_always; /* else only when the last verdict said so */
        usec_t next;
        GString *told;
} Life;

static void look(Life *life, const WatchdogPolicy *policy, usec_t last, usec_t now) {
        WatchdogVerdict v;

        if (!life->asks_always && now < life->next)
                return;
        v = watchdog_decide(policy, last, life->done, now);
        assert_true(v.next > now);
        life->next = v.next;
        if (v.action != WATCHDOG_NOTHING) {
                g_string_append_printf(life->told, "%u:do%d ", (unsigned)now, v.action);
                life->done = v.action;
        } else if (v.health != HEALTH_HUNG)
                life->done = WATCHDOG_NOTHING;
        if (v.health != life->health)
                g_string_append_printf(life->told, "%u:is%d ", (unsigned)now, v.health);
        life->health = v.health;
}

static void an_excuse_ends_now(void **state) {
        assert_true(watchdog_excuse(100, 0, 150) == 100);
        assert_true(watchdog_excuse(100, 30, 150) == 130);
        assert_true(watchdog_excuse(100, 80, 150) == 150);
        assert_true(watchdog_excuse(100, USEC_INFINITY, 150) == 150);
        assert_true(watchdog_excuse(160, 80, 150) == 160); /* never backward */
}

static usec_t random_duration(GRand *rand, unsigned max) {
        return g_rand_int_range(rand, 0, 10) == 0 ? USEC_INFINITY
                                                  : (usec_t)g_rand_int_range(rand, 0, (int)max);
}

static WatchdogPolicy random_policy(GRand *rand) {
        return (WatchdogPolicy){
                .timeout = random_duration(rand, 60),
                .extra_buffer = random_duration(rand, 30),
                .max_hang_time = random_duration(rand, 150),
                .auto_kill = g_rand_boolean(rand),
        };
}

static void one_timeline(GRand *rand) {
        g_autoptr(GString) always = g_string_new(NULL), seldom = g_string_new(NULL);
        Life all = {.asks_always = true, .told = always}, few = {.told = seldom};
        WatchdogPolicy policy = random_policy(rand);
        usec_t last = 10;

        for (usec_t now = 10; now < 600; now++) {
                if (g_rand_int_range(rand, 0, 60) == 0) {
                        last = now;
                        if (few.health != HEALTH_ACTIVE)
                                few.next = now; /* the one case in which a report looks again */
                }
                if (g_rand_int_range(rand, 0, 250) == 0) {
                        policy = random_policy(rand);
                        few.next = now;
                }
                look(&all, &policy, last, now);
                look(&few, &policy, last, now);
        }
        assert_string_equal(always->str, seldom->str);
}

static void asking_only_when_it_says_so_acts_as_asking_always(void **state) {
        g_autoptr(GRand) rand = check_rand(__func__);

        for (unsigned i = 0; i < 1000; i++)
                one_timeline(rand);
}

TEST_MAIN(TEST(the_eight_cells_with_their_boundaries), TEST(what_was_done_is_not_done_again),
          TEST(a_timeout_of_never_is_not_watched), TEST(a_hang_time_of_never_never_kills),
          TEST(a_buffer_of_never_is_slow_for_ever),
          TEST(a_hang_time_below_the_timeout_kills_when_hung), TEST(sums_do_not_wrap),
          TEST(a_sign_of_life_from_the_future_is_one_of_now), TEST(an_excuse_ends_now),
          TEST(the_grid_is_never_early_and_late_by_less_than_half_an_interval),
          TEST(asking_only_when_it_says_so_acts_as_asking_always))
