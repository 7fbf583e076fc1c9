/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Notify sockets: who is listened to, what a bad message does (nothing), what a flood costs, and what
 * a real child finds in its environment. */

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/loop.h"
#include "sys/notify.h"
#include "sys/output.h"
#include "world.h"

#define NOBODY 65534

/* A socket without a process. */
typedef struct Ear {
        GMainContext *context;
        Loop *loop;
        Notify *notify;
        GString *heard; /* messages, ";" after each */
        unsigned n_heard;
        bool frees_itself;
        int fds_before;
} Ear;

static void on_deadline(void *userdata) {
}

static void on_message(void *userdata, const char *text, size_t length) {
        Ear *ear = userdata;

        ear->n_heard++;
        if (ear->heard->len < 4096) {
                g_string_append_len(ear->heard, text, (gssize)MIN(length, 64));
                g_string_append_c(ear->heard, ';');
        }
        if (ear->frees_itself)
                ear->notify = notify_free(ear->notify);
}

static void ear_init(Ear *ear) {
        *ear = (Ear){.fds_before = world_fd_count(), .heard = g_string_new(NULL)};
        ear->context = g_main_context_new();
        assert_int_equal(loop_new(ear->context, on_deadline, NULL, &ear->loop), 0);
        assert_int_equal(
                notify_new(ear->loop, getuid(), NOTIFY_PER_SEC, on_message, ear, &ear->notify), 0);
}

static void ear_done(Ear *ear) {
        notify_free(ear->notify);
        loop_free(ear->loop);
        g_main_context_unref(ear->context);
        g_string_free(ear->heard, TRUE);
        assert_int_equal(world_fd_count(), ear->fds_before);
}

static void settle(Ear *ear) {
        while (g_main_context_iteration(ear->context, FALSE))
                ;
}

static int dial(const char *name) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        assert_true(fd >= 0);
        memcpy(address.sun_path + 1, name + 1, strlen(name) - 1);
        if (connect(fd, (struct sockaddr *)&address,
                    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))) < 0)
                abort();
        return fd;
}

static void say(Ear *ear, const void *bytes, size_t length) {
        int fd = dial(notify_address(ear->notify));

        assert_int_equal(send(fd, bytes, length, 0), length);
        close(fd);
        settle(ear);
}

static void expect_heard(Ear *ear, const char *text) {
        assert_string_equal(ear->heard->str, text);
        g_string_truncate(ear->heard, 0);
}

/* Runs in a process of its own, that is gone when this returns. */
static void in_child(void (*function)(Ear *ear, int fd), Ear *ear, uid_t uid) {
        pid_t pid = fork();
        int status;

        assert_true(pid >= 0);
        if (pid == 0) {
                if (uid != getuid() && (setgroups(0, NULL) < 0 || setresuid(uid, uid, uid) < 0))
                        _exit(1);
                function(ear, dial(notify_address(ear->notify)));
                _exit(0);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
}

static void bad_datagrams_do_no_harm(void **state) {
        char large[65536] = "READY=1\n";
        Ear ear;

        ear_init(&ear);
        say(&ear, "", 0);
        expect_heard(&ear, "");
        say(&ear, large, sizeof large);
        expect_heard(&ear, "");
        say(&ear, large, 4097);
        expect_heard(&ear, "");
        say(&ear, "A=\0B", 4); /* as it came: the parser judges it */
        assert_int_equal(ear.n_heard, 1);
        g_string_truncate(ear.heard, 0);
        say(&ear, "READY=1\nSTATUS=x", 16);
        expect_heard(&ear, "READY=1\nSTATUS=x;");
        say(&ear, large, 4096);
        assert_int_equal(ear.n_heard, 3);
        ear_done(&ear);
}

static void send_with_descriptors(int fd, const char *text, const int *fds, size_t n) {
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(253 * sizeof(int))];
        } control = {};
        struct iovec iov = {.iov_base = (char *)text, .iov_len = strlen(text)};
        struct msghdr message = {
                .msg_iov = &iov,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = CMSG_SPACE(n * sizeof(int)),
        };

        control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(n * sizeof(int)),
                                          .cmsg_level = SOL_SOCKET,
                                          .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(&control.header), fds, n * sizeof(int));
        assert_int_equal(sendmsg(fd, &message, 0), strlen(text));
}

