/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Groups over a private connection: what the calls answer, who is told what in which order, that a
 * caller who leaves in the middle loses the answer alone, and that a stranger sees no group. */

#include "bus/held.h"
#include "core/group.h"
#include "util/room.h"

#define GROUP "org.proctor1.Group"
#define PATH  "/org/proctor1/group/1"

static Room room;
static Client *client;

static int set_up(void **state) {
        client = room_init_private(&room, NULL);
        expect_answer(client_call(client, ROOT, MANAGER, "CreateGroup", "sa{sv}", "g", 0), "ok");
        return 0;
}

static int tear_down(void **state) {
        room_done(&room);
        return 0;
}

static Group *group(void) {
        return supervisor_find_group(room.world.supervisor, 1);
}

static void add(const char *member) {
        expect_answer(
                client_call(client, PATH, GROUP, "AddProcess", "sasa{sv}", member, 1, "fake", 0),
                "ok");
}

static Call *begin(const char *member) {
        return client_send(client, client_message(client, PATH, GROUP, member));
}

static bool is_at_rest(void *userdata) {
        return !group() || group()->state != GROUP_STATE_RUNNING;
}

static void subscribers_are_told_in_order(void **state) {
        g_autofree char *signals = NULL;
        sd_bus_message *reply;
        const char *member;
        int complete;

        add("a");
        expect_answer(client_call(client, ROOT, MANAGER, "Subscribe", NULL), "ok");
        expect_answer(client_call(client, PATH, GROUP, "StartAll", NULL), "ok");
        fake_exit(fake_last_tree(&room.world), 3, 0);
        reply = client_call(client, PATH, GROUP, "WaitForAll", "t", UINT64_MAX);
        assert_true(sd_bus_message_enter_container(reply, 'a', "{s(is)}") > 0);
        assert_true(sd_bus_message_enter_container(reply, 'e', "s(is)") > 0);
        assert_true(sd_bus_message_read(reply, "s", &member) > 0);
        assert_string_equal(member, "a");
        sd_bus_message_rewind(reply, 1);
        assert_true(sd_bus_message_skip(reply, "a{s(is)}") > 0);
        assert_true(sd_bus_message_read(reply, "b", &complete) > 0);
        assert_true(complete);
        sd_bus_message_unref(reply);
        expect_answer(client_call(client, PATH, GROUP, "Shutdown", NULL), "ok");
        signals = client_take_signals(client);
        assert_string_equal(signals, "PropertiesChanged; InterfacesAdded; ProcessStarted; "
                                     "PropertiesChanged; Exited; ProcessExited; MemberExited; "
                                     "PropertiesChanged; PropertiesChanged; Finished; "
                                     "InterfacesRemoved; InterfacesRemoved");
}

static void who_leaves_loses_the_answer_alone(void **state) {
        static const char *const members[] = {"StartAll", "Shutdown"};
        Call *calls[G_N_ELEMENTS(members)];

        add("a");
        for (unsigned i = 0; i < G_N_ELEMENTS(members); i++)
                calls[i] = begin(members[i]);
        client_settle(client);
        for (unsigned i = 0; i < G_N_ELEMENTS(members); i++)
                call_free(calls[i]);
        client_leave(client);
        room_until(&room, is_at_rest, NULL);
}

static void waits_are_counted_and_given_back(void **state) {
        Call *calls[HELD_MAX];

        add("a");
        expect_answer(client_call(client, PATH, GROUP, "StartAll", NULL), "ok");
        for (unsigned i = 0; i < HELD_MAX; i++) {
                sd_bus_message *m = client_message(client, PATH, GROUP, "WaitForAll");

                assert_true(sd_bus_message_append(m, "t", UINT64_MAX) >= 0);
                calls[i] = client_send(client, m);
        }
        expect_answer(client_call(client, PATH, GROUP, "WaitForAll", "t", UINT64_MAX), LIMITS);
        expect_answer(client_call(client, PATH, GROUP, "StartAll", NULL), LIMITS);
        expect_answer(client_call(client, PATH, GROUP, "WaitForAll", "t", (uint64_t)0), "ok");
        fake_exit(fake_last_tree(&room.world), 0, 0);
        for (unsigned i = 0; i < HELD_MAX; i++) {
                room_until(&room, call_is_answered, calls[i]);
                call_free(calls[i]);
        }
        assert_int_equal(room.face->peers.only->n_waiting, 0);
        expect_answer(client_call(client, PATH, GROUP, "Shutdown", NULL), "ok");
}

static void a_stranger_sees_no_group(void **state) {
        room.face->peers.only->uid = room.face->uid + 1;
        expect_answer(client_call(client, PATH, GROUP, "GetStatus", NULL),
                      "org.freedesktop.DBus.Error.AccessDenied");
        expect_answer(client_call(client, ROOT, MANAGER, "ListGroups", NULL),
                      "org.freedesktop.DBus.Error.AccessDenied");
        room.face->peers.only->uid = room.face->uid;
        room.face->kind = FACE_SYSTEM; /* where each has his own */
        room.face->peers.only->uid = group()->owner + 1;
        expect_answer(client_call(client, PATH, GROUP, "StartAll", NULL),
                      "org.freedesktop.DBus.Error.UnknownObject");
        expect_answer(client_call(client, ROOT, MANAGER, "GetGroup", "s", "g"),
                      "org.proctor1.Error.NoSuchGroup");
        room.face->kind = FACE_PRIVATE;
        room.face->peers.only->uid = room.face->uid;
}

#define WITH_ROOM(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

TEST_MAIN(WITH_ROOM(subscribers_are_told_in_order), WITH_ROOM(who_leaves_loses_the_answer_alone),
          WITH_ROOM(waits_are_counted_and_given_back), WITH_ROOM(a_stranger_sees_no_group))
