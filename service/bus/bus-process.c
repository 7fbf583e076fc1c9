/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* org.proctor1.Process: one fallback vtable for all processes; the finder in face.c hides those that
 * the caller may not see. A handler reads its arguments, asks whether the caller may, calls one verb,
 * and replies, fails or holds. */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/signal-name.h"
#include "bus/access.h"
#include "bus/bus-cleanup.h"
#include "bus/bus-error.h"
#include "bus/dossier.h"
#include "bus/look.h"
#include "bus/objects.h"
#include "bus/vtable.h"
#include "core/supervisor.h"
#include "dbus/proctor-names.h"

int check_timeout(const char *key, usec_t value, usec_t least, sd_bus_error *error) {
        if (value >= least)
                return 0;
        return bus_fail_invalid(
                error, "%s: expected at least %" PRIu64 " µs, or all-ones for never", key, least);
}

int parse_signal_word(const char *word, int *ret_signo, TreeScope *ret_scope, sd_bus_error *error) {
        static const struct {
                const char *word;
                const char *signal;
                TreeScope scope;
        } words[] = {
                {PROCTOR_SIGNAL_TIMEOUT, "SIGTERM", TREE_GROUP},
                {PROCTOR_SIGNAL_INTERRUPT, "SIGINT", TREE_GROUP},
                {PROCTOR_SIGNAL_FORCE, "SIGKILL", TREE_ALL},
        };
        const char *name = word;
        int signo;

        *ret_scope = TREE_GROUP;
        for (unsigned i = 0; i < G_N_ELEMENTS(words); i++)
                if (strcmp(words[i].word, word) == 0) {
                        name = words[i].signal;
                        *ret_scope = words[i].scope;
                }
        signo = signal_from_string(name);
        if (signo <= 0)
                return bus_fail_invalid(error,
                                        "No signal '%s': expected timeout, interrupt, force, or "
                                        "the name or number of a signal",
                                        word);
        *ret_signo = signo;
        return 0;
}

int fail_survivors(sd_bus_message *m, Face *face, GPtrArray *processes) {
        g_autoptr(GString) text = g_string_new("Still alive:");

        for (unsigned i = 0; i < processes->len; i++) {
                Process *process = processes->pdata[i];
                g_autofree char *survivors = supervisor_survivors(face->supervisor, process);

                if (!process->emptied && survivors)
                        g_string_append_printf(text, " %s;", survivors);
        }
        g_string_truncate(text, text->len - 1);
        return sd_bus_reply_method_errorf(m, PROCTOR_ERROR_NAME_STILL_ALIVE, "%s", text->str);
}

int reply_exit(Held *held, WaitOutcome outcome) {
        const Process *process = held->processes->pdata[0];

        switch (outcome) {
        case WAIT_EXPIRED:
                return sd_bus_reply_method_errorf(held->m, PROCTOR_ERROR_NAME_TIMEOUT,
                                                  "Process %" PRIu64 " is still running",
                                                  process->id);
        case WAIT_STUCK:
                return fail_survivors(held->m, held->face, held->processes);
        default:
                return sd_bus_reply_method_return(held->m, "is", process->exit_code,
                                                  result_to_string(process->result));
        }
}

static int method_wait(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Process *process = userdata;
        Face *face = face_of_process(process);
        g_autoptr(GPtrArray) one = process_array(process);
        uint64_t timeout;
        const Grant *grant;
        int r;

        r = sd_bus_message_read(m, "t", &timeout);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the arguments");
        r = access_authorize(face, m, ACCESS_INSPECT, process, &grant, error);
        if (r != 0)
                return r;
        return held_wait(face, m, one, WAIT_FINISHED, WAIT_MODE_ALL, timeout, reply_exit, NULL,
                         error);
}

static int method_stop(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Process *process = userdata;
        Face *face = face_of_process(process);
        g_autoptr(GPtrArray) one = process_array(process);
        Now now = now_read();
        const Grant *grant;
        int force, r;

        r = sd_bus_message_read(m, "b", &force);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the arguments");
        r = access_authorize(face, m, ACCESS_CONTROL, process, &grant, error);
        if (r != 0)
                return r;
        if (held_is_full(face, grant_peer(grant)) && !process->emptied)
                return bus_fail_limit(error, "calls of one connection that wait");
        supervisor_stop(face->supervisor, grant, process, force ? STOP_FORCE : STOP_ASK, &now);
        return held_wait(face, m, one, WAIT_EMPTIED, WAIT_MODE_ALL, USEC_INFINITY, reply_exit, NULL,
                         error);
}

