/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor ps: the processes as a table. */

#include "cli.h"
#include "connect.h"
#include "format.h"
#include "json.h"
#include "pager.h"
#include "table.h"

typedef struct PsArguments {
        bool all;
} PsArguments;

static const Option options[] = {
        {"all", 'a', OPTION_FLAG, offsetof(PsArguments, all), NULL,
         "show those that have finished as well"},
        {0},
};

static const TableColumn columns[] = {
        {"ID", TABLE_ALIGN_RIGHT, 0},      {"PID", TABLE_ALIGN_RIGHT, 0},
        {"NAME", TABLE_ALIGN_LEFT, 8},     {"STATE", TABLE_ALIGN_LEFT, 0},
        {"HEALTH", TABLE_ALIGN_LEFT, 0},   {"RESULT", TABLE_ALIGN_LEFT, 0},
        {"RUNTIME", TABLE_ALIGN_RIGHT, 0}, {"COMMAND", TABLE_ALIGN_LEFT, 10},
};

/* Drops what is not to be shown. */
static void select_processes(GPtrArray *processes, bool all) {
        for (unsigned i = processes->len; i-- > 0 && !all;)
                if (proctor_process_get_state(processes->pdata[i]) == PROCTOR_STATE_FINISHED)
                        g_ptr_array_remove_index(processes, i);
}

static void print_json(GPtrArray *processes) {
        g_autoptr(JsonBuilder) builder = json_builder_new();

        json_builder_begin_array(builder);
        for (unsigned i = 0; i < processes->len; i++)
                json_add_process(builder, processes->pdata[i], NULL);
        json_builder_end_array(builder);
        json_print_builder(builder, stdout);
}

static const char *word_or_dash(const char *word) {
        return word ? word : "-";
}

static void add_row(Table *table, ProctorProcess *process) {
        const char *name = proctor_process_get_name(process);
        ProctorState state = proctor_process_get_state(process);
        ProctorHealth health = proctor_process_get_health(process);
        ProctorResult result = proctor_process_get_result(process);
        bool judged = state != PROCTOR_STATE_FINISHED && proctor_process_get_watched(process);

        table_take(table, STYLE_NONE,
                   g_strdup_printf("%" G_GUINT64_FORMAT, proctor_process_get_id(process)));
        table_take(table, STYLE_NONE, g_strdup_printf("%u", proctor_process_get_pid(process)));
        table_take(table, STYLE_STRONG, format_text(name ? name : ""));
        table_take(table, STYLE_NONE, g_strdup(word_or_dash(proctor_state_to_string(state))));
        table_take(table, judged ? style_of_health(health) : STYLE_NONE,
                   g_strdup(judged ? word_or_dash(proctor_health_to_string(health)) : "-"));
        table_take(table, style_of_result(result),
                   result == PROCTOR_RESULT_NONE
                           ? g_strdup("-")
                           : format_result(proctor_process_get_exit_code(process), result));
        table_take(table, STYLE_NONE, format_runtime(process));
        table_take(table, STYLE_NONE, format_command(proctor_process_get_command(process)));
}

static void print_table(GPtrArray *processes) {
        g_autoptr(Table) table = table_new(columns, G_N_ELEMENTS(columns));

        for (unsigned i = 0; i < processes->len; i++)
                add_row(table, processes->pdata[i]);
        table_print(table, stdout, table_terminal_width());
}

static int run(Cli *cli, void *data, char **operands) {
        const PsArguments *arguments = data;
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorManager) manager = NULL;
        g_autoptr(GPtrArray) processes = NULL;

        if (operands[0]) {
                error = g_error_new(CLI_ERROR, CLI_ERROR_USAGE,
                                    "ps takes no operand; 'proctor status' shows one process");
                return cli_fail(cli, error);
        }
        manager = connect_to_bus(cli, &error);
        processes = manager ? proctor_manager_list(manager, NULL, &error) : NULL;
        if (!processes)
                return cli_fail(cli, error);
        select_processes(processes, arguments->all);
        pager_open(cli);
        if (cli->json)
                print_json(processes);
        else if (processes->len > 0)
                print_table(processes);
        else if (arguments->all)
                cli_note(cli, "there are no processes");
        else
                cli_note(cli, "no process is running; 'proctor ps --all' shows finished ones");
        return CLI_EXIT_OK;
}

const Verb verb_ps = {
        .name = "ps",
        .synopsis = "[OPTIONS]",
        .summary = "list processes",
        .description = "Lists the processes that have not finished, in the order of their start. "
                       "Health is '-' for a process that the watchdog does not judge. On a "
                       "terminal the table is cut to its width.",
        .exit_codes = "0 done, 1 failed, 2 wrong usage, 4 there is no service",
        .options = options,
        .arguments_size = sizeof(PsArguments),
        .run = run,
};
