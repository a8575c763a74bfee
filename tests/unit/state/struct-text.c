/* SPDX-License-Identifier: Apache-2.0 */
#include "state/struct-text.h"

#include <string.h>

typedef struct Part {
    char *name;
    int number;
} Part;

typedef struct Whole {
    char *text;
    char **list;
    int small;
    int64_t large;
    uint64_t positive;
    bool flag;
    json_t *value;
    GPtrArray *parts;
} Whole;

static const JsonField part_fields[] = {
    JSON_FIELD(Part, name, STRING),
    JSON_FIELD(Part, number, INT),
};
static const JsonStruct part_type = { sizeof(Part), part_fields, G_N_ELEMENTS(part_fields) };

static const JsonField whole_fields[] = {
    JSON_FIELD(Whole, text, STRING),     JSON_FIELD(Whole, list, STRV),
    JSON_FIELD(Whole, small, INT),       JSON_FIELD(Whole, large, INT64),
    JSON_FIELD(Whole, positive, UINT64), JSON_FIELD(Whole, flag, BOOL),
    JSON_FIELD(Whole, value, VALUE),     JSON_FIELD_OF(Whole, parts, &part_type),
};
static const JsonStruct whole_type = { sizeof(Whole), whole_fields, G_N_ELEMENTS(whole_fields) };

#define FULL \
    "{\"text\":\"t\xc3\xa4xt\",\"list\":[\"one\",\"\"],\"small\":-5,\"large\":9223372036854775807," \
    "\"positive\":7,\"flag\":true,\"value\":{\"a\":[1,\"]}\"]}," \
    "\"parts\":[{\"name\":\"p\",\"number\":1},{}]}"

/* Read by this reader; and written again it is the same text. */
static void check_read(const char *text)
{
    Whole whole = { 0 };
    g_autoptr(JsonValue) object = NULL;
    g_autofree char *again = NULL;

    if (!struct_from_text(&whole_type, text, strlen(text), &whole))
        g_error("not read: %s", text);
    object = json_from_struct(&whole_type, &whole);
    again = json_to_text(object);
    g_assert_cmpstr(again, ==, text);
    json_struct_clear(&whole_type, &whole);
}

static void test_what_floe_writes_is_read(void)
{
    check_read("{}");
    check_read("{\"text\":\"\"}");
    check_read("{\"list\":[]}");
    check_read("{\"large\":-9223372036854775807}");
    check_read("{\"value\":[]}");
    check_read("{\"value\":\"a \\\"quote\\\"\"}");
    check_read("{\"value\":{},\"parts\":[]}");
    check_read("{\"text\":\"only some\",\"flag\":true,\"parts\":[{}]}");
    check_read(FULL);
}

static void check_refused(const char *text, size_t length)
{
    static const Whole empty = { 0 };
    Whole whole = { 0 };

    if (struct_from_text(&whole_type, text, length, &whole))
        g_error("read: %.*s", (int)length, text);
    g_assert_cmpmem(&whole, sizeof(whole), &empty, sizeof(empty));
}

static void test_what_is_not_plain_is_refused(void)
{
    static const char *const texts[] = {
        "",
        "[]",
        "null",
        " {}",
        "{} ",
        "{ }",
        "{}{}",
        "{,}",
        "{\"text\"}",
        "{\"text\":}",
        "{\"text\":null}",
        "{\"text\":5}",
        "{\"text\":\"a\\nb\"}",
        "{\"text\":\"ends in a backslash\\\"}",
        "{\"text\":\"a\",}",
        "{\"text\":\"a\" }",
        "{\"text\":\"a\",\"text\":\"b\"}",
        "{\"flag\":true,\"text\":\"out of order\"}",
        "{\"unknown\":1}",
        "{\"tex\":\"a\"}",
        "{\"texts\":\"a\"}",
        "{\"\":\"a\"}",
        "{\"list\":\"a\"}",
        "{\"list\":[5]}",
        "{\"list\":[\"a\",]}",
        "{\"list\":[\"a\" \"b\"]}",
        "{\"small\":}",
        "{\"small\":-}",
        "{\"small\":1.5}",
        "{\"small\":1e3}",
        "{\"small\":2147483648}",
        "{\"large\":9223372036854775808}",
        "{\"large\":99999999999999999999}",
        "{\"positive\":-1}",
        "{\"flag\":false}",
        "{\"flag\":truer}",
        "{\"value\":}",
        "{\"value\":{\"a\"}}",
        "{\"parts\":{}}",
        "{\"parts\":[5]}",
        "{\"parts\":[{}",
        "{\"parts\":[{\"name\":\"a\"},{\"name\":5}]}",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        check_refused(texts[i], strlen(texts[i]));
}

/* Each piece in memory of its own size: a step beyond the end is seen by the sanitizer. */
static void test_a_text_cut_anywhere_is_refused(void)
{
    for (size_t length = 0; length < strlen(FULL); length++) {
        g_autofree char *piece = g_memdup2(FULL, length);

        check_refused(piece, length);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/state/struct-text/what-floe-writes-is-read", test_what_floe_writes_is_read);
    g_test_add_func("/state/struct-text/what-is-not-plain-is-refused",
                    test_what_is_not_plain_is_refused);
    g_test_add_func("/state/struct-text/a-text-cut-anywhere-is-refused",
                    test_a_text_cut_anywhere_is_refused);
    return g_test_run();
}
