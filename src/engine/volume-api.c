/* SPDX-License-Identifier: Apache-2.0 */
/* The border: floe/volume.h but for what lists and prunes (volume-list.c). */
#include "base/digest.h"
#include "base/new-file.h"
#include "base/sigpipe.h"
#include "engine/container-remove.h"
#include "engine/labels.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "engine/volume-mount.h"
#include "engine/volume.h"

#include <floe/volume.h>

#include <unistd.h>

/* The whole name of the one that is meant. */
static bool full_name(floe_engine *engine, const char *name, char **ret_name, GError **error)
{
    g_autoptr(VolumeRecord) record = NULL;

    if (!volume_lookup(engine->db, name, &record, error))
        return false;
    *ret_name = g_steal_pointer(&record->name);
    return true;
}

/* --- create ----------------------------------------------------------------------------------- */

static bool create(floe_engine *engine, const floe_volume_options *options, char **ret_name,
                   GError **error)
{
    g_autofree char *name = options->name != NULL ? g_strdup(options->name) : id_random();
    g_autoptr(JsonValue) labels = NULL;
    g_autoptr(JsonValue) opts = NULL;

    if (options->driver != NULL && !g_str_equal(options->driver, "local"))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "volume %s: there is no volume driver '%s', only local", name,
                       options->driver);
    if (!labels_parse("label", NULL, options->labels, &labels, error) ||
        !labels_parse("opt", NULL, options->options, &opts, error))
        return false;

    VolumeWish wish = { .name = name, .labels = labels, .options = opts };

    if (!volume_create(engine, &wish, error))
        return false;
    if (ret_name != NULL)
        *ret_name = g_steal_pointer(&name);
    return true;
}

bool floe_volume_create(floe_engine *engine, const floe_volume_options *options, char **ret_name,
                        floe_error **error)
{
    floe_volume_options known = FLOE_VOLUME_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             create(engine, &known, ret_name, &err),
                         &err, error);
}

bool floe_volume_exists(floe_engine *engine, const char *name, bool *ret_exists, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name), GIVEN(ret_exists), NULL) &&
                             volume_exists(engine, name, ret_exists, &err),
                         &err, error);
}

/* --- remove ----------------------------------------------------------------------------------- */

/* Before the volume's lock is taken: theirs come first. */
static bool remove_users(floe_engine *engine, const char *name,
                         const floe_volume_remove_options *options, GError **error)
{
    floe_remove_options remove = FLOE_REMOVE_OPTIONS_INIT;
    g_auto(GStrv) users = NULL;

    remove.force = true;
    remove.timeout_s = options->timeout_s;
    if (!volume_list_users(engine->db, name, &users, error))
        return false;
    for (char **id = users; *id != NULL; id++) {
        g_autoptr(floe_container) ctr = NULL;
        g_autoptr(GError) err = NULL;

        if (container_open(engine, *id, &ctr, &err) && container_remove(ctr, &remove, &err)) {
            if (options->removed != NULL)
                options->removed(*id, ctr->record->name, options->removed_data);
        } else if (!err_is(err, FLOE_ERROR_NOT_FOUND) && !err_is(err, FLOE_ERROR_REMOVED)) {
            g_propagate_error(error, g_steal_pointer(&err));
            return err_prefix(error, "remove what uses volume '%s'", name);
        }
    }
    return true;
}

bool floe_volume_remove(floe_engine *engine, const char *name,
                        const floe_volume_remove_options *options, char **ret_name,
                        floe_error **error)
{
    floe_volume_remove_options known = FLOE_VOLUME_REMOVE_OPTIONS_INIT;
    g_autofree char *full = NULL;
    g_autoptr(GError) err = NULL;
    bool ok = public_given(&err, GIVEN(engine), GIVEN(name), NULL) &&
              public_options(options, &known, sizeof(known), &err) &&
              full_name(engine, name, &full, &err) &&
              (!known.force || remove_users(engine, full, &known, &err)) &&
              volume_remove(engine, full, &err);

    if (ok && ret_name != NULL)
        *ret_name = g_steal_pointer(&full);
    return public_result(ok, &err, error);
}

/* --- what is in it ---------------------------------------------------------------------------- */

static bool export(floe_engine *engine, const char *name, int fd, GError **error)
{
    g_auto(SigpipeBlock) block = sigpipe_block();
    g_autofree char *full = NULL;

    return full_name(engine, name, &full, error) && volume_pack_from(engine, full, fd, error);
}

static bool export_to_file(floe_engine *engine, const char *name, const char *path, GError **error)
{
    g_autofree char *mark = g_strdup_printf("%d", getpid());
    g_auto(NewFile) file = NEW_FILE_NONE;

    return new_file_open(path, 0666, mark, &file, error) && export(engine, name, file.fd, error) &&
           new_file_keep(&file, false, error);
}

bool floe_volume_export(floe_engine *engine, const char *name, int fd, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name), NULL) &&
                             export(engine, name, fd, &err),
                         &err, error);
}

bool floe_volume_export_to_file(floe_engine *engine, const char *name, const char *path,
                                floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name), GIVEN(path), NULL) &&
                             export_to_file(engine, name, path, &err),
                         &err, error);
}

bool floe_volume_import(floe_engine *engine, const char *name, int fd, floe_error **error)
{
    g_autofree char *full = NULL;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name), NULL) &&
                             full_name(engine, name, &full, &err) &&
                             volume_unpack_into(engine, full, fd, &err),
                         &err, error);
}

bool floe_volume_mount(floe_engine *engine, const char *name, char **ret_path, floe_error **error)
{
    g_autofree char *full = NULL;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name), GIVEN(ret_path), NULL) &&
                             full_name(engine, name, &full, &err) &&
                             volume_mount(engine, full, ret_path, &err),
                         &err, error);
}

bool floe_volume_unmount(floe_engine *engine, const char *name, floe_error **error)
{
    g_autofree char *full = NULL;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name), NULL) &&
                             full_name(engine, name, &full, &err) &&
                             volume_unmount(engine, full, &err),
                         &err, error);
}
