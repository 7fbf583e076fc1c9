/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor top: what runs, as it changes. On a terminal a screen with keys; elsewhere tables.
 *
 *   ask every process for its usage → show → wait for the interval → ask ...
 *
 * so that a slow service is asked less often, and never twice at a time. */

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "cli.h"
#include "connect.h"
#include "forward.h"
#include "live-table.h"
#include "screen.h"
#include "target.h"

#define DEFAULT_INTERVAL_USEC (2 * G_USEC_PER_SEC)
#define MIN_INTERVAL_USEC     (G_USEC_PER_SEC / 10)
#define MAX_INTERVAL_USEC     (G_GUINT64_CONSTANT(86400) * G_USEC_PER_SEC)

/* Rates need two looks; the second one does not wait for the whole interval. */
#define FIRST_INTERVAL_USEC (G_USEC_PER_SEC / 4)

#define HEADER_LINES 2

typedef struct TopArguments {
        const char *sort;
        bool reverse, batch;
        OptionTime interval;
        OptionNumber iterations;
} TopArguments;

static const Option options[] = {
        {"sort", 's', OPTION_STRING, offsetof(TopArguments, sort), "KEY",
         "cpu (if not given), memory, output, idle, health, name, pid or id"},
        {"reverse", 'r', OPTION_FLAG, offsetof(TopArguments, reverse), NULL,
         "the other way around"},
        {"interval", 'i', OPTION_TIME, offsetof(TopArguments, interval), "TIME",
         "time from one refresh to the next, 2s if not given"},
        {"batch", 'b', OPTION_FLAG, offsetof(TopArguments, batch), NULL,
         "print one table after the other, also on a terminal"},
        {"iterations", 'n', OPTION_NUMBER, offsetof(TopArguments, iterations), "N",
         "end after N refreshes; if not given: after one where the output is no terminal, never "
         "with --batch or on a terminal"},
        {0},
};

typedef struct Top {
        const Cli *cli;
        char **filter;
        SampleOrder order;
        bool reverse;
        guint64 interval_usec;
        unsigned n_iterations; /* 0: no end */
        bool live;             /* on a screen */
        Screen screen;
        ProctorManager *manager;
        ProctorProcessList *list;
        GHashTable *samples; /* ProctorProcess → Sample */
        unsigned n_asked;    /* answers that are still to come */
        unsigned n_looks, n_shown;
        unsigned first; /* row at the top of the screen */
        unsigned timer;
        GMainLoop *loop;
        GError *error;
        int exit_code;
} Top;

