/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Values of no sense, see the header. What is random comes from the one generator, in an order that
 * does not depend on the service. */

#include "fuzz-values.h"

#include <string.h>

#define ROOT "/org/proctor1"

unsigned values_pick(Values *values, unsigned n) {
        return (unsigned)g_rand_int_range(values->rand, 0, (gint32)n);
}

static const char *const words[] = {
        "",
        "a",
        "all",
        "any",
        "first-failure",
        "stdout",
        "stderr",
        "force",
        "SIGKILL",
        "timeout",
        "99999999999",
        "-1",
        "%n%s%n",
        "a\nb",
        "../../x",
        "\x1b[2J",
        "\xe2\x80\xae",
        "0x10",
        "capture",
        "null",
        "journal",
        "report",
        "cpu",
        "notify",
        "/",
        "/tmp",
        "WARNING",
        "org.proctor1.Manager",
        "org.proctor1.Watchdog",
        "org.proctor1.Process",
        "org.proctor1.Group",
        "State",
        "AutoKill",
        "TimeoutUSec",
        "CheckIntervalUSec",
        "LogLevel",
        "StopSignal",
        "tree",
        "process",
        "exec",
        "DEBUG",
        "continue",
        "stop-all",
};

static const struct {
        const char *key;
        const char *type;
} options[] = {
        {"Name", "s"},
        {"WorkingDirectory", "s"},
        {"Environment", "a{ss}"},
        {"UnsetEnvironment", "as"},
        {"ClearEnvironment", "b"},
        {"TimeoutUSec", "t"},
        {"ExtraBufferUSec", "t"},
        {"MaxHangTimeUSec", "t"},
        {"AutoKill", "b"},
        {"RuntimeMaxUSec", "t"},
        {"ActivitySources", "as"},
        {"StopSignal", "s"},
        {"StopTimeoutUSec", "t"},
        {"Stdin", "h"},
        {"Stdout", "h"},
        {"Stderr", "s"},
        {"OutputLimit", "t"},
        {"FileDescriptors", "a{uh}"},
        {"BindToCaller", "b"},
        {"Umask", "u"},
        {"MemoryMax", "t"},
        {"TasksMax", "t"},
        {"CPUWeight", "t"},
        {"Nice", "i"},
        {"OOMScoreAdjust", "i"},
        {"NoNewPrivileges", "b"},
        {"RLimits", "a{s(tt)}"},
        {"KillMode", "s"},
        {"Readiness", "s"},
        {"StartTimeoutUSec", "t"},
        {"PIDFD", "h"},
        {"User", "s"},
        {"Terminal", "b"},
        {"TerminalSize", "(qq)"},
        {"HangSignal", "s"},
        {"HangSignalTimeoutUSec", "t"},
        {"OnMemberFailure", "s"},
        {"MaxParallel", "u"},
        {"KeyMember", "s"},
};

/* Programs that do no harm, and what is none. */
static const char *const commands[][4] = {
        {"/bin/true"},
        {"/bin/sleep", "0.01"},
        {"/bin/sleep", "20"},
        {"/no/such"},
        {""},
        {NULL},
        {"/"},
        {"/bin/sh", "-c", "echo out; echo err >&2; exit 3"},
        {"/bin/false"},
        {"/bin/sh", "-c", "sleep 20 & sleep 20 & wait"},
};

static const guint64 numbers[] = {
        0,
        1,
        2,
        7,
        100,
        255,
        256,
        1000,
        65535,
        65536,
        G_MAXINT32,
        (guint64)G_MAXINT32 + 1,
        G_MAXUINT32,
        (guint64)G_MAXUINT32 + 1,
        G_MAXINT64,
        (guint64)G_MAXINT64 + 1,
        G_MAXUINT64 - 1,
        G_MAXUINT64,
};

static guint64 make_number(Values *values) {
        if (values_pick(values, 3) == 0)
                return values_pick(values, 100);
        return numbers[values_pick(values, G_N_ELEMENTS(numbers))];
}

static char *make_string(Values *values) {
        if (values_pick(values, 50) == 0)
                return g_strnfill(values_pick(values, 200000), 'x');
        return g_strdup(words[values_pick(values, G_N_ELEMENTS(words))]);
}

char *values_path(Values *values) {
        unsigned around = values_pick(values, 12);

        switch (values_pick(values, 8)) {
        case 0:
                return g_strdup("/");
        case 1:
                return g_strdup(ROOT "/process/18446744073709551616");
        case 2:
                return g_strdup_printf(ROOT "/group/%" G_GUINT64_FORMAT,
                                       values->group + around % 3);
        case 3:
                return g_strdup_printf(ROOT "/process/%u", around);
        default: /* the last ones, and some that are not there yet */
                return g_strdup_printf(ROOT "/process/%" G_GUINT64_FORMAT,
                                       values->process > 8 ? values->process + around - 8 : around);
        }
}

