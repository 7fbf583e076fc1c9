/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The place where this service keeps the cgroups of its trees:
 *
 *   <delegated, or the service's own cgroup>/proctor-<pid>-<random>/p<number>/
 *
 * One directory per service, locked by it for as long as it lives, so that the next one can tell a
 * dead service's directory from a living one's; one per tree, never used twice. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct CgroupBase {
        int parent_fd;   /* the directory that all services share */
        int instance_fd; /* ours; holds the lock */
        int reserve_fd;  /* given up for a moment when a kill finds no free descriptor */
        char *name;      /* of ours in the parent */
        char *path;      /* of ours */
        uint64_t last;   /* number of the last tree */

        /* controllers.c's */
        unsigned controllers; /* 1 << Controller of those that the trees have */
        unsigned switched;    /* the same of those that the parent's children had not before */
        bool moved;           /* the service lives in a cgroup of its own below the parent */
} CgroupBase;

/* directory: a delegated cgroup, or NULL for the service's own. Also ends and removes what dead
 * services left there. -EOPNOTSUPP: no cgroup v2 here, or not writable. */
int cgroup_base_new(const char *directory, CgroupBase **ret);
CgroupBase *cgroup_base_free(CgroupBase *base);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CgroupBase, cgroup_base_free)

/* Where the service itself lives in the tree of cgroups. -EOPNOTSUPP. */
int cgroup_find_own(char **ret);

/* A fresh cgroup and its directory. */
int cgroup_create(CgroupBase *base, uint64_t *ret_number, int *ret_fd);

/* -EBUSY: somebody lives in it. Empty cgroups that its processes made inside go with it. */
int cgroup_remove(CgroupBase *base, uint64_t number);

int cgroup_kill(CgroupBase *base, uint64_t number);

/* Reads one of its files whole into buffer. */
int cgroup_read(CgroupBase *base, uint64_t number, const char *file, char *buffer, size_t size);

/* The number behind "key " in a flat-keyed file's text; false if it is not there. */
bool cgroup_get_key(const char *text, const char *key, uint64_t *ret);

/* Each process in it and below; stops at the first answer that is not 0. */
int cgroup_foreach(CgroupBase *base, uint64_t number, int (*visit)(pid_t pid, void *userdata),
                   void *userdata);

/* Writes text to one of its files. */
int cgroup_write(CgroupBase *base, uint64_t number, const char *file, const char *text);

/* The same of a file in the directory `at`. */
int cgroup_read_at(int at, const char *file, char *buffer, size_t size);
int cgroup_write_at(int at, const char *file, const char *text);

/* Absolute path of cgroup.events, for inotify. */
char *cgroup_events_path(const CgroupBase *base, uint64_t number);

/* Whether the process is in it or below now. */
bool cgroup_contains(const CgroupBase *base, uint64_t number, pid_t pid);
