/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Thousands of random verbs and events against what must always hold: no result is lost, each start
 * and each waiter is answered exactly once, the counters are right, no deadline is left behind. */

#include <signal.h>

#include "util/fake-world.h"

#define N_OPERATIONS 4000
#define N_ORIGINS    4
#define N_USERS      3

typedef struct Chaos {
        FakeWorld world;
        GRand *rand;
        unsigned n_begun; /* starts that were taken */
        unsigned n_cancelled;
} Chaos;

static unsigned pick(Chaos *chaos, unsigned n) {
        return (unsigned)g_rand_int_range(chaos->rand, 0, (int)n);
}

static usec_t some_time(Chaos *chaos) {
        static const usec_t scales[] = {1000, 100000, 3000000, 40000000};

        if (pick(chaos, 20) == 0)
                return USEC_INFINITY;
        return pick(chaos, (unsigned)scales[pick(chaos, G_N_ELEMENTS(scales))]);
}

static Nature some_nature(Chaos *chaos) {
        return (Nature){
                .start_hangs = pick(chaos, 20) == 0,
                .fails_at = pick(chaos, 10) == 0 ? "exec" : NULL,
                .dies_of_stop = some_time(chaos),
                .dies_of_kill = pick(chaos, 50) == 0 ? USEC_INFINITY : pick(chaos, 5000),
                .leaves_something = pick(chaos, 4) == 0,
                .rest_ends_after = some_time(chaos),
                .rest_dies_of_stop = some_time(chaos),
                .rest_dies_of_kill = pick(chaos, 50) == 0 ? USEC_INFINITY : pick(chaos, 5000),
                .is_held = pick(chaos, 10) == 0,
        };
}

static ProcessConfig some_config(Chaos *chaos) {
        ProcessConfig config = fake_policy(some_time(chaos), some_time(chaos), some_time(chaos),
                                           pick(chaos, 2));

        config.own_policy = pick(chaos, _POLICY_ALL + 1);
        config.runtime_max = pick(chaos, 4) == 0 ? some_time(chaos) : USEC_INFINITY;
        config.stop_timeout = some_time(chaos);
        config.hang_signal = pick(chaos, 3) == 0 ? SIGQUIT : 0;
        config.hang_signal_timeout = pick(chaos, 4000000);
        config.kill_mode = pick(chaos, _KILL_MODE_MAX);
        config.bind_to_caller = pick(chaos, 3) == 0;
        config.readiness = pick(chaos, 4) == 0 ? READINESS_NOTIFY : READINESS_EXEC;
        config.start_timeout = some_time(chaos);
        config.sources = pick(chaos, 1u << _ACTIVITY_SOURCE_MAX);
        return config;
}

/* A dump is the watchdog's alone. */
static StopMode some_stop(Chaos *chaos) {
        return pick(chaos, 2) ? STOP_FORCE : STOP_ASK;
}

static Process *some_process(Chaos *chaos) {
        g_autoptr(GPtrArray) all = supervisor_list(chaos->world.supervisor, UID_ANY);

        return all->len > 0 ? all->pdata[pick(chaos, all->len)] : NULL;
}

static void begin_one(Chaos *chaos) {
        Caller caller = {.uid = 1000 + pick(chaos, N_USERS), .origin = 1 + pick(chaos, N_ORIGINS)};
        ProcessConfig config = some_config(chaos);
        Process *adopted;
        const char *limit;

        chaos->world.nature = some_nature(chaos);
        if (pick(chaos, 8) == 0) {
                assert_int_equal(supervisor_adopt(chaos->world.supervisor, FAKE_GRANT,
                                                  (pid_t)(50000 + pick(chaos, 1000)), -1, &config,
                                                  &caller, &chaos->world.now, &adopted, &limit),
                                 0);
                return;
        }
        assert_int_equal(fake_start(&chaos->world, &config, caller, NULL), 0);
        chaos->n_begun++;
}

static void wait_for_some(Chaos *chaos) {
        Process *a = some_process(chaos), *b = some_process(chaos);

        if (a)
                fake_wait(&chaos->world, pick(chaos, _WAIT_FOR_MAX), pick(chaos, _WAIT_MODE_MAX),
                          some_time(chaos), 3, a, b, a);
}

