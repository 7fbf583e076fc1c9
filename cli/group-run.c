/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor group start, stop, wait and signal: what is done with all members at once. */

#include "format.h"
#include "group.h"
#include "json.h"

static void report_started(const Cli *cli, JsonBuilder *builder, ProctorManager *manager,
                           GVariant *started) {
        GVariantIter iter;
        const char *member, *path;
        guint32 pid;

        json_builder_set_member_name(builder, "Started");
        json_builder_begin_array(builder);
        g_variant_iter_init(&iter, started);
        while (g_variant_iter_next(&iter, "{&s(&ou)}", &member, &path, &pid)) {
                g_autofree char *clean = format_text(member);
                g_autoptr(ProctorProcess)
                        process = proctor_manager_get_process_by_path(manager, path, NULL, NULL);
                guint64 id = process ? proctor_process_get_id(process) : PROCTOR_INFINITY;

                json_builder_begin_object(builder);
                json_add_string(builder, "Member", member);
                json_add_uint(builder, "Id", id);
                json_add_uint(builder, "PID", pid);
                json_builder_end_object(builder);
                if (!cli->json && !cli->quiet && process)
                        printf("Started '%s' as %" G_GUINT64_FORMAT " (PID %u)\n", clean, id, pid);
        }
        json_builder_end_array(builder);
}

/* Each is an error of its own. */
static int report_failed(const Cli *cli, JsonBuilder *builder, GVariant *failed) {
        GVariantIter iter;
        const char *member, *reason;
        int r = CLI_EXIT_OK;

        json_builder_set_member_name(builder, "Failed");
        json_builder_begin_array(builder);
        g_variant_iter_init(&iter, failed);
        while (g_variant_iter_next(&iter, "{&s&s}", &member, &reason)) {
                g_autoptr(GError) error = g_error_new(CLI_ERROR, CLI_ERROR_FAILED,
                                                      "'%s' was not started: %s", member, reason);

                r = cli_exit_merge(r, cli_fail(cli, error));
                json_builder_begin_object(builder);
                json_add_string(builder, "Member", member);
                json_add_string(builder, "Error", reason);
                json_builder_end_object(builder);
        }
        json_builder_end_array(builder);
        return r;
}

static int start(Cli *cli, void *data, char **operands) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorGroup) group = group_open_only(cli, operands, &error);
        g_autoptr(GVariant) started = NULL, failed = NULL;
        g_autoptr(JsonBuilder) builder = json_builder_new();
        int r;

        if (!group || !proctor_group_start_all(group, &started, &failed, NULL, &error))
                return cli_fail(cli, error);
        json_builder_begin_object(builder);
        report_started(cli, builder, proctor_group_get_manager(group), started);
        r = report_failed(cli, builder, failed);
        json_builder_end_object(builder);
        if (cli->json)
                json_print_builder(builder, stdout);
        else if (g_variant_n_children(started) == 0 && r == CLI_EXIT_OK)
                cli_note(cli, "there was no member to start");
        return r;
}

const Verb verb_group_start = {
        .name = "group start",
        .synopsis = "[OPTIONS] GROUP",
        .summary = "start the members that do not run",
        .description = "Starts every member that does not run, in the order in which they were "
                       "added, and returns when each of these starts has succeeded or failed. A "
                       "start that fails stops no other. Members beyond the --max-parallel of the "
                       "group wait for their turn, and are not waited for.",
        .exit_codes = "0 done, 1 a member could not be started or it failed, 2 wrong usage, 3 "
                      "there is no such group, 4 there is no service",
        .run = start,
};

typedef struct StopArguments {
        bool force;
} StopArguments;

static const Option stop_options[] = {
        {"force", 'f', OPTION_FLAG, offsetof(StopArguments, force), NULL,
         "begin with SIGKILL to the whole trees"},
        {0},
};

static int stop(Cli *cli, void *data, char **operands) {
        const StopArguments *arguments = data;
        ProctorStopMode mode = arguments->force ? PROCTOR_STOP_MODE_FORCE : PROCTOR_STOP_MODE_ASK;
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorGroup) group = group_open_only(cli, operands, &error);
        g_autoptr(GVariant) ends = group ? proctor_group_stop_all(group, mode, NULL, &error) : NULL;

        if (!ends)
                return cli_fail(cli, error);
        group_report_ends(cli, ends);
        if (!cli->json && g_variant_n_children(ends) == 0)
                cli_note(cli, "no member was running");
        return CLI_EXIT_OK;
}

const Verb verb_group_stop = {
        .name = "group stop",
        .synopsis = "[OPTIONS] GROUP",
        .summary = "end all members with all that they started",
        .description = "Asks all members to end with their stop signals, at the same time, and "
                       "after its stop timeout ends the tree of each with SIGKILL. Members that "
                       "wait for their turn are not started. Returns when nothing is left, and "
                       "shows how those ended that ran. The group stays, and can be started again.",
        .exit_codes = "0 all are gone, however they ended; 1 something could not be ended, the "
                      "message names it; 2 wrong usage, 3 there is no such group, 4 there is no "
                      "service",
        .options = stop_options,
        .arguments_size = sizeof(StopArguments),
        .run = stop,
};

