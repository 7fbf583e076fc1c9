/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What every part of the tool shares: the options that hold for all verbs, the exit codes, and the
 * table of verbs. The tool is written with the public library alone. */

#include <glib.h>
#include <proctor/proctor.h>
#include <stdbool.h>

#include "options.h"

/* Exit codes. run, wait and start take those from 124 upward, as timeout(1) does, because theirs
 * are otherwise those of a program. */
typedef enum CliExit {
        CLI_EXIT_OK = 0,
        CLI_EXIT_FAILED = 1,
        CLI_EXIT_USAGE = 2,
        CLI_EXIT_NO_PROCESS = 3,
        CLI_EXIT_NO_SERVICE = 4,
        CLI_EXIT_TIMED_OUT = 124,
        CLI_EXIT_PROCTOR_FAILED = 125,
        CLI_EXIT_CANNOT_EXECUTE = 126,
        CLI_EXIT_NOT_FOUND = 127,
        CLI_EXIT_SIGNAL_BASE = 128,
} CliExit;

typedef enum CliErrorCode {
        CLI_ERROR_FAILED,
        CLI_ERROR_USAGE,
        CLI_ERROR_NO_PROCESS,
} CliErrorCode;

#define CLI_ERROR (cli_error_quark())
GQuark cli_error_quark(void);

typedef struct Verb Verb;

typedef struct Cli {
        const Verb *verb;
        const char *address, *host;
        bool session, system;
        bool json;
        bool quiet;
        bool no_pager;
        bool help;
        bool version;
} Cli;

/* Whose exit codes a verb gives when proctor itself fails. */
typedef enum VerbExits {
        VERB_EXITS_PLAIN,   /* 1 to 4 */
        VERB_EXITS_PROGRAM, /* 125 to 127: smaller ones belong to a program */
} VerbExits;

/* What stands after the options. */
typedef enum VerbOperands {
        VERB_OPERANDS_MIXED,         /* options may stand among them */
        VERB_OPERANDS_COMMAND,       /* the first one ends the options */
        VERB_OPERANDS_NAMES_COMMAND, /* the third one does: the command, after two names */
} VerbOperands;

struct Verb {
        const char *name;
        const char *synopsis; /* what follows the name */
        const char *summary;
        const char *description;
        const char *exit_codes;
        const Option *options; /* ends with one that has no name; NULL: none of its own */
        const Option *shared;  /* the same, for what it has in common with another verb */
        size_t arguments_size; /* what the options fill, all zero at first */
        VerbOperands operands;
        VerbExits exits;
        int (*run)(Cli *cli, void *arguments, char **operands);
        /* Instead of all of that but texts: verbs of its own, whose names are its name, a space and
         * a word; ends with NULL. */
        const Verb *const *verbs;
};

extern const Option common_options[];

extern const Verb verb_attach, verb_collect, verb_complete, verb_group, verb_help, verb_logs,
        verb_monitor, verb_ps, verb_run, verb_signal, verb_start, verb_stats, verb_status,
        verb_stop, verb_top, verb_up, verb_version, verb_wait, verb_watchdog;

/* Every verb, in the order of the help; ends with NULL. */
extern const Verb *const all_verbs[];

/* By its whole name: `group add` for a verb of a verb. */
const Verb *verb_find(const char *name);

/* One of the verbs that a verb has, by its word; NULL if there is none. */
const Verb *verb_find_below(const Verb *verb, const char *word);

/* Help on stdout: for a verb, or with NULL for the tool. */
void help_print(const Verb *verb);

/* Help on something that is no verb, as `json`. Returns whether there is such a topic. */
bool help_print_topic(const char *name);

/* All of that as data: of a verb or topic, or with NULL of everything. Returns whether there is such
 * a one. */
bool help_print_json(const char *name);
void help_print_version(void);

/* Says an error in one line on stderr, with the next step where there is one. Returns the exit
 * code for it. */
int cli_fail(const Cli *cli, const GError *error);

/* A line on stderr for a person, which --quiet leaves out. */
void cli_note(const Cli *cli, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The worse of two exit codes: the first that is not 0. */
int cli_exit_merge(int first, int second);
