/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor group: processes that are started and ended together. What it does is in the files of its
 * own verbs. */

#include "group.h"

static const Verb *const verbs[] = {
        &verb_group_create, &verb_group_add,
        &verb_group_start,  &verb_group_status,
        &verb_group_wait,   &verb_group_stop,
        &verb_group_signal, &verb_group_list,
        &verb_group_remove, NULL,
};

const Verb verb_group = {
        .name = "group",
        .synopsis = "VERB ...",
        .summary = "start, end and watch processes together",
        .description =
                "A group is a list of plans in the service of a bus: its members, each a command "
                "with options under a name. It stays until it is removed. All members are started, "
                "signalled, waited for and stopped together, as often as wanted; a start makes a "
                "new process of each, which all other verbs know, too. 'proctor help group VERB' "
                "tells more. 'proctor up' makes a group from a file and runs it in the foreground.",
        .exit_codes = "those of its verbs",
        .verbs = verbs,
};
