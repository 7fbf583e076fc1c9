/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs a fuzz target over a corpus: each file of the folder as it is, cut at each place, and with a
 * byte changed here and there, the same way each time; not more than N of either, if that is given.
 * A file whose name ends in .hex holds its bytes as text: two digits each, whatever is between them,
 * and comments from a # on. */

#include <glib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_CHANGED 200

/* Of each file. */
static size_t n_cuts = SIZE_MAX;
static unsigned n_changed = N_CHANGED;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run_changed(const uint8_t *data, size_t size, GRand *rand) {
        g_autofree uint8_t *copy = g_memdup2(data, size);

        for (unsigned i = 0; i < n_changed && size > 0; i++) {
                copy[g_rand_int(rand) % size] = (uint8_t)g_rand_int(rand);
                LLVMFuzzerTestOneInput(copy, size);
        }
}

/* The bytes that the text stands for, over the text itself; how many. */
static size_t decode(char *text) {
        size_t n = 0;

        for (const char *p = text; *p;) {
                if (*p == '#') {
                        p += strcspn(p, "\n");
                } else if (g_ascii_isxdigit(p[0]) && g_ascii_isxdigit(p[1])) {
                        text[n++] = (char)(g_ascii_xdigit_value(p[0]) << 4 |
                                           g_ascii_xdigit_value(p[1]));
                        p += 2;
                } else {
                        p++;
                }
        }
        return n;
}

static void run_file(const char *path, GRand *rand) {
        g_autoptr(GError) error = NULL;
        g_autofree char *text = NULL;
        size_t size;

        if (!g_file_get_contents(path, &text, &size, &error)) {
                fprintf(stderr, "%s\n", error->message);
                exit(1);
        }
        if (g_str_has_suffix(path, ".hex"))
                size = decode(text);
        for (size_t length = 0; length < size; length += 1 + size / n_cuts)
                LLVMFuzzerTestOneInput((const uint8_t *)text, length);
        LLVMFuzzerTestOneInput((const uint8_t *)text, size);
        run_changed((const uint8_t *)text, size, rand);
}

int main(int argc, char **argv) {
        g_autoptr(GRand) rand = g_rand_new_with_seed(1);
        g_autoptr(GError) error = NULL;
        GDir *directory = g_dir_open(argc > 1 ? argv[1] : "", 0, &error);
        unsigned n = 0;
        const char *name;

        if (argc > 2)
                n_cuts = n_changed = (unsigned)MAX(1, atoi(argv[2]));
        if (!directory) {
                fprintf(stderr, "%s\n", error->message);
                return 1;
        }
        for (; (name = g_dir_read_name(directory)); n++) {
                g_autofree char *path = g_build_filename(argv[1], name, NULL);

                run_file(path, rand);
        }
        g_dir_close(directory);
        printf("%u files\n", n);
        return n == 0;
}
