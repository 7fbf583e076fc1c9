/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The last line of output that has no end yet: what a program that waits for input probably asks. */

#include <stddef.h>

#define PROMPT_MAX 256 /* bytes */

/* A new string of printable UTF-8, without what steers a terminal; the end of a longer line; empty if
 * the last line is complete. */
char *prompt_find(const char *output, size_t length);
