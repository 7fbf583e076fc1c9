/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a running service says of itself against the XML, both ways: members, the names, types and
 * directions of arguments, access and change annotation; and each property, read one by one. */

#include "util/daemon.h"

static Daemon service;

static int set_up(void **state) {
        daemon_init(&service);
        return 0;
}

static int tear_down(void **state) {
        daemon_done(&service);
        return 0;
}

static const char *const root_interfaces[] = {"org.proctor1.Manager", "org.proctor1.Watchdog"};
static const char *const process_interfaces[] = {"org.proctor1.Process"};

static GDBusNodeInfo *introspect(const char *path) {
        g_autoptr(GVariant) answer = daemon_call(
                &service, path, "org.freedesktop.DBus.Introspectable", "Introspect", NULL, NULL);
        GDBusNodeInfo *node;
        const char *xml;

        assert_non_null(answer);
        g_variant_get(answer, "(&s)", &xml);
        node = g_dbus_node_info_new_for_xml(xml, NULL);
        assert_non_null(node);
        return node;
}

static char *start_one(void) {
        const char *argv[] = {"true", NULL};

        return daemon_start(&service, argv, NULL);
}

static char *create_group(void) {
        static unsigned n;
        g_autofree char *name = g_strdup_printf("group %u", ++n);
        g_autoptr(GVariant)
                answer = daemon_call(&service, "/org/proctor1", "org.proctor1.Manager",
                                     "CreateGroup", g_variant_new("(sa{sv})", name, NULL), NULL);
        char *path;

        assert_non_null(answer);
        g_variant_get(answer, "(o)", &path);
        return path;
}

static void describe_arguments(GString *text, const char *direction, GDBusArgInfo **arguments) {
        for (; arguments && *arguments; arguments++)
                g_string_append_printf(text, " %s %s %s", direction, (*arguments)->signature,
                                       (*arguments)->name ?: "(no name)");
}

static int by_name(const void *a, const void *b) {
        return strcmp(*(char *const *)a, *(char *const *)b);
}

/* An interface as sorted lines: two are equal if and only if these are. */
static char *describe(GDBusInterfaceInfo *info) {
        g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);

        for (GDBusMethodInfo **m = info->methods; m && *m; m++) {
                GString *text = g_string_new("method ");

                g_string_append(text, (*m)->name);
                describe_arguments(text, "in", (*m)->in_args);
                describe_arguments(text, "out", (*m)->out_args);
                g_ptr_array_add(lines, g_string_free(text, FALSE));
        }
        for (GDBusSignalInfo **s = info->signals; s && *s; s++) {
                GString *text = g_string_new("signal ");

                g_string_append(text, (*s)->name);
                describe_arguments(text, "with", (*s)->args);
                g_ptr_array_add(lines, g_string_free(text, FALSE));
        }
        for (GDBusPropertyInfo **p = info->properties; p && *p; p++) {
                const char *changes = g_dbus_annotation_info_lookup(
                        (*p)->annotations, "org.freedesktop.DBus.Property.EmitsChangedSignal");

                g_ptr_array_add(lines,
                                g_strdup_printf("property %s %s %u changes=%s", (*p)->name,
                                                (*p)->signature, (*p)->flags, changes ?: "true"));
        }
        g_ptr_array_sort(lines, by_name);
        g_ptr_array_add(lines, NULL);
        return g_strjoinv("\n", (char **)lines->pdata);
}

static void compare(GDBusNodeInfo *node, const char *interface) {
        g_autofree char *xml = daemon_read_xml(interface), *wanted = NULL, *served = NULL;
        g_autoptr(GDBusNodeInfo) described = g_dbus_node_info_new_for_xml(xml, NULL);

        assert_non_null(described);
        assert_non_null(g_dbus_node_info_lookup_interface(node, interface));
        wanted = describe(g_dbus_node_info_lookup_interface(described, interface));
        served = describe(g_dbus_node_info_lookup_interface(node, interface));
        if (strcmp(wanted, served) != 0)
                print_error("%s\n--- in the XML:\n%s\n--- served:\n%s\n", interface, wanted,
                            served);
        assert_string_equal(wanted, served);
}

static void count_ours(GDBusNodeInfo *node, unsigned expected) {
        unsigned n = 0;

        for (GDBusInterfaceInfo **i = node->interfaces; i && *i; i++)
                n += g_str_has_prefix((*i)->name, "org.proctor1.");
        assert_int_equal(n, expected);
}

