/* SPDX-License-Identifier: Apache-2.0 */
/* What docker's form wants of the layers in a staging, and an OCI image's manifest in that form. */
#include "storage/staging.h"

#include "base/fd.h"
#include "storage/compressor.h"
#include "storage/stream-hash.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define READ_SIZE ((size_t)256 * 1024)

/* How the layers in zstd are to be instead, and the media type for that. */
typedef struct LayerForm {
    Compression compression;
    const char *media_type;
} LayerForm;

static bool recompress(Decompressor *input, const void *data, size_t length, int fd,
                       Compression compression, GError **error)
{
    g_autoptr(Compressor) output = NULL;
    char *buffer = NULL;
    size_t size = 0, used = 0;

    if (!compressor_new(fd, compression, &output, error) ||
        !compressor_exchange(output, 0, &buffer, &size, error))
        return false;
    while (length > 0) {
        size_t part = MIN(length, size - used);

        memcpy(buffer + used, data, part);
        used += part;
        data = (const char *)data + part;
        length -= part;
        if (used == size) {
            if (!compressor_exchange(output, used, &buffer, &size, error))
                return false;
            used = 0;
        }
        if (length == 0 && !decompressor_next(input, &data, &length, error))
            return false;
    }
    return compressor_exchange(output, used, &buffer, &size, error) &&
           compressor_finish(output, error);
}

static bool hash_file(int fd, char **ret_hex, GError **error)
{
    g_autoptr(StreamHash) hash = NULL;
    g_autofree char *buffer = g_malloc(READ_SIZE);
    ssize_t got;

    if (lseek(fd, 0, SEEK_SET) < 0)
        return err_set_errno(error, "go to the beginning of a layer");
    if (!stream_hash_new(&hash, error))
        return false;
    while ((got = TEMP_FAILURE_RETRY(read(fd, buffer, READ_SIZE))) > 0)
        stream_hash_update(hash, buffer, (size_t)got);
    if (got < 0)
        return err_set_errno(error, "read a layer");
    *ret_hex = stream_hash_finish(hash);
    return true;
}

/* Goes on with what `input` has given first. */
static bool add_layer(const Staging *staging, const LayerForm *form, Decompressor *input,
                      const void *data, size_t length, json_t **ret_descriptor, GError **error)
{
    g_autofree char *aside = g_build_filename(staging->path, "layer", NULL);
    g_autofree char *hex = NULL;
    g_autofree char *final = NULL;
    g_autofree char *digest = NULL;
    autofd int fd = open(aside, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0)
        return err_set_errno(error, "create '%s'", aside);
    if (!recompress(input, data, length, fd, form->compression, error) ||
        !hash_file(fd, &hex, error))
        return false;
    final = g_build_filename(staging->path, "blobs", "sha256", hex, NULL);
    if (rename(aside, final) < 0)
        return err_set_errno(error, "rename '%s' to '%s'", aside, final);
    digest = g_strconcat("sha256:", hex, NULL);
    return staging_describe(staging, form->media_type, digest, ret_descriptor, error);
}

static bool describe_layer(const Staging *staging, const LayerForm *form, const char *digest,
                           json_t **ret_descriptor, GError **error)
{
    g_autoptr(Decompressor) input = NULL;
    autofd int fd = -1;
    const void *data = NULL;
    size_t length = 0;

    if (!staging_open_blob(staging, digest, &fd, error))
        return false;
    input = decompressor_new(fd, NULL, NULL);
    if (!decompressor_next(input, &data, &length, error))
        return false;
    switch (decompressor_compression(input)) {
    case COMPRESSION_GZIP:
        return staging_describe(staging, MEDIA_TYPE_DOCKER_LAYER ".gzip", digest, ret_descriptor,
                                error);
    case COMPRESSION_NONE:
        return staging_describe(staging, MEDIA_TYPE_DOCKER_LAYER, digest, ret_descriptor, error);
    default: return add_layer(staging, form, input, data, length, ret_descriptor, error);
    }
}

/* Goes on with what `input` has given first. */
static bool make_plain(const Staging *staging, Decompressor *input, const void *data, size_t length,
                       int *fd, GError **error)
{
    autofd int plain = -1;

    if (!staging_make_file(staging, &plain, error))
        return false;
    while (length > 0) {
        if (!fd_write_all(plain, data, length, error) ||
            !decompressor_next(input, &data, &length, error))
            return false;
    }
    fd_cleanup(fd);
    *fd = g_steal_fd(&plain);
    return true;
}

bool staging_plain_layer(const Staging *staging, int *fd, GError **error)
{
    g_autoptr(Decompressor) input = decompressor_new(*fd, NULL, NULL);
    const void *data = NULL;
    size_t length = 0;

    return decompressor_next(input, &data, &length, error) &&
           (decompressor_compression(input) == COMPRESSION_NONE ||
            make_plain(staging, input, data, length, fd, error));
}

static bool describe_layers(const Staging *staging, const ImageManifest *manifest,
                            const LayerForm *form, json_t *layers, GError **error)
{
    for (size_t i = 0; manifest->layers[i] != NULL; i++) {
        json_t *descriptor = NULL;

        if (!describe_layer(staging, form, manifest->layers[i], &descriptor, error))
            return err_prefix(error, "layer %s", manifest->layers[i]);
        json_array_append_new(layers, descriptor);
    }
    return true;
}

bool staging_make_docker(const Staging *staging, const ImageManifest *manifest, bool compress,
                         ImageManifest *ret_manifest, GError **error)
{
    const LayerForm plain = { COMPRESSION_NONE, MEDIA_TYPE_DOCKER_LAYER };
    const LayerForm gzip = { COMPRESSION_GZIP, MEDIA_TYPE_DOCKER_LAYER ".gzip" };
    g_autoptr(JsonValue) layers = json_array();
    g_autoptr(JsonValue) document = NULL;
    g_autofree char *text = NULL;
    g_autofree char *digest = NULL;
    json_t *config = NULL;

    if (!describe_layers(staging, manifest, compress ? &gzip : &plain, layers, error) ||
        !staging_describe(staging, MEDIA_TYPE_DOCKER_CONFIG, manifest->config, &config, error))
        return false;
    document = json_pack("{s:i, s:s, s:o, s:O}", "schemaVersion", 2, "mediaType",
                         MEDIA_TYPE_DOCKER_MANIFEST, "config", config, "layers", layers);
    text = json_to_text(document);
    return staging_add_document(staging, text, &digest, error) &&
           staging_read_manifest(staging, digest, ret_manifest, error);
}

bool staging_to_docker(const Staging *staging, char **digest, GError **error)
{
    g_auto(ImageManifest) oci = { 0 };
    g_auto(ImageManifest) docker = { 0 };

    if (!staging_read_manifest(staging, *digest, &oci, error) ||
        !staging_make_docker(staging, &oci, true, &docker, error))
        return false;
    g_free(*digest);
    *digest = g_strdup(docker.digest);
    return true;
}
