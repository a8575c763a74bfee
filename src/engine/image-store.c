/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/image-store.h"

#include "base/log.h"
#include "base/path.h"
#include "engine/checkpoint-image.h"

bool image_store_lock(floe_engine *engine, Lock *ret_lock, GError **error)
{
    g_autofree char *locks = g_build_filename(engine->runroot, "locks", NULL);
    g_autofree char *path = g_build_filename(locks, "images", NULL);

    return dir_make(locks, 0700, error) && lock_acquire(path, ret_lock, error);
}

bool image_store_clean(floe_engine *engine, const Layout *layout, GError **error)
{
    g_autoptr(GHashTable) manifests = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) layers = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) images = NULL;

    if (!image_list(engine->db, &images, error))
        return false;
    for (guint i = 0; i < images->len; i++) {
        const ImageRecord *image = g_ptr_array_index(images, i);

        g_hash_table_add(manifests, image->manifest_digest);
        for (size_t k = 0; image->layers[k] != NULL; k++)
            g_hash_table_add(layers, image->layers[k]);
    }
    return layout_clean(layout, manifests, layers, error);
}

bool image_store_record(floe_engine *engine, const ImportedImage *image, char **names,
                        char **digests, GError **error)
{
    ImageRecord record = {
        .id = image->id,
        .manifest_digest = image->manifest_digest,
        .created_unix_ns = image->created_unix_ns,
        .size_bytes = image->size_bytes,
        .names = names,
        .digests = digests,
        .layers = image->layers,
        .config = image->config,
    };

    return image_insert(engine->db, &record, error);
}

/*
 * Give the image of this id more names, where there is one: *ret_id. Its bytes are here, though
 * perhaps otherwise compressed than those that came now.
 */
static bool name_known(floe_engine *engine, const char *id, char **names, char **digests,
                       char **ret_id, GError **error)
{
    g_autoptr(ImageRecord) image = NULL;
    g_autoptr(GError) why = NULL;

    *ret_id = NULL;
    if (!image_load(engine->db, id, &image, &why)) {
        if (err_is(why, FLOE_ERROR_NOT_FOUND))
            return true;
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }

    ImageRecord named = *image;

    named.names = names;
    named.digests = digests;
    if (!image_insert(engine->db, &named, error))
        return false;
    *ret_id = g_strdup(id);
    return true;
}

static bool place(floe_engine *engine, StagedImage *image, char **names, char **digests,
                  char **ret_id, GError **error)
{
    const Layout *layout = image->staging->layout;
    g_auto(ImportedImage) imported = { 0 };
    g_autoptr(GError) unclean = NULL;
    g_auto(Lock) lock = LOCK_NONE;

    if (!image_store_lock(engine, &lock, error) ||
        !name_known(engine, digest_hex(image->manifest.config), names, digests, ret_id, error))
        return false;
    if (*ret_id != NULL)
        return true;
    if (!image_store_clean(engine, layout, error))
        return false;
    if (staged_image_place(image, names != NULL ? names[0] : NULL, &imported, error) &&
        image_store_record(engine, &imported, names, digests, error)) {
        *ret_id = g_steal_pointer(&imported.id);
        return true;
    }
    if (!image_store_clean(engine, layout, &unclean))
        log_ignored(g_steal_pointer(&unclean), "cannot remove what a failed pull has brought");
    return false;
}

bool image_store_add(floe_engine *engine, const Staging *staging, const char *manifest_digest,
                     char **names, char **digests, char **ret_id, GError **error)
{
    g_auto(StagedImage) image = { 0 };

    if (!staged_image_read(staging, manifest_digest, &image, error))
        return false;
    image.is_packed = checkpoint_image_is(image.manifest.annotations);
    return staged_image_unpack(&image, error) &&
           place(engine, &image, names, digests, ret_id, error);
}

bool image_store_add_made(floe_engine *engine, const Staging *staging, const char *manifest_digest,
                          char **names, char **ret_id, GError **error)
{
    g_auto(StagedImage) image = { 0 };

    if (!staged_image_read(staging, manifest_digest, &image, error))
        return false;
    image.is_packed = true;
    return staged_image_sync(&image, error) && place(engine, &image, names, NULL, ret_id, error);
}

bool image_store_name(floe_engine *engine, const char *id, char **names, bool *ret_known,
                      GError **error)
{
    g_auto(Lock) lock = LOCK_NONE;
    g_autofree char *known = NULL;

    if (!image_store_lock(engine, &lock, error) ||
        !name_known(engine, id, names, NULL, &known, error))
        return false;
    *ret_known = known != NULL;
    return true;
}

bool image_store_reuse(floe_engine *engine, const char *manifest_digest, char **names,
                       char **digests, char **ret_id, GError **error)
{
    g_auto(Lock) lock = LOCK_NONE;
    g_autofree char *id = NULL;

    *ret_id = NULL;
    return image_store_lock(engine, &lock, error) &&
           image_find_by_manifest(engine->db, manifest_digest, &id, error) &&
           (id == NULL || name_known(engine, id, names, digests, ret_id, error));
}
