/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Captured output: with pipes of the test's own, whose two ends it holds, and of real children. No
 * writer waits for a reader, nothing is kept beyond the limits, nothing written before an end is
 * lost, and no end waits for a pipe. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sys/loop.h"
#include "sys/output.h"
#include "world.h"

#define KIB 1024
#define MIB (1024 * KIB)

/* A loop and a user's budget without processes. */
typedef struct Bench {
        GMainContext *context;
        Loop *loop;
        OutputBudget *budget;
        unsigned n_told;
        int fds_before;
} Bench;

static void on_deadline(void *userdata) {
}

static void count(void *userdata) {
        ((Bench *)userdata)->n_told++;
}

static void bench_init(Bench *bench, size_t budget_bytes) {
        *bench = (Bench){.fds_before = world_fd_count()};
        signal(SIGPIPE, SIG_IGN); /* as the service has it */
        bench->context = g_main_context_new();
        assert_int_equal(loop_new(bench->context, on_deadline, NULL, &bench->loop), 0);
        bench->budget = output_budget_new(budget_bytes);
}

static void bench_done(Bench *bench) {
        output_budget_free(bench->budget);
        loop_free(bench->loop);
        g_main_context_unref(bench->context);
        assert_int_equal(world_fd_count(), bench->fds_before);
}

static void settle(Bench *bench) {
        while (g_main_context_iteration(bench->context, FALSE))
                ;
}

static Output *capture(Bench *bench, size_t limit, int *ret_writer) {
        Output *output = NULL;

        assert_int_equal(
                output_new(bench->loop, bench->budget, limit, count, bench, ret_writer, &output),
                0);
        return output;
}

/* Bytes that tell their own offset. */
static void put(Bench *bench, int writer, uint64_t *at, size_t length) {
        char piece[4096];

        while (length > 0) {
                size_t n = MIN(length, sizeof piece);

                for (size_t i = 0; i < n; i++)
                        piece[i] = (char)((*at + i) % 251);
                assert_int_equal(write(writer, piece, n), n);
                *at += n;
                length -= n;
                settle(bench);
        }
}

static void expect_bytes(const char *bytes, size_t length, uint64_t offset) {
        for (size_t i = 0; i < length; i++)
                assert_int_equal(bytes[i], (char)((offset + i) % 251));
}

static uint64_t kept(const Output *output) {
        return output_stat(output).kept_bytes;
}

static void offsets_are_right_after_it_has_wrapped(void **state) {
        g_autofree char *buffer = g_malloc(10000);
        uint64_t at = 0, next;
        Output *output;
        int writer;
        Bench bench;
        bool eof;

        bench_init(&bench, 8 * MIB);
        output = capture(&bench, 10000, &writer);
        put(&bench, writer, &at, 123457);
        assert_true(output_stat(output).seen_bytes == 123457 && kept(output) == 10000);
        assert_int_equal(output_read(output, 0, buffer, 10000, &next, &eof), 10000);
        expect_bytes(buffer, 10000, 113457);
        assert_true(next == 123457 && !eof);
        assert_int_equal(output_read(output, 120001, buffer, 100, &next, &eof), 100);
        expect_bytes(buffer, 100, 120001);
        assert_true(next == 120101);
        assert_int_equal(output_read(output, UINT64_MAX, buffer, 100, &next, &eof), 0);
        assert_true(next == 123457 && !eof);
        close(writer);
        settle(&bench);
        assert_int_equal(output_read(output, 123456, buffer, 100, &next, &eof), 1);
        assert_true(eof && output_stat(output).ended);
        assert_true(bench.n_told > 0);
        output_unref(output);
        bench_done(&bench);
}

/* A stream that was written full; writer −1: it has ended, too. */
typedef struct Stream {
        Output *output;
        int writer;
} Stream;

static Stream fill(Bench *bench, size_t bytes) {
        Stream stream;
        uint64_t at = 0;

        stream.output = capture(bench, 64 * KIB, &stream.writer);
        put(bench, stream.writer, &at, bytes);
        return stream;
}

static void finish(Bench *bench, Stream *stream) {
        close(stream->writer);
        stream->writer = -1;
        settle(bench);
}

static void drop(Stream *stream) {
        if (stream->writer >= 0)
                close(stream->writer);
        output_unref(stream->output);
}

