/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Where the tool is the first process of a container, somebody has to collect what is orphaned there
 * and to pass on the signals that the container's engine sends. */

/* Elsewhere does nothing. In the first process it returns in a child of it, which does what follows;
 * the first process itself stays here and ends with the child's exit code. Before the first thread.
 * Returns 0, or a negative errno with nothing changed. */
int init_take_over(void);
