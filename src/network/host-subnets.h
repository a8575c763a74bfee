/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which subnets are in use on this host, so that floe's networks keep clear of them. The choice and
 * its reasons: docs/decisions/003-default-network.md.
 */
#pragma once

#include "network/address.h"

typedef struct TakenSubnet {
    Subnet subnet;
    char *owner; /* for messages: "interface eth0", "podman's network 'lan'" */
} TakenSubnet;

typedef struct HostSubnets {
    GPtrArray *taken; /* TakenSubnet: addresses, routes, podman's networks, what was added */
    bool has_podman;  /* installed or in use: it may take 10.88.0.0/16 at any moment */
} HostSubnets;

/* One that knows of nothing in use. */
HostSubnets *host_subnets_new(void);
void host_subnets_free(HostSubnets *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HostSubnets, host_subnets_free)

/* Look at the host for all of it. */
bool host_subnets_read(HostSubnets **ret_host, GError **error);

/* One more that is in use. */
void host_subnets_add(HostSubnets *host, const Subnet *subnet, const char *owner);

/* The routes of a text in /proc/net/route's form, but the default route. */
void host_subnets_add_routes(HostSubnets *host, const char *route_table);

/* Likewise of one in /proc/net/ipv6_route's form, without those of links and groups. */
void host_subnets_add_routes6(HostSubnets *host, const char *route_table);

/* The subnets of podman's network files (DIRECTORY/NAME.json). One that is broken is warned of. */
void host_subnets_add_podman(HostSubnets *host, const char *directory);

/* One in use that the subnet overlaps; NULL: it is free. Borrowed. */
const TakenSubnet *host_subnets_find(const HostSubnets *host, const Subnet *subnet);

/*
 * A free /16 for the default bridge `interface`: 10.88.0.0/16 for floe0 where there is no podman, else
 * one of 10.89 to 10.254, from the top for floe0 and from a place of its own for another bridge.
 * NETWORK: none is free.
 */
bool host_subnets_choose(const HostSubnets *host, const char *interface, Subnet *ret_subnet,
                         GError **error);

/*
 * A free subnet for another network of the engine whose default bridge is `interface`: a /24 of 10.89
 * to 10.127, from the top for floe0 and from a place of its own for another bridge, or of AF_INET6 a
 * random /64 of fd00::/8. NETWORK: none is free.
 */
bool host_subnets_choose_small(const HostSubnets *host, const char *interface, int family,
                               Subnet *ret_subnet, GError **error);