static int method_send_signal(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Process *process = userdata;
        Face *face = face_of_process(process);
        const char *word;
        TreeScope scope;
        const Grant *grant;
        int signo, r;

        r = sd_bus_message_read(m, "s", &word);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the arguments");
        r = parse_signal_word(word, &signo, &scope, error);
        if (r < 0)
                return r;
        r = access_authorize(face, m, ACCESS_CONTROL, process, &grant, error);
        if (r != 0)
                return r;
        r = supervisor_signal(face->supervisor, grant, process, signo, scope);
        if (r != 0)
                return bus_fail_core(error, r, process->id);
        return sd_bus_reply_method_return(m, NULL);
}

static int method_report_activity(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Process *process = userdata;
        Face *face = face_of_process(process);
        Now now = now_read();
        const Grant *grant;
        int r;

        r = access_authorize(face, m, ACCESS_CONTROL, process, &grant, error);
        if (r != 0)
                return r;
        supervisor_report(face->supervisor, grant, process, ACTIVITY_REPORT, &now);
        return sd_bus_reply_method_return(m, NULL);
}

static int method_collect(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Process *process = userdata;
        Face *face = face_of_process(process);
        uint64_t id = process->id;
        const Grant *grant;
        int r;

        r = access_authorize(face, m, ACCESS_CONTROL, process, &grant, error);
        if (r != 0)
                return r;
        r = supervisor_collect(face->supervisor, grant, process);
        if (r != 0)
                return bus_fail_core(error, r, id);
        return sd_bus_reply_method_return(m, NULL);
}

static int method_get_dossier(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Process *process = userdata;
        Face *face = face_of_process(process);
        g_autoptr(sd_bus_message) reply = NULL;
        g_autoptr(Dossier) dossier = NULL;
        Now now = now_read();
        const Grant *grant;
        int r;

        r = access_authorize(face, m, ACCESS_INSPECT, process, &grant, error);
        if (r != 0)
                return r;
        dossier = supervisor_get_dossier(face->supervisor, grant, process, &now);
        r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = dossier_append(reply, dossier);
        if (r >= 0)
                r = sd_bus_send(NULL, reply, NULL);
        return r < 0 ? bus_fail_errno(error, r, "Cannot answer") : r;
}

/* A piece of output that one call gives at the most. */
#define READ_OUTPUT_MAX (1024 * 1024)

static int read_stream(sd_bus_message *m, OutputStream *ret, sd_bus_error *error) {
        const char *word;
        int r = sd_bus_message_read(m, "s", &word);

        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the arguments");
        if (strcmp(word, PROCTOR_STREAM_STDOUT) == 0)
                *ret = OUTPUT_STDOUT;
        else if (strcmp(word, PROCTOR_STREAM_STDERR) == 0)
                *ret = OUTPUT_STDERR;
        else
                return bus_fail_invalid(error, "No stream '%s': expected stdout or stderr", word);
        return 0;
}

