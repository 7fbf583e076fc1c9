/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The verbs about processes that there are, and about the whole: looks, waits, stops, signals,
 * policy, the watchdog's switch, the one timer, the end. */

#include "core/supervisor.h"

#include <errno.h>

#include "core/group.h"
#include "core/prompt.h"
#include "core/supervisor-private.h"

/* A look that comes this much later than it was asked for: the service itself did not run. */
#define LATE_USEC USEC_PER_SEC

SupervisorSettings supervisor_settings_default(void) {
        return (SupervisorSettings){
                .limits =
                        {
                                .running = QUOTA_UNLIMITED,
                                .starts_per_sec = QUOTA_UNLIMITED,
                                .starts_burst = QUOTA_UNLIMITED,
                                .argument_bytes = QUOTA_UNLIMITED,
                                .groups = 64,
                                .members = 128,
                                .plan_bytes = 16 * 1024 * 1024,
                                .plan_descriptors = 512,
                        },
                .max_live = QUOTA_UNLIMITED,
                .finished_max = 10000,
                .finished_age = USEC_PER_HOUR,
                .root_factor = 16,
                .watchdog =
                        {
                                .policy =
                                        {
                                                .timeout = 30 * USEC_PER_SEC,
                                                .extra_buffer = 5 * USEC_PER_SEC,
                                                .max_hang_time = 60 * USEC_PER_SEC,
                                                .auto_kill = true,
                                        },
                                .check_interval = USEC_PER_SEC,
                        },
                .watchdog_active = true,
        };
}

Supervisor *supervisor_new(const Hands *hands, const SupervisorSettings *settings,
                           const SupervisorEvents *events, void *userdata, const Now *now) {
        Supervisor *supervisor = g_new0(Supervisor, 1);

        supervisor->hands = *hands;
        supervisor->settings = *settings;
        supervisor->root_limits = quota_limits_for_root(&settings->limits, settings->root_factor);
        supervisor->events = *events;
        supervisor->userdata = userdata;
        registry_init(&supervisor->registry);
        g_queue_init(&supervisor->starting);
        groups_init(supervisor);
        supervisor->deadlines = deadlines_new();
        supervisor->age = DEADLINE_INIT(lifecycle_age);
        supervisor->armed = USEC_INFINITY;
        supervisor->active = settings->watchdog_active;
        supervisor->defaults = settings->watchdog;
        supervisor->bound = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
                                                  (GDestroyNotify)g_ptr_array_unref);
        return supervisor;
}

Supervisor *supervisor_free(Supervisor *supervisor) {
        if (!supervisor)
                return NULL;
        lifecycle_drop_starts(supervisor);
        for (GList *l = supervisor->registry.order.head; l; l = l->next) {
                Process *process = l->data;

                deadlines_set(supervisor->deadlines, &process->deadline, USEC_INFINITY);
                if (process->tree)
                        supervisor->hands.release(supervisor->hands.world, process->tree);
                process->tree = NULL;
                lifecycle_drop_outputs(supervisor, process);
        }
        deadlines_set(supervisor->deadlines, &supervisor->age, USEC_INFINITY);
        groups_done(supervisor);
        registry_done(&supervisor->registry);
        deadlines_free(supervisor->deadlines);
        g_hash_table_unref(supervisor->bound);
        g_free(supervisor);
        return NULL;
}

void *supervisor_userdata(Supervisor *supervisor) {
        return supervisor->userdata;
}

void supervisor_arm(Supervisor *supervisor) {
        usec_t next = deadlines_next(supervisor->deadlines);

        if (next == supervisor->armed)
                return;
        supervisor->armed = next;
        supervisor->hands.arm(supervisor->hands.world, next);
}

