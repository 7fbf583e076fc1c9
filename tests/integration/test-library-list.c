/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The list model of processes: a mirror is kept by its signal alone, and has to equal the list after
 * every change. */

#include "library-util.h"

#include <unistd.h>

typedef struct Mirror {
        GListModel *list;
        GPtrArray *items;
        guint n_changes;
        guint wanted;        /* length to wait for */
        GPtrArray *expected; /* or the items themselves */
        guint notified;
} Mirror;

static void mirror_check(Mirror *mirror) {
        guint64 last = 0;

        assert_int_equal(g_list_model_get_n_items(mirror->list), mirror->items->len);
        for (guint i = 0; i < mirror->items->len; i++) {
                g_autoptr(ProctorProcess) item = g_list_model_get_item(mirror->list, i);

                assert_ptr_equal(item, mirror->items->pdata[i]);
                assert_true(proctor_process_get_id(item) >= last);
                last = proctor_process_get_id(item);
        }
        assert_null(g_list_model_get_item(mirror->list, mirror->items->len));
}

static void mirror_on_changed(GListModel *list, guint position, guint removed, guint added,
                              Mirror *mirror) {
        assert_true(position + removed <= mirror->items->len);
        if (removed > 0)
                g_ptr_array_remove_range(mirror->items, position, removed);
        for (guint i = 0; i < added; i++)
                g_ptr_array_insert(mirror->items, (int)(position + i),
                                   g_list_model_get_item(list, position + i));
        mirror->n_changes++;
        mirror_check(mirror);
}

static void mirror_on_notify(GObject *list, GParamSpec *pspec, Mirror *mirror) {
        guint n_items;

        g_object_get(list, "n-items", &n_items, NULL);
        assert_int_equal(n_items, mirror->items->len);
        mirror->notified++;
}

static Mirror *mirror_new(ProctorProcessList *list) {
        Mirror *mirror = g_new0(Mirror, 1);

        mirror->list = g_object_ref(G_LIST_MODEL(list));
        mirror->items = g_ptr_array_new_with_free_func(g_object_unref);
        mirror_on_changed(mirror->list, 0, 0, g_list_model_get_n_items(mirror->list), mirror);
        mirror->n_changes = 0;
        g_signal_connect(list, "items-changed", G_CALLBACK(mirror_on_changed), mirror);
        g_signal_connect(list, "notify::n-items", G_CALLBACK(mirror_on_notify), mirror);
        return mirror;
}

static void mirror_free(Mirror *mirror) {
        g_signal_handlers_disconnect_by_data(mirror->list, mirror);
        g_object_unref(mirror->list);
        g_ptr_array_unref(mirror->items);
        g_free(mirror);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Mirror, mirror_free)

static gboolean mirror_has(gpointer data) {
        Mirror *mirror = data;

        return mirror->items->len == mirror->wanted;
}

static void mirror_until(Mirror *mirror, guint wanted) {
        mirror->wanted = wanted;
        library_until(mirror_has, mirror);
        assert_int_equal(mirror->notified, mirror->n_changes);
}

static gboolean mirror_equals(gpointer data) {
        Mirror *mirror = data;
        gboolean same = mirror->items->len == mirror->expected->len;

        for (guint i = 0; same && i < mirror->items->len; i++)
                same = mirror->items->pdata[i] == mirror->expected->pdata[i];
        return same;
}

static ProctorProcessList *list_of(ProctorManager *manager, ProctorListScope scope) {
        g_autoptr(GError) error = NULL;
        ProctorProcessList *list = proctor_process_list_new(manager, scope, NULL, &error);

        g_assert_no_error(error);
        return list;
}

static void stop(ProctorProcess *process) {
        g_autoptr(GError) error = NULL;

        assert_true(
                proctor_process_stop(process, PROCTOR_STOP_MODE_FORCE, NULL, NULL, NULL, &error));
}

static void count_notify(GObject *object, GParamSpec *pspec, gpointer data) {
        ++*(guint *)data;
}

