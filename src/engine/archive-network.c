/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/archive-network.h"

#include "network/address.h"
#include "state/container-networks.h"

#include <string.h>

/* --- writing ---------------------------------------------------------------------------------- */

/* The gateway of the same family; NULL: none. */
static const char *gateway_of(const NetworkStatus *network, const char *address)
{
    bool is_v6 = strchr(address, ':') != NULL;

    for (char **gateway = network->gateways; gateway != NULL && *gateway != NULL; gateway++) {
        if ((strchr(*gateway, ':') != NULL) == is_v6)
            return *gateway;
    }
    return NULL;
}

static json_t *interface_object(const NetworkStatus *network)
{
    json_t *subnets = json_array();

    for (char **address = network->addresses; address != NULL && *address != NULL; address++) {
        const char *gateway = gateway_of(network, *address);
        json_t *subnet = json_pack("{s:s}", "ipnet", *address);

        if (gateway != NULL)
            json_object_set_new(subnet, "gateway", json_from_string(gateway));
        json_array_append_new(subnets, subnet);
    }
    return json_pack("{s:o, s:o}", "subnets", subnets, "mac_address",
                     json_from_string(network->mac != NULL ? network->mac : ""));
}

json_t *archive_network_status(const ContainerStatus *status)
{
    json_t *object = json_object();

    for (guint i = 0; status->networks != NULL && i < status->networks->len; i++) {
        const NetworkStatus *network = g_ptr_array_index(status->networks, i);

        if (network->is_up)
            json_object_set_new(object, network->network,
                                json_pack("{s:{s:o}}", "interfaces", network->interface_name,
                                          interface_object(network)));
    }
    if (json_object_size(object) > 0)
        return object;
    json_decref(object);
    return json_null();
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool read_subnets(const json_t *interface, NetworkStatus *network, GError **error)
{
    g_autoptr(GStrvBuilder) addresses = g_strv_builder_new();
    json_t *subnets = NULL;
    json_t *subnet;
    size_t i;

    if (!json_get_array(interface, "subnets", &subnets, error))
        return false;
    json_array_foreach(subnets, i, subnet) {
        const char *text = NULL;
        g_autofree char *address = NULL;

        if (!json_get_string(subnet, "ipnet", &text, error))
            return false;
        if (text == NULL)
            continue;
        address = g_strndup(text, strcspn(text, "/"));
        if (!g_hostname_is_ip_address(address))
            return err_set(error, FLOE_ERROR_INVALID, "key 'ipnet': it is no address");
        g_strv_builder_add(addresses, text);
    }
    network->addresses = g_strv_builder_end(addresses);
    return true;
}

/* Of its interfaces the first, for floe and podman give it one in each network. */
static bool read_network(const char *name, const json_t *value, NetworkStatus *network,
                         GError **error)
{
    json_t *interfaces = NULL;
    const json_t *interface;
    const char *mac = NULL;

    network->network = g_strdup(name);
    if (!json_get_object(value, "interfaces", &interfaces, error))
        return false;
    interface = json_object_iter_value(json_object_iter(interfaces));
    if (!json_get_string(interface, "mac_address", &mac, error) ||
        !read_subnets(interface, network, error))
        return false;
    if (mac != NULL && mac[0] != '\0' && !mac_is_valid(mac))
        return err_set(error, FLOE_ERROR_INVALID, "key 'mac_address': it is no MAC");
    network->mac = mac != NULL && mac[0] != '\0' ? g_strdup(mac) : NULL;
    return true;
}

static bool read_all(const json_t *value, GPtrArray *networks, GError **error)
{
    const char *name;
    json_t *network;

    json_object_foreach((json_t *)value, name, network) {
        NetworkStatus *status = g_new0(NetworkStatus, 1);

        g_ptr_array_add(networks, status);
        if (!read_network(name, network, status, error))
            return err_prefix(error, "network '%s'", name);
    }
    return true;
}

bool archive_network_read(const json_t *value, GPtrArray **ret_networks, GError **error)
{
    GPtrArray *networks;

    *ret_networks = NULL;
    if (!json_is_object(value))
        return json_is_null(value) || err_set(error, FLOE_ERROR_INVALID, "it is not an object");
    networks = g_ptr_array_new();
    if (!read_all(value, networks, error)) {
        network_statuses_clear(&networks);
        return false;
    }
    *ret_networks = networks;
    return true;
}
