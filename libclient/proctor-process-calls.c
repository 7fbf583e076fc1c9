/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be done with one process. Each call is described once and then run in both ways. */

#include <proctor/proctor-process-calls.h>
#include <proctor/proctor-process-settings.h>

#include "activity.h"
#include "call.h"
#include "enums-internal.h"
#include "process-internal.h"
#include "triple.h"
#include "usage-internal.h"
#include "wait.h"

static Call *process_call(ProctorProcess *self, CallKind kind, const char *interface,
                          const char *method, GVariant *parameters, const char *reply_type,
                          CallHandler handler) {
        Entry *entry = process_get_entry(self);
        Call *call = call_new_for_entry(proctor_process_get_manager(self), kind, entry, interface,
                                        method, parameters,
                                        reply_type ? G_VARIANT_TYPE(reply_type) : NULL, handler);

        call_set_data(call, entry_ref(entry), entry_unref);
        return call;
}

static Call *process_own_call(ProctorProcess *self, const char *method, GVariant *parameters) {
        return process_call(self, CALL_SHORT, PROCTOR_PROCESS_INTERFACE, method, parameters, NULL,
                            call_ok);
}

/* wait */

/* To look is to ask: what the library knows may be older than what the caller knows. */
static gpointer process_look_handler(Call *call, GVariant *body, GError **error) {
        const char *result;
        int exit_code;

        g_variant_get(body, "(i&s)", &exit_code, &result);
        link_lock(call->link);
        entry_finish(call->data, exit_code, (ProctorResult)result_from_word(result));
        link_unlock(call->link);
        return CALL_OK;
}

static Call *process_look_call(ProctorProcess *self) {
        return process_call(self, CALL_SHORT, PROCTOR_PROCESS_INTERFACE, "Wait",
                            g_variant_new("(t)", (guint64)0), "(is)", process_look_handler);
}

static gboolean process_is_finished(ProctorProcess *self) {
        return proctor_process_get_state(self) == PROCTOR_STATE_FINISHED;
}

static void process_get_end(ProctorProcess *self, int *exit_code, ProctorResult *ret_result) {
        if (exit_code)
                *exit_code = proctor_process_get_exit_code(self);
        if (ret_result)
                *ret_result = proctor_process_get_result(self);
}

gboolean proctor_process_wait(ProctorProcess *self, guint64 timeout_usec, int *exit_code,
                              ProctorResult *ret_result, GCancellable *cancellable,
                              GError **error) {
        gboolean ended;

        g_return_val_if_fail(PROCTOR_IS_PROCESS(self), FALSE);

        if (timeout_usec == 0 && !process_is_finished(self)) {
                ended = call_run(process_look_call(self), cancellable, error) != NULL;
        } else {
                Entry *entry = process_get_entry(self);

                ended = wait_run(proctor_process_get_manager(self), &entry, 1, FALSE,
                                 PROCTOR_WAIT_MODE_ALL, timeout_usec, cancellable, error);
        }
        if (ended)
                process_get_end(self, exit_code, ret_result);
        return ended;
}

void proctor_process_wait_async(ProctorProcess *self, guint64 timeout_usec,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data) {
        g_return_if_fail(PROCTOR_IS_PROCESS(self));

        if (timeout_usec == 0 && !process_is_finished(self)) {
                call_run_async(process_look_call(self), self, proctor_process_wait_async,
                               cancellable, callback, user_data);
                return;
        }

        Entry *entry = process_get_entry(self);
        GTask *task = g_task_new(self, cancellable, callback, user_data);
        g_task_set_source_tag(task, proctor_process_wait_async);
        wait_run_async(proctor_process_get_manager(self), &entry, 1, FALSE, PROCTOR_WAIT_MODE_ALL,
                       timeout_usec, task);
}

gboolean proctor_process_wait_finish(ProctorProcess *self, GAsyncResult *result, int *exit_code,
                                     ProctorResult *ret_result, GError **error) {
        if (!call_finish(self, proctor_process_wait_async, result, error))
                return FALSE;
        process_get_end(self, exit_code, ret_result);
        return TRUE;
}

/* stop */

static Call *process_stop_call(ProctorProcess *self, ProctorStopMode mode) {
        return process_call(self, CALL_HELD, PROCTOR_PROCESS_INTERFACE, "Stop",
                            g_variant_new("(b)", mode == PROCTOR_STOP_MODE_FORCE), "(is)",
                            process_look_handler);
}

gboolean proctor_process_stop(ProctorProcess *self, ProctorStopMode mode, int *exit_code,
                              ProctorResult *ret_result, GCancellable *cancellable,
                              GError **error) {
        g_return_val_if_fail(PROCTOR_IS_PROCESS(self), FALSE);

        if (!call_run(process_stop_call(self, mode), cancellable, error))
                return FALSE;
        process_get_end(self, exit_code, ret_result);
        return TRUE;
}

void proctor_process_stop_async(ProctorProcess *self, ProctorStopMode mode,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data) {
        g_return_if_fail(PROCTOR_IS_PROCESS(self));

        call_run_async(process_stop_call(self, mode), self, proctor_process_stop_async, cancellable,
                       callback, user_data);
}

gboolean proctor_process_stop_finish(ProctorProcess *self, GAsyncResult *result, int *exit_code,
                                     ProctorResult *ret_result, GError **error) {
        if (!call_finish(self, proctor_process_stop_async, result, error))
                return FALSE;
        process_get_end(self, exit_code, ret_result);
        return TRUE;
}

#define DEFINE_PLAIN(name, expression, ...)                                                        \
        DEFINE_PROCESS_TRIPLE(name, gboolean, expression __VA_OPT__(, ) __VA_ARGS__)

