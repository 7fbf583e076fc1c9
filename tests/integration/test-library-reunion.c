/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A service that goes and comes back, and what becomes of the handles: played by a service of our
 * own, which says what a test wants it to say, at the moment that the test wants. */

#include "library-util.h"

#include "dbus/proctor-names.h"

#define PATH  PROCTOR_PROCESS_PATH_PREFIX "7"
#define PID   4711
#define START 1000

/* Answers in the worker thread of its connection: no main context has to run for it. */
typedef struct Stage {
        GDBusConnection *connection;
        guint filter;
        GMutex mutex;
        guint pid;       /* of the process at PATH; 0: there is none */
        guint64 start;   /* its StartTimestampMonotonic */
        gboolean silent; /* does not answer GetManagedObjects */
        guint n_calls;   /* to the process */
} Stage;

static GVariant *stage_process(Stage *stage) {
        GVariantDict dict;

        g_variant_dict_init(&dict, NULL);
        g_variant_dict_insert(&dict, "PID", "u", stage->pid);
        g_variant_dict_insert(&dict, "StartTimestampMonotonic", "t", stage->start);
        g_variant_dict_insert(&dict, "State", "s", "running");
        g_variant_dict_insert(&dict, "Health", "s", "slow");
        return g_variant_dict_end(&dict);
}

static GVariant *stage_objects(Stage *stage) {
        GVariantBuilder objects;

        g_variant_builder_init(&objects, G_VARIANT_TYPE("a{oa{sa{sv}}}"));
        if (stage->pid != 0) {
                g_variant_builder_open(&objects, G_VARIANT_TYPE("{oa{sa{sv}}}"));
                g_variant_builder_add(&objects, "o", PATH);
                g_variant_builder_open(&objects, G_VARIANT_TYPE("a{sa{sv}}"));
                g_variant_builder_add(&objects, "{s@a{sv}}", PROCTOR_PROCESS_INTERFACE,
                                      stage_process(stage));
                g_variant_builder_close(&objects);
                g_variant_builder_close(&objects);
        }
        return g_variant_new("(a{oa{sa{sv}}})", &objects);
}

/* NULL: an empty answer. */
static GVariant *stage_answer(Stage *stage, const char *member, GVariant *body) {
        static const char *const features[] = {"played", NULL};
        const char *property;

        if (g_str_equal(member, "StartProcess"))
                return g_variant_new("(ou)", PATH, stage->pid);
        if (g_str_equal(member, "GetManagedObjects"))
                return stage_objects(stage);
        if (g_str_equal(member, "GetAll"))
                return g_variant_new("(@a{sv})", stage_process(stage));
        if (!g_str_equal(member, "Get"))
                return NULL;
        g_variant_get(body, "(&s&s)", NULL, &property);
        return g_variant_new("(v)", g_str_equal(property, "Features")
                                            ? g_variant_new_strv(features, -1)
                                            : g_variant_new_string("1"));
}

