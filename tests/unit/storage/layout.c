/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/layout.h"

#include "base/digest.h"
#include "base/scratch.h"
#include "storage/decompressor.h"
#include "storage/image-documents.h"
#include "tar-maker.h"

#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_LIMIT ((size_t)16 * 1024 * 1024)

/* A plain tar of one file. */
static GByteArray *small_tar(const char *filter, const char *content)
{
    TarMaker *maker = tar_maker_new(filter);

    tar_file(maker, "file", content);
    return tar_finish(maker);
}

static bool import(const char *root, const GByteArray *tar, const ImportRequest *request,
                   ImportedImage *image, GError **error)
{
    g_auto(Layout) layout = { 0 };
    autofd int fd = bytes_open(tar->data, tar->len);

    g_assert_true(layout_open(root, &layout, NULL));
    return layout_import_tar(&layout, fd, request, image, error);
}

static void import_well(const char *root, const GByteArray *tar, const char *name,
                        ImportedImage *image)
{
    const ImportRequest request = { .reference = name };
    g_autoptr(GError) error = NULL;

    import(root, tar, &request, image, &error);
    g_assert_no_error(error);
}

static char *blob_path(const char *root, const char *digest)
{
    const char *hex = g_str_has_prefix(digest, "sha256:") ? digest + 7 : digest;

    return g_build_filename(root, "images/blobs/sha256", hex, NULL);
}

/* Read a blob and check that it is what its name says. */
static char *blob_read(const char *root, const char *digest, size_t *ret_length)
{
    g_autofree char *path = blob_path(root, digest);
    g_autoptr(GError) error = NULL;
    char *data = NULL;

    file_read(path, FILE_LIMIT, &data, ret_length, &error);
    g_assert_no_error(error);

    g_autofree char *hex = sha256_hex(data, *ret_length);

    g_assert_true(g_str_has_suffix(path, hex));
    return data;
}

static json_t *blob_json(const char *root, const char *digest)
{
    size_t length = 0;
    g_autofree char *text = blob_read(root, digest, &length);
    json_t *value = NULL;

    g_assert_true(json_parse(text, length, "blob", &value, NULL));
    return value;
}

static json_t *index_read(const char *root)
{
    IN(root, path, "images/index.json");
    json_t *index = NULL;
    g_autoptr(GError) error = NULL;

    json_read_file(path, FILE_LIMIT, &index, &error);
    g_assert_no_error(error);
    return index;
}

static guint count_entries(const char *directory)
{
    g_autoptr(GDir) entries = g_dir_open(directory, 0, NULL);
    guint count = 0;

    g_assert_nonnull(entries);
    while (g_dir_read_name(entries) != NULL)
        count++;
    return count;
}

/* So many blobs and layers, and nothing half done. */
static void assert_counts(const char *root, guint n_blobs, guint n_layers)
{
    IN(root, blobs, "images/blobs/sha256");
    IN(root, layers, "layers");
    IN(root, images, "images");
    g_autoptr(GDir) entries = g_dir_open(images, 0, NULL);
    const char *name;

    g_assert_cmpuint(count_entries(blobs), ==, n_blobs);
    g_assert_cmpuint(count_entries(layers), ==, n_layers);
    while ((name = g_dir_read_name(entries)) != NULL)
        g_assert_false(g_str_has_prefix(name, "tmp-"));
}

/* --- import ----------------------------------------------------------------------------------- */

static void test_an_import_is_a_whole_image(void)
{
    SCRATCH(root);
    const char *const changes[] = { "CMD [\"sh\"]", "ENV A=1", NULL };
    const ImportRequest request = { "localhost/x:latest", changes, "a message" };
    g_autoptr(GByteArray) tar = small_tar("none", "content");
    g_autofree char *diff_id = sha256_hex(tar->data, tar->len);
    g_auto(ImportedImage) image = { 0 };
    g_autoptr(GError) error = NULL;

    import(root, tar, &request, &image, &error);
    g_assert_no_error(error);

    g_autoptr(JsonValue) config = blob_json(root, image.id);
    const char *architecture = NULL, *diff_in_config = NULL, *comment = NULL;

    g_assert_true(json_equal(config, image.config));
    g_assert_cmpint(json_unpack(config, "{s:s, s:{s:[s]}, s:[{s:s}]}", "architecture",
                                &architecture, "rootfs", "diff_ids", &diff_in_config, "history",
                                "comment", &comment),
                    ==, 0);
    g_assert_cmpstr(diff_in_config + strlen("sha256:"), ==, diff_id);
    g_assert_cmpstr(comment, ==, "a message");
    g_assert_cmpstr(image.layers[0], ==, diff_id);
    g_assert_null(image.layers[1]);
    g_assert_cmpint(image.size_bytes, ==, 7);

    g_autofree char *file = g_build_filename(root, "layers", diff_id, "diff/file", NULL);
    g_autofree char *content = NULL;

    g_assert_true(file_read(file, 100, &content, NULL, NULL));
    g_assert_cmpstr(content, ==, "content");
    assert_counts(root, 3, 1);
}