void supervisor_tick(Supervisor *supervisor, const Now *now) {
        usec_t late = usec_sub(now->monotonic, supervisor->armed);

        supervisor->armed = USEC_INFINITY; /* it has fired */
        supervisor->wakeups++;
        if (late > LATE_USEC && late != USEC_INFINITY)
                judge_excuse_all(supervisor, late, now);
        deadlines_run(supervisor->deadlines, now);
        supervisor_arm(supervisor);
}

void supervisor_resume(Supervisor *supervisor, usec_t since, const Now *now) {
        judge_excuse_all(supervisor, usec_sub(now->monotonic, since), now);
        supervisor_arm(supervisor);
}

int supervisor_look_up(Supervisor *supervisor, const char *user, AccountFunc func, void *userdata,
                       Account **ret) {
        const Hands *hands = &supervisor->hands;

        return hands->look_up ? hands->look_up(hands->world, user, func, userdata, ret)
                              : -EOPNOTSUPP;
}

void supervisor_cancel_look_up(Supervisor *supervisor, void *userdata) {
        supervisor->hands.cancel_look_up(supervisor->hands.world, userdata);
}

Process *supervisor_find(Supervisor *supervisor, uint64_t id) {
        return registry_by_id(&supervisor->registry, id);
}

Process *supervisor_find_pid(Supervisor *supervisor, pid_t pid, uid_t owner) {
        return registry_by_pid(&supervisor->registry, pid, owner);
}

GPtrArray *supervisor_list(Supervisor *supervisor, uid_t owner) {
        GPtrArray *processes = g_ptr_array_new();

        for (GList *l = supervisor->registry.order.head; l; l = l->next) {
                Process *process = l->data;

                if (owner == UID_ANY || process->owner == owner)
                        g_ptr_array_add(processes, process);
        }
        return processes;
}

unsigned supervisor_count(Supervisor *supervisor, uid_t owner) {
        User *user;

        if (owner == UID_ANY)
                return supervisor->registry.order.length;
        user = registry_user(&supervisor->registry, owner);
        return user->n_running + user->finished.length;
}

unsigned supervisor_count_running(Supervisor *supervisor, uid_t owner) {
        if (owner == UID_ANY)
                return supervisor->n_running;
        return registry_user(&supervisor->registry, owner)->n_running;
}

size_t supervisor_argument_bytes(const Supervisor *supervisor, uid_t uid) {
        uint32_t limit = lifecycle_limits(supervisor, uid)->argument_bytes;

        return limit == QUOTA_UNLIMITED ? 0 : limit;
}

Stats supervisor_stats(Supervisor *supervisor, uid_t owner) {
        return registry_stats(&supervisor->registry, owner);
}

uint64_t supervisor_wakeups(Supervisor *supervisor) {
        return supervisor->wakeups;
}

WatchdogPolicy supervisor_policy(Supervisor *supervisor, const Process *process) {
        return process_policy(process, &supervisor->defaults.policy);
}

bool supervisor_watches(Supervisor *supervisor, const Process *process) {
        return process_is_running(process) && process->watched &&
               supervisor_policy(supervisor, process).timeout != USEC_INFINITY;
}

Health supervisor_health(Supervisor *supervisor, const Process *process, const Now *now) {
        WatchdogPolicy policy = supervisor_policy(supervisor, process);

        if (!process_is_running(process) || process->hang_done >= WATCHDOG_STOP ||
            !supervisor->active || !process->watched)
                return process->health;
        return watchdog_decide(&policy, process->baseline, process->hang_done, now->monotonic)
                .health;
}

static int first_controller(const Spec *spec, Controller *ret) {
        for (Controller i = 0; i < _CONTROLLER_MAX; i++)
                if (spec->control[i] != 0) {
                        *ret = i;
                        return 1;
                }
        return 0;
}

int supervisor_provide(Supervisor *supervisor, const Spec *spec, Controller *ret_lacking) {
        if (first_controller(spec, ret_lacking) == 0)
                return 0;
        if (!supervisor->hands.provide)
                return -EOPNOTSUPP;
        return supervisor->hands.provide(supervisor->hands.world, spec, ret_lacking);
}

