/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBCLIENT_EMBEDDED_H
#define LIBCLIENT_EMBEDDED_H

/* A private service: the daemon on the other end of a socket pair. */

#include <gio/gio.h>

/* Starts it. Gives the process, and the stream that leads to it; nothing blocks on its answer. */
GSubprocess *embedded_spawn(GIOStream **ret_stream, GError **error);

#endif
