/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor status: all that is known of a process, to be read. */

#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "dossier.h"
#include "duration.h"
#include "format.h"
#include "json.h"
#include "pager.h"
#include "style.h"
#include "target.h"

#define LABEL_WIDTH   12
#define DEFAULT_LINES 10

typedef struct StatusArguments {
        OptionNumber lines;
} StatusArguments;

static const Option options[] = {
        {"lines", 'n', OPTION_NUMBER, offsetof(StatusArguments, lines), "N",
         "lines of each captured stream to show, 10 if not given; 0 for none"},
        {0},
};

static void print_line(const char *label, const char *text) {
        printf("%*s: %s\n", LABEL_WIDTH, label, text);
}

static void print_heading(ProctorProcess *process) {
        g_autofree char *title = format_process(process);
        g_autofree char *styled = style_apply(STYLE_STRONG, title);

        puts(styled);
}

static void print_state(ProctorProcess *process) {
        ProctorResult result = proctor_process_get_result(process);
        const char *state = proctor_state_to_string(proctor_process_get_state(process));
        g_autofree char *runtime = format_runtime(process);
        g_autofree char *outcome = format_result(proctor_process_get_exit_code(process), result);
        g_autofree char *styled = style_apply(style_of_result(result), outcome);
        g_autofree char *line = NULL;

        if (result == PROCTOR_RESULT_NONE)
                line = g_strdup_printf("%s for %s", state ? state : "unknown", runtime);
        else
                line = g_strdup_printf("finished: %s, after %s", styled, runtime);
        print_line("State", line);
}

static void print_moment(const char *label, guint64 usec) {
        guint64 now = (guint64)g_get_real_time();
        g_autofree char *moment = format_timestamp(usec);
        g_autofree char *age = usec <= now ? duration_to_rounded_string(now - usec) : NULL;
        g_autofree char *line = age ? g_strdup_printf("%s; %s ago", moment, age) : g_strdup(moment);

        if (usec > 0)
                print_line(label, line);
}

/* What the watchdog will do, in words. */
static char *describe_policy(ProctorProcess *process) {
        g_autofree char *timeout = duration_to_string(proctor_process_get_timeout(process));
        g_autofree char *buffer = duration_to_string(proctor_process_get_extra_buffer(process));
        g_autofree char *limit = duration_to_string(proctor_process_get_max_hang_time(process));

        return g_strdup_printf(
                "slow after %s, hung %s later, then %s; killed after %s", timeout, buffer,
                proctor_process_get_auto_kill(process) ? "stopped" : "only said", limit);
}

static void print_watchdog(ProctorProcess *process, ProctorUsage *usage) {
        ProctorHealth health = proctor_process_get_health(process);
        const char *word = proctor_health_to_string(health);
        g_autofree char *styled = style_apply(style_of_health(health), word ? word : "unknown");
        g_autofree char *policy = NULL;

        if (proctor_process_get_state(process) == PROCTOR_STATE_FINISHED)
                return;
        if (!proctor_process_get_watched(process)) {
                print_line("Health", "not watched");
                return;
        }
        policy = describe_policy(process);
        print_line("Health", styled);
        print_line("Watchdog", policy);
        if (usage) {
                guint64 now = (guint64)g_get_monotonic_time();
                guint64 last = proctor_usage_get_last_activity_monotonic(usage);
                g_autofree char *age = duration_to_rounded_string(now > last ? now - last : 0);
                g_autofree char *source = format_text(
                        proctor_usage_get_last_activity_source(usage));
                g_autofree char *line = g_strdup_printf("%s ago (%s)", age, source);

                print_line("Last sign", line);
        }
}

static void print_usage(ProctorProcess *process, ProctorUsage *usage) {
        g_autofree char *cpu = duration_to_rounded_string(proctor_usage_get_cpu_nsec(usage) / 1000);
        g_autofree char *now = format_bytes(proctor_usage_get_memory_current(usage));
        g_autofree char *peak = format_bytes(proctor_usage_get_memory_peak(usage));
        g_autofree char *memory = g_strdup_printf("%s, of its main process at most %s", now, peak);
        g_autofree char *tasks = g_strdup_printf("%" G_GUINT64_FORMAT,
                                                 proctor_usage_get_n_tasks(usage));

        if (proctor_process_get_state(process) == PROCTOR_STATE_FINISHED)
                print_line("Peak memory", peak);
        else
                print_line("Memory", memory);
        print_line("CPU time", cpu);
        if (proctor_usage_get_n_tasks(usage) > 0 ||
            proctor_process_get_state(process) != PROCTOR_STATE_FINISHED)
                print_line("Tasks", tasks);
}

