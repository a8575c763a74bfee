/* SPDX-License-Identifier: Apache-2.0 */
/* Cleaning up after a container's end, and removing it. */
#include "engine/container-remove.h"

#include "base/log.h"
#include "base/tree.h"
#include "engine/cgroup-names.h"
#include "engine/container-end.h"
#include "engine/container-mount.h"
#include "engine/container-release.h"
#include "engine/container-restart.h"
#include "engine/container-stop.h"
#include "engine/container-volumes.h"
#include "engine/event.h"
#include "engine/exec-sessions.h"
#include "engine/leftovers.h"
#include "engine/operation.h"
#include "engine/pod.h"
#include "engine/policy-restart.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "oci/cgroup.h"
#include "state/lease-record.h"

#define LEFTOVER_TIMEOUT_MS (60 * 1000)

static bool refuse_dependents(floe_container *ctr, GError **error);

/* --- cleanup -------------------------------------------------------------------------------- */

bool container_clean_up_locked(floe_container *ctr, bool remove, GError **error)
{
    ContainerStatus *status = &ctr->record->status;
    g_autoptr(GError) err = NULL;

    if (remove && !ctr->in_batch) {
        if (container_remove_locked(ctr, true, &err))
            return true;
        /* Then it stays for those that depend on it. */
        if (!err_is(err, FLOE_ERROR_IN_USE)) {
            g_propagate_error(error, g_steal_pointer(&err));
            return false;
        }
    }
    if (status->state == FLOE_STATE_EXITED || status->state == FLOE_STATE_CONFIGURED)
        return true;
    if (!container_release(ctr, RELEASE_ALL, error))
        return false;
    container_set_state(ctr, status->state == FLOE_STATE_CREATED ? FLOE_STATE_CONFIGURED
                                                                 : FLOE_STATE_EXITED);
    if (!container_save(ctr, error))
        return false;
    event_note(ctr, FLOE_EVENT_CLEANUP);
    return true;
}

static bool refuse_sessions(floe_container *ctr, GError **error)
{
    g_autoptr(GPtrArray) sessions = NULL;

    if (!exec_sessions_active(ctr, &sessions, error))
        return false;
    return sessions->len == 0 ||
           err_set(error, FLOE_ERROR_BAD_STATE,
                   "cannot clean up container \"%s\": it has active exec sessions",
                   ctr->record->name);
}

/*
 * conmon's exit command comes here when the process has ended, beside whatever else is done with the
 * container at that moment. After a checkpoint it comes too: then the container is exited already,
 * and what the checkpoint keeps stays. Where the restart policy wants it to run again, this process
 * stays, without the lock, and sees to it.
 */
bool container_cleanup(floe_container *ctr, const floe_cleanup_options *options, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    g_auto(Lock) claim = LOCK_NONE;
    bool is_restarting = false;
    bool restarts = false;

    if (!operation_enter(ctr, OPERATION_CLEANUP, &op, error))
        return false;
    if (ctr->record->status.state == FLOE_STATE_STOPPING)
        return operation_refuse(OPERATION_CLEANUP, FLOE_STATE_STOPPING, ctr->record->name, error);
    if (options->after_end) {
        if (!container_is_restarting(ctr, &is_restarting, error))
            return false;
        /*
         * Late, it comes to the next run. After a checkpoint there is nothing to do: one that was
         * created with --rm goes when its archive is written, and stays if that fails.
         */
        if (is_restarting || ctr->record->status.state == FLOE_STATE_CREATED ||
            ctr->record->status.checkpointed)
            return true;
        if (ctr->record->status.restart_due_unix_ns != 0 &&
            !restart_claim(ctr, &claim, &restarts, error))
            return false;
    } else if (!refuse_sessions(ctr, error)) {
        return false;
    }
    if (!container_clean_up_locked(ctr, options->remove, error))
        return false;
    operation_leave(&op);
    if (restarts)
        return restart_when_due(ctr, error);
    pod_note_member_end(ctr->engine, &ctr->record->config);
    return true;
}

/* --- remove --------------------------------------------------------------------------------- */

