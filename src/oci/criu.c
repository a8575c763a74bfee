/* SPDX-License-Identifier: Apache-2.0 */
/* Finding CRIU. Both runc and libcriu (crun) start the `criu` that is first in their PATH. */
#include "oci/criu.h"

#include "base/program.h"
#include "base/spawn-run.h"
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define VERSION_TIMEOUT_MS 10000

bool criu_version_parse(const char *text, int *ret_version)
{
    unsigned int major = 0, minor = 0, sub = 0;

    if (sscanf(text, "Version: %2u.%2u.%2u", &major, &minor, &sub) < 2)
        return false;
    *ret_version = (int)(major * 10000 + minor * 100 + sub);
    return true;
}

static bool read_version(const Runtime *runtime, const char *path, int *ret_version, GError **error)
{
    const char *argv[] = { path, "--version", NULL };
    g_auto(GStrv) env = runtime_environment(runtime, NULL);
    g_auto(SpawnResult) result = { 0 };
    SpawnOptions options = SPAWN_OPTIONS_INIT;

    options.argv = argv;
    options.env = (const char *const *)env;
    if (!spawn_run(&options, NULL, 0, VERSION_TIMEOUT_MS, &result, error))
        return false;
    if (!WIFEXITED(result.status) || WEXITSTATUS(result.status) != 0 ||
        !criu_version_parse(result.out, ret_version))
        return err_set(error, FLOE_ERROR_MISSING_PART, "'%s --version' does not work: %s", path,
                       g_strstrip(*result.err != '\0' ? result.err : result.out));
    return true;
}

bool criu_find(const Runtime *runtime, char **ret_path, int *ret_version, GError **error)
{
    g_autofree char *path = program_find("criu", runtime->path_env + strlen("PATH="));

    if (path == NULL)
        return err_set(error, FLOE_ERROR_MISSING_PART,
                       "CRIU is not installed: install the package criu, or run floe's "
                       "scripts/install-deps");
    if (ret_version != NULL && !read_version(runtime, path, ret_version, error))
        return false;
    *ret_path = g_steal_pointer(&path);
    return true;
}

bool criu_check_memory_tracking(const Runtime *runtime, GError **error)
{
    g_autofree char *path = NULL;

    if (!criu_find(runtime, &path, NULL, error))
        return false;

    const char *argv[] = { path, "check", "--feature", "mem_dirty_track", NULL };
    g_auto(GStrv) env = runtime_environment(runtime, NULL);
    g_auto(SpawnResult) result = { 0 };
    SpawnOptions options = SPAWN_OPTIONS_INIT;

    options.argv = argv;
    options.env = (const char *const *)env;
    if (!spawn_run(&options, NULL, 0, VERSION_TIMEOUT_MS, &result, error))
        return false;
    return (WIFEXITED(result.status) && WEXITSTATUS(result.status) == 0) ||
           err_set(error, FLOE_ERROR_UNSUPPORTED,
                   "this kernel, or CRIU, does not track changes of memory (CONFIG_MEM_SOFT_DIRTY), "
                   "which --pre-checkpoint and --with-previous need");
}
