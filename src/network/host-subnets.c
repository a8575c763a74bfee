/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What floe's networks have to keep clear of: the host's addresses and routes, podman's networks,
 * and what podman would take if it were used tomorrow. The reasons are in
 * docs/decisions/003-default-network.md.
 */
#include "network/host-subnets.h"

#include "base/fd.h"
#include "base/json.h"
#include "base/log.h"
#include "base/program.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>
#include <sys/random.h>

#define PODMAN_NETWORKS "/etc/containers/networks"
#define PODMAN_BRIDGE   "podman0"
#define FLOE_BRIDGE     "floe0"

#define ROUTE_TABLE        "/proc/self/net/route"
#define ROUTE_TABLE6       "/proc/self/net/ipv6_route"
#define ROUTE_TABLE_LIMIT  (64 << 20)
#define NETWORK_FILE_LIMIT (1 << 20)

/* 10.88/16 is podman's default network. Its created ones are /24s from 10.89.0.0 upwards. */
#define PODMAN_DEFAULT 88
#define FIRST          89
#define LAST           254

/* Where another engine's bridge starts to look: somewhere in the upper half, by its name. */
#define OTHERS_FIRST 128

/* Of 2^56 subnets: that so many are taken does not happen. */
#define RANDOM_TRIES 16

static void taken_free(void *data)
{
    TakenSubnet *taken = data;

    g_free(taken->owner);
    g_free(taken);
}

void host_subnets_free(HostSubnets *host)
{
    if (!host)
        return;
    g_ptr_array_unref(host->taken);
    g_free(host);
}

HostSubnets *host_subnets_new(void)
{
    HostSubnets *host = g_new0(HostSubnets, 1);

    host->taken = g_ptr_array_new_with_free_func(taken_free);
    return host;
}

void host_subnets_add(HostSubnets *host, const Subnet *subnet, const char *owner)
{
    /* 0.0.0.0/0 is the way to everywhere, not a place. */
    if (subnet->prefix == 0)
        return;

    TakenSubnet *taken = g_new0(TakenSubnet, 1);

    taken->subnet = *subnet;
    taken->owner = g_strdup(owner);
    g_ptr_array_add(host->taken, taken);
}

/* --- the host's addresses and routes ---------------------------------------------------------- */

static int prefix_of_mask(const uint8_t *mask, size_t length)
{
    int bits = 0;

    for (size_t i = 0; i < length; i++)
        bits += __builtin_popcount(mask[i]);
    return bits;
}

/* False: no IP address. */
static bool subnet_of_interface(const struct ifaddrs *one, Subnet *ret_subnet)
{
    Address address = ADDRESS_NONE;
    int prefix = 0;

    if (!one->ifa_addr || !one->ifa_netmask)
        return false;
    address.family = one->ifa_addr->sa_family;
    if (address.family == AF_INET) {
        const struct sockaddr_in *ip = (const void *)one->ifa_addr;
        const struct sockaddr_in *mask = (const void *)one->ifa_netmask;

        memcpy(address.bytes, &ip->sin_addr, sizeof(ip->sin_addr));
        prefix = prefix_of_mask((const uint8_t *)&mask->sin_addr, sizeof(mask->sin_addr));
    } else if (address.family == AF_INET6) {
        const struct sockaddr_in6 *ip = (const void *)one->ifa_addr;
        const struct sockaddr_in6 *mask = (const void *)one->ifa_netmask;

        memcpy(address.bytes, &ip->sin6_addr, sizeof(ip->sin6_addr));
        prefix = prefix_of_mask((const uint8_t *)&mask->sin6_addr, sizeof(mask->sin6_addr));
    } else {
        return false;
    }
    *ret_subnet = subnet_around(&address, prefix);
    return true;
}

static bool add_addresses(HostSubnets *host, GError **error)
{
    struct ifaddrs *all = NULL;
    Subnet subnet = { .prefix = 0 };

    if (getifaddrs(&all) < 0)
        return err_set_errno(error, "list the host's addresses");
    for (const struct ifaddrs *one = all; one; one = one->ifa_next) {
        g_autofree char *owner = g_strconcat("interface ", one->ifa_name, NULL);

        if (subnet_of_interface(one, &subnet))
            host_subnets_add(host, &subnet, owner);
    }
    freeifaddrs(all);
    return true;
}

static void add_route(HostSubnets *host, const Address *destination, int prefix,
                      const char *interface)
{
    Subnet subnet = subnet_around(destination, prefix);
    g_autofree char *owner = g_strconcat("a route of interface ", interface, NULL);

    host_subnets_add(host, &subnet, owner);
}

