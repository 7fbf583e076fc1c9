/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads /proc/PID/{status,schedstat,smaps_rollup}, all threads of it, and finds helpers by their
 * parents and by what they run. */

#include "inspect.h"

#include "harness.h"

#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static double field(const char *text, const char *name) {
        const char *p = text ? strstr(text, name) : NULL;

        return p ? strtod(p + strlen(name), NULL) : 0;
}

static char *read_proc(const char *base, const char *file) {
        g_autofree char *path = g_build_filename(base, file, NULL);
        char *text = NULL;

        return g_file_get_contents(path, &text, NULL, NULL) ? text : NULL;
}

static void add_thread(const char *base, Usage *u) {
        g_autofree char *status = read_proc(base, "status");
        g_autofree char *sched = read_proc(base, "schedstat");

        /* The second name contains the first: look for it from the start of its line. */
        u->threads++;
        u->switches += (uint64_t)field(status, "\nvoluntary_ctxt_switches:") +
                       (uint64_t)field(status, "\nnonvoluntary_ctxt_switches:");
        u->run_nsec += sched ? strtoull(sched, NULL, 10) : 0;
}

typedef enum Memory {
        MEMORY_COUNTED,
        MEMORY_SHARED, /* with a process that was counted */
} Memory;

static void add_process(pid_t pid, Memory memory, Usage *u) {
        g_autofree char *base = g_strdup_printf("/proc/%d", pid);
        g_autofree char *tasks = g_build_filename(base, "task", NULL);
        g_autofree char *status = read_proc(base, "status");
        g_autofree char *rollup = read_proc(base, "smaps_rollup");
        g_autoptr(GDir) dir = g_dir_open(tasks, 0, NULL);
        const char *name;

        u->processes++;
        if (memory == MEMORY_COUNTED) {
                u->rss_kib += field(status, "\nVmRSS:");
                u->private_kib += field(rollup, "\nPrivate_Dirty:");
        }
        while (dir && (name = g_dir_read_name(dir))) {
                g_autofree char *thread = g_build_filename(tasks, name, NULL);

                add_thread(thread, u);
        }
}

void inspect_process(pid_t pid, Usage *ret) {
        *ret = (Usage){};
        add_process(pid, MEMORY_COUNTED, ret);
}

static bool runs_payload(pid_t pid) {
        g_autofree char *link = g_strdup_printf("/proc/%d/exe", pid);
        g_autofree char *exe = g_file_read_link(link, NULL);
        g_autofree char *payload = realpath(arg_options.payload, NULL);

        return g_strcmp0(exe, payload) == 0;
}

static GHashTable *read_parents(void) {
        GHashTable *parents = g_hash_table_new(NULL, NULL);
        g_autoptr(GDir) dir = g_dir_open("/proc", 0, NULL);
        const char *name;

        while (dir && (name = g_dir_read_name(dir))) {
                g_autofree char *base = g_build_filename("/proc", name, NULL);
                g_autofree char *status = NULL;

                if (!g_ascii_isdigit(name[0]))
                        continue;
                status = read_proc(base, "status");
                g_hash_table_insert(parents, GINT_TO_POINTER(atoi(name)),
                                    GINT_TO_POINTER((int)field(status, "\nPPid:")));
        }
        return parents;
}

static bool descends_from(GHashTable *parents, int pid, int ancestor) {
        for (int depth = 0; pid > 1 && depth < 64; depth++) {
                pid = GPOINTER_TO_INT(g_hash_table_lookup(parents, GINT_TO_POINTER(pid)));
                if (pid == ancestor)
                        return true;
        }
        return false;
}

/* A helper may run in the service's own memory. */
static Memory memory_of(pid_t pid, pid_t service) {
        return syscall(SYS_kcmp, pid, service, KCMP_VM, 0, 0) == 0 ? MEMORY_SHARED : MEMORY_COUNTED;
}

void inspect_helpers(pid_t service, Usage *ret) {
        g_autoptr(GHashTable) parents = read_parents();
        GHashTableIter iter;
        gpointer pid;

        *ret = (Usage){};
        g_hash_table_iter_init(&iter, parents);
        while (g_hash_table_iter_next(&iter, &pid, NULL)) {
                pid_t helper = GPOINTER_TO_INT(pid);

                if (descends_from(parents, helper, service) && !runs_payload(helper))
                        add_process(helper, memory_of(helper, service), ret);
        }
}