static void descriptors_that_come_along_are_closed(void **state) {
        static const char *const texts[] = {"READY=1", "BARRIER=1", "", "nonsense"};
        int fds[253], fd, before;
        Ear ear;

        ear_init(&ear);
        fd = dial(notify_address(ear.notify));
        for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++)
                fds[i] = STDERR_FILENO;
        before = world_fd_count();
        for (unsigned i = 0; i < 10; i++)
                for (unsigned k = 0; k < G_N_ELEMENTS(texts); k++) {
                        send_with_descriptors(fd, texts[k], fds, k == 2 ? 250 : 253);
                        settle(&ear);
                        assert_int_equal(world_fd_count(), before);
                }
        /* also those that nobody has read yet */
        send_with_descriptors(fd, "READY=1", fds, 253);
        close(fd);
        ear_done(&ear);
}

static void a_barrier_ends_when_all_before_it_was_worked_off(void **state) {
        struct pollfd end = {};
        int ends[2], fd;
        Ear ear;

        ear_init(&ear);
        fd = dial(notify_address(ear.notify));
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        end.fd = ends[0];
        assert_int_equal(send(fd, "STATUS=1", 8, 0), 8);
        send_with_descriptors(fd, "BARRIER=1", &ends[1], 1);
        close(ends[1]);
        assert_int_equal(poll(&end, 1, 0), 0);
        settle(&ear);
        expect_heard(&ear, "STATUS=1;BARRIER=1;");
        assert_int_equal(poll(&end, 1, 0), 1);
        close(ends[0]);
        close(fd);
        ear_done(&ear);
}

static void say_hello(Ear *ear, int fd) {
        if (send(fd, "STATUS=hello", 12, 0) != 12)
                _exit(1);
}

static void the_dead_and_helpers_count_and_strangers_do_not(void **state) {
        Ear ear;

        ear_init(&ear);
        in_child(say_hello, &ear, getuid());
        settle(&ear);
        expect_heard(&ear, "STATUS=hello;");
        if (getuid() != 0) {
                print_message("not root: cannot be another user\n");
                ear_done(&ear);
                return;
        }
        in_child(say_hello, &ear, NOBODY);
        settle(&ear);
        expect_heard(&ear, "");
        notify_free(ear.notify);
        assert_int_equal(
                notify_new(ear.loop, NOBODY, NOTIFY_PER_SEC, on_message, &ear, &ear.notify), 0);
        in_child(say_hello, &ear, 1);
        settle(&ear);
        expect_heard(&ear, "");
        in_child(say_hello, &ear, NOBODY);
        in_child(say_hello, &ear, 0); /* root may speak for anybody */
        settle(&ear);
        expect_heard(&ear, "STATUS=hello;STATUS=hello;");
        ear_done(&ear);
}

static pid_t begin_flood(Ear *ear, uid_t uid, unsigned n) {
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid > 0)
                return pid;
        if (uid != getuid() && (setgroups(0, NULL) < 0 || setresuid(uid, uid, uid) < 0))
                _exit(1);
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves none behind */
        for (int fd = dial(notify_address(ear->notify)); n > 0; n--)
                send(fd, "WATCHDOG=1", 10, 0);
        _exit(0);
}

static gboolean on_time(void *flag) {
        *(bool *)flag = true;
        return G_SOURCE_REMOVE;
}

/* Runs the loop for so long; how many turns it made. */
static unsigned run_for(Ear *ear, unsigned msec) {
        GSource *timer = g_timeout_source_new(msec);
        bool over = false;
        unsigned turns = 0;

        g_source_set_callback(timer, on_time, &over, NULL);
        g_source_attach(timer, ear->context);
        while (!over) {
                g_main_context_iteration(ear->context, TRUE);
                turns++;
        }
        g_source_unref(timer);
        return turns;
}

