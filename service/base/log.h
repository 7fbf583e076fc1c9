/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Log lines on standard error, with the priority prefix that the journal reads when it listens
 * there. Text from outside is escaped by log itself: one call is one line. */

#include <glib.h>

typedef enum LogLevel {
        LOG_LEVEL_DEBUG,
        LOG_LEVEL_INFO,
        LOG_LEVEL_WARNING,
        LOG_LEVEL_ERROR,
        _LOG_LEVEL_MAX,
        _LOG_LEVEL_INVALID = -22,
} LogLevel;

const char *log_level_to_string(LogLevel level);
LogLevel log_level_from_string(const char *s);

/* The least level that is written; LOG_LEVEL_WARNING in the beginning. */
LogLevel log_get_level(void);
void log_set_level(LogLevel level);

void log_write(LogLevel level, const char *format, ...) G_GNUC_PRINTF(2, 3);

#define log_debug(...)   log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)
#define log_info(...)    log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_error(...)   log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
