/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A bus with many users: each has what is his own, what is another's does not exist for him, and root
 * sees it all. */

#include "dbus/proctor-names.h"
#include "util/room.h"

#define ALICE   1001
#define BOB     1002
#define BIG     4000000000U /* S-12 */
#define NOBODY  65534
#define DENIED  "org.freedesktop.DBus.Error.AccessDenied"
#define UNKNOWN "org.freedesktop.DBus.Error.UnknownObject"
#define INVALID "org.freedesktop.DBus.Error.InvalidArgs"
#define GONE    PROCTOR_ERROR_NAME_NO_SUCH_PROCESS
#define PROPS   "org.freedesktop.DBus.Properties"

static unsigned count_listed(Client *client) {
        sd_bus_message *reply = client_call(client, ROOT, MANAGER, "ListProcesses", NULL);
        unsigned n = 0;

        assert_string_equal(answer_name(reply), "ok");
        assert_true(sd_bus_message_enter_container(reply, 'a', "(oussis)") >= 0);
        while (sd_bus_message_skip(reply, "(oussis)") > 0)
                n++;
        sd_bus_message_unref(reply);
        return n;
}

static unsigned count_managed(Client *client) {
        sd_bus_message *reply = client_call(client, ROOT, "org.freedesktop.DBus.ObjectManager",
                                            "GetManagedObjects", NULL);
        unsigned n = 0;

        assert_string_equal(answer_name(reply), "ok");
        assert_true(sd_bus_message_enter_container(reply, 'a', "{oa{sa{sv}}}") >= 0);
        while (sd_bus_message_skip(reply, "{oa{sa{sv}}}") > 0)
                n++;
        sd_bus_message_unref(reply);
        return n;
}

static unsigned read_count(Client *client, const char *property) {
        sd_bus_message *reply = client_call(client, ROOT, PROPS, "Get", "ss", MANAGER, property);
        uint32_t n;

        assert_string_equal(answer_name(reply), "ok");
        assert_true(sd_bus_message_read(reply, "v", "u", &n) >= 0);
        sd_bus_message_unref(reply);
        return n;
}

static void everybody_has_his_own(void **state) {
        static const uid_t uids[] = {ALICE, BOB, BIG, NOBODY, 2147483648, 0};
        Client *clients[G_N_ELEMENTS(uids)];
        Room room;

        room_init_system(&room, NULL);
        for (unsigned i = 0; i < G_N_ELEMENTS(uids); i++) {
                g_autofree char *path = NULL;

                clients[i] = room_client_of(&room, uids[i]);
                path = client_start(clients[i], NULL, NULL);
                assert_true(supervisor_find(room.world.supervisor, i + 1)->owner == uids[i]);
        }
        for (unsigned i = 0; i < G_N_ELEMENTS(uids); i++) {
                unsigned seen = uids[i] == 0 ? G_N_ELEMENTS(uids) : 1;

                assert_int_equal(count_listed(clients[i]), seen);
                assert_int_equal(count_managed(clients[i]), seen);
                assert_int_equal(read_count(clients[i], "NProcesses"), seen);
                assert_int_equal(read_count(clients[i], "NRunning"), seen);
        }
        room_done(&room);
}

static void expect_same(Client *client, const char *path, const char *other, const char *interface,
                        const char *member, const char *types, const char *a, const char *b) {
        sd_bus_message *one = client_call(client, path, interface, member, types, a, b);
        sd_bus_message *two = client_call(client, other, interface, member, types, a, b);
        g_autofree char *text = NULL;

        text = g_strdup(answer_text(two));
        for (char *at = strstr(text, "/999"); at; at = strstr(text, "/999"))
                memmove(at + 2, at + 4, strlen(at + 4) + 1);
        for (char *at = strstr(text, "/9"); at; at = strstr(text, "/9"))
                at[1] = '1';
        assert_string_equal(answer_name(one), answer_name(two));
        assert_string_equal(answer_text(one), text);
        assert_string_not_equal(answer_name(one), "ok");
        sd_bus_message_unref(one);
        sd_bus_message_unref(two);
}

