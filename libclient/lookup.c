/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A process is found in two steps: which object it is, and what its properties are. The second
 * subscribes the connection at the service, so that its end cannot be missed from then on. */

#include "lookup.h"

#include "error-internal.h"
#include "manager-internal.h"
#include "process-internal.h"

typedef struct Lookup {
        char *path;
        ActivitySource *activity;
} Lookup;

static void lookup_free(gpointer data) {
        Lookup *lookup = data;

        g_free(lookup->path);
        activity_source_unref(lookup->activity);
        g_free(lookup);
}

static gpointer lookup_loaded(Call *call, GVariant *body, GError **error) {
        g_autoptr(GVariant) all = g_variant_get_child_value(body, 0);
        Lookup *lookup = call->data;

        link_lock(call->link);
        Entry *entry = entry_use_loaded(call->link, lookup->path, all);
        link_unlock(call->link);

        ProctorProcess *process = process_for_entry(call->manager, entry);
        if (lookup->activity)
                activity_begin(entry, lookup->activity, 0);
        entry_release(entry);
        return process;
}

static gpointer lookup_found(Call *call, GVariant *body, GError **error) {
        Lookup *lookup = call->data;

        g_variant_get(body, "(o)", &lookup->path);
        if (!entry_parse_path(lookup->path, NULL)) {
                g_propagate_error(error, error_protocol("the question for a process"));
                return NULL;
        }
        return call_chain(call, NULL, lookup->path, "org.freedesktop.DBus.Properties", "GetAll",
                          g_variant_new("(s)", PROCTOR_PROCESS_INTERFACE),
                          G_VARIANT_TYPE("(a{sv})"), lookup_loaded, error);
}

Call *lookup_call(ProctorManager *manager, const char *interface, const char *method,
                  GVariant *parameters) {
        Call *call = call_new(manager, CALL_SHORT, NULL, PROCTOR_ROOT_PATH, interface, method,
                              parameters, G_VARIANT_TYPE("(o)"), lookup_found);

        call->outcome.free_result = g_object_unref;
        call_set_data(call, g_new0(Lookup, 1), lookup_free);
        return call;
}

void lookup_set_activity(Call *call, ActivitySource *source) {
        if (source)
                ((Lookup *)call->data)->activity = activity_source_ref(source);
}

Call *lookup_path_call(ProctorManager *manager, const char *path, GError **error) {
        Lookup *lookup;
        Call *call;

        if (!path || !entry_parse_path(path, NULL)) {
                g_set_error(error, PROCTOR_ERROR, PROCTOR_ERROR_INVALID_ARGUMENT,
                            "'%s' is not the path of a process", path ? path : "");
                return NULL;
        }
        lookup = g_new0(Lookup, 1);
        lookup->path = g_strdup(path);
        call = call_new(manager, CALL_SHORT, NULL, path, "org.freedesktop.DBus.Properties",
                        "GetAll", g_variant_new("(s)", PROCTOR_PROCESS_INTERFACE),
                        G_VARIANT_TYPE("(a{sv})"), lookup_loaded);
        call->outcome.free_result = g_object_unref;
        call_set_data(call, lookup, lookup_free);
        return call;
}

static int lookup_compare(gconstpointer a, gconstpointer b) {
        guint64 one = proctor_process_get_id(*(ProctorProcess *const *)a);
        guint64 other = proctor_process_get_id(*(ProctorProcess *const *)b);

        return one < other ? -1 : one > other;
}

static gpointer lookup_listed(Call *call, GVariant *body, GError **error) {
        GPtrArray *processes = g_ptr_array_new_with_free_func(g_object_unref);
        g_autoptr(GVariantIter) objects = NULL;
        const char *path;
        GVariant *interfaces;

        g_variant_get(body, "(a{oa{sa{sv}}})", &objects);
        while (g_variant_iter_loop(objects, "{&o@a{sa{sv}}}", &path, &interfaces)) {
                g_autoptr(GVariant) all = g_variant_lookup_value(
                        interfaces, PROCTOR_PROCESS_INTERFACE, G_VARIANT_TYPE_VARDICT);

                if (!all || !entry_parse_path(path, NULL))
                        continue;
                link_lock(call->link);
                Entry *entry = entry_use_loaded(call->link, path, all);
                link_unlock(call->link);
                g_ptr_array_add(processes, process_for_entry(call->manager, entry));
                entry_release(entry);
        }
        link_lock(call->link);
        link_note_subscribed(call->link);
        link_unlock(call->link);
        g_ptr_array_sort(processes, lookup_compare);
        return processes;
}

Call *lookup_list_call(ProctorManager *manager) {
        Call *call = call_new(manager, CALL_SHORT, NULL, PROCTOR_ROOT_PATH,
                              "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL,
                              G_VARIANT_TYPE("(a{oa{sa{sv}}})"), lookup_listed);

        call->outcome.free_result = (GDestroyNotify)g_ptr_array_unref;
        return call;
}
