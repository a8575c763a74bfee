/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"

#include "cli/go-template.h"
#include "cli/table.h"

#include <stdio.h>
#include <string.h>

#define TABLE "table "

bool output_is_json(const char *format)
{
    g_autofree char *word = g_strstrip(g_strdup(format));

    return strcmp(word, "json") == 0 || strcmp(word, "{{json .}}") == 0 ||
           strcmp(word, "{{ json . }}") == 0;
}

void output_json(const json_t *json)
{
    json_dumpf(json, stdout, JSON_INDENT(4) | JSON_ENCODE_ANY);
    putchar('\n');
}

/* Behind "table" the blanks between {{ }} part columns, as podman has it. */
static void blanks_to_tabs(char *format)
{
    bool inside = false;

    for (char *at = format; *at != '\0'; at++) {
        if (g_str_has_prefix(at, "{{") || g_str_has_prefix(at, "}}"))
            inside = *at == '{';
        else if (*at == ' ' && !inside)
            *at = '\t';
    }
}

static bool append_line(const GoTemplate *template, json_t *data, GString *text, GError **error)
{
    size_t start = text->len;

    if (!go_template_execute(template, data, text, error))
        return false;
    if (text->len == start || text->str[text->len - 1] != '\n')
        g_string_append_c(text, '\n');
    return true;
}

bool output_template(const char *format, const json_t *list, json_t *headers, GError **error)
{
    bool is_table = g_str_has_prefix(format, TABLE);
    g_autofree char *plain = go_template_unescape(format + (is_table ? strlen(TABLE) : 0));
    g_autoptr(GString) text = g_string_new(NULL);
    size_t i;
    json_t *object;

    if (is_table)
        blanks_to_tabs(plain);

    g_autoptr(GoTemplate) template = go_template_parse(plain, error);
    if (template == NULL)
        return false;
    if (is_table && headers != NULL && !append_line(template, headers, text, error))
        return false;
    json_array_foreach(list, i, object) {
        if (!append_line(template, object, text, error))
            return false;
    }

    if (is_table)
        table_print(text, stdout);
    else
        fwrite(text->str, 1, text->len, stdout);
    return true;
}
