/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a manager comes to a service: connect, ask its version (which starts it, where the bus can),
 * ask its features. Once blocking, once asynchronous, with the same steps in the same order. */

#include "embedded.h"
#include "error-internal.h"
#include "manager-private.h"
#include "remote.h"

#define HELLO_STEPS 2

static const char *const hello_properties[HELLO_STEPS] = {"Version", "Features"};

#define BUS_FLAGS                                                                                  \
        (G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |                                           \
         G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION)

/* What could not be done, in a sentence that ends with why. */
static const char *manager_failure(ProctorManager *self) {
        if (self->host)
                return "The process service of that host cannot be reached";
        return self->embedded ? "The private process service did not start"
                              : "The process service cannot be reached";
}

static GError *manager_map_error(ProctorManager *self, GError *error) {
        /* Gone before it was ever there. */
        if (error->domain == PROCTOR_ERROR && error->code != PROCTOR_ERROR_DISCONNECTED)
                return error;
        if (error->domain == PROCTOR_ERROR) {
                g_error_free(error);
                return g_error_new(PROCTOR_ERROR, PROCTOR_ERROR_UNAVAILABLE, "%s: %s",
                                   manager_failure(self),
                                   self->embedded ? "it ended at once"
                                                  : "no such service is running on this bus");
        }
        return error_from_connecting(error, manager_failure(self));
}

/* A program of our own brings us to the service: the service itself, or a way to another machine. */
static gboolean manager_has_helper(const ProctorManager *self) {
        return self->embedded || self->host;
}

static GSubprocess *manager_spawn(ProctorManager *self, GIOStream **ret_stream, GError **error) {
        return self->host ? remote_spawn(self->host, ret_stream, error)
                          : embedded_spawn(ret_stream, error);
}

static GDBusConnectionFlags manager_stream_flags(const ProctorManager *self) {
        return self->host ? BUS_FLAGS : G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT;
}

/* The address of the bus that is meant; NULL if it needs none, or with an error. */
static char *manager_bus_address(ProctorManager *self, GCancellable *cancellable, GError **error) {
        if (self->address)
                return g_strdup(self->address);
        if (self->bus_type == G_BUS_TYPE_NONE) {
                g_set_error_literal(error, PROCTOR_ERROR, PROCTOR_ERROR_INVALID_ARGUMENT,
                                    "It is not said where the process service is");
                return NULL;
        }
        return g_dbus_address_get_for_bus_sync(self->bus_type, cancellable, error);
}

static void manager_take_connection(ProctorManager *self, GDBusConnection *connection) {
        if (connection) {
                self->connection = connection;
                self->owns_connection = TRUE;
                /* Losing the bus is for the program to hear, not to die of. */
                g_dbus_connection_set_exit_on_close(connection, FALSE);
        }
        self->link = link_new(self->connection, self, self->context);
}

static GDBusMessage *manager_hello(ProctorManager *self, int step) {
        GDBusMessage *message = g_dbus_message_new_method_call(
                self->link->on_bus ? PROCTOR_BUS_NAME : NULL, PROCTOR_ROOT_PATH,
                "org.freedesktop.DBus.Properties", "Get");

        g_dbus_message_set_body(
                message, g_variant_new("(ss)", PROCTOR_MANAGER_INTERFACE, hello_properties[step]));
        return message;
}

static gboolean manager_take_hello(ProctorManager *self, int step, GDBusMessage *reply,
                                   GError **error) {
        g_autoptr(GVariant) value = NULL;
        GVariant *body = g_dbus_message_get_body(reply);

        if (g_dbus_message_get_message_type(reply) == G_DBUS_MESSAGE_TYPE_ERROR) {
                g_propagate_error(error, manager_map_error(self, error_from_message(reply)));
                return FALSE;
        }
        if (body && g_variant_is_of_type(body, G_VARIANT_TYPE("(v)")))
                g_variant_get(body, "(v)", &value);
        if (!value || !g_variant_is_of_type(value, step == 0 ? G_VARIANT_TYPE_STRING
                                                             : G_VARIANT_TYPE_STRING_ARRAY)) {
                g_propagate_error(error, error_protocol("the first question"));
                return FALSE;
        }
        if (step == 0)
                self->version = g_variant_dup_string(value, NULL);
        else
                self->features = g_variant_dup_strv(value, NULL);
        if (step == HELLO_STEPS - 1)
                link_set_connected(self->link, g_dbus_message_get_sender(reply));
        return TRUE;
}

