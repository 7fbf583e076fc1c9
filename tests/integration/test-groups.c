/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Groups of real processes: many of them stopped while their members end by themselves, and one beside
 * a process that is none of its own. PROCTOR_DAEMON names the service. */

#include <unistd.h>

#include "util/daemon.h"

#define ROOT     "/org/proctor1"
#define MANAGER  "org.proctor1.Manager"
#define GROUP    "org.proctor1.Group"
#define N_GROUPS 100
#define N_EACH   20

/* The last digits of how long they sleep. */
#define LENGTH_TAIL "0417"

static Daemon service;

static int set_up(void **state) {
        daemon_init(&service);
        return 0;
}

static int tear_down(void **state) {
        daemon_done(&service);
        return 0;
}

/* The answer, which must be one. */
static GVariant *call(const char *path, const char *interface, const char *member,
                      GVariant *arguments) {
        g_autoptr(GError) error = NULL;
        GVariant *answer = daemon_call(&service, path, interface, member, arguments, &error);

        if (!answer)
                fail_msg("%s on %s: %s", member, path, error->message);
        return answer;
}

static char *make_group(unsigned number) {
        g_autofree char *name = g_strdup_printf("group %u", number);
        g_autoptr(GVariant)
                made = call(ROOT, MANAGER, "CreateGroup", g_variant_new("(sa{sv})", name, NULL));
        char *path;

        g_variant_get(made, "(o)", &path);
        return path;
}

static void add(const char *path, const char *member, const char *program, const char *argument) {
        const char *argv[] = {program, argument, NULL};

        g_variant_unref(
                call(path, GROUP, "AddProcess", g_variant_new("(s^asa{sv})", member, argv, NULL)));
}

typedef struct Pending {
        unsigned n_left;
        unsigned n_members; /* in the answers */
} Pending;

static void on_answer(GObject *source, GAsyncResult *result, void *userdata) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant)
                answer = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);
        g_autoptr(GVariant) first = NULL;
        Pending *pending = userdata;

        if (!answer)
                fail_msg("%s", error->message);
        first = g_variant_get_child_value(answer, 0);
        pending->n_members += g_variant_n_children(first);
        pending->n_left--;
}

static gboolean on_patience(void *userdata) {
        fail_msg("the answers do not come");
        return G_SOURCE_REMOVE;
}

/* One call to each group, all at the same time; how many members the answers name. */
static unsigned call_all(char *const *paths, const char *member, GVariant *arguments) {
        Pending pending = {.n_left = N_GROUPS};
        unsigned patience = g_timeout_add_seconds(60, on_patience, NULL);

        if (arguments)
                g_variant_ref_sink(arguments);
        for (unsigned i = 0; i < N_GROUPS; i++)
                g_dbus_connection_call(service.connection, "org.proctor1", paths[i], GROUP, member,
                                       arguments, NULL, G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL,
                                       on_answer, &pending);
        while (pending.n_left > 0)
                g_main_context_iteration(NULL, TRUE);
        g_source_remove(patience);
        if (arguments)
                g_variant_unref(arguments);
        return pending.n_members;
}

/* A PID may have been used again since: by nobody who sleeps as long as these. */
static bool is_ours(uint32_t pid) {
        g_autofree char *path = g_strdup_printf("/proc/%u/cmdline", pid), *line = NULL;
        gsize length = 0;

        return g_file_get_contents(path, &line, &length, NULL) && length > strlen("sleep") + 1 &&
               strstr(line + strlen("sleep") + 1, LENGTH_TAIL);
}

static void expect_nobody_runs(void) {
        g_autoptr(GVariant) answer = call(ROOT, MANAGER, "ListProcesses", NULL);
        g_autoptr(GVariantIter) processes = NULL;
        const char *state;
        uint32_t pid;

        g_variant_get(answer, "(a(oussis))", &processes);
        while (g_variant_iter_next(processes, "(&ou&s&si&s)", NULL, &pid, NULL, &state, NULL,
                                   NULL)) {
                assert_string_equal(state, "finished");
                assert_false(is_ours(pid));
        }
}

static void groups_are_stopped_while_their_members_end(void **state) {
        char *paths[N_GROUPS];

        if (getuid() != 0) {
                print_message("needs root: others may have 64 groups\n");
                skip();
        }
        for (unsigned i = 0; i < N_GROUPS; i++) {
                paths[i] = make_group(i);
                for (unsigned k = 0; k < N_EACH; k++) {
                        g_autofree char *name = g_strdup_printf("%u", k);
                        g_autofree char *length = g_strdup_printf("%.2f" LENGTH_TAIL, 0.05 * k);

                        add(paths[i], name, "sleep", length);
                }
        }
        assert_int_equal(call_all(paths, "StartAll", NULL), N_GROUPS * N_EACH);
        call_all(paths, "StopAll", g_variant_new("(b)", FALSE));
        expect_nobody_runs();
        /* each has finished, one way or the other */
        assert_int_equal(call_all(paths, "WaitForAll", g_variant_new("(t)", (guint64)0)),
                         N_GROUPS * N_EACH);
        call_all(paths, "StartAll", NULL);
        g_variant_unref(call(ROOT, MANAGER, "Shutdown", NULL)); /* in the middle of life */
        g_variant_unref(call(ROOT, MANAGER, "CleanupFinished", NULL));
        for (unsigned i = 0; i < N_GROUPS; i++) {
                g_autofree char *answer = daemon_answer(&service, paths[i], GROUP, "GetStatus",
                                                        NULL);

                assert_string_equal(answer, "org.freedesktop.DBus.Error.UnknownObject");
                g_free(paths[i]);
        }
}

static void nothing_but_its_own_is_touched(void **state) {
        const char *argv[] = {"sleep", "1000", NULL};
        g_autofree char *stranger = daemon_start(&service, argv, NULL);
        g_autofree char *path = make_group(0), *answer = NULL;

        add(path, "a", "sleep", "1000");
        g_variant_unref(call(path, GROUP, "StartAll", NULL));
        g_variant_unref(call(path, GROUP, "Shutdown", NULL));
        answer = daemon_answer(&service, stranger, "org.proctor1.Process", "Wait",
                               g_variant_new("(t)", (guint64)0));
        assert_string_equal(answer, "org.proctor1.Error.Timeout");
        g_variant_unref(call(ROOT, MANAGER, "Shutdown", NULL));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(groups_are_stopped_while_their_members_end),
                TEST(nothing_but_its_own_is_touched),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
