/* SPDX-License-Identifier: Apache-2.0 */
#include "state/network-record.h"

#include "fixture.h"
#include "state/lease-record.h"

static NetworkRecord *make_network(const char *id_prefix, const char *name, const char *bridge)
{
    NetworkRecord *record = network_record_new();

    record->id = make_id(id_prefix);
    record->name = g_strdup(name);
    record->bridge = g_strdup(bridge);
    record->info = json_pack("{s:s}", "name", name);
    return record;
}

static void insert_with_bridge(Database *db, const char *name, const char *bridge)
{
    g_autoptr(NetworkRecord) record = make_network("b", name, bridge);

    WORKS(network_insert(db, record, &error));
}

static void add_to(ContainerRecord *record, const char *network)
{
    NetworkConfig *use = g_new0(NetworkConfig, 1);

    use->name = g_strdup(network);
    if (record->config.networks == NULL)
        record->config.networks = g_ptr_array_new();
    g_ptr_array_add(record->config.networks, use);
}

static void check_found(Database *db, const char *name_or_id, const char *expected)
{
    g_autoptr(NetworkRecord) record = NULL;

    WORKS(network_find(db, name_or_id, &record, &error));
    g_assert_cmpstr(record != NULL ? record->name : NULL, ==, expected);
}

static void test_found_by_name_and_id(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autoptr(NetworkRecord) one = make_network("abc", "lan", "floe1");
    g_autoptr(NetworkRecord) two = make_network("abd", "wan", NULL);
    g_autoptr(NetworkRecord) none = NULL;

    WORKS(network_insert(fixture->db, one, &error));
    WORKS(network_insert(fixture->db, two, &error));
    check_found(fixture->db, "lan", "lan");
    check_found(fixture->db, one->id, "lan");
    check_found(fixture->db, "abd0", "wan");
    check_found(fixture->db, "la", NULL);
    check_found(fixture->db, "", NULL);
    FAILS(network_find(fixture->db, "ab", &none, &error), FLOE_ERROR_AMBIGUOUS,
          "more than one result for network name or ID \"ab\"");
}

static void test_names_and_bridges_are_had_once(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autoptr(NetworkRecord) same_name = make_network("a", "lan", "floe2");
    g_autoptr(NetworkRecord) same_bridge = make_network("c", "wan", "floe1");

    insert_with_bridge(fixture->db, "lan", "floe1");
    FAILS(network_insert(fixture->db, same_name, &error), FLOE_ERROR_EXISTS,
          "network name lan already used: network already exists");
    FAILS(network_insert(fixture->db, same_bridge, &error), FLOE_ERROR_EXISTS,
          "bridge name floe1 already in use by another network");
}

static void test_one_in_use_stays(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autoptr(ContainerRecord) web = make_container("a", "web");
    g_auto(GStrv) users = NULL;

    insert_network(fixture->db, "lan");
    insert_network(fixture->db, "wan");
    add_to(web, "lan");
    add_to(web, "wan");
    WORKS(container_insert(fixture->db, web, &error));
    FAILS(network_delete(fixture->db, "lan", &error), FLOE_ERROR_IN_USE,
          "\"lan\" has associated containers with it (web). Use -f");
    WORKS(network_list_users(fixture->db, "wan", &users, &error));
    g_assert_cmpstr(users[0], ==, web->id);

    /* It leaves one of them. */
    NetworkConfig *use = g_ptr_array_steal_index(web->config.networks, 0);

    WORKS(container_save_config(fixture->db, web->id, &web->config, &web->status, &error));
    WORKS(network_delete(fixture->db, "lan", &error));
    FAILS(network_delete(fixture->db, "wan", &error), FLOE_ERROR_IN_USE, "(web)");
    WORKS(container_delete(fixture->db, web->id, &error));
    WORKS(network_delete(fixture->db, "wan", &error));
    WORKS(network_delete(fixture->db, "wan", &error));
    g_free(use->name);
    g_free(use);
}

static void test_no_container_is_in_one_that_is_not_there(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autoptr(ContainerRecord) web = make_container("a", "web");
    g_autoptr(ContainerRecord) twice = make_container("b", "twice");

    add_to(web, "gone");
    FAILS(container_insert(fixture->db, web, &error), FLOE_ERROR_NOT_FOUND,
          "unable to find network with name or ID gone: network not found");
    insert_network(fixture->db, "lan");
    add_to(twice, "lan");
    add_to(twice, "lan");
    FAILS(container_insert(fixture->db, twice, &error), FLOE_ERROR_INVALID,
          "network 'lan' is given twice");
}

static void test_its_document_can_change(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autoptr(JsonValue) info = json_pack("{s:s}", "driver", "bridge");
    g_autoptr(GPtrArray) records = NULL;

    insert_network(fixture->db, "zoo");
    insert_network(fixture->db, "ant");
    WORKS(network_save_info(fixture->db, "ant", info, &error));
    fixture_reopen(fixture);
    WORKS(network_list(fixture->db, &records, &error));
    g_assert_cmpuint(records->len, ==, 2);

    const NetworkRecord *first = g_ptr_array_index(records, 0);
    const NetworkRecord *second = g_ptr_array_index(records, 1);

    g_assert_cmpstr(first->name, ==, "zoo");
    g_assert_true(json_equal(second->info, info));
    FAILS(network_save_info(fixture->db, "gone", info, &error), FLOE_ERROR_NOT_FOUND, "gone");
}

static void test_a_new_one_of_the_name_begins_anew(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *last = NULL;

    insert_network(fixture->db, "lan");
    WORKS(lease_set_last(fixture->db, "lan", "10.1.0.0/24", "10.1.0.9", &error));
    WORKS(network_delete(fixture->db, "lan", &error));
    WORKS(lease_get_last(fixture->db, "lan", "10.1.0.0/24", &last, &error));
    g_assert_null(last);
}

#define ADD(name, function) g_test_add_func("/state/network-record/" name, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("found-by-name-and-id", test_found_by_name_and_id);
    ADD("names-and-bridges-are-had-once", test_names_and_bridges_are_had_once);
    ADD("one-in-use-stays", test_one_in_use_stays);
    ADD("no-container-is-in-one-that-is-not-there", test_no_container_is_in_one_that_is_not_there);
    ADD("its-document-can-change", test_its_document_can_change);
    ADD("a-new-one-of-the-name-begins-anew", test_a_new_one_of_the_name_begins_anew);
    return g_test_run();
}
