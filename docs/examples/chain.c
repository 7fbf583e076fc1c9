/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An asynchronous function of one's own that is made of several calls: interrupt_async() starts a
 * program, interrupts it and waits for its end. Its GTask goes from call to call, and its cancellable
 * goes with it. */

#include <proctor/proctor.h>
#include <stdlib.h>

static void on_ended(GObject *process, GAsyncResult *result, gpointer data) {
        g_autoptr(GTask) task = data;
        GError *error = NULL;
        int exit_code;

        if (proctor_process_wait_finish(PROCTOR_PROCESS(process), result, &exit_code, NULL, &error))
                g_task_return_int(task, exit_code);
        else
                g_task_return_error(task, error);
}

static void on_interrupted(GObject *process, GAsyncResult *result, gpointer data) {
        g_autoptr(GTask) task = data;
        GError *error = NULL;

        if (proctor_process_send_signal_finish(PROCTOR_PROCESS(process), result, &error))
                proctor_process_wait_async(PROCTOR_PROCESS(process), PROCTOR_INFINITY,
                                           g_task_get_cancellable(task), on_ended,
                                           g_object_ref(task));
        else
                g_task_return_error(task, error);
}

static void on_started(GObject *manager, GAsyncResult *result, gpointer data) {
        g_autoptr(GTask) task = data;
        GError *error = NULL;
        g_autoptr(ProctorProcess)
                process = proctor_manager_start_finish(PROCTOR_MANAGER(manager), result, &error);

        if (process)
                proctor_process_send_signal_async(process, "interrupt",
                                                  g_task_get_cancellable(task), on_interrupted,
                                                  g_object_ref(task));
        else
                g_task_return_error(task, error);
}

static void interrupt_async(ProctorManager *manager, ProctorProcessConfig *config,
                            GCancellable *cancellable, GAsyncReadyCallback callback,
                            gpointer user_data) {
        GTask *task = g_task_new(manager, cancellable, callback, user_data);

        g_task_set_source_tag(task, interrupt_async);
        proctor_manager_start_async(manager, config, cancellable, on_started, task);
}

static int interrupt_finish(ProctorManager *manager, GAsyncResult *result, GError **error) {
        return (int)g_task_propagate_int(G_TASK(result), error);
}

static void on_done(GObject *manager, GAsyncResult *result, gpointer loop) {
        g_autoptr(GError) error = NULL;
        int exit_code = interrupt_finish(PROCTOR_MANAGER(manager), result, &error);

        if (error)
                g_print("%s\n", error->message);
        else
                g_print("interrupted: %d\n", exit_code);
        g_main_loop_quit(loop);
}

int main(void) {
        g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
        g_autoptr(ProctorProcessConfig)
                config = proctor_process_config_new_argv("sleep", "600", NULL);
        g_autoptr(ProctorProcessConfig)
                missing = proctor_process_config_new_argv("/no/such/program", NULL);
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorManager) manager = proctor_manager_new_embedded(NULL, &error);

        if (!manager) {
                g_printerr("chain: %s\n", error->message);
                return EXIT_FAILURE;
        }
        interrupt_async(manager, config, NULL, on_done, loop);
        g_main_loop_run(loop);
        /* An error of any of the calls is the error of the whole. */
        interrupt_async(manager, missing, NULL, on_done, loop);
        g_main_loop_run(loop);
        return EXIT_SUCCESS;
}