/* blocking */

static GDBusConnection *manager_connect(ProctorManager *self, GCancellable *cancellable,
                                        GError **error) {
        g_autoptr(GIOStream) stream = NULL;
        g_autofree char *address = NULL;

        if (manager_has_helper(self)) {
                self->daemon = manager_spawn(self, &stream, error);
                if (!self->daemon)
                        return NULL;
                return g_dbus_connection_new_sync(stream, NULL, manager_stream_flags(self), NULL,
                                                  cancellable, error);
        }
        address = manager_bus_address(self, cancellable, error);
        return address ? g_dbus_connection_new_for_address_sync(address, BUS_FLAGS, NULL,
                                                                cancellable, error)
                       : NULL;
}

static gboolean manager_init_sync(GInitable *initable, GCancellable *cancellable, GError **error) {
        ProctorManager *self = PROCTOR_MANAGER(initable);
        GError *failure = NULL;
        GDBusConnection *connection = NULL;

        if (!self->connection) {
                connection = manager_connect(self, cancellable, &failure);
                if (!connection) {
                        g_propagate_error(error, manager_map_error(self, failure));
                        return FALSE;
                }
        }
        manager_take_connection(self, connection);
        for (int step = 0; step < HELLO_STEPS; step++) {
                g_autoptr(GDBusMessage) message = manager_hello(self, step);
                g_autoptr(GDBusMessage) reply = g_dbus_connection_send_message_with_reply_sync(
                        self->connection, message, G_DBUS_SEND_MESSAGE_FLAGS_NONE, -1, NULL,
                        cancellable, &failure);

                if (!reply) {
                        g_propagate_error(error, manager_map_error(self, failure));
                        return FALSE;
                }
                if (!manager_take_hello(self, step, reply, error))
                        return FALSE;
        }
        return TRUE;
}

void manager_initable_init(GInitableIface *iface) {
        iface->init = manager_init_sync;
}

/* asynchronous; the task is handed from step to step, with the step as its data */

static void manager_say_hello(GTask *task, int step);

static void manager_on_hello(GObject *source, GAsyncResult *result, gpointer data) {
        g_autoptr(GTask) task = data;
        ProctorManager *self = g_task_get_source_object(task);
        int step = GPOINTER_TO_INT(g_task_get_task_data(task));
        GError *error = NULL;
        g_autoptr(GDBusMessage) reply = g_dbus_connection_send_message_with_reply_finish(
                self->connection, result, &error);

        if (!reply)
                g_task_return_error(task, manager_map_error(self, error));
        else if (!manager_take_hello(self, step, reply, &error))
                g_task_return_error(task, error);
        else if (step + 1 < HELLO_STEPS)
                manager_say_hello(g_steal_pointer(&task), step + 1);
        else
                g_task_return_boolean(task, TRUE);
}

static void manager_say_hello(GTask *task, int step) {
        ProctorManager *self = g_task_get_source_object(task);
        g_autoptr(GDBusMessage) message = manager_hello(self, step);

        g_task_set_task_data(task, GINT_TO_POINTER(step), NULL);
        g_dbus_connection_send_message_with_reply(
                self->connection, message, G_DBUS_SEND_MESSAGE_FLAGS_NONE, -1, NULL,
                g_task_get_cancellable(task), manager_on_hello, task);
}

static void manager_on_connection(GTask *task, GDBusConnection *connection, GError *error) {
        ProctorManager *self = g_task_get_source_object(task);

        if (!connection) {
                g_task_return_error(task, manager_map_error(self, error));
                g_object_unref(task);
                return;
        }
        manager_take_connection(self, connection);
        manager_say_hello(task, 0);
}

