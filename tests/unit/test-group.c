/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Groups in a world without processes: the order of starts, how many run at once, the rules about
 * failures and the key member, stops in the middle of everything, and random timelines. */

#include <fcntl.h>
#include <unistd.h>

#include "core/group.h"
#include "util/fake-world.h"

typedef struct Scene {
        FakeWorld world;
        Group *group;
        unsigned n_answers;
        GString *answer; /* of the last StartAll */
        unsigned n_ends;
        WaitOutcome end;
} Scene;

static Group *create(FakeWorld *world, GroupConfig config, int expected) {
        const char *limit = NULL;
        Group *group = NULL;

        config.name = g_strdup(config.name ?: "group");
        config.key_member = g_strdup(config.key_member);
        assert_int_equal(
                group_create(world->supervisor, FAKE_GRANT, &config, &FAKE_CALLER, &group, &limit),
                expected);
        return group;
}

static int add_with(Scene *scene, const char *name, ProcessConfig *config) {
        const char *argv[] = {"fake", name, NULL}, *limit = NULL;
        ProcessConfig standard;
        Spec *spec = spec_new();

        process_config_init(&standard);
        spec->argv = g_strdupv((char **)argv);
        return group_add(scene->group, FAKE_GRANT, name, spec, config ?: &standard, &limit);
}

static void add(Scene *scene, const char *name) {
        assert_int_equal(add_with(scene, name, NULL), 0);
}

static void scene_init(Scene *scene, GroupConfig config) {
        *scene = (Scene){.answer = g_string_new(NULL)};
        fake_world_init(&scene->world, NULL);
        scene->group = create(&scene->world, config, 0);
        fake_forget_log(&scene->world);
}

static void scene_done(Scene *scene) {
        g_string_free(scene->answer, TRUE);
        fake_world_done(&scene->world);
}

static void on_started(void *userdata, GPtrArray *outcomes) {
        Scene *scene = userdata;

        scene->n_answers++;
        g_string_truncate(scene->answer, 0);
        for (unsigned i = 0; i < outcomes->len; i++) {
                const GroupOutcome *outcome = outcomes->pdata[i];

                assert_true(!outcome->process == !!outcome->error);
                g_string_append_printf(scene->answer, "%s%s%s", i > 0 ? " " : "", outcome->member,
                                       outcome->error ? "!" : "");
        }
}

static void start(Scene *scene) {
        assert_int_equal(group_start(scene->group, FAKE_GRANT, &FAKE_CALLER, on_started, scene,
                                     &scene->world.now),
                         0);
}

/* Answered once more, with that. */
static void expect_answer(Scene *scene, unsigned n, const char *answer) {
        assert_int_equal(scene->n_answers, n);
        assert_string_equal(scene->answer->str, answer);
}

static void stop(Scene *scene, StopMode mode) {
        g_ptr_array_unref(group_stop(scene->group, FAKE_GRANT, mode, &scene->world.now));
}

static void on_ended(void *userdata, WaitOutcome outcome, GPtrArray *processes) {
        Scene *scene = userdata;

        scene->n_ends++;
        scene->end = outcome;
}

static const Member *member(Scene *scene, const char *name) {
        const Member *found = g_hash_table_lookup(scene->group->by_name, name);

        assert_non_null(found);
        return found;
}

static Tree *tree_of(Scene *scene, const char *name) {
        return fake_tree(member(scene, name)->process);
}

static void expect_states(Scene *scene, const char *expected) {
        g_autoptr(GString) text = g_string_new(NULL);

        for (unsigned i = 0; i < scene->group->members->len; i++)
                g_string_append_printf(
                        text, "%s%s", i > 0 ? " " : "",
                        member_state_to_string(member_state(scene->group->members->pdata[i])));
        assert_string_equal(text->str, expected);
}

