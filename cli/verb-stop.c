/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor stop: ends processes with all that they started, side by side. */

#include "cli.h"
#include "connect.h"
#include "progress.h"
#include "report.h"
#include "target.h"

/* A bus allows a connection 128 calls that wait for their answer. */
#define MAX_IN_FLIGHT 64

typedef struct StopArguments {
        bool all, force;
} StopArguments;

static const Option options[] = {
        {"all", 'a', OPTION_FLAG, offsetof(StopArguments, all), NULL, "stop every process"},
        {"force", 'f', OPTION_FLAG, offsetof(StopArguments, force), NULL,
         "begin with SIGKILL to the whole tree"},
        {0},
};

typedef struct Stops {
        const Cli *cli;
        GPtrArray *processes; /* all that are to be stopped */
        GPtrArray *stopped;
        ProctorStopMode mode;
        unsigned n_begun, n_done;
        int exit_code;
} Stops;

static ProctorStopMode mode_of(const StopArguments *arguments) {
        return arguments->force ? PROCTOR_STOP_MODE_FORCE : PROCTOR_STOP_MODE_ASK;
}

static void on_stopped(GObject *source, GAsyncResult *result, void *data) {
        Stops *stops = data;
        g_autoptr(GError) error = NULL;

        stops->n_done++;
        if (proctor_process_stop_finish(PROCTOR_PROCESS(source), result, NULL, NULL, &error))
                g_ptr_array_add(stops->stopped, source);
        else
                stops->exit_code = cli_exit_merge(stops->exit_code, cli_fail(stops->cli, error));
}

static int stop_targets(const Cli *cli, const StopArguments *arguments, char **operands) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorManager) manager = NULL;
        g_autoptr(GPtrArray) processes = targets_open(cli, operands, &manager, &error);
        g_autoptr(GPtrArray) stopped = g_ptr_array_new();
        g_autoptr(Progress) progress = NULL;
        Stops stops = {
                .cli = cli,
                .processes = processes,
                .stopped = stopped,
                .mode = mode_of(arguments),
        };

        if (!processes)
                return cli_fail(cli, error);
        progress = progress_begin(cli, "Stopping");
        while (stops.n_done < processes->len) {
                while (stops.n_begun < processes->len &&
                       stops.n_begun - stops.n_done < MAX_IN_FLIGHT)
                        proctor_process_stop_async(processes->pdata[stops.n_begun++], stops.mode,
                                                   NULL, on_stopped, &stops);
                g_main_context_iteration(NULL, TRUE);
        }
        progress = progress_end(progress);
        report_outcomes(cli, stopped);
        return stops.exit_code;
}

static int stop_all(const Cli *cli, const StopArguments *arguments) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorManager) manager = connect_to_bus(cli, &error);
        g_autoptr(GVariant) outcomes = NULL;

        if (manager) {
                G_GNUC_UNUSED g_autoptr(Progress) progress = progress_begin(cli, "Stopping all");

                outcomes = proctor_manager_stop_all(manager, mode_of(arguments), NULL, &error);
        }
        if (!outcomes)
                return cli_fail(cli, error);
        report_outcomes_by_pid(cli, outcomes);
        return CLI_EXIT_OK;
}

static int run(Cli *cli, void *data, char **operands) {
        const StopArguments *arguments = data;
        g_autoptr(GError) error = NULL;

        if (!all_or_targets(arguments->all, operands, &error))
                return cli_fail(cli, error);
        return arguments->all ? stop_all(cli, arguments) : stop_targets(cli, arguments, operands);
}

const Verb verb_stop = {
        .name = "stop",
        .synopsis = "[OPTIONS] TARGET... | --all",
        .summary = "end processes with all that they started",
        .description =
                "Asks processes to end with their stop signal, and after their stop timeout ends "
                "their whole tree with SIGKILL. Returns when nothing of it is left, and shows how "
                "the processes ended. Of one that has finished, what it left behind is ended. A "
                "TARGET is an id, pid:PID or a name, see 'proctor help targets'.",
        .exit_codes =
                "0 all are gone, however they ended; 1 something could not be ended, the message "
                "names it; 2 wrong usage, 3 there is no such process, 4 there is no service",
        .options = options,
        .arguments_size = sizeof(StopArguments),
        .run = run,
};
