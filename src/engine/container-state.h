/* SPDX-License-Identifier: Apache-2.0 */
/* The states of a container, and in which of them each operation is allowed. */
#pragma once

#include "base/error.h"

#include <floe/container.h>

typedef enum OperationKind {
    OPERATION_INIT,
    OPERATION_START,
    OPERATION_STOP,
    OPERATION_KILL,
    OPERATION_EXEC,
    OPERATION_ATTACH,
    OPERATION_RESIZE,
    OPERATION_PAUSE,
    OPERATION_UNPAUSE,
    OPERATION_CLEANUP,
    OPERATION_RESTART,
    OPERATION_REFRESH,
    OPERATION_REMOVE,
    OPERATION_CHECKPOINT,
    OPERATION_RESTORE,
    OPERATION_MOUNT,
    OPERATION_UNMOUNT,
    OPERATION_EXPORT,
    OPERATION_COMMIT,
    OPERATION_DIFF,
    OPERATION_COPY,
    OPERATION_RENAME,
    OPERATION_TOP,
    OPERATION_UPDATE,
    OPERATION_ARTIFACT,
    OPERATION_CONNECT, /* to a network, or from one */
    OPERATION_RELOAD_NETWORK,
    OPERATION_LOOK, /* whatever only reads: inspect, wait, get_state */
    OPERATION_N_KINDS,
} OperationKind;

/* Not possible where a container has none of its own. */
bool operation_needs_cgroup(OperationKind kind);

/* "start", for messages. */
const char *operation_name(OperationKind kind);

bool operation_is_allowed(OperationKind kind, floe_container_state state);

/*
 * The error for an operation in a state that does not allow it: STOPPED, RUNNING or BAD_STATE, with
 * a text such as "cannot pause container "web": it is not running (state exited)".
 */
bool operation_refuse(OperationKind kind, floe_container_state state, const char *container_name,
                      GError **error);

/* May a container go from one state to the other? The same state is always allowed. */
bool state_may_become(floe_container_state from, floe_container_state to);

/* Is there a process of the container in this state, as far as is known? */
bool state_has_process(floe_container_state state);
