/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From a start to the day a process is forgotten: starts and adoptions, what the world tells about
 * trees, how finished ones are kept. The order of what is told to the outside is made here. */

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "core/group.h"
#include "core/notify.h"
#include "core/supervisor-private.h"

static Start *start_free(Start *start) {
        if (!start)
                return NULL;
        spec_free(start->spec);
        g_free(start);
        return NULL;
}

static Now now_of(Supervisor *supervisor) {
        return supervisor->hands.now(supervisor->hands.world);
}

/* Returns the name of the limit that is reached, NULL if none. */
static const char *limit_reached(Supervisor *supervisor, User *user, const QuotaLimits *limits) {
        if (user->n_charged >= limits->running)
                return "running processes of one user";
        if (supervisor->n_trees >= supervisor->settings.max_live)
                return "descriptors of the service";
        return NULL;
}

const QuotaLimits *lifecycle_limits(const Supervisor *supervisor, uid_t uid) {
        return uid == 0 ? &supervisor->root_limits : &supervisor->settings.limits;
}

static size_t strv_bytes(char *const *strv) {
        size_t bytes = 0;

        for (; strv && *strv; strv++)
                bytes += strlen(*strv) + 1;
        return bytes;
}

static const char *start_refused(Supervisor *supervisor, const Spec *spec, User *user,
                                 const Now *now) {
        const QuotaLimits *limits = lifecycle_limits(supervisor, user->uid);
        const char *reached = limit_reached(supervisor, user, limits);

        if (reached)
                return reached;
        if (limits->argument_bytes != QUOTA_UNLIMITED &&
            strv_bytes(spec->argv) + strv_bytes(spec->set_environment) +
                            strv_bytes(spec->unset_environment) >
                    limits->argument_bytes)
                return QUOTA_ARGUMENT_BYTES_NAME;
        if (!rate_limit_take(&user->starts, limits->starts_per_sec, limits->starts_burst,
                             now->monotonic))
                return "starts per second of one user";
        return NULL;
}

static void bind(Supervisor *supervisor, Process *process) {
        GPtrArray *bound;

        if (!process->config.bind_to_caller)
                return;
        bound = g_hash_table_lookup(supervisor->bound, &process->origin);
        if (!bound) {
                bound = g_ptr_array_new();
                g_hash_table_insert(supervisor->bound,
                                    g_memdup2(&process->origin, sizeof process->origin), bound);
        }
        g_ptr_array_add(bound, process);
}

static void unbind(Supervisor *supervisor, Process *process) {
        GPtrArray *bound;

        if (!process->config.bind_to_caller || process->origin == 0)
                return;
        bound = g_hash_table_lookup(supervisor->bound, &process->origin);
        if (!bound)
                return;
        g_ptr_array_remove_fast(bound, process);
        if (bound->len == 0)
                g_hash_table_remove(supervisor->bound, &process->origin);
}

static uint64_t config_group(const ProcessConfig *config) {
        return config->member ? config->member->group->id : 0;
}

static Process *make(Supervisor *supervisor, ProcessConfig *config, const Caller *caller,
                     uid_t owner, const Now *now) {
        Process *process = process_new(++supervisor->last_id, owner, caller->origin, config);

        process->supervisor = supervisor;
        process->group = config_group(&process->config);
        process->asker = caller->uid;
        process->user = registry_user(&supervisor->registry, owner);
        process->payer = registry_user(&supervisor->registry, caller->uid);
        process->payer->n_charged++;
        process->deadline = DEADLINE_INIT(judge_deadline);
        process->started = *now; /* for StartTimeoutUSec, until it is */
        g_queue_push_tail_link(&supervisor->starting, &process->link);
        return process;
}

/* A process that nobody has heard of goes. */
static void unmake(Supervisor *supervisor, Process *process) {
        g_queue_unlink(&supervisor->starting, &process->link);
        unbind(supervisor, process);
        deadlines_set(supervisor->deadlines, &process->deadline, USEC_INFINITY);
        process->payer->n_charged--;
        if (process->start && process->start->looks_up)
                supervisor->hands.cancel_look_up(supervisor->hands.world, process);
        lifecycle_drop_tree(supervisor, process);
        process->start = start_free(process->start);
        process->supervisor = NULL;
        process->user = NULL;
        process_unref(process);
}

