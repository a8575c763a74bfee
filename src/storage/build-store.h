/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buildah's own store, which keeps the layers that its cache is made of: what floe reads of it, and
 * the little that it writes while no buildah runs. Form: as in build-base.h.
 */
#pragma once

#include "base/json.h"

typedef struct BuiltImage {
    char *id;
    char **names;
} BuiltImage;

void built_image_free(BuiltImage *image);

/* GPtrArray of BuiltImage *, those that are in a store (there may be none); INVALID. */
bool build_store_list(const char *directory, GPtrArray **ret_images, GError **error);

/* The texts of an image's manifest and configuration. NOT_FOUND. */
bool build_store_documents(const char *directory, const char *id, char **ret_manifest,
                           char **ret_config, GError **error);

/* Take all names off all images: they are floe's from now on. */
bool build_store_drop_names(const char *directory, GError **error);

/* Did a build that was killed leave containers? */
bool build_store_has_containers(const char *directory);

/*
 * Are all layers there that its images and layers lie on, in it or in the one below? If not, an image
 * that it was built on has been removed, and the store is of no use.
 */
bool build_store_is_whole(const char *directory, const char *base, bool *ret_whole, GError **error);
