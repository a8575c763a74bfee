/* SPDX-License-Identifier: Apache-2.0 */
#include "quadlet/unit-file.h"

#include "base/fd.h"

#include <stdarg.h>
#include <string.h>

#define FILE_MAX ((size_t)1024 * 1024)

static void entry_free(gpointer data)
{
    UnitEntry *entry = data;

    g_free(entry->section);
    g_free(entry->key);
    g_free(entry->value);
    g_free(entry->file);
    g_free(entry);
}

UnitFile *unit_file_new(const char *name, const char *path)
{
    UnitFile *unit = g_new0(UnitFile, 1);

    unit->name = g_strdup(name);
    unit->path = g_strdup(path);
    unit->entries = g_ptr_array_new_with_free_func(entry_free);
    return unit;
}

void unit_file_free(UnitFile *unit)
{
    if (unit == NULL)
        return;
    g_free(unit->name);
    g_free(unit->path);
    g_ptr_array_unref(unit->entries);
    g_free(unit);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void add_entry(UnitFile *unit, const char *section, const char *key, const char *value,
                      const char *file, unsigned line)
{
    UnitEntry *entry = g_new0(UnitEntry, 1);

    entry->section = g_strdup(section);
    entry->key = g_strdup(key);
    entry->value = g_strdup(value);
    entry->file = g_strdup(file);
    entry->line = line;
    g_ptr_array_add(unit->entries, entry);
}

static bool is_comment(const char *line)
{
    return line[0] == '#' || line[0] == ';';
}

/* A whole line, its continuations joined: "[Section]" or "Key=value". */
static bool parse_line(UnitFile *unit, const char *path, unsigned number, char *line,
                       char **section, GError **error)
{
    size_t length = strlen(g_strstrip(line));
    char *equals;

    if (length == 0)
        return true;
    if (line[0] == '[') {
        if (line[length - 1] != ']' || length < 3)
            return err_set(error, FLOE_ERROR_INVALID, "%s:%u: '%s' is no section", path, number,
                           line);
        g_free(*section);
        *section = g_strndup(line + 1, length - 2);
        return true;
    }
    equals = strchr(line, '=');
    if (equals == NULL || equals == line)
        return err_set(error, FLOE_ERROR_INVALID, "%s:%u: '%s' is no KEY=VALUE", path, number, line);
    if (*section == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "%s:%u: '%s' stands in no section", path, number,
                       line);
    *equals = '\0';
    add_entry(unit, *section, g_strstrip(line), g_strstrip(equals + 1), path, number);
    return true;
}

bool unit_file_parse(UnitFile *unit, const char *path, const char *text, GError **error)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GString) whole = g_string_new(NULL);
    g_autofree char *section = NULL;
    unsigned begun = 0;

    for (unsigned i = 0; lines[i] != NULL; i++) {
        char *line = g_strstrip(lines[i]);
        size_t length = strlen(line);
        bool goes_on;

        if (is_comment(line)) /* also between the lines that a continuation joins */
            continue;
        if (whole->len == 0)
            begun = i + 1;
        goes_on = length > 0 && line[length - 1] == '\\';
        g_string_append_len(whole, line, (gssize)(goes_on ? length - 1 : length));
        if (goes_on) {
            g_string_append_c(whole, ' ');
            continue;
        }
        if (!parse_line(unit, path, begun, whole->str, &section, error))
            return false;
        g_string_truncate(whole, 0);
    }
    return parse_line(unit, path, begun, whole->str, &section, error);
}

bool unit_file_read(UnitFile *unit, const char *path, GError **error)
{
    g_autofree char *text = NULL;
    size_t length = 0;

    if (!file_read(path, FILE_MAX, &text, &length, error))
        return err_prefix(error, "%s", path);
    if (!g_utf8_validate(text, (gssize)length, NULL))
        return err_set(error, FLOE_ERROR_INVALID, "%s: it is no text", path);
    return unit_file_parse(unit, path, text, error);
}

/* --- values ----------------------------------------------------------------------------------- */

static bool is_entry(const UnitEntry *entry, const char *section, const char *key)
{
    return g_str_equal(entry->section, section) && g_str_equal(entry->key, key);
}

const UnitEntry *unit_file_last_entry(const UnitFile *unit, const char *section, const char *key)
{
    for (guint i = unit->entries->len; i > 0; i--) {
        const UnitEntry *entry = g_ptr_array_index(unit->entries, i - 1);

        if (is_entry(entry, section, key))
            return entry;
    }
    return NULL;
}

bool unit_file_has(const UnitFile *unit, const char *section, const char *key)
{
    return unit_file_last_entry(unit, section, key) != NULL;
}

const char *unit_file_last(const UnitFile *unit, const char *section, const char *key)
{
    const UnitEntry *entry = unit_file_last_entry(unit, section, key);

    return entry != NULL && entry->value[0] != '\0' ? entry->value : NULL;
}

const char **unit_file_values(const UnitFile *unit, const char *section, const char *key)
{
    g_autoptr(GPtrArray) values = g_ptr_array_new();

    for (guint i = 0; i < unit->entries->len; i++) {
        const UnitEntry *entry = g_ptr_array_index(unit->entries, i);

        if (!is_entry(entry, section, key))
            continue;
        if (entry->value[0] == '\0')
            g_ptr_array_set_size(values, 0);
        else
            g_ptr_array_add(values, entry->value);
    }
    g_ptr_array_add(values, NULL);
    return (const char **)g_ptr_array_free(g_steal_pointer(&values), FALSE);
}

bool unit_file_bool(const UnitFile *unit, const char *section, const char *key, bool fallback,
                    bool *ret_value, GError **error)
{
    static const char *const yes[] = { "1", "yes", "y", "true", "t", "on", NULL };
    static const char *const no[] = { "0", "no", "n", "false", "f", "off", NULL };
    const UnitEntry *entry = unit_file_last_entry(unit, section, key);
    g_autofree char *word = NULL;

    *ret_value = fallback;
    if (entry == NULL || entry->value[0] == '\0')
        return true;
    word = g_ascii_strdown(entry->value, -1);
    *ret_value = g_strv_contains(yes, word);
    return *ret_value || g_strv_contains(no, word) ||
           unit_entry_error(error, unit, entry, "%s=%s is neither yes nor no", key, entry->value);
}

bool unit_entry_error(GError **error, const UnitFile *unit, const UnitEntry *entry,
                      const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (entry == NULL || entry->file == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "%s: %s", unit->path, text);
    return err_set(error, FLOE_ERROR_INVALID, "%s:%u: %s", entry->file, entry->line, text);
}

/* --- writing ---------------------------------------------------------------------------------- */

void unit_file_add(UnitFile *unit, const char *section, const char *key, const char *value)
{
    add_entry(unit, section, key, value, NULL, 0);
}

char *unit_file_text(const UnitFile *unit)
{
    g_autoptr(GHashTable) written = g_hash_table_new(g_str_hash, g_str_equal);
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < unit->entries->len; i++) {
        const UnitEntry *first = g_ptr_array_index(unit->entries, i);

        if (!g_hash_table_add(written, first->section))
            continue;
        g_string_append_printf(text, "%s[%s]\n", text->len > 0 ? "\n" : "", first->section);
        for (guint k = i; k < unit->entries->len; k++) {
            const UnitEntry *entry = g_ptr_array_index(unit->entries, k);

            if (g_str_equal(entry->section, first->section))
                g_string_append_printf(text, "%s=%s\n", entry->key, entry->value);
        }
    }
    return g_string_free(text, FALSE);
}
