/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/timezone.h"

#include "base/path.h"

#include <string.h>

#define ZONES      "/usr/share/zoneinfo"
#define LOCAL_ZONE "/etc/localtime"
#define FILE_LIMIT ((size_t)1024 * 1024)

/* A name may come from an archive: it stays below the directory. */
static bool is_name(const char *name)
{
    g_auto(GStrv) parts = g_strsplit(name, "/", -1);

    for (char **part = parts; *part != NULL; part++) {
        if (**part == '\0' || **part == '.')
            return false;
    }
    return parts[0] != NULL;
}

static bool find_file(const char *name, char **ret_path, GError **error)
{
    g_autofree char *path = NULL;

    if (!is_name(name))
        return err_set(error, FLOE_ERROR_INVALID, "'%s' is no time zone such as Europe/Berlin",
                       name);
    path = g_str_equal(name, "local") ? g_strdup(LOCAL_ZONE) : g_build_filename(ZONES, name, NULL);
    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return err_set(error, FLOE_ERROR_NOT_FOUND,
                       "there is no time zone '%s' on this host (no file %s)", name, path);
    *ret_path = g_steal_pointer(&path);
    return true;
}

bool timezone_check(const char *name, GError **error)
{
    g_autofree char *path = NULL;

    return find_file(name, &path, error);
}

bool timezone_write(const char *name, const char *path, GError **error)
{
    g_autofree char *source = NULL;
    g_autofree char *data = NULL;
    size_t length;

    return find_file(name, &source, error) &&
           file_read(source, FILE_LIMIT, &data, &length, error) &&
           file_write_atomic(path, data, length, 0644, error);
}
