/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Walks over all descendants of a process, each held by a pidfd and proven to be one while it is
 * visited. In raw code, for the helpers that share the service's memory; the service uses it too. */

#include <stdbool.h>
#include <sys/types.h>

#include "sys/raw.h"

/* Deeper than this, and more than that at once, comes with the next walk: when the upper ones are
 * ended, the lower ones move up. */
#define WALK_DEPTH_MAX 1000
#define WALK_PIDS_MAX  10000

typedef struct WalkFrame {
        int pidfd;
        int pid;
        int at, end; /* its children, in Walk.pids */
} WalkFrame;

typedef struct WalkStat {
        char state;
        int ppid;
        unsigned long flags;
        int n_threads;
} WalkStat;

/* Scratch memory. Only the pages that a walk needs are ever touched. */
typedef struct Walk {
        WalkFrame frames[WALK_DEPTH_MAX];
        char buffer[4096];
        int pids[WALK_PIDS_MAX];
        int root_pidfd;
} Walk;

typedef enum WalkNext {
        WALK_ON,
        WALK_SKIP, /* not below this one */
        WALK_END,
} WalkNext;

typedef WalkNext (*WalkVisit)(int pid, int pidfd, const WalkStat *stat, void *userdata);

/* Root itself is not visited; a parent is, before its children. root_pidfd tells that root has not
 * been reaped meanwhile; -1 if nobody but the caller could do that: itself, or a child of it. */
void walk_descendants(Walk *walk, int root, int root_pidfd, WalkVisit visit, void *userdata);

int walk_read_stat(Walk *walk, int pid, WalkStat *ret);
