/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* See the header. Whatever changes use comes through the loop, so prepare, which every turn of it
 * calls, sees all there is to see, and nobody has to tell. */

#include "idle-source.h"

typedef struct IdleSource {
        GSource source;
        IdleSourceConfig config;
        Idle idle;
} IdleSource;

static bool is_due(IdleSource *source, int *ret_timeout) {
        uint64_t uses = 0;
        bool in_use = source->config.look(source->config.userdata, &uses);
        usec_t now = now_read().monotonic, at;

        if (idle_decide(&source->idle, in_use, uses, now, &at)) {
                *ret_timeout = 0;
                return true;
        }
        /* upward, or the loop would spin through the last millisecond */
        *ret_timeout = at == USEC_INFINITY
                               ? -1
                               : (int)MIN((at - now + USEC_PER_MSEC - 1) / USEC_PER_MSEC,
                                          (usec_t)G_MAXINT);
        return false;
}

static gboolean idle_source_prepare(GSource *base, int *ret_timeout) {
        return is_due((IdleSource *)base, ret_timeout);
}

static gboolean idle_source_check(GSource *base) {
        int timeout;

        return is_due((IdleSource *)base, &timeout);
}

static gboolean idle_source_dispatch(GSource *base, GSourceFunc callback, void *userdata) {
        IdleSource *source = (IdleSource *)base;
        int timeout;

        /* what was dispatched before in this turn may have been a call */
        if (is_due(source, &timeout))
                source->config.leave(source->config.userdata);
        return G_SOURCE_CONTINUE;
}

static GSourceFuncs idle_source_funcs = {
        .prepare = idle_source_prepare,
        .check = idle_source_check,
        .dispatch = idle_source_dispatch,
};

GSource *idle_source_new(const IdleSourceConfig *config) {
        GSource *base = g_source_new(&idle_source_funcs, sizeof(IdleSource));
        IdleSource *source = (IdleSource *)base;

        source->config = *config;
        idle_init(&source->idle, config->after);
        g_source_set_static_name(base, "idle");
        g_source_attach(base, NULL);
        return base;
}
