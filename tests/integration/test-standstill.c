/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is no idle time, with the real service: the world frozen and thawed, the service stopped, a
 * process stopped or under a debugger, the wall clock set. Nobody is called hung for it, it is counted,
 * and who does hang is found all the same. Needs root. */

#include "private-service.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT (300 * MSEC)
#define BUFFER  (100 * MSEC)
#define LIMIT   (TIMEOUT + BUFFER)
#define LONG    (3 * LIMIT)
#define DAY     (INT64_C(24) * 60 * 60)

static const char *const sleeper[] = {"sleep", "1000", NULL};

static uint64_t now_usec(void) {
        return (uint64_t)g_get_monotonic_time();
}

static char *start_silent(PrivateService *service, pid_t *ret_pid) {
        return service_start(service, sleeper, ret_pid, "a{sv}", 4, "TimeoutUSec", "t", TIMEOUT,
                             "ExtraBufferUSec", "t", BUFFER, "MaxHangTimeUSec", "t", UINT64_MAX,
                             "AutoKill", "b", 0);
}

/* A program with heartbeats at a quarter of its timeout. */
static char *start_beating(PrivateService *service, pid_t *ret_pid) {
        const char *const argv[] = {g_getenv("PROCTOR_TEST_NOTIFY"), "beats", "100000", NULL};

        return service_start(service, argv, ret_pid, "a{sv}", 5, "ActivitySources", "as", 1,
                             "notify", "Readiness", "s", "notify", "TimeoutUSec", "t", TIMEOUT,
                             "ExtraBufferUSec", "t", BUFFER, "MaxHangTimeUSec", "t", UINT64_MAX);
}

static void expect_well(PrivateService *service, const char *path) {
        g_autofree char *state = service_string(service, path, "State");

        assert_string_equal(state, "running");
        assert_int_equal(service_count_hangs(service, path), 0);
}

/* --- frozen ----------------------------------------------------------------------------------- */

static char *cgroup_root(void) {
        static const char *const mounts[] = {"/sys/fs/cgroup/unified", "/sys/fs/cgroup"};

        for (unsigned i = 0; i < G_N_ELEMENTS(mounts); i++) {
                g_autofree char *file = g_build_filename(mounts[i], "cgroup.procs", NULL);

                if (access(file, W_OK) == 0)
                        return g_strdup(mounts[i]);
        }
        return NULL;
}

static char *make_cgroup(void) {
        g_autofree char *root = cgroup_root(), *name = NULL;
        char *path;

        if (!root) {
                print_message("no cgroup v2 that can be written\n");
                skip();
        }
        name = g_strdup_printf("test-standstill-%d", (int)getpid());
        path = g_build_filename(root, name, NULL);
        assert_int_equal(mkdir(path, 0755), 0);
        return path;
}

static bool is_removed(void *path) {
        return rmdir(path) == 0 || errno == ENOENT;
}

static void remove_cgroup(const char *path) {
        uint64_t end = now_usec() + 10 * SEC;

        while (!is_removed((void *)path) && now_usec() < end)
                g_usleep(1000);
}

static bool is_frozen(void *path) {
        g_autofree char *file = g_build_filename(path, "cgroup.events", NULL), *text = NULL;

        assert_true(g_file_get_contents(file, &text, NULL, NULL));
        return strstr(text, "frozen 1");
}

/* Freezes service and processes; how long they were so at least. */
static uint64_t freeze_world(PrivateService *service, const char *cgroup, uint64_t usec) {
        g_autofree char *file = g_build_filename(cgroup, "cgroup.freeze", NULL);
        uint64_t began;

        service_write(file, "1");
        service_until(service, is_frozen, (void *)cgroup);
        began = now_usec();
        service_run(service, usec);
        began = now_usec() - began;
        service_write(file, "0");
        return began;
}

static void expect_frozen_world_excused(const char *containment) {
        g_autofree char *cgroup = make_cgroup(), *beating = NULL, *silent = NULL;
        ServiceSettings settings = {.cgroup = cgroup, .containment = containment};
        PrivateService service;
        uint64_t began, frozen, hung;

        service_begin(&service, &settings);
        beating = start_beating(&service, NULL);
        freeze_world(&service, cgroup, LONG);
        service_run(&service, LIMIT);
        expect_well(&service, beating);

        /* and when it was over before anything was due */
        began = now_usec();
        silent = start_silent(&service, NULL);
        frozen = freeze_world(&service, cgroup, TIMEOUT / 2);
        hung = service_await_hang(&service, silent);
        assert_true(hung >= began + LIMIT + frozen);
        expect_well(&service, beating);
        service_end(&service);
        remove_cgroup(cgroup);
}