static bool config_wants_notify(const ProcessConfig *config) {
        return config->readiness == READINESS_NOTIFY || config->sources & 1u << ACTIVITY_NOTIFY;
}

/* What the program is told about how often it must say that it is alive; 0: need not. */
static usec_t watchdog_usec_of(Supervisor *supervisor, const Process *process) {
        usec_t timeout = supervisor_policy(supervisor, process).timeout;

        if (timeout == USEC_INFINITY || !(process->config.sources & 1u << ACTIVITY_NOTIFY))
                return 0;
        return timeout;
}

static int start_tree(Supervisor *supervisor, Process *process) {
        const Hands *hands = &supervisor->hands;
        int r = hands->start(hands->world, process->start->spec, process->owner,
                             &lifecycle_hands_events, process, &process->tree);

        if (r >= 0)
                supervisor->n_trees++;
        return r;
}

static int start_as(Supervisor *supervisor, Process *process, Account *account) {
        Spec *spec = process->start->spec;

        if (account->uid != process->owner)
                return -ESTALE;
        if (!spec->account)
                spec->account = account_ref(account);
        if (!spec->working_directory)
                spec->working_directory = g_strdup(account->home);
        return start_tree(supervisor, process);
}

static void on_start_failed(void *userdata, const StartFailure *failure);

static void on_account(void *userdata, int error, Account *account) {
        Process *process = userdata;
        Supervisor *supervisor = process->supervisor;
        g_autofree char *user = g_strdup_printf("%u", (unsigned)process->owner);
        StartFailure failure = {.step = error < 0 ? "user" : "start", .object = user};
        int r = error;

        process->start->looks_up = false;
        if (r >= 0 && process->stop_cause != RESULT_NONE)
                r = -ECANCELED;
        if (r >= 0)
                r = start_as(supervisor, process, account);
        failure.error = -r;
        if (r == -ENOENT && error < 0)
                failure.text = "there is no such user";
        if (r < 0)
                on_start_failed(process, &failure);
}

/* A service of many users starts each process as the user it belongs to. */
static int become_owner(Supervisor *supervisor, Process *process) {
        const Hands *hands = &supervisor->hands;
        g_autoptr(Account) account = NULL;
        char user[16];
        int r;

        if (process->start->spec->account)
                return start_as(supervisor, process, process->start->spec->account);
        if (!hands->look_up)
                return start_tree(supervisor, process);
        g_snprintf(user, sizeof user, "%u", (unsigned)process->owner);
        r = hands->look_up(hands->world, user, on_account, process, &account);
        if (r > 0)
                return start_as(supervisor, process, account);
        process->start->looks_up = r == 0;
        return r;
}

int lifecycle_start(Supervisor *supervisor, Spec *spec, ProcessConfig *config, const Caller *caller,
                    StartFunc func, void *userdata, const Now *now, const char **ret_limit) {
        g_autoptr(Spec) owned = spec;
        User *user = registry_user(&supervisor->registry, caller->uid);
        uid_t owner = spec->account ? spec->account->uid : caller->uid;
        const char *limit = NULL;
        Process *process;
        int r;

        if (supervisor->ending || (limit = start_refused(supervisor, spec, user, now))) {
                process_config_done(config);
                if (!limit)
                        return CORE_E_SHUTTING_DOWN;
                *ret_limit = limit;
                return CORE_E_LIMIT;
        }
        process = make(supervisor, config, caller, owner, now);
        bind(supervisor, process);
        if (config_wants_notify(&process->config)) {
                spec->flags |= SPEC_NOTIFY;
                spec->watchdog_usec = watchdog_usec_of(supervisor, process);
        }
        process->has_terminal = spec->flags & SPEC_TERMINAL;
        process->terminal_size = spec->terminal_size;
        process->start = g_new0(Start, 1);
        *process->start = (Start){
                .spec = g_steal_pointer(&owned),
                .func = func,
                .userdata = userdata,
        };
        r = become_owner(supervisor, process);
        if (r < 0) {
                user->stats.spawn_failures++;
                unmake(supervisor, process);
                return r;
        }
        judge_schedule(supervisor, process, now);
        supervisor_arm(supervisor);
        return r;
}

