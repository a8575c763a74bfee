/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/checkpoint-image.h"

#include "base/fd.h"
#include "engine/place.h"
#include "storage/archive-writer.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The call of a function of the inside succeeded. */
#define ASSERT_DONE(call) \
    do { \
        GError *error = NULL; \
        bool done = (call); \
        g_assert_no_error(error); \
        g_assert_true(done); \
    } while (0)

#define MARK "io.podman.annotations.checkpoint.runtime.name"

/* A tar of one file; `data` is its compression. */
static bool write_tar(int fd, void *data, GError **error)
{
    static const char text[] = "{\"id\":\"x\"}";
    g_autoptr(ArchiveWriter) writer = NULL;
    const TreeEntry entry = { .path = "config.dump", .mode = S_IFREG | 0600 };
    autofd int file = memfd_create("file", MFD_CLOEXEC);

    return fd_write_all(file, text, strlen(text), error) && lseek(file, 0, SEEK_SET) == 0 &&
           archive_writer_new(fd, *(Compression *)data, NULL, NULL, &writer, error) &&
           tar_add_file(archive_writer_tar(writer), &entry, file, error) &&
           archive_writer_finish(writer, error);
}

static bool fail_to_write(int fd, void *data, GError **error)
{
    return fd_write_all(fd, "\x1f\x8b", 2, error) &&
           err_set(error, FLOE_ERROR_CRIU, "the dump failed");
}

static bool write_no_tar(int fd, void *data, GError **error)
{
    g_autofree char *zeros = g_malloc0(4 * 1024 * 1024);

    return fd_write_all(fd, "BZh", 3, error) && fd_write_all(fd, zeros, 4 * 1024 * 1024, error);
}

static char *create(const Place *place, const char *name, Compression compression)
{
    g_autoptr(JsonValue) annotations = json_pack("{s:s, s:s}", MARK, "runc", "other", "text");
    const CheckpointImageRequest request = { name, annotations, write_tar, &compression };
    char *id = NULL;

    ASSERT_DONE(checkpoint_image_create(place->engine, &request, &id, &error));
    return id;
}

/* What an image's layer is, told by tar(1)'s reader in this library. */
static void assert_is_whole(const Place *place, const char *name)
{
    g_auto(CheckpointImage) image = CHECKPOINT_IMAGE_NONE;
    g_autofree char *packed = NULL;
    size_t length = 0;

    ASSERT_DONE(checkpoint_image_open(place->engine, name, &image, &error));
    g_assert_cmpstr(json_string_value(json_object_get(image.annotations, MARK)), ==, "runc");
    g_assert_cmpstr(json_string_value(json_object_get(image.annotations, "other")), ==, "text");
    ASSERT_DONE(fd_read_all(image.layer_fd, 1024 * 1024, &packed, &length, &error));
    g_assert_cmpuint(length, >, 20);
}

static void test_an_image_is_made_and_opened(void)
{
    g_autoptr(Place) place = place_new();
    g_autofree char *id = create(place, "cp", COMPRESSION_GZIP);
    bool is_checkpoint = false;

    assert_is_whole(place, "localhost/cp:latest");
    assert_is_whole(place, id);
    ASSERT_DONE(checkpoint_image_test(place->engine, "cp", &is_checkpoint, &error));
    g_assert_true(is_checkpoint);
    ASSERT_DONE(checkpoint_image_test(place->engine, "nosuch", &is_checkpoint, &error));
    g_assert_false(is_checkpoint);
}

static void test_a_plain_tar_will_do(void)
{
    g_autoptr(Place) place = place_new();
    g_autofree char *id = create(place, "cp", COMPRESSION_NONE);

    assert_is_whole(place, "cp");
}

