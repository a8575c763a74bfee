/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/tcp-peer.h"

#include "base/fd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

typedef union Address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} Address;

static unsigned int port_of(int fd)
{
    Address address = { 0 };
    socklen_t length = sizeof(address);

    g_assert_cmpint(getsockname(fd, &address.any, &length), ==, 0);
    /* At the same place in both. */
    return ntohs(address.v4.sin_port);
}

static void check_peer(const char *wanted, Address *address, socklen_t length)
{
    autofd int listener = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    autofd int client = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    autofd int server = -1;
    g_autofree char *peer = NULL;
    unsigned int port = 0;
    struct stat info;

    if (bind(listener, &address->any, length) < 0) {
        g_test_skip("this host has no such address");
        return;
    }
    g_assert_cmpint(listen(listener, 1), ==, 0);
    g_assert_cmpint(getsockname(listener, &address->any, &length), ==, 0);
    g_assert_cmpint(connect(client, &address->any, length), ==, 0);
    server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    g_assert_cmpint(server, >=, 0);

    g_assert_cmpint(fstat(server, &info), ==, 0);
    peer = tcp_peer_address(getpid(), info.st_ino, &port);
    g_assert_cmpstr(peer, ==, wanted);
    g_assert_cmpuint(port, ==, port_of(client));
}

static void test_the_other_end_is_told(void)
{
    Address address = { .v4 = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } } };

    check_peer("127.0.0.1", &address, sizeof(address.v4));
}

static void test_the_other_end_is_told_of_ipv6(void)
{
    Address address = { .v6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT } };

    check_peer("::1", &address, sizeof(address.v6));
}

static void test_no_such_socket_has_no_other_end(void)
{
    unsigned int port = 0;

    g_assert_null(tcp_peer_address(getpid(), 1, &port));
    g_assert_null(tcp_peer_address(-1, 1, &port));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/oci/tcp-peer/the-other-end-is-told", test_the_other_end_is_told);
    g_test_add_func("/oci/tcp-peer/the-other-end-is-told-of-ipv6",
                    test_the_other_end_is_told_of_ipv6);
    g_test_add_func("/oci/tcp-peer/no-such-socket-has-no-other-end",
                    test_no_such_socket_has_no_other_end);
    return g_test_run();
}
