/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The two promises of a watchdog, in numbers, with the real service: who reports in time is never
 * called hung, however busy the machine; and who hangs is always found, in time.
 *
 *   healthy SECONDS   200 processes that report at half their timeout, beside four busy loops for
 *                     each core
 *   hung N            N processes that fall silent, some at once and some after heartbeats
 */

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "integration/private-service.h"

#define N_HEALTHY      200
#define LOOPS_PER_CORE 4
#define CHECK_INTERVAL (100 * MSEC)
/* What a machine on which other things run may add to a verdict. */
#define SLACK    (500 * MSEC)
#define N_ATONCE 200

static unsigned arg_n;

static const char *helper(void) {
        return g_getenv("PROCTOR_TEST_NOTIFY");
}

/* --- healthy ---------------------------------------------------------------------------------- */

static GArray *begin_loops(void) {
        GArray *pids = g_array_new(FALSE, FALSE, sizeof(pid_t));
        long n = sysconf(_SC_NPROCESSORS_ONLN) * LOOPS_PER_CORE;

        for (long i = 0; i < n; i++) {
                pid_t pid = fork();

                assert_true(pid >= 0);
                if (pid == 0) {
                        prctl(PR_SET_PDEATHSIG, SIGKILL);
                        for (;;)
                                __asm__ volatile("");
                }
                g_array_append_val(pids, pid);
        }
        return pids;
}

static void end_loops(GArray *pids) {
        for (unsigned i = 0; i < pids->len; i++) {
                kill(g_array_index(pids, pid_t, i), SIGKILL);
                waitpid(g_array_index(pids, pid_t, i), NULL, 0);
        }
        g_array_unref(pids);
}

static void nobody_who_reports_is_called_hung(void **state) {
        const char *const argv[] = {helper(), "beats", "1000000", "2", NULL};
        g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
        PrivateService service;
        unsigned n_running = 0;
        GArray *loops;

        service_begin(&service, &(ServiceSettings){.check_interval = CHECK_INTERVAL});
        for (unsigned i = 0; i < N_HEALTHY; i++)
                g_ptr_array_add(paths, service_start(&service, argv, NULL, "a{sv}", 4,
                                                     "ActivitySources", "as", 1, "notify",
                                                     "Readiness", "s", "notify", "TimeoutUSec", "t",
                                                     SEC, "ExtraBufferUSec", "t", 500 * MSEC));
        loops = begin_loops();
        service_run(&service, arg_n * SEC);
        end_loops(loops);
        for (unsigned i = 0; i < paths->len; i++) {
                g_autofree char *word = service_string(&service, paths->pdata[i], "State");

                n_running += strcmp(word, "running") == 0;
        }
        print_message("%u s, %u processes beside %ld busy loops: %u called hung, %u running\n",
                      arg_n, N_HEALTHY, sysconf(_SC_NPROCESSORS_ONLN) * LOOPS_PER_CORE,
                      service.hangs->len, n_running);
        assert_int_equal(service.hangs->len, 0);
        assert_int_equal(n_running, N_HEALTHY);
        service_end(&service);
}

/* --- hung ------------------------------------------------------------------------------------- */

typedef struct Silent {
        char *path;
        uint64_t limit; /* timeout and buffer */
} Silent;

static Silent start_silent(PrivateService *service, GRand *rand) {
        uint64_t timeout = (uint64_t)g_rand_int_range(rand, 200, 2000) * MSEC;
        uint64_t buffer = (uint64_t)g_rand_int_range(rand, 0, 500) * MSEC;
        g_autofree char *n_beats = g_strdup_printf("%d", g_rand_int_range(rand, 1, 5));
        const char *const beats[] = {helper(), "beats", n_beats, "2", NULL};
        static const char *const sleeps[] = {"sleep", "1000", NULL};

        return (Silent){
                .path = service_start(service, g_rand_boolean(rand) ? beats : sleeps, NULL, "a{sv}",
                                      3, "ActivitySources", "as", 1, "notify", "TimeoutUSec", "t",
                                      timeout, "ExtraBufferUSec", "t", buffer),
                .limit = timeout + buffer,
        };
}

static int compare(const void *a, const void *b) {
        const uint64_t *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

/* How late the verdict about it was. */
static uint64_t check_one(PrivateService *service, const Silent *silent) {
        g_autofree char *result = NULL;
        uint64_t idle;

        service_await_hang(service, silent->path);
        idle = service_told_idle(service, silent->path);
        assert_true(idle > silent->limit);
        assert_true(idle <= silent->limit + CHECK_INTERVAL + SLACK);
        assert_int_equal(service_count_hangs(service, silent->path), 1);
        sd_bus_message *m = service_method(service, silent->path, PROCESS, "Wait");
        assert_true(sd_bus_message_append(m, "t", 20 * SEC) >= 0);
        sd_bus_message_unref(service_call(service, m));
        result = service_string(service, silent->path, "Result");
        assert_string_equal(result, "hang");
        return idle - silent->limit;
}

static void everybody_who_hangs_is_found(void **state) {
        g_autoptr(GRand) rand = check_rand(__func__);
        g_autofree uint64_t *late = g_new0(uint64_t, arg_n);
        PrivateService service;
        unsigned n = 0;

        service_begin(&service, &(ServiceSettings){.check_interval = CHECK_INTERVAL});
        while (n < arg_n) {
                Silent silent[N_ATONCE];
                unsigned batch = MIN(arg_n - n, N_ATONCE);

                for (unsigned i = 0; i < batch; i++)
                        silent[i] = start_silent(&service, rand);
                for (unsigned i = 0; i < batch; i++) {
                        late[n++] = check_one(&service, &silent[i]);
                        g_free(silent[i].path);
                }
        }
        assert_int_equal(service.hangs->len, arg_n);
        qsort(late, n, sizeof late[0], compare);
        print_message(
                "%u of %u found; late by %.1f ms (median), %.1f ms (99th percentile), %.1f ms "
                "(longest), with a CheckInterval of %.0f ms\n",
                n, arg_n, (double)late[n / 2] / 1000, (double)late[n * 99 / 100] / 1000,
                (double)late[n - 1] / 1000, (double)CHECK_INTERVAL / 1000);
        service_end(&service);
}

int main(int argc, char **argv) {
        const struct CMUnitTest healthy[] = {TEST(nobody_who_reports_is_called_hung)};
        const struct CMUnitTest hung[] = {TEST(everybody_who_hangs_is_found)};

        arg_n = argc == 3 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
        if (arg_n > 0 && strcmp(argv[1], "healthy") == 0)
                return cmocka_run_group_tests(healthy, NULL, NULL);
        if (arg_n > 0 && strcmp(argv[1], "hung") == 0)
                return cmocka_run_group_tests(hung, NULL, NULL);
        fputs("usage: test-endurance healthy SECONDS | hung N\n", stderr);
        return 2;
}
