/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lists that tell of a container's networks: what is wanted, what it has, and the ports that
 * are to be published.
 */
#pragma once

#include "state/container-record.h"

void network_config_free(NetworkConfig *network);
void network_status_free(NetworkStatus *network);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NetworkStatus, network_status_free)

/* A list as the records have it, and what is in it; *list becomes NULL. NULL: nothing. */
void network_statuses_clear(GPtrArray **list);
void port_configs_clear(GPtrArray **list);

/* The network of this name; NULL: it is not in the list, which may be NULL itself. Borrowed. */
NetworkConfig *network_configs_find(const GPtrArray *list, const char *network);
NetworkStatus *network_statuses_find(const GPtrArray *list, const char *network);
