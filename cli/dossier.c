/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Puts a dossier into words. A key that is absent was not to be had, and is passed over. */

#include "dossier.h"

#include <inttypes.h>
#include <proctor/proctor.h>
#include <stdio.h>
#include <string.h>

#include "duration.h"
#include "format.h"
#include "json.h"

/* Of the descriptors of a process, as many as one reads. */
#define SHOWN_DESCRIPTORS 8

static const char *state_in_words(const char *state) {
        static const struct {
                char letter;
                const char *words;
        } states[] = {
                {'R', "running"}, {'S', "sleeping"}, {'D', "in uninterruptible sleep"},
                {'T', "stopped"}, {'t', "traced"},   {'Z', "ended, and not waited for"},
                {'I', "idle"},
        };

        for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
                if (states[i].letter == state[0])
                        return states[i].words;
        return state;
}

/* Whether its first argument is a descriptor. */
static bool is_call_on_descriptor(const char *call) {
        static const char *const calls[] = {
                "accept",      "accept4",    "close",   "connect",   "copy_file_range",
                "epoll_pwait", "epoll_wait", "fcntl",   "fdatasync", "flock",
                "fsync",       "ioctl",      "pread64", "preadv",    "pwrite64",
                "pwritev",     "read",       "readv",   "recvfrom",  "recvmsg",
                "sendfile",    "sendmsg",    "sendto",  "splice",    "write",
                "writev",      NULL,
        };

        return g_strv_contains(calls, call);
}

static guint32 task_number(GVariant *task, const char *key) {
        guint32 number = 0;

        g_variant_lookup(task, key, "u", &number);
        return number;
}

/* What a descriptor of the task's process refers to; NULL if it is not known. */
static char *find_target(GVariant *tasks, guint32 pid, guint64 number) {
        GVariantIter iter;
        GVariant *each;
        char *found = NULL;

        g_variant_iter_init(&iter, tasks);
        while (!found && (each = g_variant_iter_next_value(&iter))) {
                g_autoptr(GVariant) task = each;
                g_autoptr(GVariantIter) descriptors = NULL;
                const char *target;
                guint32 fd;

                if (task_number(task, "PID") != pid ||
                    !g_variant_lookup(task, "FileDescriptors", "a(us)", &descriptors))
                        continue;
                while (!found && g_variant_iter_loop(descriptors, "(u&s)", &fd, &target))
                        if (fd == number)
                                found = format_text(target);
        }
        return found;
}

static void append_call(GString *line, GVariant *tasks, GVariant *task) {
        g_autoptr(GVariant) arguments = NULL;
        g_autofree char *clean = NULL, *target = NULL;
        const char *call;
        guint64 first;

        if (!g_variant_lookup(task, "SystemCall", "&s", &call))
                return;
        clean = format_text(call);
        g_string_append_printf(line, " in %s", clean);
        arguments = g_variant_lookup_value(task, "SystemCallArguments", G_VARIANT_TYPE("at"));
        if (!arguments || g_variant_n_children(arguments) == 0 || !is_call_on_descriptor(call))
                return;
        g_variant_get_child(arguments, 0, "t", &first);
        target = find_target(tasks, task_number(task, "PID"), first);
        g_string_append_printf(line, " of descriptor %" PRIu64, first);
        if (target)
                g_string_append_printf(line, ", %s", target);
}

static void append_use(GString *line, GVariant *task) {
        guint64 cpu = 0, memory;

        g_variant_lookup(task, "CPUUsageNSec", "t", &cpu);
        if (cpu >= 1000) {
                g_autofree char *text = duration_to_rounded_string(cpu / 1000);

                g_string_append_printf(line, "; CPU time %s", text);
        }
        if (g_variant_lookup(task, "MemoryCurrent", "t", &memory)) {
                g_autofree char *text = format_bytes(memory);

                g_string_append_printf(line, "; memory %s", text);
        }
}

static void print_descriptors(GVariant *task) {
        g_autoptr(GVariantIter) descriptors = NULL;
        g_autoptr(GString) line = g_string_new("    open:");
        const char *target;
        unsigned n = 0;
        guint32 fd;

        if (!g_variant_lookup(task, "FileDescriptors", "a(us)", &descriptors))
                return;
        while (g_variant_iter_loop(descriptors, "(u&s)", &fd, &target)) {
                g_autofree char *clean = format_text(target);

                if (n++ < SHOWN_DESCRIPTORS)
                        g_string_append_printf(line, "%s %u %s", n > 1 ? "," : "", fd, clean);
        }
        if (n > SHOWN_DESCRIPTORS)
                g_string_append_printf(line, ", and %u more", n - SHOWN_DESCRIPTORS);
        if (n > 0)
                puts(line->str);
}

