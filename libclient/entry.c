/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of processes, and the reading of their properties. A process that has finished never
 * changes its state again, whatever comes. */

#include "entry.h"

#include <string.h>

#include "activity.h"
#include "enums-internal.h"
#include "error-internal.h"
#include "events.h"
#include "roster.h"
#include "wait.h"

typedef enum FactKind {
        FACT_UINT32,
        FACT_UINT64,
        FACT_INT32,
        FACT_BOOLEAN,
        FACT_WORD,   /* an enumeration */
        FACT_STRING, /* set once */
        FACT_STRV,   /* set once */
        FACT_TEXT,   /* changes */
        FACT_GROUP,  /* the number in the path of one; 0: of none */
        FACT_FIRST,  /* of a pair */
        FACT_SECOND,
} FactKind;

static const struct {
        const char *name;
        FactKind kind;
        ProcessProperty property;
        gsize offset;
        GType (*type)(void);
} fact_table[] = {
#define FACT(name, kind, property, field)                                                          \
        { name, kind, property, offsetof(Facts, field), NULL }
#define FACT_ENUM(name, property, field, type)                                                     \
        { name, FACT_WORD, property, offsetof(Facts, field), type }
        FACT("PID", FACT_UINT32, PROCESS_PROP_PID, pid),
        FACT("Name", FACT_STRING, PROCESS_PROP_NAME, name),
        FACT("Command", FACT_STRV, PROCESS_PROP_COMMAND, command),
        FACT("WorkingDirectory", FACT_STRING, PROCESS_PROP_WORKING_DIRECTORY, working_directory),
        FACT("Owner", FACT_UINT32, PROCESS_PROP_OWNER, uid),
        FACT("Containment", FACT_STRING, PROCESS_PROP_CONTAINMENT, containment),
        FACT("Group", FACT_GROUP, PROCESS_PROP_GROUP_ID, group_id),
        FACT("KillMode", FACT_STRING, PROCESS_PROP_KILL_MODE, kill_mode),
        FACT("StartTimestamp", FACT_UINT64, PROCESS_PROP_START_TIME, start_time),
        FACT("StartTimestampMonotonic", FACT_UINT64, PROCESS_PROP_START_TIME_MONOTONIC,
             start_time_monotonic),
        FACT("RuntimeMaxUSec", FACT_UINT64, PROCESS_PROP_RUNTIME_MAX, runtime_max),
        FACT("StopSignal", FACT_STRING, PROCESS_PROP_STOP_SIGNAL, stop_signal),
        FACT("HangSignal", FACT_STRING, PROCESS_PROP_HANG_SIGNAL, hang_signal),
        FACT("HangSignalTimeoutUSec", FACT_UINT64, PROCESS_PROP_HANG_SIGNAL_TIMEOUT,
             hang_signal_timeout),
        FACT("ActivitySources", FACT_STRV, PROCESS_PROP_ACTIVITY_SOURCES, activity_sources),
        FACT_ENUM("State", PROCESS_PROP_STATE, state, proctor_state_get_type),
        FACT("ExitCode", FACT_INT32, PROCESS_PROP_EXIT_CODE, exit_code),
        FACT_ENUM("Result", PROCESS_PROP_RESULT, result, proctor_result_get_type),
        FACT("ExitTimestamp", FACT_UINT64, PROCESS_PROP_EXIT_TIME, exit_time),
        FACT("ExitTimestampMonotonic", FACT_UINT64, PROCESS_PROP_EXIT_TIME_MONOTONIC,
             exit_time_monotonic),
        FACT_ENUM("Health", PROCESS_PROP_HEALTH, health, proctor_health_get_type),
        FACT("Watched", FACT_BOOLEAN, PROCESS_PROP_WATCHED, watched),
        FACT("TimeoutUSec", FACT_UINT64, PROCESS_PROP_TIMEOUT, timeout),
        FACT("ExtraBufferUSec", FACT_UINT64, PROCESS_PROP_EXTRA_BUFFER, extra_buffer),
        FACT("MaxHangTimeUSec", FACT_UINT64, PROCESS_PROP_MAX_HANG_TIME, max_hang_time),
        FACT("StopTimeoutUSec", FACT_UINT64, PROCESS_PROP_STOP_TIMEOUT, stop_timeout),
        FACT("AutoKill", FACT_BOOLEAN, PROCESS_PROP_AUTO_KILL, auto_kill),
        FACT("Ready", FACT_BOOLEAN, PROCESS_PROP_READY, ready),
        FACT("StatusText", FACT_TEXT, PROCESS_PROP_STATUS_TEXT, status_text),
        FACT("Terminal", FACT_BOOLEAN, PROCESS_PROP_TERMINAL, terminal),
        FACT("TerminalSize", FACT_FIRST, PROCESS_PROP_TERMINAL_ROWS, terminal_rows),
        FACT("TerminalSize", FACT_SECOND, PROCESS_PROP_TERMINAL_COLUMNS, terminal_columns),
#undef FACT
#undef FACT_ENUM
};

