/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How the environment of a child is composed. */

#include "sys/environment.h"

#include <string.h>
#include <time.h>

#include "world.h"

static void expect(char **composed, const char *expected) {
        g_autofree char *text = g_strjoinv(" ", composed);

        assert_string_equal(text, expected);
        g_free(composed);
}

static char *base[] = {(char *)"A=1", (char *)"AB=2", (char *)"C=3", NULL};

static void what_is_set_takes_its_place(void **state) {
        char *set[] = {(char *)"AB=x", (char *)"N=y", (char *)"A=z", NULL};

        expect(environment_compose(base, false, NULL, NULL), "A=1 AB=2 C=3");
        expect(environment_compose(base, false, NULL, set), "A=z AB=x C=3 N=y");
        expect(environment_compose(base, true, NULL, set), "AB=x N=y A=z");
        expect(environment_compose(NULL, false, NULL, set), "AB=x N=y A=z");
}

static void the_last_of_a_name_wins(void **state) {
        char *set[] = {(char *)"N=1", (char *)"C=", (char *)"N=2=3",
                       (char *)"NN=", (char *)"N=", NULL};

        expect(environment_compose(base, false, NULL, set), "A=1 AB=2 C= N= NN=");
}

static void what_is_unset_is_not_there(void **state) {
        char *unset[] = {(char *)"A", (char *)"C=", (char *)"NONE", NULL};
        char *set[] = {(char *)"A=new", NULL};

        expect(environment_compose(base, false, unset, NULL), "AB=2 C=3");
        expect(environment_compose(base, false, unset, set), "AB=2 C=3 A=new");
}

/* Their names have one hash, with any hash that multiplies by 33. */
static void thousands_take_no_time(void **state) {
        enum { N = 1 << 17 };
        g_autoptr(GPtrArray) set = g_ptr_array_new_with_free_func(g_free);
        clock_t begin;
        char **composed;

        for (unsigned i = 0; i < N; i++) {
                GString *name = g_string_new(NULL);

                for (unsigned bit = 0; bit < 17; bit++)
                        g_string_append(name, i & 1u << bit ? "Ez" : "FY");
                g_string_append(name, "=1");
                g_ptr_array_add(set, g_string_free(name, FALSE));
        }
        g_ptr_array_add(set, NULL);
        begin = clock();
        composed = environment_compose(base, false, NULL, (char **)set->pdata);
        assert_true(clock() - begin < 3 * CLOCKS_PER_SEC);
        assert_int_equal(g_strv_length(composed), N + 3);
        g_free(composed);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_set_takes_its_place),
                cmocka_unit_test(the_last_of_a_name_wins),
                cmocka_unit_test(what_is_unset_is_not_there),
                cmocka_unit_test(thousands_take_no_time),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
