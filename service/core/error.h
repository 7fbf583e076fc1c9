/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The facts that verbs of the supervisor can report: positive, each handled or folded by who calls.
 * Negative numbers are errnos: the world failed. */

typedef enum CoreError {
        CORE_E_NO_SUCH_PROCESS = 1,
        CORE_E_NOT_RUNNING,   /* it has finished */
        CORE_E_STILL_ALIVE,   /* it has not, or its tree is being ended */
        CORE_E_SHUTTING_DOWN, /* the service is ending */
        CORE_E_NOT_CAPTURED,  /* its output goes elsewhere */
        CORE_E_NO_TERMINAL,   /* it has none, or none of the service's */
        CORE_E_LIMIT,         /* a limit is reached; which one is said apart */
        CORE_E_NAME_TAKEN,    /* of a group or a member */
        CORE_E_NO_SUCH_MEMBER,
} CoreError;
