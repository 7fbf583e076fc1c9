/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How a process ended, as an exit code and as a sentence. */

#include <proctor/proctor.h>

/* The program's own; 128+N if signal N ended it; 124 if the watchdog or its time limit ended it, or
 * 137 if that took SIGKILL; 125 if nobody can know. */
int outcome_exit_code(int exit_code, ProctorResult result);

/* What is to be said of an end that is worth a line, as what follows the name of the process; NULL
 * for any other. idle_usec is how long a hung one had given no sign of life; 0: not known. */
char *outcome_sentence(ProctorProcess *process, guint64 idle_usec);
