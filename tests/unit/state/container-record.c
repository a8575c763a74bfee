/* SPDX-License-Identifier: Apache-2.0 */
#include "state/container-record.h"

#include "fixture.h"
#include "state/container-fields.h"
#include "state/exit-code.h"
#include "state/lease-record.h"

#include <string.h>

#define NO_SUCH_CONTAINER(name) "no container with name or ID \"" name "\" found: no such container"

/* --- the table of fields ---------------------------------------------------------------------- */

static size_t size_of(JsonKind kind)
{
    switch (kind) {
    case JSON_FIELD_INT: return sizeof(int);
    case JSON_FIELD_BOOL: return sizeof(bool);
    default: return 8;
    }
}

/* A member that the table does not have is a gap between its neighbours, wider than padding. */
static void check_no_gap(const JsonStruct *type, size_t first)
{
    size_t end = first;

    for (size_t i = 0; i < type->n_fields; i++) {
        const JsonField *field = &type->fields[i];
        size_t alignment = size_of(field->kind);

        if (field->offset != (end + alignment - 1) / alignment * alignment)
            g_error("a member before '%s' is not in the table", field->key);
        end = field->offset + size_of(field->kind);
        if (field->kind == JSON_FIELD_ARRAY)
            check_no_gap(field->element, 0);
    }
    g_assert_cmpuint((end + 7) / 8 * 8, ==, type->size);
}

static void test_every_member_is_stored(void)
{
    check_no_gap(&container_config_fields, 0);
    check_no_gap(&container_status_fields, offsetof(ContainerStatus, exit_code));
}

/* Something in every field, different from its neighbours'. */
static void fill(const JsonStruct *type, void *data, int seed)
{
    for (size_t i = 0; i < type->n_fields; i++) {
        const JsonField *field = &type->fields[i];
        void *member = (char *)data + field->offset;
        int number = seed + (int)i;

        switch (field->kind) {
        case JSON_FIELD_STRING: *(char **)member = g_strdup_printf("text %d", number); break;
        case JSON_FIELD_STRV:
            *(char ***)member = g_new0(char *, 3);
            (*(char ***)member)[0] = g_strdup_printf("a \"quoted\" item\n%d", number);
            (*(char ***)member)[1] = g_strdup("");
            break;
        case JSON_FIELD_INT: *(int *)member = -number; break;
        case JSON_FIELD_INT64: *(int64_t *)member = INT64_C(1795319048957669698) + number; break;
        case JSON_FIELD_UINT64: *(uint64_t *)member = (uint64_t)number; break;
        case JSON_FIELD_BOOL: *(bool *)member = true; break;
        case JSON_FIELD_VALUE:
            *(json_t **)member = json_pack("{s:i, s:{}, s:n}", "number", number, "empty", "null");
            break;
        case JSON_FIELD_ARRAY: {
            GPtrArray *items = g_ptr_array_new();

            for (int n = 0; n < 2; n++) {
                g_ptr_array_add(items, g_malloc0(field->element->size));
                fill(field->element, g_ptr_array_index(items, n), 1000 + 10 * n);
            }
            *(GPtrArray **)member = items;
            break;
        }
        }
    }
}

static void check_same(const JsonStruct *type, const void *one, const void *other)
{
    g_autoptr(JsonValue) first = json_from_struct(type, one);
    g_autoptr(JsonValue) second = json_from_struct(type, other);

    g_assert_cmpuint(json_object_size(first), ==, json_object_size(second));
    g_assert_true(json_equal(first, second));
}

static void fill_container(ContainerRecord *record, const char *image_id)
{
    fill(&container_config_fields, &record->config, 100);
    fill(&container_status_fields, &record->status, 200);
    g_free(record->config.image_id);
    record->config.image_id = g_strdup(image_id);
    /* Not of containers that are there. */
    g_clear_pointer(&record->config.network_container, g_free);
    g_clear_pointer(&record->config.pid_container, g_free);
    g_clear_pointer(&record->config.ipc_container, g_free);
    g_clear_pointer(&record->config.uts_container, g_free);
    g_clear_pointer(&record->config.cgroup_container, g_free);
    g_clear_pointer(&record->config.pod_id, g_free);
    g_clear_pointer(&record->config.required, g_strfreev);
}

