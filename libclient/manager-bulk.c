/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What concerns all processes of the caller at once, and the subscription. */

#include <proctor/proctor-manager-bulk.h>

#include "error-internal.h"
#include "manager-internal.h"
#include "triple.h"

static Call *bulk_call(ProctorManager *self, CallKind kind, const char *method,
                       GVariant *parameters, const char *reply_type, CallHandler handler) {
        return call_new(self, kind, NULL, PROCTOR_ROOT_PATH, PROCTOR_MANAGER_INTERFACE, method,
                        parameters, reply_type ? G_VARIANT_TYPE(reply_type) : NULL, handler);
}

/* Calls that answer with a dictionary, which goes on as it is. */
static gpointer bulk_dictionary(Call *call, GVariant *body, GError **error) {
        return g_variant_get_child_value(body, 0);
}

static Call *bulk_dictionary_call(ProctorManager *self, CallKind kind, const char *method,
                                  GVariant *parameters, const char *reply_type) {
        Call *call = bulk_call(self, kind, method, parameters, reply_type, bulk_dictionary);

        call->outcome.free_result = (GDestroyNotify)g_variant_unref;
        return call;
}

static Call *bulk_signal_call(ProctorManager *self, const char *signal_name) {
        g_autofree char *valid = g_utf8_make_valid(signal_name ? signal_name : "", -1);

        return bulk_dictionary_call(self, CALL_SHORT, "SendSignalToAll",
                                    g_variant_new("(s)", valid), "(a{ub})");
}

DEFINE_MANAGER_TRIPLE(send_signal_to_all, VariantPointer, bulk_signal_call(self, signal_name),
                      const char *signal_name)
DEFINE_MANAGER_TRIPLE(stop_all, VariantPointer,
                      bulk_dictionary_call(self, CALL_HELD, "StopAll",
                                           g_variant_new("(b)", mode == PROCTOR_STOP_MODE_FORCE),
                                           "(a{u(is)})"),
                      ProctorStopMode mode)
DEFINE_MANAGER_TRIPLE(get_stats, VariantPointer,
                      bulk_dictionary_call(self, CALL_SHORT, "GetStats", NULL, "(a{sv})"))
DEFINE_MANAGER_TRIPLE(shutdown, gboolean,
                      bulk_call(self, CALL_HELD, "Shutdown", NULL, NULL, call_ok))

/* cleanup_finished: the number plus one, for a result is never NULL */

static gpointer bulk_count(Call *call, GVariant *body, GError **error) {
        guint32 count;

        g_variant_get(body, "(u)", &count);
        return GSIZE_TO_POINTER((gsize)count + 1);
}

static Call *bulk_cleanup_call(ProctorManager *self) {
        return bulk_call(self, CALL_SHORT, "CleanupFinished", NULL, "(u)", bulk_count);
}

static gboolean bulk_get_count(gpointer answer, guint *n_forgotten) {
        if (answer && n_forgotten)
                *n_forgotten = (guint)(GPOINTER_TO_SIZE(answer) - 1);
        return answer != NULL;
}

gboolean proctor_manager_cleanup_finished(ProctorManager *self, guint *n_forgotten,
                                          GCancellable *cancellable, GError **error) {
        g_return_val_if_fail(PROCTOR_IS_MANAGER(self), FALSE);

        return bulk_get_count(call_run(bulk_cleanup_call(self), cancellable, error), n_forgotten);
}

void proctor_manager_cleanup_finished_async(ProctorManager *self, GCancellable *cancellable,
                                            GAsyncReadyCallback callback, gpointer user_data) {
        g_return_if_fail(PROCTOR_IS_MANAGER(self));

        call_run_async(bulk_cleanup_call(self), self, proctor_manager_cleanup_finished_async,
                       cancellable, callback, user_data);
}

gboolean proctor_manager_cleanup_finished_finish(ProctorManager *self, GAsyncResult *result,
                                                 guint *n_forgotten, GError **error) {
        return bulk_get_count(
                call_finish(self, proctor_manager_cleanup_finished_async, result, error),
                n_forgotten);
}

gboolean proctor_stats_lookup(GVariant *stats, const char *path, guint64 *value) {
        g_auto(GStrv) keys = NULL;
        g_autoptr(GVariant) found = NULL;

        g_return_val_if_fail(stats && g_variant_is_of_type(stats, G_VARIANT_TYPE_VARDICT), FALSE);
        g_return_val_if_fail(path, FALSE);

        keys = g_strsplit(path, "/", 0);
        found = g_variant_ref(stats);
        for (char **key = keys; *key; key++) {
                g_autoptr(GVariant) outer = g_steal_pointer(&found);

                if (g_variant_is_of_type(outer, G_VARIANT_TYPE("a{s*}")))
                        found = g_variant_lookup_value(outer, *key, NULL);
                if (!found)
                        return FALSE;
        }

        guint64 number;
        if (g_variant_is_of_type(found, G_VARIANT_TYPE_UINT64))
                number = g_variant_get_uint64(found);
        else if (g_variant_is_of_type(found, G_VARIANT_TYPE_UINT32))
                number = g_variant_get_uint32(found);
        else if (g_variant_is_of_type(found, G_VARIANT_TYPE_BOOLEAN))
                number = g_variant_get_boolean(found);
        else
                return FALSE;
        if (value)
                *value = number;
        return TRUE;
}

/* subscribe, unsubscribe */

static gpointer bulk_subscribed(Call *call, GVariant *body, GError **error) {
        link_lock(call->link);
        call->link->unsubscribe = FALSE;
        link_note_subscribed(call->link);
        link_unlock(call->link);
        return CALL_OK;
}

DEFINE_MANAGER_TRIPLE(subscribe, gboolean,
                      bulk_call(self, CALL_SHORT, "Subscribe", NULL, NULL, bulk_subscribed))

static gpointer bulk_unsubscribed(Call *call, GVariant *body, GError **error) {
        link_lock(call->link);
        call->link->subscription = 0;
        link_unlock(call->link);
        return CALL_OK;
}

/* Waits and lists that need the subscription go before: then the last of these ends it, and the service
 * is asked something harmless instead. */
static Call *bulk_unsubscribe_call(ProctorManager *self) {
        Link *link = manager_get_link(self);

        link_lock(link);
        gboolean needed = link->n_holds > 0;
        if (needed)
                link->unsubscribe = TRUE;
        link_unlock(link);
        if (needed)
                return call_new(self, CALL_SHORT, NULL, PROCTOR_ROOT_PATH,
                                "org.freedesktop.DBus.Peer", "Ping", NULL, NULL, call_ok);
        return bulk_call(self, CALL_SHORT, "Unsubscribe", NULL, NULL, bulk_unsubscribed);
}

DEFINE_MANAGER_TRIPLE(unsubscribe, gboolean, bulk_unsubscribe_call(self))
