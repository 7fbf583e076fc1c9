/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Users are looked up beside the service, whatever the user database does; and a process that becomes
 * one is he in everything: ids, groups, environment, directory, descriptors. */

#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/accounts.h"
#include "sys/loop.h"

typedef struct Bench {
        GMainContext *context;
        Loop *loop;
        Spawner *spawner;
        Accounts *accounts;
        int fds_before;
} Bench;

typedef struct Answer {
        bool came;
        int error;
        Account *account;
} Answer;

static void on_deadline(void *userdata) {
}

static void bench_init(Bench *bench, usec_t deadline) {
        SpawnerConfig config = {.mode = SPAWN_SHARED};

        *bench = (Bench){.fds_before = world_fd_count()};
        bench->context = g_main_context_new();
        assert_int_equal(loop_new(bench->context, on_deadline, NULL, &bench->loop), 0);
        assert_int_equal(spawner_new(&config, &bench->spawner), 0);
        bench->accounts = accounts_new(bench->loop, bench->spawner, world_helper("helper-account"),
                                       deadline);
}

static void bench_done(Bench *bench) {
        accounts_free(bench->accounts);
        spawner_free(bench->spawner);
        loop_free(bench->loop);
        g_main_context_unref(bench->context);
        assert_int_equal(world_fd_count(), bench->fds_before);
}

static void on_account(void *userdata, int error, Account *account) {
        Answer *answer = userdata;

        assert_false(answer->came);
        *answer = (Answer){.came = true, .error = error};
        if (account)
                answer->account = account_ref(account);
}

static void ask(Bench *bench, const char *user, Answer *answer) {
        int r;

        *answer = (Answer){};
        r = accounts_look_up(bench->accounts, user, on_account, answer, &answer->account);
        if (r != 0)
                *answer = (Answer){.came = true, .error = MIN(r, 0), .account = answer->account};
}

/* The helpers end by themselves or at their deadline: an event comes in any case. */
static void wait_for(Bench *bench, Answer *answer) {
        while (!answer->came)
                g_main_context_iteration(bench->context, TRUE);
}

static int error_for(Bench *bench, const char *user) {
        Answer answer;

        ask(bench, user, &answer);
        wait_for(bench, &answer);
        account_unref(answer.account);
        return answer.error;
}

static void expect_as_in_the_database(Bench *bench, const char *user, const struct passwd *entry) {
        gid_t groups[256];
        int n = G_N_ELEMENTS(groups);
        Answer answer;

        ask(bench, user, &answer);
        wait_for(bench, &answer);
        assert_int_equal(answer.error, 0);
        assert_int_equal(answer.account->uid, entry->pw_uid);
        assert_int_equal(answer.account->gid, entry->pw_gid);
        assert_string_equal(answer.account->name, entry->pw_name);
        assert_string_equal(answer.account->home, entry->pw_dir);
        assert_string_equal(answer.account->shell, entry->pw_shell);
        assert_true(getgrouplist(entry->pw_name, entry->pw_gid, groups, &n) >= 0);
        assert_int_equal(answer.account->n_groups, n);
        assert_memory_equal(answer.account->groups, groups, (size_t)n * sizeof groups[0]);
        account_unref(answer.account);
}

static void a_user_is_found_by_name_and_by_number(void **state) {
        static const char *const names[] = {"root", "daemon", "nobody"};
        Bench bench;

        bench_init(&bench, 0);
        for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
                const struct passwd *entry = getpwnam(names[i]);
                g_autofree char *number = NULL;

                if (!entry)
                        continue;
                number = g_strdup_printf("%u", (unsigned)entry->pw_uid);
                expect_as_in_the_database(&bench, names[i], entry);
                expect_as_in_the_database(&bench, number, entry);
        }
        bench_done(&bench);
}

/* S-13: no result is an error, and never somebody else. */
static void what_names_nobody_is_refused(void **state) {
        static const struct {
                const char *user;
                int error;
        } table[] = {
                {"no-such-user", -ENOENT}, {"0day", -ENOENT},      {"root\n", -EINVAL},
                {"-1", -EINVAL},           {"-root", -EINVAL},     {"4294967295", -EINVAL},
                {"4294967296", -EINVAL},   {"", -EINVAL},          {"root:x", -EINVAL},
                {"../root", -EINVAL},      {"root root", -EINVAL}, {"\033[2J", -EINVAL},
                {"4000000000", -ENOENT},   {"0x0", -ENOENT},       {"+0", -ENOENT},
        };
        g_autofree char *endless = g_strnfill(300, 'a');
        Bench bench;

        bench_init(&bench, 0);
        for (unsigned i = 0; i < G_N_ELEMENTS(table); i++)
                if (error_for(&bench, table[i].user) != table[i].error)
                        fail_msg("%s: %d", table[i].user, error_for(&bench, table[i].user));
        assert_int_equal(error_for(&bench, endless), -EINVAL);
        bench_done(&bench);
}