/* S-14: the answers about another's and about nothing differ in nothing but the number. */
static void anothers_is_like_nothing(void **state) {
        static const char other[] = "/org/proctor1/process/999";
        g_autofree char *path = NULL;
        Client *alice, *bob;
        Room room;

        room_init_system(&room, NULL);
        alice = room_client_of(&room, ALICE);
        bob = room_client_of(&room, BOB);
        path = client_start(alice, NULL, NULL);
        expect_same(bob, path, other, PROPS, "Get", "ss", PROCESS, "Command");
        expect_same(bob, path, other, PROPS, "GetAll", "s", PROCESS, NULL);
        expect_same(bob, path, other, PROPS, "GetAll", "s", "", NULL);
        expect_same(bob, path, other, PROCESS, "Collect", NULL, NULL, NULL);
        expect_same(bob, path, other, PROCESS, "SendSignal", "s", "force", NULL);
        expect_same(bob, path, other, PROCESS, "NoSuchMethod", NULL, NULL, NULL);
        expect_same(bob, path, other, "org.freedesktop.DBus.Introspectable", "Introspect", NULL,
                    NULL, NULL);
        expect_answer(client_call(bob, ROOT, MANAGER, "GetProcess", "u",
                                  supervisor_find(room.world.supervisor, 1)->pid),
                      GONE);
        expect_answer(
                client_call(bob, ROOT, MANAGER, "WaitMany", "aost", 1, path, "all", (uint64_t)0),
                GONE);
        expect_answer(client_call(alice, path, PROCESS, "SendSignal", "s", "force"), "ok");
        room_done(&room);
}

static bool has_exited(void *process) {
        return !process_is_running(process);
}

static void polkit_is_a_feature_here(void **state) {
        sd_bus_message *reply;
        g_auto(GStrv) words = NULL;
        Client *alice;
        Room room;

        room_init_system(&room, NULL);
        alice = room_client_of(&room, ALICE);
        reply = client_call(alice, ROOT, PROPS, "Get", "ss", MANAGER, "Features");
        assert_true(sd_bus_message_enter_container(reply, 'v', "as") >= 0);
        assert_true(sd_bus_message_read_strv(reply, &words) >= 0);
        assert_true(g_strv_contains((const char *const *)words, "polkit"));
        sd_bus_message_unref(reply);
        room_done(&room);
}

/* S-16 */
static void news_are_for_those_whom_they_concern(void **state) {
        g_autofree char *path = NULL, *heard = NULL;
        Client *alice, *bob, *root;
        Room room;

        room_init_system(&room, NULL);
        alice = room_client_of(&room, ALICE);
        bob = room_client_of(&room, BOB);
        root = room_client_of(&room, 0);
        assert_true(sd_bus_add_match(bob->bus, NULL, "type='signal',interface='" PROCESS "'", NULL,
                                     NULL) >= 0);
        assert_true(sd_bus_add_match(bob->bus, NULL, "type='signal',interface='" MANAGER "'", NULL,
                                     NULL) >= 0);
        expect_answer(client_call(bob, ROOT, MANAGER, "Subscribe", NULL), "ok");
        expect_answer(client_call(root, ROOT, MANAGER, "Subscribe", NULL), "ok");
        g_ptr_array_set_size(bob->signals, 0);
        path = client_start(alice, NULL, NULL);
        expect_answer(client_call(alice, path, PROCESS, "SendSignal", "s", "force"), "ok");
        room_until(&room, has_exited, supervisor_find(room.world.supervisor, 1));
        expect_answer(client_call(alice, path, PROCESS, "Collect", NULL), "ok");
        client_settle(alice);
        client_settle(root);
        client_settle(bob);
        heard = client_take_signals(bob);
        assert_string_equal(heard, "");
        assert_int_equal(client_count_signals(alice, "Exited"), 1);
        assert_int_equal(client_count_signals(root, "Exited"), 1);
        assert_int_equal(client_count_signals(root, "InterfacesRemoved"), 1);
        room_done(&room);
}

/* "All" are the caller's own, root's too. */
static void verbs_about_all_are_about_ones_own(void **state) {
        g_autofree char *a = NULL, *b = NULL, *r = NULL;
        Supervisor *supervisor;
        Client *alice, *bob, *root;
        Room room;

        room_init_system(&room, NULL);
        supervisor = room.world.supervisor;
        alice = room_client_of(&room, ALICE);
        bob = room_client_of(&room, BOB);
        root = room_client_of(&room, 0);
        a = client_start(alice, NULL, NULL);
        b = client_start(bob, NULL, NULL);
        r = client_start(root, NULL, NULL);
        expect_answer(client_call(bob, ROOT, MANAGER, "StopAll", "b", 1), "ok");
        expect_answer(client_call(root, ROOT, MANAGER, "Shutdown", NULL), "ok");
        assert_true(process_is_running(supervisor_find(supervisor, 1)));
        assert_false(process_is_running(supervisor_find(supervisor, 2)));
        assert_null(supervisor_find(supervisor, 3));
        expect_answer(client_call(root, ROOT, MANAGER, "CleanupFinished", NULL), "ok");
        assert_non_null(supervisor_find(supervisor, 2));
        expect_answer(client_call(root, a, PROCESS, "Stop", "b", 0), "ok");
        room_done(&room);
}

