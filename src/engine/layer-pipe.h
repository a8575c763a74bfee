/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A layer that is made here: what writes its tar runs in the caller's thread, what hashes, compresses
 * and stores it in another.
 */
#pragma once

#include "storage/staging.h"

/* Write a tar, compressed or not, to the descriptor, which is a pipe, and leave it open. */
typedef bool (*LayerWrite)(int fd, void *user_data, GError **error);

typedef struct LayerPipe {
    json_t *descriptor; /* of the blob, in the staging */
    char *diff_hex;     /* digest of the plain tar */
} LayerPipe;

void layer_pipe_clear(LayerPipe *layer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LayerPipe, layer_pipe_clear)

/* The writer is called once; where it fails its error is passed on. */
bool layer_pipe(const Staging *staging, LayerWrite write, void *data, LayerPipe *ret_layer,
                GError **error);
