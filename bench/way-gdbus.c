/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The two ways over bare GDBus, the trivial service and proctord: one asynchronous call a start,
 * one signal subscription for all exits, one hash table from what the reply names (a PID, an
 * object) to the start. Nothing that a client could leave out. */

#include "drive.h"
#include "floor-names.h"
#include "harness.h"

typedef struct BusWay {
        Way way;
        Server *server;
        GDBusConnection *connection;
        guint subscription;
        Drive *drive;
        GHashTable *running; /* key -> start + 1 */
        GHashTable *early;   /* key -> exit code + a bias: the exit came before the reply */
} BusWay;

#define EARLY_BIAS 1000

typedef struct Call {
        Drive *drive;
        unsigned i;
} Call;

static void bus_way_free(Way *w) {
        BusWay *b = (BusWay *)w;

        g_dbus_connection_signal_unsubscribe(b->connection, b->subscription);
        g_dbus_connection_close_sync(b->connection, NULL, NULL);
        g_object_unref(b->connection);
        server_stop(b->server);
        g_hash_table_unref(b->running);
        g_hash_table_unref(b->early);
        g_free(b);
}

/* Takes the key. */
static void bus_way_started(BusWay *b, Drive *d, unsigned i, gpointer key) {
        gpointer early = g_hash_table_lookup(b->early, key);

        if (!early) {
                g_hash_table_insert(b->running, key, GUINT_TO_POINTER(i + 1));
                return;
        }
        g_hash_table_remove(b->early, key);
        if (b->server->kind == SERVER_PROCTORD)
                g_free(key);
        drive_done(d, i, GPOINTER_TO_INT(early) - EARLY_BIAS);
}

static void bus_way_exited(BusWay *b, gconstpointer key, int exit_code) {
        guint i = GPOINTER_TO_UINT(g_hash_table_lookup(b->running, key));

        if (i > 0) {
                g_hash_table_remove(b->running, key);
                drive_done(b->drive, i - 1, exit_code);
                return;
        }
        g_hash_table_insert(b->early,
                            b->server->kind == SERVER_PROCTORD ? g_strdup(key) : (gpointer)key,
                            GINT_TO_POINTER(exit_code + EARLY_BIAS));
}

static GVariant *finish_call(GObject *source, GAsyncResult *result) {
        g_autoptr(GError) error = NULL;
        GVariant *reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);

        if (!reply)
                bench_wrong("start: %s", error->message);
        return reply;
}

static BusWay *bus_way_new(ServerKind kind, Transport transport, const char *option) {
        BusWay *b = g_new0(BusWay, 1);
        bool text = kind == SERVER_PROCTORD;

        b->way.free = bus_way_free;
        b->server = server_start(kind, transport, option);
        b->connection = server_connect_gdbus(b->server);
        b->running = text ? g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)
                          : g_hash_table_new(NULL, NULL);
        b->early = text ? g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)
                        : g_hash_table_new(NULL, NULL);
        return b;
}

GDBusConnection *way_get_connection(Way *w) {
        return ((BusWay *)w)->connection;
}

Server *way_get_server(Way *w) {
        return ((BusWay *)w)->server;
}

/* --- the trivial service ---------------------------------------------------------------------- */

static void on_floor_started(GObject *source, GAsyncResult *result, gpointer userdata) {
        g_autofree Call *call = userdata;
        g_autoptr(GVariant) reply = finish_call(source, result);
        guint32 pid;

        g_variant_get(reply, "(u)", &pid);
        bus_way_started((BusWay *)call->drive->way, call->drive, call->i, GUINT_TO_POINTER(pid));
}

static void on_floor_exited(GDBusConnection *c, const char *sender, const char *path,
                            const char *interface, const char *signal, GVariant *args,
                            gpointer userdata) {
        guint32 pid;
        gint32 exit_code;

        g_variant_get(args, "(ui)", &pid, &exit_code);
        bus_way_exited(userdata, GUINT_TO_POINTER(pid), exit_code);
}

static void floor_begin(Drive *d, unsigned i) {
        BusWay *b = (BusWay *)d->way;
        Call *call = g_new(Call, 1);

        *call = (Call){d, i};
        b->drive = d;
        g_dbus_connection_call(b->connection, b->server->name, FLOOR_PATH, FLOOR_INTERFACE, "Start",
                               g_variant_new("(^as)", d->argv), G_VARIANT_TYPE("(u)"), 0, -1, NULL,
                               on_floor_started, call);
}

Way *way_floor_new(Transport transport) {
        BusWay *b = bus_way_new(SERVER_FLOOR, transport, NULL);

        b->way.begin = floor_begin;
        b->subscription = g_dbus_connection_signal_subscribe(b->connection, b->server->name,
                                                             FLOOR_INTERFACE, "Exited", FLOOR_PATH,
                                                             NULL, 0, on_floor_exited, b, NULL);
        return &b->way;
}

/* --- proctord without its library ------------------------------------------------------------- */

static void on_proctord_started(GObject *source, GAsyncResult *result, gpointer userdata) {
        g_autofree Call *call = userdata;
        g_autoptr(GVariant) reply = finish_call(source, result);
        char *path;

        g_variant_get(reply, "(ou)", &path, NULL);
        bus_way_started((BusWay *)call->drive->way, call->drive, call->i, path);
}

static void on_proctord_exited(GDBusConnection *c, const char *sender, const char *path,
                               const char *interface, const char *signal, GVariant *args,
                               gpointer userdata) {
        gint32 exit_code;

        g_variant_get(args, "(i&s)", &exit_code, NULL);
        bus_way_exited(userdata, path, exit_code);
}

static void proctord_begin(Drive *d, unsigned i) {
        BusWay *b = (BusWay *)d->way;
        Call *call = g_new(Call, 1);

        *call = (Call){d, i};
        b->drive = d;
        g_dbus_connection_call(b->connection, b->server->name, "/org/proctor1",
                               "org.proctor1.Manager", "StartProcess",
                               g_variant_new("(^as@a{sv})", d->argv, drive_options()),
                               G_VARIANT_TYPE("(ou)"), 0, -1, NULL, on_proctord_started, call);
}

Way *way_proctord_new(Transport transport, const char *option) {
        BusWay *b = bus_way_new(SERVER_PROCTORD, transport, option);

        b->way.begin = proctord_begin;
        b->subscription = g_dbus_connection_signal_subscribe(b->connection, b->server->name,
                                                             "org.proctor1.Process", "Exited", NULL,
                                                             NULL, 0, on_proctord_exited, b, NULL);
        return &b->way;
}
