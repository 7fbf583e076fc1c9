/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Finds groups, and says how they and their members ended. */

#include "group.h"

#include "connect.h"
#include "format.h"
#include "json.h"
#include "launch.h"
#include "outcome.h"
#include "style.h"

ProctorGroup *group_open(const Cli *cli, const char *name, GError **error) {
        g_autoptr(ProctorManager) manager = NULL;

        if (!name) {
                g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE,
                            "say which group; 'proctor group list' lists those that there are");
                return NULL;
        }
        manager = connect_to_bus(cli, error);
        return manager ? proctor_manager_get_group(manager, name, NULL, error) : NULL;
}

ProctorGroup *group_open_only(const Cli *cli, char **operands, GError **error) {
        if (operands[0] && operands[1]) {
                g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE, "name one group");
                return NULL;
        }
        return group_open(cli, operands[0], error);
}

char *group_dup_member_error(GVariant *status, const char *member) {
        g_autoptr(GVariant) facts = g_variant_lookup_value(status, member, G_VARIANT_TYPE_VARDICT);
        char *error = NULL;

        if (facts)
                g_variant_lookup(facts, "Error", "s", &error);
        return error ? error : g_strdup("");
}

int group_exit_code(ProctorGroup *group, const char *error) {
        ProctorResult result = proctor_group_get_result(group);

        if (result == PROCTOR_RESULT_START_FAILED)
                return error ? launch_exit_code_of(error) : CLI_EXIT_PROCTOR_FAILED;
        return outcome_exit_code(proctor_group_get_exit_code(group), result);
}

static char *format_end(int exit_code, ProctorResult result) {
        if (result == PROCTOR_RESULT_START_FAILED)
                return g_strdup(proctor_result_to_string(result));
        return format_result(exit_code, result);
}

char *group_format_result(ProctorGroup *group) {
        ProctorResult result = proctor_group_get_result(group);
        g_autofree char *text = format_end(proctor_group_get_exit_code(group), result);
        const char *key = result == PROCTOR_RESULT_START_FAILED
                                  ? "" /* it has not ended, because it has not begun */
                                  : proctor_group_get_key_member(group);
        g_autofree char *failed = proctor_group_dup_failed_member(group);
        g_autofree char *who = format_text(*key ? key : failed ? failed : "");

        if (result == PROCTOR_RESULT_NONE || !*who || (result == PROCTOR_RESULT_SUCCESS && !*key))
                return g_steal_pointer(&text);
        return g_strdup_printf("%s of '%s'", text, who);
}

void group_begin_json(JsonBuilder *builder, ProctorGroup *group) {
        ProctorResult result = proctor_group_get_result(group);
        g_autofree char *failed = proctor_group_dup_failed_member(group);
        const char *key = proctor_group_get_key_member(group);
        bool ended = result != PROCTOR_RESULT_NONE;

        json_builder_begin_object(builder);
        json_add_uint(builder, "Id", proctor_group_get_id(group));
        json_add_string(builder, "Name", proctor_group_get_name(group));
        json_add_uint(builder, "Owner", proctor_group_get_owner(group));
        json_add_string(builder, "State",
                        proctor_group_state_to_string(proctor_group_get_state(group)));
        json_builder_set_member_name(builder, "ExitCode");
        if (ended)
                json_builder_add_int_value(builder, proctor_group_get_exit_code(group));
        else
                json_builder_add_null_value(builder);
        json_add_string(builder, "Result", ended ? proctor_result_to_string(result) : NULL);
        json_add_string(builder, "FailedMember", failed && *failed ? failed : NULL);
        json_add_string(
                builder, "OnMemberFailure",
                proctor_member_failure_to_string(proctor_group_get_on_member_failure(group)));
        json_add_uint(builder, "MaxParallel", proctor_group_get_max_parallel(group));
        json_add_string(builder, "KeyMember", *key ? key : NULL);
        json_add_uint(builder, "NRunning", proctor_group_get_n_running(group));
}

static void add_end(const Cli *cli, JsonBuilder *builder, const char *member, int exit_code,
                    const char *word) {
        g_autofree char *clean = format_text(member);
        g_autofree char *detail = exit_code < 0 ? format_signal(-exit_code)
                                                : g_strdup_printf("%d", exit_code);
        bool good = g_str_equal(word, proctor_result_to_string(PROCTOR_RESULT_SUCCESS));
        bool bad = !good && !g_str_equal(word, proctor_result_to_string(PROCTOR_RESULT_STOPPED));
        g_autofree char *text = good ? g_strdup(word) : g_strdup_printf("%s %s", word, detail);
        g_autofree char *styled = style_apply(bad ? STYLE_BAD : STYLE_NONE, text);

        json_builder_begin_object(builder);
        json_add_string(builder, "Member", member);
        json_builder_set_member_name(builder, "ExitCode");
        json_builder_add_int_value(builder, exit_code);
        json_add_string(builder, "Result", word);
        json_builder_end_object(builder);
        if (!cli->json && !cli->quiet)
                printf("'%s': %s\n", clean, styled);
}

void group_report_ends(const Cli *cli, GVariant *ends) {
        g_autoptr(JsonBuilder) builder = json_builder_new();
        GVariantIter iter;
        const char *member, *word;
        gint32 exit_code;

        json_builder_begin_array(builder);
        g_variant_iter_init(&iter, ends);
        while (g_variant_iter_next(&iter, "{&s(i&s)}", &member, &exit_code, &word))
                add_end(cli, builder, member, exit_code, word);
        json_builder_end_array(builder);
        if (cli->json)
                json_print_builder(builder, stdout);
}
