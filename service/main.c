/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctord: ties the parts together. Reads the command line, opens the one connection, makes the
 * hands (sys), the supervisor (core) and the face (bus), runs the loop, and leaves in order: what it
 * manages is ended under one deadline, the last signals are flushed, then it goes. */

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <glib-unix.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/parse.h"
#include "bus/connect.h"
#include "bus/face.h"
#include "bus/leave.h"
#include "bus/presence.h"
#include "config.h"
#include "core/supervisor.h"
#include "dbus/proctor-names.h"
#include "idle-source.h"
#include "sys/accounts.h"
#include "sys/hands.h"
#include "sys/self.h"
#include "trim-source.h"

#define CONFIG_FILE PROCTOR_SYSCONFDIR "/proctor/proctord.conf"

static gboolean arg_system;
static gboolean arg_session;
static char *arg_config;
static char *arg_address;
static char *arg_private_fd;
static char *arg_containment;
static char *arg_log_level;
static char *arg_exit_idle;
static gboolean arg_version;

static const GOptionEntry entries[] = {
        {"system", 0, 0, G_OPTION_ARG_NONE, &arg_system,
         "Serve all users on the system bus, as root", NULL},
        {"session", 0, 0, G_OPTION_ARG_NONE, &arg_session, "Serve on the session bus", NULL},
        {"address", 0, 0, G_OPTION_ARG_STRING, &arg_address, "Serve on the bus at ADDRESS",
         "ADDRESS"},
        {"private-fd", 0, 0, G_OPTION_ARG_STRING, &arg_private_fd,
         "Serve the one connection on descriptor N, and end with it", "N"},
        {"config", 0, 0, G_OPTION_ARG_FILENAME, &arg_config,
         "Read settings from FILE; with --system by default from " CONFIG_FILE, "FILE"},
        {"containment", 0, 0, G_OPTION_ARG_STRING, &arg_containment,
         "Hold trees by KIND: auto, cgroup, subreaper or process-group", "KIND"},
        {"exit-idle", 0, 0, G_OPTION_ARG_STRING, &arg_exit_idle,
         "Leave after SECONDS in which nobody used the service, or never with infinity", "SECONDS"},
        {"log-level", 0, 0, G_OPTION_ARG_STRING, &arg_log_level,
         "Log from LEVEL on: DEBUG, INFO, WARNING or ERROR", "LEVEL"},
        {"version", 0, 0, G_OPTION_ARG_NONE, &arg_version, "Print the version", NULL},
        {},
};

typedef struct Service {
        GMainLoop *loop;
        Self self;
        char **environment;
        ContainmentKind containment;
        Config config;
        usec_t exit_idle; /* from the command line; 0: it does not say */
        int private_fd;   /* until the connection has it */
        Sys *sys;
        Supervisor *supervisor;
        sd_bus *bus; /* the first one; the presence's, once there is one */
        Face *face;
        Presence *presence; /* has the connection, once there is a face */
        GSource *idle_source;
        GSource *trim_source;
        int signal_fd;
} Service;

static int complain(const char *format, ...) G_GNUC_PRINTF(1, 2);

static int complain(const char *format, ...) {
        va_list args;

        fputs("proctord: ", stderr);
        va_start(args, format);
        vfprintf(stderr, format, args);
        va_end(args);
        fputc('\n', stderr);
        return -EINVAL;
}

static void begin_end(Service *service) {
        Now now = now_read();

        sd_notify(false, "STOPPING=1");
        if (service->presence)
                presence_end(service->presence);
        supervisor_end(service->supervisor, &now);
}

static void on_deadline(void *userdata) {
        Service *service = userdata;
        Now now = now_read();

        supervisor_tick(service->supervisor, &now);
}

static void on_resumed(void *userdata, usec_t since) {
        Service *service = userdata;
        Now now = now_read();

        log_debug("did not run for up to %" PRIu64 " ms",
                  usec_sub(now.monotonic, since) / USEC_PER_MSEC);
        if (service->supervisor)
                supervisor_resume(service->supervisor, since, &now);
}

static void on_idle(void *userdata) {
        Service *service = userdata;

        g_main_loop_quit(service->loop);
}

