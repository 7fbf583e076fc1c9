/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor help: of the tool, of a verb, or of a topic. */

#include "cli.h"

static int run(Cli *cli, void *arguments, char **operands) {
        g_autoptr(GError) error = NULL;
        const Verb *verb;

        if (cli->json && !(operands[0] && operands[1]) && help_print_json(operands[0]))
                return CLI_EXIT_OK;
        if (!operands[0]) {
                help_print(NULL);
                return CLI_EXIT_OK;
        }
        verb = verb_find(operands[0]);
        if (verb && !operands[1]) {
                help_print(verb);
                return CLI_EXIT_OK;
        }
        if (!operands[1] && help_print_topic(operands[0]))
                return CLI_EXIT_OK;
        error = g_error_new(CLI_ERROR, CLI_ERROR_USAGE, "there is no help on '%s'",
                            operands[1] ? operands[1] : operands[0]);
        return cli_fail(cli, error);
}

const Verb verb_help = {
        .name = "help",
        .synopsis = "[VERB|TOPIC]",
        .summary = "show this, or the help of a verb or topic",
        .description = "Shows what there is, or what a verb does and takes.",
        .exit_codes = "0 done, 2 there is no such verb or topic",
        .run = run,
};
