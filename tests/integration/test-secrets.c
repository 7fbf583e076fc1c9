/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* S-22: what a process was given in its environment is not found in the memory of the service once the
 * process runs, or its start was refused, or its group is gone. */

#include "private-service.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Long enough that what an allocator writes into freed memory leaves most of it. */
#define PIECE "the password of the database is kingfisher; "

static char *secret; /* no constant: only what was sent has all of it */

static unsigned count_in(const char *memory, size_t length) {
        const char *at = memory, *end = memory + length;
        unsigned n = 0;

        while ((at = memmem(at, (size_t)(end - at), PIECE, strlen(PIECE)))) {
                at++;
                n++;
        }
        return n;
}

static unsigned count_in_range(int fd, uint64_t begin, uint64_t end) {
        char *memory = g_try_malloc(end - begin);
        ssize_t n = memory ? pread(fd, memory, end - begin, (off_t)begin) : -1;
        unsigned found = n > 0 ? count_in(memory, (size_t)n) : 0;

        g_free(memory);
        return found;
}

/* Of what it has written to; what no process has touched, as a sanitizer's shadow, is left out. */
static unsigned copies_in_memory(pid_t pid) {
        g_autofree char *maps_path = g_strdup_printf("/proc/%d/smaps", (int)pid);
        g_autofree char *memory_path = g_strdup_printf("/proc/%d/mem", (int)pid);
        int fd = open(memory_path, O_RDONLY | O_CLOEXEC);
        FILE *maps = fopen(maps_path, "re");
        uint64_t begin = 0, end = 0, rss;
        unsigned n = 0;
        char line[4096], mode[8] = "";

        assert_true(fd >= 0 && maps);
        while (fgets(line, sizeof line, maps)) {
                uint64_t from, to;

                if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &from, &to, mode) == 3) {
                        begin = from;
                        end = to;
                } else if (sscanf(line, "Rss: %" SCNu64, &rss) == 1 && rss > 0 && mode[1] == 'w' &&
                           end - begin < UINT64_C(1) << 30)
                        n += count_in_range(fd, begin, end);
        }
        (void)fclose(maps);
        close(fd);
        return n / 2;
}

/* What it was sent goes after the answer does; it works off one message after the other. */
static unsigned copies_in_service(PrivateService *service) {
        sd_bus_message_unref(
                service_call(service, service_method(service, ROOT, MANAGER, "ListGroups")));
        return copies_in_memory(service->pid);
}

/* A start that failed is let go of when its child has been seen to end, which is a little later. */
static void expect_copies(PrivateService *service, unsigned expected) {
        unsigned n = copies_in_service(service);

        for (unsigned i = 0; i < 1000 && n > expected; i++) {
                g_usleep(10000);
                n = copies_in_service(service);
        }
        assert_int_equal(n, expected);
}

static void with_secret(sd_bus_message *m, const char *key, const char *value) {
        assert_true(sd_bus_message_append(m, "a{sv}", 2, "Environment", "a{ss}", 1, "PASSWORD",
                                          secret, key, "s", value) >= 0);
}

static void a_start_leaves_nothing(void **state) {
        static const char *const argv[] = {"sleep", "1000", NULL};
        g_autofree char *path = NULL;
        PrivateService service;

        service_begin(&service, NULL);
        path = service_start(&service, argv, NULL, "a{sv}", 1, "Environment", "a{ss}", 1,
                             "PASSWORD", secret);
        expect_copies(&service, 0);
        service_end(&service);
}

/* Of a copy that is being looked for, too: this program has one. */
static void what_is_looked_for_would_be_found(void **state) {
        assert_true(copies_in_memory(getpid()) > 0);
}

static void a_refused_start_leaves_nothing(void **state) {
        static const char *const argv[] = {"/no/such", NULL};
        static const struct {
                const char *key, *value;
        } options[] = {{"Name", "fails to be executed"}, {"Name", "\n"}, {"NoSuch", ""}};
        PrivateService service;

        service_begin(&service, NULL);
        for (unsigned i = 0; i < G_N_ELEMENTS(options); i++) {
                sd_bus_message *m = service_method(&service, ROOT, MANAGER, "StartProcess");

                assert_true(sd_bus_message_append_strv(m, (char **)argv) >= 0);
                with_secret(m, options[i].key, options[i].value);
                assert_true(sd_bus_call(service.bus, m, 20 * SEC, NULL, NULL) < 0);
                sd_bus_message_unref(m);
        }
        expect_copies(&service, 0);
        service_end(&service);
}

/* A plan keeps it, to be started again. */
static void a_group_that_has_gone_leaves_nothing(void **state) {
        static const char *const argv[] = {"true", NULL};
        sd_bus_message *m, *reply;
        g_autofree char *group = NULL;
        PrivateService service;
        const char *path;

        service_begin(&service, NULL);
        m = service_method(&service, ROOT, MANAGER, "CreateGroup");
        assert_true(sd_bus_message_append(m, "sa{sv}", "g", 0) >= 0);
        reply = service_call(&service, m);
        assert_true(sd_bus_message_read(reply, "o", &path) >= 0);
        group = g_strdup(path);
        sd_bus_message_unref(reply);

        m = service_method(&service, group, "org.proctor1.Group", "AddProcess");
        assert_true(sd_bus_message_append(m, "s", "member") >= 0);
        assert_true(sd_bus_message_append_strv(m, (char **)argv) >= 0);
        with_secret(m, "Name", "member");
        sd_bus_message_unref(service_call(&service, m));
        m = service_method(&service, group, "org.proctor1.Group", "StartAll");
        sd_bus_message_unref(service_call(&service, m));
        expect_copies(&service, 1);
        m = service_method(&service, group, "org.proctor1.Group", "Shutdown");
        sd_bus_message_unref(service_call(&service, m));
        expect_copies(&service, 0);
        service_end(&service);
}

static int make_secret(void **state) {
        secret = g_strconcat(PIECE, PIECE, NULL); /* two pieces are a copy */
        return 0;
}

static int drop_secret(void **state) {
        g_free(secret);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(what_is_looked_for_would_be_found),
                TEST(a_start_leaves_nothing),
                TEST(a_refused_start_leaves_nothing),
                TEST(a_group_that_has_gone_leaves_nothing),
        };

        return cmocka_run_group_tests(tests, make_secret, drop_secret);
}
