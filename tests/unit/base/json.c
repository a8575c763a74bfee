/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "scratch.h"

#include <string.h>

static json_t *parsed(const char *text)
{
    g_autoptr(GError) error = NULL;
    json_t *value = NULL;

    json_parse(text, strlen(text), "test", &value, &error);
    g_assert_no_error(error);
    return value;
}

static void assert_invalid(const GError *error, const char *part)
{
    g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_INVALID);
    if (strstr(error->message, part) == NULL)
        g_error("'%s' is not in '%s'", part, error->message);
}

/* --- text ------------------------------------------------------------------------------------- */

static void test_bad_text_is_refused_with_its_place(void)
{
    g_autofree char *deep = g_strnfill(100000, '[');
    const struct {
        const char *text, *part;
    } cases[] = {
        { "", "cfg: line 1" },
        { "{\n\"a\": }", "cfg: line 2, column 6" },
        { "{} x", "cfg: line 1, column 4" },
        { "{\"a\":1,\"a\":2}", "duplicate" },
        { "{\"a\":99999999999999999999}", "too big" },
        { "\"\xff\"", "cfg: " },
        { "\"\x1b[31m", "cfg: " },
        { deep, "depth" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        json_t *value = NULL;

        g_assert_false(json_parse(cases[i].text, strlen(cases[i].text), "cfg", &value, &error));
        assert_invalid(error, cases[i].part);
        g_assert_null(strchr(error->message, '\x1b'));
        g_assert_true(g_utf8_validate(error->message, -1, NULL));
        g_assert_null(value);
    }
}

static void test_text_of_a_value_keeps_the_order_of_keys(void)
{
    g_autoptr(JsonValue) value = parsed("{ \"z\": [1, \"é\"], \"a\": {} }");
    g_autofree char *compact = json_to_text(value);

    g_assert_cmpstr(compact, ==, "{\"z\":[1,\"é\"],\"a\":{}}");
}

static void test_an_error_in_a_file_names_the_file(void)
{
    SCRATCH(directory);
    IN(directory, path, "x.json");
    g_autoptr(GError) error = NULL;
    json_t *value = NULL;

    g_assert_true(file_write_atomic(path, "[1,", 3, 0600, NULL));
    g_assert_false(json_read_file(path, 100, &value, &error));
    assert_invalid(error, path);
}

static void test_strings_that_are_no_utf8_are_kept_as_far_as_possible(void)
{
    const char *const strings[] = { "a", "b\xff", NULL };
    g_autoptr(JsonValue) array = json_from_strv(strings);
    g_autoptr(JsonValue) empty = json_from_strv(NULL);
    g_autoptr(JsonValue) none = json_from_string(NULL);
    g_autofree char *text = json_to_text(array);

    g_assert_cmpstr(text, ==, "[\"a\",\"b\xef\xbf\xbd\"]");
    g_assert_cmpuint(json_array_size(empty), ==, 0);
    g_assert_true(json_is_array(empty));
    g_assert_true(json_is_null(none));
}

/* --- by key ----------------------------------------------------------------------------------- */

static void test_values_are_read_by_key(void)
{
    g_autoptr(JsonValue) object = parsed(
        "{\"s\":\"text\",\"n\":-5,\"b\":true,\"o\":{\"x\":1},\"a\":[1],\"v\":[\"p\",\"q\"]}");
    const char *text = NULL;
    int64_t number = 0;
    bool yes = false;
    json_t *inner = NULL;
    json_t *array = NULL;
    g_auto(GStrv) strings = NULL;

    g_assert_true(json_get_string(object, "s", &text, NULL));
    g_assert_cmpstr(text, ==, "text");
    g_assert_true(json_get_int64(object, "n", &number, NULL));
    g_assert_cmpint(number, ==, -5);
    g_assert_true(json_get_bool(object, "b", &yes, NULL));
    g_assert_true(yes);
    g_assert_true(json_get_object(object, "o", &inner, NULL));
    g_assert_cmpuint(json_object_size(inner), ==, 1);
    g_assert_true(json_get_array(object, "a", &array, NULL));
    g_assert_cmpuint(json_array_size(array), ==, 1);
    g_assert_true(json_get_strv(object, "v", &strings, NULL));
    g_assert_cmpuint(g_strv_length(strings), ==, 2);
    g_assert_cmpstr(strings[1], ==, "q");
}

static void test_missing_keys_and_nulls_leave_the_default(void)
{
    g_autoptr(JsonValue) object = parsed("{\"null\":null}");
    const json_t *objects[] = { object, NULL };
    const char *keys[] = { "null", "missing" };

    for (size_t i = 0; i < G_N_ELEMENTS(objects) * G_N_ELEMENTS(keys); i++) {
        const char *text = "before";
        int64_t number = 7;
        bool yes = true;
        json_t *inner = object;
        char **strings = NULL;

        g_assert_true(json_get_string(objects[i / 2], keys[i % 2], &text, NULL));
        g_assert_true(json_get_int64(objects[i / 2], keys[i % 2], &number, NULL));
        g_assert_true(json_get_bool(objects[i / 2], keys[i % 2], &yes, NULL));
        g_assert_true(json_get_object(objects[i / 2], keys[i % 2], &inner, NULL));
        g_assert_true(json_get_strv(objects[i / 2], keys[i % 2], &strings, NULL));
        g_assert_null(text);
        g_assert_cmpint(number, ==, 7);
        g_assert_true(yes);
        g_assert_null(inner);
        g_assert_null(strings);
    }
}

static void test_a_wrong_type_names_the_key(void)
{
    g_autoptr(JsonValue) object = parsed("{\"key\":[1],\"n\":1.5}");
    const char *text = NULL;
    int64_t number = 0;
    bool yes = false;
    json_t *inner = NULL;
    char **strings = NULL;
    GError *errors[7] = { NULL };

    g_assert_false(json_get_string(object, "key", &text, &errors[0]));
    g_assert_false(json_get_int64(object, "key", &number, &errors[1]));
    g_assert_false(json_get_bool(object, "key", &yes, &errors[2]));
    g_assert_false(json_get_object(object, "key", &inner, &errors[3]));
    g_assert_false(json_get_strv(object, "key", &strings, &errors[4]));
    g_assert_false(json_get_int64(object, "n", &number, &errors[5]));
    g_assert_false(json_get_string(json_object_get(object, "key"), "below", &text, &errors[6]));
    assert_invalid(errors[0], "key 'key': must be a string, not an array");
    assert_invalid(errors[1], "key 'key': must be a whole number, not an array");
    assert_invalid(errors[2], "key 'key': must be a boolean, not an array");
    assert_invalid(errors[3], "key 'key': must be an object, not an array");
    assert_invalid(errors[4], "key 'key': item 0 must be a string, not a whole number");
    assert_invalid(errors[5], "key 'n': must be a whole number, not a number with a fraction");
    assert_invalid(errors[6], "key 'below': is looked for in an array, not in an object");
    for (size_t i = 0; i < G_N_ELEMENTS(errors); i++)
        g_error_free(errors[i]);
}

/* --- structs ---------------------------------------------------------------------------------- */

typedef struct Port {
    int host;
    char *protocol;
} Port;

typedef struct Box {
    char *name;
    char **command;
    int exit_code;
    int64_t created;
    uint64_t memory;
    bool is_paused;
    json_t *extra;
    GPtrArray *ports;
} Box;

static const JsonField port_fields[] = {
    JSON_FIELD(Port, host, INT),
    JSON_FIELD(Port, protocol, STRING),
};
static const JsonStruct port_type = { sizeof(Port), port_fields, G_N_ELEMENTS(port_fields) };

static const JsonField box_fields[] = {
    JSON_FIELD(Box, name, STRING),   JSON_FIELD(Box, command, STRV),
    JSON_FIELD(Box, exit_code, INT), JSON_FIELD(Box, created, INT64),
    JSON_FIELD(Box, memory, UINT64), JSON_FIELD(Box, is_paused, BOOL),
    JSON_FIELD(Box, extra, VALUE),   JSON_FIELD_OF(Box, ports, &port_type),
};
static const JsonStruct box_type = { sizeof(Box), box_fields, G_N_ELEMENTS(box_fields) };

static void test_a_struct_survives_the_way_to_json_and_back(void)
{
    const char *text = "{\"name\":\"web\",\"command\":[\"sh\",\"-c\"],\"exit_code\":-1,"
                       "\"created\":9223372036854775807,\"memory\":4096,\"is_paused\":true,"
                       "\"extra\":{\"k\":[null]},"
                       "\"ports\":[{\"host\":80,\"protocol\":\"tcp\"},{}]}";
    g_autoptr(JsonValue) object = parsed(text);
    g_autoptr(GError) error = NULL;
    Box box = { 0 };

    json_to_struct(&box_type, object, &box, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(box.name, ==, "web");
    g_assert_cmpstr(box.command[1], ==, "-c");
    g_assert_cmpint(box.exit_code, ==, -1);
    g_assert_cmpuint(box.memory, ==, 4096);
    g_assert_cmpuint(box.ports->len, ==, 2);
    g_assert_cmpint(((Port *)g_ptr_array_index(box.ports, 0))->host, ==, 80);

    g_autoptr(JsonValue) again = json_from_struct(&box_type, &box);
    g_autofree char *again_text = json_to_text(again);

    g_assert_cmpstr(again_text, ==, text);
    json_struct_clear(&box_type, &box);
    g_assert_null(box.name);
    g_assert_null(box.ports);
}

static void test_an_empty_struct_is_an_empty_object(void)
{
    Box box = { 0 };
    g_autoptr(JsonValue) object = json_from_struct(&box_type, &box);
    g_autofree char *text = json_to_text(object);

    g_assert_cmpstr(text, ==, "{}");
    g_assert_true(json_to_struct(&box_type, object, &box, NULL));
    g_assert_null(box.name);
    json_struct_clear(&box_type, &box);
}

static void test_a_struct_from_bad_json_is_zero_and_the_key_is_named(void)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        { "[]", "must be an object" },
        { "{\"name\":1}", "key 'name'" },
        { "{\"name\":\"x\",\"exit_code\":2147483648}", "key 'exit_code'" },
        { "{\"name\":\"x\",\"memory\":-1}", "key 'memory'" },
        { "{\"name\":\"x\",\"extra\":{},\"ports\":[{\"host\":1},{\"host\":\"y\"}]}",
          "key 'ports': item 1: key 'host'" },
        { "{\"name\":\"x\",\"ports\":[null]}", "key 'ports': item 0: must be an object" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(JsonValue) object = parsed(cases[i].text);
        g_autoptr(GError) error = NULL;
        Box box = { 0 };
        const Box zero = { 0 };

        g_assert_false(json_to_struct(&box_type, object, &box, &error));
        assert_invalid(error, cases[i].part);
        g_assert_cmpmem(&box, sizeof(box), &zero, sizeof(zero));
    }
}

static void test_unknown_keys_are_ignored(void)
{
    g_autoptr(JsonValue) object = parsed("{\"from_the_future\":[],\"exit_code\":3}");
    Box box = { 0 };

    g_assert_true(json_to_struct(&box_type, object, &box, NULL));
    g_assert_cmpint(box.exit_code, ==, 3);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/json/bad-text-is-refused-with-its-place",
                    test_bad_text_is_refused_with_its_place);
    g_test_add_func("/base/json/text-of-a-value-keeps-the-order-of-keys",
                    test_text_of_a_value_keeps_the_order_of_keys);
    g_test_add_func("/base/json/an-error-in-a-file-names-the-file",
                    test_an_error_in_a_file_names_the_file);
    g_test_add_func("/base/json/strings-that-are-no-utf8-are-kept-as-far-as-possible",
                    test_strings_that_are_no_utf8_are_kept_as_far_as_possible);
    g_test_add_func("/base/json/values-are-read-by-key", test_values_are_read_by_key);
    g_test_add_func("/base/json/missing-keys-and-nulls-leave-the-default",
                    test_missing_keys_and_nulls_leave_the_default);
    g_test_add_func("/base/json/a-wrong-type-names-the-key", test_a_wrong_type_names_the_key);
    g_test_add_func("/base/json/a-struct-survives-the-way-to-json-and-back",
                    test_a_struct_survives_the_way_to_json_and_back);
    g_test_add_func("/base/json/an-empty-struct-is-an-empty-object",
                    test_an_empty_struct_is_an_empty_object);
    g_test_add_func("/base/json/a-struct-from-bad-json-is-zero-and-the-key-is-named",
                    test_a_struct_from_bad_json_is_zero_and_the_key_is_named);
    g_test_add_func("/base/json/unknown-keys-are-ignored", test_unknown_keys_are_ignored);
    return g_test_run();
}
