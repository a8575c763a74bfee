/* SPDX-License-Identifier: Apache-2.0 */
#include "quadlet/unit-words.h"

/* The words with a '|' between, or the error's text. */
static void assert_split(const char *value, const char *wanted)
{
    g_auto(GStrv) words = NULL;
    g_autoptr(GError) err = NULL;
    g_autofree char *joined = NULL;

    if (unit_words_split(value, &words, &err))
        joined = g_strjoinv("|", words);
    g_assert_cmpstr(joined != NULL ? joined : err->message, ==, wanted);
}

static void test_words_end_at_spaces_outside_of_quotes(void)
{
    assert_split("", "");
    assert_split("  a  b\tc ", "a|b|c");
    assert_split("A=b \"C=d e\" 'f \"g\"'", "A=b|C=d e|f \"g\"");
    assert_split("A=\"b c\"d", "A=b cd");
    assert_split("\"\" x", "|x");
}

static void test_escapes_are_those_of_c(void)
{
    assert_split("a\\nb \\x41 \\101 \\u00e9 a\\sb \\\\ \\\"", "a\nb|A|A|\xc3\xa9|a b|\\|\"");
    assert_split("\"a\\tb\"", "a\tb");
}

static void test_what_is_no_word_is_an_error(void)
{
    assert_split("\"a b", "a quote (\") is not closed");
    assert_split("it's", "a quote (') is not closed");
    assert_split("\\q", "'\\q' is no escape");
    assert_split("\\x00", "'\\x' is no escape");
    assert_split("\\x4", "'\\x' is no escape");
    assert_split("\\", "'\\' is no escape");
}

static void assert_quoted(const char *word, const char *wanted)
{
    g_autofree char *quoted = unit_word_quote(word);
    g_auto(GStrv) back = NULL;

    g_assert_cmpstr(quoted, ==, wanted);
    g_assert_true(unit_words_split(quoted, &back, NULL));
    g_assert_cmpuint(g_strv_length(back), ==, 1);
    g_assert_cmpstr(back[0], ==, word);
}

static void test_a_quoted_word_is_read_back_as_it_was(void)
{
    assert_quoted("plain", "plain");
    assert_quoted("", "\"\"");
    assert_quoted(";", "\";\"");
    assert_quoted("a;b", "a;b");
    assert_quoted("a b", "\"a b\"");
    assert_quoted("it's", "\"it's\"");
    assert_quoted("say \"x\"", "\"say \\\"x\\\"\"");
    assert_quoted("a\\b", "\"a\\\\b\"");
    assert_quoted("a\nb\x01", "\"a\\nb\\x01\"");
    assert_quoted("%n-$HOME", "%n-$HOME");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/quadlet/unit-words/words-end-at-spaces-outside-of-quotes",
                    test_words_end_at_spaces_outside_of_quotes);
    g_test_add_func("/quadlet/unit-words/escapes-are-those-of-c", test_escapes_are_those_of_c);
    g_test_add_func("/quadlet/unit-words/what-is-no-word-is-an-error",
                    test_what_is_no_word_is_an_error);
    g_test_add_func("/quadlet/unit-words/a-quoted-word-is-read-back-as-it-was",
                    test_a_quoted_word_is_read_back_as_it_was);
    return g_test_run();
}
