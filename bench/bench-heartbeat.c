/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a sign of life costs: as WATCHDOG=1 on the notify sockets of many processes, as fast as they
 * come, against a loop that reads the same datagrams and does nothing; and as a call without a
 * reply on the bus, against an empty method of the trivial service called the same way. */

#include "benches.h"
#include "crowd.h"
#include "harness.h"
#include "inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* The service takes a hundred messages a second from each; a round sends fewer. */
#define N_SOCKETS    1200
#define PER_SOCKET   80
#define SECOND_USEC  1100000
#define PATIENCE_SEC 30
#define PER_READ     32
#define ALIVE        "WATCHDOG=1"
#define PROCESS_NAME "org.proctor1.Process"

typedef struct Address {
        struct sockaddr_un name;
        socklen_t length;
} Address;

/* Somebody who reads datagrams. */
typedef struct Ears {
        pid_t pid;
        Address *addresses;
        unsigned n;
        Series *wall, *cpu;
} Ears;

/* --- the floor: a loop that reads them -------------------------------------------------------- */

static void read_some(int fd) {
        char text[4096], control[CMSG_SPACE(8 * sizeof(int))];

        for (unsigned i = 0; i < PER_READ; i++) {
                struct iovec iov = {.iov_base = text, .iov_len = sizeof text};
                struct msghdr header = {.msg_iov = &iov,
                                        .msg_iovlen = 1,
                                        .msg_control = control,
                                        .msg_controllen = sizeof control};
                struct cmsghdr *c;
                int passed;

                if (recvmsg(fd, &header, MSG_DONTWAIT) < 0)
                        return;
                c = CMSG_FIRSTHDR(&header);
                if (!c)
                        continue;
                memcpy(&passed, CMSG_DATA(c), sizeof passed);
                close(passed);
        }
}

static void listen_for_ever(int epoll_fd) {
        struct epoll_event events[64];

        for (;;) {
                int n = epoll_wait(epoll_fd, events, G_N_ELEMENTS(events), -1);

                for (int i = 0; i < n; i++)
                        read_some(events[i].data.fd);
        }
}

static int bind_one(int epoll_fd, Address *ret) {
        struct epoll_event event = {.events = EPOLLIN};
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        ret->name = (struct sockaddr_un){.sun_family = AF_UNIX};
        ret->length = sizeof ret->name;
        event.data.fd = fd;
        /* without a name the kernel chooses one */
        if (fd < 0 || bind(fd, (struct sockaddr *)&ret->name, sizeof(sa_family_t)) < 0 ||
            getsockname(fd, (struct sockaddr *)&ret->name, &ret->length) < 0 ||
            epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
                bench_wrong("cannot make a socket: %s", g_strerror(errno));
        return fd;
}

static void open_floor(Ears *ears) {
        g_autofree int *fds = g_new0(int, ears->n);
        int epoll_fd = epoll_create1(EPOLL_CLOEXEC);

        for (unsigned i = 0; i < ears->n; i++)
                fds[i] = bind_one(epoll_fd, &ears->addresses[i]);
        ears->pid = fork();
        if (ears->pid == 0)
                listen_for_ever(epoll_fd);
        bench_noise_own(ears->pid);
        for (unsigned i = 0; i < ears->n; i++)
                close(fds[i]);
        close(epoll_fd);
}

static void close_floor(Ears *ears) {
        kill(ears->pid, SIGKILL);
        waitpid(ears->pid, NULL, 0);
        bench_noise_disown(ears->pid);
}

/* --- proctord --------------------------------------------------------------------------------- */

/* What the program was told in its environment. */
static void read_address(pid_t pid, Address *ret) {
        g_autofree char *path = g_strdup_printf("/proc/%d/environ", (int)pid), *text = NULL;
        const char *at = NULL;
        gsize length = 0;

        if (g_file_get_contents(path, &text, &length, NULL))
                for (at = text; at < text + length && !g_str_has_prefix(at, "NOTIFY_SOCKET=@");)
                        at += strlen(at) + 1;
        if (!at || at >= text + length)
                bench_wrong("a process has no notify socket");
        at += strlen("NOTIFY_SOCKET=@");
        ret->name = (struct sockaddr_un){.sun_family = AF_UNIX};
        g_strlcpy(ret->name.sun_path + 1, at, sizeof ret->name.sun_path - 1);
        ret->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(at));
}

