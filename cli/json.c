/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Builds and prints the JSON form. */

#include "json.h"

#include "format.h"

void json_add_uint(JsonBuilder *builder, const char *name, guint64 value) {
        json_builder_set_member_name(builder, name);
        if (value > G_MAXINT64)
                json_builder_add_null_value(builder);
        else
                json_builder_add_int_value(builder, (gint64)value);
}

void json_add_usec(JsonBuilder *builder, const char *name, guint64 value) {
        json_add_uint(builder, name, value);
}

void json_add_string(JsonBuilder *builder, const char *name, const char *value) {
        json_builder_set_member_name(builder, name);
        if (value)
                json_builder_add_string_value(builder, value);
        else
                json_builder_add_null_value(builder);
}

void json_add_bool(JsonBuilder *builder, const char *name, gboolean value) {
        json_builder_set_member_name(builder, name);
        json_builder_add_boolean_value(builder, value);
}

static void add_strings(JsonBuilder *builder, const char *name, const char *const *values) {
        json_builder_set_member_name(builder, name);
        json_builder_begin_array(builder);
        for (; values && *values; values++)
                json_builder_add_string_value(builder, *values);
        json_builder_end_array(builder);
}

/* A time that is 0 as long as it is not known. */
static void add_time(JsonBuilder *builder, const char *name, guint64 value) {
        json_add_uint(builder, name, value > 0 ? value : PROCTOR_INFINITY);
}

void json_add_outcome(JsonBuilder *builder, ProctorProcess *process) {
        ProctorResult result = proctor_process_get_result(process);

        json_builder_set_member_name(builder, "ExitCode");
        if (result == PROCTOR_RESULT_NONE || result == PROCTOR_RESULT_LOST)
                json_builder_add_null_value(builder);
        else
                json_builder_add_int_value(builder, proctor_process_get_exit_code(process));
        json_add_string(builder, "Result",
                        result == PROCTOR_RESULT_NONE ? NULL : proctor_result_to_string(result));
}

void json_add_identity(JsonBuilder *builder, ProctorProcess *process) {
        json_add_uint(builder, "Id", proctor_process_get_id(process));
        json_add_uint(builder, "PID", proctor_process_get_pid(process));
        json_add_string(builder, "Name", proctor_process_get_name(process));
}

void json_add_command(JsonBuilder *builder, ProctorProcess *process) {
        add_strings(builder, "Command", proctor_process_get_command(process));
}

void json_begin_process(JsonBuilder *builder, ProctorProcess *process) {
        json_builder_begin_object(builder);
        json_add_identity(builder, process);
}

static void add_settings(JsonBuilder *builder, ProctorProcess *process) {
        json_add_usec(builder, "TimeoutUSec", proctor_process_get_timeout(process));
        json_add_usec(builder, "ExtraBufferUSec", proctor_process_get_extra_buffer(process));
        json_add_usec(builder, "MaxHangTimeUSec", proctor_process_get_max_hang_time(process));
        json_add_bool(builder, "AutoKill", proctor_process_get_auto_kill(process));
        json_add_usec(builder, "RuntimeMaxUSec", proctor_process_get_runtime_max(process));
        json_add_string(builder, "HangSignal", proctor_process_get_hang_signal(process));
        json_add_usec(builder, "HangSignalTimeoutUSec",
                      proctor_process_get_hang_signal_timeout(process));
        json_add_string(builder, "KillMode", proctor_process_get_kill_mode(process));
        json_add_string(builder, "StopSignal", proctor_process_get_stop_signal(process));
        json_add_usec(builder, "StopTimeoutUSec", proctor_process_get_stop_timeout(process));
        add_strings(builder, "ActivitySources", proctor_process_get_activity_sources(process));
}

