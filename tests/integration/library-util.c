/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests of the library share. Everything that is started here is ended by its own
 * descriptor, and every wait has a deadline. */

#include "library-util.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

ProctorManager *library_embedded(void) {
        g_autoptr(GError) error = NULL;
        ProctorManager *manager = proctor_manager_new_embedded(NULL, &error);

        g_assert_no_error(error);
        return manager;
}

ProctorProcess *library_start_sh(ProctorManager *manager, const char *script) {
        g_autoptr(ProctorProcessConfig)
                config = proctor_process_config_new_argv("/bin/sh", "-c", script, NULL);
        g_autoptr(GError) error = NULL;

        proctor_process_config_set_stdout(config, "null");
        proctor_process_config_set_stderr(config, "null");
        ProctorProcess *process = proctor_manager_start(manager, config, NULL, &error);
        g_assert_no_error(error);
        return process;
}

void library_check_end(ProctorProcess *process, int exit_code, ProctorResult result) {
        g_autoptr(GError) error = NULL;
        ProctorResult got_result;
        int got_code;

        proctor_process_wait(process, DEADLINE, &got_code, &got_result, NULL, &error);
        g_assert_no_error(error);
        assert_int_equal(got_code, exit_code);
        assert_string_equal(proctor_result_to_string(got_result), proctor_result_to_string(result));
}

void library_check_error(const GError *error, GQuark domain, int code) {
        assert_non_null(error);
        if (!g_error_matches(error, domain, code))
                print_message("unexpected: %s %d: %s\n", g_quark_to_string(error->domain),
                              error->code, error->message);
        assert_true(g_error_matches(error, domain, code));
        /* For people: nothing of GDBus shows through. */
        assert_null(strstr(error->message, "GDBus"));
}

void library_on_ready(GObject *source, GAsyncResult *result, gpointer data) {
        *(GAsyncResult **)data = g_object_ref(result);
}

static gboolean library_on_deadline(gpointer data) {
        *(gboolean *)data = TRUE;
        return G_SOURCE_CONTINUE;
}

void library_until(LibraryCondition condition, gpointer data) {
        gboolean late = FALSE;
        guint source = g_timeout_add_seconds(DEADLINE / SECOND, library_on_deadline, &late);

        while (!condition(data) && !late)
                g_main_context_iteration(NULL, TRUE);
        g_source_remove(source);
        assert_false(late);
}

static gboolean library_has_result(gpointer data) {
        return *(GAsyncResult **)data != NULL;
}

GAsyncResult *library_await(GAsyncResult **result) {
        library_until(library_has_result, result);
        return *result;
}

int library_pidfd(guint pid) {
        int fd = (int)syscall(SYS_pidfd_open, pid, 0);

        assert_true(fd >= 0);
        return fd;
}

gboolean library_gone(int pidfd, guint timeout_ms) {
        struct pollfd poll_fd = {.fd = pidfd, .events = POLLIN};

        return poll(&poll_fd, 1, (int)timeout_ms) == 1;
}

#define BUS_CONFIG                                                                                 \
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n"     \
        " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"                      \
        "<busconfig><type>session</type><listen>unix:dir=%s</listen>\n"                            \
        "<policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>\n"         \
        "<allow eavesdrop=\"true\"/><allow own=\"*\"/></policy>\n"                                 \
        "<limit name=\"max_replies_per_connection\">128</limit></busconfig>\n"

/* A test that fails leaves by longjmp: what it has started still ends with it. */
static void library_die_with_us(gpointer data) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static GSubprocess *library_spawn(GSubprocessFlags flags, const char *const *command) {
        g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(flags);
        g_autoptr(GError) error = NULL;
        GSubprocess *subprocess;

        g_subprocess_launcher_set_child_setup(launcher, library_die_with_us, NULL, NULL);
        subprocess = g_subprocess_launcher_spawnv(launcher, command, &error);
        g_assert_no_error(error);
        return subprocess;
}

LibraryBus *library_bus_new(void) {
        LibraryBus *bus = g_new0(LibraryBus, 1);
        g_autofree char *config_path = NULL, *config = NULL, *option = NULL;
        g_autoptr(GDataInputStream) output = NULL;
        g_autoptr(GError) error = NULL;

        bus->directory = g_dir_make_tmp("proctor-test-XXXXXX", &error);
        g_assert_no_error(error);
        config_path = g_build_filename(bus->directory, "bus.conf", NULL);
        config = g_strdup_printf(BUS_CONFIG, bus->directory);
        g_file_set_contents(config_path, config, -1, &error);
        g_assert_no_error(error);

        option = g_strdup_printf("--config-file=%s", config_path);
        const char *const command[] = {"dbus-daemon", option, "--nofork", "--print-address", NULL};
        bus->daemon = library_spawn(G_SUBPROCESS_FLAGS_STDOUT_PIPE, command);
        output = g_data_input_stream_new(g_subprocess_get_stdout_pipe(bus->daemon));
        bus->address = g_data_input_stream_read_line(output, NULL, NULL, &error);
        g_assert_no_error(error);
        assert_non_null(bus->address);
        return bus;
}

/* Whether the service has its name; asked until it has, for there is no other sign from outside. */
static void library_bus_wait_for_name(LibraryBus *bus) {
        g_autoptr(GError) error = NULL;

        for (gint64 end = g_get_monotonic_time() + (gint64)DEADLINE;;) {
                g_autoptr(ProctorManager)
                        manager = proctor_manager_new_for_address(bus->address, NULL, &error);

                if (manager)
                        return;
                library_check_error(error, PROCTOR_ERROR, PROCTOR_ERROR_UNAVAILABLE);
                g_clear_error(&error);
                assert_true(g_get_monotonic_time() < end);
                g_usleep(5000);
        }
}

void library_bus_start_service(LibraryBus *bus) {
        g_autofree char *option = g_strdup_printf("--address=%s", bus->address);
        const char *const command[] = {g_getenv("PROCTOR_DAEMON"), option, NULL};

        bus->service = library_spawn(G_SUBPROCESS_FLAGS_NONE, command);
        library_bus_wait_for_name(bus);
}

static void library_end(GSubprocess **subprocess, int signal_number) {
        if (!*subprocess)
                return;
        g_subprocess_send_signal(*subprocess, signal_number);
        g_subprocess_wait(*subprocess, NULL, NULL);
        g_clear_object(subprocess);
}

void library_bus_kill_service(LibraryBus *bus) {
        library_end(&bus->service, SIGKILL);
}

void library_bus_free(LibraryBus *bus) {
        g_autofree char *config_path = g_build_filename(bus->directory, "bus.conf", NULL);

        library_end(&bus->service, SIGTERM);
        library_end(&bus->daemon, SIGTERM);
        g_unlink(config_path);
        g_rmdir(bus->directory);
        g_free(bus->directory);
        g_free(bus->address);
        g_free(bus);
}

ProctorManager *library_bus_manager(LibraryBus *bus) {
        g_autoptr(GError) error = NULL;
        ProctorManager *manager = proctor_manager_new_for_address(bus->address, NULL, &error);

        g_assert_no_error(error);
        return manager;
}
