/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor help: of the tool, of a verb, or of a topic. */

#include "cli.h"
#include "pager.h"

static int run(Cli *cli, void *arguments, char **operands) {
        g_autofree char *name = g_strjoinv(" ", operands);
        g_autoptr(GError) error = NULL;
        const Verb *verb = verb_find(name);

        if (cli->json && help_print_json(*name ? name : NULL))
                return CLI_EXIT_OK;
        pager_open(cli);
        if (verb || !*name) {
                help_print(verb);
                return CLI_EXIT_OK;
        }
        if (help_print_topic(name))
                return CLI_EXIT_OK;
        error = g_error_new(CLI_ERROR, CLI_ERROR_USAGE, "there is no help on '%s'", name);
        return cli_fail(cli, error);
}

const Verb verb_help = {
        .name = "help",
        .synopsis = "[VERB|VERB VERB|TOPIC]",
        .summary = "show this, or the help of a verb or topic",
        .description = "Shows what there is, or what a verb does and takes.",
        .exit_codes = "0 done, 2 there is no such verb or topic",
        .run = run,
};
