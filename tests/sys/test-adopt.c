/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Adoption: who is refused, how the end of somebody else's child is learned, and what goes with it. */

#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sys/pidfd.h"

typedef struct Told {
        bool exited, emptied;
        ExitStatus status;
} Told;

static void on_exited(void *userdata, const ExitStatus *status) {
        Told *told = userdata;

        assert_false(told->emptied);
        told->exited = true;
        told->status = *status;
}

static void on_emptied(void *userdata) {
        Told *told = userdata;

        assert_true(told->exited);
        told->emptied = true;
}

static const HandsEvents events = {.exited = on_exited, .emptied = on_emptied};

static int adopt_as(World *world, pid_t pid, int pidfd, uid_t uid, Told *told, Tree **ret) {
        g_auto(GStrv) command = NULL;
        int r = world->hands.adopt(world->hands.world, pid, pidfd, uid, &events, told, ret,
                                   &command);

        if (r >= 0)
                assert_non_null(command[0]);
        return r;
}

/* A process that this test has started itself, as anybody might. It tells over a pipe that it is
 * there, with its child if it has one. */
static pid_t start_stranger(bool with_child, int code) {
        int ends[2];
        char byte;
        pid_t pid;

        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                if (with_child && fork() == 0) {
                        alarm(60);
                        (void)!write(ends[1], "c", 1);
                        for (;;)
                                pause();
                }
                alarm(60);
                if (!with_child)
                        (void)!write(ends[1], "p", 1);
                if (code >= 0) {
                        sigset_t set;
                        int signo;

                        sigemptyset(&set);
                        sigaddset(&set, SIGUSR1);
                        sigprocmask(SIG_BLOCK, &set, NULL);
                        sigwait(&set, &signo);
                        _exit(code);
                }
                for (;;)
                        pause();
        }
        assert_int_equal(read(ends[0], &byte, 1), 1);
        close(ends[0]);
        close(ends[1]);
        return pid;
}

static void end_stranger(pid_t pid) {
        _cleanup_close_ int pidfd = -EBADF;
        siginfo_t info;

        if (pidfd_open_process(pid, &pidfd) >= 0)
                (void)pidfd_signal(pidfd, SIGKILL);
        assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED), 0);
}

static void *stay(void *unused) {
        pid_t *tid = unused;

        __atomic_store_n(tid, (pid_t)syscall(SYS_gettid), __ATOMIC_RELEASE);
        for (;;)
                pause();
        return NULL;
}

static void refuses_what_is_not_the_callers(void **state) {
        _cleanup_close_ int other_pidfd = -EBADF, file = open("/dev/null", O_RDONLY | O_CLOEXEC);
        pid_t stranger = start_stranger(false, -1), zombie, tid = 0;
        pthread_t thread;
        Told told = {0};
        siginfo_t info;
        World world;
        Tree *tree;

        assert_int_equal(pidfd_open_process(getpid(), &other_pidfd), 0);
        world_init(&world, NULL);
        assert_int_equal(pthread_create(&thread, NULL, stay, &tid), 0);
        while (!__atomic_load_n(&tid, __ATOMIC_ACQUIRE))
                sched_yield();
        zombie = fork();
        if (zombie == 0)
                _exit(0);
        assert_int_equal(waitid(P_PID, (id_t)zombie, &info, WEXITED | WNOWAIT), 0);

        assert_int_equal(adopt_as(&world, getpid(), -1, getuid(), &told, &tree), -EPERM);
        assert_int_equal(adopt_as(&world, getppid(), -1, getuid(), &told, &tree), -EPERM);
        assert_int_equal(adopt_as(&world, 1, -1, getuid(), &told, &tree), -EPERM);
        assert_int_equal(adopt_as(&world, tid, -1, getuid(), &told, &tree), -EPERM);
        assert_int_equal(adopt_as(&world, stranger, -1, getuid() + 1, &told, &tree), -EPERM);
        assert_int_equal(adopt_as(&world, zombie, -1, getuid(), &told, &tree), -ESRCH);
        assert_int_equal(adopt_as(&world, 0, -1, getuid(), &told, &tree), -ESRCH);
        assert_int_equal(adopt_as(&world, -1, -1, getuid(), &told, &tree), -ESRCH);
        assert_int_equal(adopt_as(&world, stranger, other_pidfd, getuid(), &told, &tree), -EINVAL);
        assert_int_equal(adopt_as(&world, stranger, file, getuid(), &told, &tree), -EINVAL);

        assert_int_equal(waitid(P_PID, (id_t)zombie, &info, WEXITED), 0);
        end_stranger(stranger);
        pthread_cancel(thread);
        pthread_join(thread, NULL);
        world_done(&world);
}

