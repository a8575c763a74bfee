/* SPDX-License-Identifier: Apache-2.0 */
/* Names of images: giving and taking. */
#include "engine/event.h"
#include "engine/public-error.h"

#include <floe/image.h>

#include <string.h>

static bool image_tag(floe_engine *engine, const char *name, const char *new_name, GError **error)
{
    g_autofree char *id = NULL;
    g_autofree char *full_name = NULL;

    if (!image_name_normalize(new_name, &full_name, error))
        return false;
    if (strchr(full_name, '@') != NULL)
        return err_set(error, FLOE_ERROR_INVALID, "'%s': a digest is no name to give", new_name);
    if (!image_find(engine->db, name, &id, NULL, error) ||
        !image_add_name(engine->db, id, full_name, error))
        return false;
    event_note_image(engine, FLOE_EVENT_TAG, id, full_name);
    return true;
}

static bool take_name(floe_engine *engine, const ImageRecord *image, const char *full_name,
                      GError **error)
{
    if (!g_strv_contains((const char *const *)image->names, full_name))
        return err_set(error, FLOE_ERROR_NOT_FOUND, "%s: tag not known", full_name);
    if (!image_remove_name(engine->db, image->id, full_name, error))
        return false;
    event_note_image(engine, FLOE_EVENT_UNTAG, image->id, full_name);
    return true;
}

static bool image_untag(floe_engine *engine, const char *name, const char *tag, GError **error)
{
    g_autoptr(ImageRecord) image = NULL;
    g_autofree char *full_name = NULL;

    if (!image_find_record(engine->db, name, &image, NULL, error))
        return false;
    if (tag != NULL)
        return image_name_normalize(tag, &full_name, error) &&
               take_name(engine, image, full_name, error);
    for (size_t i = 0; image->names[i] != NULL; i++) {
        if (!take_name(engine, image, image->names[i], error))
            return false;
    }
    return true;
}

bool floe_image_lookup(floe_engine *engine, const char *name, char **ret_id, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name), GIVEN(ret_id), NULL) &&
                             image_find(engine->db, name, ret_id, NULL, &err),
                         &err, error);
}

bool floe_image_tag(floe_engine *engine, const char *name, const char *new_name, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name), GIVEN(new_name), NULL) &&
                             image_tag(engine, name, new_name, &err),
                         &err, error);
}

bool floe_image_untag(floe_engine *engine, const char *name, const char *tag, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name), NULL) &&
                             image_untag(engine, name, tag, &err),
                         &err, error);
}
