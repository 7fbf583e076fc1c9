/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The error domain. The service's own errors come from the list that it uses itself; the standard
 * ones of D-Bus are mapped here, because GDBus has them in a domain of its own already. */

#include "error-internal.h"

#include <string.h>

#include "dbus/proctor-names.h"

#define OWN_ENTRY(id, name) {PROCTOR_ERROR_##id, name},

static const GDBusErrorEntry own_errors[] = {PROCTOR_ERRORS(OWN_ENTRY)};

/* The order of the list is ABI: the codes are the public header's. */
#define OWN_POSITION(id, name) POSITION_##id,
enum { PROCTOR_ERRORS(OWN_POSITION) };
#define OWN_ASSERT(id, name)                                                                       \
        G_STATIC_ASSERT((int)PROCTOR_ERROR_##id ==                                                 \
                        (int)PROCTOR_ERROR_NO_SUCH_PROCESS + (int)POSITION_##id);
PROCTOR_ERRORS(OWN_ASSERT)

#define STANDARD(name) "org.freedesktop.DBus.Error." name

static const GDBusErrorEntry standard_errors[] = {
        {PROCTOR_ERROR_INVALID_ARGUMENT, STANDARD("InvalidArgs")},
        {PROCTOR_ERROR_INVALID_ARGUMENT, STANDARD("InvalidSignature")},
        {PROCTOR_ERROR_ACCESS_DENIED, STANDARD("AccessDenied")},
        {PROCTOR_ERROR_ACCESS_DENIED, STANDARD("AuthFailed")},
        {PROCTOR_ERROR_ACCESS_DENIED, STANDARD("PropertyReadOnly")},
        {PROCTOR_ERROR_LIMITS_EXCEEDED, STANDARD("LimitsExceeded")},
        {PROCTOR_ERROR_LIMITS_EXCEEDED, STANDARD("NoMemory")},
        {PROCTOR_ERROR_NOT_SUPPORTED, STANDARD("NotSupported")},
        {PROCTOR_ERROR_NOT_SUPPORTED, STANDARD("UnknownMethod")},
        {PROCTOR_ERROR_NOT_SUPPORTED, STANDARD("UnknownInterface")},
        {PROCTOR_ERROR_NOT_SUPPORTED, STANDARD("UnknownProperty")},
        {PROCTOR_ERROR_NO_SUCH_PROCESS, STANDARD("UnknownObject")},
        {PROCTOR_ERROR_DISCONNECTED, STANDARD("Disconnected")},
        {PROCTOR_ERROR_DISCONNECTED, STANDARD("NoReply")},
        {PROCTOR_ERROR_DISCONNECTED, STANDARD("NameHasNoOwner")},
        {PROCTOR_ERROR_DISCONNECTED, STANDARD("ServiceUnknown")},
        {PROCTOR_ERROR_UNAVAILABLE, STANDARD("NoServer")},
        {PROCTOR_ERROR_AUTHORIZATION_REQUIRED, STANDARD("InteractiveAuthorizationRequired")},
};

GQuark proctor_error_quark(void) {
        static gsize quark;

        g_dbus_error_register_error_domain("proctor-error-quark", &quark, own_errors,
                                           G_N_ELEMENTS(own_errors));
        return (GQuark)quark;
}

static int error_code(const char *name) {
        for (gsize i = 0; i < G_N_ELEMENTS(own_errors); i++)
                if (g_strcmp0(name, own_errors[i].dbus_error_name) == 0)
                        return own_errors[i].error_code;
        for (gsize i = 0; i < G_N_ELEMENTS(standard_errors); i++)
                if (g_strcmp0(name, standard_errors[i].dbus_error_name) == 0)
                        return standard_errors[i].error_code;
        /* Whatever kept the bus from starting the service. */
        if (name && g_str_has_prefix(name, STANDARD("Spawn.")))
                return PROCTOR_ERROR_UNAVAILABLE;
        return PROCTOR_ERROR_FAILED;
}

GError *error_from_message(GDBusMessage *message) {
        const char *name = g_dbus_message_get_error_name(message);
        GVariant *body = g_dbus_message_get_body(message);
        const char *text = NULL;
        int code = error_code(name);

        if (code == PROCTOR_ERROR_DISCONNECTED)
                return error_disconnected();
        if (body && g_variant_n_children(body) > 0) {
                g_autoptr(GVariant) first = g_variant_get_child_value(body, 0);

                if (g_variant_is_of_type(first, G_VARIANT_TYPE_STRING))
                        text = g_dbus_message_get_arg0(message);
        }
        if (!text || !*text)
                return g_error_new(PROCTOR_ERROR, code, "The service answered with the error %s",
                                   name ? name : "without a name");
        return g_error_new_literal(PROCTOR_ERROR, code, text);
}

GError *error_from_connecting(GError *error, const char *what) {
        if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
            error->domain == PROCTOR_ERROR)
                return error;
        g_dbus_error_strip_remote_error(error);

        GError *mapped = g_error_new(PROCTOR_ERROR, PROCTOR_ERROR_UNAVAILABLE, "%s: %s", what,
                                     error->message);
        g_error_free(error);
        return mapped;
}

GError *error_disconnected(void) {
        return g_error_new_literal(PROCTOR_ERROR, PROCTOR_ERROR_DISCONNECTED,
                                   "The process service has gone, or its connection was closed");
}

GError *error_protocol(const char *what) {
        return g_error_new(PROCTOR_ERROR, PROCTOR_ERROR_PROTOCOL,
                           "The process service answered %s with something unexpected", what);
}
