/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The service's own state as a process. */

#include <sys/resource.h>

/* How the service was started, as far as children shall be so again. */
typedef struct Self {
        struct rlimit nofile_limit;
} Self;

/* Washes the service once, so that a child has little to undo: streams open, signals as they are by
 * default (SIGPIPE ignored) and none blocked, nice, scheduler, affinity, timer slack, I/O priority
 * and OOM score at their defaults where that is permitted, umask 0077, as many descriptors as the
 * hard limit allows. First thing in main. 0, or the negative errno of what no service can do
 * without. */
int self_prepare(Self *ret);
