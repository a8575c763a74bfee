/* SPDX-License-Identifier: Apache-2.0 */
#include "state/secret-record.h"

#include "fixture.h"

static void insert_secret(Database *db, const char *id, const char *name)
{
    g_autoptr(SecretRecord) record = secret_record_new();

    record->id = g_strdup(id);
    record->name = g_strdup(name);
    record->created_unix_ns = 5;
    record->updated_unix_ns = 1234567890123456789;
    record->labels = json_pack("{s:s}", "colour", "blue");
    WORKS(secret_insert(db, record, &error));
}

static char *id_of(Database *db, const char *name_or_id)
{
    g_autoptr(SecretRecord) record = NULL;

    WORKS(secret_lookup(db, name_or_id, &record, &error));
    return g_strdup(record->id);
}

static void test_what_is_saved_is_found(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autoptr(SecretRecord) found = NULL;
    g_autoptr(SecretRecord) none = NULL;

    insert_secret(fixture->db, "aa11", "password");
    fixture_reopen(fixture);
    WORKS(secret_find(fixture->db, "password", &found, &error));
    g_assert_cmpstr(found->id, ==, "aa11");
    g_assert_cmpstr(found->name, ==, "password");
    g_assert_cmpint(found->created_unix_ns, ==, 5);
    g_assert_cmpint(found->updated_unix_ns, ==, 1234567890123456789);
    g_assert_cmpstr(json_string_value(json_object_get(found->labels, "colour")), ==, "blue");
    WORKS(secret_find(fixture->db, "aa11", &none, &error));
    g_assert_null(none);
}

static void test_a_name_goes_before_an_id_and_its_beginning(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autoptr(SecretRecord) record = NULL;

    insert_secret(fixture->db, "aa11", "one");
    insert_secret(fixture->db, "aa22", "aa1");
    insert_secret(fixture->db, "bb33", "aa22");

    g_autofree char *by_name = id_of(fixture->db, "aa1");
    g_autofree char *by_other_name = id_of(fixture->db, "aa22");
    g_autofree char *by_id = id_of(fixture->db, "aa11");
    g_autofree char *by_prefix = id_of(fixture->db, "b");

    g_assert_cmpstr(by_name, ==, "aa22");
    g_assert_cmpstr(by_other_name, ==, "bb33");
    g_assert_cmpstr(by_id, ==, "aa11");
    g_assert_cmpstr(by_prefix, ==, "bb33");
    FAILS(secret_lookup(fixture->db, "aa", &record, &error), FLOE_ERROR_AMBIGUOUS, "\"aa\"");
    FAILS(secret_lookup(fixture->db, "", &record, &error), FLOE_ERROR_NOT_FOUND, "no such secret");
    FAILS(secret_lookup(fixture->db, "on", &record, &error), FLOE_ERROR_NOT_FOUND, "\"on\"");
}

static void test_a_name_is_taken_once(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autoptr(SecretRecord) again = secret_record_new();
    g_autoptr(GPtrArray) left = NULL;

    insert_secret(fixture->db, "bb", "zeta");
    insert_secret(fixture->db, "cc", "alpha");
    again->id = g_strdup("dd");
    again->name = g_strdup("zeta");
    FAILS(secret_insert(fixture->db, again, &error), FLOE_ERROR_EXISTS, "zeta: secret name in use");
    WORKS(secret_delete(fixture->db, "bb", &error));
    WORKS(secret_delete(fixture->db, "bb", &error));
    WORKS(secret_insert(fixture->db, again, &error));
    WORKS(secret_list(fixture->db, &left, &error));
    g_assert_cmpuint(left->len, ==, 2);
    g_assert_cmpstr(((SecretRecord *)left->pdata[0])->name, ==, "alpha");
    g_assert_cmpstr(((SecretRecord *)left->pdata[1])->id, ==, "dd");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/state/secret-record/what-is-saved-is-found", test_what_is_saved_is_found);
    g_test_add_func("/state/secret-record/a-name-goes-before-an-id-and-its-beginning",
                    test_a_name_goes_before_an_id_and_its_beginning);
    g_test_add_func("/state/secret-record/a-name-is-taken-once", test_a_name_is_taken_once);
    return g_test_run();
}
