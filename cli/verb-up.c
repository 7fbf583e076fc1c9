/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor up: a group from a file, in the foreground.
 *
 *   read the file → connect → create the group → add each member → start → wait → remove → close
 *
 * Each arrow is a callback in the main loop, because signals must be answered at every moment. */

#include <glib-unix.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "connect.h"
#include "duration.h"
#include "format.h"
#include "forward.h"
#include "group.h"
#include "json.h"
#include "up-file.h"
#include "up-output.h"
#include "up-watch.h"

typedef struct UpArguments {
        bool check;
} UpArguments;

static const Option options[] = {
        {"check", 0, OPTION_FLAG, offsetof(UpArguments, check), NULL,
         "say whether the file is good, and start nothing"},
        {0},
};

typedef struct Up {
        const Cli *cli;
        bool check;
        UpFile *file;
        UpOutput *output;
        UpWatch *watch;
        ProctorManager *manager;
        ProctorGroup *group;
        GMainLoop *loop;
        GCancellable *connecting; /* of what happens before the start */
        GHashTable *reasons;      /* of members that were not started: name to text */
        unsigned n_added;
        bool started, ended, closing;
        unsigned n_ends; /* requests to end */
        int ended_by;    /* the signal that was the first of them; or */
        int write_error; /* our output could not be written */
        GError *error;
        int exit_code;
} Up;

static void up_clear(Up *up) {
        g_clear_pointer(&up->watch, up_watch_free);
        g_clear_pointer(&up->output, up_output_free);
        g_clear_pointer(&up->file, up_file_free);
        g_clear_object(&up->group);
        g_clear_object(&up->manager);
        g_clear_object(&up->connecting);
        g_clear_pointer(&up->reasons, g_hash_table_unref);
        g_clear_error(&up->error);
        g_clear_pointer(&up->loop, g_main_loop_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Up, up_clear)

/* ---- the end */

static void on_closed(GObject *source, GAsyncResult *result, void *data) {
        Up *up = data;

        /* What could not be ended was said when the group was removed. */
        proctor_manager_close_finish(PROCTOR_MANAGER(source), result, NULL);
        if (up->output) {
                up_output_flush(up->output, NULL);
                up_output_finish(up->output);
        } else {
                g_main_loop_quit(up->loop);
        }
}

static void up_close(Up *up) {
        if (up->manager)
                proctor_manager_close_async(up->manager, NULL, on_closed, up);
        else
                g_main_loop_quit(up->loop);
}

static void on_removed(GObject *source, GAsyncResult *result, void *data) {
        Up *up = data;
        g_autoptr(GError) error = NULL;

        if (!proctor_group_shutdown_finish(PROCTOR_GROUP(source), result, &error) && !up->error)
                up->error = g_steal_pointer(&error);
        up_close(up);
}

/* Ends what is there, in whatever state that is. */
static void up_end(Up *up, GError *error) {
        if (up->closing) {
                g_clear_error(&error);
                return;
        }
        if (error)
                up->error = error;
        up->closing = true;
        if (up->group)
                proctor_group_shutdown_async(up->group, NULL, on_removed, up);
        else
                up_close(up);
}

static void add_end_event(Up *up) {
        g_autoptr(JsonBuilder) builder = json_builder_new();

        json_builder_begin_object(builder);
        json_add_string(builder, "Event", "finished");
        json_builder_set_member_name(builder, "ExitCode");
        json_builder_add_int_value(builder, proctor_group_get_exit_code(up->group));
        json_add_string(builder, "Result",
                        proctor_result_to_string(proctor_group_get_result(up->group)));
        json_builder_end_object(builder);
        up_output_event(up->output, builder);
}

static void on_result(GObject *source, GAsyncResult *result, void *data) {
        Up *up = data;
        GError *error = NULL;
        g_autofree char *failed = NULL;

        if (proctor_group_refresh_finish(up->group, result, &error)) {
                failed = proctor_group_dup_failed_member(up->group);
                up->exit_code = group_exit_code(
                        up->group, failed ? g_hash_table_lookup(up->reasons, failed) : NULL);
                add_end_event(up);
        }
        up_end(up, error);
}

static void on_ended(GObject *source, GAsyncResult *result, void *data) {
        Up *up = data;
        GError *error = NULL;
        g_autoptr(GVariant)
                ends = proctor_group_wait_for_all_finish(up->group, result, NULL, &error);

        up->ended = true;
        if (ends)
                proctor_group_refresh_async(up->group, NULL, on_result, up);
        else
                up_end(up, error);
}

/* ---- requests to end */

static void on_stopped(GObject *source, GAsyncResult *result, void *data) {
        Up *up = data;
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant)
                ends = proctor_group_stop_all_finish(PROCTOR_GROUP(source), result, &error);

        if (!ends && !up->closing)
                up_output_error(up->output, "%s", error->message);
}

