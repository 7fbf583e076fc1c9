/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The parser of options: one table of keys; for each its type, where it may stand, and a function
 * that reads and checks it. Every refusal names the key and says what was expected. Descriptors are
 * duplicated, because the message closes its own. */

#include "bus/options.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/resource.h>
#include <syslog.h>
#include <systemd/sd-journal.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "base/signal-name.h"
#include "base/text.h"
#include "bus/bus-error.h"
#include "bus/objects.h"
#include "core/supervisor.h"
#include "dbus/proctor-names.h"

#define EXTRA_FD_MIN 3
#define EXTRA_FD_MAX 1023

/* Of the kernel. */
#define CPU_WEIGHT_MAX 10000

typedef struct Option Option;
typedef int (*OptionFunc)(sd_bus_message *m, const Option *option, Options *options,
                          sd_bus_error *error);

struct Option {
        const char *key;
        const char *type; /* "s|h": either */
        unsigned use;
        OptionFunc read;
        unsigned detail; /* of the function */
};

static int bad_value(sd_bus_error *error, const Option *option, const char *expected) {
        return bus_fail_invalid(error, "Option %s: expected %s", option->key, expected);
}

static int read_name(sd_bus_message *m, const Option *option, Options *options,
                     sd_bus_error *error) {
        const char *name;
        int r = sd_bus_message_read(m, "s", &name);

        if (r < 0)
                return r;
        if (!name_is_valid(name))
                return bad_value(error, option,
                                 "1 to 128 bytes of UTF-8 without control characters");
        g_free(options->config.name);
        options->config.name = g_strdup(name);
        return 0;
}

static int read_directory(sd_bus_message *m, const Option *option, Options *options,
                          sd_bus_error *error) {
        const char *path;
        int r = sd_bus_message_read(m, "s", &path);

        if (r < 0)
                return r;
        if (path[0] != '/')
                return bad_value(error, option, "an absolute path");
        if (strlen(path) >= PATH_MAX)
                return bad_value(error, option, "a path of at most 4095 bytes");
        options->spec->working_directory = g_strdup(path);
        return 0;
}

static int read_environment(sd_bus_message *m, const Option *option, Options *options,
                            sd_bus_error *error) {
        g_autoptr(GPtrArray) set = g_ptr_array_new_with_free_func(text_erase);
        const char *name, *value;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{ss}");
        while (r >= 0 && (r = sd_bus_message_read(m, "{ss}", &name, &value)) > 0) {
                if (!environment_name_is_valid(name))
                        return bad_value(error, option, "names that are not empty, without '='");
                if ((r = string_budget_take(&options->budget, name, error)) < 0 ||
                    (r = string_budget_take(&options->budget, value, error)) < 0)
                        return r;
                g_ptr_array_add(set, g_strconcat(name, "=", value, NULL));
        }
        if (r < 0 || (r = sd_bus_message_exit_container(m)) < 0)
                return r;
        g_ptr_array_add(set, NULL);
        options->spec->set_environment = (char **)g_ptr_array_free(g_steal_pointer(&set), FALSE);
        return 0;
}

static int read_unset(sd_bus_message *m, const Option *option, Options *options,
                      sd_bus_error *error) {
        int r = strings_read(m, &options->budget, &options->spec->unset_environment, error);

        for (char **name = options->spec->unset_environment; r >= 0 && *name; name++)
                if (!environment_name_is_valid(*name))
                        return bad_value(error, option, "names that are not empty, without '='");
        return r;
}

/* detail: SpecFlags */
static int read_spec_flag(sd_bus_message *m, const Option *option, Options *options,
                          sd_bus_error *error) {
        int on;
        int r = sd_bus_message_read(m, "b", &on);

        if (r >= 0 && on)
                options->spec->flags |= option->detail;
        return r;
}

/* detail: PolicyMask */
static int read_policy(sd_bus_message *m, const Option *option, Options *options,
                       sd_bus_error *error) {
        WatchdogPolicy *policy = &options->config.policy;
        uint64_t value;
        int r = sd_bus_message_read(m, "t", &value);

        if (r < 0)
                return r;
        switch (option->detail) {
        case POLICY_TIMEOUT:
                r = check_timeout(option->key, value, TIMEOUT_MIN, error);
                policy->timeout = value;
                break;
        case POLICY_EXTRA_BUFFER:
                policy->extra_buffer = value;
                break;
        default:
                policy->max_hang_time = value;
                break;
        }
        options->config.own_policy |= option->detail;
        return r;
}

