/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The registry: who has which id and which PID, also when a PID is used again and again. */

#include "core/registry.h"

#include "util/check.h"

static Process *add(Registry *registry, uint64_t id, pid_t pid, uid_t owner) {
        ProcessConfig config;
        Process *process;
        Now now = {.monotonic = id, .realtime = id};

        process_config_init(&config);
        process = process_new(id, owner, 1, &config);
        process->user = registry_user(registry, owner);
        process_mark_started(process, pid, &now);
        registry_add(registry, process);
        process_unref(process); /* the registry has it now */
        return process;
}

static void finish(Process *process) {
        ExitStatus status = {.known = true};
        Now now = {.monotonic = 5000, .realtime = 5000};

        process_mark_exited(process, &status, &now);
        g_queue_push_tail_link(&process->user->finished, &process->user_link);
}

static void the_newest_with_a_pid_is_found(void **state) {
        Registry registry;
        Process *a, *b, *c;

        registry_init(&registry);
        a = add(&registry, 1, 50, 1000);
        finish(a);
        b = add(&registry, 2, 50, 1001);
        finish(b);
        c = add(&registry, 3, 50, 1000);
        assert_ptr_equal(registry_by_pid(&registry, 50, UID_ANY), c);
        assert_ptr_equal(registry_by_pid(&registry, 50, 1000), c);
        assert_ptr_equal(registry_by_pid(&registry, 50, 1001), b);
        assert_null(registry_by_pid(&registry, 50, 1002));
        assert_null(registry_by_pid(&registry, 51, UID_ANY));
        assert_ptr_equal(registry_by_id(&registry, 1), a);
        assert_null(registry_by_id(&registry, 4));
        registry_done(&registry);
}

/* Removes the members of a chain of three in each order: the others are found as before. */
static void a_chain_survives_any_removal(void **state) {
        static const unsigned orders[6][3] = {{1, 2, 3}, {1, 3, 2}, {2, 1, 3},
                                              {2, 3, 1}, {3, 1, 2}, {3, 2, 1}};

        for (unsigned i = 0; i < G_N_ELEMENTS(orders); i++) {
                Registry registry;
                bool there[4] = {false, true, true, true};

                registry_init(&registry);
                for (unsigned id = 1; id <= 3; id++)
                        finish(add(&registry, id, 77, 1000 + id % 2));
                for (unsigned k = 0; k < 3; k++) {
                        Process *newest = NULL;

                        there[orders[i][k]] = false;
                        registry_remove(&registry, registry_by_id(&registry, orders[i][k]));
                        for (unsigned id = 1; id <= 3; id++)
                                if (there[id])
                                        newest = registry_by_id(&registry, id);
                        assert_ptr_equal(registry_by_pid(&registry, 77, UID_ANY), newest);
                }
                registry_done(&registry);
        }
}

static void a_random_registry_does_as_the_model(void **state) {
        g_autoptr(GRand) rand = check_rand(__func__);
        pid_t pids[401] = {};
        Registry registry;

        registry_init(&registry);
        for (uint64_t id = 1; id <= 400; id++) {
                uint64_t victim = (uint64_t)g_rand_int_range(rand, 1, (int)id + 1);
                pid_t pid = g_rand_int_range(rand, 2, 12);

                pids[id] = pid;
                finish(add(&registry, id, pid, 1000));
                if (g_rand_boolean(rand) && pids[victim]) {
                        pids[victim] = 0;
                        registry_remove(&registry, registry_by_id(&registry, victim));
                }
                for (pid = 2; pid < 12; pid++) {
                        Process *found = registry_by_pid(&registry, pid, UID_ANY);
                        uint64_t newest = id;

                        while (newest > 0 && pids[newest] != pid)
                                newest--;
                        assert_true(found ? found->id == newest : newest == 0);
                }
        }
        registry_done(&registry);
}

static void statistics_are_of_one_or_of_all(void **state) {
        Registry registry;

        registry_init(&registry);
        registry_user(&registry, 1)->stats.started = 3;
        registry_user(&registry, 2)->stats.started = 4;
        registry_user(&registry, 2)->stats.results[RESULT_HANG] = 1;
        assert_ptr_equal(registry_user(&registry, 1), registry_user(&registry, 1));
        assert_int_equal(registry_stats(&registry, 1).started, 3);
        assert_int_equal(registry_stats(&registry, UID_ANY).started, 7);
        assert_int_equal(registry_stats(&registry, UID_ANY).results[RESULT_HANG], 1);
        assert_int_equal(registry_stats(&registry, 99).started, 0);
        registry_done(&registry);
}

TEST_MAIN(TEST(the_newest_with_a_pid_is_found), TEST(a_chain_survives_any_removal),
          TEST(a_random_registry_does_as_the_model), TEST(statistics_are_of_one_or_of_all))
