/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The way to the system bus of another machine. */

#include <gio/gio.h>

/* Starts ssh(1) to host, with systemd-stdio-bridge at the other end; what they carry is ret_stream.
 * Returns the process (transfer full), which ends with the stream, or NULL with error set. */
GSubprocess *remote_spawn(const char *host, GIOStream **ret_stream, GError **error);
