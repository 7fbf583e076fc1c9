/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the tasks of a tree are doing, from /proc: state, wait channel, system call, descriptors. */

#include "core/dossier.h"
#include "sys/tree.h"

/* What /proc/PID/syscall says. */
typedef struct SystemCall {
        long number; /* -1: in none */
        uint64_t arguments[DOSSIER_N_ARGUMENTS];
        uint64_t stack, instruction;
        bool foreign; /* a 32-bit program on a 64-bit machine, which has numbers of its own */
} SystemCall;

/* -errno: it may not be read. */
int tasks_read_system_call(pid_t pid, pid_t tid, SystemCall *ret);

/* Whether the user could look at what that process is doing himself. */
bool tasks_may_inspect(pid_t pid, uid_t uid);

/* As Hands.inspect. */
int tasks_inspect(Tree *tree, uid_t uid, Dossier *dossier);
