/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The help, made of the tables that the parser reads, and texts on what concerns several verbs. */

#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "json.h"

#define WIDTH         80
#define OPTION_COLUMN 30

static const struct {
        const char *name;
        const char *summary;
        const char *text;
} topics[] = {
        {
                "targets",
                "how a process is named",
                "A TARGET is\n"
                "  7          the process with this id, as 'proctor ps' shows it\n"
                "  pid:1234   the newest process with this PID\n"
                "  web        the process of this name: the one that has not finished, or the\n"
                "             only one there is. If several would do, they are listed and\n"
                "             nothing is done\n"
                "  name:7     the same for a name that looks like an id\n",
        },
        {
                "times",
                "how a time is written",
                "A TIME is a number with a unit, or several: 90s, 5min, '1h 30min', 1.5h, 500ms.\n"
                "A number alone is in seconds. infinity, or never, is no limit.\n"
                "Units: us, ms, s, min (or m), h, d, w, and their names in full.\n",
        },
        {
                "exit-codes",
                "what the tool returns",
                "run, wait, group wait and up return\n"
                "  0 to 255   what the program returned\n"
                "  128+N      signal N ended it (130: SIGINT, 137: SIGKILL, 143: SIGTERM)\n"
                "  124        it was ended because it hung (--timeout) or ran for too long\n"
                "             (--max-runtime); wait --timeout: it has not finished by then\n"
                "  137        the same, and it took SIGKILL\n"
                "  125        proctor itself failed, or nobody can know how the program ended\n"
                "  126        run, start: the program was found and cannot be executed\n"
                "  127        run, start: there is no such program\n"
                "group wait and up return that of the member that the group has its result from.\n"
                "\n"
                "These are the codes of timeout(1). start returns 0, or 125 to 127. wait for\n"
                "several processes returns 0 if all of them succeeded, otherwise the code of the\n"
                "first of them, in the order of the command line, that did not.\n"
                "\n"
                "All other verbs return\n"
                "  0          done\n"
                "  1          it failed, or the output could not be written\n"
                "  2          the command line is wrong, or a name stands for several processes\n"
                "  3          there is no such process, group or member\n"
                "  4          there is no service\n",
        },
        {
                "json",
                "what --json prints",
                "With --json the answer is one JSON value on standard output; run prints it in\n"
                "one line on standard error, because the output is the program's. Errors are\n"
                "text on standard error, as ever, with the same exit codes.\n"
                "\n"
                "Names and words are those of the bus, and stay. Times and durations are integers\n"
                "in microseconds, sizes in bytes. null stands for never, for no limit, and for\n"
                "what is not known (yet). There may be more members in later versions.\n"
                "\n"
                "A process: Id, PID, Name, State (running, stopping, finished), ExitCode (0 to\n"
                "255, -N for signal N, null while it runs), Result (success, exit-code, signal,\n"
                "core-dump, stopped, hang, runtime-limit, owner-lost, start-timeout, lost; null\n"
                "while it runs), Health (active, slow, hung), Watched, Command,\n"
                "WorkingDirectory, Owner, Containment, Group (the number of the one that started\n"
                "it), StartTimestamp, StartTimestampMonotonic, ExitTimestamp,\n"
                "ExitTimestampMonotonic, TimeoutUSec, ExtraBufferUSec, MaxHangTimeUSec,\n"
                "AutoKill, RuntimeMaxUSec, HangSignal,\n"
                "HangSignalTimeoutUSec, KillMode, StopSignal, StopTimeoutUSec, ActivitySources.\n"
                "status adds LastActivityTimestamp,\n"
                "LastActivityTimestampMonotonic, LastActivitySource, CPUUsageNSec,\n"
                "MemoryCurrent, MemoryPeak, NTasks, WaitingForInput, Prompt (what it probably\n"
                "asks then), and LastOutput: stdout and stderr, each an\n"
                "array of lines, null if it is not captured, and Dossier: what it was doing when\n"
                "it hung, null if it did not.\n"
                "\n"
                "  run            a process, when it has finished\n"
                "  start          Id, PID, Name\n"
                "  ps, status     an array of processes\n"
                "  wait, stop     an array of Id, PID, Name, ExitCode, Result\n"
                "  stop --all     an array of PID, ExitCode, Result\n"
                "  signal         an array of Id, PID, Name, Delivered\n"
                "  signal --all   an array of PID, Delivered\n"
                "  logs           has no JSON form: it copies bytes\n"
                "  top            an object in a line for each refresh: Timestamp (realtime) and\n"
                "                 Processes, an array of Id, PID, Name, State, Health, Watched,\n"
                "                 IdleUSec, CPUPercent (of one CPU), MemoryCurrent, NTasks,\n"
                "                 OutputBytesPerSecond, Command\n"
                "  monitor        an object in a line for each event: Event (started, ready,\n"
                "                 slow, hung, active, stopping, exited, removed), Timestamp\n"
                "                 (realtime), Id, PID, Name; started: Command; ready: StatusText;\n"
                "                 hung: IdleUSec, Evidence (kind of the last sign of life),\n"
                "                 Action (stop, none); exited: ExitCode, Result. The first line\n"
                "                 is an Event listening, from which on nothing is missed\n"
                "  collect        Collected: how many\n"
                "  group create   a group: Id, Name, Owner, State (idle, running, finished),\n"
                "                 ExitCode, Result (those of a process, and start-failed),\n"
                "                 FailedMember, OnMemberFailure, MaxParallel, KeyMember, NRunning\n"
                "  group list     an array of groups, each with Members, an array of names\n"
                "  group status   a group; Members is an array of Member, State (added, queued,\n"
                "                 starting, running, stopping, finished, failed), Id, PID,\n"
                "                 ExitCode, Result, Health, Error\n"
                "  group start    Started, an array of Member, Id, PID, and Failed, an array of\n"
                "                 Member, Error\n"
                "  group wait, group stop  an array of Member, ExitCode, Result\n"
                "  group signal   an array of Member, Delivered\n"
                "  up             an object in a line for each event: Event (output, exited,\n"
                "                 failed, finished), Member; output: Stream (stdout, stderr),\n"
                "                 Text (valid UTF-8); exited: ExitCode, Result; failed: Error;\n"
                "                 finished, which comes last: ExitCode, Result, no Member\n"
                "  stats          what GetStats of org.proctor1.Manager answers\n"
                "  watchdog       the properties of org.proctor1.Watchdog\n"
                "  help           Verbs (Name, Synopsis, Summary, Description, ExitCodes,\n"
                "                 TakesCommand, Options), Options (Name, Letter, Value, Help) and\n"
                "                 Topics (Name, Summary, Text); or one verb or topic\n"
                "  version        Version, and ServiceVersion and Features if a bus was named\n",
        },
};