int supervisor_start(Supervisor *supervisor, const Grant *grant, Spec *spec, ProcessConfig *config,
                     const Caller *caller, StartFunc func, void *userdata, const Now *now,
                     const char **ret_limit) {
        g_assert(grant);
        return lifecycle_start(supervisor, spec, config, caller, func, userdata, now, ret_limit);
}

static void publish(Supervisor *supervisor, Process *process, pid_t pid, const Now *now) {
        const Hands *hands = &supervisor->hands;

        process->containment = hands->containment(hands->world, process->tree);
        for (OutputStream i = 0; i < _OUTPUT_STREAM_MAX; i++)
                process->outputs[i] = hands->output(hands->world, process->tree, i);
        process_mark_started(process, pid, now);
        g_queue_unlink(&supervisor->starting, &process->link);
        registry_add(&supervisor->registry, process);
        process->user->n_running++;
        process->user->stats.started++;
        supervisor->n_running++;
}

void lifecycle_answer_start(Supervisor *supervisor, Process *process, const StartFailure *failure) {
        Start *start = g_steal_pointer(&process->start);

        if (!start)
                return;
        process->ready = !failure;
        start->func(start->userdata, failure ? NULL : process, failure);
        start_free(start);
}

static void on_nobody(void *userdata, Process *process, const StartFailure *failure) {
}

void lifecycle_expire_start(Process *process) {
        const StartFailure failure = {.step = "exec",
                                      .object = process->start->spec->argv[0],
                                      .text = "it was not executed within StartTimeoutUSec"};
        StartFunc func = process->start->func;

        process->user->stats.spawn_failures++;
        process->start->func = on_nobody;
        process->config.member = NULL;
        func(process->start->userdata, NULL, &failure);
}

static void on_started(void *userdata, pid_t pid) {
        Process *process = userdata;
        Supervisor *supervisor = process->supervisor;
        Start *start = process->start;
        Now now = now_of(supervisor);

        if (start->func == on_nobody) { /* it got there after all, and too late */
                unmake(supervisor, process);
                supervisor_arm(supervisor);
                return;
        }
        process->command = strv_pack(start->spec->argv);
        process->working_directory = g_steal_pointer(&start->spec->working_directory);
        publish(supervisor, process, pid, &now);
        process_unref(process);               /* the registry has one now */
        start->spec = spec_free(start->spec); /* gives its descriptors back */
        group_process_started(process, &now);
        if (process->config.readiness == READINESS_EXEC)
                lifecycle_answer_start(supervisor, process, NULL);
        supervisor->events.added(supervisor->userdata, process);
        judge_schedule(supervisor, process, &now);
        if (supervisor->ending)
                judge_begin_stop(supervisor, process, STOP_ASK, RESULT_STOPPED, &now);
        else if (process->config.bind_to_caller && process->origin == 0)
                judge_begin_stop(supervisor, process, STOP_ASK, RESULT_OWNER_LOST, &now);
        supervisor_arm(supervisor);
}

/* Who stopped it meanwhile waits for its end, and that is this. */
static void fail_start(Supervisor *supervisor, Process *process, const StartFailure *failure) {
        process->start->func(process->start->userdata, NULL, failure);
        process_mark_unstarted(process);
        waiters_notify(process, WAIT_EVENT_FINISHED);
        waiters_notify(process, WAIT_EVENT_EMPTIED);
        unmake(supervisor, process);
}

