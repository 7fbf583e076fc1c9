/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs a fuzz target over a corpus: each file of the folder as it is, cut at each place, and with a
 * byte changed here and there, the same way each time. */

#include <glib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define N_CHANGED 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run_changed(const uint8_t *data, size_t size, GRand *rand) {
        g_autofree uint8_t *copy = g_memdup2(data, size);

        for (unsigned i = 0; i < N_CHANGED && size > 0; i++) {
                copy[g_rand_int(rand) % size] = (uint8_t)g_rand_int(rand);
                LLVMFuzzerTestOneInput(copy, size);
        }
}

static void run_file(const char *path, GRand *rand) {
        g_autoptr(GError) error = NULL;
        g_autofree char *text = NULL;
        size_t size;

        if (!g_file_get_contents(path, &text, &size, &error)) {
                fprintf(stderr, "%s\n", error->message);
                exit(1);
        }
        for (size_t length = 0; length < size; length++)
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
