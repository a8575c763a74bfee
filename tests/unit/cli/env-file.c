/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/env-file.h"

static void test_lines(void)
{
    char text[] = "# comment\n"
                  "\n"
                  "  \t\n"
                  "A=1\n"
                  "  B=two words \n"
                  "C=\"quoted\" # no comment\r\n"
                  "EMPTY=\n"
                  "FROM_OUTSIDE\n"
                  "D=a=b";
    const char *const expected[] = { "A=1",    "B=two words ", "C=\"quoted\" # no comment",
                                     "EMPTY=", "FROM_OUTSIDE", "D=a=b",
                                     NULL };
    g_auto(GStrv) list = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_true(env_file_parse(text, "x.env", &list, &error));
    g_assert_no_error(error);
    g_assert_cmpstrv(list, expected);
}

static void assert_refused(const char *contents, const char *message)
{
    g_autofree char *text = g_strdup(contents);
    g_auto(GStrv) list = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_false(env_file_parse(text, "x.env", &list, &error));
    g_assert_cmpstr(error->message, ==, message);
}

static void test_refusals(void)
{
    assert_refused("A=1\n=2\n", "x.env:2: there is no name before '='");
    assert_refused("A B=1\n", "x.env:1: the name 'A B' contains blanks");
    assert_refused("A=1\n\nexport B\n", "x.env:3: the name 'export B' contains blanks");
}

static void test_missing_file(void)
{
    g_auto(GStrv) list = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_false(env_file_read("/nonexistent/x.env", &list, &error));
    g_assert_nonnull(error);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/env-file/values-are-taken-as-they-are", test_lines);
    g_test_add_func("/cli/env-file/a-bad-line-is-named", test_refusals);
    g_test_add_func("/cli/env-file/a-missing-file-is-an-error", test_missing_file);
    return g_test_run();
}
