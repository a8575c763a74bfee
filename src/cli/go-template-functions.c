/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions of Go's text/template (len, index, slice, print..., comparisons) and those that
 * podman and docker add (json, join, split, lower, upper, title, truncate, pad). Argument counts
 * are checked before.
 */
#include "cli/go-template-functions.h"

#include "cli/go-printf.h"
#include "cli/message.h"
#include "cli/nearest.h"

#include <string.h>

static json_t *text_of(GString *taken)
{
    g_autoptr(GString) text = taken;

    return json_stringn(text->str, text->len);
}

static const char *text_argument(const GoValue *args, unsigned i, GError **error)
{
    if (json_is_string(args[i].json))
        return json_string_value(args[i].json);
    cli_set_error(error, "argument %u is no text", i + 1);
    return NULL;
}

static bool count_argument(const GoValue *args, unsigned i, size_t limit, size_t *ret_count,
                           GError **error)
{
    json_int_t value = json_integer_value(args[i].json);

    if (!json_is_integer(args[i].json) || value < 0)
        return cli_set_error(error, "argument %u is no number from 0", i + 1);
    if ((unsigned long long)value > limit)
        return cli_set_error(error, "%" JSON_INTEGER_FORMAT " is out of range", value);
    *ret_count = (size_t)value;
    return true;
}

static json_t *call_json(const GoValue *args, unsigned count, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char *dumped = args[0].json != NULL ? json_dumps(args[0].json, JSON_COMPACT | JSON_ENCODE_ANY)
                                        : NULL;

    g_string_append(text, dumped != NULL ? dumped : "null");
    free(dumped); /* jansson's allocator is malloc */
    return text_of(g_steal_pointer(&text));
}

static json_t *call_len(const GoValue *args, unsigned count, GError **error)
{
    const json_t *value = args[0].json;

    if (json_is_string(value))
        return json_integer((json_int_t)json_string_length(value));
    if (json_is_array(value))
        return json_integer((json_int_t)json_array_size(value));
    if (json_is_object(value) || args[0].is_map)
        return json_integer((json_int_t)json_object_size(value));
    cli_set_error(error, "len of what has no length");
    return NULL;
}

/*
 * A missing key gives the empty text where the others are texts, as Go's zero value of such a map.
 */
static json_t *zero_value_of(json_t *map)
{
    void *first = json_object_iter(map);

    return first == NULL || json_is_string(json_object_iter_value(first)) ? json_string("") : NULL;
}

static json_t *call_index(const GoValue *args, unsigned count, GError **error)
{
    json_t *value = args[0].json;
    bool is_map = args[0].is_map;

    for (unsigned i = 1; i < count; i++) {
        if (json_is_array(value)) {
            size_t at = 0;

            if (!count_argument(args, i, G_MAXSIZE, &at, error))
                return NULL;
            if (at >= json_array_size(value)) {
                cli_set_error(error, "index %zu is out of range, the list has %zu", at,
                              json_array_size(value));
                return NULL;
            }
            value = json_array_get(value, at);
        } else if (json_is_object(value) || is_map) {
            const char *key = text_argument(args, i, error);

            if (key == NULL)
                return NULL;
            if (json_object_get(value, key) == NULL)
                return zero_value_of(value);
            value = json_object_get(value, key);
        } else {
            cli_set_error(error, "index of what is neither list nor map");
            return NULL;
        }
        is_map = false;
    }
    return json_incref(value);
}

static json_t *call_slice(const GoValue *args, unsigned count, GError **error)
{
    json_t *value = args[0].json;
    size_t length = json_is_string(value) ? json_string_length(value) : json_array_size(value);
    size_t from = 0, to = length;

    if (!json_is_string(value) && !json_is_array(value)) {
        cli_set_error(error, "slice of what is neither text nor list");
        return NULL;
    }
    if ((count > 2 && !count_argument(args, 2, length, &to, error)) ||
        (count > 1 && !count_argument(args, 1, to, &from, error)))
        return NULL;
    if (json_is_string(value)) {
        json_t *part = json_stringn(json_string_value(value) + from, to - from);

        if (part == NULL)
            cli_set_error(error, "slice cuts a character in two");
        return part;
    }

    json_t *part = json_array();
    for (size_t i = from; i < to; i++)
        json_array_append(part, json_array_get(value, i));
    return part;
}

