/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starting, adopting and finding processes. The entry of a process is made in the worker thread,
 * when the answer that names it is seen and before anything that follows it. */

#include <proctor/proctor-manager-calls.h>

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "activity.h"
#include "config-internal.h"
#include "enums-internal.h"
#include "error-internal.h"
#include "lookup.h"
#include "manager-internal.h"
#include "process-internal.h"
#include "triple.h"
#include "wait.h"

/* start */

typedef struct Start {
        char **command;
        char *name;
        ActivitySource *activity;
        guint64 timeout;
        gint64 since;
} Start;

static void start_free(gpointer data) {
        Start *start = data;

        g_strfreev(start->command);
        g_free(start->name);
        activity_source_unref(start->activity);
        g_free(start);
}

static gpointer start_handler(Call *call, GVariant *body, GError **error) {
        Start *start = call->data;
        const char *path;
        guint32 pid;

        g_variant_get(body, "(&ou)", &path, &pid);
        if (!entry_parse_path(path, NULL)) {
                g_propagate_error(error, error_protocol("a start"));
                return NULL;
        }

        link_lock(call->link);
        Entry *entry = entry_use(call->link, path);
        entry->mine = TRUE;
        entry->facts.pid = pid;
        entry->facts.timeout = start->timeout;
        if (!entry->facts.name)
                entry->facts.name = g_steal_pointer(&start->name);
        if (!entry->facts.command)
                entry->facts.command = g_steal_pointer(&start->command);
        link_unlock(call->link);

        ProctorProcess *process = process_for_entry(call->manager, entry);
        if (start->activity)
                activity_begin(entry, start->activity, start->since);
        entry_release(entry);
        return process;
}

static gpointer start_forget(Call *call, GVariant *body, GError **error) {
        Entry *entry = call->data;

        return call_chain(call, entry_get_service(entry), entry->path, PROCTOR_PROCESS_INTERFACE,
                          "Collect", NULL, NULL, call_ok, error);
}

/* Cancelled, and started all the same: nobody knows of the process, so that nobody would end it. */
static void start_unwanted(Call *call, gpointer result) {
        Entry *entry = process_get_entry(result);
        Call *stop = call_new(call->manager, CALL_HELD, entry_get_service(entry), entry->path,
                              PROCTOR_PROCESS_INTERFACE, "Stop", g_variant_new("(b)", TRUE), NULL,
                              start_forget);

        call_set_data(stop, entry_ref(entry), entry_unref);
        call_run_detached(stop);
}

static Call *start_call(ProctorManager *self, ProctorProcessConfig *config, GError **error) {
        g_autoptr(GUnixFDList) fds = g_unix_fd_list_new();
        const char *const *command = proctor_process_config_get_command(config);
        const char *name = proctor_process_config_get_name(config);
        GVariant *options = process_config_options(config, fds, -1, error);
        ActivitySource *activity = process_config_activity(config);
        Start *start;
        Call *call;

        if (!options)
                return NULL;
        start = g_new0(Start, 1);
        start->command = g_strdupv((char **)command);
        start->name = g_strdup(name ? name : "unknown");
        start->activity = activity ? activity_source_ref(activity) : NULL;
        start->timeout = process_config_timeout(config);
        start->since = g_get_monotonic_time();

        call = call_new(self, CALL_SHORT, NULL, PROCTOR_ROOT_PATH, PROCTOR_MANAGER_INTERFACE,
                        "StartProcess", g_variant_new("(^as@a{sv})", command, options),
                        G_VARIANT_TYPE("(ou)"), start_handler);
        /* A program on a slow disk may take its time; who minds can cancel. */
        call->timeout_usec = PROCTOR_INFINITY;
        call->unwanted = start_unwanted;
        call->outcome.free_result = g_object_unref;
        call_set_data(call, start, start_free);
        call_set_fd_list(call, fds);
        return call;
}

DEFINE_MANAGER_TRIPLE(start, ProcessPointer, start_call(self, config, &failure),
                      ProctorProcessConfig *config)

/* adopt */

/* A descriptor of the process, as the caller's or opened here; -1 without an error where there are
 * no such descriptors. */
