/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The floor: a trivial sd-bus service on a GLib main loop that starts a program and signals its
 * exit, with nothing around it. No policy, no registry, no options, no containment, no logging.
 * What proctord costs beyond this is what proctord costs. It is written as somebody would who knows
 * the matter: posix_spawn, one epoll over all pidfds as one GSource, a bus source that recomputes
 * its mask and timeout at every turn. It serves one end of a socket pair, or a bus address. */

#include "floor-names.h"
#include "floor-spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#define DISPATCH_MAX 32
#define EXITS_MAX    64

typedef struct Floor {
        sd_bus *bus;
        GMainLoop *loop;
        int epoll_fd;
        int null_fd;
        uint32_t n_running;
} Floor;

typedef struct Child {
        int pidfd;
        pid_t pid;
        char *owner;
} Child;

/* --- starting --------------------------------------------------------------------------------- */

static int watch(Floor *f, pid_t pid, const char *owner) {
        Child *c = g_new0(Child, 1);

        c->pid = pid;
        c->owner = g_strdup(owner);
        c->pidfd = pidfd_open(pid, 0);
        if (c->pidfd < 0 || epoll_ctl(f->epoll_fd, EPOLL_CTL_ADD, c->pidfd,
                                      &(struct epoll_event){EPOLLIN, {.ptr = c}}) < 0)
                g_error("cannot watch a child: %s", g_strerror(errno));
        f->n_running++;
        return 0;
}

static int on_start(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Floor *f = userdata;
        g_autofree char **argv = NULL;
        g_autoptr(GPtrArray) words = g_ptr_array_new();
        const char *word;
        pid_t pid;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "s");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_read_basic(m, 's', &word)) > 0)
                g_ptr_array_add(words, (char *)word);
        if (r < 0)
                return r;
        if (words->len == 0)
                return -EINVAL;
        g_ptr_array_add(words, NULL);
        argv = (char **)g_ptr_array_steal(words, NULL);

        r = floor_spawn(argv, f->null_fd, &pid);
        if (r < 0)
                return r;
        r = sd_bus_reply_method_return(m, "u", (uint32_t)pid);
        if (r < 0)
                return r;
        return watch(f, pid, sd_bus_message_get_sender(m));
}

/* --- exits ------------------------------------------------------------------------------------ */

static void send_exited(Floor *f, const Child *c, int exit_code) {
        sd_bus_message *m = NULL;

        if (sd_bus_message_new_signal(f->bus, &m, FLOOR_PATH, FLOOR_INTERFACE, "Exited") < 0)
                return;
        if (c->owner)
                sd_bus_message_set_destination(m, c->owner);
        sd_bus_message_append(m, "ui", (uint32_t)c->pid, exit_code);
        sd_bus_send(f->bus, m, NULL);
        sd_bus_message_unref(m);
}

static void on_exited(Floor *f, Child *c) {
        siginfo_t si = {};

        if (waitid(P_PIDFD, c->pidfd, &si, WEXITED | WNOHANG) < 0 || si.si_pid == 0)
                return;
        /* Out of the epoll before the close: a child between vfork and exec still holds a copy of
         * the descriptor, and close alone would leave a live entry behind. */
        epoll_ctl(f->epoll_fd, EPOLL_CTL_DEL, c->pidfd, NULL);
        close(c->pidfd);
        f->n_running--;
        send_exited(f, c, si.si_code == CLD_EXITED ? si.si_status : -si.si_status);
        g_free(c->owner);
        g_free(c);
}

static gboolean on_epoll(int fd, GIOCondition condition, void *userdata) {
        struct epoll_event events[EXITS_MAX];
        int n = epoll_wait(fd, events, EXITS_MAX, 0);

        for (int i = 0; i < n; i++)
                on_exited(userdata, events[i].data.ptr);
        return G_SOURCE_CONTINUE;
}

/* --- the bus in the loop ---------------------------------------------------------------------- */

typedef struct BusSource {
        GSource source;
        sd_bus *bus;
        GMainLoop *loop;
        GPollFD poll;
        bool more;
} BusSource;

static gboolean bus_prepare(GSource *source, int *timeout) {
        BusSource *s = (BusSource *)source;
        int events = sd_bus_get_events(s->bus);
        uint64_t usec = UINT64_MAX;
        int64_t left;

        *timeout = -1;
        if (events < 0 || s->more)
                return TRUE;
        s->poll.events = (gushort)events;
        if (sd_bus_get_timeout(s->bus, &usec) < 0)
                return TRUE;
        if (usec == UINT64_MAX)
                return FALSE;
        left = (int64_t)usec - g_get_monotonic_time();
        *timeout = left <= 0 ? 0 : (int)MIN((left + 999) / 1000, G_MAXINT);
        return left <= 0;
}

