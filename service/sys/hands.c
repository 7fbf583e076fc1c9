/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Makes the world, chooses the containment, and turns the calls of Hands into those of a tree. */

#include "sys/hands.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include "sys/adopt.h"
#include "sys/input.h"
#include "sys/pidfd.h"
#include "sys/procfs.h"
#include "sys/sys-internal.h"
#include "sys/tasks.h"

#define SURVIVORS_MAX 16
#define FREE_PATIENCE USEC_PER_SEC

/* What is kept of all streams of one user; root may keep as much as sixteen. */
#define OUTPUT_BYTES_PER_USER (8 * 1024 * 1024)
#define ROOT_FACTOR           16

static const char *const kind_names[_CONTAINMENT_KIND_MAX] = {
        [CONTAINMENT_AUTO] = "auto",
        [CONTAINMENT_CGROUP] = "cgroup",
        [CONTAINMENT_SUBREAPER] = "subreaper",
        [CONTAINMENT_PROCESS_GROUP] = "process-group",
};

const char *containment_kind_to_string(ContainmentKind kind) {
        return kind >= 0 && kind < _CONTAINMENT_KIND_MAX ? kind_names[kind] : NULL;
}

ContainmentKind containment_kind_from_string(const char *word) {
        for (int kind = 0; kind < _CONTAINMENT_KIND_MAX; kind++)
                if (g_strcmp0(word, kind_names[kind]) == 0)
                        return (ContainmentKind)kind;
        return _CONTAINMENT_KIND_INVALID;
}

static void free_budget(void *budget) {
        output_budget_free(budget);
}

OutputBudget *sys_output_budget(Sys *sys, uid_t uid) {
        OutputBudget *budget = g_hash_table_lookup(sys->output_budgets, GUINT_TO_POINTER(uid));

        if (!budget) {
                budget = output_budget_new(sys->output_bytes_per_user *
                                           (uid == 0 ? sys->root_factor : 1));
                g_hash_table_insert(sys->output_budgets, GUINT_TO_POINTER(uid), budget);
        }
        return budget;
}

Walk *sys_walk(Sys *sys) {
        if (!sys->walk)
                sys->walk = g_new(Walk, 1);
        return sys->walk;
}

int sys_charge_descriptors(Sys *sys, unsigned n) {
        if (sys->n_descriptors + n > sys->descriptors_max)
                return -EMFILE;
        sys->n_descriptors += n;
        return 0;
}

void sys_discharge_descriptors(Sys *sys, unsigned n) {
        sys->n_descriptors -= n;
}

static int hands_look_up(void *world, const char *user, AccountFunc func, void *userdata,
                         Account **ret) {
        return accounts_look_up(((Sys *)world)->accounts, user, func, userdata, ret);
}

static void hands_cancel_look_up(void *world, void *userdata) {
        accounts_cancel(((Sys *)world)->accounts, userdata);
}

static int hands_start(void *world, const Spec *spec, uid_t uid, const HandsEvents *events,
                       void *userdata, Tree **ret) {
        Sys *sys = world;
        Tree *tree = tree_new(sys, sys->containment, events, userdata);
        int r = tree_start(tree, spec, uid);

        if (r < 0) {
                tree_discard(tree);
                return r;
        }
        *ret = tree;
        return 0;
}

static int hands_provide(void *world, const Spec *spec, Controller *ret_lacking) {
        Sys *sys = world;
        unsigned wanted = 0;
        int r;

        if (!sys->cgroups)
                return -EOPNOTSUPP;
        for (unsigned i = 0; i < _CONTROLLER_MAX; i++)
                if (spec->control[i] != 0)
                        wanted |= 1u << i;
        r = cgroup_world_provide(sys->cgroups, wanted, ret_lacking);
        guard_set_controllers(sys->guard, cgroup_world_base(sys->cgroups)->switched);
        return r;
}

