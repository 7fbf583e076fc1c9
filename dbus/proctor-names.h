/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROCTOR_NAMES_H
#define PROCTOR_NAMES_H

/* The words of the D-Bus contract: names, paths, option keys, states, results and errors, for the
 * service and for the library alike. Plain C with no include, so that either side may use it.
 * The interfaces themselves are described in the XML files beside this one. */

#define PROCTOR_BUS_NAME            "org.proctor1"
#define PROCTOR_ROOT_PATH           "/org/proctor1"
#define PROCTOR_PROCESS_PATH        "/org/proctor1/process"
#define PROCTOR_PROCESS_PATH_PREFIX "/org/proctor1/process/"
#define PROCTOR_GROUP_PATH          "/org/proctor1/group"
#define PROCTOR_GROUP_PATH_PREFIX   "/org/proctor1/group/"
/* Stands for "no object" where a path is expected. */
#define PROCTOR_NO_PATH "/"

#define PROCTOR_MANAGER_INTERFACE  "org.proctor1.Manager"
#define PROCTOR_WATCHDOG_INTERFACE "org.proctor1.Watchdog"
#define PROCTOR_PROCESS_INTERFACE  "org.proctor1.Process"
#define PROCTOR_GROUP_INTERFACE    "org.proctor1.Group"

/* A duration that never ends, a limit that is none: all-ones. */
#define PROCTOR_USEC_INFINITY ((unsigned long long)-1)

/* Keys of the options of StartProcess and AdoptProcess. */
#define PROCTOR_OPTION_NAME              "Name"
#define PROCTOR_OPTION_WORKING_DIRECTORY "WorkingDirectory"
#define PROCTOR_OPTION_ENVIRONMENT       "Environment"
#define PROCTOR_OPTION_UNSET_ENVIRONMENT "UnsetEnvironment"
#define PROCTOR_OPTION_CLEAR_ENVIRONMENT "ClearEnvironment"
#define PROCTOR_OPTION_TIMEOUT           "TimeoutUSec"
#define PROCTOR_OPTION_EXTRA_BUFFER      "ExtraBufferUSec"
#define PROCTOR_OPTION_MAX_HANG_TIME     "MaxHangTimeUSec"
#define PROCTOR_OPTION_AUTO_KILL         "AutoKill"
#define PROCTOR_OPTION_RUNTIME_MAX       "RuntimeMaxUSec"
#define PROCTOR_OPTION_ACTIVITY_SOURCES  "ActivitySources"
#define PROCTOR_OPTION_STOP_SIGNAL       "StopSignal"
#define PROCTOR_OPTION_STOP_TIMEOUT      "StopTimeoutUSec"
#define PROCTOR_OPTION_HANG_SIGNAL       "HangSignal"
#define PROCTOR_OPTION_HANG_TIMEOUT      "HangSignalTimeoutUSec"
#define PROCTOR_OPTION_STDIN             "Stdin"
#define PROCTOR_OPTION_STDOUT            "Stdout"
#define PROCTOR_OPTION_STDERR            "Stderr"
#define PROCTOR_OPTION_OUTPUT_LIMIT      "OutputLimit"
#define PROCTOR_OPTION_FILE_DESCRIPTORS  "FileDescriptors"
#define PROCTOR_OPTION_BIND_TO_CALLER    "BindToCaller"
#define PROCTOR_OPTION_UMASK             "Umask"
#define PROCTOR_OPTION_NICE              "Nice"
#define PROCTOR_OPTION_OOM_SCORE_ADJUST  "OOMScoreAdjust"
#define PROCTOR_OPTION_NO_NEW_PRIVILEGES "NoNewPrivileges"
#define PROCTOR_OPTION_RLIMITS           "RLimits"
#define PROCTOR_OPTION_MEMORY_MAX        "MemoryMax"
#define PROCTOR_OPTION_TASKS_MAX         "TasksMax"
#define PROCTOR_OPTION_CPU_WEIGHT        "CPUWeight"
#define PROCTOR_OPTION_KILL_MODE         "KillMode"
#define PROCTOR_OPTION_READINESS         "Readiness"
#define PROCTOR_OPTION_START_TIMEOUT     "StartTimeoutUSec"
#define PROCTOR_OPTION_TERMINAL          "Terminal"
#define PROCTOR_OPTION_TERMINAL_SIZE     "TerminalSize"
#define PROCTOR_OPTION_USER              "User"
#define PROCTOR_OPTION_PIDFD             "PIDFD"

