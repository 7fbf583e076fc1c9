/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How often a tree is looked at: once for all properties of a GetAll, and seldom if that takes long,
 * where one user must not take the service's time from the others. */

#include "util/room.h"

#define ALICE 1001
#define BOB   1002
#define PROPS "org.freedesktop.DBus.Properties"

#define LONG_USEC (10 * USEC_PER_MSEC)

static uint64_t read_tasks(Client *client, const char *path) {
        sd_bus_message *reply = client_call(client, path, PROPS, "Get", "ss", PROCESS, "NTasks");
        uint64_t n;

        assert_string_equal(answer_name(reply), "ok");
        assert_true(sd_bus_message_read(reply, "v", "t", &n) >= 0);
        sd_bus_message_unref(reply);
        return n;
}

/* How often the tree of the process was looked at by so many GetAll; the tree has tasks then. */
static unsigned look(Client *client, const char *path, Tree *tree, uint64_t tasks, unsigned n) {
        unsigned before = tree->n_probes;

        tree->nature.probe.n_tasks = tasks;
        for (unsigned i = 0; i < n; i++)
                expect_answer(client_call(client, path, PROPS, "GetAll", "s", PROCESS), "ok");
        return tree->n_probes - before;
}

static bool has_exited(void *tree) {
        return ((Tree *)tree)->exited;
}

static void a_long_look_is_good_for_a_while(void **state) {
        g_autofree char *path = NULL, *other = NULL;
        Client *alice, *bob;
        Tree *tree;
        Room room;

        room_init_system(&room, NULL);
        alice = room_client_of(&room, ALICE);
        bob = room_client_of(&room, BOB);
        path = client_start(alice, NULL, NULL);
        tree = fake_last_tree(&room.world);
        tree->nature.probe_takes = 100 * LONG_USEC;
        other = client_start(bob, NULL, NULL);
        assert_int_equal(look(alice, path, tree, 5, 5), 1);
        /* others are looked at between */
        assert_true(look(bob, other, fake_last_tree(&room.world), 1, 1) > 0);
        assert_int_equal(look(alice, path, tree, 6, 1), 0);
        assert_int_equal(read_tasks(alice, path), 5);
        tree->nature.probe_takes = 0;
        fake_exit(tree, 0, 0);
        room_until(&room, has_exited, tree);
        tree->nature.probe.n_tasks = 0;
        assert_int_equal(read_tasks(alice, path), 0);
        expect_answer(client_call(alice, path, PROCESS, "Collect", NULL), "ok");
        room_done(&room);
}

static void a_long_look_ends_with_its_time(void **state) {
        g_autofree char *path = NULL;
        usec_t begin;
        Client *alice;
        Tree *tree;
        Room room;

        room_init_system(&room, NULL);
        alice = room_client_of(&room, ALICE);
        path = client_start(alice, NULL, NULL);
        tree = fake_last_tree(&room.world);
        tree->nature.probe_takes = LONG_USEC;
        assert_int_equal(look(alice, path, tree, 5, 1), 1);
        begin = (usec_t)g_get_monotonic_time();
        tree->nature.probe.n_tasks = 6;
        while (read_tasks(alice, path) != 6)
                assert_true((usec_t)g_get_monotonic_time() - begin < ROOM_PATIENCE);
        assert_true((usec_t)g_get_monotonic_time() - begin >= 10 * LONG_USEC);
        room_done(&room);
}

static void where_one_is_alone_it_is_always_new(void **state) {
        g_autofree char *path = NULL;
        Client *client;
        Tree *tree;
        Room room;

        client = room_init_private(&room, NULL);
        path = client_start(client, NULL, NULL);
        tree = fake_last_tree(&room.world);
        tree->nature.probe_takes = LONG_USEC;
        for (uint64_t n = 5; n < 10; n++) {
                g_usleep(5 * USEC_PER_MSEC); /* what is new enough for one GetAll */
                assert_true(look(client, path, tree, n, 1) > 0);
                g_usleep(5 * USEC_PER_MSEC);
                assert_int_equal(read_tasks(client, path), n);
        }
        room_done(&room);
}

TEST_MAIN(TEST(a_long_look_is_good_for_a_while), TEST(a_long_look_ends_with_its_time),
          TEST(where_one_is_alone_it_is_always_new))
