/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The table of the watchdog with real processes and the real clock: each cell's health, announcement
 * and end, never before its time, and late by at most one check interval. All cells run at once. */

#include <proctor/proctor.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MSEC           ((gint64)1000)
#define SECOND         (1000 * MSEC)
#define CHECK_INTERVAL SECOND
#define TIMEOUT        (1 * SECOND)
#define HUNG           (2 * SECOND) /* timeout and buffer */
#define MAX_HANG       (4 * SECOND)
#define NEVER          ((gint64)-1)
#define N_STUBBORN     20

static const char *const sleeper[] = {"sleep", "600", NULL};
static const char *const stubborn[] = {"sh", "-c", "trap '' TERM; while :; do sleep 1; done", NULL};

typedef struct Cell {
        const char *about;
        const char *const *command;
        gboolean auto_kill;
        guint64 max_hang;
        guint64 stop_timeout;
        gint64 slow_at, hung_at, ended_at; /* idle time from which it may be so; NEVER */
        const char *action;
        int exit_code;
} Cell;

/* A stop timeout of never shows that it was MaxHangTime that killed. */
static const Cell cells[] = {
        {"auto kill: slow, then hung and stopped", sleeper, TRUE, MAX_HANG, 2 * SECOND, TIMEOUT,
         HUNG, HUNG, "stop", -15},
        {"auto kill: beyond the longest hang it is killed", stubborn, TRUE, MAX_HANG,
         PROCTOR_INFINITY, TIMEOUT, HUNG, MAX_HANG, "stop", -9},
        {"no auto kill: announced and left alone", sleeper, FALSE, PROCTOR_INFINITY, 2 * SECOND,
         TIMEOUT, HUNG, NEVER, "none", 0},
        {"no auto kill: beyond the longest hang it is killed", sleeper, FALSE, MAX_HANG, 2 * SECOND,
         TIMEOUT, HUNG, MAX_HANG, "none", -9},
};

typedef struct Watched {
        const Cell *cell;
        ProctorProcess *process;
        gint64 started; /* CLOCK_MONOTONIC, as the service says */
        gint64 slow, hung, ended;
        unsigned n_hung;
        char *action;
        int exit_code;
        ProctorResult result;
} Watched;

static gboolean on_timeout(void *flag) {
        *(gboolean *)flag = TRUE;
        return G_SOURCE_REMOVE;
}

/* Runs the main context for so long. */
static void run_for(gint64 usec) {
        gboolean over = FALSE;

        g_timeout_add((guint)(usec / MSEC), on_timeout, &over);
        while (!over)
                g_main_context_iteration(NULL, TRUE);
}

static void on_health(ProctorProcess *process, GParamSpec *pspec, void *userdata) {
        Watched *watched = userdata;

        if (proctor_process_get_health(process) == PROCTOR_HEALTH_SLOW && watched->slow == 0)
                watched->slow = g_get_monotonic_time();
}

static void on_hung(ProctorProcess *process, guint64 idle, const char *evidence, const char *action,
                    void *userdata) {
        Watched *watched = userdata;

        watched->hung = g_get_monotonic_time();
        watched->n_hung++;
        g_free(watched->action);
        watched->action = g_strdup(action);
        assert_true(idle > (guint64)HUNG);
        assert_string_equal(evidence, "start");
}

static void on_exited(ProctorProcess *process, int exit_code, ProctorResult result,
                      void *userdata) {
        Watched *watched = userdata;

        watched->ended = g_get_monotonic_time();
        watched->exit_code = exit_code;
        watched->result = result;
}

static void watch(ProctorManager *manager, const Cell *cell, Watched *watched) {
        g_autoptr(ProctorProcessConfig) config = proctor_process_config_new(cell->command);
        g_autoptr(GError) error = NULL;

        proctor_process_config_set_name(config, cell->about);
        proctor_process_config_set_timeout(config, TIMEOUT);
        proctor_process_config_set_extra_buffer(config, HUNG - TIMEOUT);
        proctor_process_config_set_max_hang_time(config, cell->max_hang);
        proctor_process_config_set_stop_timeout(config, cell->stop_timeout);
        proctor_process_config_set_auto_kill(config, cell->auto_kill);
        watched->cell = cell;
        watched->process = proctor_manager_start(manager, config, NULL, &error);
        assert_null(error);
        assert_true(proctor_process_refresh(watched->process, NULL, &error));
        watched->started = (gint64)proctor_process_get_start_time_monotonic(watched->process);
        g_signal_connect(watched->process, "notify::health", G_CALLBACK(on_health), watched);
        g_signal_connect(watched->process, "hung", G_CALLBACK(on_hung), watched);
        g_signal_connect(watched->process, "exited", G_CALLBACK(on_exited), watched);
}

