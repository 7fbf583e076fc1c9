/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What start and group add have in common: the options for a process that is left to the service,
 * and the description that they make. */

#include "launch.h"

typedef struct StartArguments {
        LaunchArguments launch; /* first: its options are of its type */
        const char *streams[3];
        const char *user;
} StartArguments;

/* Those that launch_options does not have. */
extern const Option start_options[];

ProctorProcessConfig *start_config_new(const Cli *cli, const StartArguments *arguments,
                                       char **command, GError **error);