static void a_flood_waits_in_its_sender(void **state) {
        unsigned turns;
        Ear ear;
        pid_t pid;

        ear_init(&ear);
        pid = begin_flood(&ear, getuid(), 100000);
        turns = run_for(&ear, 1500);
        print_message("100,000 messages: %u read in 1.5 s, %u turns of the loop\n", ear.n_heard,
                      turns);
        assert_true(ear.n_heard >= 100 && ear.n_heard <= 2 * NOTIFY_PER_SEC);
        assert_int_equal(waitpid(pid, NULL, WNOHANG), 0); /* it waits */
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        ear_done(&ear);
}

/* Its address is in /proc/net/unix for all to see. */
static void a_strangers_flood_takes_nothing_from_the_owner(void **state) {
        Ear ear;
        pid_t pid, own;

        if (getuid() != 0) {
                print_message("not root: cannot be another user\n");
                skip();
        }
        ear_init(&ear);
        pid = begin_flood(&ear, NOBODY, 1000000);
        run_for(&ear, 20);
        own = begin_flood(&ear, 0, 1);
        /* with the rate used up it would be heard in the next second */
        for (unsigned i = 0; i < 70 && ear.n_heard == 0; i++)
                run_for(&ear, 10);
        assert_int_equal(ear.n_heard, 1);
        waitpid(own, NULL, 0);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        ear_done(&ear);
}

static void it_can_be_freed_by_what_it_tells(void **state) {
        Ear ear;
        int fd;

        ear_init(&ear);
        ear.frees_itself = true;
        fd = dial(notify_address(ear.notify));
        for (unsigned i = 0; i < 5; i++)
                assert_int_equal(send(fd, "READY=1", 7, 0), 7);
        settle(&ear);
        expect_heard(&ear, "READY=1;");
        close(fd);
        ear_done(&ear);
}

/* A real child. */
typedef struct Speaker {
        World *world;
        Tree *tree;
        Output *output;
        bool started, exited, ready, told_before_start;
        char text[512];
} Speaker;

static void on_started(void *userdata, pid_t pid) {
        Speaker *speaker = userdata;

        speaker->started = true;
        speaker->output = speaker->world->hands.output(speaker->world->hands.world, speaker->tree,
                                                       OUTPUT_STDOUT);
}

static void on_start_failed(void *userdata, const StartFailure *failure) {
        fail_msg("start failed: %s", failure->step);
}

static void on_exited(void *userdata, const ExitStatus *status) {
        Speaker *speaker = userdata;
        uint64_t next;
        bool eof;

        speaker->exited = true;
        output_read(speaker->output, 0, speaker->text, sizeof speaker->text - 1, &next, &eof);
}

static void on_emptied(void *userdata) {
}

static void on_notify(void *userdata, const char *text, size_t length) {
        Speaker *speaker = userdata;

        speaker->told_before_start |= !speaker->started;
        if (length >= 7 && memcmp(text, "READY=1", 7) == 0)
                speaker->ready = true;
}

static void on_output(void *userdata) {
}

/* The spec is the caller's until the start is settled. */
static Spec *speaker_begin(Speaker *speaker, World *world, const char *const *argv, bool notify,
                           usec_t watchdog) {
        static const HandsEvents events = {on_started, on_start_failed, on_exited,
                                           on_emptied, on_notify,       on_output};
        const char *set[] = {"NOTIFY_SOCKET=/not/mine", "WATCHDOG_USEC=7", "WATCHDOG_PID=8", NULL};
        Spec *spec = world_spec(argv);

        *speaker = (Speaker){.world = world};
        spec->stdio[1].kind = STDIO_CAPTURE;
        if (notify) {
                spec->flags |= SPEC_NOTIFY;
                spec->watchdog_usec = watchdog;
                spec->set_environment = g_strdupv((char **)set);
        }
        assert_int_equal(world->hands.start(world->hands.world, spec, getuid(), &events, speaker,
                                            &speaker->tree),
                         0);
        return spec;
}

static void speaker_done(Speaker *speaker) {
        const Hands *hands = &speaker->world->hands;

        hands->release(hands->world, speaker->tree);
        hands->output_unref(hands->world, speaker->output);
}