static gboolean has_counted(gpointer data) {
        return *(guint *)data > 0;
}

/* Seen by a connection that started none of them. */
static void a_list_follows_what_others_do(void **state) {
        g_autoptr(LibraryBus) bus = library_bus_new();
        g_autoptr(GError) error = NULL;

        library_bus_start_service(bus);
        g_autoptr(ProctorManager) owner = library_bus_manager(bus);
        g_autoptr(ProctorManager) watcher = library_bus_manager(bus);
        g_autoptr(ProctorProcess) first = library_start_sh(owner, "exec sleep 600");
        g_autoptr(ProctorProcess) ended = library_start_sh(owner, "exit 3");
        library_check_end(ended, 3, PROCTOR_RESULT_EXIT_CODE);

        g_autoptr(ProctorProcessList) live_list = list_of(watcher, PROCTOR_LIST_SCOPE_LIVE);
        g_autoptr(ProctorProcessList) all_list = list_of(watcher, PROCTOR_LIST_SCOPE_ALL);
        g_autoptr(Mirror) live = mirror_new(live_list), all = mirror_new(all_list);
        assert_int_equal(g_list_model_get_item_type(G_LIST_MODEL(live_list)), PROCTOR_TYPE_PROCESS);
        assert_ptr_equal(proctor_process_list_get_manager(live_list), watcher);
        assert_int_equal(proctor_process_list_get_scope(all_list), PROCTOR_LIST_SCOPE_ALL);
        assert_int_equal(live->items->len, 1);
        assert_int_equal(all->items->len, 2);
        assert_string_equal(proctor_process_get_object_path(live->items->pdata[0]),
                            proctor_process_get_object_path(first));

        /* The end of a subscription waits for the end of the lists. */
        assert_true(proctor_manager_unsubscribe(watcher, NULL, &error));
        g_autoptr(ProctorProcess) second = library_start_sh(owner, "exec sleep 600");
        g_autoptr(ProctorProcess) third = library_start_sh(owner, "exec sleep 600");
        mirror_until(live, 3);
        mirror_until(all, 4);
        assert_int_equal(live->n_changes, 2);

        /* Both lists have the same objects, which notify. */
        ProctorProcess *item = live->items->pdata[1];
        guint notified = 0;
        assert_ptr_equal(item, all->items->pdata[2]);
        g_signal_connect(item, "notify::timeout", G_CALLBACK(count_notify), &notified);
        assert_true(proctor_process_set_timeout(second, 77 * SECOND, NULL, &error));
        library_until(has_counted, &notified);
        assert_int_equal(proctor_process_get_timeout(item), 77 * SECOND);
        g_signal_handlers_disconnect_by_data(item, &notified);

        stop(second);
        mirror_until(live, 2);
        assert_int_equal(live->n_changes, 3);
        assert_int_equal(all->items->len, 4);
        assert_true(proctor_process_collect(ended, NULL, &error));
        mirror_until(all, 3);
        assert_true(proctor_manager_cleanup_finished(owner, NULL, NULL, &error));
        mirror_until(all, 2);
        assert_int_equal(live->items->len, 2);
        stop(first);
        stop(third);
        mirror_until(live, 0);
}

static void a_list_becomes_empty_with_its_manager(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(ProctorProcess) process = library_start_sh(manager, "exec sleep 600");
        g_autoptr(ProctorProcessList) list = list_of(manager, PROCTOR_LIST_SCOPE_ALL);
        g_autoptr(Mirror) mirror = mirror_new(list);
        g_autoptr(GError) error = NULL;

        assert_int_equal(mirror->items->len, 1);
        assert_ptr_equal(mirror->items->pdata[0], process);
        assert_true(proctor_manager_close(manager, NULL, &error));
        assert_int_equal(mirror->items->len, 1);
        mirror_until(mirror, 0);
        assert_null(proctor_process_list_new(manager, PROCTOR_LIST_SCOPE_ALL, NULL, &error));
        library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_DISCONNECTED);
}

