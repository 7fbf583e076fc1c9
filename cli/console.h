/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Our own terminal: its size, and raw mode, in which every key goes to a program and none to us. It
 * is as it was before when the tool ends, in whatever way but SIGKILL. */

#include <glib.h>
#include <stdbool.h>

/* Whether standard input is one. */
bool console_is_there(void);

/* False if it is not known. */
bool console_get_size(guint *ret_rows, guint *ret_columns);

/* Both are harmless when it is so already. */
bool console_set_raw(GError **error);
void console_restore(void);

/* Whether a line has to end with a carriage return. */
bool console_is_raw(void);
