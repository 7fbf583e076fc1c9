/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells the watchdog that a silent process is alive, by a function of one's own: as long as the work
 * goes on it is, and when the work ends the process hangs and is ended. */

#include <proctor/proctor.h>
#include <stdlib.h>

#define MILLISECOND ((guint64)1000)

typedef struct Work {
        GMainLoop *loop;
        gint64 last_activity;
        guint n_done;
} Work;

static gboolean do_work(gpointer data) {
        Work *work = data;

        work->last_activity = g_get_monotonic_time();
        if (++work->n_done < 20)
                return G_SOURCE_CONTINUE;
        g_print("the work is done\n");
        return G_SOURCE_REMOVE;
}

static gint64 get_activity(ProctorProcess *process, gpointer data) {
        return ((Work *)data)->last_activity;
}

static void on_exited(ProctorProcess *process, int exit_code, ProctorResult result, Work *work) {
        g_print("%s ended after %u pieces of work: %s\n", proctor_process_get_name(process),
                work->n_done, proctor_result_to_string(result));
        g_main_loop_quit(work->loop);
}

int main(void) {
        g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
        Work work = {.loop = loop, .last_activity = g_get_monotonic_time()};
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorProcessConfig)
                config = proctor_process_config_new_argv("sleep", "600", NULL);
        g_autoptr(ProctorManager) manager = proctor_manager_new_embedded(NULL, &error);
        g_autoptr(ProctorProcess) process = NULL;

        proctor_process_config_set_name(config, "monitored_script");
        proctor_process_config_set_timeout(config, 500 * MILLISECOND);
        proctor_process_config_set_extra_buffer(config, 200 * MILLISECOND);
        proctor_process_config_set_activity_callback(config, get_activity, &work, NULL);
        if (manager)
                process = proctor_manager_start(manager, config, NULL, &error);
        if (!process) {
                g_printerr("activity: %s\n", error->message);
                return EXIT_FAILURE;
        }
        g_signal_connect(process, "exited", G_CALLBACK(on_exited), &work);
        /* A second of work, which is longer than the process may be silent. */
        g_timeout_add(50, do_work, &work);
        g_main_loop_run(loop);
        return EXIT_SUCCESS;
}
