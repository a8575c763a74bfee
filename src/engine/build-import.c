/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skopeo copies the image into a staging, where empty files stand in for the layers that floe has; the
 * manifest is then written with floe's own blobs of these. Identity is the configuration's digest,
 * which is copied as it is.
 */
#include "engine/build-import.h"

#include "engine/event.h"
#include "engine/image-store.h"
#include "storage/build-store.h"
#include "storage/image-documents.h"
#include "storage/skopeo.h"

#include <string.h>

typedef struct BuildImport {
    floe_engine *engine;
    const BuildPlaces *places;
    Staging staging;
    ImageManifest manifest; /* as skopeo writes it */
    char **diff_ids;        /* "sha256:HEX" */
    GPtrArray *known;       /* for each layer floe's descriptor of it; NULL: it has none */
} BuildImport;

static void build_import_clear(BuildImport *import)
{
    staging_clear(&import->staging);
    image_manifest_clear(&import->manifest);
    g_strfreev(import->diff_ids);
    if (import->known != NULL)
        g_ptr_array_unref(import->known);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(BuildImport, build_import_clear)

static void free_descriptor(gpointer descriptor)
{
    json_decref(descriptor);
}

/* --- what floe has ---------------------------------------------------------------------------- */

/* The descriptor of a layer by its chain id, out of any image that has it; *ret is NULL: none has. */
static bool find_descriptor(const Layout *layout, const GPtrArray *images, const char *chain_id,
                            json_t **ret_descriptor, GError **error)
{
    *ret_descriptor = NULL;
    for (guint i = 0; i < images->len; i++) {
        const ImageRecord *image = images->pdata[i];
        g_auto(ImageManifest) manifest = { 0 };
        size_t at = 0;

        while (image->layers[at] != NULL && !g_str_equal(image->layers[at], chain_id))
            at++;
        if (image->layers[at] == NULL)
            continue;
        if (!layout_read_manifest(layout, image->manifest_digest, &manifest, error))
            return false;
        *ret_descriptor = image_descriptor_oci(
            json_array_get(json_object_get(manifest.document, "layers"), at));
        return true;
    }
    return true;
}

static bool read_config(BuildImport *import, const char *id, bool *ret_is_docker, GError **error)
{
    g_autofree char *manifest_text = NULL;
    g_autofree char *config_text = NULL;
    g_autoptr(JsonValue) config = NULL;
    g_auto(ImageManifest) manifest = { 0 };
    json_t *rootfs = NULL;

    if (!build_store_documents(import->places->store, id, &manifest_text, &config_text, error) ||
        !image_manifest_parse(manifest_text, strlen(manifest_text), &manifest, error) ||
        !json_parse(config_text, strlen(config_text), "image configuration", &config, error) ||
        !json_get_object(config, "rootfs", &rootfs, error) ||
        !json_get_strv(rootfs, "diff_ids", &import->diff_ids, error))
        return false;
    if (import->diff_ids == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "its configuration has no diff_ids");
    *ret_is_docker = manifest.is_docker;
    return true;
}

/* Find what is here, and have something stand in for it. */
static bool find_known(BuildImport *import, GError **error)
{
    g_autoptr(GPtrArray) images = NULL;
    g_autofree char *below = NULL;
    const Layout *layout = import->staging.layout;

    import->known = g_ptr_array_new_with_free_func(free_descriptor);
    if (!image_list(import->engine->db, &images, error))
        return false;
    for (size_t i = 0; import->diff_ids[i] != NULL; i++) {
        const char *hex = digest_hex(import->diff_ids[i]);
        g_autofree char *chain_id = NULL;
        json_t *descriptor = NULL;

        if (hex == NULL)
            return err_set(error, FLOE_ERROR_INVALID, "diff_ids[%zu] is not a sha256 digest", i);
        chain_id = layer_chain_id(below, hex);
        if (!find_descriptor(layout, images, chain_id, &descriptor, error))
            return false;
        g_ptr_array_add(import->known, descriptor);
        if (descriptor != NULL && !staging_stand_in(&import->staging, import->diff_ids[i], error))
            return false;
        g_free(below);
        below = g_steal_pointer(&chain_id);
    }
    return true;
}

/* --- what comes ------------------------------------------------------------------------------- */

static bool copy(BuildImport *import, const char *id, bool is_docker, GError **error)
{
    g_autofree char *source = g_strdup_printf("containers-storage:[overlay@%s+%s:%s]@%s",
                                              import->places->store, import->places->runs,
                                              import->places->option, id);
    g_autofree char *destination = g_strconcat("oci:", import->staging.path, NULL);
    g_autofree char *digest = NULL;
    SkopeoCopy request = SKOPEO_COPY_INIT;

    request.source = source;
    request.destination = destination;
    request.format = is_docker ? "v2s2" : "oci";
    return skopeo_copy(&request, error) &&
           staging_only_manifest(&import->staging, &digest, error) &&
           staging_read_manifest(&import->staging, digest, &import->manifest, error);
}

/* What came is a plain tar; an OCI image's is compressed here. */
static bool take_new_layer(const BuildImport *import, size_t index, json_t **ret_descriptor,
                           GError **error)
{
    const char *digest = import->manifest.layers[index];
    g_autofree char *diff_hex = NULL;
    autofd int fd = -1;

    if (import->manifest.is_docker) {
        const json_t *layers = json_object_get(import->manifest.document, "layers");

        *ret_descriptor = image_descriptor_oci(json_array_get(layers, index));
        return true;
    }
    return staging_open_blob(&import->staging, digest, &fd, error) &&
           staging_add_layer(&import->staging, fd, ret_descriptor, &diff_hex, error);
}

static bool take_known_layer(const BuildImport *import, json_t *known, json_t **ret_descriptor,
                             GError **error)
{
    const char *digest = json_string_value(json_object_get(known, "digest"));
    bool is_there = false;

    if (digest == NULL || !staging_link(&import->staging, digest, &is_there, error))
        return false;
    if (!is_there)
        return err_set(error, FLOE_ERROR_NOT_FOUND, "the blob %s went meanwhile", digest);
    *ret_descriptor = json_incref(known);
    return true;
}

static bool take_layers(const BuildImport *import, json_t *layers, GError **error)
{
    if (g_strv_length((char **)import->manifest.layers) != import->known->len)
        return err_set(error, FLOE_ERROR_INVALID, "its manifest and configuration differ");
    for (guint i = 0; i < import->known->len; i++) {
        json_t *known = import->known->pdata[i];
        json_t *descriptor = NULL;

        if (!(known != NULL ? take_known_layer(import, known, &descriptor, error)
                            : take_new_layer(import, i, &descriptor, error)))
            return err_prefix(error, "layer %s", import->diff_ids[i]);
        json_array_append_new(layers, descriptor);
    }
    return true;
}

/* --- the image -------------------------------------------------------------------------------- */

static bool write_manifest(const BuildImport *import, char **ret_digest, GError **error)
{
    g_autoptr(JsonValue) layers = json_array();
    g_autoptr(JsonValue) document = NULL;
    g_autofree char *text = NULL;
    json_t *config = NULL;

    if (!take_layers(import, layers, error) ||
        !staging_describe(&import->staging, MEDIA_TYPE_CONFIG, import->manifest.config, &config,
                          error))
        return false;
    document = json_pack("{s:i, s:s, s:o, s:O}", "schemaVersion", 2, "mediaType",
                         MEDIA_TYPE_MANIFEST, "config", config, "layers", layers);
    if (import->manifest.annotations != NULL)
        json_object_set(document, "annotations", import->manifest.annotations);
    text = json_to_text(document);
    return staging_add_document(&import->staging, text, ret_digest, error) &&
           (!import->manifest.is_docker || staging_to_docker(&import->staging, ret_digest, error));
}

static bool import_image(BuildImport *import, const char *id, char **names, GError **error)
{
    g_autofree char *digest = NULL;
    g_autofree char *placed = NULL;
    const Layout *layout = NULL;
    bool is_docker = false;

    if (!engine_layout(import->engine, &layout, error) ||
        !staging_open(layout, &import->staging, error) ||
        !read_config(import, id, &is_docker, error) || !find_known(import, error) ||
        !copy(import, id, is_docker, error) || !write_manifest(import, &digest, error) ||
        !image_store_add(import->engine, &import->staging, digest, names, NULL, &placed, error))
        return false;
    return g_str_equal(placed, id) ||
           err_set(error, FLOE_ERROR_INVALID, "it became image %s on the way", placed);
}

bool build_import(floe_engine *engine, const BuildPlaces *places, const char *id, char **names,
                  GError **error)
{
    g_auto(BuildImport) import = { .engine = engine, .places = places, .staging = STAGING_NONE };
    bool is_known = false;

    if (!image_store_name(engine, id, names, &is_known, error) ||
        (!is_known && !import_image(&import, id, names, error)))
        return err_prefix(error, "take image %.12s out of buildah's store", id);
    event_note_image(engine, FLOE_EVENT_BUILD, id, names != NULL ? names[0] : NULL);
    return true;
}
