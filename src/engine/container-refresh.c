/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a container anew in the running system, and bringing it back to what it was: on request,
 * and after a reboot, of which the record tells what it was before.
 */
#include "base/log.h"
#include "engine/container-ports.h"
#include "engine/container-remove.h"
#include "engine/container-restart.h"
#include "engine/container-start.h"
#include "engine/container-stop.h"
#include "engine/dependencies.h"
#include "engine/event.h"
#include "engine/exec-sessions.h"
#include "engine/operation.h"
#include "engine/pause.h"
#include "engine/public-error.h"
#include "oci/cgroup-freezer.h"
#include "state/exec-record.h"

/* What it is to be again: created, running or paused; else unknown. */
static floe_container_state wanted_state(const ContainerStatus *status)
{
    switch (status->state) {
    case FLOE_STATE_CREATED:
    case FLOE_STATE_RUNNING:
    case FLOE_STATE_PAUSED: return (floe_container_state)status->state;
    default: return (floe_container_state)status->state_before_boot;
    }
}

static bool tell_of_sessions(floe_container *ctr, GError **error)
{
    g_autoptr(GPtrArray) sessions = NULL;

    if (!exec_sessions_active(ctr, &sessions, error))
        return false;
    for (guint i = 0; i < sessions->len; i++) {
        const ExecRecord *session = g_ptr_array_index(sessions, i);

        log_warn("container \"%s\": the exec session %.12s (%s) ends with the refresh",
                 ctr->record->name, session->id, session->command[0]);
    }
    return true;
}

/* A paused one cannot answer the stop signal. */
static bool end(Operation *op, GError **error)
{
    floe_container *ctr = op->ctr;

    if (ctr->record->status.state == FLOE_STATE_PAUSED) {
        if (!cgroup_thaw(ctr->paths.cgroup, error))
            return false;
        container_set_state(ctr, FLOE_STATE_RUNNING);
    }
    if (ctr->record->status.state == FLOE_STATE_RUNNING &&
        !container_stop_in(op, FLOE_STOP_TIMEOUT_DEFAULT, error))
        return false;
    if (ctr->record->status.state != FLOE_STATE_CREATED &&
        state_has_process((floe_container_state)ctr->record->status.state))
        return operation_refuse(OPERATION_START, (floe_container_state)ctr->record->status.state,
                                ctr->record->name, error);
    return container_clean_up_locked(ctr, false, error);
}

static bool bring_back(floe_container *ctr, floe_container_state wanted, GError **error)
{
    switch (wanted) {
    case FLOE_STATE_CREATED:
        return container_init_locked(ctr, error) && container_save_intent(ctr, NULL, error);
    case FLOE_STATE_RUNNING: return container_start_locked(ctr, NULL, NULL, error);
    case FLOE_STATE_PAUSED:
        return container_start_locked(ctr, NULL, NULL, error) && container_pause_locked(ctr, error);
    default: return true;
    }
}

/* What others have to do with it: without its lock, and only if it is to be something again. */
static bool settle_others(floe_container *ctr, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;

    if (!operation_enter(ctr, OPERATION_REFRESH, &op, error))
        return false;
    if (wanted_state(&ctr->record->status) == FLOE_STATE_UNKNOWN)
        return true;
    operation_leave(&op);
    return dependencies_start(ctr, OPERATION_REFRESH, error) && container_ports_settle(ctr, error);
}

static bool container_refresh(floe_container *ctr, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    g_auto(Lock) restarting = LOCK_NONE;
    floe_container_state wanted;

    if (!settle_others(ctr, error) || !operation_enter(ctr, OPERATION_REFRESH, &op, error))
        return false;
    wanted = wanted_state(&ctr->record->status);
    if ((wanted != FLOE_STATE_UNKNOWN && !dependencies_check(ctr, error)) ||
        !tell_of_sessions(ctr, error) || !container_lock_restart(ctr, &restarting, error) ||
        !end(&op, error) || !bring_back(ctr, wanted, error))
        return false;
    event_note(ctr, FLOE_EVENT_REFRESH);
    return true;
}

bool floe_container_refresh(floe_container *container, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), NULL) &&
                             container_refresh(container, &err),
                         &err, error);
}
