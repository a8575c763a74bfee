/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/image-choice.h"

#include "storage/image-index.h"

bool image_choose_member(floe_engine *engine, const ImageRecord *list, const ImagePlatform *platform,
                         ImageRecord **ret_image, char **ret_place, GError **error)
{
    const ImageManifest entries = { .document = list->list, .is_list = true };
    const char *digest = NULL, *source;
    g_autofree char *id = NULL;

    if (!image_manifest_choose(&entries, platform, &digest, error) ||
        !image_find_by_manifest(engine->db, digest, &id, error))
        return false;
    if (id != NULL)
        return image_load(engine->db, id, ret_image, error);
    source = image_index_source(list->list, digest);
    if (source == NULL)
        return err_set(error, FLOE_ERROR_NOT_FOUND, "its image %s is not here any more", digest);
    *ret_place = g_strconcat(source, "@", digest, NULL);
    return true;
}

static bool choose(floe_engine *engine, ImageRecord **image, GError **error)
{
    static const ImagePlatform host = { NULL };
    g_autoptr(ImageRecord) list = g_steal_pointer(image);
    g_autofree char *place = NULL;

    if (!image_choose_member(engine, list, &host, image, &place, error))
        return false;
    return *image != NULL ||
           err_set(error, FLOE_ERROR_NOT_FOUND, "its image %s has not been pulled", place);
}

bool image_choose(floe_engine *engine, const char *name, ImageRecord **ret_image,
                  char **ret_full_name, GError **error)
{
    g_autoptr(ImageRecord) image = NULL;
    g_autofree char *full_name = NULL;

    if (!image_find_record(engine->db, name, &image, &full_name, error))
        return false;
    if (image->list != NULL && !choose(engine, &image, error))
        return err_prefix(error, "%s: image not known: the list", name);
    *ret_image = g_steal_pointer(&image);
    if (ret_full_name != NULL)
        *ret_full_name = g_steal_pointer(&full_name);
    return true;
}
