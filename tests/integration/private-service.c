/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* See the header. The service gets one end of a socket pair as its --private-fd. */

#include "private-service.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE (30 * SEC)

static void clear_hang(void *data) {
        g_free(((ServiceHang *)data)->path);
}

static int on_message(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        PrivateService *service = userdata;
        ServiceHang hang = {.at = (uint64_t)g_get_monotonic_time()};

        if (sd_bus_message_is_signal(m, PROCESS, "Hung") > 0 &&
            sd_bus_message_read(m, "t", &hang.idle) >= 0) {
                hang.path = g_strdup(sd_bus_message_get_path(m));
                g_array_append_val(service->hangs, hang);
        }
        return 0;
}

void service_write(const char *path, const char *text) {
        int fd = open(path, O_WRONLY | O_CLOEXEC);

        assert_true(fd >= 0);
        assert_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
        close(fd);
}

static void run_service(const ServiceSettings *settings, int end) {
        g_autoptr(GPtrArray) argv = g_ptr_array_new();
        g_autofree char *option = g_strdup_printf("--private-fd=%d", end);

        for (const char *const *word = settings->wrapper; word && *word; word++)
                g_ptr_array_add(argv, (char *)*word);
        g_ptr_array_add(argv, (char *)g_getenv("PROCTOR_DAEMON"));
        g_ptr_array_add(argv, option);
        if (settings->containment)
                g_ptr_array_add(argv, g_strdup_printf("--containment=%s", settings->containment));
        g_ptr_array_add(argv, NULL);
        for (const char *const *line = settings->environment; line && *line; line++)
                putenv((char *)*line);
        if (settings->cgroup) {
                g_autofree char *procs = g_build_filename(settings->cgroup, "cgroup.procs", NULL);

                service_write(procs, "0");
        }
        fcntl(end, F_SETFD, 0);
        execvp(argv->pdata[0], (char **)argv->pdata);
        _exit(127);
}

void service_begin(PrivateService *service, const ServiceSettings *settings) {
        static const ServiceSettings by_default;
        int ends[2];

        settings = settings ?: &by_default;
        assert_non_null(g_getenv("PROCTOR_DAEMON"));
        *service = (PrivateService){.hangs = g_array_new(FALSE, FALSE, sizeof(ServiceHang))};
        g_array_set_clear_func(service->hangs, clear_hang);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        service->pid = fork();
        assert_true(service->pid >= 0);
        if (service->pid == 0)
                run_service(settings, ends[1]);
        close(ends[1]);
        assert_true(sd_bus_new(&service->bus) >= 0);
        assert_true(sd_bus_set_fd(service->bus, ends[0], ends[0]) >= 0);
        assert_true(sd_bus_negotiate_fds(service->bus, 1) >= 0);
        assert_true(sd_bus_start(service->bus) >= 0);
        assert_true(sd_bus_add_filter(service->bus, NULL, on_message, service) >= 0);
        service_set(service, ROOT, WATCHDOG, "CheckIntervalUSec",
                    settings->check_interval ?: 20 * MSEC);
}

void service_end(PrivateService *service) {
        sd_bus_flush_close_unref(service->bus);
        waitpid(service->pid, NULL, 0);
        g_array_unref(service->hangs);
}

sd_bus_message *service_method(PrivateService *service, const char *path, const char *interface,
                               const char *member) {
        sd_bus_message *m = NULL;

        assert_true(sd_bus_message_new_method_call(service->bus, &m, NULL, path, interface,
                                                   member) >= 0);
        return m;
}

sd_bus_message *service_call(PrivateService *service, sd_bus_message *m) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus_message *reply = NULL;

        if (sd_bus_call(service->bus, m, PATIENCE, &error, &reply) < 0)
                fail_msg("%s: %s: %s", sd_bus_message_get_member(m), error.name, error.message);
        sd_bus_message_unref(m);
        return reply;
}

char *service_start(PrivateService *service, const char *const *argv, pid_t *ret_pid,
                    const char *types, ...) {
        sd_bus_message *m = service_method(service, ROOT, MANAGER, "StartProcess"), *reply;
        const char *path;
        uint32_t pid;
        va_list args;
        char *copy;

        assert_true(sd_bus_message_append_strv(m, (char **)argv) >= 0);
        va_start(args, types);
        assert_true(sd_bus_message_appendv(m, types, args) >= 0);
        va_end(args);
        reply = service_call(service, m);
        assert_true(sd_bus_message_read(reply, "ou", &path, &pid) >= 0);
        copy = g_strdup(path);
        if (ret_pid)
                *ret_pid = (pid_t)pid;
        sd_bus_message_unref(reply);
        return copy;
}

