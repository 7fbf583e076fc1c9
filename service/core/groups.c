/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which groups there are, what plans they have, what that costs their owners, and how a group goes. */

#include <string.h>

#include "core/group-private.h"
#include "core/supervisor-private.h"

void group_config_done(GroupConfig *config) {
        g_clear_pointer(&config->name, g_free);
        g_clear_pointer(&config->key_member, g_free);
}

static User *user_of(const Group *group) {
        return registry_user(&group->supervisor->registry, group->owner);
}

static void member_free(void *data) {
        Member *member = data;
        User *user = user_of(member->group);

        user->plan_bytes -= spec_bytes(member->spec);
        user->plan_descriptors -= spec_descriptors(member->spec);
        spec_free(member->spec);
        process_config_done(&member->config);
        process_unref(member->process);
        g_free(member->error);
        g_free(member->name);
        g_free(member);
}

static void group_free(Group *group) {
        g_assert(group->calls->len == 0 && group->endings->len == 0 && group->waiters->len == 0);
        waiter_cancel(group->end);
        g_hash_table_unref(group->by_name);
        g_ptr_array_unref(group->members);
        g_ptr_array_unref(group->calls);
        g_array_unref(group->waiters);
        g_ptr_array_unref(group->endings);
        g_free(group->failed_member);
        group_config_done(&group->config);
        user_of(group)->n_groups--;
        g_free(group);
}

void groups_init(Supervisor *supervisor) {
        supervisor->groups = g_hash_table_new(g_int64_hash, g_int64_equal);
        supervisor->group_order = g_ptr_array_new();
}

void groups_done(Supervisor *supervisor) {
        for (unsigned i = 0; i < supervisor->group_order->len; i++)
                group_free(supervisor->group_order->pdata[i]);
        g_ptr_array_unref(supervisor->group_order);
        g_hash_table_unref(supervisor->groups);
}

Group *supervisor_find_group(Supervisor *supervisor, uint64_t id) {
        return g_hash_table_lookup(supervisor->groups, &id);
}

Group *supervisor_find_group_named(Supervisor *supervisor, const char *name, uid_t owner) {
        for (unsigned i = 0; i < supervisor->group_order->len; i++) {
                Group *group = supervisor->group_order->pdata[i];

                if ((owner == UID_ANY || group->owner == owner) &&
                    strcmp(group->config.name, name) == 0)
                        return group;
        }
        return NULL;
}

GPtrArray *supervisor_list_groups(Supervisor *supervisor, uid_t owner) {
        GPtrArray *groups = g_ptr_array_new();

        for (unsigned i = 0; i < supervisor->group_order->len; i++) {
                Group *group = supervisor->group_order->pdata[i];

                if (owner == UID_ANY || group->owner == owner)
                        g_ptr_array_add(groups, group);
        }
        return groups;
}

static int check_create(Supervisor *supervisor, const char *name, uid_t owner,
                        const char **ret_limit) {
        if (supervisor->ending)
                return CORE_E_SHUTTING_DOWN;
        if (supervisor_find_group_named(supervisor, name, owner))
                return CORE_E_NAME_TAKEN;
        *ret_limit = "groups of one user";
        if (registry_user(&supervisor->registry, owner)->n_groups >=
            lifecycle_limits(supervisor, owner)->groups)
                return CORE_E_LIMIT;
        return 0;
}

int group_create(Supervisor *supervisor, const Grant *grant, GroupConfig *config,
                 const Caller *caller, Group **ret, const char **ret_limit) {
        int r = check_create(supervisor, config->name, caller->uid, ret_limit);
        Group *group;

        g_assert(grant);
        if (r != 0) {
                group_config_done(config);
                return r;
        }
        group = g_new0(Group, 1);
        group->supervisor = supervisor;
        group->id = ++supervisor->last_group_id;
        group->owner = caller->uid;
        group->config = *config;
        *config = (GroupConfig){};
        group->members = g_ptr_array_new_with_free_func(member_free);
        group->by_name = g_hash_table_new(g_str_hash, g_str_equal);
        g_queue_init(&group->queue);
        group->calls = g_ptr_array_new();
        group->waiters = waiters_new();
        group->endings = g_ptr_array_new_with_free_func(g_free);
        g_hash_table_insert(supervisor->groups, &group->id, group);
        g_ptr_array_add(supervisor->group_order, group);
        user_of(group)->n_groups++;
        supervisor->events.group_added(supervisor->userdata, group);
        *ret = group;
        return 0;
}

static int check_add(Group *group, const char *name, const Spec *spec, const char **ret_limit) {
        const QuotaLimits *limits = lifecycle_limits(group->supervisor, group->owner);
        const User *user = user_of(group);

        if (group->ending || group->supervisor->ending)
                return CORE_E_SHUTTING_DOWN;
        if (g_hash_table_contains(group->by_name, name))
                return CORE_E_NAME_TAKEN;
        *ret_limit = "members of one group";
        if (group->members->len >= limits->members)
                return CORE_E_LIMIT;
        *ret_limit = "bytes of the plans of one user";
        if (user->plan_bytes + spec_bytes(spec) > limits->plan_bytes)
                return CORE_E_LIMIT;
        *ret_limit = "descriptors in the plans of one user";
        if (user->plan_descriptors + spec_descriptors(spec) > limits->plan_descriptors)
                return CORE_E_LIMIT;
        return 0;
}

