/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What /proc says of a process, for looks and for tables. A look is by number: whoever acts on it
 * first opens a pidfd and looks again. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct ProcStat {
        pid_t pid, ppid, pgrp, session;
        char comm[64];
        char state;
        bool never_execed; /* PF_FORKNOEXEC */
        bool kernel_thread;
        uint64_t cpu_nsec; /* without its children's */
        uint64_t n_threads;
        uint64_t resident_bytes;
        uint64_t start_ticks;
        bool permitted;  /* this service may see what the kernel hides from strangers */
        int wait_status; /* of a zombie; 0 if not permitted */
} ProcStat;

int procfs_read_stat(pid_t pid, ProcStat *ret);
/* The same of one of its threads: what it used itself. */
int procfs_read_task_stat(pid_t pid, pid_t tid, ProcStat *ret);

/* Reads a file of /proc whole, up to size - 1 bytes, and ends it with a NUL. */
int procfs_read_file(pid_t pid, const char *name, char *buffer, size_t size, size_t *ret_length);

typedef struct ProcStatus {
        uid_t uids[4]; /* real, effective, saved, file system */
        char state;    /* T: stopped, t: by its tracer, as in ProcStat */
        pid_t tgid;
        pid_t tracer;
        uint64_t peak_bytes; /* VmHWM; UINT64_MAX if there is none */
} ProcStatus;

int procfs_read_status(pid_t pid, ProcStatus *ret);

/* The command line as a new strv; a zombie's or kernel thread's is its comm alone. */
GStrv procfs_read_command(pid_t pid);

/* "1234 (cat): D in nfs_wait", all bytes printable; NULL if there is no such process. */
char *procfs_describe(pid_t pid);

/* Calls back for each process of the system; stops at the first answer that is not 0. */
int procfs_foreach(int (*look)(pid_t pid, void *userdata), void *userdata);
