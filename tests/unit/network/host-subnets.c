/* SPDX-License-Identifier: Apache-2.0 */
#include "network/host-subnets.h"

#include <glib/gstdio.h>

static void take(HostSubnets *host, const char *text)
{
    Subnet subnet;

    g_assert_true(subnet_parse(text, &subnet, NULL));
    host_subnets_add(host, &subnet, "somebody");
}

static void assert_choice(const HostSubnets *host, const char *interface, const char *wanted)
{
    g_autoptr(GError) err = NULL;
    g_autofree char *text = NULL;
    Subnet subnet;

    host_subnets_choose(host, interface, &subnet, &err);
    g_assert_no_error(err);
    text = subnet_to_text(&subnet);
    g_assert_cmpstr(text, ==, wanted);
}

static void test_without_podman(void)
{
    g_autoptr(HostSubnets) host = host_subnets_new();

    take(host, "192.168.0.0/24");
    take(host, "10.89.0.0/24");
    assert_choice(host, "floe0", "10.88.0.0/16");
    take(host, "10.88.3.0/24");
    assert_choice(host, "floe0", "10.254.0.0/16");
}

static void test_beside_podman(void)
{
    g_autoptr(HostSubnets) host = host_subnets_new();

    host->has_podman = true;
    assert_choice(host, "floe0", "10.254.0.0/16");
    take(host, "10.254.7.1/32");
    take(host, "10.252.0.0/15");
    assert_choice(host, "floe0", "10.251.0.0/16");
}

static void test_another_bridge(void)
{
    g_autoptr(HostSubnets) host = host_subnets_new();
    Subnet one, same, other;

    g_assert_true(host_subnets_choose(host, "floe-one", &one, NULL));
    g_assert_true(host_subnets_choose(host, "floe-one", &same, NULL));
    g_assert_true(host_subnets_choose(host, "floe-other", &other, NULL));
    g_assert_true(address_equal(&one.base, &same.base));
    g_assert_false(subnets_overlap(&one, &other));
    g_assert_cmpuint(one.base.bytes[1], >=, 128);
}

static void test_last_one(void)
{
    g_autoptr(HostSubnets) host = host_subnets_new();
    g_autoptr(GError) err = NULL;
    Subnet subnet;

    for (int second = 88; second <= 254; second++) {
        g_autofree char *text = g_strdup_printf("10.%d.0.0/16", second);

        if (second != 200)
            take(host, text);
    }
    assert_choice(host, "floe0", "10.200.0.0/16");
    assert_choice(host, "floe-one", "10.200.0.0/16");
    take(host, "10.0.0.0/8");
    g_assert_false(host_subnets_choose(host, "floe0", &subnet, &err));
    g_assert_error(err, FLOE_ERROR_DOMAIN, FLOE_ERROR_NETWORK);
}

/* The subnet and whose it is. */
static char *taken_text(const HostSubnets *host, unsigned i)
{
    const TakenSubnet *taken = g_ptr_array_index(host->taken, i);
    g_autofree char *subnet = subnet_to_text(&taken->subnet);

    return g_strdup_printf("%s: %s", subnet, taken->owner);
}

static void test_routes(void)
{
    static const char table[] =
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
        "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
        "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
        "vpn\t0000FE0A\t00000000\t0001\t0\t0\t50\t0000FEFF\t0\t0\t0\n";
    g_autoptr(HostSubnets) host = host_subnets_new();
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;

    host_subnets_add_routes(host, table);
    g_assert_cmpuint(host->taken->len, ==, 2);
    first = taken_text(host, 0);
    second = taken_text(host, 1);
    g_assert_cmpstr(first, ==, "192.0.2.0/24: a route of interface eth0");
    g_assert_cmpstr(second, ==, "10.254.0.0/15: a route of interface vpn");
}

static void test_routes6(void)
{
    static const char table[] =
        "fd000001000000000000000000000000 40 00000000000000000000000000000000 00 "
        "00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n"
        "fe800000000000000000000000000000 40 00000000000000000000000000000000 00 "
        "00000000000000000000000000000000 00000100 00000002 00000000 00000001     eth0\n"
        "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
        "00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n"
        "ff000000000000000000000000000000 08 00000000000000000000000000000000 00 "
        "00000000000000000000000000000000 00000100 00000004 00000000 00000001     eth0\n";
    g_autoptr(HostSubnets) host = host_subnets_new();
    g_autofree char *first = NULL;

    host_subnets_add_routes6(host, table);
    g_assert_cmpuint(host->taken->len, ==, 1);
    first = taken_text(host, 0);
    g_assert_cmpstr(first, ==, "fd00:1::/64: a route of interface eth0");
}

