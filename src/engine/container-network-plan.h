/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container is to have in each of its networks: chosen and on record before netavark does any
 * of it.
 */
#pragma once

#include "engine/container.h"

/*
 * Decide the container's addresses, take its ports, and write what netavark will be asked into the
 * record, before anything is done. What it had in a network before (a restore) it gets again. Within
 * the caller's transaction; the caller saves.
 */
bool container_network_plan(floe_container *ctr, GError **error);

/* The same for one network of its configuration, of a container that has its namespace. */
bool container_network_plan_one(floe_container *ctr, guint index, GError **error);

/* The addresses in one network, without prefixes. Freed by the caller. */
char **network_status_addresses(const NetworkStatus *network);

/* All of its addresses, without prefixes. Freed by the caller. */
char **container_network_addresses(const ContainerStatus *status);

/* The first one at which it reaches its host, IPv4 if there is one; NULL: there is none. Borrowed. */
const char *container_network_gateway(const ContainerStatus *status);

/* aardvark's of all its networks, borrowed, and NULL at the end. */
GPtrArray *container_network_dns_servers(const ContainerStatus *status);

/*
 * The next plan is not to ask for the addresses, or the MACs, of the last run or of the user. In this
 * handle only.
 */
void container_network_forget(floe_container *ctr, bool addresses, bool macs);

/* Both, of one network; `had`: what it had there, or NULL. */
void network_forget(NetworkConfig *wish, NetworkStatus *had);
