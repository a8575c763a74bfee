/* SPDX-License-Identifier: Apache-2.0 */
#include "state/image-record.h"

#include "fixture.h"
#include "state/manifest-list.h"

#include <string.h>

static void check_strv(char **strings, const char *expected)
{
    g_autofree char *joined = g_strjoinv("|", strings);

    g_assert_cmpstr(joined, ==, expected);
}

static void check_names(Database *db, const char *id, const char *expected)
{
    g_autoptr(ImageRecord) record = NULL;

    WORKS(image_load(db, id, &record, &error));
    check_strv(record->names, expected);
}

/* --- inserting and loading -------------------------------------------------------------------- */

static void test_all_of_it_comes_back(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autoptr(ImageRecord) record = make_image("a", "localhost/b:1|localhost/a:1", "c0|c1|c2");
    g_autoptr(ImageRecord) back = NULL;

    record->created_unix_ns = 77;
    WORKS(image_insert(fixture->db, record, &error));
    fixture_reopen(fixture);
    WORKS(image_load(fixture->db, record->id, &back, &error));
    g_assert_cmpstr(back->id, ==, record->id);
    g_assert_cmpstr(back->manifest_digest, ==, record->manifest_digest);
    g_assert_cmpint(back->created_unix_ns, ==, 77);
    g_assert_cmpint(back->size_bytes, ==, INT64_C(5000000000));
    g_assert_true(json_equal(back->config, record->config));
    check_strv(back->names, "localhost/a:1|localhost/b:1");
    check_strv(back->layers, "c0|c1|c2");
    image_record_free(NULL);
}

static void test_a_missing_one_is_not_known(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    ImageRecord *record = NULL;

    FAILS(image_load(fixture->db, "gone", &record, &error), FLOE_ERROR_NOT_FOUND,
          "gone: image not known");
    g_assert_null(record);
}

static void test_a_name_moves_to_the_image_that_is_given_it(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *old = insert_image(fixture->db, "a", "localhost/x:latest|localhost/x:1", "c0");
    g_autofree char *new = insert_image(fixture->db, "b", "localhost/x:latest", "c1");

    check_names(fixture->db, old, "localhost/x:1");
    check_names(fixture->db, new, "localhost/x:latest");
}

static void test_one_that_is_there_gets_the_new_names_too(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *id = insert_image(fixture->db, "a", "localhost/x:1", "c0|c1");
    g_autoptr(ImageRecord) record = NULL;

    g_free(insert_image(fixture->db, "a", "localhost/x:2", "c0|c1"));
    g_free(insert_image(fixture->db, "a", NULL, "c0|c1"));
    WORKS(image_load(fixture->db, id, &record, &error));
    check_strv(record->names, "localhost/x:1|localhost/x:2");
    check_strv(record->layers, "c0|c1");
}

static void test_the_list_has_the_newest_first(void)
{
    static const int64_t created[] = { 20, 30, 10 };
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autoptr(GPtrArray) records = NULL;
    int64_t last = INT64_MAX;

    for (int i = 0; i < 3; i++) {
        g_autofree char *prefix = g_strdup_printf("%d", i);
        g_autoptr(ImageRecord) record = make_image(prefix, NULL, "c0");

        record->created_unix_ns = created[i];
        WORKS(image_insert(fixture->db, record, &error));
    }
    WORKS(image_list(fixture->db, &records, &error));
    g_assert_cmpuint(records->len, ==, 3);
    for (guint i = 0; i < records->len; i++) {
        const ImageRecord *record = g_ptr_array_index(records, i);

        g_assert_cmpint(record->created_unix_ns, <, last);
        check_strv(record->layers, "c0");
        last = record->created_unix_ns;
    }
}

static void test_a_damaged_one_is_named(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *id = insert_image(fixture->db, "a", NULL, NULL);
    ImageRecord *record = NULL;

    g_free(fixture_sql(fixture, "UPDATE image SET config = '{'"));
    FAILS(image_load(fixture->db, id, &record, &error), FLOE_ERROR_IO, id);
}

/* --- finding ---------------------------------------------------------------------------------- */

static void check_found(Database *db, const char *name, const char *id, const char *full_name)
{
    g_autofree char *found_id = NULL;
    g_autofree char *found_name = NULL;

    WORKS(image_find(db, name, &found_id, &found_name, &error));
    g_assert_cmpstr(found_id, ==, id);
    g_assert_cmpstr(found_name, ==, full_name);
}

