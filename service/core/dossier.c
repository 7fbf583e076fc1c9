/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Keeps a dossier clean and within its bounds, see the header. */

#include "core/dossier.h"

#include <string.h>

#include "base/text.h"

static void descriptor_clear(void *data) {
        g_free(((DossierDescriptor *)data)->target);
}

void dossier_conceal(DossierTask *task) {
        g_clear_pointer(&task->wait_channel, g_free);
        g_clear_pointer(&task->system_call, g_free);
        memset(task->arguments, 0, sizeof task->arguments);
        g_clear_pointer(&task->descriptors, g_array_unref);
}

static void task_free(void *data) {
        DossierTask *task = data;

        dossier_conceal(task);
        g_free(task->name);
        g_free(task);
}

Dossier *dossier_new(DossierReason reason, usec_t idle, const Now *now) {
        Dossier *dossier = g_new0(Dossier, 1);

        dossier->n_ref = 1;
        dossier->taken = *now;
        dossier->reason = reason;
        dossier->idle = idle;
        dossier->tasks = g_ptr_array_new_with_free_func(task_free);
        dossier->bytes = sizeof *dossier;
        return dossier;
}

Dossier *dossier_ref(Dossier *dossier) {
        g_assert(dossier->n_ref > 0);
        dossier->n_ref++;
        return dossier;
}

Dossier *dossier_unref(Dossier *dossier) {
        if (!dossier || --dossier->n_ref > 0)
                return NULL;
        g_ptr_array_unref(dossier->tasks);
        for (unsigned i = 0; i < DOSSIER_N_STREAMS; i++)
                g_clear_pointer(&dossier->output[i], g_bytes_unref);
        g_free(dossier);
        return NULL;
}

static bool charge(Dossier *dossier, size_t bytes) {
        if (dossier->bytes + bytes > DOSSIER_BYTES_MAX) {
                dossier->truncated = true;
                return false;
        }
        dossier->bytes += bytes;
        return true;
}

/* NULL: there is no room for it. */
static char *take_text(Dossier *dossier, const char *text, size_t max) {
        g_autofree char *clean = text_clean(text, strlen(text), max);

        return charge(dossier, strlen(clean) + 1) ? g_steal_pointer(&clean) : NULL;
}

unsigned dossier_room(const Dossier *dossier) {
        return DOSSIER_TASKS_MAX - dossier->tasks->len;
}

DossierTask *dossier_add_task(Dossier *dossier, pid_t pid, pid_t tid, char state,
                              const char *name) {
        DossierTask *task;

        if (dossier_room(dossier) == 0 || !charge(dossier, sizeof *task)) {
                dossier->truncated = true;
                return NULL;
        }
        task = g_new0(DossierTask, 1);
        *task = (DossierTask){.pid = pid, .tid = tid, .memory_bytes = UINT64_MAX};
        task->state = g_ascii_isalpha(state) ? state : '?';
        task->name = take_text(dossier, name, DOSSIER_NAME_MAX) ?: g_strdup("");
        g_ptr_array_add(dossier->tasks, task);
        return task;
}

void dossier_set_wait_channel(Dossier *dossier, DossierTask *task, const char *name) {
        g_free(task->wait_channel);
        task->wait_channel = take_text(dossier, name, DOSSIER_NAME_MAX);
}

void dossier_set_system_call(Dossier *dossier, DossierTask *task, const char *name,
                             const uint64_t arguments[static DOSSIER_N_ARGUMENTS]) {
        g_free(task->system_call);
        task->system_call = take_text(dossier, name, DOSSIER_NAME_MAX);
        memcpy(task->arguments, arguments, sizeof task->arguments);
}

void dossier_begin_descriptors(DossierTask *task) {
        if (task->descriptors)
                return;
        task->descriptors = g_array_new(FALSE, FALSE, sizeof(DossierDescriptor));
        g_array_set_clear_func(task->descriptors, descriptor_clear);
}

bool dossier_add_descriptor(Dossier *dossier, DossierTask *task, unsigned number,
                            const char *target) {
        DossierDescriptor descriptor = {.number = number};

        dossier_begin_descriptors(task);
        if (task->descriptors->len >= DOSSIER_DESCRIPTORS_MAX) {
                dossier->truncated = true;
                return false;
        }
        if (!charge(dossier, sizeof descriptor))
                return false;
        descriptor.target = take_text(dossier, target, DOSSIER_TARGET_MAX);
        if (!descriptor.target)
                return false;
        g_array_append_val(task->descriptors, descriptor);
        return true;
}

void dossier_set_output(Dossier *dossier, unsigned stream, const void *bytes, size_t length) {
        size_t kept = MIN(length, DOSSIER_OUTPUT_MAX);

        g_assert(stream < DOSSIER_N_STREAMS && !dossier->output[stream]);
        dossier->bytes += kept;
        dossier->output[stream] = g_bytes_new((const char *)bytes + (length - kept), kept);
}
