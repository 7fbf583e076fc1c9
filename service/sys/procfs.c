/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Strict readers of /proc. comm comes from the process itself and is treated as such. */

#include "sys/procfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/time-util.h"

#define PF_KTHREAD    0x00200000
#define PF_FORKNOEXEC 0x00000040

int procfs_read_file(pid_t pid, const char *name, char *buffer, size_t size, size_t *ret_length) {
        _cleanup_close_ int fd = -EBADF;
        char path[64];
        size_t length = 0;

        snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
                return errno == ENOENT ? -ESRCH : -errno;
        while (length < size - 1) {
                ssize_t n = read(fd, buffer + length, size - 1 - length);

                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                length += (size_t)n;
        }
        buffer[length] = 0;
        if (ret_length)
                *ret_length = length;
        return 0;
}

static int parse_stat(char *text, ProcStat *ret) {
        char *open_paren = strchr(text, '('), *close_paren = strrchr(text, ')');
        uint64_t flags, utime, stime, start_code;
        long resident;
        int n;

        if (!open_paren || !close_paren || close_paren < open_paren)
                return -EBADMSG;
        *close_paren = 0;
        g_strlcpy(ret->comm, open_paren + 1, sizeof ret->comm);
        n = sscanf(close_paren + 1,
                   " %c %d %d %d %*d %*d %" SCNu64 " %*u %*u %*u %*u %" SCNu64 " %" SCNu64
                   " %*d %*d %*d %*d %" SCNu64 " %*d %" SCNu64 " %*u %ld %*u %" SCNu64,
                   &ret->state, &ret->ppid, &ret->pgrp, &ret->session, &flags, &utime, &stime,
                   &ret->n_threads, &ret->start_ticks, &resident, &start_code);
        if (n != 11)
                return -EBADMSG;
        ret->never_execed = flags & PF_FORKNOEXEC;
        ret->kernel_thread = flags & PF_KTHREAD;
        ret->cpu_nsec = (utime + stime) * (NSEC_PER_SEC / (uint64_t)sysconf(_SC_CLK_TCK));
        ret->resident_bytes = (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
        ret->permitted = start_code > 1;
        /* The last field. Hidden (0) from whom the kernel does not trust with it. */
        ret->wait_status = atoi(strrchr(close_paren + 1, ' '));
        return 0;
}

static int read_stat(pid_t pid, const char *name, ProcStat *ret) {
        ProcStat stat = {.pid = pid};
        char text[1024];
        int r = procfs_read_file(pid, name, text, sizeof text, NULL);

        if (r < 0)
                return r;
        r = parse_stat(text, &stat);
        if (r < 0)
                return r;
        *ret = stat;
        return 0;
}

int procfs_read_stat(pid_t pid, ProcStat *ret) {
        return read_stat(pid, "stat", ret);
}

int procfs_read_task_stat(pid_t pid, pid_t tid, ProcStat *ret) {
        char name[32];

        snprintf(name, sizeof name, "task/%d/stat", (int)tid);
        return read_stat(pid, name, ret);
}

/* The text behind "\nname:" in a status file, or NULL. */
static const char *field(const char *text, const char *name) {
        char key[32];
        const char *at;

        snprintf(key, sizeof key, "\n%s:", name);
        at = strstr(text, key);
        return at ? at + strlen(key) : NULL;
}

int procfs_read_status(pid_t pid, ProcStatus *ret) {
        ProcStatus status = {.peak_bytes = UINT64_MAX};
        char text[8192];
        const char *tgid, *tracer, *uid, *peak, *state;
        int r = procfs_read_file(pid, "status", text, sizeof text, NULL);

        if (r < 0)
                return r;
        tgid = field(text, "Tgid");
        tracer = field(text, "TracerPid");
        uid = field(text, "Uid");
        peak = field(text, "VmHWM");
        state = field(text, "State");
        if (!tgid || !tracer || !uid || !state || sscanf(state, " %c", &status.state) != 1 ||
            sscanf(uid, "%u %u %u %u", &status.uids[0], &status.uids[1], &status.uids[2],
                   &status.uids[3]) != 4)
                return -EBADMSG;
        status.tgid = atoi(tgid);
        status.tracer = atoi(tracer);
        if (peak)
                status.peak_bytes = strtoull(peak, NULL, 10) * 1024;
        *ret = status;
        return 0;
}

GStrv procfs_read_command(pid_t pid) {
        g_autoptr(GPtrArray) arguments = g_ptr_array_new();
        g_autofree char *text = g_malloc(128 * 1024);
        size_t length = 0;
        ProcStat stat;

        if (procfs_read_file(pid, "cmdline", text, 128 * 1024, &length) < 0)
                length = 0;
        for (size_t at = 0; at < length; at += strlen(text + at) + 1)
                g_ptr_array_add(arguments, g_utf8_make_valid(text + at, -1));
        if (arguments->len == 0 && procfs_read_stat(pid, &stat) >= 0)
                g_ptr_array_add(arguments, g_utf8_make_valid(stat.comm, -1));
        g_ptr_array_add(arguments, NULL);
        return (GStrv)g_ptr_array_steal(arguments, NULL);
}

char *procfs_describe(pid_t pid) {
        g_autofree char *comm = NULL;
        char channel[64] = "";
        ProcStat stat;

        if (procfs_read_stat(pid, &stat) < 0)
                return NULL;
        comm = g_strescape(stat.comm, NULL);
        (void)procfs_read_file(pid, "wchan", channel, sizeof channel, NULL);
        g_strcanon(channel, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_.", '?');
        if (channel[0] == 0 || strcmp(channel, "0") == 0)
                return g_strdup_printf("%d (%s): %c", (int)pid, comm, stat.state);
        return g_strdup_printf("%d (%s): %c in %s", (int)pid, comm, stat.state, channel);
}

int procfs_foreach(int (*look)(pid_t pid, void *userdata), void *userdata) {
        DIR *directory = opendir("/proc");
        struct dirent *entry;
        int r = 0;

        if (!directory)
                return -errno;
        while (r == 0 && (entry = readdir(directory))) {
                char *end;
                long pid = strtol(entry->d_name, &end, 10);

                if (pid > 0 && *end == 0)
                        r = look((pid_t)pid, userdata);
        }
        closedir(directory);
        return r;
}
