/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROCTOR_USAGE_H
#define PROCTOR_USAGE_H

/* What a process uses at one moment, and when it last gave a sign of life. */

#include <proctor/proctor-types.h>

G_BEGIN_DECLS

/**
 * ProctorUsage: (ref-func proctor_usage_ref) (unref-func proctor_usage_unref)
 *
 * A snapshot of the figures of a process that move all the time, see
 * proctor_process_query_usage(). It does not change.
 *
 * Since: 0.1
 */

PROCTOR_AVAILABLE_IN_0_1
GType proctor_usage_get_type(void) G_GNUC_CONST;
#define PROCTOR_TYPE_USAGE (proctor_usage_get_type())

/**
 * proctor_usage_ref:
 * @self: a usage
 *
 * Takes another reference. May be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorUsage *proctor_usage_ref(ProctorUsage *self);

/**
 * proctor_usage_unref:
 * @self: (transfer full): a usage
 *
 * Drops a reference; the last one frees it. May be called from any thread.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_usage_unref(ProctorUsage *self);

/**
 * proctor_usage_get_cpu_nsec:
 * @self: a usage
 *
 * CPU time of the tree of the process.
 *
 * Returns: nanoseconds
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_usage_get_cpu_nsec(ProctorUsage *self);

/**
 * proctor_usage_get_memory_current:
 * @self: a usage
 *
 * Resident memory of the tree of the process; 0 once it has finished.
 *
 * Returns: bytes
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_usage_get_memory_current(ProctorUsage *self);

/**
 * proctor_usage_get_memory_peak:
 * @self: a usage
 *
 * Highest resident memory of the main process so far.
 *
 * Returns: bytes, or %PROCTOR_INFINITY if it is not known
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_usage_get_memory_peak(ProctorUsage *self);

/**
 * proctor_usage_get_n_tasks:
 * @self: a usage
 *
 * Number of tasks (threads) in the tree of the process; 0 when nothing of it is left.
 *
 * Returns: the number
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_usage_get_n_tasks(ProctorUsage *self);

/**
 * proctor_usage_get_waiting_for_input:
 * @self: a usage
 *
 * Whether somebody of the tree was blocked reading its terminal or its standard input, as far as that
 * is certain.
 *
 * Returns: %TRUE if so
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_usage_get_waiting_for_input(ProctorUsage *self);

/**
 * proctor_usage_get_prompt:
 * @self: a usage
 *
 * What it probably asked for while it waited for input: the end of its captured output, from the last
 * line break on.
 *
 * Returns: (transfer none): printable text of 256 bytes at the most; empty if there is none
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_usage_get_prompt(ProctorUsage *self);

/**
 * proctor_usage_get_last_activity:
 * @self: a usage
 *
 * When the process last gave a sign of life, or was started.
 *
 * Returns: microseconds of g_get_real_time()
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_usage_get_last_activity(ProctorUsage *self);

/**
 * proctor_usage_get_last_activity_monotonic:
 * @self: a usage
 *
 * When the process last gave a sign of life, or was started.
 *
 * Returns: microseconds of g_get_monotonic_time()
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_usage_get_last_activity_monotonic(ProctorUsage *self);

/**
 * proctor_usage_get_last_activity_source:
 * @self: a usage
 *
 * What the last sign of life was: `report`, ..., or `start` if there was none.
 *
 * Returns: (transfer none): the word
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_usage_get_last_activity_source(ProctorUsage *self);

/**
 * proctor_usage_get_stdout_bytes:
 * @self: a usage
 *
 * What came on its captured standard output so far, kept or not.
 *
 * Returns: bytes; 0 if it is not captured
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_usage_get_stdout_bytes(ProctorUsage *self);

/**
 * proctor_usage_get_stderr_bytes:
 * @self: a usage
 *
 * What came on its captured standard error so far, kept or not.
 *
 * Returns: bytes; 0 if it is not captured
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_usage_get_stderr_bytes(ProctorUsage *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ProctorUsage, proctor_usage_unref)

G_END_DECLS

#endif
