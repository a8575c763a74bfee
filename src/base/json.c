/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON text to values and back, reading by key with errors that say which key and what it should
 * have been, and the mapping between objects and C structs by a table of fields. jansson does the
 * parsing and bounds the nesting (2048 levels); what is checked here is meaning.
 */
#include "base/json.h"

#include "base/fd.h"

#include <limits.h>
#include <string.h>

#define TEXT_MAX ((size_t)64 * 1024 * 1024)

/* jansson quotes the text it stumbled over; that may be bytes which are no good on a terminal. */
static char *printable(const char *text)
{
    char *copy = g_utf8_make_valid(text, -1);

    for (char *c = copy; *c != '\0'; c++) {
        if (g_ascii_iscntrl(*c))
            *c = '?';
    }
    return copy;
}

bool json_parse(const char *text, size_t length, const char *what, json_t **ret_value,
                GError **error)
{
    if (length > TEXT_MAX)
        return err_set(error, FLOE_ERROR_INVALID, "%s: longer than %zu bytes", what, TEXT_MAX);

    json_error_t failure;
    json_t *value = json_loadb(text, length, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &failure);

    if (value == NULL) {
        g_autofree char *reason = printable(failure.text);
        return err_set(error, FLOE_ERROR_INVALID, "%s: line %d, column %d: %s", what, failure.line,
                       failure.column, reason);
    }
    *ret_value = value;
    return true;
}

bool json_read_file(const char *path, size_t limit, json_t **ret_value, GError **error)
{
    g_autofree char *text = NULL;
    size_t length = 0;

    if (!file_read(path, limit, &text, &length, error))
        return false;
    return json_parse(text, length, path, ret_value, error);
}

char *json_to_text(const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

    g_assert(text != NULL);
    return text;
}

/* --- reading by key --------------------------------------------------------------------------- */

static const char *type_name(json_type type)
{
    switch (type) {
    case JSON_OBJECT: return "an object";
    case JSON_ARRAY: return "an array";
    case JSON_STRING: return "a string";
    case JSON_INTEGER: return "a whole number";
    case JSON_REAL: return "a number with a fraction";
    case JSON_TRUE:
    case JSON_FALSE: return "a boolean";
    case JSON_NULL: return "null";
    }
    return "something else";
}

static bool wrong_type(const char *key, const json_t *value, json_type wanted, GError **error)
{
    return err_set(error, FLOE_ERROR_INVALID, "key '%s': must be %s, not %s", key,
                   type_name(wanted), type_name(json_typeof(value)));
}

/*
 * The value of a key; NULL when it is missing or null. JSON_TRUE as the type stands for both
 * booleans.
 */
static bool lookup(const json_t *object, const char *key, json_type wanted, json_t **ret_value,
                   GError **error)
{
    if (object != NULL && !json_is_object(object))
        return err_set(error, FLOE_ERROR_INVALID, "key '%s': is looked for in %s, not in an object",
                       key, type_name(json_typeof(object)));

    json_t *value = json_object_get(object, key);

    *ret_value = NULL;
    if (value == NULL || json_is_null(value))
        return true;
    if (json_typeof(value) != wanted && !(wanted == JSON_TRUE && json_is_false(value)))
        return wrong_type(key, value, wanted, error);
    *ret_value = value;
    return true;
}

bool json_get_string(const json_t *object, const char *key, const char **ret_text, GError **error)
{
    json_t *value = NULL;

    if (!lookup(object, key, JSON_STRING, &value, error))
        return false;
    *ret_text = json_string_value(value);
    return true;
}

bool json_get_int64(const json_t *object, const char *key, int64_t *ret_number, GError **error)
{
    json_t *value = NULL;

    if (!lookup(object, key, JSON_INTEGER, &value, error))
        return false;
    if (value != NULL)
        *ret_number = json_integer_value(value);
    return true;
}

bool json_get_bool(const json_t *object, const char *key, bool *ret_value, GError **error)
{
    json_t *value = NULL;

    if (!lookup(object, key, JSON_TRUE, &value, error))
        return false;
    if (value != NULL)
        *ret_value = json_is_true(value);
    return true;
}

bool json_get_object(const json_t *object, const char *key, json_t **ret_borrowed, GError **error)
{
    return lookup(object, key, JSON_OBJECT, ret_borrowed, error);
}

