/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A layer's tar on its way into a blob: kept as it comes when it is compressed, else compressed with
 * zstd; hashed both as it is stored and as a plain tar.
 */
#pragma once

#include "base/json.h"
#include "storage/blob-writer.h"
#include "storage/decompressor.h"
#include "storage/stream-hash.h"

typedef struct LayerBlob {
    char *path;         /* where it is written aside */
    BlobWriter *writer; /* NULL until the compression is known */
    StreamHash *diff_hash;
    Compression compression; /* of what came */
    const char *hex;         /* digest of the blob; the writer's */
    int64_t size;
    char *diff_hex; /* digest of the plain tar */
} LayerBlob;

/* Takes over the path. */
bool layer_blob_open(char *taken_path, LayerBlob *ret_blob, GError **error);
void layer_blob_clear(LayerBlob *blob);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LayerBlob, layer_blob_clear)

/* A decompressor's taps; the user_data is the LayerBlob. */
bool layer_blob_on_packed(Compression compression, const void *data, size_t length, void *user_data,
                          GError **error);
bool layer_blob_on_unpacked(const void *data, size_t length, void *user_data, GError **error);

/* All has passed: the digests are known, and the blob can be placed (blob_writer_place()). */
bool layer_blob_finish(LayerBlob *blob, GError **error);

/* Read a stream to its end that nobody unpacks, and finish. */
bool layer_blob_read(LayerBlob *blob, int fd, GError **error);

/* The blob's descriptor for an OCI manifest, new. */
json_t *layer_blob_descriptor(const LayerBlob *blob);
