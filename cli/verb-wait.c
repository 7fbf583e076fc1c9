/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor wait: until processes have finished; returns what they returned. */

#include "cli.h"
#include "format.h"
#include "outcome.h"
#include "progress.h"
#include "report.h"
#include "target.h"

typedef struct WaitArguments {
        OptionTime timeout;
        bool any, first_failure;
} WaitArguments;

static const Option options[] = {
        {"timeout", 't', OPTION_TIME, offsetof(WaitArguments, timeout), "TIME",
         "wait no longer; 0 only looks"},
        {"any", 0, OPTION_FLAG, offsetof(WaitArguments, any), NULL, "until one has finished"},
        {"first-failure", 0, OPTION_FLAG, offsetof(WaitArguments, first_failure), NULL,
         "until one has failed, or all have finished"},
        {0},
};

static ProctorWaitMode mode_of(const WaitArguments *arguments) {
        if (arguments->any)
                return PROCTOR_WAIT_MODE_ANY;
        return arguments->first_failure ? PROCTOR_WAIT_MODE_FIRST_FAILURE : PROCTOR_WAIT_MODE_ALL;
}

static int code_of(ProctorProcess *process) {
        return outcome_exit_code(proctor_process_get_exit_code(process),
                                 proctor_process_get_result(process));
}

static int first_failure(GPtrArray *finished) {
        for (unsigned i = 0; i < finished->len; i++)
                if (code_of(finished->pdata[i]) != CLI_EXIT_OK)
                        return code_of(finished->pdata[i]);
        return CLI_EXIT_OK;
}

/* 124 where the time was over before the mode was met. */
static int exit_code_of(ProctorWaitMode mode, GPtrArray *processes, GPtrArray *finished) {
        bool complete = finished->len == processes->len;
        int failure = first_failure(finished);

        switch (mode) {
        case PROCTOR_WAIT_MODE_ANY:
                return finished->len > 0 ? code_of(finished->pdata[0]) : CLI_EXIT_TIMED_OUT;
        case PROCTOR_WAIT_MODE_FIRST_FAILURE:
                return failure != CLI_EXIT_OK || complete ? failure : CLI_EXIT_TIMED_OUT;
        default:
                return complete ? failure : CLI_EXIT_TIMED_OUT;
        }
}

static void note_unfinished(const Cli *cli, GPtrArray *processes, GPtrArray *finished) {
        for (unsigned i = 0; i < processes->len; i++) {
                g_autofree char *who = format_process(processes->pdata[i]);

                if (!g_ptr_array_find(finished, processes->pdata[i], NULL))
                        cli_note(cli, "%s has not finished", who);
        }
}

static bool has_output(ProctorProcess *process) {
        g_autofree char *out = proctor_process_read_last_output(process, "stdout", 1, NULL, NULL);
        g_autofree char *err = proctor_process_read_last_output(process, "stderr", 1, NULL, NULL);

        return (out && *out) || (err && *err);
}

/* Where to read why the first of them failed. */
static void note_failure(const Cli *cli, GPtrArray *finished) {
        for (unsigned i = 0; i < finished->len && !cli->json && !cli->quiet; i++) {
                ProctorResult result = proctor_process_get_result(finished->pdata[i]);

                if (result == PROCTOR_RESULT_SUCCESS || result == PROCTOR_RESULT_STOPPED ||
                    !has_output(finished->pdata[i]))
                        continue;
                cli_note(cli, "'proctor status %" G_GUINT64_FORMAT "' shows its last output",
                         proctor_process_get_id(finished->pdata[i]));
                return;
        }
}

static GPtrArray *wait_for(const Cli *cli, ProctorManager *manager, GPtrArray *processes,
                           ProctorWaitMode mode, guint64 timeout, GError **error) {
        g_autofree char *who = processes->len == 1
                                       ? format_process(processes->pdata[0])
                                       : g_strdup_printf("%u processes", processes->len);
        g_autofree char *text = g_strconcat("Waiting for ", who, NULL);
        G_GNUC_UNUSED g_autoptr(Progress) progress = progress_begin(cli, text);

        return proctor_manager_wait_many(manager, processes, mode, timeout, NULL, error);
}

static int run(Cli *cli, void *data, char **operands) {
        const WaitArguments *arguments = data;
        ProctorWaitMode mode = mode_of(arguments);
        guint64 timeout = arguments->timeout.set ? arguments->timeout.usec : PROCTOR_INFINITY;
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorManager) manager = NULL;
        g_autoptr(GPtrArray) processes = NULL, finished = NULL;

        if (arguments->any && arguments->first_failure) {
                error = g_error_new(CLI_ERROR, CLI_ERROR_USAGE,
                                    "--any and --first-failure cannot be used together");
                return cli_fail(cli, error);
        }
        processes = targets_open(cli, operands, &manager, &error);
        if (processes)
                finished = wait_for(cli, manager, processes, mode, timeout, &error);
        if (!finished)
                return cli_fail(cli, error);
        report_outcomes(cli, finished);
        note_failure(cli, finished);
        if (exit_code_of(mode, processes, finished) == CLI_EXIT_TIMED_OUT)
                note_unfinished(cli, processes, finished);
        return exit_code_of(mode, processes, finished);
}

const Verb verb_wait = {
        .name = "wait",
        .synopsis = "[OPTIONS] TARGET...",
        .summary = "wait until processes have finished",
        .description = "Waits until all of the processes have finished, at once if they have, and "
                       "shows how they ended. A TARGET is an id, pid:PID or a name, see 'proctor "
                       "help targets'. Breaking a wait off does not touch the process.",
        .exit_codes = "that of the program; 128+N if signal N ended it; 124 if the wait ended "
                      "before it did, or the watchdog or a time limit ended it (137 with SIGKILL); "
                      "125 if proctor failed. For several processes: 0 if all succeeded, otherwise "
                      "the code of the first of them, as they stand on the command line, that did "
                      "not; with --any that of the first that has finished.",
        .options = options,
        .arguments_size = sizeof(WaitArguments),
        .exits = VERB_EXITS_PROGRAM,
        .run = run,
};
