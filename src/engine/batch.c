/* SPDX-License-Identifier: Apache-2.0 */
/* Several operations on one container under one lock, and the sync that each of them begins with. */
#include "engine/event.h"
#include "engine/operation.h"
#include "engine/public-error.h"

bool floe_container_batch(floe_container *container, floe_batch_callback callback, void *data,
                          floe_error **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    g_autoptr(GError) err = NULL;
    bool ok;

    if (!public_given(&err, GIVEN(container), GIVEN(callback), NULL))
        return public_result(false, &err, error);
    if (container->in_batch)
        return callback(container, data, error);
    if (!operation_enter_any(container, &op, &err))
        return public_result(false, &err, error);
    container->in_batch = true;
    ok = callback(container, data, error);
    container->in_batch = false;
    return ok;
}

static bool container_sync(floe_container *ctr, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;

    if (!operation_enter_fresh(ctr, &op, error))
        return false;
    event_note(ctr, FLOE_EVENT_SYNC);
    return true;
}

bool floe_container_sync(floe_container *container, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), NULL) &&
                             container_sync(container, &err),
                         &err, error);
}
