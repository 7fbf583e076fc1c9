/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The steps of a stop, see the header. */

#include "core/ladder.h"

#include <glib.h>

static LadderAction ask(Ladder *ladder, usec_t stop_timeout, usec_t now) {
        *ladder = (Ladder){
                .step = LADDER_ASKED,
                .deadline = usec_add(now, stop_timeout),
                .repeat = USEC_INFINITY,
                .latest = usec_add(now, LADDER_EXTENDED_USEC),
        };
        return LADDER_DO_ASK;
}

static LadderAction dump(Ladder *ladder, usec_t dump_timeout, usec_t now) {
        *ladder = (Ladder){
                .step = LADDER_DUMPING,
                .deadline = usec_add(now, dump_timeout),
                .repeat = USEC_INFINITY,
        };
        return LADDER_DO_DUMP;
}

static LadderAction force(Ladder *ladder, usec_t now) {
        *ladder = (Ladder){
                .step = LADDER_FORCED,
                .deadline = usec_add(now, LADDER_BOUND_USEC),
                .repeat = usec_add(now, LADDER_REPEAT_USEC),
        };
        return LADDER_DO_FORCE;
}

static LadderAction begin(Ladder *ladder, StopMode mode, usec_t timeout, usec_t now) {
        switch (mode) {
        case STOP_DUMP:
                return dump(ladder, timeout, now);
        case STOP_ASK:
                return ask(ladder, timeout, now);
        default:
                return force(ladder, now);
        }
}

LadderAction ladder_begin(Ladder *ladder, StopMode mode, usec_t timeout, usec_t now) {
        switch (ladder->step) {
        case LADDER_RESTING:
        case LADDER_LINGERING:
                return begin(ladder, mode, timeout, now);
        case LADDER_DUMPING:
                return mode > STOP_DUMP ? begin(ladder, mode, timeout, now) : LADDER_DO_NOTHING;
        case LADDER_ASKED:
                return mode == STOP_FORCE ? force(ladder, now) : LADDER_DO_NOTHING;
        case LADDER_GIVEN_UP:
                return force(ladder, now);
        default:
                return LADDER_DO_NOTHING;
        }
}

void ladder_extend(Ladder *ladder, usec_t until) {
        if (ladder->step == LADDER_ASKED)
                ladder->deadline = MAX(ladder->deadline, MIN(until, ladder->latest));
}

void ladder_linger(Ladder *ladder, usec_t now) {
        if (ladder->step != LADDER_RESTING)
                return;
        ladder->step = LADDER_LINGERING;
        ladder->deadline = usec_add(now, LADDER_GRACE_USEC);
}

LadderAction ladder_tick(Ladder *ladder, usec_t stop_timeout, usec_t now) {
        if (now >= ladder->deadline) {
                switch (ladder->step) {
                case LADDER_LINGERING:
                case LADDER_DUMPING:
                        return ask(ladder, stop_timeout, now);
                case LADDER_ASKED:
                        return force(ladder, now);
                case LADDER_FORCED:
                        *ladder = LADDER_INIT;
                        ladder->step = LADDER_GIVEN_UP;
                        return LADDER_DO_GIVE_UP;
                default:
                        return LADDER_DO_NOTHING;
                }
        }
        if (ladder->step == LADDER_FORCED && now >= ladder->repeat) {
                ladder->repeat = usec_add(now, LADDER_REPEAT_USEC);
                return LADDER_DO_FORCE;
        }
        return LADDER_DO_NOTHING;
}

usec_t ladder_next(const Ladder *ladder) {
        return MIN(ladder->deadline, ladder->repeat);
}
