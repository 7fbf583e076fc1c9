/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The beginning and the end of the tool: finds the verb, reads its options, runs it, and makes sure
 * that what it wrote has arrived. */

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "connect.h"
#include "console.h"
#include "format.h"
#include "init.h"
#include "launch.h"
#include "pager.h"

#define FIELD(member) offsetof(Cli, member)

const Option common_options[] = {
        {"session", 0, OPTION_FLAG, FIELD(session), NULL, "use the service of the session bus"},
        {"system", 0, OPTION_FLAG, FIELD(system), NULL, "use the service of the system bus"},
        {"address", 0, OPTION_STRING, FIELD(address), "ADDRESS",
         "use the service of the bus at a D-Bus address"},
        {"host", 'H', OPTION_STRING, FIELD(host), "[USER@]HOST",
         "use the service of the system bus of another machine, over ssh"},
        {"json", 0, OPTION_FLAG, FIELD(json), NULL, "answer in JSON, see 'proctor help json'"},
        {"quiet", 'q', OPTION_FLAG, FIELD(quiet), NULL,
         "say nothing but what was asked for, and errors"},
        {"no-pager", 0, OPTION_FLAG, FIELD(no_pager), NULL,
         "do not show what is longer than the terminal in a pager"},
        {"help", 'h', OPTION_FLAG, FIELD(help), NULL, "show this help"},
        {"version", 0, OPTION_FLAG, FIELD(version), NULL, "show the version of this tool"},
        {0},
};

const Verb *const all_verbs[] = {
        &verb_run,     &verb_start,    &verb_ps,      &verb_status, &verb_logs,
        &verb_top,     &verb_attach,   &verb_monitor, &verb_wait,   &verb_stop,
        &verb_signal,  &verb_stats,    &verb_group,   &verb_up,     &verb_watchdog,
        &verb_collect, &verb_complete, &verb_version, &verb_help,   NULL,
};

G_DEFINE_QUARK(cli - error - quark, cli_error)

const Verb *verb_find(const char *name) {
        for (const Verb *const *verb = all_verbs; *verb; verb++) {
                if (strcmp((*verb)->name, name) == 0)
                        return *verb;
                for (const Verb *const *below = (*verb)->verbs; below && *below; below++)
                        if (strcmp((*below)->name, name) == 0)
                                return *below;
        }
        return NULL;
}

const Verb *verb_find_below(const Verb *verb, const char *word) {
        g_autofree char *name = g_strconcat(verb->name, " ", word, NULL);

        return verb->verbs ? verb_find(name) : NULL;
}

static void say(const char *text) {
        g_autofree char *clean = format_text(text);

        fprintf(stderr, "proctor: %s%s", clean, console_is_raw() ? "\r\n" : "\n");
}

void cli_note(const Cli *cli, const char *format, ...) {
        g_autofree char *text = NULL;
        va_list ap;

        if (cli->quiet)
                return;
        va_start(ap, format);
        text = g_strdup_vprintf(format, ap);
        va_end(ap);
        say(text);
}

/* What to do about an error of the library, where that is known. */
static const char *next_step(const Cli *cli, const GError *error) {
        if (error->domain != PROCTOR_ERROR)
                return NULL;
        switch (error->code) {
        case PROCTOR_ERROR_UNAVAILABLE:
                if (cli->address)
                        return "; start one with 'proctord --address=ADDRESS'";
                if ((cli->verb == &verb_run || cli->verb == &verb_up) && !connect_names_bus(cli))
                        return "; the environment variable PROCTOR_DAEMON can name it";
                if (cli->host)
                        return "; see that 'ssh HOST systemd-stdio-bridge' works, and that proctor "
                               "is installed there";
                if (connect_is_system(cli))
                        return "; start it with 'systemctl start proctord', or use 'proctor run', "
                               "which needs none";
                return "; start it with 'systemctl --user start proctord', or use 'proctor run', "
                       "which needs none";
        case PROCTOR_ERROR_TIMEOUT:
                return "; it runs on";
        case PROCTOR_ERROR_NAME_TAKEN:
                return cli->verb == &verb_up ? "; 'proctor group status' shows whether it runs, "
                                               "'proctor group remove' removes it"
                                             : NULL;
        case PROCTOR_ERROR_NO_SUCH_GROUP:
                return "; 'proctor group list' lists those that there are";
        default:
                return NULL;
        }
}

static int plain_exit_code(const GError *error) {
        if (g_error_matches(error, CLI_ERROR, CLI_ERROR_USAGE))
                return CLI_EXIT_USAGE;
        if (g_error_matches(error, CLI_ERROR, CLI_ERROR_NO_PROCESS) ||
            g_error_matches(error, PROCTOR_ERROR, PROCTOR_ERROR_NO_SUCH_PROCESS) ||
            g_error_matches(error, PROCTOR_ERROR, PROCTOR_ERROR_NO_SUCH_GROUP) ||
            g_error_matches(error, PROCTOR_ERROR, PROCTOR_ERROR_NO_SUCH_MEMBER))
                return CLI_EXIT_NO_PROCESS;
        if (g_error_matches(error, PROCTOR_ERROR, PROCTOR_ERROR_UNAVAILABLE) ||
            g_error_matches(error, PROCTOR_ERROR, PROCTOR_ERROR_DISCONNECTED))
                return CLI_EXIT_NO_SERVICE;
        return CLI_EXIT_FAILED;
}

/* A sentence without its full stop, so that more can follow. */
static char *open_sentence(const char *message) {
        size_t length = strlen(message);

        while (length > 0 && (message[length - 1] == '.' || message[length - 1] == '\n'))
                length--;
        return g_strndup(message, length);
}

