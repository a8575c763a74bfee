/* SPDX-License-Identifier: Apache-2.0 */
/* New networks: what the user asks for, what is free, and the record of it in one transaction. */
#include "engine/event.h"
#include "engine/labels.h"
#include "engine/network.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "network/host-subnets.h"
#include "network/netavark-tool.h"
#include "network/network-new.h"
#include "network/network-option.h"

#include <floe/network.h>

#include <net/if.h>

#define BRIDGES_MAX 1000 /* the digits behind the longest beginning still fit into a name */

static bool has_bridge(const GPtrArray *networks, const char *name)
{
    for (guint i = 0; i < networks->len; i++) {
        const Network *network = g_ptr_array_index(networks, i);

        if (g_str_equal(network->interface, name) || g_str_equal(network->name, name))
            return true;
    }
    return false;
}

/*
 * The first of floe1, floe2 ... that neither a network nor the host has; of an engine with a run
 * directory of its own fl-1a2b3c4d-1 and so on. It may become the network's name, too.
 */
static char *free_bridge(const floe_engine *engine, const GPtrArray *networks)
{
    for (int i = 1; i < BRIDGES_MAX; i++) {
        g_autofree char *name = engine->tag[0] == '\0' ? g_strdup_printf("floe%d", i)
                                                       : g_strdup_printf("fl%s-%d", engine->tag, i);

        if (!has_bridge(networks, name) && if_nametoindex(name) == 0)
            return g_steal_pointer(&name);
    }
    return NULL;
}

/* engine_networks() has made it. */
static const char *default_bridge(const GPtrArray *networks)
{
    for (guint i = 0; i < networks->len; i++) {
        const Network *network = g_ptr_array_index(networks, i);

        if (g_str_equal(network->name, NETWORK_DEFAULT_NAME))
            return network->interface;
    }
    g_assert_not_reached();
}

/* The host's, podman's, and those of floe's networks, which may be down. */
static bool taken_subnets(const GPtrArray *networks, HostSubnets **ret_taken, GError **error)
{
    g_autoptr(HostSubnets) taken = NULL;

    if (!host_subnets_read(&taken, error))
        return false;
    for (guint i = 0; i < networks->len; i++) {
        const Network *network = g_ptr_array_index(networks, i);
        g_autofree char *owner = g_strdup_printf("network '%s'", network->name);

        for (guint j = 0; j < network->subnets->len; j++)
            host_subnets_add(taken, &g_array_index(network->subnets, NetworkSubnet, j).subnet,
                             owner);
    }
    *ret_taken = g_steal_pointer(&taken);
    return true;
}

/* What netavark does not know it would pass over in silence. */
static bool check_netavark(const Network *network, GError **error)
{
    const char *what = NULL;
    const char *since = NULL;
    g_autofree char *version = NULL;

    /* Nothing is asked where the oldest one would do. */
    if (!network_needs_later(network, "1.0.0", &what, &since))
        return true;
    if (!netavark_version(&version, error))
        return false;
    return !network_needs_later(network, version, &what, &since) ||
           err_set(error, FLOE_ERROR_UNSUPPORTED, "%s: netavark %s is too old for it, it needs %s",
                   what, version, since);
}

static bool make_and_insert(floe_engine *engine, NetworkWish *wish, Network **ret_network,
                            GError **error)
{
    g_autoptr(GPtrArray) networks = NULL;
    g_autoptr(HostSubnets) taken = NULL;
    g_autoptr(Network) network = NULL;
    g_autofree char *bridge = NULL;

    if (!engine_networks(engine, &networks, error) || !taken_subnets(networks, &taken, error))
        return false;
    bridge = free_bridge(engine, networks);
    if (bridge == NULL)
        return err_set(error, FLOE_ERROR_NETWORK, "no name is free for a bridge: there are %d",
                       BRIDGES_MAX - 1);
    wish->bridge = bridge;
    wish->home = default_bridge(networks);
    if (!network_make(wish, taken, &network, error) || !check_netavark(network, error) ||
        !engine_insert_network(engine, network, error))
        return false;
    *ret_network = g_steal_pointer(&network);
    return true;
}

/* Before the subnets are looked at, whose overlap with its own would be the answer. */
static bool find_existing(floe_engine *engine, const floe_network_options *options, char **ret_name,
                          GError **error)
{
    g_autoptr(NetworkRecord) record = NULL;

    if (options->name == NULL)
        return true;
    if (g_str_equal(options->name, NETWORK_DEFAULT_NAME)) {
        g_autoptr(Network) network = NULL;

        if (!engine_default_network(engine, &network, error))
            return false;
    }
    if (!network_find(engine->db, options->name, &record, error))
        return false;
    if (record == NULL || !g_str_equal(record->name, options->name))
        return true;
    if (options->ignore_existing) {
        *ret_name = g_strdup(record->name);
        return true;
    }
    return err_set(error, FLOE_ERROR_EXISTS, "network name %s already used: network already exists",
                   record->name);
}

static bool create(floe_engine *engine, NetworkWish *wish, char **ret_name, GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;
    g_autoptr(Network) network = NULL;

    if (!transaction_begin(engine->db, true, &transaction, error) ||
        !make_and_insert(engine, wish, &network, error) || !transaction_commit(&transaction, error))
        return false;
    event_note_network(engine, FLOE_EVENT_CREATE, network->id, network->name, network->driver);
    *ret_name = g_strdup(network->name);
    return true;
}

static bool create_by_options(floe_engine *engine, const floe_network_options *options,
                              char **ret_name, GError **error)
{
    g_autoptr(JsonValue) labels = NULL;
    g_autoptr(JsonValue) opts = NULL;
    g_autofree char *name = NULL;

    if (!labels_parse("label", NULL, options->labels, &labels, error) ||
        !labels_parse("opt", NULL, options->options, &opts, error) ||
        !find_existing(engine, options, &name, error))
        return false;

    NetworkWish wish = {
        .name = options->name,
        .driver = options->driver,
        .interface = options->interface,
        .ipam_driver = options->ipam_driver,
        .subnets = options->subnets,
        .gateways = options->gateways,
        .ranges = options->ip_ranges,
        .routes = options->routes,
        .dns_servers = options->dns_servers,
        .labels = labels,
        .options = opts,
        .ipv6 = options->ipv6,
        .internal = options->internal,
        .disable_dns = options->disable_dns,
    };

    if (name == NULL && !create(engine, &wish, &name, error))
        return false;
    if (ret_name != NULL)
        *ret_name = g_steal_pointer(&name);
    return true;
}

bool floe_network_create(floe_engine *engine, const floe_network_options *options, char **ret_name,
                         floe_error **error)
{
    floe_network_options known = FLOE_NETWORK_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             create_by_options(engine, &known, ret_name, &err),
                         &err, error);
}
