/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tables from enumeration to word and back. */

#include "core/words.h"

#include <stddef.h>
#include <string.h>

#define WORD_STRING(identifier, word) word,

#define DEFINE_WORDS(name, Type, LIST, MAX)                                                        \
        static const char *const name##_table[] = {LIST(WORD_STRING)};                             \
        _Static_assert(sizeof(name##_table) / sizeof(name##_table[0]) == MAX, "words of " #Type);  \
                                                                                                   \
        const char *name##_to_string(Type value) {                                                 \
                return (unsigned)value < MAX ? name##_table[value] : NULL;                         \
        }                                                                                          \
                                                                                                   \
        Type name##_from_string(const char *s) {                                                   \
                for (unsigned i = 0; s && i < MAX; i++)                                            \
                        if (strcmp(name##_table[i], s) == 0)                                       \
                                return (Type)i;                                                    \
                return (Type)-EINVAL;                                                              \
        }

DEFINE_WORDS(state, State, PROCTOR_STATES, _STATE_MAX)
DEFINE_WORDS(result, Result, PROCTOR_RESULTS, _RESULT_MAX)
DEFINE_WORDS(health, Health, PROCTOR_HEALTHS, _HEALTH_MAX)
DEFINE_WORDS(wait_mode, WaitMode, PROCTOR_WAIT_MODES, _WAIT_MODE_MAX)
DEFINE_WORDS(kill_mode, KillMode, PROCTOR_KILL_MODES, _KILL_MODE_MAX)
DEFINE_WORDS(readiness, Readiness, PROCTOR_READINESSES, _READINESS_MAX)
DEFINE_WORDS(dossier_reason, DossierReason, PROCTOR_DOSSIER_REASONS, _DOSSIER_REASON_MAX)
DEFINE_WORDS(activity_source, ActivitySource, PROCTOR_ACTIVITY_SOURCES, _ACTIVITY_SOURCE_MAX)
DEFINE_WORDS(group_state, GroupState, PROCTOR_GROUP_STATES, _GROUP_STATE_MAX)
DEFINE_WORDS(member_failure, MemberFailure, PROCTOR_MEMBER_FAILURES, _MEMBER_FAILURE_MAX)
DEFINE_WORDS(member_state, MemberState, PROCTOR_MEMBER_STATES, _MEMBER_STATE_MAX)