static int read_auto_kill(sd_bus_message *m, const Option *option, Options *options,
                          sd_bus_error *error) {
        int on;
        int r = sd_bus_message_read(m, "b", &on);

        if (r < 0)
                return r;
        options->config.policy.auto_kill = on;
        options->config.own_policy |= POLICY_AUTO_KILL;
        return 0;
}

static int read_runtime_max(sd_bus_message *m, const Option *option, Options *options,
                            sd_bus_error *error) {
        int r = sd_bus_message_read(m, "t", &options->config.runtime_max);

        if (r < 0)
                return r;
        return check_timeout(option->key, options->config.runtime_max, TIMEOUT_MIN, error);
}

static int read_stop_timeout(sd_bus_message *m, const Option *option, Options *options,
                             sd_bus_error *error) {
        return sd_bus_message_read(m, "t", &options->config.stop_timeout);
}

static int read_sources(sd_bus_message *m, const Option *option, Options *options,
                        sd_bus_error *error) {
        unsigned sources = 1u << ACTIVITY_REPORT; /* always does */
        const char *word;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "s");
        while (r >= 0 && (r = sd_bus_message_read(m, "s", &word)) > 0) {
                ActivitySource source = activity_source_from_string(word);

                if (source <= ACTIVITY_START)
                        return bus_fail_invalid(error,
                                                "Option %s: '%s' is no source; expected 'report', "
                                                "'output', 'notify' or 'cpu'",
                                                option->key, word);
                sources |= 1u << source;
        }
        options->config.sources = sources;
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_stop_signal(sd_bus_message *m, const Option *option, Options *options,
                            sd_bus_error *error) {
        const char *word;
        int r = sd_bus_message_read(m, "s", &word);

        if (r < 0)
                return r;
        r = signal_from_string(word);
        if (r <= 0)
                return bad_value(error, option, "the name or number of a signal");
        options->config.stop_signal = r;
        return 0;
}

static int read_hang_signal(sd_bus_message *m, const Option *option, Options *options,
                            sd_bus_error *error) {
        const char *word;
        int r = sd_bus_message_read(m, "s", &word);

        if (r < 0)
                return r;
        r = word[0] ? signal_from_string(word) : 0;
        if (r < 0 || (r == 0 && word[0]))
                return bad_value(error, option, "the name or number of a signal, or nothing");
        options->config.hang_signal = r;
        return 0;
}

static int read_hang_timeout(sd_bus_message *m, const Option *option, Options *options,
                             sd_bus_error *error) {
        usec_t timeout;
        int r = sd_bus_message_read(m, "t", &timeout);

        if (r < 0)
                return r;
        if (timeout == USEC_INFINITY)
                return bad_value(error, option, "a time that ends");
        options->config.hang_signal_timeout = timeout;
        return 0;
}

static int read_kill_mode(sd_bus_message *m, const Option *option, Options *options,
                          sd_bus_error *error) {
        const char *word;
        int r = sd_bus_message_read(m, "s", &word);

        if (r < 0)
                return r;
        if (kill_mode_from_string(word) < 0)
                return bad_value(error, option, "'tree' or 'process'");
        options->config.kill_mode = kill_mode_from_string(word);
        return 0;
}

static int read_readiness(sd_bus_message *m, const Option *option, Options *options,
                          sd_bus_error *error) {
        const char *word;
        int r = sd_bus_message_read(m, "s", &word);

        if (r < 0)
                return r;
        if (readiness_from_string(word) < 0)
                return bad_value(error, option, "'exec' or 'notify'");
        options->config.readiness = readiness_from_string(word);
        return 0;
}

static int read_start_timeout(sd_bus_message *m, const Option *option, Options *options,
                              sd_bus_error *error) {
        int r = sd_bus_message_read(m, "t", &options->config.start_timeout);

        if (r < 0)
                return r;
        return check_timeout(option->key, options->config.start_timeout, TIMEOUT_MIN, error);
}

static int read_bind(sd_bus_message *m, const Option *option, Options *options,
                     sd_bus_error *error) {
        int on;
        int r = sd_bus_message_read(m, "b", &on);

        options->config.bind_to_caller = r >= 0 && on;
        return r;
}

/* A descriptor of the message as one of our own. What cannot be used as a descriptor of a process
 * (a mere path handle) is refused. */
