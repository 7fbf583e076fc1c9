/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Token bucket and limits, see the header. Kept in whole microseconds: a token is worth
 * USEC_PER_SEC, and per_sec microseconds' worth arrive each microsecond. */

#include "core/quota.h"

#include <glib.h>

bool rate_limit_take(RateLimit *limit, uint32_t per_sec, uint32_t burst, usec_t now) {
        uint64_t full = (uint64_t)burst * USEC_PER_SEC;
        uint64_t gained;

        if (per_sec == QUOTA_UNLIMITED)
                return true;
        if (limit->filled == 0)
                limit->tokens_usec = full;
        else if (!g_uint64_checked_mul(&gained, usec_sub(now, limit->filled), per_sec) ||
                 gained > full - MIN(limit->tokens_usec, full))
                limit->tokens_usec = full;
        else
                limit->tokens_usec += gained;
        limit->filled = MAX(now, 1);
        if (limit->tokens_usec < USEC_PER_SEC)
                return false;
        limit->tokens_usec -= USEC_PER_SEC;
        return true;
}

static uint32_t times(uint32_t limit, uint32_t factor) {
        return limit > QUOTA_UNLIMITED / factor ? QUOTA_UNLIMITED : limit * factor;
}

QuotaLimits quota_limits_for_root(const QuotaLimits *limits, uint32_t factor) {
        return (QuotaLimits){
                .running = times(limits->running, factor),
                .starts_per_sec = times(limits->starts_per_sec, factor),
                .starts_burst = times(limits->starts_burst, factor),
                .argument_bytes = times(limits->argument_bytes, factor),
                .groups = times(limits->groups, factor),
                .members = times(limits->members, factor),
                .plan_bytes = times(limits->plan_bytes, factor),
                .plan_descriptors = times(limits->plan_descriptors, factor),
        };
}