Entry *entry_ref(Entry *entry) {
        g_atomic_ref_count_inc(&entry->n_ref);
        return entry;
}

void entry_unref(gpointer data) {
        Entry *entry = data;

        if (!entry || !g_atomic_ref_count_dec(&entry->n_ref))
                return;
        g_free(entry->facts.name);
        g_strfreev(entry->facts.command);
        g_free(entry->facts.working_directory);
        g_free(entry->facts.containment);
        g_free(entry->facts.kill_mode);
        g_free(entry->facts.stop_signal);
        g_free(entry->facts.hang_signal);
        g_strfreev(entry->facts.activity_sources);
        g_free(entry->facts.status_text);
        g_free(entry->hung_evidence);
        g_free(entry->hung_action);
        g_clear_pointer(&entry->emitter, g_source_unref);
        g_weak_ref_clear(&entry->object);
        g_free(entry->path);
        link_unref(entry->link);
        g_free(entry);
}

gboolean entry_parse_path(const char *path, guint64 *ret_id) {
        const char *number;
        guint64 id;

        if (!g_str_has_prefix(path, PROCTOR_PROCESS_PATH_PREFIX))
                return FALSE;
        number = path + strlen(PROCTOR_PROCESS_PATH_PREFIX);
        /* One way to write each number: no sign, no leading zero. */
        if (!g_ascii_isdigit(*number) || (*number == '0' && number[1]) ||
            !g_ascii_string_to_unsigned(number, 10, 0, G_MAXUINT64, &id, NULL))
                return FALSE;
        if (ret_id)
                *ret_id = id;
        return TRUE;
}

const char *entry_get_service(Entry *entry) {
        return g_atomic_pointer_get(&entry->service);
}

GError *entry_why_not(Entry *entry) {
        link_lock(entry->link);
        gboolean lost = entry->lost, gone = entry->gone;
        link_unlock(entry->link);
        if (gone)
                return g_error_new_literal(PROCTOR_ERROR, PROCTOR_ERROR_NO_SUCH_PROCESS,
                                           "The process belonged to a service that has gone");
        return lost ? error_disconnected() : NULL;
}

static Entry *entry_find_any(Link *link, const char *path) {
        return path ? g_hash_table_lookup(link->entries, path) : NULL;
}

Entry *entry_find(Link *link, const char *path) {
        Entry *entry = entry_find_any(link, path);

        return entry && !entry->lost ? entry : NULL;
}

static Entry *entry_new(Link *link, const char *path, const char *service) {
        Entry *entry = g_new0(Entry, 1);

        g_atomic_ref_count_init(&entry->n_ref);
        entry->link = link_ref(link);
        entry->path = g_strdup(path);
        entry->service = service;
        entry->seen = g_get_monotonic_time();
        entry->facts.uid = G_MAXUINT32;
        entry->facts.runtime_max = PROCTOR_INFINITY;
        entry_parse_path(path, &entry->id);
        g_weak_ref_init(&entry->object, NULL);
        return entry;
}

Entry *entry_use(Link *link, const char *path) {
        Entry *entry = entry_find(link, path);

        /* One of an earlier service may have had the same path: that is another process. */
        if (entry)
                entry_ref(entry);
        else
                entry = entry_new(link, path, link->owner);
        g_hash_table_replace(link->entries, entry->path, entry);
        entry->n_users++;
        return entry;
}

/* A number alone does not say that it is the same process: a service that has lost its state
 * counts from the beginning. */
static gboolean entry_is_described_by(Entry *entry, GVariant *properties) {
        guint64 start = 0;
        guint32 pid = 0;

        g_variant_lookup(properties, "PID", "u", &pid);
        g_variant_lookup(properties, "StartTimestampMonotonic", "t", &start);
        if (pid == 0 || pid != entry->facts.pid)
                return FALSE;
        return entry->facts.start_time_monotonic != 0 ? start == entry->facts.start_time_monotonic
                                                      : start <= (guint64)entry->seen;
}

