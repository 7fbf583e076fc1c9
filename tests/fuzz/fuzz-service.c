/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A caller that says what nobody would: every method that the service introspects, on every kind of
 * object, with arguments of the right signature and values of no sense; and messages with bytes
 * changed. The service has to stay, to answer in time, and not to grow.
 *
 *   fuzz-service PROCTORD MESSAGES
 *
 * It runs in a PID namespace of its own, where there is nobody whom a hit could hurt, with a private
 * service that is nobody's. PROCTOR_TEST_SEED repeats a run. */

#include "fuzz-values.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SKIPPED        77
#define NOBODY         65534
#define ROOT           "/org/proctor1"
#define MANAGER        "org.proctor1.Manager"
#define PER_ROUND      50 /* messages between two looks at how long the service takes */
#define ROUNDS         40 /* between two times at which everything is cleaned up */
#define RAW_ONE_IN     4  /* messages that are changed after they were made */
#define HANG_USEC      (1 * G_USEC_PER_SEC)
#define STUCK_USEC     (20 * G_USEC_PER_SEC)
#define DEAD_MSEC      60000
#define LEFT_USEC      (10 * G_USEC_PER_SEC) /* until nothing of a service is left */
#define SIZE_MAX_BYTES (256 * 1024)
#define GROWTH_KIB     (16 * 1024)
#define N_DESCRIPTORS  9
#define MANY           200 /* descriptors with one message; the kernel takes 253 */

typedef struct Method {
        char *interface;
        char *name;
        char *signature; /* a tuple */
} Method;

typedef struct Fuzz {
        const char *daemon;
        Values values;
        GPtrArray *methods;
        GPtrArray *properties; /* that can be set; the signature is the value's */
        int descriptors[N_DESCRIPTORS];
        GDBusConnection *connection;
        pid_t pid;
        unsigned n_sent, n_answers, n_errors, n_restarts;
        gint64 longest_usec, longest_stall_usec;
        GString *round; /* what was sent in it, for who reads of a failure */
} Fuzz;

static void fail(const Fuzz *fuzz, const char *what) {
        printf("%s\nFAILED after %u messages: %s\n", fuzz->round->str, fuzz->n_sent, what);
        exit(1);
}

static unsigned pick(Fuzz *fuzz, unsigned n) {
        return values_pick(&fuzz->values, n);
}

/* -- the service */

static int start_daemon(Fuzz *fuzz) {
        int fds[2];

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
                return -1;
        fuzz->pid = fork();
        if (fuzz->pid == 0) {
                if (dup2(fds[1], 3) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
                    setresuid(NOBODY, NOBODY, NOBODY) < 0)
                        _exit(126);
                if (fds[1] == 3)
                        fcntl(3, F_SETFD, 0);
                execl(fuzz->daemon, fuzz->daemon, "--private-fd=3", "--log-level=ERROR", NULL);
                _exit(127);
        }
        close(fds[1]);
        return fds[0];
}

static void connect_daemon(Fuzz *fuzz) {
        g_autoptr(GSocketConnection) stream = NULL;
        g_autoptr(GError) error = NULL;
        g_autoptr(GSocket) socket = g_socket_new_from_fd(start_daemon(fuzz), &error);

        if (!socket)
                fail(fuzz, error->message);
        stream = g_socket_connection_factory_create_connection(socket);
        fuzz->connection = g_dbus_connection_new_sync(G_IO_STREAM(stream), NULL,
                                                      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT,
                                                      NULL, NULL, &error);
        if (!fuzz->connection)
                fail(fuzz, error->message);
}

/* It ends with its connection, and by nothing else. */
static void end_daemon(Fuzz *fuzz) {
        int status;

        g_dbus_connection_close_sync(fuzz->connection, NULL, NULL);
        g_clear_object(&fuzz->connection);
        if (waitpid(fuzz->pid, &status, 0) != fuzz->pid)
                fail(fuzz, "the service cannot be waited for");
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
                fail(fuzz, "the service did not end well");
}

