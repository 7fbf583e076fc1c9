/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The library against a private service of its own: what a program does first, blocking and
 * asynchronous, and what it is told when something is wrong. */

#include "library-util.h"

#include <stdlib.h>

static void ends_are_told_as_they_were(void **state) {
        static const struct {
                const char *script;
                int exit_code;
                ProctorResult result;
        } cases[] = {
                {"exit 0", 0, PROCTOR_RESULT_SUCCESS},
                {"exit 42", 42, PROCTOR_RESULT_EXIT_CODE},
                {"exit 255", 255, PROCTOR_RESULT_EXIT_CODE},
                {"kill -KILL $$", -9, PROCTOR_RESULT_SIGNAL},
        };
        g_autoptr(ProctorManager) manager = library_embedded();

        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(ProctorProcess) process = library_start_sh(manager, cases[i].script);

                assert_true(proctor_process_get_pid(process) > 1);
                assert_string_equal(proctor_process_get_name(process), "unknown");
                assert_string_equal(proctor_process_get_command(process)[2], cases[i].script);
                library_check_end(process, cases[i].exit_code, cases[i].result);
                library_check_end(process, cases[i].exit_code, cases[i].result);
                assert_int_equal(proctor_process_get_state(process), PROCTOR_STATE_FINISHED);
        }
}

static void wait_with_a_timeout_leaves_the_process_alone(void **state) {
        static const guint64 timeouts[] = {0, 1, 20000};
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(ProctorProcess) process = library_start_sh(manager, "exec sleep 600");
        ProctorResult result;
        int exit_code;

        for (gsize i = 0; i < G_N_ELEMENTS(timeouts); i++) {
                g_autoptr(GError) error = NULL;
                GAsyncResult *ready = NULL;

                assert_false(proctor_process_wait(process, timeouts[i], NULL, NULL, NULL, &error));
                library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_TIMEOUT);
                g_clear_error(&error);
                proctor_process_wait_async(process, timeouts[i], NULL, library_on_ready, &ready);
                assert_false(proctor_process_wait_finish(process, library_await(&ready), NULL, NULL,
                                                         &error));
                library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_TIMEOUT);
                g_object_unref(ready);
        }
        assert_int_equal(proctor_process_get_state(process), PROCTOR_STATE_RUNNING);
        assert_true(proctor_process_stop(process, PROCTOR_STOP_MODE_ASK, &exit_code, &result, NULL,
                                         NULL));
        assert_int_equal(exit_code, -15);
        assert_int_equal(result, PROCTOR_RESULT_STOPPED);
        /* To look at a finished one is no timeout. */
        assert_true(proctor_process_wait(process, 0, &exit_code, NULL, NULL, NULL));
        assert_int_equal(exit_code, -15);
}

static void a_look_sees_an_end_that_was_seen_elsewhere(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();

        for (int i = 0; i < 50; i++) {
                g_autoptr(ProctorProcess) process = library_start_sh(manager, "read x; exit 3");
                g_autoptr(GError) error = NULL;

                /* Its input is null: it ends by itself. */
                do {
                        g_clear_error(&error);
                        proctor_process_wait(process, 0, NULL, NULL, NULL, &error);
                } while (g_error_matches(error, PROCTOR_ERROR, PROCTOR_ERROR_TIMEOUT));
                g_assert_no_error(error);
                assert_true(proctor_process_get_exit_code(process) > 0);
        }
}

static ProctorProcess *start_config(ProctorManager *manager, ProctorProcessConfig *config,
                                    GError **error) {
        ProctorProcess *process = proctor_manager_start(manager, config, NULL, error);
        GAsyncResult *ready = NULL;
        g_autoptr(GError) again = NULL;

        /* The same both ways. */
        proctor_manager_start_async(manager, config, NULL, library_on_ready, &ready);
        g_autoptr(ProctorProcess)
                other = proctor_manager_start_finish(manager, library_await(&ready), &again);
        g_object_unref(ready);
        assert_int_equal(process == NULL, other == NULL);
        if (!process)
                library_check_error(again, (*error)->domain, (*error)->code);
        return process;
}

static void bad_starts_are_clear_errors(void **state) {
        static const char *const none[] = {NULL};
        static const char *const missing[] = {"/no/such/program", NULL};
        static const char *const works[] = {"/bin/true", NULL};
        static const char *const not_utf8[] = {"/bin/true", "\xff", NULL};
        static const struct {
                const char *const *command;
                const char *key;
                int code;
                const char *mentions;
        } cases[] = {
                {none, NULL, PROCTOR_ERROR_INVALID_ARGUMENT, ""},
                {missing, NULL, PROCTOR_ERROR_SPAWN_FAILED, "/no/such/program"},
                {works, "NoSuchOption", PROCTOR_ERROR_INVALID_ARGUMENT, "NoSuchOption"},
                {works, "TimeoutUSec", PROCTOR_ERROR_INVALID_ARGUMENT, "TimeoutUSec"},
                {not_utf8, NULL, PROCTOR_ERROR_INVALID_ARGUMENT, "UTF-8"},
        };
        g_autoptr(ProctorManager) manager = library_embedded();

        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(ProctorProcessConfig)
                        config = proctor_process_config_new(cases[i].command);
                g_autoptr(GError) error = NULL;

                if (cases[i].key)
                        proctor_process_config_set_option(config, cases[i].key,
                                                          g_variant_new_string("x"));
                assert_null(start_config(manager, config, &error));
                library_check_error(error, PROCTOR_ERROR, cases[i].code);
                assert_non_null(strstr(error->message, cases[i].mentions));
        }
}

