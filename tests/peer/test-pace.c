/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whose calls take long, one or many together, waits before the next, and nobody else does. (S-40) */

#include "bus/pace.h"
#include "util/room.h"

#define ALICE 1001
#define BOB   1002
#define PROPS "org.freedesktop.DBus.Properties"

/* What a look at the fake process of a client takes; the rest after it is a second. */
#define LOOK_USEC (250 * USEC_PER_MSEC)

static char *start_expensive(Client *client) {
        char *path = client_start(client, NULL, NULL);

        fake_last_tree(&client->room->world)->nature.probe_takes = LOOK_USEC;
        return path;
}

static Call *send_look(Client *client, const char *path) {
        sd_bus_message *m = client_message(client, path, PROPS, "Get");

        assert_true(sd_bus_message_append(m, "ss", PROCESS, "CPUUsageNSec") >= 0);
        return client_send(client, m);
}

static void look(Client *client, const char *path) {
        Call *call = send_look(client, path);

        room_until(client->room, call_is_answered, call);
        assert_string_equal(answer_name(call->reply), "ok");
        call_free(call);
}

static usec_t time_to_settle(Client *client) {
        usec_t begin = (usec_t)g_get_monotonic_time();

        client_settle(client);
        return (usec_t)g_get_monotonic_time() - begin;
}

static void who_takes_long_waits(void **state) {
        g_autofree char *path = NULL;
        Client *alice, *other, *bob;
        Call *call;
        Room room;

        room_init_system(&room, NULL);
        alice = room_client_of(&room, ALICE);
        other = room_client_of(&room, ALICE);
        bob = room_client_of(&room, BOB);
        path = start_expensive(alice);
        client_settle(other);
        client_settle(bob);
        look(alice, path);
        call = client_send(other, client_message(other, ROOT, MANAGER, "GetStats"));
        client_settle(bob);
        assert_null(call->reply); /* it is a user who waits, not a connection */
        assert_true(time_to_settle(alice) > 2 * LOOK_USEC);
        room_until(&room, call_is_answered, call);
        assert_string_equal(answer_name(call->reply), "ok");
        call_free(call);
        room_done(&room);
}

/* Or it would look as if the process hung. */
static void signs_of_life_do_not_wait(void **state) {
        g_autofree char *path = NULL;
        Client *alice, *other;
        Call *call;
        Room room;

        room_init_system(&room, NULL);
        alice = room_client_of(&room, ALICE);
        other = room_client_of(&room, ALICE);
        path = start_expensive(alice);
        client_settle(other);
        look(alice, path);
        call = client_send(alice, client_message(alice, ROOT, MANAGER, "GetStats"));
        expect_answer(client_call(other, path, PROCESS, "ReportActivity", NULL), "ok");
        expect_answer(client_call(other, ROOT, WATCHDOG, "UpdateActivity", "u",
                                  (uint32_t)fake_last_tree(&room.world)->pid),
                      "ok");
        assert_null(call->reply);
        room_until(&room, call_is_answered, call);
        call_free(call);
        room_done(&room);
}

static void cheap_calls_are_never_put_off(void **state) {
        g_autofree char *path = NULL;
        Client *alice;
        Room room;

        room_init_system(&room, NULL);
        alice = room_client_of(&room, ALICE);
        path = client_start(alice, NULL, NULL);
        for (unsigned i = 0; i < 1000; i++)
                look(alice, path);
        assert_true(time_to_settle(alice) < USEC_PER_SEC);
        room_done(&room);
}

static void root_waits_for_nothing(void **state) {
        g_autofree char *path = NULL;
        usec_t least = USEC_INFINITY;
        Client *root;
        Room room;

        room_init_system(&room, NULL);
        root = room_client_of(&room, 0);
        path = start_expensive(root);
        for (unsigned i = 0; i < 3; i++) {
                look(root, path);
                least = MIN(least, time_to_settle(root));
        }
        assert_true(least < 2 * LOOK_USEC);
        room_done(&room);
}

typedef struct Order {
        unsigned n_answered;
        bool ordered;
} Order;

typedef struct Numbered {
        Order *order;
        unsigned number;
} Numbered;

static int on_numbered(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Numbered *numbered = userdata;

        numbered->order->ordered &= numbered->number == numbered->order->n_answered;
        numbered->order->n_answered++;
        return 0;
}

static bool all_are_answered(void *order) {
        return ((Order *)order)->n_answered == 40;
}

static void calls_keep_their_order(void **state) {
        Order order = {.ordered = true};
        g_autofree char *path = NULL;
        Numbered numbered[40];
        Client *alice;
        Room room;

        room_init_system(&room, NULL);
        alice = room_client_of(&room, ALICE);
        path = start_expensive(alice);
        fake_last_tree(&room.world)->nature.probe_takes = 10 * USEC_PER_MSEC;
        for (unsigned i = 0; i < G_N_ELEMENTS(numbered); i++) {
                sd_bus_message *m = client_message(alice, path, PROPS, "Get");

                numbered[i] = (Numbered){&order, i};
                assert_true(sd_bus_message_append(m, "ss", PROCESS,
                                                  i % 20 == 0 ? "CPUUsageNSec" : "Name") >= 0);
                assert_true(sd_bus_call_async(alice->bus, NULL, m, on_numbered, &numbered[i], 0) >=
                            0);
                sd_bus_message_unref(m);
        }
        room_until(&room, all_are_answered, &order);
        assert_true(order.ordered);
        room_done(&room);
}

