/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor complete: what a command line can go on with, for the completions of shells. They are small
 * because of it, and know each verb and option as soon as the tool does: it reads the same tables as
 * the parser, and asks the service for processes. Whatever fails, there is just less to offer. */

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "connect.h"
#include "format.h"
#include "group.h"
#include "sample.h"

/* A service that does not answer must not hold up a shell for long. */
#define MAX_SECONDS 3

typedef struct Words {
        char **before;      /* the words before the one that is to be completed */
        const char *word;   /* that one, or the value after NAME= of it */
        const char *prefix; /* what stands before that in every answer: "" or --NAME= */
} Words;

static void offer(const Words *words, const char *candidate, const char *about) {
        if (g_str_has_prefix(candidate, words->word))
                printf("%s%s\t%s\n", words->prefix, candidate, about ? about : "");
}

/* The first line of a help text, which may have several. */
static char *first_line(const char *text) {
        return g_strndup(text, strcspn(text, "\n"));
}

static void offer_options(const Words *words, const Option *options) {
        for (; options && options->name; options++) {
                g_autofree char *name = g_strdup_printf("--%s%s", options->name,
                                                        options->type == OPTION_FLAG ? "" : "=");
                g_autofree char *about = first_line(options->help);

                offer(words, name, about);
        }
}

/* Those of the tool, or with a verb those that it has. */
static void offer_verbs(const Words *words, const Verb *of) {
        size_t skip = of ? strlen(of->name) + 1 : 0;

        for (const Verb *const *verb = of ? of->verbs : all_verbs; verb && *verb; verb++)
                offer(words, (*verb)->name + skip, (*verb)->summary);
}

static void offer_signals(const Words *words) {
        for (int signo = 1; signo < NSIG; signo++) {
                const char *name = sigabbrev_np(signo);

                if (name)
                        offer(words, name, sigdescr_np(signo));
        }
}

/* Some words that stand for themselves: what the help has between bars. */
static void offer_alternatives(const Words *words, const char *text) {
        g_auto(GStrv) all = g_strsplit(text, "|", -1);

        for (char **each = all; *each; each++)
                offer(words, *each, NULL);
}

static const Option *find_option(const Option *options, const char *name, size_t length) {
        for (; options && options->name; options++)
                if (strlen(options->name) == length && strncmp(options->name, name, length) == 0)
                        return options;
        return NULL;
}

static const Option *find_letter(const Option *options, char letter) {
        for (; options && options->name; options++)
                if (options->letter == letter)
                        return options;
        return NULL;
}

/* The option that an argument is, with or without its value. */
static const Option *option_of(const Verb *verb, const char *argument) {
        const Option *const tables[] = {common_options, verb ? verb->options : NULL,
                                        verb ? verb->shared : NULL};
        const Option *option = NULL;

        for (size_t i = 0; i < G_N_ELEMENTS(tables) && !option; i++) {
                if (g_str_has_prefix(argument, "--"))
                        option = find_option(tables[i], argument + 2, strcspn(argument + 2, "="));
                else if (argument[0] == '-' && argument[1] && !argument[2])
                        option = find_letter(tables[i], argument[1]);
        }
        return option;
}

/* An option whose value is the next word. */
static const Option *expects_value(const Verb *verb, const char *argument) {
        const Option *option = strchr(argument, '=') ? NULL : option_of(verb, argument);

        return option && option->type != OPTION_FLAG ? option : NULL;
}

static void offer_values(const Words *words, const Option *option) {
        const char *value = option->value;

        if (strcmp(value, "DIR") == 0)
                puts(":directories");
        else if (strcmp(value, "FILE") == 0)
                puts(":files");
        else if (strcmp(value, "SIGNAL") == 0)
                offer_signals(words);
        else if (strcmp(value, "KEY") == 0)
                for (int order = 0; order < SAMPLE_ORDER_MAX; order++)
                        offer(words, sample_order_to_string((SampleOrder)order), NULL);
        else if (strcmp(value, "SOURCE,...") == 0)
                offer_alternatives(words, "report|output|notify|cpu");
        else if (strchr(value, '|'))
                offer_alternatives(words, value);
}

/* Whether a process can be meant by a verb. */
static bool is_meant(const Verb *verb, ProctorProcess *process) {
        bool finished = proctor_process_get_state(process) == PROCTOR_STATE_FINISHED;

        if (strcmp(verb->name, "collect") == 0)
                return finished;
        return !finished || strcmp(verb->name, "logs") == 0 || strcmp(verb->name, "status") == 0 ||
               strcmp(verb->name, "wait") == 0;
}