static void the_root_serves_what_the_xml_says(void **state) {
        g_autoptr(GDBusNodeInfo) node = introspect("/org/proctor1");

        for (unsigned i = 0; i < G_N_ELEMENTS(root_interfaces); i++)
                compare(node, root_interfaces[i]);
        count_ours(node, G_N_ELEMENTS(root_interfaces));
        assert_non_null(
                g_dbus_node_info_lookup_interface(node, "org.freedesktop.DBus.ObjectManager"));
}

static void a_process_serves_what_the_xml_says(void **state) {
        g_autofree char *path = start_one();
        g_autoptr(GDBusNodeInfo) node = introspect(path);

        for (unsigned i = 0; i < G_N_ELEMENTS(process_interfaces); i++)
                compare(node, process_interfaces[i]);
        count_ours(node, G_N_ELEMENTS(process_interfaces));
}

static void a_group_serves_what_the_xml_says(void **state) {
        g_autofree char *path = create_group();
        g_autoptr(GDBusNodeInfo) node = introspect(path);

        compare(node, "org.proctor1.Group");
        count_ours(node, 1);
}

/* Each alone by Get, and all by GetAll: the types are those of the XML. */
static void read_all(const char *path, const char *interface) {
        g_autofree char *xml = daemon_read_xml(interface);
        g_autoptr(GDBusNodeInfo) node = g_dbus_node_info_new_for_xml(xml, NULL);
        g_autoptr(GVariant) all = daemon_call(&service, path, "org.freedesktop.DBus.Properties",
                                              "GetAll", g_variant_new("(s)", interface), NULL);
        g_autoptr(GVariant) values = NULL;
        unsigned n = 0;

        assert_non_null(all);
        values = g_variant_get_child_value(all, 0);
        for (GDBusPropertyInfo **p = g_dbus_node_info_lookup_interface(node, interface)->properties;
             p && *p; p++, n++) {
                g_autoptr(GVariant) answer = daemon_call(
                        &service, path, "org.freedesktop.DBus.Properties", "Get",
                        g_variant_new("(ss)", interface, (*p)->name), NULL);
                g_autoptr(GVariant) value = NULL, same = NULL;

                assert_non_null(answer);
                g_variant_get(answer, "(v)", &value);
                assert_string_equal(g_variant_get_type_string(value), (*p)->signature);
                same = g_variant_lookup_value(values, (*p)->name, G_VARIANT_TYPE((*p)->signature));
                assert_non_null(same);
        }
        assert_int_equal(g_variant_n_children(values), n);
}

static void every_property_can_be_read(void **state) {
        const char *argv[] = {"sleep", "1000", NULL};
        g_autofree char *finished = start_one();
        g_autofree char *running = daemon_start(&service, argv, NULL);
        g_autofree char *group = create_group();

        read_all(group, "org.proctor1.Group");
        read_all("/org/proctor1", "org.proctor1.Manager");
        read_all("/org/proctor1", "org.proctor1.Watchdog");
        read_all(running, "org.proctor1.Process");
        g_variant_unref(daemon_call(&service, finished, "org.proctor1.Process", "Wait",
                                    g_variant_new("(t)", UINT64_MAX), NULL));
        read_all(finished, "org.proctor1.Process");
}

static void the_object_manager_lists_every_object(void **state) {
        g_autofree char *path = start_one(), *group = create_group();
        g_autoptr(GVariant) answer = daemon_call(&service, "/org/proctor1",
                                                 "org.freedesktop.DBus.ObjectManager",
                                                 "GetManagedObjects", NULL, NULL);
        g_autoptr(GVariant) objects = NULL, object = NULL, properties = NULL;

        assert_non_null(answer);
        assert_string_equal(g_variant_get_type_string(answer), "(a{oa{sa{sv}}})");
        objects = g_variant_get_child_value(answer, 0);
        object = g_variant_lookup_value(objects, path, NULL);
        assert_non_null(object);
        properties = g_variant_lookup_value(object, "org.proctor1.Process", NULL);
        assert_non_null(properties);
        assert_true(g_variant_n_children(properties) > 20);
        g_variant_unref(object);
        object = g_variant_lookup_value(objects, group, NULL);
        assert_non_null(object);
        g_variant_unref(properties);
        properties = g_variant_lookup_value(object, "org.proctor1.Group", NULL);
        assert_non_null(properties);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(the_root_serves_what_the_xml_says),
                TEST(a_process_serves_what_the_xml_says),
                TEST(a_group_serves_what_the_xml_says),
                TEST(every_property_can_be_read),
                TEST(the_object_manager_lists_every_object),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
