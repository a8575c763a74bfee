/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "engine/container-network.h"
#include "engine/event.h"
#include "engine/name-generator.h"
#include "engine/operation.h"
#include "engine/public-error.h"

/* A checkpointed one's network must stay as it is: it is restored into it, and told others by then. */
static bool may_reload(const floe_container *ctr)
{
    floe_container_state state = ctr->record->status.state;

    return state == FLOE_STATE_CREATED || state == FLOE_STATE_RUNNING || state == FLOE_STATE_PAUSED;
}

/* ret_has_names: others know it by name. A floe that is killed leaves it to the next to tell them. */
static bool record_name(floe_container *ctr, const char *name, bool *ret_has_names, GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;

    if (!transaction_begin(ctr->engine->db, true, &transaction, error) ||
        !container_save_name(ctr->engine->db, ctr->record->id, name, error))
        return false;
    g_free(ctr->record->name);
    ctr->record->name = g_strdup(name);
    *ret_has_names = container_network_plan_rename(ctr);
    return container_save_intent(ctr,
                                 *ret_has_names && may_reload(ctr) ? INTENT_RELOAD_NETWORK : NULL,
                                 error) &&
           transaction_commit(&transaction, error);
}

static bool tell_others(floe_container *ctr, GError **error)
{
    g_autoptr(GError) err = NULL;

    if (!container_network_rename(ctr, &err))
        log_ignored(g_steal_pointer(&err),
                    "container \"%s\" is found by its earlier name until a network reload",
                    ctr->record->name);
    return container_save_intent(ctr, NULL, error);
}

static bool container_rename(floe_container *ctr, const char *name, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    g_autofree char *earlier = g_strdup(ctr->record->name);
    bool has_names = false;

    if (!container_name_check(name, error) || !operation_enter(ctr, OPERATION_RENAME, &op, error) ||
        !record_name(ctr, name, &has_names, error) || (has_names && !tell_others(ctr, error)))
        return err_prefix(error, "rename container \"%s\"", earlier);
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
