/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/container-volumes.h"

#include "base/log.h"
#include "base/mount.h"
#include "base/path.h"
#include "engine/event.h"
#include "engine/mount-options.h"
#include "engine/volume-mount.h"
#include "engine/volume-options.h"
#include "storage/root-users.h"
#include "storage/volume.h"

#include <fcntl.h>
#include <sys/stat.h>

/* --- creation --------------------------------------------------------------------------------- */

bool container_volumes_claim(floe_engine *engine, const ContainerConfig *config, VolumeSet *ret_set,
                             GError **error)
{
    g_auto(GStrv) names = container_config_volumes(config);

    return volume_set_lock(engine, (const char *const *)names, ret_set, error);
}

/* The first of its mounts that is this volume. */
static const MountConfig *mount_of(const ContainerConfig *config, const char *volume)
{
    for (guint i = 0; i < config->mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(config->mounts, i);

        if (g_str_equal(mount->type, "volume") && g_str_equal(mount->source, volume))
            return mount;
    }
    return NULL;
}

bool container_volumes_insert(floe_engine *engine, const ContainerConfig *config,
                              const VolumeSet *set, GError **error)
{
    for (guint i = 0; i < set->members->len; i++) {
        const VolumeMember *member = g_ptr_array_index(set->members, i);
        const MountConfig *mount = mount_of(config, member->name);
        const VolumeWish wish = {
            .name = member->name,
            .options = mount != NULL ? mount->volume_options : NULL,
            .is_anonymous = mount != NULL && mount->is_anonymous,
        };

        if (member->record == NULL && !volume_insert_new(engine, &wish, error))
            return err_prefix(error, "volume '%s'", member->name);
    }
    return true;
}

/* A directory that cannot be made now is made at the first use, or is an error then. */
static void make_one(floe_engine *engine, const char *name)
{
    g_autoptr(VolumeRecord) record = NULL;
    g_autoptr(GError) err = NULL;

    if (!volume_find(engine->db, name, &record, &err) ||
        (record != NULL && !volume_make_directory(engine, record, &err)))
        log_ignored(g_steal_pointer(&err), "make the directory of volume '%s'", name);
    event_note_volume(engine, FLOE_EVENT_CREATE, name);
}

void container_volumes_make(floe_engine *engine, const VolumeSet *set)
{
    for (guint i = 0; i < set->members->len; i++) {
        const VolumeMember *member = g_ptr_array_index(set->members, i);

        if (member->record == NULL)
            make_one(engine, member->name);
    }
}

/* --- first use -------------------------------------------------------------------------------- */

