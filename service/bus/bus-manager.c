/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* org.proctor1.Manager: starts, look-ups, and the verbs about many processes. */

#include <errno.h>
#include <inttypes.h>

#include "bus/access.h"
#include "bus/adopt.h"
#include "bus/bus-cleanup.h"
#include "bus/bus-error.h"
#include "bus/listing.h"
#include "bus/objects.h"
#include "bus/options.h"
#include "bus/risk.h"
#include "bus/run-as.h"
#include "bus/stats.h"
#include "bus/vtable.h"
#include "core/supervisor.h"
#include "dbus/proctor-names.h"

/* A wait names at most this many processes. */
#define WAIT_MANY_MAX 65536

static void on_started(void *userdata, Process *process, const StartFailure *failure) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        g_autofree char *path = NULL;
        Held *held = userdata;

        if (held->peer && failure) {
                bus_fail_start(&error, failure);
                sd_bus_reply_method_error(held->m, &error);
        } else if (held->peer) {
                path = face_process_path(process);
                sd_bus_reply_method_return(held->m, "ou", path, (uint32_t)process->pid);
        }
        sd_bus_error_free(&error);
        held_free(held);
}

static int read_command(sd_bus_message *m, Options *options, sd_bus_error *error) {
        Spec *spec = options->spec;
        int r = strings_read(m, &options->budget, &spec->argv, error);

        if (r < 0)
                return sd_bus_error_is_set(error)
                               ? r
                               : bus_fail_errno(error, r, "Cannot read the arguments");
        if (!spec->argv[0])
                return bus_fail_invalid(error, "The command is empty: expected at least the name "
                                               "of a program");
        if (!*spec->argv[0])
                return bus_fail_invalid(error, "The name of the program is empty");
        return 0;
}

/* Nothing is begun that would run without a limit which was asked for. */
static int provide(Face *face, const Spec *spec, sd_bus_error *error) {
        static const char *const keys[_CONTROLLER_MAX] = {
                [CONTROLLER_MEMORY] = PROCTOR_OPTION_MEMORY_MAX,
                [CONTROLLER_PIDS] = PROCTOR_OPTION_TASKS_MAX,
                [CONTROLLER_CPU] = PROCTOR_OPTION_CPU_WEIGHT,
        };
        Controller lacking;

        if (supervisor_provide(face->supervisor, spec, &lacking) >= 0)
                return 0;
        return bus_fail(error, SD_BUS_ERROR_NOT_SUPPORTED,
                        "Option %s: the service has no cgroup with the controller '%s' delegated "
                        "to it",
                        keys[lacking], controller_to_string(lacking));
}

int read_start(sd_bus_message *m, Face *face, Options *options, const Grant **ret_grant,
               sd_bus_error *error) {
        int r;

        (void)sd_bus_message_sensitive(m); /* erased when it goes, for its environment */
        process_config_init(&options->config);
        options->spec->output_limit = face->limits.output_bytes;
        options->budget.max = supervisor_argument_bytes(face->supervisor,
                                                        peers_sender(face, m)->uid);
        r = read_command(m, options, error);
        if (r >= 0)
                r = options_read(m, OPTION_START, options, error);
        if (r >= 0)
                r = access_authorize(face, m, ACCESS_START, NULL, ret_grant, error);
        if (r == 0)
                r = provide(face, options->spec, error);
        if (r == 0)
                r = run_as(face, m, options, error);
        if (r == 0 && risk_raises_limits(options->spec))
                r = access_authorize(face, m, ACCESS_RAISE_LIMITS, NULL, ret_grant, error);
        if (r != 0)
                process_config_done(&options->config);
        return r;
}

static int method_start_process(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        g_autoptr(Spec) spec = spec_new();
        Options options = {.spec = spec, .pidfd = -EBADF};
        Face *face = userdata;
        const char *limit = NULL;
        Now now = now_read();
        const Grant *grant;
        Held *held;
        int r;

        r = read_start(m, face, &options, &grant, error);
        if (r != 0)
                return r;
        held = held_new(face, grant_peer(grant), m);
        r = supervisor_start(face->supervisor, grant, g_steal_pointer(&spec), &options.config,
                             grant_caller(grant), on_started, held, &now, &limit);
        if (r == 0)
                return 1;
        held_free(held);
        if (r == CORE_E_LIMIT)
                return bus_fail_limit(error, limit);
        return r > 0 ? bus_fail_core(error, r, 0)
                     : bus_fail_errno(error, r, "Cannot start a process");
}

