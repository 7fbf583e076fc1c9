/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Pseudo terminals of real children: the service's own, and one of the caller's. What is shown is
 * drained whether anybody looks or not, what is typed is bounded, and neither the ends of the
 * terminal nor whoever holds it have a say in when a process has ended. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sys/output.h"
#include "world.h"

#define KIB 1024
#define MIB (1024 * KIB)

typedef struct Screen {
        World *world;
        Tree *tree;
        pid_t pid;
        Output *output;
        bool started, exited, emptied;
        ExitStatus status;
        char *failure;
        const char *awaited; /* by sees() */
        int fd;              /* of terminal_open() */
} Screen;

static void on_started(void *userdata, pid_t pid) {
        Screen *screen = userdata;
        const Hands *hands = &screen->world->hands;

        screen->started = true;
        screen->pid = pid;
        screen->output = hands->output(hands->world, screen->tree, OUTPUT_STDOUT);
        assert_null(hands->output(hands->world, screen->tree, OUTPUT_STDERR));
}

static void on_start_failed(void *userdata, const StartFailure *failure) {
        Screen *screen = userdata;

        screen->failure = g_strdup_printf("%s '%s': %s", failure->step, failure->object,
                                          strerrorname_np(failure->error));
        screen->started = screen->exited = screen->emptied = true;
}

static void on_exited(void *userdata, const ExitStatus *status) {
        Screen *screen = userdata;

        screen->exited = true;
        screen->status = *status;
}

static void on_emptied(void *userdata) {
        ((Screen *)userdata)->emptied = true;
}

static void on_output(void *userdata) {
}

static Spec *terminal_spec(const char *script) {
        Spec *spec = world_spec((const char *const[]){"/bin/sh", "-c", script, NULL});

        for (unsigned i = 0; i < 3; i++)
                spec->stdio[i].kind = STDIO_TERMINAL;
        spec->flags |= SPEC_TERMINAL;
        spec->terminal_size = (TerminalSize){33, 101};
        return spec;
}

static void screen_start_spec(Screen *screen, World *world, Spec *spec) {
        static const HandsEvents events = {on_started, on_start_failed, on_exited, on_emptied,
                                           NULL,       on_output};

        *screen = (Screen){.world = world, .fd = -1};
        assert_int_equal(world->hands.start(world->hands.world, spec, getuid(), &events, screen,
                                            &screen->tree),
                         0);
        world_wait(world, &screen->started);
}

static void screen_start(Screen *screen, World *world, const char *script) {
        g_autoptr(Spec) spec = terminal_spec(script);

        screen_start_spec(screen, world, spec);
        assert_null(screen->failure);
}

static char *shown(Screen *screen) {
        char *buffer = g_malloc0(65537);
        uint64_t next;
        bool eof;

        output_read(screen->output, 0, buffer, 65536, &next, &eof);
        return buffer;
}

static bool sees(void *userdata) {
        Screen *screen = userdata;
        g_autofree char *text = shown(screen);

        return strstr(text, screen->awaited);
}

static void expect_shown(Screen *screen, const char *text) {
        screen->awaited = text;
        if (!world_wait_until(screen->world, sees, screen)) {
                g_autofree char *instead = shown(screen);

                fail_msg("expected '%s' in '%s'", text, instead);
        }
}

static void screen_open(Screen *screen) {
        const Hands *hands = &screen->world->hands;

        assert_int_equal(hands->terminal_open(hands->world, screen->tree, &screen->fd), 0);
}

static void screen_type(Screen *screen, const char *text) {
        assert_int_equal(write(screen->fd, text, strlen(text)), strlen(text));
}

static void screen_done(Screen *screen) {
        const Hands *hands = &screen->world->hands;

        if (screen->fd >= 0)
                close(screen->fd);
        hands->release(hands->world, screen->tree);
        hands->output_unref(hands->world, screen->output);
        g_free(screen->failure);
}

static void settle(World *world) {
        while (g_main_context_iteration(world->context, FALSE))
                ;
}