static void cancel_one(Chaos *chaos) {
        FakeWait *wait;

        if (chaos->world.waits->len == 0)
                return;
        wait = chaos->world.waits->pdata[pick(chaos, chaos->world.waits->len)];
        if (!wait->waiter)
                return;
        wait->waiter = waiter_cancel(wait->waiter);
        wait->n_answers++; /* as good as one */
}

static void change_one(Chaos *chaos, Process *process) {
        WatchdogPolicy policy = some_config(chaos).policy;
        Supervisor *supervisor = chaos->world.supervisor;
        const Now *now = &chaos->world.now;

        switch (pick(chaos, 5)) {
        case 0:
                supervisor_set_policy(supervisor, FAKE_GRANT, process, &policy,
                                      pick(chaos, _POLICY_ALL + 1), now);
                break;
        case 1:
                supervisor_set_stop_timeout(supervisor, FAKE_GRANT, process, some_time(chaos), now);
                break;
        case 2:
                supervisor_watch(supervisor, FAKE_GRANT, process, pick(chaos, 2), now);
                break;
        case 3:
                if (process->tree)
                        fake_tree(process)->nature.is_held ^= true;
                break;
        default:
                supervisor_collect(supervisor, FAKE_GRANT, process);
                break;
        }
}

/* What a program says of itself, sense and nonsense. */
static void say_something(Chaos *chaos, Tree *tree) {
        static const char *const texts[] = {
                "READY=1",        "WATCHDOG=1", "WATCHDOG=trigger",           "STATUS=x\nERRNO=7",
                "STOPPING=1",     "",           "EXTEND_TIMEOUT_USEC=700000", "WATCHDOG_USEC=2000",
                "READY\n=1\n\n=", "STATUS=",    "READY=1\nWATCHDOG=trigger"};
        const char *text = texts[pick(chaos, G_N_ELEMENTS(texts))];

        if (pick(chaos, 2))
                tree->events->notify(tree->userdata, text, strlen(text));
        else
                tree->events->output(tree->userdata);
}

static void touch_one(Chaos *chaos) {
        Process *process = some_process(chaos);
        Tree *tree;

        if (!process)
                return;
        tree = fake_tree(process);
        switch (pick(chaos, 8)) {
        case 6:
        case 7:
                if (tree && !tree->emptied)
                        say_something(chaos, tree);
                break;
        case 0:
                fake_stop(&chaos->world, process, some_stop(chaos));
                break;
        case 1:
                if (tree && !tree->exited)
                        fake_exit(tree, (int)pick(chaos, 256), pick(chaos, 10000));
                break;
        case 2:
                supervisor_signal(chaos->world.supervisor, FAKE_GRANT, process,
                                  pick(chaos, 2) ? SIGKILL : SIGUSR1, pick(chaos, 3));
                break;
        case 3:
                if (tree && tree->exited)
                        fake_empty(tree, pick(chaos, 10000));
                break;
        case 4:
                change_one(chaos, process);
                break;
        default:
                fake_report(&chaos->world, process);
                break;
        }
}

static void change_all(Chaos *chaos) {
        WatchdogDefaults defaults = {.policy = some_config(chaos).policy,
                                     .check_interval = 1000 + pick(chaos, 3000000)};
        Supervisor *supervisor = chaos->world.supervisor;
        const Now *now = &chaos->world.now;

        switch (pick(chaos, 6)) {
        case 5:
                g_ptr_array_unref(supervisor_stop_all(supervisor, FAKE_GRANT,
                                                      1000 + pick(chaos, N_USERS), some_stop(chaos),
                                                      now));
                break;
        case 0:
                supervisor_set_watchdog_defaults(supervisor, FAKE_GRANT, &defaults, now);
                break;
        case 1:
                supervisor_watchdog_activate(supervisor, FAKE_GRANT, pick(chaos, 3) > 0, now);
                break;
        case 2:
                supervisor_origin_gone(supervisor, 1 + pick(chaos, N_ORIGINS), now);
                break;
        case 3:
                supervisor_cleanup(supervisor, FAKE_GRANT, 1000 + pick(chaos, N_USERS));
                break;
        default:
                fake_stall(&chaos->world, pick(chaos, 5000000));
                break;
        }
}

