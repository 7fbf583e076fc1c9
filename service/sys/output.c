/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Captured streams, see the header. They are read in the bulk part of the loop, beside the bus and
 * below exits and deadlines, a bounded piece at a turn. */

#include "sys/output.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/ring.h"
#include "sys/pidfd.h"

#define PIECE_BYTES 65536
/* What a drain reads at the most: what a pipe holds usually, several times over. A terminal gives
 * it in pieces of a page. */
#define DRAIN_BYTES (1024 * 1024)
/* What one reader is sent at a turn. */
#define FEED_PIECES 4
#define READERS_MAX 16
/* Each is a descriptor of the service. */
#define READERS_OF_USER_MAX 256

/* Somebody who reads along. */
typedef struct Reader {
        Output *output;
        int fd; /* our end, non-blocking */
        uint64_t offset;
        Watch watch;     /* always: an idle one is told by it that he has left */
        bool is_waiting; /* for room in the pipe, or for his next turn */
        GList link;
} Reader;

struct OutputBudget {
        unsigned n_ref;
        size_t max_bytes;
        size_t kept_bytes;
        size_t ended_bytes; /* of these: what ended ones keep, and give up when others need it */
        unsigned n_readers;
        GQueue ended; /* Output that keeps something, by the time of its end */
};

struct Output {
        unsigned n_ref;
        Loop *loop;
        OutputBudget *budget;
        GList link; /* in the budget's ended ones, if it is one and keeps something */
        Ring ring;
        int fd; /* −EBADF after the end */
        Watch watch;
        GQueue readers; /* Reader */
        void (*on_bytes)(void *userdata);
        void *userdata;
};

OutputBudget *output_budget_new(size_t max_bytes) {
        OutputBudget *budget = g_new0(OutputBudget, 1);

        budget->n_ref = 1;
        budget->max_bytes = max_bytes;
        g_queue_init(&budget->ended);
        return budget;
}

OutputBudget *output_budget_free(OutputBudget *budget) {
        if (budget && --budget->n_ref == 0) {
                assert(budget->kept_bytes == 0 && budget->n_readers == 0);
                g_free(budget);
        }
        return NULL;
}

bool output_budget_take_reader(OutputBudget *budget) {
        if (budget->n_readers >= READERS_OF_USER_MAX)
                return false;
        budget->n_readers++;
        return true;
}

void output_budget_give_reader(OutputBudget *budget) {
        budget->n_readers--;
}

static void give_up_kept(Output *output) {
        OutputBudget *budget = output->budget;

        if (output->link.data) {
                g_queue_unlink(&budget->ended, &output->link);
                output->link.data = NULL;
                budget->ended_bytes -= output->ring.capacity;
        }
        budget->kept_bytes -= output->ring.capacity;
        ring_drop(&output->ring);
}

/* Makes room for growth if that can be; if not, nobody loses anything for it. */
static bool budget_allows(OutputBudget *budget, size_t growth) {
        if (budget->kept_bytes - budget->ended_bytes + growth > budget->max_bytes)
                return false;
        while (budget->kept_bytes + growth > budget->max_bytes)
                give_up_kept(budget->ended.head->data);
        return true;
}

static void keep(Output *output, const void *bytes, size_t length) {
        size_t growth = ring_growth(&output->ring, length);

        if (growth == 0 || budget_allows(output->budget, growth)) {
                output->budget->kept_bytes += growth;
                ring_append(&output->ring, bytes, length);
        } else
                ring_append_in_place(&output->ring, bytes, length);
}

static void reader_free(Reader *reader) {
        Output *output = reader->output;

        loop_unwatch(&reader->watch);
        /* Of a socket there may be a copy that is still read from. */
        (void)shutdown(reader->fd, SHUT_WR);
        safe_close(reader->fd);
        g_queue_unlink(&output->readers, &reader->link);
        output_budget_give_reader(output->budget);
        g_free(reader);
}

static void on_reader(void *userdata, uint32_t events);

/* EPOLLERR of a pipe and EPOLLHUP of a socket, which are always told, say that the reader has left.
 * False: he is gone for us. */
static bool watch_reader(Reader *reader, bool is_waiting) {
        if (reader->watch.loop && reader->is_waiting == is_waiting)
                return true;
        loop_unwatch(&reader->watch);
        reader->is_waiting = is_waiting;
        if (loop_watch_bulk(reader->output->loop, &reader->watch, reader->fd,
                            is_waiting ? EPOLLOUT : 0, on_reader, reader) >= 0)
                return true;
        reader_free(reader);
        return false;
}

/* Sends what the reader has not had, a bounded piece at a turn. Frees it at the end, or when he has
 * left. */
static void feed(Reader *reader) {
        Output *output = reader->output;
        char piece[PIECE_BYTES];

        for (unsigned i = 0; i < FEED_PIECES; i++) {
                size_t length = ring_read(&output->ring, &reader->offset, piece, sizeof piece);
                ssize_t n;

                if (length == 0) {
                        if (output->fd < 0)
                                reader_free(reader);
                        else
                                watch_reader(reader, false);
                        return;
                }
                n = write(reader->fd, piece, length);
                if (n < 0 && errno == EAGAIN)
                        break;
                if (n < 0 && errno != EINTR) {
                        reader_free(reader);
                        return;
                }
                reader->offset += (uint64_t)MAX(n, 0);
        }
        watch_reader(reader, true);
}