static void check_time(const Cell *cell, const char *what, const Watched *watched, gint64 expected,
                       gint64 actual) {
        gint64 idle = actual - watched->started;

        if (expected == NEVER) {
                if (actual != 0)
                        fail_msg("%s: %s, which it should never be", cell->about, what);
                return;
        }
        if (actual == 0)
                fail_msg("%s: never %s", cell->about, what);
        if (idle <= expected || idle > expected + CHECK_INTERVAL)
                fail_msg("%s: %s at an idle time of %.3f s, expected %.3f to %.3f s", cell->about,
                         what, (double)idle / SECOND, (double)expected / SECOND,
                         (double)(expected + CHECK_INTERVAL) / SECOND);
}

static void check_cell(const Watched *watched) {
        const Cell *cell = watched->cell;

        check_time(cell, "slow", watched, cell->slow_at, watched->slow);
        check_time(cell, "hung", watched, cell->hung_at, watched->hung);
        check_time(cell, "ended", watched, cell->ended_at, watched->ended);
        assert_int_equal(watched->n_hung, 1);
        assert_string_equal(watched->action, cell->action);
        if (cell->ended_at == NEVER)
                return;
        assert_int_equal(watched->exit_code, cell->exit_code);
        assert_int_equal(watched->result, PROCTOR_RESULT_HANG);
}

static void hang_table_holds_in_every_cell(void **state) {
        g_autoptr(ProctorManager) manager = *state ? g_object_ref(*state) : NULL;
        Watched watched[G_N_ELEMENTS(cells)] = {};

        for (unsigned i = 0; i < G_N_ELEMENTS(cells); i++)
                watch(manager, &cells[i], &watched[i]);

        run_for(TIMEOUT * 3 / 4);
        for (unsigned i = 0; i < G_N_ELEMENTS(cells); i++) {
                assert_int_equal(proctor_process_get_health(watched[i].process),
                                 PROCTOR_HEALTH_ACTIVE);
                assert_int_equal(proctor_process_get_state(watched[i].process),
                                 PROCTOR_STATE_RUNNING);
        }
        run_for(MAX_HANG + CHECK_INTERVAL + SECOND - TIMEOUT * 3 / 4);
        for (unsigned i = 0; i < G_N_ELEMENTS(cells); i++)
                check_cell(&watched[i]);
        for (unsigned i = 0; i < G_N_ELEMENTS(cells); i++) {
                g_signal_handlers_disconnect_by_data(watched[i].process, &watched[i]);
                g_object_unref(watched[i].process);
                g_free(watched[i].action);
        }
}

/* A serial watchdog would take twenty stop timeouts. */
static void stubborn_ones_end_within_one_stop_timeout_of_each_other(void **state) {
        const Cell cell = {"stubborn", stubborn, TRUE, PROCTOR_INFINITY, SECOND, 0, 0, 0, "", -9};
        gint64 first = G_MAXINT64, last = 0;
        Watched watched[N_STUBBORN] = {};

        for (unsigned i = 0; i < N_STUBBORN; i++)
                watch(*state, &cell, &watched[i]);
        run_for(HUNG + CHECK_INTERVAL + 3 * SECOND);
        for (unsigned i = 0; i < N_STUBBORN; i++) {
                assert_int_equal(watched[i].exit_code, -9);
                assert_int_equal(watched[i].result, PROCTOR_RESULT_HANG);
                /* since its own start, which a busy machine spreads */
                first = MIN(first, watched[i].ended - watched[i].started);
                last = MAX(last, watched[i].ended - watched[i].started);
                g_signal_handlers_disconnect_by_data(watched[i].process, &watched[i]);
                g_object_unref(watched[i].process);
                g_free(watched[i].action);
        }
        assert_true(first > 0 && last - first <= SECOND);
}

static int set_up(void **state) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorManager) manager = proctor_manager_new_embedded(NULL, &error);

        if (!manager || !proctor_manager_subscribe(manager, NULL, &error)) {
                print_error("%s\n", error->message);
                return -1;
        }
        *state = g_steal_pointer(&manager);
        return 0;
}

static int tear_down(void **state) {
        ProctorManager *manager = *state;

        proctor_manager_close(manager, NULL, NULL);
        g_object_unref(manager);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(hang_table_holds_in_every_cell),
                cmocka_unit_test(stubborn_ones_end_within_one_stop_timeout_of_each_other),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