static void members_start_in_order_and_end_once(void **state) {
        Scene scene;

        scene_init(&scene, (GroupConfig){});
        add(&scene, "b");
        add(&scene, "a");
        assert_string_equal(group_state_to_string(scene.group->state), "idle");
        start(&scene);
        expect_states(&scene, "starting starting");
        fake_run(&scene.world, 1000);
        fake_expect(&scene.world, "group running; added 1; added 2");
        expect_answer(&scene, 1, "b a");
        assert_string_equal(process_name(member(&scene, "a")->process), "a");
        assert_int_equal(member(&scene, "a")->process->group, scene.group->id);
        fake_exit(tree_of(&scene, "a"), 0, 0);
        fake_exit(tree_of(&scene, "b"), 0, 10);
        fake_run(&scene.world, 1000);
        fake_expect(&scene.world, "changed 2 finished; exited 2 0 success; member a 0 success; "
                                  "changed 1 finished; exited 1 0 success; member b 0 success; "
                                  "group finished; group finished 0 success");
        scene_done(&scene);
}

static void a_failed_start_stops_no_other_and_is_the_result(void **state) {
        Scene scene;

        scene_init(&scene, (GroupConfig){.on_failure = MEMBER_FAILURE_STOP_ALL});
        add(&scene, "a");
        add(&scene, "b");
        scene.world.nature.fails_at = "exec";
        start(&scene);
        fake_run(&scene.world, 1000);
        expect_answer(&scene, 1, "a! b!");
        expect_states(&scene, "failed failed");
        fake_expect(&scene.world,
                    "group running; member a failed: exec: No such file or directory; "
                    "member b failed: exec: No such file or directory; "
                    "group finished; group finished 0 start-failed");
        assert_string_equal(scene.group->failed_member, "a");
        scene.world.nature.fails_at = NULL;
        start(&scene);
        assert_null(scene.group->failed_member);
        fake_run(&scene.world, 1000);
        expect_answer(&scene, 2, "a b");
        scene_done(&scene);
}

static void a_start_that_cannot_begin_is_a_failed_one(void **state) {
        Scene scene;

        scene_init(&scene, (GroupConfig){});
        add(&scene, "a");
        scene.world.start_error = -EMFILE;
        start(&scene);
        expect_answer(&scene, 1, "a!");
        fake_expect(&scene.world,
                    "group running; member a failed: Cannot start a process: Too many open files; "
                    "group finished; group finished 0 start-failed");
        scene_done(&scene);
}

static void no_more_run_than_may_and_the_rest_wait_in_line(void **state) {
        Scene scene;

        scene_init(&scene, (GroupConfig){.max_parallel = 2});
        add(&scene, "a");
        add(&scene, "b");
        add(&scene, "c");
        add(&scene, "d");
        start(&scene);
        fake_run(&scene.world, 1000);
        expect_answer(&scene, 1, "a b");
        expect_states(&scene, "running running queued queued");
        start(&scene); /* nothing to begin, and nothing under way */
        expect_answer(&scene, 2, "");
        fake_exit(tree_of(&scene, "b"), 0, 0);
        fake_run(&scene.world, 1000);
        expect_states(&scene, "running finished running queued");
        fake_exit(tree_of(&scene, "a"), 0, 0);
        fake_exit(tree_of(&scene, "c"), 0, 0);
        fake_run(&scene.world, 1000);
        expect_states(&scene, "finished finished finished running");
        assert_int_equal(scene.world.n_group_ends, 0);
        scene_done(&scene);
}

static void a_failed_start_makes_room_for_the_next(void **state) {
        Scene scene;

        scene_init(&scene, (GroupConfig){.max_parallel = 1});
        add(&scene, "a");
        add(&scene, "b");
        add(&scene, "c");
        scene.world.nature.fails_at = "exec";
        start(&scene);
        scene.world.nature.fails_at = NULL;
        fake_run(&scene.world, 1000);
        expect_answer(&scene, 1, "a! b");
        expect_states(&scene, "failed running queued");
        scene_done(&scene);
}

static void two_calls_wait_for_the_same_start(void **state) {
        Scene scene;

        scene_init(&scene, (GroupConfig){});
        add(&scene, "a");
        start(&scene);
        start(&scene);
        assert_int_equal(scene.n_answers, 0);
        fake_run(&scene.world, 1000);
        expect_answer(&scene, 2, "a");
        assert_int_equal(scene.world.n_added, 1);
        scene_done(&scene);
}