static GDBusMessage *stage_filter(GDBusConnection *connection, GDBusMessage *message,
                                  gboolean incoming, gpointer data) {
        Stage *stage = data;
        const char *member = g_dbus_message_get_member(message);

        if (!incoming ||
            g_dbus_message_get_message_type(message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
                return message;
        g_mutex_lock(&stage->mutex);
        gboolean silent = stage->silent && g_str_equal(member, "GetManagedObjects");
        if (g_str_equal(g_dbus_message_get_path(message), PATH))
                stage->n_calls++;
        /* These are held, as a stop that takes its time. */
        silent = silent || g_str_equal(member, "Stop");
        GVariant *answer = silent ? NULL
                                  : stage_answer(stage, member, g_dbus_message_get_body(message));
        g_mutex_unlock(&stage->mutex);
        if (!silent) {
                g_autoptr(GDBusMessage) reply = g_dbus_message_new_method_reply(message);

                if (answer)
                        g_dbus_message_set_body(reply, answer);
                g_dbus_connection_send_message(connection, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE,
                                               NULL, NULL);
        }
        g_object_unref(message);
        return NULL;
}

static void stage_call(Stage *stage, const char *method, GVariant *parameters) {
        g_autoptr(GError) error = NULL;
        G_GNUC_UNUSED g_autoptr(GVariant) answer = g_dbus_connection_call_sync(
                stage->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                "org.freedesktop.DBus", method, parameters, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                &error);

        g_assert_no_error(error);
}

static void stage_enter(Stage *stage) {
        stage_call(stage, "RequestName", g_variant_new("(su)", PROCTOR_BUS_NAME, 0x4));
}

static void stage_leave(Stage *stage) {
        stage_call(stage, "ReleaseName", g_variant_new("(s)", PROCTOR_BUS_NAME));
}

static void stage_exited(Stage *stage, ProctorManager *manager, int exit_code) {
        g_autoptr(GError) error = NULL;

        g_dbus_connection_emit_signal(
                stage->connection,
                g_dbus_connection_get_unique_name(proctor_manager_get_connection(manager)), PATH,
                PROCTOR_PROCESS_INTERFACE, "Exited", g_variant_new("(is)", exit_code, "exit-code"),
                &error);
        g_assert_no_error(error);
        assert_true(g_dbus_connection_flush_sync(stage->connection, NULL, NULL));
        stage_call(stage, "GetId", NULL);
}

static Stage *stage_new(LibraryBus *bus, guint pid, guint64 start) {
        Stage *stage = g_new0(Stage, 1);
        g_autoptr(GError) error = NULL;

        stage->pid = pid;
        stage->start = start;
        g_mutex_init(&stage->mutex);
        stage->connection = g_dbus_connection_new_for_address_sync(
                bus->address,
                G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                        G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                NULL, NULL, &error);
        g_assert_no_error(error);
        stage->filter = g_dbus_connection_add_filter(stage->connection, stage_filter, stage, NULL);
        return stage;
}

/* With its connection, as a service that is killed. */
static void stage_free(Stage *stage) {
        g_dbus_connection_close_sync(stage->connection, NULL, NULL);
        g_dbus_connection_remove_filter(stage->connection, stage->filter);
        g_object_unref(stage->connection);
        g_mutex_clear(&stage->mutex);
        g_free(stage);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Stage, stage_free)

static void note_connected(ProctorManager *manager, GParamSpec *pspec, GString *order) {
        g_string_append_c(order, proctor_manager_get_connected(manager) ? '+' : '-');
}

static gboolean is_connected(gpointer data) {
        return proctor_manager_get_connected(data);
}

static gboolean is_disconnected(gpointer data) {
        return !proctor_manager_get_connected(data);
}

static gboolean is_finished(gpointer data) {
        return proctor_process_get_state(data) == PROCTOR_STATE_FINISHED;
}

static gboolean has_two(gpointer data) {
        return ((GString *)data)->len >= 2;
}

static ProctorProcess *start(ProctorManager *manager) {
        g_autoptr(ProctorProcessConfig) config = proctor_process_config_new_argv("played", NULL);
        g_autoptr(GError) error = NULL;
        ProctorProcess *process = proctor_manager_start(manager, config, NULL, &error);

        g_assert_no_error(error);
        return process;
}

static void a_handle_is_found_again_by_its_number(void **state) {
        g_autoptr(LibraryBus) bus = library_bus_new();
        g_autoptr(Stage) first = stage_new(bus, PID, START), second = stage_new(bus, PID, START);
        g_autoptr(GString) order = g_string_new(NULL);
        g_autoptr(GError) error = NULL;
        GAsyncResult *stopped = NULL, *waited = NULL;

        stage_enter(first);
        g_autoptr(ProctorManager) manager = library_bus_manager(bus);
        g_autoptr(ProctorProcess) process = start(manager);
        while (g_main_context_iteration(NULL, FALSE))
                ;
        g_signal_connect(manager, "notify::connected", G_CALLBACK(note_connected), order);

        /* What was asked of the first one is answered by nobody. */
        proctor_process_stop_async(process, PROCTOR_STOP_MODE_ASK, NULL, library_on_ready,
                                   &stopped);
        proctor_process_wait_async(process, PROCTOR_INFINITY, NULL, library_on_ready, &waited);
        stage_leave(first);
        assert_false(
                proctor_process_stop_finish(process, library_await(&stopped), NULL, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_DISCONNECTED);
        g_clear_error(&error);
        assert_false(
                proctor_process_wait_finish(process, library_await(&waited), NULL, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_DISCONNECTED);
        g_clear_error(&error);
        library_until(is_disconnected, manager);
        assert_false(proctor_process_refresh(process, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_DISCONNECTED);
        g_clear_error(&error);

        stage_enter(second);
        library_until(is_connected, manager);
        library_until(has_two, order);
        assert_string_equal(order->str, "-+");
        assert_int_equal(proctor_process_get_state(process), PROCTOR_STATE_RUNNING);
        assert_int_equal(proctor_process_get_health(process), PROCTOR_HEALTH_SLOW);
        assert_true(proctor_process_refresh(process, NULL, &error));
        assert_true(second->n_calls > 0);
        g_autoptr(ProctorProcess)
                same = proctor_manager_get_process_by_path(manager, PATH, NULL, &error);
        assert_ptr_equal(same, process);

        /* The first one is still on the bus, and is no longer believed. */
        stage_exited(first, manager, 1);
        assert_true(proctor_process_refresh(process, NULL, &error));
        assert_int_equal(proctor_process_get_state(process), PROCTOR_STATE_RUNNING);
        stage_exited(second, manager, 2);
        library_check_end(process, 2, PROCTOR_RESULT_EXIT_CODE);
        g_object_unref(stopped);
        g_object_unref(waited);
}

/* The number is the same; the process is not. */
static void a_handle_is_not_another_process(void **state) {
        static const struct {
                guint pid;
                guint64 start;
        } others[] = {{PID + 1, START}, {PID, START + 1}, {0, 0}};

        for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
                g_autoptr(LibraryBus) bus = library_bus_new();
                g_autoptr(Stage) first = stage_new(bus, PID, START);
                g_autoptr(Stage) second = stage_new(bus, others[i].pid, others[i].start);
                g_autoptr(GError) error = NULL;

                stage_enter(first);
                g_autoptr(ProctorManager) manager = library_bus_manager(bus);
                g_autoptr(ProctorProcess) process = start(manager);
                assert_true(proctor_process_refresh(process, NULL, NULL));
                stage_leave(first);
                stage_enter(second);
                library_until(is_finished, process);
                library_check_end(process, 0, PROCTOR_RESULT_LOST);
                assert_int_equal(second->n_calls, 0);
                assert_false(proctor_process_send_signal(process, "force", NULL, &error));
                library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_NO_SUCH_PROCESS);
                assert_int_equal(second->n_calls, 0);
        }
}

/* Of a process that was only ever started, its start is known to lie before the answer. */
static void a_process_that_was_started_later_is_another(void **state) {
        g_autoptr(LibraryBus) bus = library_bus_new();
        g_autoptr(Stage) first = stage_new(bus, PID, START);
        g_autoptr(Stage) second = stage_new(bus, PID, G_MAXINT64);

        stage_enter(first);
        g_autoptr(ProctorManager) manager = library_bus_manager(bus);
        g_autoptr(ProctorProcess) process = start(manager);
        stage_leave(first);
        stage_enter(second);
        library_until(is_finished, process);
        library_check_end(process, 0, PROCTOR_RESULT_LOST);
}

/* Nobody is asked twice, and an answer that comes from one that has gone counts for nothing. */
static void a_service_may_go_while_it_is_asked(void **state) {
        g_autoptr(LibraryBus) bus = library_bus_new();
        g_autoptr(Stage) first = stage_new(bus, PID, START), third = stage_new(bus, PID, START);
        g_autoptr(Stage) second = stage_new(bus, 0, 0);

        stage_enter(first);
        g_autoptr(ProctorManager) manager = library_bus_manager(bus);
        g_autoptr(ProctorProcess) process = start(manager);
        second->silent = TRUE;
        stage_leave(first);
        library_until(is_disconnected, manager);
        stage_enter(second);
        stage_leave(second);
        stage_enter(third);
        library_until(is_connected, manager);
        assert_true(proctor_process_refresh(process, NULL, NULL));
        assert_int_equal(proctor_process_get_state(process), PROCTOR_STATE_RUNNING);
}

TEST_MAIN(TEST(a_handle_is_found_again_by_its_number), TEST(a_handle_is_not_another_process),
          TEST(a_process_that_was_started_later_is_another),
          TEST(a_service_may_go_while_it_is_asked))
