/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The newest bytes of a stream, up to a limit, addressed by their offset from the stream's first
 * byte. Memory grows with what comes and is never more than the limit. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Ring {
        uint8_t *data;
        size_t capacity; /* allocated */
        size_t limit;
        uint64_t end;   /* bytes seen: the offset after the newest */
        uint64_t start; /* offset of the oldest that is kept */
} Ring;

#define RING_INIT(bytes) ((Ring){.limit = (bytes)})

void ring_done(Ring *ring);

/* How many bytes more ring_append() of so many would allocate. */
size_t ring_growth(const Ring *ring, size_t length);

/* The newest win. */
void ring_append(Ring *ring, const void *bytes, size_t length);

/* As ring_append(), in the memory that there is. */
void ring_append_in_place(Ring *ring, const void *bytes, size_t length);

/* Copies what is kept from *offset on, up to max bytes; an offset that is no longer kept is moved up
 * to the oldest that is, one beyond the end down to the end. How many were copied. */
size_t ring_read(const Ring *ring, uint64_t *offset, void *buffer, size_t max);

/* Forgets what is kept and gives the memory back; offsets go on. */
void ring_drop(Ring *ring);
