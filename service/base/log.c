/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Writes log lines. The level is the one state of this module; it belongs to the program. */

#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const level_names[] = {"DEBUG", "INFO", "WARNING", "ERROR"};
static const char priorities[] = {'7', '6', '4', '3'};
static LogLevel least_level = LOG_LEVEL_WARNING;

G_STATIC_ASSERT(G_N_ELEMENTS(level_names) == _LOG_LEVEL_MAX);
G_STATIC_ASSERT(G_N_ELEMENTS(priorities) == _LOG_LEVEL_MAX);

const char *log_level_to_string(LogLevel level) {
        return (unsigned)level < _LOG_LEVEL_MAX ? level_names[level] : NULL;
}

LogLevel log_level_from_string(const char *s) {
        for (unsigned i = 0; s && i < _LOG_LEVEL_MAX; i++)
                if (strcmp(level_names[i], s) == 0)
                        return (LogLevel)i;
        return _LOG_LEVEL_INVALID;
}

LogLevel log_get_level(void) {
        return least_level;
}

void log_set_level(LogLevel level) {
        least_level = level;
}

void log_write(LogLevel level, const char *format, ...) {
        g_autofree char *text = NULL, *escaped = NULL, *line = NULL;
        va_list args;
        ssize_t written;

        if (level < least_level)
                return;
        va_start(args, format);
        text = g_strdup_vprintf(format, args);
        va_end(args);
        escaped = g_strescape(text, "\"");
        if (g_getenv("JOURNAL_STREAM"))
                line = g_strdup_printf("<%c>%s\n", priorities[level], escaped);
        else
                line = g_strdup_printf("proctord: %s\n", escaped);
        written = write(STDERR_FILENO, line, strlen(line));
        (void)written; /* there is nobody to tell */
}
