/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Who is there: the published processes by id and by PID, and the users with what is counted for
 * each. Owns both; decides only when a finished process is forgotten for age or number. */

#include "core/process.h"
#include "core/quota.h"

/* Counts since the service began; of one user, or summed up. */
typedef struct Stats {
        uint64_t started;
        uint64_t spawn_failures;
        uint64_t results[_RESULT_MAX];
        uint64_t kills;      /* ended by the watchdog */
        uint64_t suppressed; /* verdicts that were put off */
} Stats;

struct User {
        uid_t uid;
        unsigned n_charged; /* that it asked for and that have not finished, whoever they are */
        unsigned n_running;
        unsigned n_groups;
        size_t plan_bytes; /* of the members of its groups */
        unsigned plan_descriptors;
        GQueue finished;       /* Process, by time of their end */
        size_t finished_bytes; /* of their texts */
        GQueue dossiers;       /* Process that has one, by time of that */
        size_t dossier_bytes;
        RateLimit starts;
        Stats stats;
};

typedef struct Registry {
        GHashTable *by_id;  /* &Process.id → Process, a reference */
        GHashTable *by_pid; /* PID → the newest Process */
        GHashTable *users;  /* uid → User */
        GQueue order;       /* Process by id */
} Registry;

void registry_init(Registry *registry);
void registry_done(Registry *registry);

/* Never NULL; made when it is new. */
User *registry_user(Registry *registry, uid_t uid);

/* Takes a reference. */
void registry_add(Registry *registry, Process *process);
/* Gives it back. */
void registry_remove(Registry *registry, Process *process);

/* What is kept of the dossiers of one user: beyond it the oldest go. */
#define DOSSIER_BYTES_PER_USER (8 * 1024 * 1024)

/* Takes the dossier, instead of what the process had; NULL: it has none from now on. */
void registry_keep_dossier(Process *process, Dossier *dossier);

Process *registry_by_id(const Registry *registry, uint64_t id);
/* The newest that has or had this PID and that `owner` owns; UID_ANY: whoever. */
Process *registry_by_pid(const Registry *registry, pid_t pid, uid_t owner);

/* Stands for "of every user" where a uid selects. It is no valid uid. */
#define UID_ANY ((uid_t)-1)

/* What one user, or everybody, has counted. */
Stats registry_stats(const Registry *registry, uid_t owner);
