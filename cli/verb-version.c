/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor version: of the tool, and of the service if one is named. */

#include "cli.h"
#include "connect.h"
#include "format.h"
#include "json.h"

static void print_json(ProctorManager *manager) {
        g_autoptr(JsonBuilder) builder = json_builder_new();

        json_builder_begin_object(builder);
        json_add_string(builder, "Version", PROCTOR_VERSION_S);
        if (manager) {
                const char *const *features = proctor_manager_get_features(manager);

                json_add_string(builder, "ServiceVersion", proctor_manager_get_version(manager));
                json_builder_set_member_name(builder, "Features");
                json_builder_begin_array(builder);
                for (; features && *features; features++)
                        json_builder_add_string_value(builder, *features);
                json_builder_end_array(builder);
        }
        json_builder_end_object(builder);
        json_print_builder(builder, stdout);
}

static void print_service(ProctorManager *manager) {
        const char *const *features = proctor_manager_get_features(manager);
        g_autofree char *list = g_strjoinv(", ", (char **)features);
        g_autofree char *version = format_text(proctor_manager_get_version(manager));
        g_autofree char *clean = format_text(list);

        printf("service %s (%s)\n", version, clean);
}

static int run(Cli *cli, void *arguments, char **operands) {
        g_autoptr(ProctorManager) manager = NULL;
        g_autoptr(GError) error = NULL;

        if (operands[0]) {
                error = g_error_new(CLI_ERROR, CLI_ERROR_USAGE, "version takes no operand");
                return cli_fail(cli, error);
        }
        if (connect_names_bus(cli)) {
                manager = connect_to_bus(cli, &error);
                if (!manager)
                        return cli_fail(cli, error);
        }
        if (cli->json) {
                print_json(manager);
                return CLI_EXIT_OK;
        }
        help_print_version();
        if (manager)
                print_service(manager);
        return CLI_EXIT_OK;
}

const Verb verb_version = {
        .name = "version",
        .synopsis = "[OPTIONS]",
        .summary = "show the version of this tool and of a service",
        .description =
                "Shows the version of this tool, and with an option that names a bus that of "
                "the service, with what it can do on its machine.",
        .exit_codes = "0 done, 4 there is no service",
        .run = run,
};
