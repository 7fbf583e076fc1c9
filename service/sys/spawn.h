/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Makes processes: plans for them, stacks to run them on, and the clone itself.
 *
 * A new process shares the service's memory until it has exec'd, and the service does not wait for
 * that: a start costs the same whatever the service's size, and an exec that hangs on a dead mount
 * hangs alone. The Spawn with its plan, strings and stack therefore lives until the process is
 * known to have exec'd or died.
 *
 * One for which the kernel would do to that memory what is meant for the process alone gets a copy. */

#include <glib.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "core/spec.h"
#include "sys/child.h"

typedef enum SpawnMode {
        SPAWN_SHARED, /* in the service's memory and descriptor table: the rule */
        SPAWN_COPY,   /* as fork does it: other architectures, old kernels, tests */
        _SPAWN_MODE_MAX,
} SpawnMode;

/* What all starts have in common. */
typedef struct Spawner Spawner;

typedef struct SpawnerConfig {
        SpawnMode mode;
        const char *const *environment;    /* the base, washed by the spawner */
        const struct rlimit *nofile_limit; /* of children; NULL: the service's */
} SpawnerConfig;

int spawner_new(const SpawnerConfig *config, Spawner **ret);
Spawner *spawner_free(Spawner *spawner);
SpawnMode spawner_mode(const Spawner *spawner);

/* Memory for one process to run on; in a pool, because mapping costs more than a clone. */
typedef struct SpawnStack SpawnStack;

struct SpawnStack {
        SpawnStack *next;
        char *base; /* above the guard page */
        size_t size;
};

int spawner_take_stack(Spawner *spawner, SpawnStack **ret);
void spawner_give_stack(Spawner *spawner, SpawnStack *stack);

/* A start under way. */
typedef struct Spawn {
        Spawner *spawner;
        SpawnStack *stack;
        ChildPlan plan;
        int status_fd;       /* read end of the status pipe */
        int child_status_fd; /* write end, until the child has it */
        /* owned by the plan */
        char *strings;
        size_t strings_bytes;
        char *notify_strings[3];
        char **argv, **envp;
        ChildFd *fds;
        ChildLimit *limits;
        Account *account; /* or NULL */
        ChildCredentials credentials;
        GStrv account_environment;
        uint64_t control[_CONTROLLER_MAX]; /* of its tree */
} Spawn;

/* What a tree adds to a spec. */
typedef struct SpawnExtras {
        int captured[2];            /* ends for captured standard output and error */
        int terminal;               /* end of the service's terminal, for STDIO_TERMINAL */
        const char *notify_address; /* or NULL */
        uint64_t watchdog_usec;     /* for WATCHDOG_USEC and WATCHDOG_PID; 0: none */
} SpawnExtras;

/* Copies everything that it needs from spec and extras but the descriptors, which must stay open
 * until spawn_clone() has returned. */
int spawn_new(Spawner *spawner, const Spec *spec, const SpawnExtras *extras, Spawn **ret);
Spawn *spawn_free(Spawn *spawn);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Spawn, spawn_free)

/* Starts function(argument) as a process, in the cgroup of that directory (negative: the service's).
 * detached is set by it when it no longer uses the service's descriptor table, and this does not
 * return before that; NULL: it gets copies of table and memory. */
int spawner_clone(Spawner *spawner, SpawnStack *stack, int cgroup_fd, void (*function)(void *),
                  void *argument, uint32_t *detached, pid_t *ret_pid, int *ret_pidfd);

/* Waits until that word is set or the process is dead; -ETIMEDOUT after a second. */
int spawner_wait_detached(uint32_t *detached, int pidfd);

/* Starts the planned process as a child of the service, in the plan's cgroup.
 *
 * To be born there is the fast way: who moves waits for the kernel to let all processes pass, which
 * takes ten milliseconds and more on a machine that is idle otherwise. But some kernels end a child
 * at birth if its parent's cgroup was ever killed and its own was not (they compare two counters).
 * Such a child has run nothing, another takes its place and moves itself, and so do all after it. */
int spawn_clone(Spawn *spawn, pid_t *ret_pid, int *ret_pidfd);

/* Fills what the child must know of the way it is cloned, and the highest descriptor that it
 * needs. After the last change of the plan, before the clone. */
void spawn_seal(Spawn *spawn);

/* Closes the child's ends in the service. After the clone. */
void spawn_close_child_ends(Spawn *spawn);

/* Reads the status pipe: 0 nothing yet, 1 a report, 2 its end (exec'd or dead). */
int spawn_read_status(Spawn *spawn, ChildReport *ret_report);
