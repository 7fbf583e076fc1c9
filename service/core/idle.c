/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Idle time, see the header. It begins with the first look that finds no use, and every use makes it
 * begin anew, one that was too short to be seen too. */

#include "core/idle.h"

void idle_init(Idle *idle, usec_t after) {
        *idle = (Idle){.after = after, .since = USEC_INFINITY};
}

bool idle_decide(Idle *idle, bool in_use, uint64_t uses, usec_t now, usec_t *ret_at) {
        bool used = in_use || uses != idle->seen;

        idle->seen = uses;
        if (in_use)
                idle->since = USEC_INFINITY;
        else if (used || idle->since == USEC_INFINITY)
                idle->since = now;
        *ret_at = usec_add(idle->since, idle->after);
        return *ret_at <= now;
}