static void stop_all(Up *up, ProctorStopMode mode) {
        if (up->group && up->started)
                proctor_group_stop_all_async(up->group, mode, NULL, on_stopped, up);
        else
                g_cancellable_cancel(up->connecting);
}

/* The first time it asks, then it forces, then we go: a private service ends with us. */
static void request_end(Up *up, int signo) {
        up->n_ends++;
        if (up->n_ends == 1) {
                up->ended_by = signo;
                stop_all(up, PROCTOR_STOP_MODE_ASK);
                if (up->started && !up->ended && isatty(STDERR_FILENO) == 1)
                        up_output_note(up->output, "asking all to end; Ctrl-C again ends them by "
                                                   "force");
        } else if (up->n_ends == 2) {
                stop_all(up, PROCTOR_STOP_MODE_FORCE);
        } else {
                g_main_loop_quit(up->loop);
        }
}

static void on_output_done(int errno_code, void *data) {
        Up *up = data;

        if (errno_code == 0) {
                g_main_loop_quit(up->loop);
                return;
        }
        up->write_error = errno_code;
        if (up->closing)
                g_main_loop_quit(up->loop);
        else if (up->n_ends == 0)
                request_end(up, 0);
}

/* ---- other signals */

static void on_signal_sent(GObject *source, GAsyncResult *result, void *data) {
        G_GNUC_UNUSED g_autoptr(GVariant)
                delivered = proctor_group_send_signal_finish(PROCTOR_GROUP(source), result, NULL);
}

static void on_suspended(GObject *source, GAsyncResult *result, void *data) {
        on_signal_sent(source, result, data);
        raise(SIGSTOP);
}

static void pass_signal(Up *up, const char *name, GAsyncReadyCallback callback) {
        if (up->group && up->started && !up->ended)
                proctor_group_send_signal_async(up->group, name, NULL, callback, up);
        else if (callback == on_suspended)
                raise(SIGSTOP);
}

static void on_signal(int signo, void *data) {
        Up *up = data;
        g_autofree char *name = format_signal(signo);

        if (forward_is_end(signo))
                request_end(up, signo);
        else if (signo == SIGTSTP)
                pass_signal(up, "SIGSTOP", on_suspended);
        else if (signo != SIGWINCH)
                pass_signal(up, name, on_signal_sent);
}

/* ---- the run */

static UpMember *member_of(Up *up, const char *name) {
        for (unsigned i = 0; i < up->file->members->len; i++) {
                UpMember *member = up->file->members->pdata[i];

                if (strcmp(member->name, name) == 0)
                        return member;
        }
        return NULL;
}

static JsonBuilder *begin_event(const char *event, const char *member) {
        JsonBuilder *builder = json_builder_new();

        json_builder_begin_object(builder);
        json_add_string(builder, "Event", event);
        json_add_string(builder, "Member", member);
        return builder;
}

static void on_member_exited(ProctorGroup *group, const char *name, int exit_code,
                             ProctorResult result, Up *up) {
        g_autoptr(JsonBuilder) builder = begin_event("exited", name);
        g_autofree char *end = format_result(exit_code, result);
        UpMember *member = member_of(up, name);

        if (member)
                up_output_flush(up->output, member);
        json_builder_set_member_name(builder, "ExitCode");
        json_builder_add_int_value(builder, exit_code);
        json_add_string(builder, "Result", proctor_result_to_string(result));
        json_builder_end_object(builder);
        up_output_event(up->output, builder);
        up_output_note(up->output, "'%s' ended: %s", name, end);
}

