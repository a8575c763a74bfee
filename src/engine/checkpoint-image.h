/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checkpoints as images: one layer that is the tar of a checkpoint's files, an empty configuration,
 * and what was checkpointed in the manifest's annotations (podman's io.podman.annotations.checkpoint.*,
 * pkg/checkpoint/checkpoint_image.go). They are pushed and pulled as OCI images; a copy in docker's
 * format has lost the annotations and is an ordinary image again. Their layer is not unpacked into
 * the store: only a restore reads it.
 */
#pragma once

#include "base/json.h"
#include "engine/engine.h"
#include "engine/layer-pipe.h"

typedef struct CheckpointImageRequest {
    const char *name;          /* normalized here: "cp" is localhost/cp:latest */
    const json_t *annotations; /* of the manifest: an object of strings */
    LayerWrite write_layer;    /* best compressed with gzip */
    void *user_data;
} CheckpointImageRequest;

/*
 * Make an image. The writer is called once, in the caller's thread; where it fails its error is
 * passed on, and nothing is left. Another image that has the name loses it. ret_id may be NULL.
 * INVALID: a bad name.
 */
bool checkpoint_image_create(floe_engine *engine, const CheckpointImageRequest *request,
                             char **ret_id, GError **error);

/* Of a manifest with these annotations (NULL: none): is it a checkpoint's? */
bool checkpoint_image_is(const json_t *annotations);

typedef struct CheckpointImage {
    char *id;            /* of the image */
    char *name;          /* full; the id where it has none */
    json_t *annotations; /* all of the manifest's */
    int layer_fd; /* the layer's tar from its beginning, compressed or not; seekable, and readable
                     even after the image has been removed */
} CheckpointImage;

#define CHECKPOINT_IMAGE_NONE \
    { \
        .layer_fd = -1 \
    }

void checkpoint_image_clear(CheckpointImage *image);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CheckpointImage, checkpoint_image_clear)

/*
 * By name, id or prefix; the store only, see image_ensure(). NOT_FOUND, AMBIGUOUS; INVALID: it is no
 * checkpoint image.
 */
bool checkpoint_image_open(floe_engine *engine, const char *name, CheckpointImage *ret_image,
                           GError **error);

/* Is it a checkpoint image? False, too, when there is no such image. */
bool checkpoint_image_test(floe_engine *engine, const char *name, bool *ret_is_checkpoint,
                           GError **error);
