/* SPDX-License-Identifier: Apache-2.0 */
#include "network/address.h"

#define assert_code(err, wanted) g_assert_error(err, FLOE_ERROR_DOMAIN, (int)(wanted))

static Network network_on(char *subnet, char *gateway)
{
    return (Network){ .name = (char *)"lan", .subnet = subnet, .gateway = gateway };
}

static void assert_next(const Network *network, const char *const *in_use, const char *last,
                        const char *wanted)
{
    g_autoptr(GError) err = NULL;
    g_autofree char *address = NULL;

    network_next_address(network, in_use, last, &address, &err);
    g_assert_no_error(err);
    g_assert_cmpstr(address, ==, wanted);
}

static void test_round(void)
{
    Network network = network_on((char *)"10.88.0.0/16", (char *)"10.88.0.1");

    assert_next(&network, NULL, NULL, "10.88.0.2");
    assert_next(&network, NULL, "10.88.0.2", "10.88.0.3");
    assert_next(&network, NULL, "10.88.0.255", "10.88.1.0");
    assert_next(&network, NULL, "10.88.255.254", "10.88.0.2");
    assert_next(&network, (const char *[]){ "10.88.0.2", "10.88.0.3", NULL }, "10.88.255.254",
                "10.88.0.4");
}

static void test_last_of_another_subnet(void)
{
    Network network = network_on((char *)"10.88.0.0/16", (char *)"10.88.0.1");

    assert_next(&network, NULL, "10.99.0.7", "10.88.0.2");
    assert_next(&network, (const char *[]){ "fd00::1", "10.99.0.2", NULL }, "fd00::1", "10.88.0.2");
}

static void test_gateway_in_the_middle(void)
{
    Network network = network_on((char *)"192.168.5.0/29", (char *)"192.168.5.3");

    assert_next(&network, NULL, NULL, "192.168.5.1");
    assert_next(&network, NULL, "192.168.5.2", "192.168.5.4");
}

static void test_smallest(void)
{
    Network network = network_on((char *)"10.1.1.4/30", (char *)"10.1.1.5");

    assert_next(&network, NULL, NULL, "10.1.1.6");
    assert_next(&network, NULL, "10.1.1.6", "10.1.1.6");
}

static void test_exhaustion(void)
{
    Network network = network_on((char *)"10.1.1.0/29", (char *)"10.1.1.1");
    const char *in_use[] = { "10.1.1.6", "10.1.1.2", "10.1.1.5", "10.1.1.3", "10.1.1.4", NULL };
    g_autoptr(GError) err = NULL;
    g_autofree char *address = NULL;

    g_assert_false(network_next_address(&network, in_use, "10.1.1.4", &address, &err));
    assert_code(err, FLOE_ERROR_NETWORK);
    g_assert_nonnull(strstr(err->message, "10.1.1.0/29"));
    g_assert_null(address);

    in_use[2] = "10.1.1.2"; /* one is given back */
    assert_next(&network, in_use, "10.1.1.6", "10.1.1.5");
}

/* Every address of a network is given once before one comes again. */
static void test_all_are_given(void)
{
    Network network = network_on((char *)"10.7.0.0/24", (char *)"10.7.0.1");
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *last = NULL;

    for (int i = 0; i < 253; i++) {
        char *address = NULL;

        g_assert_true(network_next_address(&network, NULL, last, &address, NULL));
        g_assert_true(g_hash_table_add(seen, address));
        g_free(last);
        last = g_strdup(address);
    }
    assert_next(&network, NULL, last, "10.7.0.2");
}

static void test_static(void)
{
    static const struct {
        const char *address, *reason;
    } cases[] = {
        { "10.88.0.0", "the network itself" }, { "10.88.0.1", "the gateway" },
        { "10.88.255.255", "broadcast" },      { "10.89.0.2", "not in the subnet" },
        { "10.88.0", "not an IPv4 address" },  { "10.88.0.2/16", "not an IPv4 address" },
        { "fd00::1", "not an IPv4 address" },  { "", "not an IPv4 address" },
    };
    Network network = network_on((char *)"10.88.0.0/16", (char *)"10.88.0.1");

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) err = NULL;

        g_assert_false(network_check_address(&network, cases[i].address, &err));
        assert_code(err, FLOE_ERROR_INVALID);
        g_assert_nonnull(strstr(err->message, cases[i].reason));
        g_assert_nonnull(strstr(err->message, cases[i].address));
    }
    g_assert_true(network_check_address(&network, "10.88.0.2", NULL));
    g_assert_true(network_check_address(&network, "10.88.255.254", NULL));
}

