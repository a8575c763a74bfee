/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Published ports: the -p syntax of podman and docker, and sockets that hold the host's ports
 * while a container is there. The forwarding itself is netavark's.
 */
#include "network/port-mapping.h"

#include "base/fd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT_MAX 65535

/* How often a row of free ports is looked for, each time from another random port. */
#define RANGE_TRIES 64

void port_mapping_free(PortMapping *mapping)
{
    if (!mapping)
        return;
    g_free(mapping->host_ip);
    g_free(mapping->protocol);
    g_free(mapping);
}

/* --- sockets ---------------------------------------------------------------------------------- */

typedef union SocketAddress {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} SocketAddress;

static socklen_t socket_address(const char *ip, int port, SocketAddress *ret_address)
{
    memset(ret_address, 0, sizeof(*ret_address));
    if (strchr(ip, ':')) {
        ret_address->v6.sin6_family = AF_INET6;
        ret_address->v6.sin6_port = htons((uint16_t)port);
        inet_pton(AF_INET6, ip, &ret_address->v6.sin6_addr);
        return sizeof(ret_address->v6);
    }
    ret_address->v4.sin_family = AF_INET;
    ret_address->v4.sin_port = htons((uint16_t)port);
    inet_pton(AF_INET, *ip ? ip : "0.0.0.0", &ret_address->v4.sin_addr);
    return sizeof(ret_address->v4);
}

