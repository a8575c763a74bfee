/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mount that is being made or taken down is a hold of this process until it is on record as what
 * it becomes, so that a floe that is killed on the way leaves nothing: its hold ends with it.
 */
#include "engine/container-mount.h"

#include "base/log.h"
#include "base/mount.h"
#include "base/path.h"
#include "base/process.h"
#include "engine/container-layer.h"
#include "engine/event.h"
#include "engine/exec-sessions.h"
#include "engine/infra.h"
#include "engine/operation.h"
#include "engine/public-error.h"
#include "engine/storage-driver.h"
#include "state/image-record.h"
#include "storage/layer-copy.h"
#include "storage/rootfs.h"

#include <floe/files.h>

#include <unistd.h>

/* --- the mount itself ------------------------------------------------------------------------- */

/* A copy is made once, with the first mount. */
static bool mount_copy(const floe_container *ctr, GError **error)
{
    g_auto(ContainerLayer) own = { 0 };

    return container_layer_init(ctr->engine, ctr->record, &own, error) &&
           (container_layer_exists(&own) ||
            layer_copy_make(own.layer.lower_dirs, own.dir, ctr->record->config.auto_remove, error)) &&
           rootfs_bind(own.dir, ctr->paths.merged, error);
}

static bool mount_overlay(const floe_container *ctr, GError **error)
{
    const ContainerConfig *config = &ctr->record->config;
    g_autoptr(ImageRecord) image = NULL;
    const Layout *layout = NULL;

    if (!container_load_image(ctr->engine, config, &image, error) ||
        !engine_layout(ctr->engine, &layout, error))
        return false;

    const RootfsMount mount = {
        .layers_dir = layout->layers_dir,
        .layers = (const char *const *)image->layers,
        .lower_dir = config->rootfs,
        .upper_dir = ctr->paths.upper,
        .work_dir = ctr->paths.work,
        .target = ctr->paths.merged,
        .is_volatile = config->auto_remove,
    };

    return rootfs_mount(&mount, error);
}

static bool mount_by_driver(const floe_container *ctr, GError **error)
{
    const ContainerConfig *config = &ctr->record->config;

    if (container_has_bare_root(config))
        return rootfs_bind(config->rootfs, ctr->paths.merged, error);
    return config_has_copied_root(config) ? mount_copy(ctr, error) : mount_overlay(ctr, error);
}

static bool mount_root(floe_container *ctr, GError **error)
{
    const ContainerConfig *config = &ctr->record->config;

    return ((!config->is_infra || infra_fill_root(ctr, error)) &&
            dir_make(ctr->paths.dir, 0700, error) && dir_make(ctr->paths.run, 0711, error) &&
            mount_by_driver(ctr, error)) ||
           err_prefix(error, "root file system");
}

bool container_mount_root(floe_container *ctr, GError **error)
{
    if (!mount_root(ctr, error))
        return false;
    ctr->record->status.mounted = true;
    return true;
}

bool container_root_is_wanted(const ContainerStatus *status)
{
    return status->mounted || status->mount_count > 0 || status->mount_holds != NULL;
}

bool container_unmount_root(floe_container *ctr, GError **error)
{
    if (container_root_is_wanted(&ctr->record->status))
        return true;
    if (!rootfs_unmount(ctr->paths.merged, error))
        return false;
    /* Of a container that is not up nothing else is there. */
    rmdir(ctr->paths.merged);
    rmdir(ctr->paths.run);
    return true;
}

void container_forget_mounts(ContainerStatus *status)
{
    status->mount_count = 0;
    g_clear_pointer(&status->mount_holds, g_strfreev);
}

/* --- holds ------------------------------------------------------------------------------------ */

static void holds_set(ContainerStatus *status, GPtrArray *holds)
{
    g_clear_pointer(&status->mount_holds, g_strfreev);
    if (holds->len == 0)
        return;
    g_ptr_array_add(holds, NULL);
    status->mount_holds = g_strdupv((char **)holds->pdata);
}

static GPtrArray *holds_list(const ContainerStatus *status)
{
    GPtrArray *holds = g_ptr_array_new_with_free_func(g_free);

    for (char **hold = status->mount_holds; hold != NULL && *hold != NULL; hold++)
        g_ptr_array_add(holds, g_strdup(*hold));
    return holds;
}

static bool hold_add(ContainerStatus *status, GError **error)
{
    g_autoptr(GPtrArray) holds = holds_list(status);
    char *own = process_identity(getpid());

    if (own == NULL)
        return err_set(error, FLOE_ERROR_UNSUPPORTED, "/proc does not tell about this process");
    g_ptr_array_add(holds, own);
    holds_set(status, holds);
    return true;
}

/* One of ours: a process may have several, which are alike. */
static void hold_drop(ContainerStatus *status)
{
    g_autoptr(GPtrArray) holds = holds_list(status);
    g_autofree char *own = process_identity(getpid());
    guint index;

    if (own != NULL && g_ptr_array_find_with_equal_func(holds, own, g_str_equal, &index))
        g_ptr_array_remove_index(holds, index);
    holds_set(status, holds);
}

bool container_drop_dead_holds(floe_container *ctr, bool *ret_changed, GError **error)
{
    ContainerStatus *status = &ctr->record->status;

    *ret_changed = false;
    if (status->mount_holds == NULL)
        return true;

    g_autoptr(GPtrArray) holds = holds_list(status);
    guint before = holds->len;

    for (guint i = before; i > 0; i--) {
        if (!process_is_alive(g_ptr_array_index(holds, i - 1)))
            g_ptr_array_remove_index(holds, i - 1);
    }
    *ret_changed = holds->len < before;
    if (!*ret_changed)
        return true;
    holds_set(status, holds);
    return container_unmount_root(ctr, error);
}