static void test_subnet_text(void)
{
    static const char *const bad[] = {
        "",           "10.88.0.0",    "10.88.0.0/33", "10.88.0.0/-1",  "10.88.0/16", "10.88.0.1/16",
        "10.88.0.0/", "10.88.0.0/1x", "fd00::/64",    "10.88.0.0/16/8"
    };
    static const char *const good[] = {
        "0.0.0.0/0",
        "10.88.0.0/16",
        "192.0.2.7/32",
        "128.0.0.0/1",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) err = NULL;
        Subnet subnet;

        g_assert_false(subnet_parse(bad[i], &subnet, &err));
        assert_code(err, FLOE_ERROR_INVALID);
        g_assert_nonnull(strstr(err->message, bad[i]));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autofree char *text = NULL;
        Subnet subnet;

        g_assert_true(subnet_parse(good[i], &subnet, NULL));
        text = subnet_to_text(&subnet);
        g_assert_cmpstr(text, ==, good[i]);
    }
}

static bool overlap(const char *a, const char *b)
{
    Subnet first, second;

    g_assert_true(subnet_parse(a, &first, NULL));
    g_assert_true(subnet_parse(b, &second, NULL));
    g_assert_true(subnets_overlap(&first, &second) == subnets_overlap(&second, &first));
    return subnets_overlap(&first, &second);
}

static void test_overlap(void)
{
    g_assert_true(overlap("10.88.0.0/16", "10.88.7.0/24"));
    g_assert_true(overlap("10.88.0.0/16", "10.0.0.0/8"));
    g_assert_true(overlap("10.88.0.0/16", "10.88.0.0/16"));
    g_assert_true(overlap("10.88.0.0/16", "10.88.0.9/32"));
    g_assert_true(overlap("10.88.0.0/16", "0.0.0.0/0"));
    g_assert_false(overlap("10.88.0.0/16", "10.89.0.0/16"));
    g_assert_false(overlap("10.88.0.0/24", "10.88.1.0/24"));
}

static void test_mac_random(void)
{
    g_autofree char *first = mac_random();
    g_autofree char *second = mac_random();

    g_assert_cmpstr(first, !=, second);
    for (int i = 0; i < 100; i++) {
        g_autofree char *mac = mac_random();

        g_assert_true(mac_is_valid(mac));
        g_assert_cmpint(g_ascii_xdigit_value(mac[1]) & 3, ==, 2);
    }
}

static void test_mac_valid(void)
{
    g_assert_true(mac_is_valid("92:11:22:33:44:55"));
    g_assert_true(mac_is_valid("92:AA:bB:33:44:55"));
    g_assert_true(mac_is_valid("00:16:3e:00:00:01"));
    g_assert_false(mac_is_valid("00:00:00:00:00:00"));
    g_assert_false(mac_is_valid("93:11:22:33:44:55"));
    g_assert_false(mac_is_valid("ff:ff:ff:ff:ff:ff"));
    g_assert_false(mac_is_valid("92:11:22:33:44"));
    g_assert_false(mac_is_valid("92:11:22:33:44:55:66"));
    g_assert_false(mac_is_valid("92-11-22-33-44-55"));
    g_assert_false(mac_is_valid("92:11:22:33:44:5g"));
    g_assert_false(mac_is_valid("9:211:22:33:44:55"));
    g_assert_false(mac_is_valid(""));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/network/address/goes-round-the-subnet", test_round);
    g_test_add_func("/network/address/starts-anew-after-one-of-another-subnet",
                    test_last_of_another_subnet);
    g_test_add_func("/network/address/steps-over-a-gateway-in-the-middle",
                    test_gateway_in_the_middle);
    g_test_add_func("/network/address/a-slash-30-has-one", test_smallest);
    g_test_add_func("/network/address/none-left-is-a-network-error", test_exhaustion);
    g_test_add_func("/network/address/each-is-given-once-a-round", test_all_are_given);
    g_test_add_func("/network/address/a-static-one-must-be-a-container-s", test_static);
    g_test_add_func("/network/subnet/text-there-and-back", test_subnet_text);
    g_test_add_func("/network/subnet/overlap-is-mutual", test_overlap);
    g_test_add_func("/network/mac/a-random-one-is-local-and-unicast", test_mac_random);
    g_test_add_func("/network/mac/only-a-single-interface-s-is-valid", test_mac_valid);
    return g_test_run();
}
