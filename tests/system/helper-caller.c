/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A caller on the system bus that does what busctl cannot: it leaves without waiting for the answer,
 * listens to everything that it can get, passes descriptors, keeps a user at all his limits, and
 * measures how long calls take. It runs in the container as whoever started it. */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <time.h>
#include <unistd.h>

#define NAME     "org.proctor1"
#define ROOT     "/org/proctor1"
#define MANAGER  "org.proctor1.Manager"
#define PROCESS  "org.proctor1.Process"
#define WATCHDOG "org.proctor1.Watchdog"
#define BUS      "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"

#define FDS_PER_MESSAGE 16 /* what the system bus lets through */
#define SAMPLES_MAX     1000000
#define N_WAITERS       4
#define N_LISTERS       8
#define N_HELD          128
#define N_RUNNING       256

static uint64_t now_usec(void) {
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void sleep_usec(uint64_t usec) {
        struct timespec t = {(time_t)(usec / 1000000), (long)(usec % 1000000) * 1000};

        while (nanosleep(&t, &t) < 0 && errno == EINTR)
                ;
}

static void must(int r, const char *what) {
        if (r >= 0)
                return;
        fprintf(stderr, "helper-caller: %s: %s\n", what, strerror(-r));
        exit(1);
}

static sd_bus *connect_bus(void) {
        sd_bus *bus;

        must(sd_bus_open_system(&bus), "connect");
        return bus;
}

/* The answer in one line: a name of an error, or "ok". */
static void tell(const char *what, int r, const sd_bus_error *error) {
        printf("%s: %s\n", what, r < 0 ? (error->name ? error->name : strerror(-r)) : "ok");
        fflush(stdout);
}

/* A message to the manager or to the object at path. */
static sd_bus_message *message(sd_bus *bus, const char *path, const char *interface,
                               const char *member) {
        sd_bus_message *m;

        must(sd_bus_message_new_method_call(bus, &m, NAME, path, interface, member), "message");
        return m;
}

static sd_bus_message *start_message(sd_bus *bus, char *const *argv, const char *user) {
        sd_bus_message *m = message(bus, ROOT, MANAGER, "StartProcess");

        must(sd_bus_message_append_strv(m, (char **)argv), "append");
        if (user)
                must(sd_bus_message_append(m, "a{sv}", 1, "User", "s", user), "append");
        else
                must(sd_bus_message_append(m, "a{sv}", 0), "append");
        return m;
}

/* vanish N start-as USER COMMAND... | N stop PATH | N signal PATH | N configure */
static sd_bus_message *guarded_message(sd_bus *bus, char *const *argv) {
        sd_bus_message *m;

        if (strcmp(argv[0], "start-as") == 0)
                return start_message(bus, argv + 2, argv[1]);
        if (strcmp(argv[0], "stop") == 0) {
                m = message(bus, argv[1], PROCESS, "Stop");
                must(sd_bus_message_append(m, "b", 1), "append");
                return m;
        }
        if (strcmp(argv[0], "signal") == 0) {
                m = message(bus, argv[1], PROCESS, "SendSignal");
                must(sd_bus_message_append(m, "s", "force"), "append");
                return m;
        }
        m = message(bus, ROOT, "org.freedesktop.DBus.Properties", "Set");
        must(sd_bus_message_append(m, "ssv", WATCHDOG, "AutoKill", "b", 0), "append");
        return m;
}

static int vanish(char **argv) {
        static const uint64_t delays[] = {0, 1000, 2000, 4000, 8000};
        int n = atoi(argv[0]);

        for (int i = 0; i < n; i++) {
                sd_bus *bus = connect_bus();
                sd_bus_message *m = guarded_message(bus, argv + 1);

                /* whoever could be asked for a password is gone before he is */
                must(sd_bus_message_set_allow_interactive_authorization(m, i % 2), "flag");
                must(sd_bus_send(bus, m, NULL), "send");
                must(sd_bus_flush(bus), "flush");
                sd_bus_message_unref(m);
                sleep_usec(delays[i % 5]);
                sd_bus_close(bus);
                sd_bus_unref(bus);
        }
        printf("%d\n", n);
        return 0;
}

/* Whether it says that the service has come, for the first time or again. */
static bool has_come(sd_bus_message *m) {
        const char *name, *before, *now;

        return sd_bus_message_is_signal(m, BUS, "NameOwnerChanged") > 0 &&
               sd_bus_message_rewind(m, 1) >= 0 &&
               sd_bus_message_read(m, "sss", &name, &before, &now) > 0 && strcmp(name, NAME) == 0 &&
               *now;
}

static int on_any(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        sd_bus_message_dump(m, stdout, SD_BUS_MESSAGE_DUMP_WITH_HEADER);
        fflush(stdout);
        if (has_come(m)) {
                sd_bus_message *subscribe = message(sd_bus_message_get_bus(m), ROOT, MANAGER,
                                                    "Subscribe");

                must(sd_bus_send(NULL, subscribe, NULL), "send");
                sd_bus_message_unref(subscribe);
        }
        return 0;
}

/* Asks for everything, of each service that comes, and writes down all that comes. */
static int listen_to_all(char **argv) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus *bus = connect_bus();
        int r;

        must(sd_bus_add_filter(bus, NULL, on_any, NULL), "filter");
        r = sd_bus_call_method(bus, BUS, BUS_PATH, "org.freedesktop.DBus.Monitoring",
                               "BecomeMonitor", &error, NULL, "asu", 0, 0);
        tell("monitor", r, &error);
        sd_bus_error_free(&error);
        r = sd_bus_call_method(bus, BUS, BUS_PATH, BUS, "AddMatch", &error, NULL, "s", "");
        tell("match", r, &error);
        sd_bus_error_free(&error);
        r = sd_bus_call_method(bus, BUS, BUS_PATH, BUS, "AddMatch", &error, NULL, "s",
                               "eavesdrop='true'");
        tell("eavesdrop", r, &error);
        sd_bus_error_free(&error);
        r = sd_bus_call_method(bus, NAME, ROOT, MANAGER, "Subscribe", &error, NULL, "");
        tell("subscribe", r, &error);
        r = sd_bus_call_method(bus, NAME, ROOT, "org.freedesktop.DBus.ObjectManager",
                               "GetManagedObjects", &error, NULL, "");
        tell("objects", r, &error);
        puts("ready");
        fflush(stdout);
        for (;;) {
                r = sd_bus_process(bus, NULL);
                if (r < 0)
                        return 0;
                if (r == 0)
                        sd_bus_wait(bus, UINT64_MAX);
        }
}

