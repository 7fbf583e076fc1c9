/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What goes wrong with sd-bus in a GLib loop, each as a test of the source: messages that a sync call
 * queued, timeouts of calls, a loop that spins, a flood that keeps others waiting, a lost connection,
 * and somebody who asks and does not read. */

#include "bus/bus-source.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bus/bus-cleanup.h"
#include "util/check.h"

#include "base/time-util.h"

#define PATH      "/test"
#define INTERFACE "org.example.Test"

/* One end of a connection in the main loop, the other in the hands of the test or of a thread. */
typedef struct Pair {
        sd_bus *ours;
        GSource *source;
        int other_fd;
        sd_bus *other;
        GThread *thread;
        unsigned n_lost;
        int lost_error;
        unsigned n_signals;
        unsigned n_answers;
        char *answer;
        unsigned turn, turn_of_last, n_in_turn, most_in_turn;
} Pair;

static void on_lost(void *userdata, int error) {
        Pair *pair = userdata;

        pair->n_lost++;
        pair->lost_error = error;
}

static int on_signal(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Pair *pair = userdata;

        if (!sd_bus_message_is_signal(m, INTERFACE, NULL))
                return 0;
        pair->n_signals++;
        if (pair->turn_of_last != pair->turn)
                pair->n_in_turn = 0;
        pair->turn_of_last = pair->turn;
        pair->n_in_turn++;
        pair->most_in_turn = MAX(pair->most_in_turn, pair->n_in_turn);
        return 0;
}

static sd_bus *open_end(int fd, bool server) {
        sd_id128_t id = {};
        sd_bus *bus = NULL;

        assert_true(sd_bus_new(&bus) >= 0);
        if (server) {
                sd_id128_randomize(&id);
                assert_true(sd_bus_set_server(bus, 1, id) >= 0);
        }
        assert_true(sd_bus_set_fd(bus, fd, fd) >= 0);
        assert_true(sd_bus_start(bus) >= 0);
        return bus;
}

/* The far side: answers Poke after `signals` signals, and never answers anything else. */
static void *serve(void *userdata) {
        Pair *pair = userdata;
        sd_bus *bus = open_end(pair->other_fd, true);
        int r = 0;

        while (r >= 0) {
                g_autoptr(sd_bus_message) m = NULL;
                uint32_t n;

                r = sd_bus_process(bus, &m);
                if (r == 0)
                        r = sd_bus_wait(bus, UINT64_MAX);
                if (!m || sd_bus_message_is_method_call(m, INTERFACE, "Poke") <= 0)
                        continue;
                r = sd_bus_message_read(m, "u", &n);
                for (; r >= 0 && n > 0; n--)
                        r = sd_bus_emit_signal(bus, PATH, INTERFACE, "Flood", "s", "x");
                if (r >= 0)
                        r = sd_bus_reply_method_return(m, NULL);
        }
        sd_bus_flush_close_unref(bus);
        return NULL;
}

static void pair_init(Pair *pair) {
        int ends[2];

        *pair = (Pair){};
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        pair->other_fd = ends[1];
        pair->thread = g_thread_new("far side", serve, pair);
        pair->ours = open_end(ends[0], false);
        assert_true(sd_bus_add_filter(pair->ours, NULL, on_signal, pair) >= 0);
        pair->source = bus_source_new(pair->ours, on_lost, pair);
        g_source_attach(pair->source, NULL);
}

static void pair_done(Pair *pair) {
        g_source_destroy(pair->source);
        g_source_unref(pair->source);
        sd_bus_close(pair->ours);
        sd_bus_unref(pair->ours);
        g_thread_join(pair->thread);
        g_free(pair->answer);
}

static gboolean on_patience(void *userdata) {
        fail_msg("nothing happened for 20 s");
        return G_SOURCE_REMOVE;
}

/* Turns the loop until *counter is at least n. */
static void until(Pair *pair, const unsigned *counter, unsigned n) {
        unsigned id = g_timeout_add(20000, on_patience, NULL);

        while (*counter < n) {
                pair->turn++;
                g_main_context_iteration(NULL, TRUE);
        }
        g_source_remove(id);
}

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const sd_bus_error *failure = sd_bus_message_get_error(m);
        Pair *pair = userdata;

        pair->n_answers++;
        g_free(pair->answer);
        pair->answer = g_strdup(failure ? failure->name : "ok");
        return 0;
}

