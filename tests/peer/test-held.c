/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Held replies: calls that wait are answered once, end with their caller, and are limited. */

#include "bus/held.h"
#include "util/room.h"

static Call *send_wait(Client *client, const char *path, uint64_t timeout) {
        sd_bus_message *m = client_message(client, path, PROCESS, "Wait");

        assert_true(sd_bus_message_append(m, "t", timeout) >= 0);
        return client_send(client, m);
}

static Call *send_stop(Client *client, const char *path, int force) {
        sd_bus_message *m = client_message(client, path, PROCESS, "Stop");

        assert_true(sd_bus_message_append(m, "b", force) >= 0);
        return client_send(client, m);
}

static void expect_exit(Call *call, int code, const char *result) {
        const char *word;
        int32_t number;

        assert_non_null(call->reply);
        assert_string_equal(answer_name(call->reply), "ok");
        assert_true(sd_bus_message_read(call->reply, "is", &number, &word) >= 0);
        assert_int_equal(number, code);
        assert_string_equal(word, result);
        call_free(call);
}

static unsigned n_held(Room *room) {
        return g_hash_table_size(room->face->held);
}

static bool nothing_is_held(void *room) {
        return n_held(room) == 0;
}

static bool nobody_is_known(void *room) {
        return g_hash_table_size(((Room *)room)->face->peers.by_origin) == 0;
}

static void many_waits_are_answered_by_one_end(void **state) {
        Call *calls[HELD_MAX], *refused;
        g_autofree char *path = NULL;
        Client *client;
        Room room;

        client = room_init_private(&room, NULL);
        path = client_start(client, NULL, NULL);
        for (unsigned i = 0; i < HELD_MAX; i++)
                calls[i] = send_wait(client, path, UINT64_MAX);
        client_settle(client);
        assert_int_equal(n_held(&room), HELD_MAX);
        refused = send_wait(client, path, UINT64_MAX);
        room_until(&room, call_is_answered, refused);
        assert_string_equal(answer_name(refused->reply), LIMITS);
        assert_non_null(strstr(answer_text(refused->reply), "calls of one connection that wait"));
        call_free(refused);
        /* what does not wait is not limited */
        expect_answer(client_call(client, path, PROCESS, "Wait", "t", (uint64_t)0),
                      "org.proctor1.Error.Timeout");
        fake_exit(fake_last_tree(&room.world), 5, 0);
        for (unsigned i = 0; i < HELD_MAX; i++) {
                room_until(&room, call_is_answered, calls[i]);
                expect_exit(calls[i], 5, "exit-code");
        }
        assert_int_equal(n_held(&room), 0);
        expect_exit(({
                            Call *again = send_wait(client, path, 0);
                            room_until(&room, call_is_answered, again);
                            again;
                    }),
                    5, "exit-code");
        room_done(&room);
}

static void limits_hold_for_each_long_call_before_anything_is_done(void **state) {
        g_autofree char *path = NULL;
        Call *calls[HELD_MAX];
        Client *client;
        Room room;

        client = room_init_private(&room, NULL);
        path = client_start(client, NULL, NULL);
        for (unsigned i = 0; i < HELD_MAX; i++)
                calls[i] = send_wait(client, path, UINT64_MAX);
        expect_answer(client_call(client, path, PROCESS, "Stop", "b", 0), LIMITS);
        expect_answer(client_call(client, ROOT, MANAGER, "StopAll", "b", 0), LIMITS);
        expect_answer(client_call(client, ROOT, MANAGER, "Shutdown", NULL), LIMITS);
        expect_answer(
                client_call(client, ROOT, MANAGER, "WaitMany", "aost", 1, path, "all", UINT64_MAX),
                LIMITS);
        assert_int_equal(fake_last_tree(&room.world)->told_at, 0);
        for (unsigned i = 0; i < HELD_MAX; i++)
                call_free(calls[i]);
        room_done(&room);
}

