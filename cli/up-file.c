/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads a group from a key file. Strict, because what is misspelled here would otherwise show as a
 * program that is not watched: nothing unknown, nothing twice. Values of options that go to the
 * service as they are (signals, sources) are the service's to judge. */

#include "up-file.h"

#include <string.h>

#include "amount.h"
#include "duration.h"

#define MAX_FILE_BYTES ((size_t)1 << 20)
#define GROUP_SECTION  "Group"
#define MEMBER_PREFIX  "Member "

typedef struct Reader {
        UpFile *file;
        GKeyFile *keys;
        const char *section; /* that is being read */
} Reader;

static bool fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool fail(GError **error, const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        if (error)
                *error = g_error_new_valist(CLI_ERROR, CLI_ERROR_FAILED, format, ap);
        va_end(ap);
        return false;
}

/* What stands behind the sign, without the spaces around it. GKeyFile would take escapes out, and the
 * words of a command have their own. */
static char *value_of(const Reader *reader, const char *key) {
        char *value = g_key_file_get_value(reader->keys, reader->section, key, NULL);

        return value ? g_strstrip(value) : NULL;
}

static bool parse_bool(const char *value, bool *ret, GError **error) {
        bool yes = strcmp(value, "yes") == 0 || strcmp(value, "true") == 0;

        if (!yes && strcmp(value, "no") != 0 && strcmp(value, "false") != 0)
                return fail(error, "'%s': expected yes or no", value);
        *ret = yes;
        return true;
}

/* An empty value is no words. */
static char **parse_words(const char *value, GError **error) {
        char **words = NULL;
        g_autoptr(GError) local = NULL;

        if (g_shell_parse_argv(value, NULL, &words, &local))
                return words;
        if (g_error_matches(local, G_SHELL_ERROR, G_SHELL_ERROR_EMPTY_STRING))
                return g_new0(char *, 1);
        fail(error, "the quotes do not match");
        return NULL;
}

static bool set_command(UpMember *member, const char *value, GError **error) {
        g_auto(GStrv) words = parse_words(value, error);

        if (!words)
                return false;
        if (!words[0])
                return fail(error, "there is no program in it");
        proctor_process_config_set_command(member->config, (const char *const *)words);
        return true;
}

static bool set_environment(UpMember *member, const char *value, GError **error) {
        g_auto(GStrv) words = parse_words(value, error);

        for (char **word = words; word && *word; word++) {
                char *equals = strchr(*word, '=');

                if (!equals || equals == *word)
                        return fail(error,
                                    "'%s': write it as NAME=VALUE, in quotes if it has "
                                    "spaces",
                                    *word);
                *equals = '\0';
                proctor_process_config_setenv(member->config, *word, equals + 1);
        }
        return words;
}

static bool unset_environment(UpMember *member, const char *value, GError **error) {
        g_auto(GStrv) words = parse_words(value, error);

        for (char **word = words; word && *word; word++) {
                if (strchr(*word, '=') || !**word)
                        return fail(error, "'%s': give the name alone", *word);
                proctor_process_config_unsetenv(member->config, *word);
        }
        return words;
}

static bool set_timeout(UpMember *member, const char *value, GError **error) {
        if (!duration_parse(value, &member->timeout_usec, error))
                return false;
        proctor_process_config_set_timeout(member->config, member->timeout_usec);
        return true;
}

static bool set_auto_kill(UpMember *member, const char *value, GError **error) {
        bool yes;

        if (!parse_bool(value, &yes, error))
                return false;
        proctor_process_config_set_auto_kill(member->config, yes);
        return true;
}

static bool set_sources(UpMember *member, const char *value, GError **error) {
        g_auto(GStrv) sources = g_strsplit_set(value, ", ", -1);
        g_autoptr(GPtrArray) given = g_ptr_array_new();

        for (char **source = sources; *source; source++)
                if (**source)
                        g_ptr_array_add(given, *source);
        g_ptr_array_add(given, NULL);
        member->output_is_a_sign = g_strv_contains((const char *const *)given->pdata, "output");
        proctor_process_config_set_activity_sources(member->config,
                                                    (const char *const *)given->pdata);
        return true;
}

