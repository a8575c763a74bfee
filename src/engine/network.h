/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine's networks: found, made and removed. A container's use of them is container-network.h's,
 * what they are the network layer's.
 *
 * The default network is one like the others, but for that it is there from the first use on, by the
 * settings of floe.conf, and stays.
 */
#pragma once

#include "engine/engine.h"
#include "network/network.h"
#include "state/network-record.h"

/* The default network, made and recorded at first use. Freed with network_free(). */
bool engine_default_network(floe_engine *engine, Network **ret_network, GError **error);

/*
 * By name, id, or the unique beginning of one; the default network is there. Freed with
 * network_free(). NOT_FOUND, AMBIGUOUS.
 */
bool engine_network(floe_engine *engine, const char *name_or_id, Network **ret_network,
                    GError **error);

/* Record a new one. EXISTS: another has its name or its bridge. */
bool engine_insert_network(floe_engine *engine, const Network *network, GError **error);

/* What netavark keeps of the networks that are up is in this directory. Freed by the caller. */
char *engine_netavark_directory(const floe_engine *engine);

/* Who gets netavark's rules: as somebody chose (engine-config.h), or netavark's own. The caller's. */
bool network_firewall(char **ret_driver, GError **error);

/* All: GPtrArray of Network *, in order of creation. */
bool engine_networks(floe_engine *engine, GPtrArray **ret_networks, GError **error);
