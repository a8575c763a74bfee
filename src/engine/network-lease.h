/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses that containers have on networks: chosen and on record in one transaction. */
#pragma once

#include "engine/engine.h"
#include "network/network.h"

/*
 * Take one address of each subnet of the network for a container: of those in `wanted`
 * (NULL-terminated, or NULL; NULL entries do not exist) the one that lies in it, else the next free
 * one. Within the caller's transaction, or one of its own. *ret_addresses are texts in the order of
 * the network's subnets, without prefixes; none where the network gives no addresses.
 *
 * INVALID: a wanted one that nobody can have; EXISTS: another container has it, the text names that;
 * NETWORK: none is free.
 */
bool network_take_addresses(floe_engine *engine, const Network *network, const char *container_id,
                            const char *const *wanted, char ***ret_addresses, GError **error);
