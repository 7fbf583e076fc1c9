/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A pseudo terminal of the service's own: what a program shows on it is an Output, always drained,
 * and what is typed comes from any number of streams through one small queue. A program that does
 * not read its terminal holds up who types, never the service. */

#include "core/hands.h"
#include "sys/loop.h"
#include "sys/output.h"

typedef struct Terminal Terminal;

/* owner is whose the terminal is. ret_end is for the process: the caller closes it. The Output is
 * the caller's, and ends by itself when the process and all that it started have closed theirs. */
int terminal_new(Loop *loop, OutputBudget *budget, size_t limit_bytes,
                 void (*on_bytes)(void *userdata), void *userdata, TerminalSize size, uid_t owner,
                 int *ret_end, Output **ret_output, Terminal **ret);

/* Hangs it up: nobody types any more. Whoever still reads gets what is left. */
Terminal *terminal_free(Terminal *terminal);

/* Tells the processes in its foreground, if that is a new size. */
int terminal_resize(Terminal *terminal, TerminalSize size);

/* A stream socket with what is kept and what comes, until the end; what is written to it is typed.
 * -EMFILE: too many of them, of this terminal or of its user. */
int terminal_open(Terminal *terminal, int *ret_fd);
