/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The output of the members of proctor up: lines with the member's name in front, of all members on
 * our two streams. Nothing is lost: who writes faster than we are read has to wait, as on a pipe. */

#include <json-glib/json-glib.h>

#include "up-file.h"
#include "writer.h"

typedef struct UpOutput UpOutput;

/* Called for each piece of output of a member that was read. */
typedef void (*UpOutputFunc)(UpMember *member, void *data);

/* Called as the writer's function is, but for room, which is seen to here. */
typedef void (*UpOutputDoneFunc)(int errno_code, void *data);

/* Makes a pipe for each stream of each member and gives its end to the member's description. */
UpOutput *up_output_new(const Cli *cli, const UpFile *file, UpOutputFunc func,
                        UpOutputDoneFunc done, void *data, GError **error);

/* Writes what has come of a member, and a last line that has no end; it may go on. NULL: of all. */
void up_output_flush(UpOutput *output, const UpMember *member);

/* A line for a person on standard error, in order with what was written; for `note` --quiet leaves it
 * out. */
void up_output_note(UpOutput *output, const char *format, ...) G_GNUC_PRINTF(2, 3);
void up_output_error(UpOutput *output, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* With --json, an object as a line on standard output; frees nothing. */
void up_output_event(UpOutput *output, JsonBuilder *builder);

/* Has the done function called when all is written. */
void up_output_finish(UpOutput *output);

UpOutput *up_output_free(UpOutput *output);
