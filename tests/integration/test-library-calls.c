/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rest of what the library can do: lists, several waits, settings, descriptors, adoption, the
 * watchdog and the function that is asked about activity. */

#include "library-util.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void a_list_has_all_with_their_properties(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(ProctorProcess) one = library_start_sh(manager, "exec sleep 600");
        g_autoptr(ProctorProcess) two = library_start_sh(manager, "exit 3");
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) all = NULL;

        library_check_end(two, 3, PROCTOR_RESULT_EXIT_CODE);
        assert_null(proctor_process_get_containment(one));
        all = proctor_manager_list(manager, NULL, &error);
        g_assert_no_error(error);
        assert_int_equal(all->len, 2);
        assert_ptr_equal(all->pdata[0], one);
        assert_ptr_equal(all->pdata[1], two);
        assert_non_null(proctor_process_get_containment(one));
        assert_int_equal(proctor_process_get_owner(one), getuid());
        assert_true(proctor_process_get_start_time_monotonic(one) > 0);
        assert_true(proctor_process_get_watched(one));
        assert_false(proctor_process_get_watched(two));
        assert_string_equal(proctor_process_get_stop_signal(one), "SIGTERM");

        g_autoptr(ProctorProcess) same = proctor_manager_get_process(
                manager, proctor_process_get_pid(one), NULL, &error);
        assert_ptr_equal(same, one);
        g_autoptr(ProctorProcess) again = proctor_manager_get_process_by_path(
                manager, proctor_process_get_object_path(two), NULL, &error);
        assert_ptr_equal(again, two);

        g_autoptr(ProctorUsage) usage = proctor_process_query_usage(one, NULL, &error);
        g_assert_no_error(error);
        assert_true(proctor_usage_get_n_tasks(usage) >= 1);
        assert_true(proctor_usage_get_memory_current(usage) > 0);
        assert_string_equal(proctor_usage_get_last_activity_source(usage), "start");
}

