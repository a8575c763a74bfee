/* SPDX-License-Identifier: Apache-2.0 */
#include "state/schema.h"

#include "fixture.h"
#include "state/container-networks.h"

/* Versions of an imaginary schema: the mechanism is tested before there is a second real one. */
#define FIRST  "CREATE TABLE thing (name TEXT); INSERT INTO thing VALUES ('old')"
#define SECOND "ALTER TABLE thing ADD COLUMN colour TEXT; UPDATE thing SET colour = 'blue'"
#define THIRD  "CREATE TABLE other (name TEXT)"

static const char *const first[] = { FIRST, NULL };
static const char *const third[] = { FIRST, SECOND, THIRD, NULL };
static const char *const broken[] = { FIRST, "UPDATE thing SET name = 'new'; CREATE NONSENSE",
                                      NULL };
static const char *const dangling[] = {
    "CREATE TABLE parent (id TEXT PRIMARY KEY);"
    "CREATE TABLE child (id TEXT REFERENCES parent (id));"
    "INSERT INTO child VALUES ('nobody')",
    NULL,
};

/* A connection to an empty file, as the maker of a database has it. */
static Database *open_empty(const Fixture *fixture)
{
    Database *db = NULL;

    if (!g_file_test(fixture->path, G_FILE_TEST_EXISTS))
        g_assert_true(g_file_set_contents(fixture->path, "", 0, NULL));
    WORKS(connection_open(fixture->path, &db, &error));
    return db;
}

static int version_of(Database *db)
{
    int version = -1;

    WORKS(schema_version(db, &version, &error));
    return version;
}

static void test_all_migrations_run_in_order(void)
{
    g_autoptr(Fixture) fixture = fixture_new(false);
    g_autoptr(Database) db = open_empty(fixture);
    g_autofree char *colour = NULL;

    g_assert_cmpint(version_of(db), ==, 0);
    WORKS(schema_upgrade(db, third, &error));
    g_assert_cmpint(version_of(db), ==, 3);
    colour = fixture_sql(fixture, "SELECT colour FROM thing WHERE name = 'old'");
    g_assert_cmpstr(colour, ==, "blue");
}

static void test_an_older_database_keeps_its_rows(void)
{
    g_autoptr(Fixture) fixture = fixture_new(false);
    g_autoptr(Database) db = open_empty(fixture);
    g_autofree char *colour = NULL;

    WORKS(schema_upgrade(db, first, &error));
    g_assert_cmpint(version_of(db), ==, 1);
    WORKS(connection_exec(db, "INSERT INTO thing VALUES ('mine')", &error));
    WORKS(schema_upgrade(db, third, &error));
    WORKS(schema_upgrade(db, third, &error));
    g_assert_cmpint(version_of(db), ==, 3);
    colour = fixture_sql(fixture, "SELECT colour FROM thing WHERE name = 'mine'");
    g_assert_cmpstr(colour, ==, "blue");
}

static void test_a_migration_that_fails_changes_nothing(void)
{
    g_autoptr(Fixture) fixture = fixture_new(false);
    g_autoptr(Database) db = open_empty(fixture);
    g_autofree char *name = NULL;

    FAILS(schema_upgrade(db, broken, &error), FLOE_ERROR_INTERNAL, "upgrade to schema version 2");
    g_assert_cmpint(version_of(db), ==, 1);
    name = fixture_sql(fixture, "SELECT name FROM thing");
    g_assert_cmpstr(name, ==, "old");
}

static void test_a_migration_that_breaks_a_reference_is_undone(void)
{
    g_autoptr(Fixture) fixture = fixture_new(false);
    g_autoptr(Database) db = open_empty(fixture);

    FAILS(schema_upgrade(db, dangling, &error), FLOE_ERROR_INTERNAL, "table 'child'");
    g_assert_cmpint(version_of(db), ==, 0);
}

static void test_a_newer_version_names_both(void)
{
    g_autoptr(Fixture) fixture = fixture_new(false);
    g_autoptr(Database) db = open_empty(fixture);

    WORKS(schema_upgrade(db, third, &error));
    FAILS(schema_upgrade(db, first, &error), FLOE_ERROR_SCHEMA,
          "schema version 3, made by a newer floe; this one knows versions up to 1");
    g_assert_cmpint(version_of(db), ==, 3);
}

static int upgrade(const Fixture *fixture, int number)
{
    g_autoptr(Database) db = open_empty(fixture);

    return schema_upgrade(db, third, NULL) && version_of(db) == 3 ? 0 : 1;
}

