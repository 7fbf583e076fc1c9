/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The verbs of Manager, Watchdog and Process over a private connection: what they answer, what they
 * do, and who is not served. */

#include <time.h>

#include "util/room.h"

#define PROPERTIES "org.freedesktop.DBus.Properties"

static Room room;
static Client *client;

static int set_up(void **state) {
        client = room_init_private(&room, NULL);
        return 0;
}

static int tear_down(void **state) {
        room_done(&room);
        return 0;
}

static sd_bus_message *call_manager(const char *member) {
        return client_call(client, ROOT, MANAGER, member, NULL);
}

static bool is_finished(void *process) {
        return !process_is_running(process);
}

/* A process that has ended with that code; its path. */
static char *finished(int code) {
        char *path = client_start(client, NULL, NULL);
        Tree *tree = fake_last_tree(&room.world);
        Process *process = tree->userdata;

        fake_exit(tree, code, 0);
        room_until(&room, is_finished, process);
        return path;
}

static void processes_are_listed_and_found(void **state) {
        g_autofree char *a = finished(3), *b = client_start(client, "Name", "s", "second");
        const char *path, *name, *word, *result;
        sd_bus_message *reply;
        int32_t code;
        uint32_t pid;

        reply = call_manager("ListProcesses");
        assert_true(sd_bus_message_enter_container(reply, 'a', "(oussis)") > 0);
        assert_true(sd_bus_message_read(reply, "(oussis)", &path, &pid, &name, &word, &code,
                                        &result) > 0);
        assert_string_equal(path, a);
        assert_string_equal(name, "unknown");
        assert_string_equal(word, "finished");
        assert_int_equal(code, 3);
        assert_string_equal(result, "exit-code");
        assert_true(sd_bus_message_read(reply, "(oussis)", &path, &pid, &name, &word, &code,
                                        &result) > 0);
        assert_string_equal(path, b);
        assert_string_equal(name, "second");
        assert_string_equal(word, "running");
        assert_string_equal(result, "");
        assert_int_equal(sd_bus_message_at_end(reply, 0), 1);
        sd_bus_message_unref(reply);
        reply = client_call(client, ROOT, MANAGER, "GetProcess", "u", pid);
        assert_true(sd_bus_message_read(reply, "o", &path) > 0);
        assert_string_equal(path, b);
        sd_bus_message_unref(reply);
}

/* The processes that a WaitMany answers, as their codes. */
static void expect_waited(sd_bus_message *reply, const char *codes) {
        g_autoptr(GString) text = g_string_new(NULL);
        int32_t code;

        assert_string_equal(answer_name(reply), "ok");
        assert_true(sd_bus_message_enter_container(reply, 'a', "(ois)") >= 0);
        while (sd_bus_message_read(reply, "(ois)", NULL, &code, NULL) > 0)
                g_string_append_printf(text, "%d ", code);
        assert_string_equal(text->str, codes);
        sd_bus_message_unref(reply);
}

static void wait_many_answers_what_has_finished(void **state) {
        g_autofree char *a = finished(0), *b = finished(4), *c = client_start(client, NULL, NULL);
        static const uint64_t soon = 10000, never = UINT64_MAX;
        sd_bus_message *reply;

        expect_waited(
                client_call(client, ROOT, MANAGER, "WaitMany", "aost", 3, a, b, c, "all", soon),
                "0 4 ");
        expect_waited(
                client_call(client, ROOT, MANAGER, "WaitMany", "aost", 3, a, b, c, "any", never),
                "0 4 ");
        expect_waited(client_call(client, ROOT, MANAGER, "WaitMany", "aost", 2, b, c,
                                  "first-failure", never),
                      "4 ");
        expect_waited(
                client_call(client, ROOT, MANAGER, "WaitMany", "aost", 1, c, "all", (uint64_t)0),
                "");
        reply = client_call(client, ROOT, MANAGER, "WaitMany", "aost", 3, a,
                            "/org/proctor1/process/77", "/x", "all", never);
        assert_non_null(strstr(answer_text(reply), "/org/proctor1/process/77"));
        expect_answer(reply, "org.proctor1.Error.NoSuchProcess");
        expect_answer(client_call(client, ROOT, MANAGER, "WaitMany", "aost", 1, a, "some", never),
                      INVALID);
}

