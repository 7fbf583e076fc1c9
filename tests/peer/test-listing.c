/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Answers with an entry for each process: they keep nobody waiting, what changes meanwhile is told
 * behind them, users take turns, and nobody has more of them under way than calls that wait. (S-40) */

#include "bus/held.h"
#include "bus/listing.h"
#include "util/room.h"

#define OBJECT_MANAGER "org.freedesktop.DBus.ObjectManager"
#define ALICE          1001
#define BOB            1002

/* Far more than fit into one turn. */
#define N_MANY 600

/* The path of the first one; new string. */
static char *start_many(Client *client, unsigned n) {
        char *first = client_start(client, NULL, NULL);

        for (unsigned i = 1; i < n; i++)
                g_free(client_start(client, NULL, NULL));
        return first;
}

static Call *send_list(Client *client, const char *interface, const char *member) {
        return client_send(client, client_message(client, ROOT, interface, member));
}

static Call *send_get_managed(Client *client) {
        return send_list(client, OBJECT_MANAGER, "GetManagedObjects");
}

static unsigned count_entries(sd_bus_message *reply, const char *contents) {
        unsigned n = 0;

        assert_string_equal(answer_name(reply), "ok");
        assert_true(sd_bus_message_enter_container(reply, 'a', contents) >= 0);
        while (sd_bus_message_skip(reply, contents) > 0)
                n++;
        return n;
}

static unsigned finish_managed(Client *client, Call *call) {
        unsigned n;

        room_until(client->room, call_is_answered, call);
        n = count_entries(call->reply, "{oa{sa{sv}}}");
        call_free(call);
        return n;
}

static SupervisorSettings many_allowed(void) {
        SupervisorSettings settings = supervisor_settings_default();

        settings.limits.running = 2 * N_MANY;
        settings.limits.starts_per_sec = settings.limits.starts_burst = 100000;
        return settings;
}

static void what_is_asked_meanwhile_is_answered_first(void **state) {
        SupervisorSettings settings = many_allowed();
        Client *client;
        Call *managed, *listed;
        Room room;

        client = room_init_private(&room, &settings);
        g_free(start_many(client, N_MANY));
        managed = send_get_managed(client);
        listed = send_list(client, MANAGER, "ListProcesses");
        client_settle(client);
        assert_null(managed->reply);
        assert_null(listed->reply);
        assert_int_equal(finish_managed(client, managed), N_MANY);
        room_until(&room, call_is_answered, listed);
        assert_int_equal(count_entries(listed->reply, "(oussis)"), N_MANY);
        call_free(listed);
        assert_int_equal(g_hash_table_size(room.face->held), 0);
        room_done(&room);
}

static uint64_t cookie_of(sd_bus_message *m) {
        uint64_t cookie;

        assert_true(sd_bus_message_get_cookie(m, &cookie) >= 0);
        return cookie;
}

/* Those signals that were sent behind the answer. */
static unsigned count_behind(Client *client, sd_bus_message *reply, const char *path,
                             const char *member) {
        unsigned n = 0;

        for (unsigned i = 0; i < client->signals->len; i++) {
                sd_bus_message *m = client->signals->pdata[i];

                n += sd_bus_message_is_signal(m, NULL, member) > 0 &&
                     strcmp(sd_bus_message_get_path(m), path) == 0 &&
                     cookie_of(m) > cookie_of(reply);
        }
        return n;
}

static void what_changes_meanwhile_is_told_behind_it(void **state) {
        g_autofree char *first = NULL, *second = NULL;
        SupervisorSettings settings = many_allowed();
        const char *gone;
        Client *client;
        Call *call;
        Room room;

        client = room_init_private(&room, &settings);
        first = start_many(client, 1);
        second = start_many(client, N_MANY);
        call = send_get_managed(client);
        client_settle(client);
        fake_exit(room.world.trees->pdata[0], 3, 0);
        fake_exit(room.world.trees->pdata[1], 3, 0);
        fake_run(&room.world, 0);
        expect_answer(client_call(client, second, PROCESS, "Collect", NULL), "ok");
        assert_null(call->reply);

        room_until(&room, call_is_answered, call);
        client_settle(client);
        assert_in_range(count_entries(call->reply, "{oa{sa{sv}}}"), N_MANY, N_MANY + 1);
        assert_int_equal(count_behind(client, call->reply, first, "PropertiesChanged"), 1);
        assert_int_equal(count_behind(client, call->reply, ROOT, "InterfacesRemoved"), 1);
        gone = NULL;
        for (unsigned i = 0; i < client->signals->len; i++)
                if (sd_bus_message_is_signal(client->signals->pdata[i], NULL, "InterfacesRemoved"))
                        assert_true(sd_bus_message_read(client->signals->pdata[i], "o", &gone) > 0);
        assert_string_equal(gone, second);
        call_free(call);

        /* and nothing is told twice to whom nothing was missed */
        g_free(client_take_signals(client));
        assert_int_equal(finish_managed(client, send_get_managed(client)), N_MANY);
        client_settle(client);
        assert_int_equal(client->signals->len, 0);
        room_done(&room);
}

