/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one way in which operations enter and leave a container: lock, reload, notice what happened
 * since (the process ended, another floe was killed half-way), check that the state allows it.
 * Within a batch the first three have been done once, for all of its operations.
 */
#pragma once

#include "engine/container.h"

/* An operation at work on a container, which is locked meanwhile. */
typedef struct Operation {
    floe_container *ctr;
    bool leaves_broken; /* an interrupted operation is not put right */
} Operation;

#define OPERATION_NONE \
    { \
        NULL, false \
    }

/* REMOVED when the container went; operation_refuse()'s errors. */
bool operation_enter(floe_container *ctr, OperationKind kind, Operation *ret_op, GError **error);

/* Enter whatever the state is, for an operation that looks itself. */
bool operation_enter_any(floe_container *ctr, Operation *ret_op, GError **error);

/* The same, but within a batch, too, see what is so at this moment. */
bool operation_enter_fresh(floe_container *ctr, Operation *ret_op, GError **error);

/*
 * Enter without putting an interrupted operation right: for a removal by force, which ends all of
 * it anyway.
 */
bool operation_enter_broken(floe_container *ctr, Operation *ret_op, GError **error);

/*
 * Let others in while waiting for the user's process, and take the container again: reload and sync,
 * no check. A batch lets nobody in.
 */
void operation_suspend(Operation *op);
bool operation_resume(Operation *op, GError **error);

void operation_leave(Operation *op);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Operation, operation_leave)

/*
 * An operation on a running container failed. Whatever it said: if the process has ended, which
 * nobody had noted yet, that is why, and the error becomes BAD_STATE. False.
 */
bool operation_blame_end(floe_container *ctr, OperationKind kind, GError **error);
