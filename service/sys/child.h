/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a new process does between clone and exec: the plan that the service prepared, step by step.
 * The plan is plain data; the child reads it while the service runs on, so nobody may free or change
 * it before the child has exec'd or died. The only words that go the other way are `detached` and
 * what the status pipe carries. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* In the order in which they are taken. */
typedef enum ChildStep {
        CHILD_STEP_DETACH,
        CHILD_STEP_CGROUP,
        CHILD_STEP_SESSION,
        CHILD_STEP_SIGNALS,
        CHILD_STEP_STDIN,
        CHILD_STEP_STDOUT,
        CHILD_STEP_STDERR,
        CHILD_STEP_DESCRIPTORS,
        CHILD_STEP_TERMINAL,
        CHILD_STEP_LIMITS,
        CHILD_STEP_NICE,
        CHILD_STEP_OOM_SCORE,
        CHILD_STEP_CREDENTIALS,
        CHILD_STEP_PRIVILEGES,
        CHILD_STEP_CHDIR,
        CHILD_STEP_EXEC,
        _CHILD_STEP_MAX,
} ChildStep;

/* For people, as StartFailure.step. */
const char *child_step_to_string(ChildStep step);

/* What comes over the status pipe of a start that failed. Nothing comes of one that did not. */
typedef struct ChildReport {
        int32_t step;
        int32_t error;
} ChildReport;

typedef struct ChildFd {
        int source;
        int target;
} ChildFd;

/* As the kernel's struct rlimit64. */
typedef struct ChildLimit {
        uint64_t soft;
        uint64_t hard;
        int resource;
} ChildLimit;

/* Who the process shall be. Groups were looked up before the start. */
typedef struct ChildCredentials {
        uid_t uid;
        gid_t gid;
        size_t n_groups;
        const gid_t *groups;
} ChildCredentials;

typedef struct ChildPlan {
        uint32_t detached; /* futex: 1 as soon as the child has a descriptor table of its own */

        bool has_own_memory;     /* cloned without CLONE_VM */
        bool shares_descriptors; /* cloned with CLONE_FILES */
        bool handlers_are_reset; /* cloned with CLONE_CLEAR_SIGHAND */
        bool joins_keyring;
        bool no_new_privileges;
        bool has_nice;
        bool takes_terminal; /* its standard input is to be its controlling terminal */
        bool lifts;          /* a source has the number of another's target */
        bool enters_cgroup;  /* was not born there */

        uint64_t ignored_signals; /* bit N-1: signal N is ignored by the service */
        int highest_fd;           /* of all that is needed from the service's table */
        int status_fd;
        int status_target; /* above all targets */
        int cgroup_fd;     /* directory of the tree's cgroup, or negative */

        ChildFd *fds; /* by target, ascending; 0, 1 and 2 are always there */
        size_t n_fds;
        ChildLimit *limits;
        size_t n_limits;
        mode_t umask;
        int nice;
        char oom_score[16];                  /* or "" */
        const ChildCredentials *credentials; /* or NULL: stays who the service is */
        const char *working_directory;       /* or NULL */
        char *own_pid;                       /* ten places for the PID; or NULL */
        const char *search_path;             /* of the child's final environment */
        char **argv;
        char **envp;
} ChildPlan;

/* Never returns. argument is the ChildPlan. All signals are blocked. */
void child_main(void *argument);
