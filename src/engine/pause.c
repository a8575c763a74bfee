/* SPDX-License-Identifier: Apache-2.0 */
/* Freezing and thawing a container's processes in place, by its cgroup. */
#include "engine/container.h"
#include "engine/event.h"
#include "engine/public-error.h"

/*
 * The state is saved with the intent, so that a floe that is killed on the way leaves nothing
 * frozen without a word.
 */
static bool change(floe_container *ctr, OperationKind kind, floe_container_state becomes,
                   bool (*act)(const Runtime *runtime, const char *id, GError **error),
                   GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    g_auto(Runtime) runtime = { 0 };

    if (!operation_enter(ctr, kind, &op, error) || !container_save_intent(ctr, INTENT_PAUSE, error))
        return false;
    container_runtime(ctr, &runtime);
    if (!act(&runtime, ctr->record->id, error)) {
        container_save_intent(ctr, NULL, NULL);
        return operation_blame_end(ctr, kind, error);
    }
    container_set_state(ctr, becomes);
    if (!container_save_intent(ctr, NULL, error))
        return false;
    event_note(ctr, becomes == FLOE_STATE_PAUSED ? FLOE_EVENT_PAUSE : FLOE_EVENT_UNPAUSE);
    return true;
}

bool floe_container_pause(floe_container *container, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(change(container, OPERATION_PAUSE, FLOE_STATE_PAUSED, runtime_pause, &err),
                         &err, error);
}

bool floe_container_unpause(floe_container *container, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(change(container, OPERATION_UNPAUSE, FLOE_STATE_RUNNING, runtime_resume,
                                &err),
                         &err, error);
}
