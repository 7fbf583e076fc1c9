/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROCTOR_PROCESS_END_H
#define PROCTOR_PROCESS_END_H

/* How a process is ended: the signals that it gets, and their times. */

#include <proctor/proctor-process.h>

G_BEGIN_DECLS

/**
 * ProctorProcess:stop-signal:
 *
 * The signal that asks it to end.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_stop_signal:
 * @self: a process
 *
 * The signal that asks it to end.
 *
 * Returns: (transfer none) (nullable): the name, as `SIGTERM`; %NULL if it is not known yet
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_process_get_stop_signal(ProctorProcess *self);

/**
 * ProctorProcess:hang-signal:
 *
 * The signal that the watchdog sends to its tree before the stop signal, for a dump; empty: none.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_hang_signal:
 * @self: a process
 *
 * The signal that the watchdog sends to its tree before the stop signal, for a dump.
 *
 * Returns: (transfer none) (nullable): the name, as `SIGABRT`, empty for none; %NULL if it is not
 *   known yet
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_process_get_hang_signal(ProctorProcess *self);

/**
 * ProctorProcess:hang-signal-timeout:
 *
 * Time from the hang signal to the stop signal, in microseconds.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_hang_signal_timeout:
 * @self: a process
 *
 * Time from the hang signal to the stop signal.
 *
 * Returns: microseconds; 0 if it is not known yet
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_process_get_hang_signal_timeout(ProctorProcess *self);

/**
 * ProctorProcess:kill-mode:
 *
 * What becomes of the rest of its tree when its main process ends by itself: `tree` or `process`.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_kill_mode:
 * @self: a process
 *
 * What becomes of the rest of its tree when its main process ends by itself: `tree`, it is ended
 * after half a second, or `process`, it is left alone.
 *
 * Returns: (transfer none) (nullable): the word; %NULL if it is not known yet
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_process_get_kill_mode(ProctorProcess *self);

/**
 * ProctorProcess:group-id:
 *
 * The number of the group that started it, which may be gone; 0 if none did.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_group_id:
 * @self: a process
 *
 * The number of the group that started it, as of proctor_group_get_id(). The group may be gone.
 *
 * Returns: the number; 0 if no group did, or it is not known yet
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_process_get_group_id(ProctorProcess *self);

G_END_DECLS

#endif
