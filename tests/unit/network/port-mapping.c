/* SPDX-License-Identifier: Apache-2.0 */
#include "network/port-mapping.h"

#include "base/fd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static PortMapping *parse(const char *text)
{
    g_autoptr(GError) err = NULL;
    PortMapping *mapping = NULL;

    port_mapping_parse(text, &mapping, &err);
    g_assert_no_error(err);
    return mapping;
}

static void test_syntax(void)
{
    static const struct {
        const char *text, *ip;
        int host, container, range;
        const char *protocol;
    } cases[] = {
        { "8080:80", "", 8080, 80, 1, "tcp" },
        { "8080:80/tcp", "", 8080, 80, 1, "tcp" },
        { "8080:80/UDP", "", 8080, 80, 1, "udp" },
        { "8080:80/sctp", "", 8080, 80, 1, "sctp" },
        { "8000-8010:80-90", "", 8000, 80, 11, "tcp" },
        { "127.0.0.1:8080:80", "127.0.0.1", 8080, 80, 1, "tcp" },
        { "0.0.0.0:53:53/udp", "0.0.0.0", 53, 53, 1, "udp" },
        { "[::1]:8080:80/udp", "::1", 8080, 80, 1, "udp" },
        { "[::]:8000-8001:80-81", "::", 8000, 80, 2, "tcp" },
        { "65535:65535", "", 65535, 65535, 1, "tcp" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(PortMapping) mapping = parse(cases[i].text);

        g_assert_cmpstr(mapping->host_ip, ==, cases[i].ip);
        g_assert_cmpint(mapping->host_port, ==, cases[i].host);
        g_assert_cmpint(mapping->container_port, ==, cases[i].container);
        g_assert_cmpint(mapping->range, ==, cases[i].range);
        g_assert_cmpstr(mapping->protocol, ==, cases[i].protocol);
    }
}

static void test_chosen(void)
{
    static const struct {
        const char *text, *ip;
        int range;
    } cases[] = {
        { "80", "", 1 },
        { "80/udp", "", 1 },
        { ":80", "", 1 },
        { "0:80", "", 1 },
        { "127.0.0.1::80", "127.0.0.1", 1 },
        { "80-82", "", 3 },
        { ":80-89/udp", "", 10 },
        { "80/sctp", "", 1 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(PortMapping) mapping = parse(cases[i].text);

        g_assert_cmpint(mapping->host_port, >=, 1024);
        g_assert_cmpint(mapping->host_port + cases[i].range - 1, <=, 65535);
        g_assert_cmpint(mapping->container_port, ==, 80);
        g_assert_cmpint(mapping->range, ==, cases[i].range);
        g_assert_cmpstr(mapping->host_ip, ==, cases[i].ip);
    }
}

static void test_bad_syntax(void)
{
    static const char *const cases[] = {
        "",
        ":",
        "::",
        "/tcp",
        "web",
        "80:web",
        "8080:80:",
        "0",
        "8080:0",
        "65536",
        "65536:80",
        "-1:80",
        "+80",
        " 80",
        "80 ",
        "80/",
        "80/icmp",
        "80/tcp/udp",
        "80-",
        "90-80",
        "0-5:80-85",
        "80-90-100",
        "8000-8010:80",
        "8000:80-81",
        "8000-8002:80-81",
        ":8080:80",
        "localhost:8080:80",
        "1.2.3:8080:80",
        "1.2.3.4.5:8080:80",
        "1.2.3.4:1:2:3",
        "::1:8080:80",
        "[::1]",
        "[::1]80",
        "[::1]:80",
        "[::1:8080:80",
        "[127.0.0.1]:8080:80",
        "[]:8080:80",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *named = g_strdup_printf("'%s'", cases[i]);
        g_autoptr(PortMapping) mapping = NULL;
        g_autoptr(GError) err = NULL;

        if (port_mapping_parse(cases[i], &mapping, &err))
            g_error("'%s' was taken for a published port", cases[i]);
        g_assert_error(err, FLOE_ERROR_DOMAIN, FLOE_ERROR_INVALID);
        g_assert_nonnull(strstr(err->message, named));
        g_assert_null(mapping);
    }
}

static void test_json(void)
{
    g_autoptr(GPtrArray) mappings = g_ptr_array_new_with_free_func(
        (GDestroyNotify)port_mapping_free);
    g_autoptr(JsonValue) value = NULL;
    g_autoptr(JsonValue) empty = port_mappings_to_json(NULL);
    g_autoptr(JsonValue) wanted = json_pack("[{s:s, s:i, s:i, s:i, s:s}]", "host_ip", "",
                                            "container_port", 80, "host_port", 18085, "range", 1,
                                            "protocol", "tcp");

    g_ptr_array_add(mappings, parse("18085:80"));
    value = port_mappings_to_json(mappings);
    g_assert_true(json_equal(value, wanted));
    g_assert_cmpuint(json_array_size(empty), ==, 0);
}

/* --- reservation ------------------------------------------------------------------------------ */

static int server_socket(int type, const char *ip, int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    int one = 1;

    g_assert_cmpint(fd, >=, 0);
    inet_pton(AF_INET, ip, &address.sin_addr);
    if (type == SOCK_STREAM)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
        (type == SOCK_STREAM && listen(fd, 1) < 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

static int port_of(int fd)
{
    struct sockaddr_in address = { 0 };
    socklen_t length = sizeof(address);

    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&address, &length), ==, 0);
    return ntohs(address.sin_port);
}

/* Reserve one mapping; NULL when that failed with NETWORK and a text that has `port/protocol`. */
static GArray *reserve(const char *text)
{
    g_autoptr(GPtrArray) mappings = g_ptr_array_new_with_free_func(
        (GDestroyNotify)port_mapping_free);
    g_autofree char *named = NULL;
    g_autoptr(GError) err = NULL;
    PortMapping *mapping = parse(text);
    GArray *fds = NULL;

    g_ptr_array_add(mappings, mapping);
    if (port_mappings_reserve(mappings, &fds, &err))
        return fds;
    named = g_strdup_printf("port %d/%s is in use on ", mapping->host_port, mapping->protocol);
    g_assert_error(err, FLOE_ERROR_DOMAIN, FLOE_ERROR_NETWORK);
    g_assert_true(g_str_has_prefix(err->message, named));
    return NULL;
}

static void test_conflict(int type, const char *protocol, const char *server_ip,
                          const char *reserved_ip)
{
    autofd int server = server_socket(type, server_ip, 0);
    g_autofree char *text = g_strdup_printf("%s%d:80/%s", reserved_ip, port_of(server), protocol);

    g_assert_null(reserve(text));
    fd_cleanup(&server);
    g_autoptr(GArray) fds = reserve(text);
    g_assert_nonnull(fds);
    g_assert_cmpuint(fds->len, ==, 1);
}

static void test_conflicts(void)
{
    test_conflict(SOCK_STREAM, "tcp", "127.0.0.1", "127.0.0.1:");
    test_conflict(SOCK_STREAM, "tcp", "0.0.0.0", "127.0.0.1:");
    test_conflict(SOCK_STREAM, "tcp", "127.0.0.1", "");
    test_conflict(SOCK_STREAM, "tcp", "0.0.0.0", "");
    test_conflict(SOCK_DGRAM, "udp", "127.0.0.1", "");
    test_conflict(SOCK_DGRAM, "udp", "0.0.0.0", "127.0.0.1:");
}

static void test_holds(const char *protocol, int type)
{
    g_autofree char *any = g_strdup_printf("127.0.0.1::80/%s", protocol);
    g_autoptr(PortMapping) chosen = parse(any);
    g_autofree char *text = g_strdup_printf("%d:80/%s", chosen->host_port, protocol);
    g_autofree char *on_lo = g_strdup_printf("127.0.0.1:%s", text);
    GArray *fds = reserve(text);

    g_assert_nonnull(fds);
    g_assert_null(reserve(text));
    g_assert_null(reserve(on_lo));
    g_assert_cmpint(server_socket(type, "0.0.0.0", chosen->host_port), ==, -1);
    g_assert_cmpint(server_socket(type, "127.0.0.1", chosen->host_port), ==, -1);

    /* Freeing the array gives the port back. */
    g_array_unref(fds);
    autofd int server = server_socket(type, "0.0.0.0", chosen->host_port);
    g_assert_cmpint(server, >=, 0);
}

static void test_holds_both(void)
{
    test_holds("tcp", SOCK_STREAM);
    test_holds("udp", SOCK_DGRAM);
}

static int connect_to(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -1;
}

/*
 * A server's connections stay in TIME_WAIT for a minute after it has ended. They are no conflict.
 */
static void test_time_wait(void)
{
    autofd int server = server_socket(SOCK_STREAM, "127.0.0.1", 0);
    int port = port_of(server);
    g_autofree char *text = g_strdup_printf("%d:80", port);
    autofd int client = connect_to(port);
    autofd int accepted = accept(server, NULL, NULL);
    char end;

    fd_cleanup(&server);
    fd_cleanup(&accepted); /* the server closes first: the state is its side's */
    g_assert_cmpint(read(client, &end, 1), ==, 0);
    fd_cleanup(&client);

    g_autoptr(GArray) fds = reserve(text);
    g_assert_nonnull(fds);
}

static void test_does_not_listen(void)
{
    g_autoptr(PortMapping) chosen = parse("127.0.0.1::80");
    g_autofree char *text = g_strdup_printf("%d:80", chosen->host_port);
    g_autoptr(GArray) fds = reserve(text);

    g_assert_nonnull(fds);
    g_assert_cmpint(connect_to(chosen->host_port), ==, -1);
}

static void test_range_conflict(void)
{
    g_autoptr(PortMapping) row = parse("80-82");
    autofd int server = server_socket(SOCK_STREAM, "127.0.0.1", row->host_port + 1);
    g_autoptr(GPtrArray) mappings = g_ptr_array_new();
    g_autofree char *named = g_strdup_printf("port %d/tcp", row->host_port + 1);
    g_autoptr(GError) err = NULL;
    GArray *fds = NULL;

    g_ptr_array_add(mappings, row);
    g_assert_false(port_mappings_reserve(mappings, &fds, &err));
    g_assert_error(err, FLOE_ERROR_DOMAIN, FLOE_ERROR_NETWORK);
    g_assert_true(g_str_has_prefix(err->message, named));

    /* The first one of the row was given back. */
    autofd int first = server_socket(SOCK_STREAM, "0.0.0.0", row->host_port);
    g_assert_cmpint(first, >=, 0);
    fd_cleanup(&first);
    fd_cleanup(&server);
    g_assert_true(port_mappings_reserve(mappings, &fds, NULL));
    g_assert_cmpuint(fds->len, ==, 3);
    g_array_unref(fds);
}

static void test_foreign_address(void)
{
    g_autoptr(PortMapping) mapping = parse("192.0.2.254:8080:80");
    g_autoptr(GPtrArray) mappings = g_ptr_array_new();
    g_autoptr(GError) err = NULL;
    GArray *fds = NULL;

    g_ptr_array_add(mappings, mapping);
    g_assert_false(port_mappings_reserve(mappings, &fds, &err));
    g_assert_error(err, FLOE_ERROR_DOMAIN, FLOE_ERROR_NETWORK);
    g_assert_nonnull(strstr(err->message, "no such address"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/network/port-mapping/the-syntax-of-p", test_syntax);
    g_test_add_func("/network/port-mapping/a-missing-host-port-is-chosen", test_chosen);
    g_test_add_func("/network/port-mapping/bad-syntax-is-named", test_bad_syntax);
    g_test_add_func("/network/port-mapping/json-is-netavark-s", test_json);
    g_test_add_func("/network/port-mapping/a-server-is-a-conflict", test_conflicts);
    g_test_add_func("/network/port-mapping/a-reservation-holds", test_holds_both);
    g_test_add_func("/network/port-mapping/time-wait-is-no-conflict", test_time_wait);
    g_test_add_func("/network/port-mapping/a-reservation-is-no-server", test_does_not_listen);
    g_test_add_func("/network/port-mapping/a-conflict-in-a-range-names-the-port",
                    test_range_conflict);
    g_test_add_func("/network/port-mapping/an-address-of-another-host-is-refused",
                    test_foreign_address);
    return g_test_run();
}
