/* SPDX-License-Identifier: Apache-2.0 */
#include "network/network-new.h"

#include "base/clock.h"
#include "base/digest.h"
#include "network/network-option.h"

#include <net/if.h>
#include <string.h>

/* What --network means otherwise. */
static const char *const modes[] = { "bridge", "container", "default", "host",        "none",
                                     "ns",     "pasta",     "private", "slirp4netns", NULL };

/* --- subnets ---------------------------------------------------------------------------------- */

static bool choose_subnet(const char *interface, Subnet *ret_subnet, GError **error)
{
    g_autoptr(HostSubnets) host = NULL;

    return host_subnets_read(&host, error) &&
           host_subnets_choose(host, interface, ret_subnet, error);
}

bool network_make_default(const char *interface, const char *subnet, Network **ret_network,
                          GError **error)
{
    NetworkSubnet one = { .range_first = ADDRESS_NONE };

    if (!network_interface_check(interface, error) ||
        !(subnet ? subnet_parse(subnet, &one.subnet, error)
                 : choose_subnet(interface, &one.subnet, error)) ||
        !network_subnet_check(&one, error))
        return err_prefix(error, "make the default network");

    Network *network = network_new();

    one.gateway = address_next(&one.subnet.base);
    network->name = g_strdup(NETWORK_DEFAULT_NAME);
    network->id = sha256_hex(NETWORK_DEFAULT_NAME, strlen(NETWORK_DEFAULT_NAME));
    network->driver = g_strdup("bridge");
    network->interface = g_strdup(interface);
    network->ipam_driver = g_strdup("host-local");
    network->created_unix_ns = clock_unix_ns();
    g_array_append_val(network->subnets, one);
    *ret_network = network;
    return true;
}

static NetworkSubnet *subnet_at(const Network *network, unsigned i)
{
    return &g_array_index(network->subnets, NetworkSubnet, i);
}

/* podman takes an address of the subnet for it, too. */
static bool add_given_subnets(const NetworkWish *wish, Network *network, GError **error)
{
    for (const char *const *text = wish->subnets; text && *text; text++) {
        NetworkSubnet one = { .gateway = ADDRESS_NONE };

        if (!subnet_parse_around(*text, &one.subnet, error))
            return false;
        g_array_append_val(network->subnets, one);
    }
    return true;
}

static bool add_chosen_subnet(const NetworkWish *wish, const HostSubnets *taken, int family,
                              Network *network, GError **error)
{
    NetworkSubnet one = { .gateway = ADDRESS_NONE };

    if (!host_subnets_choose_small(taken, wish->home, family, &one.subnet, error))
        return false;
    g_array_append_val(network->subnets, one);
    return true;
}

/* The kind of subnet that is asked for and not given. */
static bool add_missing_subnets(const NetworkWish *wish, const HostSubnets *taken, Network *network,
                                GError **error)
{
    bool is_given = network->subnets->len > 0;

    if (network_is_macvlan(network) && !is_given)
        return err_set(error, FLOE_ERROR_INVALID,
                       "the macvlan driver needs at least one subnet (--subnet), or --ipam-driver "
                       "none: floe does no DHCP");
    if ((!is_given || wish->ipv6) && !network_first_subnet(network, AF_INET) &&
        !add_chosen_subnet(wish, taken, AF_INET, network, error))
        return false;
    return !wish->ipv6 || network_first_subnet(network, AF_INET6) ||
           add_chosen_subnet(wish, taken, AF_INET6, network, error);
}

/* The one that an address of the user's belongs to. */
static bool find_subnet(const Network *network, const char *what, const Address *address,
                        NetworkSubnet **ret_subnet, GError **error)
{
    g_autofree char *all = network_subnets_text(network);
    g_autofree char *text = address_to_text(address);

    for (unsigned i = 0; i < network->subnets->len; i++) {
        if (subnet_contains(&subnet_at(network, i)->subnet, address)) {
            *ret_subnet = subnet_at(network, i);
            return true;
        }
    }
    return err_set(error, FLOE_ERROR_INVALID, "%s %s not in subnet %s", what, text, all);
}

static bool set_gateway(const char *text, Network *network, GError **error)
{
    NetworkSubnet *one = NULL;
    Address gateway = ADDRESS_NONE;

    if (!address_parse(text, &gateway))
        return err_set(error, FLOE_ERROR_INVALID, "gateway '%s' is not an IP address", text);
    if (!find_subnet(network, "gateway", &gateway, &one, error))
        return false;
    if (one->gateway.family != 0)
        return err_set(error, FLOE_ERROR_INVALID, "gateway %s: its subnet has a gateway already",
                       text);
    one->gateway = gateway;
    return true;
}

