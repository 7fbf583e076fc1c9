/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a process inherits, line by line, from a service that was started dirty: signals ignored and
 * blocked, descriptors open, umask 0, nice, another timer slack, variables of its own. */

#include "world.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sys/self.h"

static const char golden[] = "SigBlk:\t0000000000000000\n"
                             "SigIgn:\t0000000000000000\n"
                             "SigCgt:\t0000000000000000\n"
                             "NoNewPrivs:\t0\n"
                             "umask 0022\n"
                             "nice 0\n"
                             "policy 0\n"
                             "timer slack 50000\n"
                             "nofile 256\n"
                             "leader 1 1\n"
                             "fd 0\n"
                             "fd 1\n"
                             "fd 2\n"
                             "fd 7\n"
                             "env PATH=/usr/bin:/bin\n"
                             "env SET=1\n";

static void make_dirty(void) {
        struct rlimit nofile;
        sigset_t all;

        signal(SIGUSR1, SIG_IGN);
        signal(SIGHUP, SIG_IGN);
        sigfillset(&all);
        sigprocmask(SIG_BLOCK, &all, NULL);
        umask(0);
        (void)setpriority(PRIO_PROCESS, 0, 5);
        prctl(PR_SET_TIMERSLACK, 123456, 0, 0, 0);
        for (int i = 0; i < 20; i++)
                assert_true(open("/dev/null", O_RDONLY) >= 0); /* without CLOEXEC */
        assert_int_equal(getrlimit(RLIMIT_NOFILE, &nofile), 0);
        nofile.rlim_cur = 256;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &nofile), 0);
}

static Spec *make_spec(int out) {
        Spec *spec = world_spec((const char *const[]){world_helper("helper-inherit"), NULL});
        ExtraFd extra = {.target = 7, .fd = fcntl(out, F_DUPFD_CLOEXEC, 3)};

        spec->stdio[1] = (StdioSpec){.kind = STDIO_FD, .fd = fcntl(out, F_DUPFD_CLOEXEC, 3)};
        spec->extra_fds = g_array_new(FALSE, FALSE, sizeof(ExtraFd));
        g_array_append_val(spec->extra_fds, extra);
        spec->set_environment = g_strdupv((GStrv)(const char *const[]){"SET=0", "SET=1", NULL});
        spec->unset_environment = g_strdupv((GStrv)(const char *const[]){"UNSET", NULL});
        return spec;
}

static void check(ContainmentKind kind, SpawnMode mode, const Self *self) {
        const char *const environment[] = {
                "PATH=/usr/bin:/bin", "UNSET=1",         "NOTIFY_SOCKET=/run/no", "WATCHDOG_USEC=1",
                "LISTEN_FDS=1",       "INVOCATION_ID=1", "DBUS_STARTER_ADDRESS=", NULL};
        SysConfig config = {
                .containment = kind, .spawn_mode = mode, .self = self, .environment = environment};
        char path[] = "/tmp/proctor-inherit-XXXXXX";
        _cleanup_close_ int out = mkostemp(path, O_CLOEXEC);
        g_autofree char *printed = NULL;
        g_autoptr(Spec) spec = make_spec(out);
        World world;
        Run run = {0};

        world_init(&world, &config);
        run_start(&run, &world, spec);
        world_wait(&world, &run.emptied);
        assert_string_equal(run.order, "SXE");
        assert_true(g_file_get_contents(path, &printed, NULL, NULL));
        unlink(path);
        assert_string_equal(printed, golden);
        run_done(&run);
        world_done(&world);
}

static void every_kind_inherits_the_same_nothing(void **state) {
        Self self;

        if (geteuid() != 0)
                skip(); /* nice cannot be undone */
        make_dirty();
        assert_int_equal(self_prepare(&self), 0);
        for (int kind = CONTAINMENT_SUBREAPER; kind < _CONTAINMENT_KIND_MAX; kind++)
                for (int mode = 0; mode < _SPAWN_MODE_MAX; mode++)
                        check((ContainmentKind)kind, (SpawnMode)mode, &self);
        check(CONTAINMENT_AUTO, SPAWN_SHARED, &self);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_kind_inherits_the_same_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