typedef struct WaitArguments {
        OptionTime timeout;
} WaitArguments;

static const Option wait_options[] = {
        {"timeout", 't', OPTION_TIME, offsetof(WaitArguments, timeout), "TIME",
         "wait no longer; 0 only looks"},
        {0},
};

/* Returns the code of a run that has ended. */
static int conclude_wait(const Cli *cli, ProctorGroup *group) {
        g_autofree char *failed = proctor_group_dup_failed_member(group);
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) status = proctor_group_get_status(group, NULL, &error);
        g_autofree char *reason = NULL;

        if (!status)
                return cli_fail(cli, error);
        reason = group_dup_member_error(status, failed ? failed : "");
        if (proctor_group_get_state(group) == PROCTOR_GROUP_STATE_IDLE) {
                error = g_error_new(CLI_ERROR, CLI_ERROR_FAILED,
                                    "group '%s' was never started; 'proctor group start' does it",
                                    proctor_group_get_name(group));
                return cli_fail(cli, error);
        }
        if (proctor_group_get_result(group) == PROCTOR_RESULT_START_FAILED)
                cli_note(cli, "'%s' was not started: %s", failed, reason);
        return group_exit_code(group, reason);
}

static int wait_for(Cli *cli, void *data, char **operands) {
        const WaitArguments *arguments = data;
        guint64 timeout = arguments->timeout.set ? arguments->timeout.usec : PROCTOR_INFINITY;
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorGroup) group = group_open_only(cli, operands, &error);
        gboolean complete;
        g_autoptr(GVariant)
                ends = group ? proctor_group_wait_for_all(group, timeout, &complete, NULL, &error)
                             : NULL;

        if (!ends || !proctor_group_refresh(group, NULL, &error))
                return cli_fail(cli, error);
        group_report_ends(cli, ends);
        if (complete)
                return conclude_wait(cli, group);
        cli_note(cli, "group '%s' has not finished", proctor_group_get_name(group));
        return CLI_EXIT_TIMED_OUT;
}

const Verb verb_group_wait = {
        .name = "group wait",
        .synopsis = "[OPTIONS] GROUP",
        .summary = "wait until a group has finished",
        .description = "Waits until no member runs or waits for its turn, at once if that is so, "
                       "and shows how the members ended. Breaking the wait off touches nothing.",
        .exit_codes =
                "that of the group: of its key member if that has ended, otherwise of the "
                "member that failed first, otherwise 0; 128+N if signal N ended that one; 124 "
                "if the wait ended before the group did, or the watchdog or a time limit "
                "ended the member (137 with SIGKILL); 125 to 127 if it could not be started, "
                "see 'proctor help start'; 125 if proctor failed",
        .options = wait_options,
        .arguments_size = sizeof(WaitArguments),
        .exits = VERB_EXITS_PROGRAM,
        .run = wait_for,
};

static int send_signal(Cli *cli, void *data, char **operands) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorGroup) group = NULL;
        g_autoptr(GVariant) delivered = NULL;
        g_autoptr(JsonBuilder) builder = json_builder_new();
        GVariantIter iter;
        const char *member;
        gboolean sent;

        if (!operands[0])
                error = g_error_new(CLI_ERROR, CLI_ERROR_USAGE,
                                    "say which signal, as in 'proctor group signal HUP site'");
        else
                group = group_open_only(cli, operands + 1, &error);
        delivered = group ? proctor_group_send_signal(group, operands[0], NULL, &error) : NULL;
        if (!delivered)
                return cli_fail(cli, error);
        json_builder_begin_array(builder);
        g_variant_iter_init(&iter, delivered);
        while (g_variant_iter_next(&iter, "{&sb}", &member, &sent)) {
                json_builder_begin_object(builder);
                json_add_string(builder, "Member", member);
                json_add_bool(builder, "Delivered", sent);
                json_builder_end_object(builder);
                if (!sent)
                        cli_note(cli, "'%s' did not get it", member);
        }
        json_builder_end_array(builder);
        if (cli->json)
                json_print_builder(builder, stdout);
        else if (g_variant_n_children(delivered) == 0)
                cli_note(cli, "no member is running");
        return CLI_EXIT_OK;
}

const Verb verb_group_signal = {
        .name = "group signal",
        .synopsis = "[OPTIONS] SIGNAL GROUP",
        .summary = "send a signal to all members that run",
        .description = "Sends a signal, by name (HUP, SIGHUP) or number, to the process group of "
                       "each member; 'timeout' is SIGTERM, 'interrupt' SIGINT, and 'force' SIGKILL "
                       "to the whole tree.",
        .exit_codes = "0 sent, 1 it failed, 2 wrong usage, 3 there is no such group, 4 there is no "
                      "service",
        .run = send_signal,
};
