/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* polkit asked beside the service: about one message, while everything else goes on, and never about
 * one who has left. (S-01, S-04, S-05, S-07) */

#include <errno.h>
#include <string.h>

#include "core/supervisor-private.h"
#include "util/fake-polkit.h"

#define ALICE     1001
#define BOB       1002
#define DENIED    "org.freedesktop.DBus.Error.AccessDenied"
#define HIDDEN    "org.freedesktop.DBus.Error.UnknownObject"
#define INVALID   "org.freedesktop.DBus.Error.InvalidArgs"
#define CHALLENGE "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired"

static Room room;
static FakePolkit polkit;
static Client *alice, *bob, *root;

static int enter(void **state) {
        room_init_system(&room, NULL);
        fake_polkit_init(&polkit, &room);
        fake_polkit_set(&polkit, POLKIT_SILENT);
        alice = room_client_of(&room, ALICE);
        bob = room_client_of(&room, BOB);
        root = room_client_of(&room, 0);
        return 0;
}

static int leave(void **state) {
        assert_int_equal(room.world.n_idle, 0);
        fake_polkit_done(&polkit);
        room_done(&room);
        return 0;
}

static bool has_n_questions(void *n) {
        return polkit.n_questions >= *(unsigned *)n;
}

static void wait_for_questions(unsigned n) {
        room_until(&room, has_n_questions, &n);
}

static bool was_cancelled(void *n) {
        return polkit.n_cancelled >= *(unsigned *)n;
}

static sd_bus_message *answer_of(Call *call) {
        sd_bus_message *reply;

        room_until(&room, call_is_answered, call);
        reply = sd_bus_message_ref(call->reply);
        call_free(call);
        return reply;
}

static Call *send_signal(Client *client, const char *path) {
        sd_bus_message *m = client_message(client, path, PROCESS, "SendSignal");

        assert_true(sd_bus_message_append(m, "s", "force") >= 0);
        return client_send(client, m);
}

static Process *find(uint64_t id) {
        return supervisor_find(room.world.supervisor, id);
}

static void nobody_else_waits_for_an_answer(void **state) {
        g_autofree char *path = client_start(alice, NULL, NULL), *own = NULL;
        Call *call = send_signal(bob, path);

        wait_for_questions(1);
        own = client_start(bob, NULL, NULL);
        expect_answer(client_call(bob, own, PROCESS, "Stop", "b", 1), "ok");
        expect_answer(client_call(alice, path, PROCESS, "ReportActivity", NULL), "ok");
        assert_false(call_is_answered(call));
        assert_int_equal(find(1)->state, STATE_RUNNING);
        fake_polkit_answer(&polkit, POLKIT_YES);
        expect_answer(answer_of(call), "ok");
        assert_int_equal(polkit.n_questions, 1);
        assert_string_equal(polkit.details, "operation=SendSignal; object=/org/proctor1/process/1");
}

static void one_answer_is_for_one_message(void **state) {
        g_autofree char *path = client_start(alice, NULL, NULL);
        Call *first = send_signal(bob, path), *second;

        wait_for_questions(1);
        second = send_signal(bob, path);
        wait_for_questions(2);
        sd_bus_reply_method_return(polkit.kept->pdata[0], "(bba{ss})", 0, 0, 0);
        expect_answer(answer_of(first), HIDDEN);
        assert_false(call_is_answered(second));
        assert_int_equal(find(1)->state, STATE_RUNNING);
        g_ptr_array_remove_index(polkit.kept, 0);
        fake_polkit_answer(&polkit, POLKIT_YES);
        expect_answer(answer_of(second), "ok");
}

static bool nobody_is_asked(void *userdata) {
        return g_hash_table_size(room.face->questions) == 0;
}

static void who_leaves_has_asked_for_nothing(void **state) {
        g_autofree char *path = client_start(alice, NULL, NULL);
        unsigned one = 1;

        call_free(send_signal(bob, path));
        wait_for_questions(1);
        client_leave(bob);
        room_until(&room, was_cancelled, &one);
        room_until(&room, nobody_is_asked, NULL);
        fake_polkit_answer(&polkit, POLKIT_YES);
        client_settle(alice);
        client_settle(root);
        assert_int_equal(find(1)->state, STATE_RUNNING);
}

/* The object is looked up when the answer is there. */
static void what_has_gone_meanwhile_is_not_there(void **state) {
        g_autofree char *path = client_start(alice, NULL, NULL);
        Call *call = send_signal(bob, path);

        wait_for_questions(1);
        expect_answer(client_call(alice, path, PROCESS, "Stop", "b", 1), "ok");
        expect_answer(client_call(alice, path, PROCESS, "Collect", NULL), "ok");
        fake_polkit_answer(&polkit, POLKIT_YES);
        expect_answer(answer_of(call), HIDDEN);
}

