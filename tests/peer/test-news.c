/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One user with a hundred connections that are told of everything, and one with a thousand calls that
 * wait for the same: all of them are told, in order, and nobody else waits for that. (S-44) */

#include "bus/news.h"
#include "util/room.h"

#define ALICE    1001
#define BOB      1002
#define N        100 /* more than are told at once */
#define WAITERS  10
#define WAITS    100 /* of each; the daemon allows 128 */
#define ATTEMPTS 20
#define PROPS    "org.freedesktop.DBus.Properties"
#define GROUP    "org.proctor1.Group"
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
        assert_false(
                news_allow(crowd->room.face, ALICE, 1, 0)); /* be it little: nothing overtakes */
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

/* Less is sent at once of what is long. */
static void bytes_count(void **state) {
        Room room;

        room_init_system(&room, NULL);
        assert_true(news_allow(room.face, ALICE, NEWS_AT_ONCE / 2, NEWS_BYTES - 1));
        assert_true(news_allow(room.face, ALICE, 1, (NEWS_AT_ONCE / 4) * NEWS_BYTES));
        assert_false(news_allow(room.face, ALICE, 1, NEWS_AT_ONCE * NEWS_BYTES));
        assert_false(news_allow(room.face, ALICE, 2, (NEWS_AT_ONCE / 2) * NEWS_BYTES));
        assert_true(news_allow(room.face, 0, 1000, 1000 * NEWS_BYTES));
        room_done(&room);
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

typedef struct Waits {
        Room room;
        Client *starter;
        Client *waiters[WAITERS];
        unsigned n_waiters;
        unsigned n_answered;
} Waits;

static void waits_init(Waits *waits) {
        waits->n_answered = 0;
        room_init_system(&waits->room, NULL);
        waits->starter = room_client_of(&waits->room, ALICE);
        for (waits->n_waiters = 0; waits->n_waiters < WAITERS; waits->n_waiters++)
                waits->waiters[waits->n_waiters] = room_client_of(&waits->room, ALICE);
}

static int on_waited(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        assert_string_equal(answer_name(m), "ok");
        ((Waits *)userdata)->n_answered++;
        return 0;
}

static void send_waits(Waits *waits, const char *path, const char *interface, const char *member) {
        for (unsigned i = 0; i < waits->n_waiters; i++) {
                for (unsigned j = 0; j < WAITS; j++) {
                        sd_bus_message *m = client_message(waits->waiters[i], path, interface,
                                                           member);

                        assert_true(sd_bus_message_append(m, "t", UINT64_MAX) >= 0);
                        assert_true(sd_bus_call_async(waits->waiters[i]->bus, NULL, m, on_waited,
                                                      waits, UINT64_MAX) >= 0);
                        sd_bus_message_unref(m);
                }
                client_settle(waits->waiters[i]);
        }
}

static bool waits_are_deferred(void *userdata) {
        return news_wait(((Waits *)userdata)->room.face, ALICE);
}

static bool all_are_answered(void *userdata) {
        const Waits *waits = userdata;

        return waits->n_answered == waits->n_waiters * WAITS;
}

/* One process that all wait for, and that has ended; most have not been told yet. */
static char *wait_for_one(Waits *waits) {
        g_autofree char *path = client_start(waits->starter, NULL, NULL);

        send_waits(waits, path, PROCESS, "Wait");
        fake_exit(fake_last_tree(&waits->room.world), 3, 0);
        room_until(&waits->room, waits_are_deferred, waits);
        return g_steal_pointer(&path);
}

static void who_waits_is_answered_in_turns(void **state) {
        unsigned n_first = 0;
        Client *bob;
        Waits waits;

        waits_init(&waits);
        bob = room_client_of(&waits.room, BOB);
        client_settle(bob);
        for (unsigned i = 0; i < ATTEMPTS && n_first == 0; i++) {
                g_autofree char *path = NULL;

                waits.n_answered = 0;
                path = wait_for_one(&waits);
                client_settle(bob);
                n_first += waits.n_answered < WAITERS * WAITS / 2;
                room_until(&waits.room, all_are_answered, &waits);
                expect_answer(client_call(waits.starter, path, PROCESS, "Collect", NULL), "ok");
        }
        assert_int_equal(n_first, 1);
        room_done(&waits.room);
}

static void who_leaves_is_not_answered(void **state) {
        g_autofree char *path = NULL;
        Waits waits;

        waits_init(&waits);
        path = wait_for_one(&waits);
        while (waits.n_waiters > WAITERS / 2)
                client_leave(waits.waiters[--waits.n_waiters]);
        client_settle(waits.starter); /* after all the others */
        for (unsigned i = 0; i < waits.n_waiters; i++)
                client_settle(waits.waiters[i]);
        assert_true(waits.n_answered >= waits.n_waiters * WAITS);
        assert_int_equal(g_hash_table_size(waits.room.face->held), 0);
        room_done(&waits.room);
}

static void without_a_bus_nobody_is_answered(void **state) {
        g_autofree char *path = NULL;
        Waits waits;

        waits_init(&waits);
        path = wait_for_one(&waits);
        face_detach(waits.room.face);
        assert_int_equal(g_hash_table_size(waits.room.face->held), 0);
        assert_int_equal(face_attach(waits.room.face, waits.room.bus), 0);
        room_done(&waits.room);
}

/* By root, who waits for nobody's news. */
static void a_group_that_goes_is_answered_about(void **state) {
        sd_bus_message *reply;
        const char *path;
        Client *root;
        Waits waits;

        waits_init(&waits);
        root = room_client_of(&waits.room, 0);
        client_settle(root);
        reply = client_call(waits.starter, ROOT, MANAGER, "CreateGroup", "sa{sv}", "g", 0);
        assert_true(sd_bus_message_read(reply, "o", &path) > 0);
        expect_answer(client_call(waits.starter, path, GROUP, "AddProcess", "sasa{sv}", "a", 1,
                                  "fake", 0),
                      "ok");
        expect_answer(client_call(waits.starter, path, GROUP, "StartAll", NULL), "ok");
        send_waits(&waits, path, GROUP, "WaitForAll");
        fake_exit(fake_last_tree(&waits.room.world), 3, 0);
        room_until(&waits.room, waits_are_deferred, &waits);
        expect_answer(client_call(root, path, GROUP, "Shutdown", NULL), "ok");
        room_until(&waits.room, all_are_answered, &waits);
        sd_bus_message_unref(reply);
        room_done(&waits.room);
}

TEST_MAIN(TEST(all_are_told_in_order), TEST(who_has_much_to_tell_waits),
          TEST(changes_are_told_together), TEST(who_leaves_holds_nobody_up),
          TEST(the_end_is_told_to_all), TEST(without_a_bus_there_are_no_news), TEST(bytes_count),
          TEST(root_is_told_at_once), TEST(who_waits_is_answered_in_turns),
          TEST(who_leaves_is_not_answered), TEST(without_a_bus_nobody_is_answered),
          TEST(a_group_that_goes_is_answered_about))
