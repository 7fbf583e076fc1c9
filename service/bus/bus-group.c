/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* org.proctor1.Group: one fallback vtable for all groups; the finder in face.c hides those that the
 * caller may not see. */

#include <errno.h>

#include "base/parse.h"
#include "bus/access.h"
#include "bus/bus-cleanup.h"
#include "bus/bus-error.h"
#include "bus/objects.h"
#include "core/group.h"
#include "dbus/proctor-names.h"

static Face *face_of(const Group *group) {
        return supervisor_userdata(group->supervisor);
}

static int fail_member(sd_bus_error *error, int r, const char *member, const char *limit) {
        switch (r) {
        case CORE_E_NAME_TAKEN:
                return bus_fail(error, PROCTOR_ERROR_NAME_NAME_TAKEN,
                                "The group has a member '%s' already", member);
        case CORE_E_NO_SUCH_MEMBER:
                return bus_fail(error, PROCTOR_ERROR_NAME_NO_SUCH_MEMBER,
                                "The group has no member '%s'", member);
        case CORE_E_STILL_ALIVE:
                return bus_fail(error, PROCTOR_ERROR_NAME_STILL_ALIVE,
                                "Member '%s' runs, or is about to: stop it, or wait for it",
                                member);
        case CORE_E_LIMIT:
                return bus_fail_limit(error, limit);
        case CORE_E_SHUTTING_DOWN:
                return bus_fail(error, PROCTOR_ERROR_NAME_SHUTTING_DOWN,
                                "The group or the service is ending");
        default:
                return bus_fail_core(error, r, 0);
        }
}

static int method_add_process(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        g_autoptr(Spec) spec = spec_new();
        Options options = {.spec = spec, .pidfd = -EBADF};
        const Grant *start, *grant;
        const char *name, *limit = NULL;
        Group *group = userdata;
        Face *face = face_of(group);
        int r;

        r = sd_bus_message_read(m, "s", &name);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the arguments");
        if (!name_is_valid(name))
                return bus_fail_invalid(error, "The name of the member: expected 1 to 128 bytes of "
                                               "UTF-8 without control characters");
        r = read_start(m, face, &options, &start, error);
        if (r != 0)
                return r;
        r = access_authorize_group(face, m, ACCESS_CONTROL, group, &grant, error);
        if (r != 0) {
                process_config_done(&options.config);
                return r;
        }
        r = group_add(group, grant, name, g_steal_pointer(&spec), &options.config, &limit);
        if (r != 0)
                return fail_member(error, r, name, limit);
        return sd_bus_reply_method_return(m, NULL);
}

static int method_remove_process(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Group *group = userdata;
        const Grant *grant;
        const char *name;
        int r;

        r = sd_bus_message_read(m, "s", &name);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the arguments");
        r = access_authorize_group(face_of(group), m, ACCESS_CONTROL, group, &grant, error);
        if (r != 0)
                return r;
        r = group_remove_member(group, grant, name);
        if (r != 0)
                return fail_member(error, r, name, NULL);
        return sd_bus_reply_method_return(m, NULL);
}

