/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A binary heap in an array, slot 0 unused so that index 0 can mean "not in it". */

#include "core/deadlines.h"

#include <glib.h>

struct Deadlines {
        GPtrArray *heap; /* Deadline, not owned; [0] is NULL */
};

Deadlines *deadlines_new(void) {
        Deadlines *deadlines = g_new0(Deadlines, 1);

        deadlines->heap = g_ptr_array_new();
        g_ptr_array_add(deadlines->heap, NULL);
        return deadlines;
}

Deadlines *deadlines_free(Deadlines *deadlines) {
        if (!deadlines)
                return NULL;
        g_assert(deadlines->heap->len == 1); /* every owner took his own away */
        g_ptr_array_free(deadlines->heap, TRUE);
        g_free(deadlines);
        return NULL;
}

static Deadline *at_index(const Deadlines *deadlines, unsigned index) {
        return deadlines->heap->pdata[index];
}

static void place(Deadlines *deadlines, Deadline *deadline, unsigned index) {
        deadlines->heap->pdata[index] = deadline;
        deadline->index = index;
}

static void sift(Deadlines *deadlines, Deadline *deadline, unsigned index) {
        unsigned len = deadlines->heap->len;

        while (index > 1 && at_index(deadlines, index / 2)->at > deadline->at) {
                place(deadlines, at_index(deadlines, index / 2), index);
                index /= 2;
        }
        for (unsigned child = index * 2; child < len; child = index * 2) {
                if (child + 1 < len &&
                    at_index(deadlines, child + 1)->at < at_index(deadlines, child)->at)
                        child++;
                if (at_index(deadlines, child)->at >= deadline->at)
                        break;
                place(deadlines, at_index(deadlines, child), index);
                index = child;
        }
        place(deadlines, deadline, index);
}

static void take_away(Deadlines *deadlines, Deadline *deadline) {
        unsigned index = deadline->index, last = deadlines->heap->len - 1;
        Deadline *moved = at_index(deadlines, last);

        g_ptr_array_set_size(deadlines->heap, (int)last);
        if (moved != deadline)
                sift(deadlines, moved, index);
        deadline->index = 0;
        deadline->at = USEC_INFINITY;
}

void deadlines_set(Deadlines *deadlines, Deadline *deadline, usec_t at) {
        if (at == deadline->at)
                return;
        if (at == USEC_INFINITY) {
                take_away(deadlines, deadline);
                return;
        }
        deadline->at = at;
        if (deadline->index == 0) {
                g_ptr_array_add(deadlines->heap, deadline);
                deadline->index = deadlines->heap->len - 1;
        }
        sift(deadlines, deadline, deadline->index);
}

usec_t deadlines_next(const Deadlines *deadlines) {
        return deadlines->heap->len > 1 ? at_index(deadlines, 1)->at : USEC_INFINITY;
}

void deadlines_run(Deadlines *deadlines, const Now *now) {
        while (deadlines_next(deadlines) <= now->monotonic) {
                Deadline *deadline = at_index(deadlines, 1);

                take_away(deadlines, deadline);
                deadline->fire(deadline, now);
        }
}
