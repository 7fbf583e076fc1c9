/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The subreaper of one tree, seen from both sides. It is a process that never execs: it shares the
 * service's memory and lives on a stack of its own, of which it touches a page or two. This struct
 * lies at the top of that stack.
 *
 *   service ── helper (subreaper) ── main process ── …
 *                  └── every orphan of the tree
 *
 * It creates the main process, reaps it and every orphan, writes down how the main process ended,
 * and ends itself when no child is left. When the service dies, or asks for it, it ends the tree. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "sys/child.h"
#include "sys/halt.h"
#include "sys/walk.h"

/* The service asks the helper to look at its requests; the kernel tells it that the service died. */
#define HELPER_SIGNAL_REQUEST SIGUSR2
#define HELPER_SIGNAL_ORPHAN  SIGUSR1

typedef struct Helper Helper;

/* Helpers with news, pushed by them, taken all at once by the service. In memory that both have. */
typedef struct HelperNews {
        Helper *first;
} HelperNews;

struct Helper {
        uint32_t detached; /* futex: uses nothing of the service's descriptors any more */
        uint32_t accepted; /* futex: the service has its pidfd of the main process */
        uint32_t request_kill;
        uint32_t main_exited; /* what is below is complete */

        int exit_kind, exit_value; /* si_code and si_status of the main process */
        struct rusage usage;
        bool never_execed;
        Halt halt; /* of the main process */

        int clone_result; /* PID of the main process, or negative errno */
        int main_pidfd;   /* in the service's table, if descriptors are shared */

        /* what the service prepares */
        bool shares; /* memory and descriptors */
        pid_t service_pid;
        int notify_fd; /* eventfd, with a low number */
        HelperNews *news;
        Helper *next; /* in the news */
        void *tree;   /* the service's, for itself */
        ChildPlan *plan;
        char *main_stack;
        size_t main_stack_size;
        Walk *walk;
};

/* Never returns. argument is the Helper. All signals are blocked. */
void helper_main(void *argument);
