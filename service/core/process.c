/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The record of one process, see the header. */

#include "core/process.h"

#include <signal.h>
#include <string.h>

#include "base/text.h"

void process_config_init(ProcessConfig *config) {
        *config = (ProcessConfig){
                .runtime_max = USEC_INFINITY,
                .stop_timeout = 2 * USEC_PER_SEC,
                .stop_signal = SIGTERM,
                .hang_signal_timeout = 5 * USEC_PER_SEC,
                .kill_mode = KILL_MODE_TREE,
                .readiness = READINESS_EXEC,
                .start_timeout = 90 * USEC_PER_SEC,
                .sources = 1u << ACTIVITY_REPORT | 1u << ACTIVITY_OUTPUT,
        };
}

void process_config_copy(const ProcessConfig *config, ProcessConfig *ret) {
        *ret = *config;
        ret->name = g_strdup(config->name);
}

void process_config_done(ProcessConfig *config) {
        g_clear_pointer(&config->name, g_free);
}

Process *process_new(uint64_t id, uid_t owner, uint64_t origin, ProcessConfig *config) {
        Process *process = g_new0(Process, 1);

        process->n_ref = 1;
        process->id = id;
        process->owner = process->asker = owner;
        process->origin = origin;
        process->config = *config;
        config->name = NULL; /* handed over */
        process->link.data = process;
        process->user_link.data = process;
        process->dossier_link.data = process;
        process->watched = true;
        process->last_source = ACTIVITY_START;
        process->ladder = LADDER_INIT;
        process->deadline = DEADLINE_INIT(NULL);
        return process;
}

Process *process_ref(Process *process) {
        g_assert(process->n_ref > 0);
        process->n_ref++;
        return process;
}

Process *process_unref(Process *process) {
        if (!process || --process->n_ref > 0)
                return NULL;
        g_assert(!process->dossier);
        g_assert(!process->outputs[OUTPUT_STDOUT] && !process->outputs[OUTPUT_STDERR]);
        g_assert(!process->tree && process->deadline.index == 0);
        if (process->waiters)
                g_array_unref(process->waiters);
        g_free(process->command);
        g_free(process->working_directory);
        g_free(process->status_text);
        process_config_done(&process->config);
        g_free(process);
        return NULL;
}

size_t process_text_bytes(const Process *process) {
        const char *texts[] = {process->config.name, process->working_directory,
                               process->status_text};
        size_t size = strv_packed_size(process->command);

        for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++)
                size += texts[i] ? strlen(texts[i]) + 1 : 0;
        return size;
}

static void unref(void *process) {
        process_unref(process);
}

GPtrArray *process_array_new(void) {
        return g_ptr_array_new_with_free_func(unref);
}

void process_mark_started(Process *process, pid_t pid, const Now *now) {
        g_assert(!process->published);
        process->pid = pid;
        process->started = *now;
        process->last_activity = *now;
        process->baseline = now->monotonic;
        process->published = true;
}

bool process_mark_stopping(Process *process, Result cause) {
        if (process->state != STATE_RUNNING)
                return false;
        process->state = STATE_STOPPING;
        process->stop_cause = cause;
        return true;
}

static Result result_of(const ExitStatus *status) {
        if (!status->known)
                return RESULT_LOST;
        if (status->code < 0)
                return status->core_dumped ? RESULT_CORE_DUMP : RESULT_SIGNAL;
        return status->code == 0 ? RESULT_SUCCESS : RESULT_EXIT_CODE;
}

void process_mark_exited(Process *process, const ExitStatus *status, const Now *now) {
        g_assert(process->published && process->state != STATE_FINISHED);
        process->state = STATE_FINISHED;
        process->status = *status;
        process->exit_code = status->code;
        process->result = process->stop_cause != RESULT_NONE ? process->stop_cause
                                                             : result_of(status);
        process->exited = *now;
        process->second_look = 0;
}

void process_mark_unstarted(Process *process) {
        g_assert(!process->published);
        process->state = STATE_FINISHED;
        process->emptied = true;
        process->config.member = NULL;
}

WatchdogPolicy process_policy(const Process *process, const WatchdogPolicy *defaults) {
        const WatchdogPolicy *own = &process->config.policy;
        PolicyMask mask = process->config.own_policy;

        return (WatchdogPolicy){
                .timeout = mask & POLICY_TIMEOUT ? own->timeout : defaults->timeout,
                .extra_buffer = mask & POLICY_EXTRA_BUFFER ? own->extra_buffer
                                                           : defaults->extra_buffer,
                .max_hang_time = mask & POLICY_MAX_HANG_TIME ? own->max_hang_time
                                                             : defaults->max_hang_time,
                .auto_kill = mask & POLICY_AUTO_KILL ? own->auto_kill : defaults->auto_kill,
        };
}

const char *process_name(const Process *process) {
        return process->config.name ?: "unknown";
}
