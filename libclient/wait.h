/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBCLIENT_WAIT_H
#define LIBCLIENT_WAIT_H

/* Waiting for processes. A wait holds no call: it hangs on the entries, and the signal that a
 * process has ended, which the worker thread sees, settles it. */

#include "entry.h"

typedef struct Wait Wait;

/* Blocks until the wait is over. @many: when the time is over it is no error. */
gboolean wait_run(ProctorManager *manager, Entry *const *entries, guint n_entries, gboolean many,
                  ProctorWaitMode mode, guint64 timeout_usec, GCancellable *cancellable,
                  GError **error);

/* The same for a task, which returns a pointer that is not NULL; takes the task. */
void wait_run_async(ProctorManager *manager, Entry *const *entries, guint n_entries, gboolean many,
                    ProctorWaitMode mode, guint64 timeout_usec, GTask *task);

/* From an entry that has taken it off its list; with the mutex held. Take the reference. */
void wait_entry_finished(Wait *wait, Entry *entry);
void wait_entry_failed(Wait *wait, const GError *error);

#endif
