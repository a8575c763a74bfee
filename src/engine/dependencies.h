/* SPDX-License-Identifier: Apache-2.0 */
/* Containers that use other containers' namespaces. */
#pragma once

#include "engine/container.h"

/* Do all containers whose namespaces this one uses run? BAD_STATE lists the ids of those that do not. */
bool dependencies_check(floe_container *ctr, GError **error);

/*
 * Whose namespace ("net", "pid", "ipc", "uts") a container has: one that is in another's may lend it
 * on. NULL: the host's.
 */
bool container_namespace_owner(floe_engine *engine, const char *id, const char *kind,
                               floe_container **ret_owner, GError **error);

/*
 * The path of a namespace of a container that runs, "" if that is the host's. BAD_STATE. Freed by
 * the caller.
 */
bool container_namespace_of(floe_engine *engine, const char *id, const char *kind, char **ret_path,
                            GError **error);
