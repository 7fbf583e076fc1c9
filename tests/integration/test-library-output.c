/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Captured output through the library: pieces by offset, streams that follow, and a start that waits
 * for readiness. */

#include "library-util.h"

#define TEXT_BYTES 200000

static ProctorProcess *start_sh(ProctorManager *manager, const char *script) {
        g_autoptr(ProctorProcessConfig)
                config = proctor_process_config_new_argv("/bin/sh", "-c", script, NULL);
        g_autoptr(GError) error = NULL;
        ProctorProcess *process = proctor_manager_start(manager, config, NULL, &error);

        g_assert_no_error(error);
        return process;
}

static GBytes *read_all(ProctorProcess *process, const char *stream, guint64 *ret_first) {
        g_autoptr(GByteArray) all = g_byte_array_new();
        guint64 offset = 0;
        gboolean eof = FALSE;

        while (!eof) {
                g_autoptr(GError) error = NULL;
                g_autoptr(GBytes) piece = proctor_process_read_output(process, stream, &offset,
                                                                      1000, &eof, NULL, &error);

                g_assert_no_error(error);
                g_byte_array_append(all, g_bytes_get_data(piece, NULL),
                                    (guint)g_bytes_get_size(piece));
        }
        *ret_first = offset - all->len;
        return g_byte_array_free_to_bytes(g_steal_pointer(&all));
}

static void assert_text(GBytes *bytes, const char *text) {
        assert_int_equal(g_bytes_get_size(bytes), strlen(text));
        assert_memory_equal(g_bytes_get_data(bytes, NULL), text, strlen(text));
}

static void wait_for(ProctorProcess *process) {
        g_autoptr(GError) error = NULL;

        proctor_process_wait(process, DEADLINE, NULL, NULL, NULL, &error);
        g_assert_no_error(error);
}

static void what_was_written_is_there_when_the_end_is_known(void **state) {
        g_autoptr(ProctorProcess) process = start_sh(*state, "echo out; echo err >&2; printf last");
        guint64 first;

        wait_for(process);
        g_autoptr(GBytes) output = read_all(process, "stdout", &first);
        g_autoptr(GBytes) errors = read_all(process, "stderr", &first);
        assert_text(output, "out\nlast");
        assert_text(errors, "err\n");
}

static void the_newest_bytes_are_kept_at_their_offsets(void **state) {
        g_autoptr(ProctorProcess)
                process = start_sh(*state, "head -c 200000 /dev/zero | tr '\\0' 'a'; printf tail");
        guint64 first;

        wait_for(process);
        g_autoptr(GBytes) output = read_all(process, "stdout", &first);
        assert_int_equal(g_bytes_get_size(output), 65536);
        assert_int_equal(first, TEXT_BYTES + 4 - 65536);
        assert_memory_equal((const char *)g_bytes_get_data(output, NULL) + 65532, "tail", 4);
}

static void a_stream_gives_what_is_kept_and_what_comes(void **state) {
        g_autoptr(ProctorProcess)
                process = start_sh(*state, "echo one; read x; echo never; exec sleep 600");
        g_autoptr(GError) error = NULL;
        char buffer[64] = "";
        gsize n;

        g_autoptr(GInputStream)
                stream = proctor_process_open_output(process, "stdout", NULL, &error);
        g_assert_no_error(error);
        /* standard input is /dev/null: the read ends, and what comes is there without an end */
        assert_true(g_input_stream_read_all(stream, buffer, 10, &n, NULL, &error));
        assert_string_equal(buffer, "one\nnever\n");
        assert_true(
                proctor_process_stop(process, PROCTOR_STOP_MODE_FORCE, NULL, NULL, NULL, &error));
        assert_int_equal(g_input_stream_read(stream, buffer, sizeof buffer, NULL, &error), 0);
}

