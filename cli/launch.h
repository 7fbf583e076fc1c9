/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What run and start have in common: the options that describe a process, and the description that
 * they make. */

#include "cli.h"

typedef struct LaunchArguments {
        const char *name;
        const char *working_directory;
        GPtrArray *environment, *unset_environment;
        bool clear_environment;
        const char *activity;
        OptionTime timeout, extra_buffer, max_hang_time;
        bool no_auto_kill;
        OptionTime runtime_max;
        const char *stop_signal;
        OptionTime stop_timeout;
        const char *hang_signal;
        OptionTime hang_timeout;
        const char *kill_mode;
        const char *umask, *nice;
        GPtrArray *rlimits;
        const char *memory_max, *tasks_max, *cpu_weight;
        bool no_new_privileges;
        bool tty;
} LaunchArguments;

extern const Option launch_options[];

/* Where the process finds its surroundings. */
typedef enum LaunchBase {
        LAUNCH_BASE_SERVICE, /* in the service's directory and environment, which are ours */
        LAUNCH_BASE_CALLER,  /* ours are given to it */
        LAUNCH_BASE_USER,    /* in the home directory and a clean environment of its user */
} LaunchBase;

/* Describes the process; the standard streams are left to the caller. */
ProctorProcessConfig *launch_config_new(const Cli *cli, const LaunchArguments *arguments,
                                        LaunchBase base, char **command, GError **error);

/* Whether what the main process leaves behind is ended. */
bool launch_ends_tree(const LaunchArguments *arguments);

/* Exit code for a start that failed: 127 not found, 126 found but not executable, 125 else. Returns
 * `other` if it was no start that failed. */
int launch_exit_code(const GError *error, int other);

/* The same from what such an error says, which is what a group knows of its members. */
int launch_exit_code_of(const char *reason);
