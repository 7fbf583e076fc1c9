/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The library on a bus that it shares with others, and when the service goes: who is heard, what
 * is told of processes that somebody else started, and that nothing hangs. */

#include "library-util.h"

#include <signal.h>
#include <unistd.h>

static gboolean is_disconnected(gpointer data) {
        return !proctor_manager_get_connected(data);
}

static void count(GObject *object, GParamSpec *pspec, gpointer data) {
        ++*(guint *)data;
}

static gboolean has_counted(gpointer data) {
        return *(guint *)data > 0;
}

static gpointer kill_service_later(gpointer data) {
        g_usleep(30000);
        kill((pid_t)proctor_manager_get_service_pid(data), SIGKILL);
        return NULL;
}

static void a_service_that_is_killed_fails_what_is_pending(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(ProctorProcess) process = library_start_sh(manager, "exec sleep 600");
        g_autoptr(GPtrArray) many = g_ptr_array_new();
        g_autoptr(GError) error = NULL;
        GAsyncResult *waiting = NULL, *many_waiting = NULL;
        guint notified = 0;

        g_ptr_array_add(many, process);
        g_signal_connect(manager, "notify::connected", G_CALLBACK(count), &notified);
        while (g_main_context_iteration(NULL, FALSE))
                ;
        notified = 0;
        proctor_process_wait_async(process, PROCTOR_INFINITY, NULL, library_on_ready, &waiting);
        proctor_manager_wait_many_async(manager, many, PROCTOR_WAIT_MODE_ALL, PROCTOR_INFINITY,
                                        NULL, library_on_ready, &many_waiting);
        GThread *thread = g_thread_new("kill", kill_service_later, manager);

        /* A blocked thread learns it with no context run. */
        assert_false(proctor_process_wait(process, PROCTOR_INFINITY, NULL, NULL, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_DISCONNECTED);
        g_clear_error(&error);
        g_thread_join(thread);
        assert_true(is_disconnected(manager));
        assert_int_equal(notified, 0);

        assert_false(
                proctor_process_wait_finish(process, library_await(&waiting), NULL, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_DISCONNECTED);
        g_clear_error(&error);
        assert_null(
                proctor_manager_wait_many_finish(manager, library_await(&many_waiting), &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_DISCONNECTED);
        g_clear_error(&error);
        library_until(has_counted, &notified);
        assert_int_equal(notified, 1);

        assert_false(
                proctor_process_stop(process, PROCTOR_STOP_MODE_FORCE, NULL, NULL, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_DISCONNECTED);
        g_object_unref(waiting);
        g_object_unref(many_waiting);
}

static void closing_ends_everything_and_leaves_no_zombie(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(ProctorProcess) process = library_start_sh(manager, "trap '' TERM; sleep 600");
        g_autoptr(GError) error = NULL;
        pid_t service = (pid_t)proctor_manager_get_service_pid(manager);
        int pidfd = library_pidfd(proctor_process_get_pid(process));

        assert_true(proctor_manager_close(manager, NULL, &error));
        assert_true(library_gone(pidfd, 0));
        /* Reaped: the number is nobody's. */
        assert_int_equal(proctor_manager_get_service_pid(manager), 0);
        assert_int_equal(kill(service, 0), -1);
        assert_false(proctor_manager_get_connected(manager));
        assert_true(proctor_manager_close(manager, NULL, &error));
        assert_false(proctor_process_wait(process, PROCTOR_INFINITY, NULL, NULL, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_DISCONNECTED);
        close(pidfd);
}

static void closing_later_does_the_same(void **state) {
        GAsyncResult *created = NULL, *closed = NULL;
        g_autoptr(GError) error = NULL;

        proctor_manager_new_embedded_async(NULL, library_on_ready, &created);
        g_autoptr(ProctorManager)
                manager = proctor_manager_new_embedded_finish(library_await(&created), &error);
        g_assert_no_error(error);
        assert_true(proctor_manager_get_embedded(manager));
        assert_non_null(proctor_manager_get_version(manager));
        assert_non_null(proctor_manager_get_features(manager));
        g_autoptr(ProctorProcess) process = library_start_sh(manager, "exec sleep 600");
        int pidfd = library_pidfd(proctor_process_get_pid(process));

        proctor_manager_close_async(manager, NULL, library_on_ready, &closed);
        assert_true(proctor_manager_close_finish(manager, library_await(&closed), &error));
        assert_true(library_gone(pidfd, 0));
        g_object_unref(created);
        g_object_unref(closed);
        close(pidfd);
}

static void dropping_the_manager_ends_everything(void **state) {
        ProctorManager *manager = library_embedded();
        ProctorProcess *process = library_start_sh(manager, "exec sleep 600");
        int pidfd = library_pidfd(proctor_process_get_pid(process));

        g_object_unref(process);
        g_object_add_weak_pointer(G_OBJECT(manager), (gpointer *)&manager);
        g_object_unref(manager);
        assert_null(manager);
        assert_true(library_gone(pidfd, DEADLINE / 1000));
        close(pidfd);
}

static void no_service_is_said_so(void **state) {
        g_autoptr(LibraryBus) bus = library_bus_new();
        g_autoptr(GError) error = NULL;
        GAsyncResult *ready = NULL;

        assert_null(proctor_manager_new_for_address(bus->address, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_UNAVAILABLE);
        g_clear_error(&error);
        proctor_manager_new_for_address_async("unix:path=/no/such/bus", NULL, library_on_ready,
                                              &ready);
        assert_null(proctor_manager_new_for_address_finish(library_await(&ready), &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_UNAVAILABLE);
        g_clear_error(&error);
        g_object_unref(ready);

        g_autofree char *daemon = g_strdup(g_getenv("PROCTOR_DAEMON"));
        g_setenv("PROCTOR_DAEMON", "/bin/false", TRUE);
        assert_null(proctor_manager_new_embedded(NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_UNAVAILABLE);
        g_clear_error(&error);
        g_setenv("PROCTOR_DAEMON", "/no/such/daemon", TRUE);
        assert_null(proctor_manager_new_embedded(NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_UNAVAILABLE);
        g_setenv("PROCTOR_DAEMON", daemon, TRUE);
}

static gboolean all_have_results(gpointer data) {
        GPtrArray *results = data;

        for (guint i = 0; i < results->len; i++)
                if (!((GAsyncResult **)results->pdata)[i])
                        return FALSE;
        return TRUE;
}

#define OTHERS 300

/* More waits than the bus allows calls, for processes that another connection started. */
static void others_processes_can_be_waited_for(void **state) {
        g_autoptr(LibraryBus) bus = library_bus_new();
        g_autoptr(ProctorManager) owner = NULL, watcher = NULL;
        g_autoptr(GPtrArray) mine = g_ptr_array_new_with_free_func(g_object_unref);
        g_autoptr(GPtrArray) theirs = g_ptr_array_new_with_free_func(g_object_unref);
        g_autoptr(GPtrArray) results = g_ptr_array_new_with_free_func(g_object_unref);
        g_autoptr(GError) error = NULL;

        library_bus_start_service(bus);
        owner = library_bus_manager(bus);
        watcher = library_bus_manager(bus);
        for (int i = 0; i < OTHERS; i++)
                g_ptr_array_add(mine, library_start_sh(owner, "exec sleep 600"));
        g_ptr_array_set_size(results, OTHERS);
        for (int i = 0; i < OTHERS; i++) {
                guint64 id = proctor_process_get_id(mine->pdata[i]);
                ProctorProcess *process = proctor_manager_get_process_by_id(watcher, id, NULL,
                                                                            &error);

                g_assert_no_error(error);
                g_ptr_array_add(theirs, process);
        }
        /* Waits without a subscription: each has to look for itself. */
        assert_true(proctor_manager_unsubscribe(watcher, NULL, &error));
        for (int i = 0; i < OTHERS; i++)
                proctor_process_wait_async(theirs->pdata[i], PROCTOR_INFINITY, NULL,
                                           library_on_ready, &results->pdata[i]);
        /* Asked for while it is needed. */
        assert_true(proctor_manager_unsubscribe(watcher, NULL, &error));
        g_variant_unref(proctor_manager_stop_all(owner, PROCTOR_STOP_MODE_FORCE, NULL, NULL));
        library_until(all_have_results, results);
        for (int i = 0; i < OTHERS; i++) {
                int exit_code;

                proctor_process_wait_finish(theirs->pdata[i], results->pdata[i], &exit_code, NULL,
                                            &error);
                g_assert_no_error(error);
                assert_int_equal(exit_code, -9);
        }
}

static void on_manager_started(ProctorManager *manager, ProctorProcess *process, GString *order) {
        assert_string_equal(proctor_process_get_name(process), "seen");
        g_string_append_c(order, 'S');
}

static void on_manager_exited(ProctorManager *manager, ProctorProcess *process, int exit_code,
                              ProctorResult result, GString *order) {
        assert_int_equal(exit_code, 5);
        assert_int_equal(proctor_process_get_exit_code(process), 5);
        g_string_append_c(order, 'E');
}

static gboolean has_both(gpointer data) {
        return ((GString *)data)->len >= 2;
}

static void a_subscriber_hears_of_all(void **state) {
        g_autoptr(LibraryBus) bus = library_bus_new();
        g_autoptr(ProctorManager) owner = NULL, watcher = NULL;
        g_autoptr(GString) order = g_string_new(NULL);
        g_autoptr(ProctorProcessConfig)
                config = proctor_process_config_new_argv("/bin/sh", "-c", "exit 5", NULL);
        g_autoptr(GError) error = NULL;

        library_bus_start_service(bus);
        owner = library_bus_manager(bus);
        watcher = library_bus_manager(bus);
        g_signal_connect(watcher, "process-started", G_CALLBACK(on_manager_started), order);
        g_signal_connect(watcher, "process-exited", G_CALLBACK(on_manager_exited), order);
        assert_true(proctor_manager_subscribe(watcher, NULL, &error));
        proctor_process_config_set_name(config, "seen");
        g_object_unref(proctor_manager_start(owner, config, NULL, &error));
        g_assert_no_error(error);
        library_until(has_both, order);
        assert_string_equal(order->str, "SE");
}

static gboolean is_connected(gpointer data) {
        return proctor_manager_get_connected(data);
}

static void lie(GDBusConnection *liar, ProctorManager *manager, const char *path,
                const char *interface, const char *name, GVariant *body) {
        g_autoptr(GError) error = NULL;

        g_dbus_connection_emit_signal(
                liar, g_dbus_connection_get_unique_name(proctor_manager_get_connection(manager)),
                path, interface, name, body, &error);
        g_assert_no_error(error);
}

/* All that could make the library believe that a process has ended, or that the liar is the service;
 * when this returns it has arrived. */
static void tell_all_lies(GDBusConnection *liar, ProctorManager *manager, const char *process) {
        const char *self = g_dbus_connection_get_unique_name(liar);
        const char *const interfaces[] = {"org.proctor1.Process", NULL};

        lie(liar, manager, process, "org.proctor1.Process", "Exited",
            g_variant_new("(is)", 0, "success"));
        lie(liar, manager, "/org/proctor1", "org.proctor1.Manager", "ProcessExited",
            g_variant_new("(ousis)", process, 1, "x", 0, "success"));
        lie(liar, manager, process, "org.freedesktop.DBus.Properties", "PropertiesChanged",
            g_variant_new_parsed("('org.proctor1.Process', {'State': <'finished'>, "
                                 "'Result': <'success'>, 'ExitCode': <0>}, @as [])"));
        lie(liar, manager, "/org/proctor1", "org.freedesktop.DBus.ObjectManager",
            "InterfacesRemoved", g_variant_new("(o^as)", process, interfaces));
        lie(liar, manager, "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged",
            g_variant_new("(sss)", "org.proctor1", "", self));
        lie(liar, manager, "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged",
            g_variant_new("(sss)", "org.proctor1", self, ""));
        assert_true(g_dbus_connection_flush_sync(liar, NULL, NULL));
        g_variant_unref(g_dbus_connection_call_sync(liar, "org.freedesktop.DBus", "/",
                                                    "org.freedesktop.DBus.Peer", "Ping", NULL, NULL,
                                                    G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL));
        g_variant_unref(g_dbus_connection_call_sync(proctor_manager_get_connection(manager),
                                                    "org.freedesktop.DBus", "/",
                                                    "org.freedesktop.DBus.Peer", "Ping", NULL, NULL,
                                                    G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL));
        while (g_main_context_iteration(NULL, FALSE))
                ;
}

static void check_runs_on(ProctorManager *manager, ProctorProcess *process) {
        g_autoptr(GError) error = NULL;

        assert_true(proctor_manager_get_connected(manager));
        assert_false(proctor_process_wait(process, 0, NULL, NULL, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_TIMEOUT);
        assert_int_equal(proctor_process_get_state(process), PROCTOR_STATE_RUNNING);
}

/* S-15: before, during and after a restart of the service. */
static void only_the_service_is_believed(void **state) {
        g_autoptr(LibraryBus) bus = library_bus_new();
        g_autoptr(ProctorManager) manager = NULL;
        g_autoptr(GDBusConnection) liar = NULL;
        g_autoptr(GError) error = NULL;
        const char *path;

        library_bus_start_service(bus);
        manager = library_bus_manager(bus);
        g_autoptr(ProctorProcess) process = library_start_sh(manager, "exec sleep 600");
        int pidfd = library_pidfd(proctor_process_get_pid(process));

        path = proctor_process_get_object_path(process);
        liar = g_dbus_connection_new_for_address_sync(
                bus->address,
                G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                        G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                NULL, NULL, &error);
        g_assert_no_error(error);
        tell_all_lies(liar, manager, path);
        check_runs_on(manager, process);

        library_bus_kill_service(bus);
        library_until(is_disconnected, manager);
        tell_all_lies(liar, manager, path);
        assert_false(proctor_manager_get_connected(manager));

        library_bus_start_service(bus);
        library_until(is_connected, manager);
        g_autoptr(ProctorProcess) later = library_start_sh(manager, "exec sleep 600");
        tell_all_lies(liar, manager, proctor_process_get_object_path(later));
        check_runs_on(manager, later);
        close(pidfd);
}

static void count_exited(ProctorProcess *process, int exit_code, ProctorResult result, guint *n) {
        assert_int_equal(result, PROCTOR_RESULT_LOST);
        ++*n;
}

static void a_new_service_is_found_and_old_processes_are_not_mixed_up(void **state) {
        g_autoptr(LibraryBus) bus = library_bus_new();
        g_autoptr(ProctorManager) manager = NULL;
        g_autoptr(GError) error = NULL;

        library_bus_start_service(bus);
        manager = library_bus_manager(bus);
        g_autoptr(ProctorProcess) old = library_start_sh(manager, "exec sleep 600");
        int pidfd = library_pidfd(proctor_process_get_pid(old));
        guint ended = 0;

        g_signal_connect(old, "exited", G_CALLBACK(count_exited), &ended);
        library_bus_kill_service(bus);
        library_until(is_disconnected, manager);
        assert_false(proctor_process_refresh(old, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_DISCONNECTED);
        g_clear_error(&error);

        library_bus_start_service(bus);
        library_until(is_connected, manager);
        library_until(has_counted, &ended);
        g_autoptr(ProctorProcess) new = library_start_sh(manager, "exit 4");
        library_check_end(new, 4, PROCTOR_RESULT_EXIT_CODE);
        assert_ptr_not_equal(old, new);
        assert_string_equal(proctor_process_get_object_path(old),
                            proctor_process_get_object_path(new));
        /* The new one has the same path; the old handle does not reach it. */
        assert_false(proctor_process_stop(old, PROCTOR_STOP_MODE_FORCE, NULL, NULL, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_NO_SUCH_PROCESS);
        library_check_end(old, 0, PROCTOR_RESULT_LOST);
        close(pidfd);
}

static void on_exited_seen(GDBusConnection *connection, const char *sender, const char *path,
                           const char *interface, const char *name, GVariant *parameters,
                           gpointer data) {
        ++*(guint *)data;
}

static void a_connection_can_be_shared_and_stays_open(void **state) {
        g_autoptr(LibraryBus) bus = library_bus_new();
        g_autoptr(GDBusConnection) connection = NULL;
        g_autoptr(GError) error = NULL;
        GAsyncResult *ready = NULL;
        guint seen = 0;

        library_bus_start_service(bus);
        connection = g_dbus_connection_new_for_address_sync(
                bus->address,
                G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                        G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                NULL, NULL, &error);
        g_assert_no_error(error);
        guint id = g_dbus_connection_signal_subscribe(
                connection, "org.proctor1", "org.proctor1.Process", "Exited", NULL, NULL,
                G_DBUS_SIGNAL_FLAGS_NONE, on_exited_seen, &seen, NULL);
        ProctorManager *first = proctor_manager_new_for_connection(connection, NULL, &error);
        g_assert_no_error(error);
        proctor_manager_new_for_connection_async(connection, NULL, library_on_ready, &ready);
        g_autoptr(ProctorManager)
                second = proctor_manager_new_for_connection_finish(library_await(&ready), &error);
        g_assert_no_error(error);
        g_clear_object(&ready);

        ProctorProcess *one = library_start_sh(first, "exit 1");
        library_check_end(one, 1, PROCTOR_RESULT_EXIT_CODE);
        g_object_unref(one);
        /* Who listens beside the library still hears. */
        library_until(has_counted, &seen);
        assert_true(proctor_manager_close(first, NULL, &error));
        g_object_unref(first);
        assert_false(g_dbus_connection_is_closed(connection));

        g_autoptr(ProctorProcess) two = library_start_sh(second, "exit 2");
        library_check_end(two, 2, PROCTOR_RESULT_EXIT_CODE);
        g_dbus_connection_signal_unsubscribe(connection, id);
        assert_true(g_dbus_connection_close_sync(connection, NULL, &error));
        library_until(is_disconnected, second);
}

#define THREADS 16

static gpointer start_and_wait(gpointer manager) {
        for (int i = 0; i < 10; i++) {
                g_autoptr(ProctorProcess) process = library_start_sh(manager, "exit 11");

                library_check_end(process, 11, PROCTOR_RESULT_EXIT_CODE);
        }
        return NULL;
}

static void many_threads_may_block_at_once(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        GThread *threads[THREADS];

        for (int i = 0; i < THREADS; i++)
                threads[i] = g_thread_new("block", start_and_wait, manager);
        for (int i = 0; i < THREADS; i++)
                g_thread_join(threads[i]);
}

/* A cancellation at any moment of any call: an answer or G_IO_ERROR_CANCELLED, and nothing stuck. */
static void a_call_can_be_cancelled_at_any_moment(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(ProctorProcess) process = library_start_sh(manager, "exec sleep 600");

        for (int i = 0; i < 60; i++) {
                g_autoptr(GCancellable) cancellable = g_cancellable_new();
                GAsyncResult *results[4] = {NULL};

                proctor_process_refresh_async(process, cancellable, library_on_ready, &results[0]);
                proctor_manager_list_async(manager, cancellable, library_on_ready, &results[1]);
                proctor_process_wait_async(process, PROCTOR_INFINITY, cancellable, library_on_ready,
                                           &results[2]);
                proctor_manager_get_process_async(manager, proctor_process_get_pid(process),
                                                  cancellable, library_on_ready, &results[3]);
                for (int turn = 0; turn < i % 6; turn++)
                        g_main_context_iteration(NULL, FALSE);
                g_usleep((gulong)i * 20);
                g_cancellable_cancel(cancellable);
                for (gsize k = 0; k < G_N_ELEMENTS(results); k++) {
                        library_await(&results[k]);
                        if (k == 2)
                                assert_false(proctor_process_wait_finish(process, results[k], NULL,
                                                                         NULL, NULL));
                        g_object_unref(results[k]);
                }
        }
        assert_true(proctor_process_refresh(process, NULL, NULL));
        assert_int_equal(proctor_process_get_state(process), PROCTOR_STATE_RUNNING);
}

TEST_MAIN(TEST(a_service_that_is_killed_fails_what_is_pending),
          TEST(closing_ends_everything_and_leaves_no_zombie), TEST(closing_later_does_the_same),
          TEST(dropping_the_manager_ends_everything), TEST(no_service_is_said_so),
          TEST(others_processes_can_be_waited_for), TEST(a_subscriber_hears_of_all),
          TEST(only_the_service_is_believed),
          TEST(a_new_service_is_found_and_old_processes_are_not_mixed_up),
          TEST(a_connection_can_be_shared_and_stays_open), TEST(many_threads_may_block_at_once),
          TEST(a_call_can_be_cancelled_at_any_moment))
