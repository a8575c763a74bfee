/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/staging.h"

#include "base/digest.h"
#include "base/log.h"
#include "base/path.h"
#include "base/tree.h"
#include "storage/image-documents.h"
#include "storage/layer-blob.h"
#include "storage/layout-files.h"
#include "storage/layout-index.h"
#include "storage/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BLOBS     "blobs/sha256"
#define INDEX     "index.json"
#define INDEX_MAX ((size_t)4 * 1024 * 1024)

bool staging_open(const Layout *layout, Staging *ret_staging, GError **error)
{
    g_auto(Staging) staging = {
        .layout = layout,
        .path = layout_temporary_path(layout->images_dir),
        .fd = -1,
        .progress_fd = -1,
    };
    g_autofree char *blobs_dir = g_build_filename(staging.path, BLOBS, NULL);
    g_autofree char *marker = g_build_filename(staging.path, "oci-layout", NULL);

    if (!dir_make(blobs_dir, 0700, error) ||
        !file_write_atomic(marker, OCI_LAYOUT, strlen(OCI_LAYOUT), 0600, error) ||
        !root_open(staging.path, &staging.fd, error))
        return false;
    *ret_staging = (Staging){
        .layout = layout,
        .path = g_steal_pointer(&staging.path),
        .fd = g_steal_fd(&staging.fd),
        .progress_fd = -1,
    };
    return true;
}

/* --- archives --------------------------------------------------------------------------------- */

#define TELL_BYTES ((int64_t)64 * 1024 * 1024) /* so much between two words of progress */

typedef struct Reading {
    int progress_fd;
    int64_t n_bytes, n_told;
} Reading;

static bool count_bytes(Compression compression, const void *data, size_t length, void *user_data,
                        GError **error)
{
    Reading *reading = user_data;

    reading->n_bytes += (int64_t)length;
    if (reading->progress_fd >= 0 && reading->n_bytes - reading->n_told >= TELL_BYTES) {
        reading->n_told = reading->n_bytes;
        dprintf(reading->progress_fd, "\rReading the archive: %d MiB", (int)(reading->n_told >> 20));
    }
    return true;
}

bool staging_unpack(Staging *staging, int fd, GError **error)
{
    Reading reading = { .progress_fd = staging->progress_fd };
    const UnpackOptions options = { .on_packed = count_bytes, .user_data = &reading };
    g_autofree char *path = g_build_filename(staging->path, "archive", NULL);
    UnpackResult result = { 0 };
    bool ok;

    fd_cleanup(&staging->fd);
    ok = dir_make(path, 0700, error) && root_open(path, &staging->fd, error) &&
         unpack_tar(fd, staging->fd, &options, &result, error);
    if (reading.n_told > 0)
        dprintf(reading.progress_fd, "\n");
    return ok;
}

void staging_clear(Staging *staging)
{
    g_autoptr(GError) error = NULL;

    fd_cleanup(&staging->fd);
    if (staging->path != NULL && !tree_remove(staging->path, &error))
        log_ignored(g_steal_pointer(&error), "cannot remove '%s'", staging->path);
    g_clear_pointer(&staging->path, g_free);
}

/* --- links ------------------------------------------------------------------------------------ */

static bool bad_digest(const char *digest, GError **error)
{
    return err_set(error, FLOE_ERROR_INVALID, "'%.100s' is not a sha256 digest", digest);
}

static bool link_blob(const char *from_dir, const char *hex, const char *target)
{
    g_autofree char *source = g_build_filename(from_dir, hex, NULL);

    return link(source, target) == 0 || errno == EEXIST;
}

/* In the stagings of killed floes, and in those of floes at work: a blob there is whole by its name. */
static bool link_from_others(const Staging *staging, const char *hex, const char *target)
{
    g_autoptr(GDir) entries = g_dir_open(staging->layout->images_dir, 0, NULL);
    const char *name;

    while (entries != NULL && (name = g_dir_read_name(entries)) != NULL) {
        g_autofree char *dir = g_build_filename(staging->layout->images_dir, name, BLOBS, NULL);

        if (layout_is_temporary(name) && link_blob(dir, hex, target))
            return true;
    }
    return false;
}

bool staging_link(const Staging *staging, const char *digest, bool *ret_is_there, GError **error)
{
    const char *hex = digest_hex(digest);
    g_autofree char *store = layout_blobs_dir(staging->layout);
    g_autofree char *target = NULL;

    if (hex == NULL)
        return bad_digest(digest, error);
    target = g_build_filename(staging->path, BLOBS, hex, NULL);
    *ret_is_there = link_blob(store, hex, target) || link_from_others(staging, hex, target);
    return true;
}

