/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One user with a hundred connections that are told of everything: all of them are, in order, and
 * nobody else waits for that. (S-44) */

#include "bus/news.h"
#include "util/room.h"

#define ALICE    1001
#define BOB      1002
#define N        100 /* more than are told at once */
#define ATTEMPTS 20
#define PROPS    "org.freedesktop.DBus.Properties"
#define LIFE                                                                                       \
        "InterfacesAdded; ProcessStarted; PropertiesChanged; Exited; ProcessExited; "              \
        "InterfacesRemoved"

typedef struct Crowd {
        Room room;
        Client *starter; /* not subscribed */
        Client *all[N];
        unsigned n;
} Crowd;

static void subscribe(Client *client) {
        expect_answer(client_call(client, ROOT, MANAGER, "Subscribe", NULL), "ok");
        g_free(client_take_signals(client)); /* the bus's own */
}

static void crowd_init(Crowd *crowd, uid_t uid) {
        room_init_system(&crowd->room, NULL);
        crowd->starter = room_client_of(&crowd->room, uid);
        for (crowd->n = 0; crowd->n < N; crowd->n++)
                subscribe(crowd->all[crowd->n] = room_client_of(&crowd->room, uid));
}

static bool news_are_waiting(void *userdata) {
        return news_wait(((Crowd *)userdata)->room.face, ALICE);
}

static bool news_are_told(void *userdata) {
        return !news_are_waiting(userdata);
}

/* Starts a process that ends at once; its path, when most of the crowd has not heard of it. */
static char *live(Crowd *crowd) {
        g_autofree char *path = client_start(crowd->starter, NULL, NULL);

        fake_exit(fake_last_tree(&crowd->room.world), 3, 0);
        room_until(&crowd->room, news_are_waiting, crowd);
        assert_false(news_allow(crowd->room.face, ALICE, 1)); /* be it little: nothing overtakes */
        return g_steal_pointer(&path);
}

static void collect(Crowd *crowd, const char *path) {
        expect_answer(client_call(crowd->starter, path, PROCESS, "Collect", NULL), "ok");
}

typedef struct Last {
        Crowd *crowd;
        const char *member;
        unsigned n;
} Last;

static bool all_have_heard(void *userdata) {
        const Last *last = userdata;

        for (unsigned i = 0; i < last->crowd->n; i++)
                if (client_count_signals(last->crowd->all[i], last->member) < last->n)
                        return false;
        return true;
}

static void hear(Crowd *crowd, const char *member) {
        room_until(&crowd->room, all_have_heard, &(Last){crowd, member, 1});
}

static void expect_life(Crowd *crowd) {
        hear(crowd, "InterfacesRemoved");
        for (unsigned i = 0; i < crowd->n; i++) {
                g_autofree char *signals = client_take_signals(crowd->all[i]);

                assert_string_equal(signals, LIFE);
        }
}

static void all_are_told_in_order(void **state) {
        Crowd crowd;

        crowd_init(&crowd, ALICE);
        for (unsigned i = 0; i < 3; i++) {
                g_autofree char *path = live(&crowd);

                collect(&crowd, path);
                expect_life(&crowd);
        }
        room_done(&crowd.room);
}

/* What the user asks meanwhile is answered after it; another is answered at once. */
static void who_has_much_to_tell_waits(void **state) {
        unsigned n_first = 0;
        Client *bob;
        Crowd crowd;

        crowd_init(&crowd, ALICE);
        bob = room_client_of(&crowd.room, BOB);
        client_settle(bob);
        for (unsigned i = 0; i < ATTEMPTS && n_first == 0; i++) {
                g_autofree char *path = live(&crowd);
                Call *call = client_send(crowd.starter,
                                         client_message(crowd.starter, ROOT, MANAGER, "GetStats"));

                client_settle(bob);
                n_first += !call->reply && news_are_waiting(&crowd);
                room_until(&crowd.room, call_is_answered, call);
                assert_true(news_are_told(&crowd));
                assert_string_equal(answer_name(call->reply), "ok");
                call_free(call);
                collect(&crowd, path);
                expect_life(&crowd);
        }
        assert_int_equal(n_first, 1);
        room_done(&crowd.room);
}

