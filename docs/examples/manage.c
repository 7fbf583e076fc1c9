/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starts a process in a directory, with a variable of its environment and a timeout, waits for its
 * end, and reads the statistics: every call blocks. */

#include <proctor/proctor.h>
#include <stdlib.h>

#define SECOND ((guint64)1000000)

static gboolean manage(ProctorManager *manager, GError **error) {
        const char *const command[] = {"sh", "-c", "echo \"$GREETING from $PWD\"", NULL};
        g_autoptr(ProctorProcessConfig) config = proctor_process_config_new(command);
        g_autoptr(ProctorProcess) process = NULL;
        g_autoptr(GVariant) stats = NULL;
        g_autofree char *said = NULL;
        guint64 total = 0;
        int exit_code;

        proctor_process_config_set_name(config, "shell_script");
        proctor_process_config_set_working_directory(config, "/");
        proctor_process_config_setenv(config, "GREETING", "hello");
        proctor_process_config_set_timeout(config, 60 * SECOND);

        process = proctor_manager_start(manager, config, NULL, error);
        if (!process || !proctor_process_wait(process, 120 * SECOND, &exit_code, NULL, NULL, error))
                return FALSE;
        said = proctor_process_read_last_output(process, "stdout", 1, NULL, error);
        stats = said ? proctor_manager_get_stats(manager, NULL, error) : NULL;
        if (!stats)
                return FALSE;
        proctor_stats_lookup(stats, "TotalManaged", &total);
        g_print("%s returned %d and said: %s", proctor_process_get_name(process), exit_code, said);
        g_print("managed processes: %u\n", (guint)total);
        return proctor_manager_shutdown(manager, NULL, error);
}

int main(void) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorManager) manager = proctor_manager_new_embedded(NULL, &error);

        if (!manager || !manage(manager, &error)) {
                g_printerr("manage: %s\n", error->message);
                return EXIT_FAILURE;
        }
        return EXIT_SUCCESS;
}