static void a_wait_times_out_after_its_time(void **state) {
        g_autofree char *path = NULL;
        Client *client;
        Room room;
        usec_t before;

        client = room_init_private(&room, NULL);
        path = client_start(client, NULL, NULL);
        before = now_read().monotonic;
        expect_answer(client_call(client, path, PROCESS, "Wait", "t", (uint64_t)30000),
                      "org.proctor1.Error.Timeout");
        assert_true(now_read().monotonic - before >= 30000);
        assert_int_equal(n_held(&room), 0);
        room_done(&room);
}

static void two_stops_get_the_same_answer(void **state) {
        g_autofree char *path = NULL;
        Call *first, *second, *wait;
        Client *client;
        Room room;

        client = room_init_private(&room, NULL);
        path = client_start(client, NULL, NULL);
        first = send_stop(client, path, 0);
        second = send_stop(client, path, 1);
        wait = send_wait(client, path, UINT64_MAX);
        room_until(&room, call_is_answered, first);
        room_until(&room, call_is_answered, second);
        room_until(&room, call_is_answered, wait);
        expect_exit(first, -15, "stopped");
        expect_exit(second, -15, "stopped");
        expect_exit(wait, -15, "stopped");
        room_done(&room);
}

static void what_cannot_be_ended_is_named_and_stays(void **state) {
        g_autofree char *path = NULL;
        Call *stop, *shutdown;
        Client *client;
        Room room;

        client = room_init_private(&room, NULL);
        room.world.nature.leaves_something = true;
        room.world.nature.rest_dies_of_stop = room.world.nature.rest_dies_of_kill = USEC_INFINITY;
        path = client_start(client, NULL, NULL);
        stop = send_stop(client, path, 1);
        shutdown = client_send(client, client_message(client, ROOT, MANAGER, "Shutdown"));
        client_settle(client);
        fake_run(&room.world, LADDER_BOUND_USEC + USEC_PER_SEC); /* sooner than the clock says */
        room_until(&room, call_is_answered, stop);
        room_until(&room, call_is_answered, shutdown);
        for (unsigned i = 0; i < 2; i++) {
                Call *call = i == 0 ? stop : shutdown;

                assert_string_equal(answer_name(call->reply), "org.proctor1.Error.StillAlive");
                assert_non_null(strstr(answer_text(call->reply), "101 (fake)"));
                call_free(call);
        }
        /* not forgotten; and when it ends after all, that is seen */
        fake_empty(fake_last_tree(&room.world), 0);
        fake_run(&room.world, 0);
        stop = send_stop(client, path, 1);
        room_until(&room, call_is_answered, stop);
        expect_exit(stop, -9, "stopped");
        room_done(&room);
}

static void a_wait_ends_with_its_caller_and_touches_nothing(void **state) {
        g_autofree char *path = NULL;
        Client *stays, *leaves;
        Call *wait;
        Room room;

        room_init_bus(&room);
        stays = room_client(&room);
        leaves = room_client(&room);
        path = client_start(stays, NULL, NULL);
        for (unsigned i = 0; i < 50; i++)
                call_free(send_wait(leaves, path, i % 2 ? UINT64_MAX : 60 * USEC_PER_SEC));
        wait = send_wait(stays, path, UINT64_MAX);
        client_settle(leaves);
        client_settle(stays);
        assert_int_equal(n_held(&room), 51);
        client_leave(leaves);
        while (n_held(&room) > 1)
                g_main_context_iteration(NULL, TRUE);
        assert_int_equal(fake_last_tree(&room.world)->told_at, 0);
        fake_exit(fake_last_tree(&room.world), 0, 0);
        room_until(&room, call_is_answered, wait);
        expect_exit(wait, 0, "success");
        room_done(&room);
}