static void manager_on_new(GObject *source, GAsyncResult *result, gpointer data) {
        GError *error = NULL;
        GDBusConnection *connection = g_dbus_connection_new_finish(result, &error);

        manager_on_connection(data, connection, error);
}

static void manager_on_new_for_address(GObject *source, GAsyncResult *result, gpointer data) {
        GError *error = NULL;
        GDBusConnection *connection = g_dbus_connection_new_for_address_finish(result, &error);

        manager_on_connection(data, connection, error);
}

static void manager_connect_async(ProctorManager *self, GTask *task) {
        GCancellable *cancellable = g_task_get_cancellable(task);
        g_autoptr(GIOStream) stream = NULL;
        g_autofree char *address = NULL;
        GError *error = NULL;

        if (manager_has_helper(self)) {
                self->daemon = manager_spawn(self, &stream, &error);
                if (self->daemon)
                        g_dbus_connection_new(stream, NULL, manager_stream_flags(self), NULL,
                                              cancellable, manager_on_new, task);
                else
                        manager_on_connection(task, NULL, error);
                return;
        }
        /* Reads an environment variable; it blocks only where a bus has to be launched. */
        address = manager_bus_address(self, cancellable, &error);
        if (address)
                g_dbus_connection_new_for_address(address, BUS_FLAGS, NULL, cancellable,
                                                  manager_on_new_for_address, task);
        else
                manager_on_connection(task, NULL, error);
}

static void manager_init_async(GAsyncInitable *initable, int priority, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data) {
        ProctorManager *self = PROCTOR_MANAGER(initable);
        GTask *task = g_task_new(self, cancellable, callback, user_data);

        g_task_set_source_tag(task, manager_init_async);
        g_task_set_priority(task, priority);
        if (self->connection) {
                manager_take_connection(self, NULL);
                manager_say_hello(task, 0);
        } else {
                manager_connect_async(self, task);
        }
}

static gboolean manager_init_finish(GAsyncInitable *initable, GAsyncResult *result,
                                    GError **error) {
        return g_task_propagate_boolean(G_TASK(result), error);
}

void manager_async_initable_init(GAsyncInitableIface *iface) {
        iface->init_async = manager_init_async;
        iface->init_finish = manager_init_finish;
}

/* constructors */

/* What follows the value are the parameters before the cancellable. */
#define DEFINE_CONSTRUCTOR(name, property, value, ...)                                             \
        ProctorManager *proctor_manager_##name(                                                    \
                __VA_ARGS__ __VA_OPT__(, ) GCancellable *cancellable, GError **error) {            \
                return g_initable_new(PROCTOR_TYPE_MANAGER, cancellable, error, property, value,   \
                                      NULL);                                                       \
        }                                                                                          \
                                                                                                   \
        void proctor_manager_##name##_async(__VA_ARGS__ __VA_OPT__(, ) GCancellable *cancellable,  \
                                            GAsyncReadyCallback callback, gpointer user_data) {    \
                g_async_initable_new_async(PROCTOR_TYPE_MANAGER, G_PRIORITY_DEFAULT, cancellable,  \
                                           callback, user_data, property, value, NULL);            \
        }                                                                                          \
                                                                                                   \
        ProctorManager *proctor_manager_##name##_finish(GAsyncResult *result, GError **error) {    \
                g_autoptr(GObject) source = g_async_result_get_source_object(result);              \
                                                                                                   \
                return (ProctorManager *)g_async_initable_new_finish(G_ASYNC_INITABLE(source),     \
                                                                     result, error);               \
        }

DEFINE_CONSTRUCTOR(new_for_bus, "bus-type", bus_type, GBusType bus_type)
DEFINE_CONSTRUCTOR(new_for_address, "address", address, const char *address)
DEFINE_CONSTRUCTOR(new_for_host, "host", host, const char *host)
DEFINE_CONSTRUCTOR(new_for_connection, "connection", connection, GDBusConnection *connection)
DEFINE_CONSTRUCTOR(new_embedded, "embedded", TRUE)
