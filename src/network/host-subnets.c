/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What floe's default network has to keep clear of: the host's addresses and routes, podman's
 * networks, and what podman would take if it were used tomorrow. The reasons are in
 * docs/decisions/003-default-network.md.
 */
#include "network/host-subnets.h"

#include "base/log.h"
#include "base/spawn.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>

#define PODMAN_NETWORKS "/etc/containers/networks"
#define PODMAN_BRIDGE   "podman0"
#define FLOE_BRIDGE     "floe0"

#define ROUTE_TABLE        "/proc/self/net/route"
#define ROUTE_TABLE_LIMIT  (64 << 20)
#define NETWORK_FILE_LIMIT (1 << 20)

/* 10.88/16 is podman's default network. Its created ones are /24s from 10.89.0.0 upwards. */
#define TEN_DOT(second) ((Subnet){ .base = 10u << 24 | (uint32_t)(second) << 16, .prefix = 16 })
#define PODMAN_DEFAULT  88
#define FIRST           89
#define LAST            254

/* Where another engine's bridge starts to look: somewhere in the upper half, by its name. */
#define OTHERS_FIRST 128

void host_subnets_free(HostSubnets *host)
{
    if (!host)
        return;
    g_array_unref(host->taken);
    g_free(host);
}

HostSubnets *host_subnets_new(void)
{
    HostSubnets *host = g_new0(HostSubnets, 1);

    host->taken = g_array_new(false, false, sizeof(Subnet));
    return host;
}

static void add_taken(HostSubnets *host, Subnet subnet)
{
    /* 0.0.0.0/0 is the way to everywhere, not a place. */
    if (subnet.prefix > 0)
        g_array_append_val(host->taken, subnet);
}

static bool add_addresses(HostSubnets *host, GError **error)
{
    struct ifaddrs *all = NULL;

    if (getifaddrs(&all) < 0)
        return err_set_errno(error, "list the host's addresses");
    for (const struct ifaddrs *one = all; one; one = one->ifa_next) {
        const struct sockaddr_in *address = (const void *)one->ifa_addr;
        const struct sockaddr_in *mask = (const void *)one->ifa_netmask;

        if (address && mask && address->sin_family == AF_INET)
            add_taken(host, subnet_around(ntohl(address->sin_addr.s_addr),
                                          __builtin_popcount(mask->sin_addr.s_addr)));
    }
    freeifaddrs(all);
    return true;
}

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
        uint32_t destination = 0;
        uint32_t mask = 0;

        if (g_strv_length(columns) > 7 && read_hex(columns[1], &destination) &&
            read_hex(columns[7], &mask))
            add_taken(host, subnet_around(ntohl(destination), __builtin_popcount(mask)));
    }
}

static bool add_host_routes(HostSubnets *host, GError **error)
{
    g_autofree char *table = NULL;

    /* There is no such file in a kernel without IPv4, where there is no bridge to make either. */
    if (!file_read(ROUTE_TABLE, ROUTE_TABLE_LIMIT, &table, NULL, error))
        return false;
    host_subnets_add_routes(host, table);
    return true;
}

static bool add_podman_network(HostSubnets *host, const char *path, GError **error)
{
    g_autoptr(JsonValue) network = NULL;
    json_t *subnets = NULL;

    if (!json_read_file(path, NETWORK_FILE_LIMIT, &network, error) ||
        !json_get_array(network, "subnets", &subnets, error))
        return false;

    json_t *entry = NULL;
    size_t i = 0;

    json_array_foreach(subnets, i, entry) {
        const char *text = json_string_value(json_object_get(entry, "subnet"));
        Subnet subnet = { 0 };

        /* An IPv6 subnet does not parse, and is in nobody's way. */
        if (text && subnet_parse(text, &subnet, NULL))
            add_taken(host, subnet);
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

static bool is_free(const HostSubnets *host, const Subnet *subnet)
{
    for (unsigned i = 0; i < host->taken->len; i++) {
        if (subnets_overlap(&g_array_index(host->taken, Subnet, i), subnet))
            return false;
    }
    return true;
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

bool host_subnets_choose(const HostSubnets *host, const char *interface, Subnet *ret_subnet,
                         GError **error)
{
    Subnet candidate = TEN_DOT(PODMAN_DEFAULT);
    int second = first_candidate(interface);

    if (g_str_equal(interface, FLOE_BRIDGE) && !host->has_podman && is_free(host, &candidate)) {
        *ret_subnet = candidate;
        return true;
    }
    for (int tried = 0; tried <= LAST - FIRST; tried++) {
        candidate = TEN_DOT(second);
        if (is_free(host, &candidate)) {
            *ret_subnet = candidate;
            return true;
        }
        second = second == FIRST ? LAST : second - 1;
    }
    return err_set(error, FLOE_ERROR_NETWORK,
                   "no subnet is free: every one of 10.%d.0.0/16 to 10.%d.0.0/16 is in use by an "
                   "address, a route or a network of podman on this host",
                   FIRST, LAST);
}
