/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The dossier of a process that hung: its bounds, whoever fills it; that it is taken before the first
 * signal, once for each hang, kept with the result, and given up by age. */

#include "core/dossier.h"

#include "sys/loop.h"
#include "sys/output.h"
#include "util/fake-world.h"

#define SEC USEC_PER_SEC

static const Now moment = {.realtime = 2, .monotonic = 1};

static void it_takes_no_more_than_its_bounds(void **state) {
        g_autoptr(Dossier) dossier = dossier_new(DOSSIER_HANG, 0, &moment);
        g_autofree char *endless = g_strnfill(100000, 'x');
        const uint64_t arguments[DOSSIER_N_ARGUMENTS] = {};
        DossierTask *task = NULL;
        unsigned n = 0;

        for (unsigned i = 0; i < 1000; i++) {
                DossierTask *next = dossier_add_task(dossier, 1, (pid_t)i, 'S', endless);

                if (!next)
                        continue;
                task = next;
                n++;
                dossier_set_wait_channel(dossier, task, endless);
                dossier_set_system_call(dossier, task, endless, arguments);
                while (dossier_add_descriptor(dossier, task, 0, endless))
                        ;
                assert_true(task->descriptors->len <= DOSSIER_DESCRIPTORS_MAX);
                assert_int_equal(strlen(task->name), DOSSIER_NAME_MAX);
        }
        assert_true(n > 0 && n <= DOSSIER_TASKS_MAX);
        assert_true(dossier->truncated);
        assert_true(dossier->bytes <= DOSSIER_BYTES_MAX);
}

static void it_has_as_many_tasks_as_it_says(void **state) {
        g_autoptr(Dossier) dossier = dossier_new(DOSSIER_HANG, 0, &moment);

        for (unsigned i = 0; i < DOSSIER_TASKS_MAX; i++) {
                assert_int_equal(dossier_room(dossier), DOSSIER_TASKS_MAX - i);
                assert_non_null(dossier_add_task(dossier, 1, 1, 'S', "short"));
        }
        assert_false(dossier->truncated);
        assert_null(dossier_add_task(dossier, 1, 1, 'S', "one more"));
        assert_true(dossier->truncated);
}

static void foreign_words_are_made_printable(void **state) {
        g_autoptr(Dossier) dossier = dossier_new(DOSSIER_HANG, 0, &moment);
        DossierTask *task = dossier_add_task(dossier, 1, 1, '\n', "a\nb\xff");

        assert_string_equal(task->name, "a b\xef\xbf\xbd");
        assert_int_equal(task->state, '?');
        dossier_add_descriptor(dossier, task, 0, "/tmp/\033[2J");
        assert_string_equal(g_array_index(task->descriptors, DossierDescriptor, 0).target,
                            "/tmp/ [2J");
}

static void of_output_the_end_is_kept(void **state) {
        g_autoptr(Dossier) dossier = dossier_new(DOSSIER_HANG, 0, &moment);
        char bytes[3 * DOSSIER_OUTPUT_MAX];
        const char *kept;
        size_t size;

        memset(bytes, 'a', sizeof bytes);
        bytes[sizeof bytes - 1] = 'z';
        dossier_set_output(dossier, 0, bytes, sizeof bytes);
        kept = g_bytes_get_data(dossier->output[0], &size);
        assert_int_equal(size, DOSSIER_OUTPUT_MAX);
        assert_int_equal(kept[size - 1], 'z');
        assert_null(dossier->output[1]);
}

static void what_is_concealed_is_what_not_everybody_sees(void **state) {
        g_autoptr(Dossier) dossier = dossier_new(DOSSIER_HANG, 0, &moment);
        DossierTask *task = dossier_add_task(dossier, 7, 7, 'S', "name");
        const uint64_t arguments[DOSSIER_N_ARGUMENTS] = {1, 2, 3};

        dossier_set_wait_channel(dossier, task, "wait");
        dossier_set_system_call(dossier, task, "read", arguments);
        dossier_add_descriptor(dossier, task, 0, "/secret");
        dossier_conceal(task);
        assert_null(task->wait_channel);
        assert_null(task->system_call);
        assert_null(task->descriptors);
        assert_int_equal(task->arguments[0], 0);
        assert_string_equal(task->name, "name");
}

static Process *watched(FakeWorld *world, usec_t max_hang, bool auto_kill) {
        ProcessConfig config = fake_policy(SEC, SEC, max_hang, auto_kill);

        return fake_process(world, &config);
}

