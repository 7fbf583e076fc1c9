/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A description of a process: options are kept as they will go over the bus, by their key, and
 * checked there; only what needs more than a value (environment, descriptors, the function about
 * activity) has a place of its own. */

#include <proctor/proctor-process-config-end.h>

#include <fcntl.h>
#include <proctor/proctor-error.h>
#include <string.h>
#include <unistd.h>

#include "config-internal.h"
#include "dbus/proctor-names.h"

/* Standard input, output and error: descriptors 0 to 2 of the process. */
#define STDIO_MAX 3

struct _ProctorProcessConfig {
        GObject parent;
        char **command;
        GHashTable *options;   /* key → GVariant */
        GHashTable *variables; /* name → value; value NULL: to be unset */
        gboolean clear_environment;
        GHashTable *fds;     /* number in the process → descriptor */
        GHashTable *rlimits; /* name → GVariant (tt) */
        ActivitySource *activity;
};

G_DEFINE_FINAL_TYPE(ProctorProcessConfig, proctor_process_config, G_TYPE_OBJECT)

enum { PROP_0, PROP_COMMAND, PROP_NAME, PROP_WORKING_DIRECTORY, N_PROPS };

static GParamSpec *properties[N_PROPS];

static const char *const stdio_keys[STDIO_MAX] = {
        PROCTOR_OPTION_STDIN,
        PROCTOR_OPTION_STDOUT,
        PROCTOR_OPTION_STDERR,
};

static void config_close_fd(gpointer fd) {
        close(GPOINTER_TO_INT(fd));
}

static void proctor_process_config_finalize(GObject *object) {
        ProctorProcessConfig *self = PROCTOR_PROCESS_CONFIG(object);

        g_strfreev(self->command);
        g_hash_table_unref(self->options);
        g_hash_table_unref(self->variables);
        g_hash_table_unref(self->fds);
        g_hash_table_unref(self->rlimits);
        g_clear_pointer(&self->activity, activity_source_unref);
        G_OBJECT_CLASS(proctor_process_config_parent_class)->finalize(object);
}

static void proctor_process_config_get_property(GObject *object, guint id, GValue *value,
                                                GParamSpec *pspec) {
        ProctorProcessConfig *self = PROCTOR_PROCESS_CONFIG(object);

        switch (id) {
        case PROP_COMMAND:
                g_value_set_boxed(value, self->command);
                break;
        case PROP_NAME:
                g_value_set_string(value, proctor_process_config_get_name(self));
                break;
        case PROP_WORKING_DIRECTORY:
                g_value_set_string(value, proctor_process_config_get_working_directory(self));
                break;
        default:
                G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
        }
}

static void proctor_process_config_set_property(GObject *object, guint id, const GValue *value,
                                                GParamSpec *pspec) {
        ProctorProcessConfig *self = PROCTOR_PROCESS_CONFIG(object);

        switch (id) {
        case PROP_COMMAND:
                proctor_process_config_set_command(self, g_value_get_boxed(value));
                break;
        case PROP_NAME:
                proctor_process_config_set_name(self, g_value_get_string(value));
                break;
        case PROP_WORKING_DIRECTORY:
                proctor_process_config_set_working_directory(self, g_value_get_string(value));
                break;
        default:
                G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
        }
}

static void proctor_process_config_class_init(ProctorProcessConfigClass *class) {
        GObjectClass *object_class = G_OBJECT_CLASS(class);
        GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

        object_class->finalize = proctor_process_config_finalize;
        object_class->get_property = proctor_process_config_get_property;
        object_class->set_property = proctor_process_config_set_property;
        properties[PROP_COMMAND] = g_param_spec_boxed("command", NULL, "Program and arguments",
                                                      G_TYPE_STRV, flags);
        properties[PROP_NAME] = g_param_spec_string("name", NULL, "For people", NULL, flags);
        properties[PROP_WORKING_DIRECTORY] = g_param_spec_string(
                "working-directory", NULL, "Where it is started", NULL, flags);
        g_object_class_install_properties(object_class, N_PROPS, properties);
}

static void config_variant_unref(gpointer value) {
        g_variant_unref(value);
}

static void proctor_process_config_init(ProctorProcessConfig *self) {
        self->command = g_new0(char *, 1);
        self->options = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                              config_variant_unref);
        self->variables = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        self->fds = g_hash_table_new_full(NULL, NULL, NULL, config_close_fd);
        self->rlimits = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                              config_variant_unref);
}

