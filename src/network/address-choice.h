/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which address a container gets on a network. Which ones are taken is the caller's record; nothing
 * here looks at the host.
 */
#pragma once

#include "network/network.h"

/*
 * The next free address of a subnet of the network: upward from the one after `last` (NULL: from the
 * start), round its range, never the network's, gateway's or broadcast address. `in_use` is
 * NULL-terminated, or NULL; addresses of other subnets in it do not matter. NETWORK when none is left.
 */
bool network_next_address(const Network *network, const NetworkSubnet *subnet,
                          const char *const *in_use, const char *last, char **ret_address,
                          GError **error);

/*
 * May a container on this network have the address? *ret_subnet (may be NULL) is the one that it is
 * in, borrowed. INVALID says why not. The range does not matter: it is for those that nobody chose.
 */
bool network_check_address(const Network *network, const char *address,
                           const NetworkSubnet **ret_subnet, GError **error);
