/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The world of the tests, see the header. Events are queued and told from fake_run() alone, never
 * from inside a call of Hands, as the contract of Hands wants it. */

#include "util/fake-world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/signal-name.h"
#include "core/group.h"
#include "sys/output.h"

typedef enum EventKind {
        EVENT_SETTLE,
        EVENT_EXIT,
        EVENT_EMPTY,
} EventKind;

typedef struct Event {
        usec_t at;
        Tree *tree;
        EventKind kind;
        int code;
} Event;

static void note(FakeWorld *world, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void note(FakeWorld *world, const char *format, ...) {
        va_list args;

        if (world->mute)
                return;
        if (world->log->len > 0)
                g_string_append(world->log, "; ");
        if (world->stamps)
                g_string_append_printf(world->log, "%.1fms ",
                                       (double)(world->now.monotonic - world->epoch) / 1000);
        va_start(args, format);
        g_string_append_vprintf(world->log, format, args);
        va_end(args);
}

static unsigned id_of(const Tree *tree) {
        return (unsigned)((const Process *)tree->userdata)->id;
}

static int by_time(const void *a, const void *b, void *userdata) {
        const Event *x = a, *y = b;

        return x->at < y->at ? -1 : x->at > y->at;
}

static void queue(Tree *tree, EventKind kind, int code, usec_t delay) {
        FakeWorld *world = tree->world;
        Event *event;

        if (delay == USEC_INFINITY)
                return;
        event = g_new0(Event, 1);
        *event = (Event){usec_add(world->now.monotonic, delay), tree, kind, code};
        /* behind those of the same time */
        g_queue_insert_sorted(&world->pending, event, by_time, NULL);
        for (GList *l = g_queue_find(&world->pending, event);
             l->next && ((Event *)l->next->data)->at == event->at; l = l->next) {
                l->data = l->next->data;
                l->next->data = event;
        }
}

void fake_settle(Tree *tree, usec_t delay) {
        queue(tree, EVENT_SETTLE, 0, delay);
}

/* The earliest of the reasons to end is the one that counts. */
static void queue_once(Tree *tree, EventKind kind, int code, usec_t delay) {
        FakeWorld *world = tree->world;

        for (GList *l = world->pending.head; l; l = l->next) {
                Event *event = l->data;

                if (event->tree != tree || event->kind != kind)
                        continue;
                if (event->at <= usec_add(world->now.monotonic, delay))
                        return;
                g_free(event);
                g_queue_delete_link(&world->pending, l);
                break;
        }
        queue(tree, kind, code, delay);
}

void fake_exit(Tree *tree, int code, usec_t delay) {
        assert_false(tree->exited);
        queue_once(tree, EVENT_EXIT, code, delay);
}

void fake_empty(Tree *tree, usec_t delay) {
        if (!tree->emptied)
                queue_once(tree, EVENT_EMPTY, 0, delay);
}

void fake_halt(Tree *tree, bool stopped) {
        halt_note(&tree->halt, stopped, tree->world->now.monotonic);
        tree->nature.is_held = stopped;
}

static Tree *tree_new(FakeWorld *world, const HandsEvents *events, void *userdata) {
        Tree *tree = g_new0(Tree, 1);

        tree->world = world;
        tree->events = events;
        tree->userdata = userdata;
        tree->nature = world->nature;
        g_ptr_array_add(world->trees, tree);
        return tree;
}

static int hands_provide(void *userdata, const Spec *spec, Controller *ret_lacking) {
        const FakeWorld *world = userdata;

        for (Controller i = 0; i < _CONTROLLER_MAX; i++)
                if (spec->control[i] != 0 && !(world->controllers & 1u << i)) {
                        *ret_lacking = i;
                        return -EOPNOTSUPP;
                }
        return 0;
}

static int hands_start(void *userdata, const Spec *spec, uid_t uid, const HandsEvents *events,
                       void *process, Tree **ret) {
        FakeWorld *world = userdata;

        if (world->start_error)
                return world->start_error;
        *ret = tree_new(world, events, process);
        (*ret)->pid = ++world->last_pid;
        (*ret)->has_terminal = spec->stdio[0].kind == STDIO_TERMINAL;
        memcpy((*ret)->control, spec->control, sizeof spec->control);
        if (!world->nature.start_hangs)
                fake_settle(*ret, 100);
        return 0;
}

static int hands_adopt(void *userdata, pid_t pid, int pidfd, uid_t uid, const HandsEvents *events,
                       void *process, Tree **ret, char ***ret_command) {
        const char *command[] = {"adopted", NULL};
        FakeWorld *world = userdata;

        if (world->start_error)
                return world->start_error;
        *ret = tree_new(world, events, process);
        (*ret)->pid = pid;
        (*ret)->adopted = (*ret)->settled = true;
        *ret_command = g_strdupv((char **)command);
        return 0;
}

/* As the real ones: SIGKILL ends the start, the others come when there is a program. */
static void signal_while_starting(Tree *tree, int signo) {
        if (signo != SIGKILL) {
                tree->held_signal = signo;
        } else if (tree->nature.dies_of_kill != USEC_INFINITY && tree->n_kills == 1) {
                tree->nature.fails_at = "exec";
                fake_settle(tree, tree->nature.dies_of_kill);
        }
}

static int hands_signal(void *userdata, Tree *tree, int signo, TreeScope scope) {
        static const char *const scopes[] = {"main", "group", "all"};
        FakeWorld *world = userdata;
        bool kill = signo == SIGKILL;

        assert_non_null(tree);
        assert_false(tree->released || tree->abandoned);
        if (tree->emptied)
                return -ESRCH;
        note(world, "signal %u %s %s", id_of(tree), signal_to_string(signo), scopes[scope]);
        if (kill && tree->n_kills++ == 0)
                tree->killed_at = world->now.monotonic;
        if (signo == SIGCONT)
                return 0;
        if (!kill && tree->told_at == 0)
                tree->told_at = world->now.monotonic;
        if (!tree->settled) {
                signal_while_starting(tree, signo);
                return 0;
        }
        if (!tree->exited)
                fake_exit(tree, -signo,
                          kill ? tree->nature.dies_of_kill : tree->nature.dies_of_stop);
        if (tree->exited && scope == TREE_ALL)
                fake_empty(tree,
                           kill ? tree->nature.rest_dies_of_kill : tree->nature.rest_dies_of_stop);
        return 0;
}

static const char *hands_containment(void *world, Tree *tree) {
        return "process-group";
}

static void work_for(usec_t duration) {
        clock_t end = clock() + (clock_t)(duration * CLOCKS_PER_SEC / USEC_PER_SEC);

        while (duration > 0 && clock() < end)
                ;
}

static int hands_probe(void *world, Tree *tree, ProbeFields wanted, TreeProbe *ret) {
        if (tree->emptied)
                return -ESRCH;
        tree->n_looks++;
        tree->n_probes++;
        work_for(tree->nature.probe_takes);
        *ret = tree->nature.probe;
        return 0;
}

static bool hands_is_held(void *world, Tree *tree) {
        tree->n_looks++;
        return tree->nature.is_held;
}

static usec_t hands_held(void *userdata, Tree *tree, usec_t since) {
        return halt_take(&tree->halt, &tree->halt_counted, since, tree->world->now.monotonic);
}

static char *hands_survivors(void *world, Tree *tree) {
        return tree->emptied ? NULL : g_strdup_printf("%d (fake)", (int)tree->pid);
}

static int hands_inspect(void *userdata, Tree *tree, uid_t uid, Dossier *dossier) {
        FakeWorld *world = userdata;

        assert_non_null(tree);
        assert_false(tree->released || tree->abandoned);
        if (tree->emptied)
                return -ESRCH;
        tree->n_inspected++;
        if (world->looks)
                note(world, "inspect %u", id_of(tree));
        dossier_add_task(dossier, tree->pid, tree->pid, 'S', "fake");
        for (unsigned i = 0; i < world->descriptors; i++)
                dossier_add_descriptor(dossier, dossier->tasks->pdata[0], i,
                                       "/a/path/of/some/length");
        return 0;
}

static bool hands_waits_for_input(void *world, Tree *tree, uid_t uid) {
        return tree->nature.awaits_input && !tree->exited;
}

static void let_go(FakeWorld *world, Tree *tree) {
        assert_false(tree->released || tree->abandoned);
        for (GList *l = world->pending.head, *after; l; l = after) {
                after = l->next;
                if (((Event *)l->data)->tree != tree)
                        continue;
                g_free(l->data);
                g_queue_delete_link(&world->pending, l);
        }
}

static void hands_release(void *world, Tree *tree) {
        let_go(world, tree);
        tree->released = true;
}

static void hands_abandon(void *userdata, Tree *tree) {
        if (!tree->emptied)
                note(userdata, "abandon %u", id_of(tree));
        let_go(userdata, tree);
        tree->abandoned = true;
}

static Now hands_now(void *userdata) {
        return ((FakeWorld *)userdata)->now;
}

static void hands_arm(void *userdata, usec_t deadline) {
        ((FakeWorld *)userdata)->armed = deadline;
}

static void on_added(void *userdata, Process *process) {
        FakeWorld *world = userdata;

        world->n_added++;
        note(world, "added %u", (unsigned)process->id);
}

static void on_changed(void *userdata, Process *process, ProcessChange changes) {
        FakeWorld *world = userdata;
        unsigned id = (unsigned)process->id;

        assert_true(process->published);
        if (changes & CHANGE_STATE)
                note(world, "changed %u %s", id, state_to_string(process->state));
        if (changes & CHANGE_HEALTH)
                note(world, "changed %u %s", id, health_to_string(process->health));
        if (changes & CHANGE_WATCHED)
                note(world, "changed %u %s", id,
                     supervisor_watches(world->supervisor, process) ? "watched" : "unwatched");
        if (changes & CHANGE_POLICY)
                note(world, "changed %u policy", id);
        if (changes & CHANGE_TERMINAL)
                note(world, "changed %u terminal", id);
}

static void on_exited(void *userdata, Process *process) {
        FakeWorld *world = userdata;

        world->n_exited++;
        note(world, "exited %u %d %s", (unsigned)process->id, process->exit_code,
             result_to_string(process->result));
}

static void on_hung(void *userdata, Process *process, usec_t idle, bool stops) {
        FakeWorld *world = userdata;

        world->n_hung++;
        world->last_hung_at = world->now.monotonic;
        world->last_idle_told = idle;
        note(world, "hung %u %s", (unsigned)process->id, stops ? "stop" : "none");
}

static void on_removed(void *userdata, Process *process) {
        FakeWorld *world = userdata;

        world->n_removed++;
        note(world, "removed %u", (unsigned)process->id);
}

static void on_watchdog_changed(void *userdata) {
        note(userdata, "watchdog");
}

static void on_group_added(void *userdata, Group *group) {
        note(userdata, "group added %s", group->config.name);
}

static void on_group_changed(void *userdata, Group *group, GroupChange changes) {
        FakeWorld *world = userdata;

        world->n_group_changes++;
        if (changes & GROUP_CHANGE_STATE)
                note(world, "group %s", group_state_to_string(group->state));
}

static void on_member_exited(void *userdata, Group *group, const Member *member) {
        FakeWorld *world = userdata;

        world->n_member_exits++;
        note(world, "member %s %d %s", member->name, member->process->exit_code,
             result_to_string(member->process->result));
}

static void on_member_failed(void *userdata, Group *group, const Member *member) {
        FakeWorld *world = userdata;

        world->n_member_failures++;
        note(world, "member %s failed: %s", member->name, member->error);
}

static void on_group_finished(void *userdata, Group *group) {
        FakeWorld *world = userdata;

        world->n_group_ends++;
        note(world, "group finished %d %s", group->exit_code, result_to_string(group->result));
}

static void on_group_removed(void *userdata, Group *group) {
        note(userdata, "group removed %s", group->config.name);
}

static void on_idle(void *userdata) {
        FakeWorld *world = userdata;

        world->n_idle++;
        note(world, "idle");
}

static const SupervisorEvents fake_events = {
        .added = on_added,
        .changed = on_changed,
        .exited = on_exited,
        .hung = on_hung,
        .removed = on_removed,
        .watchdog_changed = on_watchdog_changed,
        .group_added = on_group_added,
        .group_changed = on_group_changed,
        .member_exited = on_member_exited,
        .member_failed = on_member_failed,
        .group_finished = on_group_finished,
        .group_removed = on_group_removed,
        .idle = on_idle,
};

/* Nothing is captured in this world, unless a test has a stream of its own. */
static Output *hands_output(void *userdata, Tree *tree, OutputStream stream) {
        FakeWorld *world = userdata;

        return stream == OUTPUT_STDOUT && world->captured ? output_ref(world->captured) : NULL;
}

static Output *hands_output_unref(void *world, Output *output) {
        return output_unref(output);
}

static OutputStat hands_output_stat(void *world, const Output *output) {
        return output_stat(output);
}

static size_t hands_output_read(void *world, Output *output, uint64_t offset, void *buffer,
                                size_t max, uint64_t *ret_next, bool *ret_eof) {
        return output_read(output, offset, buffer, max, ret_next, ret_eof);
}

static int hands_output_open(void *world, Output *output, int *ret_fd) {
        return output_open(output, ret_fd);
}

/* A terminal of this world is whatever the test has as its standard input. */
static int hands_terminal_resize(void *userdata, Tree *tree, TerminalSize size) {
        if (!tree->has_terminal)
                return -ENOTTY;
        note(userdata, "resize %u %dx%d", id_of(tree), size.rows, size.columns);
        return 0;
}

static int hands_terminal_open(void *world, Tree *tree, int *ret_fd) {
        if (!tree->has_terminal)
                return -ENOTTY;
        *ret_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
        return *ret_fd < 0 ? -errno : 0;
}

void fake_world_hands(FakeWorld *world, Hands *ret) {
        *ret = (Hands){
                .world = world,
                .provide = hands_provide,
                .start = hands_start,
                .adopt = hands_adopt,
                .signal = hands_signal,
                .containment = hands_containment,
                .probe = hands_probe,
                .is_held = hands_is_held,
                .held = hands_held,
                .survivors = hands_survivors,
                .inspect = hands_inspect,
                .waits_for_input = hands_waits_for_input,
                .output = hands_output,
                .output_unref = hands_output_unref,
                .output_stat = hands_output_stat,
                .output_read = hands_output_read,
                .output_open = hands_output_open,
                .terminal_resize = hands_terminal_resize,
                .terminal_open = hands_terminal_open,
                .release = hands_release,
                .abandon = hands_abandon,
                .now = hands_now,
                .arm = hands_arm,
        };
}

void fake_world_init(FakeWorld *world, const SupervisorSettings *settings) {
        SupervisorSettings standard = supervisor_settings_default();
        Hands hands;

        *world = (FakeWorld){
                .now = {.monotonic = FAKE_EPOCH, .realtime = 1700000000 * USEC_PER_SEC},
                .armed = USEC_INFINITY,
                .epoch = FAKE_EPOCH,
                .nature = NATURE_OBEDIENT,
                .last_pid = 100,
        };
        g_queue_init(&world->pending);
        world->trees = g_ptr_array_new_with_free_func(g_free);
        world->waits = g_ptr_array_new_with_free_func(g_free);
        world->log = g_string_new(NULL);
        fake_world_hands(world, &hands);
        world->supervisor = supervisor_new(&hands, settings ?: &standard, &fake_events, world,
                                           &world->now);
}

void fake_world_done(FakeWorld *world) {
        for (unsigned i = 0; i < world->waits->len; i++) {
                FakeWait *wait = world->waits->pdata[i];

                wait->waiter = waiter_cancel(wait->waiter);
                assert_true(wait->n_answers <= 1);
        }
        supervisor_free(world->supervisor);
        for (unsigned i = 0; i < world->trees->len; i++) {
                Tree *tree = world->trees->pdata[i];

                assert_true(tree->released || tree->abandoned);
        }
        assert_true(g_queue_is_empty(&world->pending));
        g_ptr_array_unref(world->trees);
        g_ptr_array_unref(world->waits);
        g_string_free(world->log, TRUE);
}

static void tell_exit(Tree *tree, int code) {
        ExitStatus status = {.code = code, .known = true, .peak_bytes = UINT64_MAX};
        const Nature *nature = &tree->nature;

        if (!tree->settled) { /* kept until the start is settled, as the contract of Hands says */
                queue(tree, EVENT_EXIT, code, 10);
                return;
        }
        if (tree->adopted)
                status.known = code != 0;
        tree->exited = true;
        if (!nature->leaves_something)
                fake_empty(tree, 0);
        else
                fake_empty(tree, nature->rest_ends_after);
        tree->events->exited(tree->userdata, &status);
}

static void tell_settled(Tree *tree) {
        StartFailure failure = {.step = tree->nature.fails_at, .error = ENOENT};

        if (tree->settled) /* killed meanwhile */
                return;
        tree->settled = true;
        if (failure.step) {
                tree->events->start_failed(tree->userdata, &failure);
                return;
        }
        if (tree->held_signal != 0)
                fake_exit(tree, -tree->held_signal, tree->nature.dies_of_stop);
        tree->events->started(tree->userdata, tree->pid);
}

static void tell(const Event *event) {
        Tree *tree = event->tree;

        switch (event->kind) {
        case EVENT_SETTLE:
                tell_settled(tree);
                break;
        case EVENT_EXIT:
                tell_exit(tree, event->code);
                break;
        case EVENT_EMPTY:
                assert_true(tree->exited);
                tree->emptied = true;
                tree->events->emptied(tree->userdata);
                break;
        }
}

static void advance(FakeWorld *world, usec_t to) {
        usec_t step = usec_sub(to, world->now.monotonic);

        world->now.monotonic += step;
        world->now.realtime += step;
}

void fake_run(FakeWorld *world, usec_t duration) {
        usec_t end = usec_add(world->now.monotonic, duration);

        for (unsigned turns = 0;; turns++) {
                Event *event = world->pending.head ? world->pending.head->data : NULL;
                usec_t due = event ? event->at : USEC_INFINITY;

                assert_true(turns < 1000000); /* it spins */
                if (MIN(due, world->armed) > end)
                        break;
                if (world->armed <= due) {
                        advance(world, world->armed);
                        world->armed = USEC_INFINITY;
                        world->n_ticks++;
                        supervisor_tick(world->supervisor, &world->now);
                        continue;
                }
                g_queue_pop_head(&world->pending);
                advance(world, due);
                tell(event);
                g_free(event);
        }
        advance(world, end);
}

void fake_stall(FakeWorld *world, usec_t duration) {
        advance(world, usec_add(world->now.monotonic, duration));
}

static void on_settled(void *userdata, Process *process, const StartFailure *failure) {
        FakeWorld *world = userdata;

        assert_true(!process == !!failure);
        if (failure) {
                world->n_failures++;
                world->n_not_ready += strcmp(failure->step, "ready") == 0;
                note(world, "failed %s", failure->step);
                return;
        }
        assert_true(process->published);
        world->n_replies++;
        note(world, "reply %u", (unsigned)process->id);
}

int fake_start(FakeWorld *world, ProcessConfig *config, Caller caller, const char **ret_limit) {
        const char *argv[] = {"fake", "argument", NULL};
        const char *limit = NULL;
        ProcessConfig standard;
        Spec *spec = spec_new();
        int r;

        process_config_init(&standard);
        spec->argv = g_strdupv((char **)argv);
        r = supervisor_start(world->supervisor, FAKE_GRANT, spec, config ?: &standard, &caller,
                             on_settled, world, &world->now, ret_limit ?: &limit);
        return r;
}

Process *fake_process(FakeWorld *world, ProcessConfig *config) {
        unsigned before = world->n_added;

        assert_int_equal(fake_start(world, config, FAKE_CALLER, NULL), 0);
        for (unsigned i = 0; i < 100 && world->n_added == before; i++)
                fake_run(world, 100);
        assert_int_equal(world->n_added, before + 1);
        return fake_last_tree(world)->userdata;
}

ProcessConfig fake_policy(usec_t timeout, usec_t buffer, usec_t max_hang, bool auto_kill) {
        ProcessConfig config;

        process_config_init(&config);
        config.policy = (WatchdogPolicy){timeout, buffer, max_hang, auto_kill};
        config.own_policy = POLICY_TIMEOUT | POLICY_EXTRA_BUFFER | POLICY_MAX_HANG_TIME |
                            POLICY_AUTO_KILL;
        return config;
}

Tree *fake_tree(const Process *process) {
        return process->tree;
}

Tree *fake_last_tree(FakeWorld *world) {
        return world->trees->pdata[world->trees->len - 1];
}

static void on_answer(Waiter *waiter, WaitOutcome outcome, void *userdata) {
        static const char *const words[] = {"met", "expired", "stuck"};
        FakeWait *wait = userdata;

        assert_ptr_equal(wait->waiter, waiter);
        wait->waiter = NULL;
        wait->n_answers++;
        wait->outcome = outcome;
        wait->answered_at = wait->world->now.monotonic;
        note(wait->world, "waiter %s", words[outcome]);
}

FakeWait *fake_wait(FakeWorld *world, WaitFor wait_for, WaitMode mode, usec_t timeout,
                    unsigned n_processes, ...) {
        g_autoptr(GPtrArray) processes = g_ptr_array_new();
        FakeWait *wait = g_new0(FakeWait, 1);
        va_list args;

        va_start(args, n_processes);
        for (unsigned i = 0; i < n_processes; i++)
                g_ptr_array_add(processes, va_arg(args, Process *));
        va_end(args);
        wait->world = world;
        g_ptr_array_add(world->waits, wait);
        wait->waiter = supervisor_wait(world->supervisor, processes, wait_for, mode, timeout,
                                       &world->now, on_answer, wait);
        if (!wait->waiter) {
                wait->n_answers++;
                wait->outcome = WAIT_MET;
                wait->answered_at = world->now.monotonic;
        }
        return wait;
}

void fake_stop(FakeWorld *world, Process *process, StopMode mode) {
        supervisor_stop(world->supervisor, FAKE_GRANT, process, mode, &world->now);
}

void fake_report(FakeWorld *world, Process *process) {
        supervisor_report(world->supervisor, FAKE_GRANT, process, ACTIVITY_REPORT, &world->now);
}

void fake_expect_at(FakeWorld *world, const char *text, const char *file, int line) {
        if (strcmp(world->log->str, text) != 0) {
                print_error("expected: %s\nhappened: %s\n", text, world->log->str);
                _fail(file, line);
        }
        g_string_truncate(world->log, 0);
}

void fake_forget_log(FakeWorld *world) {
        g_string_truncate(world->log, 0);
}