int cli_fail(const Cli *cli, const GError *error) {
        g_autofree char *message = open_sentence(error->message);
        const char *step = next_step(cli, error);
        g_autofree char *line = NULL;

        if (g_error_matches(error, CLI_ERROR, CLI_ERROR_USAGE) && cli->verb)
                line = g_strdup_printf("%s (see 'proctor %s --help')", message, cli->verb->name);
        else
                line = g_strconcat(message, step, NULL);
        say(line);
        if (cli->verb && cli->verb->exits == VERB_EXITS_PROGRAM)
                return launch_exit_code(error, CLI_EXIT_PROCTOR_FAILED);
        return plain_exit_code(error);
}

int cli_exit_merge(int first, int second) {
        return first != CLI_EXIT_OK ? first : second;
}

static OptionsEnd options_end_of(const Verb *verb) {
        switch (verb->operands) {
        case VERB_OPERANDS_COMMAND:
                return OPTIONS_END_FIRST_OPERAND;
        case VERB_OPERANDS_NAMES_COMMAND:
                return OPTIONS_END_THIRD_OPERAND;
        default:
                return verb->verbs ? OPTIONS_END_FIRST_OPERAND : OPTIONS_END_LAST;
        }
}

static int run_verb(Cli *cli, const Verb *verb, char **argv);

static int run_verb_below(Cli *cli, const Verb *verb, char **operands) {
        const Verb *below = operands[0] ? verb_find_below(verb, operands[0]) : NULL;
        g_autoptr(GError) error = NULL;

        if (below)
                return run_verb(cli, below, operands + 1);
        if (operands[0])
                error = g_error_new(CLI_ERROR, CLI_ERROR_USAGE, "there is no verb %s %s",
                                    verb->name, operands[0]);
        else
                error = g_error_new(CLI_ERROR, CLI_ERROR_USAGE, "say what to do with a group");
        return cli_fail(cli, error);
}

static int run_verb(Cli *cli, const Verb *verb, char **argv) {
        g_autofree void *arguments = g_malloc0(MAX(verb->arguments_size, 1));
        const OptionTarget targets[] = {
                {verb->options, arguments},
                {verb->shared, arguments},
                {common_options, cli},
        };
        g_autoptr(GPtrArray) operands = NULL;
        g_autoptr(GError) error = NULL;
        int r;

        cli->verb = verb;
        if (!options_parse(targets, G_N_ELEMENTS(targets), options_end_of(verb), argv, &operands,
                           &error)) {
                r = cli_fail(cli, error);
        } else if (cli->help) {
                help_print(verb);
                r = CLI_EXIT_OK;
        } else if (cli->version) {
                help_print_version();
                r = CLI_EXIT_OK;
        } else if (connect_conflict(cli)) {
                error = g_error_new_literal(CLI_ERROR, CLI_ERROR_USAGE, connect_conflict(cli));
                r = cli_fail(cli, error);
        } else if (verb->verbs) {
                r = run_verb_below(cli, verb, (char **)operands->pdata);
        } else {
                r = verb->run(cli, arguments, (char **)operands->pdata);
        }
        for (size_t i = 0; i < G_N_ELEMENTS(targets); i++)
                options_clear(&targets[i]);
        return r;
}

static int usage_without_verb(const Cli *cli, const char *what, const char *name) {
        g_autofree char *line = g_strdup_printf("%s%s; 'proctor help' shows what there is", what,
                                                name);

        say(line);
        return CLI_EXIT_USAGE;
}

static int dispatch(Cli *cli, char **argv) {
        const OptionTarget target = {common_options, cli};
        g_autoptr(GPtrArray) operands = NULL;
        g_autoptr(GError) error = NULL;
        const Verb *verb;

        if (!options_parse(&target, 1, OPTIONS_END_FIRST_OPERAND, argv, &operands, &error))
                return usage_without_verb(cli, error->message, "");
        if (operands->pdata[0]) {
                verb = verb_find(operands->pdata[0]);
                if (!verb)
                        return usage_without_verb(cli, "there is no verb ", operands->pdata[0]);
                return run_verb(cli, verb, (char **)operands->pdata + 1);
        }
        if (cli->version) {
                help_print_version();
                return CLI_EXIT_OK;
        }
        if (!cli->help)
                return usage_without_verb(cli, "say what to do", "");
        help_print(NULL);
        return CLI_EXIT_OK;
}

/* A full disk or a closed pipe is often seen only here. */
static int finish_output(int r) {
        bool failed = ferror(stdout) != 0;

        if (pager_close())
                return r;
        errno = 0;
        if (fclose(stdout) != 0)
                failed = true;
        if (!failed)
                return r;
        fprintf(stderr, "proctor: cannot write the output: %s\n",
                errno != 0 ? strerror(errno) : "write error");
        return r == CLI_EXIT_OK ? CLI_EXIT_FAILED : r;
}

/* Started with a standard stream closed, the next descriptor that is opened would be taken for it.
 * What is put there instead fails as a closed one does. */
static bool occupy_standard_streams(void) {
        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
                if (fcntl(fd, F_GETFD) < 0 &&
                    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
                        return false;
        return true;
}

int main(int argc, char **argv) {
        Cli cli = {0};

        if (!occupy_standard_streams() || init_take_over() < 0)
                return CLI_EXIT_PROCTOR_FAILED;
        setlocale(LC_CTYPE, "");
        return finish_output(dispatch(&cli, argc > 0 ? argv + 1 : argv));
}