bool json_get_array(const json_t *object, const char *key, json_t **ret_borrowed, GError **error)
{
    return lookup(object, key, JSON_ARRAY, ret_borrowed, error);
}

bool json_get_strv(const json_t *object, const char *key, char ***ret_strings, GError **error)
{
    json_t *array = NULL;

    if (!lookup(object, key, JSON_ARRAY, &array, error))
        return false;
    if (array == NULL) {
        *ret_strings = NULL;
        return true;
    }

    g_auto(GStrv) strings = g_new0(char *, json_array_size(array) + 1);
    size_t index;
    json_t *item;

    json_array_foreach(array, index, item) {
        if (!json_is_string(item))
            return err_set(error, FLOE_ERROR_INVALID, "key '%s': item %zu must be a string, not %s",
                           key, index, type_name(json_typeof(item)));
        strings[index] = g_strdup(json_string_value(item));
    }
    *ret_strings = g_steal_pointer(&strings);
    return true;
}

bool json_get_number(const json_t *object, const char *key, int64_t min, int64_t max,
                     int64_t *ret_number, GError **error)
{
    int64_t number = *ret_number;

    if (!json_get_int64(object, key, &number, error))
        return false;
    if (number < min || number > max)
        return err_set(error, FLOE_ERROR_INVALID, "key '%s': %" G_GINT64_FORMAT " is out of range",
                       key, number);
    *ret_number = number;
    return true;
}

bool json_item_check(const char *key, size_t index, const json_t *item, GError **error)
{
    return json_is_object(item) ||
           err_set(error, FLOE_ERROR_INVALID, "key '%s': item %zu is not an object", key, index);
}

json_t *json_from_string(const char *text)
{
    if (text == NULL)
        return json_null();

    json_t *value = json_string(text);

    if (value == NULL) {
        g_autofree char *valid = g_utf8_make_valid(text, -1);
        value = json_string(valid);
    }
    return value;
}

json_t *json_from_strv(const char *const *strings)
{
    json_t *array = json_array();

    for (size_t i = 0; strings != NULL && strings[i] != NULL; i++)
        json_array_append_new(array, json_from_string(strings[i]));
    return array;
}

void json_set_number(json_t *object, const char *key, uint64_t number)
{
    json_object_set_new(object, key, json_integer((json_int_t)MIN(number, (uint64_t)INT64_MAX)));
}

/* --- structs ---------------------------------------------------------------------------------- */

/* The member of a struct, as a pointer of the type that the field's kind says. */
#define MEMBER(Type, data, field) ((Type *)(void *)((char *)(data) + (field)->offset))
#define CONST_MEMBER(Type, data, field) \
    ((Type const *)(const void *)((const char *)(data) + (field)->offset))

static json_t *array_to_json(const JsonStruct *element, const GPtrArray *items)
{
    if (items == NULL)
        return NULL;

    json_t *array = json_array();

    for (guint i = 0; i < items->len; i++)
        json_array_append_new(array, json_from_struct(element, g_ptr_array_index(items, i)));
    return array;
}

static json_t *number_to_json(int64_t number)
{
    return number != 0 ? json_integer(number) : NULL;
}

/* NULL: the field is left out. */
static json_t *field_to_json(const JsonField *field, const void *data)
{
    switch (field->kind) {
    case JSON_FIELD_STRING: {
        const char *text = *CONST_MEMBER(char *, data, field);
        return text != NULL ? json_from_string(text) : NULL;
    }
    case JSON_FIELD_STRV: {
        char **strings = *CONST_MEMBER(char **, data, field);
        return strings != NULL ? json_from_strv((const char *const *)strings) : NULL;
    }
    case JSON_FIELD_INT: return number_to_json(*CONST_MEMBER(int, data, field));
    case JSON_FIELD_INT64: return number_to_json(*CONST_MEMBER(int64_t, data, field));
    case JSON_FIELD_UINT64: {
        uint64_t number = *CONST_MEMBER(uint64_t, data, field);
        g_assert(number <= INT64_MAX);
        return number_to_json((int64_t)number);
    }
    case JSON_FIELD_BOOL: return *CONST_MEMBER(bool, data, field) ? json_true() : NULL;
    case JSON_FIELD_VALUE: return json_incref(*CONST_MEMBER(json_t *, data, field));
    case JSON_FIELD_ARRAY:
        return array_to_json(field->element, *CONST_MEMBER(GPtrArray *, data, field));
    }
    g_assert_not_reached();
}

