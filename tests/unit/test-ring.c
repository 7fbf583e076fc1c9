/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The ring of newest bytes against a plain model that keeps everything: what is kept, where it lies
 * by its offset, and how much memory it may take, whatever is appended and read. */

#include "base/ring.h"
#include "util/check.h"

static GString *all_from(const Ring *ring) {
        GString *text = g_string_new(NULL);
        uint64_t offset = 0;
        char piece[7];
        size_t n;

        while ((n = ring_read(ring, &offset, piece, sizeof piece)) > 0) {
                g_string_append_len(text, piece, (gssize)n);
                offset += n;
        }
        return text;
}

static void expect_kept(const Ring *ring, const GString *model) {
        g_autoptr(GString) kept = all_from(ring);

        assert_true(ring->end == model->len);
        assert_int_equal(kept->len, ring->end - ring->start);
        assert_memory_equal(kept->str, model->str + ring->start, kept->len);
}

static void expect_read(const Ring *ring, const GString *model, GRand *rand) {
        uint64_t asked = (uint64_t)g_rand_int_range(rand, 0, (int)model->len + 20), offset = asked;
        size_t max = (size_t)g_rand_int_range(rand, 0, 100);
        uint64_t expected = CLAMP(asked, ring->start, ring->end);
        char buffer[100];
        size_t n = ring_read(ring, &offset, buffer, max);

        assert_true(offset == expected);
        assert_int_equal(n, MIN(max, ring->end - expected));
        assert_memory_equal(buffer, model->str + offset, n);
}

static void append(Ring *ring, GString *model, GRand *rand, bool in_place) {
        size_t limit = ring->limit, length = (size_t)g_rand_int_range(rand, 0, (int)limit / 2 + 3);
        size_t before = ring->capacity, growth;
        uint64_t kept = ring->end - ring->start;
        g_autofree char *bytes = NULL;

        if (g_rand_int_range(rand, 0, 20) == 0)
                length += 3 * limit;
        bytes = g_malloc(length + 1);
        for (size_t i = 0; i < length; i++)
                bytes[i] = (char)g_rand_int(rand);
        growth = ring_growth(ring, length);
        g_string_append_len(model, bytes, (gssize)length);
        if (in_place) {
                ring_append_in_place(ring, bytes, length);
                assert_int_equal(ring->capacity, before);
        } else {
                ring_append(ring, bytes, length);
                assert_int_equal(ring->capacity, before + growth);
                /* nothing is lost that there was room for */
                assert_true(ring->end - ring->start == MIN(limit, kept + length) ||
                            ring->end - ring->start == ring->capacity);
        }
        assert_true(ring->capacity <= limit);
}

static void keeps_the_newest_bytes_at_their_offsets(void **state) {
        static const size_t limits[] = {1, 2, 7, 100, 4095, 4096, 4097, 9000, 65536};
        g_autoptr(GRand) rand = check_rand(__func__);

        for (unsigned round = 0; round < 90; round++) {
                Ring ring = RING_INIT(limits[round % G_N_ELEMENTS(limits)]);
                g_autoptr(GString) model = g_string_new(NULL);
                unsigned denied = (unsigned)g_rand_int_range(rand, 0, 3);

                for (unsigned i = 0; i < 40; i++) {
                        append(&ring, model, rand,
                               denied > 0 && g_rand_int_range(rand, 0, 4) < (int)denied);
                        expect_kept(&ring, model);
                        for (unsigned k = 0; k < 5; k++)
                                expect_read(&ring, model, rand);
                        if (g_rand_int_range(rand, 0, 30) == 0) {
                                ring_drop(&ring);
                                assert_int_equal(ring.capacity, 0);
                                expect_kept(&ring, model);
                        }
                }
                ring_done(&ring);
        }
}

static void fills_to_the_limit_byte_by_byte(void **state) {
        g_autoptr(GString) model = g_string_new(NULL);
        Ring ring = RING_INIT(5000);

        for (unsigned i = 0; i < 12000; i++) {
                char c = (char)('a' + i % 23);

                ring_append(&ring, &c, 1);
                g_string_append_c(model, c);
                assert_true(ring.end - ring.start == MIN(i + 1, 5000u));
        }
        expect_kept(&ring, model);
        ring_done(&ring);
}

/* The first offsets after the oldest byte was overwritten. */
static void offsets_are_right_around_the_wrap(void **state) {
        char bytes[4096], back[4];
        Ring ring = RING_INIT(sizeof bytes);
        uint64_t offset;

        memset(bytes, 'x', sizeof bytes);
        ring_append(&ring, bytes, sizeof bytes);
        assert_true(ring.start == 0 && ring.end == 4096);
        ring_append(&ring, "ab", 2);
        assert_true(ring.start == 2 && ring.end == 4098);
        offset = 0;
        assert_int_equal(ring_read(&ring, &offset, back, 1), 1);
        assert_true(offset == 2);
        offset = 4095; /* across the place where the memory ends */
        assert_int_equal(ring_read(&ring, &offset, back, 4), 3);
        assert_memory_equal(back, "xab", 3);
        offset = UINT64_MAX;
        assert_int_equal(ring_read(&ring, &offset, back, 4), 0);
        assert_true(offset == 4098);
        ring_done(&ring);
}

static void without_memory_it_counts_and_keeps_nothing(void **state) {
        Ring ring = RING_INIT(4096);
        uint64_t offset = 0;
        char c;

        ring_append_in_place(&ring, "hello", 5);
        assert_true(ring.start == 5 && ring.end == 5 && !ring.data);
        assert_int_equal(ring_read(&ring, &offset, &c, 1), 0);
        assert_true(offset == 5);
        ring_append(&ring, "w", 1);
        offset = 0;
        assert_int_equal(ring_read(&ring, &offset, &c, 1), 1);
        assert_true(c == 'w' && offset == 5);
        ring_done(&ring);
}

TEST_MAIN(TEST(keeps_the_newest_bytes_at_their_offsets), TEST(fills_to_the_limit_byte_by_byte),
          TEST(offsets_are_right_around_the_wrap), TEST(without_memory_it_counts_and_keeps_nothing))
