/* SPDX-License-Identifier: Apache-2.0 */
#include "network/address-choice.h"

#define assert_code(err, wanted) g_assert_error(err, FLOE_ERROR_DOMAIN, (int)(wanted))

/* A network with one subnet, and a gateway. */
static Network *network_on(const char *subnet, const char *gateway)
{
    Network *network = network_new();
    NetworkSubnet one = { .gateway = ADDRESS_NONE };

    network->name = g_strdup("lan");
    g_assert_true(subnet_parse(subnet, &one.subnet, NULL));
    g_assert_true(address_parse(gateway, &one.gateway));
    g_array_append_val(network->subnets, one);
    return network;
}

static void set_range(Network *network, const char *first, const char *last)
{
    NetworkSubnet *one = &g_array_index(network->subnets, NetworkSubnet, 0);

    g_assert_true(first == NULL || address_parse(first, &one->range_first));
    g_assert_true(last == NULL || address_parse(last, &one->range_last));
}

static bool next_address(const Network *network, const char *const *in_use, const char *last,
                         char **ret_address, GError **error)
{
    return network_next_address(network, &g_array_index(network->subnets, NetworkSubnet, 0), in_use,
                                last, ret_address, error);
}

static void assert_next(const Network *network, const char *const *in_use, const char *last,
                        const char *wanted)
{
    g_autoptr(GError) err = NULL;
    g_autofree char *address = NULL;

    next_address(network, in_use, last, &address, &err);
    g_assert_no_error(err);
    g_assert_cmpstr(address, ==, wanted);
}

static void test_round(void)
{
    g_autoptr(Network) network = network_on("10.88.0.0/16", "10.88.0.1");

    assert_next(network, NULL, NULL, "10.88.0.2");
    assert_next(network, NULL, "10.88.0.2", "10.88.0.3");
    assert_next(network, NULL, "10.88.0.255", "10.88.1.0");
    assert_next(network, NULL, "10.88.255.254", "10.88.0.2");
    assert_next(network, (const char *[]){ "10.88.0.2", "10.88.0.3", NULL }, "10.88.255.254",
                "10.88.0.4");
}

static void test_last_of_another_subnet(void)
{
    g_autoptr(Network) network = network_on("10.88.0.0/16", "10.88.0.1");

    assert_next(network, NULL, "10.99.0.7", "10.88.0.2");
    assert_next(network, (const char *[]){ "fd00::1", "10.99.0.2", NULL }, "fd00::1", "10.88.0.2");
}

static void test_gateway_in_the_middle(void)
{
    g_autoptr(Network) network = network_on("192.168.5.0/29", "192.168.5.3");

    assert_next(network, NULL, NULL, "192.168.5.1");
    assert_next(network, NULL, "192.168.5.2", "192.168.5.4");
}

static void test_smallest(void)
{
    g_autoptr(Network) network = network_on("10.1.1.4/30", "10.1.1.5");

    assert_next(network, NULL, NULL, "10.1.1.6");
    assert_next(network, NULL, "10.1.1.6", "10.1.1.6");
}

static void test_exhaustion(void)
{
    g_autoptr(Network) network = network_on("10.1.1.0/29", "10.1.1.1");
    const char *in_use[] = { "10.1.1.6", "10.1.1.2", "10.1.1.5", "10.1.1.3", "10.1.1.4", NULL };
    g_autoptr(GError) err = NULL;
    g_autofree char *address = NULL;

    g_assert_false(next_address(network, in_use, "10.1.1.4", &address, &err));
    assert_code(err, FLOE_ERROR_NETWORK);
    g_assert_nonnull(strstr(err->message, "10.1.1.0/29"));
    g_assert_null(address);

    in_use[2] = "10.1.1.2"; /* one is given back */
    assert_next(network, in_use, "10.1.1.6", "10.1.1.5");
}

/* Every address of a network is given once before one comes again. */
static void test_all_are_given(void)
{
    g_autoptr(Network) network = network_on("10.7.0.0/24", "10.7.0.1");
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *last = NULL;

    for (int i = 0; i < 253; i++) {
        char *address = NULL;

        g_assert_true(next_address(network, NULL, last, &address, NULL));
        g_assert_true(g_hash_table_add(seen, address));
        g_free(last);
        last = g_strdup(address);
    }
    assert_next(network, NULL, last, "10.7.0.2");
}

