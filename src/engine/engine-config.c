/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-config.h"

#define CONFIG_FILE "/etc/floe/floe.conf"

const char *config_file_path(void)
{
    const char *path = g_getenv("FLOE_CONF");

    return path != NULL ? path : CONFIG_FILE;
}

bool config_file_load(GKeyFile **ret_file, GError **error)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) err = NULL;

    if (!g_key_file_load_from_file(file, config_file_path(), G_KEY_FILE_NONE, &err) &&
        !g_error_matches(err, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return err_set(error, FLOE_ERROR_INVALID, "read '%s': %s", config_file_path(), err->message);
    *ret_file = g_steal_pointer(&file);
    return true;
}
