/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* See the header. It comes after everything else that the loop has to do, and not for a few objects:
 * looking through all free memory takes about as long as starting a process. */

#include "trim-source.h"

#ifdef __GLIBC__

#include <malloc.h>

#define GONE_SOME_LEFT 1024
#define GONE_NONE_LEFT 128

typedef struct TrimSource {
        GSource source;
        TrimSourceConfig config;
        uint64_t seen; /* gone at the last time */
} TrimSource;

static bool is_due(TrimSource *source, uint64_t *ret_gone) {
        bool some_left = false;

        *ret_gone = source->config.look(source->config.userdata, &some_left);
        return *ret_gone - source->seen >= (some_left ? GONE_SOME_LEFT : GONE_NONE_LEFT);
}

static gboolean trim_source_prepare(GSource *base, int *ret_timeout) {
        uint64_t gone;

        *ret_timeout = -1;
        return is_due((TrimSource *)base, &gone);
}

static gboolean trim_source_dispatch(GSource *base, GSourceFunc callback, void *userdata) {
        TrimSource *source = (TrimSource *)base;
        uint64_t gone;

        if (is_due(source, &gone)) {
                source->seen = gone;
                malloc_trim(0);
        }
        return G_SOURCE_CONTINUE;
}

static GSourceFuncs trim_source_funcs = {
        .prepare = trim_source_prepare,
        .dispatch = trim_source_dispatch,
};

GSource *trim_source_new(const TrimSourceConfig *config) {
        GSource *base = g_source_new(&trim_source_funcs, sizeof(TrimSource));
        TrimSource *source = (TrimSource *)base;

        source->config = *config;
        g_source_set_priority(base, G_PRIORITY_LOW);
        g_source_set_static_name(base, "trim");
        g_source_attach(base, NULL);
        return base;
}

#else

GSource *trim_source_new(const TrimSourceConfig *config) {
        return NULL;
}

#endif
