/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/background.h"

#include "base/log.h"
#include "base/spawn.h"
#include "engine/cgroup-names.h"

bool background_start(const floe_container *ctr, const char *const *argv, GError **error)
{
    CgroupPlace own;
    const CgroupPlace *place = container_conmon_place(ctr, &own);
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;
    pid_t pid = 0;

    options.argv = argv;
    options.cwd = "/";
    if (!spawn_detached(&options, &pid, error))
        return false;
    if (place != NULL && !cgroup_place_enter(place, pid, &err))
        log_ignored(g_steal_pointer(&err), "process %d stays in this process's cgroup", (int)pid);
    return true;
}