static void ended_streams_give_up_first_and_the_oldest_of_them(void **state) {
        Stream streams[7];
        Bench bench;

        bench_init(&bench, 256 * KIB);
        for (unsigned i = 0; i < 4; i++)
                streams[i] = fill(&bench, 64 * KIB);
        finish(&bench, &streams[2]);
        finish(&bench, &streams[1]);
        for (unsigned i = 0; i < 4; i++)
                assert_true(kept(streams[i].output) == 64 * KIB);

        streams[4] = fill(&bench, 64 * KIB);
        assert_true(kept(streams[4].output) == 64 * KIB);
        assert_true(kept(streams[2].output) == 0); /* ended first */
        assert_true(kept(streams[1].output) == 64 * KIB);
        streams[5] = fill(&bench, 64 * KIB);
        assert_true(kept(streams[5].output) == 64 * KIB);
        assert_true(kept(streams[1].output) == 0);
        streams[6] = fill(&bench, 64 * KIB); /* nobody is left who could pay for it */
        assert_true(kept(streams[6].output) == 0);
        assert_true(output_stat(streams[6].output).seen_bytes == 64 * KIB);
        assert_true(kept(streams[0].output) == 64 * KIB && kept(streams[3].output) == 64 * KIB);
        for (unsigned i = 0; i < G_N_ELEMENTS(streams); i++)
                drop(&streams[i]);
        bench_done(&bench);
}

static void nobody_loses_bytes_for_what_cannot_be_had(void **state) {
        uint64_t at = 32 * KIB;
        Stream live, ended;
        Bench bench;

        bench_init(&bench, 38 * KIB);
        live = fill(&bench, 32 * KIB);
        ended = fill(&bench, 4 * KIB);
        finish(&bench, &ended);
        put(&bench, live.writer, &at, 4 * KIB); /* wants twice as much */
        assert_true(kept(live.output) == 32 * KIB);
        assert_true(kept(ended.output) == 4 * KIB);
        drop(&live);
        drop(&ended);
        bench_done(&bench);
}

static size_t read_some(int fd, char *buffer, size_t size) {
        ssize_t n = read(fd, buffer, size);

        return n > 0 ? (size_t)n : 0;
}

static void readers_get_what_is_kept_and_what_comes_until_the_end(void **state) {
        uint64_t at = 0, seen = 0;
        char buffer[4096];
        Stream stream;
        Bench bench;
        size_t n;
        int fd;

        bench_init(&bench, 8 * MIB);
        stream = fill(&bench, 1000);
        at = 1000;
        assert_int_equal(output_open(stream.output, &fd), 0);
        for (unsigned i = 0; i < 50; i++) {
                put(&bench, stream.writer, &at, 3333);
                while (seen < at) {
                        n = read_some(fd, buffer, sizeof buffer);
                        assert_true(n > 0);
                        expect_bytes(buffer, n, seen);
                        seen += n;
                }
        }
        finish(&bench, &stream);
        assert_int_equal(read(fd, buffer, 1), 0);
        close(fd);
        /* opened after the end: what is kept, and the end */
        assert_int_equal(output_open(stream.output, &fd), 0);
        seen = 0;
        while ((n = read_some(fd, buffer, sizeof buffer)) > 0) {
                expect_bytes(buffer, n, at - 64 * KIB + seen);
                seen += n;
                settle(&bench);
        }
        assert_int_equal(seen, 64 * KIB);
        close(fd);
        drop(&stream);
        bench_done(&bench);
}

static void a_slow_reader_loses_the_oldest_and_holds_nobody_up(void **state) {
        char *buffer = g_malloc(MIB);
        Stream stream;
        uint64_t at = 0;
        Bench bench;
        size_t n = 0, k;
        int fd;

        bench_init(&bench, 8 * MIB);
        stream = fill(&bench, 0);
        assert_int_equal(output_open(stream.output, &fd), 0);
        put(&bench, stream.writer, &at, MIB); /* would block for ever if he held it up */
        finish(&bench, &stream);
        while ((k = read_some(fd, buffer + n, MIB - n)) > 0) {
                n += k;
                settle(&bench);
        }
        assert_true(n >= 64 * KIB && n < MIB);
        expect_bytes(buffer, 4096, 0);                     /* what he was sent first */
        expect_bytes(buffer + n - 4096, 4096, MIB - 4096); /* and the newest */
        close(fd);
        drop(&stream);
        g_free(buffer);
        bench_done(&bench);
}

static void readers_who_leave_make_room_for_others(void **state) {
        Stream streams[17];
        int fds[256], fd;
        Bench bench;

        bench_init(&bench, 8 * MIB);
        for (unsigned i = 0; i < 17; i++)
                streams[i] = fill(&bench, 10);
        for (unsigned round = 0; round < 3; round++) {
                for (unsigned i = 0; i < 256; i++)
                        assert_int_equal(output_open(streams[i / 16].output, &fds[i]), 0);
                assert_int_equal(output_open(streams[0].output, &fd), -EMFILE);
                assert_int_equal(output_open(streams[16].output, &fd), -EMFILE); /* his user */
                settle(&bench);
                for (unsigned i = 0; i < 256; i++)
                        close(fds[i]);
                settle(&bench); /* with no output that would tell */
        }
        for (unsigned i = 0; i < 17; i++)
                drop(&streams[i]);
        bench_done(&bench);
}

