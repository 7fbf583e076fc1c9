/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a process uses at this moment, for its properties. One look serves all properties of a GetAll.
 *
 * A look at a tree of thousands takes milliseconds where the kernel does not count for us. On the
 * system bus, where anybody may make such a tree and look at it on and on, a look that took long is
 * good for twenty times as long, times the number of its user's processes: all looks of a user take a
 * twentieth of the service's time at the most. */

#include "bus/face.h"

/* The look is valid until the loop turns. */
const TreeProbe *look_at_tree(Face *face, Process *process);
bool look_at_input(Face *face, Process *process);

/* The process is not there any more. */
void look_forget(Face *face, const Process *process);

void look_done(Face *face);
