/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who is told what: subscriptions by looking and by asking, their end, the order of the signals, and
 * that nothing is ever broadcast. */

#include "util/room.h"

#define OBJECT_MANAGER "org.freedesktop.DBus.ObjectManager"
#define PROPERTIES     "org.freedesktop.DBus.Properties"

typedef struct Until {
        Client *client;
        const char *member;
        unsigned n;
} Until;

static bool signals_came(void *userdata) {
        const Until *until = userdata;

        return client_count_signals(until->client, until->member) >= until->n;
}

static void wait_for_signal(Client *client, const char *member) {
        room_until(client->room, signals_came, &(Until){client, member, 1});
}

/* One life: started by `starter`, looked at until `observer` has seen its end. */
static void live(Client *starter, Client *observer) {
        g_autofree char *path = client_start(starter, NULL, NULL);

        fake_exit(fake_last_tree(&starter->room->world), 3, 1000);
        wait_for_signal(observer, "Exited");
        expect_answer(client_call(starter, path, PROCESS, "Collect", NULL), "ok");
        client_settle(observer);
}

static void expect_signals(Client *client, const char *expected) {
        g_autofree char *signals = client_take_signals(client);

        assert_string_equal(signals, expected);
}

static void a_subscriber_is_told_all_in_order(void **state) {
        Client *client;
        Room room;

        client = room_init_private(&room, NULL);
        expect_answer(client_call(client, ROOT, MANAGER, "Subscribe", NULL), "ok");
        expect_answer(client_call(client, ROOT, MANAGER, "Subscribe", NULL), "ok");
        live(client, client);
        expect_signals(client, "InterfacesAdded; ProcessStarted; PropertiesChanged; Exited; "
                               "ProcessExited; InterfacesRemoved");
        room_done(&room);
}

static void the_starter_is_told_exited_and_hung_alone(void **state) {
        g_autofree char *path = NULL;
        Client *client;
        Room room;

        client = room_init_private(&room, NULL);
        live(client, client);
        expect_signals(client, "Exited");
        path = client_start(client, "TimeoutUSec", "t", (uint64_t)1000);
        expect_answer(client_call(client, path, PROPERTIES, "Set", "ssv", PROCESS,
                                  "ExtraBufferUSec", "t", (uint64_t)0),
                      "ok");
        fake_run(&room.world, 2 * USEC_PER_SEC);
        wait_for_signal(client, "Exited");
        expect_signals(client, "Hung; Exited");
        room_done(&room);
}

static void looking_subscribes(void **state) {
        static const struct {
                const char *interface, *member, *argument;
        } looks[] = {
                {OBJECT_MANAGER, "GetManagedObjects", NULL},
                {PROPERTIES, "GetAll", MANAGER},
                {MANAGER, "Subscribe", NULL},
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(looks); i++) {
                Client *client;
                Room room;

                client = room_init_private(&room, NULL);
                expect_answer(client_call(client, ROOT, looks[i].interface, looks[i].member,
                                          looks[i].argument ? "s" : NULL, looks[i].argument),
                              "ok");
                live(client, client);
                assert_int_equal(client_count_signals(client, "ProcessStarted"), 1);
                g_free(client_take_signals(client));
                expect_answer(client_call(client, ROOT, MANAGER, "Unsubscribe", NULL), "ok");
                expect_answer(client_call(client, ROOT, MANAGER, "Unsubscribe", NULL), "ok");
                live(client, client);
                assert_int_equal(client_count_signals(client, "Exited"), 1);
                assert_int_equal(client_count_signals(client, "ProcessStarted"), 0);
                room_done(&room);
        }
}

static void other_calls_do_not_subscribe(void **state) {
        Client *client;
        Room room;

        client = room_init_private(&room, NULL);
        expect_answer(client_call(client, ROOT, PROPERTIES, "Get", "ss", MANAGER, "Version"), "ok");
        expect_answer(client_call(client, ROOT, MANAGER, "ListProcesses", NULL), "ok");
        expect_answer(client_call(client, ROOT, "org.freedesktop.DBus.Introspectable", "Introspect",
                                  NULL),
                      "ok");
        assert_int_equal(room.face->peers.n_subscribed, 0);
        room_done(&room);
}

static unsigned count_ours(Client *client) {
        unsigned n = 0;

        for (unsigned i = 0; i < client->signals->len; i++)
                n += g_str_has_prefix(sd_bus_message_get_path(client->signals->pdata[i]), ROOT);
        return n;
}

