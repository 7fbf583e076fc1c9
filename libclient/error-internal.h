/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBCLIENT_ERROR_INTERNAL_H
#define LIBCLIENT_ERROR_INTERNAL_H

/* From the errors of the bus, of GIO and of the service to the one domain of the library. */

#include <gio/gio.h>
#include <proctor/proctor-error.h>

/* What an error message says. */
GError *error_from_message(GDBusMessage *message);

/* What a failure of GIO means for a user of the library, while the service was being reached.
 * Takes the error. */
GError *error_from_connecting(GError *error, const char *what);

/* The service has gone. */
GError *error_disconnected(void);

/* The service's answer is none. */
GError *error_protocol(const char *what);

#endif
