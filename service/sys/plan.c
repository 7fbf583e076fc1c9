/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Turns a spec into the plan of a child: everything looked up, copied and sorted beforehand, so that
 * the child only makes system calls. Knows nothing of containment. */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sys/spawn-internal.h"

/* What emulators of today are, and every terminfo has. */
#define TERMINAL_KIND "xterm-256color"

static int compare_fds(const void *a, const void *b) {
        const ChildFd *x = a, *y = b;

        return (x->target > y->target) - (x->target < y->target);
}

static int source_of(const Spawn *spawn, const Spec *spec, const SpawnExtras *extras, int stream) {
        switch (spec->stdio[stream].kind) {
        case STDIO_FD:
                return spec->stdio[stream].fd;
        case STDIO_CAPTURE:
                return extras->captured[stream - 1];
        case STDIO_TERMINAL:
                return extras->terminal;
        default:
                return spawn->spawner->null_fd;
        }
}

static void plan_descriptors(Spawn *spawn, const Spec *spec, const SpawnExtras *extras) {
        size_t n_extra = spec->extra_fds ? spec->extra_fds->len : 0;

        spawn->fds = g_new(ChildFd, 3 + n_extra);
        for (int i = 0; i < 3; i++)
                spawn->fds[i] = (ChildFd){
                        .source = source_of(spawn, spec, extras, i),
                        .target = i,
                };
        for (size_t i = 0; i < n_extra; i++) {
                const ExtraFd *extra = &g_array_index(spec->extra_fds, ExtraFd, i);

                spawn->fds[3 + i] = (ChildFd){.source = extra->fd, .target = extra->target};
        }
        qsort(spawn->fds, 3 + n_extra, sizeof(ChildFd), compare_fds);
        spawn->plan.fds = spawn->fds;
        spawn->plan.n_fds = 3 + n_extra;
        spawn->plan.status_target = spawn->fds[2 + n_extra].target + 1;
}

static bool overlaps(const ChildPlan *plan, int source, int target) {
        if (source == plan->status_target)
                return target != source;
        for (size_t i = 0; i < plan->n_fds; i++)
                if (plan->fds[i].target == source)
                        return target != source;
        return false;
}

/* True if placing one descriptor could overwrite the source of another. */
static bool needs_lift(const ChildPlan *plan) {
        for (size_t i = 0; i < plan->n_fds; i++)
                if (overlaps(plan, plan->fds[i].source, plan->fds[i].target))
                        return true;
        return overlaps(plan, plan->status_fd, plan->status_target);
}

static void plan_limits(Spawn *spawn, const Spec *spec) {
        size_t n = spec->limits ? spec->limits->len : 0, k = 0;

        spawn->limits = g_new0(ChildLimit, n + 1);
        /* First the one that the service has raised for itself; a wish of the spec comes after. */
        if (spawn->spawner->has_nofile_limit)
                spawn->limits[k++] = (ChildLimit){
                        .resource = RLIMIT_NOFILE,
                        .soft = spawn->spawner->nofile_limit.rlim_cur,
                        .hard = spawn->spawner->nofile_limit.rlim_max,
                };
        for (size_t i = 0; i < n; i++) {
                const ResourceLimit *limit = &g_array_index(spec->limits, ResourceLimit, i);
                size_t place = k;

                for (size_t j = 0; j < k; j++)
                        if (spawn->limits[j].resource == limit->resource)
                                place = j;
                spawn->limits[place] = (ChildLimit){
                        .resource = limit->resource,
                        .soft = limit->soft,
                        .hard = limit->hard,
                };
                if (place == k)
                        k++;
        }
        spawn->plan.limits = spawn->limits;
        spawn->plan.n_limits = k;
}

static size_t strings_size(char *const *strings) {
        size_t size = 0;

        for (; strings && *strings; strings++)
                size += strlen(*strings) + 1;
        return size;
}

