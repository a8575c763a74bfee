/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A network: what it is called, its bridge and its subnet; and the one that every engine has by
 * default. Addresses on it are address.h's, the work on the host is done by netavark (netavark.h).
 */
#pragma once

#include "base/json.h"

typedef struct Network {
    char *name;      /* "podman" */
    char *id;        /* 64 hex digits */
    char *interface; /* "floe0" */
    char *subnet;    /* "10.88.0.0/16"; IPv4 */
    char *gateway;   /* "10.88.0.1" */
    bool dns_enabled;
    bool internal;   /* no way out of the host */
    json_t *options; /* object of strings, or NULL */
} Network;

void network_free(Network *network);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Network, network_free)

/*
 * The default network: named "podman", with the bridge `interface`, on the subnet that
 * host_subnets_choose() finds free on this host, or on `subnet` if that is not NULL. Looks at the
 * host, so it is called once and its result is recorded. INVALID: no such subnet can be;
 * NETWORK: none is free.
 */
bool network_make_default(const char *interface, const char *subnet, Network **ret_network,
                          GError **error);

/* netavark's network_info object, which is podman's network file too. */
json_t *network_to_json(const Network *network);

/* INVALID names the key; UNSUPPORTED for a driver or a number of subnets that floe does not do. */
bool network_from_json(const json_t *value, Network **ret_network, GError **error);
