/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The service's end of a pseudo terminal, see the header. No path but that of the multiplexer is
 * opened: the other end is asked of the kernel. The Output reads one copy of the descriptor, the
 * terminal writes to another: an epoll takes each but once. */

#include "sys/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sys/pidfd.h"

/* What was read from a stream and not taken by the terminal yet. */
#define TYPED_BYTES 4096
#define TYPISTS_MAX 16

/* Somebody who types. What he sees is a Reader of the Output, with a copy of his descriptor. */
typedef struct Typist {
        Terminal *terminal;
        int fd;
        Watch watch; /* not while he has left and the terminal still owes him a look */
        GList link;
} Typist;

struct Terminal {
        Loop *loop;
        OutputBudget *budget;
        Output *output;
        int fd;
        Watch watch; /* only while something waits for room */
        GQueue typists;
        size_t at, length; /* of what waits */
        char typed[TYPED_BYTES];
};

static void on_typist(void *userdata, uint32_t events);

static void typist_free(Typist *typist) {
        Terminal *terminal = typist->terminal;

        loop_unwatch(&typist->watch);
        safe_close(typist->fd);
        g_queue_unlink(&terminal->typists, &typist->link);
        output_budget_give_reader(terminal->budget);
        g_free(typist);
}

static bool watch_typist(Typist *typist, uint32_t events) {
        loop_unwatch(&typist->watch);
        if (loop_watch_bulk(typist->terminal->loop, &typist->watch, typist->fd, events, on_typist,
                            typist) >= 0)
                return true;
        typist_free(typist);
        return false;
}

static void watch_typists(Terminal *terminal, uint32_t events) {
        for (GList *l = terminal->typists.head, *next; l; l = next) {
                next = l->next;
                watch_typist(l->data, events);
        }
}

static void on_room(void *userdata, uint32_t events);

/* Types what waits. Nobody is read from while something does; whoever leaves is noticed. */
static void type(Terminal *terminal, bool is_hung_up) {
        bool was_waiting = terminal->watch.loop;

        while (terminal->length > 0) {
                ssize_t n = write(terminal->fd, terminal->typed + terminal->at, terminal->length);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && (errno != EAGAIN || is_hung_up)) {
                        terminal->length = 0; /* nobody is left who could read it */
                        break;
                }
                if (n < 0)
                        break;
                terminal->at += (size_t)n;
                terminal->length -= (size_t)n;
        }
        if (terminal->length > 0 && !was_waiting) {
                if (loop_watch_bulk(terminal->loop, &terminal->watch, terminal->fd, EPOLLOUT,
                                    on_room, terminal) < 0)
                        terminal->length = 0;
                else
                        watch_typists(terminal, 0);
        }
        if (terminal->length == 0 && was_waiting) {
                loop_unwatch(&terminal->watch);
                watch_typists(terminal, EPOLLIN);
        }
}

static void on_room(void *userdata, uint32_t events) {
        type(userdata, events & EPOLLHUP);
}

static bool has_typed(const Typist *typist) {
        int n = 0;

        return ioctl(typist->fd, FIONREAD, &n) >= 0 && n > 0;
}

static void on_typist(void *userdata, uint32_t events) {
        Typist *typist = userdata;
        Terminal *terminal = typist->terminal;
        ssize_t n;

        if (terminal->length > 0) { /* he has left; what he has typed before is not lost */
                loop_unwatch(&typist->watch);
                if (!has_typed(typist))
                        typist_free(typist);
                return;
        }
        n = read(typist->fd, terminal->typed, sizeof terminal->typed);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (n <= 0) {
                typist_free(typist);
                return;
        }
        terminal->at = 0;
        terminal->length = (size_t)n;
        type(terminal, false);
}

