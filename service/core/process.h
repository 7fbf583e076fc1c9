/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The record of one process and its state machine. Only process.c changes state, result and what
 * belongs to them.
 *
 *   STARTING ──started──▶ RUNNING ──stopping──▶ STOPPING
 *      │                     │                     │
 *      ▼ start failed        └──────exited─────────┴────▶ FINISHED ──emptied──▶ (nothing is left)
 *    freed
 *
 * STARTING is not visible to anybody: published is false. It can be stopped already; then it is
 * STOPPING when it is published, or its start fails. FINISHED is about the main process; the rest of
 * its tree can outlive it until emptied. */

#include <glib.h>
#include <stdbool.h>

#include "core/deadlines.h"
#include "core/hands.h"
#include "core/ladder.h"
#include "core/watchdog.h"
#include "core/words.h"

typedef struct Process Process;
typedef struct Supervisor Supervisor;
typedef struct User User;
typedef struct Group Group;
typedef struct Member Member;

/* Which parts of its policy a process has of its own; the rest follow the watchdog's defaults. */
typedef enum PolicyMask {
        POLICY_TIMEOUT = 1 << 0,
        POLICY_EXTRA_BUFFER = 1 << 1,
        POLICY_MAX_HANG_TIME = 1 << 2,
        POLICY_AUTO_KILL = 1 << 3,
        _POLICY_ALL = (1 << 4) - 1,
} PolicyMask;

/* Everything about a process that is not about how to start it. */
typedef struct ProcessConfig {
        char *name; /* NULL: "unknown" */
        WatchdogPolicy policy;
        PolicyMask own_policy;
        usec_t runtime_max;
        usec_t stop_timeout;
        int stop_signal;
        int hang_signal;            /* for a dump, before the stop of one that hangs; 0: none */
        usec_t hang_signal_timeout; /* from it to the stop signal; finite */
        KillMode kill_mode;
        Readiness readiness;
        usec_t start_timeout; /* until exec; then READINESS_NOTIFY: until it must be ready */
        unsigned sources;     /* bit ACTIVITY_…: counts as a sign of life */
        bool bind_to_caller;
        Member *member; /* of a group, whose it is; NULL: of none, or not any more */
} ProcessConfig;

/* With the defaults of the contract. */
void process_config_init(ProcessConfig *config);
void process_config_copy(const ProcessConfig *config, ProcessConfig *ret);
void process_config_done(ProcessConfig *config);

struct Process {
        unsigned n_ref;
        Supervisor *supervisor; /* NULL once it was removed */
        User *user;             /* its owner */
        User *payer;            /* who asked for it: against his limits it counts */
        GList link;             /* in the supervisor's list, by id */
        GList user_link;        /* in the user's list of finished ones */
        size_t finished_bytes;  /* of its texts, as they are counted there */
        Process *pid_older;     /* an older process with the same PID */

        /* constant once published */
        uint64_t id;
        pid_t pid;
        uid_t owner;
        uid_t asker;     /* who asked for it; its owner, unless it runs as somebody else */
        uint64_t origin; /* the connection that started it; 0: gone or none */
        uint64_t group;  /* the id of its group, that may be gone; 0: none */
        char **command;  /* packed */
        char *working_directory;
        ProcessConfig config; /* the policy and stop_timeout may change */
        Now started;
        const char *containment; /* static word */
        bool adopted;
        bool published;
        bool has_terminal;
        TerminalSize terminal_size; /* may change; 0: the terminal is its caller's, or none */

        /* state */
        State state;
        Result result;
        Result stop_cause; /* RESULT_NONE until somebody ends it */
        int exit_code;
        Now exited;
        ExitStatus status;
        bool emptied;

        /* watchdog */
        bool watched;    /* UnregisterProcess clears it */
        usec_t baseline; /* of the idle time: last sign of life or excuse, monotonic */
        Now last_activity;
        ActivitySource last_source;
        Health health; /* as last told */
        WatchdogAction hang_done;
        uint64_t cpu_seen_nsec; /* CPU time of its tree at the last sample */
        usec_t cpu_sampled;     /* when that was, monotonic */
        Dossier *dossier;       /* of its last hang; NULL: none, or given up for newer ones */
        GList dossier_link;     /* in its user's list, while there is one */
        usec_t second_look;     /* a verdict is due and is looked at once more then; 0: none */

        Ladder ladder;
        /* what it says of itself */
        bool ready;
        bool stopping_itself; /* STOPPING=1 */
        char *status_text;    /* or NULL */
        int status_errno;
        usec_t extended_until; /* monotonic; it need not be ready before */

        Deadline deadline;
        Tree *tree;                          /* NULL when it was released */
        Output *outputs[_OUTPUT_STREAM_MAX]; /* NULL: not captured, or not published yet */
        GArray *waiters;                     /* Waiter, not owned; NULL if there never was one */
        struct Start *start;                 /* until its start was answered */
};

/* What its texts take: command, names, what it says of itself. */
size_t process_text_bytes(const Process *process);

Process *process_new(uint64_t id, uid_t owner, uint64_t origin, ProcessConfig *config);
Process *process_ref(Process *process);
Process *process_unref(Process *process);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Process, process_unref)

/* Of Process, gives its references back. */
GPtrArray *process_array_new(void);

/* Transitions. */
void process_mark_started(Process *process, pid_t pid, const Now *now);
/* Whether this changed the state. The first cause stays the cause. */
bool process_mark_stopping(Process *process, Result cause);
void process_mark_exited(Process *process, const ExitStatus *status, const Now *now);
/* Its start has failed, or was given up: nobody waits for it any longer. */
void process_mark_unstarted(Process *process);

/* The policy in force. */
WatchdogPolicy process_policy(const Process *process, const WatchdogPolicy *defaults);

static inline bool process_is_running(const Process *process) {
        return process->state != STATE_FINISHED;
}

const char *process_name(const Process *process);
