/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The noun "network" and its two directions of JSON. Reading checks everything: a text may come out
 * of an old database or an archive, and what is in it ends up in firewall rules and file names.
 */
#include "network/network.h"

#include "base/clock.h"

#include <net/if.h>
#include <string.h>

#define NAME_MAX_BYTES 255 /* it becomes a file's name */

/* Below /8 and /16 nothing is a network; above /30 and /126 there is no room for two. */
#define PREFIX_MIN(family) ((family) == AF_INET6 ? 16 : 8)
#define PREFIX_MAX(family) (address_bits(family) - 2)

/* Bounds on what a text may bring. */
#define SUBNETS_MAX 64
#define ROUTES_MAX  256

Network *network_new(void)
{
    Network *network = g_new0(Network, 1);

    network->subnets = g_array_new(false, false, sizeof(NetworkSubnet));
    network->routes = g_array_new(false, false, sizeof(NetworkRoute));
    return network;
}

void network_free(Network *network)
{
    if (!network)
        return;
    g_free(network->name);
    g_free(network->id);
    g_free(network->driver);
    g_free(network->interface);
    g_free(network->ipam_driver);
    g_array_unref(network->subnets);
    g_array_unref(network->routes);
    g_strfreev(network->dns_servers);
    json_decref(network->labels);
    json_decref(network->options);
    g_free(network);
}

bool network_is_macvlan(const Network *network)
{
    return g_str_equal(network->driver, "macvlan");
}

const NetworkSubnet *network_first_subnet(const Network *network, int family)
{
    for (unsigned i = 0; i < network->subnets->len; i++) {
        const NetworkSubnet *one = &g_array_index(network->subnets, NetworkSubnet, i);

        if (one->subnet.base.family == family)
            return one;
    }
    return NULL;
}

char *network_subnets_text(const Network *network)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < network->subnets->len; i++) {
        const NetworkSubnet *one = &g_array_index(network->subnets, NetworkSubnet, i);
        g_autofree char *subnet = subnet_to_text(&one->subnet);

        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", subnet);
    }
    return g_string_free(text, false);
}

/* --- what may be in one ----------------------------------------------------------------------- */

/* podman's rule for all of its names: [a-zA-Z0-9][a-zA-Z0-9_.-]* */
bool network_name_check(const char *name, GError **error)
{
    static const char allowed[] = G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_.-";
    size_t length = strlen(name);

    if (length > NAME_MAX_BYTES)
        return err_set(error, FLOE_ERROR_INVALID, "a network's name has at most %d characters",
                       NAME_MAX_BYTES);
    if (!g_ascii_isalnum(name[0]) || strspn(name, allowed) < length)
        return err_set(error, FLOE_ERROR_INVALID,
                       "network name %s invalid: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: "
                       "invalid argument",
                       name);
    return true;
}

bool network_interface_check(const char *interface, GError **error)
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

static bool check_subnet_size(const Subnet *subnet, GError **error)
{
    int family = subnet->base.family;

    if (subnet->prefix < PREFIX_MIN(family) || subnet->prefix > PREFIX_MAX(family)) {
        g_autofree char *text = subnet_to_text(subnet);

        return err_set(error, FLOE_ERROR_INVALID, "subnet '%s': a network needs /%d to /%d", text,
                       PREFIX_MIN(family), PREFIX_MAX(family));
    }
    return true;
}

static bool check_inside(const Subnet *subnet, const Address *address, const char *what,
                         GError **error)
{
    if (address->family == 0 || subnet_contains(subnet, address))
        return true;

    g_autofree char *address_text = address_to_text(address);
    g_autofree char *subnet_text = subnet_to_text(subnet);

    return err_set(error, FLOE_ERROR_INVALID, "%s %s not in subnet %s", what, address_text,
                   subnet_text);
}

bool network_subnet_check(const NetworkSubnet *one, GError **error)
{
    if (!check_subnet_size(&one->subnet, error) ||
        !check_inside(&one->subnet, &one->gateway, "gateway", error) ||
        !check_inside(&one->subnet, &one->range_first, "range start", error) ||
        !check_inside(&one->subnet, &one->range_last, "range end", error))
        return false;
    if (one->range_first.family != 0 && one->range_last.family != 0 &&
        address_compare(&one->range_first, &one->range_last) > 0) {
        g_autofree char *first = address_to_text(&one->range_first);
        g_autofree char *last = address_to_text(&one->range_last);

        return err_set(error, FLOE_ERROR_INVALID, "the range ends (%s) before it starts (%s)", last,
                       first);
    }
    return true;
}

bool network_dns_servers_check(const char *const *servers, GError **error)
{
    for (; servers && *servers; servers++) {
        if (address_family(*servers) == 0)
            return err_set(error, FLOE_ERROR_INVALID, "DNS server '%s' is not an IP address",
                           *servers);
    }
    return true;
}