int supervisor_probe(Supervisor *supervisor, Process *process, ProbeFields wanted, TreeProbe *ret) {
        if (!process->tree)
                return -ESRCH;
        return supervisor->hands.probe(supervisor->hands.world, process->tree, wanted, ret);
}

char *supervisor_survivors(Supervisor *supervisor, Process *process) {
        if (!process->tree)
                return NULL;
        return supervisor->hands.survivors(supervisor->hands.world, process->tree);
}

Dossier *supervisor_get_dossier(Supervisor *supervisor, const Grant *grant, Process *process,
                                const Now *now) {
        g_assert(grant);
        if (process->state != STATE_RUNNING && process->dossier)
                return dossier_ref(process->dossier);
        return process_is_running(process)
                       ? judge_inspect(supervisor, process, DOSSIER_REQUEST, now)
                       : NULL;
}

bool supervisor_waits_for_input(Supervisor *supervisor, Process *process) {
        const Hands *hands = &supervisor->hands;

        return process->tree && process_is_running(process) &&
               hands->waits_for_input(hands->world, process->tree, process->owner);
}

char *supervisor_find_prompt(Supervisor *supervisor, Process *process) {
        const Hands *hands = &supervisor->hands;
        char bytes[4 * PROMPT_MAX]; /* there may be much in it that is not shown */

        for (OutputStream i = 0; i < _OUTPUT_STREAM_MAX; i++) {
                Output *output = process->outputs[i];
                g_autofree char *prompt = NULL;
                uint64_t seen, next;
                size_t length;
                bool eof;

                if (!output)
                        continue;
                seen = hands->output_stat(hands->world, output).seen_bytes;
                length = hands->output_read(hands->world, output, seen - MIN(seen, sizeof bytes),
                                            bytes, sizeof bytes, &next, &eof);
                prompt = prompt_find(bytes, length);
                if (prompt[0])
                        return g_steal_pointer(&prompt);
        }
        return g_strdup("");
}

OutputStat supervisor_output_stat(Supervisor *supervisor, const Process *process,
                                  OutputStream stream) {
        const Hands *hands = &supervisor->hands;

        if (!process->outputs[stream])
                return (OutputStat){.ended = true};
        return hands->output_stat(hands->world, process->outputs[stream]);
}

int supervisor_read_output(Supervisor *supervisor, const Grant *grant, const Process *process,
                           OutputStream stream, uint64_t offset, void *buffer, size_t max,
                           OutputPiece *ret) {
        const Hands *hands = &supervisor->hands;

        g_assert(grant);
        if (!process->outputs[stream])
                return CORE_E_NOT_CAPTURED;
        ret->length = hands->output_read(hands->world, process->outputs[stream], offset, buffer,
                                         max, &ret->next, &ret->eof);
        return 0;
}

int supervisor_open_output(Supervisor *supervisor, const Grant *grant, const Process *process,
                           OutputStream stream, int *ret_fd) {
        const Hands *hands = &supervisor->hands;

        g_assert(grant);
        if (!process->outputs[stream])
                return CORE_E_NOT_CAPTURED;
        return hands->output_open(hands->world, process->outputs[stream], ret_fd);
}

static int check_terminal(const Process *process) {
        if (!process->has_terminal)
                return CORE_E_NO_TERMINAL;
        return process_is_running(process) ? 0 : CORE_E_NOT_RUNNING;
}

int supervisor_resize_terminal(Supervisor *supervisor, const Grant *grant, Process *process,
                               TerminalSize size) {
        const Hands *hands = &supervisor->hands;
        int r = check_terminal(process);

        g_assert(grant);
        if (r == 0)
                r = hands->terminal_resize(hands->world, process->tree, size);
        if (r != 0)
                return r == -ENOTTY ? CORE_E_NO_TERMINAL : r;
        if (process->terminal_size.rows == size.rows &&
            process->terminal_size.columns == size.columns)
                return 0;
        process->terminal_size = size;
        supervisor->events.changed(supervisor->userdata, process, CHANGE_TERMINAL);
        return 0;
}

