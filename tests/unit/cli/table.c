/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

#include <stdlib.h>

static void assert_printed(const char *table, const char *expected)
{
    g_autoptr(GString) text = g_string_new(table);
    char *printed = NULL;
    size_t length;
    FILE *out = open_memstream(&printed, &length);

    table_print(text, out);
    fclose(out);
    g_assert_cmpstr(printed, ==, expected);
    free(printed);
}

static void test_columns(void)
{
    assert_printed("ID\tIMAGE\tNAMES\n"
                   "0123456789ab\timg\tweb\n",
                   "ID            IMAGE       NAMES\n"
                   "0123456789ab  img         web\n");
}

static void test_characters(void)
{
    assert_printed("äöüäöüäöüäöü\tx\n"
                   "a\ty\n",
                   "äöüäöüäöüäöü  x\n"
                   "a             y\n");
}

static void test_ragged_rows(void)
{
    assert_printed("", "");
    assert_printed("one\n", "one\n");
    assert_printed("a\tb\tc\nd\n\ne\t\tf\n", "a           b           c\n"
                                             "d\n"
                                             "\n"
                                             "e                       f\n");
}

static void test_cells(void)
{
    g_autoptr(GString) table = g_string_new(NULL);

    table_add_cell(table, "a\tb\nc\033[1m");
    table_add_cell(table, "");
    table_end_row(table);
    g_assert_cmpstr(table->str, ==, "a b c [1m\t\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/table/columns-fit-their-longest-cell", test_columns);
    g_test_add_func("/cli/table/width-counts-characters", test_characters);
    g_test_add_func("/cli/table/rows-may-differ-in-length", test_ragged_rows);
    g_test_add_func("/cli/table/a-cell-cannot-break-out", test_cells);
    return g_test_run();
}
