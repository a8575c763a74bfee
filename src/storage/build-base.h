/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The images of the store as buildah sees them: a directory in the form of containers/storage, for
 * buildah's option overlay.imagestore, whose layers are links to those of the store. Nothing of an
 * image is copied, and nothing is unpacked twice. Form: github.com/containers/storage 1.43, images.go,
 * layers.go, drivers/overlay/overlay.go.
 */
#pragma once

#include "storage/layout.h"

typedef struct BaseImage {
    const char *id; /* hex digest of the configuration */
    const char *manifest_digest;
    const char *const *names;
    const char *const *layers; /* chain ids, lowest first */
} BaseImage;

/*
 * Write it anew for these images (GPtrArray of BaseImage *). Who reads it meanwhile sees the old or the
 * new lists; what images were there before stays until the directory is removed.
 */
bool build_base_write(const Layout *layout, const char *directory, const GPtrArray *images,
                      GError **error);
