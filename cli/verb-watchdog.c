/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor watchdog: shows and changes the defaults that hold for every process that does not set
 * its own, and switches the watchdog on and off. */

#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "connect.h"
#include "duration.h"
#include "json.h"

typedef struct Setting {
        const char *key;
        const char *property; /* on the bus */
        const char *meaning;
        guint64 (*get)(ProctorWatchdogConfig *config);
        void (*set)(ProctorWatchdogConfig *config, guint64 usec);
} Setting;

static const Setting durations[] = {
        {"check-interval", "CheckIntervalUSec", "how late a verdict may be",
         proctor_watchdog_config_get_check_interval, proctor_watchdog_config_set_check_interval},
        {"process-timeout", "ProcessTimeoutUSec", "without a sign of life for so long: slow",
         proctor_watchdog_config_get_process_timeout, proctor_watchdog_config_set_process_timeout},
        {"extra-buffer", "ExtraBufferUSec", "so much longer: hung",
         proctor_watchdog_config_get_extra_buffer, proctor_watchdog_config_set_extra_buffer},
        {"max-hang-time", "MaxHangTimeUSec", "hung and so long without a sign of life: killed",
         proctor_watchdog_config_get_max_hang_time, proctor_watchdog_config_set_max_hang_time},
};

#define KEY_AUTO_KILL "auto-kill"
#define KEY_LOG_LEVEL "log-level"

static void print_json(ProctorWatchdogConfig *config) {
        g_autoptr(JsonBuilder) builder = json_builder_new();

        json_builder_begin_object(builder);
        json_add_bool(builder, "Active", proctor_watchdog_config_get_active(config));
        for (size_t i = 0; i < G_N_ELEMENTS(durations); i++)
                json_add_usec(builder, durations[i].property, durations[i].get(config));
        json_add_bool(builder, "AutoKill", proctor_watchdog_config_get_auto_kill(config));
        json_add_string(builder, "LogLevel", proctor_watchdog_config_get_log_level(config));
        json_builder_end_object(builder);
        json_print_builder(builder, stdout);
}

static void print_setting(const char *key, const char *value, const char *meaning) {
        printf("%-16s %-12s %s\n", key, value, meaning);
}

static void print_settings(ProctorWatchdogConfig *config) {
        print_setting("active", proctor_watchdog_config_get_active(config) ? "yes" : "no",
                      "changed by 'proctor watchdog start' and 'stop'");
        for (size_t i = 0; i < G_N_ELEMENTS(durations); i++) {
                g_autofree char *value = duration_to_string(durations[i].get(config));

                print_setting(durations[i].key, value, durations[i].meaning);
        }
        print_setting(KEY_AUTO_KILL, proctor_watchdog_config_get_auto_kill(config) ? "yes" : "no",
                      "whether a hung process is stopped");
        print_setting(KEY_LOG_LEVEL, proctor_watchdog_config_get_log_level(config),
                      "what the service logs: DEBUG, INFO, WARNING, ERROR");
}

static int show(const Cli *cli) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorManager) manager = connect_to_bus(cli, &error);
        g_autoptr(ProctorWatchdogConfig)
                config = manager ? proctor_manager_get_watchdog_config(manager, NULL, &error)
                                 : NULL;

        if (!config)
                return cli_fail(cli, error);
        if (cli->json)
                print_json(config);
        else
                print_settings(config);
        return CLI_EXIT_OK;
}

static bool set_auto_kill(ProctorWatchdogConfig *config, const char *value, GError **error) {
        bool yes = strcmp(value, "yes") == 0 || strcmp(value, "true") == 0;

        if (!yes && strcmp(value, "no") != 0 && strcmp(value, "false") != 0) {
                g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE,
                            KEY_AUTO_KILL "=%s: expected yes or no", value);
                return false;
        }
        proctor_watchdog_config_set_auto_kill(config, yes);
        return true;
}