static void a_database_that_is_bad_is_an_error(void **state) {
        Bench bench;

        bench_init(&bench, 200 * USEC_PER_MSEC);
        assert_int_equal(error_for(&bench, "slow"), -ETIMEDOUT);
        assert_int_equal(error_for(&bench, "endless"), -ETIMEDOUT);
        assert_int_equal(error_for(&bench, "crash"), -EIO);
        assert_int_equal(error_for(&bench, "talk"), -EIO);
        bench_done(&bench);
}

static void a_slow_user_holds_nobody_else_up(void **state) {
        Answer slow, other;
        Bench bench;

        bench_init(&bench, 10 * USEC_PER_SEC);
        ask(&bench, "slow", &slow);
        ask(&bench, "root", &other);
        wait_for(&bench, &other);
        assert_int_equal(other.error, 0);
        assert_false(slow.came);
        account_unref(other.account);
        accounts_cancel(bench.accounts, &slow);
        bench_done(&bench); /* ends what is under way */
        assert_false(slow.came);
}

static void who_asks_for_the_same_user_waits_for_the_same_answer(void **state) {
        Answer first, second, third, gone;
        Bench bench;

        bench_init(&bench, 0);
        ask(&bench, "root", &first);
        ask(&bench, "root", &gone);
        ask(&bench, "root", &second);
        accounts_cancel(bench.accounts, &gone);
        wait_for(&bench, &first);
        assert_true(second.came);
        assert_false(gone.came);
        assert_ptr_equal(first.account, second.account);
        ask(&bench, "root", &third); /* known now */
        assert_true(third.came);
        assert_ptr_equal(first.account, third.account);
        account_unref(first.account);
        account_unref(second.account);
        account_unref(third.account);
        bench_done(&bench);
}

static void look_ups_under_way_are_bounded(void **state) {
        Answer answers[40];
        unsigned n = 0;
        Bench bench;

        bench_init(&bench, 20 * USEC_PER_SEC);
        for (unsigned i = 0; i < G_N_ELEMENTS(answers); i++) {
                g_autofree char *user = g_strdup_printf("user-%u", i);

                ask(&bench, i == 0 ? "slow" : user, &answers[i]);
                n += answers[i].error == -EAGAIN;
        }
        assert_int_equal(n, G_N_ELEMENTS(answers) - 32);
        bench_done(&bench);
}

static char *output_of(World *world, Run *run) {
        g_autofree char *buffer = g_malloc0(65537);
        Output *output = world->hands.output(world->hands.world, run->tree, OUTPUT_STDOUT);
        uint64_t next;
        bool eof;

        world->hands.output_read(world->hands.world, output, 0, buffer, 65536, &next, &eof);
        world->hands.output_unref(world->hands.world, output);
        return g_steal_pointer(&buffer);
}

static char *run_as(World *world, Account *account, Spec *spec) {
        char *text;
        Run run = {};

        spec->account = account_ref(account);
        run_start(&run, world, spec);
        while (!run.exited)
                g_main_context_iteration(world->context, TRUE);
        if (run.failed)
                text = g_strdup(run.failure);
        else
                text = output_of(world, &run);
        spec_free(spec);
        if (!run.failed)
                world_wait(world, &run.emptied);
        run_done(&run);
        return text;
}

static Account *somebody(void) {
        static const gid_t groups[] = {54321, 12345};

        return account_new(4000000000, 54321, g_memdup2(groups, sizeof groups), 2,
                           g_strdup("somebody"), g_strdup("/usr"), g_strdup("/bin/false"));
}

static const char who[] =
        "grep -E '^(Uid|Gid|Groups|CapPrm|CapEff|CapAmb|NoNewPrivs):' /proc/self/status;"
        "pwd; env | grep -v -E '^(PWD|OLDPWD|SHLVL|_)=' | sort; umask; echo opened >/dev/stdout; "
        "kill -0 1 2>/dev/null && echo kills";