/* The service leaves the others alone when a start fails. Who wants all stopped when one fails wants
 * it here, too; and without the key member nothing would end the rest. */
static void on_member_failed(ProctorGroup *group, const char *name, const char *reason, Up *up) {
        g_autoptr(JsonBuilder) builder = begin_event("failed", name);

        json_add_string(builder, "Error", reason);
        json_builder_end_object(builder);
        up_output_event(up->output, builder);
        g_hash_table_insert(up->reasons, g_strdup(name), g_strdup(reason));
        up_output_error(up->output, "'%s' was not started: %s", name, reason);
        if (up->n_ends == 0 && (up->file->stops_all || g_strcmp0(up->file->key_member, name) == 0))
                stop_all(up, PROCTOR_STOP_MODE_ASK);
}

static void on_started(GObject *source, GAsyncResult *result, void *data) {
        Up *up = data;
        GError *error = NULL;

        if (proctor_group_start_all_finish(up->group, result, NULL, NULL, &error))
                proctor_group_wait_for_all_async(up->group, PROCTOR_INFINITY, NULL, on_ended, up);
        else
                up_end(up, error);
}

static void start(Up *up) {
        g_signal_connect(up->group, "member-exited", G_CALLBACK(on_member_exited), up);
        g_signal_connect(up->group, "member-failed", G_CALLBACK(on_member_failed), up);
        up->watch = up_watch_new(up->group, up->file, up->output);
        up->started = true;
        proctor_group_start_all_async(up->group, NULL, on_started, up);
}

static void add_next(Up *up);

static void on_added(GObject *source, GAsyncResult *result, void *data) {
        Up *up = data;
        UpMember *member = up->file->members->pdata[up->n_added];
        GError *error = NULL;

        if (!proctor_group_add_process_finish(up->group, result, &error)) {
                g_prefix_error(&error, "%s: [Member %s]: ", up->file->path, member->name);
                up_end(up, error);
                return;
        }
        proctor_process_config_close_fds(member->config); /* the service has its own now */
        up->n_added++;
        add_next(up);
}

static void add_next(Up *up) {
        UpMember *member;

        if (up->ended_by > 0) {
                up_end(up, NULL);
        } else if (up->n_added < up->file->members->len) {
                member = up->file->members->pdata[up->n_added];
                proctor_process_config_set_bind_to_caller(member->config,
                                                          connect_names_bus(up->cli) && !up->check);
                proctor_group_add_process_async(up->group, member->name, member->config,
                                                up->connecting, on_added, up);
        } else if (up->check) {
                up->exit_code = CLI_EXIT_OK;
                up_end(up, NULL);
        } else {
                start(up);
        }
}

static void on_created(GObject *source, GAsyncResult *result, void *data) {
        Up *up = data;
        GError *error = NULL;

        up->group = proctor_manager_create_group_finish(up->manager, result, &error);
        if (up->group) {
                add_next(up);
                return;
        }
        if (!g_error_matches(error, PROCTOR_ERROR, PROCTOR_ERROR_NAME_TAKEN))
                g_prefix_error(&error, "%s: [Group]: ", up->file->path);
        up_end(up, error);
}

static void on_connected(GObject *source, GAsyncResult *result, void *data) {
        Up *up = data;
        GError *error = NULL;

        up->manager = connect_finish(up->cli, result, &error);
        if (up->manager)
                proctor_manager_create_group_async(up->manager, up->file->name, up->file->config,
                                                   up->connecting, on_created, up);
        else
                up_end(up, error);
}

static void on_output(UpMember *member, void *data) {
        Up *up = data;

        if (up->watch)
                up_watch_touch(up->watch, member);
}

