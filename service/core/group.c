/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How the members of a group run: the line in which they wait, their starts and ends, the rules about
 * a member that fails and about the key member, and the result of a run. The two machines are drawn
 * in group.h. */

#include "core/group.h"

#include "core/failure.h"
#include "core/group-private.h"
#include "core/supervisor-private.h"

/* Starts of one group whose exec has not been seen: more would not be faster, and each has a stack and
 * a pipe. */
#define LAUNCHING_MAX 32

Process *member_process(const Member *member) {
        bool has = member->state == MEMBER_STATE_RUNNING ||
                   member->state == MEMBER_STATE_FINISHED ||
                   (member->state == MEMBER_STATE_STARTING && member->published);

        return has ? member->process : NULL;
}

MemberState member_state(const Member *member) {
        if (member->state == MEMBER_STATE_RUNNING && member->process->state == STATE_STOPPING)
                return MEMBER_STATE_STOPPING;
        return member->state;
}

Result member_result(const Member *member) {
        const Process *process = member_process(member);

        if (member->state == MEMBER_STATE_FAILED)
                return RESULT_START_FAILED;
        return process ? process->result : RESULT_NONE;
}

void member_detach(Member *member) {
        if (member->process)
                member->process->config.member = NULL;
}

static void tell_changed(Group *group, GroupChange changes) {
        group->supervisor->events.group_changed(group->supervisor->userdata, group, changes);
}

static void outcome_free(void *data) {
        GroupOutcome *outcome = data;

        g_free(outcome->member);
        process_unref(outcome->process);
        g_free(outcome->error);
        g_free(outcome);
}

static StartCall *call_new(GroupStartFunc func, void *userdata) {
        StartCall *call = g_new0(StartCall, 1);

        call->pending = g_hash_table_new(NULL, NULL);
        call->outcomes = g_ptr_array_new_with_free_func(outcome_free);
        call->func = func;
        call->userdata = userdata;
        return call;
}

static void answer_call(StartCall *call) {
        call->func(call->userdata, call->outcomes);
        g_hash_table_unref(call->pending);
        g_ptr_array_unref(call->outcomes);
        g_free(call);
}

/* A start that has failed makes room for the next in the line: whoever waited for the one waits for the
 * other. */
static void expect_next(Group *group, StartCall *call) {
        for (GList *l = group->queue.head; l; l = l->next)
                if (g_hash_table_add(call->pending, l->data))
                        return;
}

/* Tells the calls that wait for it what became of a start; those that it was the last for are
 * answered. */
static void tell_calls(Group *group, Member *member, Process *process, const char *error) {
        for (unsigned i = 0; i < group->calls->len;) {
                StartCall *call = group->calls->pdata[i];
                GroupOutcome *outcome;

                if (!g_hash_table_remove(call->pending, member)) {
                        i++;
                        continue;
                }
                outcome = g_new0(GroupOutcome, 1);
                outcome->member = g_strdup(member->name);
                outcome->process = process ? process_ref(process) : NULL;
                outcome->error = g_strdup(error);
                g_ptr_array_add(call->outcomes, outcome);
                if (member->state == MEMBER_STATE_FAILED)
                        expect_next(group, call);
                if (g_hash_table_size(call->pending) > 0) {
                        i++;
                        continue;
                }
                g_ptr_array_remove_index(group->calls, i);
                answer_call(call);
        }
}

static void note_failure(Group *group, const Member *member, Result result, int code) {
        if (group->failed_member)
                return;
        group->failed_member = g_strdup(member->name);
        group->failure = result;
        group->failure_code = code;
        tell_changed(group, GROUP_CHANGE_RESULT);
}

static void end_run(Group *group) {
        Supervisor *supervisor = group->supervisor;

        if (group->key_result != RESULT_NONE) {
                group->result = group->key_result;
                group->exit_code = group->key_code;
        } else if (group->failed_member) {
                group->result = group->failure;
                group->exit_code = group->failure_code;
        } else {
                group->result = RESULT_SUCCESS;
        }
        group->state = GROUP_STATE_FINISHED;
        tell_changed(group, GROUP_CHANGE_STATE | GROUP_CHANGE_RESULT);
        supervisor->events.group_finished(supervisor->userdata, group);
        waiters_meet(group->waiters);
}

static void check_end(Group *group) {
        if (group->state == GROUP_STATE_RUNNING && group->queue.length == 0 &&
            group->n_starting == 0 && group->n_running == 0)
                end_run(group);
}