static void a_finished_member_starts_anew(void **state) {
        Scene scene;

        scene_init(&scene, (GroupConfig){});
        add(&scene, "a");
        start(&scene);
        fake_run(&scene.world, 1000);
        fake_exit(tree_of(&scene, "a"), 4, 0);
        fake_run(&scene.world, 1000);
        assert_int_equal(scene.group->exit_code, 4);
        assert_int_equal(scene.group->result, RESULT_EXIT_CODE);
        add(&scene, "late");
        expect_states(&scene, "finished added");
        start(&scene);
        assert_int_equal(scene.group->result, RESULT_NONE);
        fake_run(&scene.world, 1000);
        expect_answer(&scene, 2, "a late");
        assert_int_equal(member(&scene, "a")->process->id, 2);
        assert_non_null(supervisor_find(scene.world.supervisor, 1)); /* kept as any other */
        scene_done(&scene);
}

static void a_member_that_is_added_later_waits_for_the_next_start(void **state) {
        Scene scene;

        scene_init(&scene, (GroupConfig){});
        add(&scene, "a");
        start(&scene);
        fake_run(&scene.world, 1000);
        add(&scene, "b");
        fake_run(&scene.world, 1000);
        expect_states(&scene, "running added");
        fake_exit(tree_of(&scene, "a"), 0, 0);
        fake_run(&scene.world, 1000);
        assert_int_equal(scene.world.n_group_ends, 1); /* b is not waited for */
        scene_done(&scene);
}

static void stop_all_on_failure_stops_the_others_once(void **state) {
        Scene scene;

        scene_init(&scene, (GroupConfig){.on_failure = MEMBER_FAILURE_STOP_ALL, .max_parallel = 3});
        add(&scene, "a");
        add(&scene, "b");
        add(&scene, "c");
        add(&scene, "d");
        start(&scene);
        fake_run(&scene.world, 1000);
        fake_exit(tree_of(&scene, "a"), 0, 0); /* a success is none */
        fake_run(&scene.world, 1000);
        expect_states(&scene, "finished running running running");
        fake_forget_log(&scene.world);
        fake_exit(tree_of(&scene, "c"), 7, 0);
        fake_run(&scene.world, 10000);
        fake_expect(&scene.world, "changed 3 finished; exited 3 7 exit-code; member c 7 exit-code; "
                                  "changed 2 stopping; signal 2 SIGTERM all; signal 2 SIGCONT all; "
                                  "signal 3 SIGTERM all; signal 3 SIGCONT all; " /* what it left */
                                  "changed 4 stopping; signal 4 SIGTERM all; signal 4 SIGCONT all; "
                                  "changed 2 finished; exited 2 -15 stopped; member b -15 stopped; "
                                  "changed 4 finished; exited 4 -15 stopped; member d -15 stopped; "
                                  "group finished; group finished 7 exit-code");
        assert_string_equal(scene.group->failed_member, "c");
        scene_done(&scene);
}

static void the_key_member_ends_the_run_and_gives_the_result(void **state) {
        Scene scene;

        scene_init(&scene, (GroupConfig){.key_member = (char *)"key", .max_parallel = 2});
        add(&scene, "a");
        add(&scene, "key");
        add(&scene, "waits");
        start(&scene);
        fake_run(&scene.world, 1000);
        fake_exit(tree_of(&scene, "key"), 0, 0);
        fake_run(&scene.world, 10000);
        expect_states(&scene, "finished finished added");
        assert_int_equal(scene.group->result, RESULT_SUCCESS);
        assert_int_equal(member(&scene, "a")->process->result, RESULT_STOPPED);
        assert_int_equal(scene.group->state, GROUP_STATE_FINISHED);
        scene_done(&scene);
}

static void a_stop_ends_what_runs_starts_and_waits(void **state) {
        Scene scene;

        scene_init(&scene, (GroupConfig){.max_parallel = 2});
        add(&scene, "runs");
        add(&scene, "starts");
        add(&scene, "waits");
        scene.world.nature.start_hangs = true;
        start(&scene);
        fake_settle(scene.world.trees->pdata[0], 0);
        fake_run(&scene.world, 1000);
        expect_states(&scene, "running starting queued");
        fake_forget_log(&scene.world);
        stop(&scene, STOP_ASK);
        fake_run(&scene.world, 10 * USEC_PER_SEC);
        expect_answer(&scene, 1, "runs starts!");
        expect_states(&scene, "finished failed added");
        assert_int_equal(scene.group->state, GROUP_STATE_FINISHED);
        assert_int_equal(scene.group->result, RESULT_STOPPED);
        assert_int_equal(supervisor_count_running(scene.world.supervisor, UID_ANY), 0);
        scene_done(&scene);
}

