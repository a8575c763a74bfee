/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/image-manifest.h"

#include "base/digest.h"
#include "storage/image-documents.h"

#include <string.h>

#define DIGEST_PREFIX "sha256:"

void image_manifest_clear(ImageManifest *manifest)
{
    json_decref(manifest->document);
    g_free(manifest->digest);
    g_free(manifest->media_type);
    g_free(manifest->layers);
}

const char *digest_hex(const char *digest)
{
    const char *hex = digest != NULL && g_str_has_prefix(digest, DIGEST_PREFIX)
                          ? digest + strlen(DIGEST_PREFIX)
                          : NULL;

    return id_is_valid(hex) ? hex : NULL;
}

static bool get_digest(const json_t *descriptor, const char *what, const char **ret_digest,
                       GError **error)
{
    if (!json_is_object(descriptor))
        return err_set(error, FLOE_ERROR_INVALID, "%s is no object", what);
    if (!json_get_string(descriptor, "digest", ret_digest, error))
        return err_prefix(error, "%s", what);
    return digest_hex(*ret_digest) != NULL ||
           err_set(error, FLOE_ERROR_INVALID, "%s has no sha256 digest", what);
}

/* The kind is what the text says, or, where it says nothing as OCI's may, what it has. */
static bool find_kind(ImageManifest *manifest, GError **error)
{
    const char *type = NULL;
    bool has_list = json_object_get(manifest->document, "manifests") != NULL;
    int64_t version = 0;

    if (!json_get_int64(manifest->document, "schemaVersion", &version, error) ||
        !json_get_string(manifest->document, "mediaType", &type, error))
        return false;
    if (version != 2)
        return err_set(error, FLOE_ERROR_INVALID, "schemaVersion is %lld, floe knows only 2",
                       (long long)version);
    if (type == NULL)
        type = has_list ? MEDIA_TYPE_INDEX : MEDIA_TYPE_MANIFEST;
    manifest->media_type = g_strdup(type);
    manifest->is_docker = g_str_has_prefix(type, "application/vnd.docker.");
    manifest->is_list = g_str_equal(type, MEDIA_TYPE_INDEX) ||
                        g_str_equal(type, MEDIA_TYPE_DOCKER_LIST);
    return manifest->is_list || g_str_equal(type, MEDIA_TYPE_MANIFEST) ||
           g_str_equal(type, MEDIA_TYPE_DOCKER_MANIFEST) ||
           err_set(error, FLOE_ERROR_INVALID, "mediaType '%.100s' is no image's", type);
}

static bool read_layers(ImageManifest *manifest, GError **error)
{
    json_t *layers = NULL, *layer;
    size_t i;

    if (!json_get_array(manifest->document, "layers", &layers, error))
        return false;
    if (json_array_size(layers) > MANIFEST_LAYERS_MAX)
        return err_set(error, FLOE_ERROR_INVALID, "%zu layers are more than %d",
                       json_array_size(layers), MANIFEST_LAYERS_MAX);
    manifest->layers = g_new0(const char *, json_array_size(layers) + 1);
    json_array_foreach(layers, i, layer) {
        g_autofree char *what = g_strdup_printf("layers[%zu]", i);

        if (!get_digest(layer, what, &manifest->layers[i], error))
            return false;
    }
    return true;
}

static bool read_parts(ImageManifest *manifest, GError **error)
{
    if (!find_kind(manifest, error))
        return false;
    if (manifest->is_list)
        return true;
    return get_digest(json_object_get(manifest->document, "config"), "config", &manifest->config,
                      error) &&
           read_layers(manifest, error) &&
           json_get_object(manifest->document, "annotations", &manifest->annotations, error);
}

bool image_manifest_parse(const char *text, size_t length, ImageManifest *ret_manifest,
                          GError **error)
{
    g_auto(ImageManifest) manifest = { 0 };

    if (length > MANIFEST_SIZE_MAX)
        return err_set(error, FLOE_ERROR_INVALID, "the manifest is longer than %zu bytes",
                       MANIFEST_SIZE_MAX);
    if (!json_parse(text, length, "manifest", &manifest.document, error))
        return false;
    if (!read_parts(&manifest, error))
        return err_prefix(error, "manifest");
    g_autofree char *hex = sha256_hex(text, length);

    manifest.digest = g_strconcat(DIGEST_PREFIX, hex, NULL);
    *ret_manifest = manifest;
    manifest = (ImageManifest){ 0 };
    return true;
}

/* --- platforms -------------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

/* 0: it will not do; else the higher the better. A variant that nobody asked for is second best. */
static int rate(const json_t *entry, const ImagePlatform *wanted)
{
    const json_t *platform = json_object_get(entry, "platform");
    const char *variant = text_of(platform, "variant");
    bool is_arm64 = g_str_equal(wanted->architecture, "arm64");

    if (!g_str_equal(text_of(platform, "os"), wanted->os) ||
        !g_str_equal(text_of(platform, "architecture"), wanted->architecture))
        return 0;
    if (is_arm64 && *variant == '\0')
        variant = "v8";
    if (wanted->variant != NULL)
        return g_str_equal(variant, wanted->variant) ? 2 : 0;
    return *variant == '\0' || (is_arm64 && g_str_equal(variant, "v8")) ? 2 : 1;
}

bool image_manifest_choose(const ImageManifest *list, const ImagePlatform *platform,
                           const char **ret_digest, GError **error)
{
    const ImagePlatform wanted = {
        .os = platform->os != NULL ? platform->os : "linux",
        .architecture = platform->architecture != NULL ? platform->architecture
                                                       : image_host_architecture(),
        .variant = platform->variant,
    };
    const json_t *best = NULL;
    int best_rate = 0;
    json_t *entry;
    size_t i;

    json_array_foreach(json_object_get(list->document, "manifests"), i, entry) {
        int value = rate(entry, &wanted);

        if (value > best_rate) {
            best_rate = value;
            best = entry;
        }
    }
    if (best == NULL)
        return err_set(error, FLOE_ERROR_NOT_FOUND,
                       "the image is not there for the platform %s/%s%s%s", wanted.os,
                       wanted.architecture, wanted.variant != NULL ? "/" : "",
                       wanted.variant != NULL ? wanted.variant : "");
    return get_digest(best, "manifests", ret_digest, error);
}