static void settle_one(Chaos *chaos) {
        Tree *tree = fake_last_tree(&chaos->world);

        if (!tree->settled && !tree->released && tree->nature.start_hangs)
                fake_settle(tree, 0);
        tree->nature.start_hangs = false;
}

static void check_counters(Chaos *chaos) {
        Supervisor *supervisor = chaos->world.supervisor;
        unsigned total = 0, running = 0;

        for (uid_t uid = 1000; uid < 1000 + N_USERS; uid++) {
                g_autoptr(GPtrArray) own = supervisor_list(supervisor, uid);
                unsigned n_running = 0;

                for (unsigned i = 0; i < own->len; i++)
                        n_running += process_is_running(own->pdata[i]);
                assert_int_equal(supervisor_count(supervisor, uid), own->len);
                assert_int_equal(supervisor_count_running(supervisor, uid), n_running);
                total += own->len;
                running += n_running;
        }
        assert_int_equal(supervisor_count(supervisor, UID_ANY), total);
        assert_int_equal(supervisor_count_running(supervisor, UID_ANY), running);
        assert_int_equal(chaos->world.n_added - chaos->world.n_removed, total);
        assert_int_equal(chaos->world.n_added - chaos->world.n_exited, running);
}

static void check_results(Chaos *chaos) {
        Stats stats = supervisor_stats(chaos->world.supervisor, UID_ANY);
        uint64_t results = 0;

        for (Result r = RESULT_NONE + 1; r < _RESULT_MAX; r++)
                results += stats.results[r];
        assert_int_equal(stats.results[RESULT_NONE], 0);
        assert_int_equal(results, chaos->world.n_exited);
        assert_int_equal(stats.started, chaos->world.n_added);
        assert_int_equal(stats.spawn_failures, chaos->world.n_failures - chaos->world.n_not_ready);
}

static void check_end(Chaos *chaos) {
        FakeWorld *world = &chaos->world;

        fake_run(world, USEC_PER_MINUTE);
        assert_int_equal(world->n_idle, 0);
        world->nature = NATURE_OBEDIENT;
        check_results(chaos); /* before starts are cancelled: these are no failures of exec */
        supervisor_end(world->supervisor, &world->now);
        fake_run(world, USEC_PER_HOUR + USEC_PER_MINUTE);
        assert_int_equal(world->n_idle, 1);
        assert_int_equal(world->n_replies + world->n_failures, chaos->n_begun);
        check_counters(chaos);
        for (unsigned i = 0; i < world->waits->len; i++) {
                FakeWait *wait = world->waits->pdata[i];
                bool stuck = false;

                for (unsigned k = 0; wait->waiter && k < 3; k++) {
                        const Process *process = waiter_processes(wait->waiter)->pdata[k];

                        /* given up: it never ended, so there is no end to tell */
                        stuck = stuck || process_is_running(process) || !process->emptied;
                }
                assert_true(wait->n_answers == 1 || (wait->waiter && stuck));
        }
}

static void one_chaos(GRand *rand, unsigned n_operations) {
        Chaos chaos = {.rand = rand};

        fake_world_init(&chaos.world, NULL);
        chaos.world.mute = true;
        begin_one(&chaos);
        for (unsigned i = 0; i < n_operations; i++) {
                switch (pick(&chaos, 12)) {
                case 0:
                case 1:
                        begin_one(&chaos);
                        break;
                case 2:
                case 3:
                        wait_for_some(&chaos);
                        break;
                case 4:
                        cancel_one(&chaos);
                        break;
                case 5:
                        change_all(&chaos);
                        break;
                case 6:
                        settle_one(&chaos);
                        break;
                case 7:
                        fake_run(&chaos.world, pick(&chaos, 2000000));
                        break;
                default:
                        touch_one(&chaos);
                        break;
                }
                check_counters(&chaos);
        }
        check_end(&chaos);
        fake_world_done(&chaos.world);
}

static void no_result_is_lost_and_each_waiter_answered_once(void **state) {
        g_autoptr(GRand) rand = check_rand(__func__);

        for (unsigned i = 0; i < 40; i++)
                one_chaos(rand, 150);
        one_chaos(rand, N_OPERATIONS);
}

TEST_MAIN(TEST(no_result_is_lost_and_each_waiter_answered_once))