json_t *json_from_struct(const JsonStruct *type, const void *data)
{
    json_t *object = json_object();

    for (size_t i = 0; i < type->n_fields; i++) {
        json_t *value = field_to_json(&type->fields[i], data);

        if (value != NULL)
            json_object_set_new(object, type->fields[i].key, value);
    }
    return object;
}

static bool array_from_json(const JsonField *field, const json_t *object, void *data, GError **error)
{
    json_t *array = NULL;

    if (!json_get_array(object, field->key, &array, error))
        return false;
    if (array == NULL)
        return true;

    GPtrArray *items = g_ptr_array_sized_new((guint)json_array_size(array));
    size_t index;
    json_t *item;

    /* In its place from the start: on failure it is cleared with the whole struct. */
    *MEMBER(GPtrArray *, data, field) = items;
    json_array_foreach(array, index, item) {
        void *element = g_malloc0(field->element->size);

        g_ptr_array_add(items, element);
        if (!json_to_struct(field->element, item, element, error))
            return err_prefix(error, "key '%s': item %zu", field->key, index);
    }
    return true;
}

static bool field_from_json(const JsonField *field, const json_t *object, void *data, GError **error)
{
    int64_t number = 0;

    switch (field->kind) {
    case JSON_FIELD_STRING: {
        const char *text = NULL;
        if (!json_get_string(object, field->key, &text, error))
            return false;
        *MEMBER(char *, data, field) = g_strdup(text);
        return true;
    }
    case JSON_FIELD_STRV:
        return json_get_strv(object, field->key, MEMBER(char **, data, field), error);
    case JSON_FIELD_INT:
        if (!json_get_number(object, field->key, INT_MIN, INT_MAX, &number, error))
            return false;
        *MEMBER(int, data, field) = (int)number;
        return true;
    case JSON_FIELD_INT64:
        return json_get_int64(object, field->key, MEMBER(int64_t, data, field), error);
    case JSON_FIELD_UINT64:
        if (!json_get_number(object, field->key, 0, INT64_MAX, &number, error))
            return false;
        *MEMBER(uint64_t, data, field) = (uint64_t)number;
        return true;
    case JSON_FIELD_BOOL:
        return json_get_bool(object, field->key, MEMBER(bool, data, field), error);
    case JSON_FIELD_VALUE:
        *MEMBER(json_t *, data, field) = json_incref(json_object_get(object, field->key));
        return true;
    case JSON_FIELD_ARRAY: return array_from_json(field, object, data, error);
    }
    g_assert_not_reached();
}

bool json_to_struct(const JsonStruct *type, const json_t *object, void *ret_data, GError **error)
{
    if (!json_is_object(object))
        return err_set(error, FLOE_ERROR_INVALID, "must be an object, not %s",
                       object != NULL ? type_name(json_typeof(object)) : "missing");

    for (size_t i = 0; i < type->n_fields; i++) {
        if (!field_from_json(&type->fields[i], object, ret_data, error)) {
            json_struct_clear(type, ret_data);
            return false;
        }
    }
    return true;
}

static void array_free(const JsonStruct *element, GPtrArray *items)
{
    if (items == NULL)
        return;
    for (guint i = 0; i < items->len; i++) {
        void *item = g_ptr_array_index(items, i);

        json_struct_clear(element, item);
        g_free(item);
    }
    g_ptr_array_unref(items);
}

void json_struct_clear(const JsonStruct *type, void *data)
{
    for (size_t i = 0; i < type->n_fields; i++) {
        const JsonField *field = &type->fields[i];

        switch (field->kind) {
        case JSON_FIELD_STRING: g_free(*MEMBER(char *, data, field)); break;
        case JSON_FIELD_STRV: g_strfreev(*MEMBER(char **, data, field)); break;
        case JSON_FIELD_VALUE: json_decref(*MEMBER(json_t *, data, field)); break;
        case JSON_FIELD_ARRAY: array_free(field->element, *MEMBER(GPtrArray *, data, field)); break;
        case JSON_FIELD_INT:
        case JSON_FIELD_INT64:
        case JSON_FIELD_UINT64:
        case JSON_FIELD_BOOL: break;
        }
    }
    memset(data, 0, type->size);
}