static void a_stop_goes_on_without_its_caller(void **state) {
        g_autofree char *path = NULL;
        Client *stays, *leaves;
        Call *wait;
        Room room;

        room_init_bus(&room);
        stays = room_client(&room);
        leaves = room_client(&room);
        room.world.nature.dies_of_stop = 100 * USEC_PER_MSEC;
        path = client_start(leaves, NULL, NULL);
        wait = send_wait(stays, path, UINT64_MAX);
        client_settle(stays);
        call_free(send_stop(leaves, path, 0));
        client_settle(leaves);
        client_leave(leaves);
        room_until(&room, call_is_answered, wait);
        expect_exit(wait, -15, "stopped");
        room_until(&room, nothing_is_held, &room);
        room_done(&room);
}

/* The caller goes while its start is under way: the process runs, or ends if it was bound. */
static void a_start_goes_on_without_its_caller(void **state) {
        for (int bound = 0; bound < 2; bound++) {
                Client *leaves;
                sd_bus_message *m;
                Process *process;
                Room room;

                room_init_bus(&room);
                leaves = room_client(&room);
                client_settle(leaves);
                room.world.nature.start_hangs = true;
                m = client_message(leaves, ROOT, MANAGER, "StartProcess");
                assert_true(sd_bus_message_append(m, "asa{sv}", 1, "fake", 1, "BindToCaller", "b",
                                                  bound) >= 0);
                call_free(client_send(leaves, m));
                client_settle(leaves);
                client_leave(leaves);
                room_until(&room, nobody_is_known, &room);
                fake_settle(fake_last_tree(&room.world), 0);
                room_until(&room, nothing_is_held, &room);
                process = supervisor_find(room.world.supervisor, 1);
                assert_non_null(process);
                assert_int_equal(process->stop_cause, bound ? RESULT_OWNER_LOST : RESULT_NONE);
                room_done(&room);
        }
}

static void starts_that_are_open_at_the_end_say_why(void **state) {
        Client *client;
        sd_bus_message *m;
        Call *call;
        Room room;

        client = room_init_private(&room, NULL);
        room.world.nature.start_hangs = true;
        m = client_message(client, ROOT, MANAGER, "StartProcess");
        assert_true(sd_bus_message_append(m, "asa{sv}", 1, "fake", 0) >= 0);
        call = client_send(client, m);
        client_settle(client);
        supervisor_end(room.world.supervisor, &room.world.now);
        room_until(&room, call_is_answered, call);
        assert_string_equal(answer_name(call->reply), "org.proctor1.Error.ShuttingDown");
        call_free(call);
        expect_answer(client_call(client, ROOT, MANAGER, "StartProcess", "asa{sv}", 1, "x", 0),
                      "org.proctor1.Error.ShuttingDown");
        room_done(&room);
}

static bool service_lost_it(void *room) {
        return ((Room *)room)->lost;
}

static void a_private_connection_that_closes_leaves_nothing(void **state) {
        g_autofree char *path = NULL;
        Client *client;
        Room room;

        client = room_init_private(&room, NULL);
        path = client_start(client, NULL, NULL);
        for (unsigned i = 0; i < 10; i++)
                call_free(i % 2 ? send_wait(client, path, UINT64_MAX) : send_stop(client, path, 0));
        room.world.nature.start_hangs = true;
        client_settle(client);
        client_leave(client);
        room_until(&room, service_lost_it, &room);
        room_done(&room); /* ends as main.c does; nothing is left, no use after free */
}

TEST_MAIN(TEST(many_waits_are_answered_by_one_end),
          TEST(limits_hold_for_each_long_call_before_anything_is_done),
          TEST(a_wait_times_out_after_its_time), TEST(two_stops_get_the_same_answer),
          TEST(what_cannot_be_ended_is_named_and_stays),
          TEST(a_wait_ends_with_its_caller_and_touches_nothing),
          TEST(a_stop_goes_on_without_its_caller), TEST(a_start_goes_on_without_its_caller),
          TEST(starts_that_are_open_at_the_end_say_why),
          TEST(a_private_connection_that_closes_leaves_nothing))