static void on_start_failed(void *userdata, const StartFailure *failure) {
        const StartFailure stopped = {.step = "start",
                                      .text = "it was stopped before it had begun"};
        Process *process = userdata;
        Supervisor *supervisor = process->supervisor;

        if (process->start->func != on_nobody)
                process->user->stats.spawn_failures++;
        fail_start(supervisor, process, process->stop_cause != RESULT_NONE ? &stopped : failure);
        supervisor_arm(supervisor);
}

void lifecycle_drop_starts(Supervisor *supervisor) {
        GList *first;

        while ((first = supervisor->starting.head))
                unmake(supervisor, first->data);
        for (GList *l = supervisor->registry.order.head; l; l = l->next) {
                Process *process = l->data;

                process->start = start_free(process->start);
        }
}

static bool is_waited_for(const Process *process) {
        return process->waiters && process->waiters->len > 0;
}

void lifecycle_cancel_starts(Supervisor *supervisor) {
        const StartFailure failure = {.step = "start", .error = ECANCELED};
        GList *first;

        while ((first = supervisor->starting.head))
                fail_start(supervisor, first->data, &failure);
        for (GList *l = supervisor->registry.order.head; l; l = l->next)
                lifecycle_answer_start(supervisor, l->data, &failure);
}

static bool are_too_many(const Supervisor *supervisor, const User *user) {
        return user->finished.length > supervisor->settings.finished_max ||
               user->finished_bytes > FINISHED_BYTES_MAX;
}

/* Makes room by age; one that somebody waits for is passed over, and keeps only itself. */
static void forget_oldest(Supervisor *supervisor, User *user) {
        for (GList *l = user->finished.head, *after; l && are_too_many(supervisor, user);
             l = after) {
                after = l->next;
                if (after && !is_waited_for(l->data)) /* the last one has just come */
                        lifecycle_forget(supervisor, l->data);
        }
}

static void keep_finished(Supervisor *supervisor, Process *process) {
        g_queue_push_tail_link(&process->user->finished, &process->user_link);
        process->finished_bytes = process_text_bytes(process);
        process->user->finished_bytes += process->finished_bytes;
        forget_oldest(supervisor, process->user);
        if (supervisor->age.index == 0)
                deadlines_set(
                        supervisor->deadlines, &supervisor->age,
                        usec_add(process->exited.monotonic, supervisor->settings.finished_age));
}

static void on_exited(void *userdata, const ExitStatus *status) {
        g_autoptr(Process) process = process_ref(userdata);
        Supervisor *supervisor = process->supervisor;
        Now now = now_of(supervisor);

        /* what it lived under is history from now on */
        process->config.policy = supervisor_policy(supervisor, process);
        process->config.own_policy = _POLICY_ALL;
        process_mark_exited(process, status, &now);
        unbind(supervisor, process);
        supervisor->n_running--;
        process->user->n_running--;
        process->payer->n_charged--;
        process->user->stats.results[process->result]++;
        lifecycle_answer_start(
                supervisor, process,
                &(StartFailure){.step = "ready", .text = "it ended before it was ready"});
        if (process->config.kill_mode == KILL_MODE_TREE)
                ladder_linger(&process->ladder, now.monotonic);
        supervisor->events.changed(supervisor->userdata, process, CHANGE_STATE);
        supervisor->events.exited(supervisor->userdata, process);
        waiters_notify(process, WAIT_EVENT_FINISHED);
        judge_schedule(supervisor, process, &now);
        keep_finished(supervisor, process);
        group_process_exited(process, &now);
        supervisor_arm(supervisor);
}

static void on_output(void *userdata) {
        Process *process = userdata;
        Supervisor *supervisor = process->supervisor;
        Now now = now_of(supervisor);

        supervisor_saw_life(supervisor, process, ACTIVITY_OUTPUT, &now);
}

