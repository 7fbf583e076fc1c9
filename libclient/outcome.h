/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBCLIENT_OUTCOME_H
#define LIBCLIENT_OUTCOME_H

/* Something that is settled once: by GDBus's worker thread, by a deadline or by a cancellable. A
 * thread blocks on it, or a GTask returns it on its own main context; the call of a method and the
 * wait for a process are both made of it. It does not know what it is the outcome of. */

#include <gio/gio.h>

typedef struct Outcome Outcome;

typedef struct OutcomeClass {
        /* The deadline has passed: a result, or NULL and an error. With the mutex held. */
        gpointer (*expire)(Outcome *outcome, GError **error);
        /* Deadline or cancellable came first: nobody listens any more. With the mutex held. */
        void (*withdraw)(Outcome *outcome);
        void (*free)(Outcome *outcome);
} OutcomeClass;

struct Outcome {
        const OutcomeClass *class;
        gatomicrefcount n_ref;
        GMutex *mutex; /* the connection's; guards all below */
        gboolean settled;
        gpointer result;
        GDestroyNotify free_result;
        GError *error;
        gboolean blocking;
        GCond cond;
        GTask *task;
        GSource *timer;
        GSource *canceller;
};

void outcome_init(Outcome *outcome, const OutcomeClass *class, GMutex *mutex,
                  GDestroyNotify free_result);
void outcome_done(Outcome *outcome);
Outcome *outcome_ref(Outcome *outcome);
void outcome_unref(gpointer outcome);

/* Settles it, with the mutex held; takes result and error. FALSE, and nothing taken, if it was
 * settled before. */
gboolean outcome_settle(Outcome *outcome, gpointer result, GError *error);

/* Blocks until it is settled; timeout in microseconds. Returns the result, or NULL and an error. */
gpointer outcome_wait(Outcome *outcome, guint64 timeout_usec, GCancellable *cancellable,
                      GError **error);

/* Has a task return it; takes the task. To be called before it can be settled. */
void outcome_bind(Outcome *outcome, GTask *task);

/* Starts deadline and cancellable of a bound one. */
void outcome_arm(Outcome *outcome, guint64 timeout_usec, GCancellable *cancellable);

#endif