int supervisor_open_terminal(Supervisor *supervisor, const Grant *grant, Process *process,
                             int *ret_fd) {
        const Hands *hands = &supervisor->hands;
        int r = check_terminal(process);

        g_assert(grant);
        if (r == 0)
                r = hands->terminal_open(hands->world, process->tree, ret_fd);
        return r == -ENOTTY ? CORE_E_NO_TERMINAL : r;
}

Waiter *supervisor_wait(Supervisor *supervisor, GPtrArray *processes, WaitFor wait_for,
                        WaitMode mode, usec_t timeout, const Now *now, WaiterFunc func,
                        void *userdata) {
        Waiter *waiter;

        if (wait_is_met(processes, wait_for, mode))
                return NULL;
        waiter = waiter_new(supervisor->deadlines, processes, wait_for, mode,
                            usec_add(now->monotonic, timeout), func, userdata);
        supervisor_arm(supervisor);
        return waiter;
}

void supervisor_stop(Supervisor *supervisor, const Grant *grant, Process *process, StopMode mode,
                     const Now *now) {
        g_assert(grant);
        judge_begin_stop(supervisor, process, mode, RESULT_STOPPED, now);
        supervisor_arm(supervisor);
}

GPtrArray *supervisor_list_live(Supervisor *supervisor, uid_t owner) {
        g_autoptr(GPtrArray) all = supervisor_list(supervisor, owner);
        GPtrArray *live = process_array_new();

        for (unsigned i = 0; i < all->len; i++) {
                Process *process = all->pdata[i];

                if (!process->emptied &&
                    (process_is_running(process) || process->config.kill_mode == KILL_MODE_TREE))
                        g_ptr_array_add(live, process_ref(process));
        }
        for (GList *l = supervisor->starting.head; l; l = l->next) {
                Process *process = l->data;

                if (owner == UID_ANY || process->owner == owner)
                        g_ptr_array_add(live, process_ref(process));
        }
        return live;
}

GPtrArray *supervisor_stop_all(Supervisor *supervisor, const Grant *grant, uid_t owner,
                               StopMode mode, const Now *now) {
        GPtrArray *live = supervisor_list_live(supervisor, owner);

        g_assert(grant);
        groups_clear_queues(supervisor, owner, GROUP_STOPPED_TEXT);
        for (unsigned i = 0; i < live->len; i++)
                judge_begin_stop(supervisor, live->pdata[i], mode, RESULT_STOPPED, now);
        supervisor_arm(supervisor);
        return live;
}

int supervisor_signal(Supervisor *supervisor, const Grant *grant, Process *process, int signo,
                      TreeScope scope) {
        int r;

        g_assert(grant);
        if (!process_is_running(process) || !process->tree) /* let go at the end of the service */
                return CORE_E_NOT_RUNNING;
        r = supervisor->hands.signal(supervisor->hands.world, process->tree, signo, scope);
        return r == -ESRCH ? CORE_E_NOT_RUNNING : r;
}

void supervisor_saw_life(Supervisor *supervisor, Process *process, ActivitySource source,
                         const Now *now) {
        if (process->state != STATE_RUNNING || !(process->config.sources & 1u << source))
                return;
        process->last_activity = *now;
        process->last_source = source;
        process->baseline = now->monotonic;
        process->second_look = 0;
        /* the usual case moves no timer; only who was told to be slow or hung is looked at again */
        if (process->health != HEALTH_ACTIVE) {
                judge_schedule(supervisor, process, now);
                supervisor_arm(supervisor);
        }
}

void supervisor_report(Supervisor *supervisor, const Grant *grant, Process *process,
                       ActivitySource source, const Now *now) {
        g_assert(grant);
        supervisor_saw_life(supervisor, process, source, now);
}