static int reply_piece(sd_bus_message *m, const void *bytes, const OutputPiece *piece) {
        g_autoptr(sd_bus_message) reply = NULL;
        int r = sd_bus_message_new_method_return(m, &reply);

        if (r >= 0)
                r = sd_bus_message_append_array(reply, 'y', bytes, piece->length);
        if (r >= 0)
                r = sd_bus_message_append(reply, "tb", piece->next, (int)piece->eof);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int method_read_output(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Process *process = userdata;
        Face *face = face_of_process(process);
        g_autofree void *bytes = NULL;
        OutputStream stream;
        OutputPiece piece;
        uint64_t offset;
        uint32_t max;
        const Grant *grant;
        int r;

        r = read_stream(m, &stream, error);
        if (r < 0)
                return r;
        r = sd_bus_message_read(m, "tu", &offset, &max);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the arguments");
        r = access_authorize(face, m, ACCESS_INSPECT, process, &grant, error);
        if (r != 0)
                return r;
        max = (uint32_t)MIN((uint64_t)MIN(max, READ_OUTPUT_MAX),
                            supervisor_output_stat(face->supervisor, process, stream).kept_bytes);
        bytes = g_malloc(MAX(max, 1));
        r = supervisor_read_output(face->supervisor, grant, process, stream, offset, bytes, max,
                                   &piece);
        if (r != 0)
                return bus_fail_core(error, r, process->id);
        r = reply_piece(m, bytes, &piece);
        return r < 0 ? bus_fail_errno(error, r, "Cannot answer") : r;
}

static int method_open_output(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Process *process = userdata;
        Face *face = face_of_process(process);
        _cleanup_close_ int fd = -EBADF;
        OutputStream stream;
        const Grant *grant;
        int r;

        r = read_stream(m, &stream, error);
        if (r >= 0)
                r = access_authorize(face, m, ACCESS_INSPECT, process, &grant, error);
        if (r != 0)
                return r;
        if (sd_bus_can_send(face->bus, SD_BUS_TYPE_UNIX_FD) <= 0)
                return bus_fail(error, SD_BUS_ERROR_NOT_SUPPORTED,
                                "This connection passes no descriptors: use ReadOutput");
        r = supervisor_open_output(face->supervisor, grant, process, stream, &fd);
        if (r == -EMFILE)
                return bus_fail_limit(error, "readers of one stream, or descriptors");
        if (r != 0)
                return bus_fail_core(error, r, process->id);
        return sd_bus_reply_method_return(m, "h", fd);
}

static int method_resize_terminal(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Process *process = userdata;
        Face *face = face_of_process(process);
        TerminalSize size;
        const Grant *grant;
        int r;

        r = sd_bus_message_read(m, "qq", &size.rows, &size.columns);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the arguments");
        if (size.rows == 0 || size.columns == 0)
                return bus_fail_invalid(error, "Expected rows and columns, 1 to 65535 each");
        r = access_authorize(face, m, ACCESS_CONTROL, process, &grant, error);
        if (r != 0)
                return r;
        r = supervisor_resize_terminal(face->supervisor, grant, process, size);
        if (r != 0)
                return bus_fail_core(error, r, process->id);
        return sd_bus_reply_method_return(m, NULL);
}

static int method_open_terminal(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Process *process = userdata;
        Face *face = face_of_process(process);
        _cleanup_close_ int fd = -EBADF;
        const Grant *grant;
        int r;

        r = access_authorize(face, m, ACCESS_CONTROL, process, &grant, error);
        if (r != 0)
                return r;
        if (sd_bus_can_send(face->bus, SD_BUS_TYPE_UNIX_FD) <= 0)
                return bus_fail(error, SD_BUS_ERROR_NOT_SUPPORTED,
                                "This connection passes no descriptors");
        r = supervisor_open_terminal(face->supervisor, grant, process, &fd);
        if (r == -EMFILE)
                return bus_fail_limit(error, "streams of one terminal, or descriptors");
        if (r != 0)
                return bus_fail_core(error, r, process->id);
        return sd_bus_reply_method_return(m, "h", fd);
}

static const TreeProbe *look(Process *process) {
        return look_at_tree(face_of_process(process), process);
}

#define GETTER(name, type, ...)                                                                    \
        static int get_##name(sd_bus *bus, const char *path, const char *interface,                \
                              const char *property, sd_bus_message *m, void *userdata,             \
                              sd_bus_error *error) {                                               \
                Process *process = userdata;                                                       \
                                                                                                   \
                return sd_bus_message_append(m, type, __VA_ARGS__);                                \
        }

#define POLICY (supervisor_policy(face_of_process(process)->supervisor, process))

static Health health_now(const Process *process) {
        Now now = now_read();

        return supervisor_health(face_of_process(process)->supervisor, process, &now);
}

static const char *working_directory(const Process *process) {
        if (process->adopted)
                return "";
        return process->working_directory ?: face_of_process(process)->working_directory;
}

