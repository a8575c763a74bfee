/* SPDX-License-Identifier: Apache-2.0 */
/* New networks: what the user leaves open is chosen so that it keeps clear of all on this host. */
#pragma once

#include "network/network.h"

/*
 * The default network: named "podman", with the bridge `interface`, on the subnet that
 * host_subnets_choose() finds free on this host, or on `subnet` if that is not NULL. Looks at the
 * host, so it is called once and its result is recorded. INVALID: no such subnet can be;
 * NETWORK: none is free.
 */
bool network_make_default(const char *interface, const char *subnet, Network **ret_network,
                          GError **error);