static json_t *call_print(const GoValue *args, unsigned count, GError **error)
{
    GString *text = g_string_new(NULL);

    /* Go puts blanks only between two operands that are no texts. */
    for (unsigned i = 0; i < count; i++) {
        if (i > 0 && !json_is_string(args[i].json) && !json_is_string(args[i - 1].json))
            g_string_append_c(text, ' ');
        go_value_print(args[i], text);
    }
    return text_of(text);
}

static json_t *call_println(const GoValue *args, unsigned count, GError **error)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < count; i++) {
        if (i > 0)
            g_string_append_c(text, ' ');
        go_value_print(args[i], text);
    }
    g_string_append_c(text, '\n');
    return text_of(text);
}

static json_t *call_printf(const GoValue *args, unsigned count, GError **error)
{
    const char *format = text_argument(args, 0, error);

    if (format == NULL)
        return NULL;

    GString *text = g_string_new(NULL);
    go_printf(format, args + 1, count - 1, text);
    json_t *result = text_of(text);
    if (result == NULL)
        cli_set_error(error, "printf: the result is no UTF-8");
    return result;
}

static json_t *call_join(const GoValue *args, unsigned count, GError **error)
{
    const char *separator = text_argument(args, 1, error);
    size_t i;
    json_t *item;

    if (separator == NULL)
        return NULL;
    if (!json_is_array(args[0].json) && !json_is_null(args[0].json)) {
        cli_set_error(error, "join of what is no list");
        return NULL;
    }

    GString *text = g_string_new(NULL);
    json_array_foreach(args[0].json, i, item) {
        if (i > 0)
            g_string_append(text, separator);
        go_value_print((GoValue){ item, false }, text);
    }
    return text_of(text);
}

static json_t *call_split(const GoValue *args, unsigned count, GError **error)
{
    const char *text = text_argument(args, 0, error);
    const char *separator = text != NULL ? text_argument(args, 1, error) : NULL;

    if (separator == NULL)
        return NULL;
    if (separator[0] == '\0') {
        cli_set_error(error, "split needs a separator");
        return NULL;
    }

    g_auto(GStrv) parts = g_strsplit(text, separator, -1);
    json_t *list = json_array();
    if (parts[0] == NULL)
        json_array_append_new(list, json_string(""));
    for (char **part = parts; *part != NULL; part++)
        json_array_append_new(list, json_string(*part));
    return list;
}

static json_t *call_lower(const GoValue *args, unsigned count, GError **error)
{
    const char *text = text_argument(args, 0, error);
    g_autofree char *changed = text != NULL ? g_utf8_strdown(text, -1) : NULL;

    return changed != NULL ? json_string(changed) : NULL;
}

static json_t *call_upper(const GoValue *args, unsigned count, GError **error)
{
    const char *text = text_argument(args, 0, error);
    g_autofree char *changed = text != NULL ? g_utf8_strup(text, -1) : NULL;

    return changed != NULL ? json_string(changed) : NULL;
}

static json_t *call_title(const GoValue *args, unsigned count, GError **error)
{
    const char *text = text_argument(args, 0, error);
    bool in_word = false;

    if (text == NULL)
        return NULL;

    GString *changed = g_string_new(NULL);
    for (; *text != '\0'; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);

        g_string_append_unichar(changed, in_word ? c : g_unichar_totitle(c));
        in_word = g_unichar_isalnum(c) || c == '_' || c == '\'';
    }
    return text_of(changed);
}

static json_t *call_truncate(const GoValue *args, unsigned count, GError **error)
{
    const char *text = text_argument(args, 0, error);
    size_t length = 0;

    if (text == NULL || !count_argument(args, 1, G_MAXINT, &length, error))
        return NULL;

    glong whole = g_utf8_strlen(text, -1);
    const char *end = g_utf8_offset_to_pointer(text, MIN((glong)length, whole));
    return json_stringn(text, (size_t)(end - text));
}

#define WIDEST_PAD 4096

