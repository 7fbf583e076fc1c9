/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How processes ended, on stdout: what wait and stop answer. */

#include "cli.h"

/* A line for each, or with --json one array. With --quiet and without --json nothing. */
void report_outcomes(const Cli *cli, GPtrArray *processes);

/* The same for a dictionary of PID to exit code and result, a{u(is)}. */
void report_outcomes_by_pid(const Cli *cli, GVariant *outcomes);

/* Whether a verb was given --all alone or targets alone; else the error. */
bool all_or_targets(bool all, char **operands, GError **error);