static bool set_duration(ProctorWatchdogConfig *config, const Setting *setting, const char *value,
                         GError **error) {
        guint64 usec;

        if (!duration_parse(value, &usec, error)) {
                g_prefix_error(error, "%s: ", setting->key);
                return false;
        }
        setting->set(config, usec);
        return true;
}

static bool set_one(ProctorWatchdogConfig *config, const char *assignment, GError **error) {
        const char *equals = strchr(assignment, '=');
        g_autofree char *key = equals ? g_strndup(assignment, (size_t)(equals - assignment)) : NULL;

        if (!key) {
                g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE, "'%s': write it as KEY=VALUE",
                            assignment);
                return false;
        }
        for (size_t i = 0; i < G_N_ELEMENTS(durations); i++)
                if (strcmp(durations[i].key, key) == 0)
                        return set_duration(config, &durations[i], equals + 1, error);
        if (strcmp(key, KEY_AUTO_KILL) == 0)
                return set_auto_kill(config, equals + 1, error);
        if (strcmp(key, KEY_LOG_LEVEL) == 0) {
                g_autofree char *level = g_ascii_strup(equals + 1, -1);

                proctor_watchdog_config_set_log_level(config, level);
                return true;
        }
        g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE,
                    "there is no setting '%s'; 'proctor watchdog show' lists them", key);
        return false;
}

static int set(const Cli *cli, char **assignments) {
        g_autoptr(ProctorWatchdogConfig) config = proctor_watchdog_config_new();
        g_autoptr(ProctorManager) manager = NULL;
        g_autoptr(GError) error = NULL;

        if (!*assignments)
                g_set_error(&error, CLI_ERROR, CLI_ERROR_USAGE,
                            "say what to set, as in 'proctor watchdog set process-timeout=1min'");
        for (; *assignments && !error; assignments++)
                set_one(config, *assignments, &error);
        manager = error ? NULL : connect_to_bus(cli, &error);
        if (!manager || !proctor_manager_set_watchdog_config(manager, config, NULL, &error))
                return cli_fail(cli, error);
        return cli->json ? show(cli) : CLI_EXIT_OK;
}

static int run_switch(const Cli *cli,
                      gboolean (*call)(ProctorManager *, GCancellable *, GError **)) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorManager) manager = connect_to_bus(cli, &error);

        if (!manager || !call(manager, NULL, &error))
                return cli_fail(cli, error);
        return cli->json ? show(cli) : CLI_EXIT_OK;
}

static int run(Cli *cli, void *arguments, char **operands) {
        const char *what = operands[0] ? operands[0] : "show";
        g_autoptr(GError) error = NULL;

        if (strcmp(what, "set") == 0)
                return set(cli, operands + 1);
        if (operands[0] && operands[1])
                error = g_error_new(CLI_ERROR, CLI_ERROR_USAGE, "watchdog %s takes nothing more",
                                    what);
        else if (strcmp(what, "show") == 0)
                return show(cli);
        else if (strcmp(what, "start") == 0)
                return run_switch(cli, proctor_manager_start_watchdog);
        else if (strcmp(what, "stop") == 0)
                return run_switch(cli, proctor_manager_stop_watchdog);
        else
                error = g_error_new(CLI_ERROR, CLI_ERROR_USAGE,
                                    "watchdog cannot '%s'; it can show, set, start and stop", what);
        return cli_fail(cli, error);
}

const Verb verb_watchdog = {
        .name = "watchdog",
        .synopsis = "[OPTIONS] [show | set KEY=VALUE... | start | stop]",
        .summary = "show and change the defaults of the watchdog",
        .description =
                "Shows the settings of the watchdog, which hold for every process that does not "
                "set its own, changes them, or switches the watchdog on and off. Processes of "
                "'proctor run' and 'proctor start' are watched only with --timeout. Keys: "
                "check-interval, process-timeout, extra-buffer, max-hang-time (times, see 'proctor "
                "help times'), auto-kill (yes, no), log-level (DEBUG, INFO, WARNING, ERROR).",
        .exit_codes = "0 done, 1 failed, 2 wrong usage, 4 there is no service",
        .run = run,
};
