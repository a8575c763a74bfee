/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container's network: its address, its namespace, netavark's set-up and teardown, and what the
 * record keeps of them.
 */
#pragma once

#include "engine/container.h"
#include "network/netavark.h"
#include "network/network.h"

/*
 * Decide the container's address and what netavark will be asked, into the record, before anything is
 * done. With a request already in the record (a restore) its address and MAC are taken again. Within
 * the caller's transaction; the caller saves.
 */
bool container_network_plan(floe_container *ctr, GError **error);

/*
 * The next plan is not to ask for the address, or the MAC, of the last run or of the user. In this handle
 * only.
 */
void container_network_forget(floe_container *ctr, bool address, bool mac);

/* What was planned; each is borrowed from the record, NULL where there is none. */
typedef struct PlannedNetwork {
    const char *address;
    const char *gateway;
    const char *mac;
    const char *dns_server; /* aardvark's, where the network has names */
} PlannedNetwork;

void container_network_planned(const floe_container *ctr, PlannedNetwork *ret_planned);

/*
 * netavark at work on a container's network. One at a time in an engine: the bridge and the rules of a
 * network are made with its first container and go with its last, so a set-up must not meet a teardown.
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
 * For the restore into the network that its checkpoint has kept: where CRIU would stumble over its own lock of it, the
 * lock is removed, and what peers send is dropped in another way. ret_silent: until container_network_listen().
 */
bool container_network_reopen(const floe_container *ctr, bool *ret_silent, GError **error);

/* After a silent set-up. A failure is a warning. */
void container_network_listen(const floe_container *ctr);

/* Wait for netavark; its answer goes into the record. */
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

/*
 * The namespace for config.json: "" the host's, else a path. Freed by the caller. BAD_STATE: the other
 * container does not run.
 */
bool container_network_namespace(floe_container *ctr, char **ret_path, GError **error);