static void open_questions_are_bounded(void **state) {
        static const char limit[] = "Limit reached: open questions to polkit of one connection";
        static const char of_user[] = "Limit reached: open questions to polkit of one user";
        g_autofree char *path = client_start(alice, NULL, NULL);
        Client *more[4], *last;
        sd_bus_message *reply;
        Call *calls[16];

        for (unsigned i = 0; i < 4; i++)
                more[i] = room_client_of(&room, BOB);
        for (unsigned i = 0; i < 16; i++)
                calls[i] = send_signal(more[i / 4], path);
        wait_for_questions(16);
        reply = answer_of(send_signal(more[0], path));
        assert_string_equal(answer_text(reply), limit);
        expect_answer(reply, LIMITS);
        last = room_client_of(&room, BOB);
        reply = answer_of(send_signal(last, path));
        assert_string_equal(answer_text(reply), of_user);
        expect_answer(reply, LIMITS);
        expect_answer(client_call(last, ROOT, MANAGER, "ListProcesses", NULL), "ok");
        fake_polkit_answer(&polkit, POLKIT_NO);
        for (unsigned i = 0; i < 16; i++)
                expect_answer(answer_of(calls[i]), HIDDEN);
        client_settle(last);
        client_settle(last);
        assert_int_equal(polkit.n_questions, 16);
        assert_true(g_hash_table_size(room.face->questions) <= 1);
}

static void a_dialog_comes_only_if_the_call_allows_it(void **state) {
        sd_bus_message *m;

        fake_polkit_set(&polkit, POLKIT_CHALLENGE);
        expect_answer(client_call(bob, ROOT, WATCHDOG, "Stop", NULL), CHALLENGE);
        assert_int_equal(polkit.flags, 0);
        m = client_message(bob, ROOT, WATCHDOG, "Stop");
        assert_true(sd_bus_message_set_allow_interactive_authorization(m, 1) >= 0);
        expect_answer(answer_of(client_send(bob, m)), DENIED);
        assert_int_equal(polkit.flags, 1);
        assert_true(supervisor_watchdog_is_active(room.world.supervisor));
}

/* S-14 with polkit: whether there is something cannot be told from what is asked. */
static void polkit_is_asked_about_nothing_too(void **state) {
        Call *call = send_signal(bob, "/org/proctor1/process/77");

        wait_for_questions(1);
        fake_polkit_answer(&polkit, POLKIT_YES);
        expect_answer(answer_of(call), HIDDEN);
}

static void what_wants_no_reply_is_refused_all_the_same(void **state) {
        g_autofree char *path = client_start(alice, NULL, NULL);
        sd_bus_message *m = client_message(bob, path, PROCESS, "SendSignal");

        fake_polkit_set(&polkit, POLKIT_CHALLENGE);
        assert_true(sd_bus_message_append(m, "s", "force") >= 0);
        assert_true(sd_bus_message_set_expect_reply(m, 0) >= 0);
        assert_true(sd_bus_send(bob->bus, m, NULL) >= 0);
        sd_bus_message_unref(m);
        wait_for_questions(1);
        client_settle(bob);
        client_settle(bob);
        assert_int_equal(find(1)->state, STATE_RUNNING);
}

/* The user database of these tests. */
static int look_up(void *world, const char *user, AccountFunc func, void *userdata, Account **ret) {
        static const gid_t group = 5;
        uid_t uid;

        if (strcmp(user, "bob") == 0)
                uid = BOB;
        else if (strcmp(user, "root") == 0)
                uid = 0;
        else if (account_parse_uid(user, &uid) < 0)
                return -ENOENT;
        *ret = account_new(uid, 5, g_memdup2(&group, sizeof group), 1, g_strdup(user),
                           g_strdup("/home/x"), NULL);
        return 1;
}

static Call *start_as(Client *client, const char *user, const char *variable) {
        sd_bus_message *m = client_message(client, ROOT, MANAGER, "StartProcess");

        assert_true(sd_bus_message_append(m, "as", 2, "fake", "a\nb") >= 0);
        assert_true(sd_bus_message_append(m, "a{sv}", 2, "User", "s", user, "Environment", "a{ss}",
                                          variable ? 1 : 0, variable, "x") >= 0);
        return client_send(client, m);
}

