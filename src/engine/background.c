/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/background.h"

#include "base/log.h"
#include "base/spawn.h"
#include "engine/cgroup-names.h"
#include "engine/container-remove.h"
#include "oci/cgroup.h"
#include "state/database.h"

#include <unistd.h>

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

/* conmon waits for its exit command, so it is still there. */
static bool leave(floe_engine *engine, const char *cgroup, GError **error)
{
    const pid_t pids[] = { getpid(), getppid() };
    g_auto(Transaction) transaction = TRANSACTION_NONE;

    for (size_t i = 0; i < G_N_ELEMENTS(pids); i++) {
        if (cgroup_has_process(cgroup, pids[i]) && !cgroup_leave(cgroup, pids[i], error))
            return false;
    }
    return transaction_begin(engine->db, false, &transaction, error) &&
           engine_remove_unused_cgroups(engine, error) && transaction_commit(&transaction, error);
}

void background_end(floe_engine *engine)
{
    g_autofree char *cgroup = engine_conmon_cgroup(engine);
    g_autofree char *any_id = NULL;
    g_autoptr(GError) err = NULL;

    if (!cgroup_has_process(cgroup, getpid()))
        return;
    if (!container_find_latest(engine->db, &any_id, &err) ||
        (any_id == NULL && !leave(engine, cgroup, &err)))
        log_debug("the cgroup '%s' stays: %s", cgroup, err->message);
}