ProctorProcessConfig *proctor_process_config_new(const char *const *command) {
        ProctorProcessConfig *self = g_object_new(PROCTOR_TYPE_PROCESS_CONFIG, NULL);

        if (command)
                proctor_process_config_set_command(self, command);
        return self;
}

ProctorProcessConfig *proctor_process_config_new_argv(const char *program, ...) {
        g_autoptr(GPtrArray) command = g_ptr_array_new();
        va_list arguments;

        g_return_val_if_fail(program, NULL);

        va_start(arguments, program);
        for (const char *each = program; each; each = va_arg(arguments, const char *))
                g_ptr_array_add(command, (gpointer)each);
        va_end(arguments);
        g_ptr_array_add(command, NULL);
        return proctor_process_config_new((const char *const *)command->pdata);
}

const char *const *proctor_process_config_get_command(ProctorProcessConfig *self) {
        g_return_val_if_fail(PROCTOR_IS_PROCESS_CONFIG(self), NULL);

        return (const char *const *)self->command;
}

void proctor_process_config_set_command(ProctorProcessConfig *self, const char *const *command) {
        g_return_if_fail(PROCTOR_IS_PROCESS_CONFIG(self));

        g_strfreev(self->command);
        self->command = command ? g_strdupv((char **)command) : g_new0(char *, 1);
        g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_COMMAND]);
}

void proctor_process_config_set_option(ProctorProcessConfig *self, const char *key,
                                       GVariant *value) {
        g_return_if_fail(PROCTOR_IS_PROCESS_CONFIG(self));
        g_return_if_fail(key);

        if (value)
                g_hash_table_replace(self->options, g_strdup(key), g_variant_ref_sink(value));
        else
                g_hash_table_remove(self->options, key);
}

GVariant *proctor_process_config_get_option(ProctorProcessConfig *self, const char *key) {
        g_return_val_if_fail(PROCTOR_IS_PROCESS_CONFIG(self), NULL);
        g_return_val_if_fail(key, NULL);

        return g_hash_table_lookup(self->options, key);
}

/* A text that is no UTF-8 cannot go over the bus: it is kept as bytes, and refused at the start. */
static void config_set_text(ProctorProcessConfig *self, const char *key, const char *text) {
        GVariant *value = NULL;

        if (text)
                value = g_utf8_validate(text, -1, NULL) ? g_variant_new_string(text)
                                                        : g_variant_new_bytestring(text);
        proctor_process_config_set_option(self, key, value);
}

static const char *config_get_text(ProctorProcessConfig *self, const char *key) {
        GVariant *value = proctor_process_config_get_option(self, key);

        return value && g_variant_is_of_type(value, G_VARIANT_TYPE_STRING)
                       ? g_variant_get_string(value, NULL)
                       : NULL;
}

#define DEFINE_TEXT(name, key)                                                                     \
        const char *proctor_process_config_get_##name(ProctorProcessConfig *self) {                \
                return config_get_text(self, key);                                                 \
        }                                                                                          \
                                                                                                   \
        void proctor_process_config_set_##name(ProctorProcessConfig *self, const char *name) {     \
                config_set_text(self, key, name);                                                  \
        }

DEFINE_TEXT(name, PROCTOR_OPTION_NAME)
DEFINE_TEXT(working_directory, PROCTOR_OPTION_WORKING_DIRECTORY)
DEFINE_TEXT(stop_signal, PROCTOR_OPTION_STOP_SIGNAL)
DEFINE_TEXT(hang_signal, PROCTOR_OPTION_HANG_SIGNAL)
DEFINE_TEXT(kill_mode, PROCTOR_OPTION_KILL_MODE)
DEFINE_TEXT(readiness, PROCTOR_OPTION_READINESS)

#define DEFINE_VALUE(name, key, type, make)                                                        \
        void proctor_process_config_set_##name(ProctorProcessConfig *self, type value) {           \
                proctor_process_config_set_option(self, key, make(value));                         \
        }
#define MAKE_BOOLEAN(value) g_variant_new_boolean((value) != FALSE)

