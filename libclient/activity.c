/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each process with a function has a timer of half its timeout, in GDBus's worker thread: there it
 * runs whatever the caller's threads do. The question itself goes to the caller's main context. If
 * at that moment the function of another process keeps that context, this one cannot be asked, and
 * counts as alive: a function that blocks takes down its own process alone. */

#include "activity.h"

#include "call.h"
#include "deadline.h"
#include "manager-internal.h"
#include "process-internal.h"

/* Half of the least timeout that the service takes. */
#define INTERVAL_MIN_USEC ((guint64)500)

struct ActivitySource {
        gatomicrefcount n_ref;
        ProctorActivityFunc func;
        gpointer user_data;
        GDestroyNotify destroy;
        GMainContext *context;
};

struct Activity {
        gatomicrefcount n_ref;
        Link *link;
        Entry *entry;
        ActivitySource *source;
        gint64 since;

        /* Guarded by the link's mutex. */
        gboolean ended;
        gboolean asking; /* a question is on its way */
        gint64 newest;   /* newest time that it told */
        guint64 timeout; /* 0: not known yet */
        GSource *timer;
};

ActivitySource *activity_source_new(ProctorActivityFunc func, gpointer user_data,
                                    GDestroyNotify destroy) {
        ActivitySource *source = g_new0(ActivitySource, 1);

        g_atomic_ref_count_init(&source->n_ref);
        source->func = func;
        source->user_data = user_data;
        source->destroy = destroy;
        source->context = g_main_context_ref_thread_default();
        return source;
}

ActivitySource *activity_source_ref(ActivitySource *source) {
        g_atomic_ref_count_inc(&source->n_ref);
        return source;
}

void activity_source_unref(ActivitySource *source) {
        if (!source || !g_atomic_ref_count_dec(&source->n_ref))
                return;
        if (source->destroy)
                source->destroy(source->user_data);
        g_main_context_unref(source->context);
        g_free(source);
}

static Activity *activity_ref(Activity *self) {
        g_atomic_ref_count_inc(&self->n_ref);
        return self;
}

static void activity_unref(gpointer data) {
        Activity *self = data;

        if (!g_atomic_ref_count_dec(&self->n_ref))
                return;
        activity_source_unref(self->source);
        entry_unref(self->entry);
        link_unref(self->link);
        g_free(self);
}

static void activity_attach(Activity *self, GSource *source, GSourceFunc func,
                            GMainContext *context) {
        g_source_set_priority(source, G_PRIORITY_DEFAULT);
        g_source_set_static_name(source, "[proctor] activity");
        g_source_set_callback(source, func, activity_ref(self), activity_unref);
        g_source_attach(source, context);
}

/* Whether an answer is news of a process that is alive now. With the mutex held. */
static gboolean activity_believe(Activity *self, gint64 value) {
        gint64 now = g_get_monotonic_time();

        if (value < 0 || value > now || value < self->since || value <= self->newest)
                return FALSE;
        self->newest = value;
        /* A report says "now": it would make a process young again that is idle by its own word. */
        return self->timeout == 0 || (guint64)(now - value) <= self->timeout;
}

static void activity_touch(Activity *self) {
        call_send_only(self->link, entry_get_service(self->entry), self->entry->path,
                       PROCTOR_PROCESS_INTERFACE, "ReportActivity", NULL);
}

/* On the caller's main context. */
static gboolean activity_ask(gpointer data) {
        Activity *self = data;
        g_autoptr(ProctorManager) manager = g_weak_ref_get(&self->link->manager);

        link_lock(self->link);
        gboolean ended = self->ended || !manager;
        if (!ended)
                g_hash_table_add(self->link->running, self);
        link_unlock(self->link);
        if (ended)
                return G_SOURCE_REMOVE;

        g_autoptr(ProctorProcess) process = process_for_entry(manager, self->entry);
        gint64 value = self->source->func(process, self->source->user_data);

        link_lock(self->link);
        g_hash_table_remove(self->link->running, self);
        self->asking = FALSE;
        gboolean report = !self->ended && activity_believe(self, value);
        link_unlock(self->link);
        if (report)
                activity_touch(self);
        return G_SOURCE_REMOVE;
}

/* With the mutex held. */
static gboolean activity_is_kept_out(Activity *self) {
        GHashTableIter iter;
        gpointer each;

        g_hash_table_iter_init(&iter, self->link->running);
        while (g_hash_table_iter_next(&iter, &each, NULL)) {
                Activity *other = each;

                if (other != self && other->source->context == self->source->context)
                        return TRUE;
        }
        return FALSE;
}

static gpointer activity_timeout_handler(Call *call, GVariant *body, GError **error) {
        g_autoptr(GVariant) value = NULL;

        g_variant_get(body, "(v)", &value);
        link_lock(call->link);
        if (g_variant_is_of_type(value, G_VARIANT_TYPE_UINT64))
                activity_set_timeout(call->data, g_variant_get_uint64(value));
        link_unlock(call->link);
        return CALL_OK;
}