static void test_all_of_it_comes_back(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *image_id = insert_image(fixture->db, "1", NULL, NULL);
    g_autoptr(ContainerRecord) record = make_container("a", "web");
    g_autoptr(ContainerRecord) back = NULL;

    fill_container(record, image_id);
    insert_network(fixture->db, "text 1000");
    insert_network(fixture->db, "text 1010");
    WORKS(container_insert(fixture->db, record, &error));
    fixture_reopen(fixture);
    WORKS(container_load(fixture->db, record->id, &back, &error));
    g_assert_cmpstr(back->id, ==, record->id);
    g_assert_cmpstr(back->name, ==, "web");
    g_assert_cmpint(back->status.state, ==, FLOE_STATE_CONFIGURED);
    check_same(&container_config_fields, &back->config, &record->config);
    check_same(&container_status_fields, &back->status, &record->status);
}

static void test_an_empty_one_comes_back(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *id = insert_container(fixture->db, "a", "web");
    g_autoptr(ContainerRecord) back = NULL;

    WORKS(container_load(fixture->db, id, &back, &error));
    g_assert_null(back->config.image_id);
    g_assert_null(back->config.argv);
    g_assert_null(back->config.mounts);
    g_assert_false(back->status.exited);
    container_record_free(NULL);
}

/* --- status ----------------------------------------------------------------------------------- */

static void test_a_status_is_saved_beside_the_configuration(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *id = insert_container(fixture->db, "a", "web");
    g_auto(ContainerStatus) status = { .state = FLOE_STATE_RUNNING };
    g_auto(ContainerStatus) back = { 0 };
    g_autofree char *column = NULL;

    fill(&container_status_fields, &status, 300);
    WORKS(container_save_status(fixture->db, id, &status, &error));
    fixture_reopen(fixture);
    WORKS(container_load_status(fixture->db, id, &back, &error));
    g_assert_cmpint(back.state, ==, FLOE_STATE_RUNNING);
    check_same(&container_status_fields, &back, &status);
    column = fixture_sql(fixture, "SELECT state FROM container");
    g_assert_cmpstr(column, ==, "3");
}

static void test_a_configuration_is_saved_with_its_revision(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *id = insert_container(fixture->db, "a", "web");
    g_autoptr(ContainerRecord) changed = NULL;
    g_autoptr(ContainerRecord) back = NULL;

    WORKS(container_load(fixture->db, id, &changed, &error));
    changed->config.memory_bytes = 64 << 20;
    changed->status.config_revision = 7;
    WORKS(container_save_config(fixture->db, id, &changed->config, &changed->status, &error));
    fixture_reopen(fixture);
    WORKS(container_load(fixture->db, id, &back, &error));
    g_assert_cmpint(back->status.config_revision, ==, 7);
    check_same(&container_config_fields, &back->config, &changed->config);
    FAILS(container_save_config(fixture->db, "gone", &changed->config, &changed->status, &error),
          FLOE_ERROR_NOT_FOUND, NO_SUCH_CONTAINER("gone"));
}

static void test_what_is_not_there_cannot_be_loaded_or_saved(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    ContainerStatus status = { 0 };
    ContainerRecord *record = NULL;

    FAILS(container_load(fixture->db, "gone", &record, &error), FLOE_ERROR_NOT_FOUND,
          NO_SUCH_CONTAINER("gone"));
    FAILS(container_load_status(fixture->db, "gone", &status, &error), FLOE_ERROR_NOT_FOUND,
          NO_SUCH_CONTAINER("gone"));
    FAILS(container_save_status(fixture->db, "gone", &status, &error), FLOE_ERROR_NOT_FOUND,
          NO_SUCH_CONTAINER("gone"));
    g_assert_null(record);
}

static void test_a_damaged_record_is_named(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *id = insert_container(fixture->db, "a", "web");
    ContainerStatus status = { 0 };
    ContainerRecord *record = NULL;
    GPtrArray *records = NULL;

    g_free(fixture_sql(fixture, "UPDATE container SET config = '{\"argv\": 5}'"));
    FAILS(container_load(fixture->db, id, &record, &error), FLOE_ERROR_IO, "key 'argv'");
    FAILS(container_list(fixture->db, &records, &error), FLOE_ERROR_IO, id);
    g_free(fixture_sql(fixture, "UPDATE container SET status = '{', config = '{}'"));
    FAILS(container_load_status(fixture->db, id, &status, &error), FLOE_ERROR_IO, "column 'status'");
    g_assert_null(records);
}

/* --- what cannot be inserted ------------------------------------------------------------------ */

static void test_a_name_in_use_tells_by_whom(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *id = insert_container(fixture->db, "a", "web");
    g_autoptr(ContainerRecord) second = make_container("b", "web");
    g_autofree char *text = g_strdup_printf("the container name \"web\" is already in use by %s. "
                                            "You have to remove that container to be able to reuse "
                                            "that name",
                                            id);
    g_autoptr(GPtrArray) records = NULL;

    FAILS(container_insert(fixture->db, second, &error), FLOE_ERROR_EXISTS, text);
    WORKS(container_list(fixture->db, &records, &error));
    g_assert_cmpuint(records->len, ==, 1);
}

