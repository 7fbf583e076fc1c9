/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is due for one process now: the ladder of its stop, its runtime limit, the watchdog's
 * verdict; and when to look again. The rules are in watchdog.c and ladder.c, here they are obeyed.
 *
 * A verdict is looked at twice: when its deadline comes the process is suspected, and only a second
 * look a little later, after what the bus had queued was read, acts. Time in which the process was
 * held by somebody (stopped, traced, frozen) is an excuse and moves the baseline. */

#include <signal.h>

#include "core/supervisor-private.h"

/* How many times in a timeout CPU time is sampled: by so much less than a timeout a hang that burned
 * none can be seen late. */
#define CPU_SAMPLES 8

/* Between suspicion and verdict; together with the grid less than one check interval. */
#define SECOND_LOOK_USEC (50 * USEC_PER_MSEC)

static bool is_judged(const Supervisor *supervisor, const Process *process) {
        return supervisor->active && process->watched && !process->start &&
               (process->state == STATE_RUNNING ||
                (process->state == STATE_STOPPING && process->stop_cause == RESULT_HANG));
}

static usec_t runtime_deadline(const Process *process) {
        if (process->state != STATE_RUNNING || !process->published)
                return USEC_INFINITY;
        return usec_add(process->started.monotonic, process->config.runtime_max);
}

/* Until when it must have been executed; then, until when it must be ready. */
static usec_t start_deadline(const Process *process) {
        if (!process->start || process->state != STATE_RUNNING)
                return USEC_INFINITY;
        return MAX(usec_add(process->started.monotonic, process->config.start_timeout),
                   process->extended_until);
}

static bool counts_cpu(const Process *process) {
        return process->config.sources & 1u << ACTIVITY_CPU && process->state == STATE_RUNNING;
}

/* When CPU time is to be sampled, because nothing else was heard of it. */
static usec_t cpu_next(const Supervisor *supervisor, const Process *process,
                       const WatchdogPolicy *policy) {
        usec_t step = MAX(policy->timeout / CPU_SAMPLES, supervisor->defaults.check_interval / 2);

        if (!counts_cpu(process) || policy->timeout == USEC_INFINITY)
                return USEC_INFINITY;
        return usec_add(MAX(process->baseline, process->cpu_sampled), step);
}

static usec_t watchdog_next(const Supervisor *supervisor, const Process *process, const Now *now) {
        usec_t interval = supervisor->defaults.check_interval;
        WatchdogPolicy policy;
        WatchdogVerdict verdict;

        if (!is_judged(supervisor, process))
                return USEC_INFINITY;
        if (process->second_look != 0)
                return process->second_look;
        policy = process_policy(process, &supervisor->defaults.policy);
        verdict = watchdog_decide(&policy, process->baseline, process->hang_done, now->monotonic);
        /* what is told may lag behind what is: then the look is due */
        if (verdict.action != WATCHDOG_NOTHING || verdict.health != process->health)
                return watchdog_grid(now->monotonic, interval);
        return watchdog_grid(MIN(verdict.next, cpu_next(supervisor, process, &policy)), interval);
}

void judge_schedule(Supervisor *supervisor, Process *process, const Now *now) {
        usec_t next = ladder_next(&process->ladder);

        if (process_is_running(process)) {
                next = MIN(next, runtime_deadline(process));
                next = MIN(next, start_deadline(process));
                next = MIN(next, watchdog_next(supervisor, process, now));
        }
        deadlines_set(supervisor->deadlines, &process->deadline, next);
}

void judge_schedule_all(Supervisor *supervisor, const Now *now) {
        for (GList *l = supervisor->registry.order.head; l; l = l->next) {
                Process *process = l->data;

                if (process_is_running(process))
                        judge_schedule(supervisor, process, now);
        }
}

static void climb(Supervisor *supervisor, Process *process, LadderAction action) {
        const Hands *hands = &supervisor->hands;

        if (!process->tree)
                return;
        switch (action) {
        case LADDER_DO_DUMP:
        case LADDER_DO_ASK:
                /* a stopped process does not see the signal before it is continued */
                hands->signal(hands->world, process->tree,
                              action == LADDER_DO_DUMP ? process->config.hang_signal
                                                       : process->config.stop_signal,
                              TREE_ALL);
                hands->signal(hands->world, process->tree, SIGCONT, TREE_ALL);
                break;
        case LADDER_DO_FORCE:
                hands->signal(hands->world, process->tree, SIGKILL, TREE_ALL);
                break;
        case LADDER_DO_GIVE_UP:
                lifecycle_give_up(supervisor, process);
                break;
        default:
                break;
        }
}

