/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/volume-mount.h"

#include "base/mount.h"
#include "base/program.h"
#include "base/spawn-run.h"
#include "engine/volume-options.h"

#include <string.h>

/* A server that does not answer makes mount(8) try for minutes. */
#define MOUNT_TIMEOUT_MS (2 * 60 * 1000)

/* --- the mount -------------------------------------------------------------------------------- */

static bool kernel_has(const char *type)
{
    g_autofree char *text = NULL;
    g_autofree char *line = g_strdup_printf("\t%s\n", type);

    return !g_file_get_contents("/proc/filesystems", &text, NULL, NULL) ||
           strstr(text, line) != NULL;
}

/*
 * What the host lacks for a type, of which mount(8) has general words only; "": nothing that is known.
 */
static char *missing_part(const char *type)
{
    static const struct {
        const char *type, *helper, *package;
    } helpers[] = {
        { "nfs", "mount.nfs", "nfs-common" },
        { "nfs4", "mount.nfs4", "nfs-common" },
        { "cifs", "mount.cifs", "cifs-utils" },
    };
    GString *text = g_string_new(NULL);

    if (type != NULL && !kernel_has(type))
        g_string_append_printf(text, "; this host's kernel has no file system '%s'", type);
    for (size_t i = 0; i < G_N_ELEMENTS(helpers); i++) {
        g_autofree char *path = g_strcmp0(type, helpers[i].type) == 0
                                    ? program_find(helpers[i].helper, "/sbin:/usr/sbin")
                                    : NULL;

        if (path == NULL && g_strcmp0(type, helpers[i].type) == 0)
            g_string_append_printf(text, "; %s (package %s) is not installed", helpers[i].helper,
                                   helpers[i].package);
    }
    return g_string_free(text, FALSE);
}

/* By mount(8): it knows the names of all options, and the helpers of network file systems. */
static bool run_mount(const VolumeRecord *record, const char *target, GError **error)
{
    g_auto(GStrv) command = volume_options_mount_command(record->options, target);
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    g_auto(SpawnResult) result = { 0 };

    options.argv = (const char *const *)command;
    if (!spawn_run(&options, NULL, 0, MOUNT_TIMEOUT_MS, &result, error))
        return false;
    if (result.status == 0)
        return true;

    g_autofree char *how = child_status_text(result.status);
    g_autofree char *missing = missing_part(
        json_string_value(json_object_get(record->options, "type")));

    /* What follows the first line is advice of where to look for more. */
    result.err[strcspn(result.err, "\n")] = '\0';
    return err_set(error, FLOE_ERROR_IO, "%s: %s%s", result.err[0] != '\0' ? result.err : "mount",
                   how, missing);
}

/* What is on record of a mount that is not there is of another time. */
static bool mount_look(floe_engine *engine, VolumeRecord *record, char **ret_path,
                       bool *ret_mounted, GError **error)
{
    g_autofree char *path = volume_path(engine, record->name);

    if (!mount_is_at(path, ret_mounted, error))
        return false;
    if (!*ret_mounted) {
        record->mount_count = 0;
        g_clear_pointer(&record->mounted_by, g_strfreev);
    }
    *ret_path = g_steal_pointer(&path);
    return true;
}

/* On record before it is made: whoever finds it there and nobody who has it takes it down. */
static bool mount_begin(floe_engine *engine, const VolumeRecord *record, const char *path,
                        bool is_mounted, GError **error)
{
    return volume_make_directory(engine, record, error) && volume_save(engine->db, record, error) &&
           (is_mounted || run_mount(record, path, error));
}

static bool mount_end(floe_engine *engine, const VolumeRecord *record, const char *path,
                      GError **error)
{
    bool is_wanted = record->mount_count > 0 || record->mounted_by != NULL;

    return (is_wanted || unmount_at(path, error)) && volume_save(engine->db, record, error);
}

/* --- containers ------------------------------------------------------------------------------- */

static void holders_change(VolumeRecord *record, const char *id, bool has_it)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

    for (char **holder = record->mounted_by; holder != NULL && *holder != NULL; holder++) {
        if (!g_str_equal(*holder, id))
            g_strv_builder_add(builder, *holder);
    }
    if (has_it)
        g_strv_builder_add(builder, id);
    g_strfreev(record->mounted_by);
    record->mounted_by = g_strv_builder_end(builder);
    if (record->mounted_by[0] == NULL)
        g_clear_pointer(&record->mounted_by, g_strfreev);
}

bool volume_mount_for(floe_engine *engine, VolumeRecord *record, const char *container_id,
                      GError **error)
{
    g_autofree char *path = NULL;
    bool is_mounted = false;

    if (!volume_options_mount(record->options))
        return true;
    if (!mount_look(engine, record, &path, &is_mounted, error))
        return false;
    holders_change(record, container_id, true);
    return mount_begin(engine, record, path, is_mounted, error);
}

bool volume_unmount_for(floe_engine *engine, const char *name, const char *container_id,
                        GError **error)
{
    g_autoptr(VolumeRecord) record = NULL;
    g_auto(Lock) lock = LOCK_NONE;
    g_autofree char *path = NULL;
    bool is_mounted = false;

    if (!volume_find(engine->db, name, &record, error))
        return false;
    if (record == NULL || !volume_options_mount(record->options))
        return true;
    g_clear_pointer(&record, volume_record_free);
    if (!volume_lock(engine, name, &lock, error) || !volume_settle(engine, name, &record, error))
        return false;
    if (record == NULL)
        return true;
    if (!mount_look(engine, record, &path, &is_mounted, error))
        return false;
    holders_change(record, container_id, false);
    return mount_end(engine, record, path, error);
}

/* --- users ------------------------------------------------------------------------------------ */

bool volume_mount(floe_engine *engine, const char *name, char **ret_path, GError **error)
{
    g_autoptr(VolumeRecord) record = NULL;
    g_auto(Lock) lock = LOCK_NONE;
    g_autofree char *path = NULL;
    bool is_mounted = false;

    if (!volume_enter(engine, name, &lock, &record, error))
        return false;
    if (!volume_options_mount(record->options)) {
        *ret_path = volume_path(engine, name);
        return volume_make_directory(engine, record, error);
    }
    if (!mount_look(engine, record, &path, &is_mounted, error))
        return false;
    record->mount_count++;
    if (!mount_begin(engine, record, path, is_mounted, error))
        return err_prefix(error, "volume '%s'", name);
    *ret_path = g_steal_pointer(&path);
    return true;
}

bool volume_unmount(floe_engine *engine, const char *name, GError **error)
{
    g_autoptr(VolumeRecord) record = NULL;
    g_auto(Lock) lock = LOCK_NONE;
    g_autofree char *path = NULL;
    bool is_mounted = false;

    if (!volume_enter(engine, name, &lock, &record, error))
        return false;
    if (!volume_options_mount(record->options))
        return true;
    if (!mount_look(engine, record, &path, &is_mounted, error))
        return false;
    if (record->mount_count > 0)
        record->mount_count--;
    return mount_end(engine, record, path, error);
}
