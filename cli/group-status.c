/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor group list and status: the groups, and the members of one, as tables. */

#include "connect.h"
#include "format.h"
#include "group.h"
#include "json.h"
#include "table.h"

static const TableColumn list_columns[] = {
        {"NAME", TABLE_ALIGN_LEFT, 8},     {"STATE", TABLE_ALIGN_LEFT, 0},
        {"RUNNING", TABLE_ALIGN_RIGHT, 0}, {"RESULT", TABLE_ALIGN_LEFT, 8},
        {"MEMBERS", TABLE_ALIGN_LEFT, 10},
};

static char *word_or_dash(const char *word) {
        return g_strdup(word && *word ? word : "-");
}

static void add_group(Table *table, ProctorGroup *group) {
        g_auto(GStrv) members = proctor_group_dup_members(group);
        g_autofree char *joined = g_strjoinv(" ", members);
        g_autofree char *result = group_format_result(group);

        table_take(table, STYLE_STRONG, format_text(proctor_group_get_name(group)));
        table_take(table, STYLE_NONE,
                   word_or_dash(proctor_group_state_to_string(proctor_group_get_state(group))));
        table_take(table, STYLE_NONE,
                   g_strdup_printf("%u/%u", proctor_group_get_n_running(group),
                                   g_strv_length(members)));
        table_take(table, style_of_result(proctor_group_get_result(group)), word_or_dash(result));
        table_take(table, STYLE_NONE, format_text(joined));
}

static void print_json(GPtrArray *groups) {
        g_autoptr(JsonBuilder) builder = json_builder_new();

        json_builder_begin_array(builder);
        for (unsigned i = 0; i < groups->len; i++) {
                g_auto(GStrv) members = proctor_group_dup_members(groups->pdata[i]);

                group_begin_json(builder, groups->pdata[i]);
                json_builder_set_member_name(builder, "Members");
                json_builder_begin_array(builder);
                for (char **member = members; *member; member++)
                        json_builder_add_string_value(builder, *member);
                json_builder_end_array(builder);
                json_builder_end_object(builder);
        }
        json_builder_end_array(builder);
        json_print_builder(builder, stdout);
}

/* How many run is known as of the moment at which it is asked. */
static void refresh_all(GPtrArray *groups) {
        for (unsigned i = groups->len; i-- > 0;)
                if (!proctor_group_refresh(groups->pdata[i], NULL, NULL))
                        g_ptr_array_remove_index(groups, i);
}

static int list(Cli *cli, void *data, char **operands) {
        g_autoptr(Table) table = table_new(list_columns, G_N_ELEMENTS(list_columns));
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorManager) manager = NULL;
        g_autoptr(GPtrArray) groups = NULL;

        if (operands[0])
                error = g_error_new(CLI_ERROR, CLI_ERROR_USAGE,
                                    "list takes no operand; 'proctor group status' shows one");
        else
                manager = connect_to_bus(cli, &error);
        groups = manager ? proctor_manager_list_groups(manager, NULL, &error) : NULL;
        if (!groups)
                return cli_fail(cli, error);
        refresh_all(groups);
        for (unsigned i = 0; i < groups->len; i++)
                add_group(table, groups->pdata[i]);
        if (cli->json)
                print_json(groups);
        else if (groups->len > 0)
                table_print(table, stdout, table_terminal_width());
        else
                cli_note(cli, "there are no groups; 'proctor group create' makes one");
        return CLI_EXIT_OK;
}

const Verb verb_group_list = {
        .name = "group list",
        .synopsis = "[OPTIONS]",
        .summary = "list groups",
        .description =
                "Lists the groups, in the order in which they were made: how many of their "
                "members run, how the last run ended, and who the members are. On a terminal "
                "the table is cut to its width.",
        .exit_codes = "0 done, 1 failed, 2 wrong usage, 4 there is no service",
        .run = list,
};

static const TableColumn status_columns[] = {
        {"MEMBER", TABLE_ALIGN_LEFT, 8},   {"STATE", TABLE_ALIGN_LEFT, 0},
        {"ID", TABLE_ALIGN_RIGHT, 0},      {"PID", TABLE_ALIGN_RIGHT, 0},
        {"HEALTH", TABLE_ALIGN_LEFT, 0},   {"RESULT", TABLE_ALIGN_LEFT, 8},
        {"RUNTIME", TABLE_ALIGN_RIGHT, 0}, {"COMMAND", TABLE_ALIGN_LEFT, 10},
};

/* What is known of a member; the texts are of the status. */
typedef struct Facts {
        const char *member, *state, *result, *health, *error;
        guint32 pid;
        gint32 exit_code;
        ProctorProcess *process; /* or NULL */
} Facts;

static void facts_clear(Facts *facts) {
        g_clear_object(&facts->process);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Facts, facts_clear)

static Facts facts_of(ProctorManager *manager, const char *member, GVariant *dict) {
        Facts facts = {.member = member, .state = "", .result = "", .health = "", .error = ""};
        const char *path = "/";

        g_variant_lookup(dict, "State", "&s", &facts.state);
        g_variant_lookup(dict, "Result", "&s", &facts.result);
        g_variant_lookup(dict, "Health", "&s", &facts.health);
        g_variant_lookup(dict, "Error", "&s", &facts.error);
        g_variant_lookup(dict, "PID", "u", &facts.pid);
        g_variant_lookup(dict, "ExitCode", "i", &facts.exit_code);
        g_variant_lookup(dict, "Process", "&o", &path);
        if (path[1])
                facts.process = proctor_manager_get_process_by_path(manager, path, NULL, NULL);
        if (facts.process)
                proctor_process_refresh(facts.process, NULL, NULL); /* the times of its run */
        return facts;
}

