/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROCTOR_PROCESS_H
#define PROCTOR_PROCESS_H

/* One process, with all that it started. */

#include <proctor/proctor-types.h>

G_BEGIN_DECLS

#define PROCTOR_TYPE_PROCESS (proctor_process_get_type())

/**
 * ProctorProcess:
 *
 * One process of the service, got from a #ProctorManager; a manager gives the same object for the
 * same process as long as anybody holds it. Dropping it neither ends nor forgets the process.
 *
 * What the functions without a #GCancellable tell is what the library knows at that moment: they
 * cost no call, may be used on any thread, and never block. How a process ended is always known as
 * soon as it is known to the library at all. Of a process that this manager started, its owner,
 * containment, timestamps and timeouts are known after a proctor_process_refresh(), or from the
 * first moment on for a process that was got by a list or by its PID.
 *
 * Each of these is also a property of the object. Changes are notified, and the signals are
 * emitted, on the main context that was the thread-default one when the manager was made. Changes
 * of state, exit code and result of a process that this manager started always come; others come
 * after proctor_manager_subscribe() (or a list, or a refresh, which subscribe as well).
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
G_DECLARE_FINAL_TYPE(ProctorProcess, proctor_process, PROCTOR, PROCESS, GObject)

/**
 * ProctorProcess::exited:
 * @self: the process
 * @exit_code: 0 to 255 as it returned it, or -N if signal N ended it
 * @result: how it ended
 *
 * The main process has ended. Emitted once, after the notifications of the properties.
 *
 * Since: 0.1
 */

/**
 * ProctorProcess::hung:
 * @self: the process
 * @idle_usec: microseconds since its last sign of life
 * @evidence: the kind of that sign: `report`, ..., or `start` if there was none
 * @action: `stop` if the process is now ended, `none` if not
 *
 * The watchdog found that the process hangs. Once for each hang.
 *
 * Since: 0.1
 */