static void poke(Pair *pair, const char *member, unsigned n, uint64_t timeout) {
        g_autoptr(sd_bus_message) m = NULL;

        assert_true(sd_bus_message_new_method_call(pair->ours, &m, NULL, PATH, INTERFACE, member) >=
                    0);
        assert_true(sd_bus_message_append(m, "u", n) >= 0);
        assert_true(sd_bus_call_async(pair->ours, NULL, m, on_answer, pair, timeout) >= 0);
}

static void what_a_sync_call_queued_is_dispatched(void **state) {
        g_autoptr(sd_bus_message) reply = NULL;
        Pair pair;

        pair_init(&pair);
        assert_true(sd_bus_call_method(pair.ours, NULL, PATH, INTERFACE, "Poke", NULL, &reply, "u",
                                       100) >= 0);
        assert_int_equal(pair.n_signals, 0); /* they are in the queue; no descriptor is ready */
        until(&pair, &pair.n_signals, 100);
        pair_done(&pair);
}

static void a_call_that_nobody_answers_times_out(void **state) {
        usec_t before, after;
        Pair pair;

        pair_init(&pair);
        poke(&pair, "Poke", 0, 0);
        until(&pair, &pair.n_answers, 1);
        before = now_read().monotonic;
        pair.turn = 0;
        poke(&pair, "Silence", 0, 100 * USEC_PER_MSEC);
        until(&pair, &pair.n_answers, 2);
        after = now_read().monotonic;
        assert_true(g_str_has_prefix(pair.answer, "org.freedesktop.DBus.Error."));
        assert_true(after - before >= 100 * USEC_PER_MSEC);
        assert_true(pair.turn < 20); /* it slept until then */
        pair_done(&pair);
}

static gboolean on_time(void *userdata) {
        ++*(unsigned *)userdata;
        return G_SOURCE_CONTINUE;
}

static void an_idle_loop_does_not_spin(void **state) {
        unsigned n_times = 0, id;
        Pair pair;

        pair_init(&pair);
        poke(&pair, "Poke", 3, 0); /* the connection is up and has been used */
        until(&pair, &pair.n_answers, 1);
        id = g_timeout_add(50, on_time, &n_times);
        pair.turn = 0;
        until(&pair, &n_times, 4);
        assert_true(pair.turn < 15);
        g_source_remove(id);
        pair_done(&pair);
}

typedef struct Beat {
        usec_t last, worst;
} Beat;

static gboolean on_beat(void *userdata) {
        usec_t now = now_read().monotonic;
        Beat *beat = userdata;

        if (beat->last != 0)
                beat->worst = MAX(beat->worst, now - beat->last);
        beat->last = now;
        return G_SOURCE_CONTINUE;
}

/* Each turn works off no more than a batch, however much there is, so whoever outranks the bus comes
 * in between. */
static void a_flood_is_worked_off_in_batches(void **state) {
        Beat beat = {};
        GSource *timer = g_timeout_source_new(10);
        Pair a, b;

        g_source_set_priority(timer, G_PRIORITY_HIGH);
        g_source_set_callback(timer, on_beat, &beat, NULL);
        pair_init(&a);
        pair_init(&b);
        g_source_attach(timer, NULL);
        poke(&a, "Poke", 30000, 0);
        poke(&b, "Poke", 30000, 0);
        until(&a, &a.n_answers, 1);
        until(&b, &b.n_answers, 1);
        assert_int_equal(a.n_signals, 30000);
        assert_int_equal(b.n_signals, 30000);
        assert_in_range(a.most_in_turn, 1, BUS_SOURCE_BATCH);
        assert_in_range(beat.worst, 1, USEC_PER_SEC); /* generous: other tests run too */
        g_source_destroy(timer);
        g_source_unref(timer);
        pair_done(&a);
        pair_done(&b);
}

#define N_ASKED      100000
#define ANSWER_BYTES 24 /* of one without a body, to nobody by name */

static const char ping[] = "l\1\0\1\0\0\0\0\0\0\0\0\105\0\0\0"
                           "\1\1o\0\1\0\0\0/\0\0\0\0\0\0\0"
                           "\2\1s\0\31\0\0\0org.freedesktop.DBus.Peer\0\0\0\0\0\0\0"
                           "\3\1s\0\4\0\0\0Ping\0\0\0"; /* 88 bytes with the last zero */