static void test_a_name_can_be_changed_to_a_free_one(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *id = insert_container(fixture->db, "a", "web");
    g_autofree char *other = insert_container(fixture->db, "b", "db");
    g_autofree char *found = NULL;

    WORKS(container_save_name(fixture->db, id, "new", &error));
    WORKS(container_find(fixture->db, "new", &found, &error));
    g_assert_cmpstr(found, ==, id);
    FAILS(container_find(fixture->db, "web", &found, &error), FLOE_ERROR_NOT_FOUND,
          NO_SUCH_CONTAINER("web"));
    FAILS(container_save_name(fixture->db, id, "db", &error), FLOE_ERROR_EXISTS, other);
    FAILS(container_save_name(fixture->db, id, "new", &error), FLOE_ERROR_EXISTS, id);
    FAILS(container_save_name(fixture->db, "nope", "free", &error), FLOE_ERROR_NOT_FOUND,
          NO_SUCH_CONTAINER("nope"));
}

static void test_an_id_in_use_is_refused(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autoptr(ContainerRecord) second = make_container("a", "other");

    g_free(insert_container(fixture->db, "a", "web"));
    FAILS(container_insert(fixture->db, second, &error), FLOE_ERROR_EXISTS, "the container ID");
}

static void test_an_unknown_image_is_refused(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autoptr(ContainerRecord) record = make_container("a", "web");

    record->config.image_id = g_strdup("nothing");
    FAILS(container_insert(fixture->db, record, &error), FLOE_ERROR_NOT_FOUND,
          "nothing: image not known");
}

static void test_an_unknown_dependency_leaves_nothing(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autoptr(ContainerRecord) record = make_container("a", "web");
    g_autofree char *id = NULL;

    record->config.pid_container = g_strdup("gone");
    FAILS(container_insert(fixture->db, record, &error), FLOE_ERROR_NOT_FOUND,
          NO_SUCH_CONTAINER("gone"));
    FAILS(container_find(fixture->db, "web", &id, &error), FLOE_ERROR_NOT_FOUND, "web");
}

/* --- finding ---------------------------------------------------------------------------------- */

static void check_found(Database *db, const char *name, const char *expected)
{
    g_autofree char *id = NULL;

    WORKS(container_find(db, name, &id, &error));
    g_assert_cmpstr(id, ==, expected);
}

static void test_it_is_found_by_name_then_id_then_prefix(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *web = insert_container(fixture->db, "ab1", "web");
    g_autofree char *db = insert_container(fixture->db, "ab2", "db");
    g_autofree char *named_as_prefix = insert_container(fixture->db, "c1", "ab");
    g_autofree char *named_as_id = insert_container(fixture->db, "d1", web);

    check_found(fixture->db, "web", web);
    check_found(fixture->db, db, db);
    check_found(fixture->db, "ab2", db);
    check_found(fixture->db, "c", named_as_prefix);
    check_found(fixture->db, "ab", named_as_prefix);
    check_found(fixture->db, web, named_as_id);
}

static void test_a_prefix_of_two_is_ambiguous(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *third = insert_container(fixture->db, "abf", "cache");
    char *id = NULL;

    g_free(insert_container(fixture->db, "ab1", "web"));
    g_free(insert_container(fixture->db, "ab2", "db"));
    FAILS(container_find(fixture->db, "a", &id, &error), FLOE_ERROR_AMBIGUOUS,
          "more than one result for container name or ID \"a\": container name or ID is ambiguous");
    check_found(fixture->db, "abf", third);
    g_assert_null(id);
}

static void test_what_is_no_name_and_no_prefix_is_not_found(void)
{
    static const char *const names[] = { "", "we", "b", "A", "a%", "g", "a\"", "web " };
    g_autoptr(Fixture) fixture = fixture_new(true);

    g_free(insert_container(fixture->db, "a", "web"));
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *text = g_strdup_printf("no container with name or ID \"%s\" found: no "
                                                "such container",
                                                names[i]);
        char *found = NULL;

        FAILS(container_find(fixture->db, names[i], &found, &error), FLOE_ERROR_NOT_FOUND, text);
        g_assert_null(found);
    }
}