static int hands_adopt(void *world, pid_t pid, int pidfd, uid_t uid, const HandsEvents *events,
                       void *userdata, Tree **ret, char ***ret_command) {
        return adopt(world, pid, pidfd, uid, events, userdata, ret, ret_command);
}

static int hands_signal(void *world, Tree *tree, int signo, TreeScope scope) {
        return tree_signal(tree, signo, scope);
}

static const char *hands_containment(void *world, Tree *tree) {
        return tree->containment->name;
}

static int add_member(pid_t pid, void *userdata) {
        TreeProbe *probe = userdata;
        ProcStat stat;

        if (procfs_read_stat(pid, &stat) < 0)
                return 0;
        probe->cpu_nsec += stat.cpu_nsec;
        probe->memory_bytes += stat.resident_bytes;
        probe->n_tasks += stat.n_threads;
        return 0;
}

static uint64_t peak_of_main(const Tree *tree) {
        ProcStatus status;

        if (tree->exited)
                return tree->status.peak_bytes;
        return procfs_read_status(tree->pid, &status) >= 0 ? status.peak_bytes : UINT64_MAX;
}

static int hands_probe(void *world, Tree *tree, ProbeFields wanted, TreeProbe *ret) {
        TreeProbe members = {.cpu_nsec = tree->exited ? tree->status.cpu_nsec : 0};

        if (tree->failed || (tree->exited && tree->empty))
                return -ESRCH;
        if (tree->containment->probe)
                wanted &= ~tree->containment->probe(tree, wanted, ret);
        if (wanted & PROBE_PEAK)
                ret->peak_bytes = peak_of_main(tree);
        if (!(wanted & ~PROBE_PEAK))
                return 0;
        (void)tree->containment->foreach(tree, add_member, &members);
        if (wanted & PROBE_CPU)
                ret->cpu_nsec = members.cpu_nsec;
        if (wanted & PROBE_MEMORY)
                ret->memory_bytes = members.memory_bytes;
        if (wanted & PROBE_TASKS)
                ret->n_tasks = members.n_tasks;
        return 0;
}

typedef struct Survivors {
        GString *text;
        unsigned n;
} Survivors;

static int add_survivor(pid_t pid, void *userdata) {
        Survivors *survivors = userdata;
        g_autofree char *description = procfs_describe(pid);

        if (!description)
                return 0;
        if (survivors->n++ > 0)
                g_string_append(survivors->text, ", ");
        if (survivors->n > SURVIVORS_MAX) {
                g_string_append(survivors->text, "…");
                return 1;
        }
        g_string_append(survivors->text, description);
        return 0;
}

static char *hands_survivors(void *world, Tree *tree) {
        Survivors survivors = {.text = g_string_new(NULL)};

        if (!tree->failed && !(tree->exited && tree->empty))
                (void)tree->containment->foreach(tree, add_survivor, &survivors);
        return g_string_free(survivors.text, survivors.n == 0);
}

static int hands_inspect(void *world, Tree *tree, uid_t uid, Dossier *dossier) {
        return tasks_inspect(tree, uid, dossier);
}

static bool hands_waits_for_input(void *world, Tree *tree, uid_t uid) {
        return input_is_awaited(tree, uid);
}

static Output *hands_output(void *world, Tree *tree, OutputStream stream) {
        return tree->outputs[stream] ? output_ref(tree->outputs[stream]) : NULL;
}

static Output *hands_output_unref(void *world, Output *output) {
        return output_unref(output);
}

static OutputStat hands_output_stat(void *world, const Output *output) {
        return output_stat(output);
}

static size_t hands_output_read(void *world, Output *output, uint64_t offset, void *buffer,
                                size_t max, uint64_t *ret_next, bool *ret_eof) {
        return output_read(output, offset, buffer, max, ret_next, ret_eof);
}

static int hands_output_open(void *world, Output *output, int *ret_fd) {
        return output_open(output, ret_fd);
}

