/* SPDX-License-Identifier: Apache-2.0 */
/*
 * While the container ends, its lock is let go, and conmon's exit command may get in. A second lock
 * tells it that the container is coming back; the kernel drops that one, too, with a killed floe.
 * Those who restart it share that lock, and others only look if it is free, under the first one: so
 * nobody ever waits for the second.
 */
#include "engine/container-restart.h"

#include "engine/container-ports.h"
#include "engine/container-start.h"
#include "engine/container-stop.h"
#include "engine/dependencies.h"
#include "engine/event.h"
#include "engine/operation.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"

static int64_t restart_offset(const floe_container *ctr)
{
    return container_lock_offset(ctr->record->id, CONTAINER_LOCK_RESTART);
}

bool container_is_restarting(floe_container *ctr, bool *ret_is_restarting, GError **error)
{
    return lock_byte_is_held(ctr->paths.lock, restart_offset(ctr), ret_is_restarting, error);
}

bool container_lock_restart(floe_container *ctr, Lock *ret_lock, GError **error)
{
    return lock_share_byte(ctr->paths.lock, restart_offset(ctr), ret_lock, error);
}

bool container_restart(floe_container *ctr, const floe_stop_options *options, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    g_auto(Lock) restarting = LOCK_NONE;

    /* As a start does, it starts the infra container of its pod. */
    if ((ctr->record->config.pod_id != NULL && !dependencies_start(ctr, OPERATION_RESTART, error)) ||
        !container_ports_settle(ctr, error) ||
        !operation_enter(ctr, OPERATION_RESTART, &op, error) || !dependencies_check(ctr, error))
        return false;
    if (ctr->record->status.state == FLOE_STATE_RUNNING &&
        (!container_lock_restart(ctr, &restarting, error) ||
         !container_stop_in(&op, options->timeout_s, error)))
        return false;
    /* Meanwhile another floe may have started it, or done anything else with it. */
    if (ctr->record->status.state == FLOE_STATE_RUNNING)
        return true;
    if (!operation_is_allowed(OPERATION_START, ctr->record->status.state))
        return operation_refuse(OPERATION_START, ctr->record->status.state, ctr->record->name,
                                error);
    if (!container_start_locked(ctr, NULL, NULL, error))
        return false;
    event_note(ctr, FLOE_EVENT_RESTART);
    return true;
}

bool floe_container_restart(floe_container *container, const floe_stop_options *options,
                            floe_error **error)
{
    floe_stop_options known = FLOE_STOP_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             container_restart(container, &known, &err),
                         &err, error);
}
