/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The JSON form, which scripts depend on; `proctor help json` describes it. Names are those of the
 * bus, times are in microseconds, and what is not known or never is null. */

#include <json-glib/json-glib.h>
#include <proctor/proctor.h>
#include <stdio.h>

/* A number that may be PROCTOR_INFINITY, which is null. */
void json_add_usec(JsonBuilder *builder, const char *name, guint64 value);
void json_add_uint(JsonBuilder *builder, const char *name, guint64 value);
void json_add_string(JsonBuilder *builder, const char *name, const char *value);
void json_add_bool(JsonBuilder *builder, const char *name, gboolean value);

/* ExitCode and Result: null while it runs. */
void json_add_outcome(JsonBuilder *builder, ProctorProcess *process);

/* One object with what is known of a process; usage may be NULL. */
void json_add_process(JsonBuilder *builder, ProctorProcess *process, ProctorUsage *usage);

/* What names a process: Id, PID, Name. And what it was started as: Command. */
void json_add_identity(JsonBuilder *builder, ProctorProcess *process);
void json_add_command(JsonBuilder *builder, ProctorProcess *process);

/* An object with what names a process: Id, PID, Name. To be ended by the caller. */
void json_begin_process(JsonBuilder *builder, ProctorProcess *process);

/* All else that json_add_process() adds, for an object with more than that. */
void json_add_facts(JsonBuilder *builder, ProctorProcess *process, ProctorUsage *usage);

/* What was built, on a stream; printable in every place. Takes the node. */
void json_print(JsonNode *root, FILE *stream);
void json_print_builder(JsonBuilder *builder, FILE *stream);

/* The same in one line, for an answer that goes on. */
void json_print_line(JsonBuilder *builder, FILE *stream);
