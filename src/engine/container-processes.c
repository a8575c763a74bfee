/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/container-processes.h"

#include "engine/cgroup-names.h"
#include "engine/process-list.h"
#include "oci/cgroup-kill.h"
#include "oci/cgroup.h"
#include "oci/crun-process.h"

bool record_find_process(const floe_engine *engine, const ContainerRecord *record,
                         const char *cgroup, pid_t pid, int *ret_pidfd, GError **error)
{
    g_auto(Runtime) runtime = { 0 };

    if (config_has_cgroup(&record->config))
        return cgroup_open_process(cgroup, pid, ret_pidfd, error);
    record_runtime(engine, record, &runtime);
    return crun_process_open(runtime.root_dir, record->id, pid, ret_pidfd, error);
}

bool container_find_process(const floe_container *ctr, pid_t pid, int *ret_pidfd, GError **error)
{
    return record_find_process(ctr->engine, ctr->record, ctr->paths.cgroup, pid, ret_pidfd, error);
}

bool container_kill_processes(const floe_container *ctr, GError **error)
{
    g_auto(Runtime) runtime = { 0 };

    if (config_has_cgroup(&ctr->record->config))
        return cgroup_kill(ctr->paths.cgroup, error);
    record_runtime(ctr->engine, ctr->record, &runtime);
    return crun_process_kill(runtime.root_dir, ctr->record->id, error);
}

bool container_list_processes(const floe_container *ctr, GPtrArray **ret_entries, GError **error)
{
    g_auto(Runtime) runtime = { 0 };

    if (config_has_cgroup(&ctr->record->config))
        return process_list(ctr->paths.cgroup, 0, ret_entries, error);
    record_runtime(ctr->engine, ctr->record, &runtime);
    return process_list(NULL, crun_process_first(runtime.root_dir, ctr->record->id), ret_entries,
                        error);
}
