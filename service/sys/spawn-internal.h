/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The spawner's inside, for spawn.c and plan.c. */

#include "sys/environment.h"
#include "sys/spawn.h"

struct Spawner {
        SpawnMode mode;
        bool is_root;
        bool has_nofile_limit;
        bool births_fail; /* in another cgroup: children move there themselves */
        struct rlimit nofile_limit;
        uint64_t ignored_signals;
        int null_fd;
        GStrv environment;
        SpawnStack *stacks;
        unsigned n_stacks;
};
