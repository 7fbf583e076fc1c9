/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The manager as an object: its properties and signals, and its end. How it comes to a connection
 * is in manager-init.c, what it can do in manager-calls.c and its siblings. */

#include "manager-private.h"

enum {
        PROP_0,
        PROP_BUS_TYPE,
        PROP_ADDRESS,
        PROP_HOST,
        PROP_CONNECTION,
        PROP_EMBEDDED,
        PROP_CONNECTED,
        PROP_VERSION,
        PROP_FEATURES,
        PROP_SERVICE_PID,
        N_PROPS,
};

enum { SIGNAL_STARTED, SIGNAL_EXITED, SIGNAL_HUNG, N_SIGNALS };

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE_WITH_CODE(ProctorManager, proctor_manager, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(G_TYPE_INITABLE, manager_initable_init)
                                      G_IMPLEMENT_INTERFACE(G_TYPE_ASYNC_INITABLE,
                                                            manager_async_initable_init))

static void proctor_manager_dispose(GObject *object) {
        ProctorManager *self = PROCTOR_MANAGER(object);

        /* Not waited for: the private service ends by itself, and GLib reaps it. */
        if (self->link)
                link_close(self->link);
        if (self->connection && self->owns_connection &&
            !g_dbus_connection_is_closed(self->connection))
                g_dbus_connection_close(self->connection, NULL, NULL, NULL);
        self->owns_connection = FALSE;
        G_OBJECT_CLASS(proctor_manager_parent_class)->dispose(object);
}

static void proctor_manager_finalize(GObject *object) {
        ProctorManager *self = PROCTOR_MANAGER(object);

        g_clear_pointer(&self->link, link_unref);
        g_clear_object(&self->connection);
        g_clear_object(&self->daemon);
        g_clear_pointer(&self->context, g_main_context_unref);
        g_free(self->address);
        g_free(self->host);
        g_free(self->version);
        g_strfreev(self->features);
        G_OBJECT_CLASS(proctor_manager_parent_class)->finalize(object);
}

static void proctor_manager_get_property(GObject *object, guint id, GValue *value,
                                         GParamSpec *pspec) {
        ProctorManager *self = PROCTOR_MANAGER(object);

        switch (id) {
        case PROP_CONNECTION:
                g_value_set_object(value, self->connection);
                break;
        case PROP_EMBEDDED:
                g_value_set_boolean(value, self->embedded);
                break;
        case PROP_CONNECTED:
                g_value_set_boolean(value, proctor_manager_get_connected(self));
                break;
        case PROP_VERSION:
                g_value_set_string(value, self->version);
                break;
        case PROP_FEATURES:
                g_value_set_boxed(value, self->features);
                break;
        case PROP_SERVICE_PID:
                g_value_set_uint(value, proctor_manager_get_service_pid(self));
                break;
        default:
                G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
        }
}

static void proctor_manager_set_property(GObject *object, guint id, const GValue *value,
                                         GParamSpec *pspec) {
        ProctorManager *self = PROCTOR_MANAGER(object);

        switch (id) {
        case PROP_BUS_TYPE:
                self->bus_type = g_value_get_enum(value);
                break;
        case PROP_ADDRESS:
                self->address = g_value_dup_string(value);
                break;
        case PROP_HOST:
                self->host = g_value_dup_string(value);
                break;
        case PROP_CONNECTION:
                self->connection = g_value_dup_object(value);
                break;
        case PROP_EMBEDDED:
                self->embedded = g_value_get_boolean(value);
                break;
        default:
                G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
        }
}

static void manager_add_construction_properties(void) {
        GParamFlags flags = G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

        properties[PROP_BUS_TYPE] = g_param_spec_enum("bus-type", NULL, "The bus to connect to",
                                                      G_TYPE_BUS_TYPE, G_BUS_TYPE_NONE,
                                                      flags | G_PARAM_WRITABLE);
        properties[PROP_ADDRESS] = g_param_spec_string("address", NULL, "The bus to connect to",
                                                       NULL, flags | G_PARAM_WRITABLE);
        properties[PROP_HOST] = g_param_spec_string("host", NULL,
                                                    "The machine whose bus to connect to", NULL,
                                                    flags | G_PARAM_WRITABLE);
        properties[PROP_CONNECTION] = g_param_spec_object(
                "connection", NULL, "The connection that is used", G_TYPE_DBUS_CONNECTION,
                flags | G_PARAM_READWRITE);
        properties[PROP_EMBEDDED] = g_param_spec_boolean("embedded", NULL,
                                                         "Whether the service is a private one",
                                                         FALSE, flags | G_PARAM_READWRITE);
}

static void manager_add_properties(void) {
        GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

        properties[PROP_CONNECTED] = g_param_spec_boolean(
                "connected", NULL, "Whether the service is there", FALSE, flags);
        properties[PROP_VERSION] = g_param_spec_string("version", NULL, "Version of the service",
                                                       NULL, flags);
        properties[PROP_FEATURES] = g_param_spec_boxed("features", NULL, "What it can do",
                                                       G_TYPE_STRV, flags);
        properties[PROP_SERVICE_PID] = g_param_spec_uint(
                "service-pid", NULL, "PID of a private service", 0, G_MAXUINT, 0, flags);
}

