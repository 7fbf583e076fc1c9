/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Programs that write without end, with the real service.
 *
 *   bytes MIB    one writes so much to each stream: it is not held up for ever, what is kept is the
 *                end of it, each byte at its offset, and the service's memory stays at the rings
 *   clients N    fifty write beside N clients on a bus, who call twenty times a second each: how long
 *                one more waits for its answers
 *   pattern MIB  is that program: 64-bit numbers in order
 */

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "integration/private-service.h"
#include "util/daemon.h"

#define MIB      (UINT64_C(1) << 20)
#define RING     65536
#define N_CHATTY 50
#define N_CALLS  1000
/* The goal is 10 ms. This is a bound for a machine on which other things run as well. */
#define P99_MAX (100 * MSEC)

static const char *arg_self;
static uint64_t arg_n;

/* --- the program ------------------------------------------------------------------------------ */

static bool write_all(int fd, const void *data, size_t size) {
        for (const char *at = data; size > 0;) {
                ssize_t n = write(fd, at, size);

                if (n < 0)
                        return false;
                at += n;
                size -= (size_t)n;
        }
        return true;
}

static int write_pattern(uint64_t mib) {
        uint64_t words[8192];

        for (uint64_t i = 0; i < mib * MIB / sizeof words; i++) {
                for (size_t k = 0; k < G_N_ELEMENTS(words); k++)
                        words[k] = i * G_N_ELEMENTS(words) + k;
                if (!write_all(1, words, sizeof words) || !write_all(2, words, sizeof words))
                        return 1;
        }
        return 0;
}

/* --- bytes ------------------------------------------------------------------------------------ */

static uint64_t peak_kib(pid_t pid) {
        g_autofree char *path = g_strdup_printf("/proc/%d/status", (int)pid), *text = NULL;
        const char *line;

        assert_true(g_file_get_contents(path, &text, NULL, NULL));
        line = strstr(text, "VmHWM:");
        assert_non_null(line);
        return g_ascii_strtoull(line + strlen("VmHWM:"), NULL, 10);
}

/* Asks from the first byte, and gets what is kept. */
static void check_stream(PrivateService *service, const char *path, const char *stream,
                         uint64_t written) {
        sd_bus_message *m = service_method(service, path, PROCESS, "ReadOutput"), *reply;
        const uint8_t *data;
        size_t length;
        uint64_t next;
        int eof;

        assert_true(sd_bus_message_append(m, "stu", stream, UINT64_C(0), 1 << 20) >= 0);
        reply = service_call(service, m);
        assert_true(sd_bus_message_read_array(reply, 'y', (const void **)&data, &length) >= 0);
        assert_true(sd_bus_message_read(reply, "tb", &next, &eof) >= 0);
        assert_int_equal(next, written);
        assert_int_equal(length, RING);
        assert_true(eof);
        for (size_t i = 0; i + sizeof(uint64_t) <= length; i += sizeof(uint64_t)) {
                uint64_t word;

                memcpy(&word, data + i, sizeof word);
                assert_int_equal(word, (written - length + i) / sizeof word);
        }
        sd_bus_message_unref(reply);
}

static void expect_success(PrivateService *service, const char *path) {
        sd_bus_message *m = service_method(service, path, PROCESS, "Wait"), *reply;
        const char *result;
        int code;

        assert_true(sd_bus_message_append(m, "t", UINT64_MAX) >= 0);
        assert_true(sd_bus_call(service->bus, m, 300 * SEC, NULL, &reply) >= 0);
        assert_true(sd_bus_message_read(reply, "is", &code, &result) >= 0);
        assert_string_equal(result, "success");
        sd_bus_message_unref(reply);
        sd_bus_message_unref(m);
}

