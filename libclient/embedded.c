/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The daemon gets one end of a socket pair and nothing else of ours. When our end closes, however
 * this program ends, it ends what it started and exits. GSubprocess reaps it in GLib's own thread,
 * so that no zombie is left, whether or not a main context runs. */

#include "embedded.h"

#include <errno.h>
#include <gio/gunixsocketaddress.h>
#include <proctor/proctor-error.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "error-internal.h"

#define DAEMON_VARIABLE "PROCTOR_DAEMON"
#define DAEMON_FD       3

static const char *embedded_daemon(void) {
        /* Not for a program with raised privileges: its caller would choose what it runs. */
        const char *daemon = secure_getenv(DAEMON_VARIABLE);

        return daemon && *daemon ? daemon : PROCTOR_DAEMON_PATH;
}

GSubprocess *embedded_spawn(GIOStream **ret_stream, GError **error) {
        g_autoptr(GSubprocessLauncher) launcher = NULL;
        g_autoptr(GSubprocess) daemon = NULL;
        g_autoptr(GSocket) socket = NULL;
        GError *failure = NULL;
        int fds[2];

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
                g_set_error(error, PROCTOR_ERROR, PROCTOR_ERROR_UNAVAILABLE,
                            "A pair of sockets could not be made: %s", g_strerror(errno));
                return NULL;
        }
        /* Takes our end, as the launcher takes the other one: both close whatever happens. */
        socket = g_socket_new_from_fd(fds[0], &failure);
        if (!socket)
                close(fds[0]);
        launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
        g_subprocess_launcher_take_fd(launcher, fds[1], DAEMON_FD);
        /* A hang is told to this program by a signal; it needs no line on its standard error too. */
        if (socket)
                daemon = g_subprocess_launcher_spawn(launcher, &failure, embedded_daemon(),
                                                     "--private-fd=" G_STRINGIFY(DAEMON_FD),
                                                     "--log-level=ERROR", NULL);
        if (!daemon) {
                g_propagate_error(
                        error, error_from_connecting(failure, "The private service did not start"));
                return NULL;
        }
        *ret_stream = G_IO_STREAM(g_socket_connection_factory_create_connection(socket));
        return g_steal_pointer(&daemon);
}