int group_add(Group *group, const Grant *grant, const char *name, Spec *spec, ProcessConfig *config,
              const char **ret_limit) {
        Supervisor *supervisor = group->supervisor;
        int r = check_add(group, name, spec, ret_limit);
        User *user = user_of(group);
        Member *member;

        g_assert(grant);
        if (r != 0) {
                spec_free(spec);
                process_config_done(config);
                return r;
        }
        member = g_new0(Member, 1);
        member->group = group;
        member->name = g_strdup(name);
        member->spec = spec;
        member->config = *config;
        config->name = NULL; /* handed over */
        if (!member->config.name)
                member->config.name = g_strdup(name);
        member->state = MEMBER_STATE_ADDED;
        member->link.data = member;
        user->plan_bytes += spec_bytes(spec);
        user->plan_descriptors += spec_descriptors(spec);
        g_ptr_array_add(group->members, member);
        g_hash_table_insert(group->by_name, member->name, member);
        supervisor->events.group_changed(supervisor->userdata, group, GROUP_CHANGE_MEMBERS);
        return 0;
}

int group_remove_member(Group *group, const Grant *grant, const char *name) {
        Member *member = g_hash_table_lookup(group->by_name, name);
        Supervisor *supervisor = group->supervisor;

        g_assert(grant);
        if (!member)
                return CORE_E_NO_SUCH_MEMBER;
        if (member->state == MEMBER_STATE_QUEUED || member->state == MEMBER_STATE_STARTING ||
            member->state == MEMBER_STATE_RUNNING)
                return CORE_E_STILL_ALIVE;
        member_detach(member);
        g_hash_table_remove(group->by_name, name);
        g_ptr_array_remove(group->members, member);
        supervisor->events.group_changed(supervisor->userdata, group, GROUP_CHANGE_MEMBERS);
        return 0;
}

void groups_clear_queues(Supervisor *supervisor, uid_t owner, const char *why) {
        for (unsigned i = 0; i < supervisor->group_order->len; i++) {
                Group *group = supervisor->group_order->pdata[i];

                if (owner == UID_ANY || group->owner == owner)
                        group_clear_queue(group, why);
        }
}

void groups_origin_gone(Supervisor *supervisor, uint64_t origin) {
        for (unsigned i = 0; i < supervisor->group_order->len; i++) {
                Group *group = supervisor->group_order->pdata[i];

                if (group->starter.origin == origin)
                        group->starter.origin = 0;
        }
}

/* Nothing of it runs. Who waits for one of its processes yet has a reference, and is told. */
static void forget(Group *group) {
        g_autoptr(GPtrArray) own = group_list_processes(group);
        Supervisor *supervisor = group->supervisor;

        for (unsigned i = 0; i < group->members->len; i++)
                member_detach(group->members->pdata[i]);
        for (unsigned i = 0; i < own->len; i++)
                lifecycle_forget(supervisor, own->pdata[i]);
        waiters_meet(group->waiters);
        supervisor->events.group_removed(supervisor->userdata, group);
        g_hash_table_remove(supervisor->groups, &group->id);
        g_ptr_array_remove(supervisor->group_order, group);
        group_free(group);
        supervisor_arm(supervisor);
}

static void settle_ending(Group *group, WaitOutcome outcome, GPtrArray *processes) {
        g_autoptr(GPtrArray) endings = g_steal_pointer(&group->endings);

        group->endings = g_ptr_array_new_with_free_func(g_free);
        group->ending = false;
        if (outcome == WAIT_MET)
                forget(group);
        for (unsigned i = 0; i < endings->len; i++) {
                const Ending *ending = endings->pdata[i];

                ending->func(ending->userdata, outcome, processes);
        }
}

static void on_ended(Waiter *waiter, WaitOutcome outcome, void *userdata) {
        g_autoptr(GPtrArray) processes = g_ptr_array_ref(waiter_processes(waiter));
        Group *group = userdata;

        group->end = NULL;
        settle_ending(group, outcome, processes);
}

void group_shutdown(Group *group, const Grant *grant, GroupEndFunc func, void *userdata,
                    const Now *now) {
        g_autoptr(GPtrArray) own = NULL;
        Ending *ending = g_new(Ending, 1);

        *ending = (Ending){func, userdata};
        g_ptr_array_add(group->endings, ending);
        if (group->ending)
                return;
        group->ending = true;
        own = group_stop(group, grant, STOP_ASK, now);
        group->end = supervisor_wait(group->supervisor, own, WAIT_EMPTIED, WAIT_MODE_ALL,
                                     USEC_INFINITY, now, on_ended, group);
        if (!group->end)
                settle_ending(group, WAIT_MET, own);
}

void supervisor_cleanup_groups(Supervisor *supervisor, const Grant *grant, uid_t owner) {
        g_autoptr(GPtrArray) groups = supervisor_list_groups(supervisor, owner);

        g_assert(grant);
        for (unsigned i = 0; i < groups->len; i++) {
                Group *group = groups->pdata[i];
                g_autoptr(GPtrArray) own = group_list_live(group);

                if (own->len == 0 && !group->ending)
                        forget(group);
        }
}
