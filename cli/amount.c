/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Amounts, see the header: limits of bytes, descriptors, tasks. */

#include "amount.h"

#include <errno.h>
#include <proctor/proctor.h>
#include <string.h>

bool amount_parse(const char *text, guint64 *ret) {
        static const char suffixes[] = "KMGT";
        char *end;
        guint64 value;
        const char *suffix;

        if (strcmp(text, "infinity") == 0 || strcmp(text, "unlimited") == 0) {
                *ret = PROCTOR_INFINITY;
                return true;
        }
        if (!g_ascii_isdigit(*text))
                return false;
        errno = 0;
        value = g_ascii_strtoull(text, &end, 10);
        if (errno != 0)
                return false;
        suffix = *end ? strchr(suffixes, g_ascii_toupper(*end)) : NULL;
        if (suffix && *suffix && !end[1])
                return !__builtin_mul_overflow(
                        value, G_GUINT64_CONSTANT(1) << (10 * (suffix - suffixes + 1)), ret);
        *ret = value;
        return *end == '\0';
}