static void test_processes_that_upgrade_at_once_all_succeed(void)
{
    for (int round = 0; round < 5; round++) {
        g_autoptr(Fixture) fixture = fixture_new(false);
        g_autofree char *n_rows = NULL;
        pid_t pids[8];

        g_free(fixture_sql(fixture, "PRAGMA journal_mode = WAL"));
        for (int i = 0; i < 8; i++)
            pids[i] = start_child(upgrade, fixture, i);
        for (int i = 0; i < 8; i++)
            g_assert_cmpint(wait_for(pids[i]), ==, 0);
        n_rows = fixture_sql(fixture, "SELECT count(*) FROM thing");
        g_assert_cmpstr(n_rows, ==, "1");
    }
}

/* --- the real ones ---------------------------------------------------------------------------- */

#define OLD_ID "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* A container that ran when floe gave each one network, and one that did not. */
#define OLD_ROWS \
    "INSERT INTO container (id, name, state, config, status) VALUES ('" OLD_ID \
    "', 'web', 3, '{}'," \
    " '{\"pid\":7,\"netns_path\":\"/run/netns/floe-a\"," \
    "\"network_status\":{\"podman\":{\"interfaces\":{}}}," \
    "\"network_request\":{\"container_id\":\"a\",\"networks\":{\"podman\":" \
    "{\"static_ips\":[\"10.88.0.5\"],\"static_mac\":\"92:11:22:33:44:55\"," \
    "\"interface_name\":\"eth0\"}},\"network_info\":{\"podman\":{\"dns_enabled\":false," \
    "\"subnets\":[{\"subnet\":\"10.88.0.0/16\",\"gateway\":\"10.88.0.1\"}]}}}," \
    "\"restored\":true}');" \
    "INSERT INTO container (id, name, state, config, status) VALUES ('b', 'idle', 1, '{}'," \
    " '{\"pid\":8}')"

static void test_the_one_network_of_old_becomes_a_list(void)
{
    const char *const old[] = { schema_migrations[0], schema_migrations[1], schema_migrations[2],
                                schema_migrations[3], NULL };
    g_autoptr(Fixture) fixture = fixture_new(false);
    g_autoptr(Database) db = open_empty(fixture);
    g_auto(ContainerStatus) status = { 0 };
    g_auto(ContainerStatus) idle = { 0 };
    const NetworkStatus *network;

    WORKS(schema_upgrade(db, old, &error));
    WORKS(connection_exec(db, OLD_ROWS, &error));
    WORKS(schema_upgrade(db, schema_migrations, &error));

    WORKS(container_load_status(db, "b", &idle, &error));
    g_assert_null(idle.networks);
    WORKS(container_load_status(db, OLD_ID, &status, &error));
    g_assert_cmpint(status.pid, ==, 7);
    g_assert_true(status.restored);
    network = network_statuses_find(status.networks, "podman");
    g_assert_nonnull(network);
    g_assert_cmpuint(status.networks->len, ==, 1);
    g_assert_cmpstr(network->interface_name, ==, "eth0");
    g_assert_cmpstr(network->addresses[0], ==, "10.88.0.5/16");
    g_assert_cmpstr(network->gateways[0], ==, "10.88.0.1");
    g_assert_cmpstr(network->mac, ==, "92:11:22:33:44:55");
    g_assert_true(network->is_up);
    g_assert_nonnull(json_object_get(network->request, "network_info"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/state/schema/all-migrations-run-in-order", test_all_migrations_run_in_order);
    g_test_add_func("/state/schema/an-older-database-keeps-its-rows",
                    test_an_older_database_keeps_its_rows);
    g_test_add_func("/state/schema/a-migration-that-fails-changes-nothing",
                    test_a_migration_that_fails_changes_nothing);
    g_test_add_func("/state/schema/a-migration-that-breaks-a-reference-is-undone",
                    test_a_migration_that_breaks_a_reference_is_undone);
    g_test_add_func("/state/schema/a-newer-version-names-both", test_a_newer_version_names_both);
    g_test_add_func("/state/schema/processes-that-upgrade-at-once-all-succeed",
                    test_processes_that_upgrade_at_once_all_succeed);
    g_test_add_func("/state/schema/the-one-network-of-old-becomes-a-list",
                    test_the_one_network_of_old_becomes_a_list);
    return g_test_run();
}
