/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Finds the processes of watched members as they are started, one by one with MaxParallel, and keeps
 * the reports rare. */

#include "up-watch.h"

#include <string.h>

#include "duration.h"

#define TOUCHES_IN_TIMEOUT 8

typedef struct Watched {
        const UpMember *member;
        ProctorProcess *process; /* NULL until it is known */
        gint64 touched_at;
        bool touch_pending; /* it wrote before it was known */
        unsigned late;      /* a source: it wrote again soon after a report */
        UpWatch *watch;
} Watched;

struct UpWatch {
        ProctorGroup *group;
        UpOutput *output;
        GPtrArray *watched;
        GCancellable *cancellable;
        gulong started_id;
        bool asking, ask_again;
};

static void watched_free(void *data) {
        Watched *watched = data;

        g_clear_handle_id(&watched->late, g_source_remove);
        if (watched->process)
                g_signal_handlers_disconnect_by_data(watched->process, watched);
        g_clear_object(&watched->process);
        g_free(watched);
}

static Watched *find(const UpWatch *watch, const char *member) {
        for (unsigned i = 0; i < watch->watched->len; i++) {
                Watched *watched = watch->watched->pdata[i];

                if (strcmp(watched->member->name, member) == 0)
                        return watched;
        }
        return NULL;
}

static void on_hung(ProctorProcess *process, guint64 idle_usec, const char *evidence,
                    const char *action, Watched *watched) {
        g_autofree char *idle = duration_to_rounded_string(idle_usec);

        up_output_note(watched->watch->output, "'%s' hangs: no sign of life for %s%s",
                       watched->member->name, idle,
                       g_strcmp0(action, "none") == 0 ? "" : "; it is ended");
}

static void touch(Watched *watched);

static gboolean on_late(void *data) {
        Watched *watched = data;

        watched->late = 0;
        touch(watched);
        return G_SOURCE_REMOVE;
}

/* A report that is left out is made up for, so that no verdict comes early. */
static void touch(Watched *watched) {
        guint64 pause = watched->member->timeout_usec / TOUCHES_IN_TIMEOUT;
        guint64 since = (guint64)(g_get_monotonic_time() - watched->touched_at);

        if (watched->late != 0)
                return;
        if (watched->touched_at != 0 && since < pause) {
                guint64 msec = (pause - since) / 1000 + 1;

                watched->late = g_timeout_add((guint)MIN(msec, (guint64)G_MAXINT), on_late,
                                              watched);
                return;
        }
        watched->touched_at = g_get_monotonic_time();
        proctor_process_touch(watched->process);
}

static void on_process(GObject *source, GAsyncResult *result, void *data) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorProcess) process = proctor_manager_get_process_by_path_finish(
                PROCTOR_MANAGER(source), result, &error);
        Watched *watched = data;

        if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
                return; /* with all of it */
        if (!process || watched->process)
                return;
        watched->process = g_steal_pointer(&process);
        g_signal_connect(watched->process, "hung", G_CALLBACK(on_hung), watched);
        if (watched->touch_pending)
                touch(watched);
}

static void learn(UpWatch *watch, GVariant *status) {
        ProctorManager *manager = proctor_group_get_manager(watch->group);
        g_autoptr(GVariantIter) iter = g_variant_iter_new(status);
        const char *member;
        GVariant *facts;

        while (g_variant_iter_loop(iter, "{&s@a{sv}}", &member, &facts)) {
                Watched *watched = find(watch, member);
                const char *path = "/";

                if (watched && !watched->process &&
                    g_variant_lookup(facts, "Process", "&o", &path) && path[1])
                        proctor_manager_get_process_by_path_async(manager, path, watch->cancellable,
                                                                  on_process, watched);
        }
}

static void ask(UpWatch *watch);

static void on_status(GObject *source, GAsyncResult *result, void *data) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant)
                status = proctor_group_get_status_finish(PROCTOR_GROUP(source), result, &error);
        UpWatch *watch = data;

        if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
                return;
        watch->asking = false;
        if (status)
                learn(watch, status);
        if (watch->ask_again)
                ask(watch);
}

static void ask(UpWatch *watch) {
        watch->ask_again = watch->asking;
        if (watch->asking)
                return;
        watch->asking = true;
        proctor_group_get_status_async(watch->group, watch->cancellable, on_status, watch);
}

static void on_process_started(ProctorManager *manager, ProctorProcess *process, UpWatch *watch) {
        for (unsigned i = 0; i < watch->watched->len; i++)
                if (!((Watched *)watch->watched->pdata[i])->process) {
                        ask(watch);
                        return;
                }
}

UpWatch *up_watch_new(ProctorGroup *group, const UpFile *file, UpOutput *output) {
        UpWatch *watch = g_new0(UpWatch, 1);

        watch->group = g_object_ref(group);
        watch->output = output;
        watch->watched = g_ptr_array_new_with_free_func(watched_free);
        watch->cancellable = g_cancellable_new();
        for (unsigned i = 0; i < file->members->len; i++) {
                const UpMember *member = file->members->pdata[i];
                Watched *watched;

                if (member->timeout_usec == PROCTOR_INFINITY)
                        continue;
                watched = g_new0(Watched, 1);
                watched->member = member;
                watched->watch = watch;
                g_ptr_array_add(watch->watched, watched);
        }
        watch->started_id = g_signal_connect(proctor_group_get_manager(group), "process-started",
                                             G_CALLBACK(on_process_started), watch);
        return watch;
}

void up_watch_touch(UpWatch *watch, const UpMember *member) {
        Watched *watched = member->output_is_a_sign ? find(watch, member->name) : NULL;

        if (!watched)
                return;
        if (watched->process)
                touch(watched);
        else
                watched->touch_pending = true;
}

UpWatch *up_watch_free(UpWatch *watch) {
        if (!watch)
                return NULL;
        g_cancellable_cancel(watch->cancellable);
        g_signal_handler_disconnect(proctor_group_get_manager(watch->group), watch->started_id);
        g_ptr_array_unref(watch->watched);
        g_object_unref(watch->cancellable);
        g_object_unref(watch->group);
        g_free(watch);
        return NULL;
}