static void test_the_index_leads_to_the_layer(void)
{
    SCRATCH(root);
    g_autoptr(GByteArray) tar = small_tar("none", "content");
    g_auto(ImportedImage) image = { 0 };

    import_well(root, tar, "localhost/x:latest", &image);

    g_autoptr(JsonValue) index = index_read(root);
    const char *digest, *name, *layer_type, *layer_digest;
    json_int_t manifest_size, layer_size;
    size_t length = 0;

    g_assert_cmpint(json_unpack(index, "{s:[{s:s, s:I, s:{s:s}}]}", "manifests", "digest", &digest,
                                "size", &manifest_size, "annotations", ANNOTATION_REF_NAME, &name),
                    ==, 0);
    g_assert_cmpstr(digest, ==, image.manifest_digest);
    g_assert_cmpstr(name, ==, "localhost/x:latest");

    g_autoptr(JsonValue) manifest = blob_json(root, digest);

    g_assert_cmpint(json_unpack(manifest, "{s:[{s:s, s:s, s:I}]}", "layers", "mediaType",
                                &layer_type, "digest", &layer_digest, "size", &layer_size),
                    ==, 0);

    g_autofree char *layer = blob_read(root, layer_digest, &length);

    g_assert_cmpstr(layer_type, ==, MEDIA_TYPE_LAYER "+zstd"); /* a plain tar is compressed */
    g_assert_cmpuint(length, ==, (size_t)layer_size);

    autofd int fd = bytes_open(layer, length);
    g_autoptr(Decompressor) unpacked = decompressor_new(fd, NULL, NULL);
    const void *data;

    g_assert_true(decompressor_next(unpacked, &data, &length, NULL));
    g_assert_cmpmem(data, length, tar->data, tar->len);
}

static void test_compressed_layers_are_kept_as_they_are(void)
{
    const char *filters[] = { "gzip", "zstd" };

    for (size_t i = 0; i < G_N_ELEMENTS(filters); i++) {
        SCRATCH(root);
        g_autoptr(GByteArray) plain = small_tar("none", "content");
        g_autoptr(GByteArray) packed = small_tar(filters[i], "content");
        g_autofree char *diff_id = sha256_hex(plain->data, plain->len);
        g_autofree char *packed_hex = sha256_hex(packed->data, packed->len);
        g_auto(ImportedImage) image = { 0 };
        size_t length = 0;

        import_well(root, packed, NULL, &image);

        g_autofree char *blob = blob_read(root, packed_hex, &length);

        g_assert_cmpmem(blob, length, packed->data, packed->len);
        g_assert_cmpstr(image.layers[0], ==, diff_id);
    }
}

static void test_an_identical_layer_is_used_again(void)
{
    SCRATCH(root);
    g_autoptr(GByteArray) tar = small_tar("none", "content");
    g_auto(ImportedImage) one = { 0 }, two = { 0 };

    import_well(root, tar, "localhost/one:latest", &one);
    import_well(root, tar, "localhost/two:latest", &two);
    g_assert_cmpstr(one.layers[0], ==, two.layers[0]);
    g_assert_cmpstr(one.id, !=, two.id); /* made at another time */
    assert_counts(root, 5, 1);
}

static void test_a_name_moves_to_the_newest_image(void)
{
    SCRATCH(root);
    g_autoptr(GByteArray) tar = small_tar("none", "content");
    g_auto(ImportedImage) one = { 0 }, two = { 0 };

    import_well(root, tar, "localhost/x:latest", &one);
    import_well(root, tar, "localhost/x:latest", &two);

    g_autoptr(JsonValue) index = index_read(root);
    json_t *manifests = json_object_get(index, "manifests");
    json_t *old = json_array_get(manifests, 0);

    g_assert_cmpuint(json_array_size(manifests), ==, 2); /* the old one is there, nameless */
    g_assert_cmpstr(json_string_value(json_object_get(old, "digest")), ==, one.manifest_digest);
    g_assert_null(json_object_get(json_object_get(old, "annotations"), ANNOTATION_REF_NAME));
}

