/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A world for the supervisor without processes and without a clock: a struct Hands whose trees obey
 * signals as their nature says, whose time moves only when a test moves it, and which writes down in
 * one log, in order, what the supervisor tells and does. */

#include "core/supervisor.h"
#include "sys/halt.h"
#include "util/check.h"

/* Where the virtual clock begins; far from 0 and not on a round number of the grid's steps. */
#define FAKE_EPOCH (1000 * USEC_PER_SEC)

/* How a tree behaves; the durations are from the signal on, USEC_INFINITY: it does not obey. */
typedef struct Nature {
        bool start_hangs;       /* no answer to its start before fake_settle() */
        const char *fails_at;   /* the step at which its start fails; NULL: it succeeds */
        usec_t dies_of_stop;    /* any signal but SIGKILL and SIGCONT ends the main process */
        usec_t dies_of_kill;    /* SIGKILL */
        bool leaves_something;  /* the main process leaves others behind */
        usec_t rest_ends_after; /* these, from the main process's end on; by themselves */
        usec_t rest_dies_of_stop;
        usec_t rest_dies_of_kill;
        TreeProbe probe;
        usec_t probe_takes; /* of the processor, really */
        bool is_held;       /* at this moment */
        bool awaits_input;
} Nature;

#define NATURE_OBEDIENT                                                                            \
        ((Nature){.dies_of_stop = USEC_PER_MSEC,                                                   \
                  .dies_of_kill = USEC_PER_MSEC,                                                   \
                  .rest_ends_after = USEC_INFINITY,                                                \
                  .rest_dies_of_stop = USEC_PER_MSEC,                                              \
                  .rest_dies_of_kill = USEC_PER_MSEC})

struct Tree {
        struct FakeWorld *world;
        const HandsEvents *events;
        void *userdata; /* the supervisor's: its Process */
        Nature nature;
        pid_t pid;
        bool adopted, settled, exited, emptied;
        bool has_terminal; /* one that the service made */
        uint64_t control[_CONTROLLER_MAX];
        bool released, abandoned;
        usec_t killed_at; /* first SIGKILL; 0: none */
        usec_t told_at;   /* first stop signal; 0: none */
        unsigned n_kills;
        int held_signal; /* came before it was settled */
        Halt halt;
        usec_t halt_counted;
        unsigned n_looks;  /* at its state */
        unsigned n_probes; /* of them, at the whole tree */
        unsigned n_inspected;
};

typedef struct FakeWorld {
        Now now;
        usec_t armed;
        unsigned n_ticks;
        Supervisor *supervisor;
        GQueue pending;   /* events to come, by time */
        GPtrArray *trees; /* Tree, all that ever were */
        GPtrArray *waits; /* FakeWait */
        GString *log;
        bool stamps; /* log the time since `epoch` */
        usec_t epoch;
        bool mute;            /* log nothing */
        bool looks;           /* log inspections too */
        Nature nature;        /* of the trees that are started from now on */
        unsigned descriptors; /* of each task, as inspections see them */
        unsigned controllers; /* 1 << Controller of those that there are */
        Output *captured;     /* the test's: stdout of the trees that are started from now on */
        pid_t last_pid;
        int start_error; /* of Hands.start and Hands.adopt; 0: none */
        unsigned n_idle;
        unsigned n_replies, n_failures; /* of starts */
        unsigned n_not_ready;           /* failures of starts that were published */
        unsigned n_added, n_removed, n_exited, n_hung;
        unsigned n_group_changes, n_group_ends, n_member_exits, n_member_failures;
        usec_t last_hung_at;
        usec_t last_idle_told;
} FakeWorld;

typedef struct FakeWait {
        FakeWorld *world;
        Waiter *waiter; /* NULL once it was answered or cancelled */
        unsigned n_answers;
        WaitOutcome outcome;
        usec_t answered_at;
} FakeWait;

/* settings may be NULL. */
void fake_world_init(FakeWorld *world, const SupervisorSettings *settings);
/* Frees the supervisor and checks that nothing of it is left. */
void fake_world_done(FakeWorld *world);

/* For a supervisor that a test makes itself. */
void fake_world_hands(FakeWorld *world, Hands *ret);

/* Lets time pass: all that is due in it happens in order. */
void fake_run(FakeWorld *world, usec_t duration);
/* Time passes, nobody wakes: the service itself did not run. */
void fake_stall(FakeWorld *world, usec_t duration);

/* Nobody is asked here. */
#define FAKE_GRANT ((const Grant *)"granted")

/* The caller of what a test starts. */
#define FAKE_CALLER ((Caller){.uid = 1000, .origin = 1})

/* Begins a start for the caller; config may be NULL. What supervisor_start() says. */
int fake_start(FakeWorld *world, ProcessConfig *config, Caller caller, const char **ret_limit);
/* Starts by the default caller and runs until that is settled. */
Process *fake_process(FakeWorld *world, ProcessConfig *config);
/* A config with the watchdog's part set. */
ProcessConfig fake_policy(usec_t timeout, usec_t buffer, usec_t max_hang, bool auto_kill);

Tree *fake_tree(const Process *process);
Tree *fake_last_tree(FakeWorld *world);

/* What happens to a tree by itself, now or after `delay`. */
void fake_settle(Tree *tree, usec_t delay);
void fake_exit(Tree *tree, int code, usec_t delay);
void fake_empty(Tree *tree, usec_t delay);
/* Its main process is stopped by a signal, or continued. */
void fake_halt(Tree *tree, bool stopped);

FakeWait *fake_wait(FakeWorld *world, WaitFor wait_for, WaitMode mode, usec_t timeout,
                    unsigned n_processes, ...);
void fake_stop(FakeWorld *world, Process *process, StopMode mode);
void fake_report(FakeWorld *world, Process *process);

/* Compares the log, "; " between the lines, and empties it. */
#define fake_expect(world, text) fake_expect_at(world, text, __FILE__, __LINE__)
void fake_expect_at(FakeWorld *world, const char *text, const char *file, int line);
void fake_forget_log(FakeWorld *world);
