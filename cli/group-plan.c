/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor group create, add and remove: which groups there are, and what is in them. */

#include <string.h>

#include "connect.h"
#include "group.h"
#include "json.h"
#include "start.h"

#define COMMON_EXIT_CODES                                                                          \
        "0 done, 1 it failed, 2 wrong usage, 3 there is no such group or member, 4 there is no "   \
        "service"

typedef struct CreateArguments {
        const char *on_failure;
        OptionNumber max_parallel;
        const char *key_member;
} CreateArguments;

static const Option create_options[] = {
        {"on-failure", 0, OPTION_STRING, offsetof(CreateArguments, on_failure), "continue|stop-all",
         "what happens when a member ends otherwise than with success: the others run on "
         "(otherwise), or are stopped"},
        {"max-parallel", 0, OPTION_NUMBER, offsetof(CreateArguments, max_parallel), "N",
         "run no more than N members at the same time; the rest wait for their turn"},
        {"key-member", 0, OPTION_STRING, offsetof(CreateArguments, key_member), "MEMBER",
         "the member whose end ends all others, and whose result is that of the group"},
        {0},
};

static bool set_on_failure(ProctorGroupConfig *config, const char *word, GError **error) {
        for (int i = PROCTOR_MEMBER_FAILURE_CONTINUE; i <= PROCTOR_MEMBER_FAILURE_STOP_ALL; i++)
                if (strcmp(word, proctor_member_failure_to_string((ProctorMemberFailure)i)) == 0) {
                        proctor_group_config_set_on_member_failure(config, (ProctorMemberFailure)i);
                        return true;
                }
        g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE,
                    "--on-failure=%s: expected continue or stop-all", word);
        return false;
}

static ProctorGroupConfig *config_of(const CreateArguments *arguments, GError **error) {
        g_autoptr(ProctorGroupConfig) config = proctor_group_config_new();

        if (arguments->on_failure && !set_on_failure(config, arguments->on_failure, error))
                return NULL;
        if (arguments->max_parallel.set)
                proctor_group_config_set_max_parallel(config, arguments->max_parallel.value);
        if (arguments->key_member)
                proctor_group_config_set_key_member(config, arguments->key_member);
        return g_steal_pointer(&config);
}

static int create(Cli *cli, void *data, char **operands) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorGroupConfig) config = NULL;
        g_autoptr(ProctorManager) manager = NULL;
        g_autoptr(ProctorGroup) group = NULL;

        if (!operands[0] || operands[1])
                error = g_error_new(CLI_ERROR, CLI_ERROR_USAGE, "give the new group one name");
        else
                config = config_of(data, &error);
        manager = config ? connect_to_bus(cli, &error) : NULL;
        group = manager ? proctor_manager_create_group(manager, operands[0], config, NULL, &error)
                        : NULL;
        if (!group)
                return cli_fail(cli, error);
        if (cli->json) {
                g_autoptr(JsonBuilder) builder = json_builder_new();

                group_begin_json(builder, group);
                json_builder_end_object(builder);
                json_print_builder(builder, stdout);
        }
        return CLI_EXIT_OK;
}

const Verb verb_group_create = {
        .name = "group create",
        .synopsis = "[OPTIONS] GROUP",
        .summary = "make an empty group",
        .description = "Makes an empty group under a name that none of the caller's groups has.",
        .exit_codes = "0 done, 1 the name is taken or it failed, 2 wrong usage, 4 there is no "
                      "service",
        .options = create_options,
        .arguments_size = sizeof(CreateArguments),
        .run = create,
};

static int add(Cli *cli, void *data, char **operands) {
        StartArguments *arguments = data;
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorProcessConfig) config = NULL;
        g_autoptr(ProctorGroup) group = NULL;

        if (!operands[0] || !operands[1]) {
                error = g_error_new(CLI_ERROR, CLI_ERROR_USAGE,
                                    "say which group, under which name, and which command, as in "
                                    "'proctor group add site web -- ./server'");
        } else {
                if (!arguments->launch.name)
                        arguments->launch.name = operands[1];
                config = start_config_new(cli, arguments, operands + 2, &error);
        }
        group = config ? group_open(cli, operands[0], &error) : NULL;
        if (!group || !proctor_group_add_process(group, operands[1], config, NULL, &error))
                return cli_fail(cli, error);
        return CLI_EXIT_OK;
}

const Verb verb_group_add = {
        .name = "group add",
        .synopsis = "[OPTIONS] GROUP MEMBER [--] COMMAND [ARGUMENT...]",
        .summary = "add a member to a group",
        .description =
                "Adds a command with options to a group, under a name; nothing is started. What is "
                "added to a group that runs is started with the next 'proctor group start'. "
                "Options, directory and environment are those of 'proctor start'; files for the "
                "standard streams are opened now, and stay open as long as the plan is there. "
                "Options may stand before and after the two names.",
        .exit_codes = COMMON_EXIT_CODES,
        .options = start_options,
        .shared = launch_options,
        .arguments_size = sizeof(StartArguments),
        .operands = VERB_OPERANDS_NAMES_COMMAND,
        .run = add,
};

static int remove_from(Cli *cli, void *data, char **operands) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorGroup) group = group_open(cli, operands[0], &error);
        int r = CLI_EXIT_OK;

        if (!group || (!operands[1] && !proctor_group_shutdown(group, NULL, &error)))
                return cli_fail(cli, error);
        for (char **member = operands + 1; operands[1] && *member; member++) {
                g_autoptr(GError) local = NULL;

                if (!proctor_group_remove_process(group, *member, NULL, &local))
                        r = cli_exit_merge(r, cli_fail(cli, local));
        }
        return r;
}

const Verb verb_group_remove = {
        .name = "group remove",
        .synopsis = "[OPTIONS] GROUP [MEMBER...]",
        .summary = "remove a group, or members of it",
        .description = "Stops the members of a group and removes it, with what is known of the "
                       "processes that it has started. With names of members, removes those from "
                       "the group; they must not run.",
        .exit_codes = COMMON_EXIT_CODES,
        .run = remove_from,
};