static void several_can_be_waited_for(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(ProctorProcess) fails = library_start_sh(manager, "exit 9");
        g_autoptr(ProctorProcess) works = library_start_sh(manager, "exit 0");
        g_autoptr(ProctorProcess) stays = library_start_sh(manager, "exec sleep 600");
        ProctorProcess *each[] = {works, fails, stays};
        g_autoptr(GPtrArray) all = g_ptr_array_new();
        g_autoptr(GPtrArray) finished = NULL;
        g_autoptr(GError) error = NULL;
        GAsyncResult *ready = NULL;

        assert_null(
                proctor_manager_wait_many(manager, all, PROCTOR_WAIT_MODE_ALL, 0, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_INVALID_ARGUMENT);
        g_clear_error(&error);

        for (gsize i = 0; i < G_N_ELEMENTS(each); i++)
                g_ptr_array_add(all, each[i]);
        finished = proctor_manager_wait_many(manager, all, PROCTOR_WAIT_MODE_FIRST_FAILURE,
                                             DEADLINE, NULL, &error);
        g_assert_no_error(error);
        assert_true(g_ptr_array_find(finished, fails, NULL));
        assert_false(g_ptr_array_find(finished, stays, NULL));
        g_clear_pointer(&finished, g_ptr_array_unref);

        /* A time that is over is no error, whether it is none or some. */
        library_check_end(works, 0, PROCTOR_RESULT_SUCCESS);
        for (guint64 timeout = 0; timeout <= 1000; timeout += 1000) {
                finished = proctor_manager_wait_many(manager, all, PROCTOR_WAIT_MODE_ALL, timeout,
                                                     NULL, &error);
                g_assert_no_error(error);
                assert_int_equal(finished->len, 2);
                g_clear_pointer(&finished, g_ptr_array_unref);
                proctor_manager_wait_many_async(manager, all, PROCTOR_WAIT_MODE_ALL, timeout, NULL,
                                                library_on_ready, &ready);
                finished = proctor_manager_wait_many_finish(manager, library_await(&ready), &error);
                g_assert_no_error(error);
                assert_int_equal(finished->len, 2);
                g_clear_pointer(&finished, g_ptr_array_unref);
                g_clear_object(&ready);
        }
        assert_true(proctor_process_stop(stays, PROCTOR_STOP_MODE_FORCE, NULL, NULL, NULL, &error));
        finished = proctor_manager_wait_many(manager, all, PROCTOR_WAIT_MODE_ALL, PROCTOR_INFINITY,
                                             NULL, &error);
        assert_int_equal(finished->len, 3);
}

static void on_notify(GObject *object, GParamSpec *pspec, gpointer data) {
        ++*(guint *)data;
}

static gboolean is_notified(gpointer data) {
        return *(guint *)data > 0;
}

static void settings_can_be_changed_while_it_runs(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(ProctorProcess) process = library_start_sh(manager, "exec sleep 600");
        g_autoptr(GError) error = NULL;
        guint notified = 0;

        g_signal_connect(process, "notify::timeout", G_CALLBACK(on_notify), &notified);
        assert_true(proctor_process_set_timeout(process, 7 * SECOND, NULL, &error));
        assert_int_equal(proctor_process_get_timeout(process), 7 * SECOND);
        library_until(is_notified, &notified);
        assert_true(proctor_process_set_extra_buffer(process, SECOND, NULL, &error));
        assert_true(proctor_process_set_max_hang_time(process, PROCTOR_INFINITY, NULL, &error));
        assert_true(proctor_process_set_stop_timeout(process, SECOND, NULL, &error));
        assert_true(proctor_process_set_auto_kill(process, FALSE, NULL, &error));
        assert_false(proctor_process_set_timeout(process, 0, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_INVALID_ARGUMENT);
        g_clear_error(&error);
        assert_true(proctor_process_refresh(process, NULL, &error));
        assert_int_equal(proctor_process_get_timeout(process), 7 * SECOND);
        assert_int_equal(proctor_process_get_max_hang_time(process), PROCTOR_INFINITY);
        assert_false(proctor_process_get_auto_kill(process));
}

static void a_pipe_and_an_environment_reach_the_process(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(ProctorProcessConfig) config = proctor_process_config_new_argv(
                "/bin/sh", "-c", "echo $A$B; pwd; umask; echo four >&4", NULL);
        g_autoptr(ProctorProcess) process = NULL;
        g_autoptr(GString) output = g_string_new(NULL);
        g_autoptr(GError) error = NULL;
        char buffer[128];
        ssize_t n;
        int fds[2];

        assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
        proctor_process_config_take_fd(config, dup(fds[1]), 4);
        proctor_process_config_take_stdout_fd(config, fds[1]);
        proctor_process_config_setenv(config, "A", "a");
        proctor_process_config_setenv(config, "B", "b");
        proctor_process_config_unsetenv(config, "B");
        proctor_process_config_set_working_directory(config, "/");
        proctor_process_config_set_umask(config, 0077);
        process = proctor_manager_start(manager, config, NULL, &error);
        g_assert_no_error(error);
        proctor_process_config_close_fds(config);
        while ((n = read(fds[0], buffer, sizeof buffer)) > 0)
                g_string_append_len(output, buffer, n);
        close(fds[0]);
        assert_string_equal(output->str, "a\n/\n0077\nfour\n");
        library_check_end(process, 0, PROCTOR_RESULT_SUCCESS);
}

static void a_process_from_elsewhere_can_be_adopted(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(ProctorProcessConfig) config = proctor_process_config_new(NULL);
        g_autoptr(GError) error = NULL;
        gboolean registered = FALSE;
        pid_t child = fork();

        if (child == 0) {
                setsid();
                execl("/bin/sleep", "sleep", "600", NULL);
                _exit(127);
        }
        proctor_process_config_set_name(config, "foundling");
        g_autoptr(ProctorProcess)
                process = proctor_manager_adopt(manager, (guint)child, -1, config, NULL, &error);
        if (g_error_matches(error, PROCTOR_ERROR, PROCTOR_ERROR_NOT_SUPPORTED)) {
                kill(child, SIGKILL);
                waitpid(child, NULL, 0);
                print_message("not here: %s\n", error->message);
                skip();
        }
        g_assert_no_error(error);
        assert_string_equal(proctor_process_get_name(process), "foundling");
        assert_true(
                proctor_manager_is_registered(manager, (guint)child, &registered, NULL, &error));
        assert_true(registered);
        assert_true(proctor_manager_unregister_process(manager, (guint)child, NULL, &error));
        assert_true(
                proctor_manager_is_registered(manager, (guint)child, &registered, NULL, &error));
        assert_false(registered);

        /* Reaped by this test, for the service is not its parent. */
        GAsyncResult *ready = NULL;
        proctor_process_stop_async(process, PROCTOR_STOP_MODE_FORCE, NULL, library_on_ready,
                                   &ready);
        assert_int_equal(waitpid(child, NULL, 0), child);
        assert_true(
                proctor_process_stop_finish(process, library_await(&ready), NULL, NULL, &error));
        g_object_unref(ready);
        assert_null(proctor_manager_adopt(manager, (guint)child, -1, NULL, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_NO_SUCH_PROCESS);
}

static void the_watchdog_can_be_configured(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(ProctorWatchdogConfig) config = proctor_watchdog_config_new();
        g_autoptr(ProctorWatchdogConfig) read = NULL;
        g_autoptr(GError) error = NULL;

        assert_int_equal(proctor_watchdog_config_get_process_timeout(config), 30 * SECOND);
        proctor_watchdog_config_set_process_timeout(config, 11 * SECOND);
        proctor_watchdog_config_set_log_level(config, "ERROR");
        assert_true(proctor_manager_set_watchdog_config(manager, config, NULL, &error));
        assert_true(proctor_manager_stop_watchdog(manager, NULL, &error));
        read = proctor_manager_get_watchdog_config(manager, NULL, &error);
        g_assert_no_error(error);
        assert_int_equal(proctor_watchdog_config_get_process_timeout(read), 11 * SECOND);
        assert_int_equal(proctor_watchdog_config_get_extra_buffer(read), 5 * SECOND);
        assert_string_equal(proctor_watchdog_config_get_log_level(read), "ERROR");
        assert_false(proctor_watchdog_config_get_active(read));
        assert_true(proctor_manager_start_watchdog(manager, NULL, &error));

        proctor_watchdog_config_set_log_level(config, "LOUD");
        assert_false(proctor_manager_set_watchdog_config(manager, config, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_INVALID_ARGUMENT);
}

static void all_at_once(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        G_GNUC_UNUSED g_autoptr(ProctorProcess)
                one = library_start_sh(manager, "trap 'exit 6' INT; sleep 600 & wait");
        G_GNUC_UNUSED g_autoptr(ProctorProcess) two = library_start_sh(manager, "exec sleep 600");
        g_autoptr(GVariant) stats = NULL, delivered = NULL, stopped = NULL;
        g_autoptr(GError) error = NULL;
        guint64 value = 0;
        guint forgotten = 0;

        delivered = proctor_manager_send_signal_to_all(manager, "0x", NULL, &error);
        assert_null(delivered);
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_INVALID_ARGUMENT);
        g_clear_error(&error);
        delivered = proctor_manager_send_signal_to_all(manager, "SIGCONT", NULL, &error);
        g_assert_no_error(error);
        assert_int_equal(g_variant_n_children(delivered), 2);
        stopped = proctor_manager_stop_all(manager, PROCTOR_STOP_MODE_ASK, NULL, &error);
        g_assert_no_error(error);
        assert_int_equal(g_variant_n_children(stopped), 2);
        stats = proctor_manager_get_stats(manager, NULL, &error);
        g_assert_no_error(error);
        assert_true(proctor_stats_lookup(stats, "Started", &value));
        assert_int_equal(value, 2);
        assert_true(proctor_stats_lookup(stats, "Results/stopped", &value));
        assert_int_equal(value, 2);
        assert_true(proctor_stats_lookup(stats, "Watchdog/Active", &value));
        assert_int_equal(value, 1);
        assert_false(proctor_stats_lookup(stats, "Watchdog/Nothing/More", &value));
        assert_true(proctor_manager_cleanup_finished(manager, &forgotten, NULL, &error));
        assert_int_equal(forgotten, 2);
        assert_true(proctor_manager_shutdown(manager, NULL, &error));
}

/* activity */

static void on_hung(ProctorProcess *process, guint64 idle, const char *evidence, const char *action,
                    gpointer data) {
        assert_true(idle >= SECOND / 5);
        assert_string_equal(action, "stop");
        ++*(guint *)data;
}

static void set_check_interval(ProctorManager *manager) {
        g_autoptr(ProctorWatchdogConfig) config = proctor_watchdog_config_new();

        proctor_watchdog_config_set_check_interval(config, SECOND / 50);
        proctor_watchdog_config_set_log_level(config, "ERROR");
        assert_true(proctor_manager_set_watchdog_config(manager, config, NULL, NULL));
}

static ProctorProcess *start_watched(ProctorManager *manager, ProctorActivityFunc func,
                                     gpointer data) {
        g_autoptr(ProctorProcessConfig)
                config = proctor_process_config_new_argv("/bin/sleep", "600", NULL);
        g_autoptr(GError) error = NULL;

        proctor_process_config_set_timeout(config, SECOND * 2 / 5);
        proctor_process_config_set_extra_buffer(config, SECOND / 5);
        proctor_process_config_set_activity_callback(config, func, data, NULL);
        ProctorProcess *process = proctor_manager_start(manager, config, NULL, &error);
        g_assert_no_error(error);
        return process;
}

static gint64 active_now(ProctorProcess *process, gpointer data) {
        ++*(guint *)data;
        return g_get_monotonic_time();
}

static gint64 active_in_the_future(ProctorProcess *process, gpointer data) {
        return G_MAXINT64;
}

static gint64 active_long_ago(ProctorProcess *process, gpointer data) {
        return 1;
}

static gint64 active_unknown(ProctorProcess *process, gpointer data) {
        return -1;
}

static gboolean is_finished(gpointer data) {
        return proctor_process_get_state(data) == PROCTOR_STATE_FINISHED;
}

static void an_answer_counts_if_it_can_be_true(void **state) {
        static const ProctorActivityFunc liars[] = {active_in_the_future, active_long_ago,
                                                    active_unknown};
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(ProctorProcess) honest = NULL;
        guint asked = 0, hung = 0, honest_hung = 0;
        gint64 begin = g_get_monotonic_time();

        set_check_interval(manager);
        honest = start_watched(manager, active_now, &asked);
        g_signal_connect(honest, "hung", G_CALLBACK(on_hung), &honest_hung);
        for (gsize i = 0; i < G_N_ELEMENTS(liars); i++) {
                g_autoptr(ProctorProcess) process = start_watched(manager, liars[i], NULL);

                g_signal_connect(process, "hung", G_CALLBACK(on_hung), &hung);
                library_until(is_finished, process);
                library_check_end(process, -15, PROCTOR_RESULT_HANG);
        }
        while (g_main_context_iteration(NULL, FALSE))
                ;
        assert_int_equal(hung, G_N_ELEMENTS(liars));
        assert_int_equal(honest_hung, 0);
        assert_int_equal(proctor_process_get_state(honest), PROCTOR_STATE_RUNNING);
        /* About twice within each timeout of 0.4 s, not more. */
        assert_in_range(asked, 2, (guint64)(g_get_monotonic_time() - begin) / (SECOND / 5) + 1);
}

typedef struct Block {
        GMainContext *context;
        gboolean end;
} Block;

static gint64 active_blocks(ProctorProcess *process, gpointer data) {
        while (!g_atomic_int_get(&((Block *)data)->end))
                g_usleep(1000);
        return -1;
}

static gboolean stop_block(gpointer data) {
        return G_SOURCE_REMOVE;
}

static gpointer run_block(gpointer data) {
        Block *block = data;

        g_main_context_push_thread_default(block->context);
        while (!g_atomic_int_get(&block->end))
                g_main_context_iteration(block->context, TRUE);
        g_main_context_pop_thread_default(block->context);
        return NULL;
}

static void a_function_that_blocks_harms_its_own_process_alone(void **state) {
        Block block = {.context = g_main_context_new()};
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(ProctorProcess) blocker = NULL, neighbour = NULL;
        guint asked = 0;

        set_check_interval(manager);
        g_main_context_push_thread_default(block.context);
        neighbour = start_watched(manager, active_now, &asked);
        blocker = start_watched(manager, active_blocks, &block);
        g_main_context_pop_thread_default(block.context);

        GThread *thread = g_thread_new("block", run_block, &block);
        library_check_end(blocker, -15, PROCTOR_RESULT_HANG);
        /* Two more of its timeouts, in which its own function cannot be run. */
        assert_false(proctor_process_wait(neighbour, SECOND * 6 / 5, NULL, NULL, NULL, NULL));
        assert_int_equal(proctor_process_get_state(neighbour), PROCTOR_STATE_RUNNING);

        g_atomic_int_set(&block.end, TRUE);
        g_main_context_invoke(block.context, stop_block, NULL);
        g_main_context_wakeup(block.context);
        g_thread_join(thread);
        g_clear_object(&neighbour);
        g_clear_object(&blocker);
        g_clear_object(&manager);
        g_main_context_unref(block.context);
}

static void nicks_are_the_words_of_the_bus(void **state) {
        static const struct {
                const char *(*to_string)(int);
                GType (*type)(void);
                const char *words;
        } cases[] = {
                {(const char *(*)(int))proctor_state_to_string, proctor_state_get_type,
                 "running stopping finished"},
                {(const char *(*)(int))proctor_health_to_string, proctor_health_get_type,
                 "active slow hung"},
                {(const char *(*)(int))proctor_wait_mode_to_string, proctor_wait_mode_get_type,
                 "all any first-failure"},
        };

        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_auto(GStrv) words = g_strsplit(cases[i].words, " ", 0);
                g_autoptr(GEnumClass) class = g_type_class_ref(cases[i].type());

                assert_int_equal(class->n_values, g_strv_length(words));
                for (int value = 0; words[value]; value++) {
                        assert_string_equal(cases[i].to_string(value), words[value]);
                        assert_int_equal(g_enum_get_value_by_nick(class, words[value])->value,
                                         value);
                }
                assert_null(cases[i].to_string(-1));
                assert_null(cases[i].to_string((int)class->n_values));
        }
        assert_string_equal(proctor_result_to_string(PROCTOR_RESULT_NONE), "");
        assert_string_equal(proctor_result_to_string(PROCTOR_RESULT_LOST), "lost");
}

TEST_MAIN(TEST(nicks_are_the_words_of_the_bus), TEST(a_list_has_all_with_their_properties),
          TEST(several_can_be_waited_for), TEST(settings_can_be_changed_while_it_runs),
          TEST(a_pipe_and_an_environment_reach_the_process),
          TEST(a_process_from_elsewhere_can_be_adopted), TEST(the_watchdog_can_be_configured),
          TEST(all_at_once), TEST(an_answer_counts_if_it_can_be_true),
          TEST(a_function_that_blocks_harms_its_own_process_alone))
