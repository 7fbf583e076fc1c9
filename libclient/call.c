/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls are sent as plain messages, and their answers are picked out by the link's filter, so that
 * an answer is understood in the worker thread before the next message is looked at. A bus allows
 * a connection some 128 calls without an answer: what goes beyond a window waits here. */

#include "call.h"

#include "entry.h"
#include "error-internal.h"
#include "manager-internal.h"

/* Of the bus's 128: some for quick calls, some for held ones, and a few for other users of the
 * connection. A private service limits nothing but the replies that it holds, to 128. */
#define BUS_WINDOW          60
#define PRIVATE_WINDOW      1024
#define PRIVATE_HELD_WINDOW 120

#define SHORT_TIMEOUT_SEC 25

static guint call_window(Link *link, CallKind kind) {
        if (link->on_bus)
                return BUS_WINDOW;
        return kind == CALL_HELD ? PRIVATE_HELD_WINDOW : PRIVATE_WINDOW;
}

static gpointer call_expire(Outcome *outcome, GError **error) {
        g_set_error(error, PROCTOR_ERROR, PROCTOR_ERROR_NO_REPLY,
                    "The process service did not answer within %d seconds", SHORT_TIMEOUT_SEC);
        return NULL;
}

static void call_withdraw(Outcome *outcome) {
        Call *call = (Call *)outcome;

        if (call->withdrawn)
                call->withdrawn(call);
        if (!call->is_queued)
                return;
        g_queue_unlink(&call->link->queued[call->kind], &call->queue_link);
        call->is_queued = FALSE;
        /* Never the last one: who withdraws it holds one, too. */
        outcome_unref(call);
}

static void call_free(Outcome *outcome) {
        Call *call = (Call *)outcome;

        outcome_done(outcome);
        if (call->free_data)
                call->free_data(call->data);
        g_clear_error(&call->failure);
        g_clear_pointer(&call->timer, g_source_unref);
        g_clear_object(&call->message);
        g_clear_object(&call->manager);
        link_unref(call->link);
        g_free(call);
}

static const OutcomeClass call_class = {
        .expire = call_expire,
        .withdraw = call_withdraw,
        .free = call_free,
};

static GDBusMessage *call_message(Link *link, const char *destination, const char *path,
                                  const char *interface, const char *method, GVariant *parameters) {
        if (!link->on_bus)
                destination = NULL;
        else if (!destination)
                destination = PROCTOR_BUS_NAME;

        GDBusMessage *message = g_dbus_message_new_method_call(destination, path, interface,
                                                               method);
        if (parameters)
                g_dbus_message_set_body(message, parameters);
        return message;
}

Call *call_new(ProctorManager *manager, CallKind kind, const char *destination, const char *path,
               const char *interface, const char *method, GVariant *parameters,
               const GVariantType *reply_type, CallHandler handler) {
        Call *call = call_new_for_link(manager_get_link(manager), kind, destination, path,
                                       interface, method, parameters, reply_type, handler);

        call->manager = g_object_ref(manager);
        return call;
}

Call *call_new_for_link(Link *link, CallKind kind, const char *destination, const char *path,
                        const char *interface, const char *method, GVariant *parameters,
                        const GVariantType *reply_type, CallHandler handler) {
        Call *call = g_new0(Call, 1);

        outcome_init(&call->outcome, &call_class, &link->mutex, NULL);
        call->link = link_ref(link);
        call->kind = kind;
        call->message = call_message(link, destination, path, interface, method, parameters);
        call->reply_type = reply_type;
        call->handler = handler;
        call->timeout_usec = kind == CALL_HELD ? PROCTOR_INFINITY
                                               : SHORT_TIMEOUT_SEC * (guint64)G_USEC_PER_SEC;
        call->queue_link.data = call;
        return call;
}

Call *call_new_for_entry(ProctorManager *manager, CallKind kind, Entry *entry,
                         const char *interface, const char *method, GVariant *parameters,
                         const GVariantType *reply_type, CallHandler handler) {
        Call *call = call_new(manager, kind, entry_get_service(entry), entry->path, interface,
                              method, parameters, reply_type, handler);

        call->failure = entry_why_not(entry);
        return call;
}

void call_set_data(Call *call, gpointer data, GDestroyNotify free_data) {
        call->data = data;
        call->free_data = free_data;
}

void call_set_fd_list(Call *call, GUnixFDList *fds) {
        if (fds && g_unix_fd_list_get_length(fds) > 0)
                g_dbus_message_set_unix_fd_list(call->message, fds);
}

