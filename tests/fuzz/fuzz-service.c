/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A caller that says what nobody would: every method that the service introspects, on every kind of
 * object, with arguments of the right signature and values of no sense; and messages with bytes
 * changed. The service has to stay, to answer in time, and not to grow.
 *
 *   fuzz-service PROCTORD MESSAGES
 *
 * It runs in a PID namespace of its own, where there is nobody whom a hit could hurt, with a private
 * service that is nobody's. PROCTOR_TEST_SEED repeats a run. */

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
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
#define SIZE_MAX_BYTES (256 * 1024)
#define GROWTH_KIB     (32 * 1024)

typedef struct Method {
        char *interface;
        char *name;
        char *signature; /* a tuple */
} Method;

typedef struct Fuzz {
        const char *daemon;
        GRand *rand;
        GPtrArray *methods;
        GDBusConnection *connection;
        pid_t pid;
        unsigned last_id; /* of the processes that were started, about */
        unsigned n_sent, n_answers, n_errors, n_restarts;
        gint64 longest_usec;
        GString *round; /* what was sent in it, for who reads of a failure */
} Fuzz;

static void fail(const Fuzz *fuzz, const char *what) {
        printf("%s\nFAILED after %u messages: %s\n", fuzz->round->str, fuzz->n_sent, what);
        exit(1);
}