static int hands_terminal_resize(void *world, Tree *tree, TerminalSize size) {
        return tree_resize_terminal(tree, size);
}

static int hands_terminal_open(void *world, Tree *tree, int *ret_fd) {
        return tree_open_terminal(tree, ret_fd);
}

static void hands_release(void *world, Tree *tree) {
        tree_release(tree);
}

static void hands_arm(void *world, usec_t deadline) {
        Sys *sys = world;

        loop_set_deadline(sys->loop, deadline);
}

static void hands_abandon(void *world, Tree *tree) {
        tree_abandon(tree);
}

static bool hands_is_held(void *world, Tree *tree) {
        ProcStatus status;

        if (tree->failed || tree->exited)
                return false;
        if (procfs_read_status(tree->pid, &status) >= 0 &&
            (status.state == 'T' || status.state == 't' || status.tracer != 0))
                return true;
        return tree->containment->is_frozen && tree->containment->is_frozen(tree);
}

static usec_t hands_held(void *world, Tree *tree, usec_t since) {
        return halts_held(tree, since, (usec_t)g_get_monotonic_time());
}

static Now hands_now(void *world) {
        return now_read();
}

void sys_fill_hands(Sys *sys, Hands *ret) {
        *ret = (Hands){
                .world = sys,
                .look_up = sys->accounts ? hands_look_up : NULL,
                .cancel_look_up = hands_cancel_look_up,
                .provide = hands_provide,
                .start = hands_start,
                .adopt = hands_adopt,
                .signal = hands_signal,
                .containment = hands_containment,
                .probe = hands_probe,
                .is_held = hands_is_held,
                .held = hands_held,
                .survivors = hands_survivors,
                .inspect = hands_inspect,
                .waits_for_input = hands_waits_for_input,
                .output = hands_output,
                .output_unref = hands_output_unref,
                .output_stat = hands_output_stat,
                .output_read = hands_output_read,
                .output_open = hands_output_open,
                .terminal_resize = hands_terminal_resize,
                .terminal_open = hands_terminal_open,
                .release = hands_release,
                .abandon = hands_abandon,
                .now = hands_now,
                .arm = hands_arm,
        };
}

static int try_cgroup(Sys *sys, const SysConfig *config) {
        int r = cgroup_world_new(sys->loop, config->cgroup, &sys->cgroups);

        if (r < 0)
                return r;
        sys->kind = CONTAINMENT_CGROUP;
        sys->containment = &containment_cgroup;
        return guard_new(sys->loop, sys->spawner, cgroup_world_base(sys->cgroups), &sys->guard);
}

static int try_subreaper(Sys *sys, const SysConfig *config) {
        sys->kind = CONTAINMENT_SUBREAPER;
        sys->containment = &containment_subreaper;
        return subreaper_world_new(sys, &sys->subreapers);
}

static int try_process_group(Sys *sys, const SysConfig *config) {
        sys->kind = CONTAINMENT_PROCESS_GROUP;
        sys->containment = &containment_process_group;
        /* The guard acts on the service's own descriptors, so it must share them. */
        if (spawner_mode(sys->spawner) != SPAWN_SHARED)
                return 0;
        return guard_new(sys->loop, sys->spawner, NULL, &sys->guard);
}

static int choose_containment(Sys *sys, const SysConfig *config) {
        static int (*const attempts[_CONTAINMENT_KIND_MAX])(Sys * sys, const SysConfig *config) = {
                [CONTAINMENT_CGROUP] = try_cgroup,
                [CONTAINMENT_SUBREAPER] = try_subreaper,
                [CONTAINMENT_PROCESS_GROUP] = try_process_group,
        };
        int r = -EOPNOTSUPP;

        if (config->containment != CONTAINMENT_AUTO)
                return attempts[config->containment](sys, config);
        for (int kind = CONTAINMENT_CGROUP; r == -EOPNOTSUPP && kind < _CONTAINMENT_KIND_MAX;
             kind++)
                r = attempts[kind] ? attempts[kind](sys, config) : -EOPNOTSUPP;
        return r;
}