static char **copy_strings(char *const *strings, char **at) {
        size_t n = strings ? g_strv_length((GStrv)strings) : 0;
        char **copy = g_new(char *, n + 1);

        for (size_t i = 0; i < n; i++) {
                copy[i] = *at;
                *at = stpcpy(*at, strings[i]) + 1;
        }
        copy[n] = NULL;
        return copy;
}

/* The child, which alone knows its PID in time, writes it over the number signs. */
#define PID_PLACE "##########"

/* The variables of the notify protocol; the process's own, whatever the caller set. */
static void plan_notify(Spawn *spawn, const SpawnExtras *extras) {
        static const char *const names[] = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", NULL};
        char *set[4] = {NULL};
        char **composed;

        if (!extras->notify_address)
                return;
        set[0] = spawn->notify_strings[0] = g_strdup_printf("NOTIFY_SOCKET=%s",
                                                            extras->notify_address);
        if (extras->watchdog_usec > 0) {
                set[1] = spawn->notify_strings[1] = g_strdup_printf(
                        "WATCHDOG_USEC=%" G_GUINT64_FORMAT, extras->watchdog_usec);
                set[2] = spawn->notify_strings[2] = g_strdup("WATCHDOG_PID=" PID_PLACE);
                spawn->plan.own_pid = set[2] + strlen("WATCHDOG_PID=");
        }
        composed = environment_compose(spawn->envp, false, (char *const *)names, set);
        g_free(spawn->envp);
        spawn->envp = composed;
}

/* Programs on a terminal want to know its kind. Whoever unsets it means it. */
static void plan_terminal(Spawn *spawn, const Spec *spec) {
        static char term[] = "TERM=" TERMINAL_KIND;
        char *set[] = {term, NULL}, **composed;

        spawn->plan.takes_terminal = spec->flags & SPEC_TERMINAL;
        if (!spawn->plan.takes_terminal || environment_find(spawn->envp, "TERM") ||
            (spec->unset_environment &&
             g_strv_contains((const char *const *)spec->unset_environment, "TERM")))
                return;
        composed = environment_compose(spawn->envp, false, NULL, set);
        g_free(spawn->envp);
        spawn->envp = composed;
}

/* All of the spec's strings in one piece of memory. The base environment is the spawner's. */
static void plan_strings(Spawn *spawn, const Spec *spec, const SpawnExtras *extras) {
        const char *directory = spec->working_directory;
        size_t size = strings_size(spec->argv) + strings_size(spec->set_environment) +
                      (directory ? strlen(directory) + 1 : 0);
        char *at = spawn->strings = g_malloc(size);
        g_autofree char **set = NULL;
        const char *path;

        spawn->strings_bytes = size;
        spawn->argv = copy_strings(spec->argv, &at);
        set = copy_strings(spec->set_environment, &at);
        if (directory)
                spawn->plan.working_directory = strcpy(at, directory);
        spawn->envp = environment_compose(spawn->account_environment ?: spawn->spawner->environment,
                                          spec->flags & SPEC_CLEAR_ENVIRONMENT,
                                          spec->unset_environment, set);
        plan_notify(spawn, extras);
        plan_terminal(spawn, spec);
        path = environment_find(spawn->envp, "PATH");
        spawn->plan.search_path = path ? path : ENVIRONMENT_DEFAULT_PATH;
        spawn->plan.argv = spawn->argv;
        spawn->plan.envp = spawn->envp;
}

/* A score for the OOM killer is given to all that share a memory: to the service, and to what else is
 * starting just then. */
static bool needs_own_memory(const Spec *spec) {
        return spec->flags & SPEC_HAS_OOM_SCORE_ADJUST;
}