static json_t *call_pad(const GoValue *args, unsigned count, GError **error)
{
    const char *text = text_argument(args, 0, error);
    size_t before = 0, after = 0;

    if (text == NULL || !count_argument(args, 1, WIDEST_PAD, &before, error) ||
        !count_argument(args, 2, WIDEST_PAD, &after, error))
        return NULL;
    if (text[0] == '\0')
        return json_string("");

    GString *padded = g_string_new(NULL);
    g_string_append_printf(padded, "%*s%s%*s", (int)before, "", text, (int)after, "");
    return text_of(padded);
}

static json_t *call_not(const GoValue *args, unsigned count, GError **error)
{
    return json_boolean(!go_value_is_true(args[0]));
}

static bool is_nothing(GoValue value)
{
    return value.json == NULL || json_is_null(value.json);
}

static bool equal(GoValue a, GoValue b, bool *ret_equal, GError **error)
{
    int order = 1;

    if (is_nothing(a) || is_nothing(b))
        *ret_equal = is_nothing(a) && is_nothing(b);
    else if (!go_value_order(a, b, &order))
        return cli_set_error(error, "incompatible types for comparison");
    else
        *ret_equal = order == 0;
    return true;
}

/* eq A B C...: A is one of the others. */
static json_t *call_eq(const GoValue *args, unsigned count, GError **error)
{
    bool found = false;

    for (unsigned i = 1; i < count && !found; i++) {
        if (!equal(args[0], args[i], &found, error))
            return NULL;
    }
    return json_boolean(found);
}

static json_t *call_ne(const GoValue *args, unsigned count, GError **error)
{
    bool same = false;

    return equal(args[0], args[1], &same, error) ? json_boolean(!same) : NULL;
}

static bool order_of(const GoValue *args, int *ret_order, GError **error)
{
    return (!json_is_boolean(args[0].json) && go_value_order(args[0], args[1], ret_order)) ||
           cli_set_error(error, "incompatible types for comparison");
}

static json_t *call_lt(const GoValue *args, unsigned count, GError **error)
{
    int order = 0;

    return order_of(args, &order, error) ? json_boolean(order < 0) : NULL;
}

static json_t *call_le(const GoValue *args, unsigned count, GError **error)
{
    int order = 0;

    return order_of(args, &order, error) ? json_boolean(order <= 0) : NULL;
}

static json_t *call_gt(const GoValue *args, unsigned count, GError **error)
{
    int order = 0;

    return order_of(args, &order, error) ? json_boolean(order > 0) : NULL;
}

static json_t *call_ge(const GoValue *args, unsigned count, GError **error)
{
    int order = 0;

    return order_of(args, &order, error) ? json_boolean(order >= 0) : NULL;
}

#define ANY G_MAXUINT

static const GoFunction functions[] = {
    { "eq", 2, ANY, call_eq },         { "ge", 2, 2, call_ge },
    { "gt", 2, 2, call_gt },           { "index", 1, ANY, call_index },
    { "join", 2, 2, call_join },       { "json", 1, 1, call_json },
    { "le", 2, 2, call_le },           { "len", 1, 1, call_len },
    { "lower", 1, 1, call_lower },     { "lt", 2, 2, call_lt },
    { "ne", 2, 2, call_ne },           { "not", 1, 1, call_not },
    { "pad", 3, 3, call_pad },         { "print", 0, ANY, call_print },
    { "printf", 1, ANY, call_printf }, { "println", 0, ANY, call_println },
    { "slice", 1, 3, call_slice },     { "split", 2, 2, call_split },
    { "title", 1, 1, call_title },     { "truncate", 2, 2, call_truncate },
    { "upper", 1, 1, call_upper },
};

const GoFunction *go_function_find(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(functions); i++) {
        if (strcmp(functions[i].name, name) == 0)
            return &functions[i];
    }
    return NULL;
}

const char *go_function_nearest(const char *name)
{
    Nearest nearest = NEAREST_INIT(name);

    for (size_t i = 0; i < G_N_ELEMENTS(functions); i++)
        nearest_offer(&nearest, functions[i].name);
    return nearest.found;
}