static int method_get_process(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        g_autofree char *path = NULL;
        Face *face = userdata;
        Process *process;
        uint32_t pid;
        const Grant *grant;
        int r;

        r = sd_bus_message_read(m, "u", &pid);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the arguments");
        r = access_authorize(face, m, ACCESS_INSPECT, NULL, &grant, error);
        if (r != 0)
                return r;
        process = supervisor_find_pid(face->supervisor, (pid_t)pid, grant_scope(grant));
        if (!process)
                return bus_fail(error, PROCTOR_ERROR_NAME_NO_SUCH_PROCESS,
                                "No process with PID %" PRIu32 " is known", pid);
        path = face_process_path(process);
        return sd_bus_reply_method_return(m, "o", path);
}

static int append_process(sd_bus_message *reply, Face *face, Process *process) {
        g_autofree char *path = face_process_path(process);

        return sd_bus_message_append(reply, "(oussis)", path, (uint32_t)process->pid,
                                     process_name(process), state_to_string(process->state),
                                     (int32_t)process->exit_code,
                                     result_to_string(process->result));
}

/* Path, state and result are words of ours. */
static size_t listed_bytes(const Process *process) {
        return 96 + strlen(process_name(process));
}

static int method_list_processes(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        static const ListingKind processes = {
                .contents = "(oussis)", .append = append_process, .bytes = listed_bytes};
        const Grant *grant;
        int r;

        r = access_authorize(userdata, m, ACCESS_INSPECT, NULL, &grant, error);
        return r != 0 ? r : listing_answer(userdata, m, &processes, error);
}

static int reply_many(Held *held, WaitOutcome outcome) {
        g_autoptr(sd_bus_message) reply = NULL;
        int r;

        r = sd_bus_message_new_method_return(held->m, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "(ois)");
        for (unsigned i = 0; r >= 0 && i < held->processes->len; i++) {
                const Process *process = held->processes->pdata[i];
                g_autofree char *path = face_process_path(process);

                if (!process_is_running(process))
                        r = sd_bus_message_append(reply, "(ois)", path, (int32_t)process->exit_code,
                                                  result_to_string(process->result));
        }
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int read_processes(sd_bus_message *m, Face *face, GPtrArray *processes,
                          sd_bus_error *error) {
        const char *path;
        uint64_t id;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "o");
        while (r >= 0 && (r = sd_bus_message_read(m, "o", &path)) > 0) {
                Process *process = NULL;

                if (face_process_id(path, &id) >= 0)
                        process = supervisor_find(face->supervisor, id);
                if (!process || !access_sees(face, m, process))
                        return bus_fail(error, PROCTOR_ERROR_NAME_NO_SUCH_PROCESS,
                                        "No process '%s'", path);
                if (processes->len >= WAIT_MANY_MAX)
                        return bus_fail_limit(error, "processes of one wait");
                g_ptr_array_add(processes, process_ref(process));
        }
        if (r >= 0)
                r = sd_bus_message_exit_container(m);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the arguments");
        if (processes->len == 0)
                return bus_fail_invalid(error, "The list of processes is empty");
        return 0;
}

static int method_wait_many(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        g_autoptr(GPtrArray) processes = process_array_new();
        Face *face = userdata;
        const char *word;
        uint64_t timeout;
        WaitMode mode;
        const Grant *grant;
        int r;

        r = access_authorize(face, m, ACCESS_INSPECT, NULL, &grant, error);
        if (r == 0)
                r = read_processes(m, face, processes, error);
        if (r != 0)
                return r;
        r = sd_bus_message_read(m, "st", &word, &timeout);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the arguments");
        mode = wait_mode_from_string(word);
        if (mode < 0)
                return bus_fail_invalid(error, "No mode '%s': expected all, any or first-failure",
                                        word);
        return held_wait(face, m, processes, WAIT_FINISHED, mode, timeout, reply_many, NULL, error);
}

static int method_send_signal_to_all(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        g_autoptr(sd_bus_message) reply = NULL;
        g_autoptr(GPtrArray) processes = NULL;
        Face *face = userdata;
        const char *word;
        TreeScope scope;
        const Grant *grant;
        int signo, r;

        r = sd_bus_message_read(m, "s", &word);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the arguments");
        r = parse_signal_word(word, &signo, &scope, error);
        if (r >= 0)
                r = access_authorize(face, m, ACCESS_CONTROL, NULL, &grant, error);
        if (r != 0)
                return r;
        processes = supervisor_list(face->supervisor, grant_caller(grant)->uid);
        r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "{ub}");
        for (unsigned i = 0; r >= 0 && i < processes->len; i++) {
                Process *process = processes->pdata[i];

                if (process_is_running(process))
                        r = sd_bus_message_append(reply, "{ub}", (uint32_t)process->pid,
                                                  supervisor_signal(face->supervisor, grant,
                                                                    process, signo, scope) == 0);
        }
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot answer");
        return sd_bus_send(NULL, reply, NULL);
}

