/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBCLIENT_ROSTER_H
#define LIBCLIENT_ROSTER_H

/* Which processes belong to a list, as the worker thread hears it, and the changes that the list
 * has not made yet: it makes them on the manager's main context. */

#include "entry.h"

typedef struct Roster Roster;

typedef struct RosterChange {
        Entry *entry; /* used */
        gboolean added;
} RosterChange;

/* Makes the changes of a list; it frees none of them. On the manager's main context. */
typedef void (*RosterFunc)(GObject *list, GQueue *changes);

/* It is told of changes from now on, and keeps them until there is a list. */
Roster *roster_new(Link *link, ProctorListScope scope);

/* Ends that; takes the reference. Without the mutex. */
void roster_close(Roster *roster);

/* Gives the list what has come so far, and then what comes. In the worker thread. */
void roster_attach(Roster *roster, GObject *list, RosterFunc func);

/* All of these with the mutex held. */

gboolean roster_is_wanted(Link *link);
void roster_note_known(Entry *entry); /* found, or new */
void roster_note_finished(Entry *entry);
void roster_note_forgotten(Entry *entry);
void roster_note_closed(Link *link);

#endif
