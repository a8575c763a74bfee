/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/environment.h"

#include <string.h>

bool environment_set(char ***environment, const char *text, GError **error)
{
    const char *equals = strchr(text, '=');
    g_autofree char *name = equals != NULL ? g_strndup(text, (gsize)(equals - text))
                                           : g_strdup(text);
    const char *value = equals != NULL ? equals + 1 : g_getenv(name);

    if (name[0] == '\0')
        return err_set(error, FLOE_ERROR_INVALID, "environment variable '%s' has no name", text);
    if (value != NULL)
        *environment = g_environ_setenv(*environment, name, value, TRUE);
    return true;
}

/* How many bytes of it are a name. */
static size_t name_length(const char *text)
{
    size_t n = 0;

    while (text[n] == '_' || g_ascii_isalpha(text[n]) || (n > 0 && g_ascii_isdigit(text[n])))
        n++;
    return n;
}

char *environment_expand(char **environment, const char *text)
{
    GString *result = g_string_new(NULL);

    while (*text != '\0') {
        bool is_braced = text[0] == '$' && text[1] == '{';
        const char *name = text + 1 + is_braced;
        size_t length = name_length(name);

        if (*text != '$' || length == 0 || (is_braced && name[length] != '}')) {
            g_string_append_c(result, *text++);
            continue;
        }

        g_autofree char *key = g_strndup(name, length);
        const char *value = g_environ_getenv(environment, key);

        g_string_append(result, value != NULL ? value : "");
        text = name + length + is_braced;
    }
    return g_string_free(result, FALSE);
}
