/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* cmocka with the headers that it wants before it, and the main of a test program. */

/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
/* clang-format on */

#include <glib.h>
#include <stdbool.h>
#include <string.h>

/* A test of its own name. */
#define TEST(name) cmocka_unit_test(name)

#define TEST_MAIN(...)                                                                             \
        int main(void) {                                                                           \
                const struct CMUnitTest tests[] = {__VA_ARGS__};                                   \
                                                                                                   \
                return cmocka_run_group_tests(tests, NULL, NULL);                                  \
        }

/* A generator for a random test; PROCTOR_TEST_SEED repeats a run. The seed is printed, so that a
 * failure can be repeated. */
static inline GRand *check_rand(const char *name) {
        const char *given = g_getenv("PROCTOR_TEST_SEED");
        uint32_t seed = given ? (uint32_t)g_ascii_strtoull(given, NULL, 10) : g_random_int();

        print_message("%s: PROCTOR_TEST_SEED=%u\n", name, seed);
        return g_rand_new_with_seed(seed);
}