static void reading_is_async_too(void **state) {
        g_autoptr(ProctorProcess) process = start_sh(*state, "echo async");
        g_autoptr(GAsyncResult) result = NULL, opened = NULL;
        g_autoptr(GError) error = NULL;
        gboolean eof = FALSE;
        guint64 next = 0;

        wait_for(process);
        proctor_process_read_output_async(process, "stdout", 2, 100, NULL, library_on_ready,
                                          &result);
        g_autoptr(GBytes) bytes = proctor_process_read_output_finish(
                process, library_await(&result), &next, &eof, &error);
        g_assert_no_error(error);
        assert_text(bytes, "ync\n");
        assert_int_equal(next, 6);
        assert_true(eof);
        proctor_process_open_output_async(process, "stdout", NULL, library_on_ready, &opened);
        g_autoptr(GInputStream) stream = proctor_process_open_output_finish(
                process, library_await(&opened), &error);
        g_assert_no_error(error);
        assert_non_null(stream);
}

static void assert_last(ProctorProcess *process, const char *stream, guint n_lines,
                        const char *expected) {
        g_autoptr(GError) error = NULL;
        g_autofree char *text = proctor_process_read_last_output(process, stream, n_lines, NULL,
                                                                 &error);

        g_assert_no_error(error);
        assert_string_equal(text, expected);
}

static void the_last_lines_are_text(void **state) {
        g_autoptr(ProctorProcess) process = start_sh(
                *state, "printf '\\none\\n\\ntwo\\nthree'; printf 'a\\377\\000b\\n' >&2");

        wait_for(process);
        assert_last(process, "stdout", 1, "three");
        assert_last(process, "stdout", 3, "\ntwo\nthree");
        assert_last(process, "stdout", 5, "\none\n\ntwo\nthree");
        assert_last(process, "stdout", 99, "\none\n\ntwo\nthree");
        assert_last(process, "stdout", 0, "\none\n\ntwo\nthree");
        assert_last(process, "stderr", 10, "a\357\277\275\357\277\275b\n");
}

static void the_last_lines_of_nothing_are_empty(void **state) {
        g_autoptr(ProctorProcess) process = start_sh(*state, "true");

        wait_for(process);
        assert_last(process, "stdout", 10, "");
        assert_last(process, "stdout", 0, "");
}

static void the_last_lines_of_much_begin_with_a_line(void **state) {
        g_autoptr(ProctorProcess) lines = start_sh(
                *state, "i=0; while [ $i -lt 10000 ]; do i=$((i + 1)); echo line $i; done");
        g_autoptr(ProctorProcess) endless = start_sh(
                *state, "head -c 99999 /dev/zero | tr '\\0' a | sed 's/a/\303\244/g'");
        g_autoptr(GError) error = NULL;

        wait_for(lines);
        assert_last(lines, "stdout", 2, "line 9999\nline 10000\n");
        g_autofree char *all = proctor_process_read_last_output(lines, "stdout", 0, NULL, &error);
        g_assert_no_error(error);
        assert_true(g_str_has_prefix(all, "line "));
        assert_true(strlen(all) > PROCTOR_LAST_OUTPUT_MAX - 20);
        assert_true(strlen(all) <= PROCTOR_LAST_OUTPUT_MAX);
        wait_for(endless);
        g_autofree char *line = proctor_process_read_last_output(endless, "stdout", 1, NULL,
                                                                 &error);
        g_assert_no_error(error);
        assert_true(g_str_has_prefix(line, "\303\244"));
        assert_true(strlen(line) >= PROCTOR_LAST_OUTPUT_MAX - 1);
}

static void the_last_lines_come_async_too(void **state) {
        g_autoptr(ProctorProcess) process = start_sh(*state, "echo one; echo two");
        g_autoptr(GAsyncResult) result = NULL, refused = NULL;
        g_autoptr(GError) error = NULL;

        wait_for(process);
        proctor_process_read_last_output_async(process, "stdout", 1, NULL, library_on_ready,
                                               &result);
        g_autofree char *text = proctor_process_read_last_output_finish(
                process, library_await(&result), &error);
        g_assert_no_error(error);
        assert_string_equal(text, "two\n");
        proctor_process_read_last_output_async(process, "nonsense", 1, NULL, library_on_ready,
                                               &refused);
        assert_null(
                proctor_process_read_last_output_finish(process, library_await(&refused), &error));
        assert_true(g_error_matches(error, PROCTOR_ERROR, PROCTOR_ERROR_INVALID_ARGUMENT));
}