static void test_the_latest_is_the_last_one_inserted(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *none = NULL;
    g_autofree char *latest = NULL;
    g_autofree char *before = NULL;
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;

    WORKS(container_find_latest(fixture->db, &none, &error));
    g_assert_null(none);
    first = insert_container(fixture->db, "f", "one");
    second = insert_container(fixture->db, "a", "two");
    WORKS(container_find_latest(fixture->db, &latest, &error));
    g_assert_cmpstr(latest, ==, second);
    WORKS(container_delete(fixture->db, second, &error));
    WORKS(container_find_latest(fixture->db, &before, &error));
    g_assert_cmpstr(before, ==, first);
}

static void test_the_list_is_in_order_of_creation(void)
{
    static const char *const prefixes[] = { "c", "a", "f", "b" };
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autoptr(GPtrArray) none = NULL;
    g_autoptr(GPtrArray) records = NULL;

    WORKS(container_list(fixture->db, &none, &error));
    g_assert_cmpuint(none->len, ==, 0);
    for (int i = 0; i < 4; i++)
        g_free(insert_container(fixture->db, prefixes[i], prefixes[i]));
    WORKS(container_list(fixture->db, &records, &error));
    g_assert_cmpuint(records->len, ==, 4);
    for (guint i = 0; i < 4; i++) {
        const ContainerRecord *record = g_ptr_array_index(records, i);

        g_assert_cmpstr(record->name, ==, prefixes[i]);
    }
}

static void test_it_is_listed_by_its_image(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *image_id = insert_image(fixture->db, "1", NULL, NULL);
    g_autoptr(ContainerRecord) record = make_container("a", "web");
    g_autofree char *without = insert_container(fixture->db, "b", "other");
    g_auto(GStrv) ids = NULL;
    g_auto(GStrv) none = NULL;

    record->config.image_id = g_strdup(image_id);
    WORKS(container_insert(fixture->db, record, &error));
    WORKS(container_list_by_image(fixture->db, image_id, &ids, &error));
    g_assert_cmpuint(g_strv_length(ids), ==, 1);
    g_assert_cmpstr(ids[0], ==, record->id);
    WORKS(container_list_by_image(fixture->db, without, &none, &error));
    g_assert_cmpuint(g_strv_length(none), ==, 0);
}

/* --- deleting --------------------------------------------------------------------------------- */

static void test_with_it_goes_what_is_its_own(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *id = insert_container(fixture->db, "a", "web");
    ExecRecord session = { .id = (char *)"session", .container_id = id };
    g_autofree char *n_sessions = NULL;
    g_autofree char *n_leases = NULL;

    WORKS(exec_insert(fixture->db, &session, &error));
    WORKS(lease_take(fixture->db, "podman", "10.88.0.2", id, &error));
    WORKS(container_delete(fixture->db, id, &error));
    n_sessions = fixture_sql(fixture, "SELECT count(*) FROM exec_session");
    n_leases = fixture_sql(fixture, "SELECT count(*) FROM lease");
    g_assert_cmpstr(n_sessions, ==, "0");
    g_assert_cmpstr(n_leases, ==, "0");

    /* A second time, as after a removal that was cut off. */
    WORKS(container_delete(fixture->db, id, &error));
    g_free(insert_container(fixture->db, "a", "web"));
}

static void test_one_that_others_need_stays(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *id = insert_container(fixture->db, "a", "web");
    g_autoptr(ContainerRecord) dependent = make_container("b", "sidecar");
    g_autofree char *text = g_strdup_printf(
        "container %s has dependent containers which must be removed before it: %s", id,
        dependent->id);
    g_auto(GStrv) dependents = NULL;
    g_auto(GStrv) none = NULL;

    dependent->config.network_container = g_strdup(id);
    dependent->config.ipc_container = g_strdup(id);
    dependent->config.required = g_strsplit(id, " ", -1);
    WORKS(container_insert(fixture->db, dependent, &error));
    WORKS(container_list_dependents(fixture->db, id, &dependents, &error));
    g_assert_cmpuint(g_strv_length(dependents), ==, 1);
    g_assert_cmpstr(dependents[0], ==, dependent->id);
    WORKS(container_list_dependents(fixture->db, dependent->id, &none, &error));
    g_assert_cmpuint(g_strv_length(none), ==, 0);

    FAILS(container_delete(fixture->db, id, &error), FLOE_ERROR_IN_USE, text);
    WORKS(container_delete(fixture->db, dependent->id, &error));
    WORKS(container_delete(fixture->db, id, &error));
}

