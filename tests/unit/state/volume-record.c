/* SPDX-License-Identifier: Apache-2.0 */
#include "state/volume-record.h"

#include "fixture.h"

static void insert_volume(Database *db, const char *name)
{
    g_autoptr(VolumeRecord) record = volume_record_new();

    record->name = g_strdup(name);
    WORKS(volume_insert(db, record, &error));
}

static void add_use(ContainerRecord *record, const char *type, const char *source)
{
    MountConfig *mount = g_new0(MountConfig, 1);

    mount->type = g_strdup(type);
    mount->source = g_strdup(source);
    mount->destination = g_strdup("/data");
    if (record->config.mounts == NULL)
        record->config.mounts = g_ptr_array_new();
    g_ptr_array_add(record->config.mounts, mount);
}

static void insert_user(Database *db, const char *id_prefix, const char *name, const char *volume)
{
    g_autoptr(ContainerRecord) record = make_container(id_prefix, name);

    add_use(record, "volume", volume);
    WORKS(container_insert(db, record, &error));
}

static void test_what_is_saved_is_found(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autoptr(VolumeRecord) record = volume_record_new();
    g_autoptr(VolumeRecord) found = NULL;
    g_autofree char *mounted_by = NULL;

    record->name = g_strdup("data");
    record->created_unix_ns = 1234567890123456789;
    record->labels = json_pack("{s:s}", "colour", "blue");
    record->options = json_pack("{s:s}", "type", "tmpfs");
    record->needs_owner = true;
    WORKS(volume_insert(fixture->db, record, &error));
    record->is_anonymous = true;
    record->needs_owner = false;
    record->needs_content = true;
    record->removing = true;
    record->mount_count = 2;
    record->mounted_by = g_strsplit("a,b", ",", -1);
    WORKS(volume_save(fixture->db, record, &error));

    fixture_reopen(fixture);
    WORKS(volume_find(fixture->db, "data", &found, &error));
    g_assert_cmpstr(found->name, ==, "data");
    g_assert_cmpint(found->created_unix_ns, ==, 1234567890123456789);
    g_assert_true(json_equal(found->labels, record->labels));
    g_assert_true(json_equal(found->options, record->options));
    g_assert_true(found->is_anonymous);
    g_assert_false(found->needs_owner);
    g_assert_true(found->needs_content);
    g_assert_true(found->removing);
    g_assert_cmpint(found->mount_count, ==, 2);
    mounted_by = g_strjoinv(", ", found->mounted_by);
    g_assert_cmpstr(mounted_by, ==, "a, b");
}

static void test_a_name_is_taken_once(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autoptr(VolumeRecord) record = volume_record_new();

    insert_volume(fixture->db, "data");
    record->name = g_strdup("data");
    FAILS(volume_insert(fixture->db, record, &error), FLOE_ERROR_EXISTS,
          "volume with name data already exists");
}

static void test_one_that_is_gone_is_not_saved(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autoptr(VolumeRecord) record = volume_record_new();
    g_autoptr(VolumeRecord) found = NULL;

    record->name = g_strdup("gone");
    FAILS(volume_save(fixture->db, record, &error), FLOE_ERROR_NOT_FOUND,
          "no volume with name \"gone\" found: no such volume");
    WORKS(volume_find(fixture->db, "gone", &found, &error));
    g_assert_null(found);
    WORKS(volume_delete(fixture->db, "gone", &error));
}

static void check_lookup(Database *db, const char *name, const char *expected)
{
    g_autoptr(VolumeRecord) found = NULL;

    WORKS(volume_lookup(db, name, &found, &error));
    g_assert_cmpstr(found->name, ==, expected);
}

static void test_the_beginning_of_a_name_will_do(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    VolumeRecord *found = NULL;

    insert_volume(fixture->db, "database");
    insert_volume(fixture->db, "data");
    insert_volume(fixture->db, "dates");
    insert_volume(fixture->db, "z_last");
    check_lookup(fixture->db, "data", "data");
    check_lookup(fixture->db, "datab", "database");
    check_lookup(fixture->db, "date", "dates");
    check_lookup(fixture->db, "z", "z_last");
    FAILS(volume_lookup(fixture->db, "dat", &found, &error), FLOE_ERROR_AMBIGUOUS, "\"dat\"");
    FAILS(volume_lookup(fixture->db, "datas", &found, &error), FLOE_ERROR_NOT_FOUND, "\"datas\"");
    FAILS(volume_lookup(fixture->db, "", &found, &error), FLOE_ERROR_NOT_FOUND, "\"\"");
    g_assert_null(found);
}

static void test_they_are_listed_by_name(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autoptr(GPtrArray) records = NULL;

    insert_volume(fixture->db, "b");
    insert_volume(fixture->db, "a");
    WORKS(volume_list(fixture->db, &records, &error));
    g_assert_cmpuint(records->len, ==, 2);
    g_assert_cmpstr(((VolumeRecord *)records->pdata[0])->name, ==, "a");
    g_assert_cmpstr(((VolumeRecord *)records->pdata[1])->name, ==, "b");
}

static void test_one_in_use_stays(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *web = make_id("a");
    g_auto(GStrv) users = NULL;

    insert_volume(fixture->db, "data");
    insert_user(fixture->db, "a", "web", "data");
    WORKS(volume_list_users(fixture->db, "data", &users, &error));
    g_assert_cmpuint(g_strv_length(users), ==, 1);
    g_assert_cmpstr(users[0], ==, web);
    FAILS(volume_refuse_users(fixture->db, "data", &error), FLOE_ERROR_IN_USE, web);
    FAILS(volume_delete(fixture->db, "data", &error), FLOE_ERROR_IN_USE, web);

    WORKS(container_delete(fixture->db, web, &error));
    WORKS(volume_refuse_users(fixture->db, "data", &error));
    WORKS(volume_delete(fixture->db, "data", &error));
}

static void test_a_container_needs_its_volumes(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autoptr(ContainerRecord) record = make_container("a", "web");
    ContainerRecord *found = NULL;

    add_use(record, "volume", "missing");
    FAILS(container_insert(fixture->db, record, &error), FLOE_ERROR_NOT_FOUND, "\"missing\"");
    FAILS(container_load(fixture->db, record->id, &found, &error), FLOE_ERROR_NOT_FOUND, "");
}

static void test_a_use_counts_once(void)
{
    g_autoptr(ContainerRecord) record = make_container("a", "web");
    g_auto(GStrv) names = NULL;
    g_autofree char *joined = NULL;

    add_use(record, "volume", "b");
    add_use(record, "bind", "/host");
    add_use(record, "tmpfs", NULL);
    add_use(record, "volume", "a");
    add_use(record, "volume", "b");
    names = container_config_volumes(&record->config);
    joined = g_strjoinv(", ", names);
    g_assert_cmpstr(joined, ==, "a, b");
}

#define ADD(name, function) g_test_add_func("/state/volume-record/" name, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("what-is-saved-is-found", test_what_is_saved_is_found);
    ADD("a-name-is-taken-once", test_a_name_is_taken_once);
    ADD("one-that-is-gone-is-not-saved", test_one_that_is_gone_is_not_saved);
    ADD("the-beginning-of-a-name-will-do", test_the_beginning_of_a_name_will_do);
    ADD("they-are-listed-by-name", test_they_are_listed_by_name);
    ADD("one-in-use-stays", test_one_in_use_stays);
    ADD("a-container-needs-its-volumes", test_a_container_needs_its_volumes);
    ADD("a-use-counts-once", test_a_use_counts_once);
    return g_test_run();
}
