/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Rates are the difference of two snapshots over the time between their arrivals. */

#include "sample.h"

#include <string.h>

static const char *const orders[SAMPLE_ORDER_MAX] = {
        [SAMPLE_ORDER_CPU] = "cpu",       [SAMPLE_ORDER_MEMORY] = "memory",
        [SAMPLE_ORDER_OUTPUT] = "output", [SAMPLE_ORDER_IDLE] = "idle",
        [SAMPLE_ORDER_HEALTH] = "health", [SAMPLE_ORDER_NAME] = "name",
        [SAMPLE_ORDER_PID] = "pid",       [SAMPLE_ORDER_ID] = "id",
};

Sample *sample_new(ProctorProcess *process) {
        Sample *sample = g_new0(Sample, 1);

        sample->process = g_object_ref(process);
        return sample;
}

void sample_free(Sample *sample) {
        g_clear_object(&sample->process);
        g_clear_pointer(&sample->usage, proctor_usage_unref);
        g_free(sample);
}

static guint64 output_bytes(ProctorUsage *usage) {
        return proctor_usage_get_stdout_bytes(usage) + proctor_usage_get_stderr_bytes(usage);
}

/* What only grows may still seem to shrink, when a part of the tree is no longer there to count. */
static guint64 growth(guint64 before, guint64 now) {
        return now > before ? now - before : 0;
}

void sample_update(Sample *sample, ProctorUsage *usage, gint64 now_usec) {
        gint64 elapsed = now_usec - sample->taken_usec;

        if (sample->usage && elapsed > 0) {
                guint64 cpu = growth(proctor_usage_get_cpu_nsec(sample->usage),
                                     proctor_usage_get_cpu_nsec(usage));
                guint64 bytes = growth(output_bytes(sample->usage), output_bytes(usage));

                sample->cpu_percent = (double)cpu / 10 / (double)elapsed;
                sample->output_rate = (guint64)((double)bytes * G_USEC_PER_SEC / (double)elapsed);
                sample->has_rates = true;
        }
        g_clear_pointer(&sample->usage, proctor_usage_unref);
        sample->usage = usage;
        sample->taken_usec = now_usec;
}

guint64 sample_idle_usec(const Sample *sample) {
        if (!sample->usage)
                return PROCTOR_INFINITY;
        return growth(proctor_usage_get_last_activity_monotonic(sample->usage),
                      (guint64)sample->taken_usec);
}

bool sample_is_judged(const Sample *sample) {
        return proctor_process_get_state(sample->process) != PROCTOR_STATE_FINISHED &&
               proctor_process_get_watched(sample->process);
}

typedef struct Ranking {
        SampleOrder order;
        bool reverse;
} Ranking;

/* Greater is first. What is not known comes last. */
static double weight(const Sample *sample, SampleOrder order) {
        switch (order) {
        case SAMPLE_ORDER_CPU:
                return sample->has_rates ? sample->cpu_percent : -1;
        case SAMPLE_ORDER_MEMORY:
                return sample->usage ? (double)proctor_usage_get_memory_current(sample->usage) : -1;
        case SAMPLE_ORDER_OUTPUT:
                return sample->has_rates ? (double)sample->output_rate : -1;
        case SAMPLE_ORDER_IDLE:
                return sample->usage ? (double)sample_idle_usec(sample) : -1;
        case SAMPLE_ORDER_HEALTH:
                return sample_is_judged(sample)
                               ? (double)proctor_process_get_health(sample->process)
                               : -1;
        case SAMPLE_ORDER_PID:
                return -(double)proctor_process_get_pid(sample->process);
        default:
                return 0;
        }
}

static int compare(const void *left, const void *right, void *data) {
        const Sample *a = *(Sample *const *)left, *b = *(Sample *const *)right;
        const Ranking *ranking = data;
        double first = weight(a, ranking->order), second = weight(b, ranking->order);
        guint64 id = proctor_process_get_id(a->process), other = proctor_process_get_id(b->process);
        int r = (second > first) - (second < first);

        if (ranking->order == SAMPLE_ORDER_NAME)
                r = g_strcmp0(proctor_process_get_name(a->process),
                              proctor_process_get_name(b->process));
        if (r == 0)
                r = (id > other) - (id < other);
        return ranking->reverse ? -r : r;
}

void samples_sort(GPtrArray *samples, SampleOrder order, bool reverse) {
        Ranking ranking = {order, reverse};

        g_ptr_array_sort_with_data(samples, compare, &ranking);
}

const char *sample_order_to_string(SampleOrder order) {
        return order >= 0 && order < SAMPLE_ORDER_MAX ? orders[order] : NULL;
}

SampleOrder sample_order_from_string(const char *word) {
        for (int order = 0; order < SAMPLE_ORDER_MAX; order++)
                if (strcmp(orders[order], word) == 0)
                        return (SampleOrder)order;
        return SAMPLE_ORDER_INVALID;
}
