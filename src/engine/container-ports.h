/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ports of the host that a container publishes: on record from before netavark makes rules for
 * them until after it took those away, so that no rules of another container are in the way; and
 * held by sockets while conmon lives, so that no other program gets them.
 */
#pragma once

#include "engine/container.h"

/*
 * Before a start, without the container's lock: have containers that need a port no longer let it
 * go. Such a one was left half made by a killed floe, has ended without its conmon, or is
 * checkpointed; the network of that is made anew when it is restored.
 */
bool container_ports_settle(floe_container *ctr, GError **error);

/* Within the plan's transaction. NETWORK: another container has one of them; the text names it. */
bool container_ports_take(floe_container *ctr, GError **error);

/*
 * Sockets for conmon to hold; they close with *ret_fds (GArray of int). NULL: there are none.
 * NETWORK: some other program has one of the ports.
 */
bool container_ports_hold(floe_container *ctr, GArray **ret_fds, GError **error);

/* For netavark: a list of PortMapping; NULL: there are none. */
GPtrArray *container_port_mappings(const ContainerConfig *config);
