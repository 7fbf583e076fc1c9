/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* See world.h. */

#include "world.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int world_fd_count(void) {
        DIR *directory = opendir("/proc/self/fd");
        int n = 0;

        assert_non_null(directory);
        while (readdir(directory))
                n++;
        closedir(directory);
        return n;
}

static void on_deadline(void *userdata) {
        World *world = userdata;

        world->deadline_seen = (usec_t)g_get_monotonic_time();
}

void world_init(World *world, const SysConfig *config) {
        const char *const environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
                                           NULL};
        SysConfig own = config ? *config : (SysConfig){.containment = CONTAINMENT_PROCESS_GROUP};
        int r;

        *world = (World){.fds_before = world_fd_count()};
        world->context = g_main_context_new();
        own.context = world->context;
        own.on_deadline = on_deadline;
        own.userdata = world;
        if (!own.environment)
                own.environment = environment;
        r = sys_new(&own, &world->sys);
        if (r == -EOPNOTSUPP) {
                print_message("containment %s is not to be had here\n",
                              containment_kind_to_string(own.containment));
                g_main_context_unref(world->context);
                skip();
        }
        assert_int_equal(r, 0);
        sys_fill_hands(world->sys, &world->hands);
}

void world_done(World *world) {
        siginfo_t info = {0};

        sys_free(world->sys);
        g_main_context_unref(world->context);
        assert_int_equal(waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL), -1);
        assert_int_equal(errno, ECHILD);
        assert_int_equal(world_fd_count(), world->fds_before);
}

static void note(Run *run, char letter) {
        size_t n = strlen(run->order);

        assert_true(n + 1 < sizeof run->order);
        run->order[n] = letter;
}

static void release(Run *run) {
        run->world->hands.release(run->world->hands.world, run->tree);
        run->tree = NULL;
}

static void on_started(void *userdata, pid_t pid) {
        Run *run = userdata;

        note(run, 'S');
        run->pid = pid;
        run->started = true;
}

static void on_start_failed(void *userdata, const StartFailure *failure) {
        Run *run = userdata;

        note(run, 'F');
        run->failure = failure->object
                               ? g_strdup_printf("%s '%s': %s", failure->step, failure->object,
                                                 strerrorname_np(failure->error))
                               : g_strdup_printf("%s: %s", failure->step,
                                                 strerrorname_np(failure->error));
        run->failed = run->exited = run->emptied = true;
        if (run->releases_at_end)
                release(run);
}

static void on_exited(void *userdata, const ExitStatus *status) {
        Run *run = userdata;

        note(run, 'X');
        run->status = *status;
        run->exited = true;
}

static void on_emptied(void *userdata) {
        Run *run = userdata;

        note(run, 'E');
        run->emptied = true;
        if (run->releases_at_end)
                release(run);
}

static void on_output(void *userdata) {
}

Spec *world_spec(const char *const *argv) {
        Spec *spec = spec_new();

        g_strfreev(spec->argv);
        spec->argv = g_strdupv((GStrv)argv);
        return spec;
}

void run_start(Run *run, World *world, Spec *spec) {
        static const HandsEvents events = {
                .started = on_started,
                .start_failed = on_start_failed,
                .exited = on_exited,
                .emptied = on_emptied,
                .output = on_output,
        };
        bool releases = run->releases_at_end;
        int r;

        *run = (Run){.world = world, .releases_at_end = releases};
        r = world->hands.start(world->hands.world, spec, getuid(), &events, run, &run->tree);
        assert_int_equal(r, 0);
        /* Nothing is told from inside. */
        assert_string_equal(run->order, "");
}

void run_command(Run *run, World *world, const char *const *argv) {
        g_autoptr(Spec) spec = world_spec(argv);

        run_start(run, world, spec);
        while (!run->started && !run->failed)
                g_main_context_iteration(world->context, TRUE);
}

void run_shell(Run *run, World *world, const char *script) {
        run_command(run, world, (const char *const[]){"/bin/sh", "-c", script, NULL});
}

void run_done(Run *run) {
        if (run->tree)
                release(run);
        g_clear_pointer(&run->failure, g_free);
}

static gboolean wake_up(gpointer userdata) {
        return G_SOURCE_CONTINUE;
}

bool world_wait_until(World *world, bool (*check)(void *data), void *data) {
        usec_t deadline = usec_add((usec_t)g_get_monotonic_time(), WORLD_PATIENCE);
        GSource *tick = g_timeout_source_new(5);
        bool holds;

        g_source_set_callback(tick, wake_up, NULL, NULL);
        g_source_attach(tick, world->context);
        while (!(holds = check(data)) && (usec_t)g_get_monotonic_time() < deadline)
                g_main_context_iteration(world->context, TRUE);
        g_source_destroy(tick);
        g_source_unref(tick);
        return holds;
}

static bool is_set(void *data) {
        return *(bool *)data;
}

void world_wait(World *world, const bool *flag) {
        assert_true(world_wait_until(world, is_set, (void *)flag));
}

const char *world_helper(const char *name) {
        static char path[4096];
        const char *directory = g_getenv("PROCTOR_TEST_HELPERS");

        assert_non_null(directory);
        g_snprintf(path, sizeof path, "%s/%s", directory, name);
        return path;
}
