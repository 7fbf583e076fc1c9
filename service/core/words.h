/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The enumerations of the contract and their words on the bus, from the lists that the library uses
 * too. A word that is not one is …_INVALID. */

#include <errno.h>

#include "dbus/proctor-names.h"

#define WORD_ENUM(identifier, word) WORD_PREFIX(identifier),

typedef enum State {
#define WORD_PREFIX(x) STATE_##x
        PROCTOR_STATES(WORD_ENUM) _STATE_MAX,
        _STATE_INVALID = -EINVAL,
#undef WORD_PREFIX
} State;

typedef enum Result {
#define WORD_PREFIX(x) RESULT_##x
        PROCTOR_RESULTS(WORD_ENUM) _RESULT_MAX,
        _RESULT_INVALID = -EINVAL,
#undef WORD_PREFIX
} Result;

typedef enum Health {
#define WORD_PREFIX(x) HEALTH_##x
        PROCTOR_HEALTHS(WORD_ENUM) _HEALTH_MAX,
        _HEALTH_INVALID = -EINVAL,
#undef WORD_PREFIX
} Health;

typedef enum WaitMode {
#define WORD_PREFIX(x) WAIT_MODE_##x
        PROCTOR_WAIT_MODES(WORD_ENUM) _WAIT_MODE_MAX,
        _WAIT_MODE_INVALID = -EINVAL,
#undef WORD_PREFIX
} WaitMode;

typedef enum KillMode {
#define WORD_PREFIX(x) KILL_MODE_##x
        PROCTOR_KILL_MODES(WORD_ENUM) _KILL_MODE_MAX,
        _KILL_MODE_INVALID = -EINVAL,
#undef WORD_PREFIX
} KillMode;

typedef enum Readiness {
#define WORD_PREFIX(x) READINESS_##x
        PROCTOR_READINESSES(WORD_ENUM) _READINESS_MAX,
        _READINESS_INVALID = -EINVAL,
#undef WORD_PREFIX
} Readiness;

typedef enum DossierReason {
#define WORD_PREFIX(x) DOSSIER_##x
        PROCTOR_DOSSIER_REASONS(WORD_ENUM) _DOSSIER_REASON_MAX,
        _DOSSIER_REASON_INVALID = -EINVAL,
#undef WORD_PREFIX
} DossierReason;

/* Kinds of signs of life; START is the baseline, no sign. */
typedef enum ActivitySource {
#define WORD_PREFIX(x) ACTIVITY_##x
        PROCTOR_ACTIVITY_SOURCES(WORD_ENUM) _ACTIVITY_SOURCE_MAX,
        _ACTIVITY_SOURCE_INVALID = -EINVAL,
#undef WORD_PREFIX
} ActivitySource;

typedef enum GroupState {
#define WORD_PREFIX(x) GROUP_STATE_##x
        PROCTOR_GROUP_STATES(WORD_ENUM) _GROUP_STATE_MAX,
        _GROUP_STATE_INVALID = -EINVAL,
#undef WORD_PREFIX
} GroupState;

typedef enum MemberFailure {
#define WORD_PREFIX(x) MEMBER_FAILURE_##x
        PROCTOR_MEMBER_FAILURES(WORD_ENUM) _MEMBER_FAILURE_MAX,
        _MEMBER_FAILURE_INVALID = -EINVAL,
#undef WORD_PREFIX
} MemberFailure;

typedef enum MemberState {
#define WORD_PREFIX(x) MEMBER_STATE_##x
        PROCTOR_MEMBER_STATES(WORD_ENUM) _MEMBER_STATE_MAX,
        _MEMBER_STATE_INVALID = -EINVAL,
#undef WORD_PREFIX
} MemberState;

#undef WORD_ENUM

const char *state_to_string(State s);
State state_from_string(const char *s);
const char *result_to_string(Result r);
Result result_from_string(const char *s);
const char *health_to_string(Health h);
Health health_from_string(const char *s);
const char *wait_mode_to_string(WaitMode m);
WaitMode wait_mode_from_string(const char *s);
const char *kill_mode_to_string(KillMode m);
KillMode kill_mode_from_string(const char *s);
const char *readiness_to_string(Readiness r);
Readiness readiness_from_string(const char *s);
const char *dossier_reason_to_string(DossierReason r);
DossierReason dossier_reason_from_string(const char *s);
const char *activity_source_to_string(ActivitySource a);
ActivitySource activity_source_from_string(const char *s);
const char *group_state_to_string(GroupState s);
GroupState group_state_from_string(const char *s);
const char *member_failure_to_string(MemberFailure f);
MemberFailure member_failure_from_string(const char *s);
const char *member_state_to_string(MemberState s);
MemberState member_state_from_string(const char *s);