/* End a hold of this process, and the mount if it was the last. Under the lock. */
static bool hold_end(floe_container *ctr, GError **error)
{
    hold_drop(&ctr->record->status);
    return container_unmount_root(ctr, error) && container_save(ctr, error);
}

/* Mount it with a hold of this process, which is on record first. Under the lock. */
static bool hold_begin(floe_container *ctr, GError **error)
{
    g_autoptr(GError) why = NULL;

    if (!hold_add(&ctr->record->status, error) || !container_save(ctr, error))
        return false;
    if (mount_root(ctr, &why))
        return true;
    hold_end(ctr, NULL);
    g_propagate_error(error, g_steal_pointer(&why));
    return false;
}

bool root_hold_acquire(floe_container *ctr, OperationKind kind, RootHold *ret_hold, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    int fd = -1;

    if (!operation_enter(ctr, kind, &op, error) || !hold_begin(ctr, error))
        return false;
    if (!root_open(ctr->paths.merged, &fd, error)) {
        hold_end(ctr, NULL);
        return false;
    }
    *ret_hold = (RootHold){ ctr, fd };
    return true;
}

void root_hold_release(RootHold *hold)
{
    floe_container *ctr = hold->ctr;
    g_auto(Operation) op = OPERATION_NONE;
    g_autoptr(GError) err = NULL;

    fd_cleanup(&hold->fd);
    hold->fd = -1;
    hold->ctr = NULL;
    if (ctr == NULL)
        return;
    if ((!operation_enter_any(ctr, &op, &err) || !hold_end(ctr, &err)) &&
        !err_is(err, FLOE_ERROR_REMOVED))
        log_ignored(g_steal_pointer(&err), "let go of the root file system of container \"%s\"",
                    ctr->record->name);
}

/* --- users' mounts ---------------------------------------------------------------------------- */

static bool container_mount(floe_container *ctr, char **ret_path, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;

    if (!operation_enter(ctr, OPERATION_MOUNT, &op, error))
        return false;
    if (ctr->record->status.mount_count == INT_MAX)
        return err_set(error, FLOE_ERROR_INVALID, "container \"%s\" is mounted too often",
                       ctr->record->name);
    if (!hold_begin(ctr, error))
        return false;
    hold_drop(&ctr->record->status);
    ctr->record->status.mount_count++;
    if (!container_save(ctr, error))
        return false;
    event_note(ctr, FLOE_EVENT_MOUNT);
    *ret_path = g_strdup(ctr->paths.merged);
    return true;
}

/* The container's own mount is not a user's to take. */
static bool refuse_own_mount(floe_container *ctr, GError **error)
{
    floe_container_state state = (floe_container_state)ctr->record->status.state;
    g_autoptr(GPtrArray) sessions = NULL;

    if (state == FLOE_STATE_RUNNING || state == FLOE_STATE_PAUSED)
        return err_set(error, FLOE_ERROR_BAD_STATE, "cannot unmount container \"%s\": it is %s",
                       ctr->record->name, floe_container_state_name(state));
    if (!exec_sessions_active(ctr, &sessions, error))
        return false;
    if (sessions->len > 0)
        return err_set(error, FLOE_ERROR_BAD_STATE,
                       "cannot unmount container \"%s\": exec sessions are active in it",
                       ctr->record->name);
    return err_set(error, FLOE_ERROR_IN_USE,
                   "cannot unmount container \"%s\": its last mount is the engine's own",
                   ctr->record->name);
}

static bool container_unmount(floe_container *ctr, bool force, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    ContainerStatus *status = &ctr->record->status;

    if (!operation_enter(ctr, OPERATION_UNMOUNT, &op, error))
        return false;
    if (status->mount_count == 0)
        return !status->mounted || refuse_own_mount(ctr, error);
    status->mount_count = force ? 0 : status->mount_count - 1;
    if (!hold_add(status, error) || !container_save(ctr, error) || !hold_end(ctr, error))
        return false;
    event_note(ctr, FLOE_EVENT_UNMOUNT);
    return true;
}

/* What the kernel says counts: somebody may have unmounted it by hand. */
static bool add_if_mounted(floe_engine *engine, ContainerRecord *record, json_t *list,
                           GError **error)
{
    g_autoptr(floe_container) ctr = container_for_record(engine, record);
    bool is_mounted = false;

    if (!mount_is_at(ctr->paths.merged, &is_mounted, error))
        return false;
    if (is_mounted)
        json_array_append_new(list, json_pack("{s:s, s:[s], s:o}", "id", record->id, "Names",
                                              record->name, "mountpoint",
                                              json_from_string(ctr->paths.merged)));
    return true;
}

static bool mount_list(floe_engine *engine, char **ret_json, GError **error)
{
    g_autoptr(JsonValue) list = json_array();
    g_autoptr(GPtrArray) records = NULL;

    if (!container_list(engine->db, &records, error))
        return false;
    while (records->len > 0) {
        if (!add_if_mounted(engine, g_ptr_array_steal_index(records, 0), list, error))
            return false;
    }
    *ret_json = json_to_text(list);
    return true;
}

/* --- the border ------------------------------------------------------------------------------- */

bool floe_container_mount(floe_container *container, char **ret_path, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), GIVEN(ret_path), NULL) &&
                             container_mount(container, ret_path, &err),
                         &err, error);
}

bool floe_container_unmount(floe_container *container, bool force, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), NULL) &&
                             container_unmount(container, force, &err),
                         &err, error);
}

bool floe_mount_list(floe_engine *engine, char **ret_json, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(ret_json), NULL) &&
                             mount_list(engine, ret_json, &err),
                         &err, error);
}
