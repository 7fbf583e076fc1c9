/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What nobody may count as idle time: that children of the service were stopped by signals, as the
 * kernel tells their parent; and that the service itself was stopped or frozen, of which it can
 * know the end alone. Costs nothing while nobody is stopped. */

#include "base/time-util.h"
#include "core/hands.h"

typedef struct Sys Sys;
typedef struct Halts Halts;

/* on_resumed may be NULL: the service runs again, and may not have run since that time. Blocks
 * SIGCHLD and SIGCONT for as long as this lives. */
int halts_new(Sys *sys, void (*on_resumed)(void *userdata, usec_t since), void *userdata,
              Halts **ret);
Halts *halts_free(Halts *halts);

/* As Hands.held. */
usec_t halts_held(Tree *tree, usec_t since, usec_t now);