static void *stay(void *tid) {
        __atomic_store_n((pid_t *)tid, (pid_t)syscall(SYS_gettid), __ATOMIC_RELEASE);
        for (;;)
                pause();
        return NULL;
}

/* Of a thread and not of its process; kernels that have no such descriptor refuse it themselves. */
static int open_thread(uint32_t *ret_tid) {
        pthread_t thread;
        pid_t tid = 0;
        int fd;

        must(-pthread_create(&thread, NULL, stay, &tid), "thread");
        while (!__atomic_load_n(&tid, __ATOMIC_ACQUIRE))
                sched_yield();
        fd = (int)syscall(SYS_pidfd_open, tid, O_EXCL /* PIDFD_THREAD */);
        *ret_tid = (uint32_t)tid;
        return fd >= 0 ? fd : (int)syscall(SYS_pidfd_open, getpid(), 0);
}

static int open_zombie(uint32_t *ret_pid) {
        pid_t pid = fork();
        siginfo_t info;

        if (pid == 0)
                _exit(0);
        must(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0 ? -errno : 0, "zombie");
        *ret_pid = (uint32_t)pid;
        return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* adopt PID | file PATH | self | thread | zombie: names a process, or what is none, by a descriptor. */
static int adopt(char **argv) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus *bus = connect_bus();
        uint32_t pid = 1;
        int fd, r;

        if (strcmp(argv[0], "file") == 0) {
                fd = open(argv[1], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        } else if (strcmp(argv[0], "thread") == 0) {
                fd = open_thread(&pid);
        } else if (strcmp(argv[0], "zombie") == 0) {
                fd = open_zombie(&pid);
        } else if (strcmp(argv[0], "self") == 0) {
                pid = (uint32_t)getpid();
                fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
        } else {
                pid = (uint32_t)atoi(argv[0]);
                fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
        }
        must(fd < 0 ? -errno : 0, "descriptor");
        r = sd_bus_call_method(bus, NAME, ROOT, MANAGER, "AdoptProcess", &error, NULL, "ua{sv}",
                               pid, 1, "PIDFD", "h", fd);
        tell("adopt", r, &error);
        return 0;
}

/* descriptors N: as many in a message as there may be, to methods that want none. */
static int descriptors(char **argv) {
        static const char *const members[] = {"GetStats", "ListProcesses", "Subscribe", "NoSuch"};
        sd_bus *bus = connect_bus();
        int n = atoi(argv[0]), refused = 0;

        for (int i = 0; i < n; i++) {
                sd_bus_message *m = message(bus, ROOT, MANAGER, members[i % 4]);
                sd_bus_error error = SD_BUS_ERROR_NULL;

                for (int j = 0; j < FDS_PER_MESSAGE; j++)
                        must(sd_bus_message_append(m, "h", STDERR_FILENO), "append");
                refused += sd_bus_call(bus, m, 0, &error, NULL) < 0;
                sd_bus_error_free(&error);
                sd_bus_message_unref(m);
        }
        printf("refused %d\n", refused);
        return 0;
}

/* start COMMAND...: prints the path, for callers of this file that have no shell to take busctl's
 * answer apart. start-with KEY VALUE COMMAND...: with an option that is a string. */
static int start_with(char **argv) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus *bus = connect_bus();
        sd_bus_message *m = message(bus, ROOT, MANAGER, "StartProcess"), *reply = NULL;
        const char *path;
        int r;

        must(sd_bus_message_append_strv(m, argv + 2), "append");
        must(sd_bus_message_append(m, "a{sv}", 1, argv[0], "s", argv[1]), "append");
        r = sd_bus_call(bus, m, 0, &error, &reply);
        if (r >= 0 && sd_bus_message_read(reply, "o", &path) >= 0)
                printf("%s\n", path);
        else
                printf("%s\n", error.name);
        return 0;
}

