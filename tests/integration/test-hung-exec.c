/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An exec that does not come back, as on a dead mount, hangs alone: other starts go on, the service can
 * end, and when the exec comes back, or its time is up, the start is answered. A permission question of fanotify that is
 * not answered makes such an exec. Needs root. */

#include "library-util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define SKIPPED 77

typedef struct Trap {
        char *directory;
        char *program;
        int fd; /* closing it lets all through */
} Trap;

static void copy_program(const char *to) {
        g_autofree char *contents = NULL;
        gsize length;

        assert_true(g_file_get_contents("/bin/true", &contents, &length, NULL));
        assert_true(g_file_set_contents(to, contents, (gssize)length, NULL));
        assert_int_equal(chmod(to, 0755), 0);
}

static bool set_trap(Trap *trap) {
        trap->directory = g_dir_make_tmp("proctor-hung-XXXXXX", NULL);
        trap->program = g_build_filename(trap->directory, "program", NULL);
        copy_program(trap->program);
        trap->fd = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_NONBLOCK, O_RDONLY);
        return trap->fd >= 0 && fanotify_mark(trap->fd, FAN_MARK_ADD, FAN_OPEN_EXEC_PERM, AT_FDCWD,
                                              trap->program) >= 0;
}

static void open_trap(Trap *trap) {
        close(trap->fd);
        trap->fd = -1;
}

static void clear_trap(Trap *trap) {
        if (trap->fd >= 0)
                close(trap->fd);
        unlink(trap->program);
        rmdir(trap->directory);
        g_free(trap->program);
        g_free(trap->directory);
}

/* The question of the kernel is there: the exec hangs. */
static gboolean is_caught(gpointer data) {
        struct fanotify_event_metadata event;
        ssize_t n = read(((Trap *)data)->fd, &event, sizeof event);

        if (n < (ssize_t)sizeof event) {
                g_usleep(1000);
                g_main_context_wakeup(NULL); /* nothing else would end the turn */
                return FALSE;
        }
        close(event.fd); /* and no answer */
        return TRUE;
}

static void start_hung(ProctorManager *manager, Trap *trap, GAsyncResult **result) {
        g_autoptr(ProctorProcessConfig)
                config = proctor_process_config_new_argv(trap->program, NULL);

        proctor_manager_start_async(manager, config, NULL, library_on_ready, result);
        library_until(is_caught, trap);
}

static void other_starts_go_on(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(GAsyncResult) result = NULL;
        g_autoptr(GError) error = NULL;
        Trap trap = {0};
        int code;

        assert_true(set_trap(&trap));
        start_hung(manager, &trap, &result);
        for (unsigned i = 0; i < 20; i++) {
                g_autoptr(ProctorProcess) process = library_start_sh(manager, "exit 5");

                assert_true(proctor_process_wait(process, DEADLINE, &code, NULL, NULL, &error));
                assert_int_equal(code, 5);
        }
        assert_null(result);
        open_trap(&trap);
        g_autoptr(ProctorProcess)
                late = proctor_manager_start_finish(manager, library_await(&result), &error);
        g_assert_no_error(error);
        assert_true(proctor_process_wait(late, DEADLINE, &code, NULL, NULL, &error));
        assert_int_equal(code, 0);
        clear_trap(&trap);
}

static void its_start_fails_in_time(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(GError) error = NULL;
        g_autofree char *wanted = NULL;
        Trap trap = {0};

        assert_true(set_trap(&trap));
        g_autoptr(ProctorProcessConfig)
                config = proctor_process_config_new_argv(trap.program, NULL);
        proctor_process_config_set_start_timeout(config, 200000);
        assert_null(proctor_manager_start(manager, config, NULL, &error));
        assert_true(g_error_matches(error, PROCTOR_ERROR, PROCTOR_ERROR_SPAWN_FAILED));
        wanted = g_strdup_printf("exec '%s': it was not executed within StartTimeoutUSec",
                                 trap.program);
        assert_string_equal(error->message, wanted);
        clear_trap(&trap);
}

static void the_service_can_end(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(GAsyncResult) result = NULL;
        g_autoptr(GError) error = NULL;
        Trap trap = {0};

        assert_true(set_trap(&trap));
        start_hung(manager, &trap, &result);
        assert_true(proctor_manager_close(manager, NULL, &error));
        assert_null(proctor_manager_start_finish(manager, library_await(&result), &error));
        assert_non_null(error);
        clear_trap(&trap);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(other_starts_go_on),
                cmocka_unit_test(its_start_fails_in_time),
                cmocka_unit_test(the_service_can_end),
        };
        Trap probe = {0};
        bool usable = set_trap(&probe);
        int error = errno;

        clear_trap(&probe);
        if (!usable) {
                printf("SKIP hung-exec: no fanotify permission events: %s\n", strerror(error));
                return SKIPPED;
        }
        return cmocka_run_group_tests(tests, NULL, NULL);
}
