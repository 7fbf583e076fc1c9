/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks a process to end, and when it has not after a while, forces it to; then sends a signal to all
 * processes at once. */

#include <proctor/proctor.h>
#include <stdlib.h>

#define SECOND ((guint64)1000000)

static ProctorProcess *start(ProctorManager *manager, const char *name, const char *script,
                             GError **error) {
        g_autoptr(ProctorProcessConfig)
                config = proctor_process_config_new_argv("sh", "-c", script, NULL);

        proctor_process_config_set_name(config, name);
        return proctor_manager_start(manager, config, NULL, error);
}

/* It is started before it has set its trap; that is when it says so. */
static gboolean until_it_speaks(ProctorProcess *process, GError **error) {
        for (;;) {
                g_autofree char *said = proctor_process_read_last_output(process, "stdout", 1, NULL,
                                                                         error);

                if (!said || *said)
                        return said != NULL;
                g_usleep(10000);
        }
}

static gboolean end_one(ProctorManager *manager, GError **error) {
        g_autoptr(ProctorProcess)
                process = start(manager, "long_script",
                                "trap '' TERM; echo ready; while :; do sleep 1; done", error);
        g_autoptr(GError) late = NULL;
        int exit_code;

        if (!process || !until_it_speaks(process, error) ||
            !proctor_process_send_signal(process, "timeout", NULL, error))
                return FALSE;
        g_print("timeout signal sent\n");

        if (!proctor_process_wait(process, SECOND / 5, &exit_code, NULL, NULL, &late)) {
                if (!g_error_matches(late, PROCTOR_ERROR, PROCTOR_ERROR_TIMEOUT)) {
                        g_propagate_error(error, g_steal_pointer(&late));
                        return FALSE;
                }
                g_print("still running: force\n");
                if (!proctor_process_send_signal(process, "force", NULL, error) ||
                    !proctor_process_wait(process, PROCTOR_INFINITY, &exit_code, NULL, NULL, error))
                        return FALSE;
        }
        g_print("ended: %d\n", exit_code);
        return TRUE;
}

static gboolean end_all(ProctorManager *manager, GError **error) {
        g_autoptr(ProctorProcess) one = start(manager, "one", "exec sleep 600", error);
        g_autoptr(ProctorProcess) two = one ? start(manager, "two", "exec sleep 600", error) : NULL;
        g_autoptr(GVariant) delivered = NULL;

        if (!two)
                return FALSE;
        delivered = proctor_manager_send_signal_to_all(manager, "timeout", NULL, error);
        if (!delivered)
                return FALSE;
        g_print("signalled: %u\n", (guint)g_variant_n_children(delivered));
        return proctor_manager_shutdown(manager, NULL, error);
}

int main(void) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorManager) manager = proctor_manager_new_embedded(NULL, &error);

        if (!manager || !end_one(manager, &error) || !end_all(manager, &error)) {
                g_printerr("signals: %s\n", error->message);
                return EXIT_FAILURE;
        }
        return EXIT_SUCCESS;
}
