/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROCTOR_WATCHDOG_CONFIG_H
#define PROCTOR_WATCHDOG_CONFIG_H

/* The defaults of the watchdog, which hold for every process that does not set its own. */

#include <proctor/proctor-types.h>

G_BEGIN_DECLS

#define PROCTOR_TYPE_WATCHDOG_CONFIG (proctor_watchdog_config_get_type())

/**
 * ProctorWatchdogConfig:
 *
 * Settings of the watchdog, to be read with proctor_manager_get_watchdog_config() and written with
 * proctor_manager_set_watchdog_config(). Each setting is also a property of the object. Only those
 * that were set are written; one that was not set reads as the service's default. All durations are
 * in microseconds, and %PROCTOR_INFINITY means never. The service checks the values when they are
 * written.
 *
 * The object is not safe to be used by several threads at once.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
G_DECLARE_FINAL_TYPE(ProctorWatchdogConfig, proctor_watchdog_config, PROCTOR, WATCHDOG_CONFIG,
                     GObject)

/**
 * proctor_watchdog_config_new:
 *
 * Makes settings of which none is set.
 *
 * Returns: (transfer full): the settings
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorWatchdogConfig *proctor_watchdog_config_new(void);

/**
 * ProctorWatchdogConfig:check-interval:
 *
 * How late a verdict may be; it is never early.
 *
 * Since: 0.1
 */

/**
 * proctor_watchdog_config_get_check_interval:
 * @self: settings
 *
 * How late a verdict may be; it is never early.
 *
 * Returns: microseconds; 1 s if it is not set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_watchdog_config_get_check_interval(ProctorWatchdogConfig *self);

/**
 * proctor_watchdog_config_set_check_interval:
 * @self: settings
 * @usec: microseconds, 1 ms to 1 h
 *
 * Sets how late a verdict may be.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_watchdog_config_set_check_interval(ProctorWatchdogConfig *self, guint64 usec);

/**
 * ProctorWatchdogConfig:process-timeout:
 *
 * Idle time from which a process is slow.
 *
 * Since: 0.1
 */

/**
 * proctor_watchdog_config_get_process_timeout:
 * @self: settings
 *
 * Idle time from which a process is slow.
 *
 * Returns: microseconds; 30 s if it is not set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_watchdog_config_get_process_timeout(ProctorWatchdogConfig *self);

/**
 * proctor_watchdog_config_set_process_timeout:
 * @self: settings
 * @usec: microseconds, at least 1 ms; %PROCTOR_INFINITY: processes are not watched
 *
 * Sets the idle time from which a process is slow.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_watchdog_config_set_process_timeout(ProctorWatchdogConfig *self, guint64 usec);

/**
 * ProctorWatchdogConfig:extra-buffer:
 *
 * Idle time on top of the timeout from which a process is hung.
 *
 * Since: 0.1
 */

/**
 * proctor_watchdog_config_get_extra_buffer:
 * @self: settings
 *
 * Idle time on top of the timeout from which a process is hung.
 *
 * Returns: microseconds; 5 s if it is not set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_watchdog_config_get_extra_buffer(ProctorWatchdogConfig *self);

/**
 * proctor_watchdog_config_set_extra_buffer:
 * @self: settings
 * @usec: microseconds
 *
 * Sets the idle time on top of the timeout from which a process is hung.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_watchdog_config_set_extra_buffer(ProctorWatchdogConfig *self, guint64 usec);

/**
 * ProctorWatchdogConfig:max-hang-time:
 *
 * Idle time from which a hung process is killed at once, whatever auto-kill says.
 *
 * Since: 0.1
 */

/**
 * proctor_watchdog_config_get_max_hang_time:
 * @self: settings
 *
 * Idle time from which a hung process is killed at once, whatever auto-kill says.
 *
 * Returns: microseconds; 60 s if it is not set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_watchdog_config_get_max_hang_time(ProctorWatchdogConfig *self);

/**
 * proctor_watchdog_config_set_max_hang_time:
 * @self: settings
 * @usec: microseconds; %PROCTOR_INFINITY: never
 *
 * Sets the idle time from which a hung process is killed at once.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_watchdog_config_set_max_hang_time(ProctorWatchdogConfig *self, guint64 usec);

/**
 * ProctorWatchdogConfig:auto-kill:
 *
 * Whether a hung process is stopped.
 *
 * Since: 0.1
 */

/**
 * proctor_watchdog_config_get_auto_kill:
 * @self: settings
 *
 * Whether a hung process is stopped.
 *
 * Returns: whether; %TRUE if it is not set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_watchdog_config_get_auto_kill(ProctorWatchdogConfig *self);

/**
 * proctor_watchdog_config_set_auto_kill:
 * @self: settings
 * @auto_kill: whether a hung process is stopped
 *
 * Sets whether a hung process is stopped.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_watchdog_config_set_auto_kill(ProctorWatchdogConfig *self, gboolean auto_kill);

/**
 * ProctorWatchdogConfig:log-level:
 *
 * The least level that the service logs: `DEBUG`, `INFO`, `WARNING` or `ERROR`.
 *
 * Since: 0.1
 */

/**
 * proctor_watchdog_config_get_log_level:
 * @self: settings
 *
 * The least level that the service logs: `DEBUG`, `INFO`, `WARNING` or `ERROR`.
 *
 * Returns: (transfer none): the word; `WARNING` if it is not set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_watchdog_config_get_log_level(ProctorWatchdogConfig *self);

/**
 * proctor_watchdog_config_set_log_level:
 * @self: settings
 * @log_level: `DEBUG`, `INFO`, `WARNING` or `ERROR`
 *
 * Sets the least level that the service logs.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_watchdog_config_set_log_level(ProctorWatchdogConfig *self, const char *log_level);

/**
 * ProctorWatchdogConfig:active:
 *
 * Whether the watchdog was on when these settings were read. To switch it, see
 * proctor_manager_start_watchdog() and proctor_manager_stop_watchdog(); writing settings does not.
 *
 * Since: 0.1
 */

/**
 * proctor_watchdog_config_get_active:
 * @self: settings
 *
 * Whether the watchdog was on when these settings were read. To switch it, see
 * proctor_manager_start_watchdog() and proctor_manager_stop_watchdog(); writing settings does not.
 *
 * Returns: whether; %TRUE for settings that were not read from a service
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_watchdog_config_get_active(ProctorWatchdogConfig *self);

G_END_DECLS

#endif
