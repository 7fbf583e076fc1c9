/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Text that came from outside, made fit for the bus, a log and a terminal; or
 * gone without a trace. */

#include <stddef.h>

/* A new string of printable UTF-8, of max bytes at the most and cut between characters: what is no
 * UTF-8 becomes U+FFFD, and what a terminal could take for more than text becomes a space. */
char *text_clean(const char *bytes, size_t length, size_t max);

/* The same list in one piece of memory, for g_free(): a list of short strings takes many times what is in
 * it otherwise. NULL for NULL. */
char **strv_pack(char *const *strv);

/* What strv_pack() takes. */
size_t strv_packed_size(char *const *strv);

/* Frees a string of which nothing shall be found in memory afterwards. NULL is harmless. */
void text_erase(void *text);