static void print_task(GVariant *tasks, GVariant *task) {
        bool is_thread = task_number(task, "PID") != task_number(task, "TID");
        g_autoptr(GString) line = g_string_new(is_thread ? "    thread " : "  ");
        const char *name = "", *state = "", *channel;
        g_autofree char *clean = NULL;

        g_variant_lookup(task, "Name", "&s", &name);
        g_variant_lookup(task, "State", "&s", &state);
        clean = format_text(name);
        g_string_append_printf(line, "%u (%s): %s", task_number(task, "TID"), clean,
                               state_in_words(state));
        append_call(line, tasks, task);
        if (g_variant_lookup(task, "WaitChannel", "&s", &channel)) {
                g_autofree char *where = format_text(channel);

                g_string_append_printf(line, " (%s)", where);
        }
        append_use(line, task);
        puts(line->str);
        if (!is_thread)
                print_descriptors(task);
}

static void print_heading(GVariant *dossier) {
        guint64 taken = 0, idle = 0;
        g_autofree char *moment = NULL, *duration = NULL;

        g_variant_lookup(dossier, "Timestamp", "t", &taken);
        g_variant_lookup(dossier, "IdleUSec", "t", &idle);
        moment = format_timestamp(taken);
        duration = duration_to_rounded_string(idle);
        printf("\nWhat it was doing at %s, %s after its last sign of life:\n", moment, duration);
}

void dossier_print(GVariant *dossier) {
        g_autoptr(GVariant)
                tasks = g_variant_lookup_value(dossier, "Tasks", G_VARIANT_TYPE("aa{sv}"));
        gboolean truncated = FALSE;

        if (!tasks)
                return;
        print_heading(dossier);
        for (size_t i = 0; i < g_variant_n_children(tasks); i++) {
                g_autoptr(GVariant) task = g_variant_get_child_value(tasks, i);

                print_task(tasks, task);
        }
        g_variant_lookup(dossier, "Truncated", "b", &truncated);
        if (truncated)
                puts("  … and more, which was left out");
}

static void add_text(JsonBuilder *builder, GVariant *from, const char *key) {
        const char *text = NULL;

        g_variant_lookup(from, key, "&s", &text);
        json_add_string(builder, key, text);
}

static void add_number(JsonBuilder *builder, GVariant *from, const char *key) {
        guint64 number = PROCTOR_INFINITY;

        g_variant_lookup(from, key, "t", &number);
        json_add_uint(builder, key, number);
}

/* Often addresses, which are beyond what numbers in JSON can be trusted with. */
static void add_arguments(JsonBuilder *builder, GVariant *task) {
        g_autoptr(GVariantIter) arguments = NULL;
        guint64 argument;

        json_builder_set_member_name(builder, "SystemCallArguments");
        if (!g_variant_lookup(task, "SystemCallArguments", "at", &arguments)) {
                json_builder_add_null_value(builder);
                return;
        }
        json_builder_begin_array(builder);
        while (g_variant_iter_loop(arguments, "t", &argument)) {
                g_autofree char *text = g_strdup_printf("0x%" PRIx64, argument);

                json_builder_add_string_value(builder, text);
        }
        json_builder_end_array(builder);
}

static void add_descriptors(JsonBuilder *builder, GVariant *task) {
        g_autoptr(GVariantIter) descriptors = NULL;
        const char *target;
        guint32 fd;

        json_builder_set_member_name(builder, "FileDescriptors");
        if (!g_variant_lookup(task, "FileDescriptors", "a(us)", &descriptors)) {
                json_builder_add_null_value(builder);
                return;
        }
        json_builder_begin_object(builder);
        while (g_variant_iter_loop(descriptors, "(u&s)", &fd, &target)) {
                g_autofree char *number = g_strdup_printf("%u", fd);

                json_add_string(builder, number, target);
        }
        json_builder_end_object(builder);
}

static void add_task(JsonBuilder *builder, GVariant *task) {
        json_builder_begin_object(builder);
        json_add_uint(builder, "PID", task_number(task, "PID"));
        json_add_uint(builder, "TID", task_number(task, "TID"));
        add_text(builder, task, "Name");
        add_text(builder, task, "State");
        add_text(builder, task, "WaitChannel");
        add_text(builder, task, "SystemCall");
        add_arguments(builder, task);
        add_number(builder, task, "CPUUsageNSec");
        add_number(builder, task, "MemoryCurrent");
        add_descriptors(builder, task);
        json_builder_end_object(builder);
}

void dossier_add_json(JsonBuilder *builder, GVariant *dossier) {
        g_autoptr(GVariantIter) tasks = NULL;
        gboolean truncated = FALSE;
        GVariant *each;

        json_builder_set_member_name(builder, "Dossier");
        if (!dossier || !g_variant_lookup(dossier, "Tasks", "aa{sv}", &tasks)) {
                json_builder_add_null_value(builder);
                return;
        }
        json_builder_begin_object(builder);
        add_number(builder, dossier, "Timestamp");
        add_number(builder, dossier, "TimestampMonotonic");
        add_text(builder, dossier, "Reason");
        add_number(builder, dossier, "IdleUSec");
        g_variant_lookup(dossier, "Truncated", "b", &truncated);
        json_add_bool(builder, "Truncated", truncated);
        json_builder_set_member_name(builder, "Tasks");
        json_builder_begin_array(builder);
        while ((each = g_variant_iter_next_value(tasks))) {
                g_autoptr(GVariant) task = each;

                add_task(builder, task);
        }
        json_builder_end_array(builder);
        json_builder_end_object(builder);
}
