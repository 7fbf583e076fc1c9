/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The controllers of cgroup v2, by which a tree has limits of its own. They are switched on when the
 * first start asks for one. A cgroup whose children have controllers may have no processes itself, so
 * the service, which lives there, moves into a child of it before; it does that only where the cgroup
 * was delegated to it, or is a user's and nobody else lives there, and goes back at its end. */

#include "core/spec.h"
#include "sys/cgroup-base.h"

/* wanted: 1 << Controller of each. -EOPNOTSUPP, and the first one that cannot be had. */
int controllers_provide(CgroupBase *base, unsigned wanted, Controller *ret_lacking);

/* Writes those values that are not 0, into the cgroup of a tree in which nobody lives yet. Negative
 * errno. */
int controllers_apply(CgroupBase *base, uint64_t number, const uint64_t values[_CONTROLLER_MAX]);

/* Leaves the parent as it was found. The directory of the trees is gone. */
void controllers_give_back(CgroupBase *base);
