/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who calls, on a private dbus-daemon: the first messages of a new connection keep their order, and
 * one that leaves at any moment leaves nothing behind. And on a connection without a daemon, who is
 * believed to be whom. */

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "bus/connect.h"

#include "util/room.h"

static bool nobody_is_known(void *room) {
        return g_hash_table_size(((Room *)room)->face->peers.by_name) == 0;
}

static sd_bus_message *start_message(Client *client, unsigned number) {
        sd_bus_message *m = client_message(client, ROOT, MANAGER, "StartProcess");
        g_autofree char *name = g_strdup_printf("%u", number);

        assert_true(sd_bus_message_append(m, "asa{sv}", 1, "fake", 1, "Name", "s", name) >= 0);
        return m;
}

#define N_CALLS 100

/* Sent in one go by connections that nobody has heard of: worked off in the order sent. */
static void the_first_messages_of_a_connection_keep_their_order(void **state) {
        Call *calls[3][N_CALLS];
        Client *clients[3];
        uint64_t last[3] = {};
        Room room;

        room_init_bus(&room);
        for (unsigned k = 0; k < 3; k++) {
                clients[k] = room_client(&room);
                sd_bus_flush(clients[k]->bus);
        }
        for (unsigned i = 0; i < N_CALLS; i++)
                for (unsigned k = 0; k < 3; k++)
                        calls[k][i] = client_send(clients[k], start_message(clients[k], i));
        for (unsigned i = 0; i < N_CALLS; i++)
                for (unsigned k = 0; k < 3; k++) {
                        const char *path;
                        uint64_t id;

                        room_until(&room, call_is_answered, calls[k][i]);
                        assert_string_equal(answer_name(calls[k][i]->reply), "ok");
                        assert_true(sd_bus_message_read(calls[k][i]->reply, "ou", &path, NULL) >=
                                    0);
                        assert_int_equal(face_process_id(path, &id), 0);
                        assert_true(id > last[k]);
                        last[k] = id;
                        call_free(calls[k][i]);
                }
        assert_int_equal(supervisor_count(room.world.supervisor, UID_ANY), 3 * N_CALLS);
        room_done(&room);
}

/* A call that comes while the first ones are being worked off goes behind them. */
static void later_messages_stay_behind_the_first(void **state) {
        Call *calls[N_CALLS], *last;
        Client *client;
        const char *word;
        Room room;

        room_init_bus(&room);
        client = room_client(&room);
        for (unsigned i = 0; i < N_CALLS; i++) {
                calls[i] = client_send(client, start_message(client, i));
                g_main_context_iteration(NULL, FALSE); /* spread over the turns of the loop */
        }
        last = client_send(client, client_message(client, ROOT, MANAGER, "ListProcesses"));
        room_until(&room, call_is_answered, last);
        assert_true(sd_bus_message_enter_container(last->reply, 'a', "(oussis)") >= 0);
        for (unsigned i = 0; i < N_CALLS; i++) {
                g_autofree char *name = g_strdup_printf("%u", i);
                int32_t code;

                /* starts are settled later than they are asked for; what is there is in order */
                if (sd_bus_message_read(last->reply, "(oussis)", NULL, NULL, &word, NULL, &code,
                                        NULL) <= 0)
                        break;
                assert_string_equal(word, name);
        }
        call_free(last);
        for (unsigned i = 0; i < N_CALLS; i++) {
                room_until(&room, call_is_answered, calls[i]);
                call_free(calls[i]);
        }
        room_done(&room);
}

static void one_that_leaves_at_any_moment_is_forgotten(void **state) {
        g_autoptr(GRand) rand = check_rand(__func__);
        Room room;

        room_init_bus(&room);
        for (unsigned i = 0; i < 60; i++) {
                Client *client = room_client(&room);

                sd_bus_flush(client->bus);
                for (unsigned k = 0; k < 10; k++)
                        call_free(client_send(client, start_message(client, k)));
                sd_bus_flush(client->bus);
                for (int turns = g_rand_int_range(rand, 0, 12); turns > 0; turns--)
                        g_main_context_iteration(NULL, FALSE);
                client_leave(client);
        }
        room_until(&room, nobody_is_known, &room);
        assert_int_equal(g_hash_table_size(room.face->peers.by_origin), 0);
        assert_int_equal(room.face->peers.n_subscribed, 0);
        room_done(&room);
}