static void top_clear(Top *top) {
        screen_leave(&top->screen);
        g_clear_handle_id(&top->timer, g_source_remove);
        if (top->list)
                g_signal_handlers_disconnect_by_data(top->list, top);
        if (top->manager)
                g_signal_handlers_disconnect_by_data(top->manager, top);
        g_clear_pointer(&top->samples, g_hash_table_unref);
        g_clear_object(&top->list);
        g_clear_object(&top->manager);
        g_clear_pointer(&top->loop, g_main_loop_unref);
        g_clear_error(&top->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Top, top_clear)

static void quit(Top *top, int exit_code) {
        top->exit_code = exit_code;
        g_main_loop_quit(top->loop);
}

static GPtrArray *sorted_samples(Top *top) {
        GPtrArray *samples = g_ptr_array_new();
        GHashTableIter iter;
        void *sample;

        g_hash_table_iter_init(&iter, top->samples);
        while (g_hash_table_iter_next(&iter, NULL, &sample))
                g_ptr_array_add(samples, sample);
        samples_sort(samples, top->order, top->reverse);
        return samples;
}

static char *describe(const Top *top, GPtrArray *samples) {
        unsigned n_of[3] = {0};

        for (unsigned i = 0; i < samples->len; i++) {
                const Sample *sample = samples->pdata[i];
                ProctorHealth health = proctor_process_get_health(sample->process);

                if (sample_is_judged(sample) && health < G_N_ELEMENTS(n_of))
                        n_of[health]++;
        }
        return g_strdup_printf("%u running, %u slow, %u hung, by %s%s", samples->len,
                               n_of[PROCTOR_HEALTH_SLOW], n_of[PROCTOR_HEALTH_HUNG],
                               sample_order_to_string(top->order), top->reverse ? " reversed" : "");
}

static void draw(Top *top) {
        g_autoptr(GPtrArray) samples = sorted_samples(top);
        g_autofree char *summary = describe(top, samples);
        g_autofree char *title = g_strdup_printf("proctor: %s   (q quit, s sort, r reverse)",
                                                 summary);
        g_autofree char *cut = NULL;
        unsigned width, height, rows;
        char *text = NULL;
        size_t length;
        FILE *stream;

        screen_get_size(&width, &height);
        rows = height > HEADER_LINES ? height - HEADER_LINES : 1;
        top->first = MIN(top->first, samples->len > rows ? samples->len - rows : 0);
        cut = table_ellipsize(title, width);
        stream = open_memstream(&text, &length);
        if (!stream)
                return;
        fprintf(stream, "%s\n", cut);
        live_table_print(samples, top->first, rows, stream, width,
                         style_is_on(stdout) ? TABLE_STYLES_ON : TABLE_STYLES_OFF);
        if (fclose(stream) == 0)
                screen_draw(text, height);
        free(text);
}

static void print(Top *top) {
        g_autoptr(GPtrArray) samples = sorted_samples(top);

        if (top->cli->json) {
                live_table_print_json(samples, stdout);
        } else {
                if (top->n_shown > 0)
                        putchar('\n');
                live_table_print(samples, 0, samples->len, stdout, table_terminal_width(),
                                 style_is_on(stdout) ? TABLE_STYLES_ON : TABLE_STYLES_OFF);
        }
        if (fflush(stdout) != 0)
                quit(top, CLI_EXIT_FAILED);
}

static gboolean on_time(void *data);

static void on_all_answered(Top *top) {
        bool is_first = top->n_looks++ == 0;
        guint64 wait_usec = is_first ? MIN(top->interval_usec, FIRST_INTERVAL_USEC)
                                     : top->interval_usec;

        if (top->live)
                draw(top);
        else if (!is_first)
                print(top);
        if (!is_first && ++top->n_shown == top->n_iterations)
                quit(top, CLI_EXIT_OK);
        else
                top->timer = g_timeout_add((unsigned)(wait_usec / 1000), on_time, top);
}

static void on_usage(GObject *source, GAsyncResult *result, void *data) {
        Top *top = data;
        ProctorProcess *process = PROCTOR_PROCESS(source);
        ProctorUsage *usage = proctor_process_query_usage_finish(process, result, NULL);
        Sample *sample;

        /* One that has gone meanwhile is no error: the list says so in a moment. */
        sample = g_hash_table_lookup(top->samples, process);
        if (usage && sample)
                sample_update(sample, usage, g_get_monotonic_time());
        else if (usage)
                proctor_usage_unref(usage);
        if (--top->n_asked == 0)
                on_all_answered(top);
}

static void ask(Top *top) {
        GHashTableIter iter;
        void *process;

        top->n_asked = g_hash_table_size(top->samples);
        if (top->n_asked == 0) {
                on_all_answered(top);
                return;
        }
        g_hash_table_iter_init(&iter, top->samples);
        while (g_hash_table_iter_next(&iter, &process, NULL))
                proctor_process_query_usage_async(process, NULL, on_usage, top);
}

static gboolean on_time(void *data) {
        Top *top = data;

        top->timer = 0;
        ask(top);
        return G_SOURCE_REMOVE;
}

static void sync_samples(Top *top) {
        GListModel *list = G_LIST_MODEL(top->list);
        GHashTable *samples = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)sample_free);

        for (unsigned i = 0; i < g_list_model_get_n_items(list); i++) {
                g_autoptr(ProctorProcess) process = g_list_model_get_item(list, i);
                Sample *sample = NULL;

                if (!targets_match(top->filter, process))
                        continue;
                if (!top->samples ||
                    !g_hash_table_steal_extended(top->samples, process, NULL, (void **)&sample))
                        sample = sample_new(process);
                g_hash_table_insert(samples, process, sample);
        }
        g_clear_pointer(&top->samples, g_hash_table_unref);
        top->samples = samples;
}

static void on_items_changed(GListModel *list, unsigned position, unsigned removed, unsigned added,
                             void *data) {
        sync_samples(data);
}

static void on_connected(ProctorManager *manager, GParamSpec *pspec, void *data) {
        Top *top = data;

        if (proctor_manager_get_connected(manager) || top->error)
                return;
        top->error = g_error_new(PROCTOR_ERROR, PROCTOR_ERROR_DISCONNECTED, "the service has gone");
        g_main_loop_quit(top->loop);
}

static void suspend(Top *top) {
        screen_leave(&top->screen);
        raise(SIGSTOP);
        if (top->live && screen_enter(&top->screen, NULL))
                draw(top);
}

static void on_signal(int signo, void *data) {
        Top *top = data;

        if (signo == SIGTSTP)
                suspend(top);
        else if (signo == SIGWINCH && top->live)
                draw(top);
        else if (forward_is_end(signo))
                quit(top, signo == SIGINT ? CLI_EXIT_OK : CLI_EXIT_SIGNAL_BASE + signo);
}

static void next_order(Top *top, int step) {
        top->order = (SampleOrder)(((int)top->order + step + SAMPLE_ORDER_MAX) % SAMPLE_ORDER_MAX);
        top->first = 0;
}

static void scroll(Top *top, int rows) {
        top->first = rows < 0 && top->first < (unsigned)-rows ? 0
                                                              : (unsigned)((int)top->first + rows);
}

