/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROCTOR_PROCESS_CONFIG_H
#define PROCTOR_PROCESS_CONFIG_H

/* What is to be started, and how: the options of StartProcess and AdoptProcess. */

#include <proctor/proctor-types.h>

G_BEGIN_DECLS

#define PROCTOR_TYPE_PROCESS_CONFIG (proctor_process_config_get_type())

/**
 * ProctorProcessConfig:
 *
 * A description of a process that is to be started, for proctor_manager_start(), or of how one is
 * to be watched that was started elsewhere, for proctor_manager_adopt(). What is not set is left to
 * the service. The service checks the values: a wrong one makes the start fail with
 * %PROCTOR_ERROR_INVALID_ARGUMENT and a message that names it.
 *
 * A description can be used for several starts and be changed between them; a start takes what is
 * set at that moment. All durations are in microseconds, and %PROCTOR_INFINITY means never.
 *
 * The object is not safe to be used by several threads at once.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
G_DECLARE_FINAL_TYPE(ProctorProcessConfig, proctor_process_config, PROCTOR, PROCESS_CONFIG, GObject)

/**
 * proctor_process_config_new:
 * @command: (array zero-terminated=1) (nullable): program and arguments, or %NULL for none yet
 *
 * Describes a process. No shell reads the command; a program without a slash is looked for in the
 * PATH that the process gets.
 *
 * Returns: (transfer full): the description
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorProcessConfig *proctor_process_config_new(const char *const *command);

/**
 * proctor_process_config_new_argv: (skip)
 * @program: the program
 * @...: its arguments, then %NULL
 *
 * The same as proctor_process_config_new(), for a command that is written down.
 *
 * Returns: (transfer full): the description
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
ProctorProcessConfig *proctor_process_config_new_argv(const char *program,
                                                      ...) G_GNUC_NULL_TERMINATED;

/**
 * proctor_process_config_get_command:
 * @self: a description
 *
 * Program and arguments.
 *
 * Returns: (transfer none) (array zero-terminated=1): the command; empty if there is none
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *const *proctor_process_config_get_command(ProctorProcessConfig *self);

/**
 * proctor_process_config_set_command:
 * @self: a description
 * @command: (array zero-terminated=1) (nullable): program and arguments
 *
 * Sets program and arguments.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_command(ProctorProcessConfig *self, const char *const *command);

/**
 * proctor_process_config_get_name:
 * @self: a description
 *
 * Name of the process, for people.
 *
 * Returns: (transfer none) (nullable): the text, or %NULL if it is not set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_process_config_get_name(ProctorProcessConfig *self);

/**
 * proctor_process_config_set_name:
 * @self: a description
 * @name: (nullable): 1 to 128 bytes of UTF-8 without control characters; need not be unique; %NULL
 *   for the default
 *
 * Sets it. Default: `unknown`.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_name(ProctorProcessConfig *self, const char *name);

/**
 * proctor_process_config_get_working_directory:
 * @self: a description
 *
 * Directory that the process is started in.
 *
 * Returns: (transfer none) (nullable): the text, or %NULL if it is not set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_process_config_get_working_directory(ProctorProcessConfig *self);

/**
 * proctor_process_config_set_working_directory:
 * @self: a description
 * @working_directory: (nullable): an absolute path; %NULL for the default
 *
 * Sets it. Default: the service's own.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_working_directory(ProctorProcessConfig *self,
                                                  const char *working_directory);

/**
 * proctor_process_config_setenv:
 * @self: a description
 * @variable: (type filename): a name without `=`
 * @value: (type filename): the value
 *
 * Sets a variable on top of the environment that the process gets, and takes back an earlier
 * proctor_process_config_unsetenv() of it.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_setenv(ProctorProcessConfig *self, const char *variable,
                                   const char *value);

/**
 * proctor_process_config_unsetenv:
 * @self: a description
 * @variable: (type filename): a name without `=`
 *
 * Takes a variable out of the environment that the process gets, and takes back an earlier
 * proctor_process_config_setenv() of it.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_unsetenv(ProctorProcessConfig *self, const char *variable);

/**
 * proctor_process_config_clear_environment:
 * @self: a description
 *
 * Begins with an empty environment instead of that of the service, and takes back every variable
 * that was set or unset before.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_clear_environment(ProctorProcessConfig *self);

/**
 * proctor_process_config_set_environ:
 * @self: a description
 * @assignments: (array zero-terminated=1) (element-type filename) (nullable): `NAME=value` each, as
 *   from g_get_environ(); entries without `=` are left out; %NULL for an empty environment
 *
 * Gives the process exactly this environment.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_environ(ProctorProcessConfig *self, const char *const *assignments);

/**
 * proctor_process_config_set_timeout:
 * @self: a description
 * @usec: microseconds, at least 1 ms; %PROCTOR_INFINITY: it is not watched
 *
 * Sets the idle time from which the process is slow. Default: the watchdog's.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_timeout(ProctorProcessConfig *self, guint64 usec);

/**
 * proctor_process_config_set_extra_buffer:
 * @self: a description
 * @usec: microseconds
 *
 * Sets the idle time on top of the timeout from which the process is hung. Default: the watchdog's.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_extra_buffer(ProctorProcessConfig *self, guint64 usec);

/**
 * proctor_process_config_set_max_hang_time:
 * @self: a description
 * @usec: microseconds; %PROCTOR_INFINITY: never
 *
 * Sets the idle time from which a hung process is killed at once. Default: the watchdog's.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_max_hang_time(ProctorProcessConfig *self, guint64 usec);

/**
 * proctor_process_config_set_auto_kill:
 * @self: a description
 * @auto_kill: whether
 *
 * Sets whether the process is stopped when it is hung. Default: the watchdog's.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_auto_kill(ProctorProcessConfig *self, gboolean auto_kill);

/**
 * proctor_process_config_get_readiness:
 * @self: a description
 *
 * Returns: (transfer none) (nullable): what was set, or %NULL
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_process_config_get_readiness(ProctorProcessConfig *self);

/**
 * proctor_process_config_set_readiness:
 * @self: a description
 * @readiness: (nullable): `exec`, or `notify`; %NULL for the default
 *
 * Sets when the start is answered: when the program runs, or when it has said `READY=1` on the
 * socket that it finds in NOTIFY_SOCKET (see sd_notify(3)). Default: `exec`.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_readiness(ProctorProcessConfig *self, const char *readiness);

/**
 * proctor_process_config_set_start_timeout:
 * @self: a description
 * @usec: microseconds; %PROCTOR_INFINITY: for ever
 *
 * Sets how long it may take until the program is executed, which hangs on a file system that does not
 * answer, and from then on until it is ready, where readiness is `notify`. Then it is stopped, and the
 * start fails with %PROCTOR_ERROR_SPAWN_FAILED. Default: 90 seconds.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_start_timeout(ProctorProcessConfig *self, guint64 usec);

/**
 * proctor_process_config_set_output_limit:
 * @self: a description
 * @bytes: 4096 to 8388608
 *
 * Sets how many of the newest bytes of each captured stream are kept. Default: 65536.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_output_limit(ProctorProcessConfig *self, guint64 bytes);

/**
 * proctor_process_config_set_terminal:
 * @self: a description
 * @terminal: whether
 *
 * Sets whether the process gets a controlling terminal. Without a descriptor as its standard input
 * the service makes one, which is its standard input, output and error; what it shows is the captured
 * stream `stdout`, and proctor_process_open_terminal() attaches to it. With a descriptor, see
 * proctor_process_config_take_stdin_fd(), that has to be a terminal that is nobody's controlling one,
 * else the start fails with %PROCTOR_ERROR_SPAWN_FAILED. Default: %FALSE.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_terminal(ProctorProcessConfig *self, gboolean terminal);

/**
 * proctor_process_config_set_terminal_size:
 * @self: a description
 * @rows: lines, 1 to 65535
 * @columns: characters of a line, 1 to 65535
 *
 * Sets the size of the terminal that the service makes. Default: 24 and 80.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_terminal_size(ProctorProcessConfig *self, guint rows,
                                              guint columns);

/**
 * proctor_process_config_set_runtime_max:
 * @self: a description
 * @usec: microseconds; %PROCTOR_INFINITY: none
 *
 * Sets a hard limit of the whole run, activity or not. Default: none.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_runtime_max(ProctorProcessConfig *self, guint64 usec);

/**
 * proctor_process_config_set_activity_sources:
 * @self: a description
 * @sources: (array zero-terminated=1) (nullable): words, as `report`; %NULL for the default
 *
 * Sets what counts as a sign of life. Which words there are is up to the service.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_activity_sources(ProctorProcessConfig *self,
                                                 const char *const *sources);

/**
 * proctor_process_config_set_activity_callback:
 * @self: a description
 * @func: (nullable) (scope notified): a function that tells when the process was last active, or
 *   %NULL for none
 * @user_data: what to give to it
 * @destroy: (nullable): frees @user_data when neither this description nor a process that was
 *   started with it needs it any more; called on any thread
 *
 * Sets a function that the library asks about activity, on the thread-default main context of this
 * call. See #ProctorActivityFunc.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_activity_callback(ProctorProcessConfig *self,
                                                  ProctorActivityFunc func, gpointer user_data,
                                                  GDestroyNotify destroy);

/**
 * proctor_process_config_set_stdin:
 * @self: a description
 * @where: (nullable): a word of the service, as `null` for /dev/null; %NULL for its default
 *
 * Sets where the standard input of the process goes, instead of a descriptor.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_stdin(ProctorProcessConfig *self, const char *where);

/**
 * proctor_process_config_take_stdin_fd:
 * @self: a description
 * @fd: a descriptor, from now on owned by @self
 *
 * Gives the process a descriptor as its standard input. @self keeps it open, for further starts,
 * until proctor_process_config_close_fds() or its own end: whoever waits for the end of a pipe has
 * to close it there. A start fails with %PROCTOR_ERROR_NOT_SUPPORTED on a connection that does not
 * pass descriptors.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_take_stdin_fd(ProctorProcessConfig *self, int fd);

/**
 * proctor_process_config_inherit_stdin:
 * @self: a description
 *
 * Gives the process the standard input of the calling program, as it is now. If that is closed, the
 * process gets /dev/null.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_inherit_stdin(ProctorProcessConfig *self);

/**
 * proctor_process_config_set_stdout:
 * @self: a description
 * @where: (nullable): a word of the service, as `null` for /dev/null; %NULL for its default
 *
 * Sets where the standard output of the process goes, instead of a descriptor.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_stdout(ProctorProcessConfig *self, const char *where);

/**
 * proctor_process_config_take_stdout_fd:
 * @self: a description
 * @fd: a descriptor, from now on owned by @self
 *
 * Gives the process a descriptor as its standard output. @self keeps it open, for further starts,
 * until proctor_process_config_close_fds() or its own end: whoever waits for the end of a pipe has
 * to close it there. A start fails with %PROCTOR_ERROR_NOT_SUPPORTED on a connection that does not
 * pass descriptors.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_take_stdout_fd(ProctorProcessConfig *self, int fd);

/**
 * proctor_process_config_inherit_stdout:
 * @self: a description
 *
 * Gives the process the standard output of the calling program, as it is now. If that is closed,
 * the process gets /dev/null.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_inherit_stdout(ProctorProcessConfig *self);

/**
 * proctor_process_config_set_stderr:
 * @self: a description
 * @where: (nullable): a word of the service, as `null` for /dev/null; %NULL for its default
 *
 * Sets where the standard error of the process goes, instead of a descriptor.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_stderr(ProctorProcessConfig *self, const char *where);

/**
 * proctor_process_config_take_stderr_fd:
 * @self: a description
 * @fd: a descriptor, from now on owned by @self
 *
 * Gives the process a descriptor as its standard error. @self keeps it open, for further starts,
 * until proctor_process_config_close_fds() or its own end: whoever waits for the end of a pipe has
 * to close it there. A start fails with %PROCTOR_ERROR_NOT_SUPPORTED on a connection that does not
 * pass descriptors.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_take_stderr_fd(ProctorProcessConfig *self, int fd);

/**
 * proctor_process_config_inherit_stderr:
 * @self: a description
 *
 * Gives the process the standard error of the calling program, as it is now. If that is closed, the
 * process gets /dev/null.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_inherit_stderr(ProctorProcessConfig *self);

/**
 * proctor_process_config_take_fd:
 * @self: a description
 * @fd: a descriptor, from now on owned by @self
 * @target_fd: its number in the process, 3 to 1023
 *
 * Gives the process one more descriptor. As for proctor_process_config_take_stdin_fd().
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_take_fd(ProctorProcessConfig *self, int fd, guint target_fd);

/**
 * proctor_process_config_close_fds:
 * @self: a description
 *
 * Closes and forgets all descriptors that were given to @self. What was started with them has its
 * own copies.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_close_fds(ProctorProcessConfig *self);

/**
 * proctor_process_config_set_bind_to_caller:
 * @self: a description
 * @bind_to_caller: whether
 *
 * Sets whether the process is stopped when the connection that started it ends. Default: no; a
 * process of an embedded manager always ends with it.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_bind_to_caller(ProctorProcessConfig *self, gboolean bind_to_caller);

/**
 * proctor_process_config_set_umask:
 * @self: a description
 * @umask: file mode creation mask, 0 to 0777
 *
 * Sets the file mode creation mask. Default: 0022.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_umask(ProctorProcessConfig *self, guint umask);

/**
 * proctor_process_config_set_nice:
 * @self: a description
 * @nice: -20 to 19
 *
 * Sets the scheduling priority. Default: 0.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_nice(ProctorProcessConfig *self, int nice);

/**
 * proctor_process_config_set_memory_max:
 * @self: a description
 * @memory_max: bytes, at least 1, or %PROCTOR_INFINITY for no limit
 *
 * Sets how much memory the process and all that it starts may have together. When they need more, the
 * kernel ends all of them with SIGKILL. Default: no limit.
 *
 * The start fails with %PROCTOR_ERROR_NOT_SUPPORTED if the service has no cgroup v2 with the controller
 * `memory` delegated to it.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_memory_max(ProctorProcessConfig *self, guint64 memory_max);

/**
 * proctor_process_config_set_tasks_max:
 * @self: a description
 * @tasks_max: processes and threads, at least 1, or %PROCTOR_INFINITY for no limit
 *
 * Sets how many tasks the process and all that it starts may have at the same time; beyond that
 * fork(2) and the like fail with EAGAIN. Default: no limit.
 *
 * The start fails with %PROCTOR_ERROR_NOT_SUPPORTED if the service has no cgroup v2 with the controller
 * `pids` delegated to it.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_tasks_max(ProctorProcessConfig *self, guint64 tasks_max);

/**
 * proctor_process_config_set_cpu_weight:
 * @self: a description
 * @cpu_weight: 1 to 10000
 *
 * Sets the share of the processors that the process and all that it starts get beside others, when
 * there is not enough for all. Default: 100, as everybody's.
 *
 * The start fails with %PROCTOR_ERROR_NOT_SUPPORTED if the service has no cgroup v2 with the controller
 * `cpu` delegated to it.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_cpu_weight(ProctorProcessConfig *self, guint64 cpu_weight);

/**
 * proctor_process_config_set_oom_score_adjust:
 * @self: a description
 * @oom_score_adjust: -1000 to 1000, see proc_pid_oom_score_adj(5)
 *
 * Sets how readily the kernel ends the process when memory runs out.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_oom_score_adjust(ProctorProcessConfig *self, int oom_score_adjust);

/**
 * proctor_process_config_set_no_new_privileges:
 * @self: a description
 * @no_new_privileges: whether
 *
 * Sets whether exec can give the process no privileges that it does not have, see prctl(2),
 * PR_SET_NO_NEW_PRIVS.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_no_new_privileges(ProctorProcessConfig *self,
                                                  gboolean no_new_privileges);

/**
 * proctor_process_config_set_rlimit:
 * @self: a description
 * @resource: a limit of setrlimit(2) without its prefix, as `NOFILE`
 * @soft: soft limit; %PROCTOR_INFINITY: none
 * @hard: hard limit; %PROCTOR_INFINITY: none
 *
 * Sets a resource limit.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_rlimit(ProctorProcessConfig *self, const char *resource,
                                       guint64 soft, guint64 hard);

/**
 * proctor_process_config_set_option:
 * @self: a description
 * @key: name of an option on the bus, as `RuntimeMaxUSec`
 * @value: (nullable): its value, taken if it is floating; %NULL takes the option back
 *
 * Sets any option by its name on the bus: for one that this version of the library has no function
 * for. A descriptor cannot be given in this way.
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
void proctor_process_config_set_option(ProctorProcessConfig *self, const char *key,
                                       GVariant *value);

/**
 * proctor_process_config_get_option:
 * @self: a description
 * @key: name of an option on the bus, as `RuntimeMaxUSec`
 *
 * Looks up an option as it was set, by whichever function. The environment and descriptors are not
 * to be found here.
 *
 * Returns: (transfer none) (nullable): its value, or %NULL if it is not set
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
GVariant *proctor_process_config_get_option(ProctorProcessConfig *self, const char *key);

G_END_DECLS

#endif
