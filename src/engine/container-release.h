/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking down what a container holds in the running system: processes, the runtime's state,
 * network, mounts, the run directory. Everything is found by its name, so it serves after a normal
 * end, a failed init and a killed floe alike.
 */
#pragma once

#include "engine/container.h"

typedef enum ReleaseParts {
    RELEASE_ALL,
    RELEASE_FOR_RESTORE, /* a checkpointed container keeps its network, and what its volumes mount */
} ReleaseParts;

/*
 * Under the lock; the record is changed (pid, mounts, network) and not saved. What is gone already
 * is success. All is tried; the first error is returned, the others are logged.
 */
bool container_release(floe_container *ctr, ReleaseParts parts, GError **error);