static void begin_run(Group *group) {
        group->state = GROUP_STATE_RUNNING;
        group->result = RESULT_NONE;
        group->exit_code = 0;
        g_clear_pointer(&group->failed_member, g_free);
        group->key_result = RESULT_NONE;
        tell_changed(group, GROUP_CHANGE_STATE | GROUP_CHANGE_RESULT);
}

/* Back to what it was before it was put in the line. */
static void unqueue(Group *group, Member *member) {
        g_queue_unlink(&group->queue, &member->link);
        member->state = member->before;
}

void group_clear_queue(Group *group, const char *why) {
        while (group->queue.head) {
                Member *member = group->queue.head->data;

                unqueue(group, member);
                tell_calls(group, member, NULL, why);
        }
        check_end(group);
}

static void fail_member(Group *group, Member *member, const char *error) {
        Supervisor *supervisor = group->supervisor;

        g_free(member->error);
        member->error = g_strdup(error);
        if (!member->published) {
                member->state = MEMBER_STATE_FAILED;
                note_failure(group, member, RESULT_START_FAILED, 0);
        }
        tell_calls(group, member, NULL, error);
        supervisor->events.member_failed(supervisor->userdata, group, member);
}

static void pump(Group *group, const Now *now);

static void on_settled(void *userdata, Process *process, const StartFailure *failure) {
        Member *member = userdata;
        Group *group = member->group;
        Now now = group->supervisor->hands.now(group->supervisor->hands.world);

        group->n_starting--;
        if (!member->published)
                group->n_launching--;
        member->state = MEMBER_STATE_RUNNING; /* until it is seen to have ended, or has failed */
        if (failure) {
                g_autofree char *text = start_failure_text(failure);

                fail_member(group, member, text);
        } else {
                tell_calls(group, member, process, NULL);
        }
        pump(group, &now);
        check_end(group);
}

/* 0, or with ret_error what keeps it from being started. */
static int try_launch(Member *member, const Now *now, char **ret_error) {
        Group *group = member->group;
        Caller caller = {.uid = group->owner, .origin = group->starter.origin};
        const char *limit = NULL;
        ProcessConfig config;
        Spec *spec = NULL;
        int r;

        if (member->config.bind_to_caller && caller.origin == 0) {
                *ret_error = g_strdup("the connection that it was to be bound to has gone");
                return -ENOTCONN;
        }
        r = spec_copy(member->spec, &spec);
        if (r == 0) {
                process_config_copy(&member->config, &config);
                config.member = member;
                r = lifecycle_start(group->supervisor, spec, &config, &caller, on_settled, member,
                                    now, &limit);
        }
        if (r != 0)
                *ret_error = start_refusal_text(r, limit);
        return r;
}

static void launch(Group *group, Member *member, const Now *now) {
        g_autofree char *error = NULL;

        g_queue_unlink(&group->queue, &member->link);
        g_clear_pointer(&member->error, g_free);
        member->state = MEMBER_STATE_STARTING;
        member->published = false;
        group->n_launching++;
        group->n_starting++;
        if (try_launch(member, now, &error) == 0)
                return;
        group->n_launching--;
        group->n_starting--;
        fail_member(group, member, error);
}

/* How many may be started more; those in the line that fit are those that nobody has to end before. */
static unsigned room(const Group *group) {
        unsigned live = group->n_running + group->n_launching;

        if (group->config.max_parallel == 0)
                return UINT_MAX;
        return group->config.max_parallel - MIN(live, group->config.max_parallel);
}

static void pump(Group *group, const Now *now) {
        while (group->queue.head && group->n_launching < LAUNCHING_MAX && room(group) > 0)
                launch(group, group->queue.head->data, now);
}

static bool can_start(const Member *member) {
        return member->state == MEMBER_STATE_ADDED || member->state == MEMBER_STATE_FINISHED ||
               member->state == MEMBER_STATE_FAILED;
}

static bool enqueue_all(Group *group) {
        bool any = false;

        for (unsigned i = 0; i < group->members->len; i++) {
                Member *member = group->members->pdata[i];

                if (!can_start(member))
                        continue;
                member->before = member->state;
                member->state = MEMBER_STATE_QUEUED;
                g_queue_push_tail_link(&group->queue, &member->link);
                any = true;
        }
        return any;
}