char *service_string(PrivateService *service, const char *path, const char *property) {
        char *value = NULL;

        assert_true(sd_bus_get_property_string(service->bus, NULL, path, PROCESS, property, NULL,
                                               &value) >= 0);
        return value;
}

uint64_t service_number(PrivateService *service, const char *path, const char *property) {
        uint64_t value = 0;

        assert_true(sd_bus_get_property_trivial(service->bus, NULL, path, PROCESS, property, NULL,
                                                't', &value) >= 0);
        return value;
}

void service_set(PrivateService *service, const char *path, const char *interface,
                 const char *property, uint64_t value) {
        assert_true(sd_bus_set_property(service->bus, NULL, path, interface, property, NULL, "t",
                                        value) >= 0);
}

/* The value of one key of the a{sv} that m stands before. */
static uint64_t find_number(sd_bus_message *m, const char *wanted) {
        uint64_t value = UINT64_MAX;
        const char *key;

        assert_true(sd_bus_message_enter_container(m, 'a', "{sv}") > 0);
        while (sd_bus_message_enter_container(m, 'e', "sv") > 0) {
                assert_true(sd_bus_message_read(m, "s", &key) > 0);
                if (strcmp(key, wanted) == 0)
                        assert_true(sd_bus_message_read(m, "v", "t", &value) > 0);
                else
                        assert_true(sd_bus_message_skip(m, "v") > 0);
                assert_true(sd_bus_message_exit_container(m) > 0);
        }
        assert_true(sd_bus_message_exit_container(m) > 0);
        return value;
}

uint64_t service_suppressed(PrivateService *service) {
        sd_bus_message *reply = service_call(service,
                                             service_method(service, ROOT, MANAGER, "GetStats"));
        uint64_t value = UINT64_MAX;
        const char *key;

        assert_true(sd_bus_message_enter_container(reply, 'a', "{sv}") > 0);
        while (sd_bus_message_enter_container(reply, 'e', "sv") > 0) {
                assert_true(sd_bus_message_read(reply, "s", &key) > 0);
                if (strcmp(key, "Watchdog") == 0) {
                        assert_true(sd_bus_message_enter_container(reply, 'v', "a{sv}") > 0);
                        value = find_number(reply, "Suppressed");
                        assert_true(sd_bus_message_exit_container(reply) > 0);
                } else
                        assert_true(sd_bus_message_skip(reply, "v") > 0);
                assert_true(sd_bus_message_exit_container(reply) > 0);
        }
        sd_bus_message_unref(reply);
        assert_true(value != UINT64_MAX);
        return value;
}

/* One turn; waits for usec at the most. */
static void turn(PrivateService *service, uint64_t usec) {
        int r = sd_bus_process(service->bus, NULL);

        if (r == 0)
                r = sd_bus_wait(service->bus, usec);
        assert_true(r >= 0 || r == -EINTR);
}

void service_run(PrivateService *service, uint64_t usec) {
        uint64_t end = (uint64_t)g_get_monotonic_time() + usec, now;

        while ((now = (uint64_t)g_get_monotonic_time()) < end)
                turn(service, end - now);
}

void service_until(PrivateService *service, bool (*check)(void *userdata), void *userdata) {
        uint64_t end = (uint64_t)g_get_monotonic_time() + PATIENCE;

        while (!check(userdata)) {
                assert_true((uint64_t)g_get_monotonic_time() < end);
                turn(service, 5 * MSEC);
        }
}

static ServiceHang *first_hang(PrivateService *service, const char *path) {
        for (unsigned i = 0; i < service->hangs->len; i++) {
                ServiceHang *hang = &g_array_index(service->hangs, ServiceHang, i);

                if (strcmp(hang->path, path) == 0)
                        return hang;
        }
        return NULL;
}

unsigned service_count_hangs(PrivateService *service, const char *path) {
        unsigned n = 0;

        for (unsigned i = 0; i < service->hangs->len; i++)
                n += strcmp(g_array_index(service->hangs, ServiceHang, i).path, path) == 0;
        return n;
}

uint64_t service_told_idle(PrivateService *service, const char *path) {
        return first_hang(service, path)->idle;
}

uint64_t service_await_hang(PrivateService *service, const char *path) {
        uint64_t end = (uint64_t)g_get_monotonic_time() + PATIENCE;

        while (!first_hang(service, path)) {
                assert_true((uint64_t)g_get_monotonic_time() < end);
                turn(service, 5 * MSEC);
        }
        return first_hang(service, path)->at;
}
