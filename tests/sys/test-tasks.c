/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Looks at real programs that are stuck: what they wait in, what they have open, that a look is
 * bounded whatever they are, and that nobody sees through it what the kernel would hide from him. */

#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/dossier.h"

#define NOBODY 65534

typedef struct Look {
        Run run;
        uid_t uid;
        Dossier *dossier;
        bool (*shows)(const Dossier *dossier);
} Look;

static void inspect(Look *look) {
        const Hands *hands = &look->run.world->hands;
        Now now = {};

        dossier_unref(look->dossier);
        look->dossier = dossier_new(DOSSIER_REQUEST, 0, &now);
        assert_int_equal(hands->inspect(hands->world, look->run.tree, look->uid, look->dossier), 0);
}

static bool check(void *data) {
        Look *look = data;

        inspect(look);
        return look->shows(look->dossier);
}

static void look_at(Look *look, World *world, const char *const *command, uid_t uid,
                    bool (*shows)(const Dossier *dossier)) {
        *look = (Look){.uid = uid, .shows = shows};
        run_command(&look->run, world, command);
        assert_true(look->run.started);
        if (!world_wait_until(world, check, look)) {
                for (unsigned i = 0; i < look->dossier->tasks->len; i++) {
                        const DossierTask *task = look->dossier->tasks->pdata[i];

                        print_error("%d %d %c %s %s %s\n", task->pid, task->tid, task->state,
                                    task->name, task->wait_channel ?: "-",
                                    task->system_call ?: "-");
                }
                fail_msg("it was not seen");
        }
}

static void look_done(Look *look) {
        look->dossier = dossier_unref(look->dossier);
        run_done(&look->run);
}

#define SHAPE(...) ((const char *const[]){world_helper("helper-tasks"), __VA_ARGS__, NULL})

static const DossierTask *task_of(const Dossier *dossier, unsigned i) {
        return dossier->tasks->pdata[i];
}

static bool all_wait_in(const Dossier *dossier, unsigned n, const char *call) {
        if (dossier->tasks->len != n)
                return false;
        for (unsigned i = 0; i < n; i++)
                if (g_strcmp0(task_of(dossier, i)->system_call, call) != 0 ||
                    task_of(dossier, i)->state != 'S')
                        return false;
        return true;
}

static bool shows_deadlock(const Dossier *dossier) {
        return all_wait_in(dossier, 2, "futex");
}

static void a_deadlock_shows_each_of_its_threads_in_a_futex(void **state) {
        World world;
        Look look;

        world_init(&world, NULL);
        look_at(&look, &world, SHAPE("deadlock"), getuid(), shows_deadlock);
        assert_int_equal(task_of(look.dossier, 0)->pid, look.run.pid);
        assert_int_equal(task_of(look.dossier, 0)->tid, look.run.pid);
        assert_int_equal(task_of(look.dossier, 1)->pid, look.run.pid);
        assert_int_not_equal(task_of(look.dossier, 1)->tid, look.run.pid);
        assert_string_equal(task_of(look.dossier, 0)->name, "helper-tasks");
        assert_true(task_of(look.dossier, 0)->memory_bytes > 0);
        assert_true(task_of(look.dossier, 1)->memory_bytes == UINT64_MAX);
        assert_non_null(task_of(look.dossier, 0)->descriptors);
        assert_null(task_of(look.dossier, 1)->descriptors);
        assert_false(look.dossier->truncated);
        look_done(&look);
        world_done(&world);
}

static bool shows_read(const Dossier *dossier) {
        return all_wait_in(dossier, 1, "read");
}

static void a_read_of_a_pipe_shows_which_descriptor_and_what_it_is(void **state) {
        const DossierTask *task;
        uint64_t number;
        World world;
        Look look;
        bool found = false;

        world_init(&world, NULL);
        look_at(&look, &world, SHAPE("pipe"), getuid(), shows_read);
        task = task_of(look.dossier, 0);
        number = task->arguments[0];
        for (unsigned i = 0; i < task->descriptors->len; i++) {
                const DossierDescriptor *each = &g_array_index(task->descriptors, DossierDescriptor,
                                                               i);

                if (each->number == number) {
                        assert_true(g_str_has_prefix(each->target, "pipe:["));
                        found = true;
                }
        }
        assert_true(found);
        look_done(&look);
        world_done(&world);
}

static bool shows_pause(const Dossier *dossier) {
        return all_wait_in(dossier, 1, "pause");
}

static void of_a_thousand_descriptors_the_first_are_shown(void **state) {
        const GArray *descriptors;
        World world;
        Look look;

        world_init(&world, NULL);
        look_at(&look, &world, SHAPE("descriptors"), getuid(), shows_pause);
        descriptors = task_of(look.dossier, 0)->descriptors;
        assert_int_equal(descriptors->len, DOSSIER_DESCRIPTORS_MAX);
        assert_string_equal(g_array_index(descriptors, DossierDescriptor, 0).target, "/dev/null");
        assert_true(look.dossier->truncated);
        look_done(&look);
        world_done(&world);
}