static int adopt_pidfd(ProctorManager *self, guint pid, int pidfd, GError **error) {
        int fd;

        if (!(g_dbus_connection_get_capabilities(proctor_manager_get_connection(self)) &
              G_DBUS_CAPABILITY_FLAGS_UNIX_FD_PASSING))
                return -1;
        if (pidfd >= 0)
                return dup(pidfd);
        fd = (int)syscall(SYS_pidfd_open, pid, 0);
        if (fd < 0 && errno == ESRCH)
                g_set_error(error, PROCTOR_ERROR, PROCTOR_ERROR_NO_SUCH_PROCESS,
                            "There is no process with PID %u", pid);
        return fd;
}

Call *lookup_adopt_call(ProctorManager *self, const char *interface, const char *method, guint pid,
                        int pidfd, ProctorProcessConfig *config, GError **error) {
        g_autoptr(GUnixFDList) fds = g_unix_fd_list_new();
        GVariant *options = NULL;
        GError *failure = NULL;
        int fd = adopt_pidfd(self, pid, pidfd, &failure);

        if (!failure)
                options = process_config_options(config, fds, fd, &failure);
        if (fd >= 0)
                close(fd);
        if (failure) {
                g_propagate_error(error, failure);
                return NULL;
        }

        Call *call = lookup_call(self, interface, method,
                                 g_variant_new("(u@a{sv})", (guint32)pid, options));
        lookup_set_activity(call, process_config_activity(config));
        call_set_fd_list(call, fds);
        return call;
}

DEFINE_MANAGER_TRIPLE(adopt, ProcessPointer,
                      lookup_adopt_call(self, PROCTOR_MANAGER_INTERFACE, "AdoptProcess", pid, pidfd,
                                        config, &failure),
                      guint pid, int pidfd, ProctorProcessConfig *config)

/* get_process */

DEFINE_MANAGER_TRIPLE(get_process, ProcessPointer,
                      lookup_call(self, PROCTOR_MANAGER_INTERFACE, "GetProcess",
                                  g_variant_new("(u)", (guint32)pid)),
                      guint pid)
DEFINE_MANAGER_TRIPLE(get_process_by_path, ProcessPointer,
                      lookup_path_call(self, object_path, &failure), const char *object_path)

static Call *lookup_id_call(ProctorManager *self, guint64 id, GError **error) {
        g_autofree char *path = g_strdup_printf(PROCTOR_PROCESS_PATH_PREFIX "%" G_GUINT64_FORMAT,
                                                id);

        return lookup_path_call(self, path, error);
}

DEFINE_MANAGER_TRIPLE(get_process_by_id, ProcessPointer, lookup_id_call(self, id, &failure),
                      guint64 id)

DEFINE_MANAGER_TRIPLE(list, ArrayPointer, lookup_list_call(self))

/* wait_many */

static GPtrArray *many_finished(GPtrArray *processes) {
        GPtrArray *finished = g_ptr_array_new_with_free_func(g_object_unref);

        for (guint i = 0; i < processes->len; i++)
                if (proctor_process_get_state(processes->pdata[i]) == PROCTOR_STATE_FINISHED)
                        g_ptr_array_add(finished, g_object_ref(processes->pdata[i]));
        return finished;
}

static gpointer many_look_handler(Call *call, GVariant *body, GError **error) {
        g_autoptr(GVariantIter) iter = NULL;
        const char *path, *result;
        int exit_code;

        g_variant_get(body, "(a(ois))", &iter);
        link_lock(call->link);
        while (g_variant_iter_loop(iter, "(&oi&s)", &path, &exit_code, &result)) {
                Entry *entry = entry_find(call->link, path);

                if (entry)
                        entry_finish(entry, exit_code, (ProctorResult)result_from_word(result));
        }
        link_unlock(call->link);
        return many_finished(call->data);
}

static GPtrArray *many_copy(GPtrArray *processes) {
        GPtrArray *copy = g_ptr_array_new_full(processes->len, g_object_unref);

        for (guint i = 0; i < processes->len; i++)
                g_ptr_array_add(copy, g_object_ref(processes->pdata[i]));
        return copy;
}

