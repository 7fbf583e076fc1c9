/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* See room.h. */

#include "util/room.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bus/bus-source.h"
#include "bus/connect.h"
#include "bus/pace.h"

static void on_service_lost(void *userdata, int error) {
        ((Room *)userdata)->lost = true;
}

static void on_worked(void *userdata) {
        pace_worked(((Room *)userdata)->face);
}

static void on_client_lost(void *userdata, int error) {
        ((Client *)userdata)->lost = true;
}

static void let_world_run(Room *room) {
        fake_run(&room->world, usec_sub(now_read().monotonic, room->world.now.monotonic));
}

static gboolean on_pump(void *userdata) {
        let_world_run(userdata);
        return G_SOURCE_CONTINUE;
}

static void on_idle(void *userdata) {
        ((Room *)userdata)->world.n_idle++;
}

static void room_begin(Room *room, const SupervisorSettings *settings, FaceKind kind) {
        const char *features[] = {"fake", NULL};
        SupervisorSettings standard = supervisor_settings_default();
        Hands hands;

        assert_int_equal(face_new(kind, room->bus, (char **)features, &room->face), 0);
        fake_world_hands(&room->world, &hands);
        room->world.now = now_read();
        supervisor_free(room->world.supervisor);
        room->world.supervisor = supervisor_new(&hands, settings ?: &standard, &face_events,
                                                room->face, &room->world.now);
        face_set_supervisor(room->face, room->world.supervisor);
        face_set_idle(room->face, on_idle, room);
        room->world.mute = true;
        room->source = bus_source_new(room->bus, on_service_lost, room);
        bus_source_set_worked(room->source, on_worked);
        g_source_attach(room->source, NULL);
        room->pump = g_timeout_source_new(1);
        g_source_set_priority(room->pump, G_PRIORITY_HIGH);
        g_source_set_callback(room->pump, on_pump, room, NULL);
        g_source_attach(room->pump, NULL);
        room->clients = g_ptr_array_new();
}

static int on_message(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Client *client = userdata;
        uint8_t type;

        sd_bus_message_get_type(m, &type);
        if (type == SD_BUS_MESSAGE_SIGNAL)
                g_ptr_array_add(client->signals, sd_bus_message_ref(m));
        return 0;
}

static void unref_message(void *m) {
        sd_bus_message_unref(m);
}

static Client *client_new(Room *room, sd_bus *bus) {
        Client *client = g_new0(Client, 1);

        client->room = room;
        client->bus = bus;
        client->signals = g_ptr_array_new_with_free_func(unref_message);
        assert_true(sd_bus_add_filter(bus, NULL, on_message, client) >= 0);
        client->source = bus_source_new(bus, on_client_lost, client);
        g_source_attach(client->source, NULL);
        g_ptr_array_add(room->clients, client);
        return client;
}

static sd_bus *client_end(int fd) {
        sd_bus *bus = NULL;

        assert_true(sd_bus_new(&bus) >= 0);
        assert_true(sd_bus_set_fd(bus, fd, fd) >= 0);
        assert_true(sd_bus_negotiate_fds(bus, 1) >= 0);
        assert_true(sd_bus_start(bus) >= 0);
        return bus;
}

Client *room_init_private(Room *room, const SupervisorSettings *settings) {
        Client *client;
        int ends[2];

        *room = (Room){};
        fake_world_init(&room->world, settings);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        assert_int_equal(connect_private(ends[0], &room->bus), 0);
        room_begin(room, settings, FACE_PRIVATE);
        client = client_new(room, client_end(ends[1]));
        client_settle(client); /* or a message with descriptors would wait for the handshake */
        return client;
}

static void die_with_parent(void *userdata) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* Like that of the session, with one limit of its own. */
#define CONFIG_LIMITED                                                                             \
        "<busconfig><include>/usr/share/dbus-1/session.conf</include>"                             \
        "<limit name=\"max_match_rules_per_connection\">%u</limit></busconfig>"

/* Everybody may come and send; what else he may is the service's affair. */
#define CONFIG_SYSTEM                                                                              \
        "<busconfig><type>system</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>"     \
        "<policy context=\"default\"><allow user=\"*\"/><allow own=\"*\"/>"                        \
        "<allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/></policy>"   \
        "</busconfig>"

/* New string: the file. */
static char *write_config(const char *text) {
        char *file = NULL;
        int fd = g_file_open_tmp("proctor-test-XXXXXX.conf", &file, NULL);

        assert_true(fd >= 0);
        close(fd);
        assert_true(g_file_set_contents(file, text, -1, NULL));
        return file;
}

