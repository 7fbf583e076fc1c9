/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The words of the contract: each value has one word, each word one value, and nothing else is either. */

#include "core/words.h"
#include "util/check.h"

/* One test for each enumeration: all values there and back, all words different. */
#define ROUND_TRIP(name, Type, MAX)                                                                \
        static void name##_round_trips(void **state) {                                             \
                for (Type value = 0; value < MAX; value++) {                                       \
                        const char *word = name##_to_string(value);                                \
                                                                                                   \
                        assert_non_null(word);                                                     \
                        assert_int_equal(name##_from_string(word), value);                         \
                        for (Type other = 0; other < value; other++)                               \
                                assert_string_not_equal(name##_to_string(other), word);            \
                }                                                                                  \
                assert_null(name##_to_string(MAX));                                                \
                assert_null(name##_to_string((Type)-1));                                           \
                assert_null(name##_to_string((Type)-EINVAL));                                      \
                assert_int_equal(name##_from_string("no such word"), -EINVAL);                     \
                assert_int_equal(name##_from_string(NULL), -EINVAL);                               \
                assert_true(name##_from_string("") < 0 ||                                          \
                            *name##_to_string(name##_from_string("")) == '\0');                    \
        }

ROUND_TRIP(state, State, _STATE_MAX)
ROUND_TRIP(result, Result, _RESULT_MAX)
ROUND_TRIP(health, Health, _HEALTH_MAX)
ROUND_TRIP(wait_mode, WaitMode, _WAIT_MODE_MAX)
ROUND_TRIP(kill_mode, KillMode, _KILL_MODE_MAX)
ROUND_TRIP(group_state, GroupState, _GROUP_STATE_MAX)
ROUND_TRIP(member_failure, MemberFailure, _MEMBER_FAILURE_MAX)
ROUND_TRIP(member_state, MemberState, _MEMBER_STATE_MAX)
ROUND_TRIP(activity_source, ActivitySource, _ACTIVITY_SOURCE_MAX)

static void a_word_is_not_found_by_its_beginning_or_case(void **state) {
        assert_int_equal(state_from_string("run"), -EINVAL);
        assert_int_equal(state_from_string("Running"), -EINVAL);
        assert_int_equal(state_from_string("running "), -EINVAL);
        assert_int_equal(wait_mode_from_string("first"), -EINVAL);
}

static void the_words_are_those_of_the_contract(void **state) {
        static const char *const results[] = {
                "",     "success",       "exit-code",  "signal", "core-dump",     "stopped",
                "hang", "runtime-limit", "owner-lost", "lost",   "start-timeout", "start-failed"};

        assert_int_equal(G_N_ELEMENTS(results), _RESULT_MAX);
        for (Result r = 0; r < _RESULT_MAX; r++)
                assert_string_equal(result_to_string(r), results[r]);
        assert_string_equal(state_to_string(STATE_RUNNING), "running");
        assert_string_equal(state_to_string(STATE_STOPPING), "stopping");
        assert_string_equal(state_to_string(STATE_FINISHED), "finished");
        assert_string_equal(health_to_string(HEALTH_ACTIVE), "active");
        assert_string_equal(health_to_string(HEALTH_SLOW), "slow");
        assert_string_equal(health_to_string(HEALTH_HUNG), "hung");
        assert_string_equal(wait_mode_to_string(WAIT_MODE_FIRST_FAILURE), "first-failure");
}

TEST_MAIN(TEST(state_round_trips), TEST(result_round_trips), TEST(health_round_trips),
          TEST(wait_mode_round_trips), TEST(kill_mode_round_trips), TEST(group_state_round_trips),
          TEST(member_failure_round_trips), TEST(member_state_round_trips),
          TEST(activity_source_round_trips), TEST(a_word_is_not_found_by_its_beginning_or_case),
          TEST(the_words_are_those_of_the_contract))
