/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The request and the answer as text; and, as root, the real netavark between two fresh network
 * namespaces, one of which plays the host, in a mount namespace of its own with an empty /run.
 */
#include "network/netavark.h"

#include "network/network-new.h"

#include "base/fd.h"
#include "network/netns.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ID        "9c564162f1081122334455667788990011223344556677889900112233445566"
#define ADDRESS   "10.88.0.32"
#define PORT      80
#define HOST_PORT 18085

static const char *const addresses[] = { ADDRESS, NULL };

static Network *default_network(void)
{
    Network *network = NULL;

    g_assert_true(network_make_default("floe0", "10.88.0.0/16", &network, NULL));
    network->created_unix_ns = 0; /* it would be another one each time */
    return network;
}

static json_t *request_for(const Network *network)
{
    PortMapping mapping = { .host_ip = (char *)"",
                            .container_port = PORT,
                            .host_port = HOST_PORT,
                            .range = 1,
                            .protocol = (char *)"tcp" };
    g_autoptr(GPtrArray) ports = g_ptr_array_new();
    NetavarkSetup setup = {
        .container_id = ID,
        .container_name = "nv",
        .ports = ports,
        .network = network,
        .interface_name = "eth0",
        .addresses = addresses,
        .mac = "92:11:22:33:44:55",
    };

    g_ptr_array_add(ports, &mapping);
    return netavark_request(&setup);
}

/* What podman 4.3.1 sends, but for the network's "created". */
static void test_request(void)
{
    static const char wanted_text[] =
        "{\"container_id\":\"" ID "\",\"container_name\":\"nv\","
        "\"port_mappings\":[{\"host_ip\":\"\",\"container_port\":80,\"host_port\":18085,"
        "\"range\":1,\"protocol\":\"tcp\"}],"
        "\"networks\":{\"podman\":{\"static_ips\":[\"10.88.0.32\"],"
        "\"static_mac\":\"92:11:22:33:44:55\",\"aliases\":[\"9c564162f108\"],"
        "\"interface_name\":\"eth0\"}},"
        "\"network_info\":{\"podman\":{\"name\":\"podman\",\"id\":"
        "\"2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9\","
        "\"driver\":\"bridge\",\"network_interface\":\"floe0\","
        "\"subnets\":[{\"subnet\":\"10.88.0.0/16\",\"gateway\":\"10.88.0.1\"}],"
        "\"ipv6_enabled\":false,\"internal\":false,\"dns_enabled\":false,"
        "\"ipam_options\":{\"driver\":\"host-local\"}}}}";
    g_autoptr(Network) network = default_network();
    g_autoptr(JsonValue) request = request_for(network);
    g_autoptr(JsonValue) wanted = json_loads(wanted_text, 0, NULL);

    g_assert_nonnull(wanted);
    g_assert_true(json_equal(request, wanted));
}

static void test_request_options(void)
{
    static const char *const servers[] = { "192.0.2.53", NULL };
    g_autoptr(Network) network = default_network();
    g_autoptr(GPtrArray) no_ports = g_ptr_array_new();
    NetavarkSetup setup = {
        .container_id = ID,
        .container_name = "nv",
        .hostname = "box",
        .ports = no_ports,
        .network = network,
        .interface_name = "eth0",
        .addresses = addresses,
        .dns_servers = servers,
    };
    g_autoptr(JsonValue) request = netavark_request(&setup);
    g_autoptr(JsonValue) wanted_servers = json_pack("[s]", "192.0.2.53");
    json_t *part = json_object_get(json_object_get(request, "networks"), "podman");

    g_assert_null(json_object_get(part, "static_mac"));
    g_assert_null(json_object_get(request, "port_mappings"));
    g_assert_true(json_equal(json_object_get(request, "dns_servers"), wanted_servers));
    g_assert_cmpstr(json_string_value(json_object_get(request, "container_hostname")), ==, "box");
}

static void test_answer(void)
{
    static const char text[] = "{\"podman\":{\"dns_server_ips\":[\"10.88.0.1\"],"
                               "\"interfaces\":{\"eth0\":{\"subnets\":["
                               "{\"ipnet\":\"fd00::5/64\"},"
                               "{\"ipnet\":\"10.88.0.11/16\",\"gateway\":\"10.88.0.1\"}],"
                               "\"mac_address\":\"96:b1:f0:fb:ee:ca\"}}}}";
    g_autoptr(JsonValue) value = json_loads(text, 0, NULL);
    g_auto(NetavarkAnswer) answer = { 0 };

    netavark_answer_read(value, &answer);
    g_assert_cmpuint(g_strv_length(answer.addresses), ==, 2);
    g_assert_cmpstr(answer.addresses[0], ==, "fd00::5/64");
    g_assert_cmpstr(answer.addresses[1], ==, "10.88.0.11/16");
    g_assert_cmpuint(g_strv_length(answer.gateways), ==, 1);
    g_assert_cmpstr(answer.gateways[0], ==, "10.88.0.1");
    g_assert_cmpstr(answer.mac, ==, "96:b1:f0:fb:ee:ca");
    g_assert_cmpuint(g_strv_length(answer.dns_servers), ==, 1);
    g_assert_cmpstr(answer.dns_servers[0], ==, "10.88.0.1");
}