static void it_is_the_controlling_terminal_with_size_and_kind(void **state) {
        const ContainmentKind *kind = *state;
        g_autofree char *text = NULL;
        Screen screen;
        World world;

        world_init(&world, &(SysConfig){.containment = *kind});
        screen_start(&screen, &world,
                     "test -t 0 && test -t 1 && test -t 2 && echo all; stty size </dev/tty; "
                     "echo $TERM; test \"$(ps -o tpgid= -p $$)\" -eq $$ && echo foreground");
        world_wait(&world, &screen.exited);
        text = shown(&screen);
        assert_string_equal(text, "all\r\n33 101\r\nxterm-256color\r\nforeground\r\n");
        screen_done(&screen);
        world_done(&world);
}

static void the_kind_is_what_the_caller_says(void **state) {
        static const struct {
                const char *set, *unset, *shown;
        } cases[] = {
                {"TERM=vt52", NULL, "<vt52>"},
                {"TERM=", NULL, "<>"},
                {NULL, "TERM", "<>"},
                {NULL, NULL, "<xterm-256color>"},
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *set[] = {cases[i].set, NULL}, *unset[] = {cases[i].unset, NULL};
                g_autoptr(Spec) spec = terminal_spec("echo \"<$TERM>\"");
                Screen screen;
                World world;

                spec->set_environment = g_strdupv((char **)set);
                spec->unset_environment = g_strdupv((char **)unset);
                world_init(&world, NULL);
                screen_start_spec(&screen, &world, spec);
                expect_shown(&screen, cases[i].shown);
                screen_done(&screen);
                world_done(&world);
        }
}

static void what_is_typed_arrives_and_keys_send_signals(void **state) {
        char buffer[64] = "";
        Screen screen;
        World world;

        world_init(&world, NULL);
        screen_start(&screen, &world, "printf ready; read x; echo \"got $x\"; exec sleep 1000");
        expect_shown(&screen, "ready");
        screen_open(&screen);
        screen_type(&screen, "hello\r");
        expect_shown(&screen, "got hello\r\n");
        settle(&world);
        assert_true(read(screen.fd, buffer, sizeof buffer - 1) > 0);
        assert_string_equal(buffer, "readyhello\r\ngot hello\r\n");
        assert_false(screen.exited);
        screen_type(&screen, "\003");
        world_wait(&world, &screen.exited);
        assert_int_equal(screen.status.code, -SIGINT);
        screen_done(&screen);
        world_done(&world);
}

static void a_new_size_is_told_to_the_program(void **state) {
        Screen screen;
        World world;

        world_init(&world, NULL);
        screen_start(&screen, &world,
                     "trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done");
        expect_shown(&screen, "ready");
        assert_int_equal(
                world.hands.terminal_resize(world.hands.world, screen.tree, (TerminalSize){7, 70}),
                0);
        expect_shown(&screen, "7 70\r\n");
        screen_done(&screen);
        world_done(&world);
}

static void what_has_no_terminal_has_none(void **state) {
        World world;
        Run run = {};
        int fd;

        world_init(&world, NULL);
        run_shell(&run, &world, "exec sleep 1000");
        assert_int_equal(
                world.hands.terminal_resize(world.hands.world, run.tree, (TerminalSize){7, 70}),
                -ENOTTY);
        assert_int_equal(world.hands.terminal_open(world.hands.world, run.tree, &fd), -ENOTTY);
        run_done(&run);
        world_done(&world);
}

static void a_flood_that_nobody_reads_holds_nobody_up(void **state) {
        Screen screen;
        OutputStat stat;
        World world;

        world_init(&world, NULL);
        screen_start(&screen, &world, "head -c 4000000 /dev/zero | tr '\\0' x");
        screen_open(&screen); /* and one who never reads */
        world_wait(&world, &screen.exited);
        world_wait(&world, &screen.emptied);
        stat = output_stat(screen.output);
        assert_int_equal(screen.status.code, 0);
        assert_true(stat.seen_bytes == 4000000 && stat.kept_bytes == 65536 && stat.ended);
        screen_done(&screen);
        world_done(&world);
}