typedef enum Kind {
        KIND_START,
        KIND_OTHER,
        KIND_BUS, /* a call that the bus itself answers: what the machine makes of it at that time */
        _KIND_MAX,
} Kind;

/* Lives on a file system that takes every question and answers none but the first, as one on a server
 * that has gone: mounts it at DIRECTORY, for all users. As root. */
static int hung_mount(char **argv) {
        static char question[65536];
        struct {
                struct fuse_out_header header;
                struct fuse_init_out body;
        } answer = {.header.len = sizeof answer,
                    .body = {.major = FUSE_KERNEL_VERSION,
                             .minor = FUSE_KERNEL_MINOR_VERSION,
                             .max_write = 4096}};
        int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
        char options[128];

        must(fd < 0 ? -errno : 0, "/dev/fuse");
        snprintf(options, sizeof options, "fd=%d,rootmode=40755,user_id=0,group_id=0,allow_other",
                 fd);
        must(mount("hung", argv[0], "fuse", 0, options) < 0 ? -errno : 0, "mount");
        must(read(fd, question, sizeof question) < 0 ? -errno : 0, "question");
        memcpy(&answer.header.unique, question + offsetof(struct fuse_in_header, unique),
               sizeof answer.header.unique);
        must(write(fd, &answer, sizeof answer) < 0 ? -errno : 0, "answer");
        puts("ready");
        fflush(stdout);
        while (read(fd, question, sizeof question) > 0)
                ;
        return 0;
}