/* Timeouts can be changed by anybody: ours is as old as the last question. */
static void activity_review(Entry *entry, ProctorManager *manager) {
        Call *call = call_new(
                manager, CALL_SHORT, entry_get_service(entry), entry->path,
                "org.freedesktop.DBus.Properties", "Get",
                g_variant_new("(ss)", PROCTOR_PROCESS_INTERFACE, PROCTOR_OPTION_TIMEOUT),
                G_VARIANT_TYPE("(v)"), activity_timeout_handler);

        call_set_data(call, entry_ref(entry), entry_unref);
        call_run_detached(call);
}

/* When to ask next. */
static gint64 activity_due(Activity *self) {
        return deadline_after(MAX(self->timeout / 2, INTERVAL_MIN_USEC));
}

/* In the worker thread. */
static gboolean activity_on_timer(gpointer data) {
        Activity *self = data;
        g_autoptr(ProctorManager) manager = g_weak_ref_get(&self->link->manager);
        gboolean kept_out = FALSE, ask = FALSE;

        link_lock(self->link);
        if (self->ended || !manager) {
                link_unlock(self->link);
                return G_SOURCE_REMOVE;
        }
        g_source_set_ready_time(self->timer, activity_due(self));
        kept_out = activity_is_kept_out(self);
        ask = !self->asking;
        self->asking = TRUE;
        link_unlock(self->link);

        if (ask) {
                g_autoptr(GSource) source = g_idle_source_new();

                activity_attach(self, source, activity_ask, self->source->context);
        }
        if (kept_out)
                activity_touch(self);
        activity_review(self->entry, manager);
        return G_SOURCE_CONTINUE;
}

void activity_set_timeout(Entry *entry, guint64 timeout_usec) {
        Activity *self = entry->activity;

        if (!self || timeout_usec == 0 || self->timeout == timeout_usec)
                return;
        self->timeout = timeout_usec;
        if (timeout_usec == PROCTOR_INFINITY) {
                /* It is not watched: there is no verdict that needs anything. */
                if (self->timer)
                        g_source_set_ready_time(self->timer, -1);
                return;
        }

        gint64 due = activity_due(self);
        if (self->timer) {
                gint64 planned = g_source_get_ready_time(self->timer);

                if (planned < 0 || planned > due)
                        g_source_set_ready_time(self->timer, due);
                return;
        }
        self->timer = deadline_source_new(due);
        activity_attach(self, self->timer, activity_on_timer, self->link->worker);
}

static Activity *activity_new(Entry *entry, ActivitySource *source, gint64 since) {
        Activity *self = g_new0(Activity, 1);

        g_atomic_ref_count_init(&self->n_ref);
        self->link = link_ref(entry->link);
        self->entry = entry_ref(entry);
        self->source = activity_source_ref(source);
        self->since = since;
        self->newest = -1;
        return self;
}

void activity_begin(Entry *entry, ActivitySource *source, gint64 since) {
        Link *link = entry->link;
        g_autoptr(ProctorManager) manager = g_weak_ref_get(&link->manager);
        guint64 timeout = 0;

        link_lock(link);
        activity_end(entry);
        gboolean wanted = source && !entry_is_finished(entry) && !entry->lost && !link->closed;
        if (wanted) {
                entry->activity = activity_new(entry, source, since);
                entry_use_again(entry);
                g_hash_table_add(link->activities, entry->activity);
                timeout = entry->facts.timeout;
                activity_set_timeout(entry, timeout);
        }
        link_unlock(link);
        if (wanted && timeout == 0 && manager)
                activity_review(entry, manager);
}

static gboolean activity_drop(gpointer data) {
        return G_SOURCE_REMOVE;
}

void activity_end(Entry *entry) {
        Activity *self = g_steal_pointer(&entry->activity);

        if (!self)
                return;
        self->ended = TRUE;
        if (self->timer)
                g_source_destroy(self->timer);
        g_clear_pointer(&self->timer, g_source_unref);
        g_hash_table_remove(entry->link->activities, self);

        /* The last reference runs code of the caller: not under the mutex. */
        g_autoptr(GSource) source = g_idle_source_new();
        activity_attach(self, source, activity_drop, entry->link->worker);
        activity_unref(self);
        entry_release_locked(entry);
}

void activity_review_all(ProctorManager *manager) {
        Link *link = manager_get_link(manager);
        g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(entry_unref);
        GHashTableIter iter;
        gpointer each;

        link_lock(link);
        g_hash_table_iter_init(&iter, link->activities);
        while (g_hash_table_iter_next(&iter, &each, NULL))
                g_ptr_array_add(entries, entry_ref(((Activity *)each)->entry));
        link_unlock(link);
        for (guint i = 0; i < entries->len; i++)
                activity_review(entries->pdata[i], manager);
}
