/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The program of all benchmarks: options, the table of what there is, and the exit status.
 * 0: ran, results right (and with --check all goals met); 1: a goal was missed; 2: usage;
 * 3: something gave a wrong result, and no figure of it counts. */

#include "benches.h"
#include "harness.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

BenchOptions arg_options = {.margin = 1};

static const struct {
        const char *name;
        unsigned (*run)(void);
} benches[] = {
        {"start", bench_start}, {"call", bench_call},           {"scale", bench_scale},
        {"idle", bench_idle},   {"memory", bench_memory},       {"tree", bench_tree},
        {"hang", bench_hang},   {"heartbeat", bench_heartbeat}, {"group", bench_group},
};

static const GOptionEntry entries[] = {
        {"proctord", 0, 0, G_OPTION_ARG_FILENAME, &arg_options.proctord,
         "The service that is measured", "PATH"},
        {"floor-service", 0, 0, G_OPTION_ARG_FILENAME, &arg_options.floor_service,
         "The trivial service it is held against", "PATH"},
        {"payload", 0, 0, G_OPTION_ARG_FILENAME, &arg_options.payload,
         "The program that is started when it has to live", "PATH"},
        {"rounds", 0, 0, G_OPTION_ARG_INT, &arg_options.rounds, "Rounds over all cases", "N"},
        {"count", 0, 0, G_OPTION_ARG_INT, &arg_options.count, "Repetitions of a case in each round",
         "N"},
        {"quick", 0, 0, G_OPTION_ARG_NONE, &arg_options.quick,
         "Seconds, to see that all works: the figures mean nothing", NULL},
        {"check", 0, 0, G_OPTION_ARG_NONE, &arg_options.check, "Exit with 1 if a goal is missed",
         NULL},
        {"margin", 0, 0, G_OPTION_ARG_DOUBLE, &arg_options.margin,
         "Multiplies every goal (default 1)", "FACTOR"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &arg_options.json, "One JSON object a benchmark", NULL},
        {NULL},
};

static bool is_wanted(const char *name, int argc, char **argv) {
        if (argc <= 1)
                return true;
        for (int i = 1; i < argc; i++)
                if (strcmp(argv[i], name) == 0)
                        return true;
        return false;
}

static bool is_known(const char *name) {
        for (size_t i = 0; i < G_N_ELEMENTS(benches); i++)
                if (strcmp(benches[i].name, name) == 0)
                        return true;
        fprintf(stderr, "bench: there is no benchmark '%s'\n", name);
        return false;
}

static bool parse(int *argc, char ***argv) {
        g_autoptr(GOptionContext) context = g_option_context_new(
                "[start|call|scale|idle|memory|tree|hang|heartbeat|group]...");
        g_autoptr(GError) error = NULL;

        g_option_context_add_main_entries(context, entries, NULL);
        if (!g_option_context_parse(context, argc, argv, &error)) {
                fprintf(stderr, "bench: %s\n", error->message);
                return false;
        }
        if (!arg_options.proctord || !arg_options.floor_service || !arg_options.payload) {
                fputs("bench: --proctord, --floor-service and --payload are needed\n", stderr);
                return false;
        }
        for (int i = 1; i < *argc; i++)
                if (!is_known((*argv)[i]))
                        return false;
        return true;
}

int main(int argc, char **argv) {
        struct rlimit files;
        unsigned missed = 0;

        if (!parse(&argc, &argv))
                return 2;
        signal(SIGPIPE, SIG_IGN);
        g_setenv("PROCTOR_DAEMON", arg_options.proctord, TRUE);
        if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
                files.rlim_cur = files.rlim_max;
                setrlimit(RLIMIT_NOFILE, &files);
        }
        for (size_t i = 0; i < G_N_ELEMENTS(benches); i++)
                if (is_wanted(benches[i].name, argc, argv))
                        missed += benches[i].run();
        if (arg_options.check && missed > 0) {
                fprintf(stderr, "bench: %u goals missed\n", missed);
                return 1;
        }
        return 0;
}