/* elements N BYTES: a command of so many arguments of so many bytes; the error. */
static int elements(char **argv) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        size_t n = (size_t)atol(argv[0]), bytes = (size_t)atol(argv[1]);
        char **command = calloc(n + 1, sizeof *command);

        for (size_t i = 0; i < n; i++) {
                command[i] = malloc(bytes + 1);
                memset(command[i], 'x', bytes);
                command[i][bytes] = 0;
        }
        tell("start",
             sd_bus_call(NULL, start_message(connect_bus(), command, NULL), 0, &error, NULL),
             &error);
        return 0;
}

static void say(int fd, const void *bytes, size_t length, int n_descriptors) {
        static char control[CMSG_SPACE(sizeof(int) * 250)];
        struct iovec iov = {(void *)bytes, length};
        struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
        struct cmsghdr *c;

        if (n_descriptors > 0) {
                m.msg_control = control;
                m.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)n_descriptors);
                c = CMSG_FIRSTHDR(&m);
                *c = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int) * (size_t)n_descriptors),
                                      .cmsg_level = SOL_SOCKET,
                                      .cmsg_type = SCM_RIGHTS};
                memset(CMSG_DATA(c), 0, sizeof(int) * (size_t)n_descriptors);
        }
        (void)sendmsg(fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* notify STATUS: as a program with a notify socket: everything that is no message, as fast as it goes,
 * and then that status; and stays. */
static int notify(char **argv) {
        static char big[65536];
        const char *address = getenv("NOTIFY_SOCKET");
        struct sockaddr_un to = {.sun_family = AF_UNIX};
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        must(address && strlen(address) < sizeof to.sun_path ? 0 : -EDESTADDRREQ, "address");
        memcpy(to.sun_path + 1, address + 1, strlen(address) - 1);
        must(connect(fd, (struct sockaddr *)&to,
                     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(address))),
             "connect");
        memset(big, 'x', sizeof big);
        memcpy(big, "STATUS=", 7);
        say(fd, "", 0, 0);
        say(fd, big, sizeof big, 0);
        say(fd, "STATUS=\0READY=1\0", 16, 0);
        say(fd, "STATUS=all of these", 19, 250);
        for (unsigned i = 0; i < 10000; i++)
                say(fd, "\n\n=\nSTATUS", 10, i % 16);
        while (dprintf(fd, "STATUS=%s", argv[0]) >= 0) /* waits until there is room */
                sleep_usec(50000);
        return 1;
}

static uint64_t samples[_KIND_MAX][SAMPLES_MAX];

static int compare_samples(const void *a, const void *b) {
        uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

        return (x > y) - (x < y);
}

static void tell_latency(const char *what, uint64_t *all, size_t n) {
        qsort(all, n, sizeof all[0], compare_samples);
        printf("%s %" PRIu64 " %" PRIu64 " %" PRIu64 " %zu\n", what, n ? all[n / 2] : 0,
               n ? all[n * 99 / 100] : 0, n ? all[n - 1] : 0, n);
}

static sd_bus_message *modest_message(sd_bus *bus, Kind kind, unsigned i) {
        static char *const nothing[] = {(char *)"/bin/true", NULL};
        static const char *const members[] = {"GetStats", "ListProcesses", "Unsubscribe"};
        sd_bus_message *m;

        if (kind == KIND_START)
                return start_message(bus, nothing, NULL);
        if (kind == KIND_OTHER)
                return message(bus, ROOT, MANAGER, members[i % 3]);
        must(sd_bus_message_new_method_call(bus, &m, BUS, BUS_PATH, BUS, "ListNames"), "message");
        return m;
}

/* latency SECONDS: a modest caller's calls; for each kind the median, 99th percentile and maximum in
 * microseconds, and how many. */
