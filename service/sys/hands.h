/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The hands of the service: what core decides is done here, and what happens is told from here.
 * main.c makes one Sys and gives its Hands to core. */

#include <glib.h>

#include "core/hands.h"
#include "sys/containment.h"
#include "sys/self.h"
#include "sys/spawn.h"

typedef struct SysConfig {
        GMainContext *context;          /* NULL: the default one */
        const char *const *environment; /* base of all children; the service's own is taken out */
        const Self *self;               /* what self_prepare() found; NULL: it was not called */
        ContainmentKind containment;    /* AUTO: the best there is; else that one or -EOPNOTSUPP */
        bool becomes_users;             /* starts as other users: only root can */
        const char *account_helper;     /* the program that looks them up; NULL: this one */
        const char *cgroup;             /* directory of the delegated cgroup; NULL: the own one */
        SpawnMode spawn_mode;
        /* 0: the default */
        uint64_t output_bytes_per_user; /* kept of all streams; root: times root_factor */
        uint32_t root_factor;
        uint32_t notify_per_sec;  /* messages of one process */
        unsigned descriptors_max; /* of all trees; 0: 80 % of the limit */
        void (*on_deadline)(void *userdata);
        /* the service may not have run since that time; may be NULL */
        void (*on_resumed)(void *userdata, usec_t since);
        void *userdata;
} SysConfig;

/* -EOPNOTSUPP: the containment that was asked for is not to be had here. */
int sys_new(const SysConfig *config, Sys **ret);

/* Ends what core has not released, and waits a second at the most for it to be gone. */
Sys *sys_free(Sys *sys);

void sys_fill_hands(Sys *sys, Hands *ret);

/* The kind that started processes get. */
ContainmentKind sys_containment(const Sys *sys);

/* Words for the property Features, a new strv. */
GStrv sys_features(const Sys *sys);

/* How often a timer has woken the service. */
uint64_t sys_wakeups(const Sys *sys);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sys, sys_free)
