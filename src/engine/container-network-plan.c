/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/container-network-plan.h"

#include "engine/container-ports.h"
#include "engine/engine-config.h"
#include "engine/network-lease.h"
#include "engine/network.h"
#include "network/address-choice.h"
#include "network/netavark.h"
#include "state/container-networks.h"

#include <string.h>

/* netavark's own metric of a default route. */
#define FIRST_METRIC 100

static bool has_own_namespace(const ContainerConfig *config)
{
    return g_str_equal(config->network_mode, "bridge") || g_str_equal(config->network_mode, "none");
}

/* --- what was planned ----------------------------------------------------------------------- */

/* "10.88.0.5/16" is "10.88.0.5". */
static void add_addresses(GStrvBuilder *builder, const NetworkStatus *network)
{
    for (char **text = network->addresses; text != NULL && *text != NULL; text++) {
        g_autofree char *address = g_strndup(*text, strcspn(*text, "/"));

        g_strv_builder_add(builder, address);
    }
}

char **network_status_addresses(const NetworkStatus *network)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

    add_addresses(builder, network);
    return g_strv_builder_end(builder);
}

char **container_network_addresses(const ContainerStatus *status)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

    for (guint i = 0; status->networks != NULL && i < status->networks->len; i++)
        add_addresses(builder, g_ptr_array_index(status->networks, i));
    return g_strv_builder_end(builder);
}

/* The gateway of a macvlan is another machine. */
static bool is_on_host(const NetworkStatus *network)
{
    return netavark_request_bridge(network->request) != NULL;
}

const char *container_network_gateway(const ContainerStatus *status)
{
    const char *found = NULL;

    for (guint i = 0; status->networks != NULL && i < status->networks->len; i++) {
        const NetworkStatus *network = g_ptr_array_index(status->networks, i);
        char **gateway = is_on_host(network) ? network->gateways : NULL;

        for (; gateway != NULL && *gateway != NULL; gateway++) {
            if (strchr(*gateway, ':') == NULL)
                return *gateway;
            if (found == NULL)
                found = *gateway;
        }
    }
    return found;
}

GPtrArray *container_network_dns_servers(const ContainerStatus *status)
{
    GPtrArray *servers = g_ptr_array_new();

    for (guint i = 0; status->networks != NULL && i < status->networks->len; i++) {
        const NetworkStatus *network = g_ptr_array_index(status->networks, i);

        for (char **server = network->dns_servers; server != NULL && *server != NULL; server++)
            g_ptr_array_add(servers, *server);
    }
    g_ptr_array_add(servers, NULL);
    return servers;
}

/* --- addresses ------------------------------------------------------------------------------ */

/* What it had in the last run, or else what the user asked for. Freed by the caller. */
static char **wanted_addresses(const NetworkConfig *wish, const NetworkStatus *earlier)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

    if (earlier != NULL && earlier->addresses != NULL && earlier->addresses[0] != NULL)
        return network_status_addresses(earlier);
    if (wish->static_ip != NULL)
        g_strv_builder_add(builder, wish->static_ip);
    if (wish->static_ip6 != NULL)
        g_strv_builder_add(builder, wish->static_ip6);
    return g_strv_builder_end(builder);
}

/* With the prefixes and gateways of the subnets that they lie in. */
static bool describe_addresses(const Network *network, char **addresses, NetworkStatus *planned,
                               GError **error)
{
    g_autoptr(GStrvBuilder) texts = g_strv_builder_new();
    g_autoptr(GStrvBuilder) gateways = g_strv_builder_new();

    for (; *addresses != NULL; addresses++) {
        const NetworkSubnet *subnet = NULL;
        g_autofree char *text = NULL;
        g_autofree char *gateway = NULL;

        if (!network_check_address(network, *addresses, &subnet, error))
            return false;
        text = g_strdup_printf("%s/%d", *addresses, subnet->subnet.prefix);
        g_strv_builder_add(texts, text);
        if (subnet->gateway.family == 0)
            continue;
        gateway = address_to_text(&subnet->gateway);
        g_strv_builder_add(gateways, gateway);
    }
    planned->addresses = g_strv_builder_end(texts);
    planned->gateways = g_strv_builder_end(gateways);
    return true;
}

static bool choose_addresses(floe_container *ctr, const Network *network, const NetworkConfig *wish,
                             const NetworkStatus *earlier, NetworkStatus *planned, GError **error)
{
    g_auto(GStrv) wanted = wanted_addresses(wish, earlier);
    g_auto(GStrv) addresses = NULL;

    return network_take_addresses(ctr->engine, network, ctr->record->id,
                                  (const char *const *)wanted, &addresses, error) &&
           describe_addresses(network, addresses, planned, error);
}

/* --- the request ---------------------------------------------------------------------------- */

/*
 * Published ports are asked for in every network: the rules of the first one that is set up come first.
 */
