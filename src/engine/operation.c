/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/operation.h"

#include "base/log.h"
#include "base/path.h"
#include "base/process.h"
#include "engine/cgroup-names.h"
#include "engine/container-end.h"
#include "engine/container-mount.h"
#include "engine/event.h"
#include "engine/heal.h"
#include "engine/health-monitor.h"
#include "engine/policy-restart.h"
#include "engine/public-error.h"
#include "state/exit-code.h"

#include <sys/pidfd.h>

#define END_GRACE_MS 200

/* --- sync ----------------------------------------------------------------------------------- */

static bool note_end(floe_container *ctr, GError **error)
{
    ContainerStatus *status = &ctr->record->status;
    bool has_begun = status->state != FLOE_STATE_CREATED;
    g_auto(Transaction) transaction = TRANSACTION_NONE;
    EndNote note = END_NONE;

    if (!record_note_end(ctr->engine, ctr->record, &note, error))
        return false;
    if (note == END_NONE)
        return true;
    if (note == END_NOT_WAITED)
        return container_save(ctr, error);
    if (note == END_LOST)
        log_warn("conmon of container \"%s\" died without leaving an exit code", ctr->record->name);
    if (has_begun)
        restart_note_end(ctr);
    if (!transaction_begin(ctr->engine->db, false, &transaction, error) ||
        !exit_code_save(ctr->engine->db, ctr->record->id, status->exit_code, error) ||
        !container_save(ctr, error) || !transaction_commit(&transaction, error))
        return false;
    event_note_exit(ctr, FLOE_EVENT_DIED, status->exit_code);
    return true;
}

/* Reload, and bring the record in line with what happened while no floe was looking. */
static bool container_sync(floe_container *ctr, bool heal, GError **error)
{
    bool holds_changed = false;

    if (!container_reload(ctr, error))
        return false;
    if (heal && ctr->record->status.intent != NULL && !container_heal(ctr, error))
        return err_prefix(error, "put container \"%s\" right after an interrupted %s",
                          ctr->record->name, ctr->record->status.intent);
    if (!container_drop_dead_holds(ctr, &holds_changed, error) ||
        (holds_changed && !container_save(ctr, error)))
        return false;
    return note_end(ctr, error);
}

/* --- entering and leaving ------------------------------------------------------------------- */

static bool lock_container(floe_container *ctr, GError **error)
{
    g_autofree char *locks = g_path_get_dirname(ctr->paths.lock);

    g_assert(ctr->lock.fd < 0);
    return dir_make(locks, 0700, error) &&
           lock_acquire_byte(ctr->paths.lock,
                             container_lock_offset(ctr->record->id, CONTAINER_LOCK_OPERATION),
                             &ctr->lock, error);
}

bool operation_resume(Operation *op, GError **error)
{
    return (op->ctr->in_batch || lock_container(op->ctr, error)) &&
           container_sync(op->ctr, !op->leaves_broken, error);
}

void operation_suspend(Operation *op)
{
    if (!op->ctr->in_batch)
        lock_release(&op->ctr->lock);
}

void operation_leave(Operation *op)
{
    if (op->ctr != NULL)
        operation_suspend(op);
    op->ctr = NULL;
}

static bool enter(floe_container *ctr, bool leaves_broken, Operation *ret_op, GError **error)
{
    g_auto(Operation) op = { ctr, leaves_broken };

    if (!operation_resume(&op, error))
        return false;
    *ret_op = op;
    op = (Operation)OPERATION_NONE;
    return true;
}

bool operation_enter_fresh(floe_container *ctr, Operation *ret_op, GError **error)
{
    return enter(ctr, false, ret_op, error);
}

bool operation_enter_broken(floe_container *ctr, Operation *ret_op, GError **error)
{
    return enter(ctr, true, ret_op, error);
}

bool operation_enter_any(floe_container *ctr, Operation *ret_op, GError **error)
{
    if (!ctr->in_batch)
        return enter(ctr, false, ret_op, error);
    *ret_op = (Operation){ ctr, false };
    return true;
}

bool operation_enter(floe_container *ctr, OperationKind kind, Operation *ret_op, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;

    if (!operation_enter_any(ctr, &op, error))
        return false;
    if (!operation_is_allowed(kind, ctr->record->status.state))
        return operation_refuse(kind, ctr->record->status.state, ctr->record->name, error);
    if (operation_needs_cgroup(kind) && !config_has_cgroup(&ctr->record->config))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "cannot %s container \"%s\": this container does not have a cgroup "
                       "(--cgroups=disabled)",
                       operation_name(kind), ctr->record->name);
    if (kind == OPERATION_LOOK) {
        health_monitor_begin(ctr);
        if (!restart_heal(ctr, error))
            return false;
    }
    *ret_op = op;
    op = (Operation)OPERATION_NONE;
    return true;
}

bool operation_blame_end(floe_container *ctr, OperationKind kind, GError **error)
{
    int pid = ctr->record->status.pid;
    autofd int pidfd = pid > 0 ? pidfd_open(pid, 0) : -1;

    /* On its way out a process has lost its root and its cgroup before it counts as ended. */
    if (pidfd >= 0)
        pidfd_wait(pidfd, END_GRACE_MS);
    if (container_signal(ctr, 0, NULL))
        return false;
    g_clear_error(error);
    return err_set(error, FLOE_ERROR_BAD_STATE,
                   "cannot %s container \"%s\": it is not running any more", operation_name(kind),
                   ctr->record->name);
}

/* --- the border ----------------------------------------------------------------------------- */

static bool container_get_state(floe_container *ctr, floe_container_state *ret_state, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;

    if (!operation_enter(ctr, OPERATION_LOOK, &op, error))
        return false;
    *ret_state = (floe_container_state)ctr->record->status.state;
    return true;
}

bool floe_container_get_state(floe_container *container, floe_container_state *ret_state,
                              floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), GIVEN(ret_state), NULL) &&
                             container_get_state(container, ret_state, &err),
                         &err, error);
}