static void it_is_taken_before_the_first_signal_and_told(void **state) {
        static const struct {
                usec_t max_hang;
                bool auto_kill;
                const char *happens;
        } cases[] = {
                {10 * SEC, true,
                 "changed 1 slow; inspect 1; changed 1 hung; hung 1 stop; changed 1 stopping; "
                 "signal 1 SIGTERM all; signal 1 SIGCONT all; changed 1 finished; "
                 "exited 1 -15 hang"},
                {0, true,
                 "changed 1 slow; inspect 1; changed 1 hung; hung 1 stop; changed 1 stopping; "
                 "signal 1 SIGKILL all; changed 1 finished; exited 1 -9 hang"},
                {USEC_INFINITY, false, "changed 1 slow; inspect 1; changed 1 hung; hung 1 none"},
                {10 * SEC, false,
                 "changed 1 slow; inspect 1; changed 1 hung; hung 1 none; inspect 1; "
                 "changed 1 stopping; signal 1 SIGKILL all; changed 1 finished; exited 1 -9 hang"},
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
                FakeWorld world;
                Process *process;

                fake_world_init(&world, NULL);
                process = watched(&world, cases[i].max_hang, cases[i].auto_kill);
                fake_forget_log(&world);
                world.looks = true;
                fake_run(&world, 20 * SEC);
                fake_expect(&world, cases[i].happens);
                assert_non_null(process->dossier);
                assert_int_equal(process->dossier->reason, DOSSIER_HANG);
                assert_true(process->dossier->idle >= 2 * SEC);
                assert_int_equal(process->dossier->tasks->len, 1);
                fake_world_done(&world);
        }
}

/* The kill of MaxHangTime during a stop shows nothing but the stop. */
static void it_is_not_taken_again_while_it_is_being_stopped(void **state) {
        ProcessConfig config = fake_policy(SEC, SEC, 5 * SEC, true);
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        world.nature.dies_of_stop = USEC_INFINITY;
        config.stop_timeout = USEC_PER_HOUR;
        process = fake_process(&world, &config);
        fake_run(&world, 20 * SEC);
        assert_int_equal(process->exit_code, -9);
        assert_int_equal(fake_last_tree(&world)->n_inspected, 1);
        assert_true(process->dossier->idle < 4 * SEC);
        fake_world_done(&world);
}

static void a_second_hang_has_a_dossier_of_its_own(void **state) {
        FakeWorld world;
        Process *process;
        usec_t first;

        fake_world_init(&world, NULL);
        process = watched(&world, USEC_INFINITY, false);
        fake_run(&world, 10 * SEC);
        first = process->dossier->taken.monotonic;
        fake_report(&world, process);
        fake_run(&world, 10 * SEC);
        assert_true(process->dossier->taken.monotonic > first);
        assert_int_equal(fake_tree(process)->n_inspected, 2);
        fake_world_done(&world);
}

static void a_running_one_is_looked_at_now_and_later_the_kept_one_is_given(void **state) {
        Dossier *dossier;
        FakeWorld world;
        Process *process;
        Now hung_at;

        fake_world_init(&world, NULL);
        process = watched(&world, USEC_INFINITY, false);
        dossier = supervisor_get_dossier(world.supervisor, FAKE_GRANT, process, &world.now);
        assert_int_equal(dossier->reason, DOSSIER_REQUEST);
        dossier = dossier_unref(dossier);
        assert_null(process->dossier); /* a look is not kept */
        fake_run(&world, 10 * SEC);
        hung_at = process->dossier->taken;
        dossier = supervisor_get_dossier(world.supervisor, FAKE_GRANT, process, &world.now);
        assert_int_equal(dossier->reason, DOSSIER_REQUEST);
        assert_true(dossier->taken.monotonic == world.now.monotonic);
        dossier = dossier_unref(dossier);

        fake_stop(&world, process, STOP_ASK);
        dossier = supervisor_get_dossier(world.supervisor, FAKE_GRANT, process, &world.now);
        assert_true(dossier->taken.monotonic == hung_at.monotonic);
        dossier = dossier_unref(dossier);
        fake_run(&world, SEC);
        dossier = supervisor_get_dossier(world.supervisor, FAKE_GRANT, process, &world.now);
        assert_int_equal(dossier->reason, DOSSIER_HANG);
        supervisor_collect(world.supervisor, FAKE_GRANT, process);
        assert_int_equal(dossier->n_ref, 1); /* who has it may go on reading */
        dossier_unref(dossier);
        fake_world_done(&world);
}