DEFINE_VALUE(timeout, PROCTOR_OPTION_TIMEOUT, guint64, g_variant_new_uint64)
DEFINE_VALUE(extra_buffer, PROCTOR_OPTION_EXTRA_BUFFER, guint64, g_variant_new_uint64)
DEFINE_VALUE(max_hang_time, PROCTOR_OPTION_MAX_HANG_TIME, guint64, g_variant_new_uint64)
DEFINE_VALUE(auto_kill, PROCTOR_OPTION_AUTO_KILL, gboolean, MAKE_BOOLEAN)
DEFINE_VALUE(runtime_max, PROCTOR_OPTION_RUNTIME_MAX, guint64, g_variant_new_uint64)
DEFINE_VALUE(stop_timeout, PROCTOR_OPTION_STOP_TIMEOUT, guint64, g_variant_new_uint64)
DEFINE_VALUE(hang_signal_timeout, PROCTOR_OPTION_HANG_TIMEOUT, guint64, g_variant_new_uint64)
DEFINE_VALUE(start_timeout, PROCTOR_OPTION_START_TIMEOUT, guint64, g_variant_new_uint64)
DEFINE_VALUE(output_limit, PROCTOR_OPTION_OUTPUT_LIMIT, guint64, g_variant_new_uint64)
DEFINE_VALUE(terminal, PROCTOR_OPTION_TERMINAL, gboolean, MAKE_BOOLEAN)
DEFINE_VALUE(bind_to_caller, PROCTOR_OPTION_BIND_TO_CALLER, gboolean, MAKE_BOOLEAN)
DEFINE_VALUE(umask, PROCTOR_OPTION_UMASK, guint, g_variant_new_uint32)
DEFINE_VALUE(nice, PROCTOR_OPTION_NICE, int, g_variant_new_int32)
DEFINE_VALUE(memory_max, PROCTOR_OPTION_MEMORY_MAX, guint64, g_variant_new_uint64)
DEFINE_VALUE(tasks_max, PROCTOR_OPTION_TASKS_MAX, guint64, g_variant_new_uint64)
DEFINE_VALUE(cpu_weight, PROCTOR_OPTION_CPU_WEIGHT, guint64, g_variant_new_uint64)
DEFINE_VALUE(oom_score_adjust, PROCTOR_OPTION_OOM_SCORE_ADJUST, int, g_variant_new_int32)
DEFINE_VALUE(no_new_privileges, PROCTOR_OPTION_NO_NEW_PRIVILEGES, gboolean, MAKE_BOOLEAN)

void proctor_process_config_set_terminal_size(ProctorProcessConfig *self, guint rows,
                                              guint columns) {
        g_return_if_fail(rows <= G_MAXUINT16 && columns <= G_MAXUINT16);

        proctor_process_config_set_option(self, PROCTOR_OPTION_TERMINAL_SIZE,
                                          g_variant_new("(qq)", (guint16)rows, (guint16)columns));
}

void proctor_process_config_set_activity_sources(ProctorProcessConfig *self,
                                                 const char *const *sources) {
        proctor_process_config_set_option(self, PROCTOR_OPTION_ACTIVITY_SOURCES,
                                          sources ? g_variant_new_strv(sources, -1) : NULL);
}

void proctor_process_config_set_rlimit(ProctorProcessConfig *self, const char *resource,
                                       guint64 soft, guint64 hard) {
        g_return_if_fail(PROCTOR_IS_PROCESS_CONFIG(self));
        g_return_if_fail(resource);

        g_hash_table_replace(self->rlimits, g_strdup(resource),
                             g_variant_ref_sink(g_variant_new("(tt)", soft, hard)));
}

/* environment */

void proctor_process_config_setenv(ProctorProcessConfig *self, const char *variable,
                                   const char *value) {
        g_return_if_fail(PROCTOR_IS_PROCESS_CONFIG(self));
        g_return_if_fail(variable);
        g_return_if_fail(value);

        g_hash_table_replace(self->variables, g_strdup(variable), g_strdup(value));
}

void proctor_process_config_unsetenv(ProctorProcessConfig *self, const char *variable) {
        g_return_if_fail(PROCTOR_IS_PROCESS_CONFIG(self));
        g_return_if_fail(variable);

        g_hash_table_replace(self->variables, g_strdup(variable), NULL);
}

void proctor_process_config_clear_environment(ProctorProcessConfig *self) {
        g_return_if_fail(PROCTOR_IS_PROCESS_CONFIG(self));

        g_hash_table_remove_all(self->variables);
        self->clear_environment = TRUE;
}

void proctor_process_config_set_environ(ProctorProcessConfig *self,
                                        const char *const *assignments) {
        g_return_if_fail(PROCTOR_IS_PROCESS_CONFIG(self));

        proctor_process_config_clear_environment(self);
        for (const char *const *each = assignments; each && *each; each++) {
                const char *equals = strchr(*each, '=');

                if (equals && equals > *each)
                        g_hash_table_replace(self->variables,
                                             g_strndup(*each, (gsize)(equals - *each)),
                                             g_strdup(equals + 1));
        }
}

