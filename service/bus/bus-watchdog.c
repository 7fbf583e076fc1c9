/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* org.proctor1.Watchdog: the defaults, the switch, and the verbs by PID. */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "bus/access.h"
#include "bus/adopt.h"
#include "bus/bus-error.h"
#include "bus/objects.h"
#include "bus/vtable.h"
#include "core/supervisor.h"
#include "dbus/proctor-names.h"

static int activate(sd_bus_message *m, Face *face, bool active, sd_bus_error *error) {
        Now now = now_read();
        const Grant *grant;
        int r = access_authorize(face, m, ACCESS_CONFIGURE, NULL, &grant, error);

        if (r != 0)
                return r;
        supervisor_watchdog_activate(face->supervisor, grant, active, &now);
        return sd_bus_reply_method_return(m, NULL);
}

static int method_start(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return activate(m, userdata, true, error);
}

static int method_stop(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return activate(m, userdata, false, error);
}

/* The running process of that PID; an error is set if there is none. */
static int find_running(Face *face, sd_bus_message *m, AccessAction action, Process **ret,
                        const Grant **ret_grant, sd_bus_error *error) {
        const Grant *grant;
        Process *process;
        uint32_t pid;
        int r;

        r = sd_bus_message_read(m, "u", &pid);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the arguments");
        r = access_authorize(face, m, action, NULL, &grant, error);
        if (r != 0)
                return r;
        process = supervisor_find_pid(face->supervisor, (pid_t)pid, grant_scope(grant));
        if (!process || !process_is_running(process))
                return bus_fail(error, PROCTOR_ERROR_NAME_NO_SUCH_PROCESS,
                                "No running process with PID %" PRIu32, pid);
        *ret = process;
        *ret_grant = grant;
        return 0;
}

static int method_unregister(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Face *face = userdata;
        Now now = now_read();
        const Grant *grant;
        Process *process;
        int r = find_running(face, m, ACCESS_CONTROL, &process, &grant, error);

        if (r != 0)
                return r;
        r = supervisor_watch(face->supervisor, grant, process, false, &now);
        if (r != 0)
                return bus_fail_core(error, r, process->id);
        return sd_bus_reply_method_return(m, NULL);
}

static int method_update_activity(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Face *face = userdata;
        Now now = now_read();
        const Grant *grant;
        Process *process;
        int r = find_running(face, m, ACCESS_CONTROL, &process, &grant, error);

        if (r != 0)
                return r;
        supervisor_report(face->supervisor, grant, process, ACTIVITY_REPORT, &now);
        return sd_bus_reply_method_return(m, NULL);
}

static int method_is_registered(sd_bus_message *m, void *userdata, sd_bus_error *error) {
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
        return sd_bus_reply_method_return(m, "b",
                                          process && supervisor_watches(face->supervisor, process));
}

#define GETTER(name, type, expression)                                                             \
        static int get_##name(sd_bus *bus, const char *path, const char *interface,                \
                              const char *property, sd_bus_message *m, void *userdata,             \
                              sd_bus_error *error) {                                               \
                Face *face = userdata;                                                             \
                const WatchdogDefaults *defaults = supervisor_watchdog_defaults(face->supervisor); \
                                                                                                   \
                (void)defaults;                                                                    \
                return sd_bus_message_append(m, type, expression);                                 \
        }

GETTER(check_interval, "t", defaults->check_interval)
GETTER(timeout, "t", defaults->policy.timeout)
GETTER(extra_buffer, "t", defaults->policy.extra_buffer)
GETTER(max_hang_time, "t", defaults->policy.max_hang_time)
GETTER(auto_kill, "b", defaults->policy.auto_kill)
GETTER(log_level, "s", log_level_to_string(log_get_level()))
GETTER(active, "b", supervisor_watchdog_is_active(face->supervisor))

static int check_interval(usec_t value, sd_bus_error *error) {
        if (value >= CHECK_INTERVAL_MIN && value <= CHECK_INTERVAL_MAX)
                return 0;
        return bus_fail_invalid(error, "CheckIntervalUSec: expected 1 ms to 1 h in µs");
}

