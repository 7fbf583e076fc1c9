/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Writes to standard output and error in a thread of its own: whoever reads us may be slow or have
 * stopped, as a terminal does with Ctrl-S, and the main loop has signals to answer. */

#include <glib.h>
#include <stdbool.h>

typedef struct Writer Writer;

/* Called in the main context when there is room again after writer_is_full(), when all is written
 * after writer_finish(), and when nothing can be written any more; then errno_code is not 0. */
typedef void (*WriterFunc)(int errno_code, void *data);

Writer *writer_new(WriterFunc func, void *data);

/* Takes the bytes. They come out in the order in which they were given, of both descriptors
 * together. */
void writer_take(Writer *writer, int fd, GBytes *bytes);

/* Whether to give no more, until func is called. */
bool writer_is_full(Writer *writer);

/* Has func called when all is written. */
void writer_finish(Writer *writer);

/* Whether all is written, or cannot be. */
bool writer_is_done(Writer *writer);

/* What is not written is dropped; if a write blocks, its thread is left behind. */
Writer *writer_free(Writer *writer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Writer, writer_free)