static bool request_for(const floe_container *ctr, const Network *network, guint index,
                        const NetworkConfig *wish, const NetworkStatus *planned,
                        json_t **ret_request, GError **error)
{
    const ContainerConfig *config = &ctr->record->config;
    g_autofree char *firewall = NULL;
    g_autoptr(GPtrArray) ports = container_port_mappings(config);
    g_auto(GStrv) addresses = network_status_addresses(planned);
    NetavarkSetup setup = {
        .container_id = ctr->record->id,
        .container_name = ctr->record->name,
        .hostname = config->hostname,
        .ports = ports,
        .network = network,
        .interface_name = planned->interface_name,
        .aliases = wish->aliases,
        .addresses = (const char *const *)addresses,
        .mac = planned->mac,
        .dns_servers = (const char *const *)config->dns,
        .route_metric = index > 0 ? FIRST_METRIC + (int)index : 0,
    };

    if (!choose_firewall(&firewall, error))
        return false;
    setup.firewall = firewall;
    *ret_request = netavark_request(&setup);
    return true;
}

/* --- plans ---------------------------------------------------------------------------------- */

static bool plan(floe_container *ctr, guint index, const NetworkStatus *earlier,
                 NetworkStatus **ret_planned, GError **error)
{
    const NetworkConfig *wish = g_ptr_array_index(ctr->record->config.networks, index);
    g_autoptr(NetworkStatus) planned = g_new0(NetworkStatus, 1);
    g_autoptr(Network) network = NULL;

    if (!engine_network(ctr->engine, wish->name, &network, error))
        return false;
    planned->network = g_strdup(wish->name);
    planned->interface_name = g_strdup(wish->interface_name);
    if (!choose_addresses(ctr, network, wish, earlier, planned, error))
        return false;
    if (earlier != NULL && earlier->mac != NULL)
        planned->mac = g_strdup(earlier->mac);
    else
        planned->mac = wish->static_mac != NULL ? g_strdup(wish->static_mac) : mac_random();
    if (network->dns_enabled)
        planned->dns_servers = g_strdupv(planned->gateways);
    if (!request_for(ctr, network, index, wish, planned, &planned->request, error))
        return false;
    *ret_planned = g_steal_pointer(&planned);
    return true;
}

static bool plan_all(floe_container *ctr, const GPtrArray *earlier, GPtrArray *networks,
                     GError **error)
{
    const GPtrArray *wishes = ctr->record->config.networks;

    for (guint i = 0; i < wishes->len; i++) {
        const NetworkConfig *wish = g_ptr_array_index(wishes, i);
        NetworkStatus *planned = NULL;

        if (!plan(ctr, i, network_statuses_find(earlier, wish->name), &planned, error))
            return false;
        g_ptr_array_add(networks, planned);
    }
    return true;
}

bool container_network_plan(floe_container *ctr, GError **error)
{
    const ContainerConfig *config = &ctr->record->config;
    ContainerStatus *status = &ctr->record->status;
    GPtrArray *networks;

    g_free(status->netns_path);
    status->netns_path = has_own_namespace(config) ? g_strdup(ctr->paths.netns) : NULL;
    if (!g_str_equal(config->network_mode, "bridge"))
        return true;
    if (!container_ports_take(ctr, error))
        return false;
    networks = g_ptr_array_new();
    if (!plan_all(ctr, status->networks, networks, error)) {
        network_statuses_clear(&networks);
        return false;
    }
    network_statuses_clear(&status->networks);
    status->networks = networks;
    return true;
}

bool container_network_plan_one(floe_container *ctr, guint index, GError **error)
{
    ContainerStatus *status = &ctr->record->status;
    NetworkStatus *planned = NULL;

    if (!plan(ctr, index, NULL, &planned, error))
        return false;
    if (status->networks == NULL)
        status->networks = g_ptr_array_new();
    g_ptr_array_insert(status->networks, (int)MIN(index, status->networks->len), planned);
    return true;
}

static void forget(NetworkConfig *wish, NetworkStatus *had, bool addresses, bool macs)
{
    if (addresses) {
        g_clear_pointer(&wish->static_ip, g_free);
        g_clear_pointer(&wish->static_ip6, g_free);
    }
    if (macs)
        g_clear_pointer(&wish->static_mac, g_free);
    if (addresses && had != NULL)
        g_clear_pointer(&had->addresses, g_strfreev);
    if (macs && had != NULL)
        g_clear_pointer(&had->mac, g_free);
}

void network_forget(NetworkConfig *wish, NetworkStatus *had)
{
    forget(wish, had, true, true);
}

void container_network_forget(floe_container *ctr, bool addresses, bool macs)
{
    const GPtrArray *wishes = ctr->record->config.networks;

    for (guint i = 0; wishes != NULL && i < wishes->len; i++) {
        NetworkConfig *wish = g_ptr_array_index(wishes, i);

        forget(wish, network_statuses_find(ctr->record->status.networks, wish->name), addresses,
               macs);
    }
}
