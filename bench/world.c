/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starts services as their users would, waits until they answer, and ends them by pid. */

#include "world.h"

#include "floor-names.h"
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_TIMEOUT_SEC 10
#define END_TIMEOUT_MSEC  30000
#define CHILD_FD          3

static GArray *children; /* pid_t */
static char *directory;

/* --- processes -------------------------------------------------------------------------------- */

typedef enum Errors {
        ERRORS_SHOWN,
        ERRORS_HIDDEN,
} Errors;

/* Starts argv with pass_fd as descriptor 3. It is asked to end when we are gone, however that
 * happens. */
static pid_t start_child(char *const *argv, int pass_fd, Errors errors) {
        pid_t parent = getpid(), pid = fork();

        if (pid < 0)
                bench_wrong("fork: %s", g_strerror(errno));
        if (pid == 0) {
                prctl(PR_SET_PDEATHSIG, SIGTERM);
                if (getppid() != parent)
                        _exit(1);
                if (pass_fd == CHILD_FD)
                        fcntl(pass_fd, F_SETFD, 0);
                else if (pass_fd >= 0 && dup2(pass_fd, CHILD_FD) < 0)
                        _exit(1);
                if (errors == ERRORS_HIDDEN)
                        dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
                execv(argv[0], argv);
                fprintf(stderr, "bench: exec '%s': %s\n", argv[0], strerror(errno));
                _exit(127);
        }
        if (!children) {
                children = g_array_new(FALSE, FALSE, sizeof(pid_t));
                atexit(world_done);
        }
        g_array_append_val(children, pid);
        bench_noise_own(pid);
        return pid;
}

static void end_child(pid_t pid) {
        int pidfd = pidfd_open(pid, 0);

        pidfd_send_signal(pidfd, SIGTERM, NULL, 0);
        if (poll(&(struct pollfd){.fd = pidfd, .events = POLLIN}, 1, END_TIMEOUT_MSEC) <= 0) {
                fprintf(stderr, "bench: %d does not end when asked\n", pid);
                pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
        }
        close(pidfd);
        waitpid(pid, NULL, 0);
        bench_noise_disown(pid);
}

void world_done(void) {
        for (guint i = children ? children->len : 0; i > 0; i--)
                end_child(g_array_index(children, pid_t, i - 1));
        if (children)
                g_array_set_size(children, 0);
        /* Empty, unless the run ended in the middle of something. */
        if (directory) {
                g_autofree char *fifo = g_build_filename(directory, WORLD_FIFO, NULL);

                unlink(fifo);
                rmdir(directory);
        }
        g_clear_pointer(&directory, g_free);
}

void world_pin(void) {
        cpu_set_t all, one;

        CPU_ZERO(&one);
        sched_getaffinity(0, sizeof(all), &all);
        for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++)
                if (CPU_ISSET(cpu, &all))
                        CPU_SET(cpu, &one);
        sched_setaffinity(0, sizeof(one), &one);
        for (guint i = 0; i < children->len; i++)
                sched_setaffinity(g_array_index(children, pid_t, i), sizeof(one), &one);
}

void world_unpin(void) {
        cpu_set_t all;

        memset(&all, 0xff, sizeof(all));
        sched_setaffinity(0, sizeof(all), &all);
}

const char *world_directory(void) {
        if (!directory) {
                directory = g_dir_make_tmp("proctor-bench-XXXXXX", NULL);
                if (!directory)
                        bench_wrong("no temporary directory: %s", g_strerror(errno));
        }
        return directory;
}

/* --- the bus ---------------------------------------------------------------------------------- */

/* Returns its address, which stays valid to the end. */
static const char *start_bus(void) {
        g_autofree char *program = g_find_program_in_path("dbus-daemon");
        char print[] = "--print-address=3", line[512] = "";
        int fds[2];
        FILE *f;

        if (!program)
                bench_wrong("there is no dbus-daemon");
        if (pipe2(fds, O_CLOEXEC) < 0)
                bench_wrong("pipe: %s", g_strerror(errno));
        start_child((char *[]){program, (char *)"--session", (char *)"--nofork",
                               (char *)"--nopidfile", (char *)"--address=unix:tmpdir=/tmp", print,
                               NULL},
                    fds[1], ERRORS_HIDDEN);
        close(fds[1]);
        f = fdopen(fds[0], "re");
        if (!f || !fgets(line, sizeof(line), f))
                bench_wrong("dbus-daemon did not start");
        fclose(f);
        return g_intern_string(g_strstrip(line));
}