static void a_frozen_world_is_excused_in_cgroups(void **state) {
        expect_frozen_world_excused("cgroup");
}

static void a_frozen_world_is_excused_with_subreapers(void **state) {
        expect_frozen_world_excused("subreaper");
}

/* --- the service stopped ---------------------------------------------------------------------- */

static void a_stopped_service_condemns_nobody(void **state) {
        g_autofree char *beating = NULL, *silent = NULL;
        PrivateService service;
        uint64_t began, stopped;

        service_begin(&service, NULL);
        beating = start_beating(&service, NULL);
        assert_int_equal(kill(service.pid, SIGSTOP), 0);
        service_run(&service, LONG);
        assert_int_equal(kill(service.pid, SIGCONT), 0);
        service_run(&service, LIMIT);
        expect_well(&service, beating);

        began = now_usec();
        silent = start_silent(&service, NULL);
        stopped = now_usec();
        assert_int_equal(kill(service.pid, SIGSTOP), 0);
        service_run(&service, TIMEOUT / 2);
        stopped = now_usec() - stopped;
        assert_int_equal(kill(service.pid, SIGCONT), 0);
        assert_true(service_await_hang(&service, silent) >= began + LIMIT + stopped - 5 * MSEC);
        service_end(&service);
}

/* --- a process stopped ------------------------------------------------------------------------ */

#define N_KINDS 3

typedef struct Stopped {
        PrivateService service;
        char *shortly, *longer;
        pid_t short_pid, long_pid;
        uint64_t stopped;
} Stopped;

static void end_stops(Stopped *s) {
        service_await_hang(&s->service, s->shortly);
        expect_well(&s->service, s->longer);
        assert_int_equal(kill(s->long_pid, SIGCONT), 0);
        service_await_hang(&s->service, s->longer);
        service_end(&s->service);
        g_free(s->shortly);
        g_free(s->longer);
}

static void a_stopped_process_is_excused(void **state) {
        static const char *const kinds[N_KINDS] = {"cgroup", "subreaper", "process-group"};
        Stopped all[N_KINDS];

        for (unsigned i = 0; i < N_KINDS; i++) {
                service_begin(&all[i].service, &(ServiceSettings){.containment = kinds[i]});
                all[i].longer = start_silent(&all[i].service, &all[i].long_pid);
                assert_int_equal(kill(all[i].long_pid, SIGSTOP), 0);
        }
        g_usleep(LONG);
        for (unsigned i = 0; i < N_KINDS; i++) {
                expect_well(&all[i].service, all[i].longer);
                assert_true(service_suppressed(&all[i].service) > 0);
                all[i].shortly = start_silent(&all[i].service, &all[i].short_pid);
                all[i].stopped = now_usec();
                assert_int_equal(kill(all[i].short_pid, SIGSTOP), 0);
        }
        g_usleep(TIMEOUT * 2 / 3);
        for (unsigned i = 0; i < N_KINDS; i++) {
                all[i].stopped = now_usec() - all[i].stopped;
                assert_int_equal(kill(all[i].short_pid, SIGCONT), 0);
        }
        for (unsigned i = 0; i < N_KINDS; i++) {
                service_await_hang(&all[i].service, all[i].shortly);
                /* the service heard of the stop a moment after it was, a loaded machine later */
                assert_true(service_told_idle(&all[i].service, all[i].shortly) >=
                            LIMIT + all[i].stopped - 140 * MSEC);
                end_stops(&all[i]);
        }
}

/* --- a debugger ------------------------------------------------------------------------------- */

typedef struct Debugger {
        pid_t pid, tracee;
        int commands;
} Debugger;

static bool is_traced(void *data) {
        g_autofree char *path = g_strdup_printf("/proc/%d/status", (int)((Debugger *)data)->tracee);
        g_autofree char *text = NULL;
        const char *line;

        assert_true(g_file_get_contents(path, &text, NULL, NULL));
        line = strstr(text, "TracerPid:");
        return atoi(line + strlen("TracerPid:")) != 0;
}