static void who_waits_for_a_start_in_line_is_told_of_the_stop(void **state) {
        Scene scene;

        scene_init(&scene, (GroupConfig){});
        for (unsigned i = 0; i < 100; i++) {
                g_autofree char *name = g_strdup_printf("%u", i);

                add(&scene, name);
        }
        scene.world.nature.start_hangs = true;
        start(&scene);
        assert_true(scene.group->queue.length > 0); /* not all at once */
        stop(&scene, STOP_FORCE);
        assert_int_equal(scene.group->queue.length, 0);
        fake_run(&scene.world, USEC_PER_SEC);
        assert_int_equal(scene.n_answers, 1);
        assert_int_equal(scene.group->state, GROUP_STATE_FINISHED);
        scene_done(&scene);
}

static void on_waited(Waiter *waiter, WaitOutcome outcome, void *userdata) {
        *(WaitOutcome *)userdata = outcome;
}

static void a_wait_ends_with_the_run_or_its_time(void **state) {
        WaitOutcome first = _WAIT_OUTCOME_MAX, second = _WAIT_OUTCOME_MAX;
        const Now *now;
        Scene scene;

        scene_init(&scene, (GroupConfig){});
        now = &scene.world.now;
        add(&scene, "a");
        assert_null(group_wait(scene.group, USEC_INFINITY, now, on_waited, &first));
        start(&scene);
        assert_non_null(group_wait(scene.group, 500, now, on_waited, &first));
        assert_non_null(group_wait(scene.group, USEC_INFINITY, now, on_waited, &second));
        waiter_cancel(group_wait(scene.group, USEC_INFINITY, now, on_waited, NULL));
        fake_run(&scene.world, 1000);
        assert_int_equal(first, WAIT_EXPIRED);
        fake_exit(tree_of(&scene, "a"), 0, 0);
        fake_run(&scene.world, 1000);
        assert_int_equal(second, WAIT_MET);
        scene_done(&scene);
}

static void a_shutdown_takes_its_own_and_nothing_else(void **state) {
        Scene scene;

        scene_init(&scene, (GroupConfig){});
        fake_process(&scene.world, NULL);
        add(&scene, "a");
        start(&scene);
        fake_run(&scene.world, 1000);
        fake_forget_log(&scene.world);
        group_shutdown(scene.group, FAKE_GRANT, on_ended, &scene, &scene.world.now);
        group_shutdown(scene.group, FAKE_GRANT, on_ended, &scene, &scene.world.now);
        assert_int_equal(group_start(scene.group, FAKE_GRANT, &FAKE_CALLER, on_started, &scene,
                                     &scene.world.now),
                         CORE_E_SHUTTING_DOWN);
        assert_int_equal(add_with(&scene, "b", NULL), CORE_E_SHUTTING_DOWN);
        fake_run(&scene.world, 10000);
        fake_expect(&scene.world,
                    "changed 2 stopping; signal 2 SIGTERM all; signal 2 SIGCONT all; "
                    "changed 2 finished; exited 2 -15 stopped; member a -15 stopped; "
                    "group finished; group finished -15 stopped; removed 2; group removed group");
        assert_int_equal(scene.n_ends, 2);
        assert_int_equal(scene.end, WAIT_MET);
        assert_int_equal(supervisor_count_running(scene.world.supervisor, UID_ANY), 1);
        scene.group = create(&scene.world, (GroupConfig){}, 0); /* the name is free again */
        group_shutdown(scene.group, FAKE_GRANT, on_ended, &scene, &scene.world.now);
        assert_int_equal(scene.n_ends, 3); /* at once */
        scene_done(&scene);
}

