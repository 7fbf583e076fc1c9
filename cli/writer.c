/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A bounded line in front of two descriptors. The thread and the main loop share the record, and the
 * last of the two frees it. */

#include "writer.h"

#include <errno.h>
#include <unistd.h>

#define FULL_BYTES ((size_t)1 << 20)
#define ROOM_BYTES (FULL_BYTES / 4)

typedef struct Piece {
        int fd;
        GBytes *bytes;
} Piece;

struct Writer {
        gatomicrefcount refs;
        GMutex lock;
        GCond changed;
        GQueue pieces; /* of Piece; the first one is being written */
        size_t n_bytes;
        bool was_full, finishing, closed;
        int errno_code;
        WriterFunc func; /* in the main context alone */
        void *data;
};

static void piece_free(void *data) {
        Piece *piece = data;

        g_bytes_unref(piece->bytes);
        g_free(piece);
}

static void writer_unref(Writer *writer) {
        if (!g_atomic_ref_count_dec(&writer->refs))
                return;
        g_queue_clear_full(&writer->pieces, piece_free);
        g_mutex_clear(&writer->lock);
        g_cond_clear(&writer->changed);
        g_free(writer);
}

static gboolean on_event(void *data) {
        Writer *writer = data;
        WriterFunc func;
        int errno_code;

        g_mutex_lock(&writer->lock);
        func = writer->closed ? NULL : writer->func;
        errno_code = writer->errno_code;
        g_mutex_unlock(&writer->lock);
        if (func)
                func(errno_code, writer->data);
        return G_SOURCE_REMOVE;
}

/* With the lock held. */
static void tell(Writer *writer) {
        g_atomic_ref_count_inc(&writer->refs);
        g_idle_add_full(G_PRIORITY_DEFAULT, on_event, writer, (GDestroyNotify)writer_unref);
}

static int write_all(const Piece *piece) {
        size_t length;
        const char *data = g_bytes_get_data(piece->bytes, &length);

        while (length > 0) {
                ssize_t n = write(piece->fd, data, length);

                if (n >= 0) {
                        data += n;
                        length -= (size_t)n;
                } else if (errno == EAGAIN) {
                        GPollFD fd = {.fd = piece->fd, .events = G_IO_OUT};

                        g_poll(&fd, 1, -1); /* somebody else has made it so */
                } else if (errno != EINTR) {
                        return errno;
                }
        }
        return 0;
}

/* With the lock held, after a piece. */
static void settle(Writer *writer, int errno_code) {
        Piece *piece = g_queue_pop_head(&writer->pieces);
        bool empty, room;

        writer->n_bytes -= g_bytes_get_size(piece->bytes);
        piece_free(piece);
        if (errno_code != 0) {
                g_queue_clear_full(&writer->pieces, piece_free);
                writer->n_bytes = 0;
                writer->errno_code = errno_code;
        }
        empty = writer->pieces.length == 0;
        room = writer->was_full && writer->n_bytes < ROOM_BYTES;
        if (room)
                writer->was_full = false;
        if (errno_code != 0 || room || (empty && writer->finishing))
                tell(writer);
}

static void *run(void *data) {
        Writer *writer = data;

        g_mutex_lock(&writer->lock);
        while (!writer->closed && writer->errno_code == 0) {
                Piece *piece = g_queue_peek_head(&writer->pieces);
                int r;

                if (!piece) {
                        g_cond_wait(&writer->changed, &writer->lock);
                        continue;
                }
                g_mutex_unlock(&writer->lock);
                r = write_all(piece);
                g_mutex_lock(&writer->lock);
                settle(writer, r);
        }
        g_mutex_unlock(&writer->lock);
        writer_unref(writer);
        return NULL;
}

Writer *writer_new(WriterFunc func, void *data) {
        Writer *writer = g_new0(Writer, 1);

        g_atomic_ref_count_init(&writer->refs);
        g_atomic_ref_count_inc(&writer->refs); /* the thread's */
        g_mutex_init(&writer->lock);
        g_cond_init(&writer->changed);
        writer->func = func;
        writer->data = data;
        g_thread_unref(g_thread_new("writer", run, writer));
        return writer;
}

void writer_take(Writer *writer, int fd, GBytes *bytes) {
        Piece *piece = g_new0(Piece, 1);

        piece->fd = fd;
        piece->bytes = bytes;
        g_mutex_lock(&writer->lock);
        if (writer->errno_code != 0) {
                piece_free(piece);
        } else {
                g_queue_push_tail(&writer->pieces, piece);
                writer->n_bytes += g_bytes_get_size(bytes);
                g_cond_signal(&writer->changed);
        }
        g_mutex_unlock(&writer->lock);
}

bool writer_is_full(Writer *writer) {
        bool full;

        g_mutex_lock(&writer->lock);
        full = writer->n_bytes >= FULL_BYTES;
        writer->was_full = writer->was_full || full;
        g_mutex_unlock(&writer->lock);
        return full;
}

void writer_finish(Writer *writer) {
        g_mutex_lock(&writer->lock);
        writer->finishing = true;
        if (writer->pieces.length == 0)
                tell(writer);
        g_mutex_unlock(&writer->lock);
}

bool writer_is_done(Writer *writer) {
        bool done;

        g_mutex_lock(&writer->lock);
        done = writer->pieces.length == 0;
        g_mutex_unlock(&writer->lock);
        return done;
}

Writer *writer_free(Writer *writer) {
        if (!writer)
                return NULL;
        g_mutex_lock(&writer->lock);
        writer->closed = true;
        g_cond_signal(&writer->changed);
        g_mutex_unlock(&writer->lock);
        writer_unref(writer);
        return NULL;
}
