/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the options that describe a process. What they mean is the service's to judge; here is
 * checked only what would not arrive there as it was typed. */

#include "launch.h"

#include <string.h>
#include <sys/stat.h>

#include "amount.h"
#include "connect.h"

#define MAX_NAME_BYTES 128
#define KILL_MODE_TREE "tree"
#define KILL_MODE_SELF "process"

#define FIELD(member) offsetof(LaunchArguments, member)

const Option launch_options[] = {
        {"name", 'n', OPTION_STRING, FIELD(name), "NAME",
         "name of the process, for people; otherwise that of the program"},
        {"cwd", 'C', OPTION_STRING, FIELD(working_directory), "DIR",
         "directory to start in; otherwise the current one"},
        {"env", 'e', OPTION_LIST, FIELD(environment), "NAME=VALUE",
         "set a variable; NAME alone takes the value that it has here"},
        {"unset-env", 'u', OPTION_LIST, FIELD(unset_environment), "NAME", "remove a variable"},
        {"clear-env", 0, OPTION_FLAG, FIELD(clear_environment), NULL,
         "begin with no variable but those of --env"},
        {"timeout", 't', OPTION_TIME, FIELD(timeout), "TIME",
         "watch the process: slow after TIME without a sign of life, hung --extra-buffer later, "
         "and "
         "then ended. Not watched without this option"},
        {"activity", 0, OPTION_STRING, FIELD(activity), "SOURCE,...",
         "what is a sign of life: report (on the bus; always is), output (on a captured stream), "
         "notify (WATCHDOG=1, see sd_notify(3)), cpu (it used CPU time); otherwise report,output"},
        {"extra-buffer", 0, OPTION_TIME, FIELD(extra_buffer), "TIME",
         "from slow to hung; otherwise the watchdog's (5s)"},
        {"no-auto-kill", 0, OPTION_FLAG, FIELD(no_auto_kill), NULL,
         "say that it hangs, and leave the end to --max-hang"},
        {"max-hang", 0, OPTION_TIME, FIELD(max_hang_time), "TIME",
         "without a sign of life for so long, a hung process is killed in any case; otherwise the "
         "watchdog's (1min); infinity: never"},
        {"max-runtime", 0, OPTION_TIME, FIELD(runtime_max), "TIME",
         "end the process after TIME, whatever it does"},
        {"stop-signal", 's', OPTION_STRING, FIELD(stop_signal), "SIGNAL",
         "how it is asked to end; otherwise SIGTERM"},
        {"stop-timeout", 'k', OPTION_TIME, FIELD(stop_timeout), "TIME",
         "from that signal to SIGKILL for all of its tree; otherwise 2s"},
        {"hang-signal", 0, OPTION_STRING, FIELD(hang_signal), "SIGNAL",
         "when it hangs, send this first, so that it can dump what it was doing (SIGABRT, "
         "SIGQUIT)"},
        {"hang-signal-timeout", 0, OPTION_TIME, FIELD(hang_timeout), "TIME",
         "from that signal to the one of --stop-signal; otherwise 5s"},
        {"kill-mode", 0, OPTION_STRING, FIELD(kill_mode), "tree|process",
         "what becomes of processes that it leaves behind: tree (otherwise) ends them after half a "
         "second, process lets them live"},
        {"umask", 0, OPTION_STRING, FIELD(umask), "MODE",
         "file mode creation mask, octal; otherwise the current one"},
        {"nice", 0, OPTION_STRING, FIELD(nice), "N", "scheduling priority, -20 to 19"},
        {"rlimit", 0, OPTION_LIST, FIELD(rlimits), "NAME=SOFT[:HARD]",
         "resource limit as NOFILE=1024, AS=2G, CORE=infinity; may be given several times"},
        {"memory-max", 0, OPTION_STRING, FIELD(memory_max), "BYTES",
         "memory that all of its tree may have, as 512M or 2G; with more the kernel ends the tree. "
         "This and the next two need a cgroup that was delegated to the service"},
        {"tasks-max", 0, OPTION_STRING, FIELD(tasks_max), "N",
         "processes and threads that its tree may have at the same time"},
        {"cpu-weight", 0, OPTION_STRING, FIELD(cpu_weight), "N",
         "share of the processors beside others, 1 to 10000; otherwise 100"},
        {"tty", 0, OPTION_FLAG, FIELD(tty), NULL,
         "give it a terminal of its own, for an editor, a shell and the like: with run it is shown "
         "here, with start see 'proctor attach'"},
        {"no-new-privileges", 0, OPTION_FLAG, FIELD(no_new_privileges), NULL,
         "set-uid programs and the like give it no rights"},
        {0},
};