static GVariant *make_value(Values *values, const GVariantType *type, unsigned depth);

static GVariant *make_option(Values *values, unsigned depth) {
        unsigned i = values_pick(values, G_N_ELEMENTS(options));
        const char *type = values_pick(values, 5)   ? options[i].type
                           : values_pick(values, 2) ? "v"
                                                    : "s";

        return g_variant_new("{sv}", options[i].key,
                             make_value(values, G_VARIANT_TYPE(type), depth + 1));
}

static GVariant *make_array(Values *values, const GVariantType *type, unsigned depth) {
        const GVariantType *element = g_variant_type_element(type);
        unsigned n = values_pick(values, 200) == 0 && depth < 2 ? 2000 : values_pick(values, 4);
        GVariantBuilder builder;

        g_variant_builder_init(&builder, type);
        for (unsigned i = 0; i < n; i++)
                g_variant_builder_add_value(&builder,
                                            g_variant_type_equal(element, G_VARIANT_TYPE("{sv}"))
                                                    ? make_option(values, depth)
                                                    : make_value(values, element, depth + 1));
        return g_variant_builder_end(&builder);
}

static GVariant *make_tuple(Values *values, const GVariantType *type, unsigned depth) {
        const GVariantType *item = g_variant_type_first(type);
        GVariantBuilder builder;

        g_variant_builder_init(&builder, type);
        for (; item; item = g_variant_type_next(item))
                g_variant_builder_add_value(&builder, make_value(values, item, depth + 1));
        return g_variant_builder_end(&builder);
}

static GVariant *make_variant(Values *values, unsigned depth) {
        static const char *const types[] = {"b", "y", "u",  "t",     "i",       "s", "o",
                                            "g", "d", "as", "a{sv}", "(a(ay))", "v", "h"};
        const char *type = depth > 6 ? "u" : types[values_pick(values, G_N_ELEMENTS(types))];

        return g_variant_new_variant(make_value(values, G_VARIANT_TYPE(type), depth + 1));
}

static GVariant *make_value(Values *values, const GVariantType *type, unsigned depth) {
        guint64 number = make_number(values);

        switch (*g_variant_type_peek_string(type)) {
        case 'b':
                return g_variant_new_boolean(number & 1);
        case 'y':
                return g_variant_new_byte((guchar)number);
        case 'n':
                return g_variant_new_int16((gint16)number);
        case 'q':
                return g_variant_new_uint16((guint16)number);
        case 'i':
                return g_variant_new_int32((gint32)number);
        case 'u':
                return g_variant_new_uint32((guint32)number);
        case 'x':
                return g_variant_new_int64((gint64)number);
        case 't':
                return g_variant_new_uint64(number);
        case 'd':
                return g_variant_new_double((double)number);
        case 'h':
                return g_variant_new_handle(
                        (gint32)(values_pick(values, 8) ? values_pick(values, 4) : number));
        case 's':
                return g_variant_new_take_string(make_string(values));
        case 'o': {
                g_autofree char *path = values_path(values);

                return g_variant_new_object_path(path);
        }
        case 'g':
                return g_variant_new_signature("a{sv}");
        case 'v':
                return make_variant(values, depth);
        case 'a':
                return make_array(values, type, depth);
        case '{': {
                GVariant *key = make_value(values, g_variant_type_key(type), depth + 1);

                return g_variant_new_dict_entry(
                        key, make_value(values, g_variant_type_value(type), depth + 1));
        }
        default:
                return make_tuple(values, type, depth);
        }
}

static GVariant *make_command(Values *values) {
        const char *const *command = commands[values_pick(values, G_N_ELEMENTS(commands))];
        gssize n = 0;

        while (n < 4 && command[n])
                n++;
        return g_variant_new_strv(command, n);
}

static gboolean is_harmless(const char *name) {
        return !g_str_equal(name, "StartProcess") && !g_str_equal(name, "AddProcess");
}

GVariant *values_arguments(Values *values, const char *method, const char *signature) {
        const GVariantType *item = g_variant_type_first(G_VARIANT_TYPE(signature));
        GVariantBuilder builder;

        g_variant_builder_init(&builder, G_VARIANT_TYPE(signature));
        for (; item; item = g_variant_type_next(item))
                g_variant_builder_add_value(
                        &builder,
                        !is_harmless(method) && g_variant_type_equal(item, G_VARIANT_TYPE("as"))
                                ? make_command(values)
                                : make_value(values, item, 0));
        return g_variant_builder_end(&builder);
}

GVariant *values_of_type(Values *values, const char *type) {
        return make_value(values, G_VARIANT_TYPE(type), 0);
}
