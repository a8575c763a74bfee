/* SPDX-License-Identifier: Apache-2.0 */
#include "quadlet/unit-file.h"

static UnitFile *parse(const char *text)
{
    UnitFile *unit = unit_file_new("a.container", "/x/a.container");
    g_autoptr(GError) err = NULL;

    unit_file_parse(unit, "/x/a.container", text, &err);
    g_assert_no_error(err);
    return unit;
}

static void assert_values(const UnitFile *unit, const char *key, const char *wanted)
{
    g_autofree const char **values = unit_file_values(unit, "S", key);
    g_autofree char *joined = g_strjoinv("|", (char **)values);

    g_assert_cmpstr(joined, ==, wanted);
}

static void test_lines_are_joined_and_comments_left_out(void)
{
    g_autoptr(UnitFile) unit = parse(
        "# one\n; two\n\n[S]\n Key = a \\\n# between\n  b\nOther=x=y\n");

    g_assert_cmpstr(unit_file_last(unit, "S", "Key"), ==, "a  b");
    g_assert_cmpstr(unit_file_last(unit, "S", "Other"), ==, "x=y");
    g_assert_null(unit_file_last(unit, "T", "Key"));
    g_assert_cmpuint(unit_file_last_entry(unit, "S", "Key")->line, ==, 5);
}

static void test_an_empty_value_begins_a_list_anew(void)
{
    g_autoptr(UnitFile) unit = parse("[S]\nA=1\nA=2\nB=1\nB=\n[T]\nA=9\n[S]\nA=\nA=3\n");

    assert_values(unit, "A", "3");
    assert_values(unit, "B", "");
    g_assert_null(unit_file_last(unit, "S", "B"));
    g_assert_true(unit_file_has(unit, "S", "B"));
}

static void test_a_drop_in_comes_behind_the_file(void)
{
    g_autoptr(UnitFile) unit = parse("[S]\nA=1\n");
    g_autoptr(GError) err = NULL;

    g_assert_true(unit_file_parse(unit, "/x/d.conf", "[S]\nA=2\nBad=maybe\n", &err));
    assert_values(unit, "A", "1|2");

    bool value = false;
    g_assert_false(unit_file_bool(unit, "S", "Bad", false, &value, &err));
    g_assert_cmpstr(err->message, ==, "/x/d.conf:3: Bad=maybe is neither yes nor no");
}

static void test_bools_are_systemds(void)
{
    g_autoptr(UnitFile) unit = parse("[S]\nA=Yes\nB=off\nC=1\nD=\n");
    bool value = false;

    g_assert_true(unit_file_bool(unit, "S", "A", false, &value, NULL) && value);
    g_assert_true(unit_file_bool(unit, "S", "B", true, &value, NULL) && !value);
    g_assert_true(unit_file_bool(unit, "S", "C", false, &value, NULL) && value);
    g_assert_true(unit_file_bool(unit, "S", "D", true, &value, NULL) && value);
    g_assert_true(unit_file_bool(unit, "S", "E", true, &value, NULL) && value);
}

static void assert_bad(const char *text, const char *wanted)
{
    g_autoptr(UnitFile) unit = unit_file_new("a.container", "/x/a.container");
    g_autoptr(GError) err = NULL;

    g_assert_false(unit_file_parse(unit, "/x/a.container", text, &err));
    g_assert_cmpstr(err->message, ==, wanted);
}

static void test_an_error_names_file_and_line(void)
{
    assert_bad("[S]\nA=1\n\nnonsense\n", "/x/a.container:4: 'nonsense' is no KEY=VALUE");
    assert_bad("A=1\n", "/x/a.container:1: 'A=1' stands in no section");
    assert_bad("[S\n", "/x/a.container:1: '[S' is no section");
    assert_bad("[]\n", "/x/a.container:1: '[]' is no section");
    assert_bad("[S]\n=1\n", "/x/a.container:2: '=1' is no KEY=VALUE");
}

static void test_what_is_written_has_each_section_once(void)
{
    g_autoptr(UnitFile) unit = parse("[S]\nA=1\n[T]\nB=2\n[S]\nA=3\n");
    g_autofree char *text = NULL;

    unit_file_add(unit, "T", "C", "4");
    text = unit_file_text(unit);
    g_assert_cmpstr(text, ==, "[S]\nA=1\nA=3\n\n[T]\nB=2\nC=4\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/quadlet/unit-file/lines-are-joined-and-comments-left-out",
                    test_lines_are_joined_and_comments_left_out);
    g_test_add_func("/quadlet/unit-file/an-empty-value-begins-a-list-anew",
                    test_an_empty_value_begins_a_list_anew);
    g_test_add_func("/quadlet/unit-file/a-drop-in-comes-behind-the-file",
                    test_a_drop_in_comes_behind_the_file);
    g_test_add_func("/quadlet/unit-file/bools-are-systemds", test_bools_are_systemds);
    g_test_add_func("/quadlet/unit-file/an-error-names-file-and-line",
                    test_an_error_names_file_and_line);
    g_test_add_func("/quadlet/unit-file/what-is-written-has-each-section-once",
                    test_what_is_written_has_each_section_once);
    return g_test_run();
}