/* A new service may use the same numbers. */
static void a_list_survives_its_service(void **state) {
        g_autoptr(LibraryBus) bus = library_bus_new();

        library_bus_start_service(bus);
        g_autoptr(ProctorManager) manager = library_bus_manager(bus);
        g_autoptr(ProctorProcess) one = library_start_sh(manager, "exec sleep 600");
        G_GNUC_UNUSED g_autoptr(ProctorProcess) two = library_start_sh(manager, "exec sleep 600");
        g_autoptr(ProctorProcessList) list = list_of(manager, PROCTOR_LIST_SCOPE_LIVE);
        g_autoptr(Mirror) mirror = mirror_new(list);

        assert_int_equal(mirror->items->len, 2);
        library_bus_kill_service(bus);
        library_bus_start_service(bus);
        mirror_until(mirror, 0);
        g_autoptr(ProctorManager) other = library_bus_manager(bus);
        g_autoptr(ProctorProcess) three = library_start_sh(other, "exec sleep 600");
        mirror_until(mirror, 1);
        assert_string_equal(proctor_process_get_object_path(mirror->items->pdata[0]),
                            proctor_process_get_object_path(three));
        assert_ptr_not_equal(mirror->items->pdata[0], one);
}

static void a_list_can_be_made_later_or_never(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(GCancellable) cancellable = g_cancellable_new();
        g_autoptr(GError) error = NULL;
        GAsyncResult *made = NULL, *cancelled = NULL;

        proctor_process_list_new_async(manager, PROCTOR_LIST_SCOPE_LIVE, NULL, library_on_ready,
                                       &made);
        proctor_process_list_new_async(manager, PROCTOR_LIST_SCOPE_LIVE, cancellable,
                                       library_on_ready, &cancelled);
        g_cancellable_cancel(cancellable);
        g_autoptr(ProctorProcessList)
                list = proctor_process_list_new_finish(library_await(&made), &error);
        g_assert_no_error(error);
        assert_int_equal(g_list_model_get_n_items(G_LIST_MODEL(list)), 0);
        /* An answer that was faster is not lost. */
        g_autoptr(ProctorProcessList)
                other = proctor_process_list_new_finish(library_await(&cancelled), &error);
        if (!other)
                library_check_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
        g_clear_error(&error);
        assert_null(
                proctor_process_list_new(manager, PROCTOR_LIST_SCOPE_LIVE, cancellable, &error));
        library_check_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
        g_object_unref(made);
        g_object_unref(cancelled);
}

#define CROWD 60

/* Ends in any order, beside starts, and changes that wait while the context does not run. */
static void many_changes_leave_the_list_right(void **state) {
        g_autoptr(ProctorManager) manager = library_embedded();
        g_autoptr(ProctorProcessList) list = list_of(manager, PROCTOR_LIST_SCOPE_LIVE);
        g_autoptr(Mirror) mirror = mirror_new(list);
        g_autoptr(GPtrArray) running = g_ptr_array_new_with_free_func(g_object_unref);
        g_autoptr(GRand) rand = check_rand("many_changes_leave_the_list_right");

        for (int i = 0; i < CROWD; i++) {
                g_ptr_array_add(running, library_start_sh(manager, "exec sleep 600"));
                if (g_rand_boolean(rand)) {
                        guint victim = (guint)g_rand_int_range(rand, 0, (gint32)running->len);

                        stop(running->pdata[victim]);
                        g_ptr_array_remove_index(running, victim);
                }
                for (gint32 turns = g_rand_int_range(rand, 0, 3); turns > 0; turns--)
                        g_main_context_iteration(NULL, FALSE);
        }
        mirror->expected = running;
        library_until(mirror_equals, mirror);
}

TEST_MAIN(TEST(a_list_follows_what_others_do), TEST(a_list_becomes_empty_with_its_manager),
          TEST(a_list_survives_its_service), TEST(a_list_can_be_made_later_or_never),
          TEST(many_changes_leave_the_list_right))