static bool set_stop_signal(UpMember *member, const char *value, GError **error) {
        proctor_process_config_set_stop_signal(member->config, value);
        return true;
}

static bool set_hang_signal(UpMember *member, const char *value, GError **error) {
        proctor_process_config_set_hang_signal(member->config, value);
        return true;
}

static bool set_readiness(UpMember *member, const char *value, GError **error) {
        proctor_process_config_set_readiness(member->config, value);
        return true;
}

static bool set_umask(UpMember *member, const char *value, GError **error) {
        guint64 mask;

        if (!g_ascii_string_to_unsigned(value, 8, 0, 0777, &mask, NULL))
                return fail(error, "'%s': expected an octal number from 0 to 777", value);
        proctor_process_config_set_umask(member->config, (guint)mask);
        return true;
}

static bool set_nice(UpMember *member, const char *value, GError **error) {
        gint64 nice;

        if (!g_ascii_string_to_signed(value, 10, -20, 19, &nice, NULL))
                return fail(error, "'%s': expected a number from -20 to 19", value);
        proctor_process_config_set_nice(member->config, (int)nice);
        return true;
}

static bool set_amount(ProctorProcessConfig *config, const char *value,
                       void (*set)(ProctorProcessConfig *config, guint64 amount), GError **error) {
        guint64 amount;

        if (!amount_parse(value, &amount) || amount == 0)
                return fail(error, "'%s': expected a number above 0, as 1024 or 2G", value);
        set(config, amount);
        return true;
}

static bool set_memory_max(UpMember *member, const char *value, GError **error) {
        return set_amount(member->config, value, proctor_process_config_set_memory_max, error);
}

static bool set_tasks_max(UpMember *member, const char *value, GError **error) {
        return set_amount(member->config, value, proctor_process_config_set_tasks_max, error);
}

static bool set_cpu_weight(UpMember *member, const char *value, GError **error) {
        return set_amount(member->config, value, proctor_process_config_set_cpu_weight, error);
}

/* Says that the key is known: it is read before the others. */
static bool was_read(UpMember *member, const char *value, GError **error) {
        return true;
}

static const struct {
        const char *key;
        bool (*set)(UpMember *member, const char *value, GError **error); /* or */
        void (*set_usec)(ProctorProcessConfig *config, guint64 usec);
} member_keys[] = {
        {"Command", set_command, NULL},
        {"WorkingDirectory", was_read, NULL},
        {"Environment", set_environment, NULL},
        {"UnsetEnvironment", unset_environment, NULL},
        {"ClearEnvironment", was_read, NULL},
        {"Timeout", set_timeout, NULL},
        {"ExtraBuffer", NULL, proctor_process_config_set_extra_buffer},
        {"MaxHangTime", NULL, proctor_process_config_set_max_hang_time},
        {"AutoKill", set_auto_kill, NULL},
        {"ActivitySources", set_sources, NULL},
        {"RuntimeMax", NULL, proctor_process_config_set_runtime_max},
        {"StopSignal", set_stop_signal, NULL},
        {"StopTimeout", NULL, proctor_process_config_set_stop_timeout},
        {"HangSignal", set_hang_signal, NULL},
        {"HangSignalTimeout", NULL, proctor_process_config_set_hang_signal_timeout},
        {"Readiness", set_readiness, NULL},
        {"StartTimeout", NULL, proctor_process_config_set_start_timeout},
        {"Umask", set_umask, NULL},
        {"Nice", set_nice, NULL},
        {"MemoryMax", set_memory_max, NULL},
        {"TasksMax", set_tasks_max, NULL},
        {"CPUWeight", set_cpu_weight, NULL},
};

static bool set_member_key(UpMember *member, const char *key, const char *value, GError **error) {
        guint64 usec;

        for (size_t i = 0; i < G_N_ELEMENTS(member_keys); i++) {
                if (strcmp(member_keys[i].key, key) != 0)
                        continue;
                if (member_keys[i].set)
                        return member_keys[i].set(member, value, error);
                if (!duration_parse(value, &usec, error))
                        return false;
                member_keys[i].set_usec(member->config, usec);
                return true;
        }
        return fail(error, "there is no such key");
}

