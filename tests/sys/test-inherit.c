/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a process inherits, line by line, from a service that was started dirty: signals ignored and
 * blocked, descriptors open, umask 0, nice, another timer slack, a score for the OOM killer, a keyring,
 * variables of its own. As who the service is, and as another account. (S-30, S-32) */

#include "world.h"

#include <fcntl.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sys/self.h"

static const char golden_signals[] = "SigBlk:\t0000000000000000\n"
                                     "SigIgn:\t0000000000000000\n"
                                     "SigCgt:\t0000000000000000\n";

static const char golden[] = "umask 0022\n"
                             "nice 0\n"
                             "policy 0\n"
                             "timer slack 50000\n"
                             "nofile 256\n"
                             "oom 0\n"
                             "tty 0\n"
                             "keyring own\n"
                             "leader 1 1\n"
                             "fd 0\n"
                             "fd 1\n"
                             "fd 2\n"
                             "fd 7\n";

static const char own_environment[] = "env PATH=/usr/bin:/bin\n"
                                      "env LD_LIBRARY_PATH=/no/such\n"
                                      "env SET=1\n";

/* Another has nothing of the service's. */
static const char account_identity[] = "Uid:\t65534\t65534\t65534\t65534\n"
                                       "Gid:\t65533\t65533\t65533\t65533\n"
                                       "Groups:\t65531 65532 65533 \n";

static const char account_capabilities[] = "CapInh:\t0000000000000000\n"
                                           "CapPrm:\t0000000000000000\n"
                                           "CapEff:\t0000000000000000\n"
                                           "CapAmb:\t0000000000000000\n";

static const char account_environment[] = "env HOME=/\n"
                                          "env USER=other\n"
                                          "env LOGNAME=other\n"
                                          "env SHELL=/bin/sh\n"
                                          "env PATH=/usr/local/bin:/usr/bin:/bin\n"
                                          "env SET=1\n";

static void make_dirty(void) {
        struct rlimit nofile;
        sigset_t all;
        int oom;

        signal(SIGUSR1, SIG_IGN);
        signal(SIGHUP, SIG_IGN);
        sigfillset(&all);
        sigprocmask(SIG_BLOCK, &all, NULL);
        umask(0);
        (void)setpriority(PRIO_PROCESS, 0, 5);
        prctl(PR_SET_TIMERSLACK, 123456, 0, 0, 0);
        for (int i = 0; i < 20; i++)
                assert_true(open("/dev/null", O_RDONLY) >= 0); /* without CLOEXEC */
        oom = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
        assert_int_equal(write(oom, "500", 3), 3);
        close(oom);
        (void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
        assert_int_equal(getrlimit(RLIMIT_NOFILE, &nofile), 0);
        nofile.rlim_cur = 256;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &nofile), 0);
}

/* Lines of the service's own status, of the keys that begin so. */
static char *own_lines(const char *const *keys) {
        g_autofree char *text = NULL;
        g_auto(GStrv) lines = NULL;
        GString *found = g_string_new(NULL);

        assert_true(g_file_get_contents("/proc/self/status", &text, NULL, NULL));
        lines = g_strsplit(text, "\n", -1);
        for (char **line = lines; *line; line++)
                for (const char *const *key = keys; *key; key++)
                        if (g_str_has_prefix(*line, *key))
                                g_string_append_printf(found, "%s\n", *line);
        return g_string_free(found, FALSE);
}

static char *expected(const Account *account) {
        static const char *const identity[] = {"Uid:", "Gid:", "Groups:", NULL};
        static const char *const capabilities[] = {
                "CapInh:", "CapPrm:", "CapEff:", "CapAmb:", NULL};
        static const char *const seccomp[] = {"Seccomp:", NULL};
        g_autofree char *who = own_lines(identity), *may = own_lines(capabilities);
        g_autofree char *filter = own_lines(seccomp);

        return g_strconcat(account ? account_identity : who, golden_signals,
                           account ? account_capabilities : may, "NoNewPrivs:\t0\n", filter, golden,
                           account ? account_environment : own_environment, NULL);
}

static Account *make_account(void) {
        const gid_t groups[] = {65533, 65531, 65532};

        return account_new(65534, 65533, g_memdup2(groups, sizeof groups), 3, g_strdup("other"),
                           g_strdup("/"), g_strdup("/bin/sh"));
}