static guint64 resident_kib(const Fuzz *fuzz) {
        g_autofree char *path = g_strdup_printf("/proc/%d/status", (int)fuzz->pid);
        g_autofree char *text = NULL;
        const char *line;

        if (!g_file_get_contents(path, &text, NULL, NULL) || !(line = strstr(text, "VmRSS:")))
                return 0;
        return g_ascii_strtoull(line + strlen("VmRSS:"), NULL, 10);
}

/* Processor time that it has used. */
static gint64 used_usec(const Fuzz *fuzz) {
        g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int)fuzz->pid);
        g_autofree char *text = NULL;
        unsigned long user, system;
        const char *rest;

        if (!g_file_get_contents(path, &text, NULL, NULL) || !(rest = strrchr(text, ')')) ||
            sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) !=
                    2)
                return 0;
        return (gint64)((user + system) * G_USEC_PER_SEC / (unsigned long)sysconf(_SC_CLK_TCK));
}

static unsigned count_descriptors(const Fuzz *fuzz) {
        g_autofree char *path = g_strdup_printf("/proc/%d/fd", (int)fuzz->pid);
        GDir *directory = g_dir_open(path, 0, NULL);
        unsigned n = 0;

        while (directory && g_dir_read_name(directory))
                n++;
        g_clear_pointer(&directory, g_dir_close);
        return n;
}

/* How long a thread waited for a processor. */
static gint64 delayed_usec(const char *path) {
        g_autofree char *text = NULL;
        unsigned long long delayed;

        if (!g_file_get_contents(path, &text, NULL, NULL) ||
            sscanf(text, "%*u %llu", &delayed) != 1)
                return 0;
        return (gint64)(delayed / 1000);
}

typedef struct Clock {
        gint64 wall;
        gint64 used;      /* by the service */
        gint64 elsewhere; /* not in the service: in this program, or waiting for a processor */
} Clock;

static Clock read_clock(const Fuzz *fuzz) {
        g_autofree char *service = g_strdup_printf("/proc/%d/schedstat", (int)fuzz->pid);
        GDir *threads = g_dir_open("/proc/self/task", 0, NULL);
        Clock now = {.used = used_usec(fuzz), .elsewhere = delayed_usec(service)};
        struct timespec own;
        const char *name;

        while (threads && (name = g_dir_read_name(threads))) {
                g_autofree char *path = g_strdup_printf("/proc/self/task/%s/schedstat", name);

                now.elsewhere += delayed_usec(path);
        }
        g_clear_pointer(&threads, g_dir_close);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
        now.elsewhere += own.tv_sec * G_USEC_PER_SEC + own.tv_nsec / 1000;
        now.wall = g_get_monotonic_time();
        return now;
}

static GVariant *call_now(Fuzz *fuzz, const char *path, const char *interface, const char *member,
                          GVariant *arguments, const char *type) {
        return g_dbus_connection_call_sync(fuzz->connection, NULL, path, interface, member,
                                           arguments, type ? G_VARIANT_TYPE(type) : NULL,
                                           G_DBUS_CALL_FLAGS_NONE, DEAD_MSEC, NULL, NULL);
}

/* -- what there is to call */

static void free_method(gpointer data) {
        Method *method = data;

        g_free(method->interface);
        g_free(method->name);
        g_free(method->signature);
        g_free(method);
}

static void add_method(GPtrArray *methods, const char *interface, const char *name,
                       const char *signature) {
        Method *method = g_new0(Method, 1);

        method->interface = g_strdup(interface);
        method->name = g_strdup(name);
        method->signature = g_strdup(signature);
        g_ptr_array_add(methods, method);
}

static void learn_interface(Fuzz *fuzz, const GDBusInterfaceInfo *interface) {
        for (GDBusMethodInfo **m = interface->methods; m && *m; m++) {
                g_autoptr(GString) signature = g_string_new("(");

                for (GDBusArgInfo **arg = (*m)->in_args; arg && *arg; arg++)
                        g_string_append(signature, (*arg)->signature);
                g_string_append_c(signature, ')');
                add_method(fuzz->methods, interface->name, (*m)->name, signature->str);
        }
        for (GDBusPropertyInfo **property = interface->properties; property && *property;
             property++)
                if ((*property)->flags & G_DBUS_PROPERTY_INFO_FLAGS_WRITABLE)
                        add_method(fuzz->properties, interface->name, (*property)->name,
                                   (*property)->signature);
}