/* Words up to the width of the help, further lines indented; `used` is the present column. A line
 * break in the text is kept. */
static void print_wrapped(const char *text, size_t indent, size_t used) {
        while (*text) {
                size_t length = strcspn(text, " \n");

                if (used > indent && used + 1 + length > WIDTH) {
                        printf("\n%*s", (int)indent, "");
                        used = indent;
                } else if (used > indent) {
                        putchar(' ');
                        used++;
                }
                printf("%.*s", (int)length, text);
                used += length;
                text += length;
                if (*text == '\n') {
                        printf("\n%*s", (int)indent, "");
                        used = indent;
                }
                if (*text)
                        text++;
        }
        putchar('\n');
}

static void print_option(const Option *option) {
        g_autofree char *left = NULL;
        const char *equals = option->value ? "=" : "";
        const char *value = option->value ? option->value : "";

        if (option->letter)
                left = g_strdup_printf("  -%c, --%s%s%s", option->letter, option->name, equals,
                                       value);
        else
                left = g_strdup_printf("      --%s%s%s", option->name, equals, value);
        if (strlen(left) + 2 > OPTION_COLUMN)
                printf("%s\n%*s", left, OPTION_COLUMN, "");
        else
                printf("%-*s", OPTION_COLUMN, left);
        print_wrapped(option->help, OPTION_COLUMN, OPTION_COLUMN);
}

static void print_options(const char *title, const Option *options) {
        if (!options || !options->name)
                return;
        if (title)
                printf("\n%s\n", title);
        for (; options->name; options++)
                print_option(options);
}

static void print_tool(void) {
        puts("proctor starts processes, watches them, ends them with all that they started,\n"
             "and tells how they ended.\n"
             "\n"
             "Usage: proctor [OPTIONS] VERB ...\n"
             "\n"
             "Verbs:");
        for (const Verb *const *verb = all_verbs; *verb; verb++)
                printf("  %-10s %s\n", (*verb)->name, (*verb)->summary);
        print_options("Options, before or after the verb:", common_options);
        puts("\nMore help:");
        puts("  proctor VERB --help, or proctor help VERB");
        for (size_t i = 0; i < G_N_ELEMENTS(topics); i++)
                printf("  proctor help %-12s %s\n", topics[i].name, topics[i].summary);
        puts("\n"
             "run and up need nothing but this tool: they bring a private service with them.\n"
             "All other verbs, and these with an option that names a bus, talk to the service\n"
             "of a bus.\n"
             "\n"
             "  proctor run --max-runtime=10min -- make test\n"
             "  proctor start --name=web -- ./server --port 8080\n"
             "  proctor ps\n"
             "  proctor stop web");
}