static void on_reader(void *userdata, uint32_t events) {
        Reader *reader = userdata;

        if (events & (EPOLLERR | EPOLLHUP))
                reader_free(reader);
        else
                feed(reader);
}

static void feed_all(Output *output) {
        for (GList *l = output->readers.head, *next; l; l = next) {
                Reader *reader = l->data;

                next = l->next;
                if (!reader->is_waiting)
                        feed(reader);
        }
}

static void end(Output *output) {
        loop_unwatch(&output->watch);
        output->fd = safe_close(output->fd);
        if (output->ring.capacity > 0) {
                output->link.data = output;
                g_queue_push_tail_link(&output->budget->ended, &output->link);
                output->budget->ended_bytes += output->ring.capacity;
        }
        feed_all(output);
}

/* One piece. Bytes that were read; 0: nothing now; negative: it has ended (a terminal says EIO). */
static ssize_t read_piece(Output *output) {
        char piece[PIECE_BYTES];
        ssize_t n = read(output->fd, piece, sizeof piece);

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return 0;
        if (n <= 0)
                return -1;
        keep(output, piece, (size_t)n);
        return n;
}

static void on_readable(void *userdata, uint32_t events) {
        Output *output = output_ref(userdata);
        ssize_t n = read_piece(output);

        if (n > 0) {
                feed_all(output);
                if (output->on_bytes)
                        output->on_bytes(output->userdata);
        } else if (n < 0)
                end(output);
        output_unref(output);
}

int output_new_for_fd(Loop *loop, OutputBudget *budget, size_t limit_bytes,
                      void (*on_bytes)(void *userdata), void *userdata, int fd, Output **ret) {
        Output *output = g_new0(Output, 1);
        int r;

        output->n_ref = 1;
        output->loop = loop;
        output->budget = budget;
        output->ring = RING_INIT(limit_bytes);
        output->fd = fd;
        output->on_bytes = on_bytes;
        output->userdata = userdata;
        g_queue_init(&output->readers);
        budget->n_ref++;
        (void)pidfd_park(&output->fd); /* where it is above the limit, it stays where it is */
        r = loop_watch_bulk(loop, &output->watch, output->fd, EPOLLIN, on_readable, output);
        if (r < 0) {
                output_unref(output);
                return r;
        }
        *ret = output;
        return 0;
}

int output_new(Loop *loop, OutputBudget *budget, size_t limit_bytes,
               void (*on_bytes)(void *userdata), void *userdata, int *ret_child_end, Output **ret) {
        _cleanup_close_ int ours = -EBADF, theirs = -EBADF;
        int ends[2], r;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        ours = ends[0];
        theirs = ends[1];
        if (fcntl(ours, F_SETFL, O_NONBLOCK) < 0)
                return -errno;
        r = output_new_for_fd(loop, budget, limit_bytes, on_bytes, userdata, steal_fd(&ours), ret);
        if (r >= 0)
                *ret_child_end = steal_fd(&theirs);
        return r;
}

Output *output_ref(Output *output) {
        output->n_ref++;
        return output;
}

Output *output_unref(Output *output) {
        if (!output || --output->n_ref > 0)
                return NULL;
        loop_unwatch(&output->watch);
        safe_close(output->fd);
        while (output->readers.head)
                reader_free(output->readers.head->data);
        give_up_kept(output);
        output_budget_free(output->budget);
        g_free(output);
        return NULL;
}

void output_drain(Output *output) {
        ssize_t n = 1;

        for (size_t bytes = 0; bytes < DRAIN_BYTES && n > 0 && output->fd >= 0;
             bytes += (size_t)n) {
                n = read_piece(output);
                if (n < 0)
                        break;
        }
        if (n < 0)
                end(output);
        else
                feed_all(output);
}

void output_finish(Output *output) {
        output->on_bytes = NULL;
        output_drain(output);
        if (output->fd >= 0)
                end(output);
}

size_t output_read(Output *output, uint64_t offset, void *buffer, size_t max, uint64_t *ret_next,
                   bool *ret_eof) {
        size_t length = ring_read(&output->ring, &offset, buffer, max);

        *ret_next = offset + length;
        *ret_eof = output->fd < 0 && *ret_next == output->ring.end;
        return length;
}

OutputStat output_stat(const Output *output) {
        return (OutputStat){
                .limit_bytes = output->ring.limit,
                .seen_bytes = output->ring.end,
                .kept_bytes = output->ring.end - output->ring.start,
                .ended = output->fd < 0,
        };
}

int output_attach(Output *output, int fd) {
        Reader *reader;

        if (output->readers.length >= READERS_MAX || !output_budget_take_reader(output->budget))
                return -EMFILE;
        reader = g_new0(Reader, 1);
        *reader = (Reader){.output = output, .fd = fd, .offset = output->ring.start};
        reader->link.data = reader;
        g_queue_push_tail_link(&output->readers, &reader->link);
        feed(reader);
        return 0;
}

int output_open(Output *output, int *ret_fd) {
        _cleanup_close_ int ours = -EBADF, theirs = -EBADF;
        int ends[2], r;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        theirs = ends[0];
        ours = ends[1];
        (void)pidfd_park(&ours);
        if (fcntl(ours, F_SETFL, O_NONBLOCK) < 0)
                return -errno;
        r = output_attach(output, ours);
        if (r < 0)
                return r;
        (void)steal_fd(&ours);
        *ret_fd = steal_fd(&theirs);
        return 0;
}
