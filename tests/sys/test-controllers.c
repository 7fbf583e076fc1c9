/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Controllers of cgroup v2. What is written where is seen in a directory that has the files of a
 * cgroup; that the service makes room, and only in what was delegated to it, in a true cgroup with the
 * controller that tests can have everywhere: hugetlb, which stands for memory there. */

#include "sys/controllers.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "world.h"

const char *__real_controller_to_string(Controller controller);
const char *__wrap_controller_to_string(Controller controller);

static bool is_real;

const char *__wrap_controller_to_string(Controller controller) {
        return is_real ? "hugetlb" : __real_controller_to_string(controller);
}

static char *directory;
static CgroupBase base;

static char *path_of(const char *file) {
        return g_build_filename(directory, file, NULL);
}

static void put(const char *file, const char *text) {
        g_autofree char *path = path_of(file);

        assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void expect(const char *file, const char *expected) {
        g_autofree char *path = path_of(file), *text = NULL;

        assert_true(g_file_get_contents(path, &text, NULL, NULL));
        assert_string_equal(text, expected);
}

static void make_directory(const char *name, const char *controllers) {
        g_autofree char *path = path_of(name),
                        *offered = g_build_filename(name, "cgroup.controllers", NULL),
                        *enabled = g_build_filename(name, "cgroup.subtree_control", NULL);

        assert_int_equal(g_mkdir_with_parents(path, 0755), 0);
        put(offered, controllers);
        put(enabled, "");
}

#define run(...)                                                                                   \
        g_spawn_sync(NULL, (char *[]){(char *)__VA_ARGS__, NULL}, NULL, G_SPAWN_SEARCH_PATH, NULL, \
                     NULL, NULL, NULL, NULL, NULL)

static int set_up(void **state) {
        g_autofree char *instance = NULL;

        directory = g_dir_make_tmp("proctor-test-XXXXXX", NULL);
        make_directory(".", "cpu memory hugetlb\n");
        make_directory("proctor-1-00000000", "");
        make_directory("proctor-1-00000000/p1", "");
        instance = path_of("proctor-1-00000000");
        base = (CgroupBase){.parent_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                            .instance_fd = open(instance, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        return base.parent_fd < 0 || base.instance_fd < 0;
}

static int tear_down(void **state) {
        close(base.parent_fd);
        close(base.instance_fd);
        run("rm", (char *)"-r", (char *)"--", directory);
        g_free(directory);
        return 0;
}

static void what_is_offered_is_switched_on_once(void **state) {
        Controller lacking;

        assert_int_equal(controllers_provide(&base, 1u << CONTROLLER_MEMORY, &lacking), 0);
        expect("cgroup.subtree_control", "+memory");
        expect("proctor-1-00000000/cgroup.subtree_control", "+memory");
        put("cgroup.subtree_control", "");
        assert_int_equal(controllers_provide(&base, 1u << CONTROLLER_MEMORY, &lacking), 0);
        expect("cgroup.subtree_control", "");
        assert_int_equal(controllers_provide(&base, 1u << CONTROLLER_MEMORY | 1u << CONTROLLER_CPU,
                                             &lacking),
                         0);
        expect("cgroup.subtree_control", "+cpu");
        base.switched = 1u << CONTROLLER_CPU;
        controllers_give_back(&base);
        expect("cgroup.subtree_control", "-cpu");
        assert_int_equal(base.controllers, 0);
}

static void what_is_not_offered_is_named(void **state) {
        Controller lacking = CONTROLLER_MEMORY;

        assert_int_equal(controllers_provide(&base, 1u << CONTROLLER_PIDS, &lacking), -EOPNOTSUPP);
        assert_int_equal(lacking, CONTROLLER_PIDS);
        expect("cgroup.subtree_control", "");
        assert_int_equal(base.controllers, 0);
}

/* The kernel would let pids be switched on there, and nobody into the trees after that. */
static void where_others_live_nothing_is_switched_on(void **state) {
        Controller lacking;

        put("cgroup.type", "domain\n");
        put("cgroup.procs", "1\n");
        assert_int_equal(controllers_provide(&base, 1u << CONTROLLER_CPU, &lacking), -EOPNOTSUPP);
        assert_int_equal(lacking, CONTROLLER_CPU);
        expect("cgroup.subtree_control", "");
        put("cgroup.procs", "");
        assert_int_equal(controllers_provide(&base, 1u << CONTROLLER_CPU, &lacking), 0);
        expect("cgroup.subtree_control", "+cpu");
}

static void a_broken_half_is_no_controller(void **state) {
        g_autofree char *path = path_of("proctor-1-00000000/cgroup.subtree_control");
        Controller lacking;

        assert_int_equal(unlink(path), 0);
        assert_int_equal(controllers_provide(&base, 1u << CONTROLLER_CPU, &lacking), -EOPNOTSUPP);
        assert_int_equal(lacking, CONTROLLER_CPU);
        assert_int_equal(base.controllers, 0);
}

static void values_are_written_before_anybody_lives_there(void **state) {
        static const uint64_t values[_CONTROLLER_MAX] = {
                [CONTROLLER_MEMORY] = 1073741824, [CONTROLLER_CPU] = 20};
        static const uint64_t tasks[_CONTROLLER_MAX] = {[CONTROLLER_PIDS] = 7};

        put("proctor-1-00000000/p1/memory.max", "");
        put("proctor-1-00000000/p1/memory.oom.group", "0");
        put("proctor-1-00000000/p1/cpu.weight", "");
        assert_int_equal(controllers_apply(&base, 1, values), 0);
        expect("proctor-1-00000000/p1/memory.max", "1073741824");
        expect("proctor-1-00000000/p1/memory.oom.group", "1");
        expect("proctor-1-00000000/p1/cpu.weight", "20");
        /* it is not there */
        assert_int_equal(controllers_apply(&base, 1, tasks), -ENOENT);
}

static bool holds(const char *cgroup, const char *file, const char *word) {
        g_autofree char *path = g_build_filename(cgroup, file, NULL), *text = NULL;
        g_auto(GStrv) words = NULL;

        if (!g_file_get_contents(path, &text, NULL, NULL))
                return false;
        words = g_strsplit_set(text, " \n", -1);
        return g_strv_contains((const char *const *)words, word);
}

static int write_to(const char *cgroup, const char *file, const char *text) {
        int r, fd = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        r = fd < 0 ? -errno : cgroup_write_at(fd, file, text);
        close(fd);
        return r;
}

#define MUST(what)                                                                                 \
        do {                                                                                       \
                if (!(what)) {                                                                     \
                        dprintf(STDERR_FILENO, "line %d: %s\n", __LINE__, #what);                  \
                        _exit(1);                                                                  \
                }                                                                                  \
        } while (0)

/* As a service whose cgroup that is, with a helper of its own. */
static void serve_in(const char *cgroup) {
        g_autofree char *inner = g_build_filename(cgroup, "proctor-service", NULL), *own = NULL;
        g_autofree char *number = NULL;
        CgroupBase *true_base;
        Controller lacking;
        uint64_t tree;
        int fd, ends[2];
        pid_t helper;

        MUST(write_to(cgroup, "cgroup.procs", "0") >= 0);
        MUST(pipe(ends) >= 0);
        helper = fork();
        if (helper == 0) {
                close(ends[1]);
                _exit(read(ends[0], &fd, 1) == 0 ? 0 : 1);
        }
        number = g_strdup_printf("%d", (int)helper);
        MUST(cgroup_base_new(cgroup, &true_base) >= 0);

        MUST(controllers_provide(true_base, 1u << CONTROLLER_MEMORY, &lacking) == -EOPNOTSUPP);
        MUST(holds(cgroup, "cgroup.procs", number));
        MUST(access(inner, F_OK) < 0);

        MUST(fsetxattr(true_base->parent_fd, "trusted.delegate", "1", 1, 0) >= 0);
        MUST(controllers_provide(true_base, 1u << CONTROLLER_MEMORY, &lacking) == 0);
        MUST(holds(cgroup, "cgroup.subtree_control", "hugetlb"));
        MUST(holds(inner, "cgroup.procs", number));
        MUST(cgroup_find_own(&own) >= 0 && strcmp(own, inner) == 0);
        MUST(cgroup_create(true_base, &tree, &fd) >= 0);
        MUST(faccessat(fd, "hugetlb.2MB.max", F_OK, 0) >= 0);
        close(fd);
        MUST(cgroup_remove(true_base, tree) >= 0);

        close(ends[1]);
        MUST(waitpid(helper, NULL, 0) == helper);
        cgroup_base_free(true_base);
        MUST(access(inner, F_OK) < 0);
        MUST(!holds(cgroup, "cgroup.subtree_control", "hugetlb"));
        MUST(write_to(cgroup, "../cgroup.procs", "0") >= 0);
}

/* As a service that is killed. Its world is only to be had if it can be where it is told to. */
static void serve_and_wait(const char *cgroup, int ready) {
        SysConfig config = {.cgroup = cgroup};
        g_autoptr(Spec) spec = spec_new();
        Controller lacking;
        World world;

        MUST(write_to(cgroup, "cgroup.procs", "0") >= 0);
        world_init(&world, &config);
        spec->control[CONTROLLER_MEMORY] = 1;
        MUST(world.hands.provide(world.hands.world, spec, &lacking) == 0);
        MUST(write(ready, "", 1) == 1);
        for (;;)
                pause();
}

static int enter(const char *cgroup) {
        int status;
        pid_t pid = fork();

        if (pid == 0)
                _exit(write_to(cgroup, "cgroup.procs", "0") >= 0 ? 0 : 1);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        return status;
}

#define USER 65534

static pid_t fork_sleeper(void) {
        pid_t pid = fork();

        if (pid == 0)
                for (;;)
                        pause();
        return pid;
}

/* As a user's service, whose manager cannot mark what it delegates; a stranger lives there at first. */
static void serve_as_user(const char *cgroup) {
        static const char *const files[] = {"", "cgroup.procs", "cgroup.subtree_control",
                                            "cgroup.threads"};
        g_autofree char *number = NULL;
        CgroupBase *true_base;
        Controller lacking;
        pid_t stranger;
        int status;

        for (unsigned i = 0; i < G_N_ELEMENTS(files); i++) {
                g_autofree char *path = g_build_filename(cgroup, files[i], NULL);

                MUST(chown(path, USER, USER) >= 0);
        }
        stranger = fork_sleeper();
        number = g_strdup_printf("%d", (int)stranger);
        MUST(write_to(cgroup, "cgroup.procs", number) >= 0);
        if (fork() == 0) { /* whose child the stranger is not */
                MUST(write_to(cgroup, "cgroup.procs", "0") >= 0);
                MUST(setresgid(USER, USER, USER) >= 0 && setresuid(USER, USER, USER) >= 0);
                MUST(cgroup_base_new(cgroup, &true_base) >= 0);
                MUST(controllers_provide(true_base, 1u << CONTROLLER_MEMORY, &lacking) ==
                     -EOPNOTSUPP);
                MUST(holds(cgroup, "cgroup.procs", number));
                _exit(0);
        }
        MUST(wait(&status) > 0 && status == 0);
        MUST(kill(stranger, SIGKILL) >= 0 && waitpid(stranger, NULL, 0) == stranger);
        MUST(write_to(cgroup, "cgroup.procs", "0") >= 0);
        MUST(setresgid(USER, USER, USER) >= 0 && setresuid(USER, USER, USER) >= 0);
        stranger = fork_sleeper(); /* a child of its own */
        MUST(cgroup_base_new(cgroup, &true_base) >= 0);
        MUST(controllers_provide(true_base, 1u << CONTROLLER_MEMORY, &lacking) == 0);
        MUST(holds(cgroup, "cgroup.subtree_control", "hugetlb"));
        MUST(kill(stranger, SIGKILL) >= 0 && waitpid(stranger, NULL, 0) == stranger);
        cgroup_base_free(true_base);
        MUST(!holds(cgroup, "cgroup.subtree_control", "hugetlb"));
}

typedef struct Place {
        char *own, *cgroup;
        bool had;
} Place;

/* A cgroup that offers hugetlb to its children. */
static void place_init(Place *place) {
        g_autofree char *name = g_strdup_printf("test-of-controllers-%d", (int)getpid());

        if (cgroup_find_own(&place->own) < 0) {
                print_message("no cgroup v2\n");
                skip();
        }
        place->had = holds(place->own, "cgroup.subtree_control", "hugetlb");
        if (!place->had && write_to(place->own, "cgroup.subtree_control", "+hugetlb") < 0) {
                print_message("the controller hugetlb cannot be had here\n");
                g_free(place->own);
                skip();
        }
        place->cgroup = g_build_filename(place->own, name, NULL);
        assert_int_equal(mkdir(place->cgroup, 0755), 0);
        is_real = true;
}

static void place_done(Place *place) {
        is_real = false;
        /* a guard may be on its way out */
        for (unsigned i = 0; i < 2000 && access(place->cgroup, F_OK) >= 0; i++) {
                run("find", place->cgroup, (char *)"-depth", (char *)"-type", (char *)"d",
                    (char *)"-delete");
                g_usleep(1000);
        }
        if (!place->had)
                (void)write_to(place->own, "cgroup.subtree_control", "-hugetlb");
        g_free(place->cgroup);
        g_free(place->own);
}

static void in_a_place(void (*serve)(const char *cgroup)) {
        Place place;
        int status;
        pid_t pid;

        place_init(&place);
        pid = fork();
        if (pid == 0) {
                serve(place.cgroup);
                _exit(0);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        place_done(&place);
        assert_int_equal(status, 0);
}

static void room_is_made_where_it_was_delegated(void **state) {
        in_a_place(serve_in);
}

static void room_is_made_where_a_user_is_alone(void **state) {
        in_a_place(serve_as_user);
}

static void the_next_service_is_let_in_after_a_crash(void **state) {
        gint64 deadline = g_get_monotonic_time() + WORLD_PATIENCE;
        int status, ends[2], fd;
        Place place;
        char byte;
        pid_t pid;

        place_init(&place);
        fd = open(place.cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_int_equal(fsetxattr(fd, "trusted.delegate", "1", 1, 0), 0);
        close(fd);
        assert_int_equal(pipe(ends), 0);
        pid = fork();
        if (pid == 0)
                serve_and_wait(place.cgroup, ends[1]);
        close(ends[1]);
        assert_int_equal(read(ends[0], &byte, 1), 1);
        close(ends[0]);
        assert_true(holds(place.cgroup, "cgroup.subtree_control", "hugetlb"));
        assert_int_not_equal(enter(place.cgroup), 0);
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        while (holds(place.cgroup, "cgroup.subtree_control", "hugetlb")) {
                assert_true(g_get_monotonic_time() < deadline);
                g_usleep(1000);
        }
        assert_int_equal(enter(place.cgroup), 0);
        place_done(&place);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(what_is_offered_is_switched_on_once),
                TEST(what_is_not_offered_is_named),
                TEST(where_others_live_nothing_is_switched_on),
                TEST(a_broken_half_is_no_controller),
                TEST(values_are_written_before_anybody_lives_there),
                cmocka_unit_test(room_is_made_where_it_was_delegated),
                cmocka_unit_test(room_is_made_where_a_user_is_alone),
                cmocka_unit_test(the_next_service_is_let_in_after_a_crash),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
