/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A group: members that are plans, started in the order in which they were added, at most so many at
 * once, and ended together. It touches no process but those that it started, and knows no bus, no
 * clock and no system call.
 *
 * The group:
 *
 *   IDLE ──a member is to start──▶ RUNNING ──no member waits, starts or runs──▶ FINISHED
 *                                     ▲                                            │
 *                                     └───────────a member is to start─────────────┘
 *
 * A member:
 *
 *   ADDED ──StartAll──▶ QUEUED ──there is room──▶ STARTING ──answered──▶ RUNNING ──exited──▶ FINISHED
 *                        ▲  │                        │                                         │
 *                        │  └──stopped──▶ as before  └──its start failed──▶ FAILED             │
 *                        └──────────────────────StartAll──────────────────────┴────────────────┘
 *
 * A run is what lies between two times that the group is not RUNNING. Its result is that of the key
 * member, if there is one and it ended in this run; else that of the first member that failed; else
 * success. */

#include "core/supervisor.h"

/* What those are told who wait for the start of a member that was taken out of the line. */
#define GROUP_STOPPED_TEXT "it was stopped before it had begun"

typedef struct GroupConfig {
        char *name;
        MemberFailure on_failure;
        uint32_t max_parallel; /* 0: no limit */
        char *key_member;      /* NULL: none; need not be a member yet */
} GroupConfig;

void group_config_done(GroupConfig *config);

struct Member {
        Group *group;
        char *name;
        Spec *spec; /* with config the plan, which is copied for each start */
        ProcessConfig config;
        MemberState state;  /* never STOPPING */
        MemberState before; /* QUEUED: what it was, and is again if it is taken out of the line */
        Process *process;   /* the newest that was started; a reference, or NULL */
        bool published;     /* STARTING: the process is the new one, and not ready yet */
        char *error;        /* why its last start failed, or NULL */
        GList link;         /* QUEUED: in the line */
};

struct Group {
        Supervisor *supervisor;
        uint64_t id;
        uid_t owner;
        GroupConfig config;
        GPtrArray *members; /* Member, owned, in the order in which they were added */
        GHashTable *by_name;

        GQueue queue;         /* Member that waits for its turn */
        unsigned n_launching; /* started, exec not seen yet */
        unsigned n_starting;  /* started, not answered yet: those and the ones that are not ready */
        unsigned n_running;   /* has a process that has not finished */
        Caller starter;       /* of those in the queue */
        GPtrArray *calls;     /* StartCall that is not answered */

        GroupState state;
        Result result;       /* of the last run */
        int exit_code;       /* the same */
        char *failed_member; /* the first of the run; or NULL */
        Result failure;      /* its result and code */
        int failure_code;
        Result key_result; /* RESULT_NONE: has not ended in this run */
        int key_code;
        bool is_stopping; /* by its own rule, since the last start */

        GArray *waiters;    /* Waiter for the end of the run */
        bool ending;        /* shut down */
        Waiter *end;        /* of its processes, while it is ending */
        GPtrArray *endings; /* Ending: who asked for it */
};

/* What became of the start of one member: a process, or why there is none. */
typedef struct GroupOutcome {
        char *member;
        Process *process; /* a reference, or NULL */
        char *error;      /* or NULL */
} GroupOutcome;

/* outcomes: GroupOutcome, as they were settled. */
typedef void (*GroupStartFunc)(void *userdata, GPtrArray *outcomes);

/* MET: the group is gone. STUCK: it is not, `processes` has those that could not be ended. */
typedef void (*GroupEndFunc)(void *userdata, WaitOutcome outcome, GPtrArray *processes);

/* Takes over what config owns. CORE_E_NAME_TAKEN, CORE_E_LIMIT, CORE_E_SHUTTING_DOWN. */
int group_create(Supervisor *supervisor, const Grant *grant, GroupConfig *config,
                 const Caller *caller, Group **ret, const char **ret_limit);

/* Adds a plan; takes over spec and what config owns, in any case. CORE_E_NAME_TAKEN, CORE_E_LIMIT,
 * CORE_E_SHUTTING_DOWN. */
int group_add(Group *group, const Grant *grant, const char *name, Spec *spec, ProcessConfig *config,
              const char **ret_limit);

/* CORE_E_NO_SUCH_MEMBER, or CORE_E_STILL_ALIVE when it waits for its turn, starts or runs. */
int group_remove_member(Group *group, const Grant *grant, const char *name);

/* Starts every member that is not running. func is called once, when each start that this began, or
 * found under way, is settled; that can be before this returns. Members that have to wait for the end
 * of others are left in the line and not waited for. CORE_E_SHUTTING_DOWN. */
int group_start(Group *group, const Grant *grant, const Caller *caller, GroupStartFunc func,
                void *userdata, const Now *now);

/* Begins to end all of it, and empties the line. What to wait for, as supervisor_stop_all(). */
GPtrArray *group_stop(Group *group, const Grant *grant, StopMode mode, const Now *now);

/* Waits until the group does not run. NULL if that is so already. */
Waiter *group_wait(Group *group, usec_t timeout, const Now *now, WaiterFunc func, void *userdata);

/* Stops it and forgets it, with all that its members left. func is called once, perhaps before this
 * returns. */
void group_shutdown(Group *group, const Grant *grant, GroupEndFunc func, void *userdata,
                    const Now *now);

/* What to tell of a member: its process, if that belongs to its state, and the word of that. */
Process *member_process(const Member *member);
MemberState member_state(const Member *member);
/* RESULT_START_FAILED for one that is FAILED. */
Result member_result(const Member *member);