static void connections_that_only_look_are_forgotten_too(void **state) {
        Room room;

        room_init_bus(&room);
        for (unsigned i = 0; i < 5; i++) {
                Client *client = room_client(&room);

                expect_answer(client_call(client, ROOT, "org.freedesktop.DBus.ObjectManager",
                                          "GetManagedObjects", NULL),
                              "ok");
                assert_int_equal(g_hash_table_size(room.face->peers.by_name), 1);
                assert_int_equal(room.face->peers.n_subscribed, 1);
                client_leave(client);
                room_until(&room, nobody_is_known, &room);
                assert_int_equal(room.face->peers.n_subscribed, 0);
        }
        room_done(&room);
}

/* Nobody would tell when such a caller leaves; he is refused, and not left without an answer. */
static void who_cannot_be_watched_is_refused(void **state) {
        Room room;

        room_init_bus_limited(&room, 0);
        for (unsigned i = 0; i < 3; i++) {
                Client *client = room_client(&room);
                Call *first = client_send(client,
                                          client_message(client, ROOT, MANAGER, "GetStats"));

                expect_answer(client_call(client, ROOT, MANAGER, "Subscribe", NULL), LIMITS);
                room_until(&room, call_is_answered, first);
                assert_string_equal(answer_name(first->reply), LIMITS);
                call_free(first);
        }
        assert_int_equal(g_hash_table_size(room.face->peers.by_name), 0);
        room_done(&room);
}

/* The system bus lets a connection have 512 of them. */
static void one_match_is_enough_for_all(void **state) {
        Client *clients[20];
        Room room;

        room_init_bus_limited(&room, 1);
        for (unsigned round = 0; round < 2; round++) {
                for (unsigned i = 0; i < G_N_ELEMENTS(clients); i++) {
                        clients[i] = room_client(&room);
                        expect_answer(client_call(clients[i], ROOT, MANAGER, "Subscribe", NULL),
                                      "ok");
                }
                assert_int_equal(room.face->peers.n_subscribed, G_N_ELEMENTS(clients));
                for (unsigned i = 0; i < G_N_ELEMENTS(clients); i++)
                        client_leave(clients[i]);
                room_until(&room, nobody_is_known, &room);
                assert_null(room.face->peers.left_slot); /* and idle is silent */
        }
        room_done(&room);
}

static void everybody_is_told_apart_by_his_connection(void **state) {
        g_autofree char *a = NULL, *b = NULL;
        Client *first, *second;
        const Process *process;
        Room room;

        room_init_bus(&room);
        first = room_client(&room);
        second = room_client(&room);
        a = client_start(first, "BindToCaller", "b", 1);
        b = client_start(second, "BindToCaller", "b", 1);
        process = supervisor_find(room.world.supervisor, 1);
        assert_true(process->origin != supervisor_find(room.world.supervisor, 2)->origin);
        assert_int_equal(process->owner, getuid());
        client_leave(first);
        while (process_is_running(process))
                g_main_context_iteration(NULL, TRUE);
        assert_int_equal(process->result, RESULT_OWNER_LOST);
        assert_int_equal(supervisor_find(room.world.supervisor, 2)->state, STATE_RUNNING);
        room_done(&room);
}

#define STRANGER 1001

/* A connection to the service's end, by somebody else if that is to be had, from an address that looks
 * as if the kernel vouched for it. */