/* --- writing ---------------------------------------------------------------------------------- */

static void set_address(json_t *object, const char *key, const Address *address)
{
    if (address->family != 0) {
        g_autofree char *text = address_to_text(address);

        json_object_set_new(object, key, json_string(text));
    }
}

static json_t *subnet_to_json(const NetworkSubnet *one)
{
    g_autofree char *subnet = subnet_to_text(&one->subnet);
    json_t *value = json_pack("{s:s}", "subnet", subnet);

    set_address(value, "gateway", &one->gateway);
    if (one->range_first.family != 0 || one->range_last.family != 0) {
        json_t *range = json_object();

        set_address(range, "start_ip", &one->range_first);
        set_address(range, "end_ip", &one->range_last);
        json_object_set_new(value, "lease_range", range);
    }
    return value;
}

static json_t *subnets_to_json(const Network *network)
{
    json_t *subnets = json_array();

    for (unsigned i = 0; i < network->subnets->len; i++)
        json_array_append_new(subnets,
                              subnet_to_json(&g_array_index(network->subnets, NetworkSubnet, i)));
    return subnets;
}

static json_t *routes_to_json(const Network *network)
{
    json_t *routes = json_array();

    for (unsigned i = 0; i < network->routes->len; i++) {
        const NetworkRoute *route = &g_array_index(network->routes, NetworkRoute, i);
        g_autofree char *destination = subnet_to_text(&route->destination);
        json_t *value = json_pack("{s:s}", "destination", destination);

        set_address(value, "gateway", &route->gateway);
        if (route->metric > 0)
            json_object_set_new(value, "metric", json_integer(route->metric));
        json_array_append_new(routes, value);
    }
    return routes;
}

