/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/background.h"

#include "base/log.h"
#include "base/spawn.h"
#include "oci/cgroup.h"

bool background_start(const floe_container *ctr, const char *const *argv, GError **error)
{
    g_autofree char *cgroup = engine_conmon_cgroup(ctr->engine);
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;
    pid_t pid = 0;

    options.argv = argv;
    options.cwd = "/";
    if (!spawn_detached(&options, &pid, error))
        return false;
    if (!cgroup_enter(cgroup, pid, &err))
        log_ignored(g_steal_pointer(&err), "process %d stays in this process's cgroup", (int)pid);
    return true;
}
