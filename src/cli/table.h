/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Columns: a table is text with a tab between cells and a newline after rows; printed, every column
 * but the last of a row is padded to its longest cell.
 */
#pragma once

#include <glib.h>
#include <stdio.h>

/* Add a cell; tabs, newlines and other control characters in it become blanks. */
void table_add_cell(GString *table, const char *text);

/* Turn the tab after the last cell into the row's end. */
void table_end_row(GString *table);

void table_print(const GString *table, FILE *out);
