/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Durations as people write them. */

#include <glib.h>
#include <stdbool.h>

/* `90s`, `5min`, `1h 30min`, `1.5h`, `500ms`; a number alone is seconds; `infinity` and `never` are
 * PROCTOR_INFINITY. The error is CLI_ERROR_USAGE and says what was expected. */
bool duration_parse(const char *text, guint64 *ret_usec, GError **error);

/* The same way back, exactly: what duration_parse() gives the same value for. */
char *duration_to_string(guint64 usec);

/* For people: rounded to what matters, as `3.2s`, `5min 12s`, `2d 4h`. */
char *duration_to_rounded_string(guint64 usec);