void help_print(const Verb *verb) {
        if (!verb) {
                print_tool();
                return;
        }
        printf("Usage: proctor %s %s\n\n", verb->name, verb->synopsis);
        print_wrapped(verb->description, 0, 0);
        if (verb->verbs)
                puts("\nVerbs:");
        for (const Verb *const *below = verb->verbs; below && *below; below++)
                printf("  %-14s %s\n", (*below)->name, (*below)->summary);
        print_options("Options:", verb->options);
        print_options(verb->options ? NULL : "Options:", verb->shared);
        print_options("Options of every verb:", common_options);
        printf("\nExit codes:\n  ");
        print_wrapped(verb->exit_codes, 2, 2);
}

bool help_print_topic(const char *name) {
        for (size_t i = 0; i < G_N_ELEMENTS(topics); i++)
                if (strcmp(topics[i].name, name) == 0) {
                        fputs(topics[i].text, stdout);
                        return true;
                }
        return false;
}

static void add_options(JsonBuilder *builder, const Option *options) {
        for (; options && options->name; options++) {
                const char letter[] = {options->letter, '\0'};

                json_builder_begin_object(builder);
                json_add_string(builder, "Name", options->name);
                json_add_string(builder, "Letter", options->letter ? letter : NULL);
                json_add_string(builder, "Value", options->value);
                json_add_string(builder, "Help", options->help);
                json_builder_end_object(builder);
        }
}

static void add_verb(JsonBuilder *builder, const Verb *verb) {
        json_builder_begin_object(builder);
        json_add_string(builder, "Name", verb->name);
        json_add_string(builder, "Synopsis", verb->synopsis);
        json_add_string(builder, "Summary", verb->summary);
        json_add_string(builder, "Description", verb->description);
        json_add_string(builder, "ExitCodes", verb->exit_codes);
        json_add_bool(builder, "TakesCommand", verb->operands != VERB_OPERANDS_MIXED);
        json_builder_set_member_name(builder, "Options");
        json_builder_begin_array(builder);
        add_options(builder, verb->options);
        add_options(builder, verb->shared);
        json_builder_end_array(builder);
        json_builder_end_object(builder);
}

static void add_topic(JsonBuilder *builder, size_t i) {
        json_builder_begin_object(builder);
        json_add_string(builder, "Name", topics[i].name);
        json_add_string(builder, "Summary", topics[i].summary);
        json_add_string(builder, "Text", topics[i].text);
        json_builder_end_object(builder);
}

static void add_tool(JsonBuilder *builder) {
        json_builder_begin_object(builder);
        json_add_string(builder, "Version", PROCTOR_VERSION_S);
        json_builder_set_member_name(builder, "Verbs");
        json_builder_begin_array(builder);
        for (const Verb *const *verb = all_verbs; *verb; verb++) {
                add_verb(builder, *verb);
                for (const Verb *const *below = (*verb)->verbs; below && *below; below++)
                        add_verb(builder, *below);
        }
        json_builder_end_array(builder);
        json_builder_set_member_name(builder, "Options");
        json_builder_begin_array(builder);
        add_options(builder, common_options);
        json_builder_end_array(builder);
        json_builder_set_member_name(builder, "Topics");
        json_builder_begin_array(builder);
        for (size_t i = 0; i < G_N_ELEMENTS(topics); i++)
                add_topic(builder, i);
        json_builder_end_array(builder);
        json_builder_end_object(builder);
}

bool help_print_json(const char *name) {
        g_autoptr(JsonBuilder) builder = json_builder_new();
        const Verb *verb = name ? verb_find(name) : NULL;
        size_t i = 0;

        while (name && i < G_N_ELEMENTS(topics) && strcmp(topics[i].name, name) != 0)
                i++;
        if (!name)
                add_tool(builder);
        else if (verb)
                add_verb(builder, verb);
        else if (i < G_N_ELEMENTS(topics))
                add_topic(builder, i);
        else
                return false;
        json_print_builder(builder, stdout);
        return true;
}

void help_print_version(void) {
        puts("proctor " PROCTOR_VERSION_S);
}
