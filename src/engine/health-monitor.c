/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/health-monitor.h"

#include "base/log.h"
#include "base/process.h"
#include "engine/background.h"
#include "engine/container-processes.h"
#include "engine/exit-command.h"
#include "engine/health-run.h"
#include "engine/health-startup.h"
#include "engine/operation.h"
#include "engine/public-error.h"
#include "oci/systemd.h"

#include <floe/health.h>

#define NS_PER_US G_GINT64_CONSTANT(1000)
#define NS_PER_MS G_GINT64_CONSTANT(1000000)
#define TIMER     ".timer"

/* One monitor for each run of a container, which its process tells from the one before. */
static int64_t monitor_offset(const floe_container *ctr)
{
    return (INT64_C(3) << 61) | ctr->record->status.pid;
}

static bool is_to_be_watched(const floe_container *ctr)
{
    const ContainerConfig *config = &ctr->record->config;
    int state = ctr->record->status.state;

    return health_interval_ns(config, &ctr->record->status) > 0 &&
           (state == FLOE_STATE_RUNNING || state == FLOE_STATE_PAUSED);
}

/* --- systemd's timer -------------------------------------------------------------------------- */

/*
 * "ID-1a2b3c4d", as podman's, "ID-startup-1a2b3c4d" for the check before the health check. A name
 * for each run of the container: a check that has it started anew is in the service of the last one.
 */
static char *timer_name(const floe_container *ctr, bool is_startup)
{
    const ContainerStatus *status = &ctr->record->status;
    int64_t begun = MAX(status->started_unix_ns, status->restored_unix_ns);

    return g_strdup_printf("%s-%s%08x", ctr->record->id, is_startup ? "startup-" : "",
                           g_int64_hash(&begun));
}

static bool end_timer(const floe_container *ctr, bool is_startup, GError **error)
{
    g_autofree char *name = timer_name(ctr, is_startup);
    g_autofree char *unit = g_strconcat(name, TIMER, NULL);

    return systemd_unit_stop(unit, error);
}

/* Its turn is over. What this leaves the next look ends. */
static void end_startup_timer(const floe_container *ctr)
{
    g_autoptr(GError) err = NULL;

    if (ctr->record->config.health_startup_test != NULL && !end_timer(ctr, true, &err))
        log_ignored(g_steal_pointer(&err), "end the startup checks of container \"%s\"",
                    ctr->record->name);
}

/*
 * What systemd does not do is the monitor's. Where somebody stopped the timer in a check, the next
 * look makes it.
 */
static bool start_timer(const floe_container *ctr)
{
    const ContainerConfig *config = &ctr->record->config;
    const ContainerStatus *status = &ctr->record->status;
    bool is_startup = health_startup_is_due(config, status);
    g_autofree char *name = timer_name(ctr, is_startup);
    g_autofree char *unit = g_strconcat(name, TIMER, NULL);
    int64_t interval_us = MAX(health_interval_ns(config, status) / NS_PER_US, 1);
    g_auto(GStrv) command = NULL;
    g_autoptr(GError) err = NULL;

    if (!systemd_is_booted())
        return false;
    if (!is_startup)
        end_startup_timer(ctr);
    if (systemd_unit_exists(unit))
        return true;
    command = exit_command_check(ctr);
    if (command == NULL)
        return false;
    if (systemd_timer_start(name, (const char *const *)command, interval_us, &err) ||
        err_is(err, FLOE_ERROR_EXISTS))
        return true;
    log_ignored(g_steal_pointer(&err), "a process watches the health of container \"%s\"",
                ctr->record->name);
    return false;
}

bool health_timer_end(const floe_container *ctr, GError **error)
{
    const ContainerConfig *config = &ctr->record->config;

    if (!health_check_is_set(config) || !systemd_is_booted())
        return true;
    return (config->health_startup_test == NULL || end_timer(ctr, true, error)) &&
           end_timer(ctr, false, error);
}

/* --- its start -------------------------------------------------------------------------------- */

static bool start_monitor(floe_container *ctr, GError **error)
{
    g_auto(GStrv) command = NULL;
    g_auto(Lock) lock = LOCK_NONE;
    bool is_free = false;

    if (!is_to_be_watched(ctr) || start_timer(ctr))
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
    return !is_free || container_find_process(ctr, ctr->record->status.pid, ret_pidfd, error);
}

/* False: it has ended, or after its startup check nobody makes another. */
static bool lives_on(const floe_container *ctr, int pidfd)
{
    int64_t interval_ns = health_interval_ns(&ctr->record->config, &ctr->record->status);

    return interval_ns > 0 && !pidfd_wait(pidfd, (int)CLAMP(interval_ns / NS_PER_MS, 1, G_MAXINT));
}

static bool watch(floe_container *ctr, GError **error)
{
    g_auto(Lock) lock = LOCK_NONE;
    autofd int pidfd = -1;

    if (!begin(ctr, &lock, &pidfd, error))
        return false;
    while (pidfd >= 0 && lives_on(ctr, pidfd)) {
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