static void test_it_is_found_by_id_and_prefix(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *first = insert_image(fixture->db, "abc1", NULL, NULL);
    g_autofree char *second = insert_image(fixture->db, "abc2", "localhost/x:latest", NULL);
    g_autofree char *with_algorithm = g_strconcat("sha256:", first, NULL);
    char *id = NULL;

    check_found(fixture->db, first, first, NULL);
    check_found(fixture->db, with_algorithm, first, NULL);
    check_found(fixture->db, "abc2", second, NULL);
    check_found(fixture->db, "sha256:abc1", first, NULL);
    WORKS(image_find(fixture->db, "abc1", &id, NULL, &error));
    g_assert_cmpstr(id, ==, first);
    g_free(id);
    FAILS(image_find(fixture->db, "abc", &id, NULL, &error), FLOE_ERROR_AMBIGUOUS, "\"abc\"");
    FAILS(image_find(fixture->db, "ab", &id, NULL, &error), FLOE_ERROR_NOT_FOUND,
          "ab: image not known");
}

static void test_it_is_found_by_the_forms_of_its_name(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *own = insert_image(fixture->db, "a", "localhost/redis:latest", NULL);
    g_autofree char *docker = insert_image(
        fixture->db, "b", "docker.io/library/redis:latest|docker.io/library/nginx:1", NULL);
    g_autofree char *far = insert_image(fixture->db, "c", "quay.io/team/app:latest", NULL);

    check_found(fixture->db, "redis", own, "localhost/redis:latest");
    check_found(fixture->db, "redis:latest", own, "localhost/redis:latest");
    check_found(fixture->db, "localhost/redis", own, "localhost/redis:latest");
    check_found(fixture->db, "docker.io/redis", docker, "docker.io/library/redis:latest");
    check_found(fixture->db, "nginx:1", docker, "docker.io/library/nginx:1");
    check_found(fixture->db, "library/nginx:1", docker, "docker.io/library/nginx:1");
    check_found(fixture->db, "app", far, "quay.io/team/app:latest");
    check_found(fixture->db, "team/app", far, "quay.io/team/app:latest");
    check_found(fixture->db, "quay.io/team/app:latest", far, "quay.io/team/app:latest");
}

static void test_a_name_goes_before_an_id_that_begins_so(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *by_id = insert_image(fixture->db, "cafe", NULL, NULL);
    g_autofree char *by_name = insert_image(fixture->db, "b", "localhost/cafe:latest", NULL);

    check_found(fixture->db, "cafe", by_name, "localhost/cafe:latest");
    check_found(fixture->db, "cafe0", by_id, NULL);
}