static void test_an_oci_archive_keeps_it(void)
{
    g_autoptr(Place) here = place_new(), there = place_new();
    g_autofree char *id = create(here, "cp", COMPRESSION_GZIP);
    floe_save_options save = FLOE_SAVE_OPTIONS_INIT;
    autofd int archive = memfd_create("archive", MFD_CLOEXEC);

    save.format = "oci-archive";
    DONE(floe_image_save(here->engine, "cp", NULL, archive, &save, &error));
    g_assert_cmpint(lseek(archive, 0, SEEK_SET), ==, 0);
    DONE(floe_image_load(there->engine, archive, NULL, NULL, &error));
    assert_is_whole(there, "localhost/cp:latest");
}

static void test_dockers_form_is_refused(void)
{
    g_autoptr(Place) place = place_new();
    g_autofree char *id = create(place, "cp", COMPRESSION_GZIP);
    autofd int archive = memfd_create("archive", MFD_CLOEXEC);
    floe_error *error = NULL;

    g_assert_false(floe_image_save(place->engine, "cp", NULL, archive, NULL, &error));
    g_assert_cmpint(floe_error_get_code(error), ==, FLOE_ERROR_INVALID);
    g_assert_nonnull(strstr(floe_error_get_message(error), "holds a checkpoint"));
    floe_error_free(error);
}

static void test_nothing_runs_in_it(void)
{
    g_autoptr(Place) place = place_new();
    g_autofree char *id = create(place, "cp", COMPRESSION_GZIP);
    floe_create_options options = FLOE_CREATE_OPTIONS_INIT;
    floe_error *error = NULL;

    options.image = "cp";
    g_assert_false(floe_container_create(place->engine, &options, NULL, &error));
    g_assert_nonnull(strstr(floe_error_get_message(error), "restore"));
    floe_error_free(error);
}

static void assert_refused(LayerWrite writer, const char *part)
{
    g_autoptr(Place) place = place_new();
    g_autoptr(JsonValue) annotations = json_object();
    const CheckpointImageRequest request = { "cp", annotations, writer, NULL };
    g_autofree char *images = g_build_filename(place->engine->root, "images", NULL);
    g_autoptr(GDir) entries = NULL;
    g_autoptr(GError) why = NULL;
    const char *name;
    bool is_checkpoint = true;

    g_assert_false(checkpoint_image_create(place->engine, &request, NULL, &why));
    g_assert_nonnull(strstr(why->message, part));
    ASSERT_DONE(checkpoint_image_test(place->engine, "cp", &is_checkpoint, &error));
    g_assert_false(is_checkpoint);
    entries = g_dir_open(images, 0, NULL);
    while ((name = g_dir_read_name(entries)) != NULL)
        g_assert_false(g_str_has_prefix(name, "tmp-"));
}

static void test_a_failure_of_the_writer_is_told_and_leaves_nothing(void)
{
    assert_refused(fail_to_write, "the dump failed");
}

static void test_what_is_no_tar_is_told(void)
{
    assert_refused(write_no_tar, "bzip2");
}

static void test_another_image_is_none(void)
{
    g_autoptr(Place) place = place_new();
    g_auto(CheckpointImage) image = CHECKPOINT_IMAGE_NONE;
    g_autoptr(GError) error = NULL;

    g_assert_false(checkpoint_image_open(place->engine, "nosuch", &image, &error));
    g_assert_true(err_is(error, FLOE_ERROR_NOT_FOUND));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/checkpoint-image/made-and-opened", test_an_image_is_made_and_opened);
    g_test_add_func("/engine/checkpoint-image/plain-tar", test_a_plain_tar_will_do);
    g_test_add_func("/engine/checkpoint-image/oci-archive-keeps-it", test_an_oci_archive_keeps_it);
    g_test_add_func("/engine/checkpoint-image/docker-refused", test_dockers_form_is_refused);
    g_test_add_func("/engine/checkpoint-image/nothing-runs-in-it", test_nothing_runs_in_it);
    g_test_add_func("/engine/checkpoint-image/writer-fails",
                    test_a_failure_of_the_writer_is_told_and_leaves_nothing);
    g_test_add_func("/engine/checkpoint-image/no-tar", test_what_is_no_tar_is_told);
    g_test_add_func("/engine/checkpoint-image/another-image", test_another_image_is_none);
    return g_test_run();
}