/* Where another account can execute it. */
static char *copy_helper(void) {
        char *path = g_strdup("/tmp/proctor-helper-XXXXXX");
        g_autofree char *contents = NULL;
        gsize length;
        int fd = g_mkstemp(path);

        assert_true(g_file_get_contents(world_helper("helper-inherit"), &contents, &length, NULL));
        assert_true(write(fd, contents, length) == (ssize_t)length);
        assert_int_equal(fchmod(fd, 0755), 0);
        close(fd);
        return path;
}

static Spec *make_spec(const char *helper, int out, const Account *account) {
        g_autofree char *keyring = g_strdup_printf(
                "%ld", syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0));
        Spec *spec = world_spec((const char *const[]){helper, keyring, NULL});
        ExtraFd extra = {.target = 7, .fd = fcntl(out, F_DUPFD_CLOEXEC, 3)};

        spec->stdio[1] = (StdioSpec){.kind = STDIO_FD, .fd = fcntl(out, F_DUPFD_CLOEXEC, 3)};
        spec->extra_fds = g_array_new(FALSE, FALSE, sizeof(ExtraFd));
        g_array_append_val(spec->extra_fds, extra);
        spec->set_environment = g_strdupv((GStrv)(const char *const[]){"SET=0", "SET=1", NULL});
        spec->unset_environment = g_strdupv((GStrv)(const char *const[]){"UNSET", NULL});
        spec->account = account ? account_ref((Account *)account) : NULL;
        return spec;
}

static void check(ContainmentKind kind, SpawnMode mode, const Self *self, const Account *account) {
        const char *const environment[] = {"PATH=/usr/bin:/bin",
                                           "UNSET=1",
                                           "LD_LIBRARY_PATH=/no/such",
                                           "NOTIFY_SOCKET=/run/no",
                                           "WATCHDOG_USEC=1",
                                           "LISTEN_FDS=1",
                                           "INVOCATION_ID=1",
                                           "DBUS_STARTER_ADDRESS=",
                                           NULL};
        SysConfig config = {
                .containment = kind, .spawn_mode = mode, .self = self, .environment = environment};
        char path[] = "/tmp/proctor-inherit-XXXXXX";
        _cleanup_close_ int out = mkostemp(path, O_CLOEXEC);
        g_autofree char *printed = NULL, *wanted = expected(account), *helper = copy_helper();
        g_autoptr(Spec) spec = make_spec(helper, out, account);
        World world;
        Run run = {0};

        world_init(&world, &config);
        run_start(&run, &world, spec);
        world_wait(&world, &run.emptied);
        assert_string_equal(run.order, "SXE");
        assert_true(g_file_get_contents(path, &printed, NULL, NULL));
        unlink(path);
        unlink(helper);
        assert_string_equal(printed, wanted);
        run_done(&run);
        world_done(&world);
}

/* S-32: whatever the umask was that it was started with. */
static void what_the_service_makes_is_its_own(void **state) {
        g_autofree char *folder = g_dir_make_tmp("proctor-test-XXXXXX", NULL);
        g_autofree char *path = g_build_filename(folder, "file", NULL);
        struct stat st;
        Self self;
        int fd;

        umask(0);
        assert_int_equal(self_prepare(&self), 0);
        fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
        assert_true(fd >= 0);
        assert_int_equal(fstat(fd, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        close(fd);
        unlink(path);
        rmdir(folder);
}

static void every_kind_inherits_the_same_nothing(void **state) {
        g_autoptr(Account) account = make_account();
        Self self;

        if (geteuid() != 0)
                skip(); /* nice cannot be undone */
        make_dirty();
        assert_int_equal(self_prepare(&self), 0);
        for (int kind = CONTAINMENT_SUBREAPER; kind < _CONTAINMENT_KIND_MAX; kind++)
                for (int mode = 0; mode < _SPAWN_MODE_MAX; mode++) {
                        check((ContainmentKind)kind, (SpawnMode)mode, &self, NULL);
                        check((ContainmentKind)kind, (SpawnMode)mode, &self, account);
                }
        check(CONTAINMENT_AUTO, SPAWN_SHARED, &self, NULL);
        check(CONTAINMENT_AUTO, SPAWN_SHARED, &self, account);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_the_service_makes_is_its_own),
                cmocka_unit_test(every_kind_inherits_the_same_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
