/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The parser of notify messages: every line that the service knows, and everything that a program
 * could send instead. */

#include "core/notify.h"
#include "util/check.h"

static NotifyMessage parse(const char *text) {
        NotifyMessage message;

        notify_parse(text, strlen(text), &message);
        return message;
}

static void known_lines_become_facts(void **state) {
        static const struct {
                const char *text;
                NotifyMessage expected;
        } cases[] = {
                {"READY=1", {.ready = true, .error = -1}},
                {"READY=1\n", {.ready = true, .error = -1}},
                {"\n\nREADY=1\n\n", {.ready = true, .error = -1}},
                {"STOPPING=1", {.stopping = true, .error = -1}},
                {"WATCHDOG=1", {.alive = true, .error = -1}},
                {"WATCHDOG=trigger", {.trouble = true, .error = -1}},
                {"WATCHDOG=1\nWATCHDOG=trigger", {.alive = true, .trouble = true, .error = -1}},
                {"WATCHDOG_USEC=20000000", {.watchdog_usec = 20000000, .error = -1}},
                {"WATCHDOG_USEC=1\nWATCHDOG_USEC=2", {.watchdog_usec = 2, .error = -1}},
                {"WATCHDOG_USEC=18446744073709551615", {.watchdog_usec = UINT64_MAX, .error = -1}},
                {"EXTEND_TIMEOUT_USEC=5", {.extend_usec = 5, .error = -1}},
                {"ERRNO=2", {.error = 2}},
                {"ERRNO=0", {.error = 0}},
                {"ERRNO=2147483647", {.error = 2147483647}},
                {"BARRIER=1", {.error = -1}},
                {"MAINPID=1\nREADY=1\nX_OTHER=\nRELOADING=1", {.ready = true, .error = -1}},
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
                NotifyMessage m = parse(cases[i].text);
                const NotifyMessage *e = &cases[i].expected;

                if (m.ready != e->ready || m.stopping != e->stopping || m.alive != e->alive ||
                    m.trouble != e->trouble || m.watchdog_usec != e->watchdog_usec ||
                    m.extend_usec != e->extend_usec || m.error != e->error || m.status)
                        fail_msg("'%s' is misread", cases[i].text);
                notify_message_done(&m);
        }
}

static void what_is_malformed_means_nothing(void **state) {
        static const char *const cases[] = {
                "READY",
                "READY=",
                "READY=0",
                "READY=11",
                "READY=1 ",
                " READY=1",
                "ready=1",
                "=1",
                "READY==1",
                "READY=1\r",
                "WATCHDOG=",
                "WATCHDOG=0",
                "WATCHDOG=TRIGGER",
                "WATCHDOG_USEC=",
                "WATCHDOG_USEC=0",
                "WATCHDOG_USEC=-1",
                "WATCHDOG_USEC=+1",
                "WATCHDOG_USEC= 1",
                "WATCHDOG_USEC=1s",
                "WATCHDOG_USEC=0x10",
                "WATCHDOG_USEC=18446744073709551616",
                "EXTEND_TIMEOUT_USEC=1.5",
                "EXTEND_TIMEOUT_USEC=",
                "ERRNO=-1",
                "ERRNO=2147483648",
                "ERRNO=ENOENT",
                "ERRNO=",
                "STOPPING=yes",
                "\n",
                "\n\n\n",
                "=",
                "\r\n",
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
                NotifyMessage m = parse(cases[i]);

                if (m.ready || m.stopping || m.alive || m.trouble || m.watchdog_usec ||
                    m.extend_usec || m.error != -1 || m.status)
                        fail_msg("'%s' means something", cases[i]);
        }
}

static void a_bad_line_does_not_spoil_the_next(void **state) {
        NotifyMessage m = parse("ERRNO=x\nREADY\nWATCHDOG_USEC=-5\nREADY=1\nERRNO=7");

        assert_true(m.ready);
        assert_int_equal(m.error, 7);
        assert_true(m.watchdog_usec == 0);
}

