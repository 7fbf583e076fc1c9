/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Groups, by the library: plans, runs, their ends, and waits for them. */

#include "library-util.h"

static ProctorGroup *create(ProctorManager *manager, const char *name, ProctorGroupConfig *config) {
        g_autoptr(GError) error = NULL;
        ProctorGroup *group = proctor_manager_create_group(manager, name, config, NULL, &error);

        g_assert_no_error(error);
        return group;
}

static void add(ProctorGroup *group, const char *member, const char *script) {
        g_autoptr(ProctorProcessConfig)
                config = proctor_process_config_new_argv("/bin/sh", "-c", script, NULL);
        g_autoptr(GError) error = NULL;

        proctor_process_config_set_stop_timeout(config, SECOND);
        proctor_group_add_process(group, member, config, NULL, &error);
        g_assert_no_error(error);
}

/* How a member ended, of type a{s(is)}. */
static void check_end(GVariant *ends, const char *member, int exit_code, const char *result) {
        const char *got_result = NULL;
        int got_code = 1000;

        assert_true(g_variant_lookup(ends, member, "(i&s)", &got_code, &got_result));
        assert_int_equal(got_code, exit_code);
        assert_string_equal(got_result, result);
}

static void note_exited(ProctorGroup *group, const char *member, int exit_code,
                        ProctorResult result, GString *order) {
        g_string_append_printf(order, "%s:%d:%s ", member, exit_code,
                               proctor_result_to_string(result));
}

static void note_failed(ProctorGroup *group, const char *member, const char *reason,
                        GString *order) {
        g_string_append_printf(order, "%s! ", member);
}

static void note_finished(ProctorGroup *group, GVariant *members, GString *order) {
        g_string_append_printf(order, "end:%u", (guint)g_variant_n_children(members));
}

static gboolean has_ended(gpointer data) {
        return strstr(((GString *)data)->str, "end:") != NULL;
}

static void a_group_runs_and_tells(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(ProctorGroup) group = create(manager, "web", NULL);
        g_autoptr(GVariant) started = NULL, failed = NULL, ends = NULL, status = NULL;
        g_autoptr(GString) order = g_string_new(NULL);
        g_auto(GStrv) members = NULL;
        g_autoptr(GError) error = NULL;
        gboolean complete;

        assert_string_equal(proctor_group_get_name(group), "web");
        assert_int_equal(proctor_group_get_state(group), PROCTOR_GROUP_STATE_IDLE);
        add(group, "one", "exit 0");
        add(group, "two", "exit 7");
        g_autoptr(ProctorProcessConfig)
                missing = proctor_process_config_new_argv("/no/such/program", NULL);
        assert_true(proctor_group_add_process(group, "three", missing, NULL, &error));
        assert_true(proctor_group_refresh(group, NULL, &error));
        members = proctor_group_dup_members(group);
        g_autofree char *joined = g_strjoinv(" ", members);
        assert_string_equal(joined, "one two three");

        g_signal_connect(group, "member-exited", G_CALLBACK(note_exited), order);
        g_signal_connect(group, "member-failed", G_CALLBACK(note_failed), order);
        g_signal_connect(group, "finished", G_CALLBACK(note_finished), order);
        assert_true(proctor_group_start_all(group, &started, &failed, NULL, &error));
        assert_int_equal(g_variant_n_children(started), 2);
        assert_int_equal(g_variant_n_children(failed), 1);
        ends = proctor_group_wait_for_all(group, DEADLINE, &complete, NULL, &error);
        g_assert_no_error(error);
        assert_true(complete);
        check_end(ends, "one", 0, "success");
        check_end(ends, "two", 7, "exit-code");
        library_until(has_ended, order);
        assert_non_null(strstr(order->str, "one:0:success "));
        assert_non_null(strstr(order->str, "two:7:exit-code "));
        assert_non_null(strstr(order->str, "three! "));

        assert_true(proctor_group_refresh(group, NULL, &error));
        assert_int_equal(proctor_group_get_state(group), PROCTOR_GROUP_STATE_FINISHED);
        assert_int_equal(proctor_group_get_n_running(group), 0);
        assert_string_not_equal(proctor_result_to_string(proctor_group_get_result(group)), "");
        status = proctor_group_get_status(group, NULL, &error);
        assert_int_equal(g_variant_n_children(status), 3);
}

