/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lays a table out. Widths are those of characters on a terminal: wide ones take two cells, marks
 * that combine none. */

#include "table.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define GAP        2
#define MAX_WIDTH  10000
#define ELLIPSIS   "\342\200\246" /* U+2026 */
#define ASCII_DOTS "..."

typedef struct Cell {
        char *text;
        Style style;
} Cell;

struct Table {
        const TableColumn *columns;
        size_t n_columns;
        GArray *cells;
};

static void cell_clear(void *data) {
        Cell *cell = data;

        g_free(cell->text);
}

Table *table_new(const TableColumn *columns, size_t n_columns) {
        Table *table = g_new0(Table, 1);

        table->columns = columns;
        table->n_columns = n_columns;
        table->cells = g_array_new(FALSE, FALSE, sizeof(Cell));
        g_array_set_clear_func(table->cells, cell_clear);
        return table;
}

Table *table_free(Table *table) {
        if (table) {
                g_array_unref(table->cells);
                g_free(table);
        }
        return NULL;
}

void table_take(Table *table, Style style, char *text) {
        Cell cell = {.text = text, .style = style};

        g_array_append_val(table->cells, cell);
}

static unsigned character_width(gunichar c) {
        if (g_unichar_iszerowidth(c))
                return 0;
        return g_unichar_iswide(c) ? 2 : 1;
}

unsigned table_text_width(const char *text) {
        unsigned width = 0;

        for (; *text; text = g_utf8_next_char(text))
                width += character_width(g_utf8_get_char(text));
        return width;
}

char *table_ellipsize(const char *text, unsigned width) {
        const char *dots = g_get_charset(NULL) ? ELLIPSIS : ASCII_DOTS;
        unsigned room, used = 0;
        const char *p = text;

        if (table_text_width(text) <= width)
                return g_strdup(text);
        room = width > table_text_width(dots) ? width - table_text_width(dots) : 0;
        for (; *p; p = g_utf8_next_char(p)) {
                used += character_width(g_utf8_get_char(p));
                if (used > room)
                        break;
        }
        return g_strdup_printf("%.*s%s", (int)(p - text), text, dots);
}

static size_t n_rows(const Table *table) {
        return table->cells->len / table->n_columns;
}

static const Cell *cell_at(const Table *table, size_t row, size_t column) {
        return &g_array_index(table->cells, Cell, row * table->n_columns + column);
}

/* What each column would like. Returns the whole width. */
static unsigned natural_widths(const Table *table, unsigned *widths) {
        unsigned total = 0;

        for (size_t c = 0; c < table->n_columns; c++) {
                widths[c] = table_text_width(table->columns[c].title);
                for (size_t r = 0; r < n_rows(table); r++)
                        widths[c] = MAX(widths[c], table_text_width(cell_at(table, r, c)->text));
                total += widths[c] + (c > 0 ? GAP : 0);
        }
        return total;
}

static void shrink(const Table *table, unsigned *widths, unsigned total, unsigned limit) {
        for (size_t c = table->n_columns; c-- > 0 && total > limit;) {
                unsigned min = table->columns[c].min_width;
                unsigned give = total - limit;

                if (min == 0 || widths[c] <= min)
                        continue;
                give = MIN(give, widths[c] - min);
                widths[c] -= give;
                total -= give;
        }
}

static void print_padding(FILE *stream, unsigned n) {
        fprintf(stream, "%*s", (int)n, "");
}

static void print_cell(const TableColumn *column, unsigned width, bool last, const char *text,
                       Style style, FILE *stream) {
        g_autofree char *cut = table_ellipsize(text, width);
        unsigned used = table_text_width(cut);
        unsigned padding = used < width ? width - used : 0;

        if (column->align == TABLE_ALIGN_RIGHT)
                print_padding(stream, padding);
        fprintf(stream, "%s%s%s", style_begin(style), cut, style_end(style));
        if (last)
                fputc('\n', stream);
        else
                print_padding(stream, GAP + (column->align == TABLE_ALIGN_LEFT ? padding : 0));
}

void table_print(const Table *table, FILE *stream, unsigned width) {
        table_print_styled(table, stream, width,
                           style_is_on(stream) ? TABLE_STYLES_ON : TABLE_STYLES_OFF);
}

void table_print_styled(const Table *table, FILE *stream, unsigned width, TableStyles styles) {
        g_autofree unsigned *widths = g_new0(unsigned, table->n_columns);
        unsigned total = natural_widths(table, widths);
        bool styled = styles == TABLE_STYLES_ON;

        if (width != TABLE_UNLIMITED)
                shrink(table, widths, total, width);
        for (size_t c = 0; c < table->n_columns; c++)
                print_cell(&table->columns[c], widths[c], c + 1 == table->n_columns,
                           table->columns[c].title, styled ? STYLE_STRONG : STYLE_NONE, stream);
        for (size_t r = 0; r < n_rows(table); r++)
                for (size_t c = 0; c < table->n_columns; c++) {
                        const Cell *cell = cell_at(table, r, c);

                        print_cell(&table->columns[c], widths[c], c + 1 == table->n_columns,
                                   cell->text, styled ? cell->style : STYLE_NONE, stream);
                }
}

unsigned table_terminal_width(void) {
        const char *columns = g_getenv("COLUMNS");
        struct winsize size;
        guint64 width;

        if (columns && g_ascii_string_to_unsigned(columns, 10, 1, MAX_WIDTH, &width, NULL))
                return (unsigned)width;
        if (isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
            size.ws_col > 0)
                return size.ws_col;
        return TABLE_UNLIMITED;
}
