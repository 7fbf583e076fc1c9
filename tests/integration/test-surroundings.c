/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A private service in other surroundings than the tests' own: for a user without any privileges,
 * where trees are held by subreapers because no cgroup is his, and where cgroups v2 are all that
 * there is, at their usual place. It starts, watches and ends trees. Needs root. */

#include "private-service.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SKIPPED 77

static const char *const as_nobody[] = {"setpriv",        "--reuid=65534",  "--regid=65534",
                                        "--clear-groups", "--no-new-privs", NULL};

/* Where the user can execute it. */
static char *copy_service(void) {
        g_autofree char *contents = NULL;
        char *path = g_strdup("/tmp/proctord-XXXXXX");
        gsize length;
        int fd = g_mkstemp(path);

        assert_true(fd >= 0);
        assert_true(g_file_get_contents(g_getenv("PROCTOR_DAEMON"), &contents, &length, NULL));
        assert_true(write(fd, contents, length) == (ssize_t)length);
        assert_int_equal(fchmod(fd, 0755), 0);
        close(fd);
        return path;
}

/* In a mount namespace of its own. */
static const char *const on_pure_v2[] = {
        "unshare",
        "--mount",
        "sh",
        "-c",
        "umount -R /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup && exec \"$@\"",
        "sh",
        NULL};

static int begin(void **state, const char *const *wrapper) {
        PrivateService *service = g_new0(PrivateService, 1);

        service_begin(service, &(ServiceSettings){.wrapper = wrapper});
        *state = service;
        return 0;
}

static int as_nobody_begin(void **state) {
        return begin(state, as_nobody);
}

static int on_pure_v2_begin(void **state) {
        return begin(state, on_pure_v2);
}

static int tear_down(void **state) {
        service_end(*state);
        g_free(*state);
        return 0;
}

static void expect_end(PrivateService *service, const char *path, int code, const char *result) {
        sd_bus_message *m = service_method(service, path, PROCESS, "Wait"), *reply;
        const char *word;
        int number;

        assert_true(sd_bus_message_append(m, "t", 20 * SEC) >= 0);
        reply = service_call(service, m);
        assert_true(sd_bus_message_read(reply, "is", &number, &word) >= 0);
        assert_string_equal(word, result);
        assert_int_equal(number, code);
        sd_bus_message_unref(reply);
}

static void it_runs_as_that_user(void **state) {
        static const char *const argv[] = {
                "sh", "-c", "test $(id -u) = 65534 && test $(id -g) = 65534 && exit 7", NULL};
        g_autofree char *path = service_start(*state, argv, NULL, "a{sv}", 0);

        expect_end(*state, path, 7, "exit-code");
}

static void expect_containment(PrivateService *service, const char *wanted) {
        static const char *const argv[] = {"true", NULL};
        g_autofree char *path = service_start(service, argv, NULL, "a{sv}", 0), *containment = NULL;

        containment = service_string(service, path, "Containment");
        assert_string_equal(containment, wanted);
        expect_end(service, path, 0, "success");
}

static void it_holds_trees_by_subreapers(void **state) {
        expect_containment(*state, "subreaper");
}

static void it_holds_trees_by_cgroups(void **state) {
        expect_containment(*state, "cgroup");
}

static void it_ends_who_hangs(void **state) {
        static const char *const argv[] = {"sleep", "1000", NULL};
        g_autofree char *path = service_start(*state, argv, NULL, "a{sv}", 2, "TimeoutUSec", "t",
                                              200 * MSEC, "ExtraBufferUSec", "t", 50 * MSEC);

        expect_end(*state, path, -15, "hang");
        service_await_hang(*state, path);
}

/* What the program wrote, when it is there. */
typedef struct Word {
        PrivateService *service;
        const char *path;
        char text[32];
} Word;

static bool is_written(void *userdata) {
        Word *word = userdata;
        sd_bus_message *m = service_method(word->service, word->path, PROCESS, "ReadOutput"),
                       *reply;
        const void *data;
        size_t length;

        assert_true(sd_bus_message_append(m, "stu", "stdout", UINT64_C(0), 31) >= 0);
        reply = service_call(word->service, m);
        assert_true(sd_bus_message_read_array(reply, 'y', &data, &length) >= 0);
        memcpy(word->text, data, length);
        word->text[length] = 0;
        sd_bus_message_unref(reply);
        return strchr(word->text, '\n');
}

static bool is_gone(void *pid) {
        return kill(*(pid_t *)pid, 0) < 0 && errno == ESRCH;
}

static void it_ends_a_daemon_with_its_tree(void **state) {
        static const char *const argv[] = {
                "sh", "-c", "(setsid sh -c 'echo $$; exec sleep 1000' &) ; exec sleep 1000", NULL};
        g_autofree char *path = service_start(*state, argv, NULL, "a{sv}", 0);
        Word word = {.service = *state, .path = path};
        sd_bus_message *m;
        pid_t pid;

        service_until(*state, is_written, &word);
        pid = atoi(word.text);
        assert_true(pid > 1);
        assert_int_equal(kill(pid, 0), 0);
        m = service_method(*state, path, PROCESS, "Stop");
        assert_true(sd_bus_message_append(m, "b", 0) >= 0);
        sd_bus_message_unref(service_call(*state, m));
        expect_end(*state, path, -15, "stopped");
        service_until(*state, is_gone, &pid);
}

#define AS_NOBODY(name)  cmocka_unit_test_setup_teardown(name, as_nobody_begin, tear_down)
#define ON_PURE_V2(name) cmocka_unit_test_setup_teardown(name, on_pure_v2_begin, tear_down)

int main(void) {
        const struct CMUnitTest tests[] = {
                AS_NOBODY(it_runs_as_that_user),
                AS_NOBODY(it_holds_trees_by_subreapers),
                AS_NOBODY(it_ends_who_hangs),
                AS_NOBODY(it_ends_a_daemon_with_its_tree),
                ON_PURE_V2(it_holds_trees_by_cgroups),
                ON_PURE_V2(it_ends_who_hangs),
                ON_PURE_V2(it_ends_a_daemon_with_its_tree),
        };
        g_autofree char *service = NULL;
        int failed;

        if (geteuid() != 0) {
                puts("SKIP surroundings: not root");
                return SKIPPED;
        }
        service = copy_service();
        g_setenv("PROCTOR_DAEMON", service, TRUE);
        failed = cmocka_run_group_tests(tests, NULL, NULL);
        unlink(service);
        return failed;
}
