/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A snapshot of the figures that move all the time; it is made once and then only read. */

#include "usage-internal.h"

struct _ProctorUsage {
        gatomicrefcount n_ref;
        guint64 cpu_nsec;
        guint64 memory_current;
        guint64 memory_peak;
        guint64 n_tasks;
        gboolean waiting_for_input;
        char *prompt;
        guint64 last_activity;
        guint64 last_activity_monotonic;
        char *last_activity_source;
        guint64 stdout_bytes;
        guint64 stderr_bytes;
};

G_DEFINE_BOXED_TYPE(ProctorUsage, proctor_usage, proctor_usage_ref, proctor_usage_unref)

ProctorUsage *usage_new(GVariant *properties) {
        ProctorUsage *self = g_new0(ProctorUsage, 1);

        g_atomic_ref_count_init(&self->n_ref);
        self->memory_peak = PROCTOR_INFINITY;
        g_variant_lookup(properties, "CPUUsageNSec", "t", &self->cpu_nsec);
        g_variant_lookup(properties, "MemoryCurrent", "t", &self->memory_current);
        g_variant_lookup(properties, "MemoryPeak", "t", &self->memory_peak);
        g_variant_lookup(properties, "NTasks", "t", &self->n_tasks);
        g_variant_lookup(properties, "WaitingForInput", "b", &self->waiting_for_input);
        if (!g_variant_lookup(properties, "Prompt", "s", &self->prompt))
                self->prompt = g_strdup("");
        g_variant_lookup(properties, "LastActivityTimestamp", "t", &self->last_activity);
        g_variant_lookup(properties, "LastActivityTimestampMonotonic", "t",
                         &self->last_activity_monotonic);
        if (!g_variant_lookup(properties, "LastActivitySource", "s", &self->last_activity_source))
                self->last_activity_source = g_strdup("");
        g_variant_lookup(properties, "StdoutBytes", "t", &self->stdout_bytes);
        g_variant_lookup(properties, "StderrBytes", "t", &self->stderr_bytes);
        return self;
}

ProctorUsage *proctor_usage_ref(ProctorUsage *self) {
        g_return_val_if_fail(self, NULL);

        g_atomic_ref_count_inc(&self->n_ref);
        return self;
}

void proctor_usage_unref(ProctorUsage *self) {
        g_return_if_fail(self);

        if (!g_atomic_ref_count_dec(&self->n_ref))
                return;
        g_free(self->prompt);
        g_free(self->last_activity_source);
        g_free(self);
}

#define DEFINE_GETTER(type, field, fallback)                                                       \
        type proctor_usage_get_##field(ProctorUsage *self) {                                       \
                g_return_val_if_fail(self, fallback);                                              \
                                                                                                   \
                return self->field;                                                                \
        }

DEFINE_GETTER(guint64, cpu_nsec, 0)
DEFINE_GETTER(guint64, memory_current, 0)
DEFINE_GETTER(guint64, memory_peak, PROCTOR_INFINITY)
DEFINE_GETTER(guint64, n_tasks, 0)
DEFINE_GETTER(gboolean, waiting_for_input, FALSE)
DEFINE_GETTER(const char *, prompt, NULL)
DEFINE_GETTER(guint64, last_activity, 0)
DEFINE_GETTER(guint64, last_activity_monotonic, 0)
DEFINE_GETTER(const char *, last_activity_source, NULL)
DEFINE_GETTER(guint64, stdout_bytes, 0)
DEFINE_GETTER(guint64, stderr_bytes, 0)