static unsigned pick(Fuzz *fuzz, unsigned n) {
        return (unsigned)g_rand_int_range(fuzz->rand, 0, (gint32)n);
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
        fuzz->last_id = 0;
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

static void learn_interface(Fuzz *fuzz, const GDBusInterfaceInfo *interface) {
        for (GDBusMethodInfo **m = interface->methods; m && *m; m++) {
                g_autoptr(GString) signature = g_string_new("(");
                Method *method = g_new0(Method, 1);

                for (GDBusArgInfo **arg = (*m)->in_args; arg && *arg; arg++)
                        g_string_append(signature, (*arg)->signature);
                g_string_append_c(signature, ')');
                method->interface = g_strdup(interface->name);
                method->name = g_strdup((*m)->name);
                method->signature = g_strdup(signature->str);
                g_ptr_array_add(fuzz->methods, method);
        }
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

/* -- values of no sense */

static const char *const words[] = {
        "",
        "a",
        "all",
        "any",
        "first-failure",
        "stdout",
        "stderr",
        "force",
        "SIGKILL",
        "timeout",
        "99999999999",
        "-1",
        "%n%s%n",
        "a\nb",
        "../../x",
        "\x1b[2J",
        "\xe2\x80\xae",
        "0x10",
        "capture",
        "null",
        "journal",
        "report",
        "cpu",
        "notify",
        "/",
        "/tmp",
        "WARNING",
        MANAGER,
        "org.proctor1.Watchdog",
        "org.proctor1.Process",
        "org.proctor1.Group",
        "State",
        "AutoKill",
        "TimeoutUSec",
        "CheckIntervalUSec",
        "LogLevel",
        "StopSignal",
        "tree",
        "process",
        "exec",
        "DEBUG",
        "continue",
        "stop-all",
};

static const struct {
        const char *key;
        const char *type;
} options[] = {
        {"Name", "s"},
        {"WorkingDirectory", "s"},
        {"Environment", "a{ss}"},
        {"UnsetEnvironment", "as"},
        {"ClearEnvironment", "b"},
        {"TimeoutUSec", "t"},
        {"ExtraBufferUSec", "t"},
        {"MaxHangTimeUSec", "t"},
        {"AutoKill", "b"},
        {"RuntimeMaxUSec", "t"},
        {"ActivitySources", "as"},
        {"StopSignal", "s"},
        {"StopTimeoutUSec", "t"},
        {"Stdin", "h"},
        {"Stdout", "h"},
        {"Stderr", "s"},
        {"OutputLimit", "t"},
        {"FileDescriptors", "a{uh}"},
        {"BindToCaller", "b"},
        {"Umask", "u"},
        {"Nice", "i"},
        {"OOMScoreAdjust", "i"},
        {"NoNewPrivileges", "b"},
        {"RLimits", "a{s(tt)}"},
        {"KillMode", "s"},
        {"Readiness", "s"},
        {"StartTimeoutUSec", "t"},
        {"PIDFD", "h"},
        {"User", "s"},
        {"MemoryMax", "t"},
        {"Terminal", "s"},
        {"OnMemberFailure", "s"},
};

/* Programs that do no harm, and what is none. */
static const char *const commands[][4] = {
        {"/bin/true"},
        {"/bin/sleep", "0.01"},
        {"/bin/sleep", "20"},
        {"/no/such"},
        {""},
        {NULL},
        {"/"},
        {"/bin/sh", "-c", "echo out; echo err >&2; exit 3"},
        {"/bin/false"},
        {"/bin/sh", "-c", "sleep 20 & sleep 20 & wait"},
};

static const guint64 numbers[] = {
        0,
        1,
        2,
        7,
        100,
        255,
        256,
        1000,
        65535,
        65536,
        G_MAXINT32,
        (guint64)G_MAXINT32 + 1,
        G_MAXUINT32,
        (guint64)G_MAXUINT32 + 1,
        G_MAXINT64,
        (guint64)G_MAXINT64 + 1,
        G_MAXUINT64 - 1,
        G_MAXUINT64,
};

static guint64 make_number(Fuzz *fuzz) {
        if (pick(fuzz, 3) == 0)
                return pick(fuzz, 100);
        return numbers[pick(fuzz, G_N_ELEMENTS(numbers))];
}

static char *make_string(Fuzz *fuzz) {
        if (pick(fuzz, 50) == 0)
                return g_strnfill(pick(fuzz, 200000), 'x');
        return g_strdup(words[pick(fuzz, G_N_ELEMENTS(words))]);
}

static char *make_path(Fuzz *fuzz) {
        switch (pick(fuzz, 8)) {
        case 0:
                return g_strdup("/");
        case 1:
                return g_strdup(ROOT "/process/18446744073709551616");
        case 2:
                return g_strdup_printf(ROOT "/group/%u", pick(fuzz, 20));
        default:
                return g_strdup_printf(ROOT "/process/%u", pick(fuzz, fuzz->last_id + 3));
        }
}

static GVariant *make_value(Fuzz *fuzz, const GVariantType *type, unsigned depth);

static GVariant *make_option(Fuzz *fuzz, unsigned depth) {
        unsigned i = pick(fuzz, G_N_ELEMENTS(options));
        const char *type = pick(fuzz, 5) ? options[i].type : pick(fuzz, 2) ? "v" : "s";

        return g_variant_new("{sv}", options[i].key,
                             make_value(fuzz, G_VARIANT_TYPE(type), depth + 1));
}

static GVariant *make_array(Fuzz *fuzz, const GVariantType *type, unsigned depth) {
        const GVariantType *element = g_variant_type_element(type);
        unsigned n = pick(fuzz, 200) == 0 && depth < 2 ? 2000 : pick(fuzz, 4);
        GVariantBuilder builder;

        g_variant_builder_init(&builder, type);
        for (unsigned i = 0; i < n; i++)
                g_variant_builder_add_value(&builder,
                                            g_variant_type_equal(element, G_VARIANT_TYPE("{sv}"))
                                                    ? make_option(fuzz, depth)
                                                    : make_value(fuzz, element, depth + 1));
        return g_variant_builder_end(&builder);
}

static GVariant *make_tuple(Fuzz *fuzz, const GVariantType *type, unsigned depth) {
        const GVariantType *item = g_variant_type_first(type);
        GVariantBuilder builder;

        g_variant_builder_init(&builder, type);
        for (; item; item = g_variant_type_next(item))
                g_variant_builder_add_value(&builder, make_value(fuzz, item, depth + 1));
        return g_variant_builder_end(&builder);
}

static GVariant *make_variant(Fuzz *fuzz, unsigned depth) {
        static const char *const types[] = {"b", "y", "u",  "t",     "i",       "s", "o",
                                            "g", "d", "as", "a{sv}", "(a(ay))", "v", "h"};
        const char *type = depth > 6 ? "u" : types[pick(fuzz, G_N_ELEMENTS(types))];

        return g_variant_new_variant(make_value(fuzz, G_VARIANT_TYPE(type), depth + 1));
}

static GVariant *make_value(Fuzz *fuzz, const GVariantType *type, unsigned depth) {
        guint64 number = make_number(fuzz);

        switch (*g_variant_type_peek_string(type)) {
        case 'b':
                return g_variant_new_boolean(number & 1);
        case 'y':
                return g_variant_new_byte((guchar)number);
        case 'n':
                return g_variant_new_int16((gint16)number);
        case 'q':
                return g_variant_new_uint16((guint16)number);
        case 'i':
                return g_variant_new_int32((gint32)number);
        case 'u':
                return g_variant_new_uint32((guint32)number);
        case 'x':
                return g_variant_new_int64((gint64)number);
        case 't':
                return g_variant_new_uint64(number);
        case 'd':
                return g_variant_new_double((double)number);
        case 'h':
                return g_variant_new_handle((gint32)(pick(fuzz, 3) ? 0 : number));
        case 's':
                return g_variant_new_take_string(make_string(fuzz));
        case 'o': {
                g_autofree char *path = make_path(fuzz);

                return g_variant_new_object_path(path);
        }
        case 'g':
                return g_variant_new_signature("a{sv}");
        case 'v':
                return make_variant(fuzz, depth);
        case 'a':
                return make_array(fuzz, type, depth);
        case '{': {
                GVariant *key = make_value(fuzz, g_variant_type_key(type), depth + 1);

                return g_variant_new_dict_entry(
                        key, make_value(fuzz, g_variant_type_value(type), depth + 1));
        }
        default:
                return make_tuple(fuzz, type, depth);
        }
}

static GVariant *make_command(Fuzz *fuzz) {
        const char *const *command = commands[pick(fuzz, G_N_ELEMENTS(commands))];
        gssize n = 0;

        while (n < 4 && command[n])
                n++;
        return g_variant_new_strv(command, n);
}

static gboolean is_harmless(const char *name) {
        return !g_str_equal(name, "StartProcess") && !g_str_equal(name, "AddProcess");
}

static GVariant *make_arguments(Fuzz *fuzz, const Method *method) {
        const GVariantType *item = g_variant_type_first(G_VARIANT_TYPE(method->signature));
        GVariantBuilder builder;

        g_variant_builder_init(&builder, G_VARIANT_TYPE(method->signature));
        for (; item; item = g_variant_type_next(item))
                g_variant_builder_add_value(
                        &builder, !is_harmless(method->name) &&
                                                  g_variant_type_equal(item, G_VARIANT_TYPE("as"))
                                          ? make_command(fuzz)
                                          : make_value(fuzz, item, 0));
        return g_variant_builder_end(&builder);
}

/* -- sending */

static GDBusMessage *make_message(Fuzz *fuzz) {
        const Method *method = fuzz->methods->pdata[pick(fuzz, fuzz->methods->len)];
        g_autofree char *path = pick(fuzz, 2) ? g_strdup(ROOT) : make_path(fuzz);
        g_autoptr(GUnixFDList) list = g_unix_fd_list_new();
        GDBusMessage *m;

        m = g_dbus_message_new_method_call(NULL, path, pick(fuzz, 20) ? method->interface : NULL,
                                           method->name);
        g_dbus_message_set_body(m, make_arguments(fuzz, method));
        if (pick(fuzz, 3) == 0)
                g_unix_fd_list_append(list, STDIN_FILENO, NULL);
        g_dbus_message_set_unix_fd_list(m, list);
        if (g_str_equal(method->name, "StartProcess"))
                fuzz->last_id++;
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
                blob[16 + pick(fuzz, (unsigned)size - 16)] = (guchar)g_rand_int(fuzz->rand);
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
 * time since the round began, not that of a busy machine. */
static void look(Fuzz *fuzz, gint64 begin, gint64 used) {
        g_autoptr(GVariant) reply = call_now(fuzz, ROOT, MANAGER, "GetStats", NULL, NULL);
        gint64 took = g_get_monotonic_time() - begin;
        gint64 own = MIN(took, used_usec(fuzz) - used);

        while (g_main_context_iteration(NULL, FALSE))
                ;
        if (!reply)
                fail(fuzz, g_dbus_connection_is_closed(fuzz->connection)
                                   ? "the service is gone"
                                   : "the service does not answer");
        fuzz->longest_usec = MAX(fuzz->longest_usec, own);
        if (own > HANG_USEC || took > STUCK_USEC)
                fail(fuzz, "the service was busy for more than a second, or waited for something");
}

static void clean_up(Fuzz *fuzz) {
        g_autoptr(GVariant) shutdown = call_now(fuzz, ROOT, MANAGER, "Shutdown", NULL, NULL);
        g_autoptr(GVariant) cleanup = call_now(fuzz, ROOT, MANAGER, "CleanupFinished", NULL, NULL);

        if (!shutdown || !cleanup)
                fail(fuzz, "the service does not clean up");
}

/* Bytes that are no messages, each time to a new service: it ends, and ends well. */
static void send_garbage(Fuzz *fuzz) {
        static const char greeting[] = "\0AUTH EXTERNAL 30\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n";
        guchar bytes[512];
        int status, fd = start_daemon(fuzz);
        size_t skip = pick(fuzz, sizeof greeting), size = pick(fuzz, sizeof bytes);

        for (size_t i = 0; i < size; i++)
                bytes[i] = (guchar)g_rand_int(fuzz->rand);
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
        fuzz->n_sent++;
        fuzz->n_restarts++;
}

static int run(Fuzz *fuzz, unsigned n_wanted) {
        guint64 before = 0, after = 0;

        for (unsigned i = 0; i < n_wanted / 2000 + 20; i++)
                send_garbage(fuzz);
        connect_daemon(fuzz);
        learn(fuzz, ROOT);
        g_variant_unref(call_now(fuzz, ROOT, MANAGER, "StartProcess",
                                 g_variant_new_parsed("(['/bin/true'], @a{sv} {})"), NULL));
        learn(fuzz, ROOT "/process/1");
        for (unsigned round = 1; fuzz->n_sent < n_wanted; round++) {
                gint64 begin = g_get_monotonic_time(), used = used_usec(fuzz);

                g_string_truncate(fuzz->round, 0);
                for (unsigned i = 0; i < PER_ROUND; i++)
                        send_one(fuzz);
                look(fuzz, begin, used);
                if (round % ROUNDS != 0)
                        continue;
                clean_up(fuzz);
                after = resident_kib(fuzz);
                if (!before && fuzz->n_sent > n_wanted / 4)
                        before = after;
                if (before && after > before + GROWTH_KIB)
                        fail(fuzz, "the service grows");
        }
        printf("%u messages, %u answers, %u of them errors; %u services for garbage; longest round "
               "%" G_GINT64_FORMAT " us of its time; %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
               " KiB\n",
               fuzz->n_sent, fuzz->n_answers, fuzz->n_errors, fuzz->n_restarts, fuzz->longest_usec,
               before, after);
        end_daemon(fuzz);
        return 0;
}

/* The first process of the namespace, to whom all go whose parent is gone. */
static int first_process(const char *daemon, unsigned n_wanted) {
        const char *seed = g_getenv("PROCTOR_TEST_SEED");
        guint32 number = seed ? (guint32)g_ascii_strtoull(seed, NULL, 10) : g_random_int();
        Fuzz fuzz = {.daemon = daemon, .rand = g_rand_new_with_seed(number)};

        if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("proc", "/proc", "proc", 0, NULL) < 0)
                return SKIPPED;
        printf("PROCTOR_TEST_SEED=%u\n", number);
        fflush(stdout);
        fuzz.round = g_string_new(NULL);
        fuzz.methods = g_ptr_array_new_with_free_func(free_method);
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