static void assert_import_fails(const char *root, const GByteArray *tar, const char *change,
                                const char *why)
{
    const char *const changes[] = { change, NULL };
    const ImportRequest request = { .changes = change != NULL ? changes : NULL };
    g_auto(ImportedImage) image = { 0 };
    g_autoptr(GError) error = NULL;

    g_assert_false(import(root, tar, &request, &image, &error));
    g_assert_true(err_is(error, FLOE_ERROR_INVALID));
    if (strstr(error->message, why) == NULL)
        g_error("'%s' is not in: %s", why, error->message);
    assert_counts(root, 0, 0);
}

static void test_a_failed_import_leaves_nothing(void)
{
    SCRATCH(root);
    g_autoptr(GByteArray) tar = small_tar("none", "content");
    g_autoptr(GByteArray) gzip = small_tar("gzip", "content");
    static guint8 nothing[1], garbage[] = "this is a text and no archive";

    assert_import_fails(root, &(GByteArray){ nothing, 0 }, NULL, "empty");
    assert_import_fails(root, &(GByteArray){ garbage, sizeof(garbage) }, NULL, "not a tar archive");
    assert_import_fails(root, &(GByteArray){ gzip->data, gzip->len - 5 }, NULL, "truncated");
    assert_import_fails(root, tar, "RUN make", "RUN");
}

static void test_a_full_disk_leaves_nothing(void)
{
    SCRATCH(root);
    IN(root, blobs, "images/blobs");
    IN(root, blobs_sha256, "images/blobs/sha256");
    g_autoptr(GByteArray) tar = small_tar("none", "content");
    const ImportRequest request = { 0 };
    g_auto(ImportedImage) image = { 0 };
    g_auto(Layout) layout = { 0 };
    g_autoptr(GError) error = NULL;

    /* Placing the blobs fails, when the layer has its place already. */
    g_assert_true(layout_open(root, &layout, NULL));
    g_assert_cmpint(rmdir(blobs_sha256), ==, 0);
    g_assert_false(import(root, tar, &request, &image, &error));
    g_assert_true(dir_make(blobs_sha256, 0700, NULL));
    g_assert_true(path_exists(blobs));
    assert_counts(root, 0, 0);
}

/* --- removing --------------------------------------------------------------------------------- */

static void test_removing_an_image_spares_what_others_use(void)
{
    SCRATCH(root);
    g_autoptr(GByteArray) tar = small_tar("none", "content");
    g_auto(ImportedImage) one = { 0 }, two = { 0 };
    g_auto(Layout) layout = { 0 };
    size_t length = 0;

    import_well(root, tar, "localhost/one:latest", &one);
    import_well(root, tar, "localhost/two:latest", &two);
    g_assert_true(layout_open(root, &layout, NULL));
    g_assert_true(layout_remove_image(&layout, one.manifest_digest, NULL));
    assert_counts(root, 3, 1);
    g_free(blob_read(root, two.id, &length));

    g_assert_true(layout_remove_image(&layout, two.manifest_digest, NULL));
    g_assert_true(layout_remove_image(&layout, two.manifest_digest, NULL)); /* gone: success */
    g_assert_true(layout_remove_layer(&layout, two.layers[0], NULL));
    g_assert_true(layout_remove_layer(&layout, two.layers[0], NULL));
    assert_counts(root, 0, 0);
}

static void test_only_a_layer_s_id_names_a_layer(void)
{
    SCRATCH(root);
    g_auto(Layout) layout = { 0 };
    g_autoptr(GError) error = NULL;

    g_assert_true(layout_open(root, &layout, NULL));
    g_assert_false(layout_remove_layer(&layout, "../images", &error));
    g_assert_true(err_is(error, FLOE_ERROR_INVALID));
    g_assert_true(path_exists(layout.images_dir));
}

/* The pid of a process that has ended, and that nobody has reaped. */
static int zombie_pid(void)
{
    pid_t pid = fork();
    siginfo_t end;

    if (pid == 0)
        _exit(0);
    g_assert_cmpint(waitid(P_PID, (id_t)pid, &end, WEXITED | WNOWAIT), ==, 0);
    return pid;
}

/* The pid of a process that is no more. */
static int dead_pid(void)
{
    int pid = zombie_pid();

    g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
    return pid;
}

/* Clean with only this image known; NULL: none. */
static bool clean_all_but(const Layout *layout, const ImportedImage *image, GError **error)
{
    g_autoptr(GHashTable) manifests = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) layers = g_hash_table_new(g_str_hash, g_str_equal);

    if (image != NULL) {
        g_hash_table_add(manifests, image->manifest_digest);
        g_hash_table_add(layers, image->layers[0]);
    }
    return layout_clean(layout, manifests, layers, error);
}