static void on_lost(void *userdata, int error) {
        Service *service = userdata;

        if (arg_private_fd)
                log_debug("the connection has closed");
        else
                log_error("lost the bus: %s", g_strerror(-error));
        begin_end(service);
}

static gboolean on_signal(int fd, GIOCondition condition, void *userdata) {
        struct signalfd_siginfo info;

        if (read(fd, &info, sizeof info) != (ssize_t)sizeof info)
                return G_SOURCE_CONTINUE;
        log_info("ending: signal %u", info.ssi_signo);
        begin_end(userdata);
        return G_SOURCE_CONTINUE;
}

static int check_private_fd(const char *text, int *ret) {
        int domain, type;
        socklen_t length = sizeof(int);
        uint64_t fd;

        if (parse_uint64(text, G_MAXINT, &fd) < 0)
                return complain("--private-fd=%s: expected the number of a descriptor", text);
        if (getsockopt((int)fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) < 0 ||
            getsockopt((int)fd, SOL_SOCKET, SO_TYPE, &type, &length) < 0 || domain != AF_UNIX ||
            type != SOCK_STREAM)
                return complain("--private-fd=%s: expected one end of a Unix stream socket pair",
                                text);
        *ret = (int)fd;
        return 0;
}

static int check_exit_idle(usec_t *ret) {
        uint64_t seconds;

        if (!arg_exit_idle)
                return 0;
        if (strcmp(arg_exit_idle, "infinity") == 0) {
                *ret = USEC_INFINITY;
                return 0;
        }
        if (parse_uint64(arg_exit_idle, UINT32_MAX, &seconds) < 0 || seconds == 0)
                return -EINVAL;
        *ret = seconds * USEC_PER_SEC;
        return 0;
}

static int check_arguments(int argc, Service *service) {
        int n_connections = arg_system + arg_session + !!arg_address + !!arg_private_fd;

        if (argc > 1)
                return complain("unexpected argument; see 'proctord --help'");
        if (n_connections != 1)
                return complain("expected one of --system, --session, --address=ADDRESS and "
                                "--private-fd=N");
        if (arg_system && geteuid() != 0)
                return complain("--system: expected to be run as root");
        service->containment = CONTAINMENT_AUTO;
        if (arg_containment)
                service->containment = containment_kind_from_string(arg_containment);
        if (service->containment < 0)
                return complain("--containment=%s: expected auto, cgroup, subreaper or "
                                "process-group",
                                arg_containment);
        if (arg_log_level && log_level_from_string(arg_log_level) < 0)
                return complain("--log-level=%s: expected DEBUG, INFO, WARNING or ERROR",
                                arg_log_level);
        if (arg_log_level)
                log_set_level(log_level_from_string(arg_log_level));
        if (arg_exit_idle && arg_private_fd)
                return complain("--exit-idle: a private service ends with its connection");
        if (check_exit_idle(&service->exit_idle) < 0)
                return complain("--exit-idle=%s: expected whole seconds from 1 on, or infinity",
                                arg_exit_idle);
        return arg_private_fd ? check_private_fd(arg_private_fd, &service->private_fd) : 0;
}

static int parse_arguments(int argc, char *argv[], Service *service) {
        g_autoptr(GOptionContext) context = g_option_context_new(
                "- start, watch and end processes for callers on D-Bus");
        g_autoptr(GError) error = NULL;

        g_option_context_add_main_entries(context, entries, NULL);
        if (!g_option_context_parse(context, &argc, &argv, &error))
                return complain("%s; see 'proctord --help'", error->message);
        if (arg_version) {
                puts("proctord " PROCTOR_VERSION);
                return 1;
        }
        return check_arguments(argc, service);
}

static ConfigBase choose_base(Service *service) {
        if (arg_system)
                return CONFIG_SYSTEM;
        /* one that nothing starts again stays, unless it is told to leave */
        return arg_session && connect_can_activate(service->bus) > 0 ? CONFIG_SESSION : CONFIG_OWN;
}

