/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Foreign text: whatever the bytes, what comes out is printable UTF-8 within its bound. And lists of
 * texts in one piece. */

#include "base/text.h"

#include "util/check.h"

#define REPLACED "\xef\xbf\xbd"

static void foreign_text_becomes_printable(void **state) {
        static const struct {
                const char *text;
                size_t length, max;
                const char *clean;
        } cases[] = {
                {"", 0, 10, ""},
                {"plain", 5, 10, "plain"},
                {"plain", 3, 10, "pla"},
                {"plain", 5, 3, "pla"},
                {"a\nb\tc\033[2J", 9, 20, "a b c [2J"},
                {"a\0b", 3, 20, "a" REPLACED "b"},
                {"\xff\xfe", 2, 20, REPLACED REPLACED},
                {"\xff\xfe", 2, 5, REPLACED},
                {"\xc3\xa4\xc3\xa4", 4, 3, "\xc3\xa4"},
                {"c1\xc2\x9bx", 5, 20, "c1 x"},
                {"\xe2\x80\xae", 3, 20, " "}, /* right-to-left override */
                {"x\xe2\x82", 3, 20, "x" REPLACED REPLACED},
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *clean = text_clean(cases[i].text, cases[i].length, cases[i].max);

                assert_string_equal(clean, cases[i].clean);
        }
}

static void any_bytes_stay_within_the_bound(void **state) {
        g_autoptr(GRand) rand = check_rand(__func__);

        for (unsigned i = 0; i < 2000; i++) {
                size_t length = (size_t)g_rand_int_range(rand, 0, 64);
                size_t max = (size_t)g_rand_int_range(rand, 0, 40);
                g_autofree char *clean = NULL;
                char bytes[64];

                for (size_t k = 0; k < length; k++)
                        bytes[k] = (char)g_rand_int_range(rand, 0, 256);
                clean = text_clean(bytes, length, max);
                assert_true(strlen(clean) <= max);
                assert_true(g_utf8_validate(clean, -1, NULL));
        }
}

static void a_list_is_packed_as_it_is(void **state) {
        const char *lists[][4] = {{NULL}, {"", NULL}, {"a", "", "three words long", NULL}};

        assert_null(strv_pack(NULL));
        for (unsigned i = 0; i < G_N_ELEMENTS(lists); i++) {
                g_autofree char **packed = strv_pack((char *const *)lists[i]);

                assert_true(g_strv_equal((const char *const *)packed, lists[i]));
        }
        assert_int_equal(strv_packed_size((char *const *)lists[2]),
                         4 * sizeof(char *) + 2 + 1 + 17);
}

TEST_MAIN(TEST(a_list_is_packed_as_it_is), TEST(foreign_text_becomes_printable),
          TEST(any_bytes_stay_within_the_bound))