Entry *entry_use_loaded(Link *link, const char *path, GVariant *properties) {
        Entry *entry = entry_find_any(link, path);

        if (entry && entry->lost && !entry->gone && entry_is_described_by(entry, properties)) {
                entry->lost = FALSE;
                entry->mine = FALSE; /* it no longer knows whose it is */
                g_hash_table_remove(link->lost, entry);
                g_atomic_pointer_set(&entry->service, link->owner);
        }
        entry = entry_use(link, path);
        link_note_subscribed(link);
        entry_load(entry, properties);
        roster_note_known(entry);
        return entry;
}

Entry *entry_use_told(Link *link, const char *path, guint32 pid, const char *service) {
        Entry *entry = entry_find_any(link, path);

        if (entry && (entry->service == service || (entry->lost && entry->facts.pid == pid))) {
                entry_use_again(entry);
                return entry;
        }
        if (service == link->owner)
                return entry_use(link, path);

        /* Told late, and by one that has gone: a handle for what was told, and no more. */
        entry = entry_new(link, path, service);
        entry->lost = entry->gone = TRUE;
        entry->n_users++;
        return entry;
}

void entry_use_again(Entry *entry) {
        entry_ref(entry);
        entry->n_users++;
}

void entry_release_locked(Entry *entry) {
        if (--entry->n_users == 0) {
                if (entry_find_any(entry->link, entry->path) == entry)
                        g_hash_table_remove(entry->link->entries, entry->path);
                g_hash_table_remove(entry->link->lost, entry);
                if (entry->emitter)
                        g_source_destroy(entry->emitter);
                g_clear_pointer(&entry->emitter, g_source_unref);
        }
        entry_unref(entry);
}

void entry_release(Entry *entry) {
        g_autoptr(Link) link = link_ref(entry->link);

        link_lock(link);
        entry_release_locked(entry);
        link_unlock(link);
}

gboolean entry_is_covered(Entry *entry) {
        return entry->mine ||
               (entry->link->subscription != 0 && entry->covered == entry->link->subscription);
}

/* What fits into a gint32; a word only if it is known. */
static gboolean fact_read_number(guint row, GVariant *value, gint32 *ret) {
        guint16 pair[2];

        switch (fact_table[row].kind) {
        case FACT_WORD:
                return enum_from_word(fact_table[row].type(), g_variant_get_string(value, NULL),
                                      ret);
        case FACT_BOOLEAN:
                *ret = g_variant_get_boolean(value);
                return TRUE;
        case FACT_INT32:
                *ret = g_variant_get_int32(value);
                return TRUE;
        case FACT_UINT32:
                *ret = (gint32)g_variant_get_uint32(value);
                return TRUE;
        case FACT_FIRST:
        case FACT_SECOND:
                g_variant_get(value, "(qq)", &pair[0], &pair[1]);
                *ret = pair[fact_table[row].kind == FACT_SECOND];
                return TRUE;
        default:
                return FALSE;
        }
}

static gboolean group_id_store(guint64 *field, const char *path) {
        guint64 old = *field;

        *field = g_str_has_prefix(path, PROCTOR_GROUP_PATH_PREFIX)
                         ? g_ascii_strtoull(path + strlen(PROCTOR_GROUP_PATH_PREFIX), NULL, 10)
                         : 0;
        return *field != old;
}

static gboolean fact_store(gpointer field, guint row, GVariant *value) {
        static const char *const types[] = {
                [FACT_UINT32] = "u",  [FACT_UINT64] = "t",   [FACT_INT32] = "i",
                [FACT_BOOLEAN] = "b", [FACT_WORD] = "s",     [FACT_STRING] = "s",
                [FACT_STRV] = "as",   [FACT_FIRST] = "(qq)", [FACT_SECOND] = "(qq)",
                [FACT_TEXT] = "s",    [FACT_GROUP] = "o",
        };
        FactKind kind = fact_table[row].kind;
        gint32 number;

        if (!g_variant_is_of_type(value, G_VARIANT_TYPE(types[kind])))
                return FALSE;
        switch (kind) {
        case FACT_STRING:
                if (*(char **)field)
                        return FALSE;
                *(char **)field = g_variant_dup_string(value, NULL);
                return TRUE;
        case FACT_STRV:
                if (*(char ***)field)
                        return FALSE;
                *(char ***)field = g_variant_dup_strv(value, NULL);
                return TRUE;
        case FACT_TEXT: {
                g_autofree char *text = g_steal_pointer((char **)field);

                *(char **)field = g_variant_dup_string(value, NULL);
                return g_strcmp0(text, *(char **)field) != 0;
        }
        case FACT_GROUP:
                return group_id_store(field, g_variant_get_string(value, NULL));
        case FACT_UINT64: {
                guint64 old = *(guint64 *)field;

                *(guint64 *)field = g_variant_get_uint64(value);
                return *(guint64 *)field != old;
        }
        default:
                break;
        }
        if (!fact_read_number(row, value, &number))
                return FALSE;

        gint32 old = *(gint32 *)field;
        *(gint32 *)field = number;
        return number != old;
}

