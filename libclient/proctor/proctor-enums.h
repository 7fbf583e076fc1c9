/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROCTOR_ENUMS_H
#define PROCTOR_ENUMS_H

/* Enumerations of the library. The nick of each value is its word on the bus, and `none` where that
 * is empty. Values are only ever added, at the end: a program must expect one that it does not know. */

#include <glib-object.h>
#include <proctor/proctor-version.h>

G_BEGIN_DECLS

/**
 * ProctorState:
 * @PROCTOR_STATE_RUNNING: the process runs
 * @PROCTOR_STATE_STOPPING: it runs, and was told to end
 * @PROCTOR_STATE_FINISHED: its main process has ended
 *
 * Where a process is in its life.
 *
 * Since: 0.1
 */
typedef enum {
        PROCTOR_STATE_RUNNING,
        PROCTOR_STATE_STOPPING,
        PROCTOR_STATE_FINISHED,
} ProctorState;

/**
 * ProctorResult:
 * @PROCTOR_RESULT_NONE: it has not ended
 * @PROCTOR_RESULT_SUCCESS: it returned 0
 * @PROCTOR_RESULT_EXIT_CODE: it returned something else
 * @PROCTOR_RESULT_SIGNAL: a signal ended it that proctor did not send
 * @PROCTOR_RESULT_CORE_DUMP: a signal ended it and it dumped core
 * @PROCTOR_RESULT_STOPPED: it was stopped on demand
 * @PROCTOR_RESULT_HANG: the watchdog ended it
 * @PROCTOR_RESULT_RUNTIME_LIMIT: it reached the limit of its whole run
 * @PROCTOR_RESULT_OWNER_LOST: it was bound to its starter, who left
 * @PROCTOR_RESULT_LOST: nobody can know any more; never guessed
 * @PROCTOR_RESULT_START_TIMEOUT: it was not ready in time
 * @PROCTOR_RESULT_START_FAILED: it could not be started; of a group and its members only
 *
 * How a process ended.
 *
 * Since: 0.1
 */
typedef enum {
        PROCTOR_RESULT_NONE,
        PROCTOR_RESULT_SUCCESS,
        PROCTOR_RESULT_EXIT_CODE,
        PROCTOR_RESULT_SIGNAL,
        PROCTOR_RESULT_CORE_DUMP,
        PROCTOR_RESULT_STOPPED,
        PROCTOR_RESULT_HANG,
        PROCTOR_RESULT_RUNTIME_LIMIT,
        PROCTOR_RESULT_OWNER_LOST,
        PROCTOR_RESULT_LOST,
        PROCTOR_RESULT_START_TIMEOUT,
        PROCTOR_RESULT_START_FAILED,
} ProctorResult;

/**
 * ProctorHealth:
 * @PROCTOR_HEALTH_ACTIVE: it gave a sign of life within its timeout
 * @PROCTOR_HEALTH_SLOW: it has been idle for longer than its timeout
 * @PROCTOR_HEALTH_HUNG: it has been idle for longer than timeout and extra buffer together
 *
 * What the watchdog thinks of a process.
 *
 * Since: 0.1
 */
typedef enum {
        PROCTOR_HEALTH_ACTIVE,
        PROCTOR_HEALTH_SLOW,
        PROCTOR_HEALTH_HUNG,
} ProctorHealth;

/**
 * ProctorWaitMode:
 * @PROCTOR_WAIT_MODE_ALL: until every process has finished
 * @PROCTOR_WAIT_MODE_ANY: until one has finished
 * @PROCTOR_WAIT_MODE_FIRST_FAILURE: until one has finished with another result than success, or
 *   all have finished
 *
 * What a wait for several processes waits for.
 *
 * Since: 0.1
 */
typedef enum {
        PROCTOR_WAIT_MODE_ALL,
        PROCTOR_WAIT_MODE_ANY,
        PROCTOR_WAIT_MODE_FIRST_FAILURE,
} ProctorWaitMode;

/**
 * ProctorStopMode:
 * @PROCTOR_STOP_MODE_ASK: the stop signal first; SIGKILL to the whole tree after the stop timeout
 * @PROCTOR_STOP_MODE_FORCE: SIGKILL to the whole tree at once
 *
 * How a process is ended.
 *
 * Since: 0.1
 */
typedef enum {
        PROCTOR_STOP_MODE_ASK,
        PROCTOR_STOP_MODE_FORCE,
} ProctorStopMode;

/**
 * ProctorGroupState:
 * @PROCTOR_GROUP_STATE_IDLE: it was never started
 * @PROCTOR_GROUP_STATE_RUNNING: a member waits for its turn, starts or runs
 * @PROCTOR_GROUP_STATE_FINISHED: its last run has ended
 *
 * Where a group is in its life.
 *
 * Since: 0.1
 */