json_t *network_to_json(const Network *network)
{
    json_t *value = json_pack("{s:s, s:s, s:s}", "name", network->name, "id", network->id, "driver",
                              network->driver);

    /* netavark takes an empty one for a name; without any it looks for a parent. */
    if (*network->interface)
        json_object_set_new(value, "network_interface", json_string(network->interface));

    if (network->created_unix_ns > 0) {
        g_autofree char *created = time_to_rfc3339(network->created_unix_ns);

        json_object_set_new(value, "created", json_string(created));
    }
    if (network->subnets->len > 0)
        json_object_set_new(value, "subnets", subnets_to_json(network));
    if (network->routes->len > 0)
        json_object_set_new(value, "routes", routes_to_json(network));
    json_object_set_new(value, "ipv6_enabled", json_boolean(network->ipv6_enabled));
    json_object_set_new(value, "internal", json_boolean(network->internal));
    json_object_set_new(value, "dns_enabled", json_boolean(network->dns_enabled));
    if (network->dns_servers && network->dns_servers[0])
        json_object_set_new(value, "network_dns_servers",
                            json_from_strv((const char *const *)network->dns_servers));
    if (network->labels && json_object_size(network->labels) > 0)
        json_object_set(value, "labels", network->labels);
    if (network->options && json_object_size(network->options) > 0)
        json_object_set(value, "options", network->options);
    json_object_set_new(value, "ipam_options", json_pack("{s:s}", "driver", network->ipam_driver));
    return value;
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool read_string(const json_t *object, const char *key, const char *otherwise,
                        char **ret_text, GError **error)
{
    const char *text = NULL;

    if (!json_get_string(object, key, &text, error))
        return false;
    if (!text && !otherwise)
        return err_set(error, FLOE_ERROR_INVALID, "'%s' is missing", key);
    *ret_text = g_strdup(text ? text : otherwise);
    return true;
}

static bool read_address(const json_t *object, const char *key, Address *ret_address, GError **error)
{
    const char *text = NULL;

    if (!json_get_string(object, key, &text, error))
        return false;
    *ret_address = ADDRESS_NONE;
    return !text || !*text || address_parse(text, ret_address) ||
           err_set(error, FLOE_ERROR_INVALID, "%s '%s' is not an IP address", key, text);
}

static bool read_subnet_text(const json_t *object, const char *key, Subnet *ret_subnet,
                             GError **error)
{
    g_autofree char *text = NULL;

    return read_string(object, key, NULL, &text, error) && subnet_parse(text, ret_subnet, error);
}

static bool read_subnet(const json_t *value, Network *network, GError **error)
{
    NetworkSubnet one = { .range_first = ADDRESS_NONE };
    json_t *range = NULL;

    if (!read_subnet_text(value, "subnet", &one.subnet, error) ||
        !read_address(value, "gateway", &one.gateway, error) ||
        !json_get_object(value, "lease_range", &range, error) ||
        !read_address(range, "start_ip", &one.range_first, error) ||
        !read_address(range, "end_ip", &one.range_last, error) || !network_subnet_check(&one, error))
        return false;
    g_array_append_val(network->subnets, one);
    return true;
}

static bool read_route(const json_t *value, Network *network, GError **error)
{
    NetworkRoute route = { .metric = 0 };

    if (!read_subnet_text(value, "destination", &route.destination, error) ||
        !read_address(value, "gateway", &route.gateway, error) ||
        !json_get_int64(value, "metric", &route.metric, error))
        return false;
    if (route.gateway.family == 0)
        return err_set(error, FLOE_ERROR_INVALID, "'gateway' is missing");
    g_array_append_val(network->routes, route);
    return true;
}

typedef bool (*ReadEntry)(const json_t *value, Network *network, GError **error);

static bool read_array(const json_t *value, const char *key, size_t limit, ReadEntry read,
                       Network *network, GError **error)
{
    json_t *array = NULL;
    json_t *entry = NULL;
    size_t i = 0;

    if (!json_get_array(value, key, &array, error))
        return false;
    if (json_array_size(array) > limit)
        return err_set(error, FLOE_ERROR_INVALID, "'%s' has more than %zu entries", key, limit);
    json_array_foreach(array, i, entry) {
        if (!json_is_object(entry))
            return err_set(error, FLOE_ERROR_INVALID, "'%s[%zu]' is not an object", key, i);
        if (!read(entry, network, error))
            return err_prefix(error, "%s[%zu]", key, i);
    }
    return true;
}

/* An object of strings; a missing one is NULL. */
static bool read_strings(const json_t *value, const char *key, json_t **ret_object, GError **error)
{
    json_t *object = NULL;
    const char *name = NULL;
    json_t *text = NULL;

    if (!json_get_object(value, key, &object, error))
        return false;
    json_object_foreach(object, name, text) {
        if (!json_is_string(text))
            return err_set(error, FLOE_ERROR_INVALID, "'%s.%s' is not a string", key, name);
    }
    *ret_object = json_incref(object);
    return true;
}

static bool read_dns_servers(const json_t *value, Network *network, GError **error)
{
    return json_get_strv(value, "network_dns_servers", &network->dns_servers, error) &&
           (network_dns_servers_check((const char *const *)network->dns_servers, error) ||
            err_prefix(error, "network_dns_servers"));
}

static bool read_created(const json_t *value, Network *network, GError **error)
{
    const char *created = NULL;

    return json_get_string(value, "created", &created, error) &&
           (!created || time_from_rfc3339(created, &network->created_unix_ns, error) ||
            err_prefix(error, "created"));
}

static bool check_kind(const Network *network, GError **error)
{
    if (!g_str_equal(network->driver, "bridge") && !network_is_macvlan(network))
        return err_set(error, FLOE_ERROR_UNSUPPORTED, "driver '%s': floe does bridge and macvlan",
                       network->driver);
    if (!g_str_equal(network->ipam_driver, "host-local") &&
        !g_str_equal(network->ipam_driver, "none"))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "ipam_options.driver '%s': floe does host-local and none",
                       network->ipam_driver);
    if (g_str_equal(network->ipam_driver, "host-local") && network->subnets->len == 0)
        return err_set(error, FLOE_ERROR_INVALID, "'subnets' is empty");
    /* Only a parent interface may be left to netavark. */
    return (network_is_macvlan(network) && *network->interface == '\0') ||
           network_interface_check(network->interface, error);
}

static bool read_network(const json_t *value, Network *network, GError **error)
{
    json_t *ipam = NULL;

    return read_string(value, "name", NULL, &network->name, error) &&
           network_name_check(network->name, error) &&
           read_string(value, "id", NULL, &network->id, error) &&
           read_string(value, "driver", NULL, &network->driver, error) &&
           read_string(value, "network_interface", "", &network->interface, error) &&
           read_created(value, network, error) &&
           json_get_bool(value, "dns_enabled", &network->dns_enabled, error) &&
           json_get_bool(value, "internal", &network->internal, error) &&
           json_get_bool(value, "ipv6_enabled", &network->ipv6_enabled, error) &&
           json_get_object(value, "ipam_options", &ipam, error) &&
           read_string(ipam, "driver", "host-local", &network->ipam_driver, error) &&
           read_array(value, "subnets", SUBNETS_MAX, read_subnet, network, error) &&
           read_array(value, "routes", ROUTES_MAX, read_route, network, error) &&
           read_dns_servers(value, network, error) &&
           read_strings(value, "labels", &network->labels, error) &&
           read_strings(value, "options", &network->options, error) && check_kind(network, error);
}

bool network_from_json(const json_t *value, Network **ret_network, GError **error)
{
    g_autoptr(Network) network = network_new();

    if (!json_is_object(value))
        return err_set(error, FLOE_ERROR_INVALID, "network: not a JSON object");
    if (!read_network(value, network, error))
        return err_prefix(error, "network '%s'", network->name ? network->name : "?");
    *ret_network = g_steal_pointer(&network);
    return true;
}
