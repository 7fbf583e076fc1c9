/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the trees that are cgroups have in common. The kind itself is containment_cgroup. */

#include "core/spec.h"
#include "sys/cgroup-base.h"
#include "sys/loop.h"

typedef struct CgroupWorld CgroupWorld;

/* As cgroup_base_new(). */
int cgroup_world_new(Loop *loop, const char *directory, CgroupWorld **ret);
CgroupWorld *cgroup_world_free(CgroupWorld *world);
/* As controllers_provide(). */
int cgroup_world_provide(CgroupWorld *world, unsigned wanted, Controller *ret_lacking);
const CgroupBase *cgroup_world_base(const CgroupWorld *world);
