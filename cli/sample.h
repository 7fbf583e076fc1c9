/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a live view shows of one process: its newest figures, and rates from two of them. */

#include <proctor/proctor.h>
#include <stdbool.h>

typedef struct Sample {
        ProctorProcess *process;
        ProctorUsage *usage; /* the newest; NULL: not known yet */
        gint64 taken_usec;   /* when; CLOCK_MONOTONIC */
        bool has_rates;      /* from here on: known */
        double cpu_percent;  /* of one CPU */
        guint64 output_rate; /* bytes a second, both streams */
} Sample;

typedef enum SampleOrder {
        SAMPLE_ORDER_CPU,
        SAMPLE_ORDER_MEMORY,
        SAMPLE_ORDER_OUTPUT,
        SAMPLE_ORDER_IDLE,
        SAMPLE_ORDER_HEALTH,
        SAMPLE_ORDER_NAME,
        SAMPLE_ORDER_PID,
        SAMPLE_ORDER_ID,
        SAMPLE_ORDER_MAX,
        SAMPLE_ORDER_INVALID = -1,
} SampleOrder;

Sample *sample_new(ProctorProcess *process);
void sample_free(Sample *sample);

/* Takes the usage. */
void sample_update(Sample *sample, ProctorUsage *usage, gint64 now_usec);

/* Time since the last sign of life; PROCTOR_INFINITY: not known. */
guint64 sample_idle_usec(const Sample *sample);

/* Whether the watchdog judges it at present. */
bool sample_is_judged(const Sample *sample);

/* Sorts an array of Sample: what is of interest first, and by id where that is the same. */
void samples_sort(GPtrArray *samples, SampleOrder order, bool reverse);

const char *sample_order_to_string(SampleOrder order);
SampleOrder sample_order_from_string(const char *word);
