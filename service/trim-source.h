/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The GSource that gives memory back to the system. What thousands of processes and their outputs
 * took is free when they have been collected, but the C library keeps it for next time: one user's
 * flood would make the service large for as long as it runs. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct TrimSourceConfig {
        /* How many objects are gone since the service began, and whether some are left. Must be cheap:
         * it is asked in every turn of the loop. */
        uint64_t (*look)(void *userdata, bool *ret_some_left);
        void *userdata;
} TrimSourceConfig;

/* Attached to the default context; unref with g_source_destroy(). NULL where the C library has no such
 * call. */
GSource *trim_source_new(const TrimSourceConfig *config);
