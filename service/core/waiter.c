/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Waiters, see the header. A waiter is in the list of each process that it still waits for, so that
 * an event costs only those whom it concerns. */

#include "core/waiter.h"

#include <stddef.h>

/* Where it is in a list, which says back whose spot it is: who leaves is not looked for among
 * thousands. */
typedef struct Spot {
        GArray *list; /* Place; NULL: it is in none, or not any more */
        unsigned index;
} Spot;

typedef struct Place {
        Waiter *waiter;
        unsigned nth; /* of its spots */
} Place;

struct Waiter {
        Deadline deadline; /* first: the heap gives it back */
        Deadlines *deadlines;
        GPtrArray *processes; /* Process, a reference each */
        Spot *spots;          /* for each of them; or one, for the list of its maker */
        unsigned n_spots;
        WaitFor wait_for;
        WaitMode mode;
        unsigned n_left;
        bool stuck;
        WaiterFunc func;
        void *userdata;
};

static bool is_met_by(const Process *process, WaitFor wait_for) {
        return wait_for == WAIT_EMPTIED ? process->emptied : !process_is_running(process);
}

static bool is_failure(const Process *process) {
        return !process_is_running(process) && process->result != RESULT_SUCCESS;
}

bool wait_is_met(GPtrArray *processes, WaitFor wait_for, WaitMode mode) {
        bool all = true;

        for (unsigned i = 0; i < processes->len; i++) {
                const Process *process = processes->pdata[i];
                bool met = is_met_by(process, wait_for);

                if (met && mode == WAIT_MODE_ANY)
                        return true;
                if (met && mode == WAIT_MODE_FIRST_FAILURE && is_failure(process))
                        return true;
                all = all && met;
        }
        return all;
}

GArray *waiters_new(void) {
        return g_array_new(FALSE, FALSE, sizeof(Place));
}

static Place *place_at(const GArray *list, unsigned i) {
        return &g_array_index(list, Place, i);
}

static void enter(GArray *list, Waiter *waiter, unsigned nth) {
        Place place = {waiter, nth};

        waiter->spots[nth] = (Spot){list, list->len};
        g_array_append_val(list, place);
}

/* The last one takes its place. */
static void leave(Waiter *waiter, unsigned nth) {
        Spot spot = waiter->spots[nth];

        if (!spot.list)
                return;
        waiter->spots[nth].list = NULL;
        g_array_remove_index_fast(spot.list, spot.index);
        if (spot.index < spot.list->len) {
                const Place *moved = place_at(spot.list, spot.index);

                moved->waiter->spots[moved->nth].index = spot.index;
        }
}

static Waiter *waiter_free(Waiter *waiter) {
        deadlines_set(waiter->deadlines, &waiter->deadline, USEC_INFINITY);
        for (unsigned i = 0; i < waiter->n_spots; i++)
                leave(waiter, i);
        g_ptr_array_unref(waiter->processes);
        g_free(waiter->spots);
        g_free(waiter);
        return NULL;
}

static void finish(Waiter *waiter, WaitOutcome outcome) {
        waiter->func(waiter, outcome, waiter->userdata);
        waiter_free(waiter);
}

static void on_deadline(Deadline *deadline, const Now *now) {
        finish((Waiter *)deadline, WAIT_EXPIRED);
}

/* One place in the list of a process however often it was named: the last place tells, because
 * nobody else came in between. Else one caller could make the list, and each search in it, as long as
 * it likes. */
static bool waits_for(const Process *process, const Waiter *waiter) {
        const GArray *waiters = process->waiters;

        return waiters && waiters->len > 0 && place_at(waiters, waiters->len - 1)->waiter == waiter;
}

static Waiter *make(Deadlines *deadlines, unsigned n_spots, usec_t at, WaiterFunc func,
                    void *userdata) {
        Waiter *waiter = g_new0(Waiter, 1);

        waiter->deadline = DEADLINE_INIT(on_deadline);
        waiter->deadlines = deadlines;
        waiter->processes = process_array_new();
        waiter->spots = g_new0(Spot, n_spots);
        waiter->n_spots = n_spots;
        waiter->func = func;
        waiter->userdata = userdata;
        deadlines_set(deadlines, &waiter->deadline, at);
        return waiter;
}

Waiter *waiter_new_listed(Deadlines *deadlines, GArray *list, usec_t at, WaiterFunc func,
                          void *userdata) {
        Waiter *waiter = make(deadlines, 1, at, func, userdata);

        enter(list, waiter, 0);
        return waiter;
}

void waiters_meet(GArray *list) {
        while (list->len > 0)
                finish(place_at(list, list->len - 1)->waiter, WAIT_MET);
}

Waiter *waiter_new(Deadlines *deadlines, GPtrArray *processes, WaitFor wait_for, WaitMode mode,
                   usec_t at, WaiterFunc func, void *userdata) {
        Waiter *waiter = make(deadlines, processes->len, at, func, userdata);

        waiter->wait_for = wait_for;
        waiter->mode = mode;
        for (unsigned i = 0; i < processes->len; i++) {
                Process *process = process_ref(processes->pdata[i]);

                g_ptr_array_add(waiter->processes, process);
                if (is_met_by(process, wait_for) || waits_for(process, waiter))
                        continue;
                waiter->n_left++;
                if (!process->waiters)
                        process->waiters = waiters_new();
                enter(process->waiters, waiter, i);
        }
        return waiter;
}

Waiter *waiter_cancel(Waiter *waiter) {
        return waiter ? waiter_free(waiter) : NULL;
}

GPtrArray *waiter_processes(Waiter *waiter) {
        return waiter->processes;
}

static bool concerns(const Waiter *waiter, WaitEvent event) {
        return (event == WAIT_EVENT_FINISHED) == (waiter->wait_for == WAIT_FINISHED);
}

/* One that was given up can have ended after all while the wait for others went on. */
static bool is_stuck(const Waiter *waiter) {
        return waiter->stuck && !wait_is_met(waiter->processes, waiter->wait_for, waiter->mode);
}

static void waiter_notify(Waiter *waiter, const Process *process, WaitEvent event) {
        waiter->n_left--;
        if (event == WAIT_EVENT_STUCK)
                waiter->stuck = true;
        if (waiter->n_left == 0 || waiter->mode == WAIT_MODE_ANY ||
            (waiter->mode == WAIT_MODE_FIRST_FAILURE && is_failure(process)))
                finish(waiter, is_stuck(waiter) ? WAIT_STUCK : WAIT_MET);
}

void waiters_notify(Process *process, WaitEvent event) {
        /* backwards: a waiter that is told leaves the list, and the last one takes its place */
        for (unsigned i = process->waiters ? process->waiters->len : 0; i > 0; i--) {
                Place place;

                if (i > process->waiters->len)
                        continue;
                place = *place_at(process->waiters, i - 1);
                if (!concerns(place.waiter, event))
                        continue;
                leave(place.waiter, place.nth);
                waiter_notify(place.waiter, process, event);
        }
}
