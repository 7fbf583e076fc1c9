/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What hears the service, and notices when it goes. It believes a signal only if it comes from the
 * owner of the service's name, which it follows itself, or on a private connection from the peer. */

#include "link.h"

#include <string.h>

#include "call.h"
#include "crew.h"
#include "entry.h"
#include "error-internal.h"
#include "events.h"
#include "reunion.h"
#include "roster.h"

#define DRIVER_NAME "org.freedesktop.DBus"
#define OWNER_RULE                                                                                 \
        "type='signal',sender='" DRIVER_NAME "',interface='" DRIVER_NAME                           \
        "',member='NameOwnerChanged',arg0='" PROCTOR_BUS_NAME "'"

Link *link_ref(Link *link) {
        g_atomic_ref_count_inc(&link->n_ref);
        return link;
}

void link_unref(Link *link) {
        if (!link || !g_atomic_ref_count_dec(&link->n_ref))
                return;
        events_clear(link);
        g_hash_table_unref(link->calls);
        g_hash_table_unref(link->entries);
        g_hash_table_unref(link->lost);
        g_hash_table_unref(link->rosters);
        g_hash_table_unref(link->crews);
        g_hash_table_unref(link->activities);
        g_hash_table_unref(link->running);
        g_object_unref(link->sentinel_cancellable);
        g_object_unref(link->connection);
        g_main_context_unref(link->context);
        g_clear_pointer(&link->worker, g_main_context_unref);
        g_weak_ref_clear(&link->manager);
        g_mutex_clear(&link->mutex);
        g_free(link);
}

/* The service has gone, for good or until there is a new one. */
static void link_lost(Link *link, gboolean for_good) {
        link_lock(link);
        gboolean was_connected = link->connected;
        link->connected = FALSE;
        link->closed = link->closed || for_good;
        link->resubscribe = link->resubscribe || (link->subscription != 0 && !link->unsubscribe);
        link->subscription = 0;
        link->unsubscribe = FALSE;
        link->owner = NULL;
        if (was_connected)
                events_note_connected(link);
        entry_lose_all(link);
        crew_lose_all(link);
        if (for_good)
                roster_note_closed(link);
        link_unlock(link);

        call_fail_all(link);
}

static void link_on_sentinel(GObject *connection, GAsyncResult *result, gpointer data) {
        g_autoptr(Link) link = data;
        g_autoptr(GDBusMessage) reply = g_dbus_connection_send_message_with_reply_finish(
                link->connection, result, NULL);

        if (!reply)
                link_lost(link, TRUE);
}

/* A call whose answer never gets through our own filter: so GDBus keeps it pending, and ends it
 * when the connection closes, after everything that came before. Since this runs in the worker
 * thread, its end is told there as well, and also to a program that runs no main context. (The
 * signal GDBusConnection::closed is only emitted on the main context of whoever made it.) */
static void link_set_sentinel(Link *link) {
        g_autoptr(GDBusMessage) message = NULL;

        /* The policy of a system bus lets nobody ping the bus itself, and logs who tries. */
        if (link->on_bus)
                message = g_dbus_message_new_method_call(DRIVER_NAME, "/org/freedesktop/DBus",
                                                         DRIVER_NAME, "GetId");
        else
                message = g_dbus_message_new_method_call(NULL, "/", DRIVER_NAME ".Peer", "Ping");

        g_dbus_connection_send_message_with_reply(
                link->connection, message, G_DBUS_SEND_MESSAGE_FLAGS_NONE, G_MAXINT,
                &link->sentinel, link->sentinel_cancellable, link_on_sentinel, link_ref(link));
}

static gboolean link_take_reply(Link *link, GDBusMessage *message) {
        if (link->sentinel && g_dbus_message_get_reply_serial(message) == link->sentinel)
                return TRUE;
        return call_take_reply(link, message);
}

static void link_take_owner_change(Link *link, GDBusMessage *message) {
        GVariant *body = g_dbus_message_get_body(message);
        const char *name, *old_owner, *new_owner;

        if (!body || !g_variant_is_of_type(body, G_VARIANT_TYPE("(sss)")))
                return;
        g_variant_get(body, "(&s&s&s)", &name, &old_owner, &new_owner);
        if (!g_str_equal(name, PROCTOR_BUS_NAME))
                return;
        if (*old_owner)
                link_lost(link, FALSE);

        link_lock(link);
        link->owner_known = TRUE;
        link->owner = *new_owner ? g_intern_string(new_owner) : NULL;
        gboolean back = link->owner && !link->connected && !link->closed;
        gboolean reunite = back && reunion_is_needed(link);
        if (back && !reunite)
                link_note_connected(link);
        link_unlock(link);
        if (reunite)
                reunion_begin(link);
}

static gboolean link_is_from_service(Link *link, GDBusMessage *message) {
        return !link->on_bus ||
               (link->owner && g_strcmp0(g_dbus_message_get_sender(message), link->owner) == 0);
}

