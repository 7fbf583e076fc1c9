/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Strict parsing of what comes from outside. */

#include "base/parse.h"

#include <errno.h>
#include <glib.h>
#include <string.h>

#define NAME_BYTES_MAX 128

int parse_uint64(const char *s, uint64_t max, uint64_t *ret) {
        uint64_t value = 0;

        if (!s || !*s)
                return -EINVAL;
        for (; *s; s++) {
                if (!g_ascii_isdigit(*s))
                        return -EINVAL;
                if (!g_uint64_checked_mul(&value, value, 10) ||
                    !g_uint64_checked_add(&value, value, (uint64_t)(*s - '0')))
                        return -ERANGE;
        }
        if (value > max)
                return -ERANGE;
        *ret = value;
        return 0;
}

bool name_is_valid(const char *s) {
        if (!*s || strlen(s) > NAME_BYTES_MAX || !g_utf8_validate(s, -1, NULL))
                return false;
        for (; *s; s = g_utf8_next_char(s)) {
                GUnicodeType type = g_unichar_type(g_utf8_get_char(s));

                if (type == G_UNICODE_CONTROL || type == G_UNICODE_LINE_SEPARATOR ||
                    type == G_UNICODE_PARAGRAPH_SEPARATOR)
                        return false;
        }
        return true;
}

bool environment_name_is_valid(const char *s) {
        return *s && !strchr(s, '=');
}