static void an_exit_is_known_while_it_is_a_zombie(void **state) {
        pid_t stranger = start_stranger(false, 42);
        int pidfd = -EBADF;
        Told told = {0};
        World world;
        Tree *tree;

        world_init(&world, NULL);
        assert_int_equal(pidfd_open_process(stranger, &pidfd), 0);
        assert_int_equal(adopt_as(&world, stranger, pidfd, getuid(), &told, &tree), 0);
        safe_close(pidfd);
        assert_string_equal(world.hands.containment(world.hands.world, tree), "process-group");
        assert_int_equal(world.hands.signal(world.hands.world, tree, SIGUSR1, TREE_MAIN), 0);
        world_wait(&world, &told.emptied);
        assert_true(told.status.known);
        assert_int_equal(told.status.code, 42);
        world.hands.release(world.hands.world, tree);
        end_stranger(stranger);
        world_done(&world);
}

/* Reaped before the service looks: the kernel tells, or it is said that nobody knows. */
static void an_exit_that_was_reaped_is_never_guessed(void **state) {
        pid_t stranger = start_stranger(false, 42);
        Told told = {0};
        World world;
        Tree *tree;

        world_init(&world, NULL);
        assert_int_equal(adopt_as(&world, stranger, -1, getuid(), &told, &tree), 0);
        end_stranger(stranger);
        world_wait(&world, &told.emptied);
        if (told.status.known)
                assert_int_equal(told.status.code, -SIGKILL);
        else
                assert_int_equal(told.status.code, 0);
        world.hands.release(world.hands.world, tree);
        world_done(&world);
}

static void its_descendants_end_with_it(void **state) {
        pid_t stranger = start_stranger(true, -1), bystander = start_stranger(false, -1);
        g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/children", stranger, stranger);
        g_autofree char *children = NULL;
        int child_pidfd = -EBADF, pidfd = -EBADF;
        Told told = {0};
        World world;
        Tree *tree;

        world_init(&world, NULL);
        assert_true(g_file_get_contents(path, &children, NULL, NULL));
        assert_int_equal(pidfd_open_process(atoi(children), &child_pidfd), 0);
        assert_int_equal(adopt_as(&world, stranger, -1, getuid(), &told, &tree), 0);
        /* Both are in the group of this test, which must not be hit. */
        assert_int_equal(world.hands.signal(world.hands.world, tree, SIGCONT, TREE_GROUP), 0);
        assert_int_equal(world.hands.signal(world.hands.world, tree, SIGKILL, TREE_ALL), 0);
        world_wait(&world, &told.emptied);
        assert_int_equal(told.status.code, -SIGKILL);
        assert_true(pidfd_is_dead(child_pidfd));
        assert_int_equal(pidfd_open_process(bystander, &pidfd), 0);
        assert_false(pidfd_is_dead(pidfd));
        safe_close(pidfd);
        safe_close(child_pidfd);
        world.hands.release(world.hands.world, tree);
        end_stranger(stranger);
        end_stranger(bystander);
        world_done(&world);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(refuses_what_is_not_the_callers),
                cmocka_unit_test(an_exit_is_known_while_it_is_a_zombie),
                cmocka_unit_test(an_exit_that_was_reaped_is_never_guessed),
                cmocka_unit_test(its_descendants_end_with_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