/* Keys of the options of CreateGroup. */
#define PROCTOR_GROUP_OPTION_ON_MEMBER_FAILURE "OnMemberFailure"
#define PROCTOR_GROUP_OPTION_MAX_PARALLEL      "MaxParallel"
#define PROCTOR_GROUP_OPTION_KEY_MEMBER        "KeyMember"

/* Keys of what GetStatus of a group tells of a member. */
#define PROCTOR_MEMBER_PROCESS   "Process"
#define PROCTOR_MEMBER_PID       "PID"
#define PROCTOR_MEMBER_STATE     "State"
#define PROCTOR_MEMBER_EXIT_CODE "ExitCode"
#define PROCTOR_MEMBER_RESULT    "Result"
#define PROCTOR_MEMBER_HEALTH    "Health"
#define PROCTOR_MEMBER_ERROR     "Error"

#define PROCTOR_STDIO_NULL    "null"
#define PROCTOR_STDIO_CAPTURE "capture"
#define PROCTOR_STDIO_JOURNAL "journal"

#define PROCTOR_STREAM_STDOUT "stdout"
#define PROCTOR_STREAM_STDERR "stderr"

#define PROCTOR_SIGNAL_TIMEOUT   "timeout"
#define PROCTOR_SIGNAL_INTERRUPT "interrupt"
#define PROCTOR_SIGNAL_FORCE     "force"

#define PROCTOR_ACTION_STOP "stop"
#define PROCTOR_ACTION_NONE "none"

/* Lists that both sides turn into tables: X(identifier, word on the bus). The order is ABI of the
 * library's enumerations: append only. */

#define PROCTOR_STATES(X)                                                                          \
        X(RUNNING, "running")                                                                      \
        X(STOPPING, "stopping")                                                                    \
        X(FINISHED, "finished")

#define PROCTOR_RESULTS(X)                                                                         \
        X(NONE, "")                                                                                \
        X(SUCCESS, "success")                                                                      \
        X(EXIT_CODE, "exit-code")                                                                  \
        X(SIGNAL, "signal")                                                                        \
        X(CORE_DUMP, "core-dump")                                                                  \
        X(STOPPED, "stopped")                                                                      \
        X(HANG, "hang")                                                                            \
        X(RUNTIME_LIMIT, "runtime-limit")                                                          \
        X(OWNER_LOST, "owner-lost")                                                                \
        X(LOST, "lost")                                                                            \
        X(START_TIMEOUT, "start-timeout")                                                          \
        X(START_FAILED, "start-failed")

#define PROCTOR_HEALTHS(X)                                                                         \
        X(ACTIVE, "active")                                                                        \
        X(SLOW, "slow")                                                                            \
        X(HUNG, "hung")

#define PROCTOR_WAIT_MODES(X)                                                                      \
        X(ALL, "all")                                                                              \
        X(ANY, "any")                                                                              \
        X(FIRST_FAILURE, "first-failure")

#define PROCTOR_CONTAINMENTS(X)                                                                    \
        X(CGROUP, "cgroup")                                                                        \
        X(SUBREAPER, "subreaper")                                                                  \
        X(PROCESS_GROUP, "process-group")

/* When a start is answered. */
#define PROCTOR_READINESSES(X)                                                                     \
        X(EXEC, "exec")                                                                            \
        X(NOTIFY, "notify")

/* What happens to the rest of a tree when its main process ended by itself. */
#define PROCTOR_KILL_MODES(X)                                                                      \
        X(TREE, "tree")                                                                            \
        X(PROCESS, "process")

