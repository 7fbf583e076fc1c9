/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Facts as text for a person. Whatever comes from outside (names, commands, messages) passes
 * format_text() before it reaches a terminal. */

#include <glib.h>
#include <proctor/proctor.h>
#include <stdbool.h>

/* Printable characters as they are, all others escaped: control characters, what is no UTF-8, and
 * what reorders or hides text. In a locale without UTF-8 all that is not ASCII. */
char *format_text(const char *text);

/* Whether a terminal may get the character as it is, in any locale. */
bool format_is_printable(gunichar c);

/* A command line with quotes where a shell would need them, escaped. */
char *format_command(const char *const *command);

/* `1.5 MiB`; infinity is `unknown`. */
char *format_bytes(guint64 bytes);

/* Local time of a CLOCK_REALTIME in microseconds. */
char *format_timestamp(guint64 usec);

/* `SIGTERM`; `signal 99` for a number without a name. */
char *format_signal(int signo);

/* How a process ended, in few words: `success`, `exit-code 3`, `signal SIGSEGV`, `hang SIGTERM`. */
char *format_result(int exit_code, ProctorResult result);

/* Name and id of a process: 'web' (7). */
char *format_process(ProctorProcess *process);

/* Time for which it runs or ran; "" if it is not known. */
char *format_runtime(ProctorProcess *process);