#define BIT(property) (G_GUINT64_CONSTANT(1) << (property))

void entry_apply(Entry *entry, GVariant *properties) {
        G_GNUC_UNUSED g_autoptr(Entry) keep = entry_ref(entry);
        Facts before = entry->facts;
        guint64 changed = 0;

        for (guint row = 0; row < G_N_ELEMENTS(fact_table); row++) {
                g_autoptr(GVariant)
                        value = g_variant_lookup_value(properties, fact_table[row].name, NULL);
                gpointer field = G_STRUCT_MEMBER_P(&entry->facts, fact_table[row].offset);

                if (value && fact_store(field, row, value))
                        changed |= BIT(fact_table[row].property);
        }
        entry->changed |= changed;
        if (changed & BIT(PROCESS_PROP_TIMEOUT))
                activity_set_timeout(entry, entry->facts.timeout);
        if (entry->changed)
                events_schedule(entry);
        if (!entry_is_finished(entry) && before.state != PROCTOR_STATE_FINISHED)
                return;

        /* An end is told as a whole, once, and then holds. */
        Facts after = entry->facts;
        entry->facts.state = before.state;
        entry->facts.exit_code = before.exit_code;
        entry->facts.result = before.result;
        if (before.state != PROCTOR_STATE_FINISHED && after.result != PROCTOR_RESULT_NONE)
                entry_finish(entry, after.exit_code, (ProctorResult)after.result);
}

void entry_load(Entry *entry, GVariant *properties) {
        entry_apply(entry, properties);
        entry->covered = entry->link->subscription;
}

void entry_finish(Entry *entry, int exit_code, ProctorResult result) {
        G_GNUC_UNUSED g_autoptr(Entry) keep = entry_ref(entry);

        if (entry_is_finished(entry))
                return;
        entry->facts.state = PROCTOR_STATE_FINISHED;
        entry->facts.exit_code = exit_code;
        entry->facts.result = (gint32)result;
        entry->facts.watched = FALSE;
        activity_end(entry);

        /* Who waits goes first: what is emitted besides may come a moment later. */
        g_autoptr(GSList) waits = g_steal_pointer(&entry->waits);
        for (GSList *node = waits; node; node = node->next)
                wait_entry_finished(node->data, entry);

        entry->changed |= BIT(PROCESS_PROP_STATE) | BIT(PROCESS_PROP_EXIT_CODE) |
                          BIT(PROCESS_PROP_RESULT) | BIT(PROCESS_PROP_WATCHED);
        entry->exited_pending = TRUE;
        events_schedule(entry);
        roster_note_finished(entry);
}

void entry_fail_waits(Entry *entry, const GError *error) {
        g_autoptr(GSList) waits = g_steal_pointer(&entry->waits);

        for (GSList *node = waits; node; node = node->next)
                wait_entry_failed(node->data, error);
}

void entry_lose_all(Link *link) {
        g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(entry_unref);
        g_autoptr(GError) error = error_disconnected();
        GHashTableIter iter;
        gpointer each;

        g_hash_table_iter_init(&iter, link->entries);
        while (g_hash_table_iter_next(&iter, NULL, &each))
                g_ptr_array_add(entries, entry_ref(each));

        for (guint i = 0; i < entries->len; i++) {
                Entry *entry = entries->pdata[i];

                if (entry->lost)
                        continue;
                entry->lost = TRUE;
                g_hash_table_add(link->lost, entry);
                activity_end(entry);
                entry_fail_waits(entry, error);
        }
}

void entry_forget_lost(Link *link) {
        g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(entry_unref);
        GHashTableIter iter;
        gpointer each;

        g_hash_table_iter_init(&iter, link->lost);
        while (g_hash_table_iter_next(&iter, &each, NULL))
                g_ptr_array_add(entries, entry_ref(each));
        g_hash_table_remove_all(link->lost);
        for (guint i = 0; i < entries->len; i++) {
                ((Entry *)entries->pdata[i])->gone = TRUE;
                entry_finish(entries->pdata[i], 0, PROCTOR_RESULT_LOST);
                roster_note_forgotten(entries->pdata[i]);
        }
}
