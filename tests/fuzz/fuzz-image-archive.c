/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The documents of an unpacked archive of images, with a NUL between them: manifest.json or
 * index.json, a configuration, and a layer. Nothing may change outside of the staging.
 */
#include "base/path.h"
#include "fuzz.h"
#include "storage/docker-archive.h"
#include "storage/staged-image.h"

#include <stdlib.h>
#include <string.h>

/* The text up to the next NUL. */
static char *next_part(const char **data, size_t *size)
{
    const char *end = *size > 0 ? memchr(*data, '\0', *size) : NULL;
    size_t length = end != NULL ? (size_t)(end - *data) : *size;
    char *part = g_strndup(*data, length);

    *data += end != NULL ? length + 1 : length;
    *size -= end != NULL ? length + 1 : length;
    return part;
}

static void put(const Staging *staging, const char *name, const char *data, size_t size)
{
    g_autofree char *path = g_build_filename(staging->path, name, NULL);

    g_assert_true(file_write_atomic(path, data, size, 0600, NULL));
}

/* A manifest that was let through can be read, and what it says is bounded. */
static void read_image(const Staging *staging, const char *digest)
{
    g_auto(StagedImage) image = { 0 };
    g_autoptr(GError) error = NULL;

    if (staged_image_read(staging, digest, &image, &error) != (error == NULL))
        abort();
    if (error == NULL && image.layers->len > MANIFEST_LAYERS_MAX)
        abort();
}

static void take_images(const Staging *staging)
{
    g_autoptr(JsonValue) images = NULL;
    json_t *image;
    size_t i;

    if (!docker_archive_images(staging, &images, NULL))
        return;
    json_array_foreach(images, i, image) {
        g_autofree char *digest = NULL;
        g_autoptr(GError) error = NULL;

        if (docker_archive_take(staging, image, &digest, &error) != (error == NULL))
            abort();
        if (error == NULL)
            read_image(staging, digest);
    }
}

static void read_index(const Staging *staging)
{
    g_autoptr(JsonValue) manifests = NULL;
    json_t *entry;
    size_t i;

    if (!staging_read_index(staging, &manifests, NULL))
        return;
    json_array_foreach(manifests, i, entry) {
        const char *digest = json_string_value(json_object_get(entry, "digest"));

        read_image(staging, digest != NULL ? digest : "");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Layout layout;
    const char *rest = (const char *)data;
    g_auto(Staging) staging = STAGING_NONE;

    if (layout.images_dir == NULL)
        g_assert_true(layout_open(fuzz_directory(), &layout, NULL));
    g_assert_true(staging_open(&layout, &staging, NULL));

    g_autofree char *list = next_part(&rest, &size);
    g_autofree char *config = next_part(&rest, &size);

    put(&staging, "manifest.json", list, strlen(list));
    put(&staging, "index.json", list, strlen(list));
    put(&staging, "config.json", config, strlen(config));
    put(&staging, "layer.tar", rest, size);
    take_images(&staging);
    read_index(&staging);
    return 0;
}