static void test_small(void)
{
    g_autoptr(HostSubnets) host = host_subnets_new();
    Subnet subnet;

    take(host, "10.127.255.0/24");
    take(host, "10.127.254.128/25");
    g_assert_true(host_subnets_choose_small(host, "floe0", AF_INET, &subnet, NULL));
    host_subnets_add(host, &subnet, "network 'one'");

    g_autofree char *text = subnet_to_text(&subnet);

    g_assert_cmpstr(text, ==, "10.127.253.0/24");
    g_assert_cmpstr(host_subnets_find(host, &subnet)->owner, ==, "network 'one'");
    g_assert_true(host_subnets_choose_small(host, "floe0", AF_INET6, &subnet, NULL));
    g_assert_cmpint(subnet.prefix, ==, 64);
    g_assert_cmpint(subnet.base.bytes[0], ==, 0xfd);
    take(host, "fd00::/8");
    g_assert_false(host_subnets_choose_small(host, "floe0", AF_INET6, &subnet, NULL));
}

static void write_file(const char *directory, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void remove_file(const char *directory, const char *name)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);

    g_assert_cmpint(g_remove(path), ==, 0);
}

static void test_podman_networks(void)
{
    g_autofree char *directory = g_dir_make_tmp("floe-networks-XXXXXX", NULL);
    g_autoptr(HostSubnets) host = host_subnets_new();

    host_subnets_add_podman(host, directory);
    host_subnets_add_podman(host, "/nonexistent/networks");
    g_assert_false(host->has_podman);

    write_file(directory, "lan.json",
               "{\"name\":\"lan\",\"subnets\":[{\"subnet\":\"fd00::/64\"},"
               "{\"subnet\":\"10.254.0.0/24\",\"gateway\":\"10.254.0.1\"}]}");
    write_file(directory, "broken.json", "{\"subnets\":");
    write_file(directory, "netavark.lock", "");
    host_subnets_add_podman(host, directory);
    g_assert_true(host->has_podman);
    g_assert_cmpuint(host->taken->len, ==, 2);
    assert_choice(host, "floe0", "10.253.0.0/16");

    remove_file(directory, "lan.json");
    remove_file(directory, "broken.json");
    remove_file(directory, "netavark.lock");
    g_assert_cmpint(g_rmdir(directory), ==, 0);
}

static void test_this_host(void)
{
    g_autoptr(HostSubnets) host = NULL;
    g_autoptr(GError) err = NULL;
    bool has_loopback = false;
    Subnet loopback;

    host_subnets_read(&host, &err);
    g_assert_no_error(err);
    g_assert_true(subnet_parse("127.0.0.0/8", &loopback, NULL));
    for (unsigned i = 0; i < host->taken->len; i++)
        has_loopback |= subnets_overlap(
            &((const TakenSubnet *)g_ptr_array_index(host->taken, i))->subnet, &loopback);
    if (has_loopback)
        return;
    g_test_skip("lo has no address here");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/network/host-subnets/podman-s-own-where-there-is-no-podman",
                    test_without_podman);
    g_test_add_func("/network/host-subnets/far-from-podman-s-where-there-is-one",
                    test_beside_podman);
    g_test_add_func("/network/host-subnets/another-bridge-has-its-own-place", test_another_bridge);
    g_test_add_func("/network/host-subnets/finds-the-last-one", test_last_one);
    g_test_add_func("/network/host-subnets/reads-the-kernel-s-routes", test_routes);
    g_test_add_func("/network/host-subnets/reads-the-kernel-s-routes-of-version-6", test_routes6);
    g_test_add_func("/network/host-subnets/chooses-for-a-network-that-is-made", test_small);
    g_test_add_func("/network/host-subnets/reads-podman-s-networks", test_podman_networks);
    g_test_add_func("/network/host-subnets/looks-at-this-host", test_this_host);
    return g_test_run();
}
