/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Terminals through the library: attaching, typing, sizes, and terminals of the caller's own. */

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "library-util.h"

static ProctorProcess *start(ProctorManager *manager, const char *script) {
        g_autoptr(ProctorProcessConfig)
                config = proctor_process_config_new_argv("/bin/sh", "-c", script, NULL);
        g_autoptr(GError) error = NULL;
        ProctorProcess *process;

        proctor_process_config_set_terminal(config, TRUE);
        proctor_process_config_set_terminal_size(config, 30, 90);
        process = proctor_manager_start(manager, config, NULL, &error);
        g_assert_no_error(error);
        return process;
}

/* Reads until the text has come; fails the test at the end of the stream. */
static void await_text(GInputStream *input, const char *text) {
        g_autoptr(GString) seen = g_string_new(NULL);
        g_autoptr(GError) error = NULL;

        while (!strstr(seen->str, text)) {
                char buffer[256];
                gssize n = g_input_stream_read(input, buffer, sizeof buffer, NULL, &error);

                g_assert_no_error(error);
                if (n == 0)
                        fail_msg("expected '%s' in '%s'", text, seen->str);
                g_string_append_len(seen, buffer, n);
        }
}

static void type(GIOStream *stream, const char *text) {
        g_autoptr(GError) error = NULL;

        g_output_stream_write_all(g_io_stream_get_output_stream(stream), text, strlen(text), NULL,
                                  NULL, &error);
        g_assert_no_error(error);
}

static void who_attaches_sees_and_types(void **state) {
        g_autoptr(ProctorProcess)
                process = start(*state, "stty size; read x; echo \"got $x\"; exit 7");
        g_autoptr(GError) error = NULL;
        g_autoptr(GIOStream) stream = NULL;
        char byte;

        stream = proctor_process_open_terminal(process, NULL, &error);
        g_assert_no_error(error);
        assert_true(G_IS_SOCKET_CONNECTION(stream));
        await_text(g_io_stream_get_input_stream(stream), "30 90\r\n");
        type(stream, "a word\r");
        await_text(g_io_stream_get_input_stream(stream), "got a word\r\n");
        assert_int_equal(
                g_input_stream_read(g_io_stream_get_input_stream(stream), &byte, 1, NULL, &error),
                0);
        g_assert_no_error(error);
        library_check_end(process, 7, PROCTOR_RESULT_EXIT_CODE);
        g_clear_object(&stream);
        assert_null(proctor_process_open_terminal(process, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_NOT_RUNNING);
}

static gboolean has_new_size(gpointer process) {
        return proctor_process_get_terminal_rows(process) == 7 &&
               proctor_process_get_terminal_columns(process) == 70;
}

static void count(gpointer n) {
        ++*(unsigned *)n;
}

static void sizes_are_set_and_told(void **state) {
        g_autoptr(ProctorProcess) process = start(
                *state, "trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done");
        g_autoptr(GAsyncResult) resized = NULL, opened = NULL;
        g_autoptr(GIOStream) stream = NULL;
        g_autoptr(GError) error = NULL;
        gboolean has_terminal;
        unsigned n_told = 0, rows;

        assert_true(proctor_manager_subscribe(*state, NULL, &error));
        assert_true(proctor_process_refresh(process, NULL, &error));
        g_object_get(process, "terminal", &has_terminal, "terminal-rows", &rows, NULL);
        assert_true(has_terminal && rows == 30);
        assert_int_equal(proctor_process_get_terminal_columns(process), 90);
        g_signal_connect_swapped(process, "notify::terminal-rows", G_CALLBACK(count), &n_told);
        proctor_process_open_terminal_async(process, NULL, library_on_ready, &opened);
        stream = proctor_process_open_terminal_finish(process, library_await(&opened), &error);
        g_assert_no_error(error);
        await_text(g_io_stream_get_input_stream(stream), "ready");
        proctor_process_resize_terminal_async(process, 7, 70, NULL, library_on_ready, &resized);
        assert_true(
                proctor_process_resize_terminal_finish(process, library_await(&resized), &error));
        await_text(g_io_stream_get_input_stream(stream), "7 70\r\n");
        library_until(has_new_size, process);
        assert_true(n_told >= 1); /* the first may be that it is 30 */
        assert_false(proctor_process_resize_terminal(process, 65536 + 7, 70, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_INVALID_ARGUMENT);
}

static void what_has_no_terminal_says_so(void **state) {
        g_autoptr(ProctorProcess) process = library_start_sh(*state, "exec sleep 1000");
        g_autoptr(GError) error = NULL;

        assert_true(proctor_process_refresh(process, NULL, &error));
        assert_false(proctor_process_get_terminal(process));
        assert_int_equal(proctor_process_get_terminal_rows(process), 0);
        assert_null(proctor_process_open_terminal(process, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_NOT_SUPPORTED);
        g_clear_error(&error);
        assert_false(proctor_process_resize_terminal(process, 7, 70, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_NOT_SUPPORTED);
}

static void a_terminal_of_the_callers_is_taken(void **state) {
        g_autoptr(ProctorProcessConfig) config = proctor_process_config_new_argv(
                "/bin/sh", "-c", "echo there >/dev/tty; exit 3", NULL);
        int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;
        g_autoptr(ProctorProcess) process = NULL;
        g_autoptr(GError) error = NULL;
        char text[16] = "";

        assert_true(master >= 0 && unlockpt(master) == 0);
        slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
        assert_true(slave >= 0);
        proctor_process_config_take_stdin_fd(config, slave);
        proctor_process_config_set_terminal(config, TRUE);
        process = proctor_manager_start(*state, config, NULL, &error);
        g_assert_no_error(error);
        library_check_end(process, 3, PROCTOR_RESULT_EXIT_CODE);
        assert_int_equal(read(master, text, sizeof text - 1), 7);
        assert_string_equal(text, "there\r\n");
        assert_true(proctor_process_refresh(process, NULL, &error));
        assert_true(proctor_process_get_terminal(process));
        assert_int_equal(proctor_process_get_terminal_rows(process), 0);
        proctor_process_config_close_fds(config);
        close(master);

        proctor_process_config_take_stdin_fd(config, open("/dev/null", O_RDWR | O_CLOEXEC));
        assert_null(proctor_manager_start(*state, config, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_SPAWN_FAILED);
        assert_non_null(strstr(error->message, "terminal 'Stdin'"));
}

static int set_up(void **state) {
        *state = library_embedded();
        return 0;
}

static int tear_down(void **state) {
        g_object_unref(*state);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(who_attaches_sees_and_types),
                cmocka_unit_test(sizes_are_set_and_told),
                cmocka_unit_test(what_has_no_terminal_says_so),
                cmocka_unit_test(a_terminal_of_the_callers_is_taken),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