static ProcessChange take_status(Process *process, NotifyMessage *message) {
        ProcessChange changes = 0;

        if (message->status && g_strcmp0(message->status, process->status_text) != 0) {
                g_free(process->status_text);
                process->status_text = g_steal_pointer(&message->status);
                changes = CHANGE_STATUS;
        }
        if (message->error >= 0 && message->error != process->status_errno) {
                process->status_errno = message->error;
                changes = CHANGE_STATUS;
        }
        if (message->stopping && !process->stopping_itself) {
                process->stopping_itself = true;
                changes = CHANGE_STATUS;
        }
        return changes;
}

static void take_times(Supervisor *supervisor, Process *process, const NotifyMessage *message,
                       const Now *now) {
        WatchdogPolicy policy = {.timeout = MAX(message->watchdog_usec, TIMEOUT_MIN)};

        if (message->watchdog_usec > 0 && process->config.sources & 1u << ACTIVITY_NOTIFY)
                (void)supervisor_change_policy(supervisor, process, &policy, POLICY_TIMEOUT, now);
        if (message->extend_usec == 0 || supervisor->ending)
                return;
        process->extended_until = MAX(process->extended_until,
                                      usec_add(now->monotonic, message->extend_usec));
        ladder_extend(&process->ladder, process->extended_until);
}

static void on_notify(void *userdata, const char *text, size_t length) {
        g_autoptr(Process) process = process_ref(userdata);
        Supervisor *supervisor = process->supervisor;
        Now now = now_of(supervisor);
        NotifyMessage message;
        ProcessChange changes;

        notify_parse(text, length, &message);
        changes = take_status(process, &message);
        if (message.ready && !process->ready) {
                process->baseline = now.monotonic;
                process->ready = true;
                changes |= CHANGE_STATUS;
                lifecycle_answer_start(supervisor, process, NULL);
        }
        if (changes)
                supervisor->events.changed(supervisor->userdata, process, changes);
        take_times(supervisor, process, &message, &now);
        if (message.alive)
                supervisor_saw_life(supervisor, process, ACTIVITY_NOTIFY, &now);
        if (message.trouble)
                judge_trouble(supervisor, process, &now);
        if (process_is_running(process))
                judge_schedule(supervisor, process, &now);
        notify_message_done(&message);
        supervisor_arm(supervisor);
}

static void on_emptied(void *userdata) {
        g_autoptr(Process) process = process_ref(userdata);
        Supervisor *supervisor = process->supervisor;

        process->emptied = true;
        process->ladder = LADDER_INIT;
        deadlines_set(supervisor->deadlines, &process->deadline, USEC_INFINITY);
        waiters_notify(process, WAIT_EVENT_EMPTIED);
        lifecycle_drop_tree(supervisor, process);
        supervisor_arm(supervisor);
}

const HandsEvents lifecycle_hands_events = {
        .started = on_started,
        .start_failed = on_start_failed,
        .exited = on_exited,
        .emptied = on_emptied,
        .notify = on_notify,
        .output = on_output,
};

void lifecycle_drop_tree(Supervisor *supervisor, Process *process) {
        Tree *tree = g_steal_pointer(&process->tree);
        const Hands *hands = &supervisor->hands;

        if (!tree)
                return;
        if (process->config.kill_mode == KILL_MODE_PROCESS && process->stop_cause == RESULT_NONE)
                hands->abandon(hands->world, tree);
        else
                hands->release(hands->world, tree);
        if (--supervisor->n_trees == 0 && supervisor->ending)
                supervisor->events.idle(supervisor->userdata);
}

void lifecycle_give_up(Supervisor *supervisor, Process *process) {
        waiters_notify(process, WAIT_EVENT_STUCK);
        if (supervisor->ending)
                lifecycle_drop_tree(supervisor, process);
}