static void print_waiting(ProctorUsage *usage) {
        g_autofree char *prompt = format_text(proctor_usage_get_prompt(usage));
        g_autofree char *line = *prompt ? g_strdup_printf("for input: '%s'", prompt)
                                        : g_strdup("for input");

        if (proctor_usage_get_waiting_for_input(usage))
                print_line("Waiting", line);
}

static char *describe_owner(unsigned uid) {
        const struct passwd *entry = uid == G_MAXUINT ? NULL : getpwuid(uid);
        g_autofree char *name = entry ? format_text(entry->pw_name) : NULL;

        if (uid == G_MAXUINT)
                return g_strdup("unknown");
        return name ? g_strdup_printf("%s (%u)", name, uid) : g_strdup_printf("%u", uid);
}

/* By its name, if it is still there. */
static void print_group(ProctorProcess *process) {
        guint64 id = proctor_process_get_group_id(process);
        g_autoptr(GPtrArray) groups = NULL;
        g_autofree char *line = g_strdup_printf("%" G_GUINT64_FORMAT, id);

        if (id == 0)
                return;
        groups = proctor_manager_list_groups(proctor_process_get_manager(process), NULL, NULL);
        for (unsigned i = 0; groups && i < groups->len; i++)
                if (proctor_group_get_id(groups->pdata[i]) == id) {
                        g_autofree char *name = format_text(
                                proctor_group_get_name(groups->pdata[i]));

                        g_free(line);
                        line = g_strdup_printf("%s (%" G_GUINT64_FORMAT ")", name, id);
                }
        print_line("Group", line);
}

static void print_origin(ProctorProcess *process) {
        const char *directory = proctor_process_get_working_directory(process);
        const char *containment = proctor_process_get_containment(process);
        g_autofree char *command = format_command(proctor_process_get_command(process));
        g_autofree char *clean = format_text(directory ? directory : "");
        g_autofree char *pid = g_strdup_printf("%u", proctor_process_get_pid(process));
        g_autofree char *owner = describe_owner(proctor_process_get_owner(process));

        print_line("PID", pid);
        print_line("Command", command);
        if (*clean)
                print_line("Directory", clean);
        print_line("Owner", owner);
        print_group(process);
        if (containment)
                print_line("Containment", containment);
}

/* What is done to end it when it hangs, up to the stop signal; NULL: nothing. */
static char *describe_hang_signal(ProctorProcess *process) {
        const char *name = proctor_process_get_hang_signal(process);
        g_autofree char *timeout = duration_to_string(
                proctor_process_get_hang_signal_timeout(process));

        return name && *name
                       ? g_strdup_printf("%s when it hangs; after %s as any stop", name, timeout)
                       : NULL;
}

static void print_end(ProctorProcess *process) {
        const char *signal_name = proctor_process_get_stop_signal(process);
        g_autofree char *timeout = duration_to_string(proctor_process_get_stop_timeout(process));
        g_autofree char *stop = g_strdup_printf("%s, after %s SIGKILL",
                                                signal_name ? signal_name : "unknown", timeout);
        g_autofree char *limit = duration_to_string(proctor_process_get_runtime_max(process));
        g_autofree char *dump = describe_hang_signal(process);

        if (proctor_process_get_state(process) == PROCTOR_STATE_FINISHED)
                return;
        if (proctor_process_get_runtime_max(process) != PROCTOR_INFINITY)
                print_line("Time limit", limit);
        if (dump && proctor_process_get_watched(process))
                print_line("Dump", dump);
        print_line("Stop", stop);
        if (g_strcmp0(proctor_process_get_kill_mode(process), "process") == 0)
                print_line("Kill mode", "process: what it leaves behind lives on");
}

/* The last lines of a stream; NULL if there are none to be had. */
static char *last_output(ProctorProcess *process, const char *stream, unsigned n_lines) {
        return n_lines > 0 ? proctor_process_read_last_output(process, stream, n_lines, NULL, NULL)
                           : NULL;
}

static char **split_lines(char *text) {
        size_t length = strlen(text);

        if (length > 0 && text[length - 1] == '\n')
                text[length - 1] = '\0';
        return length > 0 ? g_strsplit(text, "\n", -1) : g_new0(char *, 1);
}

