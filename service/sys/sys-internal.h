/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The world of sys, for the files of this folder. */

#include "sys/accounts.h"
#include "sys/cgroup.h"
#include "sys/guard.h"
#include "sys/halts.h"
#include "sys/hands.h"
#include "sys/loop.h"
#include "sys/spawn.h"
#include "sys/subreaper.h"
#include "sys/tree.h"
#include "sys/walk.h"

LIST_HEAD(TreeList, Tree);

struct Sys {
        Loop *loop;
        Spawner *spawner;
        Accounts *accounts;   /* NULL: all processes are of the service's own user */
        ContainmentKind kind; /* what new trees get; never AUTO */
        const Containment *containment;
        CgroupWorld *cgroups;       /* with CONTAINMENT_CGROUP */
        SubreaperWorld *subreapers; /* with CONTAINMENT_SUBREAPER */
        Guard *guard;               /* with the others */
        Halts *halts;
        GHashTable *output_budgets; /* uid → OutputBudget */
        uint64_t output_bytes_per_user;
        uint32_t root_factor;
        uint32_t notify_per_sec;
        struct TreeList trees;
        unsigned n_trees;
        Walk *walk;               /* made when it is first needed */
        unsigned descriptors_max; /* bound of what trees may hold together */
        unsigned n_descriptors;   /* that they hold */
};

/* Of a user; made when it is new. */
OutputBudget *sys_output_budget(Sys *sys, uid_t uid);

/* Scratch memory for walks of the service itself, which are rare: a signal to a whole tree, a look. */
Walk *sys_walk(Sys *sys);

/* Counts a descriptor that lives as long as a tree. */
int sys_charge_descriptors(Sys *sys, unsigned n);
void sys_discharge_descriptors(Sys *sys, unsigned n);
