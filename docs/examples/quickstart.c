/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The main job on real programs, with a service of one's own and no bus: programs that succeed, fail,
 * crash, hang, ignore SIGTERM, and fork children that try to get away. All run at the same time; then
 * each is waited for or stopped, and a table says how each ended and what of its tree is left. The
 * exit code is 1 if anything is not as it should be. */

#include <proctor/proctor.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECOND 1000000

typedef struct Case {
        const char *about;
        const char *command[4];
        guint64 timeout_usec; /* idle time until it hangs; 0: the watchdog's default */
        gboolean stop;        /* stop it, instead of waiting for it */
        ProctorResult result; /* what is expected */
        int exit_code;
} Case;

static const Case cases[] = {
        {"does its work", {"gzip", "-c", "/bin/sh"}, 0, FALSE, PROCTOR_RESULT_SUCCESS, 0},
        {"fails", {"grep", "x", "/no/such/file"}, 0, FALSE, PROCTOR_RESULT_EXIT_CODE, 2},
        {"is killed", {"sh", "-c", "kill -KILL $$"}, 0, FALSE, PROCTOR_RESULT_SIGNAL, -9},
        {"hangs", {"tail", "-f", "/dev/null"}, SECOND, FALSE, PROCTOR_RESULT_HANG, -15},
        {"hangs, ignores SIGTERM",
         {"sh", "-c", "trap '' TERM; while :; do sleep 1; done"},
         SECOND,
         FALSE,
         PROCTOR_RESULT_HANG,
         -9},
        {"ignores SIGTERM, is stopped",
         {"sh", "-c", "trap '' TERM; while :; do sleep 1; done"},
         0,
         TRUE,
         PROCTOR_RESULT_STOPPED,
         -9},
        {"forks children, is stopped",
         {"sh", "-c", "sleep 600 & setsid sleep 600 & setsid sh -c 'sleep 600 & sleep 600' & wait"},
         0,
         TRUE,
         PROCTOR_RESULT_STOPPED,
         -15},
};

typedef struct Run {
        ProctorProcess *process;
        char *mark;
        int exit_code;
        ProctorResult result;
} Run;

/* Counts, from outside, the processes that inherited the mark in their environment. */
static unsigned count_marked(const char *mark) {
        g_autoptr(GDir) dir = g_dir_open("/proc", 0, NULL);
        const char *pid;
        unsigned found = 0;

        while (dir && (pid = g_dir_read_name(dir))) {
                g_autofree char *path = g_build_filename("/proc", pid, "environ", NULL);
                g_autofree char *environ_block = NULL;
                gsize length;

                if (g_ascii_isdigit(*pid) &&
                    g_file_get_contents(path, &environ_block, &length, NULL) && length > 0 &&
                    memmem(environ_block, length, mark, strlen(mark)))
                        found++;
        }
        return found;
}

static gboolean start(ProctorManager *manager, const Case *what, unsigned number, Run *run,
                      GError **error) {
        g_autoptr(ProctorProcessConfig) config = proctor_process_config_new(what->command);

        run->mark = g_strdup_printf("QUICKSTART_MARK=%d-%u.", (int)getpid(), number);
        proctor_process_config_set_name(config, what->about);
        proctor_process_config_setenv(config, "QUICKSTART_MARK", strchr(run->mark, '=') + 1);
        proctor_process_config_set_stop_timeout(config, SECOND);
        if (what->timeout_usec > 0) {
                proctor_process_config_set_timeout(config, what->timeout_usec);
                proctor_process_config_set_extra_buffer(config, SECOND / 2);
        }
        run->process = proctor_manager_start(manager, config, NULL, error);
        return run->process != NULL;
}

static gboolean end(const Case *what, Run *run, GError **error) {
        if (what->stop)
                return proctor_process_stop(run->process, PROCTOR_STOP_MODE_ASK, &run->exit_code,
                                            &run->result, NULL, error);
        return proctor_process_wait(run->process, 60 * (guint64)SECOND, &run->exit_code,
                                    &run->result, NULL, error);
}

/* What a hung process leaves behind is ended with it, a moment after its main process. */
static unsigned count_left(const Run *run) {
        gint64 until = g_get_monotonic_time() + 5 * SECOND;
        unsigned left;

        while ((left = count_marked(run->mark)) > 0 && g_get_monotonic_time() < until)
                g_usleep(20000);
        return left;
}

static gboolean print_row(const Case *what, const Run *run) {
        guint64 took = proctor_process_get_exit_time_monotonic(run->process) -
                       proctor_process_get_start_time_monotonic(run->process);
        unsigned left = count_left(run);
        gboolean right = run->result == what->result && run->exit_code == what->exit_code &&
                         left == 0;

        printf("%-28s %-12s %5d %8.2f s %5u  %s\n", what->about,
               proctor_result_to_string(run->result), run->exit_code, (double)took / SECOND, left,
               right ? "as it should be" : "WRONG");
        return right;
}

static gboolean run_all(ProctorManager *manager, GError **error) {
        Run runs[G_N_ELEMENTS(cases)] = {};
        gboolean right = TRUE;

        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++)
                if (!start(manager, &cases[i], i, &runs[i], error))
                        return FALSE;
        g_usleep(SECOND / 4); /* so that shells have set their traps and forked their children */

        printf("%-28s %-12s %5s %10s %5s\n", "A PROGRAM THAT", "RESULT", "CODE", "TOOK", "LEFT");
        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
                if (!end(&cases[i], &runs[i], error) ||
                    !proctor_process_refresh(runs[i].process, NULL, error))
                        return FALSE;
                right = print_row(&cases[i], &runs[i]) && right;
                g_object_unref(runs[i].process);
                g_free(runs[i].mark);
        }
        return right;
}

static gboolean try_missing(ProctorManager *manager) {
        g_autoptr(ProctorProcessConfig)
                config = proctor_process_config_new_argv("/no/such/program", NULL);
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorProcess) process = proctor_manager_start(manager, config, NULL, &error);

        if (process)
                return FALSE;
        printf("%-28s %s\n", "is not there", error->message);
        return g_error_matches(error, PROCTOR_ERROR, PROCTOR_ERROR_SPAWN_FAILED);
}

int main(void) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorManager) manager = proctor_manager_new_embedded(NULL, &error);
        gboolean right;

        if (!manager) {
                fprintf(stderr, "quickstart: %s\n", error->message);
                return EXIT_FAILURE;
        }
        right = run_all(manager, &error);
        if (error)
                fprintf(stderr, "quickstart: %s\n", error->message);
        right = try_missing(manager) && right;
        return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