/* Eight hex digits: the address as a number of this machine. */
static bool read_hex(const char *text, uint32_t *ret_number)
{
    guint64 number = 0;

    if (!g_ascii_string_to_unsigned(text, 16, 0, UINT32_MAX, &number, NULL))
        return false;
    *ret_number = (uint32_t)number;
    return true;
}

void host_subnets_add_routes(HostSubnets *host, const char *route_table)
{
    g_auto(GStrv) lines = g_strsplit(route_table, "\n", -1);

    for (char **line = lines; *line; line++) {
        /* Iface Destination Gateway Flags RefCnt Use Metric Mask ...; in network byte order */
        g_auto(GStrv) columns = g_strsplit(*line, "\t", -1);
        Address address = { .family = AF_INET };
        uint32_t destination = 0;
        uint32_t mask = 0;

        if (g_strv_length(columns) <= 7 || !read_hex(columns[1], &destination) ||
            !read_hex(columns[7], &mask))
            continue;
        memcpy(address.bytes, &destination, sizeof(destination));
        add_route(host, &address, __builtin_popcount(mask), columns[0]);
    }
}

/* 32 hex digits. */
static bool read_hex_bytes(const char *text, Address *ret_address)
{
    *ret_address = (Address){ .family = AF_INET6 };
    if (strlen(text) != 2 * ADDRESS_MAX_BYTES)
        return false;
    for (size_t i = 0; text[i]; i++) {
        int digit = g_ascii_xdigit_value(text[i]);

        if (digit < 0)
            return false;
        ret_address->bytes[i / 2] = (uint8_t)(ret_address->bytes[i / 2] << 4 | digit);
    }
    return true;
}

/* fe80::/10 and ff00::/8 are on every interface. */
static bool is_of_link(const Address *address)
{
    return (address->bytes[0] == 0xfe && (address->bytes[1] & 0xc0) == 0x80) ||
           address->bytes[0] == 0xff;
}

void host_subnets_add_routes6(HostSubnets *host, const char *route_table)
{
    g_auto(GStrv) lines = g_strsplit(route_table, "\n", -1);

    for (char **line = lines; *line; line++) {
        /* destination prefix source prefix gateway metric refcnt use flags interface; see
         * linux/net/ipv6/route.c, rt6_info_route() */
        g_auto(GStrv) columns = g_strsplit_set(g_strstrip(*line), " ", -1);
        Address address = ADDRESS_NONE;
        uint32_t prefix = 0;

        if (g_strv_length(columns) > 9 && read_hex_bytes(columns[0], &address) &&
            read_hex(columns[1], &prefix) && prefix <= 128 && !is_of_link(&address))
            add_route(host, &address, (int)prefix, columns[g_strv_length(columns) - 1]);
    }
}

static bool add_host_routes(HostSubnets *host, GError **error)
{
    g_autofree char *table = NULL;
    g_autofree char *table6 = NULL;
    g_autoptr(GError) err = NULL;

    /* There is no such file in a kernel without IPv4, where there is no bridge to make either. */
    if (!file_read(ROUTE_TABLE, ROUTE_TABLE_LIMIT, &table, NULL, error))
        return false;
    host_subnets_add_routes(host, table);
    if (file_read(ROUTE_TABLE6, ROUTE_TABLE_LIMIT, &table6, NULL, &err)) {
        host_subnets_add_routes6(host, table6);
        return true;
    }
    /* A kernel without IPv6 is an ordinary one. */
    if (g_error_matches(err, FLOE_ERROR_DOMAIN, FLOE_ERROR_NOT_FOUND))
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

/* --- podman's networks ------------------------------------------------------------------------ */

static bool add_podman_network(HostSubnets *host, const char *path, GError **error)
{
    g_autoptr(JsonValue) network = NULL;
    const char *name = NULL;
    json_t *subnets = NULL;

    if (!json_read_file(path, NETWORK_FILE_LIMIT, &network, error) ||
        !json_get_string(network, "name", &name, error) ||
        !json_get_array(network, "subnets", &subnets, error))
        return false;

    g_autofree char *owner = g_strdup_printf("podman's network '%s'", name ? name : path);
    json_t *entry = NULL;
    size_t i = 0;

    json_array_foreach(subnets, i, entry) {
        const char *text = json_string_value(json_object_get(entry, "subnet"));
        Subnet subnet = { .prefix = 0 };

        if (text && subnet_parse(text, &subnet, NULL))
            host_subnets_add(host, &subnet, owner);
    }
    return true;
}

void host_subnets_add_podman(HostSubnets *host, const char *directory)
{
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(directory, name, NULL);
        g_autoptr(GError) err = NULL;

        if (!g_str_has_suffix(name, ".json"))
            continue;
        host->has_podman = true;
        if (!add_podman_network(host, path, &err))
            log_ignored(g_steal_pointer(&err), "cannot read podman's network '%s'", path);
    }
}