static int read_config(Service *service) {
        g_autoptr(GError) error = NULL;
        Config *config = &service->config;
        bool loaded = true;

        config_init(config, choose_base(service));
        if (arg_config)
                loaded = config_load(config, arg_config, CONFIG_FILE_REQUIRED, &error);
        else if (arg_system)
                loaded = config_load(config, CONFIG_FILE, CONFIG_FILE_OPTIONAL, &error);
        if (!loaded)
                return complain("%s", error->message);
        if (service->exit_idle != 0)
                config->exit_idle = service->exit_idle;
        if (!arg_log_level)
                log_set_level(config->log_level);
        return 0;
}

static int open_bus(Service *service) {
        int r;

        if (arg_private_fd) {
                /* A private service lives as long as its connection. The keys of its caller's
                 * terminal (Ctrl-C, Ctrl-Z, a hang-up) are meant for the caller, who decides what
                 * they do to what runs here. A leader of a group, for whom this fails, was put
                 * apart already. */
                (void)setsid();
                r = connect_private(steal_fd(&service->private_fd), &service->bus);
        } else if (arg_system) {
                r = connect_system(&service->bus);
        } else if (arg_session) {
                r = connect_session(&service->bus);
        } else {
                r = connect_address(arg_address, &service->bus);
        }
        if (r < 0)
                return complain("cannot connect to the %s: %s",
                                arg_private_fd ? "private peer"
                                : arg_system   ? "system bus"
                                : arg_session  ? "session bus"
                                               : "bus",
                                g_strerror(-r));
        return 0;
}

static int make_world(Service *service) {
        SysConfig config = {
                .environment = (const char *const *)service->environment,
                .self = &service->self,
                .containment = service->containment,
                .becomes_users = arg_system,
                .output_bytes_per_user = service->config.output_bytes_per_user,
                .root_factor = service->config.supervisor.root_factor,
                .notify_per_sec = service->config.notify_per_sec,
                .on_deadline = on_deadline,
                .on_resumed = on_resumed,
                .userdata = service,
        };
        int r = sys_new(&config, &service->sys);

        if (r < 0)
                return complain("cannot prepare to start processes%s%s: %s",
                                arg_containment ? " by " : "",
                                arg_containment ? arg_containment : "", g_strerror(-r));
        return 0;
}

static int make_face(Service *service) {
        g_auto(GStrv) features = sys_features(service->sys);
        Now now = now_read();
        Hands hands;
        int r;

        r = face_new(arg_private_fd ? FACE_PRIVATE
                     : arg_system   ? FACE_SYSTEM
                                    : FACE_BUS,
                     service->bus, features, &service->face);
        if (r < 0)
                return complain("cannot serve on the connection: %s", g_strerror(-r));
        sys_fill_hands(service->sys, &hands);
        service->supervisor = supervisor_new(&hands, &service->config.supervisor, &face_events,
                                             service->face, &now);
        face_set_limits(service->face, &service->config.face);
        face_set_supervisor(service->face, service->supervisor);
        face_set_idle(service->face, on_idle, service);
        service->presence = presence_new(
                &(PresenceConfig){
                        .face = service->face,
                        /* a session that has lost its bus has ended */
                        .reconnect = arg_system ? connect_system : NULL,
                        .lost = on_lost,
                        .userdata = service,
                },
                service->bus);
        return 0;
}

static void on_left(void *userdata, LeaveEnd end) {
        Service *service = userdata;

        if (end == LEAVE_STAYED) {
                log_debug("was called while leaving: staying");
                return;
        }
        log_debug("nobody uses the service: ending");
        begin_end(service);
}

static bool look_for_use(void *userdata, uint64_t *ret_uses) {
        Service *service = userdata;

        *ret_uses = face_count_callers(service->face);
        return !face_is_unused(service->face) || !supervisor_is_unused(service->supervisor);
}

static void leave(void *userdata) {
        Service *service = userdata;
        /* The manager takes a unit that has lost its name for one that runs, and would start none for
         * who calls. It has to know before that the unit is leaving, and there is no way back. */
        LeaveKind kind = sd_notify(false, "STOPPING=1") > 0 ? LEAVE_FINAL : LEAVE_REVOCABLE;
        int r = leave_begin(service->face, kind, on_left, service);

        if (r >= 0)
                return;
        log_warning("cannot give up the name " PROCTOR_BUS_NAME ": %s", g_strerror(-r));
        begin_end(service);
}

