/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor signal: sends a signal to the process groups of processes. */

#include "cli.h"
#include "connect.h"
#include "json.h"
#include "report.h"
#include "target.h"

typedef struct SignalArguments {
        bool all;
} SignalArguments;

static const Option options[] = {
        {"all", 'a', OPTION_FLAG, offsetof(SignalArguments, all), NULL, "every running process"},
        {0},
};

static int signal_targets(const Cli *cli, const char *signal_name, char **operands) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorManager) manager = NULL;
        g_autoptr(GPtrArray) processes = targets_open(cli, operands, &manager, &error);
        g_autoptr(JsonBuilder) builder = json_builder_new();
        int r = CLI_EXIT_OK;

        if (!processes)
                return cli_fail(cli, error);
        json_builder_begin_array(builder);
        for (unsigned i = 0; i < processes->len; i++) {
                g_autoptr(GError) local = NULL;
                gboolean sent = proctor_process_send_signal(processes->pdata[i], signal_name, NULL,
                                                            &local);

                if (!sent)
                        r = cli_exit_merge(r, cli_fail(cli, local));
                json_begin_process(builder, processes->pdata[i]);
                json_add_bool(builder, "Delivered", sent);
                json_builder_end_object(builder);
        }
        json_builder_end_array(builder);
        if (cli->json)
                json_print_builder(builder, stdout);
        return r;
}

static void report_delivered(const Cli *cli, GVariant *delivered) {
        g_autoptr(JsonBuilder) builder = json_builder_new();
        GVariantIter iter;
        guint32 pid;
        gboolean sent;

        json_builder_begin_array(builder);
        g_variant_iter_init(&iter, delivered);
        while (g_variant_iter_next(&iter, "{ub}", &pid, &sent)) {
                json_builder_begin_object(builder);
                json_add_uint(builder, "PID", pid);
                json_add_bool(builder, "Delivered", sent);
                json_builder_end_object(builder);
                if (!sent)
                        cli_note(cli, "PID %u did not get it", pid);
        }
        json_builder_end_array(builder);
        if (cli->json)
                json_print_builder(builder, stdout);
        else if (g_variant_n_children(delivered) == 0)
                cli_note(cli, "no process is running");
}

static int signal_all(const Cli *cli, const char *signal_name) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorManager) manager = connect_to_bus(cli, &error);
        g_autoptr(GVariant) delivered = manager ? proctor_manager_send_signal_to_all(
                                                          manager, signal_name, NULL, &error)
                                                : NULL;

        if (!delivered)
                return cli_fail(cli, error);
        report_delivered(cli, delivered);
        return CLI_EXIT_OK;
}

static int run(Cli *cli, void *data, char **operands) {
        const SignalArguments *arguments = data;
        g_autoptr(GError) error = NULL;

        if (!operands[0])
                error = g_error_new(CLI_ERROR, CLI_ERROR_USAGE,
                                    "say which signal, as in 'proctor signal HUP web'");
        else
                all_or_targets(arguments->all, operands + 1, &error);
        if (error)
                return cli_fail(cli, error);
        return arguments->all ? signal_all(cli, operands[0])
                              : signal_targets(cli, operands[0], operands + 1);
}

const Verb verb_signal = {
        .name = "signal",
        .synopsis = "[OPTIONS] SIGNAL TARGET... | --all",
        .summary = "send a signal to processes",
        .description =
                "Sends a signal, by name (HUP, SIGHUP) or number, to the process group of each "
                "process; 'timeout' is SIGTERM, 'interrupt' SIGINT, and 'force' SIGKILL to the "
                "whole tree. A TARGET is an id, pid:PID or a name, see 'proctor help targets'.",
        .exit_codes = "0 sent, 1 one has finished or it failed, 2 wrong usage, 3 there is no such "
                      "process, 4 there is no service",
        .options = options,
        .arguments_size = sizeof(SignalArguments),
        .run = run,
};
