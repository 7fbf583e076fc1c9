/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Durations, to and from text. All arithmetic is on integers, and what does not fit is refused. */

#include "duration.h"

#include <string.h>

#include "cli.h"

#define USEC_PER_MSEC G_GUINT64_CONSTANT(1000)
#define USEC_PER_SEC  (1000 * USEC_PER_MSEC)
#define USEC_PER_MIN  (60 * USEC_PER_SEC)
#define USEC_PER_HOUR (60 * USEC_PER_MIN)
#define USEC_PER_DAY  (24 * USEC_PER_HOUR)
#define USEC_PER_WEEK (7 * USEC_PER_DAY)

static const struct {
        const char *name;
        guint64 usec;
} units[] = {
        {"us", 1},
        {"usec", 1},
        {"µs", 1},
        {"ms", USEC_PER_MSEC},
        {"msec", USEC_PER_MSEC},
        {"s", USEC_PER_SEC},
        {"sec", USEC_PER_SEC},
        {"second", USEC_PER_SEC},
        {"seconds", USEC_PER_SEC},
        {"m", USEC_PER_MIN},
        {"min", USEC_PER_MIN},
        {"minute", USEC_PER_MIN},
        {"minutes", USEC_PER_MIN},
        {"h", USEC_PER_HOUR},
        {"hr", USEC_PER_HOUR},
        {"hour", USEC_PER_HOUR},
        {"hours", USEC_PER_HOUR},
        {"d", USEC_PER_DAY},
        {"day", USEC_PER_DAY},
        {"days", USEC_PER_DAY},
        {"w", USEC_PER_WEEK},
        {"week", USEC_PER_WEEK},
        {"weeks", USEC_PER_WEEK},
};

/* From the longest on; what is shown. */
static const struct {
        const char *name;
        guint64 usec;
} shown[] = {
        {"d", USEC_PER_DAY}, {"h", USEC_PER_HOUR},  {"min", USEC_PER_MIN},
        {"s", USEC_PER_SEC}, {"ms", USEC_PER_MSEC}, {"us", 1},
};

static guint64 unit_usec(const char *name, size_t length) {
        for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
                if (strlen(units[i].name) == length && strncmp(units[i].name, name, length) == 0)
                        return units[i].usec;
        return 0;
}

/* A decimal number as its whole part and a fraction of `scale`. */
typedef struct Number {
        guint64 whole;
        guint64 fraction, scale;
} Number;

static bool read_number(const char **text, Number *ret) {
        Number number = {.scale = 1};
        const char *p = *text;

        if (!g_ascii_isdigit(*p))
                return false;
        for (; g_ascii_isdigit(*p); p++)
                if (__builtin_mul_overflow(number.whole, 10, &number.whole) ||
                    __builtin_add_overflow(number.whole, (guint64)(*p - '0'), &number.whole))
                        return false;
        if (*p == '.') {
                if (!g_ascii_isdigit(*++p))
                        return false;
                for (; g_ascii_isdigit(*p); p++) {
                        if (number.scale >= 1000000)
                                continue; /* finer than what is kept */
                        number.fraction = number.fraction * 10 + (guint64)(*p - '0');
                        number.scale *= 10;
                }
        }
        *ret = number;
        *text = p;
        return true;
}

static bool add(guint64 *total, const Number *number, guint64 unit) {
        guint64 usec;

        return !__builtin_mul_overflow(number->whole, unit, &usec) &&
               !__builtin_add_overflow(usec, number->fraction * unit / number->scale, &usec) &&
               !__builtin_add_overflow(*total, usec, total) && *total != PROCTOR_INFINITY;
}

static const char *skip_space(const char *p) {
        while (g_ascii_isspace(*p))
                p++;
        return p;
}

static bool parse_finite(const char *text, guint64 *ret_usec) {
        const char *p = skip_space(text);
        guint64 total = 0;
        bool first = true;

        do {
                Number number;
                const char *name;
                guint64 unit;

                if (!read_number(&p, &number))
                        return false;
                p = skip_space(p);
                if (!*p && first) {
                        unit = USEC_PER_SEC; /* a number alone */
                } else {
                        name = p;
                        while (*p && !g_ascii_isspace(*p) && !g_ascii_isdigit(*p))
                                p++;
                        unit = unit_usec(name, (size_t)(p - name));
                }
                if (unit == 0 || !add(&total, &number, unit))
                        return false;
                first = false;
                p = skip_space(p);
        } while (*p);
        *ret_usec = total;
        return true;
}

bool duration_parse(const char *text, guint64 *ret_usec, GError **error) {
        if (strcmp(text, "infinity") == 0 || strcmp(text, "never") == 0) {
                *ret_usec = PROCTOR_INFINITY;
                return true;
        }
        if (parse_finite(text, ret_usec))
                return true;
        g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE,
                    "'%s' is no time; write it as 90s, 5min, '1h 30min', 500ms or infinity", text);
        return false;
}

char *duration_to_string(guint64 usec) {
        GString *text = g_string_new(NULL);

        if (usec == PROCTOR_INFINITY)
                g_string_append(text, "infinity");
        else if (usec == 0)
                g_string_append(text, "0");
        for (size_t i = 0; usec != PROCTOR_INFINITY && i < G_N_ELEMENTS(shown); i++) {
                guint64 n = usec / shown[i].usec;

                if (n == 0)
                        continue;
                g_string_append_printf(text, "%s%" G_GUINT64_FORMAT "%s", text->len ? " " : "", n,
                                       shown[i].name);
                usec %= shown[i].usec;
        }
        return g_string_free(text, FALSE);
}

char *duration_to_rounded_string(guint64 usec) {
        if (usec == PROCTOR_INFINITY)
                return g_strdup("infinity");
        if (usec < USEC_PER_MSEC)
                return g_strdup_printf("%" G_GUINT64_FORMAT "us", usec);
        if (usec < USEC_PER_SEC)
                return g_strdup_printf("%" G_GUINT64_FORMAT "ms", usec / USEC_PER_MSEC);
        if (usec < USEC_PER_MIN) {
                guint64 tenths = usec / (USEC_PER_SEC / 10);

                return g_strdup_printf("%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT "s", tenths / 10,
                                       tenths % 10);
        }
        for (size_t i = 0; i + 1 < G_N_ELEMENTS(shown); i++) {
                guint64 rest = usec % shown[i].usec / shown[i + 1].usec;

                if (usec < shown[i].usec)
                        continue;
                if (rest == 0)
                        return g_strdup_printf("%" G_GUINT64_FORMAT "%s", usec / shown[i].usec,
                                               shown[i].name);
                return g_strdup_printf("%" G_GUINT64_FORMAT "%s %" G_GUINT64_FORMAT "%s",
                                       usec / shown[i].usec, shown[i].name, rest,
                                       shown[i + 1].name);
        }
        g_assert_not_reached();
}
