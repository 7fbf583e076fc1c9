/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* See daemon.h. */

#include "util/daemon.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define PATIENCE_MSEC 20000

static void die_with_parent(void *userdata) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static GPid spawn(const char *const *argv, int *ret_out) {
        g_autoptr(GError) error = NULL;
        GPid pid = 0;

        if (!g_spawn_async_with_pipes(NULL, (char **)argv, NULL,
                                      G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD,
                                      die_with_parent, NULL, &pid, NULL, ret_out, NULL, &error))
                fail_msg("cannot start %s: %s", argv[0], error->message);
        return pid;
}

static void start_bus(Daemon *daemon) {
        const char *argv[] = {"dbus-daemon", "--session", "--nofork", "--print-address=1", NULL};
        g_autoptr(GIOChannel) channel = NULL;
        int out = -1;

        daemon->bus_pid = spawn(argv, &out);
        channel = g_io_channel_unix_new(out);
        g_io_channel_set_close_on_unref(channel, TRUE);
        assert_int_equal(g_io_channel_read_line(channel, &daemon->address, NULL, NULL, NULL),
                         G_IO_STATUS_NORMAL);
        g_strchomp(daemon->address);
}

static void on_name(GDBusConnection *connection, const char *name, const char *owner,
                    void *appeared) {
        *(bool *)appeared = true;
}

static gboolean on_patience(void *userdata) {
        fail_msg("the service did not take its name");
        return G_SOURCE_REMOVE;
}

void daemon_init(Daemon *daemon) {
        const char *program = g_getenv("PROCTOR_DAEMON");
        g_autofree char *option = NULL;
        const char *argv[3] = {program};
        bool appeared = false;
        unsigned watch, patience;

        *daemon = (Daemon){};
        assert_non_null(program);
        start_bus(daemon);
        argv[1] = option = g_strconcat("--address=", daemon->address, NULL);
        daemon->pid = spawn(argv, NULL);
        daemon->connection = g_dbus_connection_new_for_address_sync(
                daemon->address,
                G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                        G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                NULL, NULL, NULL);
        assert_non_null(daemon->connection);
        watch = g_bus_watch_name_on_connection(daemon->connection, "org.proctor1",
                                               G_BUS_NAME_WATCHER_FLAGS_NONE, on_name, NULL,
                                               &appeared, NULL);
        patience = g_timeout_add(PATIENCE_MSEC, on_patience, NULL);
        while (!appeared)
                g_main_context_iteration(NULL, TRUE);
        g_source_remove(patience);
        g_bus_unwatch_name(watch);
}

void daemon_done(Daemon *daemon) {
        int status = -1;

        kill(daemon->pid, SIGTERM);
        assert_int_equal(waitpid(daemon->pid, &status, 0), daemon->pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
        g_dbus_connection_close_sync(daemon->connection, NULL, NULL);
        g_object_unref(daemon->connection);
        kill(daemon->bus_pid, SIGTERM);
        waitpid(daemon->bus_pid, NULL, 0);
        g_free(daemon->address);
}

GVariant *daemon_call(Daemon *daemon, const char *path, const char *interface, const char *member,
                      GVariant *arguments, GError **error) {
        return g_dbus_connection_call_sync(daemon->connection, "org.proctor1", path, interface,
                                           member, arguments, NULL, G_DBUS_CALL_FLAGS_NONE,
                                           PATIENCE_MSEC, NULL, error);
}

char *daemon_answer(Daemon *daemon, const char *path, const char *interface, const char *member,
                    GVariant *arguments) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant)
                answer = daemon_call(daemon, path, interface, member, arguments, &error);

        if (answer)
                return g_strdup("ok");
        if (!g_dbus_error_is_remote_error(error))
                return g_strdup(error->message);
        return g_dbus_error_get_remote_error(error);
}

char *daemon_start(Daemon *daemon, const char *const *argv, GVariant *options) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) answer = NULL;
        char *path = NULL;

        if (!options)
                options = g_variant_new_array(G_VARIANT_TYPE("{sv}"), NULL, 0);
        answer = daemon_call(daemon, "/org/proctor1", "org.proctor1.Manager", "StartProcess",
                             g_variant_new("(^as@a{sv})", argv, options), &error);
        if (!answer)
                fail_msg("%s: %s", argv[0], error->message);
        g_variant_get(answer, "(ou)", &path, NULL);
        return path;
}

char *daemon_read_xml(const char *interface) {
        const char *folder = g_getenv("PROCTOR_INTERFACES");
        g_autofree char *file = NULL;
        char *text = NULL;

        assert_non_null(folder);
        file = g_strconcat(folder, "/", interface, ".xml", NULL);
        assert_true(g_file_get_contents(file, &text, NULL, NULL));
        return text;
}
