/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/env-file.h"

#include "cli/message.h"
#include "cli/options.h"

#include <string.h>

bool env_file_parse(char *text, const char *path, char ***list, GError **error)
{
    int number = 0;

    for (char *line = text, *next; line != NULL; line = next) {
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        number++;

        size_t length = strlen(line);
        if (length > 0 && line[length - 1] == '\r')
            line[length - 1] = '\0';
        line += strspn(line, " \t");
        if (*line == '\0' || *line == '#')
            continue;

        size_t name = strcspn(line, "=");
        if (name == 0)
            return cli_set_error(error, "%s:%d: there is no name before '='", path, number);
        if (strcspn(line, " \t") < name)
            return cli_set_error(error, "%s:%d: the name '%.*s' contains blanks", path, number,
                                 (int)name, line);
        list_add(list, line);
    }
    return true;
}

bool env_file_read(const char *path, char ***list, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autofree char *text = NULL;
    size_t length;

    if (!g_file_get_contents(path, &text, &length, &why))
        return cli_set_error(error, "read '%s': %s", path, cli_file_reason(why));
    if (strlen(text) != length)
        return cli_set_error(error, "%s: not a text file", path);
    /* A byte order mark, as editors of another system put it. */
    return env_file_parse(text + (g_str_has_prefix(text, "\xEF\xBB\xBF") ? 3 : 0), path, list,
                          error);
}

bool env_files_first(char **files, char ***list, GError **error)
{
    g_auto(GStrv) typed = g_steal_pointer(list);

    for (char **file = files; file != NULL && *file != NULL; file++) {
        if (!env_file_read(*file, list, error))
            return false;
    }
    for (char **item = typed; item != NULL && *item != NULL; item++)
        list_add(list, *item);
    return true;
}