static void learn(Fuzz *fuzz, const char *path) {
        g_autoptr(GVariant) reply = call_now(fuzz, path, "org.freedesktop.DBus.Introspectable",
                                             "Introspect", NULL, "(s)");
        g_autoptr(GDBusNodeInfo) node = NULL;
        const char *xml;

        if (!reply)
                fail(fuzz, "no introspection");
        g_variant_get(reply, "(&s)", &xml);
        node = g_dbus_node_info_new_for_xml(xml, NULL);
        if (!node)
                fail(fuzz, "an introspection that cannot be read");
        for (GDBusInterfaceInfo **i = node->interfaces; i && *i; i++)
                learn_interface(fuzz, *i);
}

/* -- sending */

/* Where there is such an interface, most times. */
static char *make_path(Fuzz *fuzz, const char *interface) {
        if (pick(fuzz, 8) == 0)
                return values_path(&fuzz->values);
        if (g_str_has_suffix(interface, ".Group"))
                return g_strdup_printf(ROOT "/group/%" G_GUINT64_FORMAT, fuzz->values.group);
        if (g_str_has_suffix(interface, ".Manager") || g_str_has_suffix(interface, ".Watchdog") ||
            pick(fuzz, 2))
                return g_strdup(ROOT);
        return values_path(&fuzz->values);
}

/* Of every kind, and now and then as many as one message takes. */
static void attach_descriptors(Fuzz *fuzz, GDBusMessage *m) {
        g_autoptr(GUnixFDList) list = g_unix_fd_list_new();
        unsigned n = pick(fuzz, 3) ? 0 : pick(fuzz, 100) ? 1 + pick(fuzz, 4) : MANY;

        while (n-- > 0)
                g_unix_fd_list_append(list, fuzz->descriptors[pick(fuzz, N_DESCRIPTORS)], NULL);
        g_dbus_message_set_unix_fd_list(m, list);
}

static GDBusMessage *make_set(Fuzz *fuzz) {
        const Method *property = fuzz->properties->pdata[pick(fuzz, fuzz->properties->len)];
        g_autofree char *path = make_path(fuzz, property->interface);
        const char *type = pick(fuzz, 6) ? property->signature : "v";
        GDBusMessage *m = g_dbus_message_new_method_call(NULL, path,
                                                         "org.freedesktop.DBus.Properties", "Set");

        g_dbus_message_set_body(m, g_variant_new("(ssv)", property->interface, property->name,
                                                 values_of_type(&fuzz->values, type)));
        return m;
}

static GDBusMessage *make_call(Fuzz *fuzz) {
        const Method *method = fuzz->methods->pdata[pick(fuzz, fuzz->methods->len)];
        g_autofree char *path = make_path(fuzz, method->interface);
        const char *interface = pick(fuzz, 20) ? method->interface : NULL;
        GDBusMessage *m = g_dbus_message_new_method_call(NULL, path, interface, method->name);

        g_dbus_message_set_body(m,
                                values_arguments(&fuzz->values, method->name, method->signature));
        fuzz->values.process += g_str_equal(method->name, "StartProcess");
        return m;
}

static GDBusMessage *make_message(Fuzz *fuzz) {
        GDBusMessage *m = pick(fuzz, 12) ? make_call(fuzz) : make_set(fuzz);

        attach_descriptors(fuzz, m);
        return m;
}

/* The same message with bytes changed, if it is one still; a stranger one cannot be sent by GDBus. */
static GDBusMessage *change_bytes(Fuzz *fuzz, GDBusMessage *m) {
        gsize size;
        g_autofree guchar *blob = NULL;
        GDBusMessage *changed;

        g_dbus_message_set_serial(m, 1);
        blob = g_dbus_message_to_blob(m, &size, G_DBUS_CAPABILITY_FLAGS_UNIX_FD_PASSING, NULL);
        for (unsigned i = 0; blob && i < 3; i++)
                blob[16 + pick(fuzz, (unsigned)size - 16)] = (guchar)g_rand_int(fuzz->values.rand);
        changed = blob ? g_dbus_message_new_from_blob(blob, size,
                                                      G_DBUS_CAPABILITY_FLAGS_UNIX_FD_PASSING, NULL)
                       : NULL;
        g_object_unref(m);
        if (!changed)
                return NULL;
        g_dbus_message_set_serial(changed, 0);
        return changed;
}