/* Without the base of the subnet and, in IPv4, its last address: as podman writes them. */
static bool parse_range_subnet(const char *text, Address *ret_first, Address *ret_last,
                               GError **error)
{
    Subnet range = { .prefix = 0 };

    if (!subnet_parse_around(text, &range, error))
        return err_prefix(error, "range");
    *ret_first = address_next(&range.base);
    *ret_last = subnet_last(&range);
    return true;
}

static bool parse_range(const char *text, Address *ret_first, Address *ret_last, GError **error)
{
    g_auto(GStrv) ends = g_strsplit(text, "-", 2);

    if (strchr(text, '/') || g_strv_length(ends) != 2)
        return parse_range_subnet(text, ret_first, ret_last, error);
    return (address_parse(ends[0], ret_first) && address_parse(ends[1], ret_last)) ||
           err_set(error, FLOE_ERROR_INVALID,
                   "'%s' is not a range: expected something like 10.88.3.0/24 or "
                   "10.88.3.5-10.88.3.9",
                   text);
}

static bool set_range(const char *text, Network *network, GError **error)
{
    NetworkSubnet *one = NULL;
    Address first = ADDRESS_NONE;
    Address last = ADDRESS_NONE;

    if (!parse_range(text, &first, &last, error) ||
        !find_subnet(network, "lease range start ip", &first, &one, error))
        return false;
    if (one->range_first.family != 0)
        return err_set(error, FLOE_ERROR_INVALID, "range %s: its subnet has a range already", text);
    one->range_first = first;
    one->range_last = last;
    return true;
}

static bool set_gateways_and_ranges(const NetworkWish *wish, Network *network, GError **error)
{
    bool has_any = (wish->gateways && wish->gateways[0]) || (wish->ranges && wish->ranges[0]);

    if (has_any && network->subnets->len == 0)
        return err_set(error, FLOE_ERROR_INVALID, "cannot set gateway or range without subnet");
    for (const char *const *text = wish->gateways; text && *text; text++) {
        if (!set_gateway(*text, network, error))
            return false;
    }
    for (const char *const *text = wish->ranges; text && *text; text++) {
        if (!set_range(*text, network, error))
            return false;
    }
    return true;
}

/* A bridge is the gateway of its containers, or at least where their names are looked up. */
static bool finish_subnets(const HostSubnets *taken, Network *network, GError **error)
{
    for (unsigned i = 0; i < network->subnets->len; i++) {
        NetworkSubnet *one = subnet_at(network, i);
        const TakenSubnet *other = network_is_macvlan(network)
                                       ? NULL
                                       : host_subnets_find(taken, &one->subnet);

        if (other) {
            g_autofree char *text = subnet_to_text(&one->subnet);
            g_autofree char *other_text = subnet_to_text(&other->subnet);

            return err_set(error, FLOE_ERROR_EXISTS,
                           "subnet %s is already used: it overlaps %s of %s", text, other_text,
                           other->owner);
        }
        if (one->gateway.family == 0)
            one->gateway = address_next(&one->subnet.base);
        if (!network_subnet_check(one, error))
            return false;
        network->ipv6_enabled |= one->subnet.base.family == AF_INET6;
    }
    return true;
}

static bool overlap_each_other(const Network *network, GError **error)
{
    for (unsigned i = 0; i < network->subnets->len; i++) {
        for (unsigned j = 0; j < i; j++) {
            g_autofree char *one = subnet_to_text(&subnet_at(network, i)->subnet);
            g_autofree char *other = subnet_to_text(&subnet_at(network, j)->subnet);

            if (subnets_overlap(&subnet_at(network, i)->subnet, &subnet_at(network, j)->subnet)) {
                err_set(error, FLOE_ERROR_INVALID, "subnets %s and %s overlap", one, other);
                return true;
            }
        }
    }
    return false;
}

static bool make_subnets(const NetworkWish *wish, HostSubnets *taken, Network *network,
                         GError **error)
{
    g_autofree char *owner = g_strdup_printf("network '%s'", network->name);

    if (!add_given_subnets(wish, network, error) || overlap_each_other(network, error) ||
        !set_gateways_and_ranges(wish, network, error))
        return false;
    if (g_str_equal(network->ipam_driver, "none"))
        return network->subnets->len == 0 ||
               err_set(error, FLOE_ERROR_INVALID, "--ipam-driver none excludes subnets");
    if (!add_missing_subnets(wish, taken, network, error) || !finish_subnets(taken, network, error))
        return false;
    for (unsigned i = 0; i < network->subnets->len; i++)
        host_subnets_add(taken, &subnet_at(network, i)->subnet, owner);
    return true;
}

/* --- the rest --------------------------------------------------------------------------------- */

