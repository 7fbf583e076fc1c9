/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Time that saturates: no sum wraps, no difference is negative, never stays never. */

#include "base/time-util.h"
#include "util/check.h"

static void adding_saturates(void **state) {
        assert_true(usec_add(1, 2) == 3);
        assert_true(usec_add(0, 0) == 0);
        assert_true(usec_add(USEC_INFINITY, 0) == USEC_INFINITY);
        assert_true(usec_add(0, USEC_INFINITY) == USEC_INFINITY);
        assert_true(usec_add(USEC_INFINITY, USEC_INFINITY) == USEC_INFINITY);
        assert_true(usec_add(USEC_INFINITY - 1, 1) == USEC_INFINITY);
        assert_true(usec_add(USEC_INFINITY - 1, 2) == USEC_INFINITY);
        assert_true(usec_add(USEC_INFINITY - 2, 1) == USEC_INFINITY - 1);
}

static void subtracting_stops_at_zero(void **state) {
        assert_true(usec_sub(3, 2) == 1);
        assert_true(usec_sub(2, 3) == 0);
        assert_true(usec_sub(2, USEC_INFINITY) == 0);
        assert_true(usec_sub(USEC_INFINITY, 5) == USEC_INFINITY);
        assert_true(usec_sub(USEC_INFINITY, USEC_INFINITY) == USEC_INFINITY);
}

static void the_clocks_are_two_and_go_forward(void **state) {
        Now first = now_read(), second = now_read();

        assert_true(second.monotonic >= first.monotonic);
        assert_true(first.realtime > 1600000000 * USEC_PER_SEC);
        assert_true(first.monotonic < USEC_INFINITY && first.monotonic > 0);
}

TEST_MAIN(TEST(adding_saturates), TEST(subtracting_stops_at_zero),
          TEST(the_clocks_are_two_and_go_forward))
