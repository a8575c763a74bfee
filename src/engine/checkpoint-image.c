/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/checkpoint-image.h"

#include "base/clock.h"
#include "base/fd.h"
#include "engine/event.h"
#include "engine/image-choice.h"
#include "engine/image-store.h"
#include "engine/layer-pipe.h"
#include "storage/image-documents.h"

#include <string.h>

/* By this one podman tells them: pkg/checkpoint/checkpoint_restore.go, CRImportCheckpointImage. */
#define ANNOTATION_MARK "io.podman.annotations.checkpoint.runtime.name"

bool checkpoint_image_is(const json_t *annotations)
{
    return json_is_string(json_object_get(annotations, ANNOTATION_MARK));
}

/* --- making ----------------------------------------------------------------------------------- */

static bool add_documents(const Staging *staging, const CheckpointImageRequest *request,
                          const LayerPipe *layer, char **ret_digest, GError **error)
{
    g_autoptr(JsonValue) config = image_config_new(json_object(), layer->diff_hex, clock_unix_ns(),
                                                   NULL);
    g_autofree char *config_text = json_to_text(config);
    g_autofree char *config_digest = NULL;
    g_autoptr(JsonValue) manifest = NULL;
    g_autofree char *manifest_text = NULL;

    if (!staging_add_document(staging, config_text, &config_digest, error))
        return false;
    manifest = image_manifest_new(image_descriptor_new(MEDIA_TYPE_CONFIG, digest_hex(config_digest),
                                                       (int64_t)strlen(config_text)),
                                  json_incref(layer->descriptor));
    json_object_set_new(manifest, "annotations", json_deep_copy(request->annotations));
    manifest_text = json_to_text(manifest);
    return staging_add_document(staging, manifest_text, ret_digest, error);
}

bool checkpoint_image_create(floe_engine *engine, const CheckpointImageRequest *request,
                             char **ret_id, GError **error)
{
    g_auto(Staging) staging = STAGING_NONE;
    g_auto(LayerPipe) layer = { 0 };
    g_autofree char *name = NULL;
    g_autofree char *digest = NULL;
    g_autofree char *id = NULL;
    const Layout *layout = NULL;

    if (!image_name_normalize(request->name, &name, error) ||
        !engine_layout(engine, &layout, error) || !staging_open(layout, &staging, error) ||
        !layer_pipe(&staging, request->write_layer, request->user_data, &layer, error) ||
        !add_documents(&staging, request, &layer, &digest, error) ||
        !image_store_add_made(engine, &staging, digest, (char *[]){ name, NULL }, &id, error))
        return err_prefix(error, "make checkpoint image '%s'", request->name);
    event_note_image(engine, FLOE_EVENT_COMMIT, id, name);
    if (ret_id != NULL)
        *ret_id = g_steal_pointer(&id);
    return true;
}

/* --- reading ---------------------------------------------------------------------------------- */

void checkpoint_image_clear(CheckpointImage *image)
{
    g_clear_pointer(&image->id, g_free);
    g_clear_pointer(&image->name, g_free);
    g_clear_pointer(&image->annotations, json_decref);
    fd_cleanup(&image->layer_fd);
}

/* What the store has of an image by its manifest. */
static bool read_manifest(floe_engine *engine, const char *name, ImageRecord **ret_image,
                          ImageManifest *ret_manifest, GError **error)
{
    const Layout *layout = NULL;

    return image_choose(engine, name, ret_image, NULL, error) &&
           engine_layout(engine, &layout, error) &&
           layout_read_manifest(layout, (*ret_image)->manifest_digest, ret_manifest, error);
}

bool checkpoint_image_test(floe_engine *engine, const char *name, bool *ret_is_checkpoint,
                           GError **error)
{
    g_autoptr(ImageRecord) image = NULL;
    g_auto(ImageManifest) manifest = { 0 };
    g_autoptr(GError) why = NULL;

    if (!read_manifest(engine, name, &image, &manifest, &why) && !err_is(why, FLOE_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    *ret_is_checkpoint = checkpoint_image_is(manifest.annotations);
    return true;
}

bool checkpoint_image_open(floe_engine *engine, const char *name, CheckpointImage *ret_image,
                           GError **error)
{
    g_autoptr(ImageRecord) image = NULL;
    g_auto(ImageManifest) manifest = { 0 };
    const Layout *layout = NULL;
    autofd int fd = -1;

    if (!read_manifest(engine, name, &image, &manifest, error))
        return false;
    if (!checkpoint_image_is(manifest.annotations))
        return err_set(error, FLOE_ERROR_INVALID, "image '%s' is not a checkpoint image", name);
    if (manifest.layers[0] == NULL || manifest.layers[1] != NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "checkpoint image '%s' has %u layers, where one is expected", name,
                       g_strv_length((char **)manifest.layers));
    if (!engine_layout(engine, &layout, error) ||
        !layout_open_blob(layout, manifest.layers[0], &fd, error))
        return err_prefix(error, "checkpoint image '%s'", name);
    *ret_image = (CheckpointImage){
        .id = g_strdup(image->id),
        .name = g_strdup(image->names[0] != NULL ? image->names[0] : image->id),
        .annotations = json_incref(manifest.annotations),
        .layer_fd = g_steal_fd(&fd),
    };
    return true;
}
