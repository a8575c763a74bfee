/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/go-value.h"

#include <stdlib.h>
#include <string.h>

bool go_value_is_true(GoValue value)
{
    switch (value.json != NULL ? json_typeof(value.json) : JSON_NULL) {
    case JSON_OBJECT: return json_object_size(value.json) > 0;
    case JSON_ARRAY: return json_array_size(value.json) > 0;
    case JSON_STRING: return json_string_length(value.json) > 0;
    case JSON_INTEGER:
    case JSON_REAL: return json_number_value(value.json) != 0;
    case JSON_TRUE: return true;
    default: return false;
    }
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **go_value_sorted_keys(json_t *object, size_t *ret_count)
{
    const char **keys = g_new(const char *, json_object_size(object) + 1);
    const char *key;
    json_t *value;
    size_t count = 0;

    json_object_foreach(object, key, value) {
        keys[count++] = key;
    }
    qsort(keys, count, sizeof(*keys), compare_keys);
    *ret_count = count;
    return keys;
}

/* The shortest digits that mean the same number. */
static void print_real(double number, GString *out)
{
    char text[64];

    for (int digits = 1; digits <= 17; digits++) {
        char format[8];

        g_snprintf(format, sizeof(format), "%%.%dg", digits);
        g_ascii_formatd(text, sizeof(text), format, number);
        if (g_ascii_strtod(text, NULL) == number)
            break;
    }
    g_string_append(out, text);
}

static void print_array(json_t *array, GString *out)
{
    size_t i;
    json_t *item;

    g_string_append_c(out, '[');
    json_array_foreach(array, i, item) {
        if (i > 0)
            g_string_append_c(out, ' ');
        go_value_print((GoValue){ item, false }, out);
    }
    g_string_append_c(out, ']');
}

static void print_object(json_t *object, GString *out)
{
    size_t count;
    g_autofree const char **keys = go_value_sorted_keys(object, &count);

    g_string_append(out, "map[");
    for (size_t i = 0; i < count; i++) {
        g_string_append_printf(out, "%s%s:", i > 0 ? " " : "", keys[i]);
        go_value_print((GoValue){ json_object_get(object, keys[i]), false }, out);
    }
    g_string_append_c(out, ']');
}

void go_value_print(GoValue value, GString *out)
{
    if (value.json == NULL) {
        g_string_append(out, "<no value>");
        return;
    }

    switch (json_typeof(value.json)) {
    case JSON_OBJECT: print_object(value.json, out); break;
    case JSON_ARRAY: print_array(value.json, out); break;
    case JSON_STRING: g_string_append(out, json_string_value(value.json)); break;
    case JSON_INTEGER:
        g_string_append_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value.json));
        break;
    case JSON_REAL: print_real(json_real_value(value.json), out); break;
    case JSON_TRUE:
    case JSON_FALSE: g_string_append(out, json_is_true(value.json) ? "true" : "false"); break;
    case JSON_NULL: g_string_append(out, value.is_map ? "map[]" : "<nil>"); break;
    }
}

bool go_value_order(GoValue a, GoValue b, int *ret_order)
{
    if (json_is_integer(a.json) && json_is_integer(b.json)) {
        json_int_t x = json_integer_value(a.json), y = json_integer_value(b.json);

        *ret_order = (x > y) - (x < y);
    } else if (json_is_number(a.json) && json_is_number(b.json)) {
        double x = json_number_value(a.json), y = json_number_value(b.json);

        *ret_order = (x > y) - (x < y);
    } else if (json_is_string(a.json) && json_is_string(b.json)) {
        int order = strcmp(json_string_value(a.json), json_string_value(b.json));

        *ret_order = (order > 0) - (order < 0);
    } else if (json_is_boolean(a.json) && json_is_boolean(b.json)) {
        *ret_order = json_is_true(a.json) - json_is_true(b.json);
    } else {
        return false;
    }
    return true;
}

GDateTime *go_value_time(const json_t *value)
{
    const char *text = json_string_value(value);

    return text != NULL && strlen(text) >= strlen("2006-01-02T15:04:05Z") && text[10] == 'T'
               ? g_date_time_new_from_iso8601(text, NULL)
               : NULL;
}