static bool set_flag(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

/*
 * Take a TCP port without being a server. SO_REUSEADDR while binding, else connections of an
 * earlier server that linger in TIME_WAIT look like a conflict; none afterwards, so that nobody
 * shares the port with us. But many kernels note with a port that all its sockets share it, and
 * then check no more (inet_csk_get_port(), tb->fastreuse): listen(2) clears that. shutdown(2)
 * ends the listening and keeps a port that was bound by number.
 */
static bool hold_tcp(int fd, const SocketAddress *address, socklen_t length)
{
    return set_flag(fd, SOL_SOCKET, SO_REUSEADDR, 1) && bind(fd, &address->any, length) == 0 &&
           listen(fd, 0) == 0 && shutdown(fd, SHUT_RD) == 0 &&
           set_flag(fd, SOL_SOCKET, SO_REUSEADDR, 0);
}

/* A socket that holds the port, or -1 and errno. */
static int hold_port(const char *ip, int port, bool is_tcp)
{
    SocketAddress address;
    socklen_t length = socket_address(ip, port, &address);
    int type = (is_tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC;
    autofd int fd = socket(address.any.sa_family, type, 0);

    if (fd < 0)
        return -1;
    if (address.any.sa_family == AF_INET6 && !set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1))
        return -1;
    if (!(is_tcp ? hold_tcp(fd, &address, length) : bind(fd, &address.any, length) == 0))
        return -1;
    return g_steal_fd(&fd);
}

/* Any port that is free now, chosen by the kernel; 0 and errno if there is none. */
static int any_port(const char *ip, bool is_tcp)
{
    SocketAddress address;
    socklen_t length = socket_address(ip, 0, &address);
    autofd int fd = socket(address.any.sa_family,
                           (is_tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, &address.any, length) < 0 || getsockname(fd, &address.any, &length) < 0)
        return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

static bool row_is_free(const char *ip, int first, int range, bool is_tcp)
{
    for (int port = first; port < first + range; port++) {
        autofd int fd = port <= PORT_MAX ? hold_port(ip, port, is_tcp) : -1;

        if (fd < 0)
            return false;
    }
    return true;
}

static bool choose_host_port(PortMapping *mapping, GError **error)
{
    g_assert(mapping->host_ip && mapping->protocol);

    /* An SCTP port is as good as a UDP port of the same number: the two do not meet. */
    bool is_tcp = g_str_equal(mapping->protocol, "tcp");

    for (int tried = 0; tried < RANGE_TRIES; tried++) {
        int port = any_port(mapping->host_ip, is_tcp);

        if (port == 0)
            return err_set_errno(error, "find a free port on '%s'", mapping->host_ip);
        if (row_is_free(mapping->host_ip, port, mapping->range, is_tcp)) {
            mapping->host_port = port;
            return true;
        }
    }
    return err_set(error, FLOE_ERROR_NETWORK, "no %d free consecutive %s ports on the host",
                   mapping->range, mapping->protocol);
}

/* --- parsing ---------------------------------------------------------------------------------- */

typedef struct PortRange {
    int first;
    int length;
} PortRange;

static bool parse_port(const char *text, int *ret_port)
{
    guint64 port = 0;

    if (!g_ascii_string_to_unsigned(text, 10, 0, PORT_MAX, &port, NULL))
        return false;
    *ret_port = (int)port;
    return true;
}

static bool parse_range(const char *text, PortRange *ret_range, GError **error)
{
    g_auto(GStrv) ends = g_strsplit(text, "-", 2);
    int last = 0;

    if (!ends[0] || !parse_port(ends[0], &ret_range->first))
        return err_set(error, FLOE_ERROR_INVALID, "'%s' is not a port (1 to %d)", text, PORT_MAX);
    ret_range->length = 1;
    if (!ends[1])
        return true;
    if (ret_range->first == 0 || !parse_port(ends[1], &last) || last < ret_range->first)
        return err_set(error, FLOE_ERROR_INVALID,
                       "'%s' is not a range of ports: first-last, 1 to %d", text, PORT_MAX);
    ret_range->length = last - ret_range->first + 1;
    return true;
}

/* Cut "/udp" off the text. */
static bool take_protocol(char *text, char **ret_protocol, GError **error)
{
    char *slash = strchr(text, '/');
    g_autofree char *protocol = g_ascii_strdown(slash ? slash + 1 : "tcp", -1);

    if (!g_str_equal(protocol, "tcp") && !g_str_equal(protocol, "udp") &&
        !g_str_equal(protocol, "sctp"))
        return err_set(error, FLOE_ERROR_INVALID, "protocol '%s' is not one of tcp, udp, sctp",
                       protocol);
    if (slash)
        *slash = '\0';
    *ret_protocol = g_steal_pointer(&protocol);
    return true;
}

/*
 * Cut the address and its colon off the front: `*rest` then is "[host]:container" or "container".
 */
static bool take_address(char **rest, char **ret_ip, GError **error)
{
    struct in6_addr address = { 0 };
    bool is_v6 = **rest == '[';
    char *ip = is_v6 ? *rest + 1 : *rest;
    char *end = strchr(*rest, is_v6 ? ']' : ':');

    if (!is_v6 && (!end || !strchr(end + 1, ':'))) {
        *ret_ip = g_strdup("");
        return true;
    }
    if (!end || (is_v6 && (end[1] != ':' || !strchr(end + 2, ':'))))
        return err_set(error, FLOE_ERROR_INVALID, "expected '[address]:host port:port'");
    *end = '\0';
    *rest = end + (is_v6 ? 2 : 1);
    if (inet_pton(is_v6 ? AF_INET6 : AF_INET, ip, &address) != 1)
        return err_set(error, FLOE_ERROR_INVALID, "'%s' is not an %s address", ip,
                       is_v6 ? "IPv6" : "IPv4");
    *ret_ip = g_strdup(ip);
    return true;
}

static bool parse_ports(const char *text, PortMapping *mapping, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, ":", -1);
    size_t n = g_strv_length(parts);
    PortRange container = { 0 };
    PortRange host = { 0 };

    if (n < 1 || n > 2)
        return err_set(error, FLOE_ERROR_INVALID,
                       "expected '[[address:][host port]:]port[/protocol]', an IPv6 address in []");
    if (!parse_range(parts[n - 1], &container, error))
        return false;
    if (container.first == 0)
        return err_set(error, FLOE_ERROR_INVALID, "a container's port cannot be 0");
    if (n == 2 && *parts[0] && !parse_range(parts[0], &host, error))
        return false;
    if (host.first != 0 && host.length != container.length)
        return err_set(error, FLOE_ERROR_INVALID,
                       "%d ports of the host do not fit %d of the container", host.length,
                       container.length);

    mapping->container_port = container.first;
    mapping->range = container.length;
    mapping->host_port = host.first;
    return true;
}

static bool parse_mapping(const char *text, PortMapping *mapping, GError **error)
{
    g_autofree char *copy = g_strdup(text);
    char *rest = copy;

    return take_protocol(copy, &mapping->protocol, error) &&
           take_address(&rest, &mapping->host_ip, error) && parse_ports(rest, mapping, error) &&
           (mapping->host_port != 0 || choose_host_port(mapping, error));
}

bool port_mapping_parse(const char *text, PortMapping **ret_mapping, GError **error)
{
    g_autoptr(PortMapping) mapping = g_new0(PortMapping, 1);

    if (!parse_mapping(text, mapping, error))
        return err_prefix(error, "published port '%s'", text);
    *ret_mapping = g_steal_pointer(&mapping);
    return true;
}

json_t *port_mappings_to_json(const GPtrArray *mappings)
{
    json_t *list = json_array();

    for (unsigned i = 0; mappings && i < mappings->len; i++) {
        const PortMapping *mapping = mappings->pdata[i];

        json_array_append_new(list,
                              json_pack("{s:s, s:i, s:i, s:i, s:s}", "host_ip", mapping->host_ip,
                                        "container_port", mapping->container_port, "host_port",
                                        mapping->host_port, "range", mapping->range, "protocol",
                                        mapping->protocol));
    }
    return list;
}

/* --- reservation ------------------------------------------------------------------------------ */

static bool cannot_hold(const PortMapping *mapping, int port, GError **error)
{
    const char *ip = *mapping->host_ip ? mapping->host_ip : "0.0.0.0";

    if (errno == EADDRINUSE)
        return err_set(error, FLOE_ERROR_NETWORK, "port %d/%s is in use on %s", port,
                       mapping->protocol, ip);
    if (errno == EADDRNOTAVAIL)
        return err_set(error, FLOE_ERROR_NETWORK,
                       "port %d/%s cannot be published on %s: this host has no such address", port,
                       mapping->protocol, ip);
    return err_set_errno(error, "reserve port %d/%s on %s", port, mapping->protocol, ip);
}

static bool reserve(const PortMapping *mapping, GArray *fds, GError **error)
{
    bool is_tcp = g_str_equal(mapping->protocol, "tcp");

    /* Few kernels have SCTP loaded, and podman does not reserve its ports either. */
    if (g_str_equal(mapping->protocol, "sctp"))
        return true;
    for (int port = mapping->host_port; port < mapping->host_port + mapping->range; port++) {
        int fd = hold_port(mapping->host_ip, port, is_tcp);

        if (fd < 0)
            return cannot_hold(mapping, port, error);
        g_array_append_val(fds, fd);
    }
    return true;
}

static void close_element(gpointer element)
{
    fd_cleanup(element);
}

bool port_mappings_reserve(const GPtrArray *mappings, GArray **ret_fds, GError **error)
{
    g_autoptr(GArray) fds = g_array_new(false, false, sizeof(int));

    g_array_set_clear_func(fds, close_element);
    for (unsigned i = 0; mappings && i < mappings->len; i++) {
        if (!reserve(mappings->pdata[i], fds, error))
            return false;
    }
    *ret_fds = g_steal_pointer(&fds);
    return true;
}