static void who_leaves_is_forgotten(void **state) {
        g_autofree char *path = NULL;
        Client *alice, *other;
        Room room;

        room_init_system(&room, NULL);
        alice = room_client_of(&room, ALICE);
        other = room_client_of(&room, ALICE);
        path = start_expensive(alice);
        client_settle(other);
        look(alice, path);
        for (unsigned i = 0; i < 50; i++)
                call_free(send_look(alice, path));
        assert_true(sd_bus_flush(alice->bus) >= 0);
        client_leave(alice);
        /* with 50 looks it would take a minute */
        assert_true(time_to_settle(other) < 10 * USEC_PER_SEC);
        room_done(&room);
}

static int on_one_of_many(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        assert_string_equal(answer_name(m), "ok");
        (*(unsigned *)userdata)++;
        return 0;
}

/* Returns when the daemon has passed on all that the client sent; the service did not run meanwhile. */
static void let_daemon_read(Client *client) {
        assert_true(sd_bus_call_method(client->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "GetId", NULL, NULL, NULL) >= 0);
}

/* In turn about the one and the other: what was read last of one is not read again. */
static void send_many(Client *client, char *const paths[2], unsigned n, unsigned *n_answered) {
        while (n-- > 0) {
                sd_bus_message *m = client_message(client, paths[n % 2], PROPS, "Get");

                assert_true(sd_bus_message_append(m, "ss", PROCESS, "CPUUsageNSec") >= 0);
                assert_true(sd_bus_call_async(client->bus, NULL, m, on_one_of_many, n_answered,
                                              0) >= 0);
                sd_bus_message_unref(m);
        }
        let_daemon_read(client);
}

static bool all_are_there(void *n_answered) {
        return *(unsigned *)n_answered == 200;
}

/* However cheap each of them is. As many as the socket of the service holds: none comes later. */
static void who_sends_much_at_once_waits_for_it(void **state) {
        Client *alice, *other, *bob;
        unsigned n_answered = 0;
        char *paths[2];
        Call *call;
        Room room;

        room_init_system(&room, NULL);
        alice = room_client_of(&room, ALICE);
        other = room_client_of(&room, ALICE);
        bob = room_client_of(&room, BOB);
        for (unsigned i = 0; i < 2; i++) {
                paths[i] = start_expensive(alice);
                fake_last_tree(&room.world)->nature.probe_takes = 200;
        }
        client_settle(other);
        client_settle(bob);
        send_many(alice, paths, 100, &n_answered); /* the daemon allows 128 of each */
        send_many(other, paths, 100, &n_answered);
        call = client_send(bob, client_message(bob, ROOT, MANAGER, "GetStats"));
        let_daemon_read(bob);
        room_until(&room, call_is_answered, call);
        call_free(call);
        assert_true(n_answered < 150);
        room_until(&room, all_are_there, &n_answered);
        for (unsigned i = 0; i < 2; i++)
                g_free(paths[i]);
        room_done(&room);
}

/* Calls that each weigh 200,000 bytes; how many were refused. */
static unsigned weigh_down(Client *client, const char *path, unsigned n) {
        g_autoptr(GPtrArray) calls = g_ptr_array_new();
        g_autofree char *text = g_strnfill(200000, 'x');
        unsigned n_refused = 0;

        for (unsigned i = 0; i < n; i++) {
                sd_bus_message *m = client_message(client, path, PROPS, "Get");

                assert_true(sd_bus_message_append(m, "ss", PROCESS, text) >= 0);
                g_ptr_array_add(calls, client_send(client, m));
        }
        for (unsigned i = 0; i < n; i++) {
                Call *call = calls->pdata[i];

                room_until(client->room, call_is_answered, call);
                if (strcmp(answer_name(call->reply), LIMITS) == 0) {
                        assert_non_null(strstr(answer_text(call->reply),
                                               "calls of one user that wait for their turn"));
                        n_refused++;
                }
                call_free(call);
        }
        return n_refused;
}

/* It is bytes that count. */
static void only_so_much_may_wait(void **state) {
        char *paths[4];
        Client *alice;
        Room room;

        room_init_system(&room, NULL);
        alice = room_client_of(&room, ALICE);
        for (unsigned i = 0; i < G_N_ELEMENTS(paths); i++)
                paths[i] = start_expensive(alice);
        look(alice, paths[0]);
        assert_int_equal(weigh_down(alice, paths[0], 80), 0);
        for (unsigned i = 1; i < G_N_ELEMENTS(paths); i++) /* after each of which she rests */
                call_free(send_look(alice, paths[i]));
        assert_in_range(weigh_down(alice, paths[0], 120), 1, 36);
        for (unsigned i = 0; i < G_N_ELEMENTS(paths); i++)
                g_free(paths[i]);
        room_done(&room);
}

TEST_MAIN(TEST(who_takes_long_waits), TEST(signs_of_life_do_not_wait),
          TEST(cheap_calls_are_never_put_off), TEST(root_waits_for_nothing),
          TEST(calls_keep_their_order), TEST(who_leaves_is_forgotten),
          TEST(who_sends_much_at_once_waits_for_it), TEST(only_so_much_may_wait))
