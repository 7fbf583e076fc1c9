/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The prompt in the end of an output: the last line that is not complete, plain and bounded. */

#include "core/prompt.h"

#include "util/check.h"

static void it_is_the_last_line_without_an_end(void **state) {
        static const struct {
                const char *output, *prompt;
        } cases[] = {
                {"", ""},
                {"Password: ", "Password: "},
                {"one\ntwo\nName? ", "Name? "},
                {"complete\n", ""},
                {"terminal\r\n$ ", "$ "},
                {"10 %\r20 %", "20 %"},
                {"\033[1mPassword:\033[0m ", "Password: "},
                {"\033[?2004h\033]0;title\auser@host$ ", "user@host$ "},
                {"\033]0;title\033\\> ", "> "},
                {"\033cplain", "plain"},
                {"cut\033[1", "cut"},
                {"cut\033", "cut"},
                {"bell\a? ", "bell ? "},
                {"\xff? ", "\xef\xbf\xbd? "},
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *prompt = prompt_find(cases[i].output, strlen(cases[i].output));

                assert_string_equal(prompt, cases[i].prompt);
        }
}

static void of_a_long_line_the_end_is_kept(void **state) {
        g_autofree char *filler = g_strnfill(10000, 'x');
        g_autofree char *output = g_strconcat(filler, "Go on? ", NULL);
        g_autofree char *prompt = prompt_find(output, strlen(output));

        assert_int_equal(strlen(prompt), PROMPT_MAX);
        assert_true(g_str_has_suffix(prompt, "xGo on? "));
}

static void any_bytes_give_clean_text_within_the_bound(void **state) {
        g_autoptr(GRand) rand = check_rand(__func__);

        for (unsigned i = 0; i < 2000; i++) {
                size_t length = (size_t)g_rand_int_range(rand, 0, 600);
                g_autofree char *prompt = NULL;
                char bytes[600];

                for (size_t k = 0; k < length; k++)
                        bytes[k] = (char)(g_rand_int_range(rand, 0, 8) == 0
                                                  ? '\033'
                                                  : g_rand_int_range(rand, 14, 256));
                prompt = prompt_find(bytes, length);
                assert_true(strlen(prompt) <= PROMPT_MAX);
                assert_true(g_utf8_validate(prompt, -1, NULL));
        }
}

TEST_MAIN(TEST(it_is_the_last_line_without_an_end), TEST(of_a_long_line_the_end_is_kept),
          TEST(any_bytes_give_clean_text_within_the_bound))
