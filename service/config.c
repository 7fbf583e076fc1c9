/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads proctord.conf, see the header. Nothing is ignored: what is not in the table is an error. */

#include "config.h"

#include <string.h>

#include "base/parse.h"
#include "base/text.h"

#define ERROR_BYTES_MAX 1024

#define FIELD(member) G_STRUCT_OFFSET(Config, member)
#define COUNT(group, key, member)                                                                  \
        { group, key, CONFIG_COUNT, FIELD(member), 1, UINT32_MAX - 1 }
#define DURATION(key, member, min)                                                                 \
        { "Watchdog", key, CONFIG_USEC, FIELD(member), min, UINT64_MAX - 1 }

const ConfigKey config_keys[] = {
        {"Service", "LogLevel", CONFIG_LEVEL, FIELD(log_level), 0, 0},
        {"Service", "ExitIdleUSec", CONFIG_USEC, FIELD(exit_idle), USEC_PER_MSEC, UINT64_MAX - 1},

        COUNT("Limits", "RunningMax", supervisor.limits.running),
        COUNT("Limits", "StartsPerSecond", supervisor.limits.starts_per_sec),
        COUNT("Limits", "StartsBurst", supervisor.limits.starts_burst),
        {"Limits", "ArgumentBytesMax", CONFIG_BYTES, FIELD(supervisor.limits.argument_bytes), 4096,
         UINT32_MAX - 1},
        {"Limits", "OutputBytesPerStream", CONFIG_SIZE, FIELD(face.output_bytes), OUTPUT_LIMIT_MIN,
         OUTPUT_LIMIT_MAX},
        {"Limits", "OutputBytesPerUser", CONFIG_SIZE, FIELD(output_bytes_per_user),
         OUTPUT_LIMIT_MIN, UINT64_C(1) << 40},
        COUNT("Limits", "GroupsMax", supervisor.limits.groups),
        COUNT("Limits", "GroupMembersMax", supervisor.limits.members),
        {"Limits", "PlanBytesMax", CONFIG_BYTES, FIELD(supervisor.limits.plan_bytes), 4096,
         UINT32_MAX - 1},
        COUNT("Limits", "PlanDescriptorsMax", supervisor.limits.plan_descriptors),
        COUNT("Limits", "HeldCallsPerConnection", face.held),
        COUNT("Limits", "QuestionsPerConnection", face.questions_per_peer),
        COUNT("Limits", "QuestionsPerUser", face.questions_per_user),
        COUNT("Limits", "NotifyMessagesPerSecond", notify_per_sec),
        {"Limits", "RootFactor", CONFIG_COUNT, FIELD(supervisor.root_factor), 1, 1024},

        COUNT("Finished", "FinishedMax", supervisor.finished_max),
        {"Finished", "FinishedAgeUSec", CONFIG_USEC, FIELD(supervisor.finished_age), USEC_PER_SEC,
         UINT64_MAX - 1},

        {"Watchdog", "CheckIntervalUSec", CONFIG_USEC, FIELD(supervisor.watchdog.check_interval),
         CHECK_INTERVAL_MIN, CHECK_INTERVAL_MAX},
        DURATION("ProcessTimeoutUSec", supervisor.watchdog.policy.timeout, TIMEOUT_MIN),
        DURATION("ExtraBufferUSec", supervisor.watchdog.policy.extra_buffer, 0),
        DURATION("MaxHangTimeUSec", supervisor.watchdog.policy.max_hang_time, 0),
        {"Watchdog", "AutoKill", CONFIG_BOOL, FIELD(supervisor.watchdog.policy.auto_kill), 0, 0},
        {"Watchdog", "Active", CONFIG_BOOL, FIELD(supervisor.watchdog_active), 0, 0},

        {},
};