static void on_key(Top *top, int key) {
        unsigned width, height;

        screen_get_size(&width, &height);
        switch (key) {
        case KEY_UP:
                scroll(top, -1);
                break;
        case KEY_DOWN:
                scroll(top, 1);
                break;
        case KEY_PAGE_UP:
                scroll(top, -(int)height);
                break;
        case KEY_PAGE_DOWN:
                scroll(top, (int)height);
                break;
        case KEY_LEFT:
                next_order(top, -1);
                break;
        case KEY_CHARACTER + 's':
        case KEY_RIGHT:
                next_order(top, 1);
                break;
        case KEY_CHARACTER + 'r':
                top->reverse = !top->reverse;
                break;
        case KEY_CHARACTER + 'q':
        case KEY_END_OF_INPUT:
                quit(top, CLI_EXIT_OK);
                break;
        default:
                break;
        }
}

static gboolean on_input(int fd, GIOCondition condition, void *data) {
        Top *top = data;
        int key;

        while ((key = screen_read_key()) != KEY_NONE) {
                on_key(top, key);
                if (key == KEY_END_OF_INPUT)
                        return G_SOURCE_REMOVE;
        }
        draw(top);
        return G_SOURCE_CONTINUE;
}

/* Whoever read our output has gone. */
static gboolean on_reader_gone(int fd, GIOCondition condition, void *data) {
        quit(data, CLI_EXIT_OK);
        return G_SOURCE_REMOVE;
}

static bool take_arguments(Top *top, const TopArguments *arguments, GError **error) {
        top->order = arguments->sort ? sample_order_from_string(arguments->sort) : SAMPLE_ORDER_CPU;
        top->reverse = arguments->reverse;
        top->interval_usec = arguments->interval.set ? arguments->interval.usec
                                                     : DEFAULT_INTERVAL_USEC;
        top->live = !arguments->batch && !top->cli->json && screen_is_possible();
        if (arguments->iterations.set)
                top->n_iterations = arguments->iterations.value;
        else if (!top->live && !arguments->batch && isatty(STDOUT_FILENO) != 1)
                top->n_iterations = 1;

        if (top->order == SAMPLE_ORDER_INVALID) {
                g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE, "there is no sort key '%s'",
                            arguments->sort);
                return false;
        }
        if (top->interval_usec < MIN_INTERVAL_USEC || top->interval_usec > MAX_INTERVAL_USEC) {
                g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE, "--interval is from 100ms to 1d");
                return false;
        }
        if (arguments->iterations.set && top->n_iterations == 0) {
                g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE, "--iterations is 1 or more");
                return false;
        }
        return true;
}

static bool begin(Top *top, const TopArguments *arguments, GError **error) {
        if (!take_arguments(top, arguments, error) || forward_watch(on_signal, top, error) == 0)
                return false;
        top->manager = connect_to_bus(top->cli, error);
        top->list = top->manager ? proctor_process_list_new(top->manager, PROCTOR_LIST_SCOPE_LIVE,
                                                            NULL, error)
                                 : NULL;
        if (!top->list)
                return false;
        sync_samples(top);
        g_signal_connect(top->list, "items-changed", G_CALLBACK(on_items_changed), top);
        g_signal_connect(top->manager, "notify::connected", G_CALLBACK(on_connected), top);
        if (top->live) {
                if (!screen_enter(&top->screen, error))
                        return false;
                g_unix_fd_add(STDIN_FILENO, G_IO_IN | G_IO_HUP, on_input, top);
        } else {
                g_unix_fd_add(STDOUT_FILENO, G_IO_ERR, on_reader_gone, top);
        }
        ask(top);
        return true;
}

static int run(Cli *cli, void *data, char **operands) {
        g_auto(Top) top = {
                .cli = cli,
                .filter = operands,
                .loop = g_main_loop_new(NULL, FALSE),
        };

        if (begin(&top, data, &top.error))
                g_main_loop_run(top.loop);
        screen_leave(&top.screen);
        return top.error ? cli_fail(cli, top.error) : top.exit_code;
}

const Verb verb_top = {
        .name = "top",
        .synopsis = "[OPTIONS] [TARGET...]",
        .summary = "show what runs, as it changes",
        .description =
                "Shows the processes that have not finished with their health, the time since "
                "their last sign of life, their CPU time in percent of one CPU, memory, and what "
                "they write a second, refreshed again and again. A TARGET is an id, pid:PID or a "
                "name; with targets only these are shown, also when they are started later.\n"
                "\n"
                "Keys: q ends it, s and the arrows to the right and left choose what to sort by, r "
                "reverses that, up and down and the page keys scroll. Where standard input and "
                "output are no terminal, a table is printed.",
        .exit_codes = "0 done, or interrupted by SIGINT (Ctrl-C), 1 failed, 2 wrong usage, 4 there "
                      "is no service or it has gone, 128+N ended by another signal N",
        .options = options,
        .arguments_size = sizeof(TopArguments),
        .run = run,
};