/* One Ping with that serial, if there is room in the socket. */
static bool ask(int fd, uint32_t serial) {
        char message[sizeof ping];
        ssize_t n;

        memcpy(message, ping, sizeof ping);
        memcpy(message + 8, &serial, sizeof serial);
        n = send(fd, message, sizeof message, MSG_DONTWAIT | MSG_NOSIGNAL);
        assert_true(n == (ssize_t)sizeof message || (n < 0 && errno == EAGAIN));
        return n > 0;
}

/* Asks until nobody listens any more; how often. */
static unsigned ask_all(int fd) {
        unsigned n_quiet = 0, n = 0;

        while (n_quiet < 100 && n < N_ASKED) {
                unsigned before = n;

                while (n < N_ASKED && ask(fd, n + 1))
                        n++;
                n_quiet = g_main_context_iteration(NULL, FALSE) || n > before ? 0 : n_quiet + 1;
        }
        return n;
}

static void introduce(int fd) {
        g_autofree char *number = g_strdup_printf("%u", (unsigned)geteuid());
        GString *words = g_string_new("AUTH EXTERNAL ");
        char answer[256];

        for (const char *p = number; *p; p++)
                g_string_append_printf(words, "%02x", *p);
        g_string_append(words, "\r\nBEGIN\r\n");
        assert_int_equal(send(fd, "", 1, 0), 1);
        assert_int_equal(send(fd, words->str, words->len, 0), words->len);
        do
                g_main_context_iteration(NULL, TRUE);
        while (recv(fd, answer, sizeof answer, MSG_DONTWAIT) <= 0);
        g_string_free(words, TRUE);
}

/* S-43 */
static void who_does_not_read_is_not_listened_to(void **state) {
        char bytes[4096];
        uint64_t queued = 0;
        size_t received = 0;
        Pair pair = {};
        unsigned n;
        int ends[2];

        G_STATIC_ASSERT(sizeof ping == 88);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        pair.ours = open_end(ends[0], true);
        pair.source = bus_source_new(pair.ours, on_lost, &pair);
        g_source_attach(pair.source, NULL);
        introduce(ends[1]);

        n = ask_all(ends[1]);
        assert_true(sd_bus_get_n_queued_write(pair.ours, &queued) >= 0);
        assert_in_range(queued, BUS_SOURCE_BACKLOG, BUS_SOURCE_BACKLOG + BUS_SOURCE_BATCH);
        assert_true(n < N_ASKED);
        assert_int_equal(pair.n_lost, 0);

        while (received < (size_t)n * ANSWER_BYTES) {
                ssize_t got = recv(ends[1], bytes, sizeof bytes, MSG_DONTWAIT);

                received += (size_t)MAX(got, 0);
                if (got < 0)
                        g_main_context_iteration(NULL, TRUE);
        }
        assert_int_equal(received, n * ANSWER_BYTES);
        close(ends[1]);
        until(&pair, &pair.n_lost, 1);
        g_source_unref(pair.source);
        sd_bus_unref(pair.ours);
}

static void a_lost_connection_is_told_once(void **state) {
        sd_bus *other;
        int ends[2];
        Pair pair = {};

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        other = open_end(ends[1], true);
        pair.ours = open_end(ends[0], false);
        pair.source = bus_source_new(pair.ours, on_lost, &pair);
        g_source_attach(pair.source, NULL);
        sd_bus_close(other);
        sd_bus_unref(other);
        until(&pair, &pair.n_lost, 1);
        while (g_main_context_iteration(NULL, FALSE))
                ;
        assert_int_equal(pair.n_lost, 1);
        assert_true(pair.lost_error < 0);
        assert_true(g_source_is_destroyed(pair.source));
        g_source_unref(pair.source);
        sd_bus_unref(pair.ours);
}

TEST_MAIN(TEST(what_a_sync_call_queued_is_dispatched), TEST(a_call_that_nobody_answers_times_out),
          TEST(an_idle_loop_does_not_spin), TEST(a_flood_is_worked_off_in_batches),
          TEST(who_does_not_read_is_not_listened_to), TEST(a_lost_connection_is_told_once))
