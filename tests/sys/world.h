/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the tests of sys share: a Sys on a main context of its own, and runs that write down what
 * they are told, in order. Every wait has a deadline and waits for an event, never for time. */

/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
/* clang-format on */

#include <glib.h>
#include <stdbool.h>

#include "core/hands.h"
#include "core/spec.h"
#include "sys/hands.h"

#define WORLD_PATIENCE (20 * USEC_PER_SEC)

typedef struct World {
        GMainContext *context;
        Sys *sys;
        Hands hands;
        usec_t deadline_seen; /* when the deadline called; 0: not yet */
        int fds_before;
} World;

typedef struct Run {
        World *world;
        Tree *tree;
        pid_t pid;
        bool started, failed, exited, emptied;
        char order[8]; /* "SXE": started, exited, emptied; F: failed */
        char *failure; /* "exec '/no/such': ENOENT" */
        ExitStatus status;
        bool releases_at_end; /* in the emptied or start_failed handler */
} Run;

/* config may be NULL. Skips the test (cmocka) where that containment is not to be had. */
void world_init(World *world, const SysConfig *config);

/* Also checks that no descriptor and no child is left. */
void world_done(World *world);

int world_fd_count(void);

Spec *world_spec(const char *const *argv);
void run_start(Run *run, World *world, Spec *spec);
void run_command(Run *run, World *world, const char *const *argv);
void run_shell(Run *run, World *world, const char *script);
void run_done(Run *run);

/* Turns the loop until the flag is set; fails the test after WORLD_PATIENCE. */
void world_wait(World *world, const bool *flag);

/* Turns the loop until check(data) holds; false after WORLD_PATIENCE. */
bool world_wait_until(World *world, bool (*check)(void *data), void *data);

/* Path of a helper program that was built beside the tests. */
const char *world_helper(const char *name);