/* Why the tasks of a process were looked at: the watchdog found that it hangs, it said so itself
 * (WATCHDOG=trigger), or somebody asked. */
#define PROCTOR_DOSSIER_REASONS(X)                                                                 \
        X(HANG, "hang")                                                                            \
        X(TROUBLE, "trouble")                                                                      \
        X(REQUEST, "request")

#define PROCTOR_GROUP_STATES(X)                                                                    \
        X(IDLE, "idle")                                                                            \
        X(RUNNING, "running")                                                                      \
        X(FINISHED, "finished")

/* What a group does when a member ends with another result than success. */
#define PROCTOR_MEMBER_FAILURES(X)                                                                 \
        X(CONTINUE, "continue")                                                                    \
        X(STOP_ALL, "stop-all")

/* States of a member; those of one that has a process are the states of that process. */
#define PROCTOR_MEMBER_STATES(X)                                                                   \
        X(RUNNING, "running")                                                                      \
        X(STOPPING, "stopping")                                                                    \
        X(FINISHED, "finished")                                                                    \
        X(ADDED, "added")                                                                          \
        X(QUEUED, "queued")                                                                        \
        X(STARTING, "starting")                                                                    \
        X(FAILED, "failed")

/* Signs of life; "start" is the baseline before the first one. */
#define PROCTOR_ACTIVITY_SOURCES(X)                                                                \
        X(START, "start")                                                                          \
        X(REPORT, "report")                                                                        \
        X(OUTPUT, "output")                                                                        \
        X(NOTIFY, "notify")                                                                        \
        X(CPU, "cpu")

/* The service's own errors: X(identifier, D-Bus error name). */
#define PROCTOR_ERROR_PREFIX "org.proctor1.Error."
#define PROCTOR_ERRORS(X)                                                                          \
        X(NO_SUCH_PROCESS, PROCTOR_ERROR_PREFIX "NoSuchProcess")                                   \
        X(SPAWN_FAILED, PROCTOR_ERROR_PREFIX "SpawnFailed")                                        \
        X(NOT_RUNNING, PROCTOR_ERROR_PREFIX "NotRunning")                                          \
        X(TIMEOUT, PROCTOR_ERROR_PREFIX "Timeout")                                                 \
        X(STILL_ALIVE, PROCTOR_ERROR_PREFIX "StillAlive")                                          \
        X(SHUTTING_DOWN, PROCTOR_ERROR_PREFIX "ShuttingDown")                                      \
        X(NO_SUCH_GROUP, PROCTOR_ERROR_PREFIX "NoSuchGroup")                                       \
        X(NO_SUCH_MEMBER, PROCTOR_ERROR_PREFIX "NoSuchMember")                                     \
        X(NAME_TAKEN, PROCTOR_ERROR_PREFIX "NameTaken")

#define PROCTOR_ERROR_NAME_NO_SUCH_PROCESS PROCTOR_ERROR_PREFIX "NoSuchProcess"
#define PROCTOR_ERROR_NAME_SPAWN_FAILED    PROCTOR_ERROR_PREFIX "SpawnFailed"
#define PROCTOR_ERROR_NAME_NOT_RUNNING     PROCTOR_ERROR_PREFIX "NotRunning"
#define PROCTOR_ERROR_NAME_TIMEOUT         PROCTOR_ERROR_PREFIX "Timeout"
#define PROCTOR_ERROR_NAME_STILL_ALIVE     PROCTOR_ERROR_PREFIX "StillAlive"
#define PROCTOR_ERROR_NAME_SHUTTING_DOWN   PROCTOR_ERROR_PREFIX "ShuttingDown"
#define PROCTOR_ERROR_NAME_NO_SUCH_GROUP   PROCTOR_ERROR_PREFIX "NoSuchGroup"
#define PROCTOR_ERROR_NAME_NO_SUCH_MEMBER  PROCTOR_ERROR_PREFIX "NoSuchMember"
#define PROCTOR_ERROR_NAME_NAME_TAKEN      PROCTOR_ERROR_PREFIX "NameTaken"

#endif