static char *start_listened(Server *s, GDBusConnection *c, pid_t *ret_pid) {
        static const char *const sources[] = {"notify", NULL};
        char *const argv[] = {arg_options.payload, (char *)"pause", NULL};
        GVariantBuilder options;

        g_variant_builder_init(&options, G_VARIANT_TYPE_VARDICT);
        g_variant_builder_add(&options, "{sv}", "ActivitySources", g_variant_new_strv(sources, -1));
        g_variant_builder_add(&options, "{sv}", "TimeoutUSec",
                              g_variant_new_uint64(CROWD_TIMEOUT_USEC));
        return proctord_start(s, c, argv, g_variant_builder_end(&options), ret_pid);
}

/* --- a round ---------------------------------------------------------------------------------- */

static void send_or_end(int fd, const Address *to, const char *text, int passed) {
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(sizeof(int))];
        } control = {.header = {.cmsg_level = SOL_SOCKET,
                                .cmsg_type = SCM_RIGHTS,
                                .cmsg_len = CMSG_LEN(sizeof(int))}};
        struct iovec iov = {.iov_base = (void *)text, .iov_len = strlen(text)};
        struct msghdr header = {.msg_name = (void *)&to->name,
                                .msg_namelen = to->length,
                                .msg_iov = &iov,
                                .msg_iovlen = 1};

        if (passed >= 0) {
                memcpy(CMSG_DATA(&control.header), &passed, sizeof passed);
                header.msg_control = &control;
                header.msg_controllen = sizeof control;
        }
        if (sendmsg(fd, &header, 0) < 0)
                bench_wrong("cannot send: %s", g_strerror(errno));
}

/* Returns when all that was sent before was worked off, by all. */
static void await_all(int fd, const Ears *ears) {
        struct pollfd end = {.events = 0};
        int ends[2];

        if (pipe2(ends, O_CLOEXEC) < 0)
                bench_wrong("pipe: %s", g_strerror(errno));
        for (unsigned i = 0; i < ears->n; i++)
                send_or_end(fd, &ears->addresses[i], "BARRIER=1", ends[1]);
        close(ends[1]);
        end.fd = ends[0];
        if (poll(&end, 1, PATIENCE_SEC * 1000) <= 0)
                bench_wrong("messages are not worked off");
        close(ends[0]);
}

static void run_ears(Ears *ears) {
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        double n = (double)(PER_SOCKET + 1) * ears->n, began;
        Usage before, after;

        g_usleep(SECOND_USEC); /* so that every socket may be read a hundred times again */
        inspect_process(ears->pid, &before);
        began = bench_now_usec();
        for (unsigned k = 0; k < PER_SOCKET; k++)
                for (unsigned i = 0; i < ears->n; i++)
                        send_or_end(fd, &ears->addresses[i], ALIVE, -1);
        await_all(fd, ears);
        series_add_figure(ears->wall, (bench_now_usec() - began) / n);
        inspect_process(ears->pid, &after);
        series_add_figure(ears->cpu, (double)(after.run_nsec - before.run_nsec) / 1e3 / n);
        close(fd);
}

static void check_heard(Server *s, GDBusConnection *c, GPtrArray *paths, double since) {
        for (unsigned i = 0; i < paths->len; i += MAX(paths->len / 10, 1)) {
                g_autoptr(GVariant) at = proctord_get(s, c, paths->pdata[i], PROCESS_NAME,
                                                      "LastActivityTimestampMonotonic");

                if ((double)g_variant_get_uint64(at) < since)
                        bench_wrong("a process was not heard");
        }
}

static void name_ears(Bench *b, Ears *ears, const char *who) {
        ears->addresses = g_new0(Address, ears->n);
        ears->wall = bench_series(b, "us", "a datagram on one of %u sockets, %s", ears->n, who);
        ears->cpu = bench_series(b, "us", "its CPU time for that, %s", who);
}

/* --- over the bus ----------------------------------------------------------------------------- */

typedef struct Report {
        Server *server;
        sd_bus *bus;
        char *path;
        const char *interface, *member;
        Series *series;
} Report;

static void run_report(Report *r, unsigned n, const char *peer_path) {
        double began = bench_now_usec();
        int result = 0;

        for (unsigned i = 0; i < n && result >= 0; i++) {
                sd_bus_message *m = NULL;

                result = sd_bus_message_new_method_call(r->bus, &m, r->server->name, r->path,
                                                        r->interface, r->member);
                if (result >= 0)
                        result = sd_bus_message_set_expect_reply(m, 0);
                if (result >= 0)
                        result = sd_bus_send(r->bus, m, NULL);
                sd_bus_message_unref(m);
                if (i % 64 == 63 && result >= 0)
                        result = sd_bus_flush(r->bus);
        }
        if (result >= 0)
                result = sd_bus_call_method(r->bus, r->server->name, peer_path,
                                            "org.freedesktop.DBus.Peer", "Ping", NULL, NULL, "");
        if (result < 0)
                bench_wrong("%s: %s", r->member, g_strerror(-result));
        series_add_figure(r->series, (bench_now_usec() - began) / n);
}

