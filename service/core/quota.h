/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What one user may have, and how fast: counters and a token bucket, pure. Everything that a caller
 * can make the service allocate is counted here or in the bus layer's peers. */

#include <stdbool.h>
#include <stdint.h>

#include "base/time-util.h"

#define QUOTA_UNLIMITED UINT32_MAX

/* As errors call them. */
#define QUOTA_ARGUMENT_BYTES_NAME "bytes of arguments and environment"

typedef struct QuotaLimits {
        uint32_t running; /* processes that have not finished */
        uint32_t starts_per_sec;
        uint32_t starts_burst;
        uint32_t argument_bytes; /* argv and environment of one start, names to unset included */
        uint32_t groups;
        uint32_t members;          /* of one group */
        uint32_t plan_bytes;       /* of all members that have not been removed */
        uint32_t plan_descriptors; /* the same; each run gets copies */
} QuotaLimits;

/* starts_per_sec tokens a second, at most starts_burst kept. */
typedef struct RateLimit {
        uint64_t tokens_usec; /* tokens, each worth one second of filling divided by the rate */
        usec_t filled;        /* when that was true; 0: never used, full */
} RateLimit;

/* Takes one token; false when there is none. */
bool rate_limit_take(RateLimit *limit, uint32_t per_sec, uint32_t burst, usec_t now);

/* The limits of root: factor times as much. */
QuotaLimits quota_limits_for_root(const QuotaLimits *limits, uint32_t factor);