GETTER(id, "t", process->id)
GETTER(pid, "u", (uint32_t)process->pid)
GETTER(name, "s", process_name(process))
GETTER(working_directory, "s", working_directory(process))
GETTER(owner, "u", (uint32_t)process->owner)
GETTER(containment, "s", process->containment)
GETTER(start, "t", process->started.realtime)
GETTER(start_monotonic, "t", process->started.monotonic)
GETTER(runtime_max, "t", process->config.runtime_max)
GETTER(hang_signal, "s",
       process->config.hang_signal ? signal_to_string(process->config.hang_signal) : "")
GETTER(hang_signal_timeout, "t", process->config.hang_signal_timeout)
GETTER(stop_signal, "s", signal_to_string(process->config.stop_signal))
GETTER(kill_mode, "s", kill_mode_to_string(process->config.kill_mode))
GETTER(state, "s", state_to_string(process->state))
GETTER(exit_code, "i", (int32_t)process->exit_code)
GETTER(result, "s", result_to_string(process->result))
GETTER(exit, "t", process->exited.realtime)
GETTER(exit_monotonic, "t", process->exited.monotonic)
GETTER(health, "s", health_to_string(health_now(process)))
GETTER(watched, "b", supervisor_watches(face_of_process(process)->supervisor, process))
GETTER(timeout, "t", POLICY.timeout)
GETTER(extra_buffer, "t", POLICY.extra_buffer)
GETTER(max_hang_time, "t", POLICY.max_hang_time)
GETTER(auto_kill, "b", POLICY.auto_kill)
GETTER(stop_timeout, "t", process->config.stop_timeout)
GETTER(last_activity, "t", process->last_activity.realtime)
GETTER(last_activity_monotonic, "t", process->last_activity.monotonic)
GETTER(last_source, "s", activity_source_to_string(process->last_source))
GETTER(cpu, "t", look(process)->cpu_nsec)
GETTER(memory, "t", look(process)->memory_bytes)
GETTER(peak, "t", look(process)->peak_bytes)
GETTER(n_tasks, "t", look(process)->n_tasks)

static bool awaits_input(Process *process) {
        return look_at_input(face_of_process(process), process);
}

GETTER(awaits_input, "b", (int)awaits_input(process))

static int get_prompt(sd_bus *bus, const char *path, const char *interface, const char *property,
                      sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Process *process = userdata;
        g_autofree char *prompt = NULL;

        if (awaits_input(process))
                prompt = supervisor_find_prompt(face_of_process(process)->supervisor, process);
        return sd_bus_message_append(m, "s", prompt ?: "");
}

#define OUTPUT(stream)                                                                             \
        (supervisor_output_stat(face_of_process(process)->supervisor, process, stream))

static uint64_t dropped(OutputStat stat) {
        return stat.seen_bytes - stat.kept_bytes;
}

GETTER(terminal, "b", (int)process->has_terminal)
GETTER(terminal_size, "(qq)", process->terminal_size.rows, process->terminal_size.columns)
GETTER(readiness, "s", readiness_to_string(process->config.readiness))
GETTER(start_timeout, "t", process->config.start_timeout)
GETTER(ready, "b", process->ready)
GETTER(status_text, "s", process->status_text ?: "")
GETTER(status_errno, "i", (int32_t)process->status_errno)

GETTER(output_limit, "t", MAX(OUTPUT(OUTPUT_STDOUT).limit_bytes, OUTPUT(OUTPUT_STDERR).limit_bytes))
GETTER(stdout_bytes, "t", OUTPUT(OUTPUT_STDOUT).seen_bytes)
GETTER(stdout_dropped, "t", dropped(OUTPUT(OUTPUT_STDOUT)))
GETTER(stderr_bytes, "t", OUTPUT(OUTPUT_STDERR).seen_bytes)
GETTER(stderr_dropped, "t", dropped(OUTPUT(OUTPUT_STDERR)))

static int get_group(sd_bus *bus, const char *path, const char *interface, const char *property,
                     sd_bus_message *m, void *userdata, sd_bus_error *error) {
        g_autofree char *group = face_group_path(((const Process *)userdata)->group);

        return sd_bus_message_append(m, "o", group);
}

static int get_command(sd_bus *bus, const char *path, const char *interface, const char *property,
                       sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const Process *process = userdata;

        return sd_bus_message_append_strv(m, process->command);
}

