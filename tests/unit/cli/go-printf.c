/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/go-printf.h"

/* args is a JSON list. What is expected was printed by Go's fmt.Printf. */
typedef struct Printed {
    const char *format, *args, *expected;
} Printed;

static const Printed verbs[] = {
    { "plain", "[]", "plain" },
    { "%s|%v|%q", "[\"a\",\"b\",\"c\\n\"]", "a|b|\"c\\n\"" },
    { "%d %v %x %X %#x", "[10,11,255,255,255]", "10 11 ff FF 0xff" },
    { "%t %v", "[true,false]", "true false" },
    { "%f %.2f %g %v", "[1.5,1.005,1.5,2.5]", "1.500000 1.00 1.5 2.5" },
    { "%x", "[\"hi\"]", "6869" },
    { "%T %T %T %T", "[\"hi\",1,true,null]", "string int bool <nil>" },
    { "%T", "[\"2026-11-22T10:31:43.5Z\"]", "time.Time" },
    { "100%%", "[]", "100%" },
    { "%v %s", "[[1,2],[\"a\"]]", "[1 2] [a]" },
    { NULL },
};

static const Printed widths[] = {
    { "[%5d]", "[42]", "[   42]" },           { "[%-5d]", "[42]", "[42   ]" },
    { "[%05d]", "[-42]", "[-0042]" },         { "[%+d]", "[42]", "[+42]" },
    { "[%6s]", "[\"äb\"]", "[    äb]" },      { "[%-6.2s]", "[\"abc\"]", "[ab    ]" },
    { "[%8.3f]", "[3.14159]", "[   3.142]" }, { NULL },
};

static const Printed mistakes[] = {
    { "%d", "[\"hi\"]", "%!d(string=hi)" },
    { "%s", "[3]", "%!s(int=3)" },
    { "%s", "[]", "%!s(MISSING)" },
    { "%d", "[1,2,\"x\"]", "1%!(EXTRA int=2, string=x)" },
    { "%", "[]", "%!(NOVERB)" },
    { "%z", "[1]", "%!z(int=1)" },
    { "%ä", "[1]", "%!ä(int=1)" },
    { "%v %d", "[null,null]", "<nil> %!d(<nil>)" },
    { NULL },
};

static void test_printed(const void *data)
{
    for (const Printed *printed = data; printed->format != NULL; printed++) {
        json_auto_t *list = json_loads(printed->args, 0, NULL);
        GoValue values[8];
        g_autoptr(GString) out = g_string_new(NULL);

        g_assert_nonnull(list);
        for (size_t i = 0; i < json_array_size(list); i++)
            values[i] = (GoValue){ json_array_get(list, i), false };
        go_printf(printed->format, values, (unsigned)json_array_size(list), out);
        g_assert_cmpstr(out->str, ==, printed->expected);
    }
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
    g_test_add_data_func("/cli/go-printf/verbs-print-as-go-does", verbs, test_printed);
    g_test_add_data_func("/cli/go-printf/width-precision-and-flags", widths, test_printed);
    g_test_add_data_func("/cli/go-printf/mistakes-show-in-the-text", mistakes, test_printed);
    g_test_add_func("/cli/go-printf/a-huge-width-is-bounded", test_huge_width);
    return g_test_run();
}
