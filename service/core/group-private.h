/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What group.c (how members run) and groups.c (which groups there are) share. */

#include "core/group.h"

/* One call of group_start() that is not answered yet. */
typedef struct StartCall {
        GHashTable *pending; /* Member, a set */
        GPtrArray *outcomes; /* GroupOutcome */
        GroupStartFunc func;
        void *userdata;
} StartCall;

typedef struct Ending {
        GroupEndFunc func;
        void *userdata;
} Ending;

/* Its processes, and those of them that a stop concerns; with references. */
GPtrArray *group_list_processes(Group *group);
GPtrArray *group_list_live(Group *group);

/* What it has started last goes on without it. */
void member_detach(Member *member);

/* Takes all members out of the line; the run may end by that. */
void group_clear_queue(Group *group, const char *why);