static int get_sources(sd_bus *bus, const char *path, const char *interface, const char *property,
                       sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const Process *process = userdata;
        int r = sd_bus_message_open_container(m, 'a', "s");

        for (ActivitySource i = 0; r >= 0 && i < _ACTIVITY_SOURCE_MAX; i++)
                if (process->config.sources & 1u << i)
                        r = sd_bus_message_append(m, "s", activity_source_to_string(i));
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int set_policy(Process *process, const WatchdogPolicy *policy, PolicyMask which,
                      sd_bus_error *error) {
        Face *face = face_of_process(process);
        Now now = now_read();
        const Grant *grant;
        int r;

        r = access_authorize(face, sd_bus_get_current_message(face->bus), ACCESS_CONTROL, process,
                             &grant, error);
        if (r != 0)
                return r;
        r = supervisor_set_policy(face->supervisor, grant, process, policy, which, &now);
        return r != 0 ? bus_fail_core(error, r, process->id) : 1;
}

static int set_duration(sd_bus *bus, const char *path, const char *interface, const char *property,
                        sd_bus_message *value, void *userdata, sd_bus_error *error) {
        WatchdogPolicy policy = {};
        usec_t usec;
        int r = sd_bus_message_read(value, "t", &usec);

        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the value");
        if (strcmp(property, PROCTOR_OPTION_TIMEOUT) == 0) {
                policy.timeout = usec;
                r = check_timeout(property, usec, TIMEOUT_MIN, error);
                return r < 0 ? r : set_policy(userdata, &policy, POLICY_TIMEOUT, error);
        }
        policy.extra_buffer = policy.max_hang_time = usec;
        return set_policy(userdata, &policy,
                          strcmp(property, PROCTOR_OPTION_EXTRA_BUFFER) == 0 ? POLICY_EXTRA_BUFFER
                                                                             : POLICY_MAX_HANG_TIME,
                          error);
}

static int set_auto_kill(sd_bus *bus, const char *path, const char *interface, const char *property,
                         sd_bus_message *value, void *userdata, sd_bus_error *error) {
        WatchdogPolicy policy = {};
        int on;
        int r = sd_bus_message_read(value, "b", &on);

        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the value");
        policy.auto_kill = on;
        return set_policy(userdata, &policy, POLICY_AUTO_KILL, error);
}

static int set_stop_timeout(sd_bus *bus, const char *path, const char *interface,
                            const char *property, sd_bus_message *value, void *userdata,
                            sd_bus_error *error) {
        Process *process = userdata;
        Face *face = face_of_process(process);
        Now now = now_read();
        const Grant *grant;
        usec_t usec;
        int r = sd_bus_message_read(value, "t", &usec);

        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the value");
        r = access_authorize(face, sd_bus_get_current_message(bus), ACCESS_CONTROL, process, &grant,
                             error);
        if (r != 0)
                return r;
        r = supervisor_set_stop_timeout(face->supervisor, grant, process, usec, &now);
        return r != 0 ? bus_fail_core(error, r, process->id) : 1;
}

#define CONST(member, type, getter)                                                                \
        SD_BUS_PROPERTY(member, type, getter, 0, SD_BUS_VTABLE_PROPERTY_CONST)
#define CHANGES(member, type, getter)                                                              \
        SD_BUS_PROPERTY(member, type, getter, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE)
#define MOVES(member, type, getter) SD_BUS_PROPERTY(member, type, getter, 0, 0)
#define WRITABLE(member, type, getter, setter)                                                     \
        SD_BUS_WRITABLE_PROPERTY(member, type, getter, setter, 0,                                  \
                                 SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE | SD_BUS_VTABLE_UNPRIVILEGED)

const sd_bus_vtable process_vtable[] = {
        SD_BUS_VTABLE_START(0),

        SD_BUS_METHOD_WITH_ARGS("Wait", SD_BUS_ARGS("t", timeout),
                                SD_BUS_RESULT("i", exit_code, "s", result), method_wait,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Stop", SD_BUS_ARGS("b", force),
                                SD_BUS_RESULT("i", exit_code, "s", result), method_stop,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("SendSignal", SD_BUS_ARGS("s", signal), SD_BUS_NO_RESULT,
                                method_send_signal, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ReportActivity", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT,
                                method_report_activity, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ReadOutput", SD_BUS_ARGS("s", stream, "t", offset, "u", max),
                                SD_BUS_RESULT("ay", data, "t", next, "b", eof), method_read_output,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("OpenOutput", SD_BUS_ARGS("s", stream),
                                SD_BUS_RESULT("h", descriptor), method_open_output,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ResizeTerminal", SD_BUS_ARGS("q", rows, "q", columns),
                                SD_BUS_NO_RESULT, method_resize_terminal,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("OpenTerminal", SD_BUS_NO_ARGS, SD_BUS_RESULT("h", descriptor),
                                method_open_terminal, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("GetDossier", SD_BUS_NO_ARGS, SD_BUS_RESULT("a{sv}", dossier),
                                method_get_dossier, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Collect", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_collect,
                                SD_BUS_VTABLE_UNPRIVILEGED),

        SD_BUS_SIGNAL_WITH_NAMES("Exited", "is", SD_BUS_PARAM(exit_code) SD_BUS_PARAM(result), 0),
        SD_BUS_SIGNAL_WITH_NAMES("Hung", "tss",
                                 SD_BUS_PARAM(idle) SD_BUS_PARAM(evidence) SD_BUS_PARAM(action), 0),

        CONST("Id", "t", get_id),
        CONST("PID", "u", get_pid),
        CONST("Name", "s", get_name),
        CONST("Command", "as", get_command),
        CONST("WorkingDirectory", "s", get_working_directory),
        CONST("Owner", "u", get_owner),
        CONST("Group", "o", get_group),
        CONST("Containment", "s", get_containment),
        CONST("StartTimestamp", "t", get_start),
        CONST("StartTimestampMonotonic", "t", get_start_monotonic),
        CONST("RuntimeMaxUSec", "t", get_runtime_max),
        CONST("HangSignal", "s", get_hang_signal),
        CONST("HangSignalTimeoutUSec", "t", get_hang_signal_timeout),
        CONST("StopSignal", "s", get_stop_signal),
        CONST("KillMode", "s", get_kill_mode),
        CONST("ActivitySources", "as", get_sources),
        CONST("OutputLimit", "t", get_output_limit),
        CONST("Terminal", "b", get_terminal),
        CONST("Readiness", "s", get_readiness),
        CONST("StartTimeoutUSec", "t", get_start_timeout),

        CHANGES("State", "s", get_state),
        CHANGES("ExitCode", "i", get_exit_code),
        CHANGES("Result", "s", get_result),
        CHANGES("ExitTimestamp", "t", get_exit),
        CHANGES("ExitTimestampMonotonic", "t", get_exit_monotonic),
        CHANGES("Health", "s", get_health),
        CHANGES("Watched", "b", get_watched),
        CHANGES("TerminalSize", "(qq)", get_terminal_size),
        CHANGES("Ready", "b", get_ready),
        CHANGES("StatusText", "s", get_status_text),
        CHANGES("StatusErrno", "i", get_status_errno),

        WRITABLE("TimeoutUSec", "t", get_timeout, set_duration),
        WRITABLE("ExtraBufferUSec", "t", get_extra_buffer, set_duration),
        WRITABLE("MaxHangTimeUSec", "t", get_max_hang_time, set_duration),
        WRITABLE("StopTimeoutUSec", "t", get_stop_timeout, set_stop_timeout),
        WRITABLE("AutoKill", "b", get_auto_kill, set_auto_kill),

        MOVES("LastActivityTimestamp", "t", get_last_activity),
        MOVES("LastActivityTimestampMonotonic", "t", get_last_activity_monotonic),
        MOVES("LastActivitySource", "s", get_last_source),
        MOVES("CPUUsageNSec", "t", get_cpu),
        MOVES("MemoryCurrent", "t", get_memory),
        MOVES("MemoryPeak", "t", get_peak),
        MOVES("NTasks", "t", get_n_tasks),
        MOVES("WaitingForInput", "b", get_awaits_input),
        MOVES("Prompt", "s", get_prompt),
        MOVES("StdoutBytes", "t", get_stdout_bytes),
        MOVES("StdoutDroppedBytes", "t", get_stdout_dropped),
        MOVES("StderrBytes", "t", get_stderr_bytes),
        MOVES("StderrDroppedBytes", "t", get_stderr_dropped),

        SD_BUS_VTABLE_END,
};