static void plan_attributes(Spawn *spawn, const Spec *spec) {
        ChildPlan *plan = &spawn->plan;

        plan->has_own_memory = spawn->spawner->mode == SPAWN_COPY || needs_own_memory(spec);
        plan->umask = spec->umask;
        plan->no_new_privileges = spec->flags & SPEC_NO_NEW_PRIVILEGES;
        plan->has_nice = spec->flags & SPEC_HAS_NICE;
        plan->nice = spec->nice;
        if (spec->flags & SPEC_HAS_OOM_SCORE_ADJUST)
                snprintf(plan->oom_score, sizeof plan->oom_score, "%d", spec->oom_score_adjust);
        /* Root's keyring is not for everything that root's service starts. A user's own service
         * leaves it: what it starts is the user's, and each keyring is taken from his quota. */
        plan->joins_keyring = spawn->spawner->is_root;
        plan->ignored_signals = spawn->spawner->ignored_signals;
}

/* Becomes somebody else: nothing of the service's own environment goes with it. */
static void plan_account(Spawn *spawn, const Spec *spec) {
        Account *account = spec->account;

        if (!account)
                return;
        spawn->account = account_ref(account);
        spawn->credentials = (ChildCredentials){
                .uid = account->uid,
                .gid = account->gid,
                .n_groups = account->n_groups,
                .groups = account->groups,
        };
        spawn->plan.credentials = &spawn->credentials;
        spawn->account_environment = environment_of_account(account);
}

int spawn_new(Spawner *spawner, const Spec *spec, const SpawnExtras *extras, Spawn **ret) {
        g_autoptr(Spawn) spawn = NULL;
        int ends[2];

        assert(spec->argv && spec->argv[0]);
        spawn = g_new0(Spawn, 1);
        spawn->spawner = spawner;
        spawn->plan.cgroup_fd = -EBADF;
        spawn->status_fd = spawn->child_status_fd = -EBADF;
        if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
                return -errno;
        spawn->status_fd = ends[0];
        spawn->child_status_fd = spawn->plan.status_fd = ends[1];
        memcpy(spawn->control, spec->control, sizeof spawn->control);
        plan_descriptors(spawn, spec, extras);
        plan_limits(spawn, spec);
        plan_account(spawn, spec);
        plan_strings(spawn, spec, extras);
        plan_attributes(spawn, spec);
        *ret = g_steal_pointer(&spawn);
        return 0;
}

void spawn_seal(Spawn *spawn) {
        ChildPlan *plan = &spawn->plan;
        int highest = MAX(plan->status_fd, plan->cgroup_fd);

        for (size_t i = 0; i < plan->n_fds; i++)
                highest = MAX(highest, plan->fds[i].source);
        plan->highest_fd = highest;
        plan->lifts = needs_lift(plan);
        plan->handlers_are_reset = spawn->spawner->mode == SPAWN_SHARED;
        plan->shares_descriptors = !plan->has_own_memory;
        plan->enters_cgroup = plan->cgroup_fd >= 0 &&
                              (plan->has_own_memory || spawn->spawner->births_fail);
}

/* The child writes to its plan's status_fd when it moves it; by then it is a number of its own. */
void spawn_close_child_ends(Spawn *spawn) {
        spawn->child_status_fd = safe_close(spawn->child_status_fd);
}

Spawn *spawn_free(Spawn *spawn) {
        if (!spawn)
                return NULL;
        spawn_close_child_ends(spawn);
        safe_close(spawn->status_fd);
        spawner_give_stack(spawn->spawner, spawn->stack);
        if (spawn->strings)
                explicit_bzero(spawn->strings, spawn->strings_bytes); /* the environment is there */
        g_free(spawn->strings);
        for (size_t i = 0; i < G_N_ELEMENTS(spawn->notify_strings); i++)
                g_free(spawn->notify_strings[i]);
        g_free(spawn->argv);
        g_free(spawn->envp);
        g_strfreev(spawn->account_environment);
        account_unref(spawn->account);
        g_free(spawn->fds);
        g_free(spawn->limits);
        g_free(spawn);
        return NULL;
}
