/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The list model: what its roster has heard, as objects in the order of their numbers. The order of
 * two that have the same number, one of them of a service that has gone, does not matter, but each
 * has to be found. */

#include <proctor/proctor-process-list.h>

#include "call.h"
#include "manager-internal.h"
#include "process-internal.h"
#include "roster.h"

struct _ProctorProcessList {
        GObject parent;
        ProctorManager *manager;
        ProctorListScope scope;
        Roster *roster;
        GSequence *items; /* of ProctorProcess */
};

enum { PROP_0, PROP_MANAGER, PROP_SCOPE, PROP_N_ITEMS, N_PROPS };

static GParamSpec *properties[N_PROPS];

static GType list_get_item_type(GListModel *model) {
        return PROCTOR_TYPE_PROCESS;
}

static guint list_get_n_items(GListModel *model) {
        return (guint)g_sequence_get_length(PROCTOR_PROCESS_LIST(model)->items);
}

static gpointer list_get_item(GListModel *model, guint position) {
        GSequence *items = PROCTOR_PROCESS_LIST(model)->items;

        if (position >= (guint)g_sequence_get_length(items))
                return NULL;
        return g_object_ref(g_sequence_get(g_sequence_get_iter_at_pos(items, (int)position)));
}

static void list_model_init(GListModelInterface *iface) {
        iface->get_item_type = list_get_item_type;
        iface->get_n_items = list_get_n_items;
        iface->get_item = list_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(ProctorProcessList, proctor_process_list, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(G_TYPE_LIST_MODEL, list_model_init))

static void proctor_process_list_finalize(GObject *object) {
        ProctorProcessList *self = PROCTOR_PROCESS_LIST(object);

        g_clear_pointer(&self->roster, roster_close);
        g_sequence_free(self->items);
        g_clear_object(&self->manager);
        G_OBJECT_CLASS(proctor_process_list_parent_class)->finalize(object);
}

static void proctor_process_list_get_property(GObject *object, guint id, GValue *value,
                                              GParamSpec *pspec) {
        ProctorProcessList *self = PROCTOR_PROCESS_LIST(object);

        switch (id) {
        case PROP_MANAGER:
                g_value_set_object(value, self->manager);
                break;
        case PROP_SCOPE:
                g_value_set_enum(value, (int)self->scope);
                break;
        case PROP_N_ITEMS:
                g_value_set_uint(value, list_get_n_items(G_LIST_MODEL(self)));
                break;
        default:
                G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
        }
}

static void proctor_process_list_class_init(ProctorProcessListClass *class) {
        GObjectClass *object_class = G_OBJECT_CLASS(class);
        GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

        object_class->finalize = proctor_process_list_finalize;
        object_class->get_property = proctor_process_list_get_property;
        properties[PROP_MANAGER] = g_param_spec_object("manager", NULL, "Whose processes they are",
                                                       PROCTOR_TYPE_MANAGER, flags);
        properties[PROP_SCOPE] = g_param_spec_enum("scope", NULL, "Which of its processes",
                                                   PROCTOR_TYPE_LIST_SCOPE, 0, flags);
        properties[PROP_N_ITEMS] = g_param_spec_uint("n-items", NULL, "How many there are", 0,
                                                     G_MAXUINT, 0, flags);
        g_object_class_install_properties(object_class, N_PROPS, properties);
}

static void proctor_process_list_init(ProctorProcessList *self) {
        self->items = g_sequence_new(g_object_unref);
}

static int list_compare(gconstpointer a, gconstpointer b, gpointer data) {
        guint64 one = proctor_process_get_id((ProctorProcess *)a);
        guint64 other = proctor_process_get_id((ProctorProcess *)b);

        if (one != other)
                return one < other ? -1 : 1;
        return a < b ? -1 : a > b;
}

static void list_changed(ProctorProcessList *self, guint position, gboolean added) {
        g_list_model_items_changed(G_LIST_MODEL(self), position, !added, added);
        g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_N_ITEMS]);
}

