/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of a process that this connection started is always told to it. For any other one the
 * connection is subscribed first, and then the service is asked whether it has ended already: in
 * that order nothing can fall between. */

#include "wait.h"

#include "call.h"
#include "enums-internal.h"
#include "error-internal.h"

struct Wait {
        Outcome outcome;
        Link *link;
        Entry **entries;
        guint n_entries;
        guint n_left;
        gboolean many;
        gboolean failure; /* one has finished with another result than success */
        gboolean foreign;
        ProctorWaitMode mode;
};

/* With the mutex held, when it is settled or withdrawn. */
static void wait_leave(Wait *wait) {
        for (guint i = 0; i < wait->n_entries; i++) {
                Entry *entry = wait->entries[i];
                GSList *node = g_slist_find(entry->waits, wait);

                if (!node)
                        continue;
                entry->waits = g_slist_delete_link(entry->waits, node);
                outcome_unref(wait);
        }
        if (!wait->foreign)
                return;
        wait->foreign = FALSE;
        link_release_subscription(wait->link);
}

static gpointer wait_expire(Outcome *outcome, GError **error) {
        Wait *wait = (Wait *)outcome;

        if (wait->many)
                return CALL_OK;
        g_set_error_literal(error, PROCTOR_ERROR, PROCTOR_ERROR_TIMEOUT,
                            "The process has not ended within the time given");
        return NULL;
}

static void wait_withdraw(Outcome *outcome) {
        wait_leave((Wait *)outcome);
}

static void wait_free(Outcome *outcome) {
        Wait *wait = (Wait *)outcome;

        outcome_done(outcome);
        for (guint i = 0; i < wait->n_entries; i++)
                entry_unref(wait->entries[i]);
        g_free(wait->entries);
        link_unref(wait->link);
        g_free(wait);
}

static const OutcomeClass wait_class = {
        .expire = wait_expire,
        .withdraw = wait_withdraw,
        .free = wait_free,
};

static gboolean wait_is_met(Wait *wait) {
        switch (wait->mode) {
        case PROCTOR_WAIT_MODE_ANY:
                return wait->n_left < wait->n_entries;
        case PROCTOR_WAIT_MODE_FIRST_FAILURE:
                return wait->n_left == 0 || wait->failure;
        case PROCTOR_WAIT_MODE_ALL:
        default:
                return wait->n_left == 0;
        }
}

static void wait_count(Wait *wait, Entry *entry) {
        wait->n_left--;
        if (entry->facts.result != PROCTOR_RESULT_SUCCESS)
                wait->failure = TRUE;
}

void wait_entry_finished(Wait *wait, Entry *entry) {
        wait_count(wait, entry);
        if (wait_is_met(wait) && outcome_settle(&wait->outcome, CALL_OK, NULL))
                wait_leave(wait);
        outcome_unref(wait);
}

void wait_entry_failed(Wait *wait, const GError *error) {
        if (!wait->outcome.settled) {
                outcome_settle(&wait->outcome, NULL, g_error_copy(error));
                wait_leave(wait);
        }
        outcome_unref(wait);
}

/* The service said how it ended. */
static gpointer wait_look_handler(Call *call, GVariant *body, GError **error) {
        const char *result;
        int exit_code;

        g_variant_get(body, "(i&s)", &exit_code, &result);
        link_lock(call->link);
        entry_finish(call->data, exit_code, (ProctorResult)result_from_word(result));
        link_unlock(call->link);
        return CALL_OK;
}

/* It runs, or there is something wrong with it. */
static gpointer wait_look_on_error(Call *call, GError **error) {
        Entry *entry = call->data;

        link_lock(call->link);
        if (g_error_matches(*error, PROCTOR_ERROR, PROCTOR_ERROR_TIMEOUT))
                entry->covered = call->link->subscription;
        else
                entry_fail_waits(entry, *error);
        link_unlock(call->link);
        return NULL;
}

static gpointer wait_subscribed(Call *call, GVariant *body, GError **error) {
        link_lock(call->link);
        link_note_subscribed(call->link);
        link_unlock(call->link);
        return CALL_OK;
}

