/* SPDX-License-Identifier: Apache-2.0 */
#include "network/address.h"

#define assert_code(err, wanted) g_assert_error(err, FLOE_ERROR_DOMAIN, (int)(wanted))

static void test_subnet_text(void)
{
    static const char *const bad[] = {
        "",           "10.88.0.0",    "10.88.0.0/33", "10.88.0.0/-1",  "10.88.0/16", "10.88.0.1/16",
        "10.88.0.0/", "10.88.0.0/1x", "fd00::1/64",   "10.88.0.0/16/8"
    };
    static const char *const good[] = {
        "0.0.0.0/0",   "10.88.0.0/16", "192.0.2.7/32", "128.0.0.0/1",
        "fd00:1::/64", "::/0",         "fd00::1/128",
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
    g_assert_true(overlap("fd00::/16", "fd00:1:2:3::/64"));
    g_assert_false(overlap("fd00:1::/32", "fd00:2::/32"));
    g_assert_false(overlap("::/0", "10.0.0.0/8"));
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

static void test_steps(void)
{
    static const struct {
        const char *address, *next;
    } cases[] = {
        { "10.88.0.255", "10.88.1.0" },
        { "255.255.255.255", "0.0.0.0" },
        { "fd00::ffff", "fd00::1:0" },
        { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Address address;
        g_autofree char *text = NULL;

        g_assert_true(address_parse(cases[i].address, &address));
        address = address_next(&address);
        text = address_to_text(&address);
        g_assert_cmpstr(text, ==, cases[i].next);
    }
}

static void test_bounds(void)
{
    static const struct {
        const char *subnet, *last;
    } cases[] = {
        { "10.88.0.0/20", "10.88.15.255" },
        { "10.88.0.6/32", "10.88.0.6" },
        { "fd00:1::/60", "fd00:1:0:f:ffff:ffff:ffff:ffff" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Subnet subnet;

        g_assert_true(subnet_parse(cases[i].subnet, &subnet, NULL));

        Address last = subnet_last(&subnet);
        g_autofree char *last_text = address_to_text(&last);

        g_assert_cmpstr(last_text, ==, cases[i].last);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/network/address/steps-carry", test_steps);
    g_test_add_func("/network/subnet/text-there-and-back", test_subnet_text);
    g_test_add_func("/network/subnet/overlap-is-mutual", test_overlap);
    g_test_add_func("/network/subnet/ends-with-its-last-address", test_bounds);
    g_test_add_func("/network/mac/a-random-one-is-local-and-unicast", test_mac_random);
    g_test_add_func("/network/mac/only-a-single-interface-s-is-valid", test_mac_valid);
    return g_test_run();
}
