/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An archive's network.status: what a container had in each of its networks. Its form is netavark's
 * answer, of all networks: {"NETWORK": {"interfaces": {"eth0": {"mac_address": ..., "subnets":
 * [{"ipnet": "10.88.0.11/16", "gateway": "10.88.0.1"}]}}}}.
 */
#pragma once

#include "engine/container.h"

/* null when no network is up. */
json_t *archive_network_status(const ContainerStatus *status);

/*
 * Addresses and MACs by network, a list of NetworkStatus; NULL: it had none. Freed with
 * network_statuses_clear(). INVALID names the key.
 */
bool archive_network_read(const json_t *value, GPtrArray **ret_networks, GError **error);
