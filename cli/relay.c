/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Two pumps, each with one buffer: it is either filled or emptied, and waits for the one descriptor
 * that this needs. */

#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PUMP_BYTES        4096
#define DRAIN_BYTES       (1024 * 1024)
#define DRAIN_PATIENCE_MS 1000

typedef struct Pump {
        Relay *relay;
        int from, to;
        unsigned source;
        size_t at, length; /* of what was read and is not written yet */
        bool is_filling;   /* what its source waits for */
        bool at_end;       /* nothing more is read */
        char bytes[PUMP_BYTES];
} Pump;

struct Relay {
        Pump in, out;
        int escape;
        RelayFunc func;
        void *data;
};

static gboolean on_ready(int fd, GIOCondition condition, void *data);

/* False if no byte can be had now. */
static bool fill(Pump *pump) {
        ssize_t n = read(pump->from, pump->bytes, sizeof pump->bytes);

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return false;
        pump->at = 0;
        pump->length = n > 0 ? (size_t)n : 0;
        pump->at_end = n <= 0; /* a terminal that nobody holds any more says EIO */
        return n > 0;
}

static bool empty(Pump *pump) {
        ssize_t n = write(pump->to, pump->bytes + pump->at, pump->length);

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return false;
        if (n < 0)
                n = (ssize_t)pump->length; /* nobody is there who could take it */
        pump->at += (size_t)n;
        pump->length -= (size_t)n;
        return true;
}

/* Waits for what is next. */
static void watch(Pump *pump) {
        bool is_filling = pump->length == 0;

        if (pump->source && pump->is_filling == is_filling && !(is_filling && pump->at_end))
                return;
        g_clear_handle_id(&pump->source, g_source_remove);
        if (is_filling && pump->at_end)
                return;
        pump->is_filling = is_filling;
        pump->source = g_unix_fd_add(is_filling ? pump->from : pump->to,
                                     (is_filling ? G_IO_IN : G_IO_OUT) | G_IO_HUP | G_IO_ERR,
                                     on_ready, pump);
}

/* Cuts off at the escape; whether it was there. */
static bool cut(Pump *pump) {
        char *found = pump->relay->escape >= 0 && pump == &pump->relay->in
                              ? memchr(pump->bytes, pump->relay->escape, pump->length)
                              : NULL;

        if (!found)
                return false;
        pump->length = (size_t)(found - pump->bytes);
        if (pump->length > 0)
                (void)empty(pump); /* what the far end does not take at once is not typed */
        pump->length = 0;
        pump->at_end = true;
        return true;
}

/* The last word of a pump, which has no source any more. */
static void tell_end(Pump *pump, bool leaves) {
        Relay *relay = pump->relay;

        if (pump == &relay->in && !leaves)
                (void)shutdown(pump->to, SHUT_WR); /* if it is a socket */
        else if (relay->func)
                relay->func(leaves ? RELAY_END_LEFT : RELAY_END_FAR, relay->data);
}

static gboolean on_ready(int fd, GIOCondition condition, void *data) {
        Pump *pump = data;
        bool leaves = false;

        if (pump->is_filling) {
                if (!fill(pump) && !pump->at_end)
                        return G_SOURCE_CONTINUE;
                leaves = cut(pump);
                if (pump->length > 0)
                        (void)empty(pump);
        } else if (!empty(pump) && condition & (G_IO_HUP | G_IO_ERR)) {
                pump->length = 0; /* it will never have room */
                pump->at_end = true;
        }
        watch(pump);
        if (pump->at_end && pump->length == 0)
                tell_end(pump, leaves);
        return G_SOURCE_CONTINUE;
}

/* Opened anew where it is a terminal: not to block is a property of the open file, and ours is the
 * shell's too. */
static int own_stream(int fd, int flags) {
        g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
        int own = isatty(fd) == 1 ? open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;

        return own >= 0 ? own : fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

Relay *relay_new(int far_fd, int escape, RelayFunc func, void *data) {
        Relay *relay = g_new0(Relay, 1);

        relay->escape = escape;
        relay->func = func;
        relay->data = data;
        relay->in.relay = relay->out.relay = relay;
        relay->in.from = own_stream(STDIN_FILENO, O_RDONLY);
        relay->in.to = relay->out.from = far_fd;
        relay->out.to = own_stream(STDOUT_FILENO, O_WRONLY);
        watch(&relay->in);
        watch(&relay->out);
        return relay;
}

/* Whether our end takes more, within reason. */
static bool await_room(int fd) {
        struct pollfd poller = {.fd = fd, .events = POLLOUT};

        return poll(&poller, 1, DRAIN_PATIENCE_MS) > 0;
}

void relay_drain(Relay *relay) {
        Pump *out = &relay->out;

        for (size_t bytes = 0; bytes < DRAIN_BYTES; bytes += out->length) {
                while (out->length > 0)
                        if (!await_room(out->to) || (!empty(out) && errno != EAGAIN))
                                return;
                if (out->at_end || !fill(out))
                        return;
        }
}

void relay_free(Relay *relay) {
        if (!relay)
                return;
        g_clear_handle_id(&relay->in.source, g_source_remove);
        g_clear_handle_id(&relay->out.source, g_source_remove);
        close(relay->in.from);
        close(relay->out.to);
        g_free(relay);
}
