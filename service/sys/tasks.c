/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Looks at the tasks of a tree. Only what the kernel answers without asking a file system is read:
 * the target of a descriptor is a text of the kernel's, never opened and never stat()ed, and so no
 * dead mount can hold the service up. What may not be read is left out.
 *
 * A service that runs as root sees everything, its caller must not: where a process has got other
 * rights than the caller (a set-uid program), the calls and descriptors that the kernel would hide
 * from him are left out. That is asked before and after, as a process can exec in between. */

#include "sys/tasks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sys/procfs.h"
#include "sys/syscall-name.h"

typedef struct Inspection {
        uid_t uid;
        Dossier *dossier;
        unsigned n_pids;
        pid_t pids[DOSSIER_TASKS_MAX];
} Inspection;

/* Whether the caller could look at it himself, as ptrace(2) has it: with his rights alone, and
 * dumpable, which the owner of its files in /proc (but not of its directory) tells. Where the service is not root, the kernel judges for us. */
bool tasks_may_inspect(pid_t pid, uid_t uid) {
        ProcStatus status;
        struct stat owner;
        char path[32];

        if (geteuid() != 0 || uid == 0)
                return true;
        snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
        if (stat(path, &owner) < 0 || owner.st_uid != uid || procfs_read_status(pid, &status) < 0)
                return false;
        for (unsigned i = 0; i < G_N_ELEMENTS(status.uids); i++)
                if (status.uids[i] != uid)
                        return false;
        return true;
}

static bool kernel_is_old(void) {
        static int old = -1;
        struct utsname name;
        int major = 0, minor = 0;

        if (old < 0)
                old = uname(&name) < 0 || sscanf(name.release, "%d.%d", &major, &minor) != 2 ||
                      major < 5 || (major == 5 && minor < 11);
        return old;
}

/* Before Linux 5.11 the file about system calls waited for an exec that was under way, and so for the
 * mount that it reads from. */
static bool syscall_may_block(pid_t pid, pid_t tid) {
        ProcStat stat;

        return kernel_is_old() && (procfs_read_task_stat(pid, tid, &stat) < 0 || stat.state == 'D');
}

/* The first thread's file is the process's, which is found in fewer steps. */
static void task_file(pid_t pid, pid_t tid, const char *file, char ret[static 32]) {
        if (pid == tid)
                g_strlcpy(ret, file, 32);
        else
                snprintf(ret, 32, "task/%d/%s", (int)tid, file);
}

int tasks_read_system_call(pid_t pid, pid_t tid, SystemCall *ret) {
        char name[32], text[256];
        uint64_t *a = ret->arguments;
        int r;

        if (syscall_may_block(pid, tid))
                return -EAGAIN;
        task_file(pid, tid, "syscall", name);
        r = procfs_read_file(pid, name, text, sizeof text, NULL);
        if (r < 0)
                return r;
        *ret = (SystemCall){.number = -1};
        r = sscanf(text,
                   "%ld %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64
                   " %" SCNx64 " %" SCNx64,
                   &ret->number, &a[0], &a[1], &a[2], &a[3], &a[4], &a[5], &ret->stack,
                   &ret->instruction);
        if (r != 9) /* "running", or "-1" and where */
                ret->number = -1;
        ret->foreign = sizeof(long) > 4 && ret->stack <= UINT32_MAX &&
                       ret->instruction <= UINT32_MAX;
        return 0;
}

static void inspect_wait(Inspection *inspection, DossierTask *task) {
        char name[32], channel[64];
        const char *call_name;
        char number[32];
        SystemCall call;

        task_file(task->pid, task->tid, "wchan", name);
        if (procfs_read_file(task->pid, name, channel, sizeof channel, NULL) >= 0 && channel[0] &&
            strcmp(channel, "0") != 0)
                dossier_set_wait_channel(inspection->dossier, task, channel);
        if (tasks_read_system_call(task->pid, task->tid, &call) < 0 || call.number < 0)
                return;
        call_name = call.foreign ? NULL : syscall_name(call.number);
        snprintf(number, sizeof number, "%ld", call.number);
        dossier_set_system_call(inspection->dossier, task, call_name ?: number, call.arguments);
}