/* To look is to ask, and one call asks for all of them. NULL if there is nothing to ask. */
static Call *many_look_call(ProctorManager *self, GPtrArray *processes, ProctorWaitMode mode) {
        g_auto(GVariantBuilder) paths = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("ao"));
        GError *failure = NULL;
        guint n_unfinished = 0;

        for (guint i = 0; i < processes->len; i++)
                if (proctor_process_get_state(processes->pdata[i]) != PROCTOR_STATE_FINISHED) {
                        g_variant_builder_add(&paths, "o",
                                              proctor_process_get_object_path(processes->pdata[i]));
                        if (!failure)
                                failure = entry_why_not(process_get_entry(processes->pdata[i]));
                        n_unfinished++;
                }
        if (n_unfinished == 0)
                return NULL;

        Call *call = call_new(
                self, CALL_SHORT, NULL, PROCTOR_ROOT_PATH, PROCTOR_MANAGER_INTERFACE, "WaitMany",
                g_variant_new("(aost)", &paths, proctor_wait_mode_to_string(mode), (guint64)0),
                G_VARIANT_TYPE("(a(ois))"), many_look_handler);
        call->failure = failure;
        call->outcome.free_result = (GDestroyNotify)g_ptr_array_unref;
        call_set_data(call, many_copy(processes), (GDestroyNotify)g_ptr_array_unref);
        return call;
}

static gboolean many_check(ProctorManager *self, GPtrArray *processes, ProctorWaitMode mode,
                           GError **error) {
        if (processes->len == 0 || !proctor_wait_mode_to_string(mode)) {
                g_set_error_literal(error, PROCTOR_ERROR, PROCTOR_ERROR_INVALID_ARGUMENT,
                                    processes->len == 0 ? "There is no process to wait for"
                                                        : "There is no such mode of waiting");
                return FALSE;
        }
        for (guint i = 0; i < processes->len; i++)
                if (proctor_process_get_manager(processes->pdata[i]) != self) {
                        g_set_error_literal(error, PROCTOR_ERROR, PROCTOR_ERROR_INVALID_ARGUMENT,
                                            "A process belongs to another manager");
                        return FALSE;
                }
        return TRUE;
}

static Entry **many_entries(GPtrArray *processes) {
        Entry **entries = g_new(Entry *, processes->len);

        for (guint i = 0; i < processes->len; i++)
                entries[i] = process_get_entry(processes->pdata[i]);
        return entries;
}

GPtrArray *proctor_manager_wait_many(ProctorManager *self, GPtrArray *processes,
                                     ProctorWaitMode mode, guint64 timeout_usec,
                                     GCancellable *cancellable, GError **error) {
        g_autofree Entry **entries = NULL;

        g_return_val_if_fail(PROCTOR_IS_MANAGER(self), NULL);
        g_return_val_if_fail(processes, NULL);

        if (!many_check(self, processes, mode, error))
                return NULL;
        if (timeout_usec == 0) {
                Call *look = many_look_call(self, processes, mode);

                if (look)
                        return call_run(look, cancellable, error);
        }
        entries = many_entries(processes);
        if (!wait_run(self, entries, processes->len, TRUE, mode, timeout_usec, cancellable, error))
                return NULL;
        return many_finished(processes);
}

void proctor_manager_wait_many_async(ProctorManager *self, GPtrArray *processes,
                                     ProctorWaitMode mode, guint64 timeout_usec,
                                     GCancellable *cancellable, GAsyncReadyCallback callback,
                                     gpointer user_data) {
        g_autofree Entry **entries = NULL;
        GError *error = NULL;

        g_return_if_fail(PROCTOR_IS_MANAGER(self));
        g_return_if_fail(processes);

        if (!many_check(self, processes, mode, &error)) {
                g_task_report_error(self, callback, user_data, proctor_manager_wait_many_async,
                                    error);
                return;
        }
        if (timeout_usec == 0) {
                Call *look = many_look_call(self, processes, mode);

                if (look) {
                        call_run_async(look, self, proctor_manager_wait_many_async, cancellable,
                                       callback, user_data);
                        return;
                }
        }

        GTask *task = g_task_new(self, cancellable, callback, user_data);
        g_task_set_source_tag(task, proctor_manager_wait_many_async);
        g_task_set_task_data(task, many_copy(processes), (GDestroyNotify)g_ptr_array_unref);
        entries = many_entries(processes);
        wait_run_async(self, entries, processes->len, TRUE, mode, timeout_usec, task);
}

GPtrArray *proctor_manager_wait_many_finish(ProctorManager *self, GAsyncResult *result,
                                            GError **error) {
        gpointer answer = call_finish(self, proctor_manager_wait_many_async, result, error);
        GPtrArray *processes = g_task_get_task_data(G_TASK(result));

        /* A wait has its processes with the task; a look answers with those that have finished. */
        return answer && processes ? many_finished(processes) : answer;
}
