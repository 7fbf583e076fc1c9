/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A service for notifications on a desktop that there is not: says on its standard output what it was
 * asked to show. First line: ready. */

#include <gio/gio.h>
#include <stdio.h>

#define NAME "org.freedesktop.Notifications"
#define PATH "/org/freedesktop/Notifications"

static const char description[] = "<node><interface name='" NAME "'><method name='Notify'>"
                                  "<arg type='s' direction='in'/><arg type='u' direction='in'/>"
                                  "<arg type='s' direction='in'/><arg type='s' direction='in'/>"
                                  "<arg type='s' direction='in'/><arg type='as' direction='in'/>"
                                  "<arg type='a{sv}' direction='in'/><arg type='i' direction='in'/>"
                                  "<arg type='u' direction='out'/></method></interface></node>";

static void on_call(GDBusConnection *connection, const char *sender, const char *path,
                    const char *interface, const char *method, GVariant *parameters,
                    GDBusMethodInvocation *invocation, gpointer data) {
        const char *app, *title, *body;

        g_variant_get(parameters, "(&su&s&s&sasa{sv}i)", &app, NULL, NULL, &title, &body, NULL,
                      NULL, NULL);
        printf("%s: %s: %s\n", app, title, body);
        fflush(stdout);
        g_dbus_method_invocation_return_value(invocation, g_variant_new("(u)", 1));
}

static void on_named(GDBusConnection *connection, const char *name, gpointer data) {
        puts("ready");
        fflush(stdout);
}

int main(void) {
        static const GDBusInterfaceVTable vtable = {.method_call = on_call};
        g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
        g_autoptr(GDBusNodeInfo) node = g_dbus_node_info_new_for_xml(description, NULL);
        g_autoptr(GDBusConnection) bus = g_bus_get_sync(G_BUS_TYPE_SESSION, NULL, NULL);

        if (!bus || !node ||
            g_dbus_connection_register_object(bus, PATH, node->interfaces[0], &vtable, NULL, NULL,
                                              NULL) == 0)
                return 1;
        g_bus_own_name_on_connection(bus, NAME, G_BUS_NAME_OWNER_FLAGS_NONE, on_named, NULL, NULL,
                                     NULL);
        g_main_loop_run(loop);
        return 0;
}
