/* SPDX-License-Identifier: Apache-2.0 */
#include "network/network.h"

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

    g_assert_cmpstr(network->name, ==, "podman");
    g_assert_cmpstr(network->id, ==,
                    "2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9");
    g_assert_cmpstr(network->interface, ==, "floe0");
    g_assert_cmpstr(network->subnet, ==, "10.88.0.0/16");
    g_assert_cmpstr(network->gateway, ==, "10.88.0.1");
    g_assert_false(network->dns_enabled);
    g_assert_false(network->internal);
}

static void test_default_of_this_host(void)
{
    g_autoptr(Network) network = make("floe0", NULL);

    g_assert_true(g_str_has_prefix(network->subnet, "10."));
    g_assert_true(g_str_has_suffix(network->subnet, ".0.0/16"));
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

/* The shape that netavark and podman read: FACTS, "4.1 Call". */
static void test_json(void)
{
    g_autoptr(Network) network = make("floe0", "10.88.0.0/16");
    g_autoptr(JsonValue) value = network_to_json(network);
    g_autoptr(JsonValue) wanted = json_pack(
        "{s:s, s:s, s:s, s:s, s:[{s:s, s:s}], s:b, s:b, s:b, s:{s:s}}", "name", "podman", "id",
        "2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9", "driver", "bridge",
        "network_interface", "floe0", "subnets", "subnet", "10.88.0.0/16", "gateway", "10.88.0.1",
        "ipv6_enabled", 0, "internal", 0, "dns_enabled", 0, "ipam_options", "driver", "host-local");

    g_assert_true(json_equal(value, wanted));
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
    network->options = json_pack("{s:s}", "mtu", "1400");
    value = network_to_json(network);
    network_from_json(value, &again, &err);
    g_assert_no_error(err);
    value_again = network_to_json(again);
    g_assert_true(json_equal(value, value_again));
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
    assert_refused("driver", json_string("macvlan"), FLOE_ERROR_UNSUPPORTED);
    assert_refused("internal", json_string("yes"), FLOE_ERROR_INVALID);
    assert_refused("options", json_pack("{s:i}", "mtu", 1400), FLOE_ERROR_INVALID);
    assert_refused("subnets", NULL, FLOE_ERROR_UNSUPPORTED);
    assert_refused("subnets", json_pack("[s]", "10.88.0.0/16"), FLOE_ERROR_INVALID);
    assert_refused("subnets", subnets("10.88.0.0/99", "10.88.0.1"), FLOE_ERROR_INVALID);
    assert_refused("subnets", subnets("10.88.0.0/16", "10.89.0.1"), FLOE_ERROR_INVALID);
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