static gboolean is_finished(gpointer data) {
        return proctor_group_get_state(data) == PROCTOR_GROUP_STATE_FINISHED;
}

static void the_end_of_the_key_member_ends_the_run(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(ProctorGroupConfig) config = proctor_group_config_new();
        g_autoptr(GError) error = NULL;

        proctor_group_config_set_key_member(config, "main");
        proctor_group_config_set_max_parallel(config, 2);
        proctor_group_config_set_on_member_failure(config, PROCTOR_MEMBER_FAILURE_STOP_ALL);
        g_autoptr(ProctorGroup) group = create(manager, "job", config);
        assert_string_equal(proctor_group_get_key_member(group), "main");
        assert_int_equal(proctor_group_get_max_parallel(group), 2);
        assert_int_equal(proctor_group_get_on_member_failure(group),
                         PROCTOR_MEMBER_FAILURE_STOP_ALL);
        add(group, "main", "exit 5");
        add(group, "helper", "exec sleep 600");
        assert_true(proctor_group_start_all(group, NULL, NULL, NULL, &error));
        library_until(is_finished, group);
        assert_int_equal(proctor_group_get_result(group), PROCTOR_RESULT_EXIT_CODE);
        assert_int_equal(proctor_group_get_exit_code(group), 5);
        g_autofree char *failed = proctor_group_dup_failed_member(group);
        assert_string_equal(failed, "main");
}

#define WAITS 300

static gboolean all_have_results(gpointer data) {
        GPtrArray *results = data;

        for (guint i = 0; i < results->len; i++)
                if (!((GAsyncResult **)results->pdata)[i])
                        return FALSE;
        return TRUE;
}

/* More waits than the bus allows calls, and a stop among them. */
static void waits_leave_room_for_calls(void **state) {
        g_autoptr(LibraryBus) bus = library_bus_new();
        g_autoptr(GPtrArray) results = g_ptr_array_new_with_free_func(g_object_unref);
        g_autoptr(GCancellable) cancellable = g_cancellable_new();
        g_autoptr(GError) error = NULL;
        GAsyncResult *cancelled = NULL;
        gboolean complete;

        library_bus_start_service(bus);
        g_autoptr(ProctorManager) manager = library_bus_manager(bus);
        g_autoptr(ProctorGroup) group = create(manager, "many", NULL);
        add(group, "one", "exec sleep 600");
        assert_true(proctor_group_start_all(group, NULL, NULL, NULL, &error));
        g_ptr_array_set_size(results, WAITS);
        for (int i = 0; i < WAITS; i++)
                proctor_group_wait_for_all_async(group, i % 2 ? PROCTOR_INFINITY : DEADLINE, NULL,
                                                 library_on_ready, &results->pdata[i]);
        proctor_group_wait_for_all_async(group, PROCTOR_INFINITY, cancellable, library_on_ready,
                                         &cancelled);

        g_autoptr(GVariant) look = proctor_group_wait_for_all(group, 0, &complete, NULL, &error);
        g_assert_no_error(error);
        assert_false(complete);
        assert_int_equal(g_variant_n_children(look), 0);
        gint64 begin = g_get_monotonic_time();
        g_autoptr(GVariant)
                late = proctor_group_wait_for_all(group, SECOND / 5, &complete, NULL, &error);
        g_assert_no_error(error);
        assert_false(complete);
        assert_int_equal(g_variant_n_children(late), 0);
        assert_true(g_get_monotonic_time() - begin >= (gint64)SECOND / 5);

        g_cancellable_cancel(cancellable);
        assert_null(
                proctor_group_wait_for_all_finish(group, library_await(&cancelled), NULL, &error));
        library_check_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
        g_clear_error(&error);
        g_object_unref(cancelled);

        /* The waits hold the subscription. */
        assert_true(proctor_manager_unsubscribe(manager, NULL, &error));
        g_autoptr(GVariant)
                stopped = proctor_group_stop_all(group, PROCTOR_STOP_MODE_FORCE, NULL, &error);
        g_assert_no_error(error);
        check_end(stopped, "one", -9, "stopped");
        library_until(all_have_results, results);
        for (int i = 0; i < WAITS; i++) {
                g_autoptr(GVariant) ends = proctor_group_wait_for_all_finish(
                        group, results->pdata[i], &complete, &error);

                g_assert_no_error(error);
                assert_true(complete);
                check_end(ends, "one", -9, "stopped");
        }
}