static bool usage_error(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool usage_error(GError **error, const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        if (error)
                *error = g_error_new_valist(CLI_ERROR, CLI_ERROR_USAGE, format, ap);
        va_end(ap);
        return false;
}

static bool set_variable(ProctorProcessConfig *config, const char *assignment, GError **error) {
        const char *equals = strchr(assignment, '=');
        g_autofree char *name = NULL;
        const char *value;

        if (equals == assignment || !*assignment)
                return usage_error(error, "--env=%s: write it as NAME=VALUE", assignment);
        name = equals ? g_strndup(assignment, (size_t)(equals - assignment)) : g_strdup(assignment);
        value = equals ? equals + 1 : g_getenv(name);
        if (!value)
                return usage_error(error,
                                   "--env=%s: there is no such variable here; "
                                   "write it as NAME=VALUE",
                                   assignment);
        proctor_process_config_setenv(config, name, value);
        return true;
}

/* A bus carries text in UTF-8 alone. */
static void give_own_environment(const Cli *cli, ProctorProcessConfig *config) {
        g_auto(GStrv) environment = g_get_environ();
        g_autoptr(GPtrArray) valid = g_ptr_array_new();

        for (char **variable = environment; *variable; variable++)
                if (g_utf8_validate(*variable, -1, NULL))
                        g_ptr_array_add(valid, *variable);
                else
                        cli_note(cli, "the variable %.*s is left out: it is no UTF-8",
                                 (int)strcspn(*variable, "="), *variable);
        g_ptr_array_add(valid, NULL);
        proctor_process_config_set_environ(config, (const char *const *)valid->pdata);
}

static bool set_environment(const LaunchArguments *a, ProctorProcessConfig *config,
                            GError **error) {
        for (unsigned i = 0; a->unset_environment && i < a->unset_environment->len; i++) {
                const char *name = a->unset_environment->pdata[i];

                if (!*name || strchr(name, '='))
                        return usage_error(error, "--unset-env=%s: give the name alone", name);
                proctor_process_config_unsetenv(config, name);
        }
        for (unsigned i = 0; a->environment && i < a->environment->len; i++)
                if (!set_variable(config, a->environment->pdata[i], error))
                        return false;
        return true;
}

static bool set_rlimit(ProctorProcessConfig *config, const char *text, GError **error) {
        g_auto(GStrv) sides = g_strsplit(text, "=", 2);
        g_auto(GStrv) values = NULL;
        g_autofree char *name = NULL;
        guint64 soft, hard;

        if (g_strv_length(sides) != 2 || !*sides[0])
                return usage_error(error, "--rlimit=%s: write it as NAME=SOFT or NAME=SOFT:HARD",
                                   text);
        values = g_strsplit(sides[1], ":", 2);
        if (!values[0] || !amount_parse(values[0], &soft) ||
            !amount_parse(values[1] ? values[1] : values[0], &hard))
                return usage_error(error,
                                   "--rlimit=%s: a limit is a number, as 1024 or 2G, or infinity",
                                   text);
        name = g_ascii_strup(sides[0], -1);
        proctor_process_config_set_rlimit(
                config, g_str_has_prefix(name, "RLIMIT_") ? name + strlen("RLIMIT_") : name, soft,
                hard);
        return true;
}

static bool set_tree_limit(ProctorProcessConfig *config, const char *option, const char *text,
                           void (*set)(ProctorProcessConfig *config, guint64 value),
                           GError **error) {
        guint64 value;

        if (!text)
                return true;
        if (!amount_parse(text, &value) || value == 0)
                return usage_error(error, "--%s=%s: expected a number above 0, as 1024 or 2G",
                                   option, text);
        set(config, value);
        return true;
}

static bool set_attributes(const LaunchArguments *a, LaunchBase base, ProctorProcessConfig *config,
                           GError **error) {
        guint64 mask;
        gint64 nice;

        if (!a->umask && base == LAUNCH_BASE_USER) {
                /* the service's, which is the usual one */
        } else if (!a->umask) {
                mode_t current = umask(0);

                umask(current);
                proctor_process_config_set_umask(config, current);
        } else if (g_ascii_string_to_unsigned(a->umask, 8, 0, 0777, &mask, NULL)) {
                proctor_process_config_set_umask(config, (unsigned)mask);
        } else {
                return usage_error(error, "--umask=%s: expected an octal number from 0 to 777",
                                   a->umask);
        }
        if (a->nice) {
                if (!g_ascii_string_to_signed(a->nice, 10, -20, 19, &nice, NULL))
                        return usage_error(error, "--nice=%s: expected a number from -20 to 19",
                                           a->nice);
                proctor_process_config_set_nice(config, (int)nice);
        }
        for (unsigned i = 0; a->rlimits && i < a->rlimits->len; i++)
                if (!set_rlimit(config, a->rlimits->pdata[i], error))
                        return false;
        if (a->no_new_privileges)
                proctor_process_config_set_no_new_privileges(config, TRUE);
        return set_tree_limit(config, "memory-max", a->memory_max,
                              proctor_process_config_set_memory_max, error) &&
               set_tree_limit(config, "tasks-max", a->tasks_max,
                              proctor_process_config_set_tasks_max, error) &&
               set_tree_limit(config, "cpu-weight", a->cpu_weight,
                              proctor_process_config_set_cpu_weight, error);
}

static bool set_end(const LaunchArguments *a, ProctorProcessConfig *config, GError **error) {
        if (a->stop_signal)
                proctor_process_config_set_stop_signal(config, a->stop_signal);
        if (a->stop_timeout.set)
                proctor_process_config_set_stop_timeout(config, a->stop_timeout.usec);
        if (a->runtime_max.set)
                proctor_process_config_set_runtime_max(config, a->runtime_max.usec);
        if (!a->kill_mode)
                return true;
        if (strcmp(a->kill_mode, KILL_MODE_TREE) != 0 && strcmp(a->kill_mode, KILL_MODE_SELF) != 0)
                return usage_error(error, "--kill-mode=%s: expected tree or process", a->kill_mode);
        proctor_process_config_set_kill_mode(config, a->kill_mode);
        return true;
}

/* Without a timeout nobody asked for a watchdog, and most programs report nothing: its default
 * would end them all. */
static bool set_watchdog(const LaunchArguments *a, ProctorProcessConfig *config, GError **error) {
        if (!a->timeout.set && (a->extra_buffer.set || a->no_auto_kill || a->max_hang_time.set ||
                                a->activity || a->hang_signal))
                return usage_error(error,
                                   "--activity, --extra-buffer, --no-auto-kill, --max-hang and "
                                   "--hang-signal need --timeout: without it the process is not "
                                   "watched");
        if (a->hang_timeout.set && !a->hang_signal)
                return usage_error(error, "--hang-signal-timeout needs --hang-signal");
        if (a->hang_signal)
                proctor_process_config_set_hang_signal(config, a->hang_signal);
        if (a->hang_timeout.set)
                proctor_process_config_set_hang_signal_timeout(config, a->hang_timeout.usec);
        if (a->activity) {
                g_auto(GStrv) sources = g_strsplit(a->activity, ",", -1);

                proctor_process_config_set_activity_sources(config, (const char *const *)sources);
        }
        proctor_process_config_set_timeout(config,
                                           a->timeout.set ? a->timeout.usec : PROCTOR_INFINITY);
        if (a->extra_buffer.set)
                proctor_process_config_set_extra_buffer(config, a->extra_buffer.usec);
        if (a->max_hang_time.set)
                proctor_process_config_set_max_hang_time(config, a->max_hang_time.usec);
        if (a->no_auto_kill)
                proctor_process_config_set_auto_kill(config, FALSE);
        return true;
}

/* What can be a name of the base name of a program. */
static char *name_of_program(const char *program) {
        g_autofree char *base = g_path_get_basename(program);
        g_autofree char *valid = g_utf8_make_valid(base, -1);
        g_autoptr(GString) name = g_string_new(NULL);

        for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
                gunichar c = g_utf8_get_char(p);
                size_t length = (size_t)(g_utf8_next_char(p) - p);

                if (name->len + length > MAX_NAME_BYTES)
                        break;
                if (g_unichar_isprint(c))
                        g_string_append_len(name, p, (gssize)length);
        }
        return name->len > 0 ? g_strdup(name->str) : NULL;
}

