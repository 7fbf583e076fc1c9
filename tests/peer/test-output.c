/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ReadOutput and OpenOutput over a connection, with a real captured stream whose writing end the
 * test holds; and starts that are held until the process says that it is ready. */

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "bus/bus-cleanup.h"
#include "sys/output.h"
#include "util/room.h"

#define KIB 1024

static Room room;
static Client *client;
static Loop *loop;
static OutputBudget *budget;
static int writer;

static void on_deadline(void *userdata) {
}

static int set_up(void **state) {
        signal(SIGPIPE, SIG_IGN);
        client = room_init_private(&room, NULL);
        budget = output_budget_new(1024 * KIB);
        assert_int_equal(loop_new(NULL, on_deadline, NULL, &loop), 0);
        assert_int_equal(
                output_new(loop, budget, 4 * KIB, NULL, NULL, &writer, &room.world.captured), 0);
        return 0;
}

static void end_stream(void) {
        if (writer >= 0)
                close(writer);
        writer = -1;
        client_settle(client);
}

static int tear_down(void **state) {
        end_stream();
        output_unref(room.world.captured);
        room.world.captured = NULL;
        room_done(&room);
        output_budget_free(budget);
        loop_free(loop);
        return 0;
}

static bool has_come(void *bytes) {
        return output_stat(room.world.captured).seen_bytes >= *(uint64_t *)bytes;
}

static void put(const char *text) {
        uint64_t bytes = output_stat(room.world.captured).seen_bytes + strlen(text);

        assert_int_equal(write(writer, text, strlen(text)), strlen(text));
        room_until(&room, has_come, &bytes);
}

static void expect_piece(const char *path, uint64_t offset, uint32_t max, const char *text,
                         uint64_t next, bool eof) {
        sd_bus_message *reply = client_call(client, path, PROCESS, "ReadOutput", "stu", "stdout",
                                            offset, max);
        const void *bytes;
        uint64_t told;
        size_t length;
        int ended;

        assert_string_equal(answer_name(reply), "ok");
        assert_true(sd_bus_message_read_array(reply, 'y', &bytes, &length) >= 0);
        assert_true(sd_bus_message_read(reply, "tb", &told, &ended) >= 0);
        assert_int_equal(length, strlen(text));
        assert_memory_equal(bytes, text, length);
        assert_true(told == next);
        assert_int_equal(ended, eof);
        sd_bus_message_unref(reply);
}

static uint64_t property(const char *path, const char *name) {
        sd_bus_message *reply = client_call(client, path, "org.freedesktop.DBus.Properties", "Get",
                                            "ss", PROCESS, name);
        uint64_t value;

        assert_true(sd_bus_message_read(reply, "v", "t", &value) >= 0);
        sd_bus_message_unref(reply);
        return value;
}

static void read_output_follows_the_offsets(void **state) {
        g_autofree char *path = client_start(client, NULL, NULL);
        g_autofree char *many = g_strnfill(5000, 'x');

        expect_piece(path, 0, 100, "", 0, false);
        put("hello, world");
        expect_piece(path, 0, 100, "hello, world", 12, false);
        expect_piece(path, 7, 3, "wor", 10, false);
        expect_piece(path, 3, 0, "", 3, false);
        expect_piece(path, UINT64_MAX, UINT32_MAX, "", 12, false);
        put(many);
        put("end");
        expect_piece(path, 0, 1, "x", 5015 - 4 * KIB + 1, false); /* moved up */
        expect_piece(path, 5012, UINT32_MAX, "end", 5015, false);
        assert_true(property(path, "OutputLimit") == 4 * KIB);
        assert_true(property(path, "StdoutBytes") == 5015);
        assert_true(property(path, "StdoutDroppedBytes") == 5015 - 4 * KIB);
        assert_true(property(path, "StderrBytes") == 0);
        end_stream();
        expect_piece(path, 5012, 2, "en", 5014, false);
        expect_piece(path, 5012, 100, "end", 5015, true);
}

static void what_cannot_be_read_is_refused(void **state) {
        g_autofree char *path = client_start(client, NULL, NULL);
        static const char *const words[] = {"", "stdin", "STDOUT", "1", "stdout "};

        for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
                expect_answer(client_call(client, path, PROCESS, "ReadOutput", "stu", words[i],
                                          UINT64_C(0), 1),
                              INVALID);
                expect_answer(client_call(client, path, PROCESS, "OpenOutput", "s", words[i]),
                              INVALID);
        }
        /* not captured */
        expect_answer(client_call(client, path, PROCESS, "OpenOutput", "s", "stderr"),
                      "org.freedesktop.DBus.Error.NotSupported");
        expect_answer(
                client_call(client, path, PROCESS, "ReadOutput", "stu", "stderr", UINT64_C(0), 1),
                "org.freedesktop.DBus.Error.NotSupported");
}

static void the_output_of_a_finished_one_stays_until_it_is_collected(void **state) {
        g_autofree char *path = client_start(client, NULL, NULL);

        put("last words");
        end_stream();
        expect_answer(client_call(client, path, PROCESS, "Stop", "b", 1), "ok");
        expect_piece(path, 0, 100, "last words", 10, true);
        expect_answer(client_call(client, path, PROCESS, "Collect", NULL), "ok");
        expect_answer(
                client_call(client, path, PROCESS, "ReadOutput", "stu", "stdout", UINT64_C(0), 1),
                "org.freedesktop.DBus.Error.UnknownObject");
}