static bool prepare(Up *up, char **operands, GError **error) {
        bool on_bus = connect_names_bus(up->cli);

        if (!operands[0] || operands[1]) {
                g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE,
                            "name one file; proctor-up(5) says what is in it");
                return false;
        }
        if (up->cli->host) {
                g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE,
                            "up reads the members' output through pipes, which cannot go to "
                            "another machine; use 'proctor group' there");
                return false;
        }
        up->file = up_file_read(up->cli, operands[0],
                                on_bus ? LAUNCH_BASE_CALLER : LAUNCH_BASE_SERVICE, error);
        if (!up->file || forward_watch(on_signal, up, error) == 0)
                return false;
        signal(SIGPIPE, SIG_IGN); /* it is the members that end before us then */
        if (!up->check)
                up->output = up_output_new(up->cli, up->file, on_output, on_output_done, up, error);
        return up->check || up->output;
}

static int conclude(const Up *up) {
        if (up->write_error != 0) {
                g_autoptr(GError) error = g_error_new(CLI_ERROR, CLI_ERROR_FAILED,
                                                      "cannot write the output: %s",
                                                      g_strerror(up->write_error));

                return cli_fail(up->cli, error);
        }
        if (up->error &&
            !(up->ended_by > 0 && g_error_matches(up->error, G_IO_ERROR, G_IO_ERROR_CANCELLED)))
                return cli_fail(up->cli, up->error);
        if (up->check && up->exit_code == CLI_EXIT_OK && !up->cli->quiet && !up->cli->json)
                printf("%s: good, %u member%s\n", up->file->path, up->file->members->len,
                       up->file->members->len == 1 ? "" : "s");
        return up->ended_by > 0 ? CLI_EXIT_SIGNAL_BASE + up->ended_by : up->exit_code;
}

static int run(Cli *cli, void *data, char **operands) {
        const UpArguments *arguments = data;
        g_auto(Up) up = {
                .cli = cli,
                .check = arguments->check,
                .loop = g_main_loop_new(NULL, FALSE),
                .connecting = g_cancellable_new(),
                .reasons = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
                .exit_code = CLI_EXIT_PROCTOR_FAILED,
        };

        if (!prepare(&up, operands, &up.error))
                return cli_fail(cli, up.error);
        connect_async(cli, up.connecting, on_connected, &up);
        g_main_loop_run(up.loop);
        return conclude(&up);
}

const Verb verb_up = {
        .name = "up",
        .synopsis = "[OPTIONS] FILE",
        .summary = "run a group of programs in the foreground",
        .description =
                "Starts the programs that a file describes, as a group, shows what they write, "
                "waits until all of them have ended, and ends what they leave behind. "
                "proctor-up(5) says what is in the file. If proctor itself is killed, they end "
                "too.\n"
                "\n"
                "Without an option that names a bus a private service does it, which needs none "
                "and is gone afterwards.\n"
                "\n"
                "Each line of output has the name of its member in front and, of standard error, "
                "'!' instead of '|', in colours on a terminal; standard output goes to standard "
                "output and standard error to standard error. A line is shown when it has ended "
                "or its member has; one of more than 8192 bytes is broken. A terminal gets "
                "everything escaped that could do more than print. Nothing is lost: a member that "
                "writes faster than it is read has to wait.\n"
                "\n"
                "A member that cannot be started is told with the reason, and the others run on; "
                "all are stopped if it is the key member, or with OnMemberFailure=stop-all.\n"
                "\n"
                "Signals: Ctrl-C (SIGINT), SIGTERM, SIGHUP and SIGQUIT ask all members to end, "
                "each with its stop signal and within its stop timeout; the second one ends them "
                "by force, the third one does not wait for that. SIGUSR1 and SIGUSR2 are passed on "
                "to all members. Ctrl-Z stops all members and this program; fg continues them.",
        .exit_codes =
                "that of the group: of its key member if that has ended, otherwise of the "
                "member that failed first, otherwise 0; 128+N if signal N ended that one; 124 "
                "if it hung or ran for longer than RuntimeMax, 137 if that took SIGKILL; 125 "
                "to 127 if it could not be started; 128+N if signal N was a request to end "
                "(130: Ctrl-C); 125 if proctor failed or the file is not good. With --check 0 "
                "or 125",
        .options = options,
        .arguments_size = sizeof(UpArguments),
        .exits = VERB_EXITS_PROGRAM,
        .run = run,
};