static void a_group_that_cannot_be_ended_stays(void **state) {
        Scene scene;

        scene_init(&scene, (GroupConfig){});
        add(&scene, "a");
        scene.world.nature.dies_of_stop = scene.world.nature.dies_of_kill = USEC_INFINITY;
        start(&scene);
        fake_run(&scene.world, 1000);
        group_shutdown(scene.group, FAKE_GRANT, on_ended, &scene, &scene.world.now);
        fake_run(&scene.world, 20 * USEC_PER_SEC);
        assert_int_equal(scene.n_ends, 1);
        assert_int_equal(scene.end, WAIT_STUCK);
        assert_ptr_equal(supervisor_find_group(scene.world.supervisor, scene.group->id),
                         scene.group);
        fake_exit(tree_of(&scene, "a"), 0, 0);
        fake_run(&scene.world, 1000);
        group_shutdown(scene.group, FAKE_GRANT, on_ended, &scene, &scene.world.now);
        assert_int_equal(scene.end, WAIT_MET);
        scene_done(&scene);
}

static void names_are_unique_and_members_that_live_stay(void **state) {
        Scene scene;

        scene_init(&scene, (GroupConfig){});
        create(&scene.world, (GroupConfig){}, CORE_E_NAME_TAKEN);
        create(&scene.world, (GroupConfig){.name = (char *)"other"}, 0);
        add(&scene, "a");
        assert_int_equal(add_with(&scene, "a", NULL), CORE_E_NAME_TAKEN);
        assert_int_equal(group_remove_member(scene.group, FAKE_GRANT, "b"), CORE_E_NO_SUCH_MEMBER);
        start(&scene);
        assert_int_equal(group_remove_member(scene.group, FAKE_GRANT, "a"), CORE_E_STILL_ALIVE);
        fake_run(&scene.world, 1000);
        assert_int_equal(group_remove_member(scene.group, FAKE_GRANT, "a"), CORE_E_STILL_ALIVE);
        fake_exit(tree_of(&scene, "a"), 0, 0);
        fake_run(&scene.world, 1000);
        assert_int_equal(group_remove_member(scene.group, FAKE_GRANT, "a"), 0);
        assert_non_null(supervisor_find(scene.world.supervisor, 1));
        add(&scene, "a");
        expect_states(&scene, "added");
        scene_done(&scene);
}

static void groups_and_plans_are_counted(void **state) {
        SupervisorSettings settings = supervisor_settings_default();
        const char *argv[] = {"fake", NULL}, *limit = NULL;
        ProcessConfig config;
        Scene scene;
        Spec *spec;

        scene_init(&scene, (GroupConfig){});
        for (unsigned i = 0; i < settings.limits.members; i++) {
                g_autofree char *name = g_strdup_printf("%u", i);

                add(&scene, name);
        }
        assert_int_equal(add_with(&scene, "more", NULL), CORE_E_LIMIT);
        for (unsigned i = 1; i < settings.limits.groups; i++) {
                g_autofree char *name = g_strdup_printf("%u", i);

                create(&scene.world, (GroupConfig){.name = name}, 0);
        }
        create(&scene.world, (GroupConfig){.name = (char *)"more"}, CORE_E_LIMIT);
        assert_int_equal(group_remove_member(scene.group, FAKE_GRANT, "0"), 0);
        for (unsigned i = 0;; i++) {
                process_config_init(&config);
                spec = spec_new();
                spec->argv = g_strdupv((char **)argv);
                spec->stdio[0] = (StdioSpec){STDIO_FD, open("/dev/null", O_RDONLY | O_CLOEXEC)};
                if (i == 1)
                        spec->working_directory = g_strnfill(settings.limits.plan_bytes, '/');
                if (group_add(scene.group, FAKE_GRANT, i == 0 ? "fd" : "big", spec, &config,
                              &limit) != 0)
                        break;
                assert_int_equal(group_remove_member(scene.group, FAKE_GRANT, "fd"), 0);
        }
        assert_string_equal(limit, "bytes of the plans of one user");
        scene_done(&scene);
}

static void each_start_gets_descriptors_of_its_own(void **state) {
        const char *argv[] = {"fake", NULL}, *limit = NULL;
        ProcessConfig config;
        Spec *spec = spec_new();
        Scene scene;
        int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

        scene_init(&scene, (GroupConfig){});
        process_config_init(&config);
        spec->argv = g_strdupv((char **)argv);
        spec->stdio[0] = (StdioSpec){STDIO_FD, fd};
        assert_int_equal(group_add(scene.group, FAKE_GRANT, "a", spec, &config, &limit), 0);
        for (unsigned i = 0; i < 2; i++) {
                start(&scene);
                fake_run(&scene.world, 1000);
                fake_exit(tree_of(&scene, "a"), 0, 0);
                fake_run(&scene.world, 1000);
                assert_true(fcntl(fd, F_GETFD) >= 0);
        }
        assert_int_equal(group_remove_member(scene.group, FAKE_GRANT, "a"), 0);
        assert_true(fcntl(fd, F_GETFD) < 0);
        scene_done(&scene);
}