static void wrong_uses_are_clear_errors(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(ProctorGroup) group = create(manager, "web", NULL);
        g_autoptr(ProctorProcessConfig) config = proctor_process_config_new_argv("true", NULL);
        g_autoptr(GError) error = NULL;

        assert_null(proctor_manager_create_group(manager, "web", NULL, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_NAME_TAKEN);
        g_clear_error(&error);
        assert_null(proctor_manager_get_group(manager, "none", NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_NO_SUCH_GROUP);
        g_clear_error(&error);
        assert_false(proctor_group_remove_process(group, "none", NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_NO_SUCH_MEMBER);
        g_clear_error(&error);
        add(group, "one", "exit 0");
        assert_false(proctor_group_add_process(group, "one", config, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_NAME_TAKEN);
        g_clear_error(&error);
        assert_true(proctor_group_remove_process(group, "one", NULL, &error));
        assert_null(proctor_group_send_signal(group, "no such", NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_INVALID_ARGUMENT);
        g_clear_error(&error);

        /* One object for one group. */
        g_autoptr(ProctorGroup) same = proctor_manager_get_group(manager, "web", NULL, &error);
        assert_ptr_equal(same, group);
        g_autoptr(GPtrArray) groups = proctor_manager_list_groups(manager, NULL, &error);
        assert_int_equal(groups->len, 1);
        assert_ptr_equal(groups->pdata[0], group);

        assert_true(proctor_group_shutdown(group, NULL, &error));
        assert_null(proctor_group_get_status(group, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_NO_SUCH_GROUP);
        g_clear_error(&error);
        assert_null(proctor_group_wait_for_all(group, PROCTOR_INFINITY, NULL, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_NO_SUCH_GROUP);
}

/* By the end of its run, or by its own: a wait does not outlive the group. */
static void a_wait_ends_with_the_group(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(ProctorGroup) group = create(manager, "web", NULL);
        g_autoptr(GError) error = NULL;
        GAsyncResult *waiting = NULL;

        add(group, "one", "exec sleep 600");
        assert_true(proctor_group_start_all(group, NULL, NULL, NULL, &error));
        proctor_group_wait_for_all_async(group, PROCTOR_INFINITY, NULL, library_on_ready, &waiting);
        assert_true(proctor_group_shutdown(group, NULL, &error));
        g_autoptr(GVariant) ends = proctor_group_wait_for_all_finish(group, library_await(&waiting),
                                                                     NULL, &error);
        if (!ends)
                library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_NO_SUCH_GROUP);
        g_object_unref(waiting);
}

static gboolean is_connected(gpointer data) {
        return proctor_manager_get_connected(data);
}

static gboolean is_disconnected(gpointer data) {
        return !proctor_manager_get_connected(data);
}

static void a_group_goes_with_its_service(void **state) {
        g_autoptr(LibraryBus) bus = library_bus_new();
        g_autoptr(GError) error = NULL;
        GAsyncResult *waiting = NULL;

        library_bus_start_service(bus);
        g_autoptr(ProctorManager) manager = library_bus_manager(bus);
        g_autoptr(ProctorGroup) group = create(manager, "web", NULL);
        add(group, "one", "exec sleep 600");
        assert_true(proctor_group_start_all(group, NULL, NULL, NULL, &error));
        proctor_group_wait_for_all_async(group, PROCTOR_INFINITY, NULL, library_on_ready, &waiting);
        assert_true(proctor_group_refresh(group, NULL, &error));
        library_bus_kill_service(bus);
        assert_null(
                proctor_group_wait_for_all_finish(group, library_await(&waiting), NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_DISCONNECTED);
        g_clear_error(&error);
        g_object_unref(waiting);
        library_until(is_disconnected, manager);
        library_bus_start_service(bus);
        library_until(is_connected, manager);
        library_until(is_finished, group);
        assert_int_equal(proctor_group_get_result(group), PROCTOR_RESULT_LOST);
        assert_false(proctor_group_refresh(group, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_NO_SUCH_GROUP);
}

TEST_MAIN(TEST(a_group_runs_and_tells), TEST(the_end_of_the_key_member_ends_the_run),
          TEST(waits_leave_room_for_calls), TEST(wrong_uses_are_clear_errors),
          TEST(a_wait_ends_with_the_group), TEST(a_group_goes_with_its_service))