static void on_answer(GObject *source, GAsyncResult *result, gpointer data) {
        Fuzz *fuzz = data;
        g_autoptr(GDBusMessage) reply = g_dbus_connection_send_message_with_reply_finish(
                G_DBUS_CONNECTION(source), result, NULL);

        if (!reply)
                return;
        fuzz->n_answers++;
        fuzz->n_errors += g_dbus_message_get_message_type(reply) == G_DBUS_MESSAGE_TYPE_ERROR;
}

/* Numbers, words and paths as they are, and long ones by their beginning. */
static void note(Fuzz *fuzz, GDBusMessage *m) {
        GVariant *body = g_dbus_message_get_body(m);
        g_autofree char *text = body ? g_variant_print(body, FALSE) : g_strdup("()");

        g_string_append_printf(fuzz->round, "%s %s.%s %.300s\n", g_dbus_message_get_path(m),
                               g_dbus_message_get_interface(m), g_dbus_message_get_member(m), text);
}

/* What is read costs time by its length, with a sanitizer a hundred times as much. */
static gsize size_of(GDBusMessage *m) {
        GVariant *body = g_dbus_message_get_body(m);

        return body ? g_variant_get_size(body) : 0;
}

static void send_one(Fuzz *fuzz) {
        g_autoptr(GDBusMessage) m = make_message(fuzz);

        if (pick(fuzz, RAW_ONE_IN) == 0)
                m = change_bytes(fuzz, g_steal_pointer(&m));
        if (!m || g_dbus_message_get_message_type(m) != G_DBUS_MESSAGE_TYPE_METHOD_CALL ||
            size_of(m) > SIZE_MAX_BYTES)
                return;
        note(fuzz, m);
        g_dbus_connection_send_message_with_reply(fuzz->connection, m,
                                                  G_DBUS_SEND_MESSAGE_FLAGS_NONE, G_MAXINT, NULL,
                                                  NULL, on_answer, fuzz);
        fuzz->n_sent++;
}

/* After all that was sent an ordinary call is answered, and soon. What counts is the service's own
 * time since the round began, not that of a busy machine: what it used, and what it waited for that
 * is no processor. */
static void look(Fuzz *fuzz, const Clock *begin) {
        g_autoptr(GVariant) reply = call_now(fuzz, ROOT, MANAGER, "GetStats", NULL, NULL);
        Clock end = read_clock(fuzz);
        gint64 took = end.wall - begin->wall, used = MIN(took, end.used - begin->used);
        gint64 stalled = took - (end.elsewhere - begin->elsewhere);

        while (g_main_context_iteration(NULL, FALSE))
                ;
        if (!reply)
                fail(fuzz, g_dbus_connection_is_closed(fuzz->connection)
                                   ? "the service is gone"
                                   : "the service does not answer");
        fuzz->longest_usec = MAX(fuzz->longest_usec, used);
        fuzz->longest_stall_usec = MAX(fuzz->longest_stall_usec, stalled);
        if (used > HANG_USEC || stalled > HANG_USEC || took > STUCK_USEC)
                fail(fuzz, "the service was busy for more than a second, or waited for something");
}