static void what_was_shown_before_the_end_is_there_when_it_is_told(void **state) {
        for (unsigned i = 0; i < 20; i++) {
                Screen screen;
                World world;

                world_init(&world, NULL);
                screen_start(&screen, &world, "head -c 60000 /dev/zero | tr '\\0' x; exit 3");
                while (!screen.exited)
                        g_main_context_iteration(world.context, TRUE);
                assert_true(output_stat(screen.output).seen_bytes == 60000);
                screen_done(&screen);
                world_done(&world);
        }
}

static bool has_ended(void *output) {
        return output_stat(output).ended;
}

/* The service keeps its end: a hang-up would be SIGHUP. */
static void who_closes_his_terminal_lives_on(void **state) {
        Screen screen;
        World world;
        char byte;

        world_init(&world, NULL);
        screen_start(&screen, &world, "exec sleep 1000 </dev/null >/dev/null 2>&1");
        screen_open(&screen);
        assert_true(world_wait_until(&world, has_ended, screen.output));
        settle(&world);
        assert_int_equal(read(screen.fd, &byte, 1), 0);
        screen_type(&screen, "into the void\r");
        settle(&world);
        assert_false(screen.exited);
        world.hands.signal(world.hands.world, screen.tree, SIGTERM, TREE_GROUP);
        world_wait(&world, &screen.exited);
        assert_int_equal(screen.status.code, -SIGTERM);
        screen_done(&screen);
        world_done(&world);
}

static void who_holds_the_terminal_delays_no_exit(void **state) {
        const ContainmentKind *kind = *state;
        g_autofree char *text = NULL;
        Screen screen;
        World world;
        usec_t begin;
        pid_t pid;

        world_init(&world, &(SysConfig){.containment = *kind});
        screen_start(&screen, &world, "trap '' HUP; setsid sleep 1000 & echo $!; exit 4");
        begin = (usec_t)g_get_monotonic_time();
        world_wait(&world, &screen.exited);
        assert_true((usec_t)g_get_monotonic_time() - begin < 5 * USEC_PER_SEC);
        assert_int_equal(screen.status.code, 4);
        text = shown(&screen);
        pid = (pid_t)g_ascii_strtoll(text, NULL, 10);
        assert_true(pid > 1);
        if (*kind == CONTAINMENT_PROCESS_GROUP) {
                assert_true(world_wait_until(&world, has_ended, screen.output));
                assert_int_equal(kill(pid, SIGKILL), 0);
        } else {
                assert_false(screen.emptied);
                assert_false(has_ended(screen.output));
                world.hands.signal(world.hands.world, screen.tree, SIGKILL, TREE_ALL);
                world_wait(&world, &screen.emptied);
        }
        screen_done(&screen);
        world_done(&world);
}

/* A job in the background that reads its terminal is stopped by SIGTTIN. */
static void a_stopped_job_ends_with_the_rest(void **state) {
        const ContainmentKind *kind = *state;
        Screen screen;
        World world;

        world_init(&world, &(SysConfig){.containment = *kind});
        screen_start(&screen, &world,
                     "set -m; cat & until grep -q '^State:.*stopped' /proc/$!/status; do :; done; "
                     "echo stopped; exec sleep 1000");
        expect_shown(&screen, "stopped\r\n");
        world.hands.signal(world.hands.world, screen.tree, SIGTERM, TREE_GROUP);
        world_wait(&world, &screen.exited);
        assert_int_equal(screen.status.code, -SIGTERM);
        world.hands.signal(world.hands.world, screen.tree, SIGKILL, TREE_ALL);
        world_wait(&world, &screen.emptied);
        screen_done(&screen);
        world_done(&world);
}

/* How much the far end takes while nobody reads there. */
static size_t type_until_it_is_full(Screen *screen, const char *bytes, size_t length) {
        size_t n = 0;

        assert_true(fcntl(screen->fd, F_SETFL, O_NONBLOCK) >= 0);
        while (n < length) {
                ssize_t k = write(screen->fd, bytes + n, MIN(length - n, (size_t)1000));

                settle(screen->world);
                if (k < 0 && errno == EAGAIN)
                        break;
                assert_true(k > 0);
                n += (size_t)k;
        }
        return n;
}