/* False: no more of them. */
static bool inspect_descriptor(Inspection *inspection, DossierTask *task, int directory_fd,
                               const char *name) {
        char target[DOSSIER_TARGET_MAX + 1];
        ssize_t length;

        if (!g_ascii_isdigit(name[0]))
                return true;
        length = readlinkat(directory_fd, name, target, sizeof target - 1);
        if (length < 0)
                return true;
        target[length] = 0;
        return dossier_add_descriptor(inspection->dossier, task, (unsigned)strtoul(name, NULL, 10),
                                      target);
}

/* Without a DIR, which takes and gives 32 KiB each time, in the moment where a hundred are due. */
static void inspect_descriptors(Inspection *inspection, DossierTask *task) {
        char path[32], entries[2048] __attribute__((aligned(__alignof__(struct dirent64))));
        _cleanup_close_ int fd = -EBADF;
        ssize_t n;

        snprintf(path, sizeof path, "/proc/%d/fd", (int)task->pid);
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return;
        dossier_begin_descriptors(task);
        while ((n = getdents64(fd, entries, sizeof entries)) > 0)
                for (ssize_t at = 0; at < n;) {
                        const struct dirent64 *entry = (struct dirent64 *)(entries + at);

                        at += entry->d_reclen;
                        if (!inspect_descriptor(inspection, task, fd, entry->d_name))
                                return;
                }
}

static DossierTask *inspect_task(Inspection *inspection, pid_t pid, pid_t tid, bool may,
                                 ProcStat *ret_stat) {
        DossierTask *task;
        ProcStat stat;

        /* what a process used is what its only thread used */
        if (pid == tid && procfs_read_stat(pid, &stat) < 0)
                return NULL;
        if ((pid != tid || stat.n_threads > 1) && procfs_read_task_stat(pid, tid, &stat) < 0)
                return NULL;
        task = dossier_add_task(inspection->dossier, pid, tid, stat.state, stat.comm);
        if (!task)
                return NULL;
        task->cpu_nsec = stat.cpu_nsec;
        if (pid == tid)
                task->memory_bytes = stat.resident_bytes;
        if (may)
                inspect_wait(inspection, task);
        *ret_stat = stat;
        return task;
}

/* Of the threads, as many as leave a place for each process that comes after. */
static void inspect_threads(Inspection *inspection, pid_t pid, unsigned reserved, bool may) {
        Dossier *dossier = inspection->dossier;
        struct dirent *entry;
        ProcStat stat;
        char path[32];
        DIR *directory;

        snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
        directory = opendir(path);
        if (!directory)
                return;
        while ((entry = readdir(directory))) {
                pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);

                if (tid <= 0 || tid == pid)
                        continue;
                if (dossier_room(dossier) <= reserved) {
                        dossier->truncated = true;
                        break;
                }
                (void)inspect_task(inspection, pid, tid, may, &stat);
        }
        closedir(directory);
}

static void inspect_process(Inspection *inspection, pid_t pid, unsigned reserved) {
        GPtrArray *tasks = inspection->dossier->tasks;
        bool may = tasks_may_inspect(pid, inspection->uid);
        ProcStat stat;
        DossierTask *leader = inspect_task(inspection, pid, pid, may, &stat);

        if (!leader)
                return;
        if (stat.n_threads > 1)
                inspect_threads(inspection, pid, reserved, may);
        if (!may)
                return;
        inspect_descriptors(inspection, leader);
        if (tasks_may_inspect(pid, inspection->uid))
                return;
        for (unsigned i = 0; i < tasks->len; i++)
                if (((DossierTask *)tasks->pdata[i])->pid == pid)
                        dossier_conceal(tasks->pdata[i]);
}

static int note_pid(pid_t pid, void *userdata) {
        Inspection *inspection = userdata;

        if (inspection->n_pids == G_N_ELEMENTS(inspection->pids)) {
                inspection->dossier->truncated = true;
                return 1;
        }
        inspection->pids[inspection->n_pids++] = pid;
        return 0;
}

int tasks_inspect(Tree *tree, uid_t uid, Dossier *dossier) {
        Inspection inspection = {.uid = uid, .dossier = dossier};

        if (tree->failed || (tree->exited && tree->empty))
                return -ESRCH;
        (void)tree->containment->foreach(tree, note_pid, &inspection);
        for (unsigned i = 0; i < inspection.n_pids; i++)
                inspect_process(&inspection, inspection.pids[i], inspection.n_pids - i - 1);
        return dossier->tasks->len > 0 ? 0 : -ESRCH;
}