static void watch_use(Service *service) {
        if (arg_private_fd || service->config.exit_idle == USEC_INFINITY)
                return;
        service->idle_source = idle_source_new(&(IdleSourceConfig){
                .after = service->config.exit_idle,
                .look = look_for_use,
                .leave = leave,
                .userdata = service,
        });
}

static uint64_t look_for_gone(void *userdata, bool *ret_some_left) {
        return supervisor_count_gone(((Service *)userdata)->supervisor, ret_some_left);
}

static int take_name(Service *service) {
        int r;

        if (arg_private_fd)
                return 0;
        r = sd_bus_request_name(service->bus, PROCTOR_BUS_NAME, 0);
        if (r == -EEXIST)
                return complain("the name " PROCTOR_BUS_NAME " is taken: another proctord serves "
                                "this bus");
        if (r < 0)
                return complain("cannot take the name " PROCTOR_BUS_NAME ": %s", g_strerror(-r));
        return 0;
}

static int watch_signals(Service *service) {
        sigset_t mask;

        sigemptyset(&mask);
        sigaddset(&mask, SIGTERM);
        sigaddset(&mask, SIGINT);
        sigaddset(&mask, SIGHUP);
        sigaddset(&mask, SIGUSR1); /* systemd's word for a restart, see the unit */
        if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
                return complain("cannot block signals: %s", g_strerror(errno));
        service->signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
        if (service->signal_fd < 0)
                return complain("cannot watch signals: %s", g_strerror(errno));
        g_unix_fd_add_full(G_PRIORITY_HIGH, service->signal_fd, G_IO_IN, on_signal, service, NULL);
        return 0;
}

static gboolean on_ping(void *userdata) {
        sd_notify(false, "WATCHDOG=1");
        return G_SOURCE_CONTINUE;
}

/* The manager's watchdog over this service. At the bus's priority: a loop that no longer gets to its
 * callers falls silent. */
static void ping_manager(void) {
        uint64_t usec;

        if (sd_watchdog_enabled(false, &usec) > 0)
                g_timeout_add((guint)MIN(usec / 2000, G_MAXUINT), on_ping, NULL);
}

static int set_up(int argc, char *argv[], Service *service) {
        int r;

        r = self_prepare(&service->self);
        if (r < 0)
                return complain("cannot prepare itself: %s", g_strerror(-r));
        r = parse_arguments(argc, argv, service);
        if (r == 0 && !arg_session)
                r = read_config(service);
        if (r == 0)
                r = watch_signals(service);
        if (r == 0)
                r = open_bus(service);
        if (r == 0 && arg_session) /* the bus has a say in the defaults */
                r = read_config(service);
        if (r == 0)
                r = make_world(service);
        if (r == 0)
                r = make_face(service);
        if (r == 0)
                r = take_name(service);
        return r;
}

static void drop_source(GSource *source) {
        if (!source)
                return;
        g_source_destroy(source);
        g_source_unref(source);
}

static void tear_down(Service *service) {
        drop_source(service->trim_source);
        drop_source(service->idle_source);
        face_free(service->face);
        supervisor_free(service->supervisor);
        sys_free(service->sys);
        if (!service->presence)
                sd_bus_flush_close_unref(service->bus);
        presence_free(service->presence);
        safe_close(service->private_fd);
        safe_close(service->signal_fd);
        g_strfreev(service->environment);
        g_main_loop_unref(service->loop);
}

int main(int argc, char *argv[]) {
        Service service = {.private_fd = -EBADF, .signal_fd = -EBADF};
        int r;

        if (argc == 3 && strcmp(argv[1], ACCOUNT_HELPER_OPTION) == 0)
                return account_helper(argv[2]);
        service.environment = g_get_environ();
        service.loop = g_main_loop_new(NULL, FALSE);
        r = set_up(argc, argv, &service);
        if (r == 0) {
                sd_notify(false, "READY=1");
                ping_manager();
                watch_use(&service);
                service.trim_source = trim_source_new(&(TrimSourceConfig){
                        .look = look_for_gone,
                        .userdata = &service,
                });
                g_main_loop_run(service.loop);
        }
        tear_down(&service);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
