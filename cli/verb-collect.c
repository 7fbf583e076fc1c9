/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor collect: makes the service forget finished processes. */

#include <stdio.h>

#include "cli.h"
#include "connect.h"
#include "json.h"
#include "report.h"
#include "target.h"

typedef struct CollectArguments {
        bool all;
} CollectArguments;

static const Option options[] = {
        {"all", 'a', OPTION_FLAG, offsetof(CollectArguments, all), NULL, "every finished process"},
        {0},
};

static void report_collected(const Cli *cli, unsigned n) {
        g_autoptr(JsonBuilder) builder = json_builder_new();

        if (!cli->json) {
                if (!cli->quiet)
                        printf("Forgot %u finished process%s\n", n, n == 1 ? "" : "es");
                return;
        }
        json_builder_begin_object(builder);
        json_add_uint(builder, "Collected", n);
        json_builder_end_object(builder);
        json_print_builder(builder, stdout);
}

static int collect_all(const Cli *cli) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorManager) manager = connect_to_bus(cli, &error);
        unsigned n = 0;

        if (!manager || !proctor_manager_cleanup_finished(manager, &n, NULL, &error))
                return cli_fail(cli, error);
        report_collected(cli, n);
        return CLI_EXIT_OK;
}

static int collect_targets(const Cli *cli, char **operands) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorManager) manager = NULL;
        g_autoptr(GPtrArray) processes = targets_open(cli, operands, &manager, &error);
        int r = CLI_EXIT_OK;
        unsigned n = 0;

        if (!processes)
                return cli_fail(cli, error);
        for (unsigned i = 0; i < processes->len; i++) {
                g_autoptr(GError) local = NULL;

                if (proctor_process_collect(processes->pdata[i], NULL, &local))
                        n++;
                else
                        r = cli_exit_merge(r, cli_fail(cli, local));
        }
        report_collected(cli, n);
        return r;
}

static int run(Cli *cli, void *data, char **operands) {
        const CollectArguments *arguments = data;
        g_autoptr(GError) error = NULL;

        if (!all_or_targets(arguments->all, operands, &error))
                return cli_fail(cli, error);
        return arguments->all ? collect_all(cli) : collect_targets(cli, operands);
}

const Verb verb_collect = {
        .name = "collect",
        .synopsis = "[OPTIONS] TARGET... | --all",
        .summary = "forget finished processes",
        .description = "Makes the service forget finished processes and how they ended. The "
                       "service forgets them by itself when there are too many or they are old. A "
                       "TARGET is an id, pid:PID or a name, see 'proctor help targets'.",
        .exit_codes = "0 done, 1 one has not finished or it failed, 2 wrong usage, 3 there is no "
                      "such process, 4 there is no service",
        .options = options,
        .arguments_size = sizeof(CollectArguments),
        .run = run,
};
