/* SPDX-License-Identifier: Apache-2.0 */
/* What a container uses. It takes no lock: one that is busy being stopped is looked at all the same. */
#include "base/clock.h"
#include "base/log.h"
#include "engine/cgroup-names.h"
#include "engine/container.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "network/interface-stats.h"
#include "oci/cgroup-stats.h"

#include <floe/stats.h>

#include <sys/sysinfo.h>

static uint64_t host_memory_bytes(void)
{
    struct sysinfo system = { 0 };

    sysinfo(&system);
    return (uint64_t)system.totalram * system.mem_unit;
}

/* The host's own counters are not the container's. Only if it is still there it was it all the time. */
static void read_network(floe_container *ctr, floe_stats *stats)
{
    InterfaceStats network = { 0 };
    g_autoptr(GError) err = NULL;

    if (g_strcmp0(ctr->record->config.network_mode, "host") == 0)
        return;
    if (!interface_stats_read(ctr->record->status.pid, &network, &err) ||
        !container_signal(ctr, 0, &err)) {
        log_debug("network counters of container \"%s\": %s", ctr->record->name, err->message);
        return;
    }
    stats->network_received_bytes = network.received_bytes;
    stats->network_sent_bytes = network.sent_bytes;
}

static bool container_read_stats(floe_container *ctr, floe_stats *ret_stats, GError **error)
{
    CgroupStats cgroup = { 0 };
    g_autoptr(GError) err = NULL;

    if (!container_reload(ctr, error))
        return false;
    *ret_stats = (floe_stats){ .time_unix_ns = clock_unix_ns() };
    if (!state_has_process(ctr->record->status.state))
        return true;
    if (!config_has_cgroup(&ctr->record->config))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "nothing counts what container \"%s\" uses: this container does not have a "
                       "cgroup (--cgroups=disabled)",
                       ctr->record->name);
    if (!cgroup_read_stats(ctr->paths.cgroup, &cgroup, &err)) {
        if (err_is(err, FLOE_ERROR_NOT_FOUND)) /* it has ended just now */
            return true;
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    ret_stats->started_unix_ns = ctr->record->status.started_unix_ns;
    ret_stats->cpu_ns = cgroup.cpu_ns;
    ret_stats->cpu_system_ns = cgroup.cpu_system_ns;
    ret_stats->memory_bytes = cgroup.memory_bytes;
    ret_stats->memory_limit_bytes = MIN(cgroup.memory_limit_bytes, host_memory_bytes());
    ret_stats->block_read_bytes = cgroup.block_read_bytes;
    ret_stats->block_written_bytes = cgroup.block_written_bytes;
    ret_stats->n_pids = cgroup.n_pids;
    read_network(ctr, ret_stats);
    return true;
}

bool floe_container_stats(floe_container *container, floe_stats *ret_stats, floe_error **error)
{
    floe_stats stats = { 0 };
    g_autoptr(GError) err = NULL;
    bool ok = public_given(&err, GIVEN(container), GIVEN(ret_stats), NULL) &&
              public_result_check(ret_stats, &err) && container_read_stats(container, &stats, &err);

    if (ok)
        public_result_write(ret_stats, &stats, sizeof(stats));
    return public_result(ok, &err, error);
}