static unsigned count_name(GPtrArray *processes, const char *name) {
        unsigned n = 0;

        for (unsigned i = 0; i < processes->len; i++)
                n += g_strcmp0(proctor_process_get_name(processes->pdata[i]), name) == 0;
        return n;
}

static void offer_process(const Words *words, ProctorProcess *process, bool name_is_enough) {
        const char *name = proctor_process_get_name(process);
        g_autofree char *command = format_command(proctor_process_get_command(process));
        g_autofree char *about = g_strndup(command, 60);
        g_autofree char *id = g_strdup_printf("%" G_GUINT64_FORMAT,
                                              proctor_process_get_id(process));
        g_autofree char *kind = g_strconcat("name:", name, NULL);
        bool plain = !g_ascii_isdigit(name[0]) && name[0] != '-';

        if (name_is_enough && plain)
                offer(words, name, about);
        if (name_is_enough && (!plain || g_str_has_prefix(words->word, "name:")))
                offer(words, kind, about);
        if (!name_is_enough || g_ascii_isdigit(words->word[0])) {
                g_autofree char *clean = format_text(name);

                offer(words, id, clean);
        }
}

static void offer_processes(const Cli *cli, const Verb *verb, const Words *words) {
        g_autoptr(ProctorManager) manager = NULL;
        g_autoptr(GPtrArray) processes = NULL;

        /* ssh may ask for a password, and who presses a key for a completion expects no question */
        if (cli->host)
                return;
        alarm(MAX_SECONDS);
        manager = connect_to_bus(cli, NULL);
        processes = manager ? proctor_manager_list(manager, NULL, NULL) : NULL;
        for (unsigned i = processes ? processes->len : 0; i-- > 0;)
                if (!is_meant(verb, processes->pdata[i]) ||
                    !proctor_process_get_name(processes->pdata[i]))
                        g_ptr_array_remove_index(processes, i);
        for (unsigned i = 0; processes && i < processes->len; i++)
                offer_process(
                        words, processes->pdata[i],
                        count_name(processes, proctor_process_get_name(processes->pdata[i])) == 1);
}

static void offer_groups(const Cli *cli, const Words *words) {
        g_autoptr(ProctorManager) manager = NULL;
        g_autoptr(GPtrArray) groups = NULL;

        if (cli->host)
                return;
        alarm(MAX_SECONDS);
        manager = connect_to_bus(cli, NULL);
        groups = manager ? proctor_manager_list_groups(manager, NULL, NULL) : NULL;
        for (unsigned i = 0; groups && i < groups->len; i++) {
                ProctorGroupState state = proctor_group_get_state(groups->pdata[i]);

                offer(words, proctor_group_get_name(groups->pdata[i]),
                      proctor_group_state_to_string(state));
        }
}

static void offer_members(const Cli *cli, const Words *words, const char *name) {
        g_autoptr(ProctorManager) manager = cli->host ? NULL : connect_to_bus(cli, NULL);
        g_autoptr(ProctorGroup)
                group = manager ? proctor_manager_get_group(manager, name, NULL, NULL) : NULL;
        g_auto(GStrv) members = group ? proctor_group_dup_members(group) : NULL;

        for (char **member = members; member && *member; member++)
                offer(words, *member, NULL);
}

/* By what the synopsis calls them. */
static void offer_operands(const Cli *cli, const Verb *verb, const Words *words,
                           unsigned n_operands, const char *first) {
        bool is_first = n_operands == 0;
        const char *group = strstr(verb->synopsis, "GROUP");

        if (strstr(verb->synopsis, "[show |") && is_first)
                offer_alternatives(words, "show|set|start|stop");
        if (strstr(verb->synopsis, "VERB") && is_first)
                offer_verbs(words, verb->verbs ? verb : NULL);
        if (strstr(verb->synopsis, "SIGNAL") && is_first)
                offer_signals(words);
        else if (strstr(verb->synopsis, "TARGET..") ||
                 (strstr(verb->synopsis, "TARGET") && is_first))
                offer_processes(cli, verb, words);
        else if (group && verb != &verb_group_create &&
                 n_operands == (strstr(verb->synopsis, "SIGNAL") ? 1 : 0))
                offer_groups(cli, words);
        else if (group && strstr(group, "[MEMBER"))
                offer_members(cli, words, first);
}

