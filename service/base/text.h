/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Text that came from outside, made fit for the bus, a log and a terminal; or
 * gone without a trace. */

#include <stddef.h>

/* A new string of printable UTF-8, of max bytes at the most and cut between characters: what is no
 * UTF-8 becomes U+FFFD, and what a terminal could take for more than text becomes a space. */
char *text_clean(const char *bytes, size_t length, size_t max);

/* Frees a string of which nothing shall be found in memory afterwards. NULL is harmless. */
void text_erase(void *text);