/* What the image has there; -1: nothing, or no directory. */
static bool open_in_image(int root_fd, const char *path, int *ret_fd, GError **error)
{
    g_autoptr(GError) why = NULL;
    autofd int fd = -1;
    struct stat st;

    if (!root_open_file(root_fd, path, O_PATH, 0, &fd, &why)) {
        if (err_is(why, FLOE_ERROR_NOT_FOUND))
            return true;
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    if (fstat(fd, &st) < 0)
        return err_set_errno(error, "look at '%s'", path);
    if (S_ISDIR(st.st_mode))
        *ret_fd = g_steal_fd(&fd);
    return true;
}

/* As what the image has there looks; where it has nothing, the container's user may write to it. */
static bool give_looks(const floe_container *ctr, const char *directory, int root_fd, int from,
                       GError **error)
{
    g_auto(RootUser) user = { 0 };
    struct stat st;

    if (from < 0)
        return root_user_lookup(root_fd, ctr->record->config.user, &user, error) &&
               volume_set_looks(directory, &(TreeOwner){ user.uid, user.gid }, 0, error);
    if (fstat(from, &st) < 0)
        return err_set_errno(error, "look at the image's directory");
    return volume_set_looks(directory, &(TreeOwner){ st.st_uid, st.st_gid }, st.st_mode, error);
}

static bool has_option(const MountConfig *mount, const char *option)
{
    return mount->options != NULL && g_strv_contains((const char *const *)mount->options, option);
}

static bool first_use(floe_container *ctr, const MountConfig *mount, VolumeRecord *record,
                      GError **error)
{
    g_autofree char *directory = volume_directory(ctr->engine, record->name);
    autofd int root_fd = -1;
    autofd int from = -1;

    if (!root_open(ctr->paths.merged, &root_fd, error) ||
        !open_in_image(root_fd, mount->destination, &from, error))
        return false;
    if (record->needs_owner && !give_looks(ctr, directory, root_fd, from, error))
        return false;
    if (record->needs_content && from >= 0 && !has_option(mount, "nocopy") &&
        !volume_copy_up(directory, from, error))
        return err_prefix(error, "copy what the image has at '%s'", mount->destination);
    record->needs_owner = false;
    record->needs_content = false;
    return volume_save(ctr->engine->db, record, error);
}

bool container_give_to_user(floe_container *ctr, const MountConfig *mount, const char *path,
                            GError **error)
{
    g_auto(RootUser) user = { 0 };
    autofd int root_fd = -1;

    return !has_option(mount, "U") ||
           (root_open(ctr->paths.merged, &root_fd, error) &&
            root_user_lookup(root_fd, ctr->record->config.user, &user, error) &&
            volume_give_path(path, &(TreeOwner){ user.uid, user.gid }, error));
}

/* What is only overlaid stays whose it is. */
static bool give_to_user(floe_container *ctr, const MountConfig *mount, const char *path,
                         GError **error)
{
    return mount_is_overlay(mount) || container_give_to_user(ctr, mount, path, error);
}

static bool finish_first_use(floe_container *ctr, const MountConfig *mount, VolumeRecord *record,
                             GError **error)
{
    return (!record->needs_owner && !record->needs_content) || first_use(ctr, mount, record, error);
}

static bool prepare_volume(floe_container *ctr, const MountConfig *mount, GError **error)
{
    g_autofree char *path = volume_path(ctr->engine, mount->source);
    g_autoptr(VolumeRecord) record = NULL;
    g_auto(Lock) lock = LOCK_NONE;

    if (!volume_enter(ctr->engine, mount->source, &lock, &record, error))
        return false;
    return (volume_make_directory(ctr->engine, record, error) &&
            volume_mount_for(ctr->engine, record, ctr->record->id, error) &&
            finish_first_use(ctr, mount, record, error) && give_to_user(ctr, mount, path, error)) ||
           err_prefix(error, "volume '%s'", mount->source);
}

bool container_prepare_plain_volume(floe_container *ctr, const MountConfig *mount,
                                    bool *ret_is_ready, GError **error)
{
    g_autofree char *path = volume_path(ctr->engine, mount->source);
    g_autoptr(VolumeRecord) record = NULL;
    g_auto(Lock) lock = LOCK_NONE;

    if (!volume_enter(ctr->engine, mount->source, &lock, &record, error))
        return false;
    if (volume_options_mount(record->options))
        return mount_is_at(path, ret_is_ready, error);
    *ret_is_ready = true;
    return volume_make_directory(ctr->engine, record, error) &&
           finish_first_use(ctr, mount, record, error);
}

bool container_mount_volumes(floe_container *ctr, GError **error)
{
    const GPtrArray *mounts = ctr->record->config.mounts;

    for (guint i = 0; mounts != NULL && i < mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(mounts, i);

        if (g_str_equal(mount->type, "volume") && !prepare_volume(ctr, mount, error))
            return false;
        if (g_str_equal(mount->type, "bind") && !give_to_user(ctr, mount, mount->source, error))
            return err_prefix(error, "mount at '%s'", mount->destination);
    }
    return true;
}

bool container_unmount_volumes(floe_container *ctr, GError **error)
{
    g_auto(GStrv) names = container_config_volumes(&ctr->record->config);

    for (char **name = names; *name != NULL; name++) {
        if (!volume_unmount_for(ctr->engine, *name, ctr->record->id, error))
            return err_prefix(error, "volume '%s'", *name);
    }
    return true;
}

/* --- removal ---------------------------------------------------------------------------------- */

bool container_volumes_own(floe_container *ctr, VolumeSet *ret_set, GError **error)
{
    g_auto(GStrv) names = container_config_volumes(&ctr->record->config);
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_auto(GStrv) own = NULL;

    for (char **name = names; *name != NULL; name++) {
        g_autoptr(VolumeRecord) record = NULL;

        if (!volume_find(ctr->engine->db, *name, &record, error))
            return false;
        if (record != NULL && record->is_anonymous)
            g_strv_builder_add(builder, *name);
    }
    own = g_strv_builder_end(builder);
    return volume_set_lock(ctr->engine, (const char *const *)own, ret_set, error);
}

bool container_volumes_disown(floe_engine *engine, const VolumeSet *set, GError **error)
{
    for (guint i = 0; set->members != NULL && i < set->members->len; i++) {
        VolumeMember *member = g_ptr_array_index(set->members, i);
        g_auto(GStrv) users = NULL;

        if (member->record == NULL)
            continue;
        if (!volume_list_users(engine->db, member->name, &users, error))
            return false;
        member->record->removing = users[0] == NULL;
        if (member->record->removing && !volume_save(engine->db, member->record, error))
            return false;
    }
    return true;
}

/* What stays is on record as being removed, for the next who comes across it. */
void container_volumes_remove(floe_engine *engine, const VolumeSet *set)
{
    for (guint i = 0; set->members != NULL && i < set->members->len; i++) {
        const VolumeMember *member = g_ptr_array_index(set->members, i);
        g_autoptr(GError) err = NULL;

        if (member->record != NULL && member->record->removing &&
            !volume_finish_removal(engine, member->name, &err))
            log_ignored(g_steal_pointer(&err), "cannot remove volume '%s'", member->name);
    }
}
