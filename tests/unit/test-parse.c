/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Strict parsing: the whole text or nothing, and the result is written on success alone. */

#include "base/parse.h"

#include <errno.h>

#include "util/check.h"

static void numbers_are_read_whole_or_not_at_all(void **state) {
        static const struct {
                const char *text;
                uint64_t max;
                int r;
                uint64_t value;
        } cases[] = {
                {"0", UINT64_MAX, 0, 0},
                {"7", 7, 0, 7},
                {"8", 7, -ERANGE, 0},
                {"0042", UINT64_MAX, 0, 42},
                {"18446744073709551615", UINT64_MAX, 0, UINT64_MAX},
                {"18446744073709551616", UINT64_MAX, -ERANGE, 0},
                {"99999999999999999999999", UINT64_MAX, -ERANGE, 0},
                {"", UINT64_MAX, -EINVAL, 0},
                {NULL, UINT64_MAX, -EINVAL, 0},
                {" 1", UINT64_MAX, -EINVAL, 0},
                {"1 ", UINT64_MAX, -EINVAL, 0},
                {"+1", UINT64_MAX, -EINVAL, 0},
                {"-1", UINT64_MAX, -EINVAL, 0},
                {"0x1", UINT64_MAX, -EINVAL, 0},
                {"1.0", UINT64_MAX, -EINVAL, 0},
                {"1e3", UINT64_MAX, -EINVAL, 0},
                {"nan", UINT64_MAX, -EINVAL, 0},
                {"\xd9\xa1", UINT64_MAX, -EINVAL, 0}, /* an Arabic one */
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
                uint64_t value = 12345;

                assert_int_equal(parse_uint64(cases[i].text, cases[i].max, &value), cases[i].r);
                assert_true(value == (cases[i].r == 0 ? cases[i].value : 12345));
        }
}

static void a_name_is_readable_text_of_1_to_128_bytes(void **state) {
        g_autofree char *longest = g_strnfill(128, 'x'), *too_long = g_strnfill(129, 'x');

        assert_true(name_is_valid("a"));
        assert_true(name_is_valid("Größe 1/2"));
        assert_true(name_is_valid(longest));
        assert_false(name_is_valid(too_long));
        assert_false(name_is_valid(""));
        assert_false(name_is_valid("a\nb"));
        assert_false(name_is_valid("\t"));
        assert_false(name_is_valid("\x1b[31m"));
        assert_false(name_is_valid("\x7f"));
        assert_false(name_is_valid("\xc2\x85"));     /* NEL, a control character above ASCII */
        assert_false(name_is_valid("\xe2\x80\xa8")); /* line separator */
        assert_false(name_is_valid("\xe2\x80\xa9")); /* paragraph separator */
        assert_false(name_is_valid("\xff"));
        assert_false(name_is_valid("\xc3"));
}

static void a_variable_has_a_name_without_an_equals_sign(void **state) {
        assert_true(environment_name_is_valid("A"));
        assert_true(environment_name_is_valid("a b"));
        assert_false(environment_name_is_valid(""));
        assert_false(environment_name_is_valid("="));
        assert_false(environment_name_is_valid("A=B"));
}

TEST_MAIN(TEST(numbers_are_read_whole_or_not_at_all),
          TEST(a_name_is_readable_text_of_1_to_128_bytes),
          TEST(a_variable_has_a_name_without_an_equals_sign))
