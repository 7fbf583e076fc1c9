/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBCLIENT_ENTRY_H
#define LIBCLIENT_ENTRY_H

/* What the library knows of one process. The worker thread writes it, whoever holds the object
 * ProctorProcess reads it, both under the link's mutex. An entry is in the link's table as long as
 * somebody uses it: an object, a function that is asked about its activity, a call under way. */

#include "link.h"

typedef enum ProcessProperty {
        PROCESS_PROP_0,
        PROCESS_PROP_MANAGER,
        PROCESS_PROP_OBJECT_PATH,
        PROCESS_PROP_ID,
        PROCESS_PROP_PID,
        PROCESS_PROP_NAME,
        PROCESS_PROP_COMMAND,
        PROCESS_PROP_WORKING_DIRECTORY,
        PROCESS_PROP_OWNER,
        PROCESS_PROP_CONTAINMENT,
        PROCESS_PROP_GROUP_ID,
        PROCESS_PROP_KILL_MODE,
        PROCESS_PROP_START_TIME,
        PROCESS_PROP_START_TIME_MONOTONIC,
        PROCESS_PROP_RUNTIME_MAX,
        PROCESS_PROP_STOP_SIGNAL,
        PROCESS_PROP_HANG_SIGNAL,
        PROCESS_PROP_HANG_SIGNAL_TIMEOUT,
        PROCESS_PROP_ACTIVITY_SOURCES,
        PROCESS_PROP_STATE,
        PROCESS_PROP_EXIT_CODE,
        PROCESS_PROP_RESULT,
        PROCESS_PROP_EXIT_TIME,
        PROCESS_PROP_EXIT_TIME_MONOTONIC,
        PROCESS_PROP_HEALTH,
        PROCESS_PROP_WATCHED,
        PROCESS_PROP_TIMEOUT,
        PROCESS_PROP_EXTRA_BUFFER,
        PROCESS_PROP_MAX_HANG_TIME,
        PROCESS_PROP_STOP_TIMEOUT,
        PROCESS_PROP_AUTO_KILL,
        PROCESS_PROP_READY,
        PROCESS_PROP_STATUS_TEXT,
        PROCESS_PROP_TERMINAL,
        PROCESS_PROP_TERMINAL_ROWS,
        PROCESS_PROP_TERMINAL_COLUMNS,
        _PROCESS_PROP_MAX,
} ProcessProperty;

/* Texts and lists are set once and then stay, so that they can be read without a copy. */
typedef struct Facts {
        guint32 pid;
        char *name;
        char **command;
        char *working_directory;
        guint32 uid;
        char *containment;
        guint64 group_id;
        char *kill_mode;
        guint64 start_time;
        guint64 start_time_monotonic;
        guint64 runtime_max;
        char *stop_signal;
        char *hang_signal;
        guint64 hang_signal_timeout;
        char **activity_sources;
        gint32 state;
        gint32 exit_code;
        gint32 result;
        guint64 exit_time;
        guint64 exit_time_monotonic;
        gint32 health;
        gboolean watched;
        guint64 timeout;
        guint64 extra_buffer;
        guint64 max_hang_time;
        guint64 stop_timeout;
        gboolean auto_kill;
        gboolean ready;
        char *status_text; /* the one that changes: to be copied under the mutex */
        gboolean terminal;
        guint32 terminal_rows;
        guint32 terminal_columns;
} Facts;

struct Entry {
        gatomicrefcount n_ref;
        Link *link;
        char *path;
        guint64 id;
        const char *service; /* atomic; unique name of its service, interned; NULL: a private one */
        GWeakRef object;

        /* Guarded by the link's mutex. */
        guint n_users;   /* who keeps it in the table; at 0 it goes */
        guint n_objects; /* of them, objects that want to be told */
        gboolean mine;   /* started over this connection: its Exited comes in any case */
        gboolean lost;   /* the service has gone; nothing that is heard concerns it */
        gboolean gone;   /* and the one that came after it does not know it */
        gint64 seen;     /* when it was first known; later than its start */
        guint covered;   /* number of the subscription that its state was read under */
        Facts facts;
        GSList *waits; /* of Wait, one reference each */
        Activity *activity;

        GSource *emitter;
        guint64 changed; /* set of ProcessProperty */
        gboolean exited_pending;
        gboolean hung_pending;
        guint64 hung_idle;
        char *hung_evidence;
        char *hung_action;
};

Entry *entry_ref(Entry *entry);
void entry_unref(gpointer entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Entry, entry_unref)

/* Without the mutex. */
void entry_release(Entry *entry);

/* Whether this can be the path of a process; gives its number. */
gboolean entry_parse_path(const char *path, guint64 *ret_id);

/* Where a call about it goes, and the error if there is nobody any more who could answer. */
const char *entry_get_service(Entry *entry);
GError *entry_why_not(Entry *entry);

/* All of these with the mutex held. */
Entry *entry_find(Link *link, const char *path); /* of the present service */
Entry *entry_use(Link *link, const char *path);  /* found or made; to be released */
/* The same for one whose properties are there: one of an earlier service is known by them. */
Entry *entry_use_loaded(Link *link, const char *path, GVariant *properties);
/* The same for one that a signal of @service was about, which may be an earlier service. */
Entry *entry_use_told(Link *link, const char *path, guint32 pid, const char *service);
void entry_use_again(Entry *entry);
void entry_release_locked(Entry *entry);
void entry_apply(Entry *entry, GVariant *properties);
void entry_load(Entry *entry, GVariant *properties); /* all of them */
void entry_finish(Entry *entry, int exit_code, ProctorResult result);
void entry_fail_waits(Entry *entry, const GError *error);
void entry_lose_all(Link *link);
/* There is another service, which knows only those that have been found again: the others have
 * ended, and nobody can know how. */
void entry_forget_lost(Link *link);
gboolean entry_is_covered(Entry *entry);

static inline gboolean entry_is_finished(Entry *entry) {
        return entry->facts.state == PROCTOR_STATE_FINISHED;
}

#endif