int supervisor_change_watched(Supervisor *supervisor, Process *process, bool watched,
                              const Now *now) {
        if (!process_is_running(process))
                return CORE_E_NOT_RUNNING;
        if (process->watched == watched)
                return 0;
        process->watched = watched;
        process->baseline = now->monotonic;
        process->second_look = 0;
        supervisor->events.changed(supervisor->userdata, process, CHANGE_WATCHED);
        judge_schedule(supervisor, process, now);
        supervisor_arm(supervisor);
        return 0;
}

int supervisor_watch(Supervisor *supervisor, const Grant *grant, Process *process, bool watched,
                     const Now *now) {
        g_assert(grant);
        return supervisor_change_watched(supervisor, process, watched, now);
}

int supervisor_change_policy(Supervisor *supervisor, Process *process, const WatchdogPolicy *policy,
                             PolicyMask which, const Now *now) {
        WatchdogPolicy *own = &process->config.policy;
        bool watched = supervisor_watches(supervisor, process);
        ProcessChange changes = CHANGE_POLICY;

        if (!process_is_running(process))
                return CORE_E_NOT_RUNNING;
        if (which & POLICY_TIMEOUT)
                own->timeout = policy->timeout;
        if (which & POLICY_EXTRA_BUFFER)
                own->extra_buffer = policy->extra_buffer;
        if (which & POLICY_MAX_HANG_TIME)
                own->max_hang_time = policy->max_hang_time;
        if (which & POLICY_AUTO_KILL)
                own->auto_kill = policy->auto_kill;
        process->config.own_policy |= which;
        if (supervisor_watches(supervisor, process) != watched)
                changes |= CHANGE_WATCHED;
        supervisor->events.changed(supervisor->userdata, process, changes);
        judge_schedule(supervisor, process, now);
        supervisor_arm(supervisor);
        return 0;
}

int supervisor_set_policy(Supervisor *supervisor, const Grant *grant, Process *process,
                          const WatchdogPolicy *policy, PolicyMask which, const Now *now) {
        g_assert(grant);
        return supervisor_change_policy(supervisor, process, policy, which, now);
}

int supervisor_set_stop_timeout(Supervisor *supervisor, const Grant *grant, Process *process,
                                usec_t timeout, const Now *now) {
        g_assert(grant);
        if (!process_is_running(process))
                return CORE_E_NOT_RUNNING;
        process->config.stop_timeout = timeout;
        supervisor->events.changed(supervisor->userdata, process, CHANGE_POLICY);
        return 0;
}

void supervisor_origin_gone(Supervisor *supervisor, uint64_t origin, const Now *now) {
        GPtrArray *bound = g_hash_table_lookup(supervisor->bound, &origin);

        groups_origin_gone(supervisor, origin);
        if (!bound)
                return;
        g_ptr_array_ref(bound);
        g_hash_table_remove(supervisor->bound, &origin);
        for (unsigned i = 0; i < bound->len; i++) {
                Process *process = bound->pdata[i];

                process->origin = 0; /* one that is starting is stopped when that is settled */
                if (process->published)
                        judge_begin_stop(supervisor, process, STOP_ASK, RESULT_OWNER_LOST, now);
        }
        g_ptr_array_unref(bound);
        supervisor_arm(supervisor);
}

const WatchdogDefaults *supervisor_watchdog_defaults(Supervisor *supervisor) {
        return &supervisor->defaults;
}

static bool policy_equals(const WatchdogPolicy *a, const WatchdogPolicy *b) {
        return a->timeout == b->timeout && a->extra_buffer == b->extra_buffer &&
               a->max_hang_time == b->max_hang_time && a->auto_kill == b->auto_kill;
}

