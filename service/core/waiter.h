/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Somebody who waits for one or more processes: for their end, or for nothing of their trees to be
 * left. Meets its condition, expires or finds a tree stuck exactly once, then it is gone. Who made
 * it may cancel it before. */

#include "core/process.h"

typedef struct Waiter Waiter;

typedef enum WaitFor {
        WAIT_FINISHED, /* the main process has ended */
        WAIT_EMPTIED,  /* and nothing of its tree is left */
        _WAIT_FOR_MAX,
} WaitFor;

typedef enum WaitOutcome {
        WAIT_MET,
        WAIT_EXPIRED,
        WAIT_STUCK, /* WAIT_EMPTIED: at least one tree could not be ended */
        _WAIT_OUTCOME_MAX,
} WaitOutcome;

/* The waiter is freed when this returns. It may not be cancelled from within. */
typedef void (*WaiterFunc)(Waiter *waiter, WaitOutcome outcome, void *userdata);

/* Whether the condition is met already: nobody needs to wait. */
bool wait_is_met(GPtrArray *processes, WaitFor wait_for, WaitMode mode);

/* Only when it is not met. Takes a reference on each process; `at` is absolute, USEC_INFINITY: no
 * limit. */
Waiter *waiter_new(Deadlines *deadlines, GPtrArray *processes, WaitFor wait_for, WaitMode mode,
                   usec_t at, WaiterFunc func, void *userdata);

/* Waits for what the owner of the list, which is one of waiters_new(), tells with waiters_meet(); it is
 * in the list until then. The list is freed by g_array_unref(). */
Waiter *waiter_new_listed(Deadlines *deadlines, GArray *list, usec_t at, WaiterFunc func,
                          void *userdata);
GArray *waiters_new(void);
void waiters_meet(GArray *list);

/* Gone without a word. */
Waiter *waiter_cancel(Waiter *waiter);

/* The processes that it waits for, Process. */
GPtrArray *waiter_processes(Waiter *waiter);

/* To be told by the supervisor: one of its processes has finished, is empty, or is stuck. */
typedef enum WaitEvent {
        WAIT_EVENT_FINISHED,
        WAIT_EVENT_EMPTIED,
        WAIT_EVENT_STUCK,
        _WAIT_EVENT_MAX,
} WaitEvent;

void waiters_notify(Process *process, WaitEvent event);
