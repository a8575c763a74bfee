/* SPDX-License-Identifier: Apache-2.0 */
/* The containers that a container needs: whose namespaces it uses, and those it requires. */
#pragma once

#include "engine/container.h"

/* Do all that it needs run? BAD_STATE lists the ids of those that do not. */
bool dependencies_check(floe_container *ctr, GError **error);

/*
 * Start those that do not run, and first what they need; none where the container has gone or its
 * state does not allow the operation, which will say so. Without the container's lock: each has one
 * of its own. One in a state that cannot be started is left to dependencies_check().
 */
bool dependencies_start(floe_container *ctr, OperationKind kind, GError **error);

/*
 * Stop those that need it, and first what needs them; one that somebody else is stopping is waited for.
 * What cannot be stopped is told of and left. Without the container's lock.
 */
void dependents_stop(floe_container *ctr, const floe_stop_options *options);

/*
 * Whose namespace ("net", "pid", "ipc", "uts", "cgroup") a container has: one that is in another's
 * may lend it on. NULL: the host's.
 */
bool container_namespace_owner(floe_engine *engine, const char *id, const char *kind,
                               floe_container **ret_owner, GError **error);

/*
 * The path of a namespace of a container that runs, "" if that is the host's. BAD_STATE. Freed by
 * the caller.
 */
bool container_namespace_of(floe_engine *engine, const char *id, const char *kind, char **ret_path,
                            GError **error);
