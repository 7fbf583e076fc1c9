/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One outcome for two kinds of listeners. A blocked thread sleeps on a condition and runs no main
 * context. A task returns from a source on its own context, never from the thread that settled it:
 * so its callback, and the last references to what the caller gave, stay on the caller's side. */

#include "outcome.h"

#include "deadline.h"

void outcome_init(Outcome *outcome, const OutcomeClass *class, GMutex *mutex,
                  GDestroyNotify free_result) {
        outcome->class = class;
        outcome->mutex = mutex;
        outcome->free_result = free_result;
        g_atomic_ref_count_init(&outcome->n_ref);
        g_cond_init(&outcome->cond);
}

void outcome_done(Outcome *outcome) {
        if (outcome->result && outcome->free_result)
                outcome->free_result(outcome->result);
        g_clear_error(&outcome->error);
        g_clear_pointer(&outcome->timer, g_source_unref);
        g_clear_pointer(&outcome->canceller, g_source_unref);
        g_clear_object(&outcome->task);
        g_cond_clear(&outcome->cond);
}

Outcome *outcome_ref(Outcome *outcome) {
        g_atomic_ref_count_inc(&outcome->n_ref);
        return outcome;
}

void outcome_unref(gpointer data) {
        Outcome *outcome = data;

        if (g_atomic_ref_count_dec(&outcome->n_ref))
                outcome->class->free(outcome);
}

static gpointer outcome_steal(Outcome *outcome, GError **error) {
        if (outcome->error) {
                g_propagate_error(error, g_steal_pointer(&outcome->error));
                return NULL;
        }
        return g_steal_pointer(&outcome->result);
}

/* Runs on the context of the task; settled already, so that nobody else touches it. */
static gboolean outcome_return(gpointer data) {
        Outcome *outcome = data;
        g_autoptr(GTask) task = g_steal_pointer(&outcome->task);
        GError *error = NULL;

        if (outcome->timer)
                g_source_destroy(outcome->timer);
        if (outcome->canceller)
                g_source_destroy(outcome->canceller);
        if (!task)
                return G_SOURCE_REMOVE;

        gpointer result = outcome_steal(outcome, &error);
        if (error)
                g_task_return_error(task, error);
        else
                g_task_return_pointer(task, result, outcome->free_result);
        return G_SOURCE_REMOVE;
}

static void outcome_return_later(Outcome *outcome) {
        g_autoptr(GSource) source = g_idle_source_new();

        g_source_set_priority(source, g_task_get_priority(outcome->task));
        g_source_set_callback(source, outcome_return, outcome_ref(outcome), outcome_unref);
        g_source_set_static_name(source, "[proctor] return");
        g_source_attach(source, g_task_get_context(outcome->task));
}

gboolean outcome_settle(Outcome *outcome, gpointer result, GError *error) {
        if (outcome->settled)
                return FALSE;
        outcome->settled = TRUE;
        outcome->result = result;
        outcome->error = error;
        if (outcome->blocking)
                g_cond_signal(&outcome->cond);
        if (outcome->task)
                outcome_return_later(outcome);
        return TRUE;
}

/* With the mutex held. */
static void outcome_give_up(Outcome *outcome, GCancellable *cancellable) {
        g_autoptr(GError) error = NULL;
        gpointer result = NULL;

        if (!g_cancellable_set_error_if_cancelled(cancellable, &error))
                result = outcome->class->expire(outcome, &error);
        outcome->class->withdraw(outcome);
        outcome->settled = TRUE;
        outcome->result = result;
        outcome->error = g_steal_pointer(&error);
}

static void outcome_on_cancelled(GCancellable *cancellable, gpointer data) {
        Outcome *outcome = data;

        g_mutex_lock(outcome->mutex);
        g_cond_signal(&outcome->cond);
        g_mutex_unlock(outcome->mutex);
}

gpointer outcome_wait(Outcome *outcome, guint64 timeout_usec, GCancellable *cancellable,
                      GError **error) {
        gint64 deadline = deadline_after(timeout_usec);
        gulong handler = 0;

        /* Not under the mutex: the handler runs at once if the cancellable was triggered. */
        if (cancellable)
                handler = g_cancellable_connect(cancellable, G_CALLBACK(outcome_on_cancelled),
                                                outcome, NULL);
        g_mutex_lock(outcome->mutex);
        outcome->blocking = TRUE;
        while (!outcome->settled) {
                gboolean expired = FALSE;

                if (g_cancellable_is_cancelled(cancellable))
                        expired = TRUE;
                else if (deadline == G_MAXINT64)
                        g_cond_wait(&outcome->cond, outcome->mutex);
                else
                        expired = !g_cond_wait_until(&outcome->cond, outcome->mutex, deadline);
                if (expired && !outcome->settled)
                        outcome_give_up(outcome, cancellable);
        }
        g_mutex_unlock(outcome->mutex);
        if (handler)
                g_cancellable_disconnect(cancellable, handler);
        return outcome_steal(outcome, error);
}

/* The deadline or the cancellable of a task; runs on its context. */
static gboolean outcome_on_source(gpointer data) {
        Outcome *outcome = data;
        gboolean mine = FALSE;

        g_mutex_lock(outcome->mutex);
        if (!outcome->settled) {
                outcome_give_up(outcome, g_task_get_cancellable(outcome->task));
                mine = TRUE;
        }
        g_mutex_unlock(outcome->mutex);
        if (mine)
                outcome_return(outcome);
        return G_SOURCE_REMOVE;
}

static gboolean outcome_on_cancellable(GCancellable *cancellable, gpointer data) {
        return outcome_on_source(data);
}

void outcome_bind(Outcome *outcome, GTask *task) {
        /* The outcome says itself what a cancellation does: a result that is there is not lost. */
        g_task_set_check_cancellable(task, FALSE);
        outcome->task = task;
}

static GSource *outcome_attach(Outcome *outcome, GSource *source, GSourceFunc func,
                               GMainContext *context) {
        g_source_set_callback(source, func, outcome_ref(outcome), outcome_unref);
        g_source_attach(source, context);
        return source;
}

void outcome_arm(Outcome *outcome, guint64 timeout_usec, GCancellable *cancellable) {
        gint64 deadline = deadline_after(timeout_usec);

        if (deadline == G_MAXINT64 && !cancellable)
                return;

        g_mutex_lock(outcome->mutex);
        if (!outcome->settled) {
                GMainContext *context = g_task_get_context(outcome->task);

                if (deadline != G_MAXINT64) {
                        outcome->timer = deadline_source_new(deadline);
                        outcome_attach(outcome, outcome->timer, outcome_on_source, context);
                }
                if (cancellable) {
                        outcome->canceller = g_cancellable_source_new(cancellable);
                        outcome_attach(outcome, outcome->canceller,
                                       G_SOURCE_FUNC(outcome_on_cancellable), context);
                }
        }
        g_mutex_unlock(outcome->mutex);
}