bool staging_stand_in(const Staging *staging, const char *digest, GError **error)
{
    const char *hex = digest_hex(digest);
    g_autofree char *path = NULL;
    autofd int fd = -1;

    if (hex == NULL)
        return bad_digest(digest, error);
    path = g_build_filename(staging->path, BLOBS, hex, NULL);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    return fd >= 0 || err_set_errno(error, "create '%s'", path);
}

bool staging_link_known(const Staging *staging, const ImageManifest *manifest, GError **error)
{
    bool is_there;

    for (size_t i = 0; manifest->layers[i] != NULL; i++) {
        if (!staging_link(staging, manifest->layers[i], &is_there, error))
            return false;
    }
    return staging_link(staging, manifest->config, &is_there, error);
}

static bool link_needed(const Staging *staging, const char *digest, GError **error)
{
    bool is_there = false;

    return staging_link(staging, digest, &is_there, error) &&
           (is_there ||
            err_set(error, FLOE_ERROR_NOT_FOUND, "the blob %s is not in the store", digest));
}

bool staging_link_image(const Staging *staging, const char *manifest_digest,
                        ImageManifest *ret_manifest, GError **error)
{
    g_auto(ImageManifest) manifest = { 0 };

    if (!link_needed(staging, manifest_digest, error) ||
        !staging_read_manifest(staging, manifest_digest, &manifest, error) ||
        !link_needed(staging, manifest.config, error))
        return false;
    for (size_t i = 0; manifest.layers[i] != NULL; i++) {
        if (!link_needed(staging, manifest.layers[i], error))
            return false;
    }
    *ret_manifest = manifest;
    manifest = (ImageManifest){ 0 };
    return true;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* An archive may have links and devices where files should be. */
bool staging_open_file(const Staging *staging, const char *path, int flags, int *ret_fd,
                       GError **error)
{
    autofd int fd = -1;
    g_autoptr(GError) why = NULL;
    struct stat st;

    if (!root_open_file(staging->fd, path, O_RDONLY | O_NONBLOCK | flags, 0, &fd, &why))
        return err_set(error, why->code, "the image has no '%s'", path);
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return err_set(error, FLOE_ERROR_INVALID, "'%s' of the image is not a regular file", path);
    *ret_fd = g_steal_fd(&fd);
    return true;
}

bool staging_open_blob(const Staging *staging, const char *digest, int *ret_fd, GError **error)
{
    const char *hex = digest_hex(digest);
    g_autofree char *path = g_build_filename(BLOBS, hex != NULL ? hex : "", NULL);

    if (hex == NULL)
        return bad_digest(digest, error);
    return staging_open_file(staging, path, O_NOFOLLOW, ret_fd, error);
}

bool staging_read_blob(const Staging *staging, const char *digest, size_t limit, char **ret_text,
                       size_t *ret_length, GError **error)
{
    autofd int fd = -1;
    g_autofree char *text = NULL;
    g_autofree char *hex = NULL;
    size_t length = 0;

    if (!staging_open_blob(staging, digest, &fd, error))
        return false;
    if (!fd_read_all(fd, limit, &text, &length, error))
        return err_prefix(error, "blob %s", digest);
    hex = sha256_hex(text, length);
    if (!g_str_equal(hex, digest_hex(digest)))
        return err_set(error, FLOE_ERROR_INVALID, "the blob %s has the digest sha256:%s", digest,
                       hex);
    *ret_text = g_steal_pointer(&text);
    *ret_length = length;
    return true;
}

bool staging_read_manifest(const Staging *staging, const char *digest, ImageManifest *ret_manifest,
                           GError **error)
{
    g_autofree char *text = NULL;
    size_t length = 0;

    return staging_read_blob(staging, digest, MANIFEST_SIZE_MAX, &text, &length, error) &&
           image_manifest_parse(text, length, ret_manifest, error);
}

bool staging_read_index(const Staging *staging, json_t **ret_manifests, GError **error)
{
    g_autoptr(JsonValue) index = NULL;
    g_autofree char *text = NULL;
    autofd int fd = -1;
    json_t *manifests = NULL;
    size_t length = 0;

    if (!staging_open_file(staging, INDEX, O_NOFOLLOW, &fd, error))
        return false;
    if (!fd_read_all(fd, INDEX_MAX, &text, &length, error))
        return err_prefix(error, INDEX);
    if (!json_parse(text, length, INDEX, &index, error))
        return false;
    if (!json_get_array(index, "manifests", &manifests, error))
        return err_prefix(error, INDEX);
    *ret_manifests = manifests != NULL ? json_incref(manifests) : json_array();
    return true;
}

bool staging_only_manifest(const Staging *staging, char **ret_digest, GError **error)
{
    g_autoptr(JsonValue) manifests = NULL;
    const char *digest = NULL;

    if (!staging_read_index(staging, &manifests, error) ||
        !json_get_string(json_array_get(manifests, 0), "digest", &digest, error))
        return false;
    if (json_array_size(manifests) != 1 || digest == NULL)
        return err_set(error, FLOE_ERROR_INVALID, INDEX " does not name one manifest");
    *ret_digest = g_strdup(digest);
    return true;
}

/* --- writing ---------------------------------------------------------------------------------- */

bool staging_make_file(const Staging *staging, int *ret_fd, GError **error)
{
    g_autofree char *path = g_build_filename(staging->path, "file.XXXXXX", NULL);

    *ret_fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
    return *ret_fd >= 0 || err_set_errno(error, "make a file in '%s'", staging->path);
}

bool staging_name_blob(const Staging *staging, int fd, const char *hex, GError **error)
{
    g_autofree char *opened = g_strdup_printf("/proc/self/fd/%d", fd);
    autofd int dir = -1;

    if (!root_make_dir(staging->fd, BLOBS, 0, 0, error) ||
        !root_open_file(staging->fd, BLOBS, O_PATH | O_DIRECTORY, 0, &dir, error))
        return false;
    return linkat(AT_FDCWD, opened, dir, hex, AT_SYMLINK_FOLLOW) == 0 || errno == EEXIST ||
           err_set_errno(error, "name the blob sha256:%s", hex);
}

bool staging_add_document(const Staging *staging, const char *text, char **ret_digest,
                          GError **error)
{
    g_autofree char *hex = sha256_hex(text, strlen(text));
    autofd int fd = -1;

    if (!staging_make_file(staging, &fd, error) || !fd_write_all(fd, text, strlen(text), error) ||
        !staging_name_blob(staging, fd, hex, error))
        return false;
    *ret_digest = g_strconcat("sha256:", hex, NULL);
    return true;
}

bool staging_add_layer(const Staging *staging, int fd, json_t **ret_descriptor, char **ret_diff_hex,
                       GError **error)
{
    g_autofree char *blobs_dir = g_build_filename(staging->path, BLOBS, NULL);
    g_auto(LayerBlob) blob = { NULL };

    if (!layer_blob_open(g_build_filename(staging->path, "layer", NULL), &blob, error) ||
        !layer_blob_read(&blob, fd, error) || !blob_writer_place(blob.writer, blobs_dir, error))
        return false;
    *ret_descriptor = layer_blob_descriptor(&blob);
    *ret_diff_hex = g_steal_pointer(&blob.diff_hex);
    return true;
}

bool staging_describe(const Staging *staging, const char *media_type, const char *digest,
                      json_t **ret_descriptor, GError **error)
{
    autofd int fd = -1;
    struct stat st;

    if (!staging_open_blob(staging, digest, &fd, error))
        return false;
    if (fstat(fd, &st) < 0)
        return err_set_errno(error, "look at blob %s", digest);
    *ret_descriptor = image_descriptor_new(media_type, digest_hex(digest), st.st_size);
    return true;
}

bool staging_write_index(const Staging *staging, const ImageManifest *manifest, const char *name,
                         GError **error)
{
    g_autoptr(JsonValue) index = json_pack("{s:i, s:[]}", "schemaVersion", 2, "manifests");
    json_t *descriptor = NULL;

    if (!staging_describe(staging, manifest->media_type, manifest->digest, &descriptor, error))
        return false;
    layout_index_add(index, descriptor, name);
    return layout_index_write(staging->path, index, error);
}

/* By the descriptor that was looked at, whatever has its name by now. */
bool staging_place_blob(const Staging *staging, const char *digest, GError **error)
{
    g_autofree char *store = layout_blobs_dir(staging->layout);
    g_autofree char *final = g_build_filename(store, digest_hex(digest), NULL);
    g_autofree char *opened = NULL;
    autofd int fd = -1;

    if (!staging_open_blob(staging, digest, &fd, error))
        return false;
    opened = g_strdup_printf("/proc/self/fd/%d", fd);
    if (fchmod(fd, 0600) < 0 || fchown(fd, 0, 0) < 0)
        return err_set_errno(error, "own blob %s", digest);
    return linkat(AT_FDCWD, opened, AT_FDCWD, final, AT_SYMLINK_FOLLOW) == 0 || errno == EEXIST ||
           err_set_errno(error, "put '%s' in its place", final);
}