static uint64_t timeout_told_last(Client *client) {
        uint64_t timeout = 0;

        for (unsigned i = 0; i < client->signals->len; i++) {
                sd_bus_message *m = client->signals->pdata[i];
                const char *name;

                if (strcmp(sd_bus_message_get_member(m), "PropertiesChanged") != 0)
                        continue;
                assert_true(sd_bus_message_rewind(m, true) >= 0);
                assert_true(sd_bus_message_skip(m, "s") >= 0);
                assert_true(sd_bus_message_enter_container(m, 'a', "{sv}") >= 0);
                while (sd_bus_message_enter_container(m, 'e', "sv") > 0) {
                        assert_true(sd_bus_message_read(m, "s", &name) >= 0);
                        if (strcmp(name, "TimeoutUSec") == 0)
                                assert_true(sd_bus_message_read(m, "v", "t", &timeout) >= 0);
                        else
                                assert_true(sd_bus_message_skip(m, "v") >= 0);
                        assert_true(sd_bus_message_exit_container(m) >= 0);
                }
                assert_true(sd_bus_message_exit_container(m) >= 0);
        }
        return timeout;
}

typedef struct Told {
        Crowd *crowd;
        uint64_t timeout;
} Told;

static bool all_were_told(void *userdata) {
        const Told *told = userdata;

        for (unsigned i = 0; i < told->crowd->n; i++)
                if (timeout_told_last(told->crowd->all[i]) != told->timeout)
                        return false;
        return true;
}

/* Changes while others are being told are one piece of news, with the last of the values. */
static void changes_are_told_together(void **state) {
        unsigned n_told = ATTEMPTS;
        uint64_t timeout = 1000000;
        Client *root;
        Crowd crowd;

        crowd_init(&crowd, ALICE);
        root = room_client_of(&crowd.room, 0);
        client_settle(root);
        for (unsigned i = 0; i < ATTEMPTS && n_told >= 10; i++) {
                g_autofree char *path = client_start(crowd.starter, NULL, NULL);

                room_until(&crowd.room, news_are_waiting, &crowd);
                for (unsigned j = 0; j < 10; j++)
                        expect_answer(client_call(root, path, PROPS, "Set", "ssv", PROCESS,
                                                  "TimeoutUSec", "t", ++timeout),
                                      "ok");
                room_until(&crowd.room, all_were_told, &(Told){&crowd, timeout});
                n_told = client_count_signals(crowd.all[0], "PropertiesChanged");
                expect_answer(client_call(root, path, PROCESS, "Stop", "b", true), "ok");
                collect(&crowd, path);
                hear(&crowd, "InterfacesRemoved");
                for (unsigned j = 0; j < crowd.n; j++)
                        g_free(client_take_signals(crowd.all[j]));
        }
        assert_in_range(n_told, 1, 9);
        room_done(&crowd.room);
}

static void who_leaves_holds_nobody_up(void **state) {
        g_autofree char *path = NULL;
        Crowd crowd;

        crowd_init(&crowd, ALICE);
        path = live(&crowd);
        while (crowd.n > N / 2)
                client_leave(crowd.all[--crowd.n]);
        collect(&crowd, path);
        expect_life(&crowd);
        path = (g_free(path), live(&crowd));
        while (crowd.n > 0)
                client_leave(crowd.all[--crowd.n]);
        collect(&crowd, path);
        assert_true(news_are_told(&crowd));
        room_done(&crowd.room);
}

static void the_end_is_told_to_all(void **state) {
        g_autofree char *path = NULL;
        Crowd crowd;

        crowd_init(&crowd, ALICE);
        path = live(&crowd);
        news_flush(crowd.room.face);
        assert_true(news_are_told(&crowd));
        collect(&crowd, path);
        expect_life(&crowd);
        room_done(&crowd.room);
}

/* Lost, and everybody with it. */
static void without_a_bus_there_are_no_news(void **state) {
        g_autofree char *path = NULL;
        Crowd crowd;

        crowd_init(&crowd, ALICE);
        path = live(&crowd);
        face_detach(crowd.room.face);
        assert_true(news_are_told(&crowd));
        assert_int_equal(face_attach(crowd.room.face, crowd.room.bus), 0);
        room_done(&crowd.room);
}

static void root_is_told_at_once(void **state) {
        g_autofree char *path = NULL;
        Crowd crowd;

        crowd_init(&crowd, 0);
        path = client_start(crowd.starter, NULL, NULL);
        assert_false(news_wait(crowd.room.face, 0));
        hear(&crowd, "ProcessStarted");
        assert_false(news_wait(crowd.room.face, 0));
        room_done(&crowd.room);
}

TEST_MAIN(TEST(all_are_told_in_order), TEST(who_has_much_to_tell_waits),
          TEST(changes_are_told_together), TEST(who_leaves_holds_nobody_up),
          TEST(the_end_is_told_to_all), TEST(without_a_bus_there_are_no_news),
          TEST(root_is_told_at_once))
