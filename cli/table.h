/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A table that fits its terminal: aligned columns, of which the flexible ones give way, the last
 * first, and end in an ellipsis. Into a pipe or a file everything is written in full. */

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

#include "style.h"

typedef enum TableAlign {
        TABLE_ALIGN_LEFT,
        TABLE_ALIGN_RIGHT,
} TableAlign;

typedef struct TableColumn {
        const char *title;
        TableAlign align;
        unsigned min_width; /* below which it does not give way; 0: it never does */
} TableColumn;

#define TABLE_UNLIMITED 0

typedef struct Table Table;

Table *table_new(const TableColumn *columns, size_t n_columns);
Table *table_free(Table *table);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Table, table_free)

/* Adds the next cell of the current row, or the first of a new one, and takes the text, which must
 * have passed format_text() if it comes from outside. */
void table_take(Table *table, Style style, char *text);
void table_print(const Table *table, FILE *stream, unsigned width);

/* The same for a stream that is not what it looks like. */
typedef enum TableStyles {
        TABLE_STYLES_OFF,
        TABLE_STYLES_ON,
} TableStyles;

void table_print_styled(const Table *table, FILE *stream, unsigned width, TableStyles styles);

/* Cells that the text takes on a terminal. */
unsigned table_text_width(const char *text);

/* The text, cut to a width; the ellipsis is within it. */
char *table_ellipsize(const char *text, unsigned width);

/* Width of the terminal, from COLUMNS or from the terminal itself; TABLE_UNLIMITED where stdout is
 * none and COLUMNS says nothing. */
unsigned table_terminal_width(void);