static char *start_reporter(Report *r) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus_message *reply = NULL;
        const char *path;
        char *copy;

        if (sd_bus_call_method(r->bus, r->server->name, "/org/proctor1", "org.proctor1.Manager",
                               "StartProcess", &error, &reply, "asa{sv}", 2, arg_options.payload,
                               "pause", 3, "TimeoutUSec", "t", UINT64_MAX, "Stdout", "s", "null",
                               "Stderr", "s", "null") < 0)
                bench_wrong("StartProcess: %s", error.message);
        if (sd_bus_message_read(reply, "ou", &path, NULL) < 0)
                bench_wrong("StartProcess: not an answer");
        copy = g_strdup(path);
        sd_bus_message_unref(reply);
        return copy;
}

static void open_reports(Bench *b, Report *floor, Report *own, Transport transport,
                         const char *name) {
        *floor = (Report){.server = server_start(SERVER_FLOOR, transport, NULL),
                          .path = g_strdup("/org/proctor1/bench/floor"),
                          .interface = "org.proctor1.bench.Floor",
                          .member = "Empty"};
        *own = (Report){.server = server_start(SERVER_PROCTORD, transport, "--log-level=ERROR"),
                        .interface = PROCESS_NAME,
                        .member = "ReportActivity"};
        floor->bus = server_connect_sdbus(floor->server);
        own->bus = server_connect_sdbus(own->server);
        own->path = start_reporter(own);
        floor->series = bench_series(b, "us", "empty method without a reply, trivial service, %s",
                                     name);
        own->series = bench_series(b, "us", "ReportActivity without a reply, %s", name);
}

static void close_report(Report *r) {
        sd_bus_flush_close_unref(r->bus);
        server_stop(r->server);
        g_free(r->path);
}

unsigned bench_heartbeat(void) {
        Bench *b = bench_new("heartbeat", "a sign of life: a datagram, or a call without a reply");
        Server *s = server_start(SERVER_PROCTORD, TRANSPORT_PAIR, "--log-level=ERROR");
        g_autoptr(GDBusConnection) c = server_connect_gdbus(s);
        g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
        unsigned n = (unsigned)bench_count(N_SOCKETS, 10), n_calls = arg_options.quick ? 100 : 5000;
        Ears floor = {.n = n}, own = {.n = n, .pid = s->pid};
        Report reports[2][2];
        int rounds = bench_rounds(7);

        name_ears(b, &floor, "a loop that reads it");
        name_ears(b, &own, "proctord");
        open_floor(&floor);
        for (unsigned i = 0; i < n; i++) {
                pid_t pid;

                g_ptr_array_add(paths, start_listened(s, c, &pid));
                read_address(pid, &own.addresses[i]);
        }
        open_reports(b, &reports[0][0], &reports[0][1], TRANSPORT_PAIR, "pair");
        open_reports(b, &reports[1][0], &reports[1][1], TRANSPORT_BUS, "dbus-daemon");
        for (int i = 0; i < rounds; i++) {
                double began = bench_now_usec();

                bench_round_begin(b);
                run_ears(&floor);
                run_ears(&own);
                for (unsigned t = 0; t < 2; t++)
                        for (unsigned k = 0; k < 2; k++)
                                run_report(&reports[t][k], n_calls, "/");
                bench_round_end(b);
                check_heard(s, c, paths, began);
        }
        bench_ratio(b, own.wall, floor.wall, 0);
        bench_ratio(b, own.cpu, floor.cpu, 0);
        for (unsigned t = 0; t < 2; t++)
                bench_ratio(b, reports[t][1].series, reports[t][0].series, 0);
        /* A hundred thousand a second. */
        if (!arg_options.quick)
                bench_goal(b, own.wall, GOAL_OF_MEDIAN, 10);
        for (unsigned t = 0; t < 2; t++)
                for (unsigned k = 0; k < 2; k++)
                        close_report(&reports[t][k]);
        close_floor(&floor);
        crowd_end(s, c);
        g_dbus_connection_close_sync(c, NULL, NULL);
        server_stop(s);
        g_free(floor.addresses);
        g_free(own.addresses);
        return bench_finish(b);
}