static void debugger_begin(Debugger *debugger, pid_t tracee) {
        int ends[2];

        assert_int_equal(pipe(ends), 0);
        debugger->tracee = tracee;
        debugger->pid = fork();
        assert_true(debugger->pid >= 0);
        if (debugger->pid == 0) {
                g_autofree char *pid = g_strdup_printf("%d", (int)tracee);
                int null_fd = open("/dev/null", O_WRONLY);

                dup2(ends[0], 0);
                dup2(null_fd, 1);
                dup2(null_fd, 2);
                syscall(SYS_close_range, 3, ~0U, 0);
                execlp("gdb", "gdb", "-nx", "-q", "-p", pid, NULL);
                _exit(127);
        }
        close(ends[0]);
        debugger->commands = ends[1];
}

/* At the end of its input it leaves, and lets the process go. */
static void debugger_end(Debugger *debugger) {
        close(debugger->commands);
        waitpid(debugger->pid, NULL, 0);
}

static void a_process_under_gdb_is_excused(void **state) {
        g_autofree char *path = NULL, *gdb = g_find_program_in_path("gdb");
        PrivateService service;
        Debugger debugger;
        pid_t pid;

        if (!gdb) {
                print_message("there is no gdb\n");
                skip();
        }
        service_begin(&service, NULL);
        path = service_start(&service, sleeper, &pid, "a{sv}", 2, "TimeoutUSec", "t", UINT64_MAX,
                             "MaxHangTimeUSec", "t", UINT64_MAX);
        debugger_begin(&debugger, pid);
        service_until(&service, is_traced, &debugger);
        service_set(&service, path, PROCESS, "ExtraBufferUSec", BUFFER);
        service_set(&service, path, PROCESS, "TimeoutUSec", TIMEOUT);
        service_run(&service, LONG);
        expect_well(&service, path);
        assert_true(service_suppressed(&service) > 0);
        debugger_end(&debugger);
        service_await_hang(&service, path);
        service_end(&service);
}

/* --- the wall clock --------------------------------------------------------------------------- */

typedef struct Clock {
        char *path, *environment, *preload;
        volatile int64_t *offset;
} Clock;

static void clock_begin(Clock *clock) {
        int fd;

        clock->path = g_strdup("/tmp/proctor-clock-XXXXXX");
        fd = g_mkstemp(clock->path);
        assert_true(fd >= 0);
        assert_int_equal(ftruncate(fd, 4096), 0);
        clock->offset = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        assert_true(clock->offset != MAP_FAILED);
        close(fd);
        clock->environment = g_strdup_printf("PROCTOR_TEST_CLOCK=%s", clock->path);
        clock->preload = g_strdup_printf("LD_PRELOAD=%s", g_getenv("PROCTOR_TEST_CLOCK_SHIM"));
}

static void clock_end(Clock *clock) {
        munmap((void *)clock->offset, 4096);
        unlink(clock->path);
        g_free(clock->path);
        g_free(clock->environment);
        g_free(clock->preload);
}

static uint64_t wall_clock_of_last_beat(PrivateService *service, const char *path) {
        return service_number(service, path, "LastActivityTimestamp");
}

static void setting_the_clock_changes_nothing(void **state) {
        static const int64_t offsets[] = {DAY, -DAY, 0};
        g_autofree char *beating = NULL;
        PrivateService service;
        Clock clock;

        clock_begin(&clock);
        const char *const environment[] = {clock.environment, clock.preload,
                                           "ASAN_OPTIONS=verify_asan_link_order=0", NULL};
        service_begin(&service, &(ServiceSettings){.environment = environment});
        beating = start_beating(&service, NULL);
        for (unsigned i = 0; i < G_N_ELEMENTS(offsets); i++) {
                g_autofree char *silent = start_silent(&service, NULL);
                uint64_t began = service_number(&service, silent, "StartTimestampMonotonic");
                uint64_t wall, expected;

                service_run(&service, TIMEOUT / 2);
                *clock.offset = offsets[i];
                assert_true(service_await_hang(&service, silent) >= began + LIMIT);
                assert_true(now_usec() < began + LIMIT + 5 * SEC);
                service_run(&service, TIMEOUT);
                expect_well(&service, beating);
                wall = wall_clock_of_last_beat(&service, beating);
                expected = (uint64_t)(g_get_real_time() + offsets[i] * (int64_t)SEC);
                assert_true(wall <= expected && wall + 10 * SEC > expected); /* the shim works */
        }
        service_end(&service);
        clock_end(&clock);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_frozen_world_is_excused_in_cgroups),
                cmocka_unit_test(a_frozen_world_is_excused_with_subreapers),
                cmocka_unit_test(a_stopped_service_condemns_nobody),
                cmocka_unit_test(a_stopped_process_is_excused),
                cmocka_unit_test(a_process_under_gdb_is_excused),
                cmocka_unit_test(setting_the_clock_changes_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
