/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Signals by name and number: what this machine has, and nothing else. */

#include "base/signal-name.h"

#include <signal.h>

#include "util/check.h"

static void every_signal_has_a_name_that_leads_back(void **state) {
        for (int signo = 1; signo <= SIGRTMAX; signo++) {
                const char *name = signal_to_string(signo);
                g_autofree char *number = g_strdup_printf("%d", signo);
                g_autofree char *lower = NULL;

                if (signo > 31 && signo < SIGRTMIN) { /* libc keeps these for itself */
                        assert_null(name);
                        assert_true(signal_from_string(number) < 0);
                        continue;
                }
                assert_non_null(name);
                assert_true(g_str_has_prefix(name, "SIG"));
                lower = g_ascii_strdown(name, -1);
                assert_int_equal(signal_from_string(name), signo);
                assert_int_equal(signal_from_string(name + 3), signo);
                assert_int_equal(signal_from_string(lower), signo);
                assert_int_equal(signal_from_string(number), signo);
        }
}

static void what_is_no_signal_is_none(void **state) {
        static const char *const words[] = {
                "",       "0",        "-9",        "+9",          "9 ",       " 9",      "1000000",
                "SIG",    "SIGSIG",   "SIGSIGINT", "KILLER",      "SIG9",     "RTMIN-1", "RTMAX+1",
                "RTMIN+", "RTMIN+99", "RTMAX-99",  "SIGRTMIN+-1", "RTMIN+1x", "timeout", "TERM\n"};

        for (unsigned i = 0; i < G_N_ELEMENTS(words); i++)
                assert_true(signal_from_string(words[i]) < 0);
        assert_null(signal_to_string(0));
        assert_null(signal_to_string(-1));
        assert_null(signal_to_string(SIGRTMAX + 1));
}

static void real_time_signals_are_counted_from_both_ends(void **state) {
        assert_int_equal(signal_from_string("RTMIN"), SIGRTMIN);
        assert_int_equal(signal_from_string("SIGRTMIN+3"), SIGRTMIN + 3);
        assert_int_equal(signal_from_string("RTMAX"), SIGRTMAX);
        assert_int_equal(signal_from_string("sigrtmax-2"), SIGRTMAX - 2);
        assert_string_equal(signal_to_string(SIGRTMIN + 3), "SIGRTMIN+3");
}

TEST_MAIN(TEST(every_signal_has_a_name_that_leads_back), TEST(what_is_no_signal_is_none),
          TEST(real_time_signals_are_counted_from_both_ends))