static void a_stream_that_goes_takes_its_readers_along(void **state) {
        char buffer[4096];
        Stream stream;
        Bench bench;
        int fds[3];

        bench_init(&bench, 8 * MIB);
        stream = fill(&bench, 1000);
        for (unsigned i = 0; i < 3; i++)
                assert_int_equal(output_open(stream.output, &fds[i]), 0);
        drop(&stream);
        settle(&bench);
        for (unsigned i = 0; i < 3; i++) {
                assert_int_equal(read(fds[i], buffer, sizeof buffer), 1000);
                assert_int_equal(read(fds[i], buffer, sizeof buffer), 0);
                close(fds[i]);
        }
        bench_done(&bench);
}

/* A real child whose two streams are captured. */
typedef struct Talker {
        World *world;
        Tree *tree;
        Output *outputs[2];
        bool started, exited, emptied;
        char at_exit[64]; /* what was kept of stdout when its exit was told */
        OutputStat stat_at_exit;
        unsigned n_told;
} Talker;

static void on_started(void *userdata, pid_t pid) {
        Talker *talker = userdata;
        const Hands *hands = &talker->world->hands;

        talker->started = true;
        for (unsigned i = 0; i < 2; i++)
                talker->outputs[i] = hands->output(hands->world, talker->tree, (OutputStream)i);
}

static void on_start_failed(void *userdata, const StartFailure *failure) {
        fail_msg("start failed: %s", failure->step);
}

static size_t read_at(Talker *talker, char *buffer, size_t size) {
        const Hands *hands = &talker->world->hands;
        uint64_t next;
        bool eof;

        return hands->output_read(hands->world, talker->outputs[0], 0, buffer, size, &next, &eof);
}

static void on_exited(void *userdata, const ExitStatus *status) {
        Talker *talker = userdata;

        talker->exited = true;
        talker->at_exit[read_at(talker, talker->at_exit, sizeof talker->at_exit - 1)] = '\0';
        talker->stat_at_exit = output_stat(talker->outputs[0]);
}

static void on_emptied(void *userdata) {
        ((Talker *)userdata)->emptied = true;
}

static void on_output(void *userdata) {
        ((Talker *)userdata)->n_told++;
}

static int talker_try(Talker *talker, World *world, const char *script) {
        static const HandsEvents events = {on_started, on_start_failed, on_exited, on_emptied,
                                           NULL,       on_output};
        g_autoptr(Spec) spec = world_spec((const char *const[]){"/bin/sh", "-c", script, NULL});
        int r;

        *talker = (Talker){.world = world};
        spec->stdio[1].kind = spec->stdio[2].kind = STDIO_CAPTURE;
        r = world->hands.start(world->hands.world, spec, getuid(), &events, talker, &talker->tree);
        if (r == 0)
                world_wait(world, &talker->started);
        return r;
}

static void talker_start(Talker *talker, World *world, const char *script) {
        assert_int_equal(talker_try(talker, world, script), 0);
}

static void talker_done(Talker *talker) {
        const Hands *hands = &talker->world->hands;

        hands->release(hands->world, talker->tree);
        for (unsigned i = 0; i < 2; i++)
                hands->output_unref(hands->world, talker->outputs[i]);
}

static void what_was_written_before_the_end_is_there_when_it_is_told(void **state) {
        for (unsigned i = 0; i < 20; i++) {
                Talker talker;
                World world;

                world_init(&world, NULL);
                talker_start(&talker, &world, "head -c 65500 /dev/zero; printf %s last; exit 3");
                world_wait(&world, &talker.exited);
                assert_true(talker.stat_at_exit.seen_bytes == 65504);
                talker_done(&talker);
                world_done(&world);
        }
}

static bool has_ended(void *output) {
        return output_stat(output).ended;
}