static void set_directory(const LaunchArguments *a, LaunchBase base, ProctorProcessConfig *config) {
        g_autofree char *directory = NULL;

        if (!a->working_directory && base != LAUNCH_BASE_CALLER)
                return;
        /* on another machine, or for another user, what is relative is so to something else */
        directory = base == LAUNCH_BASE_USER
                            ? g_strdup(a->working_directory)
                            : g_canonicalize_filename(
                                      a->working_directory ? a->working_directory : ".", NULL);
        proctor_process_config_set_working_directory(config, directory);
}

ProctorProcessConfig *launch_config_new(const Cli *cli, const LaunchArguments *arguments,
                                        LaunchBase base, char **command, GError **error) {
        g_autoptr(ProctorProcessConfig)
                config = proctor_process_config_new((const char *const *)command);
        g_autofree char *name = NULL;

        if (!*command) {
                usage_error(error, "say which command to start");
                return NULL;
        }
        name = arguments->name ? g_strdup(arguments->name) : name_of_program(command[0]);
        proctor_process_config_set_name(config, name);
        set_directory(arguments, base, config);
        if (arguments->clear_environment)
                proctor_process_config_clear_environment(config);
        else if (base == LAUNCH_BASE_CALLER)
                give_own_environment(cli, config);
        if (!set_environment(arguments, config, error) ||
            !set_attributes(arguments, base, config, error) || !set_end(arguments, config, error) ||
            !set_watchdog(arguments, config, error))
                return NULL;
        return g_steal_pointer(&config);
}

bool launch_ends_tree(const LaunchArguments *arguments) {
        return g_strcmp0(arguments->kill_mode, KILL_MODE_SELF) != 0;
}

int launch_exit_code(const GError *error, int other) {
        if (!g_error_matches(error, PROCTOR_ERROR, PROCTOR_ERROR_SPAWN_FAILED))
                return other;
        return launch_exit_code_of(error->message);
}

int launch_exit_code_of(const char *reason) {
        /* The form of the message is part of the contract: STEP 'OBJECT': REASON. */
        if (!g_str_has_prefix(reason, "exec "))
                return CLI_EXIT_PROCTOR_FAILED;
        return g_str_has_suffix(reason, ": No such file or directory") ? CLI_EXIT_NOT_FOUND
                                                                       : CLI_EXIT_CANNOT_EXECUTE;
}
