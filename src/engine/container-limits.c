/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/container-limits.h"

#include "oci/cgroup.h"

#define MINIMUM_MEMORY (6 * 1024 * 1024)

SpecLimits limits_of(const ContainerConfig *config)
{
    bool has_memory = config->memory_bytes > 0 || config->memory_swap_bytes != 0;

    return (SpecLimits){
        .memory_bytes = config->memory_bytes,
        .memory_swap_bytes = config->memory_swap_bytes,
        .memory_reservation_bytes = config->memory_reservation_bytes,
        .no_swap_limit = has_memory && !cgroup_limits_swap(),
        .nano_cpus = config->nano_cpus,
        .cpu_period_us = config->cpu_period_us,
        .cpu_quota_us = config->cpu_quota_us,
        .cpu_shares = config->cpu_shares,
        .cpuset_cpus = config->cpuset_cpus,
        .cpuset_mems = config->cpuset_mems,
        .pids_limit = config->pids_limit,
        .blkio_weight = config->blkio_weight,
        .oom_kill_disable = config->oom_kill_disable,
        .has_memory_swappiness = config->has_memory_swappiness,
        .memory_swappiness = config->memory_swappiness,
        .unified = config->cgroup_conf,
    };
}

bool limits_check(const ContainerConfig *config, GError **error)
{
    SpecLimits limits = limits_of(config);
    g_autoptr(JsonValue) resources = json_object();

    if (config->memory_bytes < 0 ||
        (config->memory_bytes > 0 && config->memory_bytes < MINIMUM_MEMORY))
        return err_set(error, FLOE_ERROR_INVALID,
                       "a memory limit below 6 MiB is not possible (%" G_GINT64_FORMAT " bytes)",
                       config->memory_bytes);
    if (config->nano_cpus < 0 || config->pids_limit < -1)
        return err_set(error, FLOE_ERROR_INVALID, "a limit cannot be negative");
    return spec_limits_add(&limits, resources, error);
}
