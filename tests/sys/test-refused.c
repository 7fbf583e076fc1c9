/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* S-31: whatever the kernel refuses a new process on its way, the program does not run, and what was
 * refused is said. Each case is a service of its own, which the kernel refuses one system call; or to
 * which it says of the change of user that it was done, and does not do it. */

#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANY       UINT32_MAX
#define UID       4000000000U
#define GID       54321U
#define LOW_WORD  (G_BYTE_ORDER == G_LITTLE_ENDIAN ? 0 : 4)
#define ARG(n)    (offsetof(struct seccomp_data, args[n]) + LOW_WORD)
#define REFUSED   EPERM
#define PRETENDED 0

typedef struct Case {
        const char *expected; /* "step: error" */
        long call;
        unsigned argument; /* number of the one that has to be … */
        uint32_t value;    /* … that; or ANY */
        uint32_t error;
} Case;

/* How a process becomes another user, in its order, with all that can be asked for. */
static const Case cases[] = {
        {"detach: EPERM", SYS_close_range, 0, ANY, REFUSED},
        {"session: EPERM", SYS_setsid, 0, ANY, REFUSED},
        {"stdin: EPERM", SYS_dup3, 0, ANY, REFUSED},
        {"limits: EPERM", SYS_prlimit64, 1, RLIMIT_CPU, REFUSED},
        {"nice: EPERM", SYS_setpriority, 0, ANY, REFUSED},
        {"credentials: EPERM", SYS_setgroups, 0, ANY, REFUSED},
        {"credentials: EPERM", SYS_setgroups, 0, ANY, PRETENDED},
        {"credentials: EPERM", SYS_getgroups, 0, ANY, REFUSED},
        {"credentials: EPERM", SYS_setresgid, 0, ANY, REFUSED},
        {"credentials: EPERM", SYS_setresgid, 0, ANY, PRETENDED},
        {"credentials: EPERM", SYS_getresgid, 0, ANY, REFUSED},
        {"credentials: EPERM", SYS_setresuid, 0, UID, REFUSED},
        {"credentials: EPERM", SYS_setresuid, 0, UID, PRETENDED},
        {"credentials: EPERM", SYS_getresuid, 0, ANY, REFUSED},
        {"credentials: EPERM", SYS_setresuid, 0, 0, PRETENDED}, /* a way back */
        {"credentials: EPERM", SYS_prctl, 0, PR_SET_DUMPABLE, REFUSED},
        {"no-new-privileges: EPERM", SYS_prctl, 0, PR_SET_NO_NEW_PRIVS, REFUSED},
        {"chdir '/': EPERM", SYS_chdir, 0, ANY, REFUSED},
        {"exec '/bin/touch': EPERM", SYS_execve, 0, ANY, REFUSED},
};

static void refuse(const Case *c) {
        struct sock_filter filter[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)c->call, 0, 3),
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)ARG(c->argument)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, c->value, 0, c->value == ANY ? 0 : 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | c->error),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog program = {G_N_ELEMENTS(filter), filter};

        if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
                _exit(2);
}

static Spec *touch(const char *path) {
        const gid_t groups[] = {GID, 12345};
        Spec *spec = world_spec((const char *const[]){"/bin/touch", path, NULL});
        ResourceLimit limit = {.resource = RLIMIT_CPU, .soft = 100, .hard = 100};

        spec->account = account_new(UID, GID, g_memdup2(groups, sizeof groups), 2,
                                    g_strdup("somebody"), g_strdup("/"), g_strdup("/bin/sh"));
        spec->limits = g_array_new(FALSE, FALSE, sizeof limit);
        g_array_append_val(spec->limits, limit);
        spec->flags = SPEC_NO_NEW_PRIVILEGES | SPEC_HAS_NICE;
        spec->nice = 3;
        spec->working_directory = g_strdup("/");
        return spec;
}

/* What became of it, written to fd. c may be NULL. */
static void serve(const Case *c, SpawnMode mode, const char *path, int fd) {
        const SysConfig config = {.containment = CONTAINMENT_PROCESS_GROUP,
                                  .spawn_mode = mode,
                                  .becomes_users = true};
        const char *became = "ran";
        World world;
        Run run = {};

        world_init(&world, &config);
        if (c)
                refuse(c);
        run_start(&run, &world, touch(path));
        while (!run.exited && !run.failed)
                g_main_context_iteration(world.context, TRUE);
        if (run.failed)
                became = run.failure;
        _exit(write(fd, became, strlen(became)) == (ssize_t)strlen(became) ? 0 : 2);
}

static void expect(const Case *c, SpawnMode mode, const char *expected) {
        g_autofree char *folder = g_dir_make_tmp("proctor-test-XXXXXX", NULL);
        g_autofree char *path = g_build_filename(folder, "ran", NULL);
        char became[256] = "";
        int ends[2], status;
        pid_t pid;

        assert_int_equal(chmod(folder, 0777), 0);
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        pid = fork();
        if (pid == 0)
                serve(c, mode, path, ends[1]);
        close(ends[1]);
        assert_true(read(ends[0], became, sizeof became - 1) >= 0);
        close(ends[0]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        assert_string_equal(became, expected);
        assert_int_equal(access(path, F_OK), strcmp(expected, "ran") == 0 ? 0 : -1);
        unlink(path);
        rmdir(folder);
}

static void needs_root(void) {
        if (getuid() == 0)
                return;
        print_message("becoming a user needs root\n");
        skip();
}

static void what_is_refused_does_not_run(void **state) {
        needs_root();
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                for (int mode = 0; mode < _SPAWN_MODE_MAX; mode++) {
                        /* a copy of the memory has a copy of the descriptors already */
                        bool detaches = mode == SPAWN_SHARED || i > 0;

                        if (detaches)
                                expect(&cases[i], (SpawnMode)mode, cases[i].expected);
                }
}

static void otherwise_it_runs(void **state) {
        needs_root();
        for (int mode = 0; mode < _SPAWN_MODE_MAX; mode++)
                expect(NULL, (SpawnMode)mode, "ran");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_refused_does_not_run),
                cmocka_unit_test(otherwise_it_runs),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
