/* SPDX-License-Identifier: Apache-2.0 */
/* Cleaning up after a container's end, and removing it. */
#include "engine/container-remove.h"

#include "base/log.h"
#include "base/path.h"
#include "engine/container-mount.h"
#include "engine/container-release.h"
#include "engine/container-stop.h"
#include "engine/event.h"
#include "engine/leftovers.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "oci/cgroup.h"
#include "state/lease-record.h"

#define LEFTOVER_TIMEOUT_MS (60 * 1000)
#define EXIT_CODE_KILLED    137 /* 128 + SIGKILL */

/* --- cleanup -------------------------------------------------------------------------------- */

/*
 * conmon calls this when the container's process has ended. After a checkpoint it comes too: then the container is exited already, and
 * what the checkpoint keeps stays.
 */
static bool container_cleanup(floe_container *ctr, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    ContainerStatus *status = &ctr->record->status;

    if (!operation_enter(ctr, OPERATION_CLEANUP, &op, error))
        return false;
    if (status->state == FLOE_STATE_EXITED || status->state == FLOE_STATE_CONFIGURED)
        return true;
    if (status->state == FLOE_STATE_STOPPING)
        return operation_refuse(OPERATION_CLEANUP, FLOE_STATE_STOPPING, ctr->record->name, error);
    if (!container_release(ctr, RELEASE_ALL, error))
        return false;
    container_set_state(ctr, status->state == FLOE_STATE_CREATED ? FLOE_STATE_CONFIGURED
                                                                 : FLOE_STATE_EXITED);
    if (!container_save(ctr, error))
        return false;
    event_note(ctr, FLOE_EVENT_CLEANUP);
    return true;
}

/* --- remove --------------------------------------------------------------------------------- */

static bool refuse_dependents(floe_container *ctr, GError **error)
{
    g_auto(GStrv) ids = NULL;
    g_autofree char *list = NULL;

    if (!container_list_dependents(ctr->engine->db, ctr->record->id, &ids, error))
        return false;
    if (ids == NULL || ids[0] == NULL)
        return true;
    list = g_strjoinv(", ", ids);
    return err_set(error, FLOE_ERROR_IN_USE,
                   "container \"%s\" has dependent containers which must be removed before it: %s",
                   ctr->record->name, list);
}

/* Whatever it is doing, it ends now. */
static bool end_by_force(Operation *op, int timeout_s, GError **error)
{
    floe_container *ctr = op->ctr;

    /* A floe was killed in an operation: nobody knows what runs, but the release finds it. */
    if (ctr->record->status.intent != NULL)
        return leftover_runtime_wait(&ctr->paths, LEFTOVER_TIMEOUT_MS, error) &&
               leftovers_end(&ctr->paths, error);
    switch (ctr->record->status.state) {
    case FLOE_STATE_CREATED:
    case FLOE_STATE_RUNNING:
    case FLOE_STATE_STOPPING: return container_stop_in(op, timeout_s, error);
    default: /* a paused one cannot answer a signal: its processes are killed with the release */
        return true;
    }
}

/*
 * The engine's own cgroups go with its last container. Nobody makes one in them meanwhile: a
 * container is in the database before it is in a cgroup, and the database is locked here.
 */
static bool remove_unused_cgroups(floe_engine *engine, GError **error)
{
    g_autofree char *parent = engine_cgroup_parent(engine);
    g_autofree char *conmon = engine_conmon_cgroup(engine);
    g_autofree char *any_id = NULL;

    return container_find_latest(engine->db, &any_id, error) &&
           (any_id != NULL ||
            (cgroup_remove_if_empty(conmon, error) && cgroup_remove_if_empty(parent, error)));
}

static bool delete_record(floe_container *ctr, GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;
    bool durable = !ctr->record->config.auto_remove;

    return transaction_begin(ctr->engine->db, durable, &transaction, error) &&
           container_delete(ctr->engine->db, ctr->record->id, error) &&
           lease_release(ctr->engine->db, ctr->record->id, error) &&
           remove_unused_cgroups(ctr->engine, error) && transaction_commit(&transaction, error);
}

bool container_remove_locked(floe_container *ctr, GError **error)
{
    bool had_process = state_has_process(ctr->record->status.state);

    if (!refuse_dependents(ctr, error))
        return false;
    container_set_state(ctr, FLOE_STATE_REMOVING);
    container_forget_mounts(&ctr->record->status);
    if (!container_save(ctr, error) || !container_release(ctr, RELEASE_ALL, error) ||
        !tree_remove(ctr->paths.dir, error))
        return false;
    if (had_process)
        event_note_exit(ctr, FLOE_EVENT_DIED, EXIT_CODE_KILLED);
    if (!delete_record(ctr, error))
        return false;
    event_note(ctr, FLOE_EVENT_REMOVE);
    return true;
}

bool container_remove(floe_container *ctr, const floe_remove_options *options, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    g_autoptr(GError) err = NULL;

    if (options->force ? !operation_enter_broken(ctr, &op, error)
                       : !operation_enter_any(ctr, &op, error))
        return false;
    if (!options->force && !operation_is_allowed(OPERATION_REMOVE, ctr->record->status.state))
        return operation_refuse(OPERATION_REMOVE, ctr->record->status.state, ctr->record->name,
                                error);
    if (!refuse_dependents(ctr, error))
        return false;
    if (options->force && !end_by_force(&op, options->timeout_s, &err)) {
        if (err_is(err, FLOE_ERROR_REMOVED))
            return true;
        if (op.lock.fd < 0) {
            g_propagate_error(error, g_steal_pointer(&err));
            return false;
        }
        log_ignored(g_steal_pointer(&err), "cannot stop container \"%s\" before its removal",
                    ctr->record->name);
    }
    return container_remove_locked(ctr, error);
}

/* --- the border ----------------------------------------------------------------------------- */

bool floe_container_cleanup(floe_container *container, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(container_cleanup(container, &err), &err, error);
}

bool floe_container_remove(floe_container *container, const floe_remove_options *options,
                           floe_error **error)
{
    floe_remove_options known = FLOE_REMOVE_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_options(options, &known, sizeof(known), &err) &&
                             container_remove(container, &known, &err),
                         &err, error);
}
