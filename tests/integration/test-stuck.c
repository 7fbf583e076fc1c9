/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A process that nothing can end, because the kernel waits for a file system that does not answer, as
 * on a dead mount: whoever stops it is told StillAlive with its PID and what it is stuck in, other
 * calls go on meanwhile, and when the kernel lets it go its end is told like any other. The file system
 * is this test: a FUSE mount in a mount namespace of its own. Needs root and /dev/fuse. */

#include "private-service.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#define SKIPPED 77

typedef struct Mount {
        char *directory;
        int fd;
} Mount;

/* -1 with errno. The kernel's first question is the only one that is answered. */
static int mount_begin(Mount *mounted) {
        g_autofree char *options = NULL;
        char buffer[65536];
        const struct fuse_in_header *question = (const struct fuse_in_header *)buffer;
        struct {
                struct fuse_out_header header;
                struct fuse_init_out body;
        } answer = {.header.len = sizeof answer,
                    .body = {.major = FUSE_KERNEL_VERSION,
                             .minor = FUSE_KERNEL_MINOR_VERSION,
                             .max_write = 4096}};

        mounted->directory = g_dir_make_tmp("proctor-stuck-XXXXXX", NULL);
        mounted->fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
        if (mounted->fd < 0 || unshare(CLONE_NEWNS) < 0 ||
            mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
                return -1;
        options = g_strdup_printf("fd=%d,rootmode=40000,user_id=0,group_id=0", mounted->fd);
        if (mount("test", mounted->directory, "fuse", MS_NOSUID | MS_NODEV, options) < 0 ||
            read(mounted->fd, buffer, sizeof buffer) < (ssize_t)sizeof *question)
                return -1;
        assert_int_equal(question->opcode, FUSE_INIT);
        answer.header.unique = question->unique;
        return write(mounted->fd, &answer, sizeof answer) == (ssize_t)sizeof answer ? 0 : -1;
}

/* Takes a question and keeps it: from now on not even SIGKILL gets the asker out. */
static bool takes_question(void *userdata) {
        struct pollfd p = {.fd = ((Mount *)userdata)->fd, .events = POLLIN};
        char buffer[65536];

        return poll(&p, 1, 0) > 0 && read(p.fd, buffer, sizeof buffer) > 0;
}

static void mount_end(Mount *mounted) {
        if (mounted->fd >= 0)
                close(mounted->fd);
        mounted->fd = -1;
        (void)umount2(mounted->directory, MNT_DETACH);
        rmdir(mounted->directory);
        g_free(mounted->directory);
}

static Mount arg_mount;

typedef struct Answer {
        bool is_there;
        char *name, *text; /* of the error; NULL: it is none */
} Answer;

static int on_answer(sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        const sd_bus_error *told = sd_bus_message_get_error(reply);
        Answer *answer = userdata;

        answer->is_there = true;
        answer->name = told ? g_strdup(told->name) : NULL;
        answer->text = told ? g_strdup(told->message) : NULL;
        return 0;
}

static bool is_answered(void *userdata) {
        return ((Answer *)userdata)->is_there;
}

static void expect_end(PrivateService *service, const char *path, const char *result) {
        sd_bus_message *m = service_method(service, path, PROCESS, "Wait"), *reply;
        const char *word;
        int code;

        assert_true(sd_bus_message_append(m, "t", 20 * SEC) >= 0);
        reply = service_call(service, m);
        assert_true(sd_bus_message_read(reply, "is", &code, &word) >= 0);
        assert_string_equal(word, result);
        sd_bus_message_unref(reply);
}

static void who_cannot_be_ended_is_said_to_be_alive(void **state) {
        g_autofree char *file = g_build_filename(arg_mount.directory, "file", NULL);
        const char *const stuck_argv[] = {"cat", file, NULL}, *const quick_argv[] = {"true", NULL};
        g_autofree char *stuck = NULL, *number = NULL;
        Answer answer = {0};
        PrivateService service;
        sd_bus_message *m;
        pid_t pid;

        service_begin(&service, NULL);
        stuck = service_start(&service, stuck_argv, &pid, "a{sv}", 1, "StopTimeoutUSec", "t",
                              100 * MSEC);
        service_until(&service, takes_question, &arg_mount);
        m = service_method(&service, stuck, PROCESS, "Stop");
        assert_true(sd_bus_message_append(m, "b", 0) >= 0);
        assert_true(sd_bus_call_async(service.bus, NULL, m, on_answer, &answer, 30 * SEC) >= 0);
        sd_bus_message_unref(m);
        while (!answer.is_there) {
                g_autofree char *quick = service_start(&service, quick_argv, NULL, "a{sv}", 0);

                expect_end(&service, quick, "success");
                service_run(&service, 100 * MSEC);
        }
        service_until(&service, is_answered, &answer);
        assert_string_equal(answer.name, "org.proctor1.Error.StillAlive");
        number = g_strdup_printf("%d (cat): D", (int)pid);
        if (!strstr(answer.text, number))
                fail_msg("expected '%s' in: %s", number, answer.text);

        close(arg_mount.fd); /* the mount is dead for good, and the kernel knows */
        arg_mount.fd = -1;
        expect_end(&service, stuck, "stopped");
        g_free(answer.name);
        g_free(answer.text);
        service_end(&service);
}

int main(void) {
        const struct CMUnitTest tests[] = {TEST(who_cannot_be_ended_is_said_to_be_alive)};
        int failed;

        if (mount_begin(&arg_mount) < 0) {
                printf("SKIP stuck: no FUSE mount: %s\n", strerror(errno));
                mount_end(&arg_mount);
                return SKIPPED;
        }
        failed = cmocka_run_group_tests(tests, NULL, NULL);
        mount_end(&arg_mount);
        return failed;
}
