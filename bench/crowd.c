/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Holds many processes through a proctord, and talks to it in simple calls where nothing is timed
 * or the call itself is what is timed. */

#include "crowd.h"

#include "drive.h"
#include "harness.h"

#define IN_FLIGHT         64
#define CALL_TIMEOUT_MSEC (120 * 1000)
#define HOLD_TIMEOUT_SEC  180
#define MANAGER_PATH      "/org/proctor1"
#define MANAGER_NAME      "org.proctor1.Manager"

typedef struct Crowd {
        Server *server;
        GDBusConnection *connection;
        unsigned n, begun, done;
        bool finished;
} Crowd;

static void begin_next(Crowd *h);

static void on_held(GObject *source, GAsyncResult *result, gpointer userdata) {
        Crowd *h = userdata;
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant)
                reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);

        if (!reply)
                bench_wrong("start of the %u. live process: %s", h->done + 1, error->message);
        h->done++;
        if (h->begun < h->n)
                begin_next(h);
        h->finished = h->done == h->n;
}

static void begin_next(Crowd *h) {
        const char *argv[] = {arg_options.payload, "pause", NULL};
        GVariantBuilder options;

        h->begun++;
        g_variant_builder_init(&options, G_VARIANT_TYPE_VARDICT);
        g_variant_builder_add(&options, "{sv}", "Stdout", g_variant_new_string("null"));
        g_variant_builder_add(&options, "{sv}", "Stderr", g_variant_new_string("null"));
        g_variant_builder_add(&options, "{sv}", "TimeoutUSec",
                              g_variant_new_uint64(CROWD_TIMEOUT_USEC));
        g_dbus_connection_call(h->connection, h->server->name, MANAGER_PATH, MANAGER_NAME,
                               "StartProcess", g_variant_new("(^asa{sv})", argv, &options),
                               G_VARIANT_TYPE("(ou)"), 0, CALL_TIMEOUT_MSEC, NULL, on_held, h);
}

void crowd_start(Server *s, GDBusConnection *c, unsigned n) {
        Crowd h = {.server = s, .connection = c, .n = n};

        while (h.begun < MIN(n, IN_FLIGHT))
                begin_next(&h);
        if (n > 0)
                world_run_until(&h.finished, "holding live processes", HOLD_TIMEOUT_SEC);
}

void crowd_end(Server *s, GDBusConnection *c) {
        g_variant_unref(proctord_call(s, c, MANAGER_PATH, MANAGER_NAME, "Shutdown", NULL));
}

GVariant *proctord_call(Server *s, GDBusConnection *c, const char *path, const char *interface,
                        const char *method, GVariant *args) {
        g_autoptr(GError) error = NULL;
        GVariant *reply = g_dbus_connection_call_sync(c, s->name, path, interface, method, args,
                                                      NULL, 0, CALL_TIMEOUT_MSEC, NULL, &error);

        if (!reply)
                bench_wrong("%s: %s", method, error->message);
        return reply;
}

char *proctord_start(Server *s, GDBusConnection *c, char *const *argv, GVariant *options,
                     pid_t *ret_pid) {
        g_autoptr(GVariantDict) all = g_variant_dict_new(options);
        g_autoptr(GVariant) reply = NULL;
        guint32 pid;
        char *path;

        g_variant_dict_insert(all, "Stdout", "s", "null");
        g_variant_dict_insert(all, "Stderr", "s", "null");
        reply = proctord_call(s, c, MANAGER_PATH, MANAGER_NAME, "StartProcess",
                              g_variant_new("(^as@a{sv})", argv, g_variant_dict_end(all)));
        g_variant_get(reply, "(ou)", &path, &pid);
        if (ret_pid)
                *ret_pid = (pid_t)pid;
        return path;
}

GVariant *proctord_get(Server *s, GDBusConnection *c, const char *path, const char *interface,
                       const char *property) {
        g_autoptr(GVariant)
                reply = proctord_call(s, c, path, "org.freedesktop.DBus.Properties", "Get",
                                      g_variant_new("(ss)", interface, property));
        GVariant *value;

        g_variant_get(reply, "(v)", &value);
        return value;
}