static int reply_stopped(Held *held, WaitOutcome outcome) {
        g_autoptr(sd_bus_message) reply = NULL;
        int r;

        if (outcome == WAIT_STUCK)
                return fail_survivors(held->m, held->face, held->processes);
        r = sd_bus_message_new_method_return(held->m, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "{u(is)}");
        for (unsigned i = 0; r >= 0 && i < held->processes->len; i++) {
                const Process *process = held->processes->pdata[i];

                if (!process->published) /* its start has failed */
                        continue;
                r = sd_bus_message_append(reply, "{u(is)}", (uint32_t)process->pid,
                                          (int32_t)process->exit_code,
                                          result_to_string(process->result));
        }
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int method_stop_all(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        g_autoptr(GPtrArray) live = NULL;
        Face *face = userdata;
        const Grant *grant;
        Now now = now_read();
        int force, r;

        r = sd_bus_message_read(m, "b", &force);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the arguments");
        r = access_authorize(face, m, ACCESS_CONTROL, NULL, &grant, error);
        if (r != 0)
                return r;
        if (held_is_full(face, grant_peer(grant)))
                return bus_fail_limit(error, "calls of one connection that wait");
        live = supervisor_stop_all(face->supervisor, grant, grant_caller(grant)->uid,
                                   force ? STOP_FORCE : STOP_ASK, &now);
        return held_wait(face, m, live, WAIT_EMPTIED, WAIT_MODE_ALL, USEC_INFINITY, reply_stopped,
                         NULL, error);
}

static int reply_shutdown(Held *held, WaitOutcome outcome) {
        Supervisor *supervisor = held->face->supervisor;
        uid_t uid = grant_caller(held->grant)->uid;

        supervisor_cleanup(supervisor, held->grant, uid);
        supervisor_cleanup_groups(supervisor, held->grant, uid);
        if (outcome == WAIT_STUCK)
                return fail_survivors(held->m, held->face, held->processes);
        return sd_bus_reply_method_return(held->m, NULL);
}

static int method_shutdown(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        g_autoptr(GPtrArray) live = NULL;
        Face *face = userdata;
        const Grant *grant;
        Now now = now_read();
        int r;

        r = access_authorize(face, m, ACCESS_CONTROL, NULL, &grant, error);
        if (r != 0)
                return r;
        if (held_is_full(face, grant_peer(grant)))
                return bus_fail_limit(error, "calls of one connection that wait");
        live = supervisor_stop_all(face->supervisor, grant, grant_caller(grant)->uid, STOP_ASK,
                                   &now);
        return held_wait(face, m, live, WAIT_EMPTIED, WAIT_MODE_ALL, USEC_INFINITY, reply_shutdown,
                         grant, error);
}

static int method_cleanup_finished(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Face *face = userdata;
        const Grant *grant;
        int r = access_authorize(face, m, ACCESS_CONTROL, NULL, &grant, error);

        if (r != 0)
                return r;
        return sd_bus_reply_method_return(
                m, "u", supervisor_cleanup(face->supervisor, grant, grant_caller(grant)->uid));
}

static int method_get_stats(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        g_autoptr(sd_bus_message) reply = NULL;
        Face *face = userdata;
        const Grant *grant;
        int r = access_authorize(face, m, ACCESS_INSPECT, NULL, &grant, error);

        if (r != 0)
                return r;
        r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = stats_append(reply, face->supervisor, grant_scope(grant));
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot count");
        return sd_bus_send(NULL, reply, NULL);
}

static int subscribe(sd_bus_message *m, Face *face, bool subscribed, sd_bus_error *error) {
        const Grant *grant;
        int r = access_authorize(face, m, ACCESS_INSPECT, NULL, &grant, error);

        if (r != 0)
                return r;
        peer_subscribe(grant_peer(grant), subscribed);
        return sd_bus_reply_method_return(m, NULL);
}

static int method_subscribe(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return subscribe(m, userdata, true, error);
}

static int method_unsubscribe(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return subscribe(m, userdata, false, error);
}

/* Properties are counted for who asks. */
static uid_t scope_of_current(Face *face) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus_message *m = sd_bus_get_current_message(face->bus);
        const Grant *grant;
        int r = m ? access_authorize(face, m, ACCESS_INSPECT, NULL, &grant, &error) : -EPERM;

        sd_bus_error_free(&error);
        return r != 0 ? face->uid : grant_scope(grant);
}

