/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Leaving a bus on which somebody may call at any moment, so that no call is lost. The name is given
 * up first: who calls by it from then on is served by the next service, which the bus starts. Whoever
 * called before that has the name taken back, and is served.
 *
 *   PRESENT ──leave_begin()──▶ RELEASING ──nobody called──▶ NAMELESS ──some time──▶ left
 *      ▲                           │                           │
 *      └───────── RETAKING ◀───────┴───somebody called─────────┘
 *                     └──another one has the name, or LEAVE_FINAL: refused with ShuttingDown──▶ left
 *
 * NAMELESS lasts a moment because a client may have asked the bus who has the name, and call that one
 * directly. */

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "bus/face.h"

typedef struct Leave Leave;

typedef enum LeaveKind {
        LEAVE_REVOCABLE,
        LEAVE_FINAL, /* the service manager was told so, and cannot be told otherwise */
        _LEAVE_KIND_MAX,
} LeaveKind;

typedef enum LeaveEnd {
        LEAVE_STAYED,
        LEAVE_LEFT,
        _LEAVE_END_MAX,
} LeaveEnd;

/* The face owns it, until func is told how it ended, which is once, and not if the connection is lost.
 * Nobody must be connected (face_is_unused()). Negative errno: it has not begun. */
typedef void (*LeaveFunc)(void *userdata, LeaveEnd end);

int leave_begin(Face *face, LeaveKind kind, LeaveFunc func, void *userdata);

/* For every call that comes meanwhile. What a filter returns. */
int leave_hold(Leave *leave, sd_bus_message *m);

/* Somebody has called. */
bool leave_is_holding(const Leave *leave);

/* Refuses the calls that it holds, tells nobody. */
Leave *leave_free(Leave *leave);