static void test_one_that_goes_gets_no_dependents(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *id = insert_container(fixture->db, "a", "web");
    g_autoptr(ContainerRecord) dependent = make_container("b", "sidecar");
    g_auto(ContainerStatus) status = { .state = FLOE_STATE_REMOVING };

    WORKS(container_save_status(fixture->db, id, &status, &error));
    dependent->config.required = g_strsplit(id, " ", -1);
    FAILS(container_insert(fixture->db, dependent, &error), FLOE_ERROR_BAD_STATE,
          "container \"web\" is being removed");
}

/* --- exit codes ------------------------------------------------------------------------------- */

static void check_exit_code(Database *db, const char *id, int expected)
{
    int exit_code = 0;

    WORKS(exit_code_load(db, id, &exit_code, &error));
    g_assert_cmpint(exit_code, ==, expected);
}

static void test_an_exit_code_outlives_its_container(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *id = insert_container(fixture->db, "a", "web");
    int exit_code = 0;

    FAILS(exit_code_load(fixture->db, id, &exit_code, &error), FLOE_ERROR_NOT_FOUND, id);
    WORKS(exit_code_save(fixture->db, id, 3, &error));
    WORKS(exit_code_save(fixture->db, id, -1, &error));
    WORKS(container_delete(fixture->db, id, &error));
    fixture_reopen(fixture);
    check_exit_code(fixture->db, id, -1);
}

static void test_an_old_exit_code_goes_only_without_its_container(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *id = insert_container(fixture->db, "a", "web");
    int exit_code = 0;

    WORKS(exit_code_save(fixture->db, id, 1, &error));
    WORKS(exit_code_save(fixture->db, "gone", 2, &error));
    g_free(
        fixture_sql(fixture, "UPDATE exit_code SET saved_unix_ns = saved_unix_ns - 299000000000"));
    WORKS(exit_code_save(fixture->db, "newer", 3, &error));
    check_exit_code(fixture->db, "gone", 2);
    g_free(fixture_sql(fixture, "UPDATE exit_code SET saved_unix_ns = saved_unix_ns - 2000000000"));
    WORKS(exit_code_save(fixture->db, "newest", 4, &error));
    FAILS(exit_code_load(fixture->db, "gone", &exit_code, &error), FLOE_ERROR_NOT_FOUND, "gone");
    check_exit_code(fixture->db, id, 1);
    check_exit_code(fixture->db, "newer", 3);
}

#define ADD(name, function) g_test_add_func("/state/container-record/" name, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("every-member-is-stored", test_every_member_is_stored);
    ADD("all-of-it-comes-back", test_all_of_it_comes_back);
    ADD("an-empty-one-comes-back", test_an_empty_one_comes_back);
    ADD("a-status-is-saved-beside-the-configuration",
        test_a_status_is_saved_beside_the_configuration);
    g_test_add_func("/state/container-record/a-configuration-is-saved-with-its-revision",
                    test_a_configuration_is_saved_with_its_revision);
    ADD("what-is-not-there-cannot-be-loaded-or-saved",
        test_what_is_not_there_cannot_be_loaded_or_saved);
    ADD("a-damaged-record-is-named", test_a_damaged_record_is_named);
    ADD("a-name-in-use-tells-by-whom", test_a_name_in_use_tells_by_whom);
    ADD("a-name-can-be-changed-to-a-free-one", test_a_name_can_be_changed_to_a_free_one);
    ADD("an-id-in-use-is-refused", test_an_id_in_use_is_refused);
    ADD("an-unknown-image-is-refused", test_an_unknown_image_is_refused);
    ADD("an-unknown-dependency-leaves-nothing", test_an_unknown_dependency_leaves_nothing);
    ADD("it-is-found-by-name-then-id-then-prefix", test_it_is_found_by_name_then_id_then_prefix);
    ADD("a-prefix-of-two-is-ambiguous", test_a_prefix_of_two_is_ambiguous);
    ADD("what-is-no-name-and-no-prefix-is-not-found",
        test_what_is_no_name_and_no_prefix_is_not_found);
    ADD("the-latest-is-the-last-one-inserted", test_the_latest_is_the_last_one_inserted);
    ADD("the-list-is-in-order-of-creation", test_the_list_is_in_order_of_creation);
    ADD("it-is-listed-by-its-image", test_it_is_listed_by_its_image);
    ADD("with-it-goes-what-is-its-own", test_with_it_goes_what_is_its_own);
    ADD("one-that-others-need-stays", test_one_that_others_need_stays);
    ADD("one-that-goes-gets-no-dependents", test_one_that_goes_gets_no_dependents);
    ADD("an-exit-code-outlives-its-container", test_an_exit_code_outlives_its_container);
    ADD("an-old-exit-code-goes-only-without-its-container",
        test_an_old_exit_code_goes_only_without_its_container);
    return g_test_run();
}