/* `-` for one that has not ended. */
static char *result_of(const Facts *facts) {
        g_autofree char *signal_name = facts->exit_code < 0 ? format_signal(-facts->exit_code)
                                                            : NULL;

        if (signal_name)
                return g_strdup_printf("%s %s", facts->result, signal_name);
        if (facts->exit_code > 0)
                return g_strdup_printf("%s %d", facts->result, facts->exit_code);
        return word_or_dash(facts->result);
}

static void add_member(Table *table, const Facts *facts) {
        ProctorProcess *process = facts->process;
        ProctorResult result = process ? proctor_process_get_result(process) : PROCTOR_RESULT_NONE;
        bool failed = *facts->error != '\0';
        bool judged = process && result == PROCTOR_RESULT_NONE &&
                      proctor_process_get_watched(process);

        table_take(table, STYLE_STRONG, format_text(facts->member));
        table_take(table, STYLE_NONE, format_text(facts->state));
        table_take(table, STYLE_NONE,
                   process ? g_strdup_printf("%" G_GUINT64_FORMAT, proctor_process_get_id(process))
                           : g_strdup("-"));
        table_take(table, STYLE_NONE,
                   facts->pid > 0 ? g_strdup_printf("%u", facts->pid) : g_strdup("-"));
        table_take(table,
                   judged ? style_of_health(proctor_process_get_health(process)) : STYLE_NONE,
                   word_or_dash(judged ? facts->health : NULL));
        table_take(table, failed ? STYLE_BAD : style_of_result(result), result_of(facts));
        table_take(table, STYLE_NONE, process ? format_runtime(process) : g_strdup("-"));
        table_take(table, STYLE_NONE,
                   failed    ? format_text(facts->error)
                   : process ? format_command(proctor_process_get_command(process))
                             : g_strdup("-"));
}

static void add_member_json(JsonBuilder *builder, const Facts *facts) {
        bool ended = *facts->result != '\0' && facts->process;

        json_builder_begin_object(builder);
        json_add_string(builder, "Member", facts->member);
        json_add_string(builder, "State", facts->state);
        json_add_uint(builder, "Id",
                      facts->process ? proctor_process_get_id(facts->process) : PROCTOR_INFINITY);
        json_add_uint(builder, "PID", facts->pid > 0 ? facts->pid : PROCTOR_INFINITY);
        json_builder_set_member_name(builder, "ExitCode");
        if (ended)
                json_builder_add_int_value(builder, facts->exit_code);
        else
                json_builder_add_null_value(builder);
        json_add_string(builder, "Result", *facts->result ? facts->result : NULL);
        json_add_string(builder, "Health", *facts->health ? facts->health : NULL);
        json_add_string(builder, "Error", *facts->error ? facts->error : NULL);
        json_builder_end_object(builder);
}

static void print_head(ProctorGroup *group) {
        const char *state = proctor_group_state_to_string(proctor_group_get_state(group));
        ProctorMemberFailure failure = proctor_group_get_on_member_failure(group);
        guint max_parallel = proctor_group_get_max_parallel(group);
        g_autofree char *name = format_text(proctor_group_get_name(group));
        g_autofree char *key = format_text(proctor_group_get_key_member(group));
        g_autofree char *result = group_format_result(group);
        g_autofree char *strong = style_apply(STYLE_STRONG, name);

        printf("'%s': %s%s%s\n", strong, state ? state : "-", *result ? ", " : "", result);
        if (failure != PROCTOR_MEMBER_FAILURE_CONTINUE)
                printf("On failure: %s\n", proctor_member_failure_to_string(failure));
        if (max_parallel > 0)
                printf("Max parallel: %u\n", max_parallel);
        if (*key)
                printf("Key member: %s\n", key);
}

static int status(Cli *cli, void *data, char **operands) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Table) table = table_new(status_columns, G_N_ELEMENTS(status_columns));
        g_autoptr(JsonBuilder) builder = json_builder_new();
        g_autoptr(ProctorGroup) group = group_open_only(cli, operands, &error);
        g_autoptr(GVariant) members = NULL;
        g_autoptr(GVariantIter) iter = NULL;
        const char *member;
        GVariant *dict;

        members = group && proctor_group_refresh(group, NULL, &error)
                          ? proctor_group_get_status(group, NULL, &error)
                          : NULL;
        if (!members)
                return cli_fail(cli, error);
        group_begin_json(builder, group);
        json_builder_set_member_name(builder, "Members");
        json_builder_begin_array(builder);
        iter = g_variant_iter_new(members);
        while (g_variant_iter_loop(iter, "{&s@a{sv}}", &member, &dict)) {
                g_auto(Facts) facts = facts_of(proctor_group_get_manager(group), member, dict);

                add_member(table, &facts);
                add_member_json(builder, &facts);
        }
        json_builder_end_array(builder);
        json_builder_end_object(builder);
        if (cli->json) {
                json_print_builder(builder, stdout);
                return CLI_EXIT_OK;
        }
        print_head(group);
        if (g_variant_n_children(members) > 0)
                table_print(table, stdout, table_terminal_width());
        return CLI_EXIT_OK;
}

const Verb verb_group_status = {
        .name = "group status",
        .synopsis = "[OPTIONS] GROUP",
        .summary = "show a group and its members",
        .description =
                "Shows whether a group runs, how its last run ended, and each of its members: "
                "added "
                "(never started), queued (waits for its turn), starting, running, stopping, "
                "finished, or failed (it could not be started: then the last column says why). The "
                "id names the process for all other verbs, as in 'proctor logs 7'.",
        .exit_codes = "0 done, 1 failed, 2 wrong usage, 3 there is no such group, 4 there is no "
                      "service",
        .run = status,
};
