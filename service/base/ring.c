/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A byte of offset o lies at o modulo the capacity; growing lays them out anew. */

#include "base/ring.h"

#include <glib.h>
#include <string.h>

#define CAPACITY_MIN 4096

void ring_done(Ring *ring) {
        g_free(ring->data);
        *ring = (Ring){};
}

static size_t wanted_capacity(const Ring *ring, size_t length) {
        size_t kept = (size_t)(ring->end - ring->start);
        size_t needed = length > ring->limit - MIN(kept, ring->limit) ? ring->limit : kept + length;
        size_t capacity = MAX(ring->capacity, MIN((size_t)CAPACITY_MIN, ring->limit));

        while (capacity < needed)
                capacity = MIN(capacity * 2, ring->limit);
        return capacity;
}

size_t ring_growth(const Ring *ring, size_t length) {
        return length == 0 ? 0 : wanted_capacity(ring, length) - ring->capacity;
}

/* Copies bytes between a flat buffer and the places of [offset, offset + length). */
static void copy_out(const Ring *ring, uint64_t offset, uint8_t *buffer, size_t length) {
        size_t at = (size_t)(offset % ring->capacity);
        size_t first = MIN(length, ring->capacity - at);

        memcpy(buffer, ring->data + at, first);
        memcpy(buffer + first, ring->data, length - first);
}

static void copy_in(Ring *ring, uint64_t offset, const uint8_t *bytes, size_t length) {
        size_t at = (size_t)(offset % ring->capacity);
        size_t first = MIN(length, ring->capacity - at);

        memcpy(ring->data + at, bytes, first);
        memcpy(ring->data, bytes + first, length - first);
}

static void grow(Ring *ring, size_t capacity) {
        Ring larger = *ring;
        size_t kept = (size_t)(ring->end - ring->start);
        g_autofree uint8_t *flat = g_malloc(MAX(kept, 1));

        if (kept > 0)
                copy_out(ring, ring->start, flat, kept);
        larger.data = g_malloc(capacity);
        larger.capacity = capacity;
        if (kept > 0)
                copy_in(&larger, ring->start, flat, kept);
        g_free(ring->data);
        *ring = larger;
}

void ring_append_in_place(Ring *ring, const void *bytes, size_t length) {
        size_t skipped = length > ring->capacity ? length - ring->capacity : 0;
        const uint8_t *newest = (const uint8_t *)bytes + skipped;

        ring->end += length;
        if (ring->capacity == 0) {
                ring->start = ring->end;
                return;
        }
        copy_in(ring, ring->end - (length - skipped), newest, length - skipped);
        if (ring->end - ring->start > ring->capacity)
                ring->start = ring->end - ring->capacity;
}

void ring_append(Ring *ring, const void *bytes, size_t length) {
        size_t capacity = length == 0 ? ring->capacity : wanted_capacity(ring, length);

        if (capacity > ring->capacity)
                grow(ring, capacity);
        ring_append_in_place(ring, bytes, length);
}

size_t ring_read(const Ring *ring, uint64_t *offset, void *buffer, size_t max) {
        size_t length;

        *offset = CLAMP(*offset, ring->start, ring->end);
        length = (size_t)MIN((uint64_t)max, ring->end - *offset);
        if (length > 0)
                copy_out(ring, *offset, buffer, length);
        return length;
}

void ring_drop(Ring *ring) {
        g_clear_pointer(&ring->data, g_free);
        ring->capacity = 0;
        ring->start = ring->end;
}