void judge_begin_stop(Supervisor *supervisor, Process *process, StopMode mode, Result cause,
                      const Now *now) {
        LadderAction action;

        if (process->emptied)
                return;
        if (process_mark_stopping(process, cause) && process->published)
                supervisor->events.changed(supervisor->userdata, process, CHANGE_STATE);
        action = ladder_begin(&process->ladder, mode,
                              mode == STOP_DUMP ? process->config.hang_signal_timeout
                                                : process->config.stop_timeout,
                              now->monotonic);
        climb(supervisor, process, action);
        judge_schedule(supervisor, process, now);
}

static void tell_health(Supervisor *supervisor, Process *process, Health health) {
        if (process->health == health)
                return;
        process->health = health;
        supervisor->events.changed(supervisor->userdata, process, CHANGE_HEALTH);
}

static usec_t held_time(Supervisor *supervisor, Process *process) {
        const Hands *hands = &supervisor->hands;

        /* what was stopped by a stop is not excused: SIGSTOP does not save it from the ladder */
        if (process->state != STATE_RUNNING || !process->tree)
                return 0;
        return hands->held(hands->world, process->tree, process->baseline);
}

static bool is_held(Supervisor *supervisor, Process *process) {
        const Hands *hands = &supervisor->hands;

        return process->state == STATE_RUNNING && process->tree &&
               hands->is_held(hands->world, process->tree);
}

/* Takes off what was no idle time. Whoever is held at this moment has all of his time again: of a
 * tracer nobody knows since when. */
static void excuse(Supervisor *supervisor, Process *process, const Now *now) {
        process->baseline = watchdog_excuse(process->baseline, held_time(supervisor, process),
                                            now->monotonic);
        if (is_held(supervisor, process))
                process->baseline = now->monotonic;
}

G_STATIC_ASSERT(DOSSIER_N_STREAMS == (int)_OUTPUT_STREAM_MAX);

static void inspect_output(Supervisor *supervisor, Process *process, OutputStream stream,
                           Dossier *dossier) {
        const Hands *hands = &supervisor->hands;
        Output *output = process->outputs[stream];
        char bytes[DOSSIER_OUTPUT_MAX];
        uint64_t seen, next;
        size_t length;
        bool eof;

        if (!output)
                return;
        seen = hands->output_stat(hands->world, output).seen_bytes;
        length = hands->output_read(hands->world, output, seen - MIN(seen, sizeof bytes), bytes,
                                    sizeof bytes, &next, &eof);
        dossier_set_output(dossier, stream, bytes, length);
}

Dossier *judge_inspect(Supervisor *supervisor, Process *process, DossierReason reason,
                       const Now *now) {
        const Hands *hands = &supervisor->hands;
        usec_t idle = usec_sub(now->monotonic, process->last_activity.monotonic);
        g_autoptr(Dossier) dossier = dossier_new(reason, idle, now);

        if (!process->tree ||
            hands->inspect(hands->world, process->tree, process->owner, dossier) < 0)
                return NULL;
        for (OutputStream i = 0; i < _OUTPUT_STREAM_MAX; i++)
                inspect_output(supervisor, process, i, dossier);
        return g_steal_pointer(&dossier);
}

/* What it is ended with because it hangs. */
static StopMode hang_stop(const Process *process, WatchdogAction action) {
        if (action == WATCHDOG_KILL)
                return STOP_FORCE;
        return process->config.hang_signal != 0 ? STOP_DUMP : STOP_ASK;
}

static void condemn(Supervisor *supervisor, Process *process, WatchdogAction action,
                    DossierReason reason, const Now *now) {
        bool first = process->hang_done == WATCHDOG_NOTHING;
        bool stops = action != WATCHDOG_ANNOUNCE;

        process->hang_done = action;
        /* before anything is told or done: what it was stuck in is gone with the first signal */
        if (process->state == STATE_RUNNING)
                registry_keep_dossier(process, judge_inspect(supervisor, process, reason, now));
        if (stops && process->state == STATE_RUNNING)
                process->user->stats.kills++;
        tell_health(supervisor, process, HEALTH_HUNG);
        if (first)
                supervisor->events.hung(supervisor->userdata, process,
                                        usec_sub(now->monotonic, process->last_activity.monotonic),
                                        stops);
        if (stops)
                judge_begin_stop(supervisor, process, hang_stop(process, action), RESULT_HANG, now);
}

/* That some was used since the last sample is a sign of life now. Less than at the last sample:
 * somebody of the tree has ended meanwhile. */
static bool has_used_cpu(Supervisor *supervisor, Process *process, const Now *now) {
        TreeProbe probe;

        if (!counts_cpu(process) || supervisor_probe(supervisor, process, PROBE_CPU, &probe) < 0)
                return false;
        process->cpu_sampled = now->monotonic;
        if (probe.cpu_nsec == process->cpu_seen_nsec)
                return false;
        process->cpu_seen_nsec = probe.cpu_nsec;
        process->last_activity = *now;
        process->last_source = ACTIVITY_CPU;
        process->baseline = now->monotonic;
        return true;
}

