/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

#include <stdbool.h>
#include <string.h>

/*
 * podman's tables: at least two blanks between columns, no column narrower than twelve with them.
 */
#define GAP       2
#define NARROWEST 12

void table_add_cell(GString *table, const char *text)
{
    size_t start = table->len;

    g_string_append(table, text);
    for (char *at = table->str + start; *at != '\0'; at++) {
        if (g_ascii_iscntrl(*at))
            *at = ' ';
    }
    g_string_append_c(table, '\t');
}

void table_end_row(GString *table)
{
    if (table->len > 0 && table->str[table->len - 1] == '\t')
        g_string_truncate(table, table->len - 1);
    g_string_append_c(table, '\n');
}

static size_t width_of(const char *cell, size_t length)
{
    return (size_t)g_utf8_strlen(cell, (gssize)length);
}

typedef void (*CellFunction)(const char *cell, size_t length, unsigned column, bool is_last,
                             GArray *widths, FILE *out);

static void measure(const char *cell, size_t length, unsigned column, bool is_last, GArray *widths,
                    FILE *out)
{
    if (is_last)
        return;
    if (column >= widths->len) {
        size_t narrowest = NARROWEST;

        g_array_append_val(widths, narrowest);
    }

    size_t *width = &g_array_index(widths, size_t, column);
    *width = MAX(*width, width_of(cell, length) + GAP);
}

static void print(const char *cell, size_t length, unsigned column, bool is_last, GArray *widths,
                  FILE *out)
{
    fwrite(cell, 1, length, out);
    if (is_last)
        fputc('\n', out);
    else
        fprintf(out, "%*s", (int)(g_array_index(widths, size_t, column) - width_of(cell, length)),
                "");
}

static void for_each_cell(const GString *table, CellFunction function, GArray *widths, FILE *out)
{
    unsigned column = 0;

    for (const char *cell = table->str; *cell != '\0';) {
        size_t length = strcspn(cell, "\t\n");
        bool is_last = cell[length] != '\t';

        function(cell, length, column, is_last, widths, out);
        column = is_last ? 0 : column + 1;
        cell += length + (cell[length] != '\0');
    }
}

void table_print(const GString *table, FILE *out)
{
    g_autoptr(GArray) widths = g_array_new(FALSE, FALSE, sizeof(size_t));

    for_each_cell(table, measure, widths, NULL);
    for_each_cell(table, print, widths, out);
}
