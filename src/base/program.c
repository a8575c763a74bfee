/* SPDX-License-Identifier: Apache-2.0 */
#include "base/program.h"

#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_program(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
           faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

char *program_find(const char *name, const char *path)
{
    if (strchr(name, '/') != NULL)
        return g_strdup(name);
    if (path == NULL)
        path = g_getenv("PATH");
    if (path == NULL)
        path = PROGRAM_SYSTEM_PATH;

    g_auto(GStrv) directories = g_strsplit(path, ":", -1);

    for (size_t i = 0; directories[i] != NULL; i++) {
        /* A relative directory, the empty one too, would run what lies in the working directory. */
        if (directories[i][0] != '/')
            continue;

        g_autofree char *candidate = g_build_filename(directories[i], name, NULL);
        if (is_program(candidate))
            return g_steal_pointer(&candidate);
    }
    return NULL;
}

int part_timeout_ms(int usual_ms)
{
    const char *text = g_getenv("FLOE_PART_TIMEOUT_MS");
    guint64 wanted_ms = 0;

    if (text == NULL || !g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT, &wanted_ms, NULL))
        return usual_ms;
    return (int)wanted_ms;
}