static void one_that_never_hung_leaves_none(void **state) {
        FakeWorld world;
        Process *process;

        fake_world_init(&world, NULL);
        process = watched(&world, USEC_INFINITY, true);
        fake_stop(&world, process, STOP_ASK);
        fake_run(&world, SEC / 2);
        assert_false(process_is_running(process));
        assert_null(supervisor_get_dossier(world.supervisor, FAKE_GRANT, process, &world.now));
        assert_int_equal(fake_last_tree(&world)->n_inspected, 0);
        fake_world_done(&world);
}

static void trouble_that_it_tells_itself_is_the_reason(void **state) {
        FakeWorld world;
        Process *process;
        Tree *tree;

        fake_world_init(&world, NULL);
        process = watched(&world, USEC_INFINITY, true);
        tree = fake_tree(process);
        tree->events->notify(tree->userdata, "WATCHDOG=trigger", strlen("WATCHDOG=trigger"));
        assert_int_equal(process->dossier->reason, DOSSIER_TROUBLE);
        fake_run(&world, SEC);
        assert_int_equal(process->result, RESULT_HANG);
        fake_world_done(&world);
}

static void the_oldest_of_a_user_are_given_up_beyond_the_bytes(void **state) {
        SupervisorSettings settings = supervisor_settings_default();
        FakeWorld world;
        User *user = NULL;
        unsigned n = 0;

        settings.finished_age = USEC_INFINITY;
        fake_world_init(&world, &settings);
        world.mute = true;
        world.descriptors = DOSSIER_DESCRIPTORS_MAX;
        for (unsigned i = 0; i < 10000; i++) {
                Process *process = watched(&world, USEC_INFINITY, true);

                fake_run(&world, 4 * SEC);
                user = process->user;
                assert_non_null(process->dossier);
                assert_true(user->dossier_bytes <= DOSSIER_BYTES_PER_USER);
        }
        assert_null(supervisor_find(world.supervisor, 1)->dossier);
        for (GList *l = user->dossiers.head; l; l = l->next)
                n += ((Process *)l->data)->dossier != NULL;
        assert_true(n > 1000 && n < 10000);
        supervisor_cleanup(world.supervisor, FAKE_GRANT, UID_ANY);
        assert_int_equal(user->dossier_bytes, 0);
        assert_true(g_queue_is_empty(&user->dossiers));
        fake_world_done(&world);
}

static void on_deadline(void *userdata) {
}

static void on_bytes(void *userdata) {
}

static void it_has_the_last_output(void **state) {
        GMainContext *context = g_main_context_new();
        OutputBudget *budget = output_budget_new(1 << 20);
        Loop *loop = NULL;
        FakeWorld world;
        Process *process;
        const char *end;
        int writer = -1;
        size_t size;

        fake_world_init(&world, NULL);
        assert_int_equal(loop_new(context, on_deadline, NULL, &loop), 0);
        assert_int_equal(output_new(loop, budget, 65536, on_bytes, NULL, &writer, &world.captured),
                         0);
        for (unsigned i = 0; i < 1000; i++)
                assert_int_equal(write(writer, "0123456789", 10), 10);
        assert_int_equal(write(writer, "Password: ", 10), 10);
        output_drain(world.captured);
        process = watched(&world, USEC_INFINITY, false);
        fake_run(&world, 10 * SEC);
        end = g_bytes_get_data(process->dossier->output[0], &size);
        assert_int_equal(size, DOSSIER_OUTPUT_MAX);
        assert_memory_equal(end + size - 10, "Password: ", 10);
        assert_null(process->dossier->output[1]);
        output_unref(world.captured);
        fake_world_done(&world);
        close(writer);
        output_budget_free(budget);
        loop_free(loop);
        g_main_context_unref(context);
}

TEST_MAIN(TEST(it_takes_no_more_than_its_bounds), TEST(it_has_as_many_tasks_as_it_says),
          TEST(foreign_words_are_made_printable), TEST(of_output_the_end_is_kept),
          TEST(what_is_concealed_is_what_not_everybody_sees),
          TEST(it_is_taken_before_the_first_signal_and_told),
          TEST(it_is_not_taken_again_while_it_is_being_stopped),
          TEST(a_second_hang_has_a_dossier_of_its_own),
          TEST(a_running_one_is_looked_at_now_and_later_the_kept_one_is_given),
          TEST(one_that_never_hung_leaves_none), TEST(trouble_that_it_tells_itself_is_the_reason),
          TEST(the_oldest_of_a_user_are_given_up_beyond_the_bytes), TEST(it_has_the_last_output))