static void test_odd_answer(void)
{
    static const char *const odd[] = {
        "{}",
        "[]",
        "{\"podman\":[]}",
        "{\"podman\":{\"interfaces\":{\"eth0\":{}}}}",
        "{\"podman\":{\"interfaces\":{\"eth0\":{\"subnets\":[7,{\"ipnet\":7}]}}}}",
        "{\"podman\":{\"interfaces\":7,\"dns_server_ips\":{}}}",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(odd); i++) {
        g_autoptr(JsonValue) value = json_loads(odd[i], 0, NULL);
        g_auto(NetavarkAnswer) answer = { 0 };

        g_assert_nonnull(value);
        netavark_answer_read(value, &answer);
        g_assert_cmpuint(g_strv_length(answer.addresses), ==, 0);
        g_assert_null(answer.mac);
    }
}

/* --- the real one ----------------------------------------------------------------------------- */

#define CONFIG "/run/floe-config"

static bool have_netavark(void)
{
    g_autofree char *program = NULL;

    if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0) {
        g_test_skip("needs root");
        return false;
    }
    if (!netavark_find(&program, NULL)) {
        g_test_skip("netavark is not installed");
        return false;
    }
    g_assert_cmpint(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), ==, 0);
    g_assert_cmpint(mount("run", "/run", "tmpfs", 0, NULL), ==, 0);
    g_assert_cmpint(g_mkdir(CONFIG, 0700), ==, 0);
    return true;
}

/* A namespace with lo up plays the host, and we move into it for good. */
static void enter_host(void)
{
    g_autofree char *path = NULL;

    g_assert_true(netns_create("/run/host", &path, NULL));
    autofd int netns = open(path, O_RDONLY | O_CLOEXEC);
    g_assert_cmpint(setns(netns, CLONE_NEWNET), ==, 0);
}

static bool call(const char *verb, const char *netns, const json_t *request,
                 NetavarkAnswer *ret_answer, GError **error)
{
    g_autoptr(NetavarkCall) netavark = NULL;

    return netavark_start(CONFIG, verb, netns, request, -1, &netavark, error) &&
           netavark_finish(netavark, ret_answer, error);
}

static void assert_call(const char *verb, const char *netns, const json_t *request)
{
    g_autoptr(GError) err = NULL;

    call(verb, netns, request, NULL, &err);
    g_assert_no_error(err);
}

/* Listen in the container and take two connections. The pipe tells when it is ready. */
static pid_t start_server(const char *netns_path)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(PORT) };
    int ready[2];
    char byte;

    g_assert_cmpint(pipe2(ready, O_CLOEXEC), ==, 0);
    pid_t pid = fork();
    if (pid == 0) {
        int netns = open(netns_path, O_RDONLY | O_CLOEXEC);
        int fd;

        alarm(30);
        if (setns(netns, CLONE_NEWNET) < 0)
            _exit(2);
        fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 2) < 0 ||
            write(ready[1], "r", 1) != 1)
            _exit(3);
        _exit(accept(fd, NULL, NULL) >= 0 && accept(fd, NULL, NULL) >= 0 ? 0 : 4);
    }
    close(ready[1]);
    g_assert_cmpint(read(ready[0], &byte, 1), ==, 1);
    close(ready[0]);
    return pid;
}

static bool can_connect(const char *ip, int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    struct timeval patience = { .tv_sec = 10 };
    autofd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    inet_pton(AF_INET, ip, &address.sin_addr);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    return connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
}

/* By iptables, or, from netavark 1.11 on where that is the default, by nftables. */
static bool has_port_rule(void)
{
    static const char *const commands[] = { "iptables-save -t nat", "nft list ruleset" };
    bool has = false;

    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        g_autofree char *rules = NULL;

        has = has || (g_spawn_command_line_sync(commands[i], &rules, NULL, NULL, NULL) &&
                      strstr(rules, G_STRINGIFY(HOST_PORT)) != NULL);
    }
    return has;
}