static uint64_t resident_bytes(void) {
        FILE *file = fopen("/proc/self/statm", "re");
        unsigned long pages = 0;

        assert_non_null(file);
        assert_int_equal(fscanf(file, "%*u %lu", &pages), 1);
        fclose(file);
        return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void a_chatty_program_never_blocks_and_memory_stays_at_the_ring(void **state) {
        usec_t begin = (usec_t)g_get_monotonic_time(), took;
        uint64_t before, after;
        Talker talker;
        World world;

        world_init(&world, NULL);
        before = resident_bytes();
        talker_start(&talker, &world,
                     "head -c 104857600 /dev/zero & head -c 104857600 /dev/zero >&2; wait");
        world_wait(&world, &talker.exited);
        world_wait(&world, &talker.emptied);
        took = (usec_t)g_get_monotonic_time() - begin;
        after = resident_bytes();
        for (unsigned i = 0; i < 2; i++) {
                OutputStat stat = output_stat(talker.outputs[i]);

                assert_true(stat.seen_bytes == 104857600 && stat.kept_bytes == 65536 && stat.ended);
        }
        print_message("2 x 100 MiB in %.2f s, resident memory %+ld KiB\n", (double)took / 1e6,
                      ((long)after - (long)before) / KIB);
        assert_true(after < before + 8 * MIB);
        talker_done(&talker);
        world_done(&world);
}

/* A grandchild that holds the pipe: within the tree it is waited for by nobody, and one that got
 * away not even by the stream. */
static void who_holds_the_pipe_delays_no_exit(void **state) {
        const ContainmentKind *kind = *state;
        usec_t begin;
        Talker talker;
        World world;
        pid_t pid;

        world_init(&world, &(SysConfig){.containment = *kind});
        talker_start(&talker, &world, "setsid sleep 1000 & echo $!");
        begin = (usec_t)g_get_monotonic_time();
        world_wait(&world, &talker.exited);
        assert_true((usec_t)g_get_monotonic_time() - begin < 5 * USEC_PER_SEC);
        pid = (pid_t)g_ascii_strtoll(talker.at_exit, NULL, 10);
        assert_true(pid > 1);
        if (*kind == CONTAINMENT_PROCESS_GROUP) {
                assert_true(world_wait_until(&world, has_ended, talker.outputs[0]));
                assert_true(talker.emptied);
                assert_int_equal(kill(pid, SIGKILL), 0);
        } else {
                assert_false(talker.emptied);
                assert_false(has_ended(talker.outputs[0]));
                world.hands.signal(world.hands.world, talker.tree, SIGKILL, TREE_ALL);
                world_wait(&world, &talker.emptied);
                assert_true(has_ended(talker.outputs[0]));
        }
        talker_done(&talker);
        world_done(&world);
}

static void descriptors_that_run_out_are_an_error_and_nothing_leaks(void **state) {
        struct rlimit before, tight;
        Talker talker;
        World world;
        Output *output;
        int fd;

        world_init(&world, NULL);
        talker_start(&talker, &world, "echo x; exec sleep 1000");
        output = talker.outputs[0];
        assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
        tight = before;
        tight.rlim_cur = 3;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
        for (unsigned i = 0; i < 50; i++) {
                Talker other;

                assert_int_equal(talker_try(&other, &world, "true"), -EMFILE);
                assert_int_equal(output_open(output, &fd), -EMFILE);
        }
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        talker_done(&talker);
        world_done(&world);

        /* and the bound that the service sets itself */
        world_init(&world,
                   &(SysConfig){.containment = CONTAINMENT_PROCESS_GROUP, .descriptors_max = 2});
        for (unsigned i = 0; i < 50; i++) {
                g_autoptr(Spec) spec = world_spec((const char *const[]){"true", NULL});
                HandsEvents events = {NULL};
                Tree *tree;

                spec->stdio[1].kind = spec->stdio[2].kind = STDIO_CAPTURE;
                spec->flags |= SPEC_NOTIFY;
                assert_int_equal(
                        world.hands.start(world.hands.world, spec, getuid(), &events, NULL, &tree),
                        -EMFILE);
        }
        world_done(&world);
}

static ContainmentKind kinds[] = {CONTAINMENT_PROCESS_GROUP, CONTAINMENT_SUBREAPER,
                                  CONTAINMENT_CGROUP};

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(offsets_are_right_after_it_has_wrapped),
                cmocka_unit_test(ended_streams_give_up_first_and_the_oldest_of_them),
                cmocka_unit_test(nobody_loses_bytes_for_what_cannot_be_had),
                cmocka_unit_test(readers_get_what_is_kept_and_what_comes_until_the_end),
                cmocka_unit_test(a_slow_reader_loses_the_oldest_and_holds_nobody_up),
                cmocka_unit_test(readers_who_leave_make_room_for_others),
                cmocka_unit_test(a_stream_that_goes_takes_its_readers_along),
                cmocka_unit_test(what_was_written_before_the_end_is_there_when_it_is_told),
                cmocka_unit_test(a_chatty_program_never_blocks_and_memory_stays_at_the_ring),
                cmocka_unit_test_prestate(who_holds_the_pipe_delays_no_exit, &kinds[0]),
                cmocka_unit_test_prestate(who_holds_the_pipe_delays_no_exit, &kinds[1]),
                cmocka_unit_test_prestate(who_holds_the_pipe_delays_no_exit, &kinds[2]),
                cmocka_unit_test(descriptors_that_run_out_are_an_error_and_nothing_leaks),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