static int latency(char **argv) {
        static const Kind kinds[] = {KIND_OTHER, KIND_BUS, KIND_OTHER, KIND_START};
        uint64_t end = now_usec() + (uint64_t)atoi(argv[0]) * 1000000;
        sd_bus *bus = connect_bus();
        size_t n[_KIND_MAX] = {0};

        for (unsigned i = 0; now_usec() < end && i < SAMPLES_MAX; i++) {
                sd_bus_error error = SD_BUS_ERROR_NULL;
                Kind kind = kinds[i % 4];
                sd_bus_message *m = modest_message(bus, kind, i / 2);
                uint64_t begin = now_usec();
                int r = sd_bus_call(bus, m, 0, &error, NULL);

                samples[kind][n[kind]++] = now_usec() - begin;
                must(r < 0 ? -EIO : 0, error.name ? error.name : "call");
                sd_bus_message_unref(m);
                sleep_usec(4000);
        }
        tell_latency("starts", samples[KIND_START], n[KIND_START]);
        tell_latency("others", samples[KIND_OTHER], n[KIND_OTHER]);
        tell_latency("bus", samples[KIND_BUS], n[KIND_BUS]);
        return 0;
}

static unsigned n_limited, n_started, n_held, n_answers, n_listed;

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        n_answers++;
        if (sd_bus_message_is_method_error(m, SD_BUS_ERROR_LIMITS_EXCEEDED))
                n_limited++;
        else if (!sd_bus_message_is_method_error(m, NULL))
                n_started++;
        return 0;
}

static int on_held(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return 0;
}

static void work_off(sd_bus *bus) {
        for (;;) {
                int r = sd_bus_process(bus, NULL);

                must(r, "process");
                if (r == 0)
                        return;
        }
}

static void send_start(sd_bus *bus, const char *script) {
        char *const argv[] = {(char *)"/bin/sh", (char *)"-c", (char *)script, NULL};
        sd_bus_message *m = start_message(bus, argv, NULL);

        must(sd_bus_call_async(bus, NULL, m, on_answer, NULL, 0), "send");
        sd_bus_message_unref(m);
}

/* More waits on the first process than may be held, on each connection. */
static void hold_waits(sd_bus *bus) {
        char path[64];

        snprintf(path, sizeof path, "%s", getenv("WAIT_FOR") ?: ROOT "/process/1");
        for (int i = 0; i < N_HELD + 8; i++) {
                sd_bus_message *m = message(bus, path, PROCESS, "Wait");

                must(sd_bus_message_append(m, "t", UINT64_MAX), "append");
                must(sd_bus_call_async(bus, NULL, m, on_held, NULL, UINT64_MAX), "send");
                sd_bus_message_unref(m);
                n_held++;
        }
}

static void ask_on_and_on(sd_bus *bus, void *path);

static int on_told(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        n_listed++;
        ask_on_and_on(sd_bus_message_get_bus(m), userdata);
        return 0;
}

/* What takes long to answer, and again when it is answered: all about the process at that path, or the
 * list of all. */
static void ask_on_and_on(sd_bus *bus, void *path) {
        const char *interface = path ? "org.freedesktop.DBus.Properties"
                                     : "org.freedesktop.DBus.ObjectManager";
        sd_bus_message *m = message(bus, path ?: ROOT, interface,
                                    path ? "GetAll" : "GetManagedObjects");

        if (path)
                must(sd_bus_message_append(m, "s", PROCESS), "append");
        must(sd_bus_call_async(bus, NULL, m, on_told, path, UINT64_MAX), "send");
        sd_bus_message_unref(m);
}

/* flood SECONDS: at all limits: running processes, some of which write; starts, faster than they may
 * be; waits; and several long answers at any time. */