static int open_output(const char *path) {
        sd_bus_message *reply = client_call(client, path, PROCESS, "OpenOutput", "s", "stdout");
        int fd, copy;

        assert_string_equal(answer_name(reply), "ok");
        assert_true(sd_bus_message_read(reply, "h", &fd) >= 0);
        copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        sd_bus_message_unref(reply);
        assert_true(copy >= 0);
        return copy;
}

static void open_output_gives_what_is_kept_and_what_comes(void **state) {
        g_autofree char *path = client_start(client, NULL, NULL);
        char buffer[64];
        int fd;

        put("kept ");
        fd = open_output(path);
        put("and new");
        assert_int_equal(read(fd, buffer, sizeof buffer), 12);
        assert_memory_equal(buffer, "kept and new", 12);
        end_stream();
        assert_int_equal(read(fd, buffer, sizeof buffer), 0);
        close(fd);
        fd = open_output(path); /* after the end, too */
        assert_int_equal(read(fd, buffer, sizeof buffer), 12);
        assert_int_equal(read(fd, buffer, sizeof buffer), 0);
        close(fd);
}

static void readers_are_limited_and_make_room_when_they_leave(void **state) {
        g_autofree char *path = client_start(client, NULL, NULL);
        int fds[16];

        for (unsigned round = 0; round < 2; round++) {
                for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++)
                        fds[i] = open_output(path);
                expect_answer(client_call(client, path, PROCESS, "OpenOutput", "s", "stdout"),
                              LIMITS);
                for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++)
                        close(fds[i]);
                client_settle(client);
        }
}

static void output_limit_has_bounds(void **state) {
        static const struct {
                uint64_t bytes;
                const char *answer;
        } cases[] = {
                {0, INVALID},    {4095, INVALID},    {4096, "ok"},
                {8388608, "ok"}, {8388609, INVALID}, {UINT64_MAX, INVALID},
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++)
                expect_answer(client_call(client, ROOT, MANAGER, "StartProcess", "asa{sv}", 1,
                                          "fake", 1, "OutputLimit", "t", cases[i].bytes),
                              cases[i].answer);
}

static Call *start_unready(void) {
        sd_bus_message *m = client_message(client, ROOT, MANAGER, "StartProcess");
        unsigned before = room.world.trees->len;
        Call *call;

        assert_true(sd_bus_message_append(m, "asa{sv}", 1, "fake", 1, "Readiness", "s", "notify") >=
                    0);
        call = client_send(client, m);
        client_settle(client);
        assert_int_equal(room.world.trees->len, before + 1);
        return call;
}

static bool is_started(void *tree) {
        return ((Tree *)tree)->settled;
}

static void expect_start(Call *call, const char *name) {
        room_until(&room, call_is_answered, call);
        assert_string_equal(answer_name(call->reply), name);
        call_free(call);
}

static void a_start_is_held_until_ready(void **state) {
        Call *call = start_unready();
        Tree *tree = fake_last_tree(&room.world);

        room_until(&room, is_started, tree);
        client_settle(client);
        assert_null(call->reply);
        tree->events->notify(tree->userdata, "STATUS=soon", 11);
        client_settle(client);
        assert_null(call->reply);
        tree->events->notify(tree->userdata, "READY=1", 7);
        expect_start(call, "ok");
}

static void a_start_that_ends_unready_has_failed(void **state) {
        Call *call = start_unready();
        Tree *tree = fake_last_tree(&room.world);

        room_until(&room, is_started, tree);
        client_settle(client);
        fake_exit(tree, 3, 0);
        room_until(&room, call_is_answered, call);
        assert_non_null(strstr(answer_text(call->reply), "ready"));
        expect_start(call, "org.proctor1.Error.SpawnFailed");
}

static void a_stop_before_readiness_answers_both(void **state) {
        Call *call = start_unready();

        room_until(&room, is_started, fake_last_tree(&room.world));
        expect_answer(client_call(client, "/org/proctor1/process/1", PROCESS, "Stop", "b", 0),
                      "ok");
        expect_start(call, "org.proctor1.Error.SpawnFailed");
}

static void the_end_of_the_service_answers_it(void **state) {
        Call *call = start_unready();

        room_until(&room, is_started, fake_last_tree(&room.world));
        supervisor_end(room.world.supervisor, &room.world.now);
        expect_start(call, "org.proctor1.Error.ShuttingDown");
}

#define FRESH(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
        const struct CMUnitTest tests[] = {
                FRESH(read_output_follows_the_offsets),
                FRESH(what_cannot_be_read_is_refused),
                FRESH(the_output_of_a_finished_one_stays_until_it_is_collected),
                FRESH(open_output_gives_what_is_kept_and_what_comes),
                FRESH(readers_are_limited_and_make_room_when_they_leave),
                FRESH(output_limit_has_bounds),
                FRESH(a_start_is_held_until_ready),
                FRESH(a_start_that_ends_unready_has_failed),
                FRESH(a_stop_before_readiness_answers_both),
                FRESH(the_end_of_the_service_answers_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
