/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/yaml.h"

static void assert_yaml(const char *json, const char *expected)
{
    json_auto_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
    g_autoptr(GString) out = g_string_new(NULL);

    g_assert_nonnull(value);
    yaml_append(out, value);
    g_assert_cmpstr(out->str, ==, expected);
}

static void test_nesting(void)
{
    assert_yaml("{\"host\":{\"cpus\":2,\"list\":[\"a\",{\"b\":1,\"c\":[true]}]},\"x\":null}",
                "host:\n"
                "  cpus: 2\n"
                "  list:\n"
                "  - a\n"
                "  - b: 1\n"
                "    c:\n"
                "    - true\n"
                "x: null\n");
    assert_yaml("[[1,2],[3]]", "- - 1\n  - 2\n- - 3\n");
    assert_yaml("{\"a\":[],\"b\":{}}", "a: []\nb: {}\n");
}

static void test_quotes(void)
{
    assert_yaml("\"plain text\"", "plain text\n");
    assert_yaml("\"\"", "\"\"\n");
    assert_yaml("\"true\"", "\"true\"\n");
    assert_yaml("\"1.5\"", "\"1.5\"\n");
    assert_yaml("\"0.1.0\"", "0.1.0\n");
    assert_yaml("\"a: b\"", "\"a: b\"\n");
    assert_yaml("\"a:b\"", "a:b\n");
    assert_yaml("\"- x\"", "\"- x\"\n");
    assert_yaml("\"end:\"", "\"end:\"\n");
}

static void test_blocks(void)
{
    assert_yaml("{\"a\":{\"b\":\"two\\n\\nlines\"},\"c\":1}", "a:\n"
                                                              "  b: |-\n"
                                                              "    two\n"
                                                              "\n"
                                                              "    lines\n"
                                                              "c: 1\n");
    assert_yaml("[\"x\\ny\"]", "- |-\n  x\n  y\n");
    assert_yaml("\"end\\n\"", "\"end\\n\"\n");
    assert_yaml("\"a\\n\\u0007b\"", "\"a\\n\\u0007b\"\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/yaml/maps-and-lists-nest", test_nesting);
    g_test_add_func("/cli/yaml/a-text-that-could-mislead-is-quoted", test_quotes);
    g_test_add_func("/cli/yaml/several-lines-are-a-block", test_blocks);
    return g_test_run();
}
