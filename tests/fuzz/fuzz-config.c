/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The file of settings, of any bytes: it is taken as a whole or not at all, and an error is a
 * sentence. With clang it is a target for libFuzzer; linked with main.c it runs a corpus. */

#include "config.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *format_all(const Config *config) {
        g_autoptr(GString) text = g_string_new(NULL);

        for (const ConfigKey *key = config_keys; key->key; key++) {
                g_autofree char *value = config_format(config, key);

                g_string_append_printf(text, "[%s]\n%s=%s\n", key->group, key->key, value);
        }
        return g_string_free(g_steal_pointer(&text), FALSE);
}

static bool load(Config *config, const void *data, size_t size) {
        g_autoptr(GError) error = NULL;
        char path[64];
        int fd = memfd_create("config", MFD_CLOEXEC);
        bool good;

        assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        good = config_load(config, path, CONFIG_FILE_REQUIRED, &error);
        assert(good == !error);
        assert(!error || g_utf8_validate(error->message, -1, NULL));
        close(fd);
        return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        for (ConfigBase base = 0; base < _CONFIG_BASE_MAX; base++) {
                g_autofree char *before = NULL, *after = NULL, *again = NULL;
                Config config;
                bool good;

                config_init(&config, base);
                before = format_all(&config);
                good = load(&config, data, size);
                after = format_all(&config);
                if (!good)
                        assert(strcmp(before, after) == 0);
                /* what it says of itself it reads again, to the same settings */
                assert(load(&config, after, strlen(after)));
                again = format_all(&config);
                assert(strcmp(after, again) == 0);
        }
        return 0;
}
