/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System V IPC in the dumps of a pod. Each container's dump has all objects of the namespace that they
 * share, and CRIU would make them again for each: they may be in one only. That one has to be the
 * container which has shared memory attached, for CRIU attaches what it has made itself.
 */
#pragma once

#include "engine/container.h"

typedef struct PodIpc {
    const char *owner; /* id, borrowed: in whose dump the objects stay */
} PodIpc;

/*
 * While all stand still: whose are they? UNSUPPORTED: several containers have System V shared memory
 * attached. containers: floe_container *, those with the shared namespace, the infra container among
 * them, whose they are where nobody has.
 */
bool pod_ipc_find_owner(const GPtrArray *containers, PodIpc *ret_ipc, GError **error);

/*
 * For the checkpoint of one container that has another's namespace: the objects stay there.
 * UNSUPPORTED: it has shared memory of them attached.
 */
bool pod_ipc_refuse_attached(const floe_container *ctr, GError **error);

/*
 * Remove them from the dump of a container that is not the owner; ipc NULL: they are not in any dump.
 */
bool pod_ipc_drop(const PodIpc *ipc, const floe_container *ctr, GError **error);