static void start_daemon(Room *room, const char *config) {
        g_autofree char *option = g_strconcat("--config-file=", config ?: "", NULL);
        const char *argv[] = {"dbus-daemon", config ? option : "--session", "--nofork",
                              "--print-address=1", NULL};
        g_autoptr(GIOChannel) channel = NULL;
        g_autoptr(GError) error = NULL;
        int out = -1;

        if (!g_spawn_async_with_pipes(
                    NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD,
                    die_with_parent, NULL, &room->daemon, NULL, &out, NULL, &error)) {
                print_message("no dbus-daemon: %s\n", error->message);
                skip();
        }
        channel = g_io_channel_unix_new(out);
        g_io_channel_set_close_on_unref(channel, TRUE);
        assert_int_equal(g_io_channel_read_line(channel, &room->address, NULL, NULL, &error),
                         G_IO_STATUS_NORMAL);
        g_strchomp(room->address);
}

static void init_on_bus(Room *room, const char *config, const SupervisorSettings *settings,
                        FaceKind kind) {
        *room = (Room){};
        start_daemon(room, config);
        fake_world_init(&room->world, settings);
        assert_int_equal(connect_address(room->address, &room->bus), 0);
        room_begin(room, settings, kind);
        assert_true(sd_bus_request_name(room->bus, "org.proctor1", 0) >= 0);
}

void room_init_bus(Room *room) {
        init_on_bus(room, NULL, NULL, FACE_BUS);
}

void room_init_bus_limited(Room *room, unsigned match_rules) {
        g_autofree char *text = g_strdup_printf(CONFIG_LIMITED, match_rules);
        g_autofree char *config = write_config(text);

        init_on_bus(room, config, NULL, FACE_BUS);
        unlink(config);
}

/* The bus daemon lets only those in whom the user database knows: in a mount namespace of our own it
 * knows these too. */
static void invent_users(void) {
        static const char more[] = "alice:x:1001:1001::/:/bin/sh\nbob:x:1002:1002::/:/bin/sh\n"
                                   "signed:x:2147483648:65534::/:/bin/sh\n"
                                   "big:x:4000000000:65534::/:/bin/sh\n";
        g_autofree char *known = NULL, *text = NULL, *file = NULL;
        static bool invented;
        int fd;

        if (invented)
                return;
        assert_true(g_file_get_contents("/etc/passwd", &known, NULL, NULL));
        text = g_strconcat(known, more, NULL);
        fd = g_file_open_tmp("proctor-test-XXXXXX", &file, NULL);
        assert_true(fd >= 0);
        close(fd);
        assert_true(g_file_set_contents_full(file, text, -1, G_FILE_SET_CONTENTS_NONE, 0644, NULL));
        if (unshare(CLONE_NEWNS) < 0) {
                unlink(file);
                print_message("no mount namespace to be had: %s\n", strerror(errno));
                skip();
        }
        assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
        assert_int_equal(mount(file, "/etc/passwd", NULL, MS_BIND, NULL), 0);
        unlink(file);
        invented = true;
}

void room_init_system(Room *room, const SupervisorSettings *settings) {
        g_autofree char *config = NULL;

        if (geteuid() != 0) {
                print_message("without root nobody can be somebody else\n");
                skip();
        }
        invent_users();
        config = write_config(CONFIG_SYSTEM);
        init_on_bus(room, config, settings, FACE_SYSTEM);
        unlink(config);
}

Client *room_client(Room *room) {
        sd_bus *bus = NULL;

        assert_int_equal(connect_address(room->address, &bus), 0);
        return client_new(room, bus);
}

/* Who somebody is, is what he is when he connects. */
Client *room_client_of(Room *room, uid_t uid) {
        sd_bus *bus = NULL;

        assert_int_equal(seteuid(uid), 0);
        assert_int_equal(connect_address(room->address, &bus), 0);
        assert_int_equal(seteuid(0), 0);
        return client_new(room, bus);
}

static void client_free(Client *client) {
        g_source_destroy(client->source);
        g_source_unref(client->source);
        g_ptr_array_unref(client->signals);
        sd_bus_close(client->bus);
        sd_bus_unref(client->bus);
        g_free(client);
}

void client_leave(Client *client) {
        g_ptr_array_remove(client->room->clients, client);
        client_free(client);
}

void room_done(Room *room) {
        while (room->clients->len > 0)
                client_leave(room->clients->pdata[0]);
        g_ptr_array_unref(room->clients);
        g_source_destroy(room->source);
        g_source_unref(room->source);
        g_source_destroy(room->pump);
        g_source_unref(room->pump);
        /* as main.c does it: starts that are open are answered by the end */
        supervisor_end(room->world.supervisor, &room->world.now);
        fake_run(&room->world, USEC_PER_MINUTE);
        assert_int_equal(room->world.n_idle, 1);
        face_free(room->face);
        sd_bus_flush_close_unref(room->bus);
        fake_world_done(&room->world);
        if (room->daemon) {
                kill(room->daemon, SIGTERM);
                waitpid(room->daemon, NULL, 0);
        }
        g_free(room->address);
}