/* Something to call: a process and a group with a member. Their ids go into the paths. */
static void furnish(Fuzz *fuzz) {
        g_autoptr(GVariant) process = call_now(
                fuzz, ROOT, MANAGER, "StartProcess",
                g_variant_new_parsed("(['/bin/sleep', '20'], @a{sv} {})"), "(ou)");
        g_autoptr(GVariant) group = call_now(fuzz, ROOT, MANAGER, "CreateGroup",
                                             g_variant_new_parsed("('all', @a{sv} {})"), "(o)");
        g_autoptr(GVariant) member = NULL;
        const char *path;

        if (!process || !group)
                fail(fuzz, "the service starts nothing");
        g_variant_get(process, "(&ou)", &path, NULL);
        fuzz->values.process = g_ascii_strtoull(strrchr(path, '/') + 1, NULL, 10);
        g_variant_get(group, "(&o)", &path);
        fuzz->values.group = g_ascii_strtoull(strrchr(path, '/') + 1, NULL, 10);
        member = call_now(fuzz, path, "org.proctor1.Group", "AddProcess",
                          g_variant_new_parsed("('a', ['/bin/sleep', '20'], @a{sv} {})"), NULL);
        if (!member)
                fail(fuzz, "a group takes no member");
}

static void clean_up(Fuzz *fuzz) {
        g_autoptr(GVariant) shutdown = call_now(fuzz, ROOT, MANAGER, "Shutdown", NULL, NULL);
        g_autoptr(GVariant) cleanup = call_now(fuzz, ROOT, MANAGER, "CleanupFinished", NULL, NULL);

        if (!shutdown || !cleanup)
                fail(fuzz, "the service does not clean up");
}

/* To the first process of a namespace come all whom a service left. */
static void expect_nobody(Fuzz *fuzz) {
        gint64 end = g_get_monotonic_time() + LEFT_USEC;
        pid_t pid;

        while ((pid = waitpid(-1, NULL, WNOHANG)) >= 0) {
                if (pid == 0 && g_get_monotonic_time() > end)
                        fail(fuzz, "the service left somebody behind");
                if (pid == 0)
                        g_usleep(1000);
        }
}

/* Pipes of what has just ended are closed when their end is read. */
static unsigned settle_descriptors(Fuzz *fuzz, unsigned wanted) {
        gint64 end = g_get_monotonic_time() + LEFT_USEC;
        unsigned n;

        while ((n = count_descriptors(fuzz)) > wanted && g_get_monotonic_time() < end) {
                G_GNUC_UNUSED g_autoptr(GVariant)
                        reply = call_now(fuzz, ROOT, MANAGER, "GetStats", NULL, NULL);

                while (g_main_context_iteration(NULL, FALSE))
                        ;
                g_usleep(1000);
        }
        return n;
}

/* Bytes that are no messages, each time to a new service: it ends, and ends well. */
static void send_garbage(Fuzz *fuzz) {
        static const char greeting[] = "\0AUTH EXTERNAL 30\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n";
        guchar bytes[512];
        int status, fd = start_daemon(fuzz);
        size_t skip = pick(fuzz, sizeof greeting), size = pick(fuzz, sizeof bytes);

        for (size_t i = 0; i < size; i++)
                bytes[i] = (guchar)g_rand_int(fuzz->values.rand);
        if (size > 4) { /* often the beginning of a message */
                bytes[0] = 'l';
                bytes[1] = (guchar)(1 + pick(fuzz, 4));
                bytes[3] = 1;
        }
        (void)!send(fd, greeting, pick(fuzz, 4) ? sizeof greeting - 1 : skip, MSG_NOSIGNAL);
        (void)!send(fd, bytes, size, MSG_NOSIGNAL);
        shutdown(fd, SHUT_WR);
        if (waitpid(fuzz->pid, &status, 0) != fuzz->pid || !WIFEXITED(status) ||
            WEXITSTATUS(status) > 1)
                fail(fuzz, "garbage brought the service down");
        close(fd);
        expect_nobody(fuzz);
        fuzz->n_sent++;
        fuzz->n_restarts++;
}

static void report(const Fuzz *fuzz, guint64 before, guint64 after) {
        printf("%u messages, %u answers, %u of them errors; %u services for garbage; longest round "
               "%" G_GINT64_FORMAT " us of its time, %" G_GINT64_FORMAT " us with what it waited "
               "for; %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT " KiB\n",
               fuzz->n_sent, fuzz->n_answers, fuzz->n_errors, fuzz->n_restarts, fuzz->longest_usec,
               fuzz->longest_stall_usec, before, after);
}

