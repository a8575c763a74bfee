/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A layer is called what the configuration says that it is. Whether it is that, is seen when it is
 * unpacked, as with every other blob.
 */
#include "storage/docker-archive.h"

#include "base/digest.h"
#include "base/fd.h"
#include "storage/image-documents.h"
#include "storage/staged-image.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define DOCUMENT     "manifest.json"
#define DOCUMENT_MAX ((size_t)4 * 1024 * 1024)

/* All layers have this type for containers/image, though most are plain (docker/archive/src.go). */
#define MEDIA_TYPE_LAYER_HERE MEDIA_TYPE_DOCKER_LAYER ".gzip"

bool docker_archive_images(const Staging *archive, json_t **ret_images, GError **error)
{
    g_autoptr(JsonValue) images = NULL;
    g_autoptr(GError) why = NULL;
    g_autofree char *text = NULL;
    autofd int fd = -1;
    size_t length = 0;

    *ret_images = NULL;
    if (!staging_open_file(archive, DOCUMENT, O_NOFOLLOW, &fd, &why)) {
        if (err_is(why, FLOE_ERROR_NOT_FOUND))
            return true;
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    if (!fd_read_all(fd, DOCUMENT_MAX, &text, &length, error))
        return err_prefix(error, DOCUMENT);
    if (!json_parse(text, length, DOCUMENT, &images, error))
        return false;
    if (!json_is_array(images))
        return err_set(error, FLOE_ERROR_INVALID, DOCUMENT " is not an array");
    *ret_images = g_steal_pointer(&images);
    return true;
}

/* --- the configuration ------------------------------------------------------------------------ */

/* The files of docker's own archives are called as their digests are: "HEX.json", "sha256/HEX". */
static bool check_name(const char *path, const char *hex, GError **error)
{
    g_autofree char *name = g_path_get_basename(path);

    if (g_str_has_suffix(name, ".json"))
        name[strlen(name) - strlen(".json")] = '\0';
    return !id_is_valid(name) || g_str_equal(name, hex) ||
           err_set(error, FLOE_ERROR_INVALID, "'%s' has the digest sha256:%s", path, hex);
}

static bool take_config(const Staging *archive, const json_t *image, json_t **ret_descriptor,
                        char ***ret_diff_ids, GError **error)
{
    g_autoptr(JsonValue) config = NULL;
    g_autofree char *text = NULL;
    g_autofree char *digest = NULL;
    const char *path = NULL;
    autofd int fd = -1;
    json_t *rootfs = NULL;
    size_t length = 0;

    if (!json_get_string(image, "Config", &path, error))
        return false;
    if (path == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "key 'Config' is missing");
    if (!staging_open_file(archive, path, 0, &fd, error))
        return false;
    if (!fd_read_all(fd, IMAGE_CONFIG_MAX, &text, &length, error))
        return err_prefix(error, "'%s'", path);
    if (!json_parse(text, length, path, &config, error) ||
        !json_get_object(config, "rootfs", &rootfs, error) ||
        !json_get_strv(rootfs, "diff_ids", ret_diff_ids, error) ||
        !staging_add_document(archive, text, &digest, error) ||
        !check_name(path, digest_hex(digest), error))
        return false;
    *ret_descriptor = image_descriptor_sized(MEDIA_TYPE_DOCKER_CONFIG, (int64_t)length, digest);
    return true;
}

/* --- layers ----------------------------------------------------------------------------------- */

static bool take_layer(const Staging *archive, const char *path, const char *diff_id,
                       json_t **ret_descriptor, GError **error)
{
    const char *hex = digest_hex(diff_id);
    autofd int fd = -1;
    struct stat st;

    if (hex == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "its diff_id is not a sha256 digest");
    if (!staging_open_file(archive, path, 0, &fd, error) ||
        !staging_plain_layer(archive, &fd, error) || !staging_name_blob(archive, fd, hex, error))
        return false;
    if (fstat(fd, &st) < 0)
        return err_set_errno(error, "look at it");
    *ret_descriptor = image_descriptor_sized(MEDIA_TYPE_LAYER_HERE, st.st_size, diff_id);
    return true;
}

static bool take_layers(const Staging *archive, const json_t *image, char **diff_ids,
                        json_t *descriptors, GError **error)
{
    g_auto(GStrv) paths = NULL;

    if (!json_get_strv(image, "Layers", &paths, error))
        return false;

    guint n_paths = paths != NULL ? g_strv_length(paths) : 0;
    guint n_diff_ids = diff_ids != NULL ? g_strv_length(diff_ids) : 0;

    if (n_paths != n_diff_ids)
        return err_set(error, FLOE_ERROR_INVALID, "%u diff_ids for %u layers", n_diff_ids, n_paths);
    if (n_paths > MANIFEST_LAYERS_MAX)
        return err_set(error, FLOE_ERROR_INVALID, "%u layers are more than %d", n_paths,
                       MANIFEST_LAYERS_MAX);
    for (guint i = 0; i < n_paths; i++) {
        json_t *descriptor = NULL;

        if (!take_layer(archive, paths[i], diff_ids[i], &descriptor, error))
            return err_prefix(error, "layer '%s'", paths[i]);
        json_array_append_new(descriptors, descriptor);
    }
    return true;
}

bool docker_archive_take(const Staging *archive, const json_t *image, char **ret_digest,
                         GError **error)
{
    g_autoptr(JsonValue) layers = json_array();
    g_autoptr(JsonValue) manifest = NULL;
    g_autofree char *text = NULL;
    g_auto(GStrv) diff_ids = NULL;
    json_t *config = NULL;

    if (!json_is_object(image))
        return err_set(error, FLOE_ERROR_INVALID, DOCUMENT ": an image is no object");
    if (!take_config(archive, image, &config, &diff_ids, error))
        return err_prefix(error, DOCUMENT);
    manifest = json_pack("{s:i, s:s, s:o, s:O}", "schemaVersion", 2, "mediaType",
                         MEDIA_TYPE_DOCKER_MANIFEST, "config", config, "layers", layers);
    if (!take_layers(archive, image, diff_ids, layers, error))
        return err_prefix(error, DOCUMENT);
    text = json_to_text(manifest);
    return staging_add_document(archive, text, ret_digest, error);
}