int supervisor_adopt(Supervisor *supervisor, const Grant *grant, pid_t pid, int pidfd,
                     ProcessConfig *config, const Caller *caller, const Now *now, Process **ret,
                     const char **ret_limit) {
        Process *process = registry_by_pid(&supervisor->registry, pid, caller->uid);
        User *user = registry_user(&supervisor->registry, caller->uid);
        const char *limit = limit_reached(supervisor, user,
                                          lifecycle_limits(supervisor, caller->uid));
        const Hands *hands = &supervisor->hands;
        g_auto(GStrv) command = NULL;
        int r;

        g_assert(grant);
        if (process && process_is_running(process)) {
                process_config_done(config);
                supervisor_change_watched(supervisor, process, true, now);
                *ret = process;
                return 0;
        }
        if (supervisor->ending || limit) {
                process_config_done(config);
                *ret_limit = limit;
                return supervisor->ending ? CORE_E_SHUTTING_DOWN : CORE_E_LIMIT;
        }
        process = make(supervisor, config, caller, caller->uid, now);
        bind(supervisor, process);
        r = hands->adopt(hands->world, pid, pidfd, caller->uid, &lifecycle_hands_events, process,
                         &process->tree, &command);
        if (r < 0) {
                unmake(supervisor, process);
                return r;
        }
        process->command = strv_pack(command);
        supervisor->n_trees++;
        process->adopted = true;
        publish(supervisor, process, pid, now);
        process_unref(process);
        supervisor->events.added(supervisor->userdata, process);
        judge_schedule(supervisor, process, now);
        supervisor_arm(supervisor);
        *ret = process;
        return 0;
}

void lifecycle_drop_outputs(Supervisor *supervisor, Process *process) {
        const Hands *hands = &supervisor->hands;

        for (OutputStream i = 0; i < _OUTPUT_STREAM_MAX; i++)
                if (process->outputs[i])
                        process->outputs[i] = hands->output_unref(hands->world,
                                                                  process->outputs[i]);
}

void lifecycle_forget(Supervisor *supervisor, Process *process) {
        g_assert(!process_is_running(process));
        deadlines_set(supervisor->deadlines, &process->deadline, USEC_INFINITY);
        supervisor->events.removed(supervisor->userdata, process);
        process_ref(process);
        lifecycle_drop_tree(supervisor, process);
        lifecycle_drop_outputs(supervisor, process);
        registry_remove(&supervisor->registry, process);
        process_unref(process);
}

static int collect(Supervisor *supervisor, Process *process) {
        if (process_is_running(process) || is_waited_for(process))
                return CORE_E_STILL_ALIVE;
        lifecycle_forget(supervisor, process);
        supervisor_arm(supervisor);
        return 0;
}

int supervisor_collect(Supervisor *supervisor, const Grant *grant, Process *process) {
        g_assert(grant);
        return collect(supervisor, process);
}

unsigned supervisor_cleanup(Supervisor *supervisor, const Grant *grant, uid_t owner) {
        g_autoptr(GPtrArray) processes = supervisor_list(supervisor, owner);
        unsigned forgotten = 0;

        g_assert(grant);
        for (unsigned i = 0; i < processes->len; i++) {
                Process *process = processes->pdata[i];

                /* being stopped, or given up: without its record nobody could name what is left */
                if (process->ladder.step < LADDER_DUMPING)
                        forgotten += collect(supervisor, process) == 0;
        }
        return forgotten;
}

void lifecycle_age(Deadline *deadline, const Now *now) {
        Supervisor *supervisor = (Supervisor *)((char *)deadline -
                                                G_STRUCT_OFFSET(Supervisor, age));
        usec_t age = supervisor->settings.finished_age, next = USEC_INFINITY;
        GHashTableIter iter;
        void *value;

        g_hash_table_iter_init(&iter, supervisor->registry.users);
        while (g_hash_table_iter_next(&iter, NULL, &value)) {
                GQueue *finished = &((User *)value)->finished;

                for (GList *l = finished->head, *after; l; l = after) {
                        Process *process = l->data;
                        usec_t due = usec_add(process->exited.monotonic, age);

                        after = l->next;
                        if (due > now->monotonic) {
                                next = MIN(next, due);
                                break;
                        }
                        if (!is_waited_for(process))
                                lifecycle_forget(supervisor, process);
                        else
                                next = MIN(next, usec_add(now->monotonic, USEC_PER_MINUTE));
                }
        }
        deadlines_set(supervisor->deadlines, &supervisor->age, next);
}
