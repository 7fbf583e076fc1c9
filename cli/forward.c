/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Receives signals through a descriptor, so that no code runs in a handler. */

#include "forward.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli.h"

static const int handled[] = {
        SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGTSTP, SIGCONT,
};

typedef struct Forward {
        ForwardFunc func;
        void *data;
        int fd;
} Forward;

static void forward_free(void *data) {
        Forward *forward = data;

        close(forward->fd);
        g_free(forward);
}

static gboolean on_readable(int fd, GIOCondition condition, void *data) {
        Forward *forward = data;
        struct signalfd_siginfo info;

        while (read(fd, &info, sizeof info) == sizeof info)
                forward->func((int)info.ssi_signo, forward->data);
        return G_SOURCE_CONTINUE;
}

bool forward_is_end(int signo) {
        return signo == SIGINT || signo == SIGTERM || signo == SIGHUP || signo == SIGQUIT;
}

/* What the caller has us ignore, as nohup(1) does with SIGHUP, is not received and not forwarded. */
static bool is_ignored(int signo) {
        struct sigaction action;

        return sigaction(signo, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

unsigned forward_watch(ForwardFunc func, void *data, GError **error) {
        Forward *forward;
        sigset_t set;
        int fd;

        sigemptyset(&set);
        for (size_t i = 0; i < G_N_ELEMENTS(handled); i++)
                if (!is_ignored(handled[i]))
                        sigaddset(&set, handled[i]);
        fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
        if (fd < 0 || pthread_sigmask(SIG_BLOCK, &set, NULL) != 0) {
                g_set_error(error, CLI_ERROR, CLI_ERROR_FAILED, "cannot receive signals: %s",
                            strerror(errno));
                if (fd >= 0)
                        close(fd);
                return 0;
        }
        forward = g_new0(Forward, 1);
        forward->func = func;
        forward->data = data;
        forward->fd = fd;
        return g_unix_fd_add_full(G_PRIORITY_HIGH, fd, G_IO_IN, on_readable, forward, forward_free);
}