static unsigned default_descriptors_max(void) {
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
                return 512;
        return (unsigned)MIN(limit.rlim_cur, 1U << 20) / 5 * 4;
}

int sys_new(const SysConfig *config, Sys **ret) {
        g_autoptr(Sys) sys = g_new0(Sys, 1);
        SpawnerConfig spawner_config = {
                .mode = config->spawn_mode,
                .environment = config->environment,
                .nofile_limit = config->self ? &config->self->nofile_limit : NULL,
        };
        int r;

        LIST_INIT(&sys->trees);
        sys->output_budgets = g_hash_table_new_full(NULL, NULL, NULL, free_budget);
        sys->output_bytes_per_user = config->output_bytes_per_user ?: OUTPUT_BYTES_PER_USER;
        sys->root_factor = config->root_factor ?: ROOT_FACTOR;
        sys->notify_per_sec = config->notify_per_sec ?: NOTIFY_PER_SEC;
        sys->descriptors_max = config->descriptors_max ? config->descriptors_max
                                                       : default_descriptors_max();
        r = loop_new(config->context, config->on_deadline, config->userdata, &sys->loop);
        if (r < 0)
                return r;
        r = spawner_new(&spawner_config, &sys->spawner);
        if (r < 0)
                return r;
        if (config->becomes_users)
                sys->accounts = accounts_new(sys->loop, sys->spawner, config->account_helper, 0);
        r = choose_containment(sys, config);
        if (r < 0)
                return r;
        r = halts_new(sys, config->on_resumed, config->userdata, &sys->halts);
        if (r < 0)
                return r;
        *ret = g_steal_pointer(&sys);
        return 0;
}

static bool any_is_ending(Sys *sys) {
        Tree *tree;

        LIST_FOREACH(tree, &sys->trees, link) {
                if (tree->killed)
                        return true;
        }
        return false;
}

/* Turns only sys's own sources, in a way that does not call core's: all trees are released. */
static void wait_for_trees(Sys *sys) {
        usec_t deadline = usec_add((usec_t)g_get_monotonic_time(), FREE_PATIENCE);

        while (any_is_ending(sys) && (usec_t)g_get_monotonic_time() < deadline)
                loop_turn(sys->loop, 10);
}

Sys *sys_free(Sys *sys) {
        Tree *tree, *next;

        if (!sys)
                return NULL;
        for (tree = LIST_FIRST(&sys->trees); tree; tree = next) {
                next = LIST_NEXT(tree, link);
                if (!tree->released)
                        tree_release(tree);
        }
        wait_for_trees(sys);
        while ((tree = LIST_FIRST(&sys->trees)))
                tree_discard(tree);
        halts_free(sys->halts);
        accounts_free(sys->accounts);
        guard_free(sys->guard);
        subreaper_world_free(sys->subreapers);
        cgroup_world_free(sys->cgroups);
        spawner_free(sys->spawner);
        g_hash_table_unref(sys->output_budgets);
        g_free(sys->walk);
        loop_free(sys->loop);
        g_free(sys);
        return NULL;
}

ContainmentKind sys_containment(const Sys *sys) {
        return sys->kind;
}

GStrv sys_features(const Sys *sys) {
        g_autoptr(GStrvBuilder) words = g_strv_builder_new();

        if (sys->cgroups)
                g_strv_builder_add(words, containment_kind_to_string(CONTAINMENT_CGROUP));
        if (subreaper_is_usable())
                g_strv_builder_add(words, containment_kind_to_string(CONTAINMENT_SUBREAPER));
        g_strv_builder_add(words, containment_kind_to_string(CONTAINMENT_PROCESS_GROUP));
        return g_strv_builder_end(words);
}

uint64_t sys_wakeups(const Sys *sys) {
        return loop_wakeups(sys->loop);
}
