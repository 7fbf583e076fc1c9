/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A source for a moment of the monotonic clock, and the arithmetic of such moments. */

#include "deadline.h"

static gboolean deadline_dispatch(GSource *source, GSourceFunc callback, gpointer user_data) {
        g_source_set_ready_time(source, -1);
        return callback(user_data);
}

static GSourceFuncs deadline_funcs = {.dispatch = deadline_dispatch};

GSource *deadline_source_new(gint64 ready_time) {
        GSource *source = g_source_new(&deadline_funcs, sizeof(GSource));

        g_source_set_ready_time(source, ready_time);
        return source;
}

gint64 deadline_after(guint64 usec) {
        gint64 now = g_get_monotonic_time();

        return usec >= (guint64)(G_MAXINT64 - now) ? G_MAXINT64 : now + (gint64)usec;
}
