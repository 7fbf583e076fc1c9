/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBCLIENT_LINK_H
#define LIBCLIENT_LINK_H

/* The connection of one manager to its service. Everything that arrives is looked at in a filter,
 * which GDBus runs in its worker thread, in the order of arrival: replies to our calls and signals
 * of the service alike. So the process of a start is known before its exit can be seen, and a
 * thread that is blocked learns both without a main context being run. */

#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <proctor/proctor-types.h>

#include "dbus/proctor-names.h"

typedef struct Link Link;
typedef struct Call Call;
typedef struct Entry Entry;
typedef struct Activity Activity;

typedef enum CallKind {
        CALL_SHORT, /* answered at once */
        CALL_HELD,  /* answered when something has happened: never timed out */
        _CALL_KIND_MAX,
} CallKind;

struct Link {
        gatomicrefcount n_ref;
        GDBusConnection *connection;
        gboolean on_bus;       /* names hold, and limits of the bus */
        GMainContext *context; /* notifications are emitted here */
        GWeakRef manager;
        guint filter;

        GMutex mutex; /* guards all below, and the changing part of every entry */
        gboolean closed;
        gboolean connected;
        const char *owner; /* unique name of the service, interned; NULL on a private connection */
        gboolean owner_known;
        GMainContext *worker; /* of GDBus's worker thread */
        guint32 sentinel;
        GCancellable *sentinel_cancellable;

        GHashTable *calls; /* serial → Call, one reference */
        GQueue queued[_CALL_KIND_MAX];
        guint n_sent[_CALL_KIND_MAX];

        GHashTable *entries; /* path → Entry, not owned */
        GHashTable *lost;    /* set of Entry: of a service that has gone, and not found again yet */
        gboolean resubscribe; /* there was a subscription when it went */
        guint subscription;   /* number of the present one; 0: none */
        guint n_subscribed;   /* how many there have been */
        guint n_holds;        /* who needs it: waits for others' processes, lists */
        gboolean unsubscribe; /* when the last of those has ended */
        GHashTable *crews;    /* path → Crew, not owned */
        GHashTable *rosters;  /* set of Roster, of the lists that there are */

        GQueue events; /* of Event, for the manager's signals */
        GSource *events_source;
        gboolean connected_changed;

        GHashTable *activities; /* set of Activity */
        GHashTable *running;    /* of those whose function is being run, ended ones included */
};

Link *link_new(GDBusConnection *connection, ProctorManager *manager, GMainContext *context);
Link *link_ref(Link *link);
void link_unref(Link *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Link, link_unref)

/* Ends it: what is pending fails, nothing is heard any more. Harmless when repeated. */
void link_close(Link *link);

/* The first answer has come, from this sender. */
void link_set_connected(Link *link, const char *sender);

gboolean link_get_connected(Link *link);

/* The service is there and has been understood; with the mutex held. */
void link_note_connected(Link *link);

/* The subscription that everything from now on belongs to; with the mutex held. */
void link_note_subscribed(Link *link);

/* Somebody needs the subscription, and no longer does; with the mutex held. */
void link_hold_subscription(Link *link);
void link_release_subscription(Link *link);

static inline void link_lock(Link *link) {
        g_mutex_lock(&link->mutex);
}

static inline void link_unlock(Link *link) {
        g_mutex_unlock(&link->mutex);
}

#endif
