/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The GSource that asks core/idle.h after everything that happens in the loop. It costs no wake-up
 * but that at the end of the idle time. */

#include <glib.h>

#include "core/idle.h"

typedef struct IdleSourceConfig {
        usec_t after; /* infinity: never */
        /* Whether somebody uses the service, and how many have since it began. Must be cheap. */
        bool (*look)(void *userdata, uint64_t *ret_uses);
        void (*leave)(void *userdata); /* from then on it is in use until that is settled */
        void *userdata;
} IdleSourceConfig;

/* Attached to the default context; unref with g_source_destroy(). */
GSource *idle_source_new(const IdleSourceConfig *config);