static int take_fd(int fd, const Option *option, int *ret, sd_bus_error *error) {
        int flags = fcntl(fd, F_GETFL), own;

        if (flags < 0 || (flags & O_PATH))
                return bad_value(error, option, "a descriptor that is open for reading or writing");
        own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (own < 0)
                return bus_fail_errno(error, errno, "Cannot take a descriptor");
        *ret = own;
        return 0;
}

static int read_output_limit(sd_bus_message *m, const Option *option, Options *options,
                             sd_bus_error *error) {
        uint64_t *limit = &options->spec->output_limit;
        int r = sd_bus_message_read(m, "t", limit);

        if (r < 0)
                return r;
        if (*limit < OUTPUT_LIMIT_MIN || *limit > OUTPUT_LIMIT_MAX)
                return bad_value(error, option, "4096 to 8388608 bytes");
        return 0;
}

/* detail: 0, 1 or 2 */
static int read_stdio(sd_bus_message *m, const Option *option, Options *options,
                      sd_bus_error *error) {
        StdioSpec *stdio = &options->spec->stdio[option->detail];
        const char *word, *contents;
        char type;
        int fd, r;

        r = sd_bus_message_peek_type(m, &type, &contents);
        if (r < 0)
                return r;
        if (type == 's') {
                r = sd_bus_message_read(m, "s", &word);
                if (r < 0)
                        return r;
                if (strcmp(word, PROCTOR_STDIO_NULL) == 0)
                        stdio->kind = STDIO_NULL;
                else if (strcmp(word, PROCTOR_STDIO_CAPTURE) == 0 && option->detail > 0)
                        stdio->kind = STDIO_CAPTURE;
                else if (strcmp(word, PROCTOR_STDIO_JOURNAL) == 0 && option->detail > 0)
                        stdio->kind = STDIO_JOURNAL;
                else
                        return bad_value(error, option,
                                         option->detail > 0
                                                 ? "a descriptor, 'null', 'capture' or 'journal'"
                                                 : "a descriptor, or 'null'");
                return 0;
        }
        r = sd_bus_message_read(m, "h", &fd);
        if (r < 0)
                return r;
        r = take_fd(fd, option, &stdio->fd, error);
        if (r >= 0)
                stdio->kind = STDIO_FD;
        return r;
}

static int read_terminal_size(sd_bus_message *m, const Option *option, Options *options,
                              sd_bus_error *error) {
        TerminalSize *size = &options->spec->terminal_size;
        int r = sd_bus_message_read(m, "(qq)", &size->rows, &size->columns);

        if (r < 0)
                return r;
        if (size->rows == 0 || size->columns == 0)
                return bad_value(error, option, "rows and columns, 1 to 65535 each");
        return 0;
}