static void a_name_with_control_characters_is_made_printable(void **state) {
        World world;
        Look look;

        world_init(&world, NULL);
        look_at(&look, &world, SHAPE("name"), getuid(), shows_pause);
        assert_string_equal(task_of(look.dossier, 0)->name, "a b [2J\xef\xbf\xbd)R(");
        look_done(&look);
        world_done(&world);
}

static bool shows_full(const Dossier *dossier) {
        return dossier->tasks->len == DOSSIER_TASKS_MAX && dossier->truncated;
}

static void many_threads_are_bounded(void **state) {
        World world;
        Look look;

        world_init(&world, NULL);
        look_at(&look, &world, SHAPE("threads", "100"), getuid(), shows_full);
        look_done(&look);
        world_done(&world);
}

static bool shows_both(const Dossier *dossier) {
        bool child = false;

        for (unsigned i = 0; i < dossier->tasks->len; i++)
                child |= strcmp(task_of(dossier, i)->name, "sleep") == 0;
        return child && dossier->tasks->len == DOSSIER_TASKS_MAX;
}

static void threads_leave_a_place_for_each_process(void **state) {
        g_autofree char *script = g_strdup_printf("sleep 60 & exec %s threads 100",
                                                  world_helper("helper-tasks"));
        const char *const command[] = {"/bin/sh", "-c", script, NULL};
        World world;
        Look look;

        world_init(&world, NULL);
        look_at(&look, &world, command, getuid(), shows_both);
        look_done(&look);
        world_done(&world);
}

static bool shows_name_alone(const Dossier *dossier) {
        const DossierTask *task = task_of(dossier, 0);

        return task->state == 'S' && strcmp(task->name, "helper-tasks") == 0;
}

static bool shows_all(const Dossier *dossier) {
        return shows_name_alone(dossier) && task_of(dossier, 0)->system_call &&
               task_of(dossier, 0)->descriptors;
}

/* As a set-uid program, and one that gave its rights up, would look to its caller. */
static void what_the_kernel_hides_from_the_owner_is_hidden(void **state) {
        static const struct {
                const char *shape, *user;
                bool all;
        } cases[] = {
                {"user", "0", false},              /* another's rights */
                {"user", "65534", false},          /* his, with secrets from before */
                {"dumpable-user", "65534", true},  /* his */
                {"dumpable-user", "65533", false}, /* a third one's */
        };

        if (getuid() != 0) {
                print_message("needs root\n");
                skip();
        }
        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
                const DossierTask *task;
                World world;
                Look look;

                world_init(&world, NULL);
                look_at(&look, &world, SHAPE(cases[i].shape, cases[i].user), 0, shows_pause);
                look.uid = NOBODY;
                inspect(&look);
                task = task_of(look.dossier, 0);
                assert_true(cases[i].all ? shows_all(look.dossier)
                                         : shows_name_alone(look.dossier));
                assert_true(cases[i].all || (!task->system_call && !task->wait_channel &&
                                             !task->descriptors && task->arguments[0] == 0));
                look_done(&look);
                world_done(&world);
        }
}

/* Every kind of containment names its members; how long a look at many takes is told. */
static void a_look_at_a_tree_of_500_is_bounded(void **state) {
        const char *const command[] = {"/bin/sh", "-c",
                                       "for i in $(seq 500); do sleep 60 & done; wait", NULL};

        for (ContainmentKind kind = CONTAINMENT_CGROUP; kind < _CONTAINMENT_KIND_MAX; kind++) {
                const SysConfig config = {.containment = kind};
                gint64 began, took;
                World world;
                Look look;

                world_init(&world, &config);
                look_at(&look, &world, command, getuid(), shows_full);
                began = g_get_monotonic_time();
                inspect(&look);
                took = g_get_monotonic_time() - began;
                print_message("%s: %.1f ms\n", containment_kind_to_string(kind),
                              (double)took / 1000);
                assert_true(took < G_USEC_PER_SEC);
                look_done(&look);
                world_done(&world);
        }
}

static bool is_held(void *data) {
        const Run *run = data;

        return run->world->hands.is_held(run->world->hands.world, run->tree);
}

static bool is_free(void *data) {
        return !is_held(data);
}