static void wait_look(ProctorManager *manager, Wait *wait) {
        g_autoptr(GPtrArray) foreign = g_ptr_array_new();
        Link *link = wait->link;

        link_lock(link);
        gboolean subscribed = link->subscription != 0;
        for (guint i = 0; i < wait->n_entries; i++)
                if (!entry_is_finished(wait->entries[i]) && !entry_is_covered(wait->entries[i]))
                        g_ptr_array_add(foreign, wait->entries[i]);
        link_unlock(link);

        if (foreign->len > 0 && !subscribed)
                call_run_detached(call_new(manager, CALL_SHORT, NULL, PROCTOR_ROOT_PATH,
                                           PROCTOR_MANAGER_INTERFACE, "Subscribe", NULL, NULL,
                                           wait_subscribed));
        for (guint i = 0; i < foreign->len; i++) {
                Entry *entry = foreign->pdata[i];
                Call *call = call_new_for_entry(manager, CALL_SHORT, entry,
                                                PROCTOR_PROCESS_INTERFACE, "Wait",
                                                g_variant_new("(t)", (guint64)0),
                                                G_VARIANT_TYPE("(is)"), wait_look_handler);

                call->on_error = wait_look_on_error;
                call_set_data(call, entry_ref(entry), entry_unref);
                call_run_detached(call);
        }
}

static Wait *wait_new(Link *link, Entry *const *entries, guint n_entries, gboolean many,
                      ProctorWaitMode mode) {
        Wait *wait = g_new0(Wait, 1);

        outcome_init(&wait->outcome, &wait_class, &link->mutex, NULL);
        wait->link = link_ref(link);
        wait->entries = g_new(Entry *, n_entries);
        for (guint i = 0; i < n_entries; i++)
                wait->entries[i] = entry_ref(entries[i]);
        wait->n_entries = wait->n_left = n_entries;
        wait->many = many;
        wait->mode = mode;
        return wait;
}

/* Hangs it on its entries, unless it is settled at once. Gives whether the service must be asked.
 * With the mutex held. */
static gboolean wait_enter(Wait *wait) {
        Entry *lost = NULL;

        for (guint i = 0; i < wait->n_entries; i++) {
                Entry *entry = wait->entries[i];

                if (entry_is_finished(entry))
                        wait_count(wait, entry);
                else if (entry->lost || wait->link->closed)
                        lost = entry;
                else if (!entry_is_covered(entry))
                        wait->foreign = TRUE;
        }
        if (wait_is_met(wait) || lost) {
                gboolean met = wait_is_met(wait);

                wait->foreign = FALSE;
                outcome_settle(&wait->outcome, met ? CALL_OK : NULL,
                               met ? NULL : error_disconnected());
                return FALSE;
        }
        for (guint i = 0; i < wait->n_entries; i++) {
                Entry *entry = wait->entries[i];

                if (!entry_is_finished(entry))
                        entry->waits = g_slist_prepend(entry->waits, outcome_ref(&wait->outcome));
        }
        /* A subscription that somebody ended early would leave this one waiting for ever. */
        for (guint i = 0; i < wait->n_entries && !wait->foreign; i++)
                wait->foreign = !wait->entries[i]->mine;
        if (wait->foreign)
                link_hold_subscription(wait->link);
        return wait->foreign;
}

gboolean wait_run(ProctorManager *manager, Entry *const *entries, guint n_entries, gboolean many,
                  ProctorWaitMode mode, guint64 timeout_usec, GCancellable *cancellable,
                  GError **error) {
        Link *link = entries[0]->link;
        gpointer result;

        if (g_cancellable_set_error_if_cancelled(cancellable, error))
                return FALSE;

        Wait *wait = wait_new(link, entries, n_entries, many, mode);
        link_lock(link);
        gboolean ask = wait_enter(wait);
        link_unlock(link);
        if (ask)
                wait_look(manager, wait);
        result = outcome_wait(&wait->outcome, timeout_usec, cancellable, error);
        outcome_unref(wait);
        return result != NULL;
}

void wait_run_async(ProctorManager *manager, Entry *const *entries, guint n_entries, gboolean many,
                    ProctorWaitMode mode, guint64 timeout_usec, GTask *task) {
        Link *link = entries[0]->link;
        GCancellable *cancellable = g_task_get_cancellable(task);

        if (g_task_return_error_if_cancelled(task)) {
                g_object_unref(task);
                return;
        }

        Wait *wait = wait_new(link, entries, n_entries, many, mode);
        outcome_bind(&wait->outcome, task);
        link_lock(link);
        gboolean ask = wait_enter(wait);
        link_unlock(link);
        outcome_arm(&wait->outcome, timeout_usec, cancellable);
        if (ask)
                wait_look(manager, wait);
        outcome_unref(wait);
}
