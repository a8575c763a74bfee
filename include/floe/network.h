/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <floe/container.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Networks: bridges of this host, or a share of one of its interfaces, that containers are in. A
 * network is named by its name, its id, or the unique beginning of one. The default network, "podman",
 * is there from the first use of an engine on, by the settings of floe.conf(5), and stays.
 *
 * netavark makes a network on the host with its first container, and takes it away with the last one.
 */

typedef struct floe_network_options {
    size_t size;
    const char *name;      /* letters, digits, '_', '.', '-'; NULL: that of its bridge */
    const char *driver;    /* "bridge", "macvlan"; NULL: bridge */
    const char *interface; /* the bridge's name, or macvlan's parent; NULL: a free one, the way out */
    const char *ipam_driver;     /* "host-local", or "none": containers get no addresses; NULL:
                                    host-local */
    const char *const *subnets;  /* "10.90.0.0/24", "fd00:90::/64"; none: one is chosen, which keeps
                                    clear of the host's addresses and routes and of all networks of
                                    podman and floe. Macvlan needs one. */
    const char *const *gateways; /* each in one of the subnets; else a subnet's first address */
    const char *const *ip_ranges; /* out of which addresses are chosen: "10.90.0.64/26", or
                                     "10.90.0.5-10.90.0.9", each in one of the subnets */
    const char *const *routes;    /* more routes of containers, "10.9.0.0/16,10.90.0.9[,METRIC]" */
    const char *const *dns_servers; /* that the network's names' server asks; none: the host's */
    const char *const *labels;      /* "key=value", "key" */
    const char *const *options; /* "key=value": of a bridge mtu, isolate, metric, no_default_route,
                                   vlan, vrf; of macvlan parent, mode, mtu, metric,
                                   no_default_route, bclim */
    bool ipv6;                  /* an IPv6 subnet beside an IPv4 one, chosen where none is given */
    bool internal;              /* no way out of this host, and none into other networks */
    bool disable_dns;           /* containers do not find each other by name */
    bool ignore_existing;       /* one that has the name already is no error */
} floe_network_options;

#define FLOE_NETWORK_OPTIONS_INIT \
    { \
        sizeof(floe_network_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, false, false, false, false \
    }

/**
 * Make a network. Nothing of it is on the host until a container is in it.
 * @options  NULL: FLOE_NETWORK_OPTIONS_INIT.
 * @ret_name  freed with floe_free(); may be NULL.
 * Errors: EXISTS (the name, the interface, or a subnet, whose owner the text names), INVALID (an
 * option: the text names it), NOT_FOUND (the parent interface), UNSUPPORTED (a driver, or what
 * netavark here is too old for), NETWORK (no subnet is free).
 */
FLOE_API bool floe_network_create(floe_engine *engine, const floe_network_options *options,
                                  char **ret_name, floe_error **error);

/** Is there such a network? */
FLOE_API bool floe_network_exists(floe_engine *engine, const char *name_or_id, bool *ret_exists,
                                  floe_error **error);

/**
 * Networks by name, as a JSON array of what floe_network_inspect() gives.
 * @filters  NULL: all. "key=value": dangling (true: no container is in it), driver, id (a beginning),
 *           label, label!, name (a regular expression), until; of one key but label and label! one must
 *           match.
 * @ret_json  freed with floe_free(). Errors: INVALID (a filter).
 */
FLOE_API bool floe_network_list(floe_engine *engine, const char *const *filters, char **ret_json,
                                floe_error **error);

/**
 * A network as a JSON object with the keys of `podman network inspect`: name, id, driver,
 * network_interface, created, subnets (subnet, gateway, lease_range), routes, ipv6_enabled, internal,
 * dns_enabled, network_dns_servers, labels, options, ipam_options, and containers (by id: name,
 * interfaces), those that are in it at this moment; floe_network_list() leaves these out.
 * @ret_json  freed with floe_free(). Errors: NOT_FOUND, AMBIGUOUS.
 */
FLOE_API bool floe_network_inspect(floe_engine *engine, const char *name_or_id, char **ret_json,
                                   floe_error **error);

typedef struct floe_network_remove_options {
    size_t size;
    bool force; /* remove the containers that are in it before it, running ones too; with an infra
                   container its pod */
    int timeout_s; /* for that: how long to wait after the stop signal; FLOE_STOP_TIMEOUT_DEFAULT */
    /* Told of each of them; or NULL. */
    void (*removed)(const char *id, const char *name, void *data);
    void *removed_data;
} floe_network_remove_options;

#define FLOE_NETWORK_REMOVE_OPTIONS_INIT \
    { \
        sizeof(floe_network_remove_options), false, FLOE_STOP_TIMEOUT_DEFAULT, 0, 0 \
    }

/**
 * Remove a network, and what a netavark that was killed may have left of it on the host.
 * @options  NULL: FLOE_NETWORK_REMOVE_OPTIONS_INIT.
 * @ret_name  freed with floe_free(); may be NULL.
 * Errors: NOT_FOUND, AMBIGUOUS, INVALID (the default network), IN_USE (containers are in it: the text
 * names them), NETWORK (netavark failed), IO.
 */
FLOE_API bool floe_network_remove(floe_engine *engine, const char *name_or_id,
                                  const floe_network_remove_options *options, char **ret_name,
                                  floe_error **error);

/**
 * Remove all networks but the default one that no container is in and that match.
 * @filters  NULL: all. label, label!, until, as for floe_network_list().
 * @ret_names  those that went; freed with floe_strv_free(); may be NULL.
 * Errors: INVALID (a filter), NETWORK, IO.
 */
FLOE_API bool floe_network_prune(floe_engine *engine, const char *const *filters, char ***ret_names,
                                 floe_error **error);

/**
 * Change which DNS servers the network's names' server asks for names of other places. Containers that
 * run notice at once.
 * @add, @drop  addresses; NULL: none. One that is added twice, or dropped and not there, is no error.
 * Errors: NOT_FOUND, AMBIGUOUS, INVALID (an address; the network has no names), NETWORK (netavark
 * failed).
 */
FLOE_API bool floe_network_update(floe_engine *engine, const char *name_or_id,
                                  const char *const *add, const char *const *drop,
                                  floe_error **error);

#ifdef __cplusplus
}
#endif
