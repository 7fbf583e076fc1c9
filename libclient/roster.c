/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every change is kept as it was heard, and made in that order: so a list says exactly what became
 * of it, and a process that came and went was in it for a moment. */

#include "roster.h"

struct Roster {
        gatomicrefcount n_ref; /* the list's, and one of each source */
        Link *link;
        ProctorListScope scope;
        GWeakRef list;
        RosterFunc func;

        /* Guarded by the link's mutex. */
        GHashTable *members; /* set of Entry, used */
        GQueue changes;      /* of RosterChange */
        gboolean attached;
        GSource *source;
};

static void roster_free_changes(GQueue *changes) {
        for (RosterChange *change; (change = g_queue_pop_head(changes));) {
                entry_release_locked(change->entry);
                g_free(change);
        }
}

/* Without the mutex. */
static void roster_make_changes(Roster *roster, GObject *list) {
        GQueue changes;

        link_lock(roster->link);
        changes = roster->changes;
        g_queue_init(&roster->changes);
        g_clear_pointer(&roster->source, g_source_unref);
        link_unlock(roster->link);

        roster->func(list, &changes);
        link_lock(roster->link);
        roster_free_changes(&changes);
        link_unlock(roster->link);
}

static void roster_unref(gpointer data) {
        Roster *roster = data;

        if (!g_atomic_ref_count_dec(&roster->n_ref))
                return;
        g_hash_table_unref(roster->members);
        g_weak_ref_clear(&roster->list);
        link_unref(roster->link);
        g_free(roster);
}

static gboolean roster_on_source(gpointer data) {
        Roster *roster = data;
        g_autoptr(GObject) list = g_weak_ref_get(&roster->list);

        if (list)
                roster_make_changes(roster, list);
        return G_SOURCE_REMOVE;
}

static void roster_schedule(Roster *roster) {
        if (roster->source || !roster->attached || roster->changes.length == 0)
                return;
        roster->source = g_idle_source_new();
        g_source_set_priority(roster->source, G_PRIORITY_DEFAULT);
        g_source_set_static_name(roster->source, "[proctor] list");
        g_atomic_ref_count_inc(&roster->n_ref);
        g_source_set_callback(roster->source, roster_on_source, roster, roster_unref);
        g_source_attach(roster->source, roster->link->context);
}

static void roster_push(Roster *roster, Entry *entry, gboolean added) {
        RosterChange *change = g_new0(RosterChange, 1);

        entry_use_again(entry);
        change->entry = entry;
        change->added = added;
        g_queue_push_tail(&roster->changes, change);
        roster_schedule(roster);
}

static void roster_add(Roster *roster, Entry *entry) {
        if (roster->scope == PROCTOR_LIST_SCOPE_LIVE && entry_is_finished(entry))
                return;
        if (!g_hash_table_add(roster->members, entry))
                return;
        entry_use_again(entry);
        roster_push(roster, entry, TRUE);
}

static void roster_remove(Roster *roster, Entry *entry) {
        if (!g_hash_table_remove(roster->members, entry))
                return;
        roster_push(roster, entry, FALSE);
        entry_release_locked(entry);
}

gboolean roster_is_wanted(Link *link) {
        return g_hash_table_size(link->rosters) > 0;
}

#define FOR_EACH_ROSTER(link, roster)                                                              \
        GHashTableIter iter;                                                                       \
        gpointer roster;                                                                           \
        g_hash_table_iter_init(&iter, (link)->rosters);                                            \
        while (g_hash_table_iter_next(&iter, &roster, NULL))

void roster_note_known(Entry *entry) {
        FOR_EACH_ROSTER(entry->link, roster) roster_add(roster, entry);
}

void roster_note_finished(Entry *entry) {
        FOR_EACH_ROSTER(entry->link, roster) {
                if (((Roster *)roster)->scope == PROCTOR_LIST_SCOPE_LIVE)
                        roster_remove(roster, entry);
        }
}

void roster_note_forgotten(Entry *entry) {
        FOR_EACH_ROSTER(entry->link, roster) roster_remove(roster, entry);
}

static void roster_remove_all(Roster *roster) {
        g_autofree gpointer *members = g_hash_table_get_keys_as_array(roster->members, NULL);

        for (gpointer *member = members; *member; member++)
                roster_remove(roster, *member);
}

void roster_note_closed(Link *link) {
        FOR_EACH_ROSTER(link, roster) roster_remove_all(roster);
}

Roster *roster_new(Link *link, ProctorListScope scope) {
        Roster *roster = g_new0(Roster, 1);

        g_atomic_ref_count_init(&roster->n_ref);
        roster->link = link_ref(link);
        roster->scope = scope;
        roster->members = g_hash_table_new(NULL, NULL);
        g_weak_ref_init(&roster->list, NULL);
        link_lock(link);
        g_hash_table_add(link->rosters, roster);
        link_hold_subscription(link);
        link_unlock(link);
        return roster;
}

void roster_close(Roster *roster) {
        g_autoptr(Link) link = link_ref(roster->link);
        GHashTableIter iter;
        gpointer entry;

        link_lock(link);
        g_hash_table_remove(link->rosters, roster);
        link_release_subscription(link);
        if (roster->source)
                g_source_destroy(roster->source);
        g_clear_pointer(&roster->source, g_source_unref);
        roster_free_changes(&roster->changes);
        g_hash_table_iter_init(&iter, roster->members);
        while (g_hash_table_iter_next(&iter, &entry, NULL)) {
                g_hash_table_iter_remove(&iter);
                entry_release_locked(entry);
        }
        link_unlock(link);
        roster_unref(roster);
}

void roster_attach(Roster *roster, GObject *list, RosterFunc func) {
        roster->func = func;
        g_weak_ref_set(&roster->list, list);
        roster_make_changes(roster, list);
        link_lock(roster->link);
        roster->attached = TRUE;
        roster_schedule(roster);
        link_unlock(roster->link);
}
