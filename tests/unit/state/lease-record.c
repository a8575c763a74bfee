/* SPDX-License-Identifier: Apache-2.0 */
#include "state/lease-record.h"

#include "fixture.h"

static void check_last(Database *db, const char *network, const char *expected)
{
    g_autofree char *address = NULL;

    WORKS(lease_get_last(db, network, "10.88.0.0/16", &address, &error));
    g_assert_cmpstr(address, ==, expected);
}

static void check_n_leases(Database *db, const char *network, guint expected)
{
    g_auto(GStrv) addresses = NULL;

    WORKS(lease_list(db, network, &addresses, &error));
    g_assert_cmpuint(g_strv_length(addresses), ==, expected);
}

static void test_an_address_of_another_is_refused(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *web = insert_container(fixture->db, "a", "web");
    g_autofree char *other = insert_container(fixture->db, "b", "other");
    g_autofree char *text = g_strdup_printf(
        "address 10.88.0.2 of network 'podman' is already in use by container %s", web);

    WORKS(lease_take(fixture->db, "podman", "10.88.0.2", web, &error));
    FAILS(lease_take(fixture->db, "podman", "10.88.0.2", other, &error), FLOE_ERROR_EXISTS, text);
    check_n_leases(fixture->db, "podman", 1);
}

static void test_ones_own_can_be_taken_again(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *web = insert_container(fixture->db, "a", "web");

    WORKS(lease_take(fixture->db, "podman", "10.88.0.2", web, &error));
    WORKS(lease_take(fixture->db, "podman", "10.88.0.2", web, &error));
    check_n_leases(fixture->db, "podman", 1);
}

static void test_networks_have_their_own_addresses(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *web = insert_container(fixture->db, "a", "web");
    g_autofree char *other = insert_container(fixture->db, "b", "other");
    g_auto(GStrv) addresses = NULL;

    WORKS(lease_take(fixture->db, "podman", "10.88.0.2", web, &error));
    WORKS(lease_take(fixture->db, "podman", "fd00::2", web, &error));
    WORKS(lease_take(fixture->db, "lan", "10.88.0.2", other, &error));
    fixture_reopen(fixture);
    check_n_leases(fixture->db, "podman", 2);
    check_n_leases(fixture->db, "none", 0);
    WORKS(lease_list(fixture->db, "lan", &addresses, &error));
    g_assert_cmpstr(addresses[0], ==, "10.88.0.2");
}

static void test_the_last_one_is_remembered_for_each_subnet(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);

    check_last(fixture->db, "podman", NULL);
    WORKS(lease_set_last(fixture->db, "podman", "10.88.0.0/16", "10.88.0.2", &error));
    WORKS(lease_set_last(fixture->db, "podman", "10.88.0.0/16", "10.88.0.3", &error));
    WORKS(lease_set_last(fixture->db, "podman", "fd00::/64", "fd00::7", &error));
    fixture_reopen(fixture);
    check_last(fixture->db, "podman", "10.88.0.3");
    check_last(fixture->db, "lan", NULL);
}

static void test_those_on_one_network_can_be_released(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *web = insert_container(fixture->db, "a", "web");
    g_autofree char *other = insert_container(fixture->db, "b", "other");

    WORKS(lease_take(fixture->db, "podman", "10.88.0.2", web, &error));
    WORKS(lease_take(fixture->db, "podman", "10.88.0.3", other, &error));
    WORKS(lease_take(fixture->db, "lan", "10.89.0.2", web, &error));
    WORKS(lease_take(fixture->db, "lan", "fd00::2", web, &error));
    WORKS(lease_release_on(fixture->db, "lan", web, &error));
    check_n_leases(fixture->db, "lan", 0);
    check_n_leases(fixture->db, "podman", 2);
}

static void test_a_released_one_is_free(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *web = insert_container(fixture->db, "a", "web");
    g_autofree char *other = insert_container(fixture->db, "b", "other");

    WORKS(lease_take(fixture->db, "podman", "10.88.0.2", web, &error));
    WORKS(lease_take(fixture->db, "lan", "10.89.0.2", web, &error));
    WORKS(lease_release(fixture->db, web, &error));
    WORKS(lease_release(fixture->db, web, &error));
    check_n_leases(fixture->db, "podman", 0);
    check_n_leases(fixture->db, "lan", 0);
    WORKS(lease_take(fixture->db, "podman", "10.88.0.2", other, &error));
}

static void test_no_container_gets_none(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);

    FAILS(lease_take(fixture->db, "podman", "10.88.0.2", "gone", &error), FLOE_ERROR_NOT_FOUND,
          "no container with name or ID \"gone\" found: no such container");
}

#define ADD(name, function) g_test_add_func("/state/lease-record/" name, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("an-address-of-another-is-refused", test_an_address_of_another_is_refused);
    ADD("ones-own-can-be-taken-again", test_ones_own_can_be_taken_again);
    ADD("networks-have-their-own-addresses", test_networks_have_their_own_addresses);
    ADD("the-last-one-is-remembered-for-each-subnet",
        test_the_last_one_is_remembered_for_each_subnet);
    ADD("those-on-one-network-can-be-released", test_those_on_one_network_can_be_released);
    ADD("a-released-one-is-free", test_a_released_one_is_free);
    ADD("no-container-gets-none", test_no_container_gets_none);
    return g_test_run();
}