typedef enum {
        PROCTOR_GROUP_STATE_IDLE,
        PROCTOR_GROUP_STATE_RUNNING,
        PROCTOR_GROUP_STATE_FINISHED,
} ProctorGroupState;

/**
 * ProctorMemberFailure:
 * @PROCTOR_MEMBER_FAILURE_CONTINUE: the others run on
 * @PROCTOR_MEMBER_FAILURE_STOP_ALL: the others are stopped, and those that wait for their turn are
 *   not started
 *
 * What a group does when a member ends with another result than success.
 *
 * Since: 0.1
 */
typedef enum {
        PROCTOR_MEMBER_FAILURE_CONTINUE,
        PROCTOR_MEMBER_FAILURE_STOP_ALL,
} ProctorMemberFailure;

/**
 * ProctorListScope:
 * @PROCTOR_LIST_SCOPE_LIVE: processes that have not finished
 * @PROCTOR_LIST_SCOPE_ALL: these, and finished ones until they are forgotten
 *
 * Which processes a #ProctorProcessList has.
 *
 * Since: 0.1
 */
typedef enum {
        PROCTOR_LIST_SCOPE_LIVE,
        PROCTOR_LIST_SCOPE_ALL,
} ProctorListScope;

PROCTOR_AVAILABLE_IN_0_1
GType proctor_state_get_type(void) G_GNUC_CONST;
#define PROCTOR_TYPE_STATE (proctor_state_get_type())

PROCTOR_AVAILABLE_IN_0_1
GType proctor_result_get_type(void) G_GNUC_CONST;
#define PROCTOR_TYPE_RESULT (proctor_result_get_type())

PROCTOR_AVAILABLE_IN_0_1
GType proctor_health_get_type(void) G_GNUC_CONST;
#define PROCTOR_TYPE_HEALTH (proctor_health_get_type())

PROCTOR_AVAILABLE_IN_0_1
GType proctor_wait_mode_get_type(void) G_GNUC_CONST;
#define PROCTOR_TYPE_WAIT_MODE (proctor_wait_mode_get_type())

PROCTOR_AVAILABLE_IN_0_1
GType proctor_stop_mode_get_type(void) G_GNUC_CONST;
#define PROCTOR_TYPE_STOP_MODE (proctor_stop_mode_get_type())

PROCTOR_AVAILABLE_IN_0_1
GType proctor_group_state_get_type(void) G_GNUC_CONST;
#define PROCTOR_TYPE_GROUP_STATE (proctor_group_state_get_type())

PROCTOR_AVAILABLE_IN_0_1
GType proctor_member_failure_get_type(void) G_GNUC_CONST;
#define PROCTOR_TYPE_MEMBER_FAILURE (proctor_member_failure_get_type())

PROCTOR_AVAILABLE_IN_0_1
GType proctor_list_scope_get_type(void) G_GNUC_CONST;
#define PROCTOR_TYPE_LIST_SCOPE (proctor_list_scope_get_type())

/**
 * proctor_state_to_string:
 * @state: a state
 *
 * The word for a state, as it stands on the bus: `running`, `stopping`, `finished`.
 *
 * Returns: (transfer none) (nullable): the word, or %NULL for a value that is none of them
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_state_to_string(ProctorState state);

/**
 * proctor_result_to_string:
 * @result: a result
 *
 * The word for a result, as it stands on the bus: empty for %PROCTOR_RESULT_NONE, `success`,
 * `exit-code`, ...
 *
 * Returns: (transfer none) (nullable): the word, or %NULL for a value that is none of them
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_result_to_string(ProctorResult result);

/**
 * proctor_health_to_string:
 * @health: a health
 *
 * The word for a health, as it stands on the bus: `active`, `slow`, `hung`.
 *
 * Returns: (transfer none) (nullable): the word, or %NULL for a value that is none of them
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_health_to_string(ProctorHealth health);

/**
 * proctor_group_state_to_string:
 * @state: a state
 *
 * The word for a state of a group, as it stands on the bus: `idle`, `running`, `finished`.
 *
 * Returns: (transfer none) (nullable): the word, or %NULL for a value that is none of them
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_group_state_to_string(ProctorGroupState state);

/**
 * proctor_member_failure_to_string:
 * @failure: what happens
 *
 * The word for what a group does, as it stands on the bus: `continue`, `stop-all`.
 *
 * Returns: (transfer none) (nullable): the word, or %NULL for a value that is none of them
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_member_failure_to_string(ProctorMemberFailure failure);

/**
 * proctor_wait_mode_to_string:
 * @mode: a mode
 *
 * The word for a wait mode, as it stands on the bus: `all`, `any`, `first-failure`.
 *
 * Returns: (transfer none) (nullable): the word, or %NULL for a value that is none of them
 *
 * Since: 0.1
 */
PROCTOR_AVAILABLE_IN_0_1
const char *proctor_wait_mode_to_string(ProctorWaitMode mode);

G_END_DECLS

#endif