static void another_user_is_for_whom_polkit_lets(void **state) {
        static const struct {
                const char *user, *action;
        } users[] = {{"bob", "org.proctor1.run-as"}, {"root", "org.proctor1.run-as-root"}};

        room.world.supervisor->hands.look_up = look_up;
        for (unsigned i = 0; i < G_N_ELEMENTS(users); i++) {
                g_autofree char *details = g_strdup_printf(
                        "operation=StartProcess; object=/org/proctor1; target_user=%s; "
                        "command_line=fake a\\nb; directory=/home/x",
                        users[i].user);

                fake_polkit_set(&polkit, POLKIT_NO);
                expect_answer(answer_of(start_as(alice, users[i].user, NULL)), DENIED);
                assert_string_equal(polkit.action, users[i].action);
                assert_string_equal(polkit.details, details);
                fake_polkit_set(&polkit, POLKIT_ABSENT);
                expect_answer(answer_of(start_as(alice, users[i].user, NULL)), DENIED);
                assert_int_equal(supervisor_count(room.world.supervisor, UID_ANY), i);
                fake_polkit_set(&polkit, POLKIT_YES);
                expect_answer(answer_of(start_as(alice, users[i].user, NULL)), "ok");
        }
        assert_int_equal(find(1)->owner, BOB);
        assert_int_equal(find(1)->asker, ALICE);
        assert_int_equal(find(2)->owner, 0);
}

static void who_asked_may_look_and_no_more(void **state) {
        const char *path = "/org/proctor1/process/1";

        room.world.supervisor->hands.look_up = look_up;
        fake_polkit_set(&polkit, POLKIT_YES);
        expect_answer(answer_of(start_as(alice, "bob", NULL)), "ok");
        fake_polkit_set(&polkit, POLKIT_ABSENT);
        expect_answer(client_call(alice, path, PROCESS, "Wait", "t", (uint64_t)0),
                      "org.proctor1.Error.Timeout");
        expect_answer(answer_of(send_signal(alice, path)), DENIED);
        expect_answer(client_call(bob, path, PROCESS, "ReportActivity", NULL), "ok");
        expect_answer(answer_of(send_signal(bob, path)), "ok");
}

static void what_steers_a_program_is_refused_by_name(void **state) {
        static const char *const steering[] = {"LD_PRELOAD", "LD_X",       "BASH_ENV",
                                               "PYTHONPATH", "GCONV_PATH", "BASH_FUNC_ls%%"};

        room.world.supervisor->hands.look_up = look_up;
        fake_polkit_set(&polkit, POLKIT_YES);
        for (unsigned i = 0; i < G_N_ELEMENTS(steering); i++) {
                sd_bus_message *reply = answer_of(start_as(root, "bob", steering[i]));

                assert_non_null(strstr(answer_text(reply), steering[i]));
                expect_answer(reply, INVALID);
                expect_answer(answer_of(start_as(alice, "bob", steering[i])), INVALID);
                expect_answer(answer_of(start_as(bob, "bob", steering[i])), "ok");
        }
        expect_answer(answer_of(start_as(alice, "bob", "HOME")), INVALID);
        expect_answer(answer_of(start_as(root, "bob", "HOME")), "ok");
        expect_answer(answer_of(start_as(alice, "bob", "LANG")), "ok");
        assert_int_equal(polkit.n_questions, 1);
}

static void nobody_is_nobody(void **state) {
        static const char *const names[] = {"carol", "", "-1", "4294967295", "a:b", "root\n"};

        room.world.supervisor->hands.look_up = look_up;
        fake_polkit_set(&polkit, POLKIT_YES);
        for (unsigned i = 0; i < G_N_ELEMENTS(names); i++)
                expect_answer(answer_of(start_as(root, names[i], NULL)), INVALID);
        assert_int_equal(supervisor_count(room.world.supervisor, UID_ANY), 0);
}

#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void) {
        const struct CMUnitTest tests[] = {
                IN_ROOM(nobody_else_waits_for_an_answer),
                IN_ROOM(one_answer_is_for_one_message),
                IN_ROOM(who_leaves_has_asked_for_nothing),
                IN_ROOM(what_has_gone_meanwhile_is_not_there),
                IN_ROOM(open_questions_are_bounded),
                IN_ROOM(a_dialog_comes_only_if_the_call_allows_it),
                IN_ROOM(polkit_is_asked_about_nothing_too),
                IN_ROOM(what_wants_no_reply_is_refused_all_the_same),
                IN_ROOM(another_user_is_for_whom_polkit_lets),
                IN_ROOM(who_asked_may_look_and_no_more),
                IN_ROOM(what_steers_a_program_is_refused_by_name),
                IN_ROOM(nobody_is_nobody),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
