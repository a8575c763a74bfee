/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A network: what it is called, what kind it is, and its subnets; to and from the JSON that netavark
 * and podman know as network_info. What may be in one is checked here, so that whoever has a Network
 * can rely on it. New ones are made by network-new.h, addresses on them chosen by
 * address-choice.h, and the work on the host is netavark's (netavark.h).
 */
#pragma once

#include "base/json.h"
#include "network/address.h"

/* The name that podman's default network has, so that archives and habits work in both engines. */
#define NETWORK_DEFAULT_NAME "podman"

typedef struct NetworkSubnet {
    Subnet subnet;
    Address gateway;     /* ADDRESS_NONE: none */
    Address range_first; /* containers get addresses from here; ADDRESS_NONE: from the start */
    Address range_last;  /* to here, itself too; ADDRESS_NONE: to the end */
} NetworkSubnet;

typedef struct NetworkRoute {
    Subnet destination;
    Address gateway;
    int64_t metric; /* 0: netavark's */
} NetworkRoute;

typedef struct Network {
    char *name;
    char *id;                /* 64 hex digits */
    char *driver;            /* "bridge", "macvlan" */
    char *interface;         /* the bridge; of macvlan the parent, "" where netavark chooses it */
    char *ipam_driver;       /* "host-local": floe gives addresses, "none": containers get none */
    GArray *subnets;         /* NetworkSubnet; at least one of a bridge with addresses */
    GArray *routes;          /* NetworkRoute: more than the default one for its containers */
    char **dns_servers;      /* that aardvark-dns asks; NULL: the host's */
    int64_t created_unix_ns; /* 0: not known */
    bool dns_enabled;
    bool internal; /* no way out of the host */
    bool ipv6_enabled;
    json_t *labels;  /* object of strings; NULL: none */
    json_t *options; /* object of strings, netavark's: "mtu", "isolate", "vlan" ...; NULL: none */
} Network;

/* One without anything. */
Network *network_new(void);
void network_free(Network *network);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Network, network_free)

/* Letters, digits, '_', '.' and '-': netavark and aardvark make file names of it. INVALID. */
bool network_name_check(const char *name, GError **error);

/* What netavark and the kernel take as the name of an interface. INVALID. */
bool network_interface_check(const char *interface, GError **error);

/* Its size, and that its gateway and range are in it. INVALID. */
bool network_subnet_check(const NetworkSubnet *one, GError **error);

/* Addresses, all of them; NULL: none. INVALID. */
bool network_dns_servers_check(const char *const *servers, GError **error);

bool network_is_macvlan(const Network *network);

/* The first subnet of AF_INET or AF_INET6; NULL: it has none. Borrowed. */
const NetworkSubnet *network_first_subnet(const Network *network, int family);

/* "10.88.0.0/16, fd00::/64", for messages. Freed by the caller. */
char *network_subnets_text(const Network *network);

/* netavark's network_info object, which is podman's network file too. */
json_t *network_to_json(const Network *network);

/*
 * INVALID names the key; UNSUPPORTED for a driver that floe does not do. Keys that floe does not know
 * are ignored.
 */
bool network_from_json(const json_t *value, Network **ret_network, GError **error);
