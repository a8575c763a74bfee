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
