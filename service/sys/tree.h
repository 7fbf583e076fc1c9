/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One started or adopted process with all that it started: its life, and the order in which core
 * hears of it. How the tree is held together is its containment's business.
 *
 *              status pipe ends            main process ends          nobody is left
 *   STARTING ──────────────────▶ RUNNING ──────────────────▶ EXITED ─────────────────▶ EMPTY
 *       └── a report, or dead before exec ──▶ FAILED
 *
 * A released tree goes the same way to its end with nothing told, and is freed there. */

#include <stdbool.h>

#include "core/hands.h"
#include "sys/containment.h"
#include "sys/halt.h"
#include "sys/loop.h"
#include "sys/notify.h"
#include "sys/output.h"
#include "sys/pidfd.h"
#include "sys/spawn.h"
#include "sys/terminal.h"

typedef struct Sys Sys;

struct Tree {
        Sys *sys;
        const Containment *containment;
        HandsEvents events;
        void *userdata;
        LIST_ENTRY(Tree) link;

        pid_t pid;
        int pidfd;             /* of the main process; parked, held as long as the tree lives */
        Spawn *spawn;          /* while STARTING */
        uint64_t held_signals; /* bit N-1: signal N came while STARTING */

        Output *outputs[_OUTPUT_STREAM_MAX]; /* NULL: not captured */
        Terminal *terminal;                  /* or NULL; what it shows is in the first of these */

        Notify *notify; /* or NULL */

        Halt *own_halt; /* of the main process, once it was stopped; not where a helper keeps it */
        Halt *halt;     /* what its parent keeps: that, or a helper's; NULL: never stopped */
        usec_t halt_counted, frozen_counted;

        Watch status_watch; /* status pipe */
        Watch exit_watch;   /* what tells that the main process has ended */
        Timer timer;        /* the containment's next look */
        usec_t pause;       /* of the timer, grows */

        ExitStatus status;
        unsigned pins; /* on the call stack of how many of our own handlers */
        bool settled : 1;
        bool failed : 1;       /* the start was: nothing more is told */
        bool never_execed : 1; /* it died before; with exited */
        bool adopted : 1;
        bool exited : 1; /* status is there */
        bool reaped : 1; /* nothing of the main process is left, not even a zombie */
        bool empty : 1;
        bool exited_told : 1;
        bool emptied_told : 1;
        bool released : 1;
        bool killed : 1; /* all of it was once told to end */

        ContainmentState state;
};

Tree *tree_new(Sys *sys, const Containment *containment, const HandsEvents *events, void *userdata);

/* On failure the tree can only be discarded. */
int tree_start(Tree *tree, const Spec *spec, uid_t uid);
void tree_discard(Tree *tree);
int tree_signal(Tree *tree, int signo, TreeScope scope);
int tree_resize_terminal(Tree *tree, TerminalSize size);
int tree_open_terminal(Tree *tree, int *ret_fd);
void tree_release(Tree *tree);

/* As tree_release(), but ends nobody. */
void tree_abandon(Tree *tree);

/* For containments: the main process has ended so; and nobody is left. Each tells core, in order,
 * and may free the tree unless it is pinned. */
void tree_set_exited(Tree *tree, const ExitStatus *status);
void tree_set_empty(Tree *tree);

/* Around everything that may end in one of these. */
void tree_pin(Tree *tree);
void tree_unpin(Tree *tree);

/* For start() of those whose main process is a child of the service: clones, and watches it. */
int tree_clone(Tree *tree);

/* For take_exit() of the same. As pidfd_reap(). */
int tree_reap(Tree *tree, ReapMode mode, ExitStatus *ret);

int tree_watch_exit(Tree *tree, int fd);

/* For foreach(): the descendants of pid that live; pidfd names it for sure, or is negative if its number
 * cannot be another's. */
void tree_foreach_below(Tree *tree, pid_t pid, int pidfd, int (*visit)(pid_t pid, void *userdata),
                        void *userdata);

/* The process group that the main process leads. */
int tree_signal_group(Tree *tree, int signo);

/* The containment's look() after a pause that grows from 1 ms. */
void tree_look_later(Tree *tree);