static void what_is_kept_is_the_end_and_memory_stays(void **state) {
        g_autofree char *mib = g_strdup_printf("%" PRIu64, arg_n), *path = NULL;
        const char *const argv[] = {arg_self, "pattern", mib, NULL};
        gint64 began = g_get_monotonic_time();
        PrivateService service;
        uint64_t before, after;

        service_begin(&service, NULL);
        before = peak_kib(service.pid);
        path = service_start(&service, argv, NULL, "a{sv}", 1, "TimeoutUSec", "t", UINT64_MAX);
        expect_success(&service, path);
        after = peak_kib(service.pid);
        print_message("2 x %" PRIu64 " MiB in %.1f s; the service's peak memory: %" PRIu64
                      " KiB before, %" PRIu64 " KiB after\n",
                      arg_n, (double)(g_get_monotonic_time() - began) / 1e6, before, after);
        assert_int_equal(service_number(&service, path, "StdoutBytes"), arg_n * MIB);
        assert_int_equal(service_number(&service, path, "StderrBytes"), arg_n * MIB);
        assert_int_equal(service_number(&service, path, "StdoutDroppedBytes"), arg_n * MIB - RING);
        check_stream(&service, path, "stdout", arg_n * MIB);
        check_stream(&service, path, "stderr", arg_n * MIB);
        assert_true(after < before + 2 * RING / 1024 + 1024 || g_getenv("ASAN_OPTIONS"));
        service_end(&service);
}

/* --- clients ---------------------------------------------------------------------------------- */

static sd_bus *connect_to(const char *address) {
        sd_bus *bus = NULL;

        assert_true(sd_bus_new(&bus) >= 0);
        assert_true(sd_bus_set_address(bus, address) >= 0);
        assert_true(sd_bus_set_bus_client(bus, 1) >= 0);
        assert_true(sd_bus_start(bus) >= 0);
        return bus;
}

static bool ask(sd_bus *bus) {
        uint32_t n;

        return sd_bus_get_property_trivial(bus, "org.proctor1", ROOT, MANAGER, "NRunning", NULL,
                                           'u', &n) >= 0;
}

static pid_t begin_client(const char *address) {
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
                sd_bus *bus;

                prctl(PR_SET_PDEATHSIG, SIGKILL);
                bus = connect_to(address);
                while (ask(bus))
                        g_usleep(50 * MSEC);
                _exit(1);
        }
        return pid;
}

static int compare(const void *a, const void *b) {
        const gint64 *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

static void measure(const char *address, const char *about, gint64 most) {
        sd_bus *bus = connect_to(address);
        gint64 taken[N_CALLS];

        for (unsigned i = 0; i < N_CALLS; i++) {
                gint64 began = g_get_monotonic_time();

                assert_true(ask(bus));
                taken[i] = g_get_monotonic_time() - began;
        }
        qsort(taken, N_CALLS, sizeof taken[0], compare);
        print_message("%s: %.2f ms (median), %.2f ms (99th percentile), %.2f ms (longest)\n", about,
                      (double)taken[N_CALLS / 2] / 1000, (double)taken[N_CALLS * 99 / 100] / 1000,
                      (double)taken[N_CALLS - 1] / 1000);
        assert_true(taken[N_CALLS * 99 / 100] < most);
        sd_bus_flush_close_unref(bus);
}

static void chatter_holds_no_caller_up(void **state) {
        static const char *const yes[] = {"yes", NULL};
        g_autofree pid_t *clients = g_new0(pid_t, arg_n);
        Daemon daemon;

        daemon_init(&daemon);
        measure(daemon.address, "a call, nothing else to do", P99_MAX);
        for (unsigned i = 0; i < N_CHATTY; i++)
                g_free(daemon_start(&daemon, yes, NULL));
        measure(daemon.address, "beside fifty chatty programs", P99_MAX);
        for (unsigned i = 0; i < arg_n; i++)
                clients[i] = begin_client(daemon.address);
        measure(daemon.address, "and all these clients", P99_MAX);
        for (unsigned i = 0; i < arg_n; i++) {
                assert_int_equal(waitpid(clients[i], NULL, WNOHANG), 0); /* it was answered */
                kill(clients[i], SIGKILL);
                waitpid(clients[i], NULL, 0);
        }
        daemon_done(&daemon);
}

int main(int argc, char **argv) {
        const struct CMUnitTest bytes[] = {TEST(what_is_kept_is_the_end_and_memory_stays)};
        const struct CMUnitTest clients[] = {TEST(chatter_holds_no_caller_up)};

        arg_self = argv[0];
        arg_n = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;
        if (arg_n > 0 && strcmp(argv[1], "pattern") == 0)
                return write_pattern(arg_n);
        if (arg_n > 0 && strcmp(argv[1], "bytes") == 0)
                return cmocka_run_group_tests(bytes, NULL, NULL);
        if (arg_n > 0 && strcmp(argv[1], "clients") == 0)
                return cmocka_run_group_tests(clients, NULL, NULL);
        fputs("usage: test-chatter bytes MIB | clients N\n", stderr);
        return 2;
}
