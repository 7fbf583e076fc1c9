/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Processes by descriptor. The only file that sends signals: a number may be somebody else's by now,
 * a pidfd never is. Results are 0 or negative errno; -ESRCH means that it has gone. */

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/hands.h"

/* Long-lived descriptors get numbers from here on, so that those which a start needs stay low: a
 * child's first table ends at the highest that it needs. */
#define PIDFD_PARKED_MIN 256

int pidfd_open_process(pid_t pid, int *ret);

/* Moves a descriptor up. On failure *fd stays where and whose it was. */
int pidfd_park(int *fd);

int pidfd_signal(int pidfd, int signo);

/* To the process group that the process leads or led. -EOPNOTSUPP before Linux 6.9. */
int pidfd_signal_group(int pidfd, int signo);

/* Whether the process has ended, reaped or not. */
bool pidfd_is_dead(int pidfd);

/* Waits for that, timeout_msec at the most (-1: for ever). 0 or -ETIMEDOUT. */
int pidfd_wait_dead(int pidfd, int timeout_msec);

typedef enum ReapMode {
        REAP_KEEP, /* leave the zombie, which keeps its number taken */
        REAP_FORGET,
} ReapMode;

/* How a child of the service ended. -EAGAIN: not yet; -ECHILD: not a child, or reaped. */
int pidfd_reap(int pidfd, ReapMode mode, ExitStatus *ret);

/* Wait status of any process that has been reaped; -ENODATA if the kernel cannot tell. */
int pidfd_exit_info(int pidfd, int *ret_wait_status);

/* A wait status as the contract writes it. */
void exit_status_from_wait(int wait_status, ExitStatus *ret);

/* The PID that the descriptor is for. -EINVAL: not a pidfd, or of a single thread; -ESRCH: reaped. */
int pidfd_get_pid(int pidfd, pid_t *ret);
