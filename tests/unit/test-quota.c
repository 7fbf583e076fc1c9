/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The token bucket and the limits of root. */

#include "core/quota.h"

#include "util/check.h"

static unsigned take_all(RateLimit *limit, uint32_t per_sec, uint32_t burst, usec_t now) {
        unsigned n = 0;

        while (n < 100000 && rate_limit_take(limit, per_sec, burst, now))
                n++;
        return n;
}

static void a_new_bucket_is_full_and_fills_at_its_rate(void **state) {
        RateLimit limit = {};
        usec_t now = 7 * USEC_PER_SEC;

        assert_int_equal(take_all(&limit, 100, 500, now), 500);
        assert_int_equal(take_all(&limit, 100, 500, now + 9999), 0);
        assert_int_equal(take_all(&limit, 100, 500, now + 10000), 1);
        assert_int_equal(take_all(&limit, 100, 500, now + 1010000), 100);
        assert_int_equal(take_all(&limit, 100, 500, now + 3600 * USEC_PER_SEC), 500);
}

static void small_steps_lose_no_token(void **state) {
        RateLimit limit = {};
        unsigned n = 0;

        take_all(&limit, 3, 5, 1);
        for (usec_t now = 1; now <= 10 * USEC_PER_SEC; now += 777)
                n += rate_limit_take(&limit, 3, 5, now);
        assert_in_range(n, 29, 30);
}

static void unlimited_is_unlimited_and_none_is_none(void **state) {
        RateLimit limit = {}, none = {};

        assert_int_equal(take_all(&limit, QUOTA_UNLIMITED, QUOTA_UNLIMITED, 5), 100000);
        assert_int_equal(take_all(&none, 100, 0, 5), 0);
        assert_int_equal(take_all(&none, 100, 0, 500 * USEC_PER_SEC), 0);
}

static void huge_gaps_and_rates_do_not_wrap(void **state) {
        RateLimit limit = {};

        take_all(&limit, QUOTA_UNLIMITED - 1, 3, 1);
        assert_int_equal(take_all(&limit, QUOTA_UNLIMITED - 1, 3, USEC_INFINITY - 1), 3);
        limit = (RateLimit){};
        take_all(&limit, 1, 2, 1000);
        assert_int_equal(take_all(&limit, 1, 2, 10), 0); /* a clock that went back gives nothing */
}

static void a_smaller_burst_holds_at_once(void **state) {
        RateLimit limit = {};

        assert_true(rate_limit_take(&limit, 100, 500, 1));
        assert_int_equal(take_all(&limit, 100, 10, 2), 10);
}

static void root_has_sixteen_times_as_much(void **state) {
        QuotaLimits limits = {.running = 256,
                              .starts_per_sec = 100,
                              .starts_burst = QUOTA_UNLIMITED,
                              .argument_bytes = QUOTA_UNLIMITED - 5};
        QuotaLimits root = quota_limits_for_root(&limits, 16);

        assert_int_equal(root.running, 4096);
        assert_int_equal(root.starts_per_sec, 1600);
        assert_true(root.starts_burst == QUOTA_UNLIMITED);
        assert_true(root.argument_bytes == QUOTA_UNLIMITED);
}

TEST_MAIN(TEST(a_new_bucket_is_full_and_fills_at_its_rate), TEST(small_steps_lose_no_token),
          TEST(unlimited_is_unlimited_and_none_is_none), TEST(huge_gaps_and_rates_do_not_wrap),
          TEST(a_smaller_burst_holds_at_once), TEST(root_has_sixteen_times_as_much))