void config_init(Config *config, ConfigBase base) {
        *config = (Config){
                .supervisor = supervisor_settings_default(),
                .face = FACE_LIMITS_DEFAULT,
                .output_bytes_per_user = 8 * 1024 * 1024,
                .notify_per_sec = 100,
                .log_level = LOG_LEVEL_WARNING,
                .exit_idle = base == CONFIG_SESSION ? EXIT_IDLE_SESSION : USEC_INFINITY,
        };
        if (base != CONFIG_SYSTEM)
                return;
        config->supervisor.limits.running = 256;
        config->supervisor.limits.starts_per_sec = 100;
        config->supervisor.limits.starts_burst = 500;
        config->supervisor.limits.argument_bytes = 128 * 1024;
}

static void *field_of(Config *config, const ConfigKey *key) {
        return (char *)config + key->offset;
}

/* Whether the setting has a word for "no limit". */
static bool can_be_none(const ConfigKey *key) {
        return key->max == (key->kind == CONFIG_USEC ? UINT64_MAX : UINT32_MAX) - 1;
}

static const char *expected(const ConfigKey *key, char *buffer, size_t size) {
        static const char *const words[_CONFIG_KIND_MAX] = {
                [CONFIG_BYTES] = "bytes, or K, M or G of them,",
                [CONFIG_SIZE] = "bytes, or K, M or G of them,",
                [CONFIG_COUNT] = "a whole number",
                [CONFIG_USEC] = "whole microseconds",
                [CONFIG_BOOL] = "'true' or 'false'",
                [CONFIG_LEVEL] = "'DEBUG', 'INFO', 'WARNING' or 'ERROR'",
        };

        if (key->max == 0)
                return words[key->kind];
        g_snprintf(buffer, size, "%s from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT "%s",
                   words[key->kind], key->min, key->max,
                   !can_be_none(key)          ? ""
                   : key->kind == CONFIG_USEC ? ", or 'infinity'"
                                              : ", or 'unlimited'");
        return buffer;
}

static int parse_bytes(const char *text, uint64_t *ret) {
        size_t length = strlen(text);
        const char *unit = length > 0 ? strchr("KMG", text[length - 1]) : NULL;
        g_autofree char *digits = g_strndup(text, unit ? length - 1 : length);
        uint64_t value;
        int r = parse_uint64(digits, UINT64_MAX, &value);

        if (r < 0)
                return r;
        for (int i = 0; unit && i < 1 + (int)(unit - "KMG"); i++)
                if (!g_uint64_checked_mul(&value, value, 1024))
                        return -ERANGE;
        *ret = value;
        return 0;
}

static int parse_number(const ConfigKey *key, const char *text, uint64_t *ret) {
        bool is_duration = key->kind == CONFIG_USEC;
        int r;

        if (can_be_none(key) && strcmp(text, is_duration ? "infinity" : "unlimited") == 0) {
                *ret = is_duration ? USEC_INFINITY : QUOTA_UNLIMITED;
                return 0;
        }
        r = key->kind == CONFIG_BYTES || key->kind == CONFIG_SIZE
                    ? parse_bytes(text, ret)
                    : parse_uint64(text, UINT64_MAX, ret);
        if (r < 0)
                return r;
        return *ret < key->min || *ret > key->max ? -ERANGE : 0;
}

static int parse_value(Config *config, const ConfigKey *key, const char *text) {
        void *field = field_of(config, key);
        uint64_t value;
        int r;

        switch (key->kind) {
        case CONFIG_BOOL:
                if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
                        return -EINVAL;
                *(bool *)field = text[0] == 't';
                return 0;
        case CONFIG_LEVEL:
                if (log_level_from_string(text) < 0)
                        return -EINVAL;
                *(LogLevel *)field = log_level_from_string(text);
                return 0;
        default:
                r = parse_number(key, text, &value);
                if (r < 0)
                        return r;
                if (key->kind == CONFIG_COUNT || key->kind == CONFIG_BYTES)
                        *(uint32_t *)field = (uint32_t)value;
                else
                        *(uint64_t *)field = value;
                return 0;
        }
}

static const ConfigKey *find(const char *group, const char *key) {
        for (const ConfigKey *at = config_keys; at->key; at++)
                if (strcmp(at->group, group) == 0 && (!key || strcmp(at->key, key) == 0))
                        return at;
        return NULL;
}