/* --- waiting ---------------------------------------------------------------------------------- */

static gboolean on_too_long(gpointer what) {
        bench_wrong("%s: took too long", (const char *)what);
        return G_SOURCE_REMOVE;
}

void world_run_until(const bool *done, const char *what, unsigned timeout_sec) {
        guint id = g_timeout_add_seconds(timeout_sec, on_too_long, (gpointer)what);

        while (!*done)
                g_main_context_iteration(NULL, TRUE);
        g_source_remove(id);
}

static void on_appeared(GDBusConnection *c, const char *name, const char *owner,
                        gpointer userdata) {
        *(bool *)userdata = true;
}

static void wait_for_name(Server *s) {
        g_autoptr(GDBusConnection) c = server_connect_gdbus(s);
        bool there = false;
        guint id = g_bus_watch_name_on_connection(c, s->name, 0, on_appeared, NULL, &there, NULL);

        world_run_until(&there, s->name, READY_TIMEOUT_SEC);
        g_bus_unwatch_name(id);
}

/* --- services --------------------------------------------------------------------------------- */

Server *server_start(ServerKind kind, Transport transport, const char *option) {
        char *program = kind == SERVER_FLOOR ? arg_options.floor_service : arg_options.proctord;
        g_autofree char *where = NULL;
        Server *s = g_new0(Server, 1);
        int fds[2] = {-1, -1};

        *s = (Server){.kind = kind, .transport = transport, .fd = -1};
        if (transport == TRANSPORT_BUS) {
                s->name = kind == SERVER_FLOOR ? FLOOR_NAME : "org.proctor1";
                s->address = start_bus();
                where = g_strdup_printf("--address=%s", s->address);
        } else {
                if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
                        bench_wrong("socketpair: %s", g_strerror(errno));
                where = g_strdup_printf("--private-fd=%d", CHILD_FD);
                s->fd = fds[0];
        }
        s->pid = start_child((char *[]){program, where, (char *)option, NULL}, fds[1],
                             ERRORS_SHOWN);
        if (fds[1] >= 0)
                close(fds[1]);
        if (s->name)
                wait_for_name(s);
        return s;
}

Server *server_stop(Server *s) {
        if (!s)
                return NULL;
        for (guint i = 0; i < children->len; i++)
                if (g_array_index(children, pid_t, i) == s->pid) {
                        g_array_remove_index(children, i);
                        break;
                }
        end_child(s->pid);
        if (s->fd >= 0)
                close(s->fd);
        g_free(s);
        return NULL;
}

GDBusConnection *server_try_gdbus(Server *s, GError **error) {
        g_autoptr(GSocket) socket = NULL;
        g_autoptr(GSocketConnection) stream = NULL;
        GDBusConnection *c;

        if (s->transport == TRANSPORT_BUS) {
                c = g_dbus_connection_new_for_address_sync(
                        s->address,
                        G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                        NULL, NULL, error);
        } else {
                socket = g_socket_new_from_fd(s->fd, error);
                if (!socket)
                        return NULL;
                s->fd = -1;
                stream = g_socket_connection_factory_create_connection(socket);
                c = g_dbus_connection_new_sync(G_IO_STREAM(stream), NULL,
                                               G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL,
                                               NULL, error);
        }
        if (c)
                g_dbus_connection_set_exit_on_close(c, FALSE);
        return c;
}

GDBusConnection *server_connect_gdbus(Server *s) {
        g_autoptr(GError) error = NULL;
        GDBusConnection *c = server_try_gdbus(s, &error);

        if (!c)
                bench_wrong("connection: %s", error->message);
        return c;
}

sd_bus *server_connect_sdbus(Server *s) {
        sd_bus *bus = NULL;
        int r = sd_bus_new(&bus);

        if (r >= 0 && s->transport == TRANSPORT_BUS) {
                r = sd_bus_set_bus_client(bus, 1);
                if (r >= 0)
                        r = sd_bus_set_address(bus, s->address);
        } else if (r >= 0) {
                r = sd_bus_set_fd(bus, s->fd, s->fd);
                s->fd = -1;
        }
        if (r >= 0)
                r = sd_bus_start(bus);
        if (r < 0)
                bench_wrong("sd-bus connection: %s", g_strerror(-r));
        return bus;
}
