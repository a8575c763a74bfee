/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/go-printf.h"

/* args is a JSON list. What is expected was printed by Go's fmt.Printf. */
static void assert_printed(const char *format, const char *args, const char *expected)
{
    json_auto_t *list = json_loads(args, 0, NULL);
    GoValue values[8];
    g_autoptr(GString) out = g_string_new(NULL);

    g_assert_nonnull(list);
    for (size_t i = 0; i < json_array_size(list); i++)
        values[i] = (GoValue){ json_array_get(list, i), false };
    go_printf(format, values, (unsigned)json_array_size(list), out);
    g_assert_cmpstr(out->str, ==, expected);
}

static void test_verbs(void)
{
    assert_printed("plain", "[]", "plain");
    assert_printed("%s|%v|%q", "[\"a\",\"b\",\"c\\n\"]", "a|b|\"c\\n\"");
    assert_printed("%d %v %x %X %#x", "[10,11,255,255,255]", "10 11 ff FF 0xff");
    assert_printed("%t %v", "[true,false]", "true false");
    assert_printed("%f %.2f %g %v", "[1.5,1.005,1.5,2.5]", "1.500000 1.00 1.5 2.5");
    assert_printed("%x", "[\"hi\"]", "6869");
    assert_printed("100%%", "[]", "100%");
    assert_printed("%v %s", "[[1,2],[\"a\"]]", "[1 2] [a]");
}

static void test_widths(void)
{
    assert_printed("[%5d]", "[42]", "[   42]");
    assert_printed("[%-5d]", "[42]", "[42   ]");
    assert_printed("[%05d]", "[-42]", "[-0042]");
    assert_printed("[%+d]", "[42]", "[+42]");
    assert_printed("[%6s]", "[\"äb\"]", "[    äb]");
    assert_printed("[%-6.2s]", "[\"abc\"]", "[ab    ]");
    assert_printed("[%8.3f]", "[3.14159]", "[   3.142]");
}

static void test_mistakes(void)
{
    assert_printed("%d", "[\"hi\"]", "%!d(string=hi)");
    assert_printed("%s", "[3]", "%!s(int=3)");
    assert_printed("%s", "[]", "%!s(MISSING)");
    assert_printed("%d", "[1,2,\"x\"]", "1%!(EXTRA int=2, string=x)");
    assert_printed("%", "[]", "%!(NOVERB)");
    assert_printed("%z", "[1]", "%!z(int=1)");
    assert_printed("%ä", "[1]", "%!ä(int=1)");
    assert_printed("%v %d", "[null,null]", "<nil> %!d(<nil>)");
}

static void test_huge_width(void)
{
    json_auto_t *number = json_integer(1);
    GoValue value = { number, false };
    g_autoptr(GString) out = g_string_new(NULL);

    go_printf("%999999999999d", &value, 1, out);
    g_assert_cmpuint(out->len, <=, 10000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/go-printf/verbs-print-as-go-does", test_verbs);
    g_test_add_func("/cli/go-printf/width-precision-and-flags", test_widths);
    g_test_add_func("/cli/go-printf/mistakes-show-in-the-text", test_mistakes);
    g_test_add_func("/cli/go-printf/a-huge-width-is-bounded", test_huge_width);
    return g_test_run();
}
