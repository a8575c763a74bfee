/* SPDX-License-Identifier: Apache-2.0 */
#include "network/network-new.h"

#include "network/network-option.h"

#include <string.h>

static const char *const one_subnet[] = { "10.9.1.0/24", NULL };

static NetworkWish plain(void)
{
    return (NetworkWish){ .name = "lan", .bridge = "floe7", .home = "floe0" };
}

static Network *make(const NetworkWish *wish, HostSubnets *taken)
{
    g_autoptr(GError) err = NULL;
    Network *network = NULL;

    network_make(wish, taken, &network, &err);
    g_assert_no_error(err);
    return network;
}

static void assert_refused(const NetworkWish *wish, floe_error_code code, const char *text)
{
    g_autoptr(HostSubnets) taken = host_subnets_new();
    g_autoptr(GError) err = NULL;
    Network *network = NULL;
    Subnet lan;

    g_assert_true(subnet_parse("10.7.0.0/16", &lan, NULL));
    host_subnets_add(taken, &lan, "network 'other'");
    g_assert_false(network_make(wish, taken, &network, &err));
    g_assert_error(err, FLOE_ERROR_DOMAIN, (int)code);
    if (!strstr(err->message, text))
        g_error("\"%s\" does not say \"%s\"", err->message, text);
    g_assert_null(network);
}

static void test_chosen(void)
{
    g_autoptr(HostSubnets) taken = host_subnets_new();
    NetworkWish wish = plain();
    g_autoptr(Network) first = make(&wish, taken);
    g_autofree char *first_text = network_subnets_text(first);

    g_assert_cmpstr(first_text, ==, "10.127.255.0/24");
    g_assert_cmpstr(first->interface, ==, "floe7");
    g_assert_cmpuint(strlen(first->id), ==, 64);
    g_assert_true(first->dns_enabled);
    g_assert_false(first->ipv6_enabled);

    wish.name = NULL;
    wish.ipv6 = true;
    g_autoptr(Network) second = make(&wish, taken);

    g_assert_cmpstr(second->name, ==, "floe7");
    g_assert_cmpuint(second->subnets->len, ==, 2);
    g_assert_true(second->ipv6_enabled);
    g_assert_true(network_first_subnet(second, AF_INET)->subnet.base.bytes[2] == 254);
    g_assert_nonnull(network_first_subnet(second, AF_INET6));
}

static void test_given(void)
{
    static const char *const subnets[] = { "10.9.1.7/24", "fd00:9::/64", NULL };
    static const char *const gateways[] = { "fd00:9::9", "10.9.1.4", NULL };
    static const char *const ranges[] = { "10.9.1.16/28", NULL };
    static const char *const routes[] = { "10.44.0.0/16,10.9.1.9,5", NULL };
    g_autoptr(HostSubnets) taken = host_subnets_new();
    NetworkWish wish = plain();
    g_autoptr(Network) network = NULL;
    g_autoptr(JsonValue) value = NULL;
    g_autoptr(JsonValue) wanted = NULL;

    wish.subnets = subnets;
    wish.gateways = gateways;
    wish.ranges = ranges;
    wish.routes = routes;
    network = make(&wish, taken);
    value = network_to_json(network);
    wanted = json_loads("[{\"subnet\":\"10.9.1.0/24\",\"gateway\":\"10.9.1.4\",\"lease_range\":"
                        "{\"start_ip\":\"10.9.1.17\",\"end_ip\":\"10.9.1.31\"}},"
                        "{\"subnet\":\"fd00:9::/64\",\"gateway\":\"fd00:9::9\"}]",
                        0, NULL);
    g_assert_true(json_equal(json_object_get(value, "subnets"), wanted));
    g_assert_cmpint(g_array_index(network->routes, NetworkRoute, 0).metric, ==, 5);
}

