/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One call for each notification. Its text is markup for some services and none for others, so what
 * would be markup is escaped, as the specification has it. */

#include "desktop.h"

#include <gio/gio.h>
#include <stdio.h>

#include "cli.h"
#include "format.h"

#define NAME      "org.freedesktop.Notifications"
#define PATH      "/org/freedesktop/Notifications"
#define CRITICAL  2 /* stays until somebody has seen it */
#define UNLIMITED 0
#define BY_SERVER (-1)

struct Desktop {
        GDBusConnection *bus;
        gboolean has_failed;
};

Desktop *desktop_new(GError **error) {
        g_autoptr(GError) local = NULL;
        GDBusConnection *bus = g_bus_get_sync(G_BUS_TYPE_SESSION, NULL, &local);
        Desktop *desktop;

        if (!bus) {
                g_set_error(error, CLI_ERROR, CLI_ERROR_FAILED,
                            "cannot show notifications without a session bus: %s", local->message);
                return NULL;
        }
        desktop = g_new0(Desktop, 1);
        desktop->bus = bus;
        return desktop;
}

Desktop *desktop_free(Desktop *desktop) {
        if (!desktop)
                return NULL;
        /* what was called for has not left this program yet */
        g_dbus_connection_flush_sync(desktop->bus, NULL, NULL);
        g_object_unref(desktop->bus);
        g_free(desktop);
        return NULL;
}

static void on_notified(GObject *source, GAsyncResult *result, void *data) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant)
                answer = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);
        g_autofree char *clean = NULL;
        Desktop *desktop = data;

        if (answer || desktop->has_failed)
                return;
        desktop->has_failed = TRUE;
        g_dbus_error_strip_remote_error(error);
        clean = format_text(error->message);
        fprintf(stderr, "proctor: cannot show a notification: %s\n", clean);
}

void desktop_notify(Desktop *desktop, const char *title, const char *text) {
        g_autofree char *body = g_markup_escape_text(text, -1);
        GVariantBuilder hints;

        g_variant_builder_init(&hints, G_VARIANT_TYPE_VARDICT);
        g_variant_builder_add(&hints, "{sv}", "urgency", g_variant_new_byte(CRITICAL));
        g_dbus_connection_call(
                desktop->bus, NAME, PATH, NAME, "Notify",
                g_variant_new("(susssasa{sv}i)", "proctor", UNLIMITED, "dialog-warning", title,
                              body, NULL, &hints, BY_SERVER),
                G_VARIANT_TYPE("(u)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_notified, desktop);
}
