/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/container-release.h"

#include "base/log.h"
#include "base/mount.h"
#include "base/process.h"
#include "base/tree.h"
#include "engine/container-mount.h"
#include "engine/container-network.h"
#include "engine/container-overlays.h"
#include "engine/container-processes.h"
#include "engine/container-volumes.h"
#include "engine/exec-sessions.h"
#include "engine/health-monitor.h"
#include "oci/cgroup.h"
#include "oci/systemd.h"

/* Remember the first failure, tell of the others. */
static void collect(bool ok, GError **err, GError **first)
{
    if (ok)
        return;
    if (*first == NULL)
        *first = g_steal_pointer(err);
    else
        log_ignored(g_steal_pointer(err), "clean up");
}

/*
 * The processes go first: `runtime delete` waits long for those that are frozen, and when all have
 * ended it is not needed. One that left the container's cgroup is the runtime's to kill.
 */
static bool end_processes(floe_container *ctr, GError **error)
{
    g_auto(Runtime) runtime = { 0 };
    const char *id = ctr->record->id;
    pid_t pid = pid_file_read(ctr->paths.pid_file);

    container_runtime(ctr, &runtime);
    if (!container_kill_processes(ctr, error))
        return false;
    if (runtime.no_cgroups)
        return !runtime_knows(&runtime, id) || runtime_delete_ended(&runtime, id, error);
    if (runtime_knows(&runtime, id) &&
        !(pid > 0 && process_has_ended(pid) ? runtime_delete_ended(&runtime, id, error)
                                            : runtime_delete(&runtime, id, error)))
        return false;
    return cgroup_remove(ctr->paths.cgroup, error) &&
           (ctr->paths.scope == NULL || systemd_unit_stop(ctr->paths.scope, error));
}

/*
 * Of a floe that was killed while it started conmon. conmon's own command is in it, and leaves it
 * alone.
 */
static bool end_conmon_scope(const floe_container *ctr, GError **error)
{
    return ctr->paths.conmon_scope == NULL || ctr->paths.slice == NULL ||
           systemd_scope_stop_empty(ctr->paths.conmon_scope, ctr->paths.slice, error);
}

/* All but the root file system where somebody still has it mounted. */
static bool remove_run_files(floe_container *ctr, GError **error)
{
    g_autofree char *merged = g_path_get_basename(ctr->paths.merged);
    g_autoptr(GDir) dir = NULL;
    const char *name;

    if (!container_root_is_wanted(&ctr->record->status))
        return tree_remove(ctr->paths.run, error);
    dir = g_dir_open(ctr->paths.run, 0, NULL);
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(ctr->paths.run, name, NULL);

        if (!g_str_equal(name, merged) && !tree_remove(path, error))
            return false;
    }
    return true;
}

bool container_release(floe_container *ctr, ReleaseParts parts, GError **error)
{
    ContainerStatus *status = &ctr->record->status;
    g_autoptr(NetworkCall) network = NULL;
    g_autoptr(GError) first = NULL;
    g_autoptr(GError) err = NULL;

    /* netavark takes longest, so it works beside all the rest. */
    if (parts == RELEASE_ALL)
        container_network_teardown_begin(ctr, &network);
    collect(health_timer_end(ctr, &err), &err, &first);
    collect(end_processes(ctr, &err), &err, &first);
    collect(end_conmon_scope(ctr, &err), &err, &first);
    collect(exec_sessions_forget_all(ctr, &err), &err, &first);
    status->mounted = false;
    collect(container_unmount_root(ctr, &err), &err, &first);
    collect(unmount_at(ctr->paths.shm, &err), &err, &first);
    collect(container_unmount_overlays(ctr, &err), &err, &first);
    /* What is in a volume in memory would be lost, and the restored processes may have it open. */
    if (parts == RELEASE_ALL)
        collect(container_unmount_volumes(ctr, &err), &err, &first);
    collect(remove_run_files(ctr, &err), &err, &first);
    if (network != NULL)
        collect(container_network_teardown_end(ctr, network, &err), &err, &first);

    status->pid = 0;
    status->conmon_pid = 0;
    if (first != NULL) {
        g_propagate_error(error, g_steal_pointer(&first));
        return false;
    }
    return true;
}
