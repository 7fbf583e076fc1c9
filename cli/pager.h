/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What may be longer than the terminal is high goes through the user's pager. */

#include "cli.h"

/* From here on standard output goes to a pager, if it is a terminal and --no-pager was not given:
 * $PROCTOR_PAGER, else $PAGER, else less(1), which leaves at once if all fits on the screen. Where
 * there is none, nothing changes. Widths and colours stay those of the terminal. */
void pager_open(const Cli *cli);

/* Whether standard output goes to one that shows it on a terminal. */
bool pager_is_open(void);

/* Ends the output and waits until the user has left the pager. False if none is open. */
bool pager_close(void);