static void add_usage(JsonBuilder *builder, ProctorUsage *usage) {
        json_add_usec(builder, "LastActivityTimestamp", proctor_usage_get_last_activity(usage));
        json_add_usec(builder, "LastActivityTimestampMonotonic",
                      proctor_usage_get_last_activity_monotonic(usage));
        json_add_string(builder, "LastActivitySource",
                        proctor_usage_get_last_activity_source(usage));
        json_add_uint(builder, "CPUUsageNSec", proctor_usage_get_cpu_nsec(usage));
        json_add_uint(builder, "MemoryCurrent", proctor_usage_get_memory_current(usage));
        json_add_uint(builder, "MemoryPeak", proctor_usage_get_memory_peak(usage));
        json_add_uint(builder, "NTasks", proctor_usage_get_n_tasks(usage));
        json_add_bool(builder, "WaitingForInput", proctor_usage_get_waiting_for_input(usage));
        json_add_string(builder, "Prompt", proctor_usage_get_prompt(usage));
}

static void add_group(JsonBuilder *builder, ProctorProcess *process) {
        guint64 id = proctor_process_get_group_id(process);

        json_builder_set_member_name(builder, "Group");
        if (id == 0)
                json_builder_add_null_value(builder);
        else
                json_builder_add_int_value(builder, (gint64)id);
}

void json_add_facts(JsonBuilder *builder, ProctorProcess *process, ProctorUsage *usage) {
        json_add_string(builder, "State",
                        proctor_state_to_string(proctor_process_get_state(process)));
        json_add_outcome(builder, process);
        json_add_string(builder, "Health",
                        proctor_health_to_string(proctor_process_get_health(process)));
        json_add_bool(builder, "Watched", proctor_process_get_watched(process));
        json_add_command(builder, process);
        json_add_string(builder, "WorkingDirectory",
                        proctor_process_get_working_directory(process));
        json_add_uint(builder, "Owner", proctor_process_get_owner(process));
        json_add_string(builder, "Containment", proctor_process_get_containment(process));
        add_group(builder, process);
        add_time(builder, "StartTimestamp", proctor_process_get_start_time(process));
        add_time(builder, "StartTimestampMonotonic",
                 proctor_process_get_start_time_monotonic(process));
        add_time(builder, "ExitTimestamp", proctor_process_get_exit_time(process));
        add_time(builder, "ExitTimestampMonotonic",
                 proctor_process_get_exit_time_monotonic(process));
        add_settings(builder, process);
        if (usage)
                add_usage(builder, usage);
}

void json_add_process(JsonBuilder *builder, ProctorProcess *process, ProctorUsage *usage) {
        json_begin_process(builder, process);
        json_add_facts(builder, process, usage);
        json_builder_end_object(builder);
}

/* JSON may carry any character, a terminal may not get any: what is not printable is escaped. All
 * that is not ASCII stands within a string. */
static void print_escaped(const char *json, FILE *stream) {
        for (const char *p = json; *p; p = g_utf8_next_char(p)) {
                gunichar c = g_utf8_get_char(p);

                if (c < 0x7f || (c > 0x7f && format_is_printable(c)))
                        fprintf(stream, "%.*s", g_utf8_skip[(unsigned char)*p], p);
                else if (c < 0x10000)
                        fprintf(stream, "\\u%04x", c);
                else
                        fprintf(stream, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
                                0xdc00 + ((c - 0x10000) & 0x3ff));
        }
        fputc('\n', stream);
}

static void print_node(JsonNode *root, gboolean pretty, FILE *stream) {
        g_autoptr(JsonNode) owned = root;
        g_autoptr(JsonGenerator) generator = json_generator_new();
        g_autofree char *text = NULL;

        json_generator_set_root(generator, owned);
        json_generator_set_pretty(generator, pretty);
        text = json_generator_to_data(generator, NULL);
        print_escaped(text, stream);
}

void json_print(JsonNode *root, FILE *stream) {
        print_node(root, stream == stdout, stream);
}

void json_print_line(JsonBuilder *builder, FILE *stream) {
        print_node(json_builder_get_root(builder), FALSE, stream);
}

void json_print_builder(JsonBuilder *builder, FILE *stream) {
        json_print(json_builder_get_root(builder), stream);
}
