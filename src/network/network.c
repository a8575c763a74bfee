/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The noun "network": made as the default one, and to and from the JSON that netavark and podman
 * know as network_info.
 */
#include "network/network.h"

#include "base/digest.h"
#include "network/host-subnets.h"

#include <net/if.h>
#include <string.h>

/* The name that podman's default network has, so that archives and habits work in both engines. */
#define DEFAULT_NAME "podman"

/* Below /8 nothing is a network; above /30 there is no room for a gateway and a container. */
#define PREFIX_MIN 8
#define PREFIX_MAX 30

void network_free(Network *network)
{
    if (!network)
        return;
    g_free(network->name);
    g_free(network->id);
    g_free(network->interface);
    g_free(network->subnet);
    g_free(network->gateway);
    json_decref(network->options);
    g_free(network);
}

static bool parse_usable(const char *text, Subnet *ret_subnet, GError **error)
{
    if (!subnet_parse(text, ret_subnet, error))
        return false;
    if (ret_subnet->prefix < PREFIX_MIN || ret_subnet->prefix > PREFIX_MAX)
        return err_set(error, FLOE_ERROR_INVALID, "subnet '%s': a network needs /%d to /%d", text,
                       PREFIX_MIN, PREFIX_MAX);
    return true;
}

static bool check_interface(const char *interface, GError **error)
{
    static const char allowed[] = G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-.";
    size_t length = strlen(interface);

    /*
     * The kernel takes more than these. Nobody needs it, and rules and file names are made of it.
     */
    if (length == 0 || length >= IFNAMSIZ || strspn(interface, allowed) < length ||
        interface[0] == '.' || interface[0] == '-')
        return err_set(error, FLOE_ERROR_INVALID,
                       "'%s' is not an interface name: 1 to %d letters, digits, '_', '-' and '.'",
                       interface, IFNAMSIZ - 1);
    return true;
}

static bool choose_subnet(const char *interface, Subnet *ret_subnet, GError **error)
{
    g_autoptr(HostSubnets) host = NULL;

    return host_subnets_read(&host, error) &&
           host_subnets_choose(host, interface, ret_subnet, error);
}

bool network_make_default(const char *interface, const char *subnet, Network **ret_network,
                          GError **error)
{
    Subnet chosen = { 0 };

    if (!check_interface(interface, error) ||
        !(subnet ? parse_usable(subnet, &chosen, error) : choose_subnet(interface, &chosen, error)))
        return err_prefix(error, "make the default network");

    Network *network = g_new0(Network, 1);

    network->name = g_strdup(DEFAULT_NAME);
    network->id = sha256_hex(DEFAULT_NAME, strlen(DEFAULT_NAME));
    network->interface = g_strdup(interface);
    network->subnet = subnet_to_text(&chosen);
    network->gateway = address_to_text(chosen.base + 1);
    *ret_network = network;
    return true;
}

json_t *network_to_json(const Network *network)
{
    json_t *value = json_pack("{s:s, s:s, s:s, s:s, s:[{s:s, s:s}], s:b, s:b, s:b, s:{s:s}}",
                              "name", network->name, "id", network->id, "driver", "bridge",
                              "network_interface", network->interface, "subnets", "subnet",
                              network->subnet, "gateway", network->gateway, "ipv6_enabled", 0,
                              "internal", network->internal, "dns_enabled", network->dns_enabled,
                              "ipam_options", "driver", "host-local");

    if (network->options)
        json_object_set(value, "options", network->options);
    return value;
}

static bool read_string(const json_t *object, const char *key, char **ret_text, GError **error)
{
    const char *text = NULL;

    if (!json_get_string(object, key, &text, error))
        return false;
    if (!text)
        return err_set(error, FLOE_ERROR_INVALID, "'%s' is missing", key);
    *ret_text = g_strdup(text);
    return true;
}

static bool read_subnet(const json_t *value, Network *network, GError **error)
{
    json_t *subnets = NULL;
    uint32_t gateway = 0;
    Subnet subnet = { 0 };

    if (!json_get_array(value, "subnets", &subnets, error))
        return false;
    if (json_array_size(subnets) != 1)
        return err_set(error, FLOE_ERROR_UNSUPPORTED, "'subnets' has %zu entries, floe does one",
                       json_array_size(subnets));

    const json_t *first = json_array_get(subnets, 0);

    if (!json_is_object(first))
        return err_set(error, FLOE_ERROR_INVALID, "'subnets[0]' is not an object");
    if (!read_string(first, "subnet", &network->subnet, error) ||
        !read_string(first, "gateway", &network->gateway, error) ||
        !parse_usable(network->subnet, &subnet, error))
        return err_prefix(error, "subnets[0]");
    if (!address_parse(network->gateway, &gateway) || !subnet_contains(&subnet, gateway))
        return err_set(error, FLOE_ERROR_INVALID, "subnets[0]: gateway '%s' is not in %s",
                       network->gateway, network->subnet);
    return true;
}

static bool read_options(const json_t *value, Network *network, GError **error)
{
    json_t *options = NULL;

    if (!json_get_object(value, "options", &options, error))
        return false;

    const char *key = NULL;
    json_t *option = NULL;

    json_object_foreach(options, key, option) {
        if (!json_is_string(option))
            return err_set(error, FLOE_ERROR_INVALID, "'options.%s' is not a string", key);
    }
    network->options = json_incref(options);
    return true;
}

static bool read_network(const json_t *value, Network *network, GError **error)
{
    g_autofree char *driver = NULL;

    if (!read_string(value, "name", &network->name, error) ||
        !read_string(value, "id", &network->id, error) ||
        !read_string(value, "driver", &driver, error) ||
        !read_string(value, "network_interface", &network->interface, error) ||
        !json_get_bool(value, "dns_enabled", &network->dns_enabled, error) ||
        !json_get_bool(value, "internal", &network->internal, error) ||
        !read_subnet(value, network, error) || !read_options(value, network, error))
        return false;
    if (g_strcmp0(driver, "bridge") != 0)
        return err_set(error, FLOE_ERROR_UNSUPPORTED, "driver '%s': floe does bridge", driver);
    return check_interface(network->interface, error);
}

bool network_from_json(const json_t *value, Network **ret_network, GError **error)
{
    g_autoptr(Network) network = g_new0(Network, 1);

    if (!json_is_object(value))
        return err_set(error, FLOE_ERROR_INVALID, "network: not a JSON object");
    if (!read_network(value, network, error))
        return err_prefix(error, "network '%s'", network->name ? network->name : "?");
    *ret_network = g_steal_pointer(&network);
    return true;
}
