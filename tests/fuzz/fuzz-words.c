/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Words that callers and children say: names, numbers, signals, paths of objects, and text that is
 * shown to people. With clang it is a target for libFuzzer; linked with main.c it runs a corpus. */

#include <assert.h>
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "base/parse.h"
#include "base/signal-name.h"
#include "base/text.h"
#include "dbus/proctor-names.h"

#define TEXT_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_number(const char *word) {
        uint64_t number;

        if (parse_uint64(word, UINT64_MAX, &number) < 0)
                return;
        assert(*word && strspn(word, "0123456789") == strlen(word));
        assert(number == g_ascii_strtoull(word, NULL, 10));
        assert(parse_uint64(word, number, &number) == 0);
        assert(number == 0 || parse_uint64(word, number - 1, &number) < 0);
}

static void check_signal(const char *word) {
        int signo = signal_from_string(word);

        if (signo < 0)
                return;
        assert(signo > 0 && signo <= SIGRTMAX);
        assert(signal_from_string(signal_to_string(signo)) == signo);
}

static void check_name(const char *word) {
        if (name_is_valid(word)) {
                assert(*word && strlen(word) <= 128 && g_utf8_validate(word, -1, NULL));
                for (const char *p = word; *p; p = g_utf8_next_char(p))
                        assert(!g_unichar_iscntrl(g_utf8_get_char(p)));
        }
        if (environment_name_is_valid(word))
                assert(*word && !strchr(word, '='));
}

static void check_text(const char *bytes, size_t length) {
        g_autofree char *clean = text_clean(bytes, length, TEXT_MAX);
        g_autofree char *again = text_clean(clean, strlen(clean), TEXT_MAX);

        assert(strlen(clean) <= TEXT_MAX && g_utf8_validate(clean, -1, NULL));
        assert(strcmp(clean, again) == 0);
        for (const char *p = clean; *p; p = g_utf8_next_char(p))
                assert(g_unichar_isprint(g_utf8_get_char(p)));
}

/* The last part of a path is a number or it is nobody's path. */
static void check_path(const char *word) {
        g_autofree char *path = g_strconcat(PROCTOR_PROCESS_PATH_PREFIX, word, NULL);
        g_autofree char *id = NULL;
        uint64_t number;

        if (!sd_bus_object_path_is_valid(path) ||
            sd_bus_path_decode(path, PROCTOR_PROCESS_PATH, &id) < 0 || !id)
                return;
        if (parse_uint64(id, UINT64_MAX, &number) == 0)
                assert(strspn(id, "0123456789") == strlen(id));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        g_autofree char *bytes = g_memdup2(data, size);
        g_autofree char *word = g_strndup((const char *)data, size);

        check_number(word);
        check_signal(word);
        check_name(word);
        check_text(bytes ? bytes : "", size);
        check_path(word);
        return 0;
}
