/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Prints outcomes. */

#include "report.h"

#include "format.h"
#include "json.h"
#include "style.h"

static void print_outcome(ProctorProcess *process) {
        ProctorResult result = proctor_process_get_result(process);
        g_autofree char *who = format_process(process);
        g_autofree char *outcome = format_result(proctor_process_get_exit_code(process), result);
        g_autofree char *styled = style_apply(style_of_result(result), outcome);
        g_autofree char *runtime = NULL;

        /* The time of the end is known after this; if it cannot be had, it is left out. */
        proctor_process_refresh(process, NULL, NULL);
        runtime = format_runtime(process);
        if (*runtime)
                printf("%s: %s after %s\n", who, styled, runtime);
        else
                printf("%s: %s\n", who, styled);
}

static void print_json(GPtrArray *processes) {
        g_autoptr(JsonBuilder) builder = json_builder_new();

        json_builder_begin_array(builder);
        for (unsigned i = 0; i < processes->len; i++) {
                json_begin_process(builder, processes->pdata[i]);
                json_add_outcome(builder, processes->pdata[i]);
                json_builder_end_object(builder);
        }
        json_builder_end_array(builder);
        json_print_builder(builder, stdout);
}

void report_outcomes(const Cli *cli, GPtrArray *processes) {
        if (cli->json)
                print_json(processes);
        for (unsigned i = 0; i < processes->len && !cli->json && !cli->quiet; i++)
                print_outcome(processes->pdata[i]);
}

static void add_pid_json(JsonBuilder *builder, unsigned pid, int exit_code, const char *result) {
        json_builder_begin_object(builder);
        json_add_uint(builder, "PID", pid);
        json_builder_set_member_name(builder, "ExitCode");
        json_builder_add_int_value(builder, exit_code);
        json_add_string(builder, "Result", result);
        json_builder_end_object(builder);
}

static void print_pid(unsigned pid, int exit_code, const char *result) {
        g_autofree char *word = format_text(result);
        g_autofree char *detail = exit_code < 0 ? format_signal(-exit_code)
                                                : g_strdup_printf("%d", exit_code);

        printf("PID %u: %s %s\n", pid, word, detail);
}

void report_outcomes_by_pid(const Cli *cli, GVariant *outcomes) {
        g_autoptr(JsonBuilder) builder = json_builder_new();
        GVariantIter iter;
        guint32 pid;
        gint32 exit_code;
        const char *result;

        json_builder_begin_array(builder);
        g_variant_iter_init(&iter, outcomes);
        while (g_variant_iter_next(&iter, "{u(i&s)}", &pid, &exit_code, &result))
                if (cli->json)
                        add_pid_json(builder, pid, exit_code, result);
                else if (!cli->quiet)
                        print_pid(pid, exit_code, result);
        json_builder_end_array(builder);
        if (cli->json)
                json_print_builder(builder, stdout);
        else if (g_variant_n_children(outcomes) == 0)
                cli_note(cli, "no process was running");
}

bool all_or_targets(bool all, char **operands, GError **error) {
        if (!all || !*operands)
                return true;
        g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE,
                    "--all means every process; give it or targets, not both");
        return false;
}