static void what_is_not_there_is_said_so(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(ProctorProcess) process = library_start_sh(manager, "exit 0");
        g_autoptr(GError) error = NULL;

        assert_null(proctor_manager_get_process(manager, 1, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_NO_SUCH_PROCESS);
        g_clear_error(&error);
        assert_null(proctor_manager_get_process_by_id(manager, 987654321, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_NO_SUCH_PROCESS);
        g_clear_error(&error);
        assert_null(proctor_manager_get_process_by_path(manager, "/org/proctor1/process/007", NULL,
                                                        &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_INVALID_ARGUMENT);
        g_clear_error(&error);

        library_check_end(process, 0, PROCTOR_RESULT_SUCCESS);
        assert_false(proctor_process_send_signal(process, "SIGNOSUCH", NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_INVALID_ARGUMENT);
        g_clear_error(&error);
        assert_false(proctor_process_send_signal(process, "SIGHUP", NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_NOT_RUNNING);
        g_clear_error(&error);
        assert_true(proctor_process_collect(process, NULL, &error));
        assert_false(proctor_process_collect(process, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_NO_SUCH_PROCESS);
        /* What is known stays known. */
        library_check_end(process, 0, PROCTOR_RESULT_SUCCESS);
}

static gboolean must_not_run(gpointer data) {
        *(gboolean *)data = TRUE;
        return G_SOURCE_REMOVE;
}

static void blocking_calls_do_not_run_the_callers_context(void **state) {
        gboolean ran = FALSE;
        guint source = g_idle_add_full(G_PRIORITY_HIGH, must_not_run, &ran, NULL);
        {
                g_autoptr(ProctorManager) manager = library_embedded();
                g_autoptr(ProctorProcess) process = library_start_sh(manager, "sleep 0.05");
                g_autoptr(GPtrArray) all = NULL;

                library_check_end(process, 0, PROCTOR_RESULT_SUCCESS);
                assert_true(proctor_process_refresh(process, NULL, NULL));
                all = proctor_manager_list(manager, NULL, NULL);
                assert_int_equal(all->len, 1);
                assert_ptr_equal(all->pdata[0], process);
                assert_true(proctor_manager_shutdown(manager, NULL, NULL));
                assert_true(proctor_manager_close(manager, NULL, NULL));
        }
        assert_false(ran);
        g_source_remove(source);
}

static gpointer cancel_later(gpointer data) {
        g_usleep(20000);
        g_cancellable_cancel(data);
        return NULL;
}

static void cancelling_a_wait_leaves_the_process_alone(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(ProctorProcess) process = library_start_sh(manager, "exec sleep 600");
        g_autoptr(GCancellable) cancellable = g_cancellable_new();
        g_autoptr(GError) error = NULL;
        GAsyncResult *ready = NULL;
        GThread *thread = g_thread_new("cancel", cancel_later, cancellable);

        assert_false(
                proctor_process_wait(process, PROCTOR_INFINITY, NULL, NULL, cancellable, &error));
        library_check_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
        g_thread_join(thread);
        g_clear_error(&error);
        /* Cancelled before it begins. */
        assert_false(proctor_process_wait(process, 0, NULL, NULL, cancellable, &error));
        library_check_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
        g_clear_error(&error);
        g_cancellable_reset(cancellable);

        proctor_process_wait_async(process, PROCTOR_INFINITY, cancellable, library_on_ready,
                                   &ready);
        g_main_context_iteration(NULL, FALSE);
        g_cancellable_cancel(cancellable);
        assert_false(
                proctor_process_wait_finish(process, library_await(&ready), NULL, NULL, &error));
        library_check_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
        g_object_unref(ready);
        assert_false(proctor_process_wait(process, 0, NULL, NULL, NULL, NULL));
        assert_int_equal(proctor_process_get_state(process), PROCTOR_STATE_RUNNING);
}

static gboolean nothing_is_left(gpointer data) {
        g_autoptr(GPtrArray) all = proctor_manager_list(data, NULL, NULL);

        assert_non_null(all);
        return all->len == 0;
}

static void a_cancelled_start_leaves_no_process(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(ProctorProcessConfig)
                config = proctor_process_config_new_argv("/bin/sleep", "600", NULL);

        for (int i = 0; i < 20; i++) {
                g_autoptr(GCancellable) cancellable = g_cancellable_new();
                g_autoptr(GError) error = NULL;
                GAsyncResult *ready = NULL;

                proctor_manager_start_async(manager, config, cancellable, library_on_ready, &ready);
                g_cancellable_cancel(cancellable);
                assert_null(proctor_manager_start_finish(manager, library_await(&ready), &error));
                library_check_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
                g_object_unref(ready);
        }
        library_until(nothing_is_left, manager);
}

/* The order in which things are told, as letters. */
typedef struct Told {
        GString *order;
        ProctorProcess *process;
        gboolean done;
} Told;

static void on_notify_state(GObject *process, GParamSpec *pspec, gpointer data) {
        g_string_append_c(((Told *)data)->order, 's');
}

static void on_exited(ProctorProcess *process, int exit_code, ProctorResult result, gpointer data) {
        Told *told = data;

        assert_int_equal(exit_code, 7);
        assert_int_equal(result, PROCTOR_RESULT_EXIT_CODE);
        assert_int_equal(proctor_process_get_state(process), PROCTOR_STATE_FINISHED);
        g_string_append_c(told->order, 'e');
        told->done = TRUE;
}

static void on_started(GObject *source, GAsyncResult *result, gpointer data) {
        g_autoptr(GError) error = NULL;
        Told *told = data;

        told->process = proctor_manager_start_finish(PROCTOR_MANAGER(source), result, &error);
        g_assert_no_error(error);
        g_signal_connect(told->process, "notify::state", G_CALLBACK(on_notify_state), told);
        g_signal_connect(told->process, "exited", G_CALLBACK(on_exited), told);
}

static gboolean is_told(gpointer data) {
        return ((Told *)data)->done;
}

static void an_end_is_told_to_who_connects_in_the_start_callback(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(ProctorProcessConfig)
                config = proctor_process_config_new_argv("/bin/sh", "-c", "exit 7", NULL);

        for (int i = 0; i < 20; i++) {
                Told told = {.order = g_string_new(NULL)};

                proctor_manager_start_async(manager, config, NULL, on_started, &told);
                /* The end may well have come before this context runs at all. */
                g_usleep((gulong)i % 5 * 1000);
                library_until(is_told, &told);
                assert_string_equal(told.order->str, "se");
                g_string_free(told.order, TRUE);
                g_object_unref(told.process);
        }
}

typedef struct Crowd {
        ProctorManager *manager;
        guint n_started;
        guint n_ended;
        guint n_wrong;
} Crowd;

#define CROWD 1000

static void crowd_on_wait(GObject *source, GAsyncResult *result, gpointer data) {
        ProctorProcess *process = PROCTOR_PROCESS(source);
        g_autoptr(GError) error = NULL;
        Crowd *crowd = data;
        int exit_code, expected;

        proctor_process_wait_finish(process, result, &exit_code, NULL, &error);
        g_assert_no_error(error);
        expected = atoi(proctor_process_get_name(process));
        crowd->n_wrong += exit_code != expected;
        crowd->n_ended++;
}

static void crowd_on_start(GObject *source, GAsyncResult *result, gpointer data) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorProcess)
                process = proctor_manager_start_finish(PROCTOR_MANAGER(source), result, &error);

        g_assert_no_error(error);
        ((Crowd *)data)->n_started++;
        proctor_process_wait_async(process, PROCTOR_INFINITY, NULL, crowd_on_wait, data);
}

static gboolean crowd_has_ended(gpointer data) {
        return ((Crowd *)data)->n_ended == CROWD;
}

static void crowd_run(ProctorManager *manager) {
        Crowd crowd = {.manager = manager};

        for (int i = 0; i < CROWD; i++) {
                static const char *const scripts[] = {"exit 0", "exit 1", "kill -9 $$"};
                static const char *const names[] = {"0", "1", "-9"};
                g_autoptr(ProctorProcessConfig) config = proctor_process_config_new_argv(
                        "/bin/sh", "-c", scripts[i % 3], NULL);

                proctor_process_config_set_name(config, names[i % 3]);
                proctor_process_config_set_stdout(config, "null");
                proctor_process_config_set_stderr(config, "null");
                proctor_manager_start_async(manager, config, NULL, crowd_on_start, &crowd);
        }
        library_until(crowd_has_ended, &crowd);
        assert_int_equal(crowd.n_started, CROWD);
        assert_int_equal(crowd.n_wrong, 0);
}

static void a_thousand_at_once_lose_nothing(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();

        crowd_run(manager);
}

static void a_thousand_at_once_on_a_bus_of_128_calls(void **state) {
        g_autoptr(LibraryBus) bus = library_bus_new();
        g_autoptr(ProctorManager) manager = NULL;

        library_bus_start_service(bus);
        manager = library_bus_manager(bus);
        crowd_run(manager);
}

TEST_MAIN(TEST(ends_are_told_as_they_were), TEST(wait_with_a_timeout_leaves_the_process_alone),
          TEST(a_look_sees_an_end_that_was_seen_elsewhere), TEST(bad_starts_are_clear_errors),
          TEST(what_is_not_there_is_said_so), TEST(blocking_calls_do_not_run_the_callers_context),
          TEST(cancelling_a_wait_leaves_the_process_alone),
          TEST(a_cancelled_start_leaves_no_process),
          TEST(an_end_is_told_to_who_connects_in_the_start_callback),
          TEST(a_thousand_at_once_lose_nothing), TEST(a_thousand_at_once_on_a_bus_of_128_calls))
