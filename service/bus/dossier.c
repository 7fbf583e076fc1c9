/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Writes a dossier into a message. What is not known has no key. */

#include "bus/dossier.h"

static int open_entry(sd_bus_message *m, const char *key, const char *type) {
        int r = sd_bus_message_open_container(m, 'e', "sv");

        if (r >= 0)
                r = sd_bus_message_append(m, "s", key);
        return r < 0 ? r : sd_bus_message_open_container(m, 'v', type);
}

static int close_entry(sd_bus_message *m) {
        int r = sd_bus_message_close_container(m);

        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_array(sd_bus_message *m, const char *key, const char *type, char element,
                        const void *bytes, size_t size) {
        int r = open_entry(m, key, type);

        if (r >= 0)
                r = sd_bus_message_append_array(m, element, bytes, size);
        return r < 0 ? r : close_entry(m);
}

static int append_system_call(sd_bus_message *m, const DossierTask *task) {
        int r = sd_bus_message_append(m, "{sv}", "SystemCall", "s", task->system_call);

        return r < 0 ? r
                     : append_array(m, "SystemCallArguments", "at", 't', task->arguments,
                                    sizeof task->arguments);
}

static int append_descriptors(sd_bus_message *m, const GArray *descriptors) {
        int r = open_entry(m, "FileDescriptors", "a(us)");

        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "(us)");
        for (unsigned i = 0; r >= 0 && i < descriptors->len; i++) {
                const DossierDescriptor *descriptor = &g_array_index(descriptors, DossierDescriptor,
                                                                     i);

                r = sd_bus_message_append(m, "(us)", descriptor->number, descriptor->target);
        }
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        return r < 0 ? r : close_entry(m);
}

static int append_task(sd_bus_message *m, const DossierTask *task) {
        const char state[] = {task->state, 0};
        int r = sd_bus_message_open_container(m, 'a', "{sv}");

        if (r >= 0)
                r = sd_bus_message_append(m, "{sv}{sv}{sv}{sv}{sv}",       //
                                          "PID", "u", (uint32_t)task->pid, //
                                          "TID", "u", (uint32_t)task->tid, //
                                          "Name", "s", task->name,         //
                                          "State", "s", state,             //
                                          "CPUUsageNSec", "t", task->cpu_nsec);
        if (r >= 0 && task->memory_bytes != UINT64_MAX)
                r = sd_bus_message_append(m, "{sv}", "MemoryCurrent", "t", task->memory_bytes);
        if (r >= 0 && task->wait_channel)
                r = sd_bus_message_append(m, "{sv}", "WaitChannel", "s", task->wait_channel);
        if (r >= 0 && task->system_call)
                r = append_system_call(m, task);
        if (r >= 0 && task->descriptors)
                r = append_descriptors(m, task->descriptors);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_tasks(sd_bus_message *m, const GPtrArray *tasks) {
        int r = open_entry(m, "Tasks", "aa{sv}");

        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "a{sv}");
        for (unsigned i = 0; r >= 0 && i < tasks->len; i++)
                r = append_task(m, tasks->pdata[i]);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        return r < 0 ? r : close_entry(m);
}

static int append_output(sd_bus_message *m, const char *key, GBytes *output) {
        const void *bytes;
        size_t size;

        if (!output)
                return 0;
        bytes = g_bytes_get_data(output, &size);
        return append_array(m, key, "ay", 'y', bytes, size);
}

int dossier_append(sd_bus_message *m, const Dossier *dossier) {
        int r = sd_bus_message_open_container(m, 'a', "{sv}");

        if (r < 0 || !dossier)
                return r < 0 ? r : sd_bus_message_close_container(m);
        r = sd_bus_message_append(m, "{sv}{sv}{sv}{sv}{sv}",                                //
                                  "Timestamp", "t", dossier->taken.realtime,                //
                                  "TimestampMonotonic", "t", dossier->taken.monotonic,      //
                                  "Reason", "s", dossier_reason_to_string(dossier->reason), //
                                  "IdleUSec", "t", dossier->idle,                           //
                                  "Truncated", "b", (int)dossier->truncated);
        if (r >= 0)
                r = append_tasks(m, dossier->tasks);
        if (r >= 0)
                r = append_output(m, "LastStdout", dossier->output[0]);
        if (r >= 0)
                r = append_output(m, "LastStderr", dossier->output[1]);
        return r < 0 ? r : sd_bus_message_close_container(m);
}