static void test_what_is_like_a_name_is_not_found(void)
{
    static const char *const names[] = {
        "",        "redi",    "edis",          "redis:6",      "x/redis",
        "%",       "redi_",   "quay.io/redis", "io/redis",     "Redis",
        "x:redis", "sha256:", "redis@",        "redis:latest/"
    };
    g_autoptr(Fixture) fixture = fixture_new(true);

    g_free(insert_image(fixture->db, "a", "quay.io/team/redis:latest", NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *text = g_strdup_printf("%s: image not known", names[i]);
        char *id = NULL;

        FAILS(image_find(fixture->db, names[i], &id, NULL, &error), FLOE_ERROR_NOT_FOUND, text);
        g_assert_null(id);
    }
}

static void test_no_name_at_all_says_why(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    char *id = NULL;

    FAILS(image_find(fixture->db, "Redis", &id, NULL, &error), FLOE_ERROR_NOT_FOUND,
          "must be lowercase");
}

static void test_the_end_of_two_names_is_ambiguous(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *second = insert_image(fixture->db, "b", "quay.io/two/app:latest", NULL);
    char *id = NULL;

    g_free(insert_image(fixture->db, "a", "quay.io/one/app:latest", NULL));
    FAILS(image_find(fixture->db, "app", &id, NULL, &error), FLOE_ERROR_AMBIGUOUS, "\"app\"");
    check_found(fixture->db, "two/app", second, "quay.io/two/app:latest");
    g_assert_null(id);
}

/* --- removing --------------------------------------------------------------------------------- */

static void test_a_name_is_taken_off_its_own_image_only(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *id = insert_image(fixture->db, "a", "localhost/x:1|localhost/x:2", NULL);
    g_autofree char *other = insert_image(fixture->db, "b", "localhost/y:1", NULL);

    WORKS(image_remove_name(fixture->db, id, "localhost/x:1", &error));
    check_names(fixture->db, id, "localhost/x:2");
    FAILS(image_remove_name(fixture->db, id, "localhost/x:1", &error), FLOE_ERROR_NOT_FOUND,
          "localhost/x:1: image not known");
    FAILS(image_remove_name(fixture->db, id, "localhost/y:1", &error), FLOE_ERROR_NOT_FOUND,
          "localhost/y:1");
    check_names(fixture->db, other, "localhost/y:1");
}

static void test_the_layers_that_nobody_needs_are_told_from_the_top(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *small = insert_image(fixture->db, "a", "localhost/x:1", "c0|c1");
    g_autofree char *large = insert_image(fixture->db, "b", "localhost/y:1", "c0|c1|c2|c3");
    g_auto(GStrv) of_large = NULL;
    g_auto(GStrv) of_small = NULL;
    g_autofree char *n_rows = NULL;
    char **orphans = NULL;

    WORKS(image_delete(fixture->db, large, &of_large, &error));
    check_strv(of_large, "c3|c2");
    WORKS(image_delete(fixture->db, small, &of_small, &error));
    check_strv(of_small, "c1|c0");
    n_rows = fixture_sql(fixture, "SELECT (SELECT count(*) FROM image_name)"
                                  " + (SELECT count(*) FROM image_layer)");
    g_assert_cmpstr(n_rows, ==, "0");
    FAILS(image_delete(fixture->db, small, &orphans, &error), FLOE_ERROR_NOT_FOUND, small);
    g_assert_null(orphans);
}

static void test_the_image_of_a_container_stays(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *id = insert_image(fixture->db, "a", "localhost/x:1", "c0");
    g_autoptr(ContainerRecord) container = make_container("b", "web");
    g_auto(GStrv) orphans = NULL;

    container->config.image_id = g_strdup(id);
    WORKS(container_insert(fixture->db, container, &error));
    FAILS(image_delete(fixture->db, id, &orphans, &error), FLOE_ERROR_IN_USE, id);
    check_names(fixture->db, id, "localhost/x:1");
    WORKS(container_delete(fixture->db, container->id, &error));
    WORKS(image_delete(fixture->db, id, &orphans, &error));
}

static void check_holders(Database *db, const char *digest, const char *expected)
{
    g_auto(GStrv) lists = NULL;

    WORKS(manifest_list_holders(db, digest, &lists, &error));
    check_strv(lists, expected);
}

static void test_a_list_holds_what_it_names(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *id = insert_image(fixture->db, "a", "localhost/x:1", "c0");
    g_autoptr(ImageRecord) list = make_image("b", "localhost/list:2|localhost/list:1", NULL);
    g_autoptr(ImageRecord) nameless = make_image("c", NULL, NULL);
    g_autoptr(ImageRecord) image = NULL, back = NULL;

    WORKS(image_load(fixture->db, id, &image, &error));
    g_assert_null(image->list);
    list->list = json_pack("{s:[{s:s}]}", "manifests", "digest", image->manifest_digest);
    nameless->list = json_deep_copy(list->list);
    WORKS(image_insert(fixture->db, list, &error));
    WORKS(image_insert(fixture->db, nameless, &error));

    g_autofree char *both = g_strconcat(nameless->id, "|localhost/list:1", NULL);

    check_holders(fixture->db, image->manifest_digest, both);
    check_holders(fixture->db, "sha256:0", "");

    json_array_clear(json_object_get(list->list, "manifests"));
    list->size_bytes = 7;
    WORKS(manifest_list_update(fixture->db, list, &error));
    check_holders(fixture->db, image->manifest_digest, nameless->id);
    fixture_reopen(fixture);
    WORKS(image_load(fixture->db, list->id, &back, &error));
    g_assert_true(json_equal(back->list, list->list));
    g_assert_cmpint(back->size_bytes, ==, 7);
    FAILS(manifest_list_update(fixture->db, image, &error), FLOE_ERROR_NOT_FOUND, id);
}

#define ADD(name, function) g_test_add_func("/state/image-record/" name, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("all-of-it-comes-back", test_all_of_it_comes_back);
    ADD("a-missing-one-is-not-known", test_a_missing_one_is_not_known);
    ADD("a-name-moves-to-the-image-that-is-given-it",
        test_a_name_moves_to_the_image_that_is_given_it);
    ADD("one-that-is-there-gets-the-new-names-too", test_one_that_is_there_gets_the_new_names_too);
    ADD("the-list-has-the-newest-first", test_the_list_has_the_newest_first);
    ADD("a-damaged-one-is-named", test_a_damaged_one_is_named);
    ADD("it-is-found-by-id-and-prefix", test_it_is_found_by_id_and_prefix);
    ADD("it-is-found-by-the-forms-of-its-name", test_it_is_found_by_the_forms_of_its_name);
    ADD("a-name-goes-before-an-id-that-begins-so", test_a_name_goes_before_an_id_that_begins_so);
    ADD("what-is-like-a-name-is-not-found", test_what_is_like_a_name_is_not_found);
    ADD("no-name-at-all-says-why", test_no_name_at_all_says_why);
    ADD("the-end-of-two-names-is-ambiguous", test_the_end_of_two_names_is_ambiguous);
    ADD("a-name-is-taken-off-its-own-image-only", test_a_name_is_taken_off_its_own_image_only);
    ADD("the-layers-that-nobody-needs-are-told-from-the-top",
        test_the_layers_that_nobody_needs_are_told_from_the_top);
    ADD("the-image-of-a-container-stays", test_the_image_of_a_container_stays);
    ADD("a-list-holds-what-it-names", test_a_list_holds_what_it_names);
    return g_test_run();
}
