/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A process that outlives the service by a moment, to end what it left: however the service dies,
 * nothing that it started strays. It shares the service's memory and never execs; while the service
 * lives it sleeps. Trees with a subreaper of their own need none. */

#include <stdint.h>

#include "sys/cgroup-base.h"
#include "sys/loop.h"
#include "sys/spawn.h"

typedef struct Guard Guard;

/* base: ends all cgroups of that place. NULL: ends the process groups of marked pidfds. */
int guard_new(Loop *loop, Spawner *spawner, const CgroupBase *base, Guard **ret);
Guard *guard_free(Guard *guard);

/* The guard of cgroups switches these controllers off again (CgroupBase.switched): a cgroup that still
 * has them lets no next service in. */
void guard_set_controllers(Guard *guard, unsigned switched);

/* Of the process that this pidfd is for, the process group ends with the service. Before the
 * descriptor is closed it is unmarked. */
void guard_mark(Guard *guard, int pidfd);
void guard_unmark(Guard *guard, int pidfd);