static void proctor_manager_class_init(ProctorManagerClass *class) {
        GObjectClass *object_class = G_OBJECT_CLASS(class);

        object_class->dispose = proctor_manager_dispose;
        object_class->finalize = proctor_manager_finalize;
        object_class->get_property = proctor_manager_get_property;
        object_class->set_property = proctor_manager_set_property;
        manager_add_construction_properties();
        manager_add_properties();
        g_object_class_install_properties(object_class, N_PROPS, properties);

        signals[SIGNAL_STARTED] = g_signal_new("process-started", PROCTOR_TYPE_MANAGER,
                                               G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                               1, PROCTOR_TYPE_PROCESS);
        signals[SIGNAL_EXITED] = g_signal_new(
                "process-exited", PROCTOR_TYPE_MANAGER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 3, PROCTOR_TYPE_PROCESS, G_TYPE_INT, PROCTOR_TYPE_RESULT);
        signals[SIGNAL_HUNG] = g_signal_new(
                "process-hung", PROCTOR_TYPE_MANAGER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 4, PROCTOR_TYPE_PROCESS, G_TYPE_UINT64, G_TYPE_STRING, G_TYPE_STRING);
}

static void proctor_manager_init(ProctorManager *self) {
        self->context = g_main_context_ref_thread_default();
}

Link *manager_get_link(ProctorManager *self) {
        return self->link;
}

void manager_notify_connected(ProctorManager *self) {
        g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_CONNECTED]);
}

void manager_emit_started(ProctorManager *self, ProctorProcess *process) {
        g_signal_emit(self, signals[SIGNAL_STARTED], 0, process);
}

void manager_emit_exited(ProctorManager *self, ProctorProcess *process, int exit_code,
                         gint32 result) {
        g_signal_emit(self, signals[SIGNAL_EXITED], 0, process, exit_code, result);
}

void manager_emit_hung(ProctorManager *self, ProctorProcess *process, guint64 idle_usec,
                       const char *evidence, const char *action) {
        g_signal_emit(self, signals[SIGNAL_HUNG], 0, process, idle_usec, evidence, action);
}

GDBusConnection *proctor_manager_get_connection(ProctorManager *self) {
        g_return_val_if_fail(PROCTOR_IS_MANAGER(self), NULL);

        return self->connection;
}

gboolean proctor_manager_get_connected(ProctorManager *self) {
        g_return_val_if_fail(PROCTOR_IS_MANAGER(self), FALSE);

        return self->link && link_get_connected(self->link);
}

gboolean proctor_manager_get_embedded(ProctorManager *self) {
        g_return_val_if_fail(PROCTOR_IS_MANAGER(self), FALSE);

        return self->embedded;
}

const char *proctor_manager_get_version(ProctorManager *self) {
        g_return_val_if_fail(PROCTOR_IS_MANAGER(self), NULL);

        return self->version;
}

const char *const *proctor_manager_get_features(ProctorManager *self) {
        g_return_val_if_fail(PROCTOR_IS_MANAGER(self), NULL);

        return (const char *const *)self->features;
}

guint proctor_manager_get_service_pid(ProctorManager *self) {
        const char *pid;

        g_return_val_if_fail(PROCTOR_IS_MANAGER(self), 0);

        /* NULL once it has been reaped. */
        pid = self->daemon ? g_subprocess_get_identifier(self->daemon) : NULL;
        return pid ? (guint)g_ascii_strtoull(pid, NULL, 10) : 0;
}

/* close */

static gboolean manager_begin_close(ProctorManager *self) {
        gboolean close = self->owns_connection && !g_dbus_connection_is_closed(self->connection);

        link_close(self->link);
        return close;
}

gboolean proctor_manager_close(ProctorManager *self, GCancellable *cancellable, GError **error) {
        g_autoptr(GError) failure = NULL;

        g_return_val_if_fail(PROCTOR_IS_MANAGER(self), FALSE);

        if (g_cancellable_set_error_if_cancelled(cancellable, error))
                return FALSE;
        /* It may close by itself meanwhile, which is what is wanted. */
        if (manager_begin_close(self))
                g_dbus_connection_close_sync(self->connection, cancellable, &failure);
        if (g_cancellable_set_error_if_cancelled(cancellable, error))
                return FALSE;
        return !self->daemon || g_subprocess_wait(self->daemon, cancellable, error);
}

static void manager_on_daemon_gone(GObject *daemon, GAsyncResult *result, gpointer data) {
        g_autoptr(GTask) task = data;
        GError *error = NULL;

        if (g_subprocess_wait_finish(G_SUBPROCESS(daemon), result, &error))
                g_task_return_boolean(task, TRUE);
        else
                g_task_return_error(task, error);
}

static void manager_wait_for_daemon(ProctorManager *self, GTask *task) {
        if (self->daemon) {
                g_subprocess_wait_async(self->daemon, g_task_get_cancellable(task),
                                        manager_on_daemon_gone, task);
                return;
        }
        g_task_return_boolean(task, TRUE);
        g_object_unref(task);
}

static void manager_on_closed(GObject *connection, GAsyncResult *result, gpointer data) {
        GTask *task = data;

        g_dbus_connection_close_finish(G_DBUS_CONNECTION(connection), result, NULL);
        manager_wait_for_daemon(g_task_get_source_object(task), task);
}

void proctor_manager_close_async(ProctorManager *self, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data) {
        g_return_if_fail(PROCTOR_IS_MANAGER(self));

        GTask *task = g_task_new(self, cancellable, callback, user_data);
        g_task_set_source_tag(task, proctor_manager_close_async);
        if (g_task_return_error_if_cancelled(task)) {
                g_object_unref(task);
                return;
        }
        if (manager_begin_close(self))
                g_dbus_connection_close(self->connection, cancellable, manager_on_closed, task);
        else
                manager_wait_for_daemon(self, task);
}

gboolean proctor_manager_close_finish(ProctorManager *self, GAsyncResult *result, GError **error) {
        g_return_val_if_fail(g_task_is_valid(result, self), FALSE);

        return g_task_propagate_boolean(G_TASK(result), error);
}