static void link_hear(Link *link, GDBusMessage *message) {
        const char *interface = g_dbus_message_get_interface(message);

        if (!interface)
                return;
        if (link->on_bus && g_str_equal(interface, DRIVER_NAME) &&
            g_strcmp0(g_dbus_message_get_sender(message), DRIVER_NAME) == 0 &&
            g_strcmp0(g_dbus_message_get_member(message), "NameOwnerChanged") == 0) {
                link_take_owner_change(link, message);
                return;
        }
        link_lock(link);
        if (link_is_from_service(link, message))
                events_take_signal(link, message);
        link_unlock(link);
}

/* In the worker thread. Answers to our own calls go no further; signals do, for the connection may
 * be shared with somebody who listens, too. */
static GDBusMessage *link_filter(GDBusConnection *connection, GDBusMessage *message,
                                 gboolean incoming, gpointer data) {
        Link *link = data;
        gboolean taken = FALSE;

        if (!incoming)
                return message;
        if (!link->worker) {
                link->worker = g_main_context_ref_thread_default();
                link_set_sentinel(link);
        }

        switch (g_dbus_message_get_message_type(message)) {
        case G_DBUS_MESSAGE_TYPE_METHOD_RETURN:
        case G_DBUS_MESSAGE_TYPE_ERROR:
                taken = link_take_reply(link, message);
                break;
        case G_DBUS_MESSAGE_TYPE_SIGNAL:
                link_hear(link, message);
                break;
        default:
                break;
        }
        if (taken)
                g_clear_object(&message);
        return message;
}

static void link_filter_gone(gpointer data) {
        link_unref(data);
}

static void link_send_rule(Link *link, const char *method) {
        g_autoptr(GDBusMessage) message = g_dbus_message_new_method_call(
                DRIVER_NAME, "/org/freedesktop/DBus", DRIVER_NAME, method);

        g_dbus_message_set_body(message, g_variant_new("(s)", OWNER_RULE));
        g_dbus_message_set_flags(message, G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);
        g_dbus_connection_send_message(link->connection, message, G_DBUS_SEND_MESSAGE_FLAGS_NONE,
                                       NULL, NULL);
}

Link *link_new(GDBusConnection *connection, ProctorManager *manager, GMainContext *context) {
        Link *link = g_new0(Link, 1);

        g_atomic_ref_count_init(&link->n_ref);
        link->connection = g_object_ref(connection);
        link->on_bus = g_dbus_connection_get_unique_name(connection) != NULL;
        link->context = g_main_context_ref(context);
        g_weak_ref_init(&link->manager, manager);
        g_mutex_init(&link->mutex);
        link->calls = g_hash_table_new_full(NULL, NULL, NULL, outcome_unref);
        link->entries = g_hash_table_new(g_str_hash, g_str_equal);
        link->lost = g_hash_table_new(NULL, NULL);
        link->rosters = g_hash_table_new(NULL, NULL);
        link->crews = g_hash_table_new(g_str_hash, g_str_equal);
        link->activities = g_hash_table_new(NULL, NULL);
        link->running = g_hash_table_new(NULL, NULL);
        link->sentinel_cancellable = g_cancellable_new();
        link->filter = g_dbus_connection_add_filter(connection, link_filter, link_ref(link),
                                                    link_filter_gone);
        if (link->on_bus)
                link_send_rule(link, "AddMatch");
        return link;
}

void link_close(Link *link) {
        if (link->filter && link->on_bus && !g_dbus_connection_is_closed(link->connection))
                link_send_rule(link, "RemoveMatch");
        link_lost(link, TRUE);
        g_cancellable_cancel(link->sentinel_cancellable);
        if (link->filter)
                g_dbus_connection_remove_filter(link->connection, link->filter);
        link->filter = 0;
}

void link_set_connected(Link *link, const char *sender) {
        link_lock(link);
        /* A change that was heard meanwhile is newer than the answer. */
        if (!link->owner_known && sender) {
                link->owner = g_intern_string(sender);
                link->owner_known = TRUE;
        }
        link_note_connected(link);
        link_unlock(link);
}

void link_note_connected(Link *link) {
        if (link->closed || link->connected)
                return;
        link->connected = TRUE;
        events_note_connected(link);
}

gboolean link_get_connected(Link *link) {
        link_lock(link);
        gboolean connected = link->connected;
        link_unlock(link);
        return connected;
}

void link_note_subscribed(Link *link) {
        link->resubscribe = FALSE;
        if (link->subscription == 0)
                link->subscription = ++link->n_subscribed;
}

void link_hold_subscription(Link *link) {
        link->n_holds++;
}

void link_release_subscription(Link *link) {
        if (--link->n_holds > 0 || !link->unsubscribe || link->closed)
                return;
        link->unsubscribe = FALSE;
        link->subscription = 0;
        call_send_only(link, NULL, PROCTOR_ROOT_PATH, PROCTOR_MANAGER_INTERFACE, "Unsubscribe",
                       NULL);
}