/* One that belongs to another user than the service must be his, or he could not open it anew. */
static int open_ends(TerminalSize size, uid_t owner, int *ret_master, int *ret_slave) {
        _cleanup_close_ int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
        const struct winsize window = {.ws_row = size.rows, .ws_col = size.columns};
        _cleanup_close_ int slave = -EBADF;

        if (master < 0 || unlockpt(master) < 0)
                return -errno;
        slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (slave < 0 || ioctl(master, TIOCSWINSZ, &window) < 0)
                return -errno;
        if (owner != geteuid() && fchown(slave, owner, (gid_t)-1) < 0)
                return -errno;
        *ret_master = steal_fd(&master);
        *ret_slave = steal_fd(&slave);
        return 0;
}

int terminal_new(Loop *loop, OutputBudget *budget, size_t limit_bytes,
                 void (*on_bytes)(void *userdata), void *userdata, TerminalSize size, uid_t owner,
                 int *ret_end, Output **ret_output, Terminal **ret) {
        _cleanup_close_ int master = -EBADF, copy = -EBADF, slave = -EBADF;
        Terminal *terminal;
        int r;

        r = open_ends(size, owner, &master, &slave);
        if (r < 0)
                return r;
        copy = fcntl(master, F_DUPFD_CLOEXEC, 3);
        if (copy < 0)
                return -errno;
        r = output_new_for_fd(loop, budget, limit_bytes, on_bytes, userdata, steal_fd(&copy),
                              ret_output);
        if (r < 0)
                return r;
        terminal = g_new0(Terminal, 1);
        terminal->loop = loop;
        terminal->budget = budget;
        terminal->output = output_ref(*ret_output);
        terminal->fd = steal_fd(&master);
        (void)pidfd_park(&terminal->fd);
        g_queue_init(&terminal->typists);
        *ret_end = steal_fd(&slave);
        *ret = terminal;
        return 0;
}

Terminal *terminal_free(Terminal *terminal) {
        if (!terminal)
                return NULL;
        while (terminal->typists.head)
                typist_free(terminal->typists.head->data);
        loop_unwatch(&terminal->watch);
        output_unref(terminal->output);
        safe_close(terminal->fd);
        g_free(terminal);
        return NULL;
}

int terminal_resize(Terminal *terminal, TerminalSize size) {
        const struct winsize window = {.ws_row = size.rows, .ws_col = size.columns};

        return ioctl(terminal->fd, TIOCSWINSZ, &window) < 0 ? -errno : 0;
}

static int add_typist(Terminal *terminal, int fd) {
        Typist *typist;

        if (terminal->typists.length >= TYPISTS_MAX || !output_budget_take_reader(terminal->budget))
                return -EMFILE;
        typist = g_new0(Typist, 1);
        *typist = (Typist){.terminal = terminal, .fd = fd};
        typist->link.data = typist;
        g_queue_push_tail_link(&terminal->typists, &typist->link);
        return 0;
}

int terminal_open(Terminal *terminal, int *ret_fd) {
        _cleanup_close_ int ours = -EBADF, copy = -EBADF, theirs = -EBADF;
        Typist *typist;
        int ends[2], r;

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
                return -errno;
        ours = ends[0];
        theirs = ends[1];
        /* His end blocks, as a pipe of OpenOutput does. */
        if (fcntl(theirs, F_SETFL, 0) < 0)
                return -errno;
        (void)pidfd_park(&ours);
        copy = fcntl(ours, F_DUPFD_CLOEXEC, 3);
        if (copy < 0)
                return -errno;
        (void)pidfd_park(&copy);
        r = add_typist(terminal, ours);
        if (r < 0)
                return r;
        typist = terminal->typists.tail->data;
        (void)steal_fd(&ours);
        r = output_attach(terminal->output, copy);
        if (r < 0) {
                typist_free(typist);
                return r;
        }
        (void)steal_fd(&copy);
        if (!watch_typist(typist, terminal->length > 0 ? 0 : EPOLLIN))
                return -ENOMEM;
        *ret_fd = steal_fd(&theirs);
        return 0;
}
