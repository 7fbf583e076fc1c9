/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The rule of the watchdog: policy + what is known of a process + the time → what to do, and when
 * to look again. Pure: no clock, no process, no bus.
 *
 *   idle = now − last sign of life
 *
 *   idle                                    health   AutoKill            no AutoKill
 *   ≤ timeout                               active
 *   > timeout, ≤ timeout + buffer           slow
 *   > timeout + buffer                      hung     announce and stop   announce
 *   > max(timeout + buffer, max hang time)  hung     kill                kill
 */

#include <stdbool.h>

#include "base/time-util.h"
#include "core/words.h"

typedef struct WatchdogPolicy {
        usec_t timeout; /* USEC_INFINITY: not watched */
        usec_t extra_buffer;
        usec_t max_hang_time;
        bool auto_kill;
} WatchdogPolicy;

/* In the order of severity: what was done is never done again, and nothing milder after it. */
typedef enum WatchdogAction {
        WATCHDOG_NOTHING,
        WATCHDOG_ANNOUNCE, /* say that it hangs, and leave it alone */
        WATCHDOG_STOP,     /* say so and begin its stop */
        WATCHDOG_KILL,     /* say so if that was not done, and SIGKILL the tree now */
        _WATCHDOG_ACTION_MAX,
} WatchdogAction;

typedef struct WatchdogVerdict {
        Health health;
        WatchdogAction action;
        usec_t idle;
        usec_t next; /* look again at this time; USEC_INFINITY: no need to */
} WatchdogVerdict;

/* done: the severest action of this hang so far. A sign of life after it, while the process still
 * runs, begins anew with WATCHDOG_NOTHING. */
WatchdogVerdict watchdog_decide(const WatchdogPolicy *policy, usec_t last_activity,
                                WatchdogAction done, usec_t now);

/* What a baseline becomes when so much of the time up to now does not count. */
usec_t watchdog_excuse(usec_t baseline, usec_t excused, usec_t now);

/* The time at which a look that is due at `deadline` is taken: on a grid of half the check interval,
 * so that many fall together and a verdict is late by less than the interval even if the service
 * itself is somewhat late. */
usec_t watchdog_grid(usec_t deadline, usec_t check_interval);
