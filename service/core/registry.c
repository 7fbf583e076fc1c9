/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Look-up tables over processes and users, see the header. */

#include "core/registry.h"

static void user_free(void *data) {
        User *user = data;

        g_assert(g_queue_is_empty(&user->finished));
        g_free(user);
}

void registry_init(Registry *registry) {
        registry->by_id = g_hash_table_new(g_int64_hash, g_int64_equal);
        registry->by_pid = g_hash_table_new(NULL, NULL);
        registry->users = g_hash_table_new_full(NULL, NULL, NULL, user_free);
        g_queue_init(&registry->order);
}

void registry_done(Registry *registry) {
        while (!g_queue_is_empty(&registry->order))
                registry_remove(registry, registry->order.head->data);
        g_hash_table_unref(registry->users);
        g_hash_table_unref(registry->by_pid);
        g_hash_table_unref(registry->by_id);
}

User *registry_user(Registry *registry, uid_t uid) {
        User *user = g_hash_table_lookup(registry->users, GUINT_TO_POINTER(uid));

        if (!user) {
                user = g_new0(User, 1);
                user->uid = uid;
                g_queue_init(&user->finished);
                g_queue_init(&user->dossiers);
                g_hash_table_insert(registry->users, GUINT_TO_POINTER(uid), user);
        }
        return user;
}

void registry_add(Registry *registry, Process *process) {
        void *pid = GINT_TO_POINTER(process->pid);

        process_ref(process);
        g_hash_table_insert(registry->by_id, &process->id, process);
        process->pid_older = g_hash_table_lookup(registry->by_pid, pid);
        g_hash_table_insert(registry->by_pid, pid, process);
        g_queue_push_tail_link(&registry->order, &process->link);
}

static void drop_dossier(Process *process) {
        User *user = process->user;

        if (!process->dossier)
                return;
        user->dossier_bytes -= process->dossier->bytes;
        g_queue_unlink(&user->dossiers, &process->dossier_link);
        process->dossier = dossier_unref(process->dossier);
}

void registry_keep_dossier(Process *process, Dossier *dossier) {
        User *user = process->user;

        drop_dossier(process);
        if (!dossier)
                return;
        process->dossier = dossier;
        user->dossier_bytes += dossier->bytes;
        g_queue_push_tail_link(&user->dossiers, &process->dossier_link);
        while (user->dossier_bytes > DOSSIER_BYTES_PER_USER)
                drop_dossier(user->dossiers.head->data);
}

static void unlink_pid(Registry *registry, Process *process) {
        void *pid = GINT_TO_POINTER(process->pid);
        Process *newer = g_hash_table_lookup(registry->by_pid, pid);

        if (newer == process) {
                if (process->pid_older)
                        g_hash_table_insert(registry->by_pid, pid, process->pid_older);
                else
                        g_hash_table_remove(registry->by_pid, pid);
                return;
        }
        while (newer && newer->pid_older != process)
                newer = newer->pid_older;
        if (newer)
                newer->pid_older = process->pid_older;
}

void registry_remove(Registry *registry, Process *process) {
        unlink_pid(registry, process);
        process->pid_older = NULL;
        g_hash_table_remove(registry->by_id, &process->id);
        g_queue_unlink(&registry->order, &process->link);
        if (!process_is_running(process)) {
                g_queue_unlink(&process->user->finished, &process->user_link);
                process->user->finished_bytes -= process->finished_bytes;
        }
        drop_dossier(process);
        process->supervisor = NULL;
        process->user = NULL;
        process_unref(process);
}

Process *registry_by_id(const Registry *registry, uint64_t id) {
        return g_hash_table_lookup(registry->by_id, &id);
}

Process *registry_by_pid(const Registry *registry, pid_t pid, uid_t owner) {
        Process *process = g_hash_table_lookup(registry->by_pid, GINT_TO_POINTER(pid));

        while (process && owner != UID_ANY && process->owner != owner)
                process = process->pid_older;
        return process;
}

static void stats_add(Stats *sum, const Stats *stats) {
        sum->started += stats->started;
        sum->spawn_failures += stats->spawn_failures;
        for (unsigned i = 0; i < _RESULT_MAX; i++)
                sum->results[i] += stats->results[i];
        sum->kills += stats->kills;
        sum->suppressed += stats->suppressed;
}

Stats registry_stats(const Registry *registry, uid_t owner) {
        Stats sum = {};
        GHashTableIter iter;
        void *value;

        g_hash_table_iter_init(&iter, registry->users);
        while (g_hash_table_iter_next(&iter, NULL, &value)) {
                const User *user = value;

                if (owner == UID_ANY || user->uid == owner)
                        stats_add(&sum, &user->stats);
        }
        return sum;
}