static int read_fds(sd_bus_message *m, const Option *option, Options *options,
                    sd_bus_error *error) {
        uint32_t target;
        int fd, r;

        options->spec->extra_fds = g_array_new(FALSE, FALSE, sizeof(ExtraFd));
        r = sd_bus_message_enter_container(m, 'a', "{uh}");
        while (r >= 0 && (r = sd_bus_message_read(m, "{uh}", &target, &fd)) > 0) {
                ExtraFd extra = {.target = (int)target, .fd = -EBADF};

                if (target < EXTRA_FD_MIN || target > EXTRA_FD_MAX)
                        return bad_value(error, option, "numbers from 3 to 1023");
                for (unsigned i = 0; i < options->spec->extra_fds->len; i++)
                        if (g_array_index(options->spec->extra_fds, ExtraFd, i).target ==
                            extra.target)
                                return bad_value(error, option, "each number once");
                r = take_fd(fd, option, &extra.fd, error);
                if (r < 0)
                        return r;
                g_array_append_val(options->spec->extra_fds, extra);
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_umask(sd_bus_message *m, const Option *option, Options *options,
                      sd_bus_error *error) {
        uint32_t mask;
        int r = sd_bus_message_read(m, "u", &mask);

        if (r < 0)
                return r;
        if (mask > 0777)
                return bad_value(error, option, "0 to 0777");
        options->spec->umask = mask;
        return 0;
}

static int read_nice(sd_bus_message *m, const Option *option, Options *options,
                     sd_bus_error *error) {
        int32_t nice;
        int r = sd_bus_message_read(m, "i", &nice);

        if (r < 0)
                return r;
        if (nice < -20 || nice > 19)
                return bad_value(error, option, "-20 to 19");
        options->spec->nice = nice;
        options->spec->flags |= SPEC_HAS_NICE;
        return 0;
}

static int read_oom_score(sd_bus_message *m, const Option *option, Options *options,
                          sd_bus_error *error) {
        int32_t adjust;
        int r = sd_bus_message_read(m, "i", &adjust);

        if (r < 0)
                return r;
        if (adjust < -1000 || adjust > 1000)
                return bad_value(error, option, "-1000 to 1000");
        options->spec->oom_score_adjust = adjust;
        options->spec->flags |= SPEC_HAS_OOM_SCORE_ADJUST;
        return 0;
}

static int resource_from_string(const char *name) {
        static const struct {
                const char *name;
                int resource;
        } resources[] = {
                {"AS", RLIMIT_AS},
                {"CORE", RLIMIT_CORE},
                {"CPU", RLIMIT_CPU},
                {"DATA", RLIMIT_DATA},
                {"FSIZE", RLIMIT_FSIZE},
                {"LOCKS", RLIMIT_LOCKS},
                {"MEMLOCK", RLIMIT_MEMLOCK},
                {"MSGQUEUE", RLIMIT_MSGQUEUE},
                {"NICE", RLIMIT_NICE},
                {"NOFILE", RLIMIT_NOFILE},
                {"NPROC", RLIMIT_NPROC},
                {"RSS", RLIMIT_RSS},
                {"RTPRIO", RLIMIT_RTPRIO},
                {"RTTIME", RLIMIT_RTTIME},
                {"SIGPENDING", RLIMIT_SIGPENDING},
                {"STACK", RLIMIT_STACK},
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(resources); i++)
                if (g_ascii_strcasecmp(resources[i].name, name) == 0)
                        return resources[i].resource;
        return -EINVAL;
}

static int read_limits(sd_bus_message *m, const Option *option, Options *options,
                       sd_bus_error *error) {
        const char *name;
        uint64_t soft, hard;
        int r;

        options->spec->limits = g_array_new(FALSE, FALSE, sizeof(ResourceLimit));
        r = sd_bus_message_enter_container(m, 'a', "{s(tt)}");
        while (r >= 0 && (r = sd_bus_message_read(m, "{s(tt)}", &name, &soft, &hard)) > 0) {
                ResourceLimit limit = {
                        .resource = resource_from_string(name), .soft = soft, .hard = hard};

                if (limit.resource < 0)
                        return bad_value(error, option, "names of limits such as NOFILE");
                if (soft > hard)
                        return bad_value(error, option, "soft limits not above the hard ones");
                for (unsigned i = 0; i < options->spec->limits->len; i++)
                        if (g_array_index(options->spec->limits, ResourceLimit, i).resource ==
                            limit.resource)
                                return bad_value(error, option, "each limit once");
                g_array_append_val(options->spec->limits, limit);
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_user(sd_bus_message *m, const Option *option, Options *options,
                     sd_bus_error *error) {
        return sd_bus_message_read(m, "s", &options->user);
}

static int read_pidfd(sd_bus_message *m, const Option *option, Options *options,
                      sd_bus_error *error) {
        return sd_bus_message_read(m, "h", &options->pidfd);
}

/* detail: Controller. All-ones is what holds without it. */
static int read_control(sd_bus_message *m, const Option *option, Options *options,
                        sd_bus_error *error) {
        uint64_t value;
        int r = sd_bus_message_read(m, "t", &value);

        if (r < 0)
                return r;
        if (option->detail == CONTROLLER_CPU ? value < 1 || value > CPU_WEIGHT_MAX : value == 0)
                return bad_value(error, option,
                                 option->detail == CONTROLLER_CPU
                                         ? "1 to 10000"
                                         : "at least 1, or all-ones for no limit");
        options->spec->control[option->detail] = value == UINT64_MAX ? 0 : value;
        return 0;
}

#define BOTH (OPTION_START | OPTION_ADOPT)

static const Option option_table[] = {
        {PROCTOR_OPTION_NAME, "s", BOTH, read_name, 0},
        {PROCTOR_OPTION_WORKING_DIRECTORY, "s", OPTION_START, read_directory, 0},
        {PROCTOR_OPTION_ENVIRONMENT, "a{ss}", OPTION_START, read_environment, 0},
        {PROCTOR_OPTION_UNSET_ENVIRONMENT, "as", OPTION_START, read_unset, 0},
        {PROCTOR_OPTION_CLEAR_ENVIRONMENT, "b", OPTION_START, read_spec_flag,
         SPEC_CLEAR_ENVIRONMENT},
        {PROCTOR_OPTION_TIMEOUT, "t", BOTH, read_policy, POLICY_TIMEOUT},
        {PROCTOR_OPTION_EXTRA_BUFFER, "t", BOTH, read_policy, POLICY_EXTRA_BUFFER},
        {PROCTOR_OPTION_MAX_HANG_TIME, "t", BOTH, read_policy, POLICY_MAX_HANG_TIME},
        {PROCTOR_OPTION_AUTO_KILL, "b", BOTH, read_auto_kill, 0},
        {PROCTOR_OPTION_RUNTIME_MAX, "t", BOTH, read_runtime_max, 0},
        {PROCTOR_OPTION_ACTIVITY_SOURCES, "as", BOTH, read_sources, 0},
        {PROCTOR_OPTION_STOP_SIGNAL, "s", BOTH, read_stop_signal, 0},
        {PROCTOR_OPTION_STOP_TIMEOUT, "t", BOTH, read_stop_timeout, 0},
        {PROCTOR_OPTION_HANG_SIGNAL, "s", BOTH, read_hang_signal, 0},
        {PROCTOR_OPTION_HANG_TIMEOUT, "t", BOTH, read_hang_timeout, 0},
        {PROCTOR_OPTION_KILL_MODE, "s", OPTION_START, read_kill_mode, 0},
        {PROCTOR_OPTION_READINESS, "s", OPTION_START, read_readiness, 0},
        {PROCTOR_OPTION_START_TIMEOUT, "t", OPTION_START, read_start_timeout, 0},
        {PROCTOR_OPTION_STDIN, "s|h", OPTION_START, read_stdio, 0},
        {PROCTOR_OPTION_STDOUT, "s|h", OPTION_START, read_stdio, 1},
        {PROCTOR_OPTION_STDERR, "s|h", OPTION_START, read_stdio, 2},
        {PROCTOR_OPTION_OUTPUT_LIMIT, "t", OPTION_START, read_output_limit, 0},
        {PROCTOR_OPTION_FILE_DESCRIPTORS, "a{uh}", OPTION_START, read_fds, 0},
        {PROCTOR_OPTION_BIND_TO_CALLER, "b", BOTH, read_bind, 0},
        {PROCTOR_OPTION_UMASK, "u", OPTION_START, read_umask, 0},
        {PROCTOR_OPTION_NICE, "i", OPTION_START, read_nice, 0},
        {PROCTOR_OPTION_OOM_SCORE_ADJUST, "i", OPTION_START, read_oom_score, 0},
        {PROCTOR_OPTION_NO_NEW_PRIVILEGES, "b", OPTION_START, read_spec_flag,
         SPEC_NO_NEW_PRIVILEGES},
        {PROCTOR_OPTION_RLIMITS, "a{s(tt)}", OPTION_START, read_limits, 0},
        {PROCTOR_OPTION_MEMORY_MAX, "t", OPTION_START, read_control, CONTROLLER_MEMORY},
        {PROCTOR_OPTION_TASKS_MAX, "t", OPTION_START, read_control, CONTROLLER_PIDS},
        {PROCTOR_OPTION_CPU_WEIGHT, "t", OPTION_START, read_control, CONTROLLER_CPU},
        {PROCTOR_OPTION_TERMINAL, "b", OPTION_START, read_spec_flag, SPEC_TERMINAL},
        {PROCTOR_OPTION_TERMINAL_SIZE, "(qq)", OPTION_START, read_terminal_size, 0},
        {PROCTOR_OPTION_USER, "s", OPTION_START, read_user, 0},
        {PROCTOR_OPTION_PIDFD, "h", OPTION_ADOPT, read_pidfd, 0},
};

G_STATIC_ASSERT(G_N_ELEMENTS(option_table) <= 64); /* a bit each in `seen` */

static bool type_fits(const Option *option, const char *type) {
        g_auto(GStrv) types = g_strsplit(option->type, "|", -1);

        return g_strv_contains((const char *const *)types, type);
}

static int read_option(sd_bus_message *m, const char *key, OptionUse use, Options *options,
                       uint64_t *seen, sd_bus_error *error) {
        const Option *option = NULL;
        const char *type;
        int r;

        for (unsigned i = 0; i < G_N_ELEMENTS(option_table) && !option; i++)
                if (strcmp(option_table[i].key, key) == 0)
                        option = &option_table[i];
        if (!option || !(option->use & use))
                return bus_fail_invalid(error, "Unknown option '%s'", key);
        if (*seen & (UINT64_C(1) << (option - option_table)))
                return bus_fail_invalid(error, "Option %s is given twice", key);
        *seen |= UINT64_C(1) << (option - option_table);

        r = sd_bus_message_peek_type(m, NULL, &type);
        if (r < 0)
                return r;
        if (!type_fits(option, type))
                return bus_fail_invalid(error, "Option %s: expected type %s, not %s", key,
                                        option->type, type);
        r = sd_bus_message_enter_container(m, 'v', type);
        if (r >= 0)
                r = option->read(m, option, options, error);
        if (r >= 0)
                r = sd_bus_message_exit_container(m);
        return r;
}

/* What a terminal means for the standard streams: without a descriptor for standard input the
 * service makes one, for all three. */
static int settle_terminal(Spec *spec, sd_bus_error *error) {
        static const char *const keys[] = {PROCTOR_OPTION_STDIN, PROCTOR_OPTION_STDOUT,
                                           PROCTOR_OPTION_STDERR};
        bool has_size = spec->terminal_size.rows > 0;

        if (!(spec->flags & SPEC_TERMINAL))
                return !has_size ? 0
                                 : bus_fail_invalid(error, "Option %s: expected together with %s",
                                                    PROCTOR_OPTION_TERMINAL_SIZE,
                                                    PROCTOR_OPTION_TERMINAL);
        if (spec->stdio[0].kind == STDIO_FD)
                return !has_size ? 0
                                 : bus_fail_invalid(error,
                                                    "Option %s: expected no descriptor as %s: the "
                                                    "size of that terminal is its caller's to set",
                                                    PROCTOR_OPTION_TERMINAL_SIZE,
                                                    PROCTOR_OPTION_STDIN);
        for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++) {
                if (i > 0 && spec->stdio[i].kind != STDIO_CAPTURE)
                        return bus_fail_invalid(error,
                                                "Option %s: expected not to be given with %s, "
                                                "unless %s is a descriptor",
                                                keys[i], PROCTOR_OPTION_TERMINAL,
                                                PROCTOR_OPTION_STDIN);
                spec->stdio[i].kind = STDIO_TERMINAL;
        }
        if (!has_size)
                spec->terminal_size = (TerminalSize){TERMINAL_ROWS_DEFAULT,
                                                     TERMINAL_COLUMNS_DEFAULT};
        return 0;
}

/* From here on it is a descriptor like one of the caller's. Under the name of the process, which may
 * have come after it. */
static int open_journals(Options *options, sd_bus_error *error) {
        static const struct {
                const char *key;
                int priority;
        } streams[] = {
                {PROCTOR_OPTION_STDIN, LOG_INFO}, /* never */
                {PROCTOR_OPTION_STDOUT, LOG_INFO},
                {PROCTOR_OPTION_STDERR, LOG_WARNING},
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(streams); i++) {
                StdioSpec *stdio = &options->spec->stdio[i];

                if (stdio->kind != STDIO_JOURNAL)
                        continue;
                stdio->fd = sd_journal_stream_fd(options->config.name ?: "unknown",
                                                 streams[i].priority, true);
                if (stdio->fd < 0)
                        return bus_fail(error, SD_BUS_ERROR_NOT_SUPPORTED,
                                        "Option %s: there is no journal here: %s", streams[i].key,
                                        g_strerror(-stdio->fd));
                stdio->kind = STDIO_FD;
        }
        return 0;
}

int options_read(sd_bus_message *m, OptionUse use, Options *options, sd_bus_error *error) {
        uint64_t seen = 0;
        const char *key;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = sd_bus_message_read(m, "s", &key);
                if (r >= 0)
                        r = read_option(m, key, use, options, &seen, error);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        if (r >= 0)
                r = sd_bus_message_exit_container(m);
        if (r < 0 && !sd_bus_error_is_set(error))
                return bus_fail_errno(error, r, "Cannot read the options");
        if (r < 0)
                return r;
        if (!options->spec)
                return 0;
        r = settle_terminal(options->spec, error);
        return r < 0 ? r : open_journals(options, error);
}
