/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Signals by name and number, strictly: what is not a signal of this machine is none. */

/* "SIGTERM", "TERM", "RTMIN+3", "15"; any case. Negative: no such signal. */
int signal_from_string(const char *s);

/* "SIGTERM", "SIGRTMIN+3"; NULL if there is no such signal. Static or interned. */
const char *signal_to_string(int signo);
