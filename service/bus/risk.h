/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What of a wish needs more than the right to start a process of one's own. The wish itself is
 * checked already; this only says what it amounts to. */

#include <stdbool.h>

#include "core/spec.h"

/* It would have a higher priority, less to fear from a lack of memory, or higher limits than what the
 * service starts without being asked for it. */
bool risk_raises_limits(const Spec *spec);

/* The first variable that it sets and that decides what a program loads or runs before or
 * beside its own code; NULL if there is none. */
const char *risk_steering_variable(const Spec *spec);

/* The same for variables that say who and where the user is: a program of his trusts them. */
const char *risk_identity_variable(const Spec *spec);
