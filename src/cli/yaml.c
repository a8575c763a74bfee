/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/yaml.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define STEP 2

static void append_value(GString *out, const json_t *value, int indent);

/*
 * A text that a YAML reader would take for a number, a truth value, null or syntax must be quoted.
 */
static bool is_plain(const char *text)
{
    static const char *const special[] = { "true", "false", "yes",   "no",  "on", "off",  "null",
                                           "~",    "True",  "False", "Yes", "No", "NULL", NULL };
    char *end;

    if (*text == '\0' || g_strv_contains(special, text) ||
        strchr("-?:,[]{}#&*!|>'\"%@` =<", *text) != NULL)
        return false;
    g_ascii_strtod(text, &end);
    if (*end == '\0')
        return false;
    if (strstr(text, ": ") != NULL || strstr(text, " #") != NULL ||
        strchr(": ", text[strlen(text) - 1]) != NULL)
        return false;
    for (; *text != '\0'; text++) {
        if (g_ascii_iscntrl(*text))
            return false;
    }
    return true;
}

/* JSON's way to write texts and numbers is also YAML's. */
static void append_json(GString *out, const json_t *value)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

    g_string_append(out, text);
    free(text); /* jansson's allocator is malloc */
}

/* Lines that can stand as they are in a block, as in "key: |-". */
static bool is_block(const char *text)
{
    if (strchr(text, '\n') == NULL || g_ascii_isspace(*text) || g_str_has_suffix(text, "\n"))
        return false;
    for (; *text != '\0'; text++) {
        if (g_ascii_iscntrl(*text) && *text != '\n')
            return false;
    }
    return true;
}

static void append_block(GString *out, const char *text, int indent)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    g_string_append(out, "|-");
    for (char **line = lines; *line != NULL; line++)
        g_string_append_printf(out, "\n%*s%s", **line != '\0' ? indent : 0, "", *line);
}

static void append_text(GString *out, const char *text)
{
    json_auto_t *quoted = is_plain(text) ? NULL : json_string(text);

    if (quoted == NULL)
        g_string_append(out, text);
    else
        append_json(out, quoted);
}

static void append_indent(GString *out, int indent)
{
    g_string_append_printf(out, "%*s", indent, "");
}

static void append_object(GString *out, const json_t *object, int indent)
{
    const char *key;
    json_t *value;
    bool is_first = true;

    json_object_foreach((json_t *)object, key, value) {
        /* The first key stands behind "- " or at the place the caller has come to. */
        if (!is_first)
            append_indent(out, indent);
        is_first = false;
        append_text(out, key);
        g_string_append_c(out, ':');
        if (json_object_size(value) > 0 || json_array_size(value) > 0) {
            g_string_append_c(out, '\n');
            append_indent(out, json_is_object(value) ? indent + STEP : indent);
        } else {
            g_string_append_c(out, ' ');
        }
        append_value(out, value, json_is_array(value) ? indent : indent + STEP);
    }
}

static void append_array(GString *out, const json_t *array, int indent)
{
    size_t i;
    json_t *item;

    json_array_foreach(array, i, item) {
        if (i > 0)
            append_indent(out, indent);
        g_string_append(out, "- ");
        append_value(out, item, indent + STEP);
    }
}

static void append_value(GString *out, const json_t *value, int indent)
{
    if (json_object_size(value) > 0) {
        append_object(out, value, indent);
    } else if (json_array_size(value) > 0) {
        append_array(out, value, indent);
    } else {
        const char *text = json_string_value(value);

        if (text != NULL && is_block(text))
            append_block(out, text, indent);
        else if (text != NULL)
            append_text(out, text);
        else
            append_json(out, value);
        g_string_append_c(out, '\n');
    }
}

void yaml_append(GString *out, const json_t *value)
{
    append_value(out, value, 0);
}
