/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the trees that have a subreaper of their own have in common. The kind itself is
 * containment_subreaper. */

#include <stdbool.h>

#include "sys/loop.h"
#include "sys/spawn.h"

typedef struct Sys Sys;
typedef struct SubreaperWorld SubreaperWorld;

/* Whether this kernel lists the children of a process. */
bool subreaper_is_usable(void);

/* Makes the service a subreaper too, which inherits the tree of a helper that somebody killed, and
 * ends it: from then on every child of the service that it does not know is ended. -EOPNOTSUPP: this
 * kernel does not list children. */
int subreaper_world_new(Sys *sys, SubreaperWorld **ret);
SubreaperWorld *subreaper_world_free(SubreaperWorld *world);
