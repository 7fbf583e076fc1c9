/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The dossier of a process that hung, filled with what hostile tasks say of themselves, and written
 * into a message. The bytes are lines: a letter says which of the dossier's functions gets the rest.
 * With clang it is a target for libFuzzer; linked with main.c it runs a corpus. */

#include <assert.h>
#include <glib.h>
#include <string.h>
#include <sys/socket.h>

#include "bus/bus-cleanup.h"
#include "bus/dossier.h"

#define LINES_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Messages want a bus; nobody is at its other end. */
static sd_bus *make_bus(void) {
        sd_bus *bus = NULL;
        int fds[2];

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0 || sd_bus_new(&bus) < 0 ||
            sd_bus_set_fd(bus, fds[0], fds[0]) < 0 || sd_bus_start(bus) < 0)
                abort();
        return bus;
}

static void fill(Dossier *dossier, const char *line, DossierTask **task) {
        const uint64_t arguments[DOSSIER_N_ARGUMENTS] = {UINT64_MAX, strlen(line)};
        DossierTask *next;

        switch (*line) {
        case 't': /* a task: its state, its name */
                next = dossier_add_task(dossier, 1, (pid_t)strlen(line), line[1],
                                        line + (line[1] ? 2 : 1));
                *task = next ?: *task;
                break;
        case 'w':
                dossier_set_wait_channel(dossier, *task, line + 1);
                break;
        case 's':
                dossier_set_system_call(dossier, *task, line + 1, arguments);
                break;
        case 'd':
                dossier_add_descriptor(dossier, *task, (unsigned)strlen(line), line + 1);
                break;
        case 'b':
                dossier_begin_descriptors(*task);
                break;
        case 'c':
                dossier_conceal(*task);
                break;
        default:
                break;
        }
}

static void check_text(const char *text, size_t max) {
        if (!text)
                return;
        assert(strlen(text) <= max && g_utf8_validate(text, -1, NULL));
        for (const char *p = text; *p; p = g_utf8_next_char(p))
                assert(g_unichar_isprint(g_utf8_get_char(p)));
}

static void check(const Dossier *dossier) {
        assert(dossier->tasks->len <= DOSSIER_TASKS_MAX);
        assert(dossier->bytes <= DOSSIER_BYTES_MAX + DOSSIER_N_STREAMS * DOSSIER_OUTPUT_MAX);
        for (unsigned i = 0; i < dossier->tasks->len; i++) {
                const DossierTask *task = dossier->tasks->pdata[i];

                assert(task->name && task->state);
                check_text(task->name, DOSSIER_NAME_MAX);
                check_text(task->wait_channel, DOSSIER_NAME_MAX);
                check_text(task->system_call, DOSSIER_NAME_MAX);
                for (unsigned k = 0; task->descriptors && k < task->descriptors->len; k++)
                        check_text(g_array_index(task->descriptors, DossierDescriptor, k).target,
                                   DOSSIER_TARGET_MAX);
        }
}

static void write_down(const Dossier *dossier) {
        static sd_bus *bus;
        g_autoptr(sd_bus_message) m = NULL;

        if (!bus)
                bus = make_bus();
        if (sd_bus_message_new_signal(bus, &m, "/", "org.proctor1.Test", "Test") < 0)
                abort();
        assert(dossier_append(m, dossier) >= 0);
        assert(sd_bus_message_seal(m, 1, 0) >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const Now moment = {.realtime = 2, .monotonic = 1};
        g_autoptr(Dossier) dossier = dossier_new(DOSSIER_HANG, 0, &moment);
        g_autofree char *text = g_strndup((const char *)data, size);
        g_auto(GStrv) lines = g_strsplit(text, "\n", LINES_MAX);
        DossierTask *task = dossier_add_task(dossier, 1, 1, 'S', "");

        for (char **line = lines; *line; line++)
                fill(dossier, *line, &task);
        dossier_set_output(dossier, 0, data, size);
        check(dossier);
        write_down(dossier);
        return 0;
}
