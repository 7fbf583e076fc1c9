/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Amounts as people write them. */

#include <glib.h>
#include <stdbool.h>

/* A number, with K, M, G or T behind it if it is of so many 1024, or "infinity" or "unlimited", which
 * is PROCTOR_INFINITY. */
bool amount_parse(const char *text, guint64 *ret);
