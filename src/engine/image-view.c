/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/image-view.h"

#include "engine/checkpoint-image.h"
#include "engine/image-choice.h"

void image_view_clear(ImageView *view)
{
    image_record_free(view->image);
    g_free(view->full_name);
    staging_clear(&view->staging);
    image_manifest_clear(&view->manifest);
    g_free(view->source);
}

bool image_view_fits_docker(const ImageView *view, GError **error)
{
    return !checkpoint_image_is(view->manifest.annotations) ||
           err_set(error, FLOE_ERROR_INVALID,
                   "image %.12s holds a checkpoint, which docker's format has no place for: use an "
                   "OCI format",
                   view->image->id);
}

static bool make_docker(ImageView *view, bool compress, GError **error)
{
    ImageManifest of_store = view->manifest;
    bool ok;

    if (!image_view_fits_docker(view, error))
        return false;
    view->manifest = (ImageManifest){ 0 };
    ok = staging_make_docker(&view->staging, &of_store, compress, &view->manifest, error);
    image_manifest_clear(&of_store);
    view->is_converted = ok;
    return ok;
}

bool image_view_open(floe_engine *engine, const char *name, ViewForm form, ImageView *ret_view,
                     GError **error)
{
    g_auto(ImageView) view = IMAGE_VIEW_NONE;
    const Layout *layout = NULL;

    if (!image_choose(engine, name, &view.image, &view.full_name, error) ||
        !engine_layout(engine, &layout, error) || !staging_open(layout, &view.staging, error) ||
        !staging_link_image(&view.staging, view.image->manifest_digest, &view.manifest, error))
        return false;
    if (form != VIEW_AS_IT_IS && !view.manifest.is_docker &&
        !make_docker(&view, form == VIEW_DOCKER_COMPRESSED, error))
        return false;
    view.source = g_strconcat("oci:", view.staging.path, NULL);
    if (!staging_write_index(&view.staging, &view.manifest, NULL, error))
        return false;
    *ret_view = view;
    view = (ImageView)IMAGE_VIEW_NONE;
    return true;
}
