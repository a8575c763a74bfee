/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tar of a root file system becomes an image. One pass over the stream feeds the unpacking, the
 * blob and both digests; nothing has its final name until all of it has been read and is on disk.
 */
#include "storage/layout-files.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/path.h"
#include "base/tree.h"
#include "storage/image-changes.h"
#include "storage/image-documents.h"
#include "storage/layer-blob.h"
#include "storage/layout-index.h"
#include "storage/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct Import {
    const Layout *layout;
    char *layer_path; /* the layer, aside; NULL: it has its place */
    LayerBlob blob;   /* the chain id of a single layer is its diff_hex */
    UnpackResult unpacked;
} Import;

static void import_clear(Import *import)
{
    g_autoptr(GError) error = NULL;

    if (import->layer_path != NULL && !tree_remove(import->layer_path, &error))
        log_ignored(g_steal_pointer(&error), "cannot remove '%s'", import->layer_path);
    layer_blob_clear(&import->blob);
    g_free(import->layer_path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Import, import_clear)

void imported_image_clear(ImportedImage *image)
{
    g_clear_pointer(&image->id, g_free);
    g_clear_pointer(&image->manifest_digest, g_free);
    g_clear_pointer(&image->layers, g_strfreev);
    g_clear_pointer(&image->config, json_decref);
}

/* --- the pass over the stream ----------------------------------------------------------------- */

/* Read the stream to its end. The files are in place aside, and both digests are known. */
static bool import_stream(Import *import, int fd, GError **error)
{
    const UnpackOptions options = {
        .whiteouts = true, /* there is nothing below to hide, but they are not files */
        .on_packed = layer_blob_on_packed,
        .on_unpacked = layer_blob_on_unpacked,
        .user_data = &import->blob,
    };
    g_autofree char *diff_path = g_build_filename(import->layer_path, "diff", NULL);
    autofd int diff_fd = -1;

    return layer_blob_open(layout_temporary_path(import->layout->images_dir), &import->blob,
                           error) &&
           dir_make(import->layer_path, 0700, error) && dir_make(diff_path, 0755, error) &&
           root_open(diff_path, &diff_fd, error) &&
           unpack_tar(fd, diff_fd, &options, &import->unpacked, error) &&
           layer_blob_finish(&import->blob, error);
}

/* All that has been written reaches the disk before any of it gets a name that says it is whole. */
static bool import_sync(const Import *import, GError **error)
{
    autofd int fd = open(import->layer_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || syncfs(fd) < 0)
        return err_set_errno(error, "sync '%s'", import->layer_path);
    return true;
}

/* --- the documents ---------------------------------------------------------------------------- */

/* What containers get, before anything is read: a bad change is told at once. */
static bool container_config(const ImportRequest *request, json_t **ret_config, GError **error)
{
    g_autoptr(JsonValue) config = json_object();

    if (request->message != NULL && !g_utf8_validate(request->message, -1, NULL))
        return err_set(error, FLOE_ERROR_INVALID, "the message is not UTF-8");
    for (size_t i = 0; request->changes != NULL && request->changes[i] != NULL; i++) {
        if (!image_config_change(config, request->changes[i], error))
            return false;
    }
    *ret_config = g_steal_pointer(&config);
    return true;
}

static bool document_place(const char *blobs_dir, const char *hex, const char *text, GError **error)
{
    g_autofree char *path = g_build_filename(blobs_dir, hex, NULL);

    return path_exists(path) || file_write_durable(path, text, strlen(text), 0600, error);
}

/* --- into place ------------------------------------------------------------------------------- */

static bool layer_place(Import *import, bool *ret_is_new, GError **error)
{
    g_autofree char *final = layout_layer_dir(import->layout, import->blob.diff_hex);

    *ret_is_new = rename(import->layer_path, final) == 0;
    if (*ret_is_new)
        g_clear_pointer(&import->layer_path, g_free);
    else if (errno != EEXIST && errno != ENOTEMPTY) /* else the same one is there, and ours goes */
        return err_set_errno(error, "rename '%s' to '%s'", import->layer_path, final);
    return true;
}

/* Blobs first, the index last: what is in the index is whole. */
static bool blobs_place(const Import *import, const char *config, const char *config_hex,
                        const char *reference, json_t *index, ImportedImage *image, GError **error)
{
    g_autofree char *blobs_dir = layout_blobs_dir(import->layout);
    g_autoptr(JsonValue) manifest = image_manifest_new(
        image_descriptor_new(MEDIA_TYPE_CONFIG, config_hex, (int64_t)strlen(config)),
        layer_blob_descriptor(&import->blob));
    g_autofree char *text = json_to_text(manifest);
    g_autofree char *hex = sha256_hex(text, strlen(text));

    if (!blob_writer_place(import->blob.writer, blobs_dir, error) ||
        !document_place(blobs_dir, config_hex, config, error) ||
        !document_place(blobs_dir, hex, text, error))
        return false;
    layout_index_add(index, image_descriptor_new(MEDIA_TYPE_MANIFEST, hex, (int64_t)strlen(text)),
                     reference);
    image->manifest_digest = g_strconcat("sha256:", hex, NULL);
    return layout_index_write(import->layout->images_dir, index, error);
}

/* Take back what was placed before something failed. The lock is held. */
static void placing_undo(const Import *import, bool layer_is_new)
{
    g_autoptr(JsonValue) index = NULL;
    g_autoptr(GError) error = NULL;

    if (!layout_index_read(import->layout->images_dir, &index, &error) ||
        !layout_sweep_blobs(import->layout, index, &error))
        log_ignored(g_steal_pointer(&error), "cannot remove the blobs of a failed import");
    if (layer_is_new && !layout_remove_layer(import->layout, import->blob.diff_hex, &error))
        log_ignored(g_steal_pointer(&error), "cannot remove the layer of a failed import");
}

static bool import_place(Import *import, const char *reference, ImportedImage *image, GError **error)
{
    g_autofree char *config = json_to_text(image->config);
    g_auto(Lock) lock = LOCK_NONE;
    g_autoptr(JsonValue) index = NULL;
    bool layer_is_new = false;

    image->id = sha256_hex(config, strlen(config));
    if (!layout_index_lock(import->layout->images_dir, &lock, error) ||
        !layout_index_read(import->layout->images_dir, &index, error))
        return false;
    if (layer_place(import, &layer_is_new, error) &&
        blobs_place(import, config, image->id, reference, index, image, error))
        return true;
    placing_undo(import, layer_is_new);
    return false;
}

static void set_platform(json_t *config, const ImagePlatform *platform)
{
    if (platform->architecture != NULL)
        json_object_set_new(config, "architecture", json_from_string(platform->architecture));
    if (platform->os != NULL)
        json_object_set_new(config, "os", json_from_string(platform->os));
    if (platform->variant != NULL)
        json_object_set_new(config, "variant", json_from_string(platform->variant));
}

bool layout_import_tar(const Layout *layout, int fd, const ImportRequest *request,
                       ImportedImage *ret_image, GError **error)
{
    g_auto(Import) import = {
        .layout = layout,
        .layer_path = layout_temporary_path(layout->layers_dir),
    };
    g_auto(ImportedImage) image = { .created_unix_ns = clock_unix_ns() };
    g_autoptr(JsonValue) config = NULL;

    if (!container_config(request, &config, error) || !import_stream(&import, fd, error) ||
        !import_sync(&import, error))
        return false;

    image.size_bytes = import.unpacked.size_bytes;
    image.layers = g_strdupv((char *[]){ import.blob.diff_hex, NULL });
    image.config = image_config_new(g_steal_pointer(&config), import.blob.diff_hex,
                                    image.created_unix_ns, request->message);
    set_platform(image.config, &request->platform);
    if (!import_place(&import, request->reference, &image, error))
        return false;

    *ret_image = image;
    image = (ImportedImage){ 0 };
    return true;
}