static int flood(char **argv) {
        static const char *const scripts[] = {
                "exec sleep 600",
                "while :; do echo 0123456789012345678901234567890123456789; sleep 0.05; done",
                "exec /bin/true",
        };
        uint64_t end = now_usec() + (uint64_t)atoi(argv[0]) * 1000000;
        sd_bus *starter = connect_bus(), *waiters[N_WAITERS], *listers[N_LISTERS];
        unsigned i = 0;

        while (i < N_RUNNING) {
                for (unsigned n = 0; n < N_HELD / 4 && i < N_RUNNING; n++, i++)
                        send_start(starter, scripts[i % 16 == 0]);
                while (n_answers < i) {
                        must(sd_bus_wait(starter, UINT64_MAX), "wait");
                        work_off(starter);
                }
        }
        for (unsigned w = 0; w < N_WAITERS; w++)
                hold_waits(waiters[w] = connect_bus());
        for (unsigned l = 0; l < N_LISTERS; l++)
                ask_on_and_on(listers[l] = connect_bus(), l % 4 == 0 ? getenv("LOOK_AT") : NULL);
        puts("ready");
        fflush(stdout);
        for (; now_usec() < end; i++) {
                send_start(starter, scripts[2]);
                work_off(starter);
                for (unsigned w = 0; w < N_WAITERS; w++)
                        work_off(waiters[w]);
                for (unsigned l = 0; l < N_LISTERS; l++)
                        work_off(listers[l]);
                sleep_usec(4000);
        }
        printf("started %u limited %u held %u listed %u\n", n_started, n_limited, n_held, n_listed);
        return 0;
}

/* What the bus has for it, unread but counted. */
static uint64_t swallow(int fd) {
        static char buffer[1 << 20];
        uint64_t sum = 0;
        ssize_t n;

        while ((n = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT)) > 0)
                sum += (uint64_t)n;
        return sum;
}

/* crowd N SECONDS: as many connections that are told of all that goes on, while it goes on as fast as
 * it may. */
static int crowd(char **argv) {
        uint64_t end = now_usec() + (uint64_t)atoi(argv[1]) * 1000000, bytes = 0;
        int n = atoi(argv[0]), waits = epoll_create1(EPOLL_CLOEXEC);
        sd_bus *starter = connect_bus();

        for (int i = 0; i < n; i++) {
                sd_bus *bus = connect_bus();
                struct epoll_event event = {.events = EPOLLIN, .data.fd = sd_bus_get_fd(bus)};

                must(sd_bus_call_method(bus, NAME, ROOT, MANAGER, "Subscribe", NULL, NULL, NULL),
                     "subscribe");
                must(epoll_ctl(waits, EPOLL_CTL_ADD, event.data.fd, &event), "epoll_ctl");
        }
        puts("ready");
        fflush(stdout);
        for (uint64_t next = 0; now_usec() < end;) {
                struct epoll_event events[64];
                int k = epoll_wait(waits, events, 64, 2);

                while (k-- > 0)
                        bytes += swallow(events[k].data.fd);
                work_off(starter);
                if (now_usec() < next)
                        continue;
                send_start(starter, "exec /bin/true");
                next = now_usec() + 4000;
        }
        printf("started %u limited %u told %" PRIu64 " MB\n", n_started, n_limited,
               bytes / 1000000);
        return 0;
}

int main(int argc, char **argv) {
        static const struct {
                const char *name;
                int n_arguments;
                int (*run)(char **argv);
        } modes[] = {
                {"vanish", 2, vanish},         {"listen", 0, listen_to_all},
                {"adopt", 1, adopt},           {"descriptors", 1, descriptors},
                {"start-with", 3, start_with}, {"latency", 1, latency},
                {"flood", 1, flood},           {"hung-mount", 1, hung_mount},
                {"elements", 2, elements},     {"notify", 1, notify},
                {"crowd", 2, crowd},
        };

        for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof modes[0]; i++)
                if (strcmp(argv[1], modes[i].name) == 0 && argc - 2 >= modes[i].n_arguments)
                        return modes[i].run(argv + 2);
        fprintf(stderr, "usage: helper-caller vanish|listen|adopt|descriptors|start-with|latency|"
                        "flood|hung-mount|elements|notify|crowd ARGUMENTS\n");
        return 2;
}
