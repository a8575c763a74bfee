/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mount is on record before it is made, and until it is gone: what the record has and the kernel has
 * not is of a floe that was killed, or was unmounted by hand, and does not count.
 */
#include "engine/image-mount.h"

#include "base/mount.h"
#include "base/path.h"
#include "base/tree.h"
#include "engine/image-choice.h"
#include "engine/image-store.h"
#include "engine/public-error.h"
#include "state/image-mount.h"
#include "storage/rootfs.h"

#include <floe/image.h>

#include <limits.h>

static char *mount_path(const floe_engine *engine, const char *image_id)
{
    return g_build_filename(engine->runroot, IMAGE_MOUNTS_DIR, image_id, "merged", NULL);
}

/* How often it is mounted, as far as it is mounted at all. */
static bool look(floe_engine *engine, const char *image_id, int *ret_count, GError **error)
{
    g_autofree char *path = mount_path(engine, image_id);
    bool is_mounted = false;

    *ret_count = 0;
    return mount_is_at(path, &is_mounted, error) &&
           (!is_mounted || image_mount_count(engine->db, image_id, ret_count, error));
}

/* --- the mount -------------------------------------------------------------------------------- */

static bool make(floe_engine *engine, const ImageRecord *image, GError **error)
{
    g_autofree char *path = mount_path(engine, image->id);
    g_autofree char *directory = g_path_get_dirname(path);
    const Layout *layout = NULL;

    if (image->layers[0] == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "image %.12s has no layers to mount", image->id);
    if (!engine_layout(engine, &layout, error))
        return false;

    const RootfsMount mount = {
        .layers_dir = layout->layers_dir,
        .layers = (const char *const *)image->layers,
        .target = path,
    };

    return (dir_make(directory, 0700, error) && rootfs_mount(&mount, error)) ||
           err_prefix(error, "mount image %.12s", image->id);
}

static bool take_down(floe_engine *engine, const char *image_id, GError **error)
{
    g_autofree char *path = mount_path(engine, image_id);
    g_autofree char *directory = g_path_get_dirname(path);

    return rootfs_unmount(path, error) && tree_remove(directory, error) &&
           image_mount_set_count(engine->db, image_id, 0, error);
}

static bool image_mount(floe_engine *engine, const char *name, char **ret_path, GError **error)
{
    g_auto(Lock) lock = LOCK_NONE;
    g_autoptr(ImageRecord) image = NULL;
    g_autoptr(GError) why = NULL;
    int count = 0;

    if (!image_store_lock(engine, &lock, error) ||
        !image_choose(engine, name, &image, NULL, error) || !look(engine, image->id, &count, error))
        return false;
    if (count == INT_MAX)
        return err_set(error, FLOE_ERROR_INVALID, "image %.12s is mounted too often", image->id);
    if (!image_mount_set_count(engine->db, image->id, count + 1, error))
        return false;
    if (!make(engine, image, &why)) {
        image_mount_set_count(engine->db, image->id, count, NULL);
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    *ret_path = mount_path(engine, image->id);
    return true;
}

static bool image_unmount(floe_engine *engine, const char *name, bool force, char **ret_id,
                          GError **error)
{
    g_auto(Lock) lock = LOCK_NONE;
    g_autoptr(ImageRecord) image = NULL;
    int count = 0;

    if (!image_store_lock(engine, &lock, error) ||
        !image_choose(engine, name, &image, NULL, error) || !look(engine, image->id, &count, error))
        return false;
    if (!(count > 1 && !force ? image_mount_set_count(engine->db, image->id, count - 1, error)
                              : take_down(engine, image->id, error)))
        return false;
    if (ret_id != NULL)
        *ret_id = g_strdup(image->id);
    return true;
}

/* --- of images that go ------------------------------------------------------------------------ */

bool image_mount_release(floe_engine *engine, const char *image_id, bool force, GError **error)
{
    int count = 0;

    if (!look(engine, image_id, &count, error))
        return false;
    if (count > 0 && !force)
        return err_set(error, FLOE_ERROR_IN_USE,
                       "image %.12s is mounted on the host: floe image unmount it first", image_id);
    return take_down(engine, image_id, error);
}

bool image_mounts_forget(floe_engine *engine, GError **error)
{
    g_auto(GStrv) ids = NULL;

    if (!image_mount_list(engine->db, &ids, error))
        return false;
    for (char **id = ids; *id != NULL; id++) {
        if (!image_mount_set_count(engine->db, *id, 0, error))
            return false;
    }
    return true;
}

/* --- the list --------------------------------------------------------------------------------- */

static bool add_if_mounted(floe_engine *engine, const char *id, json_t *list, GError **error)
{
    g_autofree char *path = mount_path(engine, id);
    g_autoptr(ImageRecord) image = NULL;
    g_autoptr(GError) err = NULL;
    int count = 0;

    if (!look(engine, id, &count, error))
        return false;
    if (count == 0)
        return true;
    if (!image_load(engine->db, id, &image, &err)) {
        if (err_is(err, FLOE_ERROR_NOT_FOUND))
            return true;
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    json_array_append_new(list, json_pack("{s:s, s:[s], s:o, s:o}", "id", id, "Names",
                                          image->manifest_digest, "Repositories",
                                          json_from_strv((const char *const *)image->names),
                                          "mountpoint", json_from_string(path)));
    return true;
}

static bool mount_list(floe_engine *engine, char **ret_json, GError **error)
{
    g_autoptr(JsonValue) list = json_array();
    g_auto(GStrv) ids = NULL;

    if (!image_mount_list(engine->db, &ids, error))
        return false;
    for (char **id = ids; *id != NULL; id++) {
        if (!add_if_mounted(engine, *id, list, error))
            return false;
    }
    *ret_json = json_to_text(list);
    return true;
}

/* --- the border ------------------------------------------------------------------------------- */

bool floe_image_mount(floe_engine *engine, const char *name, char **ret_path, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name), GIVEN(ret_path), NULL) &&
                             image_mount(engine, name, ret_path, &err),
                         &err, error);
}

bool floe_image_unmount(floe_engine *engine, const char *name, bool force, char **ret_id,
                        floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name), NULL) &&
                             image_unmount(engine, name, force, ret_id, &err),
                         &err, error);
}

bool floe_image_mount_list(floe_engine *engine, char **ret_json, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(ret_json), NULL) &&
                             mount_list(engine, ret_json, &err),
                         &err, error);
}