static void a_program_that_does_not_read_holds_up_who_types_alone(void **state) {
        g_autofree char *bytes = g_strnfill(4 * MIB, 'x');
        Screen screen, other;
        World world;
        int fd;

        world_init(&world, NULL);
        screen_start(&screen, &world, "stty raw -echo; printf ready; exec sleep 1000");
        expect_shown(&screen, "ready");
        screen_open(&screen);
        assert_true(type_until_it_is_full(&screen, bytes, 4 * MIB) < MIB);
        /* others go on: with another process, and with this terminal */
        screen_start(&other, &world, "read x; echo \"got $x\"");
        screen_open(&other);
        screen_type(&other, "on\r");
        expect_shown(&other, "got on");
        for (unsigned i = 0; i < 100; i++) { /* nobody who leaves stays for ever */
                assert_int_equal(world.hands.terminal_open(world.hands.world, screen.tree, &fd), 0);
                close(fd);
                settle(&world);
        }
        screen_done(&other);
        screen_done(&screen);
        world_done(&world);
}

static bool is_stopped(void *userdata) {
        g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int)((Screen *)userdata)->pid);
        g_autofree char *text = NULL;

        return g_file_get_contents(path, &text, NULL, NULL) &&
               g_str_has_prefix(strrchr(text, ')'), ") T");
}

typedef struct Typing {
        Screen *screen;
        const char *bytes;
        size_t n, n_done;
} Typing;

static bool is_all_typed(void *userdata) {
        Typing *typing = userdata;

        typing->n_done += type_until_it_is_full(typing->screen, typing->bytes,
                                                typing->n - typing->n_done);
        return typing->n_done == typing->n;
}

/* The first half is typed while nobody reads. */
static void what_waited_is_typed_when_the_program_reads_again(void **state) {
        g_autofree char *bytes = g_strnfill(MIB, 'x');
        Screen screen;
        Typing typing = {&screen, bytes, MIB, 0};
        World world;

        world_init(&world, NULL);
        screen_start(&screen, &world,
                     "stty raw -echo; printf ready; kill -STOP $$; head -c 1048576 | wc -c");
        expect_shown(&screen, "ready");
        screen_open(&screen);
        assert_false(is_all_typed(&typing));
        assert_true(world_wait_until(&world, is_stopped, &screen)); /* or it would miss SIGCONT */
        world.hands.signal(world.hands.world, screen.tree, SIGCONT, TREE_GROUP);
        assert_true(world_wait_until(&world, is_all_typed, &typing));
        expect_shown(&screen, "1048576");
        world_wait(&world, &screen.exited);
        screen_done(&screen);
        world_done(&world);
}

static void several_are_attached_within_a_bound(void **state) {
        Screen screen;
        char text[16];
        World world;
        int fds[16], fd;

        world_init(&world, NULL);
        screen_start(&screen, &world, "printf both; exec cat");
        expect_shown(&screen, "both");
        for (unsigned round = 0; round < 3; round++) {
                for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++)
                        assert_int_equal(
                                world.hands.terminal_open(world.hands.world, screen.tree, &fds[i]),
                                0);
                assert_int_equal(world.hands.terminal_open(world.hands.world, screen.tree, &fd),
                                 -EMFILE);
                for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++) {
                        assert_int_equal(read(fds[i], text, 4), 4);
                        assert_memory_equal(text, "both", 4);
                        close(fds[i]);
                }
                settle(&world);
        }
        assert_false(screen.exited);
        screen_done(&screen);
        world_done(&world);
}