static gboolean on_patience(void *userdata) {
        *(bool *)userdata = true;
        return G_SOURCE_REMOVE;
}

void room_until(Room *room, bool (*check)(void *userdata), void *userdata) {
        bool expired = false;
        unsigned id = g_timeout_add(ROOM_PATIENCE / USEC_PER_MSEC, on_patience, &expired);

        while (!check(userdata)) {
                assert_false(expired);
                g_main_context_iteration(NULL, TRUE);
        }
        g_source_remove(id);
}

static int on_reply(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Call *call = userdata;

        call->reply = sd_bus_message_ref(m);
        return 0;
}

Call *client_send(Client *client, sd_bus_message *m) {
        Call *call = g_new0(Call, 1);

        assert_true(sd_bus_call_async(client->bus, &call->slot, m, on_reply, call, UINT64_MAX) >=
                    0);
        sd_bus_message_unref(m);
        return call;
}

sd_bus_message *client_message(Client *client, const char *path, const char *interface,
                               const char *member) {
        const char *service = client->room->address ? "org.proctor1" : NULL;
        sd_bus_message *m = NULL;

        assert_true(sd_bus_message_new_method_call(client->bus, &m, service, path, interface,
                                                   member) >= 0);
        return m;
}

Call *call_free(Call *call) {
        sd_bus_slot_unref(call->slot);
        sd_bus_message_unref(call->reply);
        g_free(call);
        return NULL;
}

bool call_is_answered(void *call) {
        return ((Call *)call)->reply;
}

static sd_bus_message *wait_for(Client *client, Call *call) {
        sd_bus_message *reply;

        room_until(client->room, call_is_answered, call);
        reply = sd_bus_message_ref(call->reply);
        call_free(call);
        return reply;
}

sd_bus_message *client_call(Client *client, const char *path, const char *interface,
                            const char *member, const char *types, ...) {
        sd_bus_message *m = client_message(client, path, interface, member);
        va_list args;

        va_start(args, types);
        if (types)
                assert_true(sd_bus_message_appendv(m, types, args) >= 0);
        va_end(args);
        return wait_for(client, client_send(client, m));
}

void client_settle(Client *client) {
        sd_bus_message_unref(client_call(client, ROOT, "org.freedesktop.DBus.Peer", "Ping", NULL));
}

const char *answer_name(sd_bus_message *reply) {
        const sd_bus_error *error = sd_bus_message_get_error(reply);

        return error ? error->name : "ok";
}

const char *answer_text(sd_bus_message *reply) {
        const sd_bus_error *error = sd_bus_message_get_error(reply);

        return error ? error->message : "";
}

void expect_answer_at(sd_bus_message *reply, const char *name, const char *file, int line) {
        if (strcmp(answer_name(reply), name) != 0) {
                print_error("expected %s, not %s: %s\n", name, answer_name(reply),
                            answer_text(reply));
                _fail(file, line);
        }
        sd_bus_message_unref(reply);
}

char *client_start(Client *client, const char *key, const char *type, ...) {
        sd_bus_message *m = client_message(client, ROOT, MANAGER, "StartProcess"), *reply;
        const char *path;
        va_list args;
        char *copy;

        va_start(args, type);
        assert_true(sd_bus_message_append(m, "as", 1, "fake") >= 0);
        assert_true(sd_bus_message_open_container(m, 'a', "{sv}") >= 0);
        if (key) {
                assert_true(sd_bus_message_open_container(m, 'e', "sv") >= 0);
                assert_true(sd_bus_message_append(m, "s", key) >= 0);
                assert_true(sd_bus_message_open_container(m, 'v', type) >= 0);
                assert_true(sd_bus_message_appendv(m, type, args) >= 0);
                assert_true(sd_bus_message_close_container(m) >= 0);
                assert_true(sd_bus_message_close_container(m) >= 0);
        }
        va_end(args);
        assert_true(sd_bus_message_close_container(m) >= 0);
        reply = wait_for(client, client_send(client, m));
        assert_true(sd_bus_message_read(reply, "ou", &path, NULL) >= 0);
        copy = g_strdup(path);
        sd_bus_message_unref(reply);
        return copy;
}

unsigned client_count_signals(Client *client, const char *member) {
        unsigned n = 0;

        for (unsigned i = 0; i < client->signals->len; i++)
                n += sd_bus_message_is_signal(client->signals->pdata[i], NULL, member) > 0;
        return n;
}

char *client_take_signals(Client *client) {
        GString *text = g_string_new(NULL);

        for (unsigned i = 0; i < client->signals->len; i++)
                g_string_append_printf(text, "%s%s", text->len > 0 ? "; " : "",
                                       sd_bus_message_get_member(client->signals->pdata[i]));
        g_ptr_array_set_size(client->signals, 0);
        return g_string_free(text, FALSE);
}