static void learn_all(Fuzz *fuzz) {
        g_autofree char *group = NULL, *process = NULL;

        furnish(fuzz);
        group = g_strdup_printf(ROOT "/group/%" G_GUINT64_FORMAT, fuzz->values.group);
        process = g_strdup_printf(ROOT "/process/%" G_GUINT64_FORMAT, fuzz->values.process);
        learn(fuzz, ROOT);
        learn(fuzz, process);
        learn(fuzz, group);
}

static void send_round(Fuzz *fuzz) {
        Clock begin = read_clock(fuzz);

        g_string_truncate(fuzz->round, 0);
        for (unsigned i = 0; i < PER_ROUND; i++)
                send_one(fuzz);
        look(fuzz, &begin);
}

static int run(Fuzz *fuzz, unsigned n_wanted) {
        guint64 before = 0, after = 0;
        unsigned n_descriptors;

        for (unsigned i = 0; i < n_wanted / 2000 + 20; i++)
                send_garbage(fuzz);
        connect_daemon(fuzz);
        learn_all(fuzz);
        clean_up(fuzz);
        n_descriptors = count_descriptors(fuzz);
        while (fuzz->n_sent < n_wanted) {
                furnish(fuzz);
                for (unsigned i = 0; i < ROUNDS; i++)
                        send_round(fuzz);
                clean_up(fuzz);
                if (settle_descriptors(fuzz, n_descriptors) > n_descriptors)
                        fail(fuzz, "the service keeps descriptors");
                after = resident_kib(fuzz);
                if (!before && fuzz->n_sent > n_wanted / 4)
                        before = after;
                if (before && after > before + GROWTH_KIB)
                        fail(fuzz, "the service grows");
        }
        report(fuzz, before, after);
        end_daemon(fuzz);
        expect_nobody(fuzz);
        return 0;
}

/* One of each kind. */
static void open_descriptors(int fds[static N_DESCRIPTORS]) {
        int ends[2];

        fds[0] = open("/dev/null", O_RDWR | O_CLOEXEC);
        fds[1] = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        fds[2] = open("/", O_PATH | O_CLOEXEC);
        fds[3] = (int)syscall(SYS_pidfd_open, getpid(), 0);
        fds[4] = eventfd(0, EFD_CLOEXEC);
        fds[5] = epoll_create1(EPOLL_CLOEXEC);
        fds[6] = memfd_create("fuzz", MFD_CLOEXEC);
        fds[7] = pipe2(ends, O_CLOEXEC) == 0 ? ends[1] : -1;
        fds[8] = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0 ? ends[0] : -1;
}

/* The first process of the namespace, to whom all go whose parent is gone. */
static int first_process(const char *daemon, unsigned n_wanted) {
        const char *seed = g_getenv("PROCTOR_TEST_SEED");
        guint32 number = seed ? (guint32)g_ascii_strtoull(seed, NULL, 10) : g_random_int();
        Fuzz fuzz = {.daemon = daemon, .values.rand = g_rand_new_with_seed(number)};

        if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("proc", "/proc", "proc", 0, NULL) < 0)
                return SKIPPED;
        printf("PROCTOR_TEST_SEED=%u\n", number);
        fflush(stdout);
        fuzz.round = g_string_new(NULL);
        fuzz.methods = g_ptr_array_new_with_free_func(free_method);
        fuzz.properties = g_ptr_array_new_with_free_func(free_method);
        open_descriptors(fuzz.descriptors);
        return run(&fuzz, n_wanted);
}

int main(int argc, char **argv) {
        unsigned n_wanted = argc > 2 ? (unsigned)atoi(argv[2]) : 0;
        int status;
        pid_t pid;

        if (n_wanted == 0) {
                fprintf(stderr, "usage: fuzz-service PROCTORD MESSAGES\n");
                return 2;
        }
        if (geteuid() != 0 || unshare(CLONE_NEWPID | CLONE_NEWNS) < 0) {
                puts("SKIP fuzz-service: no namespaces of its own, for want of root");
                return SKIPPED;
        }
        fflush(stdout);
        pid = fork();
        if (pid == 0)
                exit(first_process(argv[1], n_wanted));
        if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
                return 1;
        return WEXITSTATUS(status);
}
