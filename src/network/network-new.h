/* SPDX-License-Identifier: Apache-2.0 */
/* New networks: what the user leaves open is chosen so that it keeps clear of all on this host. */
#pragma once

#include "network/host-subnets.h"
#include "network/network.h"

/* What a user asks for. Lists are NULL-terminated, and NULL when they are empty. */
typedef struct NetworkWish {
    const char *name;      /* NULL: the interface's */
    const char *driver;    /* "bridge", "macvlan"; NULL: bridge */
    const char *interface; /* the bridge's; NULL: `bridge`. Of macvlan its parent; NULL: by options */
    const char *bridge;    /* a name for it that is free */
    const char *home; /* the bridge of the engine\'s default network: subnets are chosen near it */
    const char *ipam_driver; /* NULL: host-local */
    const char *const *subnets;
    const char *const *gateways; /* each in one of the subnets */
    const char *const *ranges;   /* likewise: "10.88.3.0/24", or "10.88.3.5-10.88.3.9" */
    const char *const *routes;   /* "10.9.0.0/16,10.88.0.9", and a metric behind another comma */
    const char *const *dns_servers;
    json_t *labels;  /* object of strings; NULL: none */
    json_t *options; /* likewise */
    bool ipv6;       /* an IPv6 subnet beside the IPv4 one, chosen where none is given */
    bool internal;
    bool disable_dns;
} NetworkWish;

/*
 * A network as it is asked for, with the rest chosen clear of `taken`, to which its subnets are added.
 * A bridge whose subnet overlaps one of these is refused: the text names whose that is.
 * INVALID, UNSUPPORTED (a driver), EXISTS (the interface, or the subnet), NOT_FOUND (a parent).
 */
bool network_make(const NetworkWish *wish, HostSubnets *taken, Network **ret_network,
                  GError **error);

/*
 * The default network: named "podman", with the bridge `interface`, on the subnet that
 * host_subnets_choose() finds free on this host, or on `subnet` if that is not NULL. Looks at the
 * host, so it is called once and its result is recorded. INVALID: no such subnet can be;
 * NETWORK: none is free.
 */
bool network_make_default(const char *interface, const char *subnet, Network **ret_network,
                          GError **error);