static WatchdogVerdict decide(Supervisor *supervisor, const Process *process, const Now *now) {
        WatchdogPolicy policy = process_policy(process, &supervisor->defaults.policy);

        return watchdog_decide(&policy, process->baseline, process->hang_done, now->monotonic);
}

static bool is_cpu_due(Supervisor *supervisor, const Process *process, const Now *now) {
        WatchdogPolicy policy = process_policy(process, &supervisor->defaults.policy);

        return now->monotonic >= cpu_next(supervisor, process, &policy);
}

/* The verdict, after what speaks for the process was looked at: when it would be called slow, and at
 * the last look before it is condemned. While it is well nothing is looked at. */
static WatchdogVerdict examine(Supervisor *supervisor, Process *process, const Now *now) {
        bool is_last = process->second_look != 0 && now->monotonic >= process->second_look;
        WatchdogVerdict first = decide(supervisor, process, now), verdict;
        bool turns_slow = first.health != HEALTH_ACTIVE && process->health == HEALTH_ACTIVE;

        if ((first.health != HEALTH_ACTIVE || is_cpu_due(supervisor, process, now)) &&
            has_used_cpu(supervisor, process, now))
                return decide(supervisor, process, now);
        if (!turns_slow && !is_last)
                return first;
        excuse(supervisor, process, now);
        verdict = decide(supervisor, process, now);
        if (verdict.health < first.health || verdict.action < first.action)
                process->user->stats.suppressed++;
        return verdict;
}

static void watch(Supervisor *supervisor, Process *process, const Now *now) {
        WatchdogVerdict verdict = examine(supervisor, process, now);

        if (verdict.action == WATCHDOG_NOTHING) {
                process->second_look = 0;
                if (verdict.health != HEALTH_HUNG && process->state == STATE_RUNNING)
                        process->hang_done = WATCHDOG_NOTHING;
                tell_health(supervisor, process, verdict.health);
                return;
        }
        if (process->second_look == 0)
                process->second_look = usec_add(
                        now->monotonic,
                        MIN(SECOND_LOOK_USEC, supervisor->defaults.check_interval / 4));
        if (now->monotonic < process->second_look) /* it stays, whatever else is set meanwhile */
                return;
        process->second_look = 0;
        condemn(supervisor, process, verdict.action, DOSSIER_HANG, now);
}

void judge_trouble(Supervisor *supervisor, Process *process, const Now *now) {
        WatchdogPolicy policy = supervisor_policy(supervisor, process);
        WatchdogAction action = policy.auto_kill ? WATCHDOG_STOP : WATCHDOG_ANNOUNCE;

        if (is_judged(supervisor, process) && action > process->hang_done)
                condemn(supervisor, process, action, DOSSIER_TROUBLE, now);
}

static void give_up_start(Supervisor *supervisor, Process *process, const Now *now) {
        const StartFailure unready = {.step = "ready",
                                      .text = "it was not ready within StartTimeoutUSec"};

        if (!process->published) {
                judge_begin_stop(supervisor, process, STOP_FORCE, RESULT_START_TIMEOUT, now);
                lifecycle_expire_start(process);
                return;
        }
        lifecycle_answer_start(supervisor, process, &unready);
        judge_begin_stop(supervisor, process, STOP_ASK, RESULT_START_TIMEOUT, now);
}

void judge_deadline(Deadline *deadline, const Now *now) {
        Process *process = (Process *)((char *)deadline - G_STRUCT_OFFSET(Process, deadline));
        Supervisor *supervisor = process->supervisor;

        process_ref(process);
        climb(supervisor, process,
              ladder_tick(&process->ladder, process->config.stop_timeout, now->monotonic));
        if (process_is_running(process)) {
                if (now->monotonic >= start_deadline(process))
                        give_up_start(supervisor, process, now);
                if (now->monotonic >= runtime_deadline(process))
                        judge_begin_stop(supervisor, process, STOP_ASK, RESULT_RUNTIME_LIMIT, now);
                if (is_judged(supervisor, process))
                        watch(supervisor, process, now);
        }
        if (process->supervisor)
                judge_schedule(supervisor, process, now);
        process_unref(process);
}

void judge_excuse_all(Supervisor *supervisor, usec_t gap, const Now *now) {
        for (GList *l = supervisor->registry.order.head; l; l = l->next) {
                Process *process = l->data;
                WatchdogPolicy policy;
                WatchdogVerdict verdict;

                if (!is_judged(supervisor, process))
                        continue;
                policy = process_policy(process, &supervisor->defaults.policy);
                verdict = watchdog_decide(&policy, process->baseline, process->hang_done,
                                          now->monotonic);
                if (verdict.action != WATCHDOG_NOTHING)
                        process->user->stats.suppressed++;
                /* what it knows of a process may be the same time: it does not count twice */
                process->baseline = watchdog_excuse(process->baseline,
                                                    MAX(gap, held_time(supervisor, process)),
                                                    now->monotonic);
                process->second_look = 0;
                judge_schedule(supervisor, process, now);
        }
}
