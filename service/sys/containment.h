/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What holds a tree together, so that it can be named and ended as a whole. One table of functions
 * for each kind; tree.c calls them and knows no kind. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/hands.h"
#include "sys/spawn.h"

typedef struct Sys Sys;
typedef struct TreeHelper TreeHelper;

/* From the best to the last resort. */
typedef enum ContainmentKind {
        CONTAINMENT_AUTO,
        CONTAINMENT_CGROUP,
        CONTAINMENT_SUBREAPER,
        CONTAINMENT_PROCESS_GROUP,
        _CONTAINMENT_KIND_MAX,
        _CONTAINMENT_KIND_INVALID = -EINVAL,
} ContainmentKind;

const char *containment_kind_to_string(ContainmentKind kind);
ContainmentKind containment_kind_from_string(const char *word);

/* Of one tree. */
typedef struct ContainmentState {
        uint64_t cgroup;    /* number of its directory; 0: none */
        int cgroup_watch;   /* inotify watch of cgroup.events; 0: none */
        TreeHelper *helper; /* subreaper */
        int *members;       /* adopted: pidfds of descendants that were told to end */
        unsigned n_members;
        bool sees_exit; /* adopted: /proc shows its wait status */
} ContainmentState;

typedef struct Containment {
        const char *name;

        /* Starts tree->spawn as the tree's main process; sets pid, pidfd and exit_watch. Leaves
         * nothing behind on failure. */
        int (*start)(Tree *tree);

        /* The exit watch fired. Says tree_set_exited() when the status is known. */
        void (*take_exit)(Tree *tree);

        /* The main process has ended and core knows: find out whether anybody is left, now or by
         * tree_look_later(); say tree_set_empty(). */
        void (*look)(Tree *tree);

        /* Sends to all that it can name. -ESRCH if nobody is left. SIGKILL ends them all, those
         * that are being born included, if need be by further looks. */
        int (*signal_all)(Tree *tree, int signo);

        /* Calls back for each living member. */
        int (*foreach)(Tree *tree, int (*visit)(pid_t pid, void *userdata), void *userdata);

        /* What of it the containment itself knows, better than /proc: those of `wanted` that it has
         * written to probe. May be NULL. */
        ProbeFields (*probe)(Tree *tree, ProbeFields wanted, TreeProbe *probe);

        /* Whether it is frozen now; may be NULL. */
        bool (*is_frozen)(Tree *tree);

        /* For how long it was frozen, in all its life; may be NULL. */
        usec_t (*frozen)(Tree *tree);

        /* Gives back what it holds for the tree. Nobody is left, or nothing was started. */
        void (*done)(Tree *tree);
} Containment;

extern const Containment containment_process_group;
extern const Containment containment_cgroup;
extern const Containment containment_subreaper;
extern const Containment containment_adopted;
