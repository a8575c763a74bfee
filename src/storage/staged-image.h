/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An image that lies in a staging becomes one of the store: its documents are checked, its layers
 * unpacked aside, several at a time, each once whatever the number of images that have it, and
 * verified against both of their digests; then all gets its place.
 */
#pragma once

#include "storage/staging.h"
#include "storage/tree-writer.h"

#define IMAGE_CONFIG_MAX ((size_t)8 * 1024 * 1024)

typedef struct StagedLayer {
    const char *blob; /* digest; the manifest's */
    char *diff_hex;   /* of the plain tar, as the configuration has it */
    char *chain_id;   /* hex */
    char *aside;      /* where it is unpacked; NULL: nowhere, or it has its place */
    TreeNotes *notes; /* of one that is aside */
    bool is_verified; /* the blob is what its digests say */
    int64_t size_bytes;
    GError *error;
} StagedLayer;

typedef struct StagedImage {
    const Staging *staging;
    ImageManifest manifest;
    json_t *config;
    GArray *layers; /* of StagedLayer, lowest first */
    bool is_packed; /* its layers are not unpacked: nothing runs in it */
    int64_t created_unix_ns;
} StagedImage;

void staged_image_clear(StagedImage *image);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StagedImage, staged_image_clear)

/* Read and check manifest and configuration. INVALID, NOT_FOUND (a blob is missing). */
bool staged_image_read(const Staging *staging, const char *manifest_digest, StagedImage *ret_image,
                       GError **error);

/*
 * Unpack what is not in the store, or (is_packed) only verify the blobs. On disk when it returns.
 * INVALID names the layer.
 */
bool staged_image_unpack(StagedImage *image, GError **error);

/* Only have on disk what is in the staging: of an image that was made here. */
bool staged_image_sync(const StagedImage *image, GError **error);

/*
 * Give everything its place; reference: a full name for index.json, or NULL. The caller keeps others
 * from adding and removing images meanwhile.
 */
bool staged_image_place(StagedImage *image, const char *reference, ImportedImage *ret_image,
                        GError **error);

/*
 * ChainID(n) is the digest of "ChainID(n-1) DiffID(n)": image-spec, config.md, "Layer ChainID". All
 * in hex; below: of the layer below, NULL for the lowest.
 */
char *layer_chain_id(const char *below, const char *diff_hex);

/* The size of an unpacked layer's files in the store. */
bool layout_layer_size(const Layout *layout, const char *chain_id, int64_t *ret_bytes,
                       GError **error);
