/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/detach-keys.h"

#include <string.h>

static DetachKeys parsed(const char *text)
{
    g_autoptr(GError) error = NULL;
    DetachKeys keys = { 0 };

    detach_keys_parse(text, &keys, &error);
    g_assert_no_error(error);
    return keys;
}

static void test_notation(void)
{
    static const struct {
        const char *text;
        const char *keys;
        size_t length;
    } cases[] = {
        { "ctrl-p,ctrl-q", "\x10\x11", 2 },
        { "CTRL-P,ctrl-Q", "\x10\x11", 2 },
        { "a,B, ,~", "aB ~", 4 },
        { "ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_", "\x00\x1b\x1c\x1d\x1e\x1f", 6 },
        { "ctrl-a,ctrl-z", "\x01\x1a", 2 },
        { "", "", 0 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        DetachKeys keys = parsed(cases[i].text);

        g_assert_cmpmem(keys.keys, keys.length, cases[i].keys, cases[i].length);
    }
}

static void test_nonsense_is_refused(void)
{
    static const char *const cases[] = {
        ",",      "a,",     ",a",    "ab",   "ctrl-",    "ctrl-pq",
        "ctrl-1", "ctrl-`", "alt-x", "\x01", "\xc3\xa4", "a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        DetachKeys keys = { .length = 3 };

        g_test_message("%s", cases[i]);
        g_assert_false(detach_keys_parse(cases[i], &keys, &error));
        g_assert_true(err_is(error, FLOE_ERROR_INVALID));
        g_assert_nonnull(strstr(error->message, cases[i]));
        g_assert_cmpuint(keys.length, ==, 3);
    }
}

/* Feed reads separated by '|'; what came through, with '!' where the sequence was found. */
static char *feed(const char *keys_text, const char *reads_text)
{
    DetachKeys keys = parsed(keys_text);
    g_auto(GStrv) reads = g_strsplit(reads_text, "|", -1);
    g_autoptr(GString) passed = g_string_new(NULL);
    char output[100];
    bool found = false;

    for (size_t i = 0; reads[i] != NULL && !found; i++) {
        size_t length = detach_keys_filter(&keys, reads[i], strlen(reads[i]), output, &found);

        g_assert_cmpuint(length, <=, strlen(reads[i]) + DETACH_KEYS_MAX);
        g_string_append_len(passed, output, (gssize)length);
    }
    g_string_append_len(passed, output, (gssize)detach_keys_flush(&keys, output));
    return g_string_free(g_steal_pointer(&passed), FALSE);
}

static void test_input_is_passed_on_up_to_the_keys(void)
{
    static const struct {
        const char *keys, *reads, *passed;
    } cases[] = {
        { "a,b", "xyz", "xyz" },
        { "a,b", "xyabz", "xy" },
        { "a,b", "xya|bz", "xy" },
        { "a,b", "xya|cz|ab", "xyacz" },
        { "a,b", "xya", "xya" },
        { "a,b", "aab", "a" },
        { "a,a,b", "aaab", "a" },
        { "a,a,b", "aa|aa|aab", "aaaa" },
        { "a,b,a,c", "ababac", "ab" },
        { "a,b,a,c", "ab|aa|ba|d", "abaabad" },
        { "a", "bba", "bb" },
        { "", "anything", "anything" },
        { "a,b,c", "a|b|x|a|b|c", "abx" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *passed = feed(cases[i].keys, cases[i].reads);

        g_test_message("%s in %s", cases[i].keys, cases[i].reads);
        g_assert_cmpstr(passed, ==, cases[i].passed);
    }
}

static void test_a_zero_byte_is_a_key(void)
{
    DetachKeys keys = parsed("ctrl-@,ctrl-@");
    char output[100];
    bool found = false;

    g_assert_cmpuint(detach_keys_filter(&keys, "a\0b\0", 4, output, &found), ==, 3);
    g_assert_false(found);
    g_assert_cmpuint(detach_keys_filter(&keys, "\0", 1, output, &found), ==, 0);
    g_assert_true(found);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/oci/detach-keys/notation", test_notation);
    g_test_add_func("/oci/detach-keys/nonsense-is-refused", test_nonsense_is_refused);
    g_test_add_func("/oci/detach-keys/input-is-passed-on-up-to-the-keys",
                    test_input_is_passed_on_up_to_the_keys);
    g_test_add_func("/oci/detach-keys/a-zero-byte-is-a-key", test_a_zero_byte_is_a_key);
    return g_test_run();
}
