/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Log levels, and that one call is one line whatever the text holds. */

#include "base/log.h"

#include <unistd.h>

#include "base/cleanup.h"
#include "util/check.h"

static void levels_round_trip(void **state) {
        for (LogLevel level = 0; level < _LOG_LEVEL_MAX; level++)
                assert_int_equal(log_level_from_string(log_level_to_string(level)), level);
        assert_null(log_level_to_string(_LOG_LEVEL_MAX));
        assert_null(log_level_to_string(_LOG_LEVEL_INVALID));
        assert_int_equal(log_level_from_string("debug"), _LOG_LEVEL_INVALID);
        assert_int_equal(log_level_from_string(""), _LOG_LEVEL_INVALID);
        assert_int_equal(log_level_from_string(NULL), _LOG_LEVEL_INVALID);
}

/* What a log call writes to standard error. */
static char *written(LogLevel level, const char *text) {
        char buffer[512] = {};
        int ends[2], saved = dup(STDERR_FILENO);
        ssize_t n;

        assert_int_equal(pipe(ends), 0);
        dup2(ends[1], STDERR_FILENO);
        safe_close(ends[1]);
        log_write(level, "%s", text);
        dup2(saved, STDERR_FILENO); /* the last writer is gone: the read ends */
        safe_close(saved);
        n = read(ends[0], buffer, sizeof buffer - 1);
        safe_close(ends[0]);
        assert_true(n >= 0);
        return g_strdup(buffer);
}

static void text_from_outside_cannot_make_a_second_line(void **state) {
        g_autofree char *line = written(LOG_LEVEL_ERROR, "a\nproctord: b\x1b[0m");

        assert_string_equal(line, "proctord: a\\nproctord: b\\033[0m\n");
}

static void below_the_level_nothing_is_written(void **state) {
        g_autofree char *silent = NULL, *loud = NULL;

        assert_int_equal(log_get_level(), LOG_LEVEL_WARNING);
        silent = written(LOG_LEVEL_INFO, "x");
        assert_string_equal(silent, "");
        log_set_level(LOG_LEVEL_DEBUG);
        loud = written(LOG_LEVEL_DEBUG, "x");
        log_set_level(LOG_LEVEL_WARNING);
        assert_string_equal(loud, "proctord: x\n");
}

static void the_journal_gets_a_priority(void **state) {
        g_autofree char *line = NULL;

        g_setenv("JOURNAL_STREAM", "1:2", TRUE);
        line = written(LOG_LEVEL_WARNING, "x");
        g_unsetenv("JOURNAL_STREAM");
        assert_string_equal(line, "<4>x\n");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(levels_round_trip),
                TEST(text_from_outside_cannot_make_a_second_line),
                TEST(below_the_level_nothing_is_written),
                TEST(the_journal_gets_a_priority),
        };

        g_unsetenv("JOURNAL_STREAM");
        return cmocka_run_group_tests(tests, NULL, NULL);
}
