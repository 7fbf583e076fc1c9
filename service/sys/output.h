/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A captured stream: a pipe that is always drained, a ring of its newest bytes, and readers that are
 * sent what is kept and then what comes. Nobody who reads slowly, or not at all, holds the writer up.
 * A slow reader loses the oldest bytes. */

#include "core/hands.h"
#include "sys/loop.h"

/* What is kept of all streams of one user together. When it is used up, what the oldest ended
 * streams keep is given up first; then rings grow no more. */
typedef struct OutputBudget OutputBudget;

OutputBudget *output_budget_new(size_t max_bytes);
OutputBudget *output_budget_free(OutputBudget *budget);

/* One more reader of a user, or somebody who costs as much. False: he has as many as he may. */
bool output_budget_take_reader(OutputBudget *budget);
void output_budget_give_reader(OutputBudget *budget);

/* on_bytes is told when bytes have come. ret_child_end is for the process: the caller closes it. */
int output_new(Loop *loop, OutputBudget *budget, size_t limit_bytes,
               void (*on_bytes)(void *userdata), void *userdata, int *ret_child_end, Output **ret);
/* Of a descriptor that is there: non-blocking, and taken over in any case. */
int output_new_for_fd(Loop *loop, OutputBudget *budget, size_t limit_bytes,
                      void (*on_bytes)(void *userdata), void *userdata, int fd, Output **ret);
Output *output_ref(Output *output);
Output *output_unref(Output *output);

/* Reads what the pipe has now, within reason: before an end is told. */
void output_drain(Output *output);

/* Drains and ends it: nobody writes any more, or nobody is waited for. Tells nothing after this. */
void output_finish(Output *output);

size_t output_read(Output *output, uint64_t offset, void *buffer, size_t max, uint64_t *ret_next,
                   bool *ret_eof);
OutputStat output_stat(const Output *output);

/* A pipe with what is kept and what comes, until the end. -EMFILE: too many readers of this stream, or
 * of all streams of its user. */
int output_open(Output *output, int *ret_fd);

/* The same for a non-blocking descriptor of the caller's making, which is taken over on success. */
int output_attach(Output *output, int fd);