/* A third connection that asks the bus for everything sees nothing of the others. */
static void nothing_is_broadcast(void **state) {
        Client *starter, *subscriber, *spy;
        Room room;

        room_init_bus(&room);
        starter = room_client(&room);
        subscriber = room_client(&room);
        spy = room_client(&room);
        assert_true(sd_bus_add_match(spy->bus, NULL, "type='signal'", NULL, NULL) >= 0);
        assert_true(sd_bus_add_match(spy->bus, NULL, "type='signal',sender='org.proctor1'", NULL,
                                     NULL) >= 0);
        expect_answer(client_call(subscriber, ROOT, MANAGER, "Subscribe", NULL), "ok");
        live(starter, subscriber);
        expect_answer(
                client_call(starter, ROOT, PROPERTIES, "Set", "ssv", WATCHDOG, "AutoKill", "b", 0),
                "ok");
        wait_for_signal(starter, "Exited");
        client_settle(subscriber);
        client_settle(spy);
        assert_int_equal(count_ours(spy), 0);
        assert_int_equal(count_ours(starter), 1);
        assert_int_equal(count_ours(subscriber), 7);
        /* a spy that looks is told from then on, and only him as well */
        expect_answer(client_call(spy, ROOT, PROPERTIES, "GetAll", "s", WATCHDOG), "ok");
        live(starter, spy);
        assert_int_equal(count_ours(spy), 6);
        room_done(&room);
}

static void a_report_causes_no_signal_and_needs_no_reply(void **state) {
        g_autofree char *path = NULL;
        Process *process;
        Client *client;
        Room room;

        client = room_init_private(&room, NULL);
        expect_answer(client_call(client, ROOT, MANAGER, "Subscribe", NULL), "ok");
        path = client_start(client, NULL, NULL);
        client_settle(client);
        g_free(client_take_signals(client));
        for (unsigned i = 0; i < 10; i++) {
                sd_bus_message *m = client_message(client, path, PROCESS, "ReportActivity");

                assert_true(sd_bus_message_set_expect_reply(m, 0) >= 0);
                assert_true(sd_bus_send(client->bus, m, NULL) >= 0);
                sd_bus_message_unref(m);
        }
        client_settle(client);
        process = supervisor_find(room.world.supervisor, 1);
        assert_int_equal(process->last_source, ACTIVITY_REPORT);
        expect_signals(client, "");
        room_done(&room);
}

static void changes_of_the_defaults_are_told(void **state) {
        g_autofree char *path = NULL;
        Client *client;
        Room room;

        client = room_init_private(&room, NULL);
        path = client_start(client, NULL, NULL);
        expect_answer(client_call(client, ROOT, MANAGER, "Subscribe", NULL), "ok");
        expect_answer(client_call(client, ROOT, PROPERTIES, "Set", "ssv", WATCHDOG,
                                  "ProcessTimeoutUSec", "t", UINT64_MAX),
                      "ok");
        expect_signals(client, "PropertiesChanged; PropertiesChanged");
        expect_answer(client_call(client, ROOT, WATCHDOG, "Stop", NULL), "ok");
        expect_signals(client, "PropertiesChanged");
        expect_answer(client_call(client, ROOT, WATCHDOG, "Stop", NULL), "ok");
        expect_signals(client, "");
        room_done(&room);
}

static void a_new_size_is_told_once(void **state) {
        g_autofree char *path = NULL;
        Client *client;
        Room room;

        client = room_init_private(&room, NULL);
        path = client_start(client, "Terminal", "b", 1);
        expect_answer(client_call(client, ROOT, MANAGER, "Subscribe", NULL), "ok");
        for (unsigned i = 0; i < 2; i++)
                expect_answer(client_call(client, path, PROCESS, "ResizeTerminal", "qq", 7, 70),
                              "ok");
        client_settle(client);
        expect_signals(client, "PropertiesChanged");
        room_done(&room);
}

TEST_MAIN(TEST(a_subscriber_is_told_all_in_order), TEST(the_starter_is_told_exited_and_hung_alone),
          TEST(looking_subscribes), TEST(other_calls_do_not_subscribe), TEST(nothing_is_broadcast),
          TEST(a_report_causes_no_signal_and_needs_no_reply),
          TEST(changes_of_the_defaults_are_told), TEST(a_new_size_is_told_once))
