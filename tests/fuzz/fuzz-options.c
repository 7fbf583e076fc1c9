/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The options of StartProcess and AdoptProcess, of any types and values. The bytes say what is put
 * into a message: lines of a key, a type and a value, "Name s web". With clang it is a target for
 * libFuzzer; linked with main.c it runs a corpus. */

#include <assert.h>
#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bus/bus-cleanup.h"
#include "bus/options.h"

#define LINES_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Messages want a bus; nobody is at its other end. */
static sd_bus *make_bus(void) {
        sd_bus *bus = NULL;
        int fds[2];

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0 || sd_bus_new(&bus) < 0 ||
            sd_bus_negotiate_fds(bus, 1) < 0 || sd_bus_set_fd(bus, fds[0], fds[0]) < 0 ||
            sd_bus_start(bus) < 0)
                abort();
        return bus;
}

static void append_words(sd_bus_message *m, const char *value) {
        g_auto(GStrv) words = g_strsplit(value, " ", -1);

        (void)sd_bus_message_append_strv(m, words);
}

static void append_pairs(sd_bus_message *m, const char *value) {
        g_auto(GStrv) words = g_strsplit(value, " ", -1);

        (void)sd_bus_message_open_container(m, 'a', "{ss}");
        for (char **word = words; word[0] && word[1]; word += 2)
                (void)sd_bus_message_append(m, "{ss}", word[0], word[1]);
        (void)sd_bus_message_close_container(m);
}

static void append_limits(sd_bus_message *m, const char *value) {
        g_auto(GStrv) words = g_strsplit(value, " ", -1);

        (void)sd_bus_message_open_container(m, 'a', "{s(tt)}");
        for (char **word = words; word[0] && word[1] && word[2]; word += 3)
                (void)sd_bus_message_append(m, "{s(tt)}", word[0],
                                            g_ascii_strtoull(word[1], NULL, 0),
                                            g_ascii_strtoull(word[2], NULL, 0));
        (void)sd_bus_message_close_container(m);
}

static void append_value(sd_bus_message *m, const char *type, const char *value) {
        uint64_t number = g_ascii_strtoull(value, NULL, 0);

        (void)sd_bus_message_open_container(m, 'v', type);
        if (strcmp(type, "s") == 0)
                (void)sd_bus_message_append(m, "s", value);
        else if (strcmp(type, "as") == 0)
                append_words(m, value);
        else if (strcmp(type, "a{ss}") == 0)
                append_pairs(m, value);
        else if (strcmp(type, "a{s(tt)}") == 0)
                append_limits(m, value);
        else if (strcmp(type, "a{uh}") == 0)
                (void)sd_bus_message_append(m, "a{uh}", 1, (uint32_t)number, STDIN_FILENO);
        else if (strcmp(type, "(qq)") == 0)
                (void)sd_bus_message_append(m, "(qq)", (int)(number & 0xffff), 25);
        else if (strcmp(type, "h") == 0)
                (void)sd_bus_message_append(m, "h", STDIN_FILENO);
        else if (strcmp(type, "t") == 0 || strcmp(type, "x") == 0)
                (void)sd_bus_message_append(m, type, number);
        else if (strcmp(type, "d") == 0)
                (void)sd_bus_message_append(m, "d", (double)number);
        else
                (void)sd_bus_message_append(m, type, (int)number);
        (void)sd_bus_message_close_container(m);
}

static bool type_is_known(const char *type) {
        static const char *const types[] = {"s", "as", "a{ss}", "a{s(tt)}", "a{uh}", "(qq)",
                                            "h", "t",  "x",     "d",        "b",     "u",
                                            "i", "y",  "n",     "q",        NULL};

        return g_strv_contains(types, type);
}

static void append_line(sd_bus_message *m, const char *line) {
        g_auto(GStrv) parts = g_strsplit(line, " ", 3);

        if (g_strv_length(parts) < 3 || !type_is_known(parts[1]))
                return;
        (void)sd_bus_message_open_container(m, 'e', "sv");
        (void)sd_bus_message_append(m, "s", parts[0]);
        append_value(m, parts[1], parts[2]);
        (void)sd_bus_message_close_container(m);
}

static sd_bus_message *make_message(sd_bus *bus, const char *text) {
        g_auto(GStrv) lines = g_strsplit(text, "\n", LINES_MAX);
        sd_bus_message *m = NULL;

        if (sd_bus_message_new_method_call(bus, &m, NULL, "/", "org.proctor1.Manager",
                                           "StartProcess") < 0)
                abort();
        (void)sd_bus_message_open_container(m, 'a', "{sv}");
        for (char **line = lines; *line; line++)
                append_line(m, *line);
        (void)sd_bus_message_close_container(m);
        if (sd_bus_message_seal(m, 1, 0) < 0 || sd_bus_message_rewind(m, true) < 0)
                m = sd_bus_message_unref(m);
        return m;
}

static void read_options(sd_bus_message *m, OptionUse use) {
        g_autoptr(Spec) spec = use == OPTION_START ? spec_new() : NULL;
        Options options = {.spec = spec, .pidfd = -EBADF};
        sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        process_config_init(&options.config);
        r = options_read(m, use, &options, &error);
        assert(r <= 0);
        assert((r < 0) == sd_bus_error_is_set(&error));
        assert(!error.message || g_utf8_validate(error.message, -1, NULL));
        process_config_done(&options.config);
        sd_bus_error_free(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static sd_bus *bus;
        g_autofree char *bytes = g_strndup((const char *)data, size);
        g_autofree char *text = g_utf8_make_valid(bytes, -1);
        g_autoptr(sd_bus_message) m = NULL;

        if (!bus)
                bus = make_bus();
        m = make_message(bus, text);
        if (!m)
                return 0;
        read_options(m, OPTION_START);
        (void)sd_bus_message_rewind(m, true);
        read_options(m, OPTION_ADOPT);
        return 0;
}
