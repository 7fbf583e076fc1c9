/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The watchdog of the service: its switch, its settings, and what it watches. */

#include <proctor/proctor-manager-watchdog.h>

#include "activity.h"
#include "config-internal.h"
#include "error-internal.h"
#include "lookup.h"
#include "manager-internal.h"
#include "triple.h"

#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"

static Call *watchdog_call(ProctorManager *self, const char *method, GVariant *parameters,
                           const char *reply_type, CallHandler handler) {
        return call_new(self, CALL_SHORT, NULL, PROCTOR_ROOT_PATH, PROCTOR_WATCHDOG_INTERFACE,
                        method, parameters, reply_type ? G_VARIANT_TYPE(reply_type) : NULL,
                        handler);
}

DEFINE_MANAGER_TRIPLE(start_watchdog, gboolean, watchdog_call(self, "Start", NULL, NULL, call_ok))
DEFINE_MANAGER_TRIPLE(stop_watchdog, gboolean, watchdog_call(self, "Stop", NULL, NULL, call_ok))
DEFINE_MANAGER_TRIPLE(unregister_process, gboolean,
                      watchdog_call(self, "UnregisterProcess", g_variant_new("(u)", (guint32)pid),
                                    NULL, call_ok),
                      guint pid)
DEFINE_MANAGER_TRIPLE(update_activity, gboolean,
                      watchdog_call(self, "UpdateActivity", g_variant_new("(u)", (guint32)pid),
                                    NULL, call_ok),
                      guint pid)
DEFINE_MANAGER_TRIPLE(register_process, ProcessPointer,
                      lookup_adopt_call(self, PROCTOR_WATCHDOG_INTERFACE, "RegisterProcess", pid,
                                        -1, config, &failure),
                      guint pid, ProctorProcessConfig *config)

/* is_registered: TRUE and FALSE as 2 and 1, for a result is never NULL */

static gpointer watchdog_is_registered(Call *call, GVariant *body, GError **error) {
        gboolean registered;

        g_variant_get(body, "(b)", &registered);
        return GINT_TO_POINTER(registered ? 2 : 1);
}

static Call *watchdog_is_registered_call(ProctorManager *self, guint pid) {
        return watchdog_call(self, "IsRegistered", g_variant_new("(u)", (guint32)pid), "(b)",
                             watchdog_is_registered);
}

static gboolean watchdog_get_registered(gpointer answer, gboolean *registered) {
        if (answer && registered)
                *registered = GPOINTER_TO_INT(answer) == 2;
        return answer != NULL;
}

gboolean proctor_manager_is_registered(ProctorManager *self, guint pid, gboolean *registered,
                                       GCancellable *cancellable, GError **error) {
        g_return_val_if_fail(PROCTOR_IS_MANAGER(self), FALSE);

        return watchdog_get_registered(
                call_run(watchdog_is_registered_call(self, pid), cancellable, error), registered);
}

void proctor_manager_is_registered_async(ProctorManager *self, guint pid, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data) {
        g_return_if_fail(PROCTOR_IS_MANAGER(self));

        call_run_async(watchdog_is_registered_call(self, pid), self,
                       proctor_manager_is_registered_async, cancellable, callback, user_data);
}

gboolean proctor_manager_is_registered_finish(ProctorManager *self, GAsyncResult *result,
                                              gboolean *registered, GError **error) {
        return watchdog_get_registered(
                call_finish(self, proctor_manager_is_registered_async, result, error), registered);
}

/* get_watchdog_config */

static gpointer watchdog_got_config(Call *call, GVariant *body, GError **error) {
        g_autoptr(GVariant) all = g_variant_get_child_value(body, 0);

        link_lock(call->link);
        link_note_subscribed(call->link);
        link_unlock(call->link);
        return watchdog_config_from_properties(all);
}

static Call *watchdog_get_config_call(ProctorManager *self) {
        Call *call = call_new(self, CALL_SHORT, NULL, PROCTOR_ROOT_PATH, PROPERTIES_INTERFACE,
                              "GetAll", g_variant_new("(s)", PROCTOR_WATCHDOG_INTERFACE),
                              G_VARIANT_TYPE("(a{sv})"), watchdog_got_config);

        call->outcome.free_result = g_object_unref;
        return call;
}

DEFINE_MANAGER_TRIPLE(get_watchdog_config, WatchdogConfigPointer, watchdog_get_config_call(self))

/* set_watchdog_config: one setting after the other */

typedef struct Settings {
        GVariant *dict;
        gsize next;
} Settings;

static void settings_free(gpointer data) {
        Settings *settings = data;

        g_variant_unref(settings->dict);
        g_free(settings);
}

/* The arguments of the next Set; NULL when all is said. */
static GVariant *settings_pop(Settings *settings) {
        g_autoptr(GVariant) value = NULL;
        const char *name;

        if (settings->next >= g_variant_n_children(settings->dict))
                return NULL;
        g_variant_get_child(settings->dict, settings->next++, "{&sv}", &name, &value);
        return g_variant_new("(ssv)", PROCTOR_WATCHDOG_INTERFACE, name, value);
}

static gpointer watchdog_set_next(Call *call, GVariant *body, GError **error) {
        GVariant *arguments = settings_pop(call->data);

        if (arguments)
                return call_chain(call, NULL, PROCTOR_ROOT_PATH, PROPERTIES_INTERFACE, "Set",
                                  arguments, NULL, watchdog_set_next, error);
        activity_review_all(call->manager);
        return CALL_OK;
}

static Call *watchdog_set_config_call(ProctorManager *self, ProctorWatchdogConfig *config) {
        Settings *settings = g_new0(Settings, 1);
        GVariant *arguments;
        Call *call;

        settings->dict = g_variant_ref_sink(watchdog_config_to_properties(config));
        arguments = settings_pop(settings);
        /* Nothing is set: still an answer of the service. */
        call = arguments ? call_new(self, CALL_SHORT, NULL, PROCTOR_ROOT_PATH, PROPERTIES_INTERFACE,
                                    "Set", arguments, NULL, watchdog_set_next)
                         : call_new(self, CALL_SHORT, NULL, PROCTOR_ROOT_PATH,
                                    "org.freedesktop.DBus.Peer", "Ping", NULL, NULL, call_ok);
        call_set_data(call, settings, settings_free);
        return call;
}

DEFINE_MANAGER_TRIPLE(set_watchdog_config, gboolean, watchdog_set_config_call(self, config),
                      ProctorWatchdogConfig *config)
