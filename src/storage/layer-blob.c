/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/layer-blob.h"

#include "storage/image-documents.h"

bool layer_blob_open(char *taken_path, LayerBlob *ret_blob, GError **error)
{
    ret_blob->path = taken_path;
    return stream_hash_new(&ret_blob->diff_hash, error);
}

void layer_blob_clear(LayerBlob *blob)
{
    blob_writer_free(blob->writer);
    stream_hash_free(blob->diff_hash);
    g_free(blob->path);
    g_free(blob->diff_hex);
}

bool layer_blob_on_packed(Compression compression, const void *data, size_t length, void *user_data,
                          GError **error)
{
    LayerBlob *blob = user_data;
    bool is_plain = compression == COMPRESSION_NONE;

    if (blob->writer == NULL && !blob_writer_new(blob->path, is_plain, &blob->writer, error))
        return false;
    blob->compression = compression;
    return is_plain || blob_writer_write(blob->writer, data, length, error);
}

bool layer_blob_on_unpacked(const void *data, size_t length, void *user_data, GError **error)
{
    LayerBlob *blob = user_data;

    stream_hash_update(blob->diff_hash, data, length);
    return blob->compression != COMPRESSION_NONE ||
           blob_writer_write(blob->writer, data, length, error);
}

bool layer_blob_finish(LayerBlob *blob, GError **error)
{
    if (!blob_writer_finish(blob->writer, &blob->hex, &blob->size, error))
        return false;
    blob->diff_hex = stream_hash_finish(blob->diff_hash);
    return true;
}

bool layer_blob_read(LayerBlob *blob, int fd, GError **error)
{
    g_autoptr(Decompressor) input = decompressor_new(fd, layer_blob_on_packed, blob);
    const void *data = NULL;
    size_t length = 0;

    do {
        if (!decompressor_next(input, &data, &length, error) ||
            (length > 0 && !layer_blob_on_unpacked(data, length, blob, error)))
            return false;
    } while (length > 0);
    return layer_blob_finish(blob, error);
}

json_t *layer_blob_descriptor(const LayerBlob *blob)
{
    bool is_gzip = blob->compression == COMPRESSION_GZIP;

    return image_descriptor_new(is_gzip ? MEDIA_TYPE_LAYER "+gzip" : MEDIA_TYPE_LAYER "+zstd",
                                blob->hex, blob->size);
}
