/* SPDX-License-Identifier: Apache-2.0 */
#include "network/network-new.h"

static Network *make(const char *interface, const char *subnet)
{
    g_autoptr(GError) err = NULL;
    Network *network = NULL;

    network_make_default(interface, subnet, &network, &err);
    g_assert_no_error(err);
    return network;
}

static void test_default(void)
{
    g_autoptr(Network) network = make("floe0", "10.88.0.0/16");
    g_autofree char *subnets = network_subnets_text(network);

    g_assert_cmpstr(network->name, ==, "podman");
    g_assert_cmpstr(network->id, ==,
                    "2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9");
    g_assert_cmpstr(network->interface, ==, "floe0");
    g_assert_cmpstr(subnets, ==, "10.88.0.0/16");
    g_assert_cmpstr(network->driver, ==, "bridge");
    g_assert_false(network->dns_enabled);
    g_assert_false(network->internal);
}

static void test_default_of_this_host(void)
{
    g_autoptr(Network) network = make("floe0", NULL);
    g_autofree char *subnets = network_subnets_text(network);

    g_assert_true(g_str_has_prefix(subnets, "10."));
    g_assert_true(g_str_has_suffix(subnets, ".0.0/16"));
}

static void test_bad_default(void)
{
    static const struct {
        const char *interface, *subnet, *named;
    } cases[] = {
        { "floe0", "10.88.0.0", "'10.88.0.0'" },
        { "floe0", "10.88.0.0/31", "'10.88.0.0/31'" },
        { "floe0", "0.0.0.0/0", "'0.0.0.0/0'" },
        { "floe0", "10.88.0.5/16", "10.88.0.0/16" },
        { "", "10.88.0.0/16", "''" },
        { "a/b", "10.88.0.0/16", "'a/b'" },
        { "..", "10.88.0.0/16", "'..'" },
        { "sixteen-letters-", "10.88.0.0/16", "'sixteen-letters-'" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) err = NULL;
        Network *network = NULL;

        g_assert_false(network_make_default(cases[i].interface, cases[i].subnet, &network, &err));
        g_assert_error(err, FLOE_ERROR_DOMAIN, FLOE_ERROR_INVALID);
        g_assert_nonnull(strstr(err->message, cases[i].named));
        g_assert_null(network);
    }
}

/* The shape that netavark and podman read. */
static void test_json(void)
{
    g_autoptr(Network) network = make("floe0", "10.88.0.0/16");
    g_autoptr(JsonValue) value = NULL;
    g_autoptr(JsonValue) wanted = json_pack(
        "{s:s, s:s, s:s, s:s, s:[{s:s, s:s}], s:b, s:b, s:b, s:{s:s}}", "name", "podman", "id",
        "2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9", "driver", "bridge",
        "network_interface", "floe0", "subnets", "subnet", "10.88.0.0/16", "gateway", "10.88.0.1",
        "ipv6_enabled", 0, "internal", 0, "dns_enabled", 0, "ipam_options", "driver", "host-local");

    network->created_unix_ns = 0;
    value = network_to_json(network);
    g_assert_true(json_equal(value, wanted));
}

static void add_version6(Network *network)
{
    NetworkSubnet one = { .gateway = ADDRESS_NONE };

    g_assert_true(subnet_parse("fd00:1::/64", &one.subnet, NULL));
    g_assert_true(address_parse("fd00:1::10", &one.range_first));
    g_assert_true(address_parse("fd00:1::20", &one.range_last));
    g_array_append_val(network->subnets, one);
}

static void add_route(Network *network)
{
    NetworkRoute route = { .metric = 7 };

    g_assert_true(subnet_parse("10.9.0.0/16", &route.destination, NULL));
    g_assert_true(address_parse("192.168.4.9", &route.gateway));
    g_array_append_val(network->routes, route);
}

