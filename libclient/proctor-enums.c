/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The enumerations as GObject types. Values and nicks come from the lists that the service uses
 * itself; assertions tie them to the public header. */

#include <proctor/proctor-enums.h>
#include <proctor/proctor-error.h>

#include "dbus/proctor-names.h"
#include "enums-internal.h"

#define NUMBER(list, id)             list##_##id
#define STATE_NUMBER(id, word)       NUMBER(STATE, id),
#define RESULT_NUMBER(id, word)      NUMBER(RESULT, id),
#define HEALTH_NUMBER(id, word)      NUMBER(HEALTH, id),
#define WAIT_MODE_NUMBER(id, word)   NUMBER(WAIT_MODE, id),
#define GROUP_STATE_NUMBER(id, word) NUMBER(GROUP_STATE, id),
enum { PROCTOR_GROUP_STATES(GROUP_STATE_NUMBER) N_GROUP_STATES };
#define MEMBER_FAILURE_NUMBER(id, word) NUMBER(MEMBER_FAILURE, id),
enum { PROCTOR_MEMBER_FAILURES(MEMBER_FAILURE_NUMBER) N_MEMBER_FAILURES };
enum { PROCTOR_STATES(STATE_NUMBER) N_STATES };
enum { PROCTOR_RESULTS(RESULT_NUMBER) N_RESULTS };
enum { PROCTOR_HEALTHS(HEALTH_NUMBER) N_HEALTHS };
enum { PROCTOR_WAIT_MODES(WAIT_MODE_NUMBER) N_WAIT_MODES };

#define SAME(list, id)             G_STATIC_ASSERT((int)PROCTOR_##list##_##id == (int)list##_##id);
#define STATE_SAME(id, word)       SAME(STATE, id)
#define RESULT_SAME(id, word)      SAME(RESULT, id)
#define HEALTH_SAME(id, word)      SAME(HEALTH, id)
#define WAIT_MODE_SAME(id, word)   SAME(WAIT_MODE, id)
#define GROUP_STATE_SAME(id, word) SAME(GROUP_STATE, id)
PROCTOR_GROUP_STATES(GROUP_STATE_SAME)
#define MEMBER_FAILURE_SAME(id, word) SAME(MEMBER_FAILURE, id)
PROCTOR_MEMBER_FAILURES(MEMBER_FAILURE_SAME)
PROCTOR_STATES(STATE_SAME)
PROCTOR_RESULTS(RESULT_SAME)
PROCTOR_HEALTHS(HEALTH_SAME)
PROCTOR_WAIT_MODES(WAIT_MODE_SAME)

/* Bindings name a value by its nick, which therefore cannot be empty as the word for no result is. */
#define NO_RESULT                 "none"
#define NICK(word)                (sizeof(word) > 1 ? word : NO_RESULT)
#define VALUE(list, id, word)     {PROCTOR_##list##_##id, "PROCTOR_" #list "_" #id, NICK(word)},
#define STATE_VALUE(id, word)     VALUE(STATE, id, word)
#define RESULT_VALUE(id, word)    VALUE(RESULT, id, word)
#define HEALTH_VALUE(id, word)    VALUE(HEALTH, id, word)
#define WAIT_MODE_VALUE(id, word) VALUE(WAIT_MODE, id, word)

#define GROUP_STATE_VALUE(id, word) VALUE(GROUP_STATE, id, word)
static const GEnumValue group_state_values[] = {PROCTOR_GROUP_STATES(GROUP_STATE_VALUE){0}};
#define MEMBER_FAILURE_VALUE(id, word) VALUE(MEMBER_FAILURE, id, word)
static const GEnumValue member_failure_values[] = {
        PROCTOR_MEMBER_FAILURES(MEMBER_FAILURE_VALUE){0}};