/* "10.9.0.0/16,10.88.0.9[,100]" */
static bool add_route(const char *text, Network *network, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", 3);
    NetworkRoute route = { .metric = 0 };
    guint64 metric = 0;
    guint n_parts = g_strv_length(parts);

    if (n_parts < 2 || !address_parse(parts[1], &route.gateway) ||
        (n_parts == 3 && !g_ascii_string_to_unsigned(parts[2], 10, 1, UINT32_MAX, &metric, NULL)))
        return err_set(error, FLOE_ERROR_INVALID,
                       "route '%s': expected SUBNET,GATEWAY or SUBNET,GATEWAY,METRIC", text);
    if (!subnet_parse_around(parts[0], &route.destination, error))
        return err_prefix(error, "route '%s'", text);
    if (route.destination.base.family != route.gateway.family)
        return err_set(error, FLOE_ERROR_INVALID,
                       "route '%s': its gateway is of the other IP version", text);
    route.metric = (int64_t)metric;
    g_array_append_val(network->routes, route);
    return true;
}

static bool add_routes(const NetworkWish *wish, Network *network, GError **error)
{
    for (const char *const *text = wish->routes; text && *text; text++) {
        if (!add_route(*text, network, error))
            return false;
    }
    return true;
}

static bool set_dns(const NetworkWish *wish, Network *network, GError **error)
{
    bool has_servers = wish->dns_servers && wish->dns_servers[0];

    /* aardvark-dns listens at a gateway that is on this host. */
    network->dns_enabled = !wish->disable_dns && !network_is_macvlan(network) &&
                           network->subnets->len > 0;
    if (has_servers && !network->dns_enabled)
        return err_set(error, FLOE_ERROR_INVALID,
                       "--dns needs a network whose containers have names: a bridge with addresses, "
                       "without --disable-dns");
    network->dns_servers = has_servers ? g_strdupv((char **)wish->dns_servers) : NULL;
    return network_dns_servers_check(wish->dns_servers, error);
}

/* Of a bridge one that is not there, of macvlan one that is. */
static bool set_interface(const NetworkWish *wish, Network *network, GError **error)
{
    const char *interface = wish->interface;

    if (network_is_macvlan(network)) {
        if (!interface)
            interface = "";
        if (*interface && if_nametoindex(interface) == 0)
            return err_set(error, FLOE_ERROR_NOT_FOUND, "parent interface %s does not exist",
                           interface);
    } else {
        if (interface && if_nametoindex(interface) != 0)
            return err_set(error, FLOE_ERROR_EXISTS,
                           "bridge name %s already in use: there is such an interface on this host",
                           interface);
        if (!interface)
            interface = wish->bridge;
    }
    network->interface = g_strdup(interface);
    return *interface == '\0' || network_interface_check(interface, error);
}

static bool set_driver(const NetworkWish *wish, Network *network, GError **error)
{
    network->driver = g_strdup(wish->driver ? wish->driver : "bridge");
    network->ipam_driver = g_strdup(wish->ipam_driver ? wish->ipam_driver : "host-local");
    if (!g_str_equal(network->driver, "bridge") && !network_is_macvlan(network))
        return err_set(error, FLOE_ERROR_UNSUPPORTED, "unsupported driver %s: invalid argument",
                       network->driver);
    if (!g_str_equal(network->ipam_driver, "host-local") &&
        !g_str_equal(network->ipam_driver, "none"))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "unsupported ipam driver %s: floe does host-local and none",
                       network->ipam_driver);
    return true;
}

static bool set_name(const NetworkWish *wish, Network *network, GError **error)
{
    /* A parent is no name for a network: there may be more of them on it. */
    if (wish->name)
        network->name = g_strdup(wish->name);
    else if (wish->interface && !network_is_macvlan(network))
        network->name = g_strdup(wish->interface);
    else
        network->name = g_strdup(wish->bridge);
    if (g_strv_contains(modes, network->name))
        return err_set(error, FLOE_ERROR_INVALID,
                       "cannot create network with name \"%s\" because it conflicts with a valid "
                       "network mode",
                       network->name);
    return network_name_check(network->name, error);
}

bool network_make(const NetworkWish *wish, HostSubnets *taken, Network **ret_network, GError **error)
{
    g_autoptr(Network) network = network_new();
    g_autofree char *interface = NULL;
    NetworkWish known = *wish;

    if (!set_driver(wish, network, error) ||
        !network_options_take(wish->options, network, &interface, error))
        return false;
    if (interface)
        known.interface = interface;
    if (!set_name(&known, network, error) || !set_interface(&known, network, error) ||
        !make_subnets(&known, taken, network, error) || !add_routes(&known, network, error) ||
        !set_dns(&known, network, error))
        return false;
    network->id = id_random();
    network->internal = wish->internal;
    network->labels = json_incref(wish->labels);
    network->created_unix_ns = clock_unix_ns();
    *ret_network = g_steal_pointer(&network);
    return true;
}
