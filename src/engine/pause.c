/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/pause.h"

#include "base/log.h"
#include "engine/cgroup-names.h"
#include "engine/event.h"
#include "engine/operation.h"
#include "engine/public-error.h"
#include "oci/cgroup-freezer.h"

/* A freezer that was given up may be at work still; what the state says is then made so. */
static void undo(floe_container *ctr, OperationKind kind)
{
    g_autoptr(GError) err = NULL;

    if (kind == OPERATION_PAUSE && !cgroup_thaw(ctr->paths.cgroup, &err) &&
        !err_is(err, FLOE_ERROR_NOT_FOUND))
        log_ignored(g_steal_pointer(&err), "thaw container \"%s\"", ctr->record->name);
    g_clear_error(&err);
    if (!container_save_intent(ctr, NULL, &err))
        log_ignored(g_steal_pointer(&err), "record the failed %s of container \"%s\"",
                    operation_name(kind), ctr->record->name);
}

/* A runtime that fails may have thawed it all the same, and would refuse to do so again. */
static bool resume(floe_container *ctr, const Runtime *runtime, GError **error)
{
    g_autoptr(GError) err = NULL;

    if (runtime_resume(runtime, ctr->record->id, ctr->lock.fd, &err))
        return true;
    if (cgroup_thaw(ctr->paths.cgroup, NULL)) {
        log_ignored(g_steal_pointer(&err), "unpause container \"%s\" without the runtime",
                    ctr->record->name);
        return true;
    }
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

/*
 * The state is saved with the intent, so that a floe that is killed on the way leaves nothing
 * frozen without a word.
 */
static bool change(floe_container *ctr, OperationKind kind, GError **error)
{
    bool is_pause = kind == OPERATION_PAUSE;
    g_auto(Runtime) runtime = { 0 };

    if (!container_save_intent(ctr, INTENT_PAUSE, error))
        return false;
    container_runtime(ctr, &runtime);
    if (!(is_pause ? runtime_pause(&runtime, ctr->record->id, ctr->lock.fd, error)
                   : resume(ctr, &runtime, error))) {
        undo(ctr, kind);
        return operation_blame_end(ctr, kind, error);
    }
    container_set_state(ctr, is_pause ? FLOE_STATE_PAUSED : FLOE_STATE_RUNNING);
    if (!container_save_intent(ctr, NULL, error))
        return false;
    event_note(ctr, is_pause ? FLOE_EVENT_PAUSE : FLOE_EVENT_UNPAUSE);
    return true;
}

bool container_pause_locked(floe_container *ctr, GError **error)
{
    return change(ctr, OPERATION_PAUSE, error);
}

bool container_hold_still(floe_container *ctr, GError **error)
{
    g_auto(Runtime) runtime = { 0 };

    if (!config_has_cgroup(&ctr->record->config))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "cannot pause container \"%s\" meanwhile: this container does not have a "
                       "cgroup (--cgroups=disabled)",
                       ctr->record->name);
    if (!container_save_intent(ctr, INTENT_PAUSE, error))
        return false;
    container_runtime(ctr, &runtime);
    if (runtime_pause(&runtime, ctr->record->id, ctr->lock.fd, error))
        return true;
    undo(ctr, OPERATION_PAUSE);
    return operation_blame_end(ctr, OPERATION_PAUSE, error);
}

bool container_let_go(floe_container *ctr, GError **error)
{
    g_auto(Runtime) runtime = { 0 };

    container_runtime(ctr, &runtime);
    return resume(ctr, &runtime, error) && container_save_intent(ctr, NULL, error);
}

static bool enter_and_change(floe_container *ctr, OperationKind kind, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;

    return operation_enter(ctr, kind, &op, error) && change(ctr, kind, error);
}

bool container_pause(floe_container *ctr, GError **error)
{
    return enter_and_change(ctr, OPERATION_PAUSE, error);
}

bool container_unpause(floe_container *ctr, GError **error)
{
    return enter_and_change(ctr, OPERATION_UNPAUSE, error);
}

bool floe_container_pause(floe_container *container, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), NULL) &&
                             container_pause(container, &err),
                         &err, error);
}

bool floe_container_unpause(floe_container *container, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), NULL) &&
                             container_unpause(container, &err),
                         &err, error);
}
