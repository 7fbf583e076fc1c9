/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBCLIENT_CREW_H
#define LIBCLIENT_CREW_H

/* What the library knows of one group. The worker thread writes it, whoever holds the object
 * ProctorGroup reads it, both under the link's mutex. A crew is in the link's table as long as there
 * is its object. */

#include "call.h"

typedef enum GroupProperty {
        GROUP_PROP_0,
        GROUP_PROP_MANAGER,
        GROUP_PROP_OBJECT_PATH,
        GROUP_PROP_ID,
        GROUP_PROP_NAME,
        GROUP_PROP_OWNER,
        GROUP_PROP_ON_MEMBER_FAILURE,
        GROUP_PROP_MAX_PARALLEL,
        GROUP_PROP_KEY_MEMBER,
        GROUP_PROP_MEMBERS,
        GROUP_PROP_N_RUNNING,
        GROUP_PROP_STATE,
        GROUP_PROP_RESULT,
        GROUP_PROP_EXIT_CODE,
        GROUP_PROP_FAILED_MEMBER,
        _GROUP_PROP_MAX,
} GroupProperty;

typedef struct CrewEvent {
        char *member; /* NULL: the run has ended */
        gboolean failed;
        int exit_code;
        gint32 result;
        char *error;
        GVariant *members;
} CrewEvent;

typedef struct Crew {
        gatomicrefcount n_ref;
        Link *link;
        char *path;
        guint64 id;
        GWeakRef object;

        /* Guarded by the link's mutex. */
        const char *service; /* unique name of its service, interned; NULL: a private one */
        gboolean lost;       /* the service has gone */
        gboolean gone;       /* and the one that came after it does not know it */
        GVariant *facts[_GROUP_PROP_MAX];
        char *name; /* these two never change, and can be read without a copy */
        char *key_member;
        GSList *waits; /* of Call, one reference each */
        GQueue events; /* of CrewEvent */
        guint64 changed;
        GSource *emitter;
} Crew;

Crew *crew_ref(Crew *crew);
void crew_unref(gpointer crew);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Crew, crew_unref)

gboolean crew_parse_path(const char *path, guint64 *ret_id);

/* A new one, in the table in place of any other of that path; with the mutex held. */
Crew *crew_new(Link *link, const char *path);

/* Its object is going. Without the mutex. */
void crew_leave(Crew *crew);

/* Has a call fail at once if the service of the group has gone, and tell what is not there as a
 * group. */
void crew_guard(Crew *crew, Call *call);
gpointer crew_on_error(Call *call, GError **error);

/* A call to it, which fails if its service has gone. */
Call *crew_call(ProctorManager *manager, CallKind kind, Crew *crew, const char *interface,
                const char *method, GVariant *parameters, const char *reply_type,
                CallHandler handler);

void crew_event_free(gpointer event);

/* Keeps a call until the run of the group has ended, from a handler; the deadline calls @late in
 * the worker thread, which goes on with the call. */
gpointer crew_park(Crew *crew, Call *call, gint64 deadline, GSourceFunc late);

/* A parked call is given up: with the mutex held. FALSE if it is not there any more; else the
 * reference is the caller's. */
gboolean crew_unpark(Crew *crew, Call *call);

/* What a parked call ends with: of @members, whether all. */
typedef struct CrewAnswer {
        GVariant *members;
        gboolean complete;
} CrewAnswer;

void crew_answer_free(gpointer answer);

/* All of these with the mutex held. */
Crew *crew_find(Link *link, const char *path); /* of the present service */
void crew_apply(Crew *crew, GVariant *properties);
void crew_take_signal(Link *link, const char *path, const char *member, GVariant *body);
void crew_take_removed(Crew *crew);
void crew_lose_all(Link *link);
gboolean crew_any_lost(Link *link);
void crew_reunite(Link *link, const char *path, GVariant *properties);
void crew_forget_lost(Link *link);

#endif
