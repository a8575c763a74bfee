/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/health-monitor.h"

#include "base/log.h"
#include "base/process.h"
#include "engine/background.h"
#include "engine/exit-command.h"
#include "engine/health-check.h"
#include "engine/health-run.h"
#include "engine/operation.h"
#include "engine/public-error.h"
#include "oci/cgroup.h"

#include <floe/health.h>

#define NS_PER_MS G_GINT64_CONSTANT(1000000)

/* One monitor for each run of a container, which its process tells from the one before. */
static int64_t monitor_offset(const floe_container *ctr)
{
    return (INT64_C(3) << 61) | ctr->record->status.pid;
}

static bool is_to_be_watched(const floe_container *ctr)
{
    const ContainerConfig *config = &ctr->record->config;
    int state = ctr->record->status.state;

    return health_check_is_set(config) && config->health_interval_ns > 0 &&
           (state == FLOE_STATE_RUNNING || state == FLOE_STATE_PAUSED);
}

static bool start_monitor(floe_container *ctr, GError **error)
{
    g_auto(GStrv) command = NULL;
    g_auto(Lock) lock = LOCK_NONE;
    bool is_free = false;

    if (!is_to_be_watched(ctr))
        return true;
    if (!lock_try_byte(ctr->paths.lock, monitor_offset(ctr), &lock, &is_free, error))
        return false;
    if (!is_free)
        return true;
    lock_release(&lock);
    command = exit_command_monitor(ctr);
    return command == NULL || background_start(ctr, (const char *const *)command, error);
}

void health_monitor_begin(floe_container *ctr)
{
    g_autoptr(GError) err = NULL;

    if (!start_monitor(ctr, &err))
        log_ignored(g_steal_pointer(&err), "watch the health of container \"%s\"",
                    ctr->record->name);
}

/* --- the monitor ------------------------------------------------------------------------------ */

/* Become the container's monitor: *ret_pidfd is its process; -1: there is nothing to watch. */
static bool begin(floe_container *ctr, Lock *ret_lock, int *ret_pidfd, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    bool is_free = false;

    *ret_pidfd = -1;
    if (!operation_enter_any(ctr, &op, error))
        return false;
    if (!is_to_be_watched(ctr))
        return true;
    if (!lock_try_byte(ctr->paths.lock, monitor_offset(ctr), ret_lock, &is_free, error))
        return false;
    return !is_free ||
           cgroup_open_process(ctr->paths.cgroup, ctr->record->status.pid, ret_pidfd, error);
}

static bool watch(floe_container *ctr, GError **error)
{
    int64_t interval_ms = MAX(ctr->record->config.health_interval_ns / NS_PER_MS, 1);
    g_auto(Lock) lock = LOCK_NONE;
    autofd int pidfd = -1;

    if (!begin(ctr, &lock, &pidfd, error))
        return false;
    while (pidfd >= 0 && !pidfd_wait(pidfd, (int)MIN(interval_ms, G_MAXINT))) {
        g_autoptr(GError) err = NULL;
        bool is_healthy = false;

        /* Paused, or somebody else checks it at this moment: the next time, then. */
        if (!container_check_health(ctr, &is_healthy, &err))
            log_debug("no health check: %s", err->message);
    }
    return true;
}

bool floe_container_watch_health(floe_container *container, floe_error **error)
{
    g_autoptr(GError) err = NULL;
    bool ok = public_given(&err, GIVEN(container), NULL) && watch(container, &err);

    if (err_is(err, FLOE_ERROR_REMOVED))
        return true;
    return public_result(ok, &err, error);
}