static bool set_on_failure(UpFile *file, const char *value, GError **error) {
        const char *all = proctor_member_failure_to_string(PROCTOR_MEMBER_FAILURE_STOP_ALL);

        file->stops_all = strcmp(value, all) == 0;
        if (!file->stops_all &&
            strcmp(value, proctor_member_failure_to_string(PROCTOR_MEMBER_FAILURE_CONTINUE)) != 0)
                return fail(error, "'%s': expected continue or stop-all", value);
        if (file->stops_all)
                proctor_group_config_set_on_member_failure(file->config,
                                                           PROCTOR_MEMBER_FAILURE_STOP_ALL);
        return true;
}

static bool set_group_key(UpFile *file, const char *key, const char *value, GError **error) {
        guint64 n;

        if (strcmp(key, "Name") == 0) {
                g_free(file->name);
                file->name = g_strdup(value);
        } else if (strcmp(key, "OnMemberFailure") == 0) {
                return set_on_failure(file, value, error);
        } else if (strcmp(key, "MaxParallel") == 0) {
                if (!g_ascii_string_to_unsigned(value, 10, 0, G_MAXINT, &n, NULL))
                        return fail(error, "'%s' is no number", value);
                proctor_group_config_set_max_parallel(file->config, (guint)n);
        } else if (strcmp(key, "KeyMember") == 0) {
                file->key_member = g_strdup(value);
                proctor_group_config_set_key_member(file->config, value);
        } else {
                return fail(error, "there is no such key");
        }
        return true;
}

/* Reads all keys of the section, for the member or, with NULL, the group. */
static bool read_keys(Reader *reader, UpMember *member, GError **error) {
        g_auto(GStrv) keys = g_key_file_get_keys(reader->keys, reader->section, NULL, NULL);

        for (char **key = keys; key && *key; key++) {
                g_autofree char *value = value_of(reader, *key);

                if (member ? set_member_key(member, *key, value, error)
                           : set_group_key(reader->file, *key, value, error))
                        continue;
                g_prefix_error(error, "%s: [%s] %s: ", reader->file->path, reader->section, *key);
                if (error && *error)
                        (*error)->code = CLI_ERROR_FAILED; /* not of the command line */
                return false;
        }
        return true;
}

static void member_free(void *data) {
        UpMember *member = data;

        g_free(member->name);
        g_clear_object(&member->config);
        g_free(member);
}

/* Without keys but those that say where it begins. */
static UpMember *member_new(const Cli *cli, Reader *reader, const char *name, LaunchBase base,
                            GError **error) {
        g_autofree char *directory = value_of(reader, "WorkingDirectory");
        g_autofree char *clear = value_of(reader, "ClearEnvironment");
        g_autofree char *where = g_canonicalize_filename(directory ? directory : ".",
                                                         reader->file->directory);
        LaunchArguments arguments = {.name = name, .working_directory = where};
        char *nothing[] = {(char *)"", NULL};
        UpMember *member;

        if (clear && !parse_bool(clear, &arguments.clear_environment, error)) {
                g_prefix_error(error, "%s: [%s] ClearEnvironment: ", reader->file->path,
                               reader->section);
                return NULL;
        }
        member = g_new0(UpMember, 1);
        member->name = g_strdup(name);
        member->timeout_usec = PROCTOR_INFINITY;
        member->output_is_a_sign = true;
        member->config = launch_config_new(cli, &arguments, base, nothing, error);
        return member;
}

static bool read_member(const Cli *cli, Reader *reader, const char *name, LaunchBase base,
                        GError **error) {
        UpMember *member;

        if (!*name)
                return fail(error, "%s: [%s]: give the member a name, as [Member web]",
                            reader->file->path, reader->section);
        member = member_new(cli, reader, name, base, error);
        if (!member)
                return false;
        g_ptr_array_add(reader->file->members, member);
        if (!g_key_file_has_key(reader->keys, reader->section, "Command", NULL))
                return fail(error, "%s: [%s] Command: it is missing", reader->file->path,
                            reader->section);
        return member->config && read_keys(reader, member, error);
}

static bool has_member(const UpFile *file, const char *name) {
        for (unsigned i = 0; i < file->members->len; i++)
                if (strcmp(((UpMember *)file->members->pdata[i])->name, name) == 0)
                        return true;
        return false;
}