static void who_is_stopped_or_traced_is_seen_to_be_held(void **state) {
        World world;
        Run run = {};

        world_init(&world, NULL);
        run_command(&run, &world, SHAPE("pipe"));
        assert_true(is_free(&run));
        assert_int_equal(kill(run.pid, SIGSTOP), 0);
        assert_true(world_wait_until(&world, is_held, &run));
        assert_int_equal(kill(run.pid, SIGCONT), 0);
        assert_true(world_wait_until(&world, is_free, &run));
        assert_int_equal(ptrace(PTRACE_SEIZE, run.pid, NULL, NULL), 0);
        assert_true(is_held(&run)); /* though it goes on */
        assert_int_equal(ptrace(PTRACE_INTERRUPT, run.pid, NULL, NULL), 0);
        assert_int_equal(waitpid(run.pid, NULL, __WALL), run.pid);
        assert_true(is_held(&run));
        assert_int_equal(ptrace(PTRACE_DETACH, run.pid, NULL, NULL), 0);
        assert_true(world_wait_until(&world, is_free, &run));
        run_done(&run);
        world_done(&world);
}

static bool awaits_input(void *data) {
        const Run *run = data;
        const Hands *hands = &run->world->hands;

        return hands->waits_for_input(hands->world, run->tree, getuid());
}

static bool is_reading(const Dossier *dossier) {
        for (unsigned i = 0; i < dossier->tasks->len; i++)
                if (g_strcmp0(task_of(dossier, i)->system_call, "read") == 0)
                        return true;
        return false;
}

/* Standard input is a pipe of the test's that nobody writes to, or /dev/null for -1. */
static void start_with_input(Look *look, World *world, const char *script, int input) {
        const char *const command[] = {"/bin/sh", "-c", script, NULL};
        g_autoptr(Spec) spec = world_spec(command);

        *look = (Look){.uid = getuid(), .shows = is_reading};
        if (input >= 0)
                spec->stdio[0] = (StdioSpec){.kind = STDIO_FD, .fd = input};
        run_start(&look->run, world, spec);
        world_wait(world, &look->run.started);
}

static void who_reads_the_standard_input_waits_for_it(void **state) {
        static const struct {
                const char *script;
                bool awaits;
        } cases[] = {
                {"read line", true},
                {"cat", true},                /* a child */
                {"cat <&0 | sleep 60", true}, /* the first of a pipeline */
                {"sleep 60 | cat", false},    /* it waits for its neighbour */
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
                int ends[2];
                World world;
                Look look;

                world_init(&world, NULL);
                assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
                start_with_input(&look, &world, cases[i].script, ends[0]);
                assert_true(world_wait_until(&world, check, &look)); /* it is blocked in a read */
                assert_int_equal(awaits_input(&look.run), cases[i].awaits);
                look_done(&look);
                close(ends[1]);
                world_done(&world);
        }
}

static void who_reads_another_pipe_does_not_wait_for_input(void **state) {
        World world;
        Look look;

        world_init(&world, NULL);
        look_at(&look, &world, SHAPE("pipe"), getuid(), shows_read);
        assert_false(awaits_input(&look.run));
        look_done(&look);
        world_done(&world);
}

static void who_reads_a_terminal_waits_for_input(void **state) {
        int master, slave;
        World world;
        Look look;

        world_init(&world, NULL);
        master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
        slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
        assert_true(slave >= 0);
        start_with_input(&look, &world, "cat", slave);
        assert_true(world_wait_until(&world, awaits_input, &look.run));
        look_done(&look);
        close(master);
        world_done(&world);
}

static void of_a_tree_that_is_gone_there_is_nothing(void **state) {
        g_autoptr(Dossier) dossier = NULL;
        Now now = {};
        World world;
        Run run = {};

        world_init(&world, NULL);
        run_command(&run, &world, (const char *const[]){"/bin/true", NULL});
        world_wait(&world, &run.emptied);
        dossier = dossier_new(DOSSIER_REQUEST, 0, &now);
        assert_int_equal(world.hands.inspect(world.hands.world, run.tree, getuid(), dossier),
                         -ESRCH);
        assert_false(awaits_input(&run));
        run_done(&run);
        world_done(&world);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_deadlock_shows_each_of_its_threads_in_a_futex),
                cmocka_unit_test(a_read_of_a_pipe_shows_which_descriptor_and_what_it_is),
                cmocka_unit_test(of_a_thousand_descriptors_the_first_are_shown),
                cmocka_unit_test(a_name_with_control_characters_is_made_printable),
                cmocka_unit_test(many_threads_are_bounded),
                cmocka_unit_test(threads_leave_a_place_for_each_process),
                cmocka_unit_test(what_the_kernel_hides_from_the_owner_is_hidden),
                cmocka_unit_test(a_look_at_a_tree_of_500_is_bounded),
                cmocka_unit_test(who_is_stopped_or_traced_is_seen_to_be_held),
                cmocka_unit_test(who_reads_the_standard_input_waits_for_it),
                cmocka_unit_test(who_reads_another_pipe_does_not_wait_for_input),
                cmocka_unit_test(who_reads_a_terminal_waits_for_input),
                cmocka_unit_test(of_a_tree_that_is_gone_there_is_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
