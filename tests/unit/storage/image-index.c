/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/image-index.h"

#include <string.h>

#define A   "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B   "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define OCI "application/vnd.oci.image.manifest.v1+json"

static json_t *parse(const char *text)
{
    json_t *value = json_loads(text, 0, NULL);

    g_assert_nonnull(value);
    return value;
}

static void put(json_t *index, const char *type, const char *digest, const char *source)
{
    image_index_put(index, image_index_entry_new(type, 7, digest, NULL), source);
}

static void check_written(const json_t *index, const char *type, const char *digests)
{
    g_autoptr(JsonValue) document = NULL;
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    g_autofree char *text = NULL, *digest = NULL, *joined = NULL;
    const char *media_type = NULL;
    json_t *entry;
    size_t i;

    g_assert_true(image_index_write(index, &text, &digest, &media_type, NULL));
    document = parse(text);
    g_assert_cmpstr(media_type, ==, type);
    g_assert_cmpstr(json_string_value(json_object_get(document, "mediaType")), ==, type);
    g_assert_null(json_object_get(document, "sources"));
    json_array_foreach(json_object_get(document, "manifests"), i, entry) {
        g_ptr_array_add(found, (char *)json_string_value(json_object_get(entry, "digest")));
    }
    g_ptr_array_add(found, NULL);
    joined = g_strjoinv("|", (char **)found->pdata);
    g_assert_cmpstr(joined, ==, digests);
}

static void test_one_of_each_digest(void)
{
    g_autoptr(JsonValue) index = image_index_new();

    put(index, OCI, A, "host/a");
    put(index, OCI, B, NULL);
    put(index, OCI, A, "host/other");
    check_written(index, "application/vnd.oci.image.index.v1+json", B "|" A);
    g_assert_cmpstr(image_index_source(index, A), ==, "host/other");
    g_assert_null(image_index_source(index, B));
    put(index, OCI, A, NULL);
    g_assert_null(image_index_source(index, A));
    g_assert_true(image_index_remove(index, A));
    g_assert_false(image_index_remove(index, A));
    g_assert_null(image_index_find(index, A));
    check_written(index, "application/vnd.oci.image.index.v1+json", B);
}

static void test_docker_form_has_no_annotations(void)
{
    static const char *const notes[] = { "k=v", NULL };
    const IndexPlatform said = { .annotations = notes };
    g_autoptr(JsonValue) index = image_index_new();
    g_autofree char *text = NULL, *digest = NULL;
    const char *type = NULL;

    check_written(index, MEDIA_TYPE_DOCKER_LIST, "");
    put(index, MEDIA_TYPE_DOCKER_MANIFEST, A, NULL);
    g_assert_true(image_index_entry_set(image_index_find(index, A), &said, NULL));
    check_written(index, MEDIA_TYPE_DOCKER_LIST, A);
    g_assert_true(image_index_write(index, &text, &digest, &type, NULL));
    g_assert_null(strstr(text, "annotations"));
    put(index, OCI, B, NULL);
    check_written(index, "application/vnd.oci.image.index.v1+json", A "|" B);
}

static void test_what_is_said_counts(void)
{
    static const char *const notes[] = { "k=v=w", "e=", NULL };
    const IndexPlatform said = { .architecture = "arm", .annotations = notes };
    g_autoptr(JsonValue) config = parse("{\"architecture\":\"amd64\",\"os\":\"linux\",\"x\":1}");
    g_autoptr(JsonValue) entry = image_index_entry_new(OCI, 7, A, config);
    g_autofree char *text = NULL;

    g_assert_true(image_index_entry_set(entry, &said, NULL));
    text = json_to_text(entry);
    g_assert_cmpstr(text, ==,
                    "{\"mediaType\":\"" OCI "\",\"size\":7,\"digest\":\"" A
                    "\",\"platform\":{\"architecture\":\"arm\",\"os\":\"linux\"},"
                    "\"annotations\":{\"k\":\"v=w\",\"e\":\"\"}}");
}

static void test_annotations_need_a_key_and_a_value(void)
{
    static const char *const bad[] = { "k", "=v", "", "k=\xff" };
    g_autoptr(JsonValue) entry = image_index_entry_new(OCI, 7, A, NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        const char *const notes[] = { bad[i], NULL };
        const IndexPlatform said = { .annotations = notes };
        g_autoptr(GError) error = NULL;

        g_assert_false(image_index_entry_set(entry, &said, &error));
        g_assert_cmpint(error->code, ==, FLOE_ERROR_INVALID);
    }
}

static void test_another_lists_entry_is_not_trusted(void)
{
    static const char *const bad[] = {
        "[]",
        "{}",
        "{\"mediaType\":\"" OCI "\",\"digest\":\"" A "\"}",
        "{\"mediaType\":\"" OCI "\",\"digest\":\"" A "\",\"size\":-1}",
        "{\"mediaType\":\"" OCI "\",\"digest\":\"sha256:../../x\",\"size\":1}",
        "{\"mediaType\":\"text/plain\",\"digest\":\"" A "\",\"size\":1}",
        "{\"mediaType\":\"" OCI "\",\"digest\":\"" A "\",\"size\":1,\"platform\":[]}",
        "{\"mediaType\":\"" OCI "\",\"digest\":\"" A "\",\"size\":1,\"platform\":{\"os\":1}}",
        "{\"mediaType\":\"" OCI "\",\"digest\":\"" A "\",\"size\":1,\"annotations\":{\"a\":1}}",
    };
    g_autoptr(JsonValue) good = parse(
        "{\"mediaType\":\"" OCI "\",\"digest\":\"" A
        "\",\"size\":1,\"urls\":[\"x\"],\"platform\":{\"os\":\"linux\","
        "\"other\":1},\"annotations\":{\"a\":\"b\"}}");
    g_autoptr(JsonValue) copy = NULL;
    g_autofree char *text = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(JsonValue) entry = parse(bad[i]);
        g_autoptr(GError) error = NULL;

        g_assert_false(image_index_entry_copy(entry, &copy, &error));
        g_assert_cmpint(error->code, ==, FLOE_ERROR_INVALID);
        g_assert_null(copy);
    }
    g_assert_true(image_index_entry_copy(good, &copy, NULL));
    text = json_to_text(copy);
    g_assert_cmpstr(text, ==,
                    "{\"mediaType\":\"" OCI "\",\"size\":1,\"digest\":\"" A
                    "\",\"platform\":{\"os\":\"linux\"},\"annotations\":{\"a\":\"b\"}}");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/storage/image-index/one-of-each-digest", test_one_of_each_digest);
    g_test_add_func("/storage/image-index/docker-form-has-no-annotations",
                    test_docker_form_has_no_annotations);
    g_test_add_func("/storage/image-index/what-is-said-counts", test_what_is_said_counts);
    g_test_add_func("/storage/image-index/annotations-need-a-key-and-a-value",
                    test_annotations_need_a_key_and_a_value);
    g_test_add_func("/storage/image-index/another-lists-entry-is-not-trusted",
                    test_another_lists_entry_is_not_trusted);
    return g_test_run();
}