static bool nothing_is_held(void *room) {
        return g_hash_table_size(((Room *)room)->face->held) == 0;
}

static void who_leaves_gets_none(void **state) {
        Client *client, *other;
        Room room;

        room_init_bus(&room);
        client = room_client(&room);
        other = room_client(&room);
        g_free(start_many(client, N_MANY));
        for (unsigned i = 0; i < 20; i++)
                call_free(send_get_managed(client));
        client_settle(client);
        assert_int_equal(g_hash_table_size(room.face->held), 20);
        client_leave(client);
        room_until(&room, nothing_is_held, &room);
        assert_int_equal(finish_managed(other, send_get_managed(other)), N_MANY);
        room_done(&room);
}

static void only_so_many_are_under_way(void **state) {
        enum { N = 2 * HELD_MAX };
        SupervisorSettings settings = many_allowed();
        unsigned n_answered = 0;
        Call *calls[N];
        Client *client;
        Room room;

        client = room_init_private(&room, &settings);
        g_free(start_many(client, N_MANY / 4));
        for (unsigned i = 0; i < N; i++)
                calls[i] = send_get_managed(client);
        for (unsigned i = 0; i < N; i++) {
                room_until(&room, call_is_answered, calls[i]);
                if (strcmp(answer_name(calls[i]->reply), "ok") != 0) {
                        assert_string_equal(answer_name(calls[i]->reply), LIMITS);
                        assert_non_null(strstr(answer_text(calls[i]->reply),
                                               "calls of one connection that wait"));
                        call_free(calls[i]);
                        continue;
                }
                assert_int_equal(finish_managed(client, calls[i]), N_MANY / 4);
                n_answered++;
        }
        assert_in_range(n_answered, HELD_MAX, N - 1);
        room_done(&room);
}

static void users_take_turns(void **state) {
        SupervisorSettings settings = many_allowed();
        Client *alice, *bob;
        Call *calls[4], *call;
        Room room;

        room_init_system(&room, &settings);
        alice = room_client_of(&room, ALICE);
        bob = room_client_of(&room, BOB);
        g_free(start_many(alice, N_MANY));
        g_free(start_many(bob, 1));
        for (unsigned i = 0; i < G_N_ELEMENTS(calls); i++)
                calls[i] = send_get_managed(alice);
        client_settle(alice);
        call = send_get_managed(bob);
        assert_int_equal(finish_managed(bob, call), 1);
        for (unsigned i = 1; i < G_N_ELEMENTS(calls); i++)
                assert_null(calls[i]->reply);
        for (unsigned i = 0; i < G_N_ELEMENTS(calls); i++)
                assert_int_equal(finish_managed(alice, calls[i]), N_MANY);
        room_done(&room);
}

static usec_t since(usec_t begin) {
        return (usec_t)g_get_monotonic_time() - begin;
}

/* Or its user would have the bus for himself: everybody's messages are behind his long ones. */
static void who_asks_again_at_once_waits(void **state) {
        SupervisorSettings settings = many_allowed();
        usec_t begin, first, again;
        Client *alice, *bob;
        Call *call;
        Room room;

        room_init_system(&room, &settings);
        alice = room_client_of(&room, ALICE);
        bob = room_client_of(&room, BOB);
        g_free(start_many(alice, N_MANY));
        client_settle(bob);
        begin = (usec_t)g_get_monotonic_time();
        assert_int_equal(finish_managed(alice, send_get_managed(alice)), N_MANY);
        first = since(begin);
        begin = (usec_t)g_get_monotonic_time();
        call = send_get_managed(alice);
        client_settle(alice); /* for anything else she does not wait */
        assert_int_equal(finish_managed(bob, send_get_managed(bob)), 0);
        assert_null(call->reply);
        assert_int_equal(finish_managed(alice, call), N_MANY);
        again = since(begin);
        assert_true(again > 2 * first);
        assert_true(again < 11 * USEC_PER_SEC + 2 * first);
        room_done(&room);
}

/* Or the bus would drop the service. */
static void no_answer_is_longer_than_the_bus_lets_through(void **state) {
        g_autofree char *word = g_strnfill(120000, 'x');
        SupervisorSettings settings = many_allowed();
        Client *alice;
        Room room;

        room_init_system(&room, &settings);
        alice = room_client_of(&room, ALICE);
        for (unsigned i = 0; i < 300; i++)
                expect_answer(client_call(alice, ROOT, MANAGER, "StartProcess", "asa{sv}", 2,
                                          "fake", word, 0),
                              "ok");
        expect_answer(client_call(alice, ROOT, OBJECT_MANAGER, "GetManagedObjects", NULL), LIMITS);
        expect_answer(client_call(alice, ROOT, MANAGER, "ListProcesses", NULL), "ok");
        assert_false(room.lost);
        room_done(&room);
}

TEST_MAIN(TEST(what_is_asked_meanwhile_is_answered_first),
          TEST(what_changes_meanwhile_is_told_behind_it), TEST(who_leaves_gets_none),
          TEST(only_so_many_are_under_way), TEST(users_take_turns),
          TEST(who_asks_again_at_once_waits), TEST(no_answer_is_longer_than_the_bus_lets_through))
