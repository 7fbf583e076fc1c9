/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A line on the terminal that says what is waited for, and for how long already. */

#include "cli.h"

typedef struct Progress Progress;

/* Begins to wait for something; text is copied. The line appears after a second, on standard error,
 * if that is a terminal. Returns NULL where it is none, or with --quiet or --json. */
Progress *progress_begin(const Cli *cli, const char *text);

/* The wait is over: the line goes. Takes NULL, returns NULL. */
Progress *progress_end(Progress *progress);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Progress, progress_end)
