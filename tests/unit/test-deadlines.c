/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The heap of deadlines against a model that looks at all of them. */

#include "core/deadlines.h"

#include "util/check.h"

#define N 200

typedef struct Entry {
        Deadline deadline; /* first */
        usec_t model;
        unsigned n_fired;
        usec_t again; /* what it sets itself to when it fires; USEC_INFINITY: nothing */
        Deadlines *heap;
        usec_t *last_fired;
} Entry;

static void fire(Deadline *deadline, const Now *now) {
        Entry *entry = (Entry *)deadline;

        assert_true(deadline->index == 0 && deadline->at == USEC_INFINITY);
        assert_true(entry->model <= now->monotonic);
        assert_true(entry->model >= *entry->last_fired);
        *entry->last_fired = entry->model;
        entry->n_fired++;
        entry->model = entry->again;
        deadlines_set(entry->heap, deadline, entry->again);
        entry->again = USEC_INFINITY;
}

static usec_t model_next(const Entry *entries) {
        usec_t next = USEC_INFINITY;

        for (unsigned i = 0; i < N; i++)
                next = MIN(next, entries[i].model);
        return next;
}

static void a_random_heap_does_as_the_model(void **state) {
        g_autoptr(GRand) rand = check_rand(__func__);
        g_autofree Entry *entries = g_new0(Entry, N);
        Deadlines *heap = deadlines_new();
        usec_t now = 1, last_fired;

        for (unsigned i = 0; i < N; i++)
                entries[i] = (Entry){DEADLINE_INIT(fire), USEC_INFINITY, 0,
                                     USEC_INFINITY,       heap,          &last_fired};
        for (unsigned i = 0; i < 50000; i++) {
                Entry *entry = &entries[g_rand_int_range(rand, 0, N)];

                if (g_rand_int_range(rand, 0, 10) == 0) {
                        now += (usec_t)g_rand_int_range(rand, 0, 20);
                        last_fired = 0;
                        deadlines_run(heap, &(Now){.monotonic = now});
                        assert_true(deadlines_next(heap) > now);
                } else {
                        entry->model = g_rand_int_range(rand, 0, 4) == 0
                                               ? USEC_INFINITY
                                               : now + (usec_t)g_rand_int_range(rand, 0, 60);
                        entry->again = g_rand_boolean(rand) ? USEC_INFINITY : now + 100;
                        deadlines_set(heap, &entry->deadline, entry->model);
                }
                assert_true(deadlines_next(heap) == model_next(entries));
        }
        for (unsigned i = 0; i < N; i++)
                deadlines_set(heap, &entries[i].deadline, USEC_INFINITY);
        assert_true(deadlines_next(heap) == USEC_INFINITY);
        deadlines_free(heap);
}

static void what_is_set_anew_for_the_past_fires_in_the_same_run(void **state) {
        Deadlines *heap = deadlines_new();
        usec_t last_fired = 0;
        Entry entry = {DEADLINE_INIT(fire), 10, 0, 11, heap, &last_fired};

        deadlines_set(heap, &entry.deadline, 10);
        deadlines_run(heap, &(Now){.monotonic = 9});
        assert_int_equal(entry.n_fired, 0);
        deadlines_run(heap, &(Now){.monotonic = 11});
        assert_int_equal(entry.n_fired, 2);
        deadlines_free(heap);
}

static Deadlines *other_heap;
static Deadline *other;

static void fire_and_take_other_away(Deadline *deadline, const Now *now) {
        deadlines_set(other_heap, other, USEC_INFINITY);
}

static void never(Deadline *deadline, const Now *now) {
        fail();
}

static void one_that_fires_may_take_another_away(void **state) {
        Deadline first = DEADLINE_INIT(fire_and_take_other_away), second = DEADLINE_INIT(never);

        other_heap = deadlines_new();
        other = &second;
        deadlines_set(other_heap, &first, 5);
        deadlines_set(other_heap, &second, 6);
        deadlines_run(other_heap, &(Now){.monotonic = 10});
        assert_true(deadlines_next(other_heap) == USEC_INFINITY);
        deadlines_free(other_heap);
}

static void setting_to_what_it_is_changes_nothing(void **state) {
        Deadlines *heap = deadlines_new();
        Deadline deadline = DEADLINE_INIT(never);

        deadlines_set(heap, &deadline, USEC_INFINITY);
        assert_int_equal(deadline.index, 0);
        deadlines_set(heap, &deadline, 7);
        deadlines_set(heap, &deadline, 7);
        assert_true(deadlines_next(heap) == 7);
        deadlines_set(heap, &deadline, USEC_INFINITY);
        assert_null(deadlines_free(heap));
        assert_null(deadlines_free(NULL));
}

TEST_MAIN(TEST(a_random_heap_does_as_the_model),
          TEST(what_is_set_anew_for_the_past_fires_in_the_same_run),
          TEST(one_that_fires_may_take_another_away), TEST(setting_to_what_it_is_changes_nothing))
