/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The GSource over the descriptor of an sd-bus connection.
 *
 * Events and timeout are computed anew in every prepare: a message that sd-bus has read already makes
 * no descriptor ready, and a call's timeout changes with each call. The GPollFD is our own and its
 * events are just written, because g_source_modify_unix_fd() wakes the loop each time. A lost
 * connection shows as a hang-up or as a negative sd_bus_process(). */

#include "bus/bus-source.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>

#include "base/time-util.h"

typedef struct BusSource {
        GSource source;
        sd_bus *bus;
        GPollFD fd;
        BusSourceLost lost;
        BusSourceWorked worked; /* or NULL */
        void *userdata;
} BusSource;

/* Whoever does not read what he asked for is not listened to until he does: what he has asked meanwhile
 * waits in his socket, and not in our memory. */
static bool is_backed_up(sd_bus *bus) {
        uint64_t n;

        return sd_bus_get_n_queued_write(bus, &n) >= 0 && n > BUS_SOURCE_BACKLOG;
}

bool bus_is_behind(sd_bus *bus) {
        uint64_t n;

        return sd_bus_get_n_queued_write(bus, &n) >= 0 && n > 0;
}

static int timeout_msec(sd_bus *bus) {
        uint64_t at;
        Now now;

        if (is_backed_up(bus) || sd_bus_get_timeout(bus, &at) < 0 || at == UINT64_MAX)
                return -1;
        now = now_read();
        if (at <= now.monotonic)
                return 0;
        /* upward, or the loop would spin through the last millisecond */
        return (int)MIN((at - now.monotonic + USEC_PER_MSEC - 1) / USEC_PER_MSEC, (usec_t)G_MAXINT);
}

static gboolean bus_source_prepare(GSource *base, int *ret_timeout) {
        BusSource *source = (BusSource *)base;
        int events = sd_bus_get_events(source->bus);

        if (events < 0) {
                *ret_timeout = 0;
                return TRUE;
        }
        if (is_backed_up(source->bus))
                events &= ~POLLIN;
        source->fd.events = (gushort)((events & POLLIN ? G_IO_IN : 0) |
                                      (events & POLLOUT ? G_IO_OUT : 0) | G_IO_HUP | G_IO_ERR);
        *ret_timeout = timeout_msec(source->bus);
        return *ret_timeout == 0;
}

static gboolean bus_source_check(GSource *base) {
        BusSource *source = (BusSource *)base;

        return (source->fd.revents & source->fd.events) != 0 || timeout_msec(source->bus) == 0;
}

static gboolean bus_source_dispatch(GSource *base, GSourceFunc callback, void *userdata) {
        BusSource *source = (BusSource *)base;
        int r = 1;

        for (unsigned i = 0; i < BUS_SOURCE_BATCH && r > 0; i++) {
                r = sd_bus_process(source->bus, NULL);
                if (source->worked && r > 0)
                        source->worked(source->userdata);
                if (is_backed_up(source->bus))
                        break;
        }
        if (r >= 0 && sd_bus_is_open(source->bus) > 0)
                return G_SOURCE_CONTINUE;
        source->lost(source->userdata, r < 0 ? r : -ECONNRESET);
        return G_SOURCE_REMOVE;
}

static void bus_source_finalize(GSource *base) {
        BusSource *source = (BusSource *)base;

        sd_bus_unref(source->bus);
}

static GSourceFuncs bus_source_funcs = {
        .prepare = bus_source_prepare,
        .check = bus_source_check,
        .dispatch = bus_source_dispatch,
        .finalize = bus_source_finalize,
};

GSource *bus_source_new(sd_bus *bus, BusSourceLost lost, void *userdata) {
        GSource *base = g_source_new(&bus_source_funcs, sizeof(BusSource));
        BusSource *source = (BusSource *)base;

        source->bus = sd_bus_ref(bus);
        source->fd.fd = sd_bus_get_fd(bus);
        source->lost = lost;
        source->userdata = userdata;
        g_source_set_static_name(base, "sd-bus");
        g_source_add_poll(base, &source->fd);
        g_source_set_priority(base, G_PRIORITY_DEFAULT);
        /* There is no nested loop to be kept out of. Without this GLib takes the descriptor out of
         * its poll set for each dispatch, puts it back, and wakes itself by that. */
        g_source_set_can_recurse(base, TRUE);
        return base;
}

void bus_source_set_worked(GSource *base, BusSourceWorked func) {
        ((BusSource *)base)->worked = func;
}
