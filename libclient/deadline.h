/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBCLIENT_DEADLINE_H
#define LIBCLIENT_DEADLINE_H

/* A source for a moment of the monotonic clock. It is dispatched once, and again only if its ready
 * time is set again. (A source of g_timeout_source_new() counts in milliseconds, up to 49 days.) */

#include <glib.h>

GSource *deadline_source_new(gint64 ready_time);

/* When a duration that begins now is over; G_MAXINT64 if never. */
gint64 deadline_after(guint64 usec);

#endif
