/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The rule, see the header. Every threshold is strict: at exactly the timeout a process is active
 * still, so the next look is one microsecond after it. */

#include "core/watchdog.h"

#include <glib.h>

static WatchdogAction action_due(const WatchdogPolicy *policy, usec_t idle, usec_t hung_from,
                                 usec_t kill_from) {
        if (idle <= hung_from)
                return WATCHDOG_NOTHING;
        if (idle > kill_from)
                return WATCHDOG_KILL;
        return policy->auto_kill ? WATCHDOG_STOP : WATCHDOG_ANNOUNCE;
}

WatchdogVerdict watchdog_decide(const WatchdogPolicy *policy, usec_t last_activity,
                                WatchdogAction done, usec_t now) {
        usec_t idle = usec_sub(now, last_activity);
        usec_t hung_from = usec_add(policy->timeout, policy->extra_buffer);
        usec_t kill_from = MAX(hung_from, policy->max_hang_time);
        WatchdogAction due = action_due(policy, idle, hung_from, kill_from);
        WatchdogVerdict verdict = {
                .health = HEALTH_ACTIVE,
                .action = due > done ? due : WATCHDOG_NOTHING,
                .idle = idle,
                .next = USEC_INFINITY,
        };
        usec_t threshold;

        if (policy->timeout == USEC_INFINITY) {
                verdict.action = WATCHDOG_NOTHING;
                return verdict;
        }

        if (idle <= policy->timeout)
                threshold = policy->timeout;
        else if (idle <= hung_from) {
                verdict.health = HEALTH_SLOW;
                threshold = hung_from;
        } else {
                verdict.health = HEALTH_HUNG;
                threshold = idle <= kill_from ? kill_from : USEC_INFINITY;
        }
        verdict.next = usec_add(usec_add(last_activity, threshold), 1);
        return verdict;
}

usec_t watchdog_excuse(usec_t baseline, usec_t excused, usec_t now) {
        return MAX(baseline, MIN(usec_add(baseline, excused), now));
}

usec_t watchdog_grid(usec_t deadline, usec_t check_interval) {
        usec_t step = MAX(check_interval / 2, 1);
        usec_t behind;

        if (deadline == USEC_INFINITY)
                return USEC_INFINITY;
        behind = deadline % step;
        return behind == 0 ? deadline : usec_add(deadline, step - behind);
}