static void test_real(void)
{
    g_autoptr(Network) network = default_network();
    g_autoptr(JsonValue) request = request_for(network);
    g_auto(NetavarkAnswer) answer = { 0 };
    g_autofree char *netns = NULL;
    g_autoptr(GError) err = NULL;
    int server_status;
    pid_t server;

    if (!have_netavark())
        return;
    enter_host();
    g_assert_true(netns_create("/run/netns", &netns, NULL));
    call("setup", netns, request, &answer, &err);
    g_assert_no_error(err);
    g_assert_nonnull(answer.addresses);
    g_assert_cmpstr(answer.addresses[0], ==, ADDRESS "/16");
    g_assert_nonnull(answer.gateways);
    g_assert_cmpstr(answer.gateways[0], ==, "10.88.0.1");
    g_assert_cmpstr(answer.mac, ==, "92:11:22:33:44:55");

    server = start_server(netns);
    g_assert_true(can_connect(ADDRESS, PORT));
    g_assert_true(can_connect("127.0.0.1", HOST_PORT));
    g_assert_cmpint(waitpid(server, &server_status, 0), ==, server);
    g_assert_cmpint(server_status, ==, 0);

    assert_call("teardown", netns, request);
    g_assert_cmpuint(if_nametoindex("floe0"), ==, 0);
    g_assert_false(has_port_rule());
    assert_call("teardown", netns, request); /* a floe that was killed in between does it again */
    g_assert_true(netns_remove(netns, NULL));
}

static void test_real_error(void)
{
    g_autoptr(Network) network = default_network();
    g_autoptr(JsonValue) request = request_for(network);
    g_autofree char *netns = NULL;
    g_autoptr(GError) err = NULL;

    if (!have_netavark())
        return;
    enter_host();
    g_assert_true(netns_create("/run/netns", &netns, NULL));
    assert_call("setup", netns, request);
    g_assert_false(call("setup", netns, request, NULL, &err));
    g_assert_error(err, FLOE_ERROR_DOMAIN, FLOE_ERROR_NETWORK);
    g_assert_true(g_str_has_prefix(err->message, "netavark setup: "));
    g_assert_nonnull(strstr(err->message, "eth0 already exists"));
    g_assert_null(strchr(err->message, '\n'));
}

static void test_real_namespace_has_gone(void)
{
    g_autoptr(Network) network = default_network();
    g_autoptr(JsonValue) request = request_for(network);
    g_autofree char *netns = NULL;
    g_autoptr(GError) err = NULL;
    g_autoptr(GDir) dir = NULL;

    if (!have_netavark())
        return;
    enter_host();
    g_assert_true(netns_create("/run/netns", &netns, NULL));
    assert_call("setup", netns, request);
    g_assert_true(has_port_rule());
    g_assert_true(netns_remove(netns, NULL));

    assert_call("teardown", netns, request);
    g_assert_false(has_port_rule());
    dir = g_dir_open("/run/netns", 0, NULL);
    g_assert_null(g_dir_read_name(dir)); /* the stand-in has gone too */

    g_assert_false(call("setup", netns, request, NULL, &err));
    g_assert_error(err, FLOE_ERROR_DOMAIN, FLOE_ERROR_NETWORK);
    g_assert_nonnull(strstr(err->message, "No such file or directory"));
}

static void test_real_given_up(void)
{
    g_autoptr(Network) network = default_network();
    g_autoptr(JsonValue) request = request_for(network);
    g_autofree char *netns = NULL;
    g_autoptr(GError) err = NULL;
    NetavarkCall *netavark = NULL;

    if (!have_netavark())
        return;
    enter_host();
    g_assert_true(netns_create("/run/netns", &netns, NULL));
    netavark_start(CONFIG, "setup", netns, request, -1, &netavark, &err);
    g_assert_no_error(err);
    netavark_call_free(netavark);
    g_assert_cmpint(waitpid(-1, NULL, WNOHANG), ==, -1); /* no child is left */
    assert_call("teardown", netns, request);
    assert_call("setup", netns, request);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/network/netavark/the-request-is-podman-s", test_request);
    g_test_add_func("/network/netavark/what-is-not-wanted-is-left-out", test_request_options);
    g_test_add_func("/network/netavark/the-answer-has-an-address", test_answer);
    g_test_add_func("/network/netavark/an-odd-answer-has-none", test_odd_answer);
    g_test_add_func("/network/netavark/sets-up-serves-and-tears-down", test_real);
    g_test_add_func("/network/netavark/an-error-has-its-words", test_real_error);
    g_test_add_func("/network/netavark/teardown-copes-with-a-namespace-that-has-gone",
                    test_real_namespace_has_gone);
    g_test_add_func("/network/netavark/a-call-given-up-can-be-torn-down", test_real_given_up);
    return g_test_run();
}