static int get_version(sd_bus *bus, const char *path, const char *interface, const char *property,
                       sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return sd_bus_message_append(m, "s", PROCTOR_VERSION);
}

static int get_features(sd_bus *bus, const char *path, const char *interface, const char *property,
                        sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Face *face = userdata;

        return sd_bus_message_append_strv(m, face->features);
}

static int get_n_processes(sd_bus *bus, const char *path, const char *interface,
                           const char *property, sd_bus_message *m, void *userdata,
                           sd_bus_error *error) {
        Face *face = userdata;

        return sd_bus_message_append(m, "u",
                                     supervisor_count(face->supervisor, scope_of_current(face)));
}

static int get_n_running(sd_bus *bus, const char *path, const char *interface, const char *property,
                         sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Face *face = userdata;

        return sd_bus_message_append(
                m, "u", supervisor_count_running(face->supervisor, scope_of_current(face)));
}

const sd_bus_vtable manager_vtable[] = {
        SD_BUS_VTABLE_START(0),

        SD_BUS_METHOD_WITH_ARGS("StartProcess", SD_BUS_ARGS("as", command, "a{sv}", options),
                                SD_BUS_RESULT("o", process, "u", pid), method_start_process,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("AdoptProcess", SD_BUS_ARGS("u", pid, "a{sv}", options),
                                SD_BUS_RESULT("o", process), adopt_handler,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("GetProcess", SD_BUS_ARGS("u", pid), SD_BUS_RESULT("o", process),
                                method_get_process, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ListProcesses", SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("a(oussis)", processes), method_list_processes,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("WaitMany", SD_BUS_ARGS("ao", processes, "s", mode, "t", timeout),
                                SD_BUS_RESULT("a(ois)", finished), method_wait_many,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("SendSignalToAll", SD_BUS_ARGS("s", signal),
                                SD_BUS_RESULT("a{ub}", delivered), method_send_signal_to_all,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("StopAll", SD_BUS_ARGS("b", force),
                                SD_BUS_RESULT("a{u(is)}", stopped), method_stop_all,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("CleanupFinished", SD_BUS_NO_ARGS, SD_BUS_RESULT("u", forgotten),
                                method_cleanup_finished, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("CreateGroup", SD_BUS_ARGS("s", name, "a{sv}", options),
                                SD_BUS_RESULT("o", group), method_create_group,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("GetGroup", SD_BUS_ARGS("s", name), SD_BUS_RESULT("o", group),
                                method_get_group, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ListGroups", SD_BUS_NO_ARGS, SD_BUS_RESULT("a(os)", groups),
                                method_list_groups, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("GetStats", SD_BUS_NO_ARGS, SD_BUS_RESULT("a{sv}", stats),
                                method_get_stats, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Subscribe", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_subscribe,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Unsubscribe", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_unsubscribe,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Shutdown", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_shutdown,
                                SD_BUS_VTABLE_UNPRIVILEGED),

        SD_BUS_SIGNAL_WITH_NAMES("ProcessStarted", "ous",
                                 SD_BUS_PARAM(process) SD_BUS_PARAM(pid) SD_BUS_PARAM(name), 0),
        SD_BUS_SIGNAL_WITH_NAMES("ProcessExited", "ousis",
                                 SD_BUS_PARAM(process) SD_BUS_PARAM(pid) SD_BUS_PARAM(name)
                                         SD_BUS_PARAM(exit_code) SD_BUS_PARAM(result),
                                 0),
        SD_BUS_SIGNAL_WITH_NAMES("ProcessHung", "oustss",
                                 SD_BUS_PARAM(process) SD_BUS_PARAM(pid) SD_BUS_PARAM(name)
                                         SD_BUS_PARAM(idle) SD_BUS_PARAM(evidence)
                                                 SD_BUS_PARAM(action),
                                 0),

        SD_BUS_PROPERTY("Version", "s", get_version, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Features", "as", get_features, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("NProcesses", "u", get_n_processes, 0, 0),
        SD_BUS_PROPERTY("NRunning", "u", get_n_running, 0, 0),

        SD_BUS_VTABLE_END,
};