static void the_end_of_the_service_answers_all(void **state) {
        Scene scene;

        scene_init(&scene, (GroupConfig){.max_parallel = 2});
        add(&scene, "a");
        add(&scene, "b");
        add(&scene, "c");
        scene.world.nature.start_hangs = true;
        start(&scene);
        fake_settle(scene.world.trees->pdata[0], 0);
        fake_run(&scene.world, 1000);
        supervisor_end(scene.world.supervisor, &scene.world.now);
        fake_run(&scene.world, USEC_PER_MINUTE);
        expect_answer(&scene, 1, "a b!");
        assert_int_equal(scene.world.n_idle, 1);
        assert_int_equal(scene.group->state, GROUP_STATE_FINISHED);
        scene_done(&scene);
}

static void a_stop_of_everything_empties_the_lines(void **state) {
        Scene scene;

        scene_init(&scene, (GroupConfig){.max_parallel = 1});
        add(&scene, "a");
        add(&scene, "b");
        start(&scene);
        fake_run(&scene.world, 1000);
        g_ptr_array_unref(supervisor_stop_all(scene.world.supervisor, FAKE_GRANT, FAKE_CALLER.uid,
                                              STOP_ASK, &scene.world.now));
        supervisor_cleanup_groups(scene.world.supervisor, FAKE_GRANT, FAKE_CALLER.uid);
        assert_non_null(supervisor_find_group(scene.world.supervisor, 1)); /* something is left */
        fake_run(&scene.world, 10000);
        expect_states(&scene, "finished added");
        supervisor_cleanup_groups(scene.world.supervisor, FAKE_GRANT, FAKE_CALLER.uid);
        assert_null(supervisor_find_group(scene.world.supervisor, 1));
        assert_int_equal(supervisor_count(scene.world.supervisor, UID_ANY), 0);
        scene_done(&scene);
}

static void who_is_bound_to_a_connection_that_has_gone_is_not_started(void **state) {
        ProcessConfig config;
        Scene scene;

        scene_init(&scene, (GroupConfig){.max_parallel = 1});
        for (unsigned i = 0; i < 2; i++) {
                process_config_init(&config);
                config.bind_to_caller = true;
                assert_int_equal(add_with(&scene, i == 0 ? "a" : "b", &config), 0);
        }
        start(&scene);
        fake_run(&scene.world, 1000);
        supervisor_origin_gone(scene.world.supervisor, FAKE_CALLER.origin, &scene.world.now);
        fake_run(&scene.world, 10000);
        expect_states(&scene, "finished failed");
        assert_int_equal(member(&scene, "a")->process->result, RESULT_OWNER_LOST);
        scene_done(&scene);
}

/* A random timeline: natures of all kinds, ends by themselves, stops, starts, more members. */
typedef struct Chaos {
        Scene scene;
        GRand *rand;
        unsigned n_calls;
} Chaos;

static unsigned pick(Chaos *chaos, unsigned n) {
        return (unsigned)g_rand_int_range(chaos->rand, 0, (int)n);
}

static void check(Chaos *chaos) {
        Group *group = chaos->scene.group;
        unsigned live = 0, queued = 0;

        for (unsigned i = 0; i < group->members->len; i++) {
                const Member *one = group->members->pdata[i];

                live += one->state == MEMBER_STATE_RUNNING || one->state == MEMBER_STATE_STARTING;
                queued += one->state == MEMBER_STATE_QUEUED;
                assert_true(one->state != MEMBER_STATE_FINISHED ||
                            !process_is_running(one->process));
        }
        assert_int_equal(queued, group->queue.length);
        assert_true(group->config.max_parallel == 0 || live <= group->config.max_parallel);
        assert_true((group->state == GROUP_STATE_RUNNING) == (live + queued > 0));
        /* nobody waits although there is room */
        assert_true(queued == 0 || live > 0);
}

