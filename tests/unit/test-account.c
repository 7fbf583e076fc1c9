/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Users as data, and starts that wait until it is known whom they become. */

#include "core/account.h"

#include <errno.h>

#include "core/supervisor-private.h"
#include "util/fake-world.h"

static void nobody_is_no_account(void **state) {
        assert_null(account_new((uid_t)-1, 1, NULL, 0, g_strdup("a"), NULL, NULL));
        assert_null(account_new(1, (gid_t)-1, NULL, 0, g_strdup("a"), NULL, NULL));
        assert_null(account_new(1, 1, NULL, 0, g_strdup(""), NULL, NULL));
        assert_null(account_new(1, 1, NULL, 0, NULL, NULL, NULL));
}

static void places_are_absolute(void **state) {
        Account *account = account_new(1, 1, NULL, 0, g_strdup("a"), g_strdup("home"), NULL);

        assert_string_equal(account->home, "/");
        assert_string_equal(account->shell, "/bin/sh");
        account_unref(account);
}

static void numbers_are_read_strictly(void **state) {
        static const struct {
                const char *text;
                int64_t uid; /* -1: none */
        } table[] = {
                {"0", 0},           {"4294967294", 4294967294},
                {"4294967295", -1}, {"-1", -1},
                {"", -1},           {"+1", -1},
                {" 1", -1},         {"1 ", -1},
                {"1a", -1},         {"18446744073709551616", -1},
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
                uid_t uid = 77;

                assert_int_equal(account_parse_uid(table[i].text, &uid),
                                 table[i].uid < 0 ? -EINVAL : 0);
                assert_int_equal(uid, table[i].uid < 0 ? 77 : table[i].uid);
        }
}

/* The one look-up that is under way. */
static struct {
        char *user;
        AccountFunc func;
        void *userdata;
} asked;

static int look_up(void *world, const char *user, AccountFunc func, void *userdata, Account **ret) {
        asked.user = g_strdup(user);
        asked.func = func;
        asked.userdata = userdata;
        return 0;
}

static void cancel_look_up(void *world, void *userdata) {
        if (asked.userdata == userdata)
                asked.userdata = NULL;
}

static void begin(FakeWorld *world) {
        fake_world_init(world, NULL);
        world->supervisor->hands.look_up = look_up;
        world->supervisor->hands.cancel_look_up = cancel_look_up;
        assert_int_equal(fake_start(world, NULL, FAKE_CALLER, NULL), 0);
        assert_string_equal(asked.user, "1000");
        assert_int_equal(world->trees->len, 0);
}

static void answer(int error, uid_t uid) {
        g_autoptr(Account) account = NULL;

        if (error == 0)
                account = account_new(uid, 1, NULL, 0, g_strdup("a"), g_strdup("/home/a"), NULL);
        asked.func(asked.userdata, error, account);
        asked.userdata = NULL;
}

static void end(FakeWorld *world) {
        fake_world_done(world);
        g_clear_pointer(&asked.user, g_free);
        assert_null(asked.userdata);
}

static void a_start_waits_for_its_user(void **state) {
        FakeWorld world;

        begin(&world);
        answer(0, 1000);
        fake_run(&world, USEC_PER_SEC);
        assert_int_equal(world.n_replies, 1);
        assert_string_equal(supervisor_find(world.supervisor, 1)->working_directory, "/home/a");
        end(&world);
}

static void without_a_user_nothing_starts(void **state) {
        static const struct {
                int error;
                uid_t uid;
        } answers[] = {{-ENOENT, 0}, {-ETIMEDOUT, 0}, {0, 1001}, {0, 0}};

        for (unsigned i = 0; i < G_N_ELEMENTS(answers); i++) {
                FakeWorld world;

                begin(&world);
                answer(answers[i].error, answers[i].uid);
                fake_run(&world, USEC_PER_SEC);
                assert_int_equal(world.trees->len, 0);
                assert_int_equal(world.n_failures, 1);
                assert_int_equal(supervisor_count(world.supervisor, UID_ANY), 0);
                end(&world);
        }
}

static void a_start_that_was_stopped_meanwhile_does_not_happen(void **state) {
        FakeWorld world;
        GPtrArray *live;

        begin(&world);
        live = supervisor_stop_all(world.supervisor, FAKE_GRANT, 1000, STOP_ASK, &world.now);
        assert_int_equal(live->len, 1);
        answer(0, 1000);
        assert_int_equal(world.trees->len, 0);
        assert_int_equal(world.n_failures, 1);
        assert_true(wait_is_met(live, WAIT_EMPTIED, WAIT_MODE_ALL));
        g_ptr_array_unref(live);
        end(&world);
}

static void the_end_does_not_wait_for_a_user(void **state) {
        FakeWorld world;

        begin(&world);
        supervisor_end(world.supervisor, &world.now);
        assert_int_equal(world.n_failures, 1);
        assert_int_equal(world.n_idle, 1);
        end(&world);
}

TEST_MAIN(TEST(nobody_is_no_account), TEST(places_are_absolute), TEST(numbers_are_read_strictly),
          TEST(a_start_waits_for_its_user), TEST(without_a_user_nothing_starts),
          TEST(a_start_that_was_stopped_meanwhile_does_not_happen),
          TEST(the_end_does_not_wait_for_a_user))
