/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/infra.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/program.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define PAUSE_NAME      "floe-pause"
#define PAUSE_IN_ROOT   "pause"
#define CATATONIT       "catatonit"
#define CATATONIT_PATHS "/usr/libexec/podman:/usr/lib/podman:/usr/bin:/usr/local/bin"
#define PROGRAM_LIMIT   (16 * 1024 * 1024)

/* Beside the floe command, as in a build directory, or where it is installed. */
static char *find_pause(const floe_engine *engine)
{
    g_autofree char *directory = engine->program != NULL ? g_path_get_dirname(engine->program)
                                                         : NULL;
    g_autofree char *path = directory != NULL ? g_strconcat(directory, ":", FLOE_LIBEXEC_DIR, NULL)
                                              : g_strdup(FLOE_LIBEXEC_DIR);

    return program_find(PAUSE_NAME, path);
}

static bool find_program(const floe_engine *engine, char **ret_path, bool *ret_is_catatonit,
                         GError **error)
{
    *ret_path = find_pause(engine);
    *ret_is_catatonit = *ret_path == NULL;
    if (*ret_path == NULL)
        *ret_path = program_find(CATATONIT, CATATONIT_PATHS);
    return *ret_path != NULL ||
           err_set(error, FLOE_ERROR_MISSING_PART,
                   "neither " PAUSE_NAME ", which comes with floe (" FLOE_LIBEXEC_DIR
                   "), nor catatonit is installed: one of them has to be the process of a pod's "
                   "infra container");
}

bool infra_command(const floe_engine *engine, char ***ret_argv, GError **error)
{
    const char *argv[] = { "/" PAUSE_IN_ROOT, NULL, NULL };
    g_autofree char *program = NULL;
    bool is_catatonit = false;

    if (!find_program(engine, &program, &is_catatonit, error))
        return false;
    if (is_catatonit)
        argv[1] = "-P";
    *ret_argv = g_strdupv((char **)argv);
    return true;
}

static bool copy_program(const char *from, const char *to, GError **error)
{
    g_autofree char *bytes = NULL;
    size_t length = 0;

    return file_read(from, PROGRAM_LIMIT, &bytes, &length, error) &&
           file_write_atomic(to, bytes, length, 0755, error);
}

bool infra_fill_root(floe_container *ctr, GError **error)
{
    g_autofree char *target = g_build_filename(ctr->paths.upper, PAUSE_IN_ROOT, NULL);
    g_autofree char *program = NULL;
    bool is_catatonit = false;

    if (ctr->record->config.image_id != NULL || path_exists(target))
        return true;
    return find_program(ctr->engine, &program, &is_catatonit, error) &&
           dir_make(ctr->paths.dir, 0700, error) && dir_make(ctr->paths.upper, 0755, error) &&
           copy_program(program, target, error);
}
