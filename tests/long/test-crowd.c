/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Many processes at once, started and waited for through one connection on a bus with the limits of
 * a system bus: all wait at a gate until all of them have been started, so that there are as many
 * waits at once; then no result may be lost or be another's.
 * Usage: test-crowd NUMBER */

#include "integration/library-util.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define LONG_DEADLINE_SEC 240

static guint crowd_size = 1000;

typedef struct Crowd {
        guint n_started;
        guint n_ended;
        guint n_wrong;
        int gate; /* closed when all have been started */
        gboolean late;
} Crowd;

static void on_ended(GObject *source, GAsyncResult *result, gpointer data) {
        ProctorProcess *process = PROCTOR_PROCESS(source);
        g_autoptr(GError) error = NULL;
        Crowd *crowd = data;
        int exit_code;

        proctor_process_wait_finish(process, result, &exit_code, NULL, &error);
        g_assert_no_error(error);
        crowd->n_wrong += exit_code != atoi(proctor_process_get_name(process));
        crowd->n_ended++;
}

static void on_started(GObject *source, GAsyncResult *result, gpointer data) {
        g_autoptr(GError) error = NULL;
        Crowd *crowd = data;
        g_autoptr(ProctorProcess)
                process = proctor_manager_start_finish(PROCTOR_MANAGER(source), result, &error);

        g_assert_no_error(error);
        proctor_process_wait_async(process, PROCTOR_INFINITY, NULL, on_ended, crowd);
        if (++crowd->n_started < crowd_size)
                return;
        assert_int_equal(crowd->n_ended, 0);
        close(crowd->gate);
}

static gboolean on_late(gpointer data) {
        ((Crowd *)data)->late = TRUE;
        return G_SOURCE_REMOVE;
}

static void start_one(ProctorManager *manager, guint number, int gate, Crowd *crowd) {
        g_autofree char *name = g_strdup_printf("%u", number % 251);
        g_autofree char *script = g_strdup_printf("read line; exit %s", name);
        g_autoptr(ProctorProcessConfig)
                config = proctor_process_config_new_argv("/bin/sh", "-c", script, NULL);

        proctor_process_config_set_name(config, name);
        proctor_process_config_take_stdin_fd(config, dup(gate));
        proctor_process_config_set_stdout(config, "null");
        proctor_process_config_set_stderr(config, "null");
        proctor_process_config_set_timeout(config, PROCTOR_INFINITY);
        proctor_manager_start_async(manager, config, NULL, on_started, crowd);
}

static void no_result_is_lost_or_another_s(void **state) {
        g_autoptr(LibraryBus) bus = library_bus_new();
        int gate[2];

        assert_int_equal(pipe2(gate, O_CLOEXEC), 0);
        Crowd crowd = {.gate = gate[1]};
        library_bus_start_service(bus);
        g_autoptr(ProctorManager) manager = library_bus_manager(bus);
        gint64 begin = g_get_monotonic_time();

        /* Not all at once, for each takes a descriptor along. */
        g_timeout_add_seconds(LONG_DEADLINE_SEC, on_late, &crowd);
        for (guint number = 0; number < crowd_size; number++) {
                start_one(manager, number, gate[0], &crowd);
                while (number + 1 - crowd.n_started >= 200 && !crowd.late)
                        g_main_context_iteration(NULL, TRUE);
        }
        while (crowd.n_ended < crowd_size && !crowd.late)
                g_main_context_iteration(NULL, TRUE);
        print_message("%u started, %u ended, %u wrong, %.1f s\n", crowd.n_started, crowd.n_ended,
                      crowd.n_wrong, (double)(g_get_monotonic_time() - begin) / SECOND);
        assert_int_equal(crowd.n_started, crowd_size);
        assert_int_equal(crowd.n_ended, crowd_size);
        assert_int_equal(crowd.n_wrong, 0);
        close(gate[0]);
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {TEST(no_result_is_lost_or_another_s)};

        if (argc > 1)
                crowd_size = (guint)atoi(argv[1]);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