static void print_last_output(ProctorProcess *process, const char *stream, const char *title,
                              unsigned n_lines) {
        g_autofree char *text = last_output(process, stream, n_lines);
        g_auto(GStrv) lines = text ? split_lines(text) : NULL;

        if (!lines || !lines[0])
                return;
        printf("\n%s\n", title);
        for (size_t i = 0; lines[i]; i++) {
                g_autofree char *clean = format_text(lines[i]);

                printf("  %s\n", clean);
        }
}

static void add_last_output(JsonBuilder *builder, ProctorProcess *process, const char *stream,
                            unsigned n_lines) {
        g_autofree char *text = last_output(process, stream, n_lines);
        g_auto(GStrv) lines = text ? split_lines(text) : NULL;

        json_builder_set_member_name(builder, stream);
        if (!lines) {
                json_builder_add_null_value(builder);
                return;
        }
        json_builder_begin_array(builder);
        for (size_t i = 0; lines[i]; i++)
                json_builder_add_string_value(builder, lines[i]);
        json_builder_end_array(builder);
}

/* Of a process that hangs or was ended for it; NULL otherwise. */
static GVariant *find_dossier(ProctorProcess *process) {
        bool hung = proctor_process_get_result(process) == PROCTOR_RESULT_HANG ||
                    (proctor_process_get_health(process) == PROCTOR_HEALTH_HUNG &&
                     proctor_process_get_state(process) != PROCTOR_STATE_FINISHED);

        return hung ? proctor_process_get_dossier(process, NULL, NULL) : NULL;
}

static void add_process(JsonBuilder *builder, ProctorProcess *process, ProctorUsage *usage,
                        unsigned n_lines) {
        g_autoptr(GVariant) dossier = find_dossier(process);

        json_begin_process(builder, process);
        json_add_facts(builder, process, usage);
        dossier_add_json(builder, dossier);
        json_builder_set_member_name(builder, "LastOutput");
        json_builder_begin_object(builder);
        add_last_output(builder, process, "stdout", n_lines);
        add_last_output(builder, process, "stderr", n_lines);
        json_builder_end_object(builder);
        json_builder_end_object(builder);
}

static void print_process(ProctorProcess *process, ProctorUsage *usage, unsigned n_lines) {
        g_autoptr(GVariant) dossier = find_dossier(process);

        print_heading(process);
        print_state(process);
        if (usage)
                print_waiting(usage);
        print_moment("Started", proctor_process_get_start_time(process));
        print_moment("Finished", proctor_process_get_exit_time(process));
        print_origin(process);
        print_watchdog(process, usage);
        print_end(process);
        if (usage)
                print_usage(process, usage);
        if (dossier)
                dossier_print(dossier);
        print_last_output(process, "stdout", "Last lines of standard output:", n_lines);
        print_last_output(process, "stderr", "Last lines of standard error:", n_lines);
}

static int show(Cli *cli, GPtrArray *processes, unsigned n_lines) {
        g_autoptr(JsonBuilder) builder = json_builder_new();
        int r = CLI_EXIT_OK;

        json_builder_begin_array(builder);
        for (unsigned i = 0; i < processes->len; i++) {
                ProctorProcess *process = processes->pdata[i];
                g_autoptr(GError) error = NULL;
                g_autoptr(ProctorUsage) usage = proctor_process_query_usage(process, NULL, &error);

                if (!usage)
                        r = cli_exit_merge(r, cli_fail(cli, error));
                else if (cli->json)
                        add_process(builder, process, usage, n_lines);
                else
                        print_process(process, usage, n_lines);
                if (!cli->json && i + 1 < processes->len)
                        putchar('\n');
        }
        json_builder_end_array(builder);
        if (cli->json)
                json_print_builder(builder, stdout);
        return r;
}

static int run(Cli *cli, void *data, char **operands) {
        const StatusArguments *arguments = data;
        unsigned n_lines = arguments->lines.set ? arguments->lines.value : DEFAULT_LINES;
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorManager) manager = NULL;
        g_autoptr(GPtrArray) processes = targets_open(cli, operands, &manager, &error);

        if (!processes)
                return cli_fail(cli, error);
        pager_open(cli);
        return show(cli, processes, n_lines);
}

const Verb verb_status = {
        .name = "status",
        .synopsis = "[OPTIONS] TARGET...",
        .summary = "show all that is known of a process",
        .description =
                "Shows processes, running or finished, with what they use and the last lines of "
                "their captured output. A TARGET is an id, pid:PID or a name, see 'proctor "
                "help targets'.",
        .exit_codes = "0 done, 1 failed, 2 wrong usage, 3 there is no such process, 4 there is no "
                      "service",
        .options = options,
        .arguments_size = sizeof(StatusArguments),
        .run = run,
};