static bool refuse_dependents(floe_container *ctr, GError **error)
{
    g_auto(GStrv) ids = NULL;
    g_autofree char *list = NULL;

    if (!container_list_dependents(ctr->engine->db, ctr->record->id, &ids, error))
        return false;
    if (ids[0] == NULL)
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
bool engine_remove_unused_cgroups(floe_engine *engine, GError **error)
{
    g_autofree char *parent = engine_cgroup_parent(engine);
    g_autofree char *conmon = engine_conmon_cgroup(engine);
    g_autofree char *any_id = NULL;

    return container_find_latest(engine->db, &any_id, error) &&
           (any_id != NULL ||
            (cgroup_remove_if_empty(conmon, error) && cgroup_remove_if_empty(parent, error)));
}

/* It ends with its infra container, so that there is never one of them alone. */
static bool delete_pod(floe_container *ctr, GError **error)
{
    const char *pod_id = ctr->record->config.pod_id;
    g_autoptr(PodRecord) pod = NULL;

    return pod_load(ctr->engine->db, pod_id, &pod, error) &&
           pod_delete(ctr->engine->db, pod_id, error) && pod_cgroup_remove(ctr->engine, pod, error);
}

static bool delete_record(floe_container *ctr, const VolumeSet *volumes, GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;
    bool durable = !ctr->record->config.auto_remove;

    return transaction_begin(ctr->engine->db, durable, &transaction, error) &&
           container_delete(ctr->engine->db, ctr->record->id, error) &&
           container_volumes_disown(ctr->engine, volumes, error) &&
           lease_release(ctr->engine->db, ctr->record->id, error) &&
           (!ctr->record->config.is_infra || delete_pod(ctr, error)) &&
           engine_remove_unused_cgroups(ctr->engine, error) &&
           transaction_commit(&transaction, error);
}

/* In one transaction with the look for dependents: from now on no other can become one. */
static bool begin_removal(floe_container *ctr, GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;

    if (!transaction_begin(ctr->engine->db, false, &transaction, error) ||
        !refuse_dependents(ctr, error))
        return false;
    restart_cancel(ctr);
    container_set_state(ctr, FLOE_STATE_REMOVING);
    container_forget_mounts(&ctr->record->status);
    return container_save(ctr, error) && transaction_commit(&transaction, error);
}

bool container_remove_locked(floe_container *ctr, bool with_volumes, GError **error)
{
    bool had_process = state_has_process((floe_container_state)ctr->record->status.state);
    g_auto(VolumeSet) volumes = VOLUME_SET_NONE;

    if (!begin_removal(ctr, error) || !container_release(ctr, RELEASE_ALL, error) ||
        !tree_remove(ctr->paths.dir, error))
        return false;
    if (had_process)
        event_note_exit(ctr, FLOE_EVENT_DIED, EXIT_CODE_KILLED);
    if ((with_volumes && !container_volumes_own(ctr, &volumes, error)) ||
        !delete_record(ctr, &volumes, error))
        return false;
    event_note(ctr, FLOE_EVENT_REMOVE);
    container_volumes_remove(ctr->engine, &volumes);
    return true;
}

/* They depend on it, so none of them is it, and what depends on them goes before them. */
static bool remove_dependents(floe_container *ctr, const floe_remove_options *options,
                              GError **error)
{
    g_auto(GStrv) ids = NULL;

    if (!container_list_dependents(ctr->engine->db, ctr->record->id, &ids, error))
        return false;
    for (char **id = ids; *id != NULL; id++) {
        g_autoptr(floe_container) dependent = NULL;
        g_autoptr(GError) err = NULL;

        if ((container_open(ctr->engine, *id, &dependent, &err) &&
             container_remove(dependent, options, &err)) ||
            err_is(err, FLOE_ERROR_NOT_FOUND) || err_is(err, FLOE_ERROR_REMOVED))
            continue;
        g_propagate_error(error, g_steal_pointer(&err));
        return err_prefix(error, "remove what depends on container \"%s\"", ctr->record->name);
    }
    return true;
}

static bool remove_alone(floe_container *ctr, const floe_remove_options *options, GError **error)
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
        if (ctr->lock.fd < 0) {
            g_propagate_error(error, g_steal_pointer(&err));
            return false;
        }
        log_ignored(g_steal_pointer(&err), "cannot stop container \"%s\" before its removal",
                    ctr->record->name);
    }
    return container_remove_locked(ctr, options->volumes || ctr->record->config.auto_remove, error);
}

/* The infra container goes with its pod. */
static bool refuse_infra(floe_container *ctr, GError **error)
{
    g_autoptr(PodRecord) pod = NULL;

    if (!pod_load(ctr->engine->db, ctr->record->config.pod_id, &pod, error))
        return false;
    return pod->is_removing ||
           err_set(error, FLOE_ERROR_INVALID,
                   "container %s is the infra container of pod %s and cannot be removed without "
                   "removing the pod",
                   ctr->record->id, pod->id);
}

bool container_remove(floe_container *ctr, const floe_remove_options *options, GError **error)
{
    if (ctr->in_batch)
        return err_set(error, FLOE_ERROR_BAD_STATE,
                       "container \"%s\" cannot be removed within a batch", ctr->record->name);
    if (ctr->record->config.is_infra && !refuse_infra(ctr, error))
        return false;
    if ((options->dependents && !remove_dependents(ctr, options, error)) ||
        !remove_alone(ctr, options, error))
        return false;
    if (options->removed != NULL)
        options->removed(ctr->record->id, options->removed_data);
    pod_note_member_end(ctr->engine, &ctr->record->config);
    return true;
}

/* --- the border ----------------------------------------------------------------------------- */

bool floe_container_cleanup(floe_container *container, const floe_cleanup_options *options,
                            floe_error **error)
{
    floe_cleanup_options known = FLOE_CLEANUP_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             container_cleanup(container, &known, &err),
                         &err, error);
}

bool floe_container_remove(floe_container *container, const floe_remove_options *options,
                           floe_error **error)
{
    floe_remove_options known = FLOE_REMOVE_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             container_remove(container, &known, &err),
                         &err, error);
}