static void run_script(World *world, const char *script, bool notify, usec_t watchdog,
                       const char *expected) {
        const char *const argv[] = {"/bin/sh", "-c", script, NULL};
        g_autoptr(Spec) spec = NULL;
        Speaker speaker;

        spec = speaker_begin(&speaker, world, argv, notify, watchdog);
        world_wait(world, &speaker.exited);
        assert_string_equal(speaker.text, expected);
        speaker_done(&speaker);
}

static void variables_are_the_programs_own(void **state) {
        const ContainmentKind *kind = *state;
        World world;

        world_init(&world, &(SysConfig){.containment = *kind});
        run_script(&world, "test $WATCHDOG_PID = $$ && echo $WATCHDOG_USEC ${NOTIFY_SOCKET%/*}",
                   true, 1234567, "1234567 @proctor/notify\n");
        run_script(&world, "echo ${WATCHDOG_PID-no} ${WATCHDOG_USEC-no} ${NOTIFY_SOCKET%/*}", true,
                   0, "no no @proctor/notify\n");
        run_script(&world, "echo ${WATCHDOG_PID-no} ${WATCHDOG_USEC-no} ${NOTIFY_SOCKET-no}", false,
                   0, "no no no\n");
        world_done(&world);
}

/* What poll() says of the streams may be newer than what it said of the status pipe. Bulk is the
 * descriptor that was parked last. */
static int poll_streams_alone(GPollFD *fds, guint n, int timeout) {
        unsigned last = 0;

        for (unsigned i = 0; i < n; i++) {
                fds[i].revents = 0;
                if (fds[i].fd > fds[last].fd)
                        last = i;
        }
        return g_poll(&fds[last], 1, timeout);
}

static void readiness_is_heard_before_the_loop_has_seen_the_start(void **state) {
        const char *const argv[] = {"systemd-notify", "--ready", NULL};
        g_autoptr(Spec) spec = NULL;
        Speaker speaker;
        World world;

        world_init(&world, NULL);
        g_main_context_set_poll_func(world.context, poll_streams_alone);
        spec = speaker_begin(&speaker, &world, argv, true, 0);
        world_wait(&world, &speaker.ready);
        assert_true(speaker.started && !speaker.told_before_start && !speaker.exited);
        g_main_context_set_poll_func(world.context, NULL);
        world_wait(&world, &speaker.exited);
        speaker_done(&speaker);
        world_done(&world);
}

static void last_words_are_heard_before_the_end(void **state) {
        const char *const argv[] = {"systemd-notify", "--ready", "--no-block", NULL};

        for (unsigned i = 0; i < 10; i++) {
                g_autoptr(Spec) spec = NULL;
                Speaker speaker;
                World world;

                world_init(&world, NULL);
                spec = speaker_begin(&speaker, &world, argv, true, 0);
                world_wait(&world, &speaker.exited);
                assert_true(speaker.ready);
                speaker_done(&speaker);
                world_done(&world);
        }
}

static ContainmentKind kinds[] = {CONTAINMENT_PROCESS_GROUP, CONTAINMENT_SUBREAPER,
                                  CONTAINMENT_CGROUP};

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(bad_datagrams_do_no_harm),
                cmocka_unit_test(descriptors_that_come_along_are_closed),
                cmocka_unit_test(a_barrier_ends_when_all_before_it_was_worked_off),
                cmocka_unit_test(the_dead_and_helpers_count_and_strangers_do_not),
                cmocka_unit_test(a_flood_waits_in_its_sender),
                cmocka_unit_test(a_strangers_flood_takes_nothing_from_the_owner),
                cmocka_unit_test(it_can_be_freed_by_what_it_tells),
                cmocka_unit_test_prestate(variables_are_the_programs_own, &kinds[0]),
                cmocka_unit_test_prestate(variables_are_the_programs_own, &kinds[1]),
                cmocka_unit_test_prestate(variables_are_the_programs_own, &kinds[2]),
                cmocka_unit_test(readiness_is_heard_before_the_loop_has_seen_the_start),
                cmocka_unit_test(last_words_are_heard_before_the_end),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