static int set_duration(sd_bus *bus, const char *path, const char *interface, const char *property,
                        sd_bus_message *value, void *userdata, sd_bus_error *error) {
        Face *face = userdata;
        WatchdogDefaults defaults = *supervisor_watchdog_defaults(face->supervisor);
        Now now = now_read();
        const Grant *grant;
        usec_t usec;
        int r;

        r = sd_bus_message_read(value, "t", &usec);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the value");
        r = access_authorize(face, sd_bus_get_current_message(bus), ACCESS_CONFIGURE, NULL, &grant,
                             error);
        if (r != 0)
                return r;
        if (strcmp(property, "CheckIntervalUSec") == 0) {
                r = check_interval(usec, error);
                defaults.check_interval = usec;
        } else if (strcmp(property, "ProcessTimeoutUSec") == 0) {
                r = check_timeout(property, usec, TIMEOUT_MIN, error);
                defaults.policy.timeout = usec;
        } else if (strcmp(property, "ExtraBufferUSec") == 0)
                defaults.policy.extra_buffer = usec;
        else
                defaults.policy.max_hang_time = usec;
        if (r < 0)
                return r;
        supervisor_set_watchdog_defaults(face->supervisor, grant, &defaults, &now);
        return 1;
}

static int set_auto_kill(sd_bus *bus, const char *path, const char *interface, const char *property,
                         sd_bus_message *value, void *userdata, sd_bus_error *error) {
        Face *face = userdata;
        WatchdogDefaults defaults = *supervisor_watchdog_defaults(face->supervisor);
        Now now = now_read();
        const Grant *grant;
        int on, r;

        r = sd_bus_message_read(value, "b", &on);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the value");
        r = access_authorize(face, sd_bus_get_current_message(bus), ACCESS_CONFIGURE, NULL, &grant,
                             error);
        if (r != 0)
                return r;
        defaults.policy.auto_kill = on;
        supervisor_set_watchdog_defaults(face->supervisor, grant, &defaults, &now);
        return 1;
}

static int set_log_level(sd_bus *bus, const char *path, const char *interface, const char *property,
                         sd_bus_message *value, void *userdata, sd_bus_error *error) {
        Face *face = userdata;
        const char *word;
        const Grant *grant;
        int r;

        r = sd_bus_message_read(value, "s", &word);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the value");
        r = access_authorize(face, sd_bus_get_current_message(bus), ACCESS_CONFIGURE, NULL, &grant,
                             error);
        if (r != 0)
                return r;
        if (log_level_from_string(word) < 0)
                return bus_fail_invalid(error,
                                        "LogLevel: expected DEBUG, INFO, WARNING or ERROR, "
                                        "not '%s'",
                                        word);
        log_set_level(log_level_from_string(word));
        face_events.watchdog_changed(face);
        return 1;
}

#define WRITABLE(member, type, getter, setter)                                                     \
        SD_BUS_WRITABLE_PROPERTY(member, type, getter, setter, 0,                                  \
                                 SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE | SD_BUS_VTABLE_UNPRIVILEGED)

const sd_bus_vtable watchdog_vtable[] = {
        SD_BUS_VTABLE_START(0),

        SD_BUS_METHOD_WITH_ARGS("Start", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_start,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Stop", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_stop,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("RegisterProcess", SD_BUS_ARGS("u", pid, "a{sv}", options),
                                SD_BUS_RESULT("o", process), adopt_handler,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("UnregisterProcess", SD_BUS_ARGS("u", pid), SD_BUS_NO_RESULT,
                                method_unregister, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("UpdateActivity", SD_BUS_ARGS("u", pid), SD_BUS_NO_RESULT,
                                method_update_activity, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("IsRegistered", SD_BUS_ARGS("u", pid),
                                SD_BUS_RESULT("b", registered), method_is_registered,
                                SD_BUS_VTABLE_UNPRIVILEGED),

        WRITABLE("CheckIntervalUSec", "t", get_check_interval, set_duration),
        WRITABLE("ProcessTimeoutUSec", "t", get_timeout, set_duration),
        WRITABLE("ExtraBufferUSec", "t", get_extra_buffer, set_duration),
        WRITABLE("MaxHangTimeUSec", "t", get_max_hang_time, set_duration),
        WRITABLE("AutoKill", "b", get_auto_kill, set_auto_kill),
        WRITABLE("LogLevel", "s", get_log_level, set_log_level),
        SD_BUS_PROPERTY("Active", "b", get_active, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),

        SD_BUS_VTABLE_END,
};
