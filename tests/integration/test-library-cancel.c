/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every call, cancelled at every moment of its life: each ends, nothing that it made is left, and the
 * connection is good for the next one. */

#include "library-util.h"

typedef struct Scene {
        ProctorManager *manager;
        ProctorProcess *process;
        ProctorGroup *group;
        ProctorProcessConfig *config;
        GPtrArray *many;
        GCancellable *cancellable;
        GAsyncResult *result;
        guint n_groups;
} Scene;

#define CALL(Type, name, ...)                                                                      \
        static void do_##name(Scene *scene) {                                                      \
                proctor_##Type##_##name##_async(scene->Type,                                       \
                                                __VA_ARGS__ __VA_OPT__(, ) scene->cancellable,     \
                                                library_on_ready, &scene->result);                 \
        }

CALL(manager, start, scene->config)
CALL(manager, get_process, proctor_process_get_pid(scene->process))
CALL(manager, get_process_by_id, proctor_process_get_id(scene->process))
CALL(manager, list)
CALL(manager, wait_many, scene->many, PROCTOR_WAIT_MODE_ALL, PROCTOR_INFINITY)
CALL(manager, get_stats)
CALL(manager, get_watchdog_config)
CALL(manager, subscribe)
CALL(manager, cleanup_finished)
CALL(manager, get_group, "scene")
CALL(manager, list_groups)
CALL(process, wait, PROCTOR_INFINITY)
CALL(process, refresh)
CALL(process, query_usage)
CALL(process, report_activity)
CALL(process, set_timeout, 99 * SECOND)
CALL(process, read_output, "stdout", 0, 100)
CALL(process, read_last_output, "stdout", 1)
CALL(group, start_all)
CALL(group, stop_all, PROCTOR_STOP_MODE_FORCE)
CALL(group, wait_for_all, PROCTOR_INFINITY)
CALL(group, get_status)

/* Each with a name of its own: one that was cancelled is still on its way out. */
static void do_create_group(Scene *scene) {
        g_autofree char *name = g_strdup_printf("group-%u", scene->n_groups++);

        proctor_manager_create_group_async(scene->manager, name, NULL, scene->cancellable,
                                           library_on_ready, &scene->result);
}

static void do_list_model(Scene *scene) {
        proctor_process_list_new_async(scene->manager, PROCTOR_LIST_SCOPE_LIVE, scene->cancellable,
                                       library_on_ready, &scene->result);
}

static void (*const calls[])(Scene *) = {
        do_start,
        do_get_process,
        do_get_process_by_id,
        do_list,
        do_wait_many,
        do_get_stats,
        do_list_model,
        do_get_watchdog_config,
        do_subscribe,
        do_cleanup_finished,
        do_create_group,
        do_get_group,
        do_list_groups,
        do_wait,
        do_refresh,
        do_query_usage,
        do_report_activity,
        do_set_timeout,
        do_read_output,
        do_read_last_output,
        do_start_all,
        do_wait_for_all,
        do_get_status,
        do_stop_all,
};

/* Moments: before it is sent, and later and later. */
#define MOMENTS 8

/* What was answered before it was cancelled has made what was asked for. */
static void undo(Scene *scene, gsize call) {
        if (calls[call] == do_start) {
                g_autoptr(ProctorProcess)
                        process = proctor_manager_start_finish(scene->manager, scene->result, NULL);

                assert_true(proctor_process_stop(process, PROCTOR_STOP_MODE_FORCE, NULL, NULL, NULL,
                                                 NULL));
        } else if (calls[call] == do_create_group) {
                g_autoptr(ProctorGroup) group = proctor_manager_create_group_finish(
                        scene->manager, scene->result, NULL);

                assert_true(proctor_group_shutdown(group, NULL, NULL));
        }
}

static gboolean is_alone(Scene *scene) {
        g_autoptr(GPtrArray) processes = proctor_manager_list(scene->manager, NULL, NULL);
        g_autoptr(GPtrArray) groups = proctor_manager_list_groups(scene->manager, NULL, NULL);
        guint n_running = 0;

        for (guint i = 0; i < processes->len; i++)
                n_running += proctor_process_get_state(processes->pdata[i]) !=
                             PROCTOR_STATE_FINISHED;
        return n_running == 1 && groups->len == 1;
}

static void cancel_at(Scene *scene, gsize call, guint moment) {
        g_autoptr(GCancellable) cancellable = g_cancellable_new();

        scene->cancellable = cancellable;
        if (moment == 0)
                g_cancellable_cancel(cancellable);
        calls[call](scene);
        if (moment > 1)
                g_usleep((gulong)moment * moment * 30);
        for (guint turns = 0; turns < moment / 2 && !scene->result; turns++)
                g_main_context_iteration(NULL, FALSE);
        g_cancellable_cancel(cancellable);
        library_await(&scene->result);
        /* Answered, or cancelled, and never anything else. */
        if (!g_task_had_error(G_TASK(scene->result))) {
                undo(scene, call);
        } else {
                g_autoptr(GError) error = NULL;

                assert_null(g_task_propagate_pointer(G_TASK(scene->result), &error));
                library_check_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
        }
        g_clear_object(&scene->result);
}

static void every_call_can_be_cancelled(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(ProctorProcessConfig)
                config = proctor_process_config_new_argv("sleep", "600", NULL);
        g_autoptr(ProctorProcess) process = proctor_manager_start(manager, config, NULL, NULL);
        g_autoptr(GPtrArray) many = g_ptr_array_new();
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorGroup)
                group = proctor_manager_create_group(manager, "scene", NULL, NULL, &error);
        Scene scene = {manager, process, group, config, many};

        g_assert_no_error(error);
        proctor_process_config_set_name(config, "member");
        assert_true(proctor_group_add_process(group, "member", config, NULL, &error));
        proctor_process_config_set_name(config, "answered");
        g_ptr_array_add(many, process);
        for (guint moment = 0; moment < MOMENTS; moment++)
                for (gsize call = 0; call < G_N_ELEMENTS(calls); call++)
                        cancel_at(&scene, call, moment);

        /* What was cancelled too late ends by itself, and what is asked now is answered. */
        G_GNUC_UNUSED g_autoptr(GVariant)
                stopped = proctor_group_stop_all(group, PROCTOR_STOP_MODE_FORCE, NULL, &error);
        g_assert_no_error(error);
        assert_int_equal(proctor_process_get_state(process), PROCTOR_STATE_RUNNING);
        for (gint64 end = g_get_monotonic_time() + (gint64)DEADLINE; !is_alone(&scene);) {
                assert_true(g_get_monotonic_time() < end);
                g_usleep(5000);
        }
}

TEST_MAIN(TEST(every_call_can_be_cancelled))