/* descriptors */

static void config_set_stdio(ProctorProcessConfig *self, int number, const char *where) {
        g_return_if_fail(PROCTOR_IS_PROCESS_CONFIG(self));

        g_hash_table_remove(self->fds, GINT_TO_POINTER(number));
        config_set_text(self, stdio_keys[number], where);
}

static void config_take_fd(ProctorProcessConfig *self, int fd, int number) {
        g_return_if_fail(PROCTOR_IS_PROCESS_CONFIG(self));
        g_return_if_fail(fd >= 0);

        if (number < STDIO_MAX)
                g_hash_table_remove(self->options, stdio_keys[number]);
        g_hash_table_replace(self->fds, GINT_TO_POINTER(number), GINT_TO_POINTER(fd));
}

static void config_inherit(ProctorProcessConfig *self, int number) {
        int fd = fcntl(number, F_DUPFD_CLOEXEC, STDIO_MAX);

        if (fd < 0)
                config_set_stdio(self, number, PROCTOR_STDIO_NULL);
        else
                config_take_fd(self, fd, number);
}

#define DEFINE_STDIO(name, number)                                                                 \
        void proctor_process_config_set_##name(ProctorProcessConfig *self, const char *where) {    \
                config_set_stdio(self, number, where);                                             \
        }                                                                                          \
                                                                                                   \
        void proctor_process_config_take_##name##_fd(ProctorProcessConfig *self, int fd) {         \
                config_take_fd(self, fd, number);                                                  \
        }                                                                                          \
                                                                                                   \
        void proctor_process_config_inherit_##name(ProctorProcessConfig *self) {                   \
                config_inherit(self, number);                                                      \
        }

DEFINE_STDIO(stdin, 0)
DEFINE_STDIO(stdout, 1)
DEFINE_STDIO(stderr, 2)

void proctor_process_config_take_fd(ProctorProcessConfig *self, int fd, guint target_fd) {
        g_return_if_fail(target_fd >= STDIO_MAX && target_fd <= G_MAXINT);

        config_take_fd(self, fd, (int)target_fd);
}

void proctor_process_config_close_fds(ProctorProcessConfig *self) {
        g_return_if_fail(PROCTOR_IS_PROCESS_CONFIG(self));

        g_hash_table_remove_all(self->fds);
}

void proctor_process_config_set_activity_callback(ProctorProcessConfig *self,
                                                  ProctorActivityFunc func, gpointer user_data,
                                                  GDestroyNotify destroy) {
        g_return_if_fail(PROCTOR_IS_PROCESS_CONFIG(self));

        g_clear_pointer(&self->activity, activity_source_unref);
        if (func)
                self->activity = activity_source_new(func, user_data, destroy);
}

/* on the bus */

static gboolean config_check(const char *what, const char *text, GError **error) {
        if (g_utf8_validate(text, -1, NULL))
                return TRUE;

        g_autofree char *shown = g_utf8_make_valid(text, -1);
        g_set_error(error, PROCTOR_ERROR, PROCTOR_ERROR_INVALID_ARGUMENT,
                    "%s '%s' is not UTF-8, and cannot be sent", what, shown);
        return FALSE;
}

/* Everything that could not be sent at all; what it means is for the service to judge. */
static gboolean config_check_texts(ProctorProcessConfig *self, GError **error) {
        GHashTableIter iter;
        gpointer key, value;

        for (char **each = self->command; *each; each++)
                if (!config_check("Argument", *each, error))
                        return FALSE;
        g_hash_table_iter_init(&iter, self->variables);
        while (g_hash_table_iter_next(&iter, &key, &value))
                if (!config_check("Variable", key, error) ||
                    (value && !config_check("Value of a variable", value, error)))
                        return FALSE;
        g_hash_table_iter_init(&iter, self->options);
        while (g_hash_table_iter_next(&iter, &key, &value))
                if (g_variant_is_of_type(value, G_VARIANT_TYPE_BYTESTRING) &&
                    !config_check(key, g_variant_get_bytestring(value), error))
                        return FALSE;
        return TRUE;
}

