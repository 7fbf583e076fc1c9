/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ssh has a socket of ours as standard input and output, and our standard error: what it asks and
 * complains of is for the person at the terminal. It asks for a password at the terminal itself. */

#include "remote.h"

#include <errno.h>
#include <fcntl.h>
#include <proctor/proctor-error.h>
#include <sys/socket.h>
#include <unistd.h>

#include "error-internal.h"

static GSubprocess *remote_launch(const char *host, int fd, GError **error) {
        g_autoptr(GSubprocessLauncher)
                launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
        int copy = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

        g_subprocess_launcher_take_stdin_fd(launcher, fd);
        if (copy < 0) {
                g_set_error(error, PROCTOR_ERROR, PROCTOR_ERROR_UNAVAILABLE,
                            "A socket could not be copied: %s", g_strerror(errno));
                return NULL;
        }
        g_subprocess_launcher_take_stdout_fd(launcher, copy);
        return g_subprocess_launcher_spawn(launcher, error, "ssh", "-xT", "--", host,
                                           "systemd-stdio-bridge", NULL);
}

GSubprocess *remote_spawn(const char *host, GIOStream **ret_stream, GError **error) {
        g_autoptr(GSubprocess) ssh = NULL;
        g_autoptr(GSocket) socket = NULL;
        GError *failure = NULL;
        int fds[2];

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
                g_set_error(error, PROCTOR_ERROR, PROCTOR_ERROR_UNAVAILABLE,
                            "A pair of sockets could not be made: %s", g_strerror(errno));
                return NULL;
        }
        socket = g_socket_new_from_fd(fds[0], &failure);
        if (!socket) {
                close(fds[0]);
                close(fds[1]);
        } else {
                ssh = remote_launch(host, fds[1], &failure);
        }
        if (!ssh) {
                g_propagate_error(error, error_from_connecting(failure, "ssh did not start"));
                return NULL;
        }
        *ret_stream = G_IO_STREAM(g_socket_connection_factory_create_connection(socket));
        return g_steal_pointer(&ssh);
}