static void what_is_not_captured_cannot_be_read(void **state) {
        g_autoptr(ProctorProcessConfig) config = proctor_process_config_new_argv("true", NULL);
        g_autoptr(GError) error = NULL;
        guint64 offset = 7;

        proctor_process_config_set_stdout(config, "null");
        g_autoptr(ProctorProcess) process = proctor_manager_start(*state, config, NULL, &error);
        g_assert_no_error(error);
        assert_null(proctor_process_read_output(process, "stdout", &offset, 1, NULL, NULL, &error));
        assert_true(g_error_matches(error, PROCTOR_ERROR, PROCTOR_ERROR_NOT_SUPPORTED));
        assert_int_equal(offset, 7);
        g_clear_error(&error);
        assert_null(proctor_process_open_output(process, "nonsense", NULL, &error));
        assert_true(g_error_matches(error, PROCTOR_ERROR, PROCTOR_ERROR_INVALID_ARGUMENT));
}

static void output_is_counted(void **state) {
        g_autoptr(ProctorProcess)
                process = start_sh(*state, "head -c 70000 /dev/zero; echo err >&2");
        g_autoptr(GError) error = NULL;

        wait_for(process);
        g_autoptr(ProctorUsage) usage = proctor_process_query_usage(process, NULL, &error);
        g_assert_no_error(error);
        assert_int_equal(proctor_usage_get_stdout_bytes(usage), 70000);
        assert_int_equal(proctor_usage_get_stderr_bytes(usage), 4);
}

static void on_notify(ProctorProcess *process, GParamSpec *pspec, guint *count) {
        ++*count;
}

static gboolean is_there(gpointer process) {
        g_autofree char *text = proctor_process_dup_status_text(process);

        return g_strcmp0(text, "there") == 0;
}

static void what_it_says_of_itself_is_notified(void **state) {
        g_autoptr(ProctorProcessConfig) config = proctor_process_config_new_argv(
                "/bin/sh", "-c",
                "systemd-notify --status='half way' && systemd-notify --ready --status=there &&"
                " exec sleep 600",
                NULL);
        const char *const sources[] = {"notify", NULL};
        g_autoptr(GError) error = NULL;
        guint n_texts = 0;

        assert_true(proctor_manager_subscribe(*state, NULL, &error));
        proctor_process_config_set_activity_sources(config, sources);
        g_autoptr(ProctorProcess) process = proctor_manager_start(*state, config, NULL, &error);
        g_assert_no_error(error);
        g_signal_connect(process, "notify::status-text", G_CALLBACK(on_notify), &n_texts);
        assert_true(proctor_process_refresh(process, NULL, &error));
        library_until(is_there, process);
        assert_true(n_texts > 0);
        assert_true(proctor_process_get_ready(process));
        assert_true(
                proctor_process_stop(process, PROCTOR_STOP_MODE_FORCE, NULL, NULL, NULL, &error));
}

static void a_start_that_never_gets_ready_fails(void **state) {
        g_autoptr(ProctorProcessConfig)
                config = proctor_process_config_new_argv("sleep", "600", NULL);
        g_autoptr(GError) error = NULL;

        proctor_process_config_set_readiness(config, "notify");
        proctor_process_config_set_start_timeout(config, 200000);
        assert_null(proctor_manager_start(*state, config, NULL, &error));
        assert_true(g_error_matches(error, PROCTOR_ERROR, PROCTOR_ERROR_SPAWN_FAILED));
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
                cmocka_unit_test(what_was_written_is_there_when_the_end_is_known),
                cmocka_unit_test(the_newest_bytes_are_kept_at_their_offsets),
                cmocka_unit_test(a_stream_gives_what_is_kept_and_what_comes),
                cmocka_unit_test(reading_is_async_too),
                cmocka_unit_test(the_last_lines_are_text),
                cmocka_unit_test(the_last_lines_of_nothing_are_empty),
                cmocka_unit_test(the_last_lines_of_much_begin_with_a_line),
                cmocka_unit_test(the_last_lines_come_async_too),
                cmocka_unit_test(what_is_not_captured_cannot_be_read),
                cmocka_unit_test(output_is_counted),
                cmocka_unit_test(what_it_says_of_itself_is_notified),
                cmocka_unit_test(a_start_that_never_gets_ready_fails),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