static int append_started(sd_bus_message *m, const GPtrArray *outcomes) {
        int r = sd_bus_message_open_container(m, 'a', "{s(ou)}");

        for (unsigned i = 0; r >= 0 && i < outcomes->len; i++) {
                const GroupOutcome *outcome = outcomes->pdata[i];
                g_autofree char *path = NULL;

                if (!outcome->process)
                        continue;
                path = face_process_path(outcome->process);
                r = sd_bus_message_append(m, "{s(ou)}", outcome->member, path,
                                          (uint32_t)outcome->process->pid);
        }
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_failed(sd_bus_message *m, const GPtrArray *outcomes) {
        int r = sd_bus_message_open_container(m, 'a', "{ss}");

        for (unsigned i = 0; r >= 0 && i < outcomes->len; i++) {
                const GroupOutcome *outcome = outcomes->pdata[i];

                if (outcome->error)
                        r = sd_bus_message_append(m, "{ss}", outcome->member, outcome->error);
        }
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static void on_started(void *userdata, GPtrArray *outcomes) {
        g_autoptr(sd_bus_message) reply = NULL;
        Held *held = userdata;
        int r;

        r = held->peer ? sd_bus_message_new_method_return(held->m, &reply) : -ENOTCONN;
        if (r >= 0)
                r = append_started(reply, outcomes);
        if (r >= 0)
                r = append_failed(reply, outcomes);
        if (r >= 0)
                sd_bus_send(NULL, reply, NULL);
        held_free(held);
}

static int method_start_all(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Group *group = userdata;
        Face *face = face_of(group);
        Now now = now_read();
        const Grant *grant;
        Held *held;
        int r;

        r = access_authorize_group(face, m, ACCESS_CONTROL, group, &grant, error);
        if (r != 0)
                return r;
        held = held_begin(face, m, error);
        if (!held)
                return -EBUSY;
        r = group_start(group, grant, grant_caller(grant), on_started, held, &now);
        if (r == 0)
                return 1;
        held_free(held);
        return fail_member(error, r, NULL, NULL);
}

/* The member whose newest process that is; NULL when it was removed meanwhile. */
static const char *name_of(const Process *process) {
        const Member *member = process->config.member;

        return member && member->process == process ? member->name : NULL;
}

static int reply_stopped(Held *held, WaitOutcome outcome) {
        g_autoptr(sd_bus_message) reply = NULL;
        int r;

        if (outcome == WAIT_STUCK)
                return fail_survivors(held->m, held->face, held->processes);
        r = sd_bus_message_new_method_return(held->m, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "{s(is)}");
        for (unsigned i = 0; r >= 0 && i < held->processes->len; i++) {
                const Process *process = held->processes->pdata[i];

                if (name_of(process))
                        r = sd_bus_message_append(reply, "{s(is)}", name_of(process),
                                                  (int32_t)process->exit_code,
                                                  result_to_string(process->result));
        }
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int method_stop_all(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        g_autoptr(GPtrArray) live = NULL;
        Group *group = userdata;
        Face *face = face_of(group);
        Now now = now_read();
        const Grant *grant;
        int force, r;

        r = sd_bus_message_read(m, "b", &force);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the arguments");
        r = access_authorize_group(face, m, ACCESS_CONTROL, group, &grant, error);
        if (r != 0)
                return r;
        if (held_is_full(face, grant_peer(grant)))
                return bus_fail_limit(error, "calls of one connection that wait");
        live = group_stop(group, grant, force ? STOP_FORCE : STOP_ASK, &now);
        return held_wait(face, m, live, WAIT_EMPTIED, WAIT_MODE_ALL, USEC_INFINITY, reply_stopped,
                         NULL, error);
}

int append_finished_members(sd_bus_message *m, const Group *group) {
        int r = sd_bus_message_open_container(m, 'a', "{s(is)}");

        for (unsigned i = 0; r >= 0 && i < group->members->len; i++) {
                const Member *member = group->members->pdata[i];

                if (member->state == MEMBER_STATE_FINISHED)
                        r = sd_bus_message_append(m, "{s(is)}", member->name,
                                                  (int32_t)member->process->exit_code,
                                                  result_to_string(member->process->result));
        }
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int reply_waited(Held *held, WaitOutcome outcome) {
        g_autoptr(sd_bus_message) reply = NULL;
        int r;

        r = sd_bus_message_new_method_return(held->m, &reply);
        if (r >= 0)
                r = append_finished_members(reply, held->group);
        if (r >= 0)
                r = sd_bus_message_append(reply, "b", (int)(outcome == WAIT_MET));
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int method_wait_for_all(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Group *group = userdata;
        const Grant *grant;
        uint64_t timeout;
        int r;

        r = sd_bus_message_read(m, "t", &timeout);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the arguments");
        r = access_authorize_group(face_of(group), m, ACCESS_INSPECT, group, &grant, error);
        if (r != 0)
                return r;
        return held_wait_group(face_of(group), m, group, timeout, reply_waited, error);
}

static int signal_members(sd_bus_message *reply, const Group *group, const Grant *grant, int signo,
                          TreeScope scope) {
        int r = sd_bus_message_open_container(reply, 'a', "{sb}");

        for (unsigned i = 0; r >= 0 && i < group->members->len; i++) {
                const Member *member = group->members->pdata[i];
                Process *process = member_process(member);

                if (process && process_is_running(process))
                        r = sd_bus_message_append(reply, "{sb}", member->name,
                                                  supervisor_signal(group->supervisor, grant,
                                                                    process, signo, scope) == 0);
        }
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int method_send_signal(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        g_autoptr(sd_bus_message) reply = NULL;
        Group *group = userdata;
        const Grant *grant;
        const char *word;
        TreeScope scope;
        int signo, r;

        r = sd_bus_message_read(m, "s", &word);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the arguments");
        r = parse_signal_word(word, &signo, &scope, error);
        if (r >= 0)
                r = access_authorize_group(face_of(group), m, ACCESS_CONTROL, group, &grant, error);
        if (r != 0)
                return r;
        r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = signal_members(reply, group, grant, signo, scope);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot answer");
        return sd_bus_send(NULL, reply, NULL);
}

static int append_status(sd_bus_message *m, Supervisor *supervisor, const Member *member) {
        const Process *process = member_process(member);
        g_autofree char *path = NULL;
        Now now = now_read();

        path = process && process->supervisor ? face_process_path(process)
                                              : g_strdup(PROCTOR_NO_PATH);
        return sd_bus_message_append(
                m, "a{sv}", 7,                                                                 //
                PROCTOR_MEMBER_PROCESS, "o", path,                                             //
                PROCTOR_MEMBER_PID, "u", process ? (uint32_t)process->pid : 0,                 //
                PROCTOR_MEMBER_STATE, "s", member_state_to_string(member_state(member)),       //
                PROCTOR_MEMBER_EXIT_CODE, "i", process ? (int32_t)process->exit_code : 0,      //
                PROCTOR_MEMBER_RESULT, "s", result_to_string(member_result(member)),           //
                PROCTOR_MEMBER_HEALTH, "s",                                                    //
                process ? health_to_string(supervisor_health(supervisor, process, &now)) : "", //
                PROCTOR_MEMBER_ERROR, "s", member->error ?: "");
}

static int method_get_status(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        g_autoptr(sd_bus_message) reply = NULL;
        Group *group = userdata;
        const Grant *grant;
        int r;

        r = access_authorize_group(face_of(group), m, ACCESS_INSPECT, group, &grant, error);
        if (r != 0)
                return r;
        r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "{sa{sv}}");
        for (unsigned i = 0; r >= 0 && i < group->members->len; i++) {
                const Member *member = group->members->pdata[i];

                r = sd_bus_message_open_container(reply, 'e', "sa{sv}");
                if (r >= 0)
                        r = sd_bus_message_append(reply, "s", member->name);
                if (r >= 0)
                        r = append_status(reply, group->supervisor, member);
                if (r >= 0)
                        r = sd_bus_message_close_container(reply);
        }
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot answer");
        return sd_bus_send(NULL, reply, NULL);
}

static void on_shut_down(void *userdata, WaitOutcome outcome, GPtrArray *processes) {
        Held *held = userdata;

        if (held->peer && outcome == WAIT_STUCK)
                fail_survivors(held->m, held->face, processes);
        else if (held->peer)
                sd_bus_reply_method_return(held->m, NULL);
        held_free(held);
}

static int method_shutdown(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Group *group = userdata;
        Face *face = face_of(group);
        Now now = now_read();
        const Grant *grant;
        Held *held;
        int r;

        r = access_authorize_group(face, m, ACCESS_CONTROL, group, &grant, error);
        if (r != 0)
                return r;
        held = held_begin(face, m, error);
        if (!held)
                return -EBUSY;
        group_shutdown(group, grant, on_shut_down, held, &now);
        return 1;
}

#define GETTER(name, type, expression)                                                             \
        static int get_##name(sd_bus *bus, const char *path, const char *interface,                \
                              const char *property, sd_bus_message *m, void *userdata,             \
                              sd_bus_error *error) {                                               \
                const Group *group = userdata;                                                     \
                                                                                                   \
                return sd_bus_message_append(m, type, expression);                                 \
        }

GETTER(name, "s", group->config.name)
GETTER(owner, "u", (uint32_t)group->owner)
GETTER(on_failure, "s", member_failure_to_string(group->config.on_failure))
GETTER(max_parallel, "u", group->config.max_parallel)
GETTER(key_member, "s", group->config.key_member ?: "")
GETTER(n_running, "u", (uint32_t)group->n_running)
GETTER(state, "s", group_state_to_string(group->state))
GETTER(result, "s", result_to_string(group->result))
GETTER(exit_code, "i", (int32_t)group->exit_code)
GETTER(failed_member, "s", group->failed_member ?: "")

static int get_members(sd_bus *bus, const char *path, const char *interface, const char *property,
                       sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const Group *group = userdata;
        int r = sd_bus_message_open_container(m, 'a', "s");

        for (unsigned i = 0; r >= 0 && i < group->members->len; i++)
                r = sd_bus_message_append(m, "s", ((const Member *)group->members->pdata[i])->name);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

#define CONST(member, type, getter)                                                                \
        SD_BUS_PROPERTY(member, type, getter, 0, SD_BUS_VTABLE_PROPERTY_CONST)
#define CHANGES(member, type, getter)                                                              \
        SD_BUS_PROPERTY(member, type, getter, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE)
#define MOVES(member, type, getter) SD_BUS_PROPERTY(member, type, getter, 0, 0)

const sd_bus_vtable group_vtable[] = {
        SD_BUS_VTABLE_START(0),

        SD_BUS_METHOD_WITH_ARGS("AddProcess",
                                SD_BUS_ARGS("s", member, "as", command, "a{sv}", options),
                                SD_BUS_NO_RESULT, method_add_process, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("RemoveProcess", SD_BUS_ARGS("s", member), SD_BUS_NO_RESULT,
                                method_remove_process, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("StartAll", SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("a{s(ou)}", started, "a{ss}", failed),
                                method_start_all, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("StopAll", SD_BUS_ARGS("b", force),
                                SD_BUS_RESULT("a{s(is)}", stopped), method_stop_all,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("WaitForAll", SD_BUS_ARGS("t", timeout),
                                SD_BUS_RESULT("a{s(is)}", finished, "b", complete),
                                method_wait_for_all, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("SendSignal", SD_BUS_ARGS("s", signal),
                                SD_BUS_RESULT("a{sb}", delivered), method_send_signal,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("GetStatus", SD_BUS_NO_ARGS, SD_BUS_RESULT("a{sa{sv}}", status),
                                method_get_status, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Shutdown", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_shutdown,
                                SD_BUS_VTABLE_UNPRIVILEGED),

        SD_BUS_SIGNAL_WITH_NAMES("MemberExited", "sis",
                                 SD_BUS_PARAM(member) SD_BUS_PARAM(exit_code) SD_BUS_PARAM(result),
                                 0),
        SD_BUS_SIGNAL_WITH_NAMES("MemberFailed", "ss", SD_BUS_PARAM(member) SD_BUS_PARAM(error), 0),
        SD_BUS_SIGNAL_WITH_NAMES("Finished", "a{s(is)}", SD_BUS_PARAM(members), 0),

        CONST("Name", "s", get_name),
        CONST("Owner", "u", get_owner),
        CONST("OnMemberFailure", "s", get_on_failure),
        CONST("MaxParallel", "u", get_max_parallel),
        CONST("KeyMember", "s", get_key_member),

        CHANGES("Members", "as", get_members),
        CHANGES("State", "s", get_state),
        CHANGES("Result", "s", get_result),
        CHANGES("ExitCode", "i", get_exit_code),
        CHANGES("FailedMember", "s", get_failed_member),

        MOVES("NRunning", "u", get_n_running),

        SD_BUS_VTABLE_END,
};
