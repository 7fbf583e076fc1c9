/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBCLIENT_EVENTS_H
#define LIBCLIENT_EVENTS_H

/* From the signals of the service to notifications and signals of the objects, which are emitted on
 * the manager's main context. */

#include "entry.h"

/* All of these with the mutex held. */

/* A signal of the service has come. In the worker thread. */
void events_take_signal(Link *link, GDBusMessage *message);

/* There is something pending for the object of this entry, if it has one. */
void events_schedule(Entry *entry);

/* The manager's property "connected" has changed. */
void events_note_connected(Link *link);

/* Forgets what has not been emitted. Also without the mutex when nobody else can see the link. */
void events_clear(Link *link);

#endif
