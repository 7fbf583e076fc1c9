/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A real proctord on a dbus-daemon of its own, and a connection to it. Both are ended by their PIDs,
 * and do not outlive the test. PROCTOR_DAEMON names the service, PROCTOR_INTERFACES the folder of
 * the XML files. */

#include <gio/gio.h>

#include "util/check.h"

typedef struct Daemon {
        GPid bus_pid;
        GPid pid;
        char *address;
        GDBusConnection *connection;
} Daemon;

void daemon_init(Daemon *daemon);
/* SIGTERM to the service; its exit status is checked to be 0. */
void daemon_done(Daemon *daemon);

/* Blocks until the answer. Exactly one of the results is not NULL. */
GVariant *daemon_call(Daemon *daemon, const char *path, const char *interface, const char *member,
                      GVariant *arguments, GError **error);
/* "ok" or the name of the D-Bus error. */
char *daemon_answer(Daemon *daemon, const char *path, const char *interface, const char *member,
                    GVariant *arguments);

/* Starts argv with options (a{sv}, floating; NULL: none); its path, new string. */
char *daemon_start(Daemon *daemon, const char *const *argv, GVariant *options);

/* One of the XML files. */
char *daemon_read_xml(const char *interface);