static void turn(Chaos *chaos) {
        Scene *scene = &chaos->scene;
        g_autofree char *name = g_strdup_printf("m%u", pick(chaos, 12));
        const Member *one = g_hash_table_lookup(scene->group->by_name, name);
        Tree *tree = one && member_process(one) ? fake_tree(one->process) : NULL;

        scene->world.nature = NATURE_OBEDIENT;
        scene->world.nature.fails_at = pick(chaos, 6) == 0 ? "exec" : NULL;
        scene->world.nature.dies_of_stop = pick(chaos, 2) ? pick(chaos, 5000) : USEC_INFINITY;
        scene->world.start_error = pick(chaos, 15) == 0 ? -EAGAIN : 0;
        switch (pick(chaos, 8)) {
        case 0:
                (void)add_with(scene, name, NULL);
                break;
        case 1:
                (void)group_remove_member(scene->group, FAKE_GRANT, name);
                break;
        case 2:
        case 3:
                start(scene);
                chaos->n_calls++;
                break;
        case 4:
                if (pick(chaos, 3) == 0)
                        stop(scene, pick(chaos, _STOP_MODE_MAX));
                break;
        default:
                if (tree && !tree->exited)
                        fake_exit(tree, (int)pick(chaos, 3), pick(chaos, 1000));
                break;
        }
        check(chaos);
        fake_run(&scene->world, pick(chaos, 300));
        check(chaos);
}

static void random_timelines_keep_the_rules(void **state) {
        g_autoptr(GRand) rand = check_rand(__func__);

        for (unsigned i = 0; i < 60; i++) {
                Chaos chaos = {.rand = rand};
                GroupConfig config = {.on_failure = (MemberFailure)pick(&chaos, 2),
                                      .max_parallel = pick(&chaos, 4),
                                      .key_member = pick(&chaos, 2) ? (char *)"m3" : NULL};
                FakeWorld *world = &chaos.scene.world;

                scene_init(&chaos.scene, config);
                world->mute = true;
                for (unsigned k = 0; k < 200; k++)
                        turn(&chaos);
                stop(&chaos.scene, STOP_ASK);
                fake_run(world, USEC_PER_MINUTE);
                check(&chaos);
                assert_int_equal(chaos.scene.group->state == GROUP_STATE_RUNNING, false);
                assert_int_equal(supervisor_count_running(world->supervisor, UID_ANY), 0);
                assert_int_equal(chaos.scene.n_answers, chaos.n_calls);
                assert_int_equal(world->n_member_exits, world->n_added); /* each end told once */
                assert_int_equal(world->n_exited, world->n_added);
                group_shutdown(chaos.scene.group, FAKE_GRANT, on_ended, &chaos.scene, &world->now);
                assert_int_equal(chaos.scene.n_ends, 1);
                assert_int_equal(supervisor_count(world->supervisor, UID_ANY), 0);
                scene_done(&chaos.scene);
        }
}

TEST_MAIN(TEST(members_start_in_order_and_end_once),
          TEST(a_failed_start_stops_no_other_and_is_the_result),
          TEST(a_start_that_cannot_begin_is_a_failed_one),
          TEST(no_more_run_than_may_and_the_rest_wait_in_line),
          TEST(a_failed_start_makes_room_for_the_next), TEST(two_calls_wait_for_the_same_start),
          TEST(a_finished_member_starts_anew),
          TEST(a_member_that_is_added_later_waits_for_the_next_start),
          TEST(stop_all_on_failure_stops_the_others_once),
          TEST(the_key_member_ends_the_run_and_gives_the_result),
          TEST(a_stop_ends_what_runs_starts_and_waits),
          TEST(who_waits_for_a_start_in_line_is_told_of_the_stop),
          TEST(a_wait_ends_with_the_run_or_its_time),
          TEST(a_shutdown_takes_its_own_and_nothing_else), TEST(a_group_that_cannot_be_ended_stays),
          TEST(names_are_unique_and_members_that_live_stay), TEST(groups_and_plans_are_counted),
          TEST(each_start_gets_descriptors_of_its_own), TEST(the_end_of_the_service_answers_all),
          TEST(a_stop_of_everything_empties_the_lines),
          TEST(who_is_bound_to_a_connection_that_has_gone_is_not_started),
          TEST(random_timelines_keep_the_rules))
