/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROCTOR_PROCESS_CONFIG_END_H
#define PROCTOR_PROCESS_CONFIG_END_H

/* What a description says about the end of a process: how it is asked, what it is sent when it
 * hangs, and what becomes of what it started. */

#include <proctor/proctor-process-config.h>

G_BEGIN_DECLS

/**
 * proctor_process_config_get_stop_signal:
 * @self: a description
 *
 * The signal that asks the process to end.
 *
 * Returns: (transfer none) (nullable): the text, or %NULL if it is not set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_process_config_get_stop_signal(ProctorProcessConfig *self);

/**
 * proctor_process_config_set_stop_signal:
 * @self: a description
 * @stop_signal: (nullable): a signal by name, as `SIGTERM`; %NULL for the default
 *
 * Sets it. Default: `SIGTERM`.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_stop_signal(ProctorProcessConfig *self, const char *stop_signal);

/**
 * proctor_process_config_set_stop_timeout:
 * @self: a description
 * @usec: microseconds; %PROCTOR_INFINITY: SIGKILL never follows
 *
 * Sets how long the process has from the stop signal to SIGKILL. Default: 2 s.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_stop_timeout(ProctorProcessConfig *self, guint64 usec);

/**
 * proctor_process_config_get_hang_signal:
 * @self: a description
 *
 * The signal that the watchdog sends to the tree of the process before the stop signal.
 *
 * Returns: (transfer none) (nullable): the text, or %NULL if it is not set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_process_config_get_hang_signal(ProctorProcessConfig *self);

/**
 * proctor_process_config_set_hang_signal:
 * @self: a description
 * @hang_signal: (nullable): a signal by name, as `SIGABRT` or `SIGQUIT`; %NULL for the default
 *
 * Sets it: when the watchdog stops the process because it hangs, its whole tree gets this signal
 * first, so that it can dump what it was doing, and the stop signal later, see
 * proctor_process_config_set_hang_signal_timeout(). Default: none.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_hang_signal(ProctorProcessConfig *self, const char *hang_signal);

/**
 * proctor_process_config_set_hang_signal_timeout:
 * @self: a description
 * @hang_signal_timeout_usec: microseconds; %PROCTOR_INFINITY is refused by the service
 *
 * Sets the time from the hang signal to the stop signal. Default: five seconds. The limit of a hang,
 * proctor_process_config_set_max_hang_time(), cuts it short.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_hang_signal_timeout(ProctorProcessConfig *self,
                                                    guint64 hang_signal_timeout_usec);

/**
 * proctor_process_config_get_kill_mode:
 * @self: a description
 *
 * What becomes of processes that the process leaves behind.
 *
 * Returns: (transfer none) (nullable): the word, or %NULL if it is not set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_process_config_get_kill_mode(ProctorProcessConfig *self);

/**
 * proctor_process_config_set_kill_mode:
 * @self: a description
 * @kill_mode: (nullable): `tree`: they are ended half a second after it, or `process`: they live on;
 *   %NULL for the default
 *
 * Sets it. Default: `tree`.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_kill_mode(ProctorProcessConfig *self, const char *kill_mode);

G_END_DECLS

#endif