/* With the mutex held, so that the filter does not see the answer before the serial is noted. */
static gboolean call_transmit(Call *call, GError **error) {
        Link *link = call->link;
        g_autoptr(GDBusMessage) message = g_steal_pointer(&call->message);

        if (!g_dbus_connection_send_message(link->connection, message,
                                            G_DBUS_SEND_MESSAGE_FLAGS_NONE, &call->serial, NULL)) {
                g_propagate_error(error, error_disconnected());
                return FALSE;
        }
        link->n_sent[call->kind]++;
        g_hash_table_insert(link->calls, GUINT_TO_POINTER(call->serial),
                            outcome_ref(&call->outcome));
        return TRUE;
}

/* With the mutex held. */
static gboolean call_submit(Call *call, GError **error) {
        Link *link = call->link;

        if (link->closed) {
                g_propagate_error(error, error_disconnected());
                return FALSE;
        }
        if (call->failure) {
                g_propagate_error(error, g_steal_pointer(&call->failure));
                return FALSE;
        }
        if (g_dbus_message_get_unix_fd_list(call->message) &&
            !(g_dbus_connection_get_capabilities(link->connection) &
              G_DBUS_CAPABILITY_FLAGS_UNIX_FD_PASSING)) {
                g_set_error_literal(error, PROCTOR_ERROR, PROCTOR_ERROR_NOT_SUPPORTED,
                                    "This connection does not pass file descriptors");
                return FALSE;
        }
        if (link->n_sent[call->kind] < call_window(link, call->kind))
                return call_transmit(call, error);

        outcome_ref(&call->outcome);
        call->is_queued = TRUE;
        g_queue_push_tail_link(&link->queued[call->kind], &call->queue_link);
        return TRUE;
}

/* An answer came: the next ones may go. With the mutex held; gives what is to be unreferenced. */
static GSList *call_pump(Link *link, CallKind kind) {
        GSList *done = NULL;

        while (link->n_sent[kind] < call_window(link, kind)) {
                GList *node = g_queue_pop_head_link(&link->queued[kind]);
                GError *error = NULL;

                if (!node)
                        break;

                Call *call = node->data;
                call->is_queued = FALSE;
                if (!call_transmit(call, &error))
                        outcome_settle(&call->outcome, NULL, error);
                done = g_slist_prepend(done, call);
        }
        return done;
}

gpointer call_run(Call *call, GCancellable *cancellable, GError **error) {
        gpointer result = NULL;
        gboolean sent = FALSE;

        if (!g_cancellable_set_error_if_cancelled(cancellable, error)) {
                link_lock(call->link);
                call->outcome.blocking = TRUE;
                sent = call_submit(call, error);
                link_unlock(call->link);
        }
        if (sent)
                result = outcome_wait(&call->outcome, call->timeout_usec, cancellable, error);
        outcome_unref(call);
        return result;
}

void call_run_async(Call *call, gpointer source, gpointer tag, GCancellable *cancellable,
                    GAsyncReadyCallback callback, gpointer user_data) {
        GTask *task = g_task_new(source, cancellable, callback, user_data);
        GError *error = NULL;

        g_task_set_source_tag(task, tag);
        if (g_task_return_error_if_cancelled(task)) {
                g_object_unref(task);
                outcome_unref(call);
                return;
        }
        outcome_bind(&call->outcome, task);
        link_lock(call->link);
        if (!call_submit(call, &error))
                outcome_settle(&call->outcome, NULL, error);
        link_unlock(call->link);
        outcome_arm(&call->outcome, call->timeout_usec, cancellable);
        outcome_unref(call);
}

gpointer call_finish(gpointer source, gpointer tag, GAsyncResult *result, GError **error) {
        g_return_val_if_fail(g_task_is_valid(result, source), NULL);
        g_return_val_if_fail(g_task_get_source_tag(G_TASK(result)) == tag, NULL);

        return g_task_propagate_pointer(G_TASK(result), error);
}

void call_run_detached(Call *call) {
        g_autoptr(GError) error = NULL;

        link_lock(call->link);
        gboolean sent = call_submit(call, &error);
        link_unlock(call->link);
        if (!sent && call->on_error)
                call->on_error(call, &error);
        outcome_unref(call);
}

gpointer call_chain(Call *call, const char *destination, const char *path, const char *interface,
                    const char *method, GVariant *parameters, const GVariantType *reply_type,
                    CallHandler handler, GError **error) {
        Link *link = call->link;
        gboolean sent = FALSE;

        call->message = call_message(link, destination, path, interface, method, parameters);
        call->reply_type = reply_type;
        call->handler = handler;
        link_lock(link);
        /* Nobody listens any more: what has been done so far is all there will be. */
        if (call->outcome.settled)
                g_propagate_error(error, error_disconnected());
        else
                sent = call_submit(call, error);
        link_unlock(link);
        return sent ? CALL_GOES_ON : NULL;
}

