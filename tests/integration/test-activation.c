/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A service that its bus starts when it is called and that leaves when nobody uses it: it leaves after
 * its time and not while there is something to lose, and a call at the moment of leaving is never
 * lost. */

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "util/check.h"

#define PATIENCE_MSEC 20000
#define IDLE_USEC     20000
#define N_ROUNDS      200

#define BUS_CONFIG                                                                                 \
        "<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>"    \
        "<servicedir>%s</servicedir><policy context=\"default\"><allow own=\"*\"/>"                \
        "<allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/></policy>"   \
        "</busconfig>"

typedef struct Place {
        char *folder;
        GPid bus_pid;
        char *address;
        GDBusConnection *watcher; /* never calls the service */
        char *owner; /* of the service's name, as the watcher has heard; NULL: nobody */
        unsigned n_comings;
        unsigned n_goings;
        bool expired;
} Place;

static void die_with_parent(void *userdata) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void write_file(Place *place, const char *name, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void write_file(Place *place, const char *name, const char *format, ...) {
        g_autofree char *path = g_build_filename(place->folder, name, NULL), *text = NULL;
        va_list args;

        va_start(args, format);
        text = g_strdup_vprintf(format, args);
        va_end(args);
        assert_true(g_file_set_contents(path, text, -1, NULL));
}

static GDBusConnection *connect_client(Place *place) {
        GDBusConnection *connection = g_dbus_connection_new_for_address_sync(
                place->address,
                G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                        G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                NULL, NULL, NULL);

        assert_non_null(connection);
        return connection;
}

static void on_owner(GDBusConnection *connection, const char *sender, const char *path,
                     const char *interface, const char *member, GVariant *arguments,
                     void *userdata) {
        Place *place = userdata;
        const char *owner;

        g_variant_get(arguments, "(&s&s&s)", NULL, NULL, &owner);
        if (*owner)
                place->n_comings++;
        else
                place->n_goings++;
        g_free(place->owner);
        place->owner = *owner ? g_strdup(owner) : NULL;
}

static void start_bus(Place *place) {
        g_autofree char *option = g_strdup_printf("--config-file=%s/bus.conf", place->folder);
        const char *argv[] = {"dbus-daemon", option, "--nofork", "--print-address=1", NULL};
        g_autoptr(GIOChannel) channel = NULL;
        int out = -1;

        assert_true(g_spawn_async_with_pipes(
                NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD,
                die_with_parent, NULL, &place->bus_pid, NULL, &out, NULL, NULL));
        channel = g_io_channel_unix_new(out);
        g_io_channel_set_close_on_unref(channel, TRUE);
        assert_int_equal(g_io_channel_read_line(channel, &place->address, NULL, NULL, NULL),
                         G_IO_STATUS_NORMAL);
        g_strchomp(place->address);
}

static void place_init(Place *place, uint64_t idle_usec) {
        *place = (Place){.folder = g_dir_make_tmp("proctor-test-XXXXXX", NULL)};
        assert_non_null(place->folder);
        write_file(place, "bus.conf", BUS_CONFIG, place->folder);
        write_file(place, "proctord.conf", "[Service]\nExitIdleUSec=%" G_GUINT64_FORMAT "\n",
                   idle_usec);
        write_file(place, "org.proctor1.service",
                   "[D-BUS Service]\nName=org.proctor1\nExec=%s --session "
                   "--config=%s/proctord.conf\n",
                   g_getenv("PROCTOR_DAEMON"), place->folder);
        start_bus(place);
        place->watcher = connect_client(place);
        g_dbus_connection_signal_subscribe(place->watcher, "org.freedesktop.DBus",
                                           "org.freedesktop.DBus", "NameOwnerChanged",
                                           "/org/freedesktop/DBus", "org.proctor1",
                                           G_DBUS_SIGNAL_FLAGS_NONE, on_owner, place, NULL);
}

static void place_done(Place *place) {
        static const char *const files[] = {"bus.conf", "proctord.conf", "org.proctor1.service"};

        g_dbus_connection_close_sync(place->watcher, NULL, NULL);
        g_object_unref(place->watcher);
        while (g_main_context_iteration(NULL, FALSE))
                ;
        kill(place->bus_pid, SIGTERM);
        waitpid(place->bus_pid, NULL, 0);
        for (unsigned i = 0; i < G_N_ELEMENTS(files); i++) {
                g_autofree char *path = g_build_filename(place->folder, files[i], NULL);

                unlink(path);
        }
        rmdir(place->folder);
        g_free(place->folder);
        g_free(place->address);
        g_free(place->owner);
}

static gboolean on_expired(void *userdata) {
        ((Place *)userdata)->expired = true;
        return G_SOURCE_REMOVE;
}

static void until_goings(Place *place, unsigned n) {
        unsigned id = g_timeout_add(PATIENCE_MSEC, on_expired, place);

        while (place->n_goings < n) {
                g_main_context_iteration(NULL, TRUE);
                if (place->expired)
                        fail_msg("the service has not left");
        }
        g_source_remove(id);
}

static void turn(Place *place) {
        while (g_main_context_iteration(NULL, FALSE))
                ;
}

static GVariant *call_at(GDBusConnection *connection, const char *service, const char *path,
                         const char *interface, const char *member, GVariant *arguments) {
        g_autoptr(GError) error = NULL;
        GVariant *answer = g_dbus_connection_call_sync(connection, service, path, interface, member,
                                                       arguments, NULL, G_DBUS_CALL_FLAGS_NONE,
                                                       PATIENCE_MSEC, NULL, &error);

        if (!answer)
                fail_msg("%s: %s", member, error->message);
        return answer;
}

static GVariant *call_manager(GDBusConnection *connection, const char *member,
                              GVariant *arguments) {
        return call_at(connection, "org.proctor1", "/org/proctor1", "org.proctor1.Manager", member,
                       arguments);
}

static void leave_client(GDBusConnection *connection) {
        g_dbus_connection_close_sync(connection, NULL, NULL);
        g_object_unref(connection);
}

static char *start(GDBusConnection *connection, const char *program) {
        const char *argv[] = {program, "1000", NULL};
        g_autoptr(GVariant) answer = NULL;
        char *path;

        if (strcmp(program, "true") == 0)
                argv[1] = NULL;
        answer = call_manager(connection, "StartProcess",
                              g_variant_new("(^as@a{sv})", argv,
                                            g_variant_new_array(G_VARIANT_TYPE("{sv}"), NULL, 0)));
        g_variant_get(answer, "(ou)", &path, NULL);
        return path;
}

static void call_process(GDBusConnection *connection, const char *path, const char *member,
                         GVariant *arguments) {
        g_variant_unref(call_at(connection, "org.proctor1", path, "org.proctor1.Process", member,
                                arguments));
}

/* The ways to use it. */

static void list_processes(GDBusConnection *connection) {
        g_variant_unref(call_manager(connection, "ListProcesses", NULL));
}

static void run_and_collect(GDBusConnection *connection) {
        g_autofree char *path = start(connection, "true");

        call_process(connection, path, "Wait", g_variant_new("(t)", UINT64_MAX));
        call_process(connection, path, "Collect", NULL);
}

static void find_and_call(GDBusConnection *connection) {
        /* as GDBusProxy: the owner of the name first, then that one by its own name */
        G_GNUC_UNUSED g_autoptr(GVariant) started = call_at(
                connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                "StartServiceByName", g_variant_new("(su)", "org.proctor1", 0));
        g_autoptr(GVariant) found = NULL;
        g_autoptr(GError) error = NULL;
        const char *owner;

        found = g_dbus_connection_call_sync(
                connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                "GetNameOwner", g_variant_new("(s)", "org.proctor1"), NULL, G_DBUS_CALL_FLAGS_NONE,
                PATIENCE_MSEC, NULL, &error);
        if (!found)
                return; /* it left between the two: the proxy would begin again */
        g_variant_get(found, "(&s)", &owner);
        g_variant_unref(call_at(connection, owner, "/org/proctor1", "org.proctor1.Manager",
                                "ListProcesses", NULL));
}

static void it_starts_when_called_and_leaves_after_its_time(void **state) {
        GDBusConnection *client;
        int64_t left;
        Place place;

        place_init(&place, 300000);
        client = connect_client(&place);
        list_processes(client);
        left = g_get_monotonic_time();
        leave_client(client);
        until_goings(&place, 1);
        assert_true(g_get_monotonic_time() - left >= 300000);
        assert_int_equal(place.n_comings, 1);
        place_done(&place);
}

static gboolean on_time(void *userdata) {
        *(bool *)userdata = true;
        return G_SOURCE_REMOVE;
}

/* Several times the idle time: whoever would leave has left. */
static void expect_stay(Place *place) {
        unsigned goings = place->n_goings;
        bool passed = false;

        g_timeout_add(20 * IDLE_USEC / 1000, on_time, &passed);
        while (!passed)
                g_main_context_iteration(NULL, TRUE);
        assert_int_equal(place->n_goings, goings);
}

static void it_stays_while_there_is_something_to_lose(void **state) {
        g_autofree char *path = NULL, *group = NULL;
        g_autoptr(GVariant) created = NULL;
        GDBusConnection *client;
        Place place;

        place_init(&place, IDLE_USEC);
        client = connect_client(&place);
        list_processes(client);
        expect_stay(&place); /* a client that has called */
        path = start(client, "sleep");
        leave_client(client);
        expect_stay(&place); /* a process */
        client = connect_client(&place);
        call_process(client, path, "Stop", g_variant_new("(b)", TRUE));
        leave_client(client);
        expect_stay(&place); /* a result */
        client = connect_client(&place);
        created = call_manager(client, "CreateGroup",
                               g_variant_new("(s@a{sv})", "plan",
                                             g_variant_new_array(G_VARIANT_TYPE("{sv}"), NULL, 0)));
        call_process(client, path, "Collect", NULL);
        leave_client(client);
        expect_stay(&place); /* a group */
        client = connect_client(&place);
        g_variant_get(created, "(o)", &group);
        g_variant_unref(
                call_at(client, "org.proctor1", group, "org.proctor1.Group", "Shutdown", NULL));
        leave_client(client);
        until_goings(&place, 1);
        place_done(&place);
}

static void no_call_at_the_moment_of_leaving_is_lost(void **state) {
        static void (*const ways[])(GDBusConnection *) = {list_processes, run_and_collect,
                                                          find_and_call};
        g_autoptr(GRand) rand = check_rand("activation");
        GDBusConnection *client;
        Place place;

        place_init(&place, IDLE_USEC);
        for (unsigned i = 0; i < N_ROUNDS; i++) {
                client = connect_client(&place);
                ways[i % G_N_ELEMENTS(ways)](client);
                leave_client(client);
                /* around the time of its leaving, and through the time for which it lingers */
                if (i % 4 == 0)
                        until_goings(&place, place.n_goings + (place.owner != NULL));
                else
                        g_usleep((gulong)(IDLE_USEC + g_rand_int_range(rand, -2000, 3000)));
                turn(&place);
        }
        print_message("%u calls, the service came %u times and left %u times\n", N_ROUNDS,
                      place.n_comings, place.n_goings);
        assert_true(place.n_goings > 0);
        until_goings(&place, place.n_comings);
        place_done(&place);
}

TEST_MAIN(TEST(it_starts_when_called_and_leaves_after_its_time),
          TEST(it_stays_while_there_is_something_to_lose),
          TEST(no_call_at_the_moment_of_leaving_is_lost))
