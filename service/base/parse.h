/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Strict parsing: the whole text or nothing. */

#include <stdbool.h>
#include <stdint.h>

/* Decimal digits alone, up to max. -EINVAL, -ERANGE. */
int parse_uint64(const char *s, uint64_t max, uint64_t *ret);

/* A name for people: 1 to 128 bytes of UTF-8 without control characters or line separators. */
bool name_is_valid(const char *s);

/* The name of an environment variable: not empty, without '='. */
bool environment_name_is_valid(const char *s);
