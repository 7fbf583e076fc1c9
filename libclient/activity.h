/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBCLIENT_ACTIVITY_H
#define LIBCLIENT_ACTIVITY_H

/* The functions that tell when a process was last active: who is asked, when, and what of the
 * answer is believed. */

#include "entry.h"

typedef struct ActivitySource ActivitySource;

/* A function, with the main context that is the thread-default one now. */
ActivitySource *activity_source_new(ProctorActivityFunc func, gpointer user_data,
                                    GDestroyNotify destroy);
ActivitySource *activity_source_ref(ActivitySource *source);
void activity_source_unref(ActivitySource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ActivitySource, activity_source_unref)

/* Asks from now on, in place of an earlier source; NULL: no longer. No time before @since (of the
 * monotonic clock) is believed. Without the mutex. */
void activity_begin(Entry *entry, ActivitySource *source, gint64 since);

/* The process has ended, or the service has gone. With the mutex held. */
void activity_end(Entry *entry);

/* Its timeout may be another now. With the mutex held. */
void activity_set_timeout(Entry *entry, guint64 timeout_usec);

/* The defaults of the watchdog are others now. Without the mutex. */
void activity_review_all(ProctorManager *manager);

#endif
