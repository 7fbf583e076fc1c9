/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* From what a person types to a process: a number is an id; `pid:N` a PID; `name:NAME`, or any other
 * word, a name. A name stands for the one process of that name that has not finished, or for the
 * only one of that name. */

#include "cli.h"

/* CLI_ERROR_NO_PROCESS if there is none; CLI_ERROR_USAGE if there are several, which the message
 * lists. */
ProctorProcess *target_find(ProctorManager *manager, const char *text, GError **error);

/* Whether a process is one of those that the operands name, or there are none. Unlike target_find()
 * this takes any number of processes of a name, and has nothing to say of one that there is not. */
bool targets_match(char **operands, ProctorProcess *process);

/* Connects and finds all targets, in their order, each one once; at least one. */
GPtrArray *targets_open(const Cli *cli, char **operands, ProctorManager **ret_manager,
                        GError **error);