static void start_with(Client *client, const char *key, const char *type, int value,
                       const char *expected) {
        sd_bus_message *m = client_message(client, ROOT, MANAGER, "StartProcess");
        Call *call;

        assert_true(sd_bus_message_append(m, "asa{sv}", 1, "fake", 1, key, type, value) >= 0);
        call = client_send(client, m);
        room_until(client->room, call_is_answered, call);
        expect_answer(sd_bus_message_ref(call->reply), expected);
        call_free(call);
}

static void what_needs_more_rights_is_refused(void **state) {
        Client *alice, *root;
        Room room;

        room_init_system(&room, NULL);
        alice = room_client_of(&room, ALICE);
        root = room_client_of(&room, 0);
        start_with(alice, "Nice", "i", -1, DENIED);
        start_with(alice, "Nice", "i", 1, "ok");
        start_with(alice, "OOMScoreAdjust", "i", -1, DENIED);
        start_with(alice, "OOMScoreAdjust", "i", 1, "ok");
        start_with(root, "Nice", "i", -1, "ok");
        expect_answer(client_call(alice, ROOT, WATCHDOG, "Stop", NULL), DENIED);
        expect_answer(client_call(alice, ROOT, PROPS, "Set", "ssv", WATCHDOG, "AutoKill", "b", 0),
                      DENIED);
        expect_answer(client_call(root, ROOT, PROPS, "Set", "ssv", WATCHDOG, "AutoKill", "b", 0),
                      "ok");
        expect_answer(client_call(alice, ROOT, PROPS, "Get", "ss", WATCHDOG, "AutoKill"), "ok");
        expect_answer(client_call(alice, ROOT, MANAGER, "AdoptProcess", "ua{sv}", 1, 0), INVALID);
        room_done(&room);
}

static void limits_are_counted_by_user(void **state) {
        SupervisorSettings settings = supervisor_settings_default();
        g_autofree char *a = NULL, *b = NULL;
        Client *first, *second, *bob;
        sd_bus_message *m, *reply;
        Call *call;
        Room room;

        settings.limits.running = 1;
        room_init_system(&room, &settings);
        first = room_client_of(&room, ALICE);
        second = room_client_of(&room, ALICE);
        bob = room_client_of(&room, BOB);
        a = client_start(first, NULL, NULL);
        m = client_message(second, ROOT, MANAGER, "StartProcess");
        assert_true(sd_bus_message_append(m, "asa{sv}", 1, "fake", 0) >= 0);
        call = client_send(second, m);
        room_until(&room, call_is_answered, call);
        reply = sd_bus_message_ref(call->reply);
        call_free(call);
        assert_non_null(strstr(answer_text(reply), "running processes of one user"));
        expect_answer(reply, "org.freedesktop.DBus.Error.LimitsExceeded");
        b = client_start(bob, NULL, NULL);
        room_done(&room);
}

/* What the service's own user may on a session bus is not for others who find their way to it. */
static void a_stranger_is_told_nothing(void **state) {
        static const struct {
                const char *interface, *member, *types, *a, *b;
        } calls[] = {
                {MANAGER, "ListProcesses", NULL, NULL, NULL},
                {PROPS, "Get", "ss", MANAGER, "Version"},
                {PROPS, "GetAll", "s", WATCHDOG, NULL},
                {"org.freedesktop.DBus.Introspectable", "Introspect", NULL, NULL, NULL},
                {"org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL, NULL, NULL},
                {"org.freedesktop.DBus.Peer", "GetMachineId", NULL, NULL, NULL},
        };
        Client *stranger;
        Room room;

        room_init_system(&room, NULL);
        room.face->kind = FACE_BUS;
        stranger = room_client_of(&room, ALICE);
        for (unsigned i = 0; i < G_N_ELEMENTS(calls); i++)
                expect_answer(client_call(stranger, ROOT, calls[i].interface, calls[i].member,
                                          calls[i].types, calls[i].a, calls[i].b),
                              DENIED);
        assert_int_equal(room.face->peers.n_subscribed, 0);
        room_done(&room);
}

TEST_MAIN(TEST(everybody_has_his_own), TEST(anothers_is_like_nothing),
          TEST(news_are_for_those_whom_they_concern), TEST(verbs_about_all_are_about_ones_own),
          TEST(what_needs_more_rights_is_refused), TEST(limits_are_counted_by_user),
          TEST(a_stranger_is_told_nothing), TEST(polkit_is_a_feature_here))
