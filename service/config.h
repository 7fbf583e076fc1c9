/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The settings of the service: what proctord.conf can say, with the defaults of the contract. One
 * table says everything about a setting but its meaning; file, manual and tests follow it. */

#include <glib.h>
#include <stdbool.h>

#include "base/log.h"
#include "bus/face.h"
#include "core/supervisor.h"

typedef struct Config {
        SupervisorSettings supervisor;
        FaceLimits face;
        uint64_t output_bytes_per_user; /* kept of all streams; root: times the root factor */
        uint32_t notify_per_sec;
        LogLevel log_level;
        usec_t exit_idle; /* time without use after which the service leaves */
} Config;

/* Of a service that its bus starts when it is called. */
#define EXIT_IDLE_SESSION (5 * USEC_PER_MINUTE)

typedef enum ConfigBase {
        CONFIG_SYSTEM,  /* many users: each has limits */
        CONFIG_OWN,     /* one user: what the machine allows */
        CONFIG_SESSION, /* the same, and it can leave: it is started again when it is called */
        _CONFIG_BASE_MAX,
} ConfigBase;

typedef enum ConfigKind {
        CONFIG_COUNT, /* from 1 on, or unlimited: uint32_t */
        CONFIG_BYTES, /* with K, M or G; or unlimited: uint32_t */
        CONFIG_SIZE,  /* the same, uint64_t and never unlimited */
        CONFIG_USEC,  /* microseconds, or infinity */
        CONFIG_BOOL,
        CONFIG_LEVEL,
        _CONFIG_KIND_MAX,
} ConfigKind;

typedef struct ConfigKey {
        const char *group;
        const char *key;
        ConfigKind kind;
        size_t offset; /* in Config */
        uint64_t min;  /* of sizes and durations */
        uint64_t max;
} ConfigKey;

/* All settings; ends with a key NULL. */
extern const ConfigKey config_keys[];

void config_init(Config *config, ConfigBase base);

/* Reads the file, then the files *.conf of the folder FILE.d in the order of their names. All or
 * nothing: on an error, which names file, section and setting, *config is as it was. A file that is
 * missing is an error only if it is required. */
typedef enum ConfigFile {
        CONFIG_FILE_REQUIRED,
        CONFIG_FILE_OPTIONAL,
        _CONFIG_FILE_MAX,
} ConfigFile;

bool config_load(Config *config, const char *path, ConfigFile required, GError **error);

/* A setting's value as the file would have it, new string. */
char *config_format(const Config *config, const ConfigKey *key);