/**
 * ProctorProcess:manager:
 *
 * The manager that this object belongs to. It lives as long as the process object does.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_manager:
 * @self: a process
 *
 * The manager that this object belongs to. It lives as long as the process object does.
 *
 * Returns: (transfer none): the manager
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorManager *proctor_process_get_manager(ProctorProcess *self);

/**
 * ProctorProcess:id:
 *
 * Number of the process: grows, and is never reused while the state of the service lives.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_id:
 * @self: a process
 *
 * Number of the process: grows, and is never reused while the state of the service lives.
 *
 * Returns: the number
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_process_get_id(ProctorProcess *self);

/**
 * ProctorProcess:object-path:
 *
 * D-Bus object of the process.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_object_path:
 * @self: a process
 *
 * D-Bus object of the process.
 *
 * Returns: (transfer none): the path
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_process_get_object_path(ProctorProcess *self);

/**
 * ProctorProcess:pid:
 *
 * PID of the main process: a fact about it, never its identity. It may be another's once this one
 * has finished.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_pid:
 * @self: a process
 *
 * PID of the main process: a fact about it, never its identity. It may be another's once this one
 * has finished.
 *
 * Returns: the PID; 0 if it is not known yet
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint proctor_process_get_pid(ProctorProcess *self);

/**
 * ProctorProcess:name:
 *
 * Its name, for people.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_name:
 * @self: a process
 *
 * Its name, for people.
 *
 * Returns: (transfer none) (nullable): the name; %NULL if it is not known yet
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_process_get_name(ProctorProcess *self);

/**
 * ProctorProcess:command:
 *
 * Program and arguments as they were given; of an adopted process, what its command line was then.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_command:
 * @self: a process
 *
 * Program and arguments as they were given; of an adopted process, what its command line was then.
 *
 * Returns: (transfer none) (array zero-terminated=1) (nullable): the command; %NULL if it is not
 *   known yet
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *const *proctor_process_get_command(ProctorProcess *self);

/**
 * ProctorProcess:working-directory:
 *
 * The directory that it was started in.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_working_directory:
 * @self: a process
 *
 * The directory that it was started in.
 *
 * Returns: (transfer none) (nullable): the path, empty for an adopted process; %NULL if it is not
 *   known yet
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_process_get_working_directory(ProctorProcess *self);

/**
 * ProctorProcess:owner:
 *
 * Uid of the user that the process belongs to.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_owner:
 * @self: a process
 *
 * Uid of the user that the process belongs to.
 *
 * Returns: the uid; %G_MAXUINT if it is not known yet
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint proctor_process_get_owner(ProctorProcess *self);

/**
 * ProctorProcess:containment:
 *
 * What guarantees that its whole tree ends: `cgroup`, `subreaper`, or `process-group` (only what
 * stayed in its process group).
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_containment:
 * @self: a process
 *
 * What guarantees that its whole tree ends: `cgroup`, `subreaper`, or `process-group` (only what
 * stayed in its process group).
 *
 * Returns: (transfer none) (nullable): the word; %NULL if it is not known yet
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_process_get_containment(ProctorProcess *self);

/**
 * ProctorProcess:start-time:
 *
 * When it was started or adopted.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_start_time:
 * @self: a process
 *
 * When it was started or adopted.
 *
 * Returns: microseconds of g_get_real_time(); 0 if it is not known yet
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_process_get_start_time(ProctorProcess *self);

/**
 * ProctorProcess:start-time-monotonic:
 *
 * When it was started or adopted.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_start_time_monotonic:
 * @self: a process
 *
 * When it was started or adopted.
 *
 * Returns: microseconds of g_get_monotonic_time(); 0 if it is not known yet
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_process_get_start_time_monotonic(ProctorProcess *self);

/**
 * ProctorProcess:runtime-max:
 *
 * Hard limit of the whole run.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_runtime_max:
 * @self: a process
 *
 * Hard limit of the whole run.
 *
 * Returns: microseconds; %PROCTOR_INFINITY: none, or not known yet
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_process_get_runtime_max(ProctorProcess *self);

/**
 * ProctorProcess:activity-sources:
 *
 * What counts as a sign of life.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_activity_sources:
 * @self: a process
 *
 * What counts as a sign of life.
 *
 * Returns: (transfer none) (array zero-terminated=1) (nullable): the words; %NULL if they are not
 *   known yet
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *const *proctor_process_get_activity_sources(ProctorProcess *self);

/**
 * ProctorProcess:state:
 *
 * Where it is in its life.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_state:
 * @self: a process
 *
 * Where it is in its life.
 *
 * Returns: the state
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorState proctor_process_get_state(ProctorProcess *self);

/**
 * ProctorProcess:exit-code:
 *
 * How its main process ended.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_exit_code:
 * @self: a process
 *
 * How its main process ended.
 *
 * Returns: 0 to 255 as it returned it, or -N if signal N ended it; 0 while it runs: look at the
 *   state
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
int proctor_process_get_exit_code(ProctorProcess *self);

/**
 * ProctorProcess:result:
 *
 * How its main process ended.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_result:
 * @self: a process
 *
 * How its main process ended.
 *
 * Returns: the result; %PROCTOR_RESULT_NONE while it runs
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorResult proctor_process_get_result(ProctorProcess *self);

/**
 * ProctorProcess:exit-time:
 *
 * When its main process ended. Known after a refresh, or when the manager is subscribed.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_exit_time:
 * @self: a process
 *
 * When its main process ended. Known after a refresh, or when the manager is subscribed.
 *
 * Returns: microseconds of g_get_real_time(); 0 while it runs, or if it is not known
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_process_get_exit_time(ProctorProcess *self);

/**
 * ProctorProcess:exit-time-monotonic:
 *
 * When its main process ended. Known after a refresh, or when the manager is subscribed.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_exit_time_monotonic:
 * @self: a process
 *
 * When its main process ended. Known after a refresh, or when the manager is subscribed.
 *
 * Returns: microseconds of g_get_monotonic_time(); 0 while it runs, or if it is not known
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_process_get_exit_time_monotonic(ProctorProcess *self);

/**
 * ProctorProcess:health:
 *
 * What the watchdog thinks of it; the last judgement once it has finished.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_health:
 * @self: a process
 *
 * What the watchdog thinks of it; the last judgement once it has finished.
 *
 * Returns: the health
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorHealth proctor_process_get_health(ProctorProcess *self);

/**
 * ProctorProcess:watched:
 *
 * Whether the watchdog judges it.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_watched:
 * @self: a process
 *
 * Whether the watchdog judges it.
 *
 * Returns: whether; %FALSE if it is not known yet
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_get_watched(ProctorProcess *self);

/**
 * ProctorProcess:timeout:
 *
 * Idle time from which it is slow; %PROCTOR_INFINITY: it is not watched.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_timeout:
 * @self: a process
 *
 * Idle time from which it is slow; %PROCTOR_INFINITY: it is not watched.
 *
 * Returns: microseconds; 0 if it is not known yet
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_process_get_timeout(ProctorProcess *self);

/**
 * ProctorProcess:extra-buffer:
 *
 * Idle time on top of the timeout from which it is hung.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_extra_buffer:
 * @self: a process
 *
 * Idle time on top of the timeout from which it is hung.
 *
 * Returns: microseconds; 0 if it is not known yet
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_process_get_extra_buffer(ProctorProcess *self);

/**
 * ProctorProcess:max-hang-time:
 *
 * Idle time from which it is killed at once when it is hung; %PROCTOR_INFINITY: never.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_max_hang_time:
 * @self: a process
 *
 * Idle time from which it is killed at once when it is hung; %PROCTOR_INFINITY: never.
 *
 * Returns: microseconds; 0 if it is not known yet
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_process_get_max_hang_time(ProctorProcess *self);

/**
 * ProctorProcess:stop-timeout:
 *
 * Time from the stop signal to SIGKILL; %PROCTOR_INFINITY: SIGKILL does not follow.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_stop_timeout:
 * @self: a process
 *
 * Time from the stop signal to SIGKILL; %PROCTOR_INFINITY: SIGKILL does not follow.
 *
 * Returns: microseconds; 0 if it is not known yet
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
guint64 proctor_process_get_stop_timeout(ProctorProcess *self);

/**
 * ProctorProcess:auto-kill:
 *
 * Whether it is stopped when it is hung.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_auto_kill:
 * @self: a process
 *
 * Whether it is stopped when it is hung.
 *
 * Returns: whether; %FALSE if it is not known yet
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_get_auto_kill(ProctorProcess *self);

/**
 * ProctorProcess:ready:
 *
 * Whether it is ready: from its start on, or since it said `READY=1` if its readiness is `notify`.
 *
 * Since: 0.1
 */

/**
 * proctor_process_get_ready:
 * @self: a process
 *
 * Whether it is ready: from its start on, or since it said `READY=1` if its readiness is `notify`.
 *
 * Returns: whether; %FALSE if it is not known yet
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
gboolean proctor_process_get_ready(ProctorProcess *self);

/**
 * proctor_process_dup_status_text:
 * @self: a process
 *
 * What it said of itself last with `STATUS=`: printable, 256 bytes at most.
 *
 * Returns: (transfer full) (nullable): the text, empty if it said nothing; %NULL if it is not known
 *   yet
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
char *proctor_process_dup_status_text(ProctorProcess *self);

/**
 * ProctorProcess:status-text:
 *
 * What it said about itself last, if its service manager's protocol is spoken: see `STATUS=` in
 * sd_notify(3).
 *
 * Since: 0.1
 */

G_END_DECLS

#endif
