/* SPDX-License-Identifier: Apache-2.0 */
/* A manifest, or a list of manifests, as a registry gives it. */
#include "fuzz.h"
#include "storage/image-manifest.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const ImagePlatform any = { 0 }, arm = { "linux", "arm64", "v8" };
    g_auto(ImageManifest) manifest = { 0 };
    g_autoptr(GError) error = NULL;
    const char *digest = NULL;

    if (image_manifest_parse((const char *)data, size, &manifest, &error) != (error == NULL))
        abort();
    if (error != NULL)
        return 0;
    if (manifest.is_list) {
        if ((image_manifest_choose(&manifest, &any, &digest, NULL) ||
             image_manifest_choose(&manifest, &arm, &digest, NULL)) &&
            digest_hex(digest) == NULL)
            abort();
        return 0;
    }
    /* What was let through has digests, which become names of files. */
    if (digest_hex(manifest.config) == NULL)
        abort();
    for (size_t i = 0; manifest.layers[i] != NULL; i++) {
        if (digest_hex(manifest.layers[i]) == NULL)
            abort();
    }
    return 0;
}