/* Whoever follows the defaults has new ones, and that is a change of his own properties. */
static void tell_followers(Supervisor *supervisor, const WatchdogPolicy *before) {
        for (GList *l = supervisor->registry.order.head; l; l = l->next) {
                Process *process = l->data;
                WatchdogPolicy old = process_policy(process, before);
                WatchdogPolicy new = supervisor_policy(supervisor, process);
                ProcessChange changes = CHANGE_POLICY;

                if (!process_is_running(process) || policy_equals(&old, &new))
                        continue;
                if (process->watched &&
                    (old.timeout == USEC_INFINITY) != (new.timeout == USEC_INFINITY))
                        changes |= CHANGE_WATCHED;
                supervisor->events.changed(supervisor->userdata, process, changes);
        }
}

void supervisor_set_watchdog_defaults(Supervisor *supervisor, const Grant *grant,
                                      const WatchdogDefaults *defaults, const Now *now) {
        WatchdogPolicy before = supervisor->defaults.policy;

        g_assert(grant);
        supervisor->defaults = *defaults;
        supervisor->events.watchdog_changed(supervisor->userdata);
        tell_followers(supervisor, &before);
        judge_schedule_all(supervisor, now);
        supervisor_arm(supervisor);
}

bool supervisor_watchdog_is_active(Supervisor *supervisor) {
        return supervisor->active;
}

void supervisor_watchdog_activate(Supervisor *supervisor, const Grant *grant, bool active,
                                  const Now *now) {
        g_assert(grant);
        if (supervisor->active == active)
                return;
        supervisor->active = active;
        supervisor->events.watchdog_changed(supervisor->userdata);
        for (GList *l = supervisor->registry.order.head; l; l = l->next) {
                Process *process = l->data;

                process->baseline = now->monotonic;
                process->second_look = 0;
        }
        judge_schedule_all(supervisor, now);
        supervisor_arm(supervisor);
}

bool supervisor_is_unused(const Supervisor *supervisor) {
        const SupervisorSettings *settings = &supervisor->settings;

        return supervisor->registry.order.length == 0 && supervisor->starting.length == 0 &&
               supervisor->n_trees == 0 && supervisor->group_order->len == 0 &&
               supervisor->active == settings->watchdog_active &&
               supervisor->defaults.check_interval == settings->watchdog.check_interval &&
               policy_equals(&supervisor->defaults.policy, &settings->watchdog.policy);
}

uint64_t supervisor_count_gone(const Supervisor *supervisor, bool *ret_some_left) {
        unsigned n_left = supervisor->registry.order.length + supervisor->starting.length;

        *ret_some_left = n_left > 0;
        return supervisor->last_id - n_left;
}

static void end_one(Supervisor *supervisor, Process *process, const Now *now) {
        if (!process->tree)
                return;
        if (!process_is_running(process) && process->config.kill_mode == KILL_MODE_PROCESS) {
                lifecycle_drop_tree(supervisor, process);
                return;
        }
        process->config.stop_timeout = MIN(process->config.stop_timeout, SHUTDOWN_STOP_TIMEOUT);
        if (process->ladder.step == LADDER_ASKED)
                process->ladder.deadline = MIN(
                        process->ladder.deadline,
                        usec_add(now->monotonic, process->config.stop_timeout));
        judge_begin_stop(supervisor, process, STOP_ASK, RESULT_STOPPED, now);
}

void supervisor_end(Supervisor *supervisor, const Now *now) {
        g_autoptr(GPtrArray) processes = supervisor_list(supervisor, UID_ANY);

        if (supervisor->ending)
                return;
        supervisor->ending = true;
        groups_clear_queues(supervisor, UID_ANY, "the service is ending");
        if (supervisor->n_trees == 0) {
                lifecycle_cancel_starts(supervisor); /* that have no tree yet */
                supervisor->events.idle(supervisor->userdata);
                return;
        }
        lifecycle_cancel_starts(supervisor);
        for (unsigned i = 0; i < processes->len; i++)
                end_one(supervisor, processes->pdata[i], now);
        supervisor_arm(supervisor);
}