static int connect_strangely(int *ret_service_end) {
        static const char address[] = "\0pid=1;uid=0;gid=0;euid=0;\n";
        struct sockaddr_un listening = {.sun_family = AF_UNIX}, calling = {.sun_family = AF_UNIX};
        int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        socklen_t length = sizeof listening;
        bool is_root = geteuid() == 0;

        assert_int_equal(bind(listener, (struct sockaddr *)&listening, sizeof(sa_family_t)), 0);
        assert_int_equal(getsockname(listener, (struct sockaddr *)&listening, &length), 0);
        assert_int_equal(listen(listener, 1), 0);
        memcpy(calling.sun_path, address, sizeof address - 1);
        snprintf(calling.sun_path + sizeof address - 1, 16, "%d", (int)getpid());
        assert_int_equal(
                bind(fd, (struct sockaddr *)&calling,
                     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof address + 15)),
                0);
        if (is_root)
                assert_int_equal(seteuid(STRANGER), 0);
        assert_int_equal(connect(fd, (struct sockaddr *)&listening, length), 0);
        if (is_root)
                assert_int_equal(seteuid(0), 0);
        *ret_service_end = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        assert_true(*ret_service_end >= 0);
        close(listener);
        return fd;
}

/* The service's answer to what a client says first. */
static char *answer_to(const char *words, uid_t *ret_uid) {
        sd_bus_creds *creds = NULL;
        char answer[256] = "";
        int end, fd = connect_strangely(&end);
        sd_bus *bus;

        assert_true(write(fd, "", 1) == 1);
        assert_int_equal(write(fd, words, strlen(words)), strlen(words));
        assert_int_equal(connect_private(end, &bus), 0);
        for (unsigned i = 0; i < 4; i++)
                if (sd_bus_process(bus, NULL) < 0)
                        break;
        (void)!recv(fd, answer, sizeof answer - 1, MSG_DONTWAIT);
        *ret_uid = UID_ANY;
        if (sd_bus_get_owner_creds(bus, SD_BUS_CREDS_EUID, &creds) >= 0)
                (void)sd_bus_creds_get_euid(creds, ret_uid);
        sd_bus_creds_unref(creds);
        sd_bus_close(bus);
        sd_bus_unref(bus);
        close(fd);
        return g_strndup(answer, strcspn(answer, " \r\n"));
}

/* S-11: he is who the kernel says that he was when he connected. */
static void who_claims_to_be_somebody_else_is_rejected(void **state) {
        uid_t own = geteuid() == 0 ? STRANGER : geteuid(), uid;
        g_autofree char *number = g_strdup_printf("%u", (unsigned)own);
        GString *hex = g_string_new("AUTH EXTERNAL ");
        static const char *const claims[] = {
                "AUTH EXTERNAL 30\r\n",               /* 0 */
                "AUTH EXTERNAL 3430303030303030\r\n", /* 40000000 */
                "AUTH EXTERNAL 2d31\r\n",             /* -1 */
                "AUTH EXTERNAL 34323934393637323935\r\n",
                "AUTH ANONYMOUS 30\r\n",
                "AUTH DBUS_COOKIE_SHA1 726f6f74\r\n",
                "AUTH\r\n",
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(claims); i++) {
                g_autofree char *answer = answer_to(claims[i], &uid);

                if (strcmp(answer, "REJECTED") != 0 && strcmp(answer, "ERROR") != 0)
                        fail_msg("%s: '%s'", claims[i], answer);
                assert_true(uid == own || uid == UID_ANY);
        }
        for (const char *p = number; *p; p++)
                g_string_append_printf(hex, "%02x", *p);
        g_string_append(hex, "\r\n");
        g_autofree char *answer = answer_to(hex->str, &uid);
        assert_string_equal(answer, "OK");
        assert_int_equal(uid, own);
        g_string_free(hex, TRUE);
}

TEST_MAIN(TEST(who_claims_to_be_somebody_else_is_rejected),
          TEST(the_first_messages_of_a_connection_keep_their_order),
          TEST(later_messages_stay_behind_the_first),
          TEST(one_that_leaves_at_any_moment_is_forgotten),
          TEST(connections_that_only_look_are_forgotten_too),
          TEST(who_cannot_be_watched_is_refused), TEST(one_match_is_enough_for_all),
          TEST(everybody_is_told_apart_by_his_connection))
