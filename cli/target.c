/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Finds processes by id, PID or name. */

#include "target.h"

#include <string.h>

#include "connect.h"
#include "format.h"

#define PID_PREFIX     "pid:"
#define NAME_PREFIX    "name:"
#define MAX_CANDIDATES 10

static void set_not_found(GError **error, const char *what, const char *text) {
        g_set_error(error, CLI_ERROR, CLI_ERROR_NO_PROCESS,
                    "there is no process %s%s; 'proctor ps --all' lists those that there are", what,
                    text);
}

/* Replaces the library's error by ours where the process is not there. */
static ProctorProcess *found_or_not(ProctorProcess *process, GError *local, const char *what,
                                    const char *text, GError **error) {
        if (process)
                return process;
        if (g_error_matches(local, PROCTOR_ERROR, PROCTOR_ERROR_NO_SUCH_PROCESS)) {
                set_not_found(error, what, text);
                g_error_free(local);
        } else {
                g_propagate_error(error, local);
        }
        return NULL;
}

static ProctorProcess *find_by_pid(ProctorManager *manager, const char *text, GError **error) {
        GError *local = NULL;
        ProctorProcess *process;
        guint64 pid;

        if (!g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT32, &pid, NULL)) {
                g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE,
                            "'%s' is no PID; write it as pid:1234", text);
                return NULL;
        }
        process = proctor_manager_get_process(manager, (guint)pid, NULL, &local);
        return found_or_not(process, local, "with PID ", text, error);
}

static ProctorProcess *find_by_id(ProctorManager *manager, guint64 id, const char *text,
                                  GError **error) {
        GError *local = NULL;
        ProctorProcess *process = proctor_manager_get_process_by_id(manager, id, NULL, &local);

        return found_or_not(process, local, "", text, error);
}

static bool is_live(ProctorProcess *process) {
        return proctor_process_get_state(process) != PROCTOR_STATE_FINISHED;
}

static void set_ambiguous(GError **error, GPtrArray *same, const char *name) {
        g_autoptr(GString) list = g_string_new(NULL);

        for (unsigned i = 0; i < same->len && i < MAX_CANDIDATES; i++) {
                ProctorProcess *process = same->pdata[i];

                g_string_append_printf(list, "%s%" G_GUINT64_FORMAT " (PID %u, %s)",
                                       i > 0 ? ", " : "", proctor_process_get_id(process),
                                       proctor_process_get_pid(process),
                                       proctor_state_to_string(proctor_process_get_state(process)));
        }
        if (same->len > MAX_CANDIDATES)
                g_string_append_printf(list, " and %u more", same->len - MAX_CANDIDATES);
        g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE,
                    "the name '%s' stands for %u processes; say which by its id: %s", name,
                    same->len, list->str);
}

static ProctorProcess *find_by_name(ProctorManager *manager, const char *name, GError **error) {
        g_autoptr(GPtrArray) all = proctor_manager_list(manager, NULL, error);
        g_autoptr(GPtrArray) same = g_ptr_array_new(), live = g_ptr_array_new();

        if (!all)
                return NULL;
        for (unsigned i = 0; i < all->len; i++) {
                if (g_strcmp0(proctor_process_get_name(all->pdata[i]), name) != 0)
                        continue;
                g_ptr_array_add(same, all->pdata[i]);
                if (is_live(all->pdata[i]))
                        g_ptr_array_add(live, all->pdata[i]);
        }
        if (live->len == 1)
                return g_object_ref(live->pdata[0]);
        if (same->len == 1)
                return g_object_ref(same->pdata[0]);
        if (same->len == 0)
                set_not_found(error, "named ", name);
        else
                set_ambiguous(error, live->len > 0 ? live : same, name);
        return NULL;
}

ProctorProcess *target_find(ProctorManager *manager, const char *text, GError **error) {
        guint64 id;

        if (g_str_has_prefix(text, PID_PREFIX))
                return find_by_pid(manager, text + strlen(PID_PREFIX), error);
        if (g_str_has_prefix(text, NAME_PREFIX))
                return find_by_name(manager, text + strlen(NAME_PREFIX), error);
        if (g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT64, &id, NULL))
                return find_by_id(manager, id, text, error);
        return find_by_name(manager, text, error);
}

static bool matches(const char *text, ProctorProcess *process) {
        guint64 number;

        if (g_str_has_prefix(text, PID_PREFIX))
                return g_ascii_string_to_unsigned(text + strlen(PID_PREFIX), 10, 1, G_MAXINT32,
                                                  &number, NULL) &&
                       proctor_process_get_pid(process) == number;
        if (g_str_has_prefix(text, NAME_PREFIX))
                text += strlen(NAME_PREFIX);
        else if (g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT64, &number, NULL))
                return proctor_process_get_id(process) == number;
        return g_strcmp0(proctor_process_get_name(process), text) == 0;
}

bool targets_match(char **operands, ProctorProcess *process) {
        for (char **operand = operands; *operand; operand++)
                if (matches(*operand, process))
                        return true;
        return !operands[0];
}

static GPtrArray *find_all(ProctorManager *manager, char **operands, GError **error) {
        g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_object_unref);

        for (; *operands; operands++) {
                g_autoptr(ProctorProcess) process = target_find(manager, *operands, error);

                if (!process)
                        return NULL;
                if (!g_ptr_array_find(found, process, NULL))
                        g_ptr_array_add(found, g_steal_pointer(&process));
        }
        return g_steal_pointer(&found);
}

GPtrArray *targets_open(const Cli *cli, char **operands, ProctorManager **ret_manager,
                        GError **error) {
        g_autoptr(ProctorManager) manager = NULL;
        g_autoptr(GPtrArray) found = NULL;

        if (!*operands) {
                g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE,
                            "say which process, by its id, pid:PID or name");
                return NULL;
        }
        manager = connect_to_bus(cli, error);
        found = manager ? find_all(manager, operands, error) : NULL;
        if (found)
                *ret_manager = g_steal_pointer(&manager);
        return g_steal_pointer(&found);
}