static void status_is_clean_text_of_bounded_length(void **state) {
        static const struct {
                const char *text, *status;
        } cases[] = {
                {"STATUS=", ""},
                {"STATUS=working", "working"},
                {"STATUS=a=b=c", "a=b=c"},
                {"STATUS=one\nSTATUS=two", "two"},
                {"STATUS=one\nREADY=1", "one"},
                {"STATUS=tab\tbell\a esc\033[2J", "tab bell  esc [2J"},
                {"STATUS=del\177", "del "},
                {"STATUS=\xc3\xa4\xe2\x82\xac", "\xc3\xa4\xe2\x82\xac"},
                {"STATUS=c1\xc2\x9bx", "c1 x"},
                {"STATUS=rtl\xe2\x80\xaex", "rtl x"},
                {"STATUS=bad\xff", "bad\xef\xbf\xbd"},
        };
        g_autofree char *many = g_strnfill(4000, 'x');
        g_autofree char *line = g_strdup_printf("STATUS=%s", many);
        g_autofree char *odd = g_strdup_printf("STATUS=%.255s\xc3\xa4", many);
        NotifyMessage m;

        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
                m = parse(cases[i].text);
                assert_string_equal(m.status, cases[i].status);
                notify_message_done(&m);
        }
        m = parse(line);
        assert_int_equal(strlen(m.status), NOTIFY_STATUS_MAX);
        notify_message_done(&m);
        m = parse(odd); /* never half a character */
        assert_int_equal(strlen(m.status), NOTIFY_STATUS_MAX - 1);
        assert_true(g_utf8_validate(m.status, -1, NULL));
        notify_message_done(&m);
}

/* Programs that send a string with its end are understood by systemd, so here too. */
static void one_zero_byte_at_the_end_is_allowed_and_none_else(void **state) {
        static const struct {
                const char *text;
                size_t length;
                bool ready;
        } cases[] = {
                {"READY=1", 8, true},         {"READY=1\n", 9, true},  {"READY=1\0", 9, false},
                {"READY=1\0\n", 9, false},    {"\0READY=1", 8, false}, {"REA\0DY=1", 8, false},
                {"X=\0\nREADY=1", 11, false}, {"", 1, false},          {"", 0, false},
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
                NotifyMessage m;

                notify_parse(cases[i].text, cases[i].length, &m);
                if (m.ready != cases[i].ready)
                        fail_msg("case %u is %s", i, m.ready ? "ready" : "not ready");
                notify_message_done(&m);
        }
}

static void a_message_that_is_too_long_is_none(void **state) {
        g_autofree char *text = g_strnfill(NOTIFY_MAX + 1, '\n');
        NotifyMessage m;

        memcpy(text, "READY=1", 7);
        notify_parse(text, NOTIFY_MAX, &m);
        assert_true(m.ready);
        notify_parse(text, NOTIFY_MAX + 1, &m);
        assert_false(m.ready);
}

static void random_bytes_do_no_harm(void **state) {
        static const char *const words[] = {"READY=",
                                            "1",
                                            "STATUS=",
                                            "\n",
                                            "WATCHDOG=",
                                            "trigger",
                                            "\xff",
                                            "ERRNO=",
                                            "99999",
                                            "=",
                                            "WATCHDOG_USEC=",
                                            "\xe2\x80",
                                            "-",
                                            "EXTEND_TIMEOUT_USEC="};
        g_autoptr(GRand) rand = check_rand(__func__);

        for (unsigned i = 0; i < 3000; i++) {
                g_autoptr(GString) text = g_string_new(NULL);
                NotifyMessage m;

                for (int k = g_rand_int_range(rand, 0, 40); k > 0; k--)
                        if (g_rand_int_range(rand, 0, 6) == 0)
                                g_string_append_c(text, (char)g_rand_int(rand));
                        else
                                g_string_append(
                                        text,
                                        words[g_rand_int_range(rand, 0, G_N_ELEMENTS(words))]);
                notify_parse(text->str, text->len, &m);
                assert_true(m.error >= -1);
                if (m.status) {
                        assert_true(strlen(m.status) <= NOTIFY_STATUS_MAX);
                        assert_true(g_utf8_validate(m.status, -1, NULL));
                        assert_null(strchr(m.status, '\n'));
                }
                notify_message_done(&m);
        }
}

TEST_MAIN(TEST(known_lines_become_facts), TEST(what_is_malformed_means_nothing),
          TEST(a_bad_line_does_not_spoil_the_next), TEST(status_is_clean_text_of_bounded_length),
          TEST(one_zero_byte_at_the_end_is_allowed_and_none_else),
          TEST(a_message_that_is_too_long_is_none), TEST(random_bytes_do_no_harm))