static const GEnumValue state_values[] = {PROCTOR_STATES(STATE_VALUE){0}};
static const GEnumValue result_values[] = {PROCTOR_RESULTS(RESULT_VALUE){0}};
static const GEnumValue health_values[] = {PROCTOR_HEALTHS(HEALTH_VALUE){0}};
static const GEnumValue wait_mode_values[] = {PROCTOR_WAIT_MODES(WAIT_MODE_VALUE){0}};
static const GEnumValue stop_mode_values[] = {
        {PROCTOR_STOP_MODE_ASK, "PROCTOR_STOP_MODE_ASK", "ask"},
        {PROCTOR_STOP_MODE_FORCE, "PROCTOR_STOP_MODE_FORCE", "force"},
        {0},
};
static const GEnumValue list_scope_values[] = {
        {PROCTOR_LIST_SCOPE_LIVE, "PROCTOR_LIST_SCOPE_LIVE", "live"},
        {PROCTOR_LIST_SCOPE_ALL, "PROCTOR_LIST_SCOPE_ALL", "all"},
        {0},
};
#define ERROR_VALUE(id, nick)                                                                      \
        { PROCTOR_ERROR_##id, "PROCTOR_ERROR_" #id, nick }
static const GEnumValue error_values[] = {
        ERROR_VALUE(FAILED, "failed"),
        ERROR_VALUE(INVALID_ARGUMENT, "invalid-argument"),
        ERROR_VALUE(ACCESS_DENIED, "access-denied"),
        ERROR_VALUE(LIMITS_EXCEEDED, "limits-exceeded"),
        ERROR_VALUE(NOT_SUPPORTED, "not-supported"),
        ERROR_VALUE(DISCONNECTED, "disconnected"),
        ERROR_VALUE(UNAVAILABLE, "unavailable"),
        ERROR_VALUE(AUTHORIZATION_REQUIRED, "authorization-required"),
        ERROR_VALUE(PROTOCOL, "protocol"),
        ERROR_VALUE(NO_REPLY, "no-reply"),
        ERROR_VALUE(NO_SUCH_PROCESS, "no-such-process"),
        ERROR_VALUE(SPAWN_FAILED, "spawn-failed"),
        ERROR_VALUE(NOT_RUNNING, "not-running"),
        ERROR_VALUE(TIMEOUT, "timeout"),
        ERROR_VALUE(STILL_ALIVE, "still-alive"),
        ERROR_VALUE(SHUTTING_DOWN, "shutting-down"),
        ERROR_VALUE(NO_SUCH_GROUP, "no-such-group"),
        ERROR_VALUE(NO_SUCH_MEMBER, "no-such-member"),
        ERROR_VALUE(NAME_TAKEN, "name-taken"),
        {0},
};

#define DEFINE_ENUM(Type, function, values)                                                        \
        GType function(void) {                                                                     \
                static gsize type;                                                                 \
                                                                                                   \
                if (g_once_init_enter(&type))                                                      \
                        g_once_init_leave(&type, g_enum_register_static(#Type, values));           \
                return type;                                                                       \
        }

DEFINE_ENUM(ProctorState, proctor_state_get_type, state_values)
DEFINE_ENUM(ProctorResult, proctor_result_get_type, result_values)
DEFINE_ENUM(ProctorHealth, proctor_health_get_type, health_values)
DEFINE_ENUM(ProctorWaitMode, proctor_wait_mode_get_type, wait_mode_values)
DEFINE_ENUM(ProctorStopMode, proctor_stop_mode_get_type, stop_mode_values)
DEFINE_ENUM(ProctorGroupState, proctor_group_state_get_type, group_state_values)
DEFINE_ENUM(ProctorMemberFailure, proctor_member_failure_get_type, member_failure_values)
DEFINE_ENUM(ProctorListScope, proctor_list_scope_get_type, list_scope_values)
DEFINE_ENUM(ProctorError, proctor_error_get_type, error_values)

const char *proctor_state_to_string(ProctorState state) {
        return (guint)state < N_STATES ? state_values[state].value_nick : NULL;
}

const char *proctor_result_to_string(ProctorResult result) {
        if (result == PROCTOR_RESULT_NONE)
                return "";
        return (guint)result < N_RESULTS ? result_values[result].value_nick : NULL;
}

const char *proctor_health_to_string(ProctorHealth health) {
        return (guint)health < N_HEALTHS ? health_values[health].value_nick : NULL;
}

const char *proctor_group_state_to_string(ProctorGroupState state) {
        return (guint)state < N_GROUP_STATES ? group_state_values[state].value_nick : NULL;
}

const char *proctor_member_failure_to_string(ProctorMemberFailure failure) {
        return (guint)failure < N_MEMBER_FAILURES ? member_failure_values[failure].value_nick
                                                  : NULL;
}

const char *proctor_wait_mode_to_string(ProctorWaitMode mode) {
        return (guint)mode < N_WAIT_MODES ? wait_mode_values[mode].value_nick : NULL;
}

gboolean enum_from_word(GType type, const char *word, gint32 *ret_value) {
        g_autoptr(GTypeClass) class = g_type_class_ref(type);
        GEnumValue *value = g_enum_get_value_by_nick(G_ENUM_CLASS(class), *word ? word : NO_RESULT);

        if (!value)
                return FALSE;
        *ret_value = value->value;
        return TRUE;
}

gint32 result_from_word(const char *word) {
        gint32 result;

        return enum_from_word(PROCTOR_TYPE_RESULT, word, &result) ? result : PROCTOR_RESULT_LOST;
}
