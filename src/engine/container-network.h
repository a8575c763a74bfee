/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container in its networks: its namespace, netavark's set-ups and teardowns, one for each of them,
 * and what the record keeps of those.
 */
#pragma once

#include "engine/container.h"
#include "network/netavark.h"
#include "network/network.h"

/*
 * netavark at work on a container's networks, one after the other. One at a time in an engine: the
 * bridge and the rules of a network are made with its first container and go with its last, so a
 * set-up must not meet a teardown.
 */
typedef struct NetworkCall NetworkCall;

void network_call_free(NetworkCall *call);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NetworkCall, network_call_free)

/* Is it there as a whole, as a checkpoint keeps it for the restore? */
bool container_network_is_up(const floe_container *ctr);

/*
 * Make the namespace and let netavark begin. ret_call: NULL when there is nothing to wait for. silent:
 * what peers send is dropped until container_network_listen(), for connections that are about to be
 * restored would be refused.
 */
bool container_network_setup_begin(floe_container *ctr, bool silent, NetworkCall **ret_call,
                                   GError **error);

/*
 * For the restore into the network that its checkpoint has kept: where CRIU would stumble over its
 * own lock of it, the lock is removed, and what peers send is dropped in another way. ret_silent:
 * until container_network_listen().
 */
bool container_network_reopen(const floe_container *ctr, bool *ret_silent, GError **error);

/* After a silent set-up. A failure is a warning. */
void container_network_listen(const floe_container *ctr);

/* Wait for netavark, and have it do the other networks; what it answers goes into the record. */
bool container_network_setup_end(floe_container *ctr, NetworkCall *call, GError **error);

/*
 * Let netavark begin; that it cannot is a warning, so that the rest goes all the same. ret_call NULL:
 * there is nothing to take down.
 */
void container_network_teardown_begin(floe_container *ctr, NetworkCall **ret_call);

/*
 * Wait, remove the namespace, free the ports, and the address unless a checkpoint needs it. The record
 * is saved.
 */
bool container_network_teardown_end(floe_container *ctr, NetworkCall *call, GError **error);

/* Do one of its networks now, and wait. The record is not saved. A join that failed needs a leave. */
bool container_network_join(floe_container *ctr, NetworkStatus *network, GError **error);

/* Nothing is done where it was never joined. */
bool container_network_leave(floe_container *ctr, NetworkStatus *network, GError **error);

/*
 * The record's name is another one: what netavark is told of it from now on has that, which the caller
 * saves. True: it is in networks with names, where container_network_rename() is due.
 */
bool container_network_plan_rename(floe_container *ctr);

/* Let others find it by its record's name, and no longer by the one before. */
bool container_network_rename(const floe_container *ctr, GError **error);

/*
 * Its network is not there any more, which the caller saves: nothing is up, and only a checkpoint still
 * needs the addresses.
 */
void container_network_forget_run(ContainerStatus *status);

/*
 * The namespace for config.json: "" the host's, else a path. Freed by the caller. BAD_STATE: the other
 * container does not run.
 */
bool container_network_namespace(floe_container *ctr, char **ret_path, GError **error);
