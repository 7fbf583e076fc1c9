/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Samples as top prints them: a table for people, an object for programs. */

#include <stdio.h>

#include "sample.h"
#include "table.h"

/* The table of some of the samples, which leaves out what a narrow terminal has no room for. */
void live_table_print(GPtrArray *samples, unsigned first, unsigned n, FILE *stream, unsigned width,
                      TableStyles styles);

/* One line with a JSON object. */
void live_table_print_json(GPtrArray *samples, FILE *stream);
