/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Has the watchdog look after a process that was started elsewhere: it hangs, is noticed, and is
 * ended. */

#include <proctor/proctor.h>
#include <stdlib.h>

#define MILLISECOND ((guint64)1000)

static ProctorWatchdogConfig *settings(void) {
        ProctorWatchdogConfig *config = proctor_watchdog_config_new();

        proctor_watchdog_config_set_check_interval(config, 50 * MILLISECOND);
        proctor_watchdog_config_set_process_timeout(config, 300 * MILLISECOND);
        proctor_watchdog_config_set_extra_buffer(config, 100 * MILLISECOND);
        proctor_watchdog_config_set_max_hang_time(config, 60000 * MILLISECOND);
        proctor_watchdog_config_set_auto_kill(config, TRUE);
        proctor_watchdog_config_set_log_level(config, "ERROR");
        return config;
}

static gboolean watch(ProctorManager *manager, guint pid, GError **error) {
        g_autoptr(ProctorWatchdogConfig) config = settings();
        g_autoptr(ProctorProcessConfig) description = proctor_process_config_new(NULL);
        g_autoptr(ProctorProcess) process = NULL;
        ProctorResult result;
        int exit_code;

        if (!proctor_manager_set_watchdog_config(manager, config, NULL, error) ||
            !proctor_manager_start_watchdog(manager, NULL, error))
                return FALSE;

        proctor_process_config_set_name(description, "my_process");
        process = proctor_manager_register_process(manager, pid, description, NULL, error);
        if (!process)
                return FALSE;
        g_print("registered: %s\n", proctor_process_get_name(process));
        if (!proctor_process_wait(process, PROCTOR_INFINITY, &exit_code, &result, NULL, error))
                return FALSE;
        g_print("ended: %s\n", proctor_result_to_string(result));
        return TRUE;
}

int main(void) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GSubprocess)
                stranger = g_subprocess_new(G_SUBPROCESS_FLAGS_NONE, &error, "sleep", "600", NULL);
        g_autoptr(ProctorManager) manager = NULL;

        if (stranger)
                manager = proctor_manager_new_embedded(NULL, &error);
        if (manager)
                watch(manager,
                      (guint)g_ascii_strtoull(g_subprocess_get_identifier(stranger), NULL, 10),
                      &error);
        if (error)
                g_printerr("watchdog: %s\n", error->message);
        return error ? EXIT_FAILURE : EXIT_SUCCESS;
}