static void test_there_and_back(void)
{
    g_autoptr(Network) network = make("lan7", "192.168.4.0/22");
    g_autoptr(Network) again = NULL;
    g_autoptr(JsonValue) value = NULL;
    g_autoptr(JsonValue) value_again = NULL;
    g_autoptr(GError) err = NULL;

    network->dns_enabled = true;
    network->internal = true;
    network->ipv6_enabled = true;
    network->options = json_pack("{s:s}", "mtu", "1400");
    network->labels = json_pack("{s:s}", "team", "north");
    network->dns_servers = g_strsplit("9.9.9.9 fd00::53", " ", -1);
    add_version6(network);
    add_route(network);
    value = network_to_json(network);
    network_from_json(value, &again, &err);
    g_assert_no_error(err);
    value_again = network_to_json(again);
    g_assert_true(json_equal(value, value_again));
    g_assert_cmpuint(again->subnets->len, ==, 2);
    g_assert_cmpuint(again->routes->len, ==, 1);
}

/* Replace one key of a good network (NULL: remove it) and read it. */
static void assert_refused(const char *key, json_t *replacement, floe_error_code code)
{
    g_autoptr(Network) network = make("floe0", "10.88.0.0/16");
    g_autoptr(JsonValue) value = network_to_json(network);
    g_autoptr(Network) again = NULL;
    g_autoptr(GError) err = NULL;

    if (replacement)
        json_object_set_new(value, key, replacement);
    else
        json_object_del(value, key);
    g_assert_false(network_from_json(value, &again, &err));
    g_assert_error(err, FLOE_ERROR_DOMAIN, (int)code);
    g_assert_nonnull(strstr(err->message, key));
    g_assert_null(again);
}

static json_t *subnets(const char *subnet, const char *gateway)
{
    return json_pack("[{s:s, s:s}]", "subnet", subnet, "gateway", gateway);
}

static void test_bad_json(void)
{
    assert_refused("name", NULL, FLOE_ERROR_INVALID);
    assert_refused("id", json_integer(3), FLOE_ERROR_INVALID);
    assert_refused("driver", json_string("ipvlan"), FLOE_ERROR_UNSUPPORTED);
    assert_refused("internal", json_string("yes"), FLOE_ERROR_INVALID);
    assert_refused("options", json_pack("{s:i}", "mtu", 1400), FLOE_ERROR_INVALID);
    assert_refused("subnets", NULL, FLOE_ERROR_INVALID);
    assert_refused("subnets", json_pack("[s]", "10.88.0.0/16"), FLOE_ERROR_INVALID);
    assert_refused("subnets", subnets("10.88.0.0/99", "10.88.0.1"), FLOE_ERROR_INVALID);
    assert_refused("subnets", subnets("10.88.0.0/16", "10.89.0.1"), FLOE_ERROR_INVALID);
    assert_refused("subnets", subnets("10.88.0.0/16", "fd00::1"), FLOE_ERROR_INVALID);
    assert_refused("subnets",
                   json_pack("[{s:s, s:{s:s, s:s}}]", "subnet", "10.88.0.0/16", "lease_range",
                             "start_ip", "10.88.0.9", "end_ip", "10.88.0.3"),
                   FLOE_ERROR_INVALID);
    assert_refused("routes", json_pack("[{s:s}]", "destination", "10.9.0.0/16"), FLOE_ERROR_INVALID);
    assert_refused("network_dns_servers", json_pack("[s]", "dns.example"), FLOE_ERROR_INVALID);
    assert_refused("created", json_string("yesterday"), FLOE_ERROR_INVALID);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/network/network/the-default-one-is-podman-s", test_default);
    g_test_add_func("/network/network/the-default-one-fits-this-host", test_default_of_this_host);
    g_test_add_func("/network/network/a-default-that-cannot-be-is-named", test_bad_default);
    g_test_add_func("/network/network/json-is-netavark-s", test_json);
    g_test_add_func("/network/network/json-there-and-back", test_there_and_back);
    g_test_add_func("/network/network/bad-json-names-the-key", test_bad_json);
    return g_test_run();
}
