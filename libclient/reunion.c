/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One call tells all objects that the new service has, and subscribes at it again. A handle is
 * found again if the process of its number is the same one, by PID and start; any other one has
 * ended unseen. Only then the link counts as connected, so that nobody asks in between. */

#include "reunion.h"

#include "call.h"
#include "crew.h"
#include "entry.h"
#include "error-internal.h"
#include "roster.h"

gboolean reunion_is_needed(Link *link) {
        return link->resubscribe || roster_is_wanted(link) || crew_any_lost(link) ||
               g_hash_table_size(link->lost) > 0;
}

/* The service that was asked is still the one there is. With the mutex held. */
static gboolean reunion_is_current(Call *call) {
        return call->link->owner && call->link->owner == call->data;
}

static void reunion_take_objects(Link *link, GVariantIter *objects) {
        const char *path;
        GVariant *interfaces;

        while (g_variant_iter_loop(objects, "{&o@a{sa{sv}}}", &path, &interfaces)) {
                g_autoptr(GVariant) all = g_variant_lookup_value(
                        interfaces, PROCTOR_PROCESS_INTERFACE, G_VARIANT_TYPE_VARDICT);
                g_autoptr(GVariant) group = g_variant_lookup_value(
                        interfaces, PROCTOR_GROUP_INTERFACE, G_VARIANT_TYPE_VARDICT);

                if (all && entry_parse_path(path, NULL))
                        entry_release_locked(entry_use_loaded(link, path, all));
                if (group)
                        crew_reunite(link, path, group);
        }
}

static gpointer reunion_handler(Call *call, GVariant *body, GError **error) {
        g_autoptr(GVariantIter) objects = NULL;
        Link *link = call->link;

        g_variant_get(body, "(a{oa{sa{sv}}})", &objects);
        link_lock(link);
        if (reunion_is_current(call)) {
                link_note_subscribed(link);
                reunion_take_objects(link, objects);
                entry_forget_lost(link);
                crew_forget_lost(link);
                link_note_connected(link);
        }
        link_unlock(link);
        return CALL_OK;
}

/* It is there and refuses to tell: what was lost stays so, and what is new will work. */
static gpointer reunion_on_error(Call *call, GError **error) {
        link_lock(call->link);
        if (reunion_is_current(call) &&
            !g_error_matches(*error, PROCTOR_ERROR, PROCTOR_ERROR_DISCONNECTED))
                link_note_connected(call->link);
        link_unlock(call->link);
        return NULL;
}

void reunion_begin(Link *link) {
        link_lock(link);
        const char *owner = link->owner;
        link_unlock(link);

        Call *call = call_new_for_link(link, CALL_SHORT, owner, PROCTOR_ROOT_PATH,
                                       "org.freedesktop.DBus.ObjectManager", "GetManagedObjects",
                                       NULL, G_VARIANT_TYPE("(a{oa{sa{sv}}})"), reunion_handler);
        call->on_error = reunion_on_error;
        call_set_data(call, (gpointer)owner, NULL);
        call_run_detached(call);
}
