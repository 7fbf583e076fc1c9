/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Signals that are meant for the program which run stands for, as events of the main context. */

#include <glib.h>
#include <stdbool.h>

typedef void (*ForwardFunc)(int signo, void *data);

/* Blocks the signals that forward_handles() knows, in this thread and all that it starts later, and
 * calls func for each that arrives. Before the first thread is started. Returns the source, 0 with
 * an error. */
unsigned forward_watch(ForwardFunc func, void *data, GError **error);

/* Whether the signal is a request to end. */
bool forward_is_end(int signo);