/* What is no UTF-8 is no signal either; the service says so. */
static Call *process_signal_call(ProctorProcess *self, const char *signal_name) {
        g_autofree char *valid = g_utf8_make_valid(signal_name ? signal_name : "", -1);

        return process_own_call(self, "SendSignal", g_variant_new("(s)", valid));
}

DEFINE_PLAIN(send_signal, process_signal_call(self, signal_name), const char *signal_name)
DEFINE_PLAIN(report_activity, process_own_call(self, "ReportActivity", NULL))
DEFINE_PLAIN(collect, process_own_call(self, "Collect", NULL))

void proctor_process_touch(ProctorProcess *self) {
        g_return_if_fail(PROCTOR_IS_PROCESS(self));

        Entry *entry = process_get_entry(self);
        call_send_only(entry->link, entry_get_service(entry), entry->path,
                       PROCTOR_PROCESS_INTERFACE, "ReportActivity", NULL);
}

/* refresh, query_usage */

static gpointer process_refresh_handler(Call *call, GVariant *body, GError **error) {
        g_autoptr(GVariant) all = g_variant_get_child_value(body, 0);

        link_lock(call->link);
        link_note_subscribed(call->link);
        entry_load(call->data, all);
        link_unlock(call->link);
        return CALL_OK;
}

static Call *process_get_all_call(ProctorProcess *self, CallHandler handler) {
        return process_call(self, CALL_SHORT, "org.freedesktop.DBus.Properties", "GetAll",
                            g_variant_new("(s)", PROCTOR_PROCESS_INTERFACE), "(a{sv})", handler);
}

DEFINE_PLAIN(refresh, process_get_all_call(self, process_refresh_handler))

static gpointer process_usage_handler(Call *call, GVariant *body, GError **error) {
        g_autoptr(GVariant) all = g_variant_get_child_value(body, 0);

        process_refresh_handler(call, body, NULL);
        return usage_new(all);
}

static Call *process_usage_call(ProctorProcess *self) {
        Call *call = process_get_all_call(self, process_usage_handler);

        call->outcome.free_result = (GDestroyNotify)proctor_usage_unref;
        return call;
}

DEFINE_PROCESS_TRIPLE(query_usage, UsagePointer, process_usage_call(self))

/* get_dossier */

static gpointer process_dossier_handler(Call *call, GVariant *body, GError **error) {
        return g_variant_get_child_value(body, 0);
}

static Call *process_dossier_call(ProctorProcess *self) {
        Call *call = process_call(self, CALL_SHORT, PROCTOR_PROCESS_INTERFACE, "GetDossier", NULL,
                                  "(a{sv})", process_dossier_handler);

        call->outcome.free_result = (GDestroyNotify)g_variant_unref;
        return call;
}

DEFINE_PROCESS_TRIPLE(get_dossier, VariantPointer, process_dossier_call(self))

/* settings */

typedef struct Setting {
        Entry *entry;
        const char *name;
        GVariant *value;
} Setting;

static void setting_free(gpointer data) {
        Setting *setting = data;

        entry_unref(setting->entry);
        g_variant_unref(setting->value);
        g_free(setting);
}

/* What has been accepted holds, whether or not its change is announced to us. */
static gpointer process_setting_handler(Call *call, GVariant *body, GError **error) {
        Setting *setting = call->data;
        g_autoptr(GVariantDict) dict = g_variant_dict_new(NULL);
        g_autoptr(GVariant) changes = NULL;

        g_variant_dict_insert_value(dict, setting->name, setting->value);
        changes = g_variant_ref_sink(g_variant_dict_end(dict));
        link_lock(call->link);
        entry_apply(setting->entry, changes);
        link_unlock(call->link);
        return CALL_OK;
}

static Call *process_setting_call(ProctorProcess *self, const char *name, GVariant *value) {
        Entry *entry = process_get_entry(self);
        Setting *setting = g_new0(Setting, 1);
        Call *call;

        setting->entry = entry_ref(entry);
        setting->name = name;
        setting->value = g_variant_ref_sink(value);
        call = call_new_for_entry(proctor_process_get_manager(self), CALL_SHORT, entry,
                                  "org.freedesktop.DBus.Properties", "Set",
                                  g_variant_new("(ssv)", PROCTOR_PROCESS_INTERFACE, name, value),
                                  NULL, process_setting_handler);
        call_set_data(call, setting, setting_free);
        return call;
}

#define DEFINE_USEC(name, key)                                                                     \
        DEFINE_PLAIN(name, process_setting_call(self, key, g_variant_new_uint64(usec)),            \
                     guint64 usec)

DEFINE_USEC(set_timeout, PROCTOR_OPTION_TIMEOUT)
DEFINE_USEC(set_extra_buffer, PROCTOR_OPTION_EXTRA_BUFFER)
DEFINE_USEC(set_max_hang_time, PROCTOR_OPTION_MAX_HANG_TIME)
DEFINE_USEC(set_stop_timeout, PROCTOR_OPTION_STOP_TIMEOUT)
DEFINE_PLAIN(set_auto_kill,
             process_setting_call(self, PROCTOR_OPTION_AUTO_KILL,
                                  g_variant_new_boolean(auto_kill != FALSE)),
             gboolean auto_kill)

void proctor_process_set_activity_callback(ProctorProcess *self, ProctorActivityFunc func,
                                           gpointer user_data, GDestroyNotify destroy) {
        g_return_if_fail(PROCTOR_IS_PROCESS(self));

        g_autoptr(ActivitySource) source = func ? activity_source_new(func, user_data, destroy)
                                                : NULL;

        activity_begin(process_get_entry(self), source, 0);
}