static void config_add_environment(ProctorProcessConfig *self, GVariantBuilder *options) {
        GVariantBuilder set = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a{ss}"));
        GVariantBuilder unset = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("as"));
        guint n_set = 0, n_unset = 0;
        GHashTableIter iter;
        const char *name, *value;

        g_hash_table_iter_init(&iter, self->variables);
        while (g_hash_table_iter_next(&iter, (gpointer *)&name, (gpointer *)&value)) {
                if (value)
                        g_variant_builder_add(&set, "{ss}", name, value);
                else
                        g_variant_builder_add(&unset, "s", name);
                *(value ? &n_set : &n_unset) += 1;
        }
        if (n_set > 0)
                g_variant_builder_add(options, "{sv}", PROCTOR_OPTION_ENVIRONMENT,
                                      g_variant_builder_end(&set));
        if (n_unset > 0)
                g_variant_builder_add(options, "{sv}", PROCTOR_OPTION_UNSET_ENVIRONMENT,
                                      g_variant_builder_end(&unset));
        if (self->clear_environment)
                g_variant_builder_add(options, "{sv}", PROCTOR_OPTION_CLEAR_ENVIRONMENT,
                                      g_variant_new_boolean(TRUE));
        g_variant_builder_clear(&set);
        g_variant_builder_clear(&unset);
}

static gboolean config_add_fd(GVariantBuilder *options, GUnixFDList *list, const char *key, int fd,
                              GError **error) {
        int index = g_unix_fd_list_append(list, fd, error);

        if (index >= 0)
                g_variant_builder_add(options, "{sv}", key, g_variant_new_handle(index));
        return index >= 0;
}

static gboolean config_add_fds(ProctorProcessConfig *self, GVariantBuilder *options,
                               GUnixFDList *list, GError **error) {
        g_auto(GVariantBuilder) more = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a{uh}"));
        gboolean any = FALSE;
        GHashTableIter iter;
        gpointer key, value;

        g_hash_table_iter_init(&iter, self->fds);
        while (g_hash_table_iter_next(&iter, &key, &value)) {
                int number = GPOINTER_TO_INT(key), fd = GPOINTER_TO_INT(value), index;

                if (number < STDIO_MAX) {
                        if (!config_add_fd(options, list, stdio_keys[number], fd, error))
                                return FALSE;
                        continue;
                }
                index = g_unix_fd_list_append(list, fd, error);
                if (index < 0)
                        return FALSE;
                g_variant_builder_add(&more, "{uh}", (guint32)number, index);
                any = TRUE;
        }
        if (any)
                g_variant_builder_add(options, "{sv}", PROCTOR_OPTION_FILE_DESCRIPTORS,
                                      g_variant_builder_end(&more));
        return TRUE;
}

static void config_add_rlimits(ProctorProcessConfig *self, GVariantBuilder *options) {
        GVariantBuilder limits = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a{s(tt)}"));
        GHashTableIter iter;
        gpointer name, value;

        g_hash_table_iter_init(&iter, self->rlimits);
        while (g_hash_table_iter_next(&iter, &name, &value))
                g_variant_builder_add(&limits, "{s@(tt)}", name, value);
        g_variant_builder_add(options, "{sv}", PROCTOR_OPTION_RLIMITS,
                              g_variant_builder_end(&limits));
}

static gboolean config_fill(ProctorProcessConfig *self, GVariantBuilder *options, GUnixFDList *fds,
                            GError **error) {
        GHashTableIter iter;
        gpointer key, value;

        if (!config_check_texts(self, error))
                return FALSE;
        g_hash_table_iter_init(&iter, self->options);
        while (g_hash_table_iter_next(&iter, &key, &value))
                g_variant_builder_add(options, "{sv}", key, value);
        if (g_hash_table_size(self->variables) > 0 || self->clear_environment)
                config_add_environment(self, options);
        if (g_hash_table_size(self->rlimits) > 0)
                config_add_rlimits(self, options);
        return config_add_fds(self, options, fds, error);
}

GVariant *process_config_options(ProctorProcessConfig *self, GUnixFDList *fds, int pidfd,
                                 GError **error) {
        g_auto(GVariantBuilder) options = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE_VARDICT);

        if ((self && !config_fill(self, &options, fds, error)) ||
            (pidfd >= 0 && !config_add_fd(&options, fds, PROCTOR_OPTION_PIDFD, pidfd, error)))
                return NULL;
        return g_variant_builder_end(&options);
}

ActivitySource *process_config_activity(ProctorProcessConfig *self) {
        return self ? self->activity : NULL;
}

guint64 process_config_timeout(ProctorProcessConfig *self) {
        GVariant *value = self ? proctor_process_config_get_option(self, PROCTOR_OPTION_TIMEOUT)
                               : NULL;

        return value && g_variant_is_of_type(value, G_VARIANT_TYPE_UINT64)
                       ? g_variant_get_uint64(value)
                       : 0;
}
