/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BENCH_FLOOR_SPAWN_H
#define BENCH_FLOOR_SPAWN_H

/* The cheapest start of a program that one would put into a service: posix_spawn with a session of
 * its own, signals reset and streams on /dev/null. The trivial service and the floor without a bus
 * both start with it. */

#include <sys/types.h>

/* null_fd: a descriptor of /dev/null, above 2. Returns 0, or a negative errno. */
int floor_spawn(char *const *argv, int null_fd, pid_t *ret_pid);

#endif
