/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the tasks of a process were doing when they were looked at: the last that can be known of one
 * that is ended because it hung. Plain data that is filled once, by sys (tasks) and by core (the
 * rest), and then only read.
 *
 * All bounds are kept here, whoever fills it, and all text is cleaned here: names, paths and output
 * are the process's own, and it may be hostile. What did not fit is left out and `truncated` set. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/time-util.h"
#include "core/words.h"

#define DOSSIER_TASKS_MAX       64
#define DOSSIER_DESCRIPTORS_MAX 32   /* of one process */
#define DOSSIER_NAME_MAX        64   /* bytes */
#define DOSSIER_TARGET_MAX      256  /* bytes of what a descriptor refers to */
#define DOSSIER_OUTPUT_MAX      2048 /* bytes of a stream's end */
#define DOSSIER_BYTES_MAX       (64 * 1024)
#define DOSSIER_N_STREAMS       2 /* as OutputStream */

/* Arguments of a system call. */
#define DOSSIER_N_ARGUMENTS 6

typedef struct DossierDescriptor {
        unsigned number;
        char *target;
} DossierDescriptor;

typedef struct DossierTask {
        pid_t pid, tid;
        char state; /* as ps shows it */
        char *name;
        uint64_t cpu_nsec;
        uint64_t memory_bytes; /* of the process; UINT64_MAX: of a thread, not said again */
        char *wait_channel;    /* NULL: not known, or it waits in none */
        char *system_call;     /* NULL: not known, or it is in none */
        uint64_t arguments[DOSSIER_N_ARGUMENTS];
        GArray *descriptors; /* DossierDescriptor; NULL: not known, or of a thread */
} DossierTask;

typedef struct Dossier {
        unsigned n_ref;
        Now taken;
        DossierReason reason;
        usec_t idle;
        GPtrArray *tasks;                  /* DossierTask, the threads of a process together */
        GBytes *output[DOSSIER_N_STREAMS]; /* the end of it; NULL: not captured */
        bool truncated;
        size_t bytes; /* that it takes, about */
} Dossier;

Dossier *dossier_new(DossierReason reason, usec_t idle, const Now *now);
Dossier *dossier_ref(Dossier *dossier);
Dossier *dossier_unref(Dossier *dossier);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Dossier, dossier_unref)

/* How many more tasks it takes. */
unsigned dossier_room(const Dossier *dossier);

/* The task stays the dossier's. NULL: it is full. */
DossierTask *dossier_add_task(Dossier *dossier, pid_t pid, pid_t tid, char state, const char *name);
void dossier_set_wait_channel(Dossier *dossier, DossierTask *task, const char *name);
void dossier_set_system_call(Dossier *dossier, DossierTask *task, const char *name,
                             const uint64_t arguments[static DOSSIER_N_ARGUMENTS]);

/* Tells a process whose descriptors are known, if it has none, from one whose are not. */
void dossier_begin_descriptors(DossierTask *task);
/* false: no more of them. */
bool dossier_add_descriptor(Dossier *dossier, DossierTask *task, unsigned number,
                            const char *target);

/* Takes back all of a task but what everybody may see of everybody's: its name, state and use. */
void dossier_conceal(DossierTask *task);

/* The end of a stream, DOSSIER_OUTPUT_MAX bytes at the most. */
void dossier_set_output(Dossier *dossier, unsigned stream, const void *bytes, size_t length);
