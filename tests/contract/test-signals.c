/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* sd-bus does not check the signature of a signal: each signal of the XML is triggered, and what
 * arrives is compared with it. Also that the last signals come when the service ends in order. */

#include <signal.h>

#include "util/daemon.h"

typedef struct Seen {
        Daemon daemon;
        GHashTable *types; /* "interface.member" → type string */
        GPtrArray *order;  /* the same names, as they came */
} Seen;

static void on_signal(GDBusConnection *connection, const char *sender, const char *path,
                      const char *interface, const char *member, GVariant *arguments,
                      void *userdata) {
        char *name = g_strconcat(interface, ".", member, NULL);
        Seen *seen = userdata;

        if (!g_str_has_prefix(path, "/org/proctor1")) {
                g_free(name);
                return;
        }
        g_ptr_array_add(seen->order, g_strdup(name));
        g_hash_table_replace(seen->types, name, g_strdup(g_variant_get_type_string(arguments)));
}

static void seen_init(Seen *seen) {
        daemon_init(&seen->daemon);
        seen->types = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        seen->order = g_ptr_array_new_with_free_func(g_free);
        g_dbus_connection_signal_subscribe(seen->daemon.connection, NULL, NULL, NULL, NULL, NULL,
                                           G_DBUS_SIGNAL_FLAGS_NO_MATCH_RULE, on_signal, seen,
                                           NULL);
        g_variant_unref(daemon_call(&seen->daemon, "/org/proctor1", "org.proctor1.Manager",
                                    "Subscribe", NULL, NULL));
}

static void seen_done(Seen *seen) {
        g_hash_table_unref(seen->types);
        g_ptr_array_unref(seen->order);
}

static gboolean on_patience(void *userdata) {
        fail_msg("a signal did not come");
        return G_SOURCE_REMOVE;
}

static void wait_for(Seen *seen, const char *name) {
        unsigned patience = g_timeout_add(20000, on_patience, NULL);

        while (!g_hash_table_contains(seen->types, name))
                g_main_context_iteration(NULL, TRUE);
        g_source_remove(patience);
}

static void compare(Seen *seen, const char *interface) {
        g_autofree char *xml = daemon_read_xml(interface);
        g_autoptr(GDBusNodeInfo) node = g_dbus_node_info_new_for_xml(xml, NULL);

        for (GDBusSignalInfo **s = g_dbus_node_info_lookup_interface(node, interface)->signals;
             s && *s; s++) {
                g_autofree char *name = g_strconcat(interface, ".", (*s)->name, NULL);
                g_autoptr(GString) type = g_string_new("(");

                for (GDBusArgInfo **a = (*s)->args; a && *a; a++)
                        g_string_append(type, (*a)->signature);
                g_string_append_c(type, ')');
                wait_for(seen, name);
                assert_string_equal((char *)g_hash_table_lookup(seen->types, name), type->str);
        }
}

/* One member that ends, and one that cannot be started. */
static void run_group(Seen *seen) {
        static const char *const calls[][2] = {
                {"AddProcess", "('a', ['true'], @a{sv} {})"},
                {"AddProcess", "('b', ['/no/such'], @a{sv} {})"},
                {"StartAll", "()"},
                {"WaitForAll", "(uint64 20000000,)"},
        };
        g_autofree char *path = NULL;
        g_autoptr(GVariant)
                group = daemon_call(&seen->daemon, "/org/proctor1", "org.proctor1.Manager",
                                    "CreateGroup", g_variant_new_parsed("('x', @a{sv} {})"), NULL);

        g_variant_get(group, "(o)", &path);
        for (unsigned i = 0; i < G_N_ELEMENTS(calls); i++)
                g_variant_unref(daemon_call(&seen->daemon, path, "org.proctor1.Group", calls[i][0],
                                            g_variant_new_parsed(calls[i][1]), NULL));
}

static void every_signal_has_the_signature_of_the_xml(void **state) {
        const char *argv[] = {"sleep", "1000", NULL};
        g_autofree char *path = NULL;
        Seen seen = {};

        seen_init(&seen);
        g_variant_unref(daemon_call(
                &seen.daemon, "/org/proctor1", "org.freedesktop.DBus.Properties", "Set",
                g_variant_new_parsed(
                        "('org.proctor1.Watchdog', 'CheckIntervalUSec', <uint64 10000>)"),
                NULL));
        path = daemon_start(&seen.daemon, argv,
                            g_variant_new_parsed("{'TimeoutUSec': <uint64 1000>, "
                                                 "'ExtraBufferUSec': <uint64 1000>}"));
        compare(&seen, "org.proctor1.Process");
        compare(&seen, "org.proctor1.Manager");
        compare(&seen, "org.proctor1.Watchdog");
        run_group(&seen);
        compare(&seen, "org.proctor1.Group");
        g_variant_unref(
                daemon_call(&seen.daemon, path, "org.proctor1.Process", "Collect", NULL, NULL));
        wait_for(&seen, "org.freedesktop.DBus.ObjectManager.InterfacesRemoved");
        assert_string_equal(
                (char *)g_hash_table_lookup(seen.types,
                                            "org.freedesktop.DBus.ObjectManager.InterfacesRemoved"),
                "(oas)");
        assert_string_equal(
                (char *)g_hash_table_lookup(seen.types,
                                            "org.freedesktop.DBus.ObjectManager.InterfacesAdded"),
                "(oa{sa{sv}})");
        assert_string_equal(
                (char *)g_hash_table_lookup(seen.types,
                                            "org.freedesktop.DBus.Properties.PropertiesChanged"),
                "(sa{sv}as)");
        daemon_done(&seen.daemon);
        seen_done(&seen);
}

static void the_last_signals_come_when_the_service_ends(void **state) {
        const char *argv[] = {"sleep", "1000", NULL};
        unsigned n = 0, patience;
        Seen seen = {};

        seen_init(&seen);
        for (unsigned i = 0; i < 20; i++)
                g_free(daemon_start(&seen.daemon, argv, NULL));
        kill(seen.daemon.pid, SIGTERM);
        patience = g_timeout_add(20000, on_patience, NULL);
        while (n < 20) {
                g_main_context_iteration(NULL, TRUE);
                n = 0;
                for (unsigned i = 0; i < seen.order->len; i++)
                        n += g_str_equal(seen.order->pdata[i],
                                         "org.proctor1.Manager.ProcessExited");
        }
        g_source_remove(patience);
        daemon_done(&seen.daemon);
        seen_done(&seen);
}

TEST_MAIN(TEST(every_signal_has_the_signature_of_the_xml),
          TEST(the_last_signals_come_when_the_service_ends))