static void test_refused(void)
{
    static const char *const taken_subnet[] = { "10.7.3.0/24", NULL };
    static const char *const twice[] = { "10.9.1.0/24", "10.9.0.0/16", NULL };
    static const char *const gateways[] = { "10.9.1.1", "10.9.1.2", NULL };
    static const char *const elsewhere[] = { "10.8.1.1", NULL };
    static const char *const ranges[] = { "10.9.1.200-10.9.1.20", NULL };
    static const char *const route[] = { "10.44.0.0/16,fd00::1", NULL };
    static const char *const servers[] = { "192.0.2.53", NULL };
    NetworkWish wish = plain();

    wish.subnets = taken_subnet;
    assert_refused(&wish, FLOE_ERROR_EXISTS, "it overlaps 10.7.0.0/16 of network 'other'");
    wish.subnets = twice;
    assert_refused(&wish, FLOE_ERROR_INVALID, "overlap");
    wish.subnets = one_subnet;
    wish.gateways = elsewhere;
    assert_refused(&wish, FLOE_ERROR_INVALID, "gateway 10.8.1.1 not in subnet 10.9.1.0/24");
    wish.gateways = gateways;
    assert_refused(&wish, FLOE_ERROR_INVALID, "has a gateway already");
    wish.gateways = NULL;
    wish.ranges = ranges;
    assert_refused(&wish, FLOE_ERROR_INVALID, "before it starts");
    wish.ranges = NULL;
    wish.routes = route;
    assert_refused(&wish, FLOE_ERROR_INVALID, "other IP version");
    wish.routes = NULL;
    wish.ipam_driver = "none";
    assert_refused(&wish, FLOE_ERROR_INVALID, "excludes subnets");
    wish = plain();
    wish.disable_dns = true;
    wish.dns_servers = servers;
    assert_refused(&wish, FLOE_ERROR_INVALID, "--dns needs");
    wish = plain();
    wish.name = "none";
    assert_refused(&wish, FLOE_ERROR_INVALID, "valid network mode");
    wish.name = "a/b";
    assert_refused(&wish, FLOE_ERROR_INVALID, "names must match");
}

/* The parent's network is there already: that is what macvlan is for. */
static void test_macvlan(void)
{
    static const char *const subnets[] = { "10.7.3.0/24", NULL };
    g_autoptr(HostSubnets) taken = host_subnets_new();
    NetworkWish wish = plain();
    g_autoptr(JsonValue) options = json_pack("{s:s, s:s}", "parent", "lo", "mode", "private");
    g_autoptr(Network) network = NULL;
    Subnet lan;

    g_assert_true(subnet_parse("10.7.0.0/16", &lan, NULL));
    host_subnets_add(taken, &lan, "interface eth0");
    wish.driver = "macvlan";
    assert_refused(&wish, FLOE_ERROR_INVALID, "needs at least one subnet");
    wish.subnets = subnets;
    wish.options = options;
    network = make(&wish, taken);
    g_assert_cmpstr(network->interface, ==, "lo");
    g_assert_false(network->dns_enabled);
    g_assert_cmpstr(json_string_value(json_object_get(network->options, "mode")), ==, "private");
    g_assert_null(json_object_get(network->options, "parent"));
}

static void test_options(void)
{
    static const struct {
        const char *name, *value;
        bool is_right;
    } cases[] = {
        { "mtu", "1400", true },
        { "mtu", "70000", false },
        { "mtu", "", false },
        { "com.docker.network.driver.mtu", "9000", true },
        { "isolate", "strict", true },
        { "isolate", "1", false },
        { "vlan", "4094", true },
        { "vlan", "-1", false },
        { "metric", "4294967295", true },
        { "no_default_route", "no", false },
        { "parent", "lo", false },
        { "nonsense", "1", false },
        { "vrf", "a/b", false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Network) network = network_new();
        g_autoptr(JsonValue) options = json_pack("{s:s}", cases[i].name, cases[i].value);
        g_autofree char *interface = NULL;
        g_autoptr(GError) err = NULL;

        network->driver = g_strdup("bridge");
        g_assert_true(network_options_take(options, network, &interface, &err) == cases[i].is_right);
        g_assert_true(cases[i].is_right || strstr(err->message, cases[i].name) != NULL);
    }
}

static void test_versions(void)
{
    g_autoptr(Network) network = network_new();
    const char *what = NULL;
    const char *since = NULL;

    network->options = json_pack("{s:s}", "isolate", "true");
    g_assert_false(network_needs_later(network, "1.0.0", &what, &since));
    json_object_set_new(network->options, "isolate", json_string("strict"));
    g_assert_true(network_needs_later(network, "1.4.0", &what, &since));
    g_assert_cmpstr(since, ==, "1.7.0");
    g_assert_false(network_needs_later(network, "1.7.0", &what, &since));
    g_assert_false(network_needs_later(network, "1.14.1", &what, &since));
    g_assert_false(network_needs_later(network, "of tomorrow", &what, &since));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/network/network-new/what-is-left-open-is-chosen", test_chosen);
    g_test_add_func("/network/network-new/what-is-given-is-had", test_given);
    g_test_add_func("/network/network-new/what-cannot-be-is-named", test_refused);
    g_test_add_func("/network/network-new/macvlan-shares-its-parent-s-subnet", test_macvlan);
    g_test_add_func("/network/network-option/each-is-checked", test_options);
    g_test_add_func("/network/network-option/an-old-netavark-is-known", test_versions);
    return g_test_run();
}