static void a_process_is_its_user_in_everything(void **state) {
        const SysConfig config = {.containment = CONTAINMENT_PROCESS_GROUP, .becomes_users = true};
        g_autoptr(Account) account = somebody();
        g_autofree char *text = NULL;
        World world;
        Spec *spec;

        if (getuid() != 0) {
                print_message("becoming a user needs root\n");
                skip();
        }
        world_init(&world, &config);
        spec = world_spec((const char *const[]){"sh", "-c", who, NULL});
        spec->working_directory = g_strdup("/usr");
        text = run_as(&world, account, spec);
        assert_string_equal(text, "Uid:\t4000000000\t4000000000\t4000000000\t4000000000\n"
                                  "Gid:\t54321\t54321\t54321\t54321\n"
                                  "Groups:\t12345 54321 \n"
                                  "CapPrm:\t0000000000000000\n"
                                  "CapEff:\t0000000000000000\n"
                                  "CapAmb:\t0000000000000000\n"
                                  "NoNewPrivs:\t0\n"
                                  "/usr\n"
                                  "HOME=/usr\n"
                                  "LOGNAME=somebody\n"
                                  "PATH=/usr/local/bin:/usr/bin:/bin\n"
                                  "SHELL=/bin/false\n"
                                  "USER=somebody\n"
                                  "0022\n"
                                  "opened\n");
        world_done(&world);
}

/* S-24: between the change of user and exec it has the service's memory, which the user must not get
 * into his hands, be it as a core. Where fs.suid_dumpable is 0 the kernel sees to it by itself. */
static void until_exec_there_is_nothing_to_be_dumped(void **state) {
        const SysConfig config = {.containment = CONTAINMENT_PROCESS_GROUP, .becomes_users = true};
        g_autoptr(Account) account = somebody();
        g_autofree char *text = NULL;
        World world;

        if (getuid() != 0) {
                print_message("becoming a user needs root\n");
                skip();
        }
        world_init(&world, &config);
        text = run_as(&world, account, world_spec((const char *const[]){"echo", "x", NULL}));
        assert_string_equal(text, "x\n");
        assert_int_equal(prctl(PR_GET_DUMPABLE), 0); /* of the memory that the two shared */
        world_done(&world);
}

/* S-26: what root could read and the user cannot, he is refused, as by his own shell. */
static void paths_are_the_users_own_affair(void **state) {
        const SysConfig config = {.containment = CONTAINMENT_PROCESS_GROUP, .becomes_users = true};
        g_autofree char *folder = g_dir_make_tmp("proctor-test-XXXXXX", NULL);
        g_autofree char *program = g_build_filename(folder, "program", NULL);
        g_autofree char *chdir_failure = NULL, *exec_failure = NULL, *wanted = NULL;
        g_autoptr(Account) account = somebody();
        World world;
        Spec *spec;

        if (getuid() != 0) {
                print_message("becoming a user needs root\n");
                skip();
        }
        assert_true(g_file_set_contents_full(program, "#!/bin/sh\n", -1, G_FILE_SET_CONTENTS_NONE,
                                             0755, NULL));
        assert_int_equal(chmod(folder, 0700), 0);
        world_init(&world, &config);
        spec = world_spec((const char *const[]){"true", NULL});
        spec->working_directory = g_strdup(folder);
        chdir_failure = run_as(&world, account, spec);
        wanted = g_strdup_printf("chdir '%s': EACCES", folder);
        assert_string_equal(chdir_failure, wanted);

        spec = world_spec((const char *const[]){program, NULL});
        exec_failure = run_as(&world, account, spec);
        g_free(wanted);
        wanted = g_strdup_printf("exec '%s': EACCES", program);
        assert_string_equal(exec_failure, wanted);
        world_done(&world);
        unlink(program);
        rmdir(folder);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_user_is_found_by_name_and_by_number),
                cmocka_unit_test(what_names_nobody_is_refused),
                cmocka_unit_test(a_database_that_is_bad_is_an_error),
                cmocka_unit_test(a_slow_user_holds_nobody_else_up),
                cmocka_unit_test(who_asks_for_the_same_user_waits_for_the_same_answer),
                cmocka_unit_test(look_ups_under_way_are_bounded),
                cmocka_unit_test(a_process_is_its_user_in_everything),
                cmocka_unit_test(until_exec_there_is_nothing_to_be_dumped),
                cmocka_unit_test(paths_are_the_users_own_affair),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
