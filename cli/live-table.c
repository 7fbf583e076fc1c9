/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The columns of top, each with the width of terminal from which on it is shown. */

#include "live-table.h"

#include "duration.h"
#include "format.h"
#include "json.h"

#define UNKNOWN "-"

typedef void (*CellFunc)(Table *table, const Sample *sample);

static void add_id(Table *table, const Sample *sample) {
        table_take(table, STYLE_NONE,
                   g_strdup_printf("%" G_GUINT64_FORMAT, proctor_process_get_id(sample->process)));
}

static void add_pid(Table *table, const Sample *sample) {
        table_take(table, STYLE_NONE,
                   g_strdup_printf("%u", proctor_process_get_pid(sample->process)));
}

static void add_name(Table *table, const Sample *sample) {
        const char *name = proctor_process_get_name(sample->process);

        table_take(table, STYLE_STRONG, format_text(name ? name : ""));
}

static void add_state(Table *table, const Sample *sample) {
        const char *word = proctor_state_to_string(proctor_process_get_state(sample->process));

        table_take(table, STYLE_NONE, g_strdup(word ? word : UNKNOWN));
}

static void add_health(Table *table, const Sample *sample) {
        ProctorHealth health = proctor_process_get_health(sample->process);
        const char *word = proctor_health_to_string(health);
        bool judged = sample_is_judged(sample);

        table_take(table, judged ? style_of_health(health) : STYLE_NONE,
                   g_strdup(judged && word ? word : UNKNOWN));
}

static void add_idle(Table *table, const Sample *sample) {
        guint64 idle = sample_idle_usec(sample);

        table_take(table, STYLE_NONE,
                   idle == PROCTOR_INFINITY ? g_strdup(UNKNOWN) : duration_to_rounded_string(idle));
}

static void add_cpu(Table *table, const Sample *sample) {
        table_take(table, STYLE_NONE,
                   sample->has_rates ? g_strdup_printf("%.1f", sample->cpu_percent)
                                     : g_strdup(UNKNOWN));
}

static void add_memory(Table *table, const Sample *sample) {
        table_take(table, STYLE_NONE,
                   sample->usage ? format_bytes(proctor_usage_get_memory_current(sample->usage))
                                 : g_strdup(UNKNOWN));
}

static void add_output(Table *table, const Sample *sample) {
        g_autofree char *bytes = format_bytes(sample->output_rate);

        table_take(table, STYLE_NONE,
                   sample->has_rates && sample->output_rate > 0 ? g_strconcat(bytes, "/s", NULL)
                                                                : g_strdup(UNKNOWN));
}

static void add_command(Table *table, const Sample *sample) {
        table_take(table, STYLE_NONE, format_command(proctor_process_get_command(sample->process)));
}

static const struct {
        TableColumn column;
        unsigned from_width;
        CellFunc add;
} columns[] = {
        {{"ID", TABLE_ALIGN_RIGHT, 0}, 0, add_id},
        {{"PID", TABLE_ALIGN_RIGHT, 0}, 80, add_pid},
        {{"NAME", TABLE_ALIGN_LEFT, 8}, 0, add_name},
        {{"STATE", TABLE_ALIGN_LEFT, 0}, 70, add_state},
        {{"HEALTH", TABLE_ALIGN_LEFT, 0}, 0, add_health},
        {{"IDLE", TABLE_ALIGN_RIGHT, 0}, 40, add_idle},
        {{"CPU%", TABLE_ALIGN_RIGHT, 0}, 0, add_cpu},
        {{"MEMORY", TABLE_ALIGN_RIGHT, 0}, 50, add_memory},
        {{"OUTPUT", TABLE_ALIGN_RIGHT, 0}, 90, add_output},
        {{"COMMAND", TABLE_ALIGN_LEFT, 4}, 60, add_command},
};

void live_table_print(GPtrArray *samples, unsigned first, unsigned n, FILE *stream, unsigned width,
                      TableStyles styles) {
        TableColumn shown[G_N_ELEMENTS(columns)];
        CellFunc add[G_N_ELEMENTS(columns)];
        g_autoptr(Table) table = NULL;
        size_t n_shown = 0;

        for (size_t c = 0; c < G_N_ELEMENTS(columns); c++)
                if (width == TABLE_UNLIMITED || width >= columns[c].from_width) {
                        shown[n_shown] = columns[c].column;
                        add[n_shown++] = columns[c].add;
                }
        table = table_new(shown, n_shown);
        for (unsigned i = first; i < samples->len && i - first < n; i++)
                for (size_t c = 0; c < n_shown; c++)
                        add[c](table, samples->pdata[i]);
        table_print_styled(table, stream, width, styles);
}

static void add_object(JsonBuilder *builder, const Sample *sample) {
        bool known = sample->usage, rates = sample->has_rates;

        json_begin_process(builder, sample->process);
        json_add_string(builder, "State",
                        proctor_state_to_string(proctor_process_get_state(sample->process)));
        json_add_string(builder, "Health",
                        proctor_health_to_string(proctor_process_get_health(sample->process)));
        json_add_bool(builder, "Watched", proctor_process_get_watched(sample->process));
        json_add_usec(builder, "IdleUSec", sample_idle_usec(sample));
        json_builder_set_member_name(builder, "CPUPercent");
        if (rates)
                json_builder_add_double_value(builder, sample->cpu_percent);
        else
                json_builder_add_null_value(builder);
        json_add_uint(builder, "MemoryCurrent",
                      known ? proctor_usage_get_memory_current(sample->usage) : PROCTOR_INFINITY);
        json_add_uint(builder, "NTasks",
                      known ? proctor_usage_get_n_tasks(sample->usage) : PROCTOR_INFINITY);
        json_add_uint(builder, "OutputBytesPerSecond",
                      rates ? sample->output_rate : PROCTOR_INFINITY);
        json_add_command(builder, sample->process);
        json_builder_end_object(builder);
}

void live_table_print_json(GPtrArray *samples, FILE *stream) {
        g_autoptr(JsonBuilder) builder = json_builder_new();

        json_builder_begin_object(builder);
        json_add_usec(builder, "Timestamp", (guint64)g_get_real_time());
        json_builder_set_member_name(builder, "Processes");
        json_builder_begin_array(builder);
        for (unsigned i = 0; i < samples->len; i++)
                add_object(builder, samples->pdata[i]);
        json_builder_end_array(builder);
        json_builder_end_object(builder);
        json_print_line(builder, stream);
}