gpointer call_ok(Call *call, GVariant *body, GError **error) {
        return CALL_OK;
}

void call_send_only(Link *link, const char *destination, const char *path, const char *interface,
                    const char *method, GVariant *parameters) {
        g_autoptr(GDBusMessage)
                message = call_message(link, destination, path, interface, method, parameters);

        g_dbus_message_set_flags(message, G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);
        g_dbus_connection_send_message(link->connection, message, G_DBUS_SEND_MESSAGE_FLAGS_NONE,
                                       NULL, NULL);
}

static gpointer call_understand(Call *call, GDBusMessage *message, GError **error) {
        if (g_dbus_message_get_message_type(message) == G_DBUS_MESSAGE_TYPE_ERROR) {
                g_autoptr(GError) failure = error_from_message(message);
                gpointer result = call->on_error ? call->on_error(call, &failure) : NULL;

                if (!result)
                        g_propagate_error(error, g_steal_pointer(&failure));
                return result;
        }

        GVariant *body = g_dbus_message_get_body(message);
        if (call->reply_type && !(body && g_variant_is_of_type(body, call->reply_type))) {
                g_propagate_error(error, error_protocol("a call"));
                return NULL;
        }
        call->sender = g_dbus_message_get_sender(message);
        call->fds = g_dbus_message_get_unix_fd_list(message);
        return call->handler(call, body, error);
}

/* FALSE if somebody was faster: then nothing was taken. */
static gboolean call_try_settle(Call *call, gpointer result, GError *error) {
        /* Whoever blocks, or the object that the task is of, has a reference too, and goes on when
         * the mutex is free: after that the last one must not be ours, or the manager would be
         * disposed of in this thread. */
        if ((call->outcome.blocking || call->outcome.task) && !call->outcome.settled)
                g_clear_object(&call->manager);
        return outcome_settle(&call->outcome, result, error);
}

void call_settle_locked(Call *call, gpointer result, GError *error) {
        if (call_try_settle(call, result, error))
                return;
        if (result && call->outcome.free_result)
                call->outcome.free_result(result);
        g_clear_error(&error);
}

static void call_settle(Call *call, gpointer result, GError *error) {
        link_lock(call->link);
        gboolean settled = call_try_settle(call, result, error);
        link_unlock(call->link);

        if (settled)
                return;
        if (result && call->unwanted)
                call->unwanted(call, result);
        if (result && call->outcome.free_result)
                call->outcome.free_result(result);
        g_clear_error(&error);
}

void call_resume(Call *call, const char *destination, const char *path, const char *interface,
                 const char *method, GVariant *parameters, const GVariantType *reply_type,
                 CallHandler handler) {
        GError *error = NULL;

        if (!call_chain(call, destination, path, interface, method, parameters, reply_type, handler,
                        &error))
                call_settle(call, NULL, error);
}

gboolean call_take_reply(Link *link, GDBusMessage *message) {
        gpointer serial = GUINT_TO_POINTER(g_dbus_message_get_reply_serial(message));
        GSList *sent = NULL;
        GError *error = NULL;
        Call *call;

        link_lock(link);
        gboolean found = g_hash_table_steal_extended(link->calls, serial, NULL, (gpointer *)&call);
        if (found) {
                link->n_sent[call->kind]--;
                sent = call_pump(link, call->kind);
        }
        link_unlock(link);
        g_slist_free_full(sent, outcome_unref);
        if (!found)
                return FALSE;

        gpointer result = call_understand(call, message, &error);
        if (result != CALL_GOES_ON)
                call_settle(call, result, error);
        outcome_unref(call);
        return TRUE;
}

void call_fail_all(Link *link) {
        g_autoptr(GPtrArray) calls = g_ptr_array_new_with_free_func(outcome_unref);
        GHashTableIter iter;
        gpointer call;

        link_lock(link);
        g_hash_table_iter_init(&iter, link->calls);
        while (g_hash_table_iter_next(&iter, NULL, &call)) {
                g_ptr_array_add(calls, call);
                g_hash_table_iter_steal(&iter);
        }
        for (int kind = 0; kind < _CALL_KIND_MAX; kind++) {
                link->n_sent[kind] = 0;
                for (GList *node; (node = g_queue_pop_head_link(&link->queued[kind]));) {
                        ((Call *)node->data)->is_queued = FALSE;
                        g_ptr_array_add(calls, node->data);
                }
        }
        link_unlock(link);

        for (guint i = 0; i < calls->len; i++) {
                g_autoptr(GError) failure = error_disconnected();
                Call *each = calls->pdata[i];
                gpointer result = each->on_error ? each->on_error(each, &failure) : NULL;

                call_settle(each, result, g_steal_pointer(&failure));
        }
}
