/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Networks: the default bridge, addresses on it, and netavark, which does the work (protocol: JSON on standard input,
 * netavark 1.4, "netavark setup|teardown NETNS"; facts section 4).
 */
#pragma once

#include "base/json.h"
#include "network/port-mapping.h"

typedef struct Network {
    char *name;       /* "podman" */
    char *id;         /* 64 hex digits */
    char *interface;  /* "floe0" */
    char *subnet;     /* "10.88.0.0/16" */
    char *gateway;    /* "10.88.0.1" */
    bool dns_enabled;
    bool internal;
    json_t *options;  /* object of strings, or NULL */
} Network;

void network_free(Network *network);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Network, network_free)

/*
 * The default network: named "podman", interface floe0 (`interface`), on 10.88.0.0/16 unless podman on this host
 * uses that (its bridge podman0 or its configuration is there, or a route or address of the host overlaps): then the first free
 * /16 of 10.89 ... 10.255. `subnet` overrides. Looks at the host; called once, then the engine records the result.
 */
bool network_make_default(const char *interface, const char *subnet, Network **ret_network,
                          GError **error);

json_t *network_to_json(const Network *network);  /* netavark's network_info object */
bool network_from_json(const json_t *value, Network **ret_network, GError **error);

/*
 * The next free address: upward from the one after `last`, round the subnet, never the network's, gateway's or
 * broadcast address. `in_use`: NULL-terminated. NETWORK when none is left.
 */
bool network_next_address(const Network *network, const char *const *in_use, const char *last,
                          char **ret_address, GError **error);

/* Is the address one that a container on this network may have? INVALID says why not. */
bool network_check_address(const Network *network, const char *address, GError **error);

/* A random, locally administered unicast MAC address. */
char *mac_random(void);
bool mac_is_valid(const char *text);

typedef struct NetavarkSetup {
    const char *container_id;
    const char *container_name;
    const char *hostname;
    GPtrArray *ports;          /* PortMapping; NULL: none */
    const Network *network;
    const char *interface_name; /* "eth0" */
    const char *address;
    const char *mac;            /* NULL: random */
    const char *const *aliases;
    const char *const *dns_servers; /* the container's own, or NULL */
} NetavarkSetup;

/* The request document for setup, which teardown needs again: the engine records it before the setup. */
json_t *netavark_request(const NetavarkSetup *setup);

/*
 * A netavark at work: it takes tens of milliseconds, so that it runs beside the runtime's create. `config_dir` is netavark's
 * --config directory (aardvark's files live there too).
 */
typedef struct NetavarkCall NetavarkCall;

bool netavark_start(const char *config_dir, const char *verb, const char *netns_path,
                    const json_t *request, NetavarkCall **ret_call, GError **error);

/* Wait for it. ret_status: netavark's answer to setup (NULL for teardown); NULL if not wanted. NETWORK with netavark's text. */
bool netavark_finish(NetavarkCall *call, json_t **ret_status, GError **error);

/* Kills a call that was not finished. */
void netavark_call_free(NetavarkCall *call);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NetavarkCall, netavark_call_free)

/* The first IPv4 address, gateway, prefix length and MAC of an interface in a status; strings are borrowed. False: none. */
bool network_status_address(const json_t *status, const char *network, const char **ret_address,
                            const char **ret_gateway, int *ret_prefix, const char **ret_mac);

/* The path of netavark: looked for in /usr/lib/podman, /usr/libexec/podman, PATH; MISSING_PART. The same for aardvark-dns. */
bool netavark_find(char **ret_path, GError **error);
