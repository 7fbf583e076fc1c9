/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starts three workers and waits for all of them without ever blocking: the callbacks run on the main
 * loop, which goes on with whatever else the program does. */

#include <proctor/proctor.h>
#include <stdlib.h>

#define WORKERS 3

typedef struct Program {
        GMainLoop *loop;
        ProctorManager *manager;
        int exit_codes[WORKERS];
        guint n_left;
        gboolean failed;
} Program;

typedef struct Worker {
        Program *program;
        guint number;
} Worker;

static void fail(Program *program, GError *error) {
        g_printerr("async: %s\n", error->message);
        g_error_free(error);
        program->failed = TRUE;
        g_main_loop_quit(program->loop);
}

static void on_ended(GObject *process, GAsyncResult *result, gpointer data) {
        g_autofree Worker *worker = data;
        Program *program = worker->program;
        GError *error = NULL;

        if (!proctor_process_wait_finish(PROCTOR_PROCESS(process), result,
                                         &program->exit_codes[worker->number], NULL, &error)) {
                fail(program, error);
                return;
        }
        if (--program->n_left == 0)
                g_main_loop_quit(program->loop);
}

static void on_started(GObject *manager, GAsyncResult *result, gpointer data) {
        g_autofree Worker *worker = data;
        GError *error = NULL;
        g_autoptr(ProctorProcess)
                process = proctor_manager_start_finish(PROCTOR_MANAGER(manager), result, &error);

        if (process)
                proctor_process_wait_async(process, PROCTOR_INFINITY, NULL, on_ended,
                                           g_steal_pointer(&worker));
        else
                fail(worker->program, error);
}

static void on_connected(GObject *source, GAsyncResult *result, gpointer data) {
        Program *program = data;
        GError *error = NULL;

        program->manager = proctor_manager_new_embedded_finish(result, &error);
        if (!program->manager) {
                fail(program, error);
                return;
        }
        for (guint number = 0; number < WORKERS; number++) {
                g_autofree char *script = g_strdup_printf("sleep 0.1; exit %u", number);
                g_autoptr(ProctorProcessConfig)
                        config = proctor_process_config_new_argv("sh", "-c", script, NULL);
                Worker *worker = g_new0(Worker, 1);

                worker->program = program;
                worker->number = number;
                proctor_manager_start_async(program->manager, config, NULL, on_started, worker);
        }
}

int main(void) {
        g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
        Program program = {.loop = loop, .n_left = WORKERS};

        proctor_manager_new_embedded_async(NULL, on_connected, &program);
        g_main_loop_run(loop);
        for (guint number = 0; number < WORKERS && !program.failed; number++)
                g_print("worker %u: %d\n", number, program.exit_codes[number]);
        g_clear_object(&program.manager);
        return program.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