/* Where one is after the words before. */
typedef struct Walk {
        const Verb *verb;
        const Option *expecting; /* whose value comes next */
        GPtrArray *where;        /* the options that say where the service is, with their values */
        bool options_ended;
        bool lost; /* there is no such verb */
        unsigned n_operands;
        const char *first; /* of the operands */
        unsigned i;
} Walk;

/* The next operand is a command. */
static bool is_before_command(const Walk *walk) {
        if (walk->verb->operands == VERB_OPERANDS_NAMES_COMMAND)
                return walk->n_operands == 2;
        return walk->verb->operands == VERB_OPERANDS_COMMAND;
}

static bool is_common(const Option *option) {
        for (const Option *each = common_options; each->name; each++)
                if (each == option)
                        return true;
        return false;
}

/* Returns false where a command begins. */
static bool walk_word(Walk *walk, char *word) {
        const Option *option = walk->options_ended ? NULL : option_of(walk->verb, word);

        if (walk->expecting) {
                if (is_common(walk->expecting))
                        g_ptr_array_add(walk->where, word);
                walk->expecting = NULL;
        } else if (!walk->options_ended && strcmp(word, "--") == 0) {
                walk->options_ended = true;
        } else if (!walk->options_ended && word[0] == '-') {
                if (is_common(option))
                        g_ptr_array_add(walk->where, word);
                walk->expecting = expects_value(walk->verb, word);
        } else if (!walk->verb) {
                walk->verb = verb_find(word);
                walk->lost = !walk->verb;
        } else if (walk->verb->verbs) {
                walk->verb = verb_find_below(walk->verb, word);
                walk->lost = !walk->verb;
        } else if (is_before_command(walk)) {
                return false;
        } else {
                if (walk->n_operands++ == 0)
                        walk->first = word;
        }
        return true;
}

static bool begins_command(const Walk *walk, const Words *words) {
        return walk->verb && is_before_command(walk) && !walk->expecting &&
               (words->before[walk->i] || words->word[0] != '-' || walk->options_ended);
}

static void offer_more(const Cli *cli, const Walk *walk, Words *words) {
        const Verb *verb = walk->verb;
        const char *equals = strchr(words->word, '=');
        bool is_option = words->word[0] == '-' && !walk->options_ended;
        const Option *option = is_option && equals ? option_of(verb, words->word) : NULL;

        if (walk->expecting) {
                offer_values(words, walk->expecting);
        } else if (option && option->type != OPTION_FLAG) {
                g_autofree char *prefix = g_strndup(words->word,
                                                    (size_t)(equals + 1 - words->word));

                words->prefix = prefix;
                words->word = equals + 1;
                offer_values(words, option);
        } else if (is_option) {
                offer_options(words, verb ? verb->options : NULL);
                offer_options(words, verb ? verb->shared : NULL);
                offer_options(words, common_options);
        } else if (verb) {
                offer_operands(cli, verb, words, walk->n_operands, walk->first);
        } else {
                offer_verbs(words, NULL);
        }
}

static void complete(Words *words) {
        Cli there = {0};
        const OptionTarget target = {common_options, &there};
        g_autoptr(GPtrArray) where = g_ptr_array_new(), rest = NULL;
        Walk walk = {.where = where};

        while (words->before[walk.i] && walk_word(&walk, words->before[walk.i]))
                walk.i++;
        if (begins_command(&walk, words)) {
                printf(":command %u\n", walk.i);
                return;
        }
        g_ptr_array_add(where, NULL);
        options_parse(&target, 1, OPTIONS_END_LAST, (char **)where->pdata, &rest, NULL);
        if (!walk.lost)
                offer_more(&there, &walk, words);
}

static int run(Cli *cli, void *arguments, char **operands) {
        Words words = {.before = operands, .word = "", .prefix = ""};
        unsigned n = g_strv_length(operands);

        if (n > 0) {
                words.word = operands[n - 1];
                operands[n - 1] = NULL;
        }
        complete(&words);
        return CLI_EXIT_OK;
}

const Verb verb_complete = {
        .name = "complete",
        .synopsis = "-- [WORD...]",
        .summary = "show what a command line can go on with, for shells",
        .description =
                "Takes the words of a command line after 'proctor', the last of which is to be "
                "completed and may be empty, and prints what it can become: a line for each, with "
                "what it is after a tab. A line ':directories' or ':files' stands for these, "
                "':command N' for a command with its arguments that begins at word N, counted from "
                "0. What cannot be found out is left out.",
        .exit_codes = "0 always",
        .operands = VERB_OPERANDS_COMMAND,
        .run = run,
};
