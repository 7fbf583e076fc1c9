/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What messages weigh, whatever is in them, and what a backlog does with that. (S-40) */

#include "bus/backlog.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bus/bus-cleanup.h"
#include "util/room.h"

/* One that nobody is at the other end of: messages are made and go nowhere. */
static sd_bus *make_bus(void) {
        sd_bus *bus;
        int ends[2];

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends),
                         0);
        assert_int_equal(sd_bus_new(&bus), 0);
        assert_int_equal(sd_bus_set_fd(bus, ends[0], ends[0]), 0);
        assert_true(sd_bus_start(bus) >= 0);
        close(ends[1]);
        return bus;
}

static sd_bus_message *make(sd_bus *bus) {
        sd_bus_message *m;

        assert_true(sd_bus_message_new_method_call(bus, &m, "a.b", "/", "a.b", "C") >= 0);
        return m;
}

static size_t weigh(sd_bus_message *m) {
        size_t weight;

        assert_true(sd_bus_message_seal(m, 1, 0) >= 0);
        weight = message_weight(m);
        assert_int_equal(message_weight(m), weight); /* from its beginning again */
        return weight;
}

static void append_strings(sd_bus_message *m, unsigned n, const char *text) {
        assert_true(sd_bus_message_open_container(m, 'a', "s") >= 0);
        while (n-- > 0)
                assert_true(sd_bus_message_append(m, "s", text) >= 0);
        assert_true(sd_bus_message_close_container(m) >= 0);
}

static void a_message_weighs_what_is_in_it(void **state) {
        sd_bus *bus = make_bus();
        g_autoptr(sd_bus_message) nothing = make(bus), texts = make(bus), options = make(bus);
        g_autoptr(sd_bus_message) numbers = make(bus), deep = make(bus);
        uint64_t many[1000] = {};

        assert_int_equal(weigh(nothing), MESSAGE_WEIGHT_MIN);
        append_strings(texts, 1000, "ten bytes ");
        assert_in_range(weigh(texts), MESSAGE_WEIGHT_MIN + 10000, MESSAGE_WEIGHT_MIN + 20000);
        assert_true(sd_bus_message_append(options, "oa{sv}b", "/a", 2, "Name", "s", "x", "Fds",
                                          "a(ii)", 1, 1, 2, 1) >= 0);
        assert_in_range(weigh(options), MESSAGE_WEIGHT_MIN + 50, MESSAGE_WEIGHT_MIN + 200);
        assert_true(sd_bus_message_append_array(numbers, 't', many, sizeof many) >= 0);
        assert_in_range(weigh(numbers), MESSAGE_WEIGHT_MIN + 8000, MESSAGE_WEIGHT_MIN + 8100);
        assert_true(sd_bus_message_append(deep, "v", "v", "v", "(sv)", "a", "ay", 3, 1, 2, 3) >= 0);
        assert_in_range(weigh(deep), MESSAGE_WEIGHT_MIN + 10, MESSAGE_WEIGHT_MIN + 100);
        sd_bus_close_unref(bus);
}

/* And soon found to do so. */
static void what_is_large_weighs_most(void **state) {
        sd_bus *bus = make_bus();
        g_autoptr(sd_bus_message) text = make(bus), texts = make(bus), bytes = make(bus);
        g_autofree char *long_text = g_strnfill(MESSAGE_WEIGHED_MAX, 'x');
        usec_t begin;

        assert_true(sd_bus_message_append(text, "s", long_text) >= 0);
        assert_int_equal(weigh(text), MESSAGE_WEIGHT_MAX);
        append_strings(texts, 2000000, "");
        begin = (usec_t)g_get_monotonic_time();
        assert_int_equal(weigh(texts), MESSAGE_WEIGHT_MAX);
        assert_true((usec_t)g_get_monotonic_time() - begin < USEC_PER_SEC);
        assert_true(sd_bus_message_append_array(bytes, 'y', long_text, MESSAGE_WEIGHED_MAX) >= 0);
        assert_int_equal(weigh(bytes), MESSAGE_WEIGHT_MAX);
        sd_bus_close_unref(bus);
}

static void a_backlog_keeps_order_and_count(void **state) {
        sd_bus *bus = make_bus();
        sd_bus_message *messages[5], *m;
        Backlog backlog = {};

        for (unsigned i = 0; i < 5; i++) {
                messages[i] = make(bus);
                assert_true(sd_bus_message_set_sender(messages[i], i % 2 ? ":1.1" : ":1.2") >= 0);
                assert_true(sd_bus_message_seal(messages[i], 1, 0) >= 0);
                assert_false(backlog_is_full(&backlog, 5 * MESSAGE_WEIGHT_MIN));
                backlog_push(&backlog, messages[i]);
        }
        assert_true(backlog_is_full(&backlog, 5 * MESSAGE_WEIGHT_MIN));
        backlog_forget(&backlog, ":1.1");
        assert_int_equal(backlog.weight, 3 * MESSAGE_WEIGHT_MIN);
        for (unsigned i = 0; i < 5; i += 2) {
                assert_true(backlog_begins_with(&backlog, messages[i]));
                m = backlog_pop(&backlog);
                assert_ptr_equal(m, messages[i]);
                sd_bus_message_unref(m);
        }
        assert_null(backlog_pop(&backlog));
        assert_int_equal(backlog.weight, 0);
        backlog_push(&backlog, messages[0]);
        backlog_clear(&backlog);
        assert_true(backlog_is_empty(&backlog));
        for (unsigned i = 0; i < 5; i++)
                sd_bus_message_unref(messages[i]);
        sd_bus_close_unref(bus);
}

TEST_MAIN(TEST(a_message_weighs_what_is_in_it), TEST(what_is_large_weighs_most),
          TEST(a_backlog_keeps_order_and_count))
