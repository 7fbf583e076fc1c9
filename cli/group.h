/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the verbs about groups share: finding one, and how its run ended as an exit code and as
 * text. */

#include <json-glib/json-glib.h>

#include "cli.h"

extern const Verb verb_group_add, verb_group_create, verb_group_list, verb_group_remove,
        verb_group_signal, verb_group_start, verb_group_status, verb_group_stop, verb_group_wait;

/* The group that an operand names. It holds its manager. */
ProctorGroup *group_open(const Cli *cli, const char *name, GError **error);

/* The same for the only operand. */
ProctorGroup *group_open_only(const Cli *cli, char **operands, GError **error);

/* From the status of a group: why the last start of a member failed; "" if it did not. */
char *group_dup_member_error(GVariant *status, const char *member);

/* That of a group whose run has ended, as of a process: a start that failed is 127, 126 or 125.
 * `error` is why the start of the member that failed first did; may be NULL. */
int group_exit_code(ProctorGroup *group, const char *error);

/* How the last run ended: `success`, `exit-code 3 of 'web'`; "" if there was none. */
char *group_format_result(ProctorGroup *group);

/* An object with what is known of a group but its members' status; to be ended by the caller. */
void group_begin_json(JsonBuilder *builder, ProctorGroup *group);

/* How members ended, of type a{s(is)}: a line each, or an array. */
void group_report_ends(const Cli *cli, GVariant *ends);
