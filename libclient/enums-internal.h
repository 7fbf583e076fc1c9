/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBCLIENT_ENUMS_INTERNAL_H
#define LIBCLIENT_ENUMS_INTERNAL_H

/* Between the words of the bus and the library's enumerations. */

#include <glib-object.h>

/* FALSE, and nothing written, for a word that this version of the library does not know. */
gboolean enum_from_word(GType type, const char *word, gint32 *ret_value);

/* A result word; one that is not known is told as lost rather than guessed. */
gint32 result_from_word(const char *word);

#endif