static gboolean bus_check(GSource *source) {
        BusSource *s = (BusSource *)source;
        uint64_t usec = UINT64_MAX;

        if (s->poll.revents || s->more)
                return TRUE;
        return sd_bus_get_timeout(s->bus, &usec) >= 0 && usec != UINT64_MAX &&
               (int64_t)usec <= g_get_monotonic_time();
}

static gboolean bus_dispatch(GSource *source, GSourceFunc callback, void *userdata) {
        BusSource *s = (BusSource *)source;
        int r = 1;

        /* Until it is empty, so that bytes which came with the end of the authentication are not
         * left behind, but not without bound, so that a flood does not hold exits up. */
        for (unsigned i = 0; r > 0 && i < DISPATCH_MAX; i++)
                r = sd_bus_process(s->bus, NULL);
        s->more = r > 0;
        if (r >= 0)
                return G_SOURCE_CONTINUE;
        g_main_loop_quit(s->loop);
        return G_SOURCE_REMOVE;
}

static GSourceFuncs bus_funcs = {
        .prepare = bus_prepare,
        .check = bus_check,
        .dispatch = bus_dispatch,
};

static void attach_bus(Floor *f) {
        GSource *source = g_source_new(&bus_funcs, sizeof(BusSource));
        BusSource *s = (BusSource *)source;

        s->bus = f->bus;
        s->loop = f->loop;
        s->poll = (GPollFD){.fd = sd_bus_get_fd(f->bus)};
        g_source_add_poll(source, &s->poll);
        g_source_attach(source, NULL);
        g_source_unref(source);
}

/* --- the rest --------------------------------------------------------------------------------- */

static int on_empty(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return sd_bus_reply_method_return(m, NULL);
}

static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Start", "as", "u", on_start, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Empty", "", "", on_empty, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_PROPERTY("NRunning", "u", NULL, offsetof(Floor, n_running), 0),
        SD_BUS_SIGNAL("Exited", "ui", 0),
        SD_BUS_VTABLE_END,
};

static int open_bus(Floor *f, int private_fd, const char *address) {
        sd_id128_t id;
        int r = sd_bus_new(&f->bus);

        if (r >= 0 && private_fd >= 0) {
                r = sd_id128_randomize(&id);
                if (r >= 0)
                        r = sd_bus_set_server(f->bus, 1, id);
                if (r >= 0)
                        r = sd_bus_set_fd(f->bus, private_fd, private_fd);
        } else if (r >= 0) {
                r = sd_bus_set_bus_client(f->bus, 1);
                if (r >= 0)
                        r = sd_bus_set_address(f->bus, address);
        }
        if (r >= 0)
                r = sd_bus_start(f->bus);
        if (r >= 0)
                r = sd_bus_add_object_vtable(f->bus, NULL, FLOOR_PATH, FLOOR_INTERFACE, vtable, f);
        if (r >= 0 && private_fd < 0)
                r = sd_bus_request_name(f->bus, FLOOR_NAME, 0);
        return r;
}

int main(int argc, char **argv) {
        Floor f = {};
        int private_fd = -1;
        const char *address = NULL;
        int r;

        for (int i = 1; i < argc; i++)
                if (g_str_has_prefix(argv[i], "--private-fd="))
                        private_fd = atoi(strchr(argv[i], '=') + 1);
                else if (g_str_has_prefix(argv[i], "--address="))
                        address = strchr(argv[i], '=') + 1;
        if (private_fd < 0 && !address) {
                fprintf(stderr, "usage: %s --private-fd=N | --address=ADDRESS\n", argv[0]);
                return 2;
        }

        if (private_fd >= 0)
                fcntl(private_fd, F_SETFD, FD_CLOEXEC);
        f.null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        f.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        f.loop = g_main_loop_new(NULL, FALSE);
        g_unix_fd_add_full(G_PRIORITY_HIGH, f.epoll_fd, G_IO_IN, on_epoll, &f, NULL);
        r = open_bus(&f, private_fd, address);
        if (r < 0) {
                fprintf(stderr, "floor-service: %s\n", g_strerror(-r));
                return 1;
        }
        attach_bus(&f);
        g_main_loop_run(f.loop);
        sd_bus_flush_close_unref(f.bus);
        return 0;
}