static bool fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool fail(GError **error, const char *format, ...) {
        g_autofree char *sentence = NULL, *clean = NULL;
        va_list args;

        va_start(args, format);
        sentence = g_strdup_vprintf(format, args);
        va_end(args);
        /* it quotes the file, in which anything can be */
        clean = text_clean(sentence, strlen(sentence), ERROR_BYTES_MAX);
        g_set_error_literal(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE, clean);
        return false;
}

static bool read_key(Config *config, GKeyFile *file, const char *path, const char *group,
                     const char *name, GError **error) {
        g_autofree char *text = g_key_file_get_value(file, group, name, NULL);
        const ConfigKey *key = find(group, name);
        char buffer[160];

        if (!key)
                return fail(error, "%s: [%s] %s: there is no such setting", path, group, name);
        g_strstrip(text);
        if (parse_value(config, key, text) < 0)
                return fail(error, "%s: [%s] %s=%s: expected %s", path, group, name, text,
                            expected(key, buffer, sizeof buffer));
        return true;
}

static bool read_group(Config *config, GKeyFile *file, const char *path, const char *group,
                       GError **error) {
        g_auto(GStrv) keys = g_key_file_get_keys(file, group, NULL, NULL);

        if (!find(group, NULL))
                return fail(error, "%s: [%s]: there is no such section", path, group);
        for (char **key = keys; key && *key; key++)
                if (!read_key(config, file, path, group, *key, error))
                        return false;
        return true;
}

static bool read_file(Config *config, const char *path, ConfigFile required, GError **error) {
        g_autoptr(GKeyFile) file = g_key_file_new();
        g_autoptr(GError) reason = NULL;
        g_auto(GStrv) groups = NULL;

        if (!g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &reason)) {
                if (required == CONFIG_FILE_OPTIONAL &&
                    g_error_matches(reason, G_FILE_ERROR, G_FILE_ERROR_NOENT))
                        return true;
                return fail(error, "%s: %s", path, reason->message);
        }
        groups = g_key_file_get_groups(file, NULL);
        for (char **group = groups; *group; group++)
                if (!read_group(config, file, path, *group, error))
                        return false;
        return true;
}

static int compare(const void *a, const void *b) {
        return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool read_folder(Config *config, const char *folder, GError **error) {
        g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
        g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
        const char *name;

        while (dir && (name = g_dir_read_name(dir)))
                if (g_str_has_suffix(name, ".conf") && name[0] != '.')
                        g_ptr_array_add(names, g_strdup(name));
        g_ptr_array_sort(names, compare);
        for (unsigned i = 0; i < names->len; i++) {
                g_autofree char *path = g_build_filename(folder, names->pdata[i], NULL);

                if (!read_file(config, path, CONFIG_FILE_REQUIRED, error))
                        return false;
        }
        return true;
}

bool config_load(Config *config, const char *path, ConfigFile required, GError **error) {
        g_autofree char *folder = g_strconcat(path, ".d", NULL);
        Config loaded = *config;

        if (!read_file(&loaded, path, required, error) || !read_folder(&loaded, folder, error))
                return false;
        *config = loaded;
        return true;
}

char *config_format(const Config *config, const ConfigKey *key) {
        const void *field = (const char *)config + key->offset;
        uint64_t value;

        switch (key->kind) {
        case CONFIG_BOOL:
                return g_strdup(*(const bool *)field ? "true" : "false");
        case CONFIG_LEVEL:
                return g_strdup(log_level_to_string(*(const LogLevel *)field));
        case CONFIG_COUNT:
        case CONFIG_BYTES:
                value = *(const uint32_t *)field;
                if (value == QUOTA_UNLIMITED)
                        return g_strdup("unlimited");
                break;
        default:
                value = *(const uint64_t *)field;
                if (value == USEC_INFINITY)
                        return g_strdup("infinity");
        }
        return g_strdup_printf("%" G_GUINT64_FORMAT, value);
}