/* Whose starts a call waits for: those under way, and those that begin without waiting for an end. */
static void expect_starts(Group *group, StartCall *call) {
        unsigned left = room(group);

        for (unsigned i = 0; i < group->members->len; i++) {
                Member *member = group->members->pdata[i];

                if (member->state == MEMBER_STATE_STARTING)
                        g_hash_table_add(call->pending, member);
        }
        for (GList *l = group->queue.head; l && left > 0; l = l->next, left--)
                g_hash_table_add(call->pending, l->data);
}

int group_start(Group *group, const Grant *grant, const Caller *caller, GroupStartFunc func,
                void *userdata, const Now *now) {
        StartCall *call;

        g_assert(grant);
        if (group->ending || group->supervisor->ending)
                return CORE_E_SHUTTING_DOWN;
        if (enqueue_all(group)) {
                group->starter = *caller;
                group->is_stopping = false;
                if (group->state != GROUP_STATE_RUNNING)
                        begin_run(group);
        }
        call = call_new(func, userdata);
        expect_starts(group, call);
        if (g_hash_table_size(call->pending) == 0) {
                answer_call(call);
                return 0;
        }
        g_ptr_array_add(group->calls, call);
        pump(group, now);
        check_end(group);
        supervisor_arm(group->supervisor);
        return 0;
}

GPtrArray *group_list_processes(Group *group) {
        g_autoptr(GPtrArray) all = supervisor_list(group->supervisor, UID_ANY);
        GPtrArray *own = process_array_new();

        for (unsigned i = 0; i < all->len; i++) {
                Process *process = all->pdata[i];

                if (process->group == group->id)
                        g_ptr_array_add(own, process_ref(process));
        }
        return own;
}

GPtrArray *group_list_live(Group *group) {
        g_autoptr(GPtrArray) live = supervisor_list_live(group->supervisor, UID_ANY);
        GPtrArray *own = process_array_new();

        for (unsigned i = 0; i < live->len; i++) {
                Process *process = live->pdata[i];

                if (process->group == group->id)
                        g_ptr_array_add(own, process_ref(process));
        }
        return own;
}

static GPtrArray *stop_processes(Group *group, StopMode mode, const Now *now) {
        GPtrArray *own = group_list_live(group);

        for (unsigned i = 0; i < own->len; i++)
                judge_begin_stop(group->supervisor, own->pdata[i], mode, RESULT_STOPPED, now);
        return own;
}

GPtrArray *group_stop(Group *group, const Grant *grant, StopMode mode, const Now *now) {
        GPtrArray *own = stop_processes(group, mode, now);

        g_assert(grant);
        group_clear_queue(group, GROUP_STOPPED_TEXT);
        supervisor_arm(group->supervisor);
        return own;
}

/* By a rule of the group itself, once for each start. */
static void stop_rest(Group *group, const Now *now) {
        if (group->is_stopping)
                return;
        group->is_stopping = true;
        g_ptr_array_unref(stop_processes(group, STOP_ASK, now));
        group_clear_queue(group, GROUP_STOPPED_TEXT);
}

Waiter *group_wait(Group *group, usec_t timeout, const Now *now, WaiterFunc func, void *userdata) {
        Waiter *waiter;

        if (group->state != GROUP_STATE_RUNNING)
                return NULL;
        waiter = waiter_new_listed(group->supervisor->deadlines, group->waiters,
                                   usec_add(now->monotonic, timeout), func, userdata);
        supervisor_arm(group->supervisor);
        return waiter;
}

void group_process_started(Process *process, const Now *now) {
        Member *member = process->config.member;

        if (!member)
                return;
        member_detach(member);
        process_unref(member->process);
        member->process = process_ref(process);
        member->published = true;
        member->group->n_launching--;
        member->group->n_running++;
        pump(member->group, now);
}

void group_process_exited(Process *process, const Now *now) {
        Member *member = process->config.member;
        Supervisor *supervisor = process->supervisor;
        Group *group;

        if (!member)
                return;
        group = member->group;
        group->n_running--;
        member->state = MEMBER_STATE_FINISHED;
        supervisor->events.member_exited(supervisor->userdata, group, member);
        if (process->result != RESULT_SUCCESS)
                note_failure(group, member, process->result, process->exit_code);
        if (g_strcmp0(member->name, group->config.key_member) == 0) {
                group->key_result = process->result;
                group->key_code = process->exit_code;
                stop_rest(group, now);
        } else if (process->result != RESULT_SUCCESS &&
                   group->config.on_failure == MEMBER_FAILURE_STOP_ALL) {
                stop_rest(group, now);
        }
        pump(group, now);
        check_end(group);
}