/* A terminal of the caller's, whose other end it keeps. */
static void the_callers_terminal_is_made_the_controlling_one(void **state) {
        const ContainmentKind *kind = *state;
        int master, slave;
        g_autoptr(Spec) spec = world_spec((const char *const[]){
                "/bin/sh", "-c", "stty size </dev/tty && printf ready && exec sleep 1000", NULL});
        struct winsize size = {.ws_row = 5, .ws_col = 50};
        g_autoptr(GString) text = g_string_new(NULL);
        Screen screen;
        World world;

        world_init(&world, &(SysConfig){.containment = *kind});
        master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        assert_true(master >= 0 && unlockpt(master) == 0);
        slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
        assert_true(slave >= 0 && ioctl(master, TIOCSWINSZ, &size) == 0);
        for (unsigned i = 0; i < 3; i++)
                spec->stdio[i] = (StdioSpec){STDIO_FD, fcntl(slave, F_DUPFD_CLOEXEC, 3)};
        close(slave);
        spec->flags |= SPEC_TERMINAL;
        screen_start_spec(&screen, &world, spec);
        assert_null(screen.failure);
        while (!strstr(text->str, "ready")) {
                char piece[64];
                ssize_t n = read(master, piece, sizeof piece);

                assert_true(n > 0);
                g_string_append_len(text, piece, n);
        }
        assert_string_equal(text->str, "5 50\r\nready");
        assert_int_equal(write(master, "\003", 1), 1);
        world_wait(&world, &screen.exited);
        assert_int_equal(screen.status.code, -SIGINT);
        screen_done(&screen);
        g_clear_pointer(&spec, spec_free);
        close(master);
        world_done(&world);
}

static void what_is_no_terminal_fails_the_start(void **state) {
        g_autoptr(Spec) spec = world_spec((const char *const[]){"true", NULL});
        Screen screen;
        World world;

        world_init(&world, NULL);
        spec->stdio[0] = (StdioSpec){STDIO_FD, open("/dev/null", O_RDWR | O_CLOEXEC)};
        spec->stdio[1].kind = spec->stdio[2].kind = STDIO_NULL;
        spec->flags |= SPEC_TERMINAL;
        screen_start_spec(&screen, &world, spec);
        assert_string_equal(screen.failure, "terminal 'Stdin': ENOTTY");
        screen_done(&screen);
        g_clear_pointer(&spec, spec_free);
        world_done(&world);
}

static ContainmentKind kinds[] = {CONTAINMENT_PROCESS_GROUP, CONTAINMENT_SUBREAPER,
                                  CONTAINMENT_CGROUP};

#define OF(test, i) cmocka_unit_test_prestate(test, &kinds[i])

int main(void) {
        const struct CMUnitTest tests[] = {
                OF(it_is_the_controlling_terminal_with_size_and_kind, 0),
                OF(it_is_the_controlling_terminal_with_size_and_kind, 1),
                OF(it_is_the_controlling_terminal_with_size_and_kind, 2),
                cmocka_unit_test(the_kind_is_what_the_caller_says),
                cmocka_unit_test(what_is_typed_arrives_and_keys_send_signals),
                cmocka_unit_test(a_new_size_is_told_to_the_program),
                cmocka_unit_test(what_has_no_terminal_has_none),
                cmocka_unit_test(a_flood_that_nobody_reads_holds_nobody_up),
                cmocka_unit_test(what_was_shown_before_the_end_is_there_when_it_is_told),
                cmocka_unit_test(who_closes_his_terminal_lives_on),
                OF(who_holds_the_terminal_delays_no_exit, 0),
                OF(who_holds_the_terminal_delays_no_exit, 1),
                OF(who_holds_the_terminal_delays_no_exit, 2),
                OF(a_stopped_job_ends_with_the_rest, 1),
                OF(a_stopped_job_ends_with_the_rest, 2),
                cmocka_unit_test(a_program_that_does_not_read_holds_up_who_types_alone),
                cmocka_unit_test(what_waited_is_typed_when_the_program_reads_again),
                cmocka_unit_test(several_are_attached_within_a_bound),
                OF(the_callers_terminal_is_made_the_controlling_one, 0),
                OF(the_callers_terminal_is_made_the_controlling_one, 1),
                cmocka_unit_test(what_is_no_terminal_fails_the_start),
        };

        signal(SIGPIPE, SIG_IGN); /* as the service has it */
        return cmocka_run_group_tests(tests, NULL, NULL);
}
