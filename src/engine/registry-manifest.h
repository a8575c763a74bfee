/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest of an image, or a list, as a registry has it; nothing else comes. */
#pragma once

#include "storage/image-manifest.h"
#include "storage/skopeo.h"

#include <floe/image.h>

typedef struct RegistryManifest {
    char *full_name;
    SkopeoAccess access; /* to where it is */
    ImageManifest manifest;
    int64_t size_bytes;
} RegistryManifest;

#define REGISTRY_MANIFEST_NONE \
    { \
        .access = SKOPEO_ACCESS_INIT \
    }

/*
 * Of a name as a user writes it: what the first registry has that it may stand for. options: NULL: the
 * defaults; their texts must live as long. NOT_FOUND, NETWORK, INVALID, MISSING_PART.
 */
bool registry_manifest_read(const char *name, const floe_registry_options *options,
                            RegistryManifest *ret_manifest, GError **error);
void registry_manifest_clear(RegistryManifest *manifest);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RegistryManifest, registry_manifest_clear)