static bool podman_is_installed(void)
{
    g_autofree char *path = program_find("podman", NULL);

    return path || if_nametoindex(PODMAN_BRIDGE) != 0;
}

bool host_subnets_read(HostSubnets **ret_host, GError **error)
{
    g_autoptr(HostSubnets) host = host_subnets_new();

    if (!add_addresses(host, error) || !add_host_routes(host, error))
        return false;
    host_subnets_add_podman(host, PODMAN_NETWORKS);
    host->has_podman = host->has_podman || podman_is_installed();
    *ret_host = g_steal_pointer(&host);
    return true;
}

/* --- the choice ------------------------------------------------------------------------------- */

const TakenSubnet *host_subnets_find(const HostSubnets *host, const Subnet *subnet)
{
    for (unsigned i = 0; i < host->taken->len; i++) {
        const TakenSubnet *taken = g_ptr_array_index(host->taken, i);

        if (subnets_overlap(&taken->subnet, subnet))
            return taken;
    }
    return NULL;
}

/* 10.SECOND.THIRD.0/PREFIX */
static Subnet ten_dot(int second, int third, int prefix)
{
    Subnet subnet = { .base = { .family = AF_INET }, .prefix = prefix };

    subnet.base.bytes[0] = 10;
    subnet.base.bytes[1] = (uint8_t)second;
    subnet.base.bytes[2] = (uint8_t)third;
    return subnet;
}

/*
 * Two engines choose at different times, when the other's bridge may be down: each has its own
 * start.
 */
static int first_candidate(const char *interface)
{
    if (g_str_equal(interface, FLOE_BRIDGE))
        return LAST;
    return LAST - (int)(g_str_hash(interface) % (LAST - OTHERS_FIRST + 1));
}

static bool none_is_free(GError **error, int prefix, int first, int last)
{
    return err_set(error, FLOE_ERROR_NETWORK,
                   "no subnet is free: every /%d from 10.%d.0.0 to 10.%d.255.255 is in use by an "
                   "address, a route or a network of this host",
                   prefix, first, last);
}

bool host_subnets_choose(const HostSubnets *host, const char *interface, Subnet *ret_subnet,
                         GError **error)
{
    Subnet candidate = ten_dot(PODMAN_DEFAULT, 0, 16);
    int second = first_candidate(interface);

    if (g_str_equal(interface, FLOE_BRIDGE) && !host->has_podman &&
        host_subnets_find(host, &candidate) == NULL) {
        *ret_subnet = candidate;
        return true;
    }
    for (int tried = 0; tried <= LAST - FIRST; tried++) {
        candidate = ten_dot(second, 0, 16);
        if (host_subnets_find(host, &candidate) == NULL) {
            *ret_subnet = candidate;
            return true;
        }
        second = second == FIRST ? LAST : second - 1;
    }
    return none_is_free(error, 16, FIRST, LAST);
}

/* Downward in a half where no engine's default network is, but for want of another place. */
static bool choose_small4(const HostSubnets *host, const char *interface, Subnet *ret_subnet,
                          GError **error)
{
    int count = (OTHERS_FIRST - FIRST) * 256;
    int place = g_str_equal(interface, FLOE_BRIDGE) ? 0
                                                    : (int)(g_str_hash(interface) % (guint)count);

    for (int tried = 0; tried < count; tried++) {
        int number = count - 1 - (place + tried) % count;
        Subnet candidate = ten_dot(FIRST + number / 256, number % 256, 24);

        if (host_subnets_find(host, &candidate) == NULL) {
            *ret_subnet = candidate;
            return true;
        }
    }
    return none_is_free(error, 24, FIRST, OTHERS_FIRST - 1);
}

/* RFC 4193: fd, 40 random bits of a site, 16 of a subnet. */
static bool choose_local6(const HostSubnets *host, Subnet *ret_subnet, GError **error)
{
    for (int tried = 0; tried < RANDOM_TRIES; tried++) {
        Subnet candidate = { .base = { .family = AF_INET6 }, .prefix = 64 };

        if (getrandom(candidate.base.bytes, 8, 0) != 8)
            return err_set_errno(error, "choose an IPv6 subnet");
        candidate.base.bytes[0] = 0xfd;
        if (host_subnets_find(host, &candidate) == NULL) {
            *ret_subnet = candidate;
            return true;
        }
    }
    return err_set(error, FLOE_ERROR_NETWORK, "no IPv6 subnet is free: fd00::/8 is in use");
}

bool host_subnets_choose_small(const HostSubnets *host, const char *interface, int family,
                               Subnet *ret_subnet, GError **error)
{
    return family == AF_INET6 ? choose_local6(host, ret_subnet, error)
                              : choose_small4(host, interface, ret_subnet, error);
}