static void test_cleaning_removes_what_the_dead_left(void)
{
    SCRATCH(root);
    g_auto(Layout) layout = { 0 };
    g_autoptr(GError) error = NULL;
    g_autofree char *dead_layer = g_strdup_printf("%s/layers/tmp-%d-abc/diff/usr", root, dead_pid());
    g_autofree char *dead_blob = g_strdup_printf("%s/images/tmp-%d-abc", root, dead_pid());
    int zombie = zombie_pid();
    g_autofree char *zombie_blob = g_strdup_printf("%s/images/tmp-%d-abc", root, zombie);
    g_autofree char *live_layer = g_strdup_printf("%s/layers/tmp-%d-abc", root, (int)getpid());
    IN(root, orphan, "images/blobs/sha256/0123");

    g_assert_true(layout_open(root, &layout, NULL));
    g_assert_true(dir_make(dead_layer, 0700, NULL));
    g_assert_true(dir_make(live_layer, 0700, NULL));
    g_assert_true(file_write_atomic(dead_blob, "x", 1, 0600, NULL));
    g_assert_true(file_write_atomic(zombie_blob, "x", 1, 0600, NULL));
    g_assert_true(file_write_atomic(orphan, "x", 1, 0600, NULL));
    clean_all_but(&layout, NULL, &error);
    g_assert_no_error(error);

    g_assert_true(path_exists(live_layer));
    g_assert_false(path_exists(zombie_blob));
    assert_counts(root, 0, 1);
    waitpid(zombie, NULL, 0);
}

static void test_cleaning_spares_images(void)
{
    SCRATCH(root);
    g_autoptr(GByteArray) tar = small_tar("none", "content");
    g_auto(ImportedImage) image = { 0 };
    g_auto(Layout) layout = { 0 };

    import_well(root, tar, NULL, &image);
    g_assert_true(layout_open(root, &layout, NULL));
    g_assert_true(clean_all_but(&layout, &image, NULL));
    assert_counts(root, 3, 1);
}

static void test_cleaning_removes_images_that_nobody_knows(void)
{
    SCRATCH(root);
    g_autoptr(GByteArray) known_tar = small_tar("none", "content");
    g_autoptr(GByteArray) unknown_tar = small_tar("none", "more content");
    g_auto(ImportedImage) known = { 0 };
    g_auto(ImportedImage) unknown = { 0 };
    g_auto(Layout) layout = { 0 };

    import_well(root, known_tar, NULL, &known);
    import_well(root, unknown_tar, NULL, &unknown);
    assert_counts(root, 6, 2);
    g_assert_true(layout_open(root, &layout, NULL));
    g_assert_true(clean_all_but(&layout, &known, NULL));
    assert_counts(root, 3, 1);
}

static void test_a_damaged_index_loses_no_blobs(void)
{
    SCRATCH(root);
    IN(root, path, "images/index.json");
    g_autoptr(GByteArray) tar = small_tar("none", "content");
    g_auto(ImportedImage) image = { 0 };
    g_auto(Layout) layout = { 0 };
    g_autoptr(GError) error = NULL;

    import_well(root, tar, NULL, &image);
    g_assert_true(file_write_atomic(path, "{\"manifests\": 1}", 16, 0644, NULL));
    g_assert_true(layout_open(root, &layout, NULL));
    g_assert_false(clean_all_but(&layout, &image, &error));
    g_assert_nonnull(strstr(error->message, "manifests"));
    assert_counts(root, 3, 1);
}

#define ADD(name, function) g_test_add_func("/storage/layout/" name, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("an-import-is-a-whole-image", test_an_import_is_a_whole_image);
    ADD("the-index-leads-to-the-layer", test_the_index_leads_to_the_layer);
    ADD("compressed-layers-are-kept-as-they-are", test_compressed_layers_are_kept_as_they_are);
    ADD("an-identical-layer-is-used-again", test_an_identical_layer_is_used_again);
    ADD("a-name-moves-to-the-newest-image", test_a_name_moves_to_the_newest_image);
    ADD("a-failed-import-leaves-nothing", test_a_failed_import_leaves_nothing);
    ADD("a-full-disk-leaves-nothing", test_a_full_disk_leaves_nothing);
    ADD("removing-an-image-spares-what-others-use", test_removing_an_image_spares_what_others_use);
    ADD("only-a-layer-s-id-names-a-layer", test_only_a_layer_s_id_names_a_layer);
    ADD("cleaning-removes-what-the-dead-left", test_cleaning_removes_what_the_dead_left);
    ADD("cleaning-spares-images", test_cleaning_spares_images);
    ADD("cleaning-removes-images-that-nobody-knows", test_cleaning_removes_images_that_nobody_knows);
    ADD("a-damaged-index-loses-no-blobs", test_a_damaged_index_loses_no_blobs);
    return g_test_run();
}
