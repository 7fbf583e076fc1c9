/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A PID is a fact about a process, never its identity: in a PID namespace with few numbers, the number
 * of a finished process is burned through until a stranger has it. Whatever is then asked for the
 * finished one, the stranger lives. Needs root and a pid_max of the namespace's own (Linux 6.14). */

#include "library-util.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#define SKIPPED 77
/* The kernel takes no less than 301. */
#define PID_MAX "400"
#define TRIES   5000

/* A child in a group of its own that has this number; 0 if it does not come up. */
static pid_t stranger_with(pid_t wanted) {
        for (unsigned i = 0; i < TRIES; i++) {
                pid_t pid = fork();

                if (pid == 0) {
                        setsid();
                        close_range(3, ~0U, 0); /* the connection would stay open in its copy */
                        pause();
                        _exit(0);
                }
                if (pid == wanted)
                        return pid;
                if (pid > 0) {
                        kill(pid, SIGKILL);
                        waitpid(pid, NULL, 0);
                }
        }
        return 0;
}

/* Numbers below 300 are given out once, and never again. */
static void burn_reserved(void) {
        pid_t pid;

        do {
                pid = fork();
                if (pid == 0)
                        _exit(0);
                waitpid(pid, NULL, 0);
        } while (pid < 310);
}

static gboolean lives(pid_t pid) {
        return waitpid(pid, NULL, WNOHANG) == 0;
}

static void nobody_signals_a_stranger(void **state) {
        burn_reserved();
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(ProctorProcess) ended = library_start_sh(manager, "exit 3");
        g_autoptr(GVariant) delivered = NULL, stopped = NULL;
        g_autoptr(GError) error = NULL;
        int exit_code = 0;
        pid_t stranger;

        assert_true(proctor_process_wait(ended, DEADLINE, &exit_code, NULL, NULL, &error));
        assert_int_equal(exit_code, 3);
        /* until nothing of it is left its number is not given away */
        assert_true(proctor_process_stop(ended, PROCTOR_STOP_MODE_ASK, NULL, NULL, NULL, &error));
        stranger = stranger_with((pid_t)proctor_process_get_pid(ended));
        assert_int_equal(stranger, proctor_process_get_pid(ended));

        assert_false(proctor_process_send_signal(ended, "force", NULL, &error));
        assert_true(g_error_matches(error, PROCTOR_ERROR, PROCTOR_ERROR_NOT_RUNNING));
        g_clear_error(&error);
        assert_true(proctor_process_stop(ended, PROCTOR_STOP_MODE_FORCE, &exit_code, NULL, NULL,
                                         &error));
        assert_int_equal(exit_code, 3);
        delivered = proctor_manager_send_signal_to_all(manager, "force", NULL, &error);
        g_assert_no_error(error);
        stopped = proctor_manager_stop_all(manager, PROCTOR_STOP_MODE_FORCE, NULL, &error);
        g_assert_no_error(error);
        assert_true(lives(stranger));

        assert_true(proctor_manager_close(manager, NULL, &error));
        assert_true(lives(stranger));
        kill(stranger, SIGKILL);
        waitpid(stranger, NULL, 0);
}

/* The first process of the namespace: 77 if the numbers cannot be made few. */
static int inside(void) {
        const struct CMUnitTest tests[] = {cmocka_unit_test(nobody_signals_a_stranger)};
        int fd;

        if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("proc", "/proc", "proc", 0, NULL) < 0)
                return SKIPPED;
        fd = open("/proc/sys/kernel/pid_max", O_WRONLY | O_CLOEXEC);
        if (fd < 0 || write(fd, PID_MAX, strlen(PID_MAX)) < 0)
                return SKIPPED;
        close(fd);
        return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void) {
        int status;
        pid_t first;

        if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0) {
                printf("SKIP pid-reuse: no namespaces: %s\n", strerror(errno));
                return SKIPPED;
        }
        first = fork();
        if (first == 0)
                exit(inside());
        if (first < 0 || waitpid(first, &status, 0) != first)
                return EXIT_FAILURE;
        if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED)
                printf("SKIP pid-reuse: pid_max cannot be set in a namespace\n");
        return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}