static void test_static(void)
{
    static const struct {
        const char *address, *reason;
    } cases[] = {
        { "10.88.0.0", "the network itself" }, { "10.88.0.1", "the gateway" },
        { "10.88.255.255", "broadcast" },      { "10.89.0.2", "not in a subnet" },
        { "10.88.0", "not an IP address" },    { "10.88.0.2/16", "not an IP address" },
        { "fd00::1", "not in a subnet" },      { "", "not an IP address" },
    };
    g_autoptr(Network) network = network_on("10.88.0.0/16", "10.88.0.1");

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) err = NULL;

        g_assert_false(network_check_address(network, cases[i].address, NULL, &err));
        assert_code(err, FLOE_ERROR_INVALID);
        g_assert_nonnull(strstr(err->message, cases[i].reason));
        g_assert_nonnull(strstr(err->message, cases[i].address));
    }
    g_assert_true(network_check_address(network, "10.88.0.2", NULL, NULL));
    g_assert_true(network_check_address(network, "10.88.255.254", NULL, NULL));
}

static void test_range(void)
{
    g_autoptr(Network) network = network_on("10.7.0.0/24", "10.7.0.1");
    const char *in_use[] = { "10.7.0.10", "10.7.0.12", NULL };
    g_autoptr(GError) err = NULL;
    g_autofree char *address = NULL;

    set_range(network, "10.7.0.10", "10.7.0.12");
    assert_next(network, NULL, NULL, "10.7.0.10");
    assert_next(network, NULL, "10.7.0.12", "10.7.0.10");
    assert_next(network, NULL, "10.7.0.99", "10.7.0.10"); /* of a time without the range */
    assert_next(network, in_use, NULL, "10.7.0.11");
    in_use[1] = "10.7.0.11";
    assert_next(network, in_use, "10.7.0.10", "10.7.0.12");

    set_range(network, NULL, "10.7.0.10");
    g_assert_false(next_address(network, in_use, NULL, &address, &err));
    assert_code(err, FLOE_ERROR_NETWORK);
    g_assert_nonnull(strstr(err->message, "range"));
}

static void test_half_a_range(void)
{
    g_autoptr(Network) network = network_on("10.7.0.0/24", "10.7.0.1");

    set_range(network, "10.7.0.253", NULL);
    assert_next(network, NULL, "10.7.0.254", "10.7.0.253");
    set_range(network, "10.7.0.0", "10.7.0.3");
    assert_next(network, NULL, "10.7.0.3", "10.7.0.2");
}

static void test_version6(void)
{
    g_autoptr(Network) network = network_on("fd00:1::/64", "fd00:1::1");

    assert_next(network, NULL, NULL, "fd00:1::2");
    assert_next(network, NULL, "fd00:1::ff", "fd00:1::100");
    assert_next(network, NULL, "fd00:1::ffff:ffff", "fd00:1::1:0:0");
    assert_next(network, NULL, "fd00:1::ffff:ffff:ffff:fffe", "fd00:1::ffff:ffff:ffff:ffff");
    assert_next(network, NULL, "fd00:1::ffff:ffff:ffff:ffff", "fd00:1::2");
    g_assert_true(network_check_address(network, "fd00:1::ffff:ffff:ffff:ffff", NULL, NULL));
    g_assert_false(network_check_address(network, "fd00:1::1", NULL, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/network/address-choice/goes-round-the-subnet", test_round);
    g_test_add_func("/network/address-choice/starts-anew-after-one-of-another-subnet",
                    test_last_of_another_subnet);
    g_test_add_func("/network/address-choice/steps-over-a-gateway-in-the-middle",
                    test_gateway_in_the_middle);
    g_test_add_func("/network/address-choice/a-slash-30-has-one", test_smallest);
    g_test_add_func("/network/address-choice/none-left-is-a-network-error", test_exhaustion);
    g_test_add_func("/network/address-choice/each-is-given-once-a-round", test_all_are_given);
    g_test_add_func("/network/address-choice/stays-in-the-range", test_range);
    g_test_add_func("/network/address-choice/a-range-may-be-open", test_half_a_range);
    g_test_add_func("/network/address-choice/does-version-6", test_version6);
    g_test_add_func("/network/address-choice/a-static-one-must-be-a-container-s", test_static);
    return g_test_run();
}
