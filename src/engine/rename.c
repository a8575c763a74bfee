/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/event.h"
#include "engine/name-generator.h"
#include "engine/operation.h"
#include "engine/public-error.h"

static bool container_rename(floe_container *ctr, const char *name, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;

    if (!container_name_check(name, error) || !operation_enter(ctr, OPERATION_RENAME, &op, error) ||
        !container_save_name(ctr->engine->db, ctr->record->id, name, error))
        return err_prefix(error, "rename container \"%s\"", ctr->record->name);
    g_free(ctr->record->name);
    ctr->record->name = g_strdup(name);
    event_note(ctr, FLOE_EVENT_RENAME);
    return true;
}

bool floe_container_rename(floe_container *container, const char *name, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), GIVEN(name), NULL) &&
                             container_rename(container, name, &err),
                         &err, error);
}