static void signals_go_where_the_word_says(void **state) {
        static const struct {
                const char *word, *log;
        } cases[] = {
                {"timeout", "signal 1 SIGTERM group"}, {"interrupt", "signal 1 SIGINT group"},
                {"force", "signal 1 SIGKILL all"},     {"SIGUSR1", "signal 1 SIGUSR1 group"},
                {"usr2", "signal 1 SIGUSR2 group"},    {"10", "signal 1 SIGUSR1 group"},
        };
        g_autofree char *path = NULL;

        room.world.nature.dies_of_stop = room.world.nature.dies_of_kill = USEC_INFINITY;
        path = client_start(client, NULL, NULL);
        room.world.mute = false;
        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
                expect_answer(client_call(client, path, PROCESS, "SendSignal", "s", cases[i].word),
                              "ok");
                fake_expect(&room.world, cases[i].log);
        }
        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
                expect_answer(
                        client_call(client, ROOT, MANAGER, "SendSignalToAll", "s", cases[i].word),
                        "ok");
                fake_expect(&room.world, cases[i].log);
        }
        room.world.mute = true;
}

static void stop_all_and_shutdown_end_everything(void **state) {
        const char *result;
        sd_bus_message *reply;
        int32_t code;
        unsigned n = 0;

        g_free(finished(1));
        g_free(client_start(client, NULL, NULL));
        g_free(client_start(client, NULL, NULL));
        reply = client_call(client, ROOT, MANAGER, "StopAll", "b", 0);
        assert_true(sd_bus_message_enter_container(reply, 'a', "{u(is)}") >= 0);
        for (; sd_bus_message_read(reply, "{u(is)}", NULL, &code, &result) > 0; n++) {
                assert_int_equal(code, -15);
                assert_string_equal(result, "stopped");
        }
        assert_int_equal(n, 2); /* those that ran */
        sd_bus_message_unref(reply);
        g_free(client_start(client, NULL, NULL));
        expect_answer(call_manager("Shutdown"), "ok");
        assert_int_equal(supervisor_count(room.world.supervisor, UID_ANY), 0);
        expect_answer(call_manager("Shutdown"), "ok");
        g_free(client_start(client, NULL, NULL)); /* the service stays usable */
}

static void finished_ones_are_forgotten_when_asked(void **state) {
        g_autofree char *a = finished(0), *c = client_start(client, NULL, NULL);
        sd_bus_message *reply;
        uint32_t n;

        g_free(finished(1));
        expect_answer(client_call(client, a, PROCESS, "Collect", NULL), "ok");
        expect_answer(client_call(client, a, PROCESS, "Collect", NULL),
                      "org.freedesktop.DBus.Error.UnknownObject");
        expect_answer(client_call(client, c, PROCESS, "Collect", NULL),
                      "org.proctor1.Error.StillAlive");
        reply = call_manager("CleanupFinished");
        assert_true(sd_bus_message_read(reply, "u", &n) > 0);
        assert_int_equal(n, 1);
        sd_bus_message_unref(reply);
        assert_int_equal(supervisor_count(room.world.supervisor, UID_ANY), 1);
}

static void one_object_has_one_path(void **state) {
        static const char *const others[] = {
                "/org/proctor1/process/01", "/org/proctor1/process/1/x", "/org/proctor1/process",
                "/org/proctor1/process/2", "/org/proctor1/process/18446744073709551617"};
        g_autofree char *path = client_start(client, NULL, NULL);

        assert_string_equal(path, "/org/proctor1/process/1");
        for (unsigned i = 0; i < G_N_ELEMENTS(others); i++) {
                sd_bus_message *reply = client_call(client, others[i], PROCESS, "ReportActivity",
                                                    NULL);

                assert_true(
                        g_str_has_prefix(answer_name(reply), "org.freedesktop.DBus.Error.Unknown"));
                sd_bus_message_unref(reply);
        }
}

static void the_watchdog_is_switched_and_told_by_pid(void **state) {
        sd_bus_message *reply;
        const Process *process;
        int registered;
        uint32_t pid;

        g_free(client_start(client, NULL, NULL));
        process = supervisor_find(room.world.supervisor, 1);
        pid = (uint32_t)process->pid;
        expect_answer(client_call(client, ROOT, WATCHDOG, "UpdateActivity", "u", pid), "ok");
        assert_int_equal(process->last_source, ACTIVITY_REPORT);
        expect_answer(client_call(client, ROOT, WATCHDOG, "UnregisterProcess", "u", pid), "ok");
        reply = client_call(client, ROOT, WATCHDOG, "IsRegistered", "u", pid);
        assert_true(sd_bus_message_read(reply, "b", &registered) > 0);
        assert_false(registered);
        sd_bus_message_unref(reply);
        expect_answer(client_call(client, ROOT, WATCHDOG, "RegisterProcess", "ua{sv}", pid, 0),
                      "ok");
        assert_true(supervisor_watches(room.world.supervisor, process));
        expect_answer(client_call(client, ROOT, WATCHDOG, "Stop", NULL), "ok");
        assert_false(supervisor_watchdog_is_active(room.world.supervisor));
        expect_answer(client_call(client, ROOT, WATCHDOG, "Start", NULL), "ok");
        assert_true(supervisor_watchdog_is_active(room.world.supervisor));
}

