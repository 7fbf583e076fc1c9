/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Cleaning of foreign text, see the header. */

#include "base/text.h"

#include <glib.h>
#include <string.h>

char *text_clean(const char *bytes, size_t length, size_t max) {
        /* whatever becomes of a byte is not shorter than it */
        g_autofree char *valid = g_utf8_make_valid(bytes, (gssize)MIN(length, max + 4));
        GString *clean = g_string_new(NULL);

        for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
                gunichar c = g_utf8_get_char(p);
                size_t before = clean->len;

                g_string_append_unichar(clean, g_unichar_isprint(c) ? c : ' ');
                if (clean->len > max) {
                        g_string_truncate(clean, before);
                        break;
                }
        }
        return g_string_free(clean, FALSE);
}

void text_erase(void *text) {
        if (text)
                explicit_bzero(text, strlen(text));
        g_free(text);
}

size_t strv_packed_size(char *const *strv) {
        size_t size = sizeof(char *);

        for (; strv && *strv; strv++)
                size += sizeof(char *) + strlen(*strv) + 1;
        return size;
}

char **strv_pack(char *const *strv) {
        size_t n = 0;
        char **packed, *at;

        if (!strv)
                return NULL;
        while (strv[n])
                n++;
        packed = g_malloc(strv_packed_size(strv));
        at = (char *)(packed + n + 1);
        for (size_t i = 0; i < n; i++) {
                packed[i] = at;
                at = stpcpy(at, strv[i]) + 1;
        }
        packed[n] = NULL;
        return packed;
}