static void list_add(ProctorProcessList *self, Entry *entry) {
        GSequenceIter *iter = g_sequence_insert_sorted(
                self->items, process_for_entry(self->manager, entry), list_compare, NULL);

        list_changed(self, (guint)g_sequence_iter_get_position(iter), TRUE);
}

static void list_remove(ProctorProcessList *self, Entry *entry) {
        g_autoptr(ProctorProcess) process = process_for_entry(self->manager, entry);
        GSequenceIter *iter = g_sequence_lookup(self->items, process, list_compare, NULL);
        guint position = (guint)g_sequence_iter_get_position(iter);

        g_sequence_remove(iter);
        list_changed(self, position, FALSE);
}

static void list_make_changes(GObject *list, GQueue *changes) {
        ProctorProcessList *self = PROCTOR_PROCESS_LIST(list);

        for (GList *node = changes->head; node; node = node->next) {
                RosterChange *change = node->data;

                if (change->added)
                        list_add(self, change->entry);
                else
                        list_remove(self, change->entry);
        }
}

/* Worker thread: what comes after this answer comes after the list. */
static gpointer list_opened(Call *call, GVariant *body, GError **error) {
        ProctorProcessList *self = g_object_new(PROCTOR_TYPE_PROCESS_LIST, NULL);
        g_autoptr(GVariantIter) objects = NULL;
        const char *path;
        GVariant *interfaces;

        self->manager = g_object_ref(call->manager);
        self->scope = (ProctorListScope)GPOINTER_TO_INT(call->data);
        self->roster = roster_new(call->link, self->scope);
        g_variant_get(body, "(a{oa{sa{sv}}})", &objects);
        link_lock(call->link);
        while (g_variant_iter_loop(objects, "{&o@a{sa{sv}}}", &path, &interfaces)) {
                g_autoptr(GVariant) all = g_variant_lookup_value(
                        interfaces, PROCTOR_PROCESS_INTERFACE, G_VARIANT_TYPE_VARDICT);

                if (all && entry_parse_path(path, NULL))
                        entry_release_locked(entry_use_loaded(call->link, path, all));
        }
        link_note_subscribed(call->link);
        link_unlock(call->link);
        roster_attach(self->roster, G_OBJECT(self), list_make_changes);
        return self;
}

static Call *list_call(ProctorManager *manager, ProctorListScope scope) {
        Call *call = call_new(manager, CALL_SHORT, NULL, PROCTOR_ROOT_PATH,
                              "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL,
                              G_VARIANT_TYPE("(a{oa{sa{sv}}})"), list_opened);

        call->outcome.free_result = g_object_unref;
        call_set_data(call, GINT_TO_POINTER((int)scope), NULL);
        return call;
}

ProctorProcessList *proctor_process_list_new(ProctorManager *manager, ProctorListScope scope,
                                             GCancellable *cancellable, GError **error) {
        g_return_val_if_fail(PROCTOR_IS_MANAGER(manager), NULL);

        return call_run(list_call(manager, scope), cancellable, error);
}

void proctor_process_list_new_async(ProctorManager *manager, ProctorListScope scope,
                                    GCancellable *cancellable, GAsyncReadyCallback callback,
                                    gpointer user_data) {
        g_return_if_fail(PROCTOR_IS_MANAGER(manager));

        call_run_async(list_call(manager, scope), manager, proctor_process_list_new_async,
                       cancellable, callback, user_data);
}

ProctorProcessList *proctor_process_list_new_finish(GAsyncResult *result, GError **error) {
        g_autoptr(GObject) manager = g_async_result_get_source_object(result);

        return call_finish(manager, proctor_process_list_new_async, result, error);
}

ProctorManager *proctor_process_list_get_manager(ProctorProcessList *self) {
        g_return_val_if_fail(PROCTOR_IS_PROCESS_LIST(self), NULL);

        return self->manager;
}

ProctorListScope proctor_process_list_get_scope(ProctorProcessList *self) {
        g_return_val_if_fail(PROCTOR_IS_PROCESS_LIST(self), PROCTOR_LIST_SCOPE_LIVE);

        return self->scope;
}
