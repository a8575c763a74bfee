/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RUNROOT/containers/ID/overlays/NUMBER/merged is the mount, ROOT/containers/ID/overlays/NUMBER has
 * what is written; the number is made of the destination.
 */
#include "engine/container-overlays.h"

#include "base/digest.h"
#include "base/path.h"
#include "base/tree.h"
#include "engine/container-volumes.h"
#include "engine/mount-options.h"
#include "engine/volume.h"
#include "storage/rootfs.h"

#include <string.h>

#define DIRECTORY     "overlays"
#define NUMBER_DIGITS 12

static char *place_below(const char *directory, const MountConfig *mount, const char *name)
{
    g_autofree char *digest = sha256_hex(mount->destination, strlen(mount->destination));

    digest[NUMBER_DIGITS] = '\0';
    return g_build_filename(directory, DIRECTORY, digest, name, NULL);
}

char *container_overlay_path(const floe_container *ctr, const MountConfig *mount)
{
    return place_below(ctr->paths.run, mount, "merged");
}

/* Of the user's choice, or the container's own. */
static char *written_place(const floe_container *ctr, const MountConfig *mount, const char *key,
                           const char *name)
{
    g_autofree char *front = g_strconcat(key, "=", NULL);

    for (char **option = mount->options; option != NULL && *option != NULL; option++) {
        if (g_str_has_prefix(*option, front))
            return g_strdup(*option + strlen(front));
    }
    return place_below(ctr->paths.dir, mount, name);
}

static bool is_written_to(const MountConfig *mount)
{
    return !g_str_equal(mount->type, "image") ||
           g_strv_contains((const char *const *)mount->options, "rw");
}

/* What is below: an image's layers, or a directory. */
static bool find_lower(floe_container *ctr, const MountConfig *mount, RootfsMount *overlay,
                       ImageRecord **ret_image, char **ret_directory, GError **error)
{
    const Layout *layout = NULL;

    if (g_str_equal(mount->type, "image")) {
        if (!image_load(ctr->engine->db, mount->source, ret_image, error) ||
            !engine_layout(ctr->engine, &layout, error))
            return false;
        overlay->layers_dir = layout->layers_dir;
        overlay->layers = (const char *const *)(*ret_image)->layers;
        return true;
    }
    *ret_directory = g_str_equal(mount->type, "volume") ? volume_path(ctr->engine, mount->source)
                                                        : g_strdup(mount->source);
    overlay->lower_dir = *ret_directory;
    return true;
}

static bool mount_overlay(floe_container *ctr, const MountConfig *mount, GError **error)
{
    g_autofree char *target = container_overlay_path(ctr, mount);
    g_autofree char *parent = g_path_get_dirname(target);
    g_autofree char *upper = written_place(ctr, mount, "upperdir", "upper");
    g_autofree char *work = written_place(ctr, mount, "workdir", "work");
    g_autofree char *lower = NULL;
    g_autoptr(ImageRecord) image = NULL;
    RootfsMount overlay = { .target = target };

    if (is_written_to(mount)) {
        overlay.upper_dir = upper;
        overlay.work_dir = work;
    }
    return find_lower(ctr, mount, &overlay, &image, &lower, error) &&
           dir_make(parent, 0711, error) && rootfs_mount(&overlay, error) &&
           container_give_to_user(ctr, mount, target, error);
}

static bool forget_written(const floe_container *ctr, GError **error)
{
    g_autofree char *directory = g_build_filename(ctr->paths.dir, DIRECTORY, NULL);

    return tree_remove(directory, error);
}

bool container_mount_overlays(floe_container *ctr, bool is_new, GError **error)
{
    const GPtrArray *mounts = ctr->record->config.mounts;
    bool has_any = false;

    for (guint i = 0; mounts != NULL && i < mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(mounts, i);

        if (!mount_is_overlay(mount))
            continue;
        if (is_new && !has_any && !forget_written(ctr, error))
            return false;
        has_any = true;
        if (!mount_overlay(ctr, mount, error))
            return err_prefix(error, "mount at '%s'", mount->destination);
    }
    return true;
}

bool container_unmount_overlays(floe_container *ctr, GError **error)
{
    const GPtrArray *mounts = ctr->record->config.mounts;

    for (guint i = 0; mounts != NULL && i < mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(mounts, i);
        g_autofree char *path = container_overlay_path(ctr, mount);

        if (mount_is_overlay(mount) && !rootfs_unmount(path, error))
            return false;
    }
    return true;
}