/* Somebody who is neither the service's user nor root. */
static void a_stranger_is_served_nothing_and_told_nothing(void **state) {
        g_autofree char *path = client_start(client, NULL, NULL);
        static const char *const members[] = {"ListProcesses", "CleanupFinished", "GetStats",
                                              "Subscribe",     "Unsubscribe",     "Shutdown"};
        WatchdogDefaults defaults = *supervisor_watchdog_defaults(room.world.supervisor);

        room.face->peers.only->uid = room.face->uid + 1;
        for (unsigned i = 0; i < G_N_ELEMENTS(members); i++)
                expect_answer(call_manager(members[i]), "org.freedesktop.DBus.Error.AccessDenied");
        expect_answer(client_call(client, ROOT, MANAGER, "StartProcess", "asa{sv}", 1, "x", 0),
                      "org.freedesktop.DBus.Error.AccessDenied");
        expect_answer(client_call(client, ROOT, WATCHDOG, "Stop", NULL),
                      "org.freedesktop.DBus.Error.AccessDenied");
        expect_answer(
                client_call(client, ROOT, PROPERTIES, "Set", "ssv", WATCHDOG, "AutoKill", "b", 0),
                "org.freedesktop.DBus.Error.AccessDenied");
        expect_answer(client_call(client, path, PROCESS, "Wait", "t", (uint64_t)0),
                      "org.freedesktop.DBus.Error.AccessDenied");
        /* looking does not make him hear anything */
        sd_bus_message_unref(client_call(client, ROOT, PROPERTIES, "GetAll", "s", WATCHDOG));
        g_ptr_array_set_size(client->signals, 0);
        defaults.policy.timeout = USEC_PER_SEC;
        supervisor_set_watchdog_defaults(room.world.supervisor, FAKE_GRANT, &defaults,
                                         &room.world.now);
        client_settle(client);
        assert_int_equal(client->signals->len, 0);
        room.face->peers.only->uid = room.face->uid;
}

static void an_endless_path_takes_no_time(void **state) {
        static const char *const calls[][2] = {
                {PROCESS, "Collect"},
                {"org.freedesktop.DBus.Introspectable", "Introspect"},
                {"org.freedesktop.DBus.ObjectManager", "GetManagedObjects"},
        };
        GString *path = g_string_new("/org/proctor1/process/1");
        clock_t begin = clock();

        for (unsigned i = 0; i < 20000; i++)
                g_string_append(path, "/a");
        for (unsigned i = 0; i < 20; i++)
                expect_answer(
                        client_call(client, path->str, calls[i % 3][0], calls[i % 3][1], NULL),
                        "org.freedesktop.DBus.Error.UnknownObject");
        assert_true(clock() - begin < 2 * CLOCKS_PER_SEC);
        g_string_free(path, TRUE);
}

static void what_is_quoted_is_cut(void **state) {
        enum { N = 1 << 20 };
        g_autoptr(GString) name = g_string_new(NULL);
        sd_bus_message *reply;

        while (name->len < N)
                g_string_append(name, "\u00fc\u20ac");
        reply = client_call(client, ROOT, MANAGER, "GetGroup", "s", name->str);
        assert_string_equal(answer_name(reply), "org.proctor1.Error.NoSuchGroup");
        assert_in_range(strlen(answer_text(reply)), 1000, 5000);
        assert_true(g_str_has_suffix(answer_text(reply), "\u20ac\u2026") ||
                    g_str_has_suffix(answer_text(reply), "\u00fc\u2026"));
        sd_bus_message_unref(reply);
}

#define WITH_ROOM(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

TEST_MAIN(WITH_ROOM(processes_are_listed_and_found), WITH_ROOM(wait_many_answers_what_has_finished),
          WITH_ROOM(signals_go_where_the_word_says),
          WITH_ROOM(stop_all_and_shutdown_end_everything),
          WITH_ROOM(finished_ones_are_forgotten_when_asked), WITH_ROOM(one_object_has_one_path),
          WITH_ROOM(the_watchdog_is_switched_and_told_by_pid),
          WITH_ROOM(a_stranger_is_served_nothing_and_told_nothing),
          WITH_ROOM(an_endless_path_takes_no_time), WITH_ROOM(what_is_quoted_is_cut))