static bool read_sections(const Cli *cli, Reader *reader, LaunchBase base, GError **error) {
        g_auto(GStrv) sections = g_key_file_get_groups(reader->keys, NULL);
        UpFile *file = reader->file;

        for (char **section = sections; *section; section++) {
                reader->section = *section;
                if (strcmp(*section, GROUP_SECTION) == 0) {
                        if (!read_keys(reader, NULL, error))
                                return false;
                } else if (g_str_has_prefix(*section, MEMBER_PREFIX)) {
                        g_autofree char *name = g_strdup(*section + strlen(MEMBER_PREFIX));

                        if (!read_member(cli, reader, g_strstrip(name), base, error))
                                return false;
                } else {
                        return fail(error,
                                    "%s: [%s]: there is no such section; there are [Group] and "
                                    "[Member NAME]",
                                    file->path, *section);
                }
        }
        if (file->members->len == 0)
                return fail(error,
                            "%s: there is no member in it; add a section [Member NAME] with "
                            "a Command",
                            file->path);
        if (file->key_member && !has_member(file, file->key_member))
                return fail(error, "%s: [Group] KeyMember: there is no section [Member %s]",
                            file->path, file->key_member);
        return true;
}

/* GKeyFile lets the last of several win, silently. */
static bool check_twice(const UpFile *file, const char *text, GError **error) {
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        g_autofree char *section = g_strdup("");

        for (size_t i = 0; lines[i]; i++) {
                char *line = g_strstrip(lines[i]);
                char *what;

                if (!*line || *line == '#')
                        continue;
                if (*line == '[') {
                        g_free(section);
                        section = g_strdup(line);
                        what = g_strdup(line);
                } else {
                        line[strcspn(line, "=")] = '\0';
                        what = g_strconcat(section, " ", g_strchomp(line), NULL);
                }
                if (g_hash_table_contains(seen, what)) {
                        fail(error, "%s: line %zu: %s is there twice", file->path, i + 1, what);
                        g_free(what);
                        return false;
                }
                g_hash_table_add(seen, what);
        }
        return true;
}

static bool load(Reader *reader, GError **error) {
        g_autoptr(GError) local = NULL;
        const char *path = reader->file->path;
        g_autofree char *text = NULL;
        size_t length;

        if (!g_file_get_contents(path, &text, &length, &local))
                return fail(error, "%s", local->message);
        if (length > MAX_FILE_BYTES)
                return fail(error, "%s: it is larger than 1 MiB", path);
        if (!g_utf8_validate(text, (gssize)length, NULL))
                return fail(error, "%s: it is not UTF-8 text", path);
        if (!g_key_file_load_from_data(reader->keys, text, length, G_KEY_FILE_NONE, &local))
                return fail(error, "%s: %s", path, local->message);
        return check_twice(reader->file, text, error);
}

/* `site` of `some/where/site.group`. */
static char *name_of_file(const char *path) {
        char *name = g_path_get_basename(path);
        char *dot = strrchr(name, '.');

        if (dot && dot != name)
                *dot = '\0';
        return name;
}

UpFile *up_file_read(const Cli *cli, const char *path, LaunchBase base, GError **error) {
        g_autoptr(UpFile) file = g_new0(UpFile, 1);
        g_autoptr(GKeyFile) keys = g_key_file_new();
        g_autofree char *absolute = g_canonicalize_filename(path, NULL);
        Reader reader = {.file = file, .keys = keys};

        file->path = g_strdup(path);
        file->directory = g_path_get_dirname(absolute);
        file->name = name_of_file(path);
        file->config = proctor_group_config_new();
        file->members = g_ptr_array_new_with_free_func(member_free);
        if (!load(&reader, error) || !read_sections(cli, &reader, base, error))
                return NULL;
        return g_steal_pointer(&file);
}

UpFile *up_file_free(UpFile *file) {
        if (!file)
                return NULL;
        g_free(file->path);
        g_free(file->directory);
        g_free(file->name);
        g_free(file->key_member);
        g_clear_object(&file->config);
        g_clear_pointer(&file->members, g_ptr_array_unref);
        g_free(file);
        return NULL;
}
